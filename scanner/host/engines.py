"""A container engine's answer to one question over HTTP, taken in by hand: bounded in size, in time and in form."""

import socket
from time import monotonic

from scanner.host.unanswered import Unanswered
from scanner.model import GapKind

LIMIT = 1024 * 1024
DIGITS = b"0123456789"
HEX_DIGITS = b"0123456789abcdefABCDEF"
NO_ENGINE = "what listens there is no container engine"
TOO_LARGE = "its answer is too large"


def answer(engine: socket.socket, question: str, deadline: float) -> bytes:
    """The body of the answer to one `GET`, over a connection that stands. Raises Unanswered, or TimeoutError.

    The request is of HTTP/1.0, after which an engine closes (RFC 9112, section 6.3); a proxy before it may not, and
    may answer as if it had been asked in HTTP/1.1.
    """
    engine.sendall(f"GET /{question} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
    coming = _Coming(engine, deadline)
    status, fields = _opening(coming)
    if status in (b"401", b"403"):
        raise Unanswered("the engine refused the question", GapKind.REFUSED)
    if status != b"200":
        raise Unanswered("the engine has no answer to the question")
    if fields.get(b"transfer-encoding", b"").lower() == b"chunked":
        return _chunks(coming)
    length = fields.get(b"content-length")
    return coming.rest() if length is None else coming.exactly(_number(length, DIGITS))


def _opening(coming: "_Coming") -> tuple[bytes, dict[bytes, bytes]]:
    """The status and the fields of an answer."""
    parts = coming.line().split(None, 2)
    if len(parts) < 2 or not parts[0].startswith(b"HTTP/1."):
        raise Unanswered(NO_ENGINE)
    fields = {}
    while line := coming.line():
        name, _, value = line.partition(b":")
        fields[name.strip().lower()] = value.strip()
    return parts[1], fields


def _chunks(coming: "_Coming") -> bytes:
    """A body in chunks (RFC 9112, section 7.1); what may follow the last one is left."""
    body = bytearray()
    while size := _number(coming.line().partition(b";")[0].strip(), HEX_DIGITS):
        body += coming.exactly(size)
        coming.line()
    return bytes(body)


def _number(digits: bytes, known: bytes) -> int:
    """A length; one of more digits than any answer of ours has is too large whatever it says."""
    if not digits or digits.strip(known):
        raise Unanswered(NO_ENGINE)
    number = int(digits[:16], 16 if known is HEX_DIGITS else 10)
    if len(digits) > 16 or number > LIMIT:
        raise Unanswered(TOO_LARGE, GapKind.LIMIT)
    return number


class _Coming:
    """What an engine sends, taken in as it comes: at most LIMIT bytes, and none after the deadline."""

    def __init__(self, engine: socket.socket, deadline: float) -> None:
        self.engine = engine
        self.deadline = deadline
        self.data = bytearray()
        self.taken = 0

    def line(self) -> bytes:
        """The next line, without its end."""
        start = self.taken
        while (end := self.data.find(b"\n", start)) < 0:
            start = len(self.data)
            if not self._more():
                raise Unanswered(NO_ENGINE)
        line = bytes(self.data[self.taken : end]).removesuffix(b"\r")
        self.taken = end + 1
        return line

    def exactly(self, length: int) -> bytes:
        """The next bytes, as many as that."""
        while len(self.data) - self.taken < length:
            if not self._more():
                raise Unanswered("it closed without a whole answer")
        start, self.taken = self.taken, self.taken + length
        return bytes(self.data[start : self.taken])

    def rest(self) -> bytes:
        """All that comes until it closes."""
        while self._more():
            pass
        return bytes(self.data[self.taken :])

    def _more(self) -> bool:
        if len(self.data) > LIMIT:
            raise Unanswered(TOO_LARGE, GapKind.LIMIT)
        left = self.deadline - monotonic()
        if left <= 0:
            raise TimeoutError
        self.engine.settimeout(left)
        more = self.engine.recv(65536)
        self.data += more
        return bool(more)
