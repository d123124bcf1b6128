"""Which rules for commands let an agent run anything at all: `shells.toml`.

A rule is a shell where some command line that it lets through runs what the agent chose. So the rule and each known
usage ("find ... -exec @") are met with one another: only a wildcard of the rule, or what may follow an open one, can
stand for `@`. A wider rule lets more lines through, and so is a shell wherever a narrower one is.
"""

import re
from functools import cache, lru_cache
from itertools import product

import msgspec
from msgspec import Struct

from scanner.data import files
from scanner.errors import DataError
from scanner.model import Command
from scanner.patterns import Pattern

LIMIT = 600  # characters of a rule: what is longer is judged as if anything might follow these
FREE = "the rule leaves it open which program is run"
CHAINED = "another command may follow in the same line, which the agent does not take apart"
SCRIPT = "a script runs whatever is written in it"

ASSIGNMENT = Pattern(r"""[A-Za-z_]\w*=(?:"[^"*]*"|'[^'*]*'|[^\s*"']*)(?: |$)""", re.ASCII)
FREE_ASSIGNMENT = Pattern(r"[A-Za-z_]\w*=[^ ]*[*\"']", re.ASCII)
SUFFIXES = (".exe", ".cmd", ".bat", ".com")
SCRIPTS = (".sh", ".bash", ".zsh", ".py", ".rb", ".pl", ".js", ".mjs", ".ts", ".ps1", *SUFFIXES)
SYSTEM = ("/usr/", "/bin/", "/sbin/", "/opt/", "/nix/", "/snap/", "c:/windows/", "c:/program files")
TELLING = ("--version", "--help")


class Shell(Struct, frozen=True):
    """What a rule amounts to: `program` runs anything, `why` says how.

    `edited`: only where the agent may also write what the command runs.
    """

    program: str
    why: str
    edited: bool = False


class Usage(Struct, frozen=True, forbid_unknown_fields=True):
    """Ways of using programs, as what follows their names, by which they run what they are told.

    `...` stands for any words, `~` for up to three options, `*` for characters without blanks, `<>` for a word that
    is no option, `@` for what the agent chose, `!` for a sub-command that it chose (of which no letter is given), `$`
    for the end; else further words may follow.
    """

    programs: tuple[str, ...]
    why: str
    usages: tuple[str, ...]
    edited: bool = False
    examples: tuple[str, ...] = ()
    harmless: tuple[str, ...] = ()


class Wrapper(Struct, frozen=True, forbid_unknown_fields=True):
    """Programs that start the command which follows their options, `skip` words and the `values` of options.

    `appends`: they add words of their own to it. `joined`: a shell reads it, so that any opening in it is one.
    """

    programs: tuple[str, ...]
    why: str
    skip: int = 0
    values: tuple[str, ...] = ()
    appends: bool = False
    joined: bool = False
    examples: tuple[str, ...] = ()
    harmless: tuple[str, ...] = ()


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    usage: tuple[Usage, ...]
    wrapper: tuple[Wrapper, ...]


@lru_cache(maxsize=4096)
def shell_of(command: Command) -> Shell | None:
    """Whether a rule with that pattern lets an agent run anything at all; of simple command lines, no pipe, no list."""
    text = " ".join(command.text.split())
    if command.chained and (command.open or "*" in text):
        return Shell(_name(text.split(" ")[0]) if text else "", CHAINED)
    if len(text) > LIMIT:
        return _judged(text[:LIMIT] + "*", opened=True)
    return _judged(text, command.open)


def _judged(text: str, opened: bool) -> Shell | None:
    """The judgement of a rule; each wrapper before the command is taken off in turn."""
    while True:
        while match := ASSIGNMENT.match(text):
            text = text[match.end() :]
        if not text:
            return Shell("", FREE) if opened else None
        head, tail = _split(text)
        if _is_free(head, tail, opened):
            return Shell("", FREE)
        if tail.startswith("*"):
            return _begun(_name(head), tail, opened)
        name = _known(_name(head))
        found = _used(name, tail, opened)
        wrapper = wrappers().get(name)
        if found is not None and not found.edited:
            return found
        if wrapper is None:
            return found or _script(head, name)
        inner = _inner(wrapper, tail.split())
        if inner is None:
            return Shell(name, wrapper.why) if opened or "*" in tail else found
        opened = opened or wrapper.appends
        if wrapper.joined and (opened or "*" in inner):
            return Shell(name, wrapper.why)
        text = inner


def _split(text: str) -> tuple[str, str]:
    """The program of a command line, as it is written, and the rest of the line."""
    if text[0] in "\"'" and (end := text.find(text[0], 1)) > 0:
        return text[1:end], text[end + 1 :]
    end = min(place for place in (text.find(" "), text.find("*"), len(text)) if place >= 0)
    return text[:end], text[end:]


