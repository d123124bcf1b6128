"""Whether the conditions of an `includeIf` hold for one repository."""

import re
from collections.abc import Iterable
from pathlib import PurePath

from msgspec import Struct

from probes.git.chains import Condition, Setting
from probes.git.patterns import matches

ADDRESS_LIMIT = 100  # of remotes, that a condition is tried on
HAS_CONFIG = "hasconfig:remote.*.url:"
SPECIAL = re.compile(r"([*?\[\\])")
ABSOLUTE = re.compile(r"/|[A-Za-z]:[/\\]")


class Context(Struct, frozen=True):
    """What conditions are tested against: the repository's own folder, its branch, and the addresses of its remotes."""

    home: PurePath
    folder: PurePath | None = None
    branch: str = ""
    remotes: tuple[str, ...] = ()


def holding(settings: Iterable[Setting], context: Context) -> list[Setting]:
    """The settings whose conditions hold."""
    told: dict[Condition, bool] = {}

    def met(condition: Condition) -> bool:
        if condition not in told:
            told[condition] = holds(condition, context)
        return told[condition]

    return [setting for setting in settings if all(map(met, setting.conditions))]


def with_remotes(settings: Iterable[Setting], context: Context) -> Context:
    """The context with the addresses that the settings give to remotes; an include that asks for them gives none."""
    told = (each for each in settings if not any(known.text.startswith("hasconfig:") for known in each.conditions))
    urls = tuple(each.value for each in holding(told, context) if each.key == "remote.url")
    return Context(context.home, context.folder, context.branch, urls[:ADDRESS_LIMIT])


def holds(condition: Condition, context: Context) -> bool:
    """Whether one condition holds; one of a kind that git does not know never does."""
    kind, _, pattern = condition.text.partition(":")
    match kind:
        case "gitdir" | "gitdir/i":
            return context.folder is not None and matches(
                _folder_pattern(pattern, condition, context), context.folder.as_posix(), fold=kind.endswith("/i")
            )
        case "onbranch":
            return bool(context.branch) and matches(_below(pattern), context.branch)
        case "hasconfig" if condition.text.startswith(HAS_CONFIG):
            wanted = condition.text.removeprefix(HAS_CONFIG)
            return any(matches(wanted, url) for url in context.remotes)
        case _:
            return False


def _folder_pattern(pattern: str, condition: Condition, context: Context) -> str:
    if pattern.startswith("~/"):
        pattern = _literal(context.home) + pattern[1:]
    elif pattern.startswith("./") and condition.beside is not None:
        pattern = _literal(condition.beside) + pattern[1:]
    elif not ABSOLUTE.match(pattern):
        pattern = f"**/{pattern}"
    return _below(pattern)


def _literal(path: PurePath) -> str:
    return SPECIAL.sub(r"\\\1", path.as_posix())


def _below(pattern: str) -> str:
    """A pattern that ends with a slash means all below it."""
    return f"{pattern}**" if pattern.endswith("/") else pattern
