"""Adds up what was used: by agent, folder, kind and name, with nothing left in it that could be a value."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import translate
from functools import cache, lru_cache
from pathlib import PurePath
from urllib.parse import urlsplit

from msgspec import Struct, field

from probes.uses import commands
from probes.uses.acts import Act
from scanner.data.families import holds_token
from scanner.data.records import table
from scanner.data.uses import uses
from scanner.host import Host
from scanner.host.paths import pure
from scanner.model import Evidence, Gap, Paths, UseKind, UseSeen

MOST = 20_000  # different things of one agent that are counted at all
TOOL = re.compile(r"[A-Za-z0-9_.:-]{1,64}/[A-Za-z0-9_.:-]{1,80}")
HOST_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9][a-z0-9-]{0,62})*")
EARLIEST = datetime(2020, 1, 1, tzinfo=UTC).timestamp()  # before there were agents
PATH_LENGTH = 400

Key = tuple[str, UseKind, str, str]  # folder, kind, name, and by which program where the kind does not tell
COMMAND = "a command"


class Count(Struct):
    """How often something was used, when, in which sessions, and where the last of it is written."""

    path: PurePath
    count: int = 0
    first: float | None = None
    last: float | None = None
    sessions: set[str] = field(default_factory=set)
    approved: int | None = None
    untold: int = 0


class Tally(Struct):
    """What one agent used, by folder, kind and name."""

    host: Host
    agent: str
    counts: dict[Key, Count] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)
    full: bool = False

    def add(self, act: Act, path: PurePath) -> None:
        """Counts one act, by every name in it that may be told."""
        for what, subject, how in self._subjects(act):
            key = (self._folder(act.folder), what, subject, how)
            if key not in self.counts and len(self.counts) >= MOST:
                self.full = True
                continue
            self._count(self.counts.setdefault(key, Count(path)), act, path)

    def _count(self, count: Count, act: Act, path: PurePath) -> None:
        count.count += 1
        count.sessions.add(act.session or str(path))
        if act.approved is None:
            count.untold += 1
        else:
            count.approved = (count.approved or 0) + act.approved
        if act.at is None or not EARLIEST <= act.at <= self.host.now.timestamp():
            return
        count.first = act.at if count.first is None else min(count.first, act.at)
        if count.last is None or act.at >= count.last:
            count.last, count.path = act.at, path

    def seen(self) -> Iterator[UseSeen | Gap]:
        """What was used, most used first, as much as is told of one agent."""
        most = table().bounds.told
        ordered = sorted(self.counts.items(), key=lambda each: (-each[1].count, each[0]))
        for (folder, what, subject, how), count in ordered[:most]:
            yield UseSeen(
                subject=subject,
                what=what,
                count=count.count,
                last=_utc(count.last),
                evidence=Evidence(count.path),
                agent=self.agent,
                folder=folder or None,
                first=_utc(count.first),
                sessions=len(count.sessions),
                approved=count.approved if not count.untold else None,
                how=how,
            )
        if len(ordered) > most or self.full:
            how = f"it used more than {most} different things; the {most} that were used most are told"
            place = next(iter(self.counts.values())).path
            yield UseSeen("many things", UseKind.RECORDS, most, None, Evidence(place), self.agent, how=how)

    def _folder(self, text: str) -> str:
        """A folder as a report shows it, empty where it is not known or is no path."""
        if text not in self.folders:
            path = pure(self.host.platform, text)
            told = path.is_absolute() and len(text) <= PATH_LENGTH and not holds_token(text)
            self.folders[text] = self.host.shown(path) if told else ""
        return self.folders[text]

    def _subjects(self, act: Act) -> Iterator[tuple[UseKind, str, str]]:
        """The names in an act that may be told, of hosts that a command reaches with its program."""
        match act.what:
            case UseKind.COMMAND:
                for what, text, program in commands.used_by(act.text):
                    told = text if what is UseKind.COMMAND else self._named(what, text, act.folder)
                    if told:
                        yield what, told, (program or COMMAND) if what is UseKind.HOST else ""
            case UseKind.PROMPT:
                yield act.what, act.text, ""
            case _:
                told = self._named(act.what, act.text, act.folder)
                if told:
                    yield act.what, told, ""

    def _named(self, what: UseKind, text: str, folder: str) -> str:
        match what:
            case UseKind.FILE:
                return self._file(text, folder)
            case UseKind.HOST:
                return host_of(text)
            case _:
                return text if TOOL.fullmatch(text) and not holds_token(text) else ""

    def _file(self, text: str, folder: str) -> str:
        """A path as a report shows it, where it may hold a credential; empty for any other."""
        if len(text) > PATH_LENGTH or "\0" in text or "\n" in text or "://" in text or not names_credential(text):
            return ""
        beside = pure(self.host.platform, folder)
        path = self.host.resolve(text.replace("$HOME", "~", 1), beside if folder and beside.is_absolute() else None)
        if path is None or holds_token(text):
            return ""
        shown = self.host.shown(type(path)(_plain(path)))
        return shown if may_hold(shown) else ""


def _plain(path: PurePath) -> str:
    """The path without `..` and `.`, as far as its text alone tells."""
    kept: list[str] = []
    for part in path.parts[1:]:
        if part == "..":
            kept = kept[:-1]
        else:
            kept.append(part)
    return str(type(path)(path.anchor, *kept))


def _utc(moment: float | None) -> datetime | None:
    return datetime.fromtimestamp(round(moment), UTC) if moment is not None else None


def host_of(address: str) -> str:
    """The host of an address; its user part, path and query are left out."""
    try:
        name = (urlsplit(address).hostname or "").casefold()
    except ValueError:
        return ""
    return name if HOST_NAME.fullmatch(name) and not holds_token(name) else ""


@cache
def _places() -> tuple[Paths, ...]:
    """Where programs keep credentials, by `uses.toml`; not the patterns that any file of a kind would fit."""
    texts = {place for use in uses() for place in use.places}
    kept = sorted(each for each in texts if "/" in each and not each.startswith(("$", "**/*.")))
    return tuple(Paths(each, fold=True) for each in kept)


def names_credential(text: str) -> bool:
    """Whether a path as it is written may be that of a file with credentials; a first look that costs little."""
    return "/" in text or "\\" in text or _is_named(text)


@cache
def _globs() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What fits a name of a file that may hold a credential, and what fits that of a sample of one."""
    told = table().credentials
    names, samples = ("|".join(map(translate, each)) for each in (told.names, told.samples))
    return re.compile(names), re.compile(samples)


def _last(text: str) -> str:
    return re.split(r"[/\\]", text)[-1].casefold()


def _is_named(text: str) -> bool:
    names, samples = _globs()
    return names.match(_last(text)) is not None and samples.match(_last(text)) is None


@lru_cache(maxsize=4096)
def may_hold(shown: str) -> bool:
    """Whether a path as a report shows it is one of a file that may hold a credential."""
    if _globs()[1].match(_last(shown)):
        return False
    return _is_named(shown) or any(place.matches(shown) for place in _places())
