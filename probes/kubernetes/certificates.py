"""X.509 certificates: whom they name and until when, read from DER without a library that takes long to load."""

import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec import Struct

from scanner.shapes import label

PEM = re.compile(r"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]{16,100000})-----END CERTIFICATE-----")
COMMON_NAME, ORGANIZATION = b"\x55\x04\x03", b"\x55\x04\x0a"
SEQUENCE, SET, OID, INTEGER, VERSION = 0x30, 0x31, 0x06, 0x02, 0xA0
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18
TEXTS = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1E: "utf-16-be"}
PART_LIMIT = 64  # names in a subject


class Certificate(Struct, frozen=True):
    """Whom a client certificate makes its bearer: a user (CN) and groups (O); `public_id` is the digest of its DER."""

    user: str
    groups: tuple[str, ...]
    ends: datetime
    public_id: str


class NoCertificate(Exception):
    """The bytes are no certificate; what they are is not said, since they may be anything."""


class Part(Struct, frozen=True):
    """One value of DER: its tag and its bytes."""

    tag: int
    data: bytes


def first_certificate(text: str) -> Certificate | None:
    """The first certificate of a PEM text, which is the bearer's own. Raises NoCertificate for a damaged one."""
    block = PEM.search(text)
    if block is None:
        return None
    try:
        der = base64.b64decode("".join(block[1].split()), validate=True)
    except ValueError as error:
        raise NoCertificate from error
    return certificate(der)


def certificate(der: bytes) -> Certificate:
    """What a certificate in DER says (RFC 5280, 4.1). Raises NoCertificate."""
    fields = parts(inner(inner(der, SEQUENCE), SEQUENCE))
    field = next(fields, None)
    if field is not None and field.tag == VERSION:
        field = next(fields, None)
    if field is None or field.tag != INTEGER:
        raise NoCertificate
    # behind the serial number: the signature's algorithm, the issuer, the validity, the subject
    _, _, validity, subject = (_next(fields, SEQUENCE) for _ in range(4))
    _, until = _two(parts(validity))
    names = list(_names(subject))
    return Certificate(
        user=next((text for kind, text in names if kind == COMMON_NAME), ""),
        groups=tuple(text for kind, text in names if kind == ORGANIZATION),
        ends=_moment(until),
        public_id=f"SHA256:{hashlib.sha256(der).hexdigest()}",
    )


def parts(data: bytes) -> Iterator[Part]:
    """The values that stand one behind the other. Raises NoCertificate where one is longer than what is there."""
    at = 0
    while at < len(data):
        if at + 2 > len(data):
            raise NoCertificate
        tag, length, at = data[at], data[at + 1], at + 2
        if length >= 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4 or at + count > len(data):
                raise NoCertificate
            length, at = int.from_bytes(data[at : at + count], "big"), at + count
        if at + length > len(data):
            raise NoCertificate
        yield Part(tag, data[at : at + length])
        at += length


def inner(data: bytes, tag: int) -> bytes:
    """What the first value holds, if it has that tag. Raises NoCertificate."""
    return _next(parts(data), tag)


def _next(values: Iterator[Part], tag: int) -> bytes:
    found = next(values, None)
    if found is None or found.tag != tag:
        raise NoCertificate
    return found.data


def _two(values: Iterator[Part]) -> tuple[Part, Part]:
    first, second = next(values, None), next(values, None)
    if first is None or second is None:
        raise NoCertificate
    return first, second


def _names(subject: bytes) -> Iterator[tuple[bytes, str]]:
    """The attributes of a subject that have a name fit to be shown."""
    for count, group in enumerate(parts(subject)):
        if group.tag != SET or count >= PART_LIMIT:
            raise NoCertificate
        for attribute in parts(group.data):
            kind, value = _two(parts(attribute.data))
            encoding = TEXTS.get(value.tag)
            if kind.tag == OID and encoding is not None:
                text = label(value.data.decode(encoding, "replace"))
                if text:
                    yield kind.data, text


def _moment(value: Part) -> datetime:
    try:
        if value.tag == UTC_TIME:
            found = datetime.strptime(value.data.decode("ascii"), "%y%m%d%H%M%SZ")
            year = found.year - 100 if found.year >= 2050 else found.year  # RFC 5280, 4.1.2.5.1: 50 to 99 are 19xx
            return found.replace(year=year, tzinfo=UTC)
        if value.tag == GENERALIZED_TIME:
            return datetime.strptime(value.data.decode("ascii"), "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:  # no date, or no ASCII
        raise NoCertificate from error
    raise NoCertificate
