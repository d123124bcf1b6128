"""Histories of shells, databases and interpreters: what somebody typed, line by line, and the secrets that it names.

A secret that was typed as an argument or into a statement is told as surely by the line as a token by its shape. Lines
that stand close together may say what each other's are of: a key, its id, the token of its session.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import PurePath

from probes.anywhere import assigned, statements, typed
from probes.anywhere.plain import plain
from probes.anywhere.reading import Read
from probes.anywhere.typed import Said
from scanner.data.typed import table
from scanner.model import Evidence
from scanner.originals import original_name
from scanner.patterns import Pattern
from scanner.secrets import Pair

LIMIT = 2_000  # secrets of one history
TOGETHER = 8  # lines; some shells write a time before each command
LIBEDIT = "_HiStOrY_V2_"  # the first line where libedit keeps the history: each odd sign is written as its code
OCTAL = Pattern(r"\\([0-7]{3})")
# What stands before a command: the time of zsh, the field of fish
BEFORE = Pattern(r": {1,9}\d{1,11}:\d{1,9};|- cmd: ")
FISH = "- cmd: "
NEWLINE = "<\\n>"  # how Nushell writes one within a command

ANY_TEXT = PurePath("line.sh")
SMALL = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}  # unlike `lower`, it keeps every place

Says = Callable[[str], Iterator[Said]]


def _assigned(line: str) -> Iterator[Said]:
    """What a line of a text assigns that an editor remembers."""
    for each in assigned.pairs(line, ANY_TEXT):
        yield Said(each.name, each.value)


def _windows(line: str) -> Iterator[Said]:
    return typed.said(line, windows=True)


# The histories by what their names hold, in small letters: the first counts. What is no other is a shell's.
KINDS: tuple[tuple[tuple[str, ...], tuple[Says, ...]], ...] = (
    (("viminfo",), (_assigned, typed.said)),
    (("consolehost_history", "_host_history.txt"), (_windows, statements.of_environment, statements.of_databases)),
    (("rediscli", "valkeycli", "iredis"), (statements.of_redis,)),
    (
        (
            *(
                "psql",
                "mysql",
                "mariadb",
                "sqlite",
                "duckdb",
                "pgcli",
                "mycli",
                "litecli",
                "usql",
                "cqlsh",
                "clickhouse",
            ),
            *("influx", "snowsql", "snowflake", "mssql", "dbshell", "mongo", "trino", "presto", "beeline", "osql"),
        ),
        (statements.of_databases, statements.of_environment),
    ),
    (
        (
            *(
                "python",
                "ipython",
                "node",
                "irb",
                "pry",
                "rhistory",
                "scala",
                "ghci",
                "julia",
                "repl",
                "php",
                "lua",
                "iex",
            ),
            *("groovy", "deno", "bun_", "erlang", "ammonite", "jshell", "psysh", "radian", "bpython", "ptpython"),
        ),
        (statements.of_environment, statements.of_programs, statements.of_databases),
    ),
)
SHELL: tuple[Says, ...] = (typed.said, statements.of_databases)


def read(text: str, path: PurePath) -> Read:
    """The secrets that the lines of a history name; whatever else is in it counts by its shape alone."""
    says = _says(path)
    if text.startswith(LIBEDIT):
        text = OCTAL.sub(_sign, text)
    found: dict[tuple[str, str], Pair] = {}
    met: set[str] = set()
    for number, line in _telling(text):
        if line in met:  # what was typed once is typed often
            continue
        met.add(line)
        for each in _of_line(_command(line), says):
            found.setdefault((each.name, each.value), Pair(each.name, each.value, Evidence(path, number, each.name)))
        if len(found) >= LIMIT:
            break
    return Read(groups=tuple(_together(found.values())), loose=plain(text))


def _telling(text: str) -> Iterator[tuple[int, str]]:
    """The lines that may name a secret, with their numbers, found without a look at each."""
    low = text.translate(SMALL)
    starts: set[int] = set()
    for anchor in table().words.anchors:
        at = low.find(anchor)
        while at >= 0:
            starts.add(text.rfind("\n", 0, at) + 1)
            end = text.find("\n", at)
            at = low.find(anchor, end) if end >= 0 else -1
    number, before = 1, 0
    for start in sorted(starts):
        number += text.count("\n", before, start)
        before = start
        end = text.find("\n", start)
        yield number, text[start : end if end >= 0 else len(text)]


def _of_line(line: str, says: tuple[Says, ...]) -> Iterable[Said]:
    """What a line says, each secret under the first name that it has there."""
    told: dict[str, Said] = {}
    for each in chain.from_iterable(say(line) for say in says):
        if each.value:
            told.setdefault(each.value, each)
    return told.values()


def _says(path: PurePath) -> tuple[Says, ...]:
    """What reads the lines of the history of that name."""
    name = original_name(path.name).lower()
    name = f"{path.parent.name.lower()}/{name}" if name in {"history", "history.txt"} else name
    return next((says for words, says in KINDS if any(word in name for word in words)), SHELL)


def _command(line: str) -> str:
    """A line as it was typed."""
    begun = BEFORE.match(line)
    text = line[begun.end() :] if begun is not None else line
    if line.startswith(FISH):
        text = text.replace("\\n", " ; ")
    return text.replace(NEWLINE, " ; ").rstrip("\r")


def _sign(code: re.Match[str]) -> str:
    sign = chr(int(code[1], 8) & 0xFF)
    return " " if sign == "\n" else sign


def _together(pairs: Iterable[Pair]) -> Iterator[tuple[Pair, ...]]:
    """The pairs in groups of lines that were typed in one go; a name stands once in each."""
    group: list[Pair] = []
    for pair in pairs:
        last = (group[-1].evidence.line or 0) if group else 0
        if group and ((pair.evidence.line or 0) - last > TOGETHER or any(each.name == pair.name for each in group)):
            yield tuple(group)
            group = []
        group.append(pair)
    if group:
        yield tuple(group)