def _is_free(head: str, tail: str, opened: bool) -> bool:
    """Whether the program is left open: by a wildcard at its place, or within a path, which `..` leads out of."""
    wild = "*" in head or tail.startswith("*")
    if head[:1] in {'"', "'"}:  # a quote that is never closed
        return opened or wild or "*" in tail
    if FREE_ASSIGNMENT.match(head + tail):
        return opened or "*" in head + tail
    return wild and ("*" in head or not _name(head) or "/" in head or "\\" in head)


def _name(head: str) -> str:
    name = re.split(r"[/\\]", head)[-1].casefold()
    return next((name.removesuffix(suffix) for suffix in SUFFIXES if name.endswith(suffix)), name)


def _known(name: str) -> str:
    """The name under which a program stands in the table: "python3.12" is "python"."""
    plain = name.rstrip("0123456789.-")
    return name if name in programs() or plain not in programs() else plain


def _used(name: str, tail: str, opened: bool) -> Shell | None:
    if not opened and tail.strip() in TELLING:
        return None
    met = [usage for usage in programs().get(name, ()) if usage.meets(tail, opened)]
    return min((Shell(name, usage.why, usage.edited) for usage in met), key=lambda shell: shell.edited, default=None)


def _begun(begun: str, tail: str, opened: bool) -> Shell | None:
    """The judgement of a rule whose first word is a beginning and a wildcard, which also stands for arguments."""
    beginnings = {begun, begun.rstrip("0123456789.-"), *(begun.removesuffix(part) for part in PARTS)}
    found = [
        Shell(name, usage.why, usage.edited)
        for start in sorted(beginnings)
        for name in sorted({*programs(), *wrappers()})
        if name.startswith(start)
        for usage in _all_usages(name)
        if usage.meets(tail, opened)
    ]
    return min(found, key=lambda shell: shell.edited, default=None)


PARTS = sorted({suffix[:end] for suffix in SUFFIXES for end in range(1, len(suffix) + 1)})


def _all_usages(name: str) -> "tuple[Met, ...]":
    wrapper = wrappers().get(name)
    return (*programs().get(name, ()), *((Met("@", wrapper.why),) if wrapper is not None else ()))


def _inner(wrapper: Wrapper, words: list[str]) -> str | None:
    """The command that a wrapper starts; None where the rule ends before it, or leaves open where it begins."""
    skip, at = wrapper.skip, 0
    while at < len(words):
        word = words[at]
        if "*" in word and (skip or word.startswith("-")):
            return None
        if word in wrapper.values:
            at += 1
            if at < len(words) and "*" in words[at]:
                return None
        elif word == "--":
            pass
        elif not word.startswith("-") or word == "-":
            if not skip:
                return " ".join(words[at:])
            skip -= 1
        at += 1
    return None


def _script(head: str, name: str) -> Shell | None:
    """A script by its path, or by the ending of its name; not what only an administrator can write."""
    place = head.replace("\\", "/").casefold()
    by_path = "/" in place and (not place.startswith(SYSTEM) or "/../" in place)
    return Shell(name, SCRIPT, edited=True) if by_path or (place.endswith(SCRIPTS) and "/" not in place) else None


# How usages and rules are met: a usage becomes a row of items, and the places in it that the rule's text may have led
# to are the bits of one number. A wildcard leads from the first of them to all behind it, as each item can be passed.

WITHOUT = {  # the characters that no member of a class is
    "*": " ",
    "bare": " '\"",
    "double": '"',
    "single": "'",
    "any": "",
    "first": " -cemEpr",
    "noun": " -",
}
OPEN = frozenset("*\"'")  # a word with one of them may be another, or go on behind a blank
FIXED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/+=-")
CHOSEN = "chosen"  # no character of a rule: a wildcard alone stands for it


class Items(Struct, frozen=True):
    """One row of items: which bits each character passes, which of them repeat, and where the row may end."""

    literal: dict[str, int]
    classes: tuple[tuple[str, int], ...]
    loops: int
    every: int
    ends: int

    def step(self, places: int, char: str) -> int:
        """The places behind a character."""
        passed = self.literal.get(char, 0)
        for name, mask in self.classes:
            if char not in WITHOUT[name]:
                passed |= mask
        passed &= places
        return self.skipped((passed & self.loops) | ((passed & ~self.loops) << 1))

    def skipped(self, places: int) -> int:
        """The places, and those behind each repeated item, which may stand for nothing."""
        while (more := places | ((places & self.loops) << 1)) != places:
            places = more
        return places

    def wild(self, places: int) -> int:
        """The places behind any characters."""
        return self.every & ~((places & -places) - 1)

    def meets(self, tail: str, opened: bool) -> bool:
        """Whether some line is both what the rule lets through and such a usage."""
        places = self.skipped(1)
        for char in tail:
            places = self.wild(places) if char == "*" else self.step(places, char)
            if not places:
                return False
        return bool(places & self.ends) or (opened and bool(self.step(places, " ")))


