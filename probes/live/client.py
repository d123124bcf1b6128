"""The one client: asks the calls of the table, of pinned hosts, each within a time and a size, and nothing else.

It follows no redirect, takes no proxy from the environment, tries nothing twice, and always checks certificates.
"""

import http.client
import re
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from threading import Lock, Timer
from time import monotonic
from typing import ClassVar
from urllib.parse import urlsplit

from msgspec import Struct

from probes.live.calls import CALLS, Call, Provider
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


class Place(Struct, frozen=True):
    """Where a connection goes."""

    scheme: str
    host: str
    port: int

    @property
    def url(self) -> str:
        """The address, as a signature covers it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = {"https": 443, "http": 80}[self.scheme]
        return f"{self.scheme}://{host}" + ("" if self.port == default else f":{self.port}")


class Answer(Value, frozen=True):
    """What came back: the status, the headers that the call keeps, and the body."""

    concealed: ClassVar[frozenset[str]] = frozenset({"headers", "body"})

    status: int
    headers: Mapping[str, str]
    body: bytes


class Asked(Struct, frozen=True):
    """One question that was really put, for the record: never with what."""

    method: str
    url: str
    outcome: str


class Client:
    """Asks. `overrides` send a provider's questions to this machine instead, for tests; `deadline` bounds them all."""

    def __init__(self, deadline: float, overrides: Mapping[Provider, Place] | None = None) -> None:
        self.record: list[Asked] = []
        self._deadline = deadline
        self._overrides = dict(overrides or {})
        self._lock = Lock()
        self._left = CALL_LIMIT

    def place(self, call: Call, host: str) -> Place:
        """Where a question would go. Raises ValueError for a host that is not that call's."""
        if call not in CALLS or not (host in call.hosts or (call.self_hosted and NAME.fullmatch(host))):
            raise ValueError("the client asks only what stands in its table")
        return self._overrides.get(call.provider) or Place("https", host, 443)

    def ask(self, call: Call, host: str, headers: Mapping[str, str], base: str = "") -> Answer | Gap:
        """The answer, or a Gap that repeats nothing of it. The headers hold the secret; they go to that host alone."""
        place = self.place(call, host)
        shown = place.url + base + call.path
        if not all(SENDABLE.fullmatch(value) and len(value) <= HEADER_LIMIT for value in headers.values()):
            return Gap(GapKind.REFUSED, shown, "the credential holds characters that no header may; it was not sent")
        with self._lock:
            self._left -= 1
            if self._left < 0:
                return Gap(GapKind.LIMIT, shown, f"more than {CALL_LIMIT} questions; the rest was not asked")
        deadline = min(self._deadline, monotonic() + CALL_SECONDS)
        found = _guarded(place, call, base + call.path, headers, deadline)
        outcome = found.why if isinstance(found, Gap) else str(found.status)
        self.record.append(Asked(call.method, shown, outcome))
        return found


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


def _guarded(place: Place, call: Call, path: str, headers: Mapping[str, str], deadline: float) -> Answer | Gap:
    """One exchange with every way in which it can go wrong as a Gap; texts of errors may quote what came."""
    shown = place.url + path
    late = Gap(GapKind.LIMIT, shown, "no whole answer in time")
    try:
        found = _exchange(place, call, path, headers, deadline)
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


def _exchange(place: Place, call: Call, path: str, headers: Mapping[str, str], deadline: float) -> Answer | Gap:
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    with socket.create_connection((place.host, place.port), timeout=left) as plain:
        sock = _wrapped(plain, place)
        # A timeout of the socket bounds each piece; who sends a byte a second is cut off by the clock.
        cut = Timer(max(deadline - monotonic(), 0.0), _shut, (sock,))
        cut.daemon = True
        cut.start()
        try:
            if isinstance(sock, ssl.SSLSocket):
                sock.do_handshake()
            return _spoken(sock, place, call, path, headers)
        finally:
            cut.cancel()
            sock.close()


def _wrapped(plain: socket.socket, place: Place) -> socket.socket:
    """The connection with TLS around it.

    The context is made by hand: the default one logs the keys of a connection to a file that a variable names.
    """
    if place.scheme == "http":
        return plain
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_default_certs()
    return context.wrap_socket(plain, server_hostname=place.host, do_handshake_on_connect=False)


def _shut(sock: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)  # past TLS, whose own would wait for its turn


def _spoken(sock: socket.socket, place: Place, call: Call, path: str, headers: Mapping[str, str]) -> Answer | Gap:
    connection = http.client.HTTPConnection(place.host, place.port)
    connection.sock = sock
    own = {"User-Agent": f"armslength/{__version__}", "Connection": "close"}
    connection.request(call.method, path, call.body.encode() or None, {**own, **headers})
    with connection.getresponse() as response:
        body = response.read(BODY_LIMIT + 1)
        kept = {name: response.getheader(name) for name in call.keeps}
    if len(body) > BODY_LIMIT:
        return Gap(GapKind.LIMIT, place.url + path, f"the answer is larger than {BODY_LIMIT // 1024} KiB")
    return Answer(response.status, {name: text for name, text in kept.items() if text is not None}, body)
