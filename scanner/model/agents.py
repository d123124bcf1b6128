"""How a coding agent may act: its tools, the rules that decide them, and what holds it back though nobody is asked."""

import re
from fnmatch import fnmatchcase, translate
from functools import cache, lru_cache

from msgspec import Struct

from scanner.model.evidence import Evidence
from scanner.model.terms import Channel, Gate


class Ruling(Struct, frozen=True):
    """What stands between wish and act, and what says so.

    `rule` is the words of the setting ('permissions.deny "Read(.env)"') or of the vendor's default, `evidence` where
    it stands, None for a default. A gate that is unknown has a stand-in: what the vendor's default would be.
    """

    gate: Gate
    rule: str = ""
    evidence: Evidence | None = None
    stand_in: Gate | None = None

    @property
    def effective(self) -> Gate:
        """The gate that is reckoned with."""
        return self.stand_in or self.gate


SPECIAL = frozenset("*?[")


class Paths(Struct, frozen=True):
    """Files and folders: a glob over whole paths with `/` between the parts; `*` stays in its part, `**` does not.

    What lies below a folder that it names is meant too. `fold` ignores case, as the disks of two platforms do.
    """

    glob: str
    fold: bool = False

    def matches(self, target: str) -> bool:
        """Whether a path is meant."""
        return _is_below(target, self.glob, self.fold)


class Command(Struct, frozen=True):
    """Command lines: `*` stands for any characters, blanks too; `open` lets further arguments follow.

    `chained`: the agent does not take a line apart before it looks at its rules, so that behind what is open another
    command may follow (`git status; ...`).
    """

    text: str
    open: bool = False
    chained: bool = False

    def matches(self, target: str) -> bool:
        """Whether a simple command line is meant: no pipe, no list."""
        if "*" in self.text:
            return _begins(target, tuple(self.text.split("*")), self.open)
        if not target.startswith(self.text):  # most rules have no star, and one machine may have thousands
            return False
        at = len(self.text)
        return at == len(target) or (self.open and (at == 0 or target[at].isspace()))


class Name(Struct, frozen=True):
    """Hosts, variables, or tools of MCP servers ("server/tool"): a glob without regard to case."""

    glob: str

    def matches(self, target: str) -> bool:
        """Whether that name is meant."""
        if SPECIAL.isdisjoint(self.glob) and self.glob.isascii() and target.isascii():
            return self.glob.casefold() == target.casefold()
        return _name_pattern(self.glob).match(target) is not None


class Everything(Struct, frozen=True):
    """Whatever the tool could be asked."""

    def matches(self, target: str) -> bool:
        """It is meant."""
        return True


Pattern = Paths | Command | Name | Everything


class Rule(Struct, frozen=True):
    """A ruling and what it is about."""

    pattern: Pattern
    ruling: Ruling


class Sandbox(Struct, frozen=True):
    """What the operating system lets a tool's processes reach; only where it really starts.

    `unreadable` names files that they cannot read, but for those in `readable`; `writable` those that they can
    change, but for those in `unwritable`; `hosts` what they can connect to ("*" for all), but for `barred`; `sockets`
    the unix sockets that they can use, as paths; `hidden` the variables taken from their environment.
    """

    name: str
    rule: str = ""
    evidence: Evidence | None = None
    unreadable: tuple[Paths, ...] = ()
    readable: tuple[Paths, ...] = ()
    writable: tuple[Paths, ...] = ()
    hosts: tuple[Name, ...] = ()
    sockets: tuple[Paths, ...] = ()
    hidden: tuple[Name, ...] = ()
    unwritable: tuple[Paths, ...] = ()
    barred: tuple[Name, ...] = ()

    def reads(self, path: str) -> bool:
        """Whether a file can be read inside."""
        if not any(each.matches(path) for each in self.unreadable):
            return True
        return any(each.matches(path) for each in self.readable)

    def connects(self, host: str) -> bool:
        """Whether a host can be reached from inside."""
        return any(each.matches(host) for each in self.hosts) and not any(each.matches(host) for each in self.barred)

    def opens(self, socket: str) -> bool:
        """Whether a unix socket can be used from inside."""
        return any(each.matches(socket) for each in self.sockets)

    def writes(self, path: str) -> bool:
        """Whether a file can be changed from inside."""
        inside = any(each.matches(path) for each in self.writable)
        return inside and not any(each.matches(path) for each in self.unwritable)

    def sees(self, variable: str) -> bool:
        """Whether a variable is still there inside."""
        return not any(each.matches(variable) for each in self.hidden)


