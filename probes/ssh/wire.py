"""The binary forms of SSH: strings behind their lengths, and the public keys made of them."""

import base64
import binascii
import hashlib
import re
from typing import ClassVar

from scanner.model.value import Value

NAME = re.compile(rb"[A-Za-z0-9@._+-]{1,64}")
CERTIFICATE = re.compile(r"(?P<start>.+)-cert-v0[01](?P<domain>@openssh\.com)")

# Fields behind the name in a public key: PROTOCOL.u2f and PROTOCOL.certkeys of OpenSSH, RFC 4253, 5656 and 8709.
FIELDS = {
    "ssh-rsa": 2,
    "ssh-dss": 4,
    "ecdsa-sha2-nistp256": 2,
    "ecdsa-sha2-nistp384": 2,
    "ecdsa-sha2-nistp521": 2,
    "ssh-ed25519": 1,
    "sk-ssh-ed25519@openssh.com": 2,
    "sk-ecdsa-sha2-nistp256@openssh.com": 3,
}
LABELS = {
    "ssh-rsa": "RSA",
    "ssh-dss": "DSA",
    "ssh-ed25519": "ED25519",
    "sk-ssh-ed25519@openssh.com": "ED25519-SK",
    "sk-ecdsa-sha2-nistp256@openssh.com": "ECDSA-SK",
}


class Malformed(Exception):
    """The bytes are not what they claim to be; it carries none of them."""


class Reader:
    """Takes fields from the front of some bytes; raises Malformed where a length lies."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    @property
    def done(self) -> bool:
        """Whether all of it was taken."""
        return self.at == len(self.data)

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        if count > len(self.data) - self.at:
            raise Malformed
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, width: int = 4) -> int:
        """An unsigned number of that many bytes."""
        return int.from_bytes(self.take(width), "big")

    def string(self) -> bytes:
        """The bytes behind their length."""
        return self.take(self.number())

    def name(self) -> str:
        """A string that must be the name of an algorithm."""
        found = self.string()
        if not NAME.fullmatch(found):
            raise Malformed
        return found.decode("ascii")


class PublicKey(Value, frozen=True):
    """The public half of a key; `bits` is 0 for an algorithm that is not known here."""

    concealed: ClassVar[frozenset[str]] = frozenset({"blob"})

    algorithm: str
    bits: int
    blob: bytes

    @property
    def fingerprint(self) -> str:
        """As `ssh-keygen -lf` prints it."""
        return fingerprint(self.blob)

    @property
    def hardware(self) -> bool:
        """Whether the private half lies in a security key."""
        return self.algorithm.startswith("sk-")

    @property
    def label(self) -> str:
        """Size and kind, as `ssh-keygen -lf` prints them."""
        kind = LABELS.get(self.algorithm, "ECDSA" if self.algorithm in FIELDS else self.algorithm)
        return f"{self.bits} {kind}" if self.bits else kind


def fingerprint(blob: bytes) -> str:
    """The SHA-256 fingerprint of a public key."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode("ascii").rstrip("=")


def public_key(blob: bytes) -> PublicKey:
    """The public key in a blob; of a certificate the key that it certifies. Raises Malformed."""
    reader = Reader(blob)
    algorithm = reader.name()
    plain = certified(algorithm)
    if plain is not None:
        reader.string()  # a nonce
        return taken_key(reader, plain)
    if algorithm not in FIELDS:
        return PublicKey(algorithm, 0, blob)
    key = taken_key(reader, algorithm)
    if not reader.done:
        raise Malformed
    return key


def certified(algorithm: str) -> str | None:
    """The algorithm of the key in a certificate of that algorithm, None for one that is no certificate."""
    match = CERTIFICATE.fullmatch(algorithm)
    if match is None:
        return None
    start = match["start"]
    if start in ("rsa-sha2-256", "rsa-sha2-512"):
        return "ssh-rsa"
    return start + match["domain"] if start.startswith("sk-") else start


def taken_key(reader: Reader, algorithm: str) -> PublicKey:
    """The fields of a public key of that algorithm, taken from a reader that stands before them. Raises Malformed."""
    if algorithm not in FIELDS:
        raise Malformed
    fields = [reader.string() for _ in range(FIELDS[algorithm])]
    blob = b"".join(len(each).to_bytes(4, "big") + each for each in [algorithm.encode("ascii"), *fields])
    return PublicKey(algorithm, _bits(algorithm, fields), blob)


def _bits(algorithm: str, fields: list[bytes]) -> int:
    match algorithm:
        case "ssh-rsa":
            return int.from_bytes(fields[1], "big").bit_length()
        case "ssh-dss":
            return int.from_bytes(fields[0], "big").bit_length()
        case "ecdsa-sha2-nistp384":
            return 384
        case "ecdsa-sha2-nistp521":
            return 521
        case _:
            return 256


def public_line(text: str) -> tuple[bytes, str] | None:
    """Blob and comment of the first key line in a `.pub` file, None when it holds none. Raises Malformed."""
    for line in text.splitlines():
        parts = line.strip().split(None, 2)
        if len(parts) < 2 or parts[0].startswith("#"):
            continue
        if parts[0].startswith("-"):  # an armoured form, which OpenSSH does not look for here
            return None
        try:
            blob = base64.b64decode(parts[1], validate=True)
        except (binascii.Error, ValueError):
            raise Malformed from None
        if Reader(blob).string() != parts[0].encode("utf-8", "replace"):
            raise Malformed
        return blob, comment_text(parts[2] if len(parts) > 2 else "")
    return None


def comment_text(text: str) -> str:
    """A comment as a name to show: printable, and of bounded length."""
    return "".join(char for char in text if char.isprintable())[:200].strip()
