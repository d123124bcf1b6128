"""Keys of VS Code's terminal rules as patterns: beginnings of commands as they stand, or regular expressions."""

import re

from msgspec import Struct

from probes.agents.regexes import commands
from scanner.model import Command, Everything
from scanner.model.agents import Pattern

WRAPPED = re.compile(r"/(?P<text>.+)/(?P<flags>[dgimsuvy]*)", re.DOTALL)


class Meant(Struct, frozen=True):
    """What a key is about; `sure` is false where it is about less."""

    patterns: tuple[Pattern, ...]
    sure: bool = True


def meant(key: str, *, line: bool = False) -> Meant:
    """What a rule with that key is about; `line`: it is held against a whole command line, and not its parts."""
    wrapped = WRAPPED.fullmatch(key)
    if wrapped is not None:
        return found_by(wrapped["text"], fold="i" in wrapped["flags"], line=line)
    text = " ".join(key.split())
    if not text:
        return Meant(())
    texts = [text, f"./{text}"] if "/" in text and not text.startswith(("/", ".")) else [text]
    return Meant(tuple(Command(each, open=True, chained=line) for each in texts), sure="*" not in text)


def found_by(expression: str, *, fold: bool = False, line: bool = False) -> Meant:
    """What an expression is about that is looked for anywhere; all that there is where it is not taken apart."""
    found = commands(expression, whole=False, fold=fold, chained=line)
    if found is None:
        return Meant((Everything(),), sure=False)
    every = (Everything() if not each.text.strip("* ") else each for each in found.patterns)
    return Meant(tuple(dict.fromkeys(every)), found.exact)
