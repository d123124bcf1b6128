"""Rules of agents as they may be shown: a rule is a command line or a path, and people leave passwords in both."""

import re

from probes.agents.mcp.hiding import is_telling
from probes.agents.mcp.words import Word, arguments, split
from scanner.secrets import Told, judge, tellings
from scanner.text import printable

SHOWN = 120
CALL = re.compile(r"^[\w.-]{1,60}\(")  # the tool that a rule is about: its first word would hide a variable
LEADING = ("=", "@", "://", " -", "earer ", "asic ", "pass", "token", "secret")  # without these no name tells a secret


def holds_secret(text: str) -> bool:
    """Whether a text could be a secret, or hold one: by its shape, or as the value of an option or a variable."""
    if is_telling(text):
        return True
    folded = text.casefold()
    if not any(sign in folded for sign in LEADING):
        return False
    named = arguments(split(Word(CALL.sub("", text), "", 0))).named
    return any(isinstance(judge(each.name, each.value), Told) for each in named) or isinstance(
        tellings("", text), tuple
    )


def shown(text: str) -> str | None:
    """The text as a report may show it, None where it may not; a long one is left out too."""
    return None if len(text) > SHOWN or holds_secret(text) else printable(text)
