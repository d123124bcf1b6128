"""What an asset is for: judged from the user's own rules first, then from structure and names."""

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cache

from msgspec import Struct

from scanner.config import Config
from scanner.data import files
from scanner.data.weights import weights
from scanner.errors import DataError
from scanner.model import Asset, Environment, Hint
from scanner.patterns import Pattern

WORD = Pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
HOSTED = Pattern(r"(?P<labels>(?:[A-Za-z0-9-]{1,63}\.){1,10})(?P<domain>[A-Za-z]{2,10})(?=$|[:/])")
OPAQUE = Pattern(  # ids and digests, whose letters mean nothing
    r"SHA256:\S+|\b[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b|\b(?=[A-Za-z]*[0-9])[A-Za-z0-9]{16,}\b"
)


class Judged(Struct, frozen=True):
    """An environment and the rule that said so."""

    environment: Environment
    rule: str


UNDECIDED = Judged(Environment.UNKNOWN, "no name of it tells")


class Rules(Struct, frozen=True):
    """The shipped rules: source ranks, words, structural globs and kinds."""

    version: str
    ranks: dict[str, int]
    words: dict[str, Environment]
    domains: frozenset[str]
    hosts: frozenset[str]
    neutral: tuple[str, ...]
    structure: tuple[tuple[str, Environment], ...]
    kinds: dict[str, Environment]


@cache
def rules() -> Rules:
    """The rules of `environments.toml`. Raises DataError where it is faulty."""
    told = files.table("environments.toml")
    try:
        return Rules(
            version=str(told["version"]),
            ranks={source: rank for rank, group in enumerate(told["sources"]) for source in group},
            words={word: Environment(name) for name, words in told["words"].items() for word in words},
            domains=frozenset(told["domains"]),
            hosts=frozenset(told["hosts"]),
            neutral=tuple(told["neutral"]),
            structure=tuple((glob, Environment(name)) for name, globs in told["structure"].items() for glob in globs),
            kinds={kind: Environment(name) for name, kinds in told["kinds"].items() for kind in kinds},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"environments.toml: {error}") from error


def judge(asset: Asset, hints: Iterable[Hint], config: Config) -> Judged:
    """The environment of an asset from all hints that were seen for it; the order of hints does not matter."""
    named = f"{asset.kind}:{asset.name}"
    hints = sorted(
        {*hints, Hint("host" if asset.kind in rules().hosts else "name", asset.name)},
        key=lambda hint: (hint.what, hint.text),
    )
    return _told(named, hints, config) or _structural(asset, hints) or _worded(hints) or UNDECIDED


def is_crown_jewel(asset: Asset, config: Config) -> bool:
    """Whether the user named it as one."""
    return any(fnmatchcase(f"{asset.kind}:{asset.name}", pattern) for pattern in config.crown_jewels)


def _told(named: str, hints: list[Hint], config: Config) -> Judged | None:
    for pattern, environment in config.labels.items():
        if named == pattern or fnmatchcase(named, pattern):
            return Judged(environment, f"your label for {pattern}")
    for pattern in config.crown_jewels:
        if fnmatchcase(named, pattern):
            return Judged(Environment.PRODUCTION, f"your crown jewel {pattern}")
    for rule in config.environment_rules:
        if any(fnmatchcase(text, rule.match) for text in [named, *(hint.text for hint in hints)]):
            return Judged(rule.environment, f"your rule for {rule.match}")
    return None


def _structural(asset: Asset, hints: list[Hint]) -> Judged | None:
    by_kind = rules().kinds.get(asset.kind)
    if by_kind is not None:
        return Judged(by_kind, f"every {asset.kind} is one")
    strong = [hint for hint in hints if _rank(hint) <= _rank(Hint("host", ""))]
    for hint in strong:
        name = hint.text.casefold().partition("/")[0]
        for glob, environment in rules().structure:
            if fnmatchcase(name, glob):
                return Judged(environment, f"the {hint.what} {hint.text} is local")
    return None


def _worded(hints: list[Hint]) -> Judged | None:
    """The strongest source with a known word decides; within it, the most serious environment."""
    serious = weights().environment
    best: tuple[int, float, Judged] | None = None
    for hint in hints:
        for word in words_of(_without_domain(hint)):
            environment = rules().words.get(word)
            if environment is not None:
                judged = Judged(environment, f'the {hint.what} "{hint.text}" has the word "{word}"')
                found = (-_rank(hint), serious[environment], judged)
                best = max(best, found, key=lambda each: each[:2]) if best is not None else found
    return best[2] if best is not None else None


def _without_domain(hint: Hint) -> str:
    """The text of a hint; of the name of a host what stands before its top-level domain."""
    match = HOSTED.match(hint.text)
    if match is None or match["domain"].casefold() not in rules().domains:
        return hint.text
    # Two labels may be a database and its stage, unless the hint says that it is a host.
    return hint.text[: match.start("domain")] if hint.what == "host" or match["labels"].count(".") > 1 else hint.text


def words_of(name: str) -> Iterator[str]:
    """The words of a name, lower case; a pair that is a word of its own ("pre-prod") stands for both."""
    for told in rules().neutral:
        name = name.replace(told, " ")
    parts = [match.group().casefold() for match in WORD.finditer(OPAQUE.sub(" ", name))]
    known = rules().words
    skip = False
    for index, part in enumerate(parts):
        pair = f"{part}-{parts[index + 1]}" if index + 1 < len(parts) else ""
        if skip:
            skip = False
        elif pair in known:
            skip = True
            yield pair
        else:
            yield part


def _rank(hint: Hint) -> int:
    ranks = rules().ranks
    return ranks.get(hint.what, max(ranks.values()))
