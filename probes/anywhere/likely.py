"""Whether a value under a name that smells of a secret could be one: documents and code say much of passwords in words.

A variable of the environment is judged as it is, for what stands there is what a program will use. Under a key of a
document, and the more under a name in code, a word, an identifier, a sentence or a piece of a template is what it says.
"""

import re
from enum import Enum
from functools import lru_cache

from scanner.data.variables import row_of, spelled
from scanner.shapes import words_of


class Manner(Enum):
    """How a pair was written, which says how much its value must look like a secret."""

    VARIABLE = "a variable of the environment, or a file of logins"
    DOCUMENT = "a key of a document"
    CODE = "a name in code"


LONGEST_WORDS = 200
LEAST_IN_CODE = 6
LAST_LATIN = 0x24F
MOST_DIGITS = 4
LEAST_OF_WORDS = 3.5  # letters that the words of an identifier have on average
# Letters with at most two digits behind, several with separators between: `access-token`, `auth/v2`, `Passwort:`
WORDY = re.compile(r"[\W_]*[^\W\d_]++\d{0,2}(?:[-_./:\\ ,|@#$+*'&]++[^\W\d_]++\d{0,2})*+[\W_]*")
# A word with digits behind may well be a password: `hunter2`, `Summer-2019!`
LONE = re.compile(r"([A-Za-z]{4,30})[-_.]?[0-9]{1,4}[.!?*#]?")
# So may several words, the last with digits behind: `otter-berlin-winter42`
PHRASE = re.compile(r"[A-Za-z]{3,14}(?:[-_.][A-Za-z]{3,14}){2,6}[0-9]{1,4}")
MIXED = re.compile(r"[A-Za-z]{12,64}")  # letters drawn at random are large and small without an order
PADDED = re.compile(r"(?:base64:)?[A-Za-z0-9+/]{22,}={1,2}")
VERSION = re.compile(r"[vV]?[0-9]{1,6}(?:[.:/_-][0-9A-Za-z]{1,12}){1,8}")
MAIL = re.compile(r"[\w.+-]{1,80}@[\w-]{1,80}(?:\.[\w-]{1,40}){1,6}")
# What a template or a program puts in another's place, mark-up, and the signs of a regular expression
GAP_IN_IT = re.compile(
    r"\$\{|\$\(|\$\[|#\{|\{\{|\{%|<%|%\(|%[sdv]\b|\{[\w.:!-]{0,60}\}|"
    r"</?[A-Za-z][\w -]{0,60}>|<[a-z-]{1,40}\s|\[\^|\(\?|\\[wdsSbB]"
)
# What a regular expression or a table of signs is made of
SIGNS = re.compile(
    r"\[[\w-]{1,40}[~|^$*]?=|\w-\w[^\]]{0,40}\]|\{\d{1,4},?\d{0,4}\}|0123456789|abcdefgh|ABCDEFGH|\]\[|\)\?|\.\*"
)
PIECES = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
OF_NAMES = re.compile(r"[\w.$<>\[\]:/ -]{1,200}")
CALLED = re.compile(r"[A-Za-z_$][\w.$:>-]{0,120}\(.{0,400}\)?;?", re.DOTALL)
MEMBER = re.compile(r"[A-Za-z_$][\w$]{0,60}(?:(?:\.|->|::)[A-Za-z_$][\w$]{0,60}){1,12}(?:\[[^\]]{0,60}\])?")
VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
SETTINGS = re.compile(r"=[^;]{1,400};", re.DOTALL)
NAME_OF_ONE = re.compile(r"[a-z][a-z0-9]{0,30}(?:-[a-z][a-z0-9]{0,30}){1,5}")  # as Kubernetes has names
HYPHENS = str.maketrans("-'\u2019", "   ")  # of `palavra-passe` and `aujourd'hui`
PRESENTS = re.compile(r"(?i)(?:bearer|basic|token|apikey|bot)\s+[^\s{}<>$]{12,}")
# Words of which `oauth2` and `field1` are made; with digits behind they are still no password.
TECHNICAL = frozenset(
    (
        *("oauth", "base", "base64", "sha", "utf", "http", "https", "ipv", "version", "test", "user", "admin", "name"),
        *("field", "type", "param", "arg", "option", "value", "string", "text", "number", "item", "step", "page"),
        *("example", "sample", "dummy", "fake", "mock", "foo", "bar", "column", "group", "level", "label", "node"),
        *("server", "client", "service", "python", "java", "node", "file", "input", "output", "index", "host", "data"),
        *("argon", "bcrypt", "scrypt", "pbkdf", "blake", "digest", "secp", "prime", "curve", "xchacha", "chacha"),
    )
)


