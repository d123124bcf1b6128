"""The secrets of this run, in memory only: hands out fingerprints, and masks them out of final bytes."""

import hashlib
import hmac

from scanner.masking import MASK, MASKABLE, Index, blanked, encodings, in_strings, needles, views
from scanner.model import Secret

__all__ = ["FINGERPRINTABLE", "KEY_BYTES", "MASK", "MASKABLE", "Vault", "encodings"]

KEY_BYTES = 32
FINGERPRINTABLE = 16  # shorter values could be guessed from their digest


class Vault:
    """Holds every secret that this run met.

    Nothing pickles, prints or stores it. The key is that of this machine (or a fleet's): equal secrets have equal
    fingerprints under one key, and none can be guessed without it.
    """

    __slots__ = ("_filed", "_indexes", "_key", "_needles", "_spaces", "_values", "key_id")

    def __init__(self, key: bytes) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError(f"a fingerprint key has at least {KEY_BYTES} bytes")
        self._key = key
        self._values: list[str] = []
        self._indexes: dict[str, int] = {}
        self._needles = Index()
        self._filed = 0
        self._spaces = False
        self.key_id = hashlib.sha256(b"armslength fingerprint key\0" + key).hexdigest()[:6]

    def __reduce__(self) -> str:
        raise TypeError("a vault is not pickled")

    def __repr__(self) -> str:
        return f"<Vault of {len(self._values)}>"

    def keep(self, value: str, *, guessable: bool = False) -> Secret:
        """A handle to the value; a value that is guessable or short gets no fingerprint."""
        index = self._indexes.setdefault(value, len(self._values))
        if index == len(self._values):
            self._values.append(value)
        return Secret(index, None if guessable or len(value) < FINGERPRINTABLE else self._fingerprint(value))

    def value(self, secret: Secret) -> str:
        """The value behind a handle, for asking its provider."""
        return self._values[secret.index]

    def mask(self, data: bytes, own_words: frozenset[str] = frozenset(), *, json: bool = False) -> tuple[bytes, int]:
        """The bytes with every kept value of 12 characters and more blanked in all its encodings, and the hits.

        `own_words` are texts of the tool itself, which no value may blank. `json` says that the bytes are one JSON
        document or one a line: only its strings are masked, so that no value can break its structure.
        """
        if not self._values:
            return data, 0
        self._file()
        own = {self._indexes[word] for word in own_words if word in self._indexes}
        spans = {
            view.span(start, end)
            for view in views(data, json=json, spaces=self._spaces)
            for start, end, owner in self._needles.find(view.data)
            if owner not in own
        }
        return blanked(data, in_strings(data, spans) if json else spans)

    def mask_text(self, text: str) -> str:
        """The text with every kept value blanked; what no encoding can hold in it comes back as it was."""
        data, hits = self.mask(text.encode("utf-8", "surrogatepass"))
        return data.decode("utf-8", "surrogatepass") if hits else text

    def _file(self) -> None:
        """Files what was kept since the last mask."""
        for owner, value in enumerate(self._values[self._filed :], start=self._filed):
            self._spaces = self._spaces or " " in value
            if len(value) >= MASKABLE:
                for needle in needles(value, owner):
                    self._needles.add(needle)
        self._filed = len(self._values)

    def _fingerprint(self, value: str) -> str:
        digest = hmac.new(self._key, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        return f"k{self.key_id}:{digest[:32]}"
