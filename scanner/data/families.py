"""Token families, told by shape and checksum: `families.toml`."""

import re
import zlib
from enum import StrEnum
from functools import cache
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from scanner.data import files
from scanner.errors import DataError

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECK_DIGITS = 6


class Checksum(StrEnum):
    """How a family's last characters follow from the others."""

    CRC32_BASE62 = "crc32-base62"  # GitHub's and npm's: 30 random characters behind the prefix, then their CRC32


class Family(Struct, frozen=True, forbid_unknown_fields=True):
    """One family of tokens: the pattern of a whole token, and texts of which one stands in each.

    A pattern is compiled when an anchor of it was met, since compiling them all costs more than a whole small scan.
    `account` names what its tokens belong to, where the family tells; `public` says why a family
    is no secret, and then it has no kind. `shared`: other providers write the same prefix; `browser`: no secret where a
    build publishes it; `alone`: too weak a shape to be looked for inside a text. `lead`: how a token begins, where its
    anchor stands in many texts; `re` and hyperscan read it alike, and it takes linear time.
    """

    id: str
    pattern: str
    anchors: Annotated[tuple[str, ...], Meta(min_length=1)]
    kind: str = ""
    checksum: Checksum | None = None
    account: str = ""
    public: str = ""
    shared: bool = False
    browser: bool = False
    alone: bool = False
    lead: str = ""

    def __post_init__(self) -> None:
        if bool(self.public) == bool(self.kind):
            raise ValueError(f"{self.id} has either a kind or public")

    def is_sound(self, value: str) -> bool:
        """Whether the checksum of a value of this family is right; true where the family has none."""
        match self.checksum:
            case None:
                return True
            case Checksum.CRC32_BASE62:
                return crc32_base62(value.partition("_")[2])


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """All of `families.toml`."""

    version: str
    family: tuple[Family, ...]


@cache
def families() -> tuple[Family, ...]:
    """All families in the order in which they are tried. Raises DataError where one is not whole."""
    try:
        return files.converted(files.table("families.toml"), Table).family
    except msgspec.ValidationError as error:
        raise DataError(f"families.toml: {error}") from error


def family_of(value: str) -> Family | None:
    """The family whose shape the whole value has."""
    for family in [family for anchor, family in _anchors() if anchor in value]:
        if re.fullmatch(family.pattern, value, re.ASCII) is not None:
            return family
    return None


@cache
def _anchors() -> tuple[tuple[str, Family], ...]:
    """Each anchor of each family, side by side: a value is tried against all of them."""
    return tuple((anchor, family) for family in families() for anchor in family.anchors)


SHORTEST = 16  # characters: no secret token of a family has fewer


def holds_token(text: str) -> bool:
    """Whether a token of a family stands anywhere in a text, so that the text is no name to be shown.

    A family with too weak a shape to be looked for inside a text counts only as the whole of it.
    """
    if len(text) < SHORTEST:
        return False
    anchored = [family for anchor, family in _anchors() if anchor in text]
    return any(_holds(family, text) for family in anchored if not family.public)


def _holds(family: Family, text: str) -> bool:
    if family.alone:
        return re.fullmatch(family.pattern, text, re.ASCII) is not None
    return re.search(f"(?<![A-Za-z0-9])(?:{family.pattern})", text, re.ASCII) is not None


def crc32_base62(body: str) -> bool:
    """Whether the last six characters are the CRC32 of those before, in base62."""
    number = 0
    for digit in body[-CHECK_DIGITS:]:
        place = BASE62.find(digit)
        if place < 0:
            return False
        number = number * 62 + place
    return number == zlib.crc32(body[:-CHECK_DIGITS].encode("utf-8", "surrogatepass"))