def is_variable(name: str) -> bool:
    """Whether a name is spelled as variables of the environment are."""
    return VARIABLE.fullmatch(name) is not None


def plausible(name: str, value: str, manner: Manner) -> bool:
    """Whether the value could be a secret, going by how it was written; what it is, is judged later."""
    if manner is Manner.VARIABLE:
        return not _is_gap(value)
    if manner is Manner.DOCUMENT:
        if not _is_said(name, value):
            return True
        return _is_curated(name) and " " not in value and not _is_gap(value) and not _is_its_name(name, value)
    return len(value) >= LEAST_IN_CODE and not _is_said(name, value) and not _is_code(value)


def _is_said(name: str, value: str) -> bool:
    """Whether a value only says something: a word, an identifier, a sentence, an address of mail, a version."""
    if _is_gap(value) or _is_of_another_script(value):
        return True
    if any(sign.isspace() for sign in value):
        return _is_prose(value)
    if _says_password(name):
        lone = LONE.fullmatch(value)
        if lone is not None:
            return _is_of_words(lone[1].casefold(), name)
        if PHRASE.fullmatch(value) is not None:
            return any(_is_of_words(word.casefold(), name) for word in re.findall(r"[A-Za-z]+", value))
    if MIXED.fullmatch(value) is not None and _is_mixed(value):
        return False
    if _is_identifier(value):
        return True
    return len(value) <= LONGEST_WORDS and any(each.fullmatch(value) for each in (WORDY, VERSION, MAIL))


def _is_its_name(name: str, value: str) -> bool:
    """Whether a value names a secret that a manifest refers to: `secretKey: db-password`."""
    last = value.rpartition("-")[2].upper()
    return (
        name.endswith("Key")
        and NAME_OF_ONE.fullmatch(value) is not None
        and (last == "KEY" or last in words_of("says_password") or last in words_of("says_secret"))
    )


def _is_of_another_script(value: str) -> bool:
    """Whether a text is written in a script of its own, Arabic or Thai: a text for people, a translation."""
    return not value.isascii() and 3 * sum(1 for sign in value if ord(sign) > LAST_LATIN) > len(value)


def _is_gap(value: str) -> bool:
    return GAP_IN_IT.search(value[:LONGEST_WORDS]) is not None


def _is_prose(value: str) -> bool:
    """Whether a text of several words is prose; a presented token, a key or a connection string is none."""
    if "-----BEGIN" in value or PRESENTS.match(value) or SETTINGS.search(value[:2000]):
        return False
    words = value[:2000].translate(HYPHENS).split()
    plain = sum(1 for word in words if word.strip(".,:;!?'\"()*").isalpha())
    return plain * 2 >= len(words)


def _is_code(value: str) -> bool:
    """Whether a literal is a piece of a program: a call, a member, another variable's name, a selector."""
    if value[0] in "#.&?*/+" or value.strip()[0] in "+.," or value[-1] == "+" or value[-1] == " ":
        return True
    if value[-1] == "=" and PADDED.fullmatch(value) is None:
        return True
    if SIGNS.search(value[:LONGEST_WORDS]) is not None:
        return True
    return any(each.fullmatch(value[:600]) for each in (CALLED, MEMBER, VARIABLE))


def _is_identifier(value: str) -> bool:
    """Whether a text is made of words that are long enough to be words, and hardly of digits: `V1SecretEnvSource`."""
    if OF_NAMES.fullmatch(value) is None:
        return False
    pieces = PIECES.findall(value)
    words = [piece for piece in pieces if not piece.isdigit()]
    digits = sum(len(piece) for piece in pieces if piece.isdigit())
    return digits <= MOST_DIGITS and bool(words) and sum(map(len, words)) >= LEAST_OF_WORDS * len(words)


def _is_mixed(value: str) -> bool:
    """Whether letters are large and small as no words are: `zfBwcZseqWmFFGVQ`."""
    pieces = PIECES.findall(value)
    return value != value.lower() and value != value.upper() and len(value) < 2.5 * len(pieces)


def _is_of_words(stem: str, name: str) -> bool:
    """Whether what stands before the digits is a technical word, or one of the variable's own."""
    return stem in TECHNICAL or stem in words_of("fillers") or stem.upper() in spelled(name).split("_")


@lru_cache(maxsize=1024)
def _says_password(name: str) -> bool:
    return spelled(name).rstrip("_0123456789").endswith(tuple(words_of("says_password")))


@lru_cache(maxsize=1024)
def _is_curated(name: str) -> bool:
    return row_of(spelled(name)) is not None
