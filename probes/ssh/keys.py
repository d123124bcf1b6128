"""Private keys as text: what each format tells without its passphrase."""

import base64
import binascii
import re
import textwrap
import warnings
from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct

from probes.ssh.wire import Malformed, PublicKey, Reader, comment_text, public_key
from scanner.model import GapKind
from scanner.model.value import Value

BEGIN = re.compile(r"^-----BEGIN ((?:[A-Z0-9]+ )*PRIVATE KEY)-----[ \t\r]*$", re.MULTILINE)
BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
PUTTY = re.compile(r"PuTTY-User-Key-File-[0-9]+:[ \t]*(\S*)")
PUTTY_HEAD = "PuTTY-User-Key-File-"
OPENSSH = "OPENSSH PRIVATE KEY"
MAGIC = b"openssh-key-v1\0"
KEY_LIMIT = 20  # keys taken from one file
TOUCH_REQUIRED = 0x01  # SSH_SK_USER_PRESENCE_REQD in PROTOCOL.u2f


class PrivateKey(Value, frozen=True):
    """One private key in a file.

    `cipher` is None when no passphrase guards it; `public` is None where the format hides it; `touch` says whether
    a security key asks for a touch; `body` is the base64 text of the key, a secret whenever there is no cipher.
    """

    concealed: ClassVar[frozenset[str]] = frozenset({"body"})

    line: int
    label: str
    cipher: str | None
    public: PublicKey | None
    body: str
    comment: str = ""
    touch: bool = True

    @property
    def hardware(self) -> bool:
        """Whether the file only points at a security key."""
        return self.public is not None and self.public.hardware

    @property
    def putty(self) -> bool:
        """Whether it is PuTTY's format, which `ssh-keygen` does not write."""
        return self.label == "PuTTY"


class Damaged(Struct, frozen=True):
    """Something that begins like a private key and is none, or was not looked at."""

    line: int
    why: str
    kind: GapKind = GapKind.FAILED


def private_text(text: str) -> bool:
    """Whether the text begins like a private key somewhere."""
    return text.startswith(PUTTY_HEAD) or BEGIN.search(text) is not None


def private_keys(text: str) -> Iterator[PrivateKey | Damaged]:
    """Every private key in a file's text: OpenSSH, PEM, PKCS#8 and PuTTY."""
    if text.startswith(PUTTY_HEAD):
        yield _putty(text)
        return
    position = 0
    for _ in range(KEY_LIMIT):
        begin = BEGIN.search(text, position)
        if begin is None:
            return
        line = text.count("\n", 0, begin.start()) + 1
        end = text.find(f"-----END {begin[1]}-----", begin.end())
        if end < 0:
            yield Damaged(line, "a private key without its end")
            return
        yield _armoured(line, begin[1], text[begin.end() : end])
        position = end
    if BEGIN.search(text, position):
        yield Damaged(text.count("\n", 0, position) + 1, f"more than {KEY_LIMIT} private keys", GapKind.LIMIT)


def _armoured(line: int, label: str, inner: str) -> PrivateKey | Damaged:
    headers, rest = _headers(inner)
    body = "".join(rest.split())
    if not BASE64.fullmatch(body):
        return Damaged(line, "a private key that is not base64")
    if label == OPENSSH:
        try:
            return _openssh(line, body)
        except (Malformed, binascii.Error):
            return Damaged(line, "a damaged OpenSSH private key")
    return PrivateKey(line, label, _pem_cipher(label, headers), None, body)


def _headers(inner: str) -> tuple[dict[str, str], str]:
    """The `Name: value` lines at the head of a PEM block, and the rest."""
    lines = inner.strip().splitlines()
    headers: dict[str, str] = {}
    for number, line in enumerate(lines):
        name, colon, value = line.partition(":")
        if not colon:
            return headers, "\n".join(lines[number:])
        headers[name.strip()] = value.strip()
    return headers, ""


def _pem_cipher(label: str, headers: dict[str, str]) -> str | None:
    if label.startswith("ENCRYPTED "):
        return "PKCS#8"
    if "ENCRYPTED" not in headers.get("Proc-Type", ""):
        return None
    name = headers.get("DEK-Info", "").partition(",")[0]
    return name.lower() if re.fullmatch(r"[A-Za-z0-9-]{1,40}", name) else "PEM"


def _openssh(line: int, body: str) -> PrivateKey:
    data = base64.b64decode(body, validate=True)
    if not data.startswith(MAGIC):
        raise Malformed
    reader = Reader(data, len(MAGIC))
    cipher = reader.name()
    reader.name()  # how the passphrase becomes a key
    reader.string()
    if reader.number() != 1:  # the format allows more, no program writes or reads them
        raise Malformed
    public = public_key(reader.string())
    private = reader.string()
    if not private:
        raise Malformed
    if cipher != "none":
        return PrivateKey(line, OPENSSH, cipher, public, body)
    return PrivateKey(line, OPENSSH, None, public, body, touch=_asks_for_touch(private, public))


def _asks_for_touch(private: bytes, public: PublicKey) -> bool:
    """What the open private half of a security key says; raises Malformed when that half is broken."""
    reader = Reader(private)
    if reader.number() != reader.number() or reader.name() != public.algorithm:
        raise Malformed
    if not public.hardware:
        return True
    reader.string()  # the point, or for ECDSA its curve
    reader.string()
    if public.algorithm.startswith("sk-ecdsa"):
        reader.string()
    return bool(reader.number(1) & TOUCH_REQUIRED)


def _putty(text: str) -> PrivateKey | Damaged:
    broken = Damaged(1, "a damaged PuTTY private key")
    fields, blocks = _putty_fields(text)
    cipher, public, private = fields.get("Encryption"), blocks.get("Public-Lines"), blocks.get("Private-Lines")
    head = PUTTY.match(text)
    if not (head and cipher and public and private and "Private-MAC" in fields):
        return broken
    if not BASE64.fullmatch(private) or not re.fullmatch(r"[a-z0-9-]{1,40}", cipher):
        return broken
    try:
        key = public_key(base64.b64decode(public, validate=True))
    except (Malformed, binascii.Error, ValueError):
        return broken
    if key.algorithm != head[1]:
        return broken
    comment = comment_text(fields.get("Comment", ""))
    return PrivateKey(1, "PuTTY", None if cipher == "none" else cipher, key, private, comment)


def _putty_fields(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """The `Name: value` lines, and the base64 blocks under the `...-Lines: count` ones that are complete."""
    fields: dict[str, str] = {}
    blocks: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, _, value = line.partition(":")
        value = value.strip()
        if name not in ("Public-Lines", "Private-Lines"):
            fields[name] = value
        elif re.fullmatch(r"[0-9]{1,4}", value):
            taken = [each.strip() for _, each in zip(range(int(value)), lines, strict=False)]
            if len(taken) == int(value):
                blocks[name] = "".join(taken)
    return fields, blocks


def derived(key: PrivateKey) -> PublicKey | None:
    """The public half worked out from an unencrypted PEM key, None where that fails."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

    lines = "\n".join(textwrap.wrap(key.body, 64))
    pem = f"-----BEGIN {key.label}-----\n{lines}\n-----END {key.label}-----\n"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an old or short key is no news to us
            half = load_pem_private_key(pem.encode("ascii"), None).public_key()
            line = half.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        return public_key(base64.b64decode(line.split()[1]))
    except (ValueError, TypeError, UnsupportedAlgorithm, Malformed):
        return None
