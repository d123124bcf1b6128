"""What running ones were told on their command lines: of several the laxest counts, and what all were forbidden."""

from collections.abc import Iterator, Sequence

from msgspec import Struct, field

from probes.agents.basis import ARGUMENTS, PROCESSES
from probes.agents.copilot.grammar import Told, permission, several
from scanner.host import Process
from scanner.model import Evidence

EVERYTHING = ("--allow-all", "--yolo")
SWITCHES = ("--allow-all-tools", "--allow-all-paths", "--allow-all-urls", *EVERYTHING)
MORE = ("--sandbox", "--no-sandbox", "--trust-folder", "--disallow-temp-dir")
LISTS = ("--allow-tool", "--deny-tool", "--allow-url", "--deny-url", "--add-dir", "--secret-env-vars")


class Line(Struct, frozen=True):
    """The options of one process."""

    evidence: Evidence
    switches: frozenset[str]
    allow: tuple[Told, ...]
    deny: tuple[Told, ...]
    folders: tuple[str, ...]
    hidden: tuple[str, ...]


class Lines(Struct, frozen=True):
    """The options of all that run."""

    each: tuple[Line, ...] = field(default_factory=tuple)

    def told(self, *names: str) -> tuple[str, Evidence] | None:
        """The first of the switches that any was started with."""
        for line in self.each:
            for name in names:
                if name in line.switches:
                    return name, line.evidence
        return None

    def all_told(self, name: str) -> Evidence | None:
        """Where a switch stands that all were started with."""
        if self.each and all(name in line.switches for line in self.each):
            return self.each[0].evidence
        return None

    @property
    def allow(self) -> Iterator[Told]:
        """What any of them may."""
        return (told for line in self.each for told in line.allow)

    @property
    def deny(self) -> Iterator[Told]:
        """What none of them may."""
        wanted = [{(told.kind, told.about) for told in line.deny} for line in self.each]
        common = set.intersection(*wanted) if wanted else set()
        return (told for line in self.each[:1] for told in line.deny if (told.kind, told.about) in common)

    @property
    def folders(self) -> Iterator[tuple[str, Evidence]]:
        """The folders that were added for any of them."""
        return ((folder, line.evidence) for line in self.each for folder in line.folders)

    @property
    def hidden(self) -> frozenset[str]:
        """The variables that none of them hands on."""
        names = [frozenset(line.hidden) for line in self.each]
        return frozenset.intersection(*names) if names else frozenset()


def lines(processes: Sequence[Process]) -> Lines:
    """The command lines of those that run; the wrapper around the program has the same one."""
    return Lines(tuple(_line(each) for each in processes[:PROCESSES] if each.argv))


def _line(process: Process) -> Line:
    place = Evidence(process=f"{process.name} (pid {process.pid})")
    words = process.argv[1:ARGUMENTS]
    values = {name: tuple(_values(words, name)) for name in LISTS}
    return Line(
        place,
        frozenset(word for word in words if word in SWITCHES or word in MORE),
        (*_told(values["--allow-tool"], "--allow-tool", place), *_urls(values["--allow-url"], "--allow-url", place)),
        (*_told(values["--deny-tool"], "--deny-tool", place), *_urls(values["--deny-url"], "--deny-url", place)),
        values["--add-dir"],
        tuple(name for text in values["--secret-env-vars"] for name in several(text)),
    )


def _values(words: Sequence[str], name: str) -> Iterator[str]:
    """What follows an option up to the next one, or its sign of equality."""
    open_ = False
    for word in words:
        if word.startswith("-"):
            open_ = word == name
            if word.startswith(f"{name}="):
                yield word.partition("=")[2]
        elif open_:
            yield word


def _told(texts: Sequence[str], name: str, place: Evidence) -> Iterator[Told]:
    for text in texts:
        for each in several(text):
            found = permission(each, f"{name} of the running {place.process}", place)
            if found is not None:
                yield found


def _urls(texts: Sequence[str], name: str, place: Evidence) -> Iterator[Told]:
    for text in texts:
        for each in several(text):
            if each.strip():
                yield Told("url", each.strip(), f"{name} of the running {place.process}", place)