class Met(Struct, frozen=True):
    """One usage of a program."""

    usage: str
    why: str
    edited: bool = False

    def meets(self, tail: str, opened: bool) -> bool:
        """Whether some line that the rule lets through is such a usage; of the rule what follows the program."""
        return _may_begin(self.usage, tail) and any(items.meets(tail, opened) for items in _rows(self.usage))


def _may_begin(usage: str, tail: str) -> bool:
    """Whether the first word of a rule can be that of a usage: asked first, since to meet the two takes long."""
    word = tail[1:].partition(" ")[0]
    if not tail.startswith(" ") or not word or word.startswith("-") or not OPEN.isdisjoint(word):
        return True
    first = _first_word(usage)
    return first != "!" and "@" not in first and (first in {word, ""} or not FIXED.issuperset(first))


@cache
def _first_word(usage: str) -> str:
    """The word that a usage begins with, behind options; empty where it may be any."""
    first = next((word for word in usage.split() if word != "~"), "")
    return "" if first == "..." else first


Item = tuple[str, bool]  # a character or the name of a class, and whether it repeats
BEHIND: list[Item] = [(CHOSEN, False), ("any", True)]
ENDINGS: list[list[Item]] = [  # the choice stands in a word, or within quotes, which hold blanks too
    [("bare", True), *BEHIND],
    [("bare", True), ('"', False), ("double", True), *BEHIND],
    [("bare", True), ("'", False), ("single", True), *BEHIND],
]
OPTION: list[Item] = [(" ", False), ("-", False), ("first", False), ("*", True)]
LONG: list[Item] = [(" ", False), ("-", False), ("-", False), ("noun", False), ("*", True)]


@cache
def _rows(usage: str) -> tuple[Items, ...]:
    """The rows that one usage stands for, one for each choice that it leaves."""
    words = usage.split()
    choices = [_choices(word) for word in words if word != "$"]
    trailing = words[-1:] != ["$"]
    return tuple(_items([item for part in parts for item in part], trailing) for parts in product(*choices))


def _choices(word: str) -> list[list[Item]]:
    blank: Item = (" ", False)
    match word:
        case "...":
            return [[], [blank, ("any", True)]]
        case "~":
            return [
                [item for each in several for item in each]
                for n in range(3)
                for several in product((OPTION, LONG), repeat=n)
            ]
        case "!":
            return [[blank, *quote, *BEHIND] for quote in ([], [('"', False)], [("'", False)])]
        case "<>":
            return [[blank, ("noun", False), ("*", True)]]
        case _:
            before, chosen, _ = word.partition("@")
            start = [blank, *((char, char == "*") for char in before)]
            return [[*start, *ending] for ending in ENDINGS] if chosen else [start]


def _items(items: list[Item], trailing: bool) -> Items:
    end = 1 << len(items)
    row = [*items, (" ", False), ("any", True)] if trailing else items
    literal: dict[str, int] = {}
    classes: dict[str, int] = {}
    loops = 0
    for place, (name, repeats) in enumerate(row):
        masks = classes if name in WITHOUT else literal
        masks[name] = masks.get(name, 0) | 1 << place
        loops |= repeats << place
    every = (1 << (len(row) + 1)) - 1
    ends = end | (1 << len(row) if trailing else 0)
    return Items(literal, tuple(classes.items()), loops, every, ends)


@cache
def programs() -> dict[str, tuple[Met, ...]]:
    """The usages of each program; none of a wrapper that has no others. Raises DataError for a faulty row."""
    found: dict[str, list[Met]] = {name: [] for wrapper in _table().wrapper for name in wrapper.programs}
    for row in _table().usage:
        usages = [Met(usage, row.why, row.edited) for usage in row.usages]
        for name in row.programs:
            found.setdefault(name, []).extend(usages)
    return {name: tuple(usages) for name, usages in found.items()}


@cache
def wrappers() -> dict[str, Wrapper]:
    """The wrappers by the names of their programs. Raises DataError for a faulty row."""
    return {name: wrapper for wrapper in _table().wrapper for name in wrapper.programs}


def rows() -> tuple[Usage | Wrapper, ...]:
    """All rows of the table. Raises DataError for a faulty one."""
    return (*_table().usage, *_table().wrapper)


@cache
def _table() -> Table:
    try:
        return files.converted(files.table("shells.toml"), Table)
    except msgspec.ValidationError as error:
        raise DataError(f"shells.toml: {error}") from error
