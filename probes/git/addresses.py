"""Addresses as git writes them: `https://ada:x@host/path`, `git@host:path`, `ssh://host:port/path`."""

import re
from typing import ClassVar
from urllib.parse import unquote

from scanner.data.families import holds_token
from scanner.model.value import Value

SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30})://")
AUTHORITY_END = re.compile(r"[/?#]")
HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\]")
ALIAS = re.compile(
    r"(?:(?P<user>[^@:/\\\s]{1,64})@)?(?P<host>[A-Za-z0-9][A-Za-z0-9._-]{0,252}):(?!//)(?P<path>.*)", re.DOTALL
)
LENGTH_LIMIT = 4096
WEB = frozenset({"http", "https"})
SHELL = frozenset({"ssh", "git+ssh", "ssh+git"})


class Address(Value, frozen=True):
    """The parts of an address, its login apart; neither login nor path shows in a repr."""

    concealed: ClassVar[frozenset[str]] = frozenset({"user", "password", "path"})

    scheme: str
    host: str
    path: str
    user: str = ""
    password: str = ""
    port: str = ""

    @property
    def web(self) -> bool:
        """Whether a login is sent to it as a name and a password."""
        return self.scheme in WEB

    @property
    def shell(self) -> bool:
        """Whether it is reached over SSH."""
        return self.scheme in SHELL

    @property
    def place(self) -> str:
        """Scheme, host and path, without login and query."""
        port = f":{self.port}" if self.port else ""
        return f"{self.scheme}://{self.host}{port}/{self.path}"


def address(text: str) -> Address | None:
    """The parts of an address; None for a path of this machine and for what git hands to another program."""
    text = text.strip()
    if len(text) > LENGTH_LIMIT:
        return None
    head = SCHEME.match(text)
    if head is None:
        return _of_shell(text)
    rest = text[head.end() :]
    end = AUTHORITY_END.search(rest)
    authority, tail = (rest[: end.start()], rest[end.start() :]) if end else (rest, "")
    login, _, where = authority.rpartition("@")
    host, port = _host(where)
    if not host or head[1].lower() == "file" or holds_token(where):
        return None
    user, _, password = login.partition(":")
    path = unquote(re.split("[?#]", tail, maxsplit=1)[0]).strip("/")
    return Address(head[1].lower(), host, path, unquote(user), unquote(password), port)


def _of_shell(text: str) -> Address | None:
    """What `[user@]host:path` says; a letter before the colon is a drive of Windows."""
    told = ALIAS.fullmatch(text)
    if told is None or len(told["host"]) == 1 or told["path"].startswith(":") or holds_token(told["host"]):
        return None
    return Address("ssh", told["host"].lower().rstrip("."), told["path"].strip("/"), told["user"] or "")


def _host(text: str) -> tuple[str, str]:
    """The host and the port of what stands behind the login; nothing for what is neither."""
    found = HOST.match(text)
    if found is None:
        return "", ""
    rest = text[found.end() :]
    if rest and not re.fullmatch(r":[0-9]{0,5}", rest):
        return "", ""
    return found[0].strip("[]").lower().rstrip("."), rest[1:]