class Tool(Struct, frozen=True):
    """One way in which an agent acts: `name` as the agent calls it, the channel, and what decides.

    The first rule that matches decides: whoever makes a policy puts the rules in the order in which the agent tries
    them. Where none matches, `otherwise` holds. A tool that runs some things confined and others not is two tools.
    `programs` are the commands by which one that reads does so: about these it decides, by the files that they name.
    """

    name: str
    channel: Channel
    otherwise: Ruling
    rules: tuple[Rule, ...] = ()
    sandbox: Sandbox | None = None
    programs: tuple[str, ...] = ()

    def decide(self, target: str) -> Ruling:
        """What stands before this tool's reaching the target."""
        return next((rule.ruling for rule in self.rules if rule.pattern.matches(target)), self.otherwise)


class Inheritance(Struct, frozen=True):
    """Which variables of its own environment an agent hands to what it starts: all, or `only` some, none `dropped`."""

    only: tuple[Name, ...] | None = None
    dropped: tuple[Name, ...] = ()
    rule: str = ""
    evidence: Evidence | None = None

    def passes(self, variable: str) -> bool:
        """Whether it hands that variable on."""
        if any(each.matches(variable) for each in self.dropped):
            return False
        return self.only is None or any(each.matches(variable) for each in self.only)


INHERITS_ALL = Inheritance()


class Policy(Struct, frozen=True):
    """All that decides what one agent may do in one folder.

    `mode` is the vendor's word for how much it asks ("auto", "on-request"). `commands` and `servers` say what the
    commands and the MCP servers that it starts inherit.
    """

    mode: str
    tools: tuple[Tool, ...]
    commands: Inheritance = INHERITS_ALL
    servers: Inheritance = INHERITS_ALL


@lru_cache(maxsize=16384)
def _is_below(target: str, glob: str, fold: bool) -> bool:
    """Whether a path is meant; asked once for all agents that have such a rule."""
    return _fits(_folded(target, fold), _globs(glob, fold))


@lru_cache(maxsize=4096)
def _folded(text: str, fold: bool) -> tuple[str, ...]:
    parts = text.replace("\\", "/").rstrip("/").split("/")
    return tuple(part.casefold() for part in parts) if fold else tuple(parts)


@lru_cache(maxsize=4096)
def _globs(glob: str, fold: bool) -> tuple[str, ...]:
    """The parts of a glob; several "**" in a row say no more than one."""
    parts = _folded(glob, fold)
    return tuple(part for at, part in enumerate(parts) if part != "**" or at == 0 or parts[at - 1] != "**")


def _fits(parts: tuple[str, ...], globs: tuple[str, ...]) -> bool:
    """Whether the first parts of a path are what the globs name; "**" stands for any number of parts.

    All places in the globs that the parts so far may have led to are kept at once, so that no glob takes long.
    """
    if len(globs) - globs.count("**") > len(parts) or not _fixed(globs).issubset(parts):
        return False
    places = _skipped({0}, globs)
    for part in parts:
        if len(globs) in places:
            return True
        here = {place for place in places if globs[place] == "**" or _is_meant(part, globs[place])}
        places = _skipped({place if globs[place] == "**" else place + 1 for place in here}, globs)
    return len(globs) in places


@lru_cache(maxsize=4096)
def _fixed(globs: tuple[str, ...]) -> frozenset[str]:
    """The parts that stand for themselves alone: no path without each of them is meant."""
    return frozenset(glob for glob in globs if SPECIAL.isdisjoint(glob))


def _is_meant(part: str, glob: str) -> bool:
    return part == glob if SPECIAL.isdisjoint(glob) else fnmatchcase(part, glob)


def _skipped(places: set[int], globs: tuple[str, ...]) -> set[int]:
    """The places, and those behind each "**" that stands for nothing."""
    for place in sorted(places):
        after = place
        while after < len(globs) and globs[after] == "**":
            after += 1
            places.add(after)
    return places


def _begins(text: str, pieces: tuple[str, ...], opened: bool) -> bool:
    """Whether a text is these pieces with anything between them, and, if open, further words behind."""
    first, *between, last = pieces
    if not text.startswith(first):
        return False
    at = len(first)
    for piece in between:
        found = text.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    if len(text) - len(last) >= at and text.endswith(last):
        return True
    return opened and _goes_on(text, last, at)


def _goes_on(text: str, last: str, at: int) -> bool:
    """Whether a piece stands somewhere from there on with a blank behind it."""
    if not last:
        return True
    found = text.find(last, at)
    while 0 <= found < len(text) - len(last):
        if text[found + len(last)].isspace():
            return True
        found = text.find(last, found + 1)
    return False


@cache
def _name_pattern(glob: str) -> re.Pattern[str]:
    return re.compile(translate(glob), re.IGNORECASE)
