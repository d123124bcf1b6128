"""Addresses of engines as variables, contexts and connections write them: `unix://`, `npipe://`, `ssh://`, `tcp://`."""

import re
from enum import StrEnum
from pathlib import PurePath
from typing import ClassVar

from scanner.host import Host
from scanner.host.paths import pure
from scanner.model import Platform
from scanner.model.value import Value
from scanner.shapes import host_of, label

LENGTH = 4096
SCHEME = re.compile(r"([a-z]{2,6})://")
PORT = re.compile(r":(\d{1,5})$")
LOOPBACK = re.compile(r"localhost|127(?:\.\d{1,3}){3}|::1|0\.0\.0\.0")


class Way(StrEnum):
    """How an address reaches its engine."""

    SOCKET = "unix"
    PIPE = "npipe"
    SSH = "ssh"
    TCP = "tcp"


class Address(Value, frozen=True):
    """Where an engine is: a path on this machine, or a host; `password` is one that the address itself holds."""

    concealed: ClassVar[frozenset[str]] = frozenset({"password"})

    way: Way
    path: PurePath | None = None
    host: str = ""
    port: str = ""
    secure: bool = False
    password: str = ""

    @property
    def local(self) -> bool:
        """Whether the host is this machine, or one behind a port of it."""
        return LOOPBACK.fullmatch(self.host) is not None

    @property
    def shown(self) -> str:
        """The address without its user part."""
        return f"{self.way}://{self.host}{':' if self.port else ''}{self.port}"


def address(text: str, host: Host) -> Address | None:
    """What an address says, None where it says nothing that the engines' tools would take."""
    text = text.strip()
    if not text or len(text) > LENGTH or not text.isprintable():
        return None
    head = SCHEME.match(text)
    if head is None and ("//" in text or text.startswith(("/", "\\", "fd:"))):
        return None
    if head is None and PORT.search(text) is None:
        return None  # a word alone may be anything, a secret too
    scheme, rest = (head[1], text[head.end() :]) if head is not None else ("tcp", text)
    match scheme:
        case "unix":
            path = pure(host.platform, rest)
            return Address(Way.SOCKET, path) if path.is_absolute() or rest.startswith("/") else None
        case "npipe":
            return Address(Way.PIPE, pure(Platform.WINDOWS, rest))
        case "ssh":
            return _remote(Way.SSH, rest)
        case "tcp" | "http" | "https":
            return _remote(Way.TCP, rest, secure=scheme == "https")
    return None


def _remote(way: Way, rest: str, *, secure: bool = False) -> Address | None:
    place = rest.partition("/")[0].partition("?")[0]
    login, _, server = place.rpartition("@")
    password = login.partition(":")[2]
    port = PORT.search(server)
    name = label(host_of("//" + server)) or ("127.0.0.1" if server.startswith(":") and port is not None else "")
    if not name:
        return None
    return Address(way, None, name.rstrip("."), port[1] if port is not None else "", secure, password)
