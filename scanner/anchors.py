"""What must stand in a file that holds a secret: the literals of token shapes, and the words of telling names.

`met` answers for a file's bytes, before they are text: where it says nothing, `scanner.detection.found_in` finds
nothing in its text, and `scanner.secrets.secrets_in` nothing in pairs whose names and values stand in it.
"""

import re
from functools import cache

from msgspec import Struct

from scanner.data.detectors import detectors
from scanner.data.families import families
from scanner.patterns import Pattern
from scanner.prefilter import Group, Prefilter
from scanner.shapes import words_of

ADDRESS, SIGNED, KEY_BLOCK = "address", "signed", "key-block"
FAMILY, PLUGIN = "family:", "plugin:"
MARKS = (b"\xff\xfe", b"\xfe\xff")  # with which text begins whose signs have two bytes


class Met(Struct, frozen=True):
    """The groups that a file meets: those of token shapes by id, and whether a name or a value by its name could tell.

    It is false where neither is so, and then the file is clean.
    """

    shapes: frozenset[str] = frozenset()
    names: bool = False

    def __bool__(self) -> bool:
        return self.names or bool(self.shapes)


def met(data: bytes, *, names: bool) -> Met:
    """What a file meets; `names` where its reader tells pairs, whose names and whole values count as well.

    That holds for readers whose pairs stand in the text. Where a place alone gives a name (`.pgpass`, `.netrc`), the
    file is to be read whatever this says.
    """
    if data.startswith(MARKS):
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    return Met(_shapes().met(data), names)


def shapes_met(text: str) -> frozenset[str]:
    """The groups of token shapes that a text meets."""
    return _shapes().met(text.encode("utf-8", "surrogatepass"))


@cache
def _shapes() -> Prefilter:
    return Prefilter(shape_groups())


def shape_groups() -> tuple[Group, ...]:
    """What must stand where `scanner.detection` finds something, a group for each of its sources."""
    told = [family for family in families() if not family.alone and not family.public]
    return (
        Group(ADDRESS, (b"://",), confirm=_has_login),
        Group(SIGNED, (b"eyJ",), confirm=_has_signed),
        Group(KEY_BLOCK, (b"-----BEGIN ",), rb"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY"),
        *(
            Group(FAMILY + each.id, tuple(anchor.encode() for anchor in each.anchors), each.lead.encode(), long=True)
            for each in told
        ),
        *(
            Group(PLUGIN + row.plugin, tuple(anchor.encode() for anchor in row.anchors), row.lead.encode(), folded=True)
            for row in detectors()
        ),
    )


ADDRESSES = Pattern(rb"://[^\s\"'<>`\\]+")
# A password before the last `@`, or a user so long that it may be one.
PASSWORD, LONG_USER = Pattern(rb"://[^/?:]*:"), Pattern(rb"://[^/?]{20,}@")


def _has_login(data: bytes) -> bool:
    """Whether an address has what could be a login, or a query that could hold a secret."""
    for match in ADDRESSES.finditer(data):
        address = match[0]
        at = address.rfind(b"@")
        if at >= 0 and (PASSWORD.search(address, 0, at) is not None or LONG_USER.search(address) is not None):
            return True
        if b"?" in address and _query().search(address) is not None:
            return True
    return False


@cache
def _query() -> re.Pattern[bytes]:
    """A parameter whose name says secret, or is written in a way that hides it."""
    names = b"|".join(re.escape(name.encode()) for name in sorted(words_of("secret_query")))
    return re.compile(rb"[?&](?:(?:" + names + rb")=|[^=&?]{0,40}[%\x80-\xff])", re.IGNORECASE)


# A run of signs is looked at once, from its beginning, so that no text takes more than linear time.
SIGNED_TOKEN = Pattern(rb"eyJ(?<![A-Za-z0-9_-]eyJ)[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]*+\.")


def _has_signed(data: bytes) -> bool:
    return SIGNED_TOKEN.search(data) is not None
