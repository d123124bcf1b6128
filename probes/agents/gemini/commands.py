"""What rules say of command lines, made patterns: Gemini CLI looks at the text of a call, as a regular expression.

It takes a command line apart first, and asks about each of the commands in it, so that nothing follows an open one.
"""

import re
from itertools import product

from msgspec import Struct

from probes.agents.gemini.engine import Decision, Told
from probes.agents.shown import holds_secret
from scanner.model import Command, Pattern

TEXT_LIMIT = 2_048  # of a regular expression; the vendor takes no longer one
CHOICES = 60
COMMAND = re.compile(r'(?:\\\\?x00|\\\\?0|\\\\0)?"command":(?:\\s\*)?"')
SPECIAL = frozenset("\\^$.|?*+()[]{}")
CHOICE = re.compile(r"\((?:\?:)?([^()\[\]{}^$.?*+\\]{0,400})\)(?![?*+{])")
ALL = Command("*")


class Texts(Struct, frozen=True):
    """How the command lines begin that a regular expression finds; `whole`: it wants nothing more of them.

    `never`: it finds none at all.
    """

    heads: tuple[str, ...] = ("",)
    whole: bool = True
    never: bool = False


def commands(told: Told) -> tuple[Pattern, ...]:
    """The command lines that a limited rule is about: of one that allows at least these, of another at most."""
    wide = told.decision is Decision.ALLOW
    if told.unsure:
        return (ALL,) if wide else ()
    if told.prefix is not None:
        return _begins(told.prefix, wide=wide)
    found = told.command if told.command is not None else _of_command(told.arguments or "")
    if found is None:  # the model words the other arguments as it likes
        return (ALL,) if wide else ()
    texts = read(found)
    if texts.never or not (wide or texts.whole):
        return ()
    return tuple(_shown(Command(f"{head}*")) if wide else Command(f"{head}*") for head in texts.heads)


def _begins(prefix: str, *, wide: bool) -> tuple[Pattern, ...]:
    if not wide and ("*" in prefix or holds_secret(prefix)):
        return ()  # a star is one for Gemini CLI, and would stand for more in a pattern
    pattern = Command(prefix, open=True)
    return (_shown(pattern) if wide else pattern,)


def _shown(pattern: Command) -> Command:
    """An allowance that holds a secret, wider than it is."""
    if not holds_secret(pattern.text):
        return pattern
    word = pattern.text.split(maxsplit=1)[0]
    return ALL if holds_secret(word) else Command(word, open=True)


def _of_command(arguments: str) -> str | None:
    """What a regular expression for all arguments says of the command, None where it speaks of others too."""
    match = COMMAND.match(arguments)
    return arguments[match.end() :] if match is not None and not _divided(arguments) else None


def read(text: str) -> Texts:
    """The beginnings that a regular expression finds: exact while it is made of letters and simple choices."""
    if len(text) > TEXT_LIMIT or _divided(text):
        return Texts(whole=False)
    heads: tuple[str, ...] = ("",)
    at = 0
    while at < len(text) and text[at:] != ".*":  # nothing has to stand at the end
        match = CHOICE.match(text, at)
        if match is not None:
            heads = tuple(head + choice for head, choice in product(heads, match[1].split("|")))
            at = match.end()
        elif (literal := _literal(text, at)) is not None:
            char, at = literal
            heads = tuple(head + char for head in heads)
        else:
            return Texts(heads, whole=False, never=text[at] == "^" or text[at:] == "$")
        if len(heads) > CHOICES:
            return Texts(whole=False)
    return Texts(heads)


def _literal(text: str, at: int) -> tuple[str, int] | None:
    """The character that stands here for itself, and the place behind it; none where it may be missing or repeated."""
    end = at + 1
    if text[at] == "\\":
        end = at + 2
        if end > len(text) or text[at + 1].isalnum():
            return None
    elif text[at] in SPECIAL:
        return None
    return None if text[end : end + 1] and text[end] in "?*+{" else (text[end - 1], end)


def _divided(text: str) -> bool:
    """Whether a choice stands outside of all brackets: its other half is looked for anywhere."""
    deep = at = 0
    listed = False
    while at < len(text):
        sign = text[at]
        if sign == "\\":
            at += 1
        elif listed:
            listed = sign != "]"
        elif sign == "[":
            listed = True
        elif sign in "()":
            deep += 1 if sign == "(" else -1
        elif sign == "|" and deep <= 0:
            return True
        at += 1
    return False
