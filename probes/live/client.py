"""The one client: asks the calls of the table, of pinned hosts, each within a time and a size, and nothing else.

It follows no redirect, takes no proxy from the environment, tries nothing twice, and always checks certificates.
"""

import http.client
import re
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from ipaddress import IPv6Address, ip_address
from threading import Lock, Timer
from time import monotonic
from typing import ClassVar
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from probes.live.calls import CALLS, HOLE, Call, Provider
from probes.live.tls import Tls, context
from scanner.errors import ScannerError
from scanner.model import Gap, GapKind
from scanner.model.value import Value
from scanner.version import __version__

CALL_LIMIT = 100  # questions of one scan
CALL_SECONDS = 10.0
BODY_LIMIT = 256 * 1024
HEADER_LIMIT = 16 * 1024
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
VARIABLES = {Provider.GITHUB: "ARMSLENGTH_GITHUB_URL", Provider.AWS: "ARMSLENGTH_AWS_URL"}
NAME = re.compile(r"(?!.*\.\.)[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\.[a-z][a-z0-9-]{0,62}", re.ASCII)
SENDABLE = re.compile(r"[\x20-\x7e]+", re.ASCII)
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
PATIENCE = "the provider wants no more questions for now"
NEAR = "not asked: it listens on this machine, and --live names no local"


class Place(Struct, frozen=True):
    """Where a connection goes, and what it is checked by."""

    scheme: str
    host: str
    port: int
    tls: Tls = Tls()

    @property
    def authority(self) -> str:
        """Host and port, as the Host header and a signature write them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = {"https": 443, "http": 80}[self.scheme]
        return host if self.port == default else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The address, as a signature covers it."""
        return f"{self.scheme}://{self.authority}"


class Answer(Value, frozen=True):
    """What came back: the status, the headers that the call keeps, and the body."""

    concealed: ClassVar[frozenset[str]] = frozenset({"headers", "body"})

    status: int
    headers: Mapping[str, str]
    body: bytes


class Asked(Struct, frozen=True):
    """One question that was really put, for the record: never with what."""

    provider: Provider
    method: str
    url: str
    outcome: str


class Sending(Value, frozen=True):
    """One request as it goes out; `near` says that it may go to this machine."""

    concealed: ClassVar[frozenset[str]] = frozenset({"headers"})

    place: Place
    call: Call
    path: str
    body: str
    headers: Mapping[str, str]
    near: bool

    @property
    def shown(self) -> str:
        """Where it goes, for a Gap or the record."""
        return self.place.url + self.path


class Client:
    """Asks. `overrides` send a provider's questions to this machine instead, for tests; `deadline` bounds them all.

    `local` lets it ask what listens on this machine.
    """

    def __init__(
        self, deadline: float, overrides: Mapping[Provider, Place] | None = None, *, local: bool = False
    ) -> None:
        self.record: list[Asked] = []
        self._deadline = deadline
        self._overrides = dict(overrides or {})
        self._local = local
        self._lock = Lock()
        self._left = CALL_LIMIT

    def place(self, call: Call, to: str | Place) -> Place:
        """Where a question would go. Raises ValueError for a host that is not that call's."""
        if call not in CALLS or not _fits(call, to):
            raise ValueError("the client asks only what stands in its table")
        override = self._overrides.get(call.provider)
        if not isinstance(to, Place):
            return override or Place("https", to, 443)
        return to if override is None else replace(override, tls=replace(to.tls, name=to.tls.name or to.host))

    def ask(
        self, call: Call, to: str | Place, headers: Mapping[str, str], base: str = "", *, name: str = ""
    ) -> Answer | Gap:
        """The answer, or a Gap that repeats nothing of it. The headers hold the secret; they go to that place alone.

        `name` is filled into the body where it has a hole. Raises ValueError for what does not stand in the table.
        """
        place = self.place(call, to)
        if re.fullmatch(call.base, base, re.ASCII) is None or (HOLE in call.body) != bool(LABEL.fullmatch(name)):
            raise ValueError("the client asks only what stands in its table")
        body = call.body.replace(HOLE, name)
        sending = Sending(place, call, base + call.path, body, headers, self._local or call.provider in self._overrides)
        if not all(SENDABLE.fullmatch(value) and len(value) <= HEADER_LIMIT for value in headers.values()):
            why = "the credential holds characters that no header may; it was not sent"
            return Gap(GapKind.REFUSED, sending.shown, why)
        with self._lock:
            self._left -= 1
            if self._left < 0:
                why = f"more than {CALL_LIMIT} questions; the rest was not asked"
                return Gap(GapKind.LIMIT, sending.shown, why)
        found = _guarded(sending, min(self._deadline, monotonic() + CALL_SECONDS))
        outcome = found.why if isinstance(found, Gap) else str(found.status)
        self.record.append(Asked(call.provider, call.method, sending.shown, outcome))
        return found


