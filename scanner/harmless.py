"""Values that look like secrets and are none: documented examples, made-up sequences, logins that servers come with."""

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from operator import eq

from scanner.data import files
from scanner.errors import DataError
from scanner.patterns import Pattern

DOCUMENTED_LIMIT = 4096  # characters: no documented token is longer
LEAST = 12  # signs: what is shorter and counts may be somebody's password
LONGEST = 200
LEAST_IN_RUN = 4
LEAST_REPEATING = 16
LONGEST_PERIOD = 8
SEPARATORS = str.maketrans("", "", "-_ .:/")
HEX = Pattern(r"[0-9a-f]+")
HEX_WORDS = Pattern(r"(?:dead|beef|cafe|babe|face|feed|f00d|c0de|c0ffee|baad|d00d)+")
TAIL = Pattern(r"[^-_.:/]+$")
DIGITS, LETTERS = "01234567890", "abcdefghijklmnopqrstuvwxyz"
NEXT = str.maketrans(DIGITS[:-1] + LETTERS, DIGITS[1:] + LETTERS[1:] + "a")
STEPS = frozenset((*map("".join, pairwise(DIGITS + LETTERS)), *("9a", "f0", "fa", "z0", "za")))
LOOPBACK = Pattern(r"127(?:\.[0-9]{1,3}){3}")
WORD_END = Pattern(r"[-_0-9]+")
NAME_WORD = Pattern(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def is_documented(value: str) -> bool:
    """Whether a documentation holds this very value, or every copy of an emulator does."""
    if len(value) > DOCUMENTED_LIMIT:
        return False
    from hashlib import sha256

    return sha256(value.strip().encode("utf-8", "surrogatepass")).hexdigest() in _digests()


def is_made_up(value: str) -> bool:
    """Whether somebody typed signs in their order, or a few again and again: `1234567890abcdef`, `deadbeefdeadbeef`."""
    if not LEAST <= len(value) <= LONGEST:
        return False
    folded = value.casefold()
    signs = folded.translate(SEPARATORS)
    if len(signs) < LEAST:
        return False
    if len(set(signs)) == 1 or _repeats(signs):
        return True
    tail = TAIL.search(folded)
    return _counts(signs) or (tail is not None and len(tail[0]) >= LEAST and (_counts(tail[0]) or _repeats(tail[0])))


def _repeats(signs: str) -> bool:
    """Whether a few hexadecimal digits come again and again; of other signs it could be a word."""
    if len(signs) < LEAST_REPEATING or HEX.fullmatch(signs) is None:
        return False
    again = any(signs[period:] == signs[:-period] for period in range(1, LONGEST_PERIOD + 1))
    return again or HEX_WORDS.fullmatch(signs) is not None


def _counts(signs: str) -> bool:
    """Whether three of four signs stand in runs upwards or downwards, or each second does: `a1b2c3d4e5f6`."""
    if _is_run(signs) or _is_run(signs[::-1]):
        return True
    return _is_run(signs[::2]) and _is_run(signs[1::2])


def _is_run(signs: str) -> bool:
    steps = sum(map(eq, signs.translate(NEXT), signs[1:]))
    if 2 * steps < len(signs):  # nearly every text, told without a look at each sign
        return False
    return 4 * sum(length for length in _runs(signs) if length >= LEAST_IN_RUN) >= 3 * len(signs)


def _runs(signs: str) -> Iterator[int]:
    """The lengths of the runs in which each sign follows the one before it."""
    length = 1
    for first, then in pairwise(signs):
        if first + then in STEPS:
            length += 1
        else:
            yield length
            length = 1
    yield length


def is_default_login(kind: str, user: str, password: str, host: str) -> bool:
    """Whether a server of that kind comes with this login, and stands where only this machine or its network gets."""
    return user == password and is_default(kind, password) and is_near(host)


def is_default(kind: str, password: str) -> bool:
    """Whether servers of that kind come with this password."""
    defaults = _defaults()
    return password in defaults["of_any"] or password in defaults.get(kind, ())


def is_near(host: str) -> bool:
    """Whether a host is this machine, or bears the name of a service in a network of containers."""
    hosts, words = _near()
    if host in hosts or host.endswith(".localhost") or LOOPBACK.fullmatch(host) is not None:
        return True
    named = {word for word in WORD_END.split(host) if word}
    return bool(named) and named <= words


def is_of_production(text: str) -> bool:
    """Whether a word of a name says production."""
    return any(word.casefold() in _production() for word in NAME_WORD.findall(text))


@cache
def _digests() -> frozenset[str]:
    try:
        return frozenset(digest for row in files.table("harmless.toml")["documented"] for digest in row["digests"])
    except (KeyError, TypeError) as error:
        raise DataError(f"harmless.toml: {error}") from error


@cache
def _defaults() -> Mapping[str, frozenset[str]]:
    try:
        return {kind: frozenset(words) for kind, words in files.table("harmless.toml")["defaults"].items()}
    except (KeyError, TypeError) as error:
        raise DataError(f"harmless.toml: {error}") from error


@cache
def _near() -> tuple[frozenset[str], frozenset[str]]:
    try:
        near = files.table("harmless.toml")["near"]
        return frozenset(near["hosts"]), frozenset(near["words"])
    except (KeyError, TypeError) as error:
        raise DataError(f"harmless.toml: {error}") from error


@cache
def _production() -> frozenset[str]:
    try:
        return frozenset(files.table("environments.toml")["words"]["production"])
    except (KeyError, TypeError) as error:
        raise DataError(f"environments.toml: {error}") from error
