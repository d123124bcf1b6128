"""The arguments of a command, as pairs to judge and paths to show; never shown themselves."""

import re
import shlex
from collections.abc import Iterator
from itertools import islice
from typing import ClassVar

from msgspec import Struct, field

from probes.agents.mcp.hiding import key_name
from probes.agents.tree import Node, parse
from scanner.model.value import Value

WORD_LIMIT = 2_000
ASSIGNED = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]{0,127})=(?P<value>.*)", re.DOTALL)
OPTION = re.compile(r"--?(?P<name>[A-Za-z][A-Za-z0-9._-]{0,99})(?:[=](?P<value>.*))?", re.DOTALL)
PATH = re.compile(
    r"(?:[~*]|\$\{[^{}\s]{1,100}\}|\$[A-Z_]{1,40}(?=/)|\.{1,2}|[A-Za-z]:(?=[\\/])|(?=/))"
    r"(?:[/\\][^\x00-\x1f:;|&<>\"'`]{0,300})?"
)
HEADER_OPTIONS = frozenset({"header", "headers", "h"})
VARIABLE_OPTIONS = frozenset({"e", "env"})
MOUNT_OPTIONS = frozenset({"v", "volume"})
LEAVES = 5_000
JOINT = re.compile(r"[;&|]{1,2}")
SETTING = re.compile(r"(?P<name>\$env:[A-Za-z_][A-Za-z0-9_]{0,127})[^\S\n]{0,8}=[^\S\n]{0,8}", re.I)


class Word(Value, frozen=True):
    """One word of a command, and the key under which it stands (`args[2]`)."""

    concealed: ClassVar[frozenset[str]] = frozenset({"text"})

    text: str
    key: str
    line: int


class Named(Value, frozen=True):
    """A name and a value to judge; `header` says that it is one of a request."""

    concealed: ClassVar[frozenset[str]] = frozenset({"value"})

    name: str
    value: str
    key: str
    line: int
    header: bool = False


class Arguments(Struct):
    """What a list of arguments says."""

    named: list[Named] = field(default_factory=list)
    roots: list[Word] = field(default_factory=list)
    addresses: list[Word] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)


def split(word: Word) -> list[Word]:
    """The words of a command that is written as one text."""
    try:
        parts = shlex.split(word.text)
    except ValueError:
        parts = word.text.split()
    return [Word(part, word.key, word.line) for part in parts[:WORD_LIMIT]]


def commands(line: Word) -> list[Word]:
    """The words of a line for a shell; what stands between two of its commands is a word of its own."""
    text = SETTING.sub(r"\g<name>=", line.text)
    lexer = shlex.shlex(text, posix=True, punctuation_chars=";&|")
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        parts = list(islice(lexer, WORD_LIMIT))
    except ValueError:  # a quote that is never closed
        parts = JOINT.sub(r" \g<0> ", text).split()[:WORD_LIMIT]
    return [Word(part, line.key, line.line) for part in parts]


def is_joint(word: Word) -> bool:
    """Whether it stands between two commands of a line for a shell."""
    return JOINT.fullmatch(word.text) is not None


def arguments(words: list[Word], *, container: bool = False) -> Arguments:
    """All that the words say; in a container's own arguments `-e NAME` passes a variable and `-v` mounts a path."""
    told = Arguments()
    at = 0
    while at < min(len(words), WORD_LIMIT):
        word = words[at]
        option = OPTION.fullmatch(word.text)
        follows = words[at + 1] if at + 1 < len(words) else None
        at += 1
        if option is None:
            _positional(word, told)
        elif option["value"] is not None:
            _option(option["name"], Word(option["value"], word.key, word.line), told, container=container)
        elif follows is not None and not follows.text.startswith("-"):
            _option(option["name"], follows, told, container=container)
            at += 1
    return told


def leaves(node: Node, key: str, name: str = "", depth: int = 0) -> Iterator[Named]:
    """Every text in a tree, named by the key that it stands under."""
    if node.text:
        yield Named(name, node.text, key, node.line)
    if depth > 12:
        return
    for each, inner in node.pairs[:LEAVES]:
        yield from leaves(inner, f"{key}.{key_name(each)}", each, depth + 1)
    for place, inner in enumerate((node.items or ())[:LEAVES]):
        yield from leaves(inner, f"{key}[{place}]", name, depth + 1)


def _option(name: str, word: Word, told: Arguments, *, container: bool) -> None:
    folded = name.casefold()
    if container and folded in VARIABLE_OPTIONS:
        assigned = ASSIGNED.fullmatch(word.text)
        told.variables.append(assigned["name"] if assigned else word.text)
        if assigned:
            told.named.append(Named(assigned["name"], assigned["value"], word.key, word.line))
    elif container and folded in MOUNT_OPTIONS:
        _root(Word(_mounted(word.text), word.key, word.line), told)
    elif container and folded == "mount":
        for part in word.text.split(","):
            if part.startswith(("src=", "source=")):
                _root(Word(part.partition("=")[2], word.key, word.line), told)
    elif folded in HEADER_OPTIONS and ":" in word.text:
        header, _, value = word.text.partition(":")
        told.named.append(Named(header.strip(), value.strip(), word.key, word.line, header=True))
    else:
        _value(name, word, told)


def _positional(word: Word, told: Arguments) -> None:
    assigned = ASSIGNED.fullmatch(word.text)
    if assigned:
        _value(assigned["name"], Word(assigned["value"], word.key, word.line), told)
    else:
        _value("", word, told)


def _value(name: str, word: Word, told: Arguments) -> None:
    if word.text.startswith("{"):
        inner = parse(word.text, "json").root
        told.named.extend(leaves(inner, word.key, name) if inner is not None else ())
        return
    if word.text.startswith(("http://", "https://")):
        told.addresses.append(word)
        return
    _root(word, told)
    told.named.append(Named(name, word.text, word.key, word.line))


def _root(word: Word, told: Arguments) -> None:
    if PATH.fullmatch(word.text):
        told.roots.append(word)


def _mounted(text: str) -> str:
    """The path on this machine in `path:there:ro`; a drive's letter is no path by itself."""
    drive = text[:2] if text[1:3] in {":\\", ":/"} else ""
    return drive + text[len(drive) :].partition(":")[0]
