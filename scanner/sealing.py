"""Bytes sealed with a key: nobody reads them without it, and nobody changes them unseen.

A sealed file is a header and AES-256-GCM's output. The header is bound to what it stands before: a mark that no text
begins with, the format's version, the first bytes of a digest of the key, and the nonce.
"""

import hashlib
from secrets import token_bytes

from scanner.errors import ScannerError

MARK = b"\x89ARMSLENGTH\r\n\x1a\n"
VERSION = 1
KEY_ID_BYTES = 8
NONCE_BYTES = 12
TAG_BYTES = 16
KEY_AT = len(MARK) + 1
NONCE_AT = KEY_AT + KEY_ID_BYTES
BODY_AT = NONCE_AT + NONCE_BYTES


class SealError(ScannerError):
    """What was sealed cannot be opened."""


class OtherKey(SealError):
    """It was sealed with another key."""


def is_sealed(data: bytes) -> bool:
    """Whether that is something sealed, by its first bytes."""
    return data.startswith(MARK)


def fits(sealed: bytes, key: bytes) -> bool:
    """Whether it was sealed with this key, by what its header says."""
    return is_sealed(sealed) and sealed[KEY_AT:NONCE_AT] == _key_id(key)


def seal(data: bytes, key: bytes) -> bytes:
    """The data, sealed with a key of 32 bytes; never twice the same."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = token_bytes(NONCE_BYTES)
    header = MARK + bytes([VERSION]) + _key_id(key) + nonce
    return header + AESGCM(key).encrypt(nonce, data, header)


def opened(sealed: bytes, key: bytes) -> bytes:
    """The data that was sealed. Raises SealError where it is another's, damaged, or nothing sealed at all."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if not is_sealed(sealed):
        raise SealError("this is no sealed report")
    if len(sealed) < BODY_AT + TAG_BYTES:
        raise _damaged()
    if sealed[len(MARK)] != VERSION:
        raise SealError("this report is sealed in a format that is not known here", "open it with a newer armslength")
    if not fits(sealed, key):
        raise OtherKey(
            "this report is sealed with another key than the keychain holds",
            "it is from another machine, or from before the key was purged",
        )
    try:
        return AESGCM(key).decrypt(sealed[NONCE_AT:BODY_AT], sealed[BODY_AT:], sealed[:BODY_AT])
    except InvalidTag:
        raise _damaged() from None


def _damaged() -> SealError:
    return SealError(
        "this sealed report is damaged: it is not what was sealed", "armslength scan --keep seals a new one"
    )


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"armslength sealing key\0" + key).digest()[:KEY_ID_BYTES]
