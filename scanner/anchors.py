"""What must stand in a file that holds a secret: the literals of token shapes, and the words of telling names.

`met` answers for a file's bytes, before they are text: where it says nothing, `scanner.detection.found_in` finds
nothing in its text, and `scanner.secrets.secrets_in` nothing in pairs whose names and values stand in it.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache
from itertools import takewhile

from msgspec import Struct

from scanner.data import files
from scanner.data.detectors import detectors
from scanner.data.families import families
from scanner.patterns import Pattern
from scanner.prefilter import Group, Prefilter
from scanner.secrets import KEYISH
from scanner.shapes import words_of

ADDRESS, SIGNED, KEY_BLOCK = "address", "signed", "key-block"
FAMILY, PLUGIN = "family:", "plugin:"
MARKS = (b"\xff\xfe", b"\xfe\xff")  # with which text begins whose signs have two bytes


class Met(Struct, frozen=True):
    """What a file meets: whether a name or a value by its name could tell, else the groups of token shapes by id.

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
    if names:
        if b"\\/" in data:  # how some programs write a slash into JSON
            data = data.replace(b"\\/", b"/")
        if _begins_telling(data) or _names().is_met(data):
            return Met(names=True)
    return Met(_shapes().met(data))


HEAD = 16 * 1024  # bytes in which most files that have a telling name have one


def _begins_telling(data: bytes) -> bool:
    """Whether a telling word stands in the first bytes, which is so in most files and told in no time."""
    head = data[:HEAD].lower()
    return any(word in head for word in _telling())


def shapes_met(text: str) -> frozenset[str]:
    """The groups of token shapes that a text meets."""
    return _shapes().met(text.encode("utf-8", "surrogatepass"))


@cache
def _shapes() -> Prefilter:
    return Prefilter(shape_groups())


@cache
def _names() -> Prefilter:
    return Prefilter(name_groups())


@cache
def _telling() -> tuple[bytes, ...]:
    """The telling words in small letters, the most usual first."""
    usual = ("KEY", "TOKEN", "PASS", "AUTH", "SECRET")
    return tuple(word.casefold().encode() for word in sorted(telling_words(), key=lambda word: word not in usual))


def shape_groups() -> tuple[Group, ...]:
    """What must stand where `scanner.detection` finds something, a group for each of its sources."""
    told = [family for family in families() if not family.alone and not family.public]
    return (
        Group(ADDRESS, (b"://",), confirm=_has_login, gate=_login_gate()),
        Group(SIGNED, (b"eyJ",), confirm=_has_signed),
        Group(KEY_BLOCK, (b"-----BEGIN ",), rb"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY"),
        *(
            Group(FAMILY + each.id, tuple(anchor.encode() for anchor in each.anchors), each.lead.encode(), long=True)
            for each in told
        ),
        *(Group(PLUGIN + row.plugin, _beginnings(row.anchors), row.lead.encode(), folded=True) for row in detectors()),
    )


ADDRESSES = Pattern(rb"://[^\s\"'<>`\\]+")
# A password before the last `@`, or a user so long that it may be one.
PASSWORD, LONG_USER = Pattern(rb"://[^/?:]*:"), Pattern(rb"://[^/?]{20,}@")


def _has_login(data: bytes) -> bool:
    return any(may_have_login(match[0]) for match in ADDRESSES.finditer(data))


def _login_gate() -> tuple[bytes, ...]:
    """What `_has_login` looks for, in expressions of their own, since in one they would take ten times as long."""
    sign = rb"[^\s\"'<>`\\]"
    return (
        rb"://[^/?:\s\"'<>`\\]*:" + sign + b"*@",
        rb"://[^/?\s\"'<>`\\]{20,}@",
        rb"://" + sign + rb"*[?&](?i:" + _secret_names() + rb")=",
        rb"://" + sign + rb"*[?&][^=&?\s\"'<>`\\]{0,40}[%\x80-\xff]",
    )


def may_have_login(address: bytes) -> bool:
    """Whether what follows a scheme, `://` included, has what could be a login or a secret in its query."""
    at = address.rfind(b"@")
    if at >= 0 and (PASSWORD.search(address, 0, at) is not None or LONG_USER.search(address) is not None):
        return True
    return b"?" in address and _query().search(address) is not None


@cache
def _query() -> re.Pattern[bytes]:
    """A parameter whose name says secret, or is written in a way that hides it."""
    return re.compile(rb"[?&](?:(?:" + _secret_names() + rb")=|[^=&?]{0,40}[%\x80-\xff])", re.IGNORECASE)


def _secret_names() -> bytes:
    return b"|".join(re.escape(name.encode()) for name in sorted(words_of("secret_query")))