def _fits(call: Call, to: str | Place) -> bool:
    if isinstance(to, Place):
        return call.own and to.scheme == "https"
    return to in call.hosts or (call.self_hosted and NAME.fullmatch(to) is not None)


def overrides(variables: Mapping[str, str]) -> dict[Provider, Place]:
    """Where tests have put the providers. Raises ScannerError for an address that is not this machine's."""
    found = {}
    for provider, name in VARIABLES.items():
        text = variables.get(name)
        if text:
            found[provider] = _loopback(name, text)
    return found


def _loopback(name: str, text: str) -> Place:
    try:
        url = urlsplit(text)
        place = Place(url.scheme, url.hostname or "", url.port or {"https": 443, "http": 80}.get(url.scheme, 0))
    except ValueError:
        place, url = Place("", "", 0), urlsplit("")
    if place.scheme not in ("http", "https") or place.host not in LOOPBACK or url.path.strip("/") or url.username:
        raise ScannerError(
            f"{name} may only name this machine", "it is for tests, such as http://127.0.0.1:8080; unset it otherwise"
        )
    return place


def _guarded(sending: Sending, deadline: float) -> Answer | Gap:
    """One exchange with every way in which it can go wrong as a Gap; texts of errors may quote what came."""
    shown = sending.shown
    late = Gap(GapKind.LIMIT, shown, "no whole answer in time")
    rules = context(sending.place.tls) if sending.place.scheme == "https" else None
    if isinstance(rules, str):
        return Gap(GapKind.REFUSED, shown, rules)
    try:
        found = _exchange(sending, rules, deadline)
    except TimeoutError:
        return late
    except ssl.SSLCertVerificationError:
        found = Gap(GapKind.FAILED, shown, "its certificate is not valid for that host; nothing was sent")
    except socket.gaierror:
        found = Gap(GapKind.FAILED, shown, "the name of the host has no address here")
    except OSError:
        found = Gap(GapKind.FAILED, shown, "could not be reached, or closed the connection")
    except (http.client.HTTPException, ValueError):
        found = Gap(GapKind.FAILED, shown, "what answered does not speak HTTP")
    if monotonic() >= deadline:
        return late
    if isinstance(found, Answer) and 300 <= found.status < 400:
        return Gap(GapKind.REFUSED, shown, "answered with a redirect, which is not followed")
    return found


def _exchange(sending: Sending, rules: ssl.SSLContext | None, deadline: float) -> Answer | Gap:
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    place = sending.place
    with socket.create_connection((place.host, place.port), timeout=left) as plain:
        if not sending.near and _is_here(plain):
            return Gap(GapKind.REFUSED, sending.shown, NEAR)
        sock = plain
        if rules is not None:
            name = place.tls.name or place.host
            sock = rules.wrap_socket(plain, server_hostname=name, do_handshake_on_connect=False)
        # A timeout of the socket bounds each piece; who sends a byte a second is cut off by the clock.
        cut = Timer(max(deadline - monotonic(), 0.0), _shut, (sock,))
        cut.daemon = True
        cut.start()
        try:
            if isinstance(sock, ssl.SSLSocket):
                sock.do_handshake()
            return _spoken(sock, sending)
        finally:
            cut.cancel()
            sock.close()


def _is_here(connected: socket.socket) -> bool:
    """Whether the other end is this machine, whatever name led there."""
    address = ip_address(connected.getpeername()[0].partition("%")[0])
    inner = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (inner or address).is_loopback


def _shut(sock: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # past TLS, whose own would wait for its turn


def _spoken(sock: socket.socket, sending: Sending) -> Answer | Gap:
    place, call = sending.place, sending.call
    connection = http.client.HTTPConnection(place.host, place.port)
    connection.sock = sock
    # Python's own Host header would name port 443, which no signature covers.
    own = {"Host": place.authority, "User-Agent": f"armslength/{__version__}", "Connection": "close"}
    connection.request(call.method, sending.path, sending.body.encode() or None, {**own, **sending.headers})
    with connection.getresponse() as response:
        body = response.read(BODY_LIMIT + 1)
        kept = {name: response.getheader(name) for name in call.keeps}
    if len(body) > BODY_LIMIT:
        return Gap(GapKind.LIMIT, sending.shown, f"the answer is larger than {BODY_LIMIT // 1024} KiB")
    return Answer(response.status, {name: text for name, text in kept.items() if text is not None}, body)
