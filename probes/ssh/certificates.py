"""OpenSSH certificates: whom they name, until when, and what they hold the bearer to."""

from datetime import UTC, datetime
from pathlib import PurePosixPath

from msgspec import Struct

from probes.ssh.wire import Malformed, PublicKey, Reader, certified, comment_text, fingerprint, taken_key
from scanner.model import STATIC, Lifetime, LifetimeKind

USER = 1
PRINCIPAL_LIMIT = 50
LAST_MOMENT = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())  # later ends, and all ones, mean no end


class Certificate(Struct, frozen=True):
    """What a certificate says; times are in seconds since 1970."""

    key: PublicKey
    user: bool
    key_id: str
    principals: tuple[str, ...]
    valid_after: int
    valid_before: int
    forced_command: str | None
    sources: str | None
    authority: str

    @property
    def public_id(self) -> str:
        """The same for each renewal by the same authority."""
        return f"{self.key.fingerprint} signed by {self.authority}"

    @property
    def lifetime(self) -> Lifetime:
        """Its end, where it has one."""
        if self.valid_before > LAST_MOMENT:
            return STATIC
        return Lifetime(LifetimeKind.EXPIRES, datetime.fromtimestamp(self.valid_before, UTC))

    def names(self, now: datetime) -> tuple[str, ...]:
        """Words that a person would know it by; of a forced command its program only."""
        notes = [f"key id {self.key_id}"] if self.key_id else []
        notes.append(f"principals {', '.join(self.principals)}" if self.principals else "any principal")
        notes += [f"for key {self.key.fingerprint}", f"signed by {self.authority}"]
        if self.forced_command is not None:
            notes.append(f"only runs {self.forced_command}")
        if self.sources is not None:
            notes.append(f"only from {self.sources}")
        if self.valid_after > now.timestamp():
            start = min(self.valid_after, LAST_MOMENT)
            notes.append(f"not valid before {datetime.fromtimestamp(start, UTC):%Y-%m-%d %H:%M} UTC")
        return tuple(notes)


def certificate(blob: bytes) -> Certificate | None:
    """The certificate in a public blob, None for a plain key. Raises Malformed."""
    reader = Reader(blob)
    algorithm = certified(reader.name())
    if algorithm is None:
        return None
    reader.string()  # a nonce
    key = taken_key(reader, algorithm)
    reader.number(8)  # the serial
    kind = reader.number()
    key_id = _words(reader.string())
    principals = tuple(_words(name) for name in _strings(reader.string()))
    valid_after, valid_before = reader.number(8), reader.number(8)
    options = _options(reader.string())
    reader.string()  # extensions
    reader.string()  # reserved
    authority = fingerprint(reader.string())
    reader.string()  # the signature
    if not reader.done:
        raise Malformed
    command, sources = options.get("force-command"), options.get("source-address")
    return Certificate(
        key=key,
        user=kind == USER,
        key_id=key_id,
        principals=principals,
        valid_after=valid_after,
        valid_before=valid_before,
        forced_command=None if command is None else program(command),
        sources=sources,
        authority=authority,
    )


def program(command: str) -> str:
    """The name of the program that a command line starts, without folder and arguments."""
    words = command.split()
    if not words:
        return ""
    if "=" in words[0]:  # a variable before the program, and its value may be secret
        return "a program that cannot be named"
    return PurePosixPath(words[0].strip("\"'").replace("\\", "/")).name


def _words(data: bytes) -> str:
    return comment_text(data.decode("utf-8", "replace"))


def _strings(data: bytes) -> list[bytes]:
    reader = Reader(data)
    found: list[bytes] = []
    while not reader.done:
        if len(found) == PRINCIPAL_LIMIT:
            raise Malformed
        found.append(reader.string())
    return found


def _options(data: bytes) -> dict[str, str]:
    """The critical options: names, each with a value that is a string within a string."""
    reader = Reader(data)
    found: dict[str, str] = {}
    while not reader.done:
        name, value = _words(reader.string()), Reader(reader.string())
        found[name] = _words(value.string()) if not value.done else ""
    return found
