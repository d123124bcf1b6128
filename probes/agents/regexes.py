r"""Regular expressions over command lines as patterns, where they are plain enough: text, any text, and choices.

What no pattern says is taken wider and told as not exact, so that an allow rule never looks narrower than it is; a
deny rule that is not exact denies nothing for sure. The ends of a word are taken for those of an argument: `git-x` is
left out of `^git\b`. Nothing here runs an expression.
"""

import re
from collections.abc import Iterator
from itertools import product

from msgspec import Struct

from scanner.model import Command

LONG = 1000  # of one expression
CHOICES = 64
DEPTH = 8
ANY, WORD = "*", "\1"  # any text, and text that cannot lead on to another command
END, FIRST, LAST = "\0", "\2", "\3"  # the end of a word, and where the line begins and ends
SET = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")
KIND = re.compile(r"\?(?:P?<\w{1,60}>|(?P<flags>[a-z]{0,8}(?:-[a-z]{1,8})?):)|(?!\?)")  # what a bracket begins with
LOOKING = ("(?=", "(?!", "(?<=", "(?<!")
COUNTED = re.compile(r"\{[0-9,]{1,9}\}")
PLAIN = frozenset(" /-_=:,@%~#\"'!<>&;")


class Translated(Struct, frozen=True):
    """Patterns that together mean what the expression means; more than it where they are not exact."""

    patterns: tuple[Command, ...]
    exact: bool = True


class _Unknown(ValueError):
    """An expression with a part that no pattern stands for."""


class _Part(Struct, frozen=True):
    """What a part of an expression may stand for, and whether that is all it says."""

    texts: tuple[str, ...]
    exact: bool = True


DOT = _Part((ANY,), exact=False)  # one sign, whichever: not exact by itself, and any text where it is repeated


def commands(expression: str, *, whole: bool, fold: bool = False, chained: bool = False) -> Translated | None:
    """What an expression means for command lines; None where that cannot be told.

    `whole`: its ends are bound to those of the line, as `^...$` written around it does: of several choices at the
    top that binds only the first one's beginning and the last one's end. `fold`: it ignores case. `chained`: as in
    `Command`, of what lets more follow.
    """
    if len(expression) > LONG:
        return None
    try:
        choices = [*_choices(expression)]
        found = [
            _line(text, start=whole and at == 0, end=whole and at == len(choices) - 1)
            for at, text in enumerate(choices)
        ]
    except _Unknown:
        return None
    spoken = [text for part in found for text in part.texts]
    texts = [_settled(text) for text in spoken]
    folded = [text.lower() for text in texts] if fold else []
    told = dict.fromkeys(re.sub(r"[*\1]*\*[*\1]*", ANY, text) for text in [*texts, *folded])
    if len(told) > CHOICES or not told:
        return None
    patterns = tuple(_command(text, chained) for text in told)
    return Translated(patterns, all(part.exact for part in found) and texts == spoken)


def _settled(text: str) -> str:
    """A text without those ends of words that an expression asks for where none can be."""
    begun, *others = text.split(END)
    for after in others:
        is_end = _is_of_word(begun[-1:]) and not _is_of_word(after[:1])
        begun = f"{begun}{END if is_end else ''}{after}"
    return begun


def _is_of_word(sign: str) -> bool:
    return sign.isalnum() or sign == "_"


def _command(text: str, chained: bool) -> Command:
    """A line whose last word goes on with others is an open one."""
    leads_on = chained and ANY in text
    if text.endswith(END + ANY):
        return Command(text[:-2].replace(END, "").replace(WORD, ANY), open=True, chained=leads_on)
    return Command(text.replace(END, "").replace(WORD, ANY), chained=leads_on)


def _choices(expression: str) -> Iterator[str]:
    """The expression at its top-level bars."""
    depth, begin, at = 0, 0, 0
    while at < len(expression):
        sign = expression[at]
        if sign == "\\":
            at += 1
        elif sign == "[":
            match = SET.match(expression, at)
            at = match.end() - 1 if match is not None else at
        elif sign in "()":
            depth += 1 if sign == "(" else -1
        elif sign == "|" and depth == 0:
            yield expression[begin:at]
            begin = at + 1
        at += 1
    yield expression[begin:]


def _line(text: str, *, start: bool, end: bool) -> _Part:
    """One choice with its ends; what repeats the `^` that is written before it makes that one count for nothing."""
    if start and text[:1] in ("*", "?", "+"):
        start, text = text[0] == "+", text[1:]
    for sign in ("^", "\\A"):
        if text.startswith(sign):
            start, text = True, text.removeprefix(sign)
    for sign in ("$", "\\z", "\\Z"):
        if text.endswith(sign) and not _is_escaped(text, len(text) - len(sign)):
            end, text = True, text.removesuffix(sign)
    boundary = text.startswith("\\b")
    part = _sequence(text.removeprefix("\\b"), 0)
    begun = not boundary or all(_is_of_word(each[:1]) for each in part.texts)
    heads = ("",) if start else ("", "* ", "*/") if boundary and begun else (ANY,)
    texts = (f"{head}{each}{'' if end else ANY}" for head, each in product(heads, part.texts))
    found = (_between(text) for text in texts)
    return _Part(tuple(text for text in found if text is not None), part.exact and begun)


