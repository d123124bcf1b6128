"""What the sub-command of an allowed command opens: `verbs.toml`."""

from collections.abc import Iterable, Mapping
from functools import cache

from scanner.data import files
from scanner.errors import DataError
from scanner.model.terms import Capability


@cache
def verbs() -> Mapping[str, frozenset[Capability]]:
    """The classes by word. Raises DataError where a word stands twice or a group opens nothing."""
    told = files.table("verbs.toml")
    found: dict[str, frozenset[Capability]] = {}
    try:
        for group, words in told["verbs"].items():
            classes = frozenset(Capability(name) for name in told["opens"][group])
            for word in words:
                if found.setdefault(word, classes) != classes:
                    raise ValueError(f"{word} stands twice")
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"verbs.toml: {error}") from error
    return found


def opened_by(words: Iterable[str]) -> frozenset[Capability] | None:
    """The classes that a sub-command opens, by the first of its words that is known; None for all of them."""
    return next((verbs()[word] for word in words if word in verbs()), None)
