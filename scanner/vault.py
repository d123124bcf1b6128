"""The secrets of this run, in memory only: hands out fingerprints, and masks them out of final bytes."""

import hashlib
import hmac
from threading import Lock
from typing import TYPE_CHECKING

from scanner.model import Secret

if TYPE_CHECKING:
    from scanner.masking import Cut, Masker

KEY_BYTES = 32
FINGERPRINTABLE = 16  # shorter values could be guessed from their digest
SHORT = 1024  # always held whole: to cut it would save nothing
WHOLE = 64 * 1024  # a longer value is no proof that a provider takes
ROOM = 8 * 1024 * 1024  # for whole values in one run, since the mask's index takes several times as much


class Vault:
    """Holds every secret that this run met.

    What it takes in memory is bounded, whatever the files hold. A value of up to SHORT characters is held whole; a
    longer one too, up to WHOLE characters, while the values of this run together fill no more than ROOM. Of any other
    the first SHORT characters are held, with the length and digest of the whole: it has its fingerprint, it is masked
    wherever it stands whole, its beginning is masked wherever that stands, and `value` does not give it back.

    Nothing pickles, prints or stores it. The key is that of this machine (or a fleet's): equal secrets have equal
    fingerprints under one key, and none can be guessed without it.
    """

    __slots__ = ("_indexes", "_key", "_lock", "_masker", "_room", "_values", "key_id")

    def __init__(self, key: bytes) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError(f"a fingerprint key has at least {KEY_BYTES} bytes")
        self._key = key
        self._values: list[str | Cut] = []
        self._indexes: dict[str | Cut, int] = {}
        self._room = ROOM
        self._lock = Lock()  # probes keep side by side, and a value that is not filed is not masked
        self._masker: Masker | None = None
        self.key_id = hashlib.sha256(b"armslength fingerprint key\0" + key).hexdigest()[:6]

    def __reduce__(self) -> str:
        raise TypeError("a vault is not pickled")

    def __repr__(self) -> str:
        return f"<Vault of {len(self._values)}>"

    def keep(self, value: str, *, guessable: bool = False) -> Secret:
        """A handle to the value; a value that is guessable or short gets no fingerprint."""
        with self._lock:
            held = value if value in self._indexes else self._held(value)
            index = self._indexes.setdefault(held, len(self._values))
            if index == len(self._values):
                self._values.append(held)
                self._room -= len(held) if isinstance(held, str) else 0
        return Secret(index, None if guessable or len(value) < FINGERPRINTABLE else self._fingerprint(value))

    def _held(self, value: str) -> "str | Cut":
        if len(value) <= SHORT or (len(value) <= WHOLE and len(value) <= self._room):
            return value
        from scanner.masking import cut

        return cut(value)

    def value(self, secret: Secret) -> str | None:
        """The value behind a handle, for asking its provider; None where only its beginning is held."""
        held = self._values[secret.index]
        return held if isinstance(held, str) else None

    def mask(self, data: bytes, own_words: frozenset[str] = frozenset(), *, json: bool = False) -> tuple[bytes, int]:
        """The bytes with every kept value of 12 characters and more blanked in all its encodings, and the hits.

        `own_words` are texts of the tool itself, of which no value may blank a part. `json` says that the bytes are
        one JSON document or one a line: only its strings are masked, so that no value can break its structure.
        """
        if not self._values:
            return data, 0
        if self._masker is None:  # loaded when there is something to hide: it costs a tenth of a small scan
            from scanner.masking import Masker

            self._masker = Masker()
        self._masker.file(self._values)
        ours = "\0".join(own_words)
        own = {index for index, value in enumerate(self._values) if ours and isinstance(value, str) and value in ours}
        return self._masker.mask(data, own, json=json)

    def mask_text(self, text: str) -> str:
        """The text with every kept value blanked; what no encoding can hold in it comes back as it was."""
        data, hits = self.mask(text.encode("utf-8", "surrogatepass"))
        return data.decode("utf-8", "surrogatepass") if hits else text

    def _fingerprint(self, value: str) -> str:
        digest = hmac.new(self._key, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        return f"k{self.key_id}:{digest[:32]}"
