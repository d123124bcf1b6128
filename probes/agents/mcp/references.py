"""What a client fills in by itself: variables, inputs that it asks for, files; none of it is the value."""

import re
from functools import cache

from msgspec import Struct

from probes.agents.mcp.hiding import HIDDEN, variable_name


class Filled(Struct, frozen=True):
    """A text without its references: what is written out, the variables named, whether any has a default."""

    rest: str
    variables: tuple[str, ...] = ()
    any: bool = False
    defaults: bool = False


@cache
def compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """The expressions of these patterns."""
    return tuple(re.compile(pattern) for pattern in patterns)


def filled(text: str, patterns: tuple[str, ...]) -> Filled:
    """The text with every reference taken out, and its default put in its place."""
    names: list[str] = []
    rest, count, defaults = text, 0, False
    for pattern in compiled(patterns):
        matches = [match.groupdict() for match in pattern.finditer(rest)]
        names.extend(variable_name(each.get("variable") or "") for each in matches)
        defaults = defaults or any(each.get("default") for each in matches)
        rest, made = pattern.subn(lambda match: match.groupdict().get("default") or "", rest)
        count += made
    return Filled(rest, tuple(dict.fromkeys(filter(None, names))), count > 0, defaults)


def named(text: str, patterns: tuple[str, ...]) -> str:
    """The text with every variable and folder by its name alone, and a star for any other reference."""
    for pattern in compiled(patterns):
        text = pattern.sub(_name, text)
    return text


def _name(match: re.Match[str]) -> str:
    groups = match.groupdict()
    if groups.get("folder"):
        return match[0]
    name = variable_name(groups.get("variable") or "")
    return f"${name}" if name else HIDDEN


def starred(text: str, patterns: tuple[str, ...]) -> str:
    """The text with a star for every reference."""
    for pattern in compiled(patterns):
        text = pattern.sub(HIDDEN, text)
    return text
