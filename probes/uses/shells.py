"""Histories of shells: what a person ran, by the names of programs that act with a login, and nothing else of a line.

A history holds what was typed, a pasted password too. So a name is told only where it stands in a table, and an option
that names an account or a context only as being there: ` --context *` is one that is not told.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from pathlib import PurePath

from msgspec import Struct, field

from probes.uses import commands
from probes.uses.acts import TICK
from probes.uses.tally import EARLIEST
from scanner.data.records import History, table
from scanner.data.uses import uses
from scanner.data.verbs import opened_by, verbs
from scanner.host import FileKind, Host, Place
from scanner.host.ports import Content
from scanner.model import Evidence, Gap, UseKind, UseSeen

LINES = 20_000  # the newest of one file that are looked at
CONTINUED = 40  # lines of one command
NAMED = ("--context", "--kube-context", "--profile")  # whose value says which of several logins is meant
UNTOLD = "*"

OPENING = re.compile(r"['\"\\]|<<")
PARTS = re.compile(r"""\\.|'[^']*'|"(?:[^"\\]|\\.)*"|(?<!\S)\#.*|[^\\'"\#]+|[\#\\]|(?P<open>['"])""", re.DOTALL)
CLOSING = {"'": re.compile(r"[^']*'"), '"': re.compile(r'(?:[^"\\]|\\.)*"')}
FED = re.compile(r"(?<!<)<<-?[ \t]*['\"]?(?P<word>\w{1,40})")
GOES_ON, NEXT = "\\", "\0"
STAMP = re.compile(r"#(\d{9,11})")  # bash, with HISTTIMEFORMAT
EXTENDED = re.compile(r": {1,9}(\d{1,11}):\d{1,9};")  # zsh, with EXTENDED_HISTORY
FISH_TIME = re.compile(r" {2}when: (\d{1,11})")
FISH_COMMAND = "- cmd: "
NEWLINE = "<\\n>"  # how Nushell writes one within a command
META = b"\x83"  # zsh writes it before a byte that it has turned

Ran = tuple[str, float | None]  # a command line, and when it was run in seconds since 1970


def told(host: Host) -> Iterator[UseSeen | Gap]:
    """What was run in every shell, and which histories could not be read."""
    taken: set[PurePath] = set()
    for row in table().histories:
        tally = Tally(host, f"you, in {row.shell}")
        for declared in row.files:
            for place in host.places(declared):
                if isinstance(place, Gap):
                    yield place
                elif place.path not in taken and place.kind is FileKind.FILE:
                    taken.add(place.path)
                    yield from _read(host, row, declared, place, tally)
        yield from tally.seen()


def _read(host: Host, row: History, declared: str, place: Place, tally: "Tally") -> Iterator[UseSeen | Gap]:
    limit = table().bounds.file
    for content in host.content_of(declared, place, limit):
        if isinstance(content, Gap):
            yield content
            continue
        for number, (line, when) in enumerate(ran(content, row.format)):
            if number % TICK == 0:
                host.check_time()
            tally.add(line, when, place.path)
        if content.truncated:
            how = f"larger than {limit // 1024 // 1024} MiB; the rest was not read"
            yield UseSeen(host.shown(place.path), UseKind.RECORDS, 1, None, Evidence(place.path), how=how)


def ran(content: Content, kind: str) -> Iterator[Ran]:
    """The commands of a history, of a long one those of its newest lines."""
    data = _typed(content.data) if kind == "zsh" else content.data
    text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    return READERS[kind](text.split("\n")[-LINES:])


def _typed(data: bytes) -> bytes:
    """The bytes as they were typed; zsh turns some, and says so before each."""
    return re.sub(META + b"(.)", lambda found: bytes([found[1][0] ^ 0x20]), data, flags=re.DOTALL)


# how each shell writes


def _bash(lines: list[str]) -> Iterator[Ran]:
    """Of bash: a command each line, with a time on a line before it where the shell keeps times."""
    when: float | None = None
    at = 0
    while at < len(lines):
        stamp = STAMP.fullmatch(lines[at])
        if stamp is not None:
            when, at = float(stamp[1]), at + 1
            continue
        whole, taken = _whole(lines[at], lines[at + 1 : at + CONTINUED])
        yield whole, when
        at += 1 + taken


def _whole(first: str, behind: list[str]) -> tuple[str, int]:
    """A command with the lines that it goes on in, and how many these are; the first alone where it never ends."""
    text, wanted = first, _wanted(first)
    for taken, more in enumerate(behind):
        if not wanted or STAMP.fullmatch(more):
            return text, taken
        text = text[:-1] + more if wanted == GOES_ON else f"{text}\n{more}"
        wanted = _still_wanted(wanted, more)
    return (first, 0) if wanted else (text, len(behind))


def _wanted(text: str) -> str:
    """What a line waits for: the end of a quote, a word that ends what is fed to it, or just the next line."""
    if OPENING.search(text) is None:
        return ""
    quote = next((part["open"] for part in PARTS.finditer(text) if part["open"]), "")
    fed = FED.search(text)
    if quote or fed is not None:
        return quote or (fed["word"] if fed is not None else "")
    return GOES_ON if (len(text) - len(text.rstrip(GOES_ON))) % 2 else ""


def _still_wanted(wanted: str, line: str) -> str:
    """What is waited for behind one more line."""
    if wanted == GOES_ON:
        return _wanted(line)
    if wanted in CLOSING:
        end = CLOSING[wanted].match(line)
        return wanted if end is None else _wanted(line[end.end() :])
    return "" if line.strip() == wanted else wanted


def _zsh(lines: list[str]) -> Iterator[Ran]:
    """Of zsh: a command each line, behind its time where the shell keeps times; one that goes on ends with a backslash.

    A backslash that was typed there is written twice.
    """
    for line in "\n".join(lines).replace("\\\\\n", " ").replace("\\\n", NEXT).split("\n"):
        begun = EXTENDED.match(line)
        text = line[begun.end() :] if begun is not None else line
        yield text.replace(NEXT, "\n"), float(begun[1]) if begun is not None else None


def _fish(lines: list[str]) -> Iterator[Ran]:
    """Of fish: a command and behind it its time, in a form that looks like YAML and is none."""
    command: str | None = None
    for line in lines:
        if line.startswith(FISH_COMMAND):
            if command is not None:
                yield command, None
            command = re.sub(r"\\([n\\])", lambda found: "\n" if found[1] == "n" else "\\", line[len(FISH_COMMAND) :])
        elif command is not None and (found := FISH_TIME.fullmatch(line)):
            yield command, float(found[1])
            command = None
    if command is not None:
        yield command, None


def _powershell(lines: list[str]) -> Iterator[Ran]:
    """Of PowerShell: a command each line, which goes on where a line ends with a backtick."""
    text = ""
    for line in lines:
        text += line.removesuffix("`")
        if not line.endswith("`"):
            yield text, None
            text = ""
        else:
            text += " "
    yield text, None


def _nushell(lines: list[str]) -> Iterator[Ran]:
    return ((line.replace(NEWLINE, "\n"), None) for line in lines)


READERS: Mapping[str, Callable[[list[str]], Iterator[Ran]]] = {
    "bash": _bash,
    "fish": _fish,
    "nushell": _nushell,
    "powershell": _powershell,
    "zsh": _zsh,
}


# what may be told of them


@cache
def acting() -> frozenset[str]:
    """The programs that act with a login."""
    named = {each.partition(" ")[0] for use in uses() for each in use.programs}
    return frozenset(each for each in named | table().commands.plain if re.fullmatch(r"[a-z0-9][a-z0-9._+-]*", each))


@cache
def _mentioned() -> re.Pattern[str]:
    names = "|".join(sorted(map(re.escape, acting()), key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{names})(?![\w-])", re.IGNORECASE)


def subjects(line: str) -> Iterator[str]:
    """The programs of a command line that act with a login, each with its known sub-command."""
    if _mentioned().search(line[: commands.LENGTH]) is None:  # nearly all lines; to take one apart takes long
        return
    for what, subject in commands.used(line):
        if what is UseKind.COMMAND:
            told = _told(subject)
            if told:
                yield told


def _told(subject: str) -> str:
    """A program with its sub-command, without any word that stands in no table; empty for one that needs no login."""
    whole, *options = subject.split(" --")
    program, *words = whole.split(" ")
    if program not in acting():
        return ""
    known = [word for word in map(_word, words) if word]
    if known and opened_by(program, known) == frozenset():
        return ""
    named = {f"--{option.partition(' ')[0]}" for option in options}
    return " ".join([program, *known, *(f"{each} {UNTOLD}" for each in NAMED if each in named)])


def _word(word: str) -> str:
    """A word of a sub-command, of an operation that goes on behind a known one its beginning; else nothing."""
    if word in commands.known_words():
        return word
    return word.partition("-")[0] if verbs().kind(word) is not None else ""


class Count(Struct):
    """How often something was run, when, and in which file."""

    path: PurePath
    count: int = 0
    first: float | None = None
    last: float | None = None


class Tally(Struct):
    """What was run in one shell; there are as many names as the tables hold, so that none is left out."""

    host: Host
    how: str
    counts: dict[str, Count] = field(default_factory=dict)

    def add(self, line: str, when: float | None, path: PurePath) -> None:
        """Counts one command line."""
        timed = when is not None and EARLIEST <= when <= self.host.now.timestamp()
        for subject in subjects(line):
            count = self.counts.setdefault(subject, Count(path))
            count.count += 1
            if when is None or not timed:
                continue
            count.first = when if count.first is None else min(count.first, when)
            if count.last is None or when >= count.last:
                count.last, count.path = when, path

    def seen(self) -> Iterator[UseSeen]:
        """What was run, most often first, as much as is told of one agent."""
        ordered = sorted(self.counts.items(), key=lambda each: (-each[1].count, each[0]))
        for subject, count in islice(ordered, table().bounds.told):
            last, first = (_utc(moment) for moment in (count.last, count.first))
            yield UseSeen(subject, UseKind.COMMAND, count.count, last, Evidence(count.path), first=first, how=self.how)


def _utc(moment: float | None) -> datetime | None:
    return datetime.fromtimestamp(round(moment), UTC) if moment is not None else None