def _between(text: str) -> str | None:
    """A text between the ends of the line that it holds, None where no line has anything before or behind them."""
    before, begins, text = text.rpartition(FIRST)
    text, ends, after = text.partition(LAST)
    outside = f"{before if begins else ''}{after if ends else ''}"
    if END in outside or LAST in before:
        raise _Unknown
    return None if outside.strip(ANY + WORD + FIRST + LAST) else text


def _is_escaped(text: str, at: int) -> bool:
    before = len(text[:at]) - len(text[:at].rstrip("\\"))
    return before % 2 == 1


def _sequence(text: str, depth: int) -> _Part:
    """All texts that a sequence of parts may stand for."""
    if depth > DEPTH:
        raise _Unknown
    texts: tuple[str, ...] = ("",)
    at, exact = 0, True
    while at < len(text):
        part, at = _part(text, at, depth)
        part, at = _repeated(part, text, at)
        texts = tuple(dict.fromkeys(before + after for before in texts for after in part.texts))
        exact = exact and part.exact
        if len(texts) > CHOICES:
            raise _Unknown
    return _Part(texts, exact)


def _part(text: str, at: int, depth: int) -> tuple[_Part, int]:
    sign = text[at]
    if sign == "\\":
        return _escaped(text[at + 1 : at + 2]), at + 2
    if sign == ".":
        return DOT, at + 1
    if sign == "[":
        match = SET.match(text, at)
        if match is None:
            raise _Unknown
        return _Part((WORD if _is_tame(match[0]) else ANY,), exact=False), match.end()
    if sign == "(":
        return _group(text, at, depth)
    if sign in "^$":
        return _Part((FIRST if sign == "^" else LAST,)), at + 1
    if sign.isalnum() or sign in PLAIN:
        return _Part((sign,)), at + 1
    raise _Unknown  # a star to be taken as such, what counts for nothing


def _escaped(sign: str) -> _Part:
    match sign:
        case "s":
            return _Part((" ",))
        case "b":
            return _Part((END,))
        case "d" | "w" | "S":
            return _Part((WORD,), exact=False)
        case "W" | "D" | "*" | "":
            return _Part((ANY,), exact=False)
    if sign.isalnum():
        raise _Unknown
    return _Part((sign,))


def _is_tame(told: str) -> bool:
    """Whether nothing that a set stands for leads on to another command: no blank, or none of `;`, `&` and `|`."""
    if told.startswith("[^"):
        return " " in told or "\\s" in told or all(sign in told for sign in ";&|")
    return not any(sign in told for sign in (" ", "\\s", "\\S", "\\W", "\\D", "[:", " -"))


def _group(text: str, at: int, depth: int) -> tuple[_Part, int]:
    end = _closing(text, at)
    inner = text[at + 1 : end]
    if text.startswith(LOOKING, at):  # it takes up nothing, and only narrows what is meant
        return _Part(("",), exact=False), end + 1
    kind = KIND.match(inner)
    if kind is None:
        raise _Unknown
    parts = [_sequence(each, depth + 1) for each in _choices(inner[kind.end() :])]
    texts = tuple(dict.fromkeys(each for part in parts for each in part.texts))
    return _Part(texts, all(part.exact for part in parts) and not kind["flags"]), end + 1


def _closing(text: str, at: int) -> int:
    depth = 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == "[" and (match := SET.match(text, at)) is not None:
            at = match.end() - 1
        elif text[at] == "(":
            depth += 1
        elif text[at] == ")":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    raise _Unknown


def _repeated(part: _Part, text: str, at: int) -> tuple[_Part, int]:
    """A part with the sign behind it that repeats it or leaves it out."""
    sign = text[at : at + 1]
    counted = COUNTED.match(text, at)
    if counted is not None:
        return _Part((ANY,), exact=False), counted.end()
    if not sign or sign not in "?*+":
        return part, at
    at += 1
    if text[at : at + 1] in ("?", "+"):  # as few, or as many, as it takes: the same lines
        at += 1
    if sign == "?":
        return _Part(("", *part.texts), part.exact), at
    if part.texts == (" ",):
        return _Part((" ",) if sign == "+" else ("", " ")), at
    tame = all(set(each) <= {WORD} for each in part.texts)
    return _Part((WORD,) if tame else (ANY,), exact=part is DOT), at


BACK = re.compile(r"(?:^|[^\\])(?:\\\\)*\\[1-9]")


def is_broken(expression: str) -> bool:
    """Whether no regular expression of Rust reads so: it looks around or back, or its brackets do not close."""
    if any(sign in expression for sign in LOOKING) or BACK.search(expression[:LONG]) is not None:
        return True
    depth, at = 0, 0
    while at < len(expression):
        sign = expression[at]
        if sign == "\\":
            at += 1
        elif sign == "[":
            match = SET.match(expression, at)
            if match is None:
                return True
            at = match.end() - 1
        elif sign in "()":
            depth += 1 if sign == "(" else -1
            if depth < 0:
                return True
        at += 1
    return depth != 0
