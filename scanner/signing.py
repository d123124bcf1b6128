"""Ed25519 over exact bytes, in an envelope of DSSE: which key said it, and that nothing was altered since.

What is signed is DSSE's pre-authentication encoding of the payload and its type, so that other tools verify it too.
"""

import hashlib
from base64 import b32encode, b64decode, b64encode
from typing import TYPE_CHECKING

from msgspec import DecodeError, Struct, ValidationError, field, json

from scanner.errors import ScannerError
from scanner.patterns import Pattern

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SIZE_LIMIT = 4 * 1024 * 1024
KEY_BYTES = 32
KEY_ID_BYTES = 20
KEY_ID = Pattern("k-[a-z2-7]{32}")
SPKI = bytes.fromhex("302a300506032b6570032100")  # what RFC 8410 puts before the 32 bytes of a public key
PLAIN = b"-----BEGIN PRIVATE KEY-----"
WITH_PASSPHRASE = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"
MADE_BY = "openssl genpkey -algorithm ed25519 -out FILE makes one"


class SigningError(ScannerError):
    """A key that does not sign, or something signed that does not hold."""


class Signer:
    """A private key, which nothing pickles or prints. `public` are the bytes of its public half."""

    __slots__ = ("_key", "public")

    def __init__(self, key: "Ed25519PrivateKey") -> None:
        self._key = key
        self.public = key.public_key().public_bytes_raw()

    def __reduce__(self) -> str:
        raise TypeError("a private key is not pickled")

    def __repr__(self) -> str:
        return f"<Signer {self.keyid}>"

    @property
    def keyid(self) -> str:
        """The id of its public half."""
        return key_id(self.public)

    def sign(self, data: bytes) -> bytes:
        """The signature of these bytes."""
        return self._key.sign(data)


class Envelope(Struct, frozen=True):
    """Something signed, as it was read: the bytes of the payload, their type, and the key that it names."""

    kind: str
    payload: bytes
    keyid: str
    signature: bytes


class _Signature(Struct, frozen=True, forbid_unknown_fields=True):
    keyid: str
    sig: str


class _Document(Struct, frozen=True, forbid_unknown_fields=True):
    payload: str
    kind: str = field(name="payloadType")
    signatures: tuple[_Signature, ...]


def key_id(public: bytes) -> str:
    """The name of a key: a digest of its public half, long enough that nobody finds another key with it."""
    return f"k-{b32encode(hashlib.sha256(public).digest()[:KEY_ID_BYTES]).decode().lower()}"


def public_text(public: bytes) -> str:
    """A public key as a document carries it: the form of RFC 8410, which other tools read, in base64."""
    return b64encode(SPKI + public).decode()


def public_of(text: str) -> bytes:
    """The public key that a document carries. Raises SigningError where it is none."""
    public = _from_base64(text, "the public key")[len(SPKI) :]
    if len(public) != KEY_BYTES or public_text(public) != text:
        raise SigningError("the public key that it carries is no ed25519 key")
    return public


def from_seed(seed: bytes) -> Signer:
    """The key that 32 bytes from the keychain are."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Signer(Ed25519PrivateKey.from_private_bytes(seed))


def from_pem(data: bytes) -> Signer:
    """The key in a PEM file. Raises SigningError, which quotes nothing of it, for any other file."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if WITH_PASSPHRASE in data:
        raise SigningError("the key has a passphrase, and nobody is asked for one", MADE_BY)
    if PLAIN not in data:
        raise SigningError("this is no private key in PEM (PKCS8, BEGIN PRIVATE KEY)", MADE_BY)
    try:
        key = load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SigningError("the private key is damaged, or of a kind that is not known", MADE_BY) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningError("the private key is not of ed25519", MADE_BY)
    return Signer(key)


def encoded(kind: str, payload: bytes) -> bytes:
    """The bytes that are signed, for a payload of that type."""
    name = kind.encode()
    return b"DSSEv1 %d %s %d %s" % (len(name), name, len(payload), payload)


def signed(kind: str, payload: bytes, signer: Signer) -> bytes:
    """The envelope as a file holds it."""
    return _written(Envelope(kind, payload, signer.keyid, signer.sign(encoded(kind, payload))))


def opened(data: bytes) -> Envelope:
    """The envelope that a file holds, whose signature is still to be checked. Raises SigningError.

    A file that says the same in other bytes than ours is refused, so that no byte of it can be changed unseen.
    """
    if len(data) > SIZE_LIMIT:
        raise SigningError("this is no attestation: it is larger than 4 MiB")
    try:
        document = json.decode(data, type=_Document)
    except ValidationError:
        raise SigningError("this is no attestation: it is no envelope of DSSE") from None
    except (DecodeError, UnicodeDecodeError, RecursionError):
        raise SigningError("this is no attestation: it is not JSON") from None
    if len(document.signatures) != 1:
        raise SigningError(f"it has {len(document.signatures)} signatures, where an attestation has one")
    [by] = document.signatures
    payload, signature = _from_base64(document.payload, "the payload"), _from_base64(by.sig, "the signature")
    envelope = Envelope(document.kind, payload, by.keyid, signature)
    if _written(envelope) != data:
        raise SigningError(
            "it is not written as armslength writes it, so that it was altered or formatted anew",
            "hand the file over as it was written",
        )
    return envelope


def check(envelope: Envelope, public: bytes) -> None:
    """Raises SigningError where the envelope was not signed with the private half of this key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if envelope.keyid != key_id(public):
        raise SigningError("it names another key than the one that it carries")
    try:
        key = Ed25519PublicKey.from_public_bytes(public)
        key.verify(envelope.signature, encoded(envelope.kind, envelope.payload))
    except (InvalidSignature, ValueError):
        raise SigningError("the signature does not hold: what was signed was altered, or is another's") from None


def _written(envelope: Envelope) -> bytes:
    signature = _Signature(envelope.keyid, b64encode(envelope.signature).decode())
    document = _Document(b64encode(envelope.payload).decode(), envelope.kind, (signature,))
    return json.encode(document) + b"\n"


def _from_base64(text: str, what: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:  # also where it is not ASCII
        raise SigningError(f"{what} is not base64") from None