def _beginnings(anchors: tuple[str, ...]) -> tuple[bytes, ...]:
    """How all anchors begin where they begin alike, since each literal costs a look at the whole text."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(min(anchors), max(anchors), strict=False))
    alike = "".join(first for first, _ in same)
    return (alike.encode(),) if len(alike) > 1 else _encoded(anchors)


# A run of signs is looked at once, from its beginning, so that no text takes more than linear time.
# An escape before it (`\n`, `\u0026`, a colour), as a string in a transcript has them, is no part of the token.
BEGINS = rb"(?<![A-Za-z0-9_-]eyJ)|(?<=\\[nrtbf]eyJ)|(?<=\\u00[0-9a-fA-F]{2}eyJ)|(?<=\\x[0-9a-fA-F]{2}eyJ)"
COLOURED = rb"(?<=[\[;][0-9]meyJ)|(?<=[\[;][0-9]{2}meyJ)|(?<=\[[mK]eyJ)"
SIGNED_TOKEN = Pattern(rb"eyJ(?:" + BEGINS + rb"|" + COLOURED + rb")[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]*+\.")


def _has_signed(data: bytes) -> bool:
    return SIGNED_TOKEN.search(data) is not None


# --- what must stand where a pair of name and value tells a secret

PAT = "PAT"  # it stands in half of all words, so it counts only by itself


def name_groups() -> tuple[Group, ...]:
    """What must stand in a text of whose pairs `scanner.secrets.secrets_in` tells one."""
    return (
        _by_name(),
        Group("name-pat", _cases(PAT), confirm=_found(BY_ITSELF)),
        Group("presented", (b"basic", b"bot", b"ssws", b"splunk", b"pat"), folded=True, confirm=_found(PRESENTED)),
        Group("address-pair", (b"://",), folded=True, confirm=_may_be_login),
        Group("login-option", _encoded(words_of("takes_login")), confirm=_found(LOGIN_OPTION)),
        Group("password-option", _encoded(_takes_password()), confirm=_found(PASSWORD_OPTION)),
        Group("encoded", BASE64, confirm=_found(BASE64_BEGINS)),
        Group("hidden", (b"\\u", b"\\x", b"&#", b"%"), HIDDEN, folded=True),
        Group("joined", (b"\\\n", b"\\\r\n"), JOINED),
        *(
            Group(f"alone:{each.id}", _encoded(each.anchors), each.pattern.encode(), long=True)
            for each in families()
            if each.alone and not each.public
        ),
    )


@cache
def telling_words() -> tuple[str, ...]:
    """Words of which one stands in nearly every name that tells anything, none inside another."""
    said = {*words_of("says_password"), *words_of("says_secret"), *words_of("says_perhaps"), *KEYISH, "AUTH"} - {PAT}
    return tuple(sorted(word for word in said if not any(other != word and other in word for other in said)))


@cache
def telling_phrases() -> tuple[tuple[str, ...], ...]:
    """The words, in their order, of the curated names in which no telling word stands."""
    names = [name for row in files.table("variables.toml")["variable"] for name in row["names"]]
    untold = [name for name in names if not _is_told(re.split(r"[_*]+", name))]
    return tuple(sorted({tuple(max(name.split("*"), key=len).strip("_").split("_")) for name in untold}))


def _is_told(parts: list[str]) -> bool:
    return PAT in parts or any(word in part for part in parts for word in telling_words())


def _by_name() -> Group:
    """One telling word, or the words of one curated name with anything between them that no name has."""
    phrases = [[part.casefold().encode() for part in phrase] for phrase in telling_phrases()]
    words = [word.casefold().encode() for word in telling_words()]
    pattern = b"|".join([*words, *(b"[^a-z0-9]*".join(phrase) for phrase in phrases)])
    return Group("name", (*words, *sorted({max(phrase, key=len) for phrase in phrases})), pattern, folded=True)


def _takes_password() -> tuple[str, ...]:
    """The programs that take a password behind a short option."""
    table = files.table("shapes.toml")["password_options"]
    return tuple(sorted({*table["attached"], *table["either"]}))


def _encoded(texts: Iterable[str]) -> tuple[bytes, ...]:
    return tuple(sorted(text.encode() for text in texts))


def _cases(word: str) -> tuple[bytes, ...]:
    """A word in each way to write its letters large and small."""
    ways = {""}
    for letter in word:
        ways = {way + case for way in ways for case in (letter.upper(), letter.lower())}
    return _encoded(ways)


def _found(pattern: Pattern[bytes]) -> Callable[[bytes], bool]:
    return lambda data: pattern.search(data) is not None


# Where a value may begin: not behind a letter or digit, but for the escape of a blank.
BEGIN = rb"(?:^|[^A-Za-z0-9]|\\[a-z])"
BLANK = rb"[\s\\%&\x1c-\x1f\x80-\xff]"  # also as an escape or entity writes it
BY_ITSELF = Pattern(rb"(?:(?<![A-Za-z0-9])[Pp]|(?<=[a-z])P)[Aa](?:t(?![a-z])|T(?![A-Za-z]))")
PRESENTED = Pattern(BEGIN + rb"(?:basic|bot|ssws|splunk|pat)" + BLANK)
LOGIN_OPTION = Pattern(rb"(?:^|[^A-Za-z0-9-]|\\[a-z])-u|-D?user")
PASSWORD_OPTION = Pattern(BEGIN + rb"-[A-Za-z]")
BASE64 = (b"LS0tLS1CRUdJTi", *(b"ey" + sign.encode() for sign in "ABCDIJKL"))
BASE64_BEGINS = Pattern(BEGIN + rb"(?:LS0tLS1CRUdJTi|ey[A-DI-L])")
# A sign of ASCII, or one that folds to it, as JSON, YAML, XML and addresses may hide it.
HIDDEN = rb"\\u(?:00[2-7]|000|017f|212a|013[01]|00df|1e9e)|\\x[2-7]|&#|%[2-7][0-9a-f]"
# A line that goes on in the next one in the middle of a word.
JOINED = rb"[A-Za-z0-9_+/=.:@-]\\\r?\n[ \t]*[A-Za-z0-9_+/=.:@-]"
HAS_LOGIN = Pattern(rb"://[^/?@:]*[@:]")
SIGNATURE = Pattern(rb"[?&;](?:[a-z-]*signature|sig)=")


def _may_be_login(data: bytes) -> bool:
    """Whether a value that is an address as a whole, blanks and quotes in it too, could have a login or a signature."""
    head = HAS_LOGIN.search(data)
    return (head is not None and data.find(b"@", head.start()) >= 0) or SIGNATURE.search(data) is not None
