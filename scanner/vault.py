"""The secrets of this run, in memory only: hands out fingerprints, and masks them out of final bytes."""

import base64
import hashlib
import hmac
import html
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from scanner.model import Secret

KEY_BYTES = 32
MASK = b"[masked]"
MASKABLE = 12  # shorter values would blank ordinary words
FINGERPRINTABLE = 16  # shorter values could be guessed from their digest


class Vault:
    """Holds every secret that this run met.

    Nothing pickles, prints or stores it. The key is that of this machine (or a fleet's): equal secrets have equal
    fingerprints under one key, and none can be guessed without it.
    """

    __slots__ = ("_indexes", "_key", "_values", "key_id")

    def __init__(self, key: bytes) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError(f"a fingerprint key has at least {KEY_BYTES} bytes")
        self._key = key
        self._values: list[str] = []
        self._indexes: dict[str, int] = {}
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

    def mask(self, data: bytes, own_words: frozenset[str] = frozenset()) -> tuple[bytes, int]:
        """The bytes with every kept value of 12 characters and more blanked in all its encodings, and the hits.

        `own_words` are texts of the tool itself, which no value may blank.
        """
        hits = 0
        for value in self._values:
            if len(value) < MASKABLE or value in own_words:
                continue
            for needle in encodings(value):
                count = data.count(needle)
                if count:
                    hits += count
                    data = data.replace(needle, MASK)
        return data, hits

    def _fingerprint(self, value: str) -> str:
        digest = hmac.new(self._key, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        return f"k{self.key_id}:{digest[:32]}"


def encodings(value: str) -> Iterator[bytes]:
    """The forms in which a value could stand in an output, longest first; each at least 12 bytes."""
    raw = value.encode("utf-8", "surrogateescape")
    escaped = json.dumps(value)[1:-1]
    forms = {
        raw,
        quote(raw, safe="").encode(),
        quote(raw, safe="/").encode(),
        quote_plus(raw).encode(),
        escaped.encode(),
        json.dumps(value, ensure_ascii=False)[1:-1].encode("utf-8", "surrogateescape"),
        html.escape(value).encode("utf-8", "surrogateescape"),
        html.escape(value).replace("&#x27;", "&#39;").encode("utf-8", "surrogateescape"),
        *_base64_cores(raw),
    }
    yield from sorted((form for form in forms if len(form) >= MASKABLE), key=len, reverse=True)


def _base64_cores(raw: bytes) -> Iterator[bytes]:
    """What base64 of any text that contains `raw` must contain: the three alignments without their mixed ends."""
    for shift in range(3):
        padded = b"\0" * shift + raw
        core = base64.b64encode(padded)[: len(padded) // 3 * 4]
        core = core[(0, 2, 3)[shift] :]
        yield core
        yield core.replace(b"+", b"-").replace(b"/", b"_")
