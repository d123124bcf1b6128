"""What the sub-command of an allowed command opens: `verbs.toml`."""

from collections.abc import Mapping, Sequence
from functools import cache

from msgspec import Struct

from scanner.data import files
from scanner.errors import DataError
from scanner.model.terms import Capability

READING = frozenset({"DISCOVER", "DATA_READ"})

Opens = Mapping[str, frozenset[Capability]]


class Verbs(Struct, frozen=True):
    """The whole table.

    `words` tells the kind of each, `opens` the classes by kind, `of_forges` those that differ with the programs in
    `forges`, `local` the words of a program that open nothing. A word in `groups` may stand for a group of
    sub-commands too.
    """

    words: Mapping[str, str]
    opens: Opens
    groups: frozenset[str]
    forges: frozenset[str]
    of_forges: Opens
    local: Mapping[str, frozenset[str]]

    def kind(self, word: str) -> str | None:
        """The kind of a word; of one that goes on with a hyphen ("describe-instances") only where it begins to read."""
        known = self.words.get(word) or self.words.get(word.partition("-")[0])
        return known if known in READING or word in self.words else None

    def classes(self, program: str, kind: str) -> frozenset[Capability]:
        """What words of a kind open with a program."""
        return self.of_forges.get(kind, self.opens[kind]) if program in self.forges else self.opens[kind]


@cache
def verbs() -> Verbs:
    """The table. Raises DataError where a word stands twice or a kind opens nothing."""
    told = files.table("verbs.toml")
    words: dict[str, str] = {}
    try:
        for kind, each in told["verbs"].items():
            for word in each:
                if words.setdefault(word, kind) != kind:
                    raise ValueError(f"{word} stands twice")
        forges = dict(told["forges"])
        programs = frozenset(forges.pop("programs"))
        opens = {kind: _classes(told["opens"][kind]) for kind in told["verbs"]}
        of_forges = {kind: _classes(names) for kind, names in forges.items()}
        local = {program: frozenset(map(str, each)) for program, each in told["local"].items()}
        return Verbs(words, opens, frozenset(told["groups"]), programs, of_forges, local)
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"verbs.toml: {error}") from error


def _classes(names: Sequence[str]) -> frozenset[Capability]:
    return frozenset(Capability(name) for name in names)


def opened_by(program: str, words: Sequence[str]) -> frozenset[Capability] | None:
    """The classes that a sub-command opens, by the first of its words that is known; None for all of them."""
    table = verbs()
    for place, word in enumerate(words):
        if word in table.local.get(program, ()):
            return frozenset()
        kind = table.kind(word)
        if kind is not None:
            behind = next(map(table.kind, words[place + 1 :]), None) if word in table.groups else None
            return table.classes(program, behind if behind in READING else kind)
    return None
