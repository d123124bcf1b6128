"""The named parts of a value that holds several things: a command line, JSON, headers, settings."""

import re
from collections.abc import Iterator
from functools import cache
from typing import ClassVar
from urllib.parse import unquote

from scanner.data import files
from scanner.data.variables import spelled
from scanner.model.value import Value
from scanner.patterns import Pattern
from scanner.shapes import unwrapped, words_of

PART_LIMIT = 500
DEPTH_LIMIT = 8
LINE_LIMIT = 200
NESTING = 2  # `sh -c "mysql -p..."` holds a command line in a word


class Part(Value, frozen=True):
    """A name and its value from inside another value.

    `loose`: it stands as `name=value` among other words, which may as well be prose.
    """

    concealed: ClassVar[frozenset[str]] = frozenset({"value"})

    name: str
    value: str
    loose: bool = False


def parts_of(value: str) -> tuple[Part, ...]:
    """The named parts of a value, at most PART_LIMIT of them."""
    found: list[Part] = []
    for part in _json_parts(value) or _text_parts(value):
        if len(found) == PART_LIMIT:
            break
        found.append(part)
    return tuple(found)


def _json_parts(value: str) -> list[Part]:
    if not value.startswith(("{", "[")):
        return []
    import json

    try:
        told = json.loads(value)
    except (ValueError, RecursionError):
        return []
    return list(_members(told, "", DEPTH_LIMIT))


def _members(told: object, name: str, depth: int) -> Iterator[Part]:
    if isinstance(told, str):
        yield Part(name, told)
    elif isinstance(told, dict) and depth:
        for key, member in told.items():
            yield from _members(member, key, depth - 1)
    elif isinstance(told, list) and depth:
        for member in told:
            yield from _members(member, name, depth - 1)
        if told and all(isinstance(each, str) for each in told):
            yield from _options(told, 0)


HEADER = Pattern(r"([A-Za-z][A-Za-z0-9-]{1,60}):[ \t]+(\S.*)")
WORD = Pattern(r"""(?:"[^"]*"|'[^']*'|[^\s"']|["'])+""")


def _text_parts(value: str, nesting: int = NESTING) -> Iterator[Part]:
    for line in value.splitlines()[:LINE_LIMIT]:
        header = HEADER.fullmatch(line.strip())
        if header is not None:
            yield Part(header[1], header[2])
        else:
            yield from _options([match[0] for match in WORD.finditer(line)], nesting)


def _options(words: list[str], nesting: int) -> Iterator[Part]:
    """What the options and assignments of a command line hold; nothing of it is run."""
    program = ""
    bares = [unwrapped(word) if '"' in word or "'" in word else word.strip() for word in words]
    for bare, word, following in zip(bares, words, [*bares[1:], ""], strict=False):
        if bare.startswith("-"):
            yield from _option(program, bare, following)
            continue
        program = _program(bare) or program
        header = HEADER.fullmatch(bare) if ":" in bare else None
        if header is not None:
            yield Part(header[1], header[2])
        elif nesting and bare != word and any(sign.isspace() for sign in bare):
            yield from _text_parts(bare, nesting - 1)
        elif "=" in bare:
            yield from _assignments(bare)


OPTION = Pattern(r"--?D?([A-Za-z][\w.-]{1,80})")


def _option(program: str, word: str, following: str) -> Iterator[Part]:
    short = _short_option(program, word, following)
    if short is not None:
        yield short
        return
    name, equals, value = word.partition("=")
    told = OPTION.fullmatch(name)
    if told is None:
        return
    if equals:
        yield Part(told[1], unwrapped(value))
    elif following and not following.startswith("-") and spelled(told[1]).split("_")[0] not in words_of("negates"):
        is_login = program in words_of("takes_login") and told[1] == "user"
        yield Part("BASIC_AUTH" if is_login else told[1], following)


def _short_option(program: str, word: str, following: str) -> Part | None:
    """The password behind the short option by which a program takes one, and curl's login."""
    if program in words_of("takes_login"):
        login = following if word == "-u" else word[2:] if word.startswith("-u") else ""
        return Part("BASIC_AUTH", login) if login else None
    table = files.table("shapes.toml")["password_options"]
    attached, either = table["attached"].get(program), table["either"].get(program)
    option = attached or either
    if option is None or not word.startswith(option):
        return None
    value = word[len(option) :] or (following if either and not following.startswith("-") else "")
    named = files.table("shapes.toml")["password_names"].get(program, program)
    return Part(f"{named}_password", unwrapped(value.removeprefix("="))) if value else None


def _program(word: str) -> str:
    """The name of a program whose options are known, behind its folders; empty for any other word."""
    name = word[-80:].replace("\\", "/").rpartition("/")[2].removesuffix(".exe")
    return name if name in _programs() else ""


@cache
def _programs() -> frozenset[str]:
    table = files.table("shapes.toml")["password_options"]
    return frozenset((*table["attached"], *table["either"], *words_of("takes_login")))


ASSIGNMENT = Pattern(r"([A-Za-z_][\w.-]{0,80})=(.+)", re.DOTALL)
# A comma parts two settings only where a name follows it, so that no secret is cut in two.
BETWEEN = Pattern(r"[,;&](?=[ \t]{0,4}[A-Za-z_][\w.-]{0,80}=)")


def _assignments(word: str) -> Iterator[Part]:
    """`name=value`, alone or several with `,`, `;` or `&` between."""
    if "://" in word.partition("=")[0]:
        return
    for piece in BETWEEN.split(word):
        told = ASSIGNMENT.fullmatch(piece.strip())
        if told is not None:
            value = unwrapped(told[2])
            yield Part(told[1], unquote(value) if "%20" in value else value, loose=True)
