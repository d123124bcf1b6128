"""One machine as probes see it: a `Machine` is its ports and facts, a `Host` is one probe's view of it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import PurePath
from time import monotonic

from msgspec import Struct, field
from msgspec.structs import replace

from scanner.data.families import holds_token
from scanner.data.sweep import Group
from scanner.host import paths
from scanner.host.absence import Absence
from scanner.host.ports import (
    Content,
    Entry,
    FileKind,
    Files,
    Keychain,
    Piece,
    Place,
    Process,
    Processes,
    Registry,
    Sockets,
    Stamp,
    TextFile,
    Variables,
)
from scanner.host.swept import UNKNOWN, Candidates, Cleared, Spot, Swept
from scanner.model import Gap, GapKind, Observation, Platform, Secret
from scanner.progress import SILENT, Progress
from scanner.vault import Vault

FILE_LIMIT = 1024 * 1024  # bytes read of one file
HEAD_LIMIT = 512  # bytes that tell the format of a file
NAME_LIMIT = 255  # bytes of one name in a path, and
PATH_LIMIT = 4096  # characters of the whole, on any platform
LIST_LIMIT = 10_000  # names taken from one folder by a pattern
WHOLE_LIMIT = 64 * 1024 * 1024  # bytes read of a file that is not only read at its beginning and its end
GLOB = "*?["  # signs of a part of a path that stands for others
SWEEP = "sweep"  # how a probe declares that it reads what the walk chose


class DeadlinePassed(Exception):
    """The time that this run was given is spent; the engine turns it into a Gap."""


class UndeclaredRead(Exception):
    """A probe asked for something that its `reads` does not name: a defect of the probe."""


class Machine(Struct, frozen=True, dict=True):
    """A machine's facts and ports.

    `launch` is the environment that an agent launched from this shell inherits. `neighbours` are the other workspaces
    that were asked for (the first `named` of them) and the repositories beside the first. `source` is `live`, `image`
    or `sample`; `elsewhere`: what lies around the home need not be the machine that it is used on. `now` is the clock
    of this run, in UTC.
    """

    platform: Platform
    name: str
    user: str
    home: PurePath
    now: datetime
    source: str
    files: Files
    launch: Variables
    processes: Processes
    sockets: Sockets
    keychain: Keychain
    registry: Registry
    uid: int | None = None
    workspace: PurePath | None = None
    neighbours: tuple[PurePath, ...] = ()
    named: int = 0
    elsewhere: bool = False

    @property
    def workspaces(self) -> tuple[PurePath, ...]:
        """The folders that agents would work in: each is judged by itself."""
        return self.projects[: 1 + self.named] if self.workspace is not None else ()

    @property
    def projects(self) -> tuple[PurePath, ...]:
        """The workspace and its neighbour repositories."""
        return ((self.workspace,) if self.workspace is not None else ()) + self.neighbours

    @cached_property
    def absence(self) -> Absence:
        """What the folders that patterns begin with do not hold."""
        return Absence(self.files, self.platform, self.home, self.projects)

    def lacks(self, pattern: str) -> bool:
        """Whether it is told without a look that nothing lies at the pattern, which has no braces."""
        return all(
            self.absence.tells(text) for text in paths.bases(pattern, self.platform, self.launch.values, self.uid)
        )

    def paths(self, pattern: str) -> list[PurePath]:
        """What a declared file pattern stands for here; none where it does not apply."""
        return paths.expand(
            pattern,
            platform=self.platform,
            home=self.home,
            projects=self.projects,
            variables=self.launch.values,
            uid=self.uid,
        )


class Ledger(Struct):
    """What came of each declared read: tried, and if not answered why."""

    tried: set[str] = field(default_factory=set)
    unanswered: dict[str, str] = field(default_factory=dict)


class Host(Struct, frozen=True):
    """One probe's view of the machine.

    It hands out only what `reads` declares (all, when None), keeps the ledger for coverage, watches the deadline
    (a `time.monotonic()` value) and takes secrets into the vault. `walked` holds what the walk found for patterns
    that begin with `**/`, `candidates` the files that it chose to be read, of which `clean` remembers those that
    held nothing. `seen` is what others saw, for a probe that follows them.
    """

    machine: Machine
    vault: Vault
    reads: frozenset[str] | None = None
    walked: Mapping[str, Sequence[PurePath]] = field(default_factory=dict)
    deadline: float | None = None
    ledger: Ledger = field(default_factory=Ledger)
    candidates: tuple[Candidates, ...] = ()
    clean: Cleared = UNKNOWN
    progress: Progress = SILENT
    seen: tuple[Observation, ...] = ()

    @property
    def platform(self) -> Platform:
        """The operating system family."""
        return self.machine.platform

    @property
    def home(self) -> PurePath:
        """The home that is judged."""
        return self.machine.home

    @property
    def workspace(self) -> PurePath | None:
        """The folder an agent would work in, if any."""
        return self.machine.workspace

    def at(self, workspace: PurePath) -> "Host":
        """The same view with another of the workspaces as the one that an agent works in; the ledger is shared."""
        if workspace == self.workspace:
            return self
        beside = tuple(each for each in self.machine.projects if each != workspace)
        return replace(self, machine=replace(self.machine, workspace=workspace, neighbours=beside))

    @property
    def now(self) -> datetime:
        """The clock of this run, in UTC."""
        return self.machine.now

    def keep(self, value: str, *, guessable: bool = False) -> Secret:
        """Puts a secret into the vault. A guessable one (a password, a PIN) gets no fingerprint."""
        return self.vault.keep(value, guessable=guessable)

    def shown(self, path: PurePath) -> str:
        """The path as a report writes it."""
        return paths.shown(path, self.home)

    def read(self, *patterns: str, limit: int = FILE_LIMIT) -> Iterator[TextFile | Gap]:
        """The text of every file that the declared patterns name, of each at most `limit` bytes; of none nothing."""
        for pattern in patterns:
            for path, anchored in self._matches(pattern):
                if isinstance(path, Gap):
                    yield self._gap(pattern, path)
                else:
                    yield from self._text(pattern, path, anchored, limit)

    def swept(self) -> Iterator[Swept | Gap]:
        """The files that the walk chose, piece by piece; declared as `sweep`. Those known to be clean are left out.

        When the time is spent, a Gap says how many were not read.
        """
        if self.reads is not None and SWEEP not in self.reads:
            raise UndeclaredRead(SWEEP)
        self.ledger.tried.add(SWEEP)
        late: list[str] = []
        for of in self.candidates:
            for spot in of.spots:
                yield from self._spot(of, spot, late)
        if late:
            why = f"files not read: {len(late)} (the time was spent)"
            yield self._gap(SWEEP, Gap(GapKind.LIMIT, late[0], why))

    def _is_late(self) -> bool:
        return self.deadline is not None and monotonic() > self.deadline

    def _spot(self, of: Candidates, spot: Spot, late: list[str]) -> Iterator[Swept | Gap]:
        """What one folder holds of them; what there was no time for is added to `late`."""
        groups = dict(spot.files)
        folder = of.root / spot.below
        at = str(folder / "_")[:-1]  # a path is made of what is handed out alone

        def wanted(name: str, stamp: Stamp) -> int:
            if self._is_late():
                late.append(self.shown(folder / name))
                return 0
            if self.clean.knows(stamp, groups[name].id, at + name):
                return 0
            return WHOLE_LIMIT if groups[name].whole else FILE_LIMIT

        if self._is_late():
            late.extend(self.shown(folder / name) for name in groups)
            return
        for piece in of.walker.pieces(spot.below, list(groups), wanted):
            match piece:
                case Gap() as gap:
                    yield self._gap(SWEEP, gap)
                case Piece(linked=True, name=name):
                    yield from self._linked(folder / name, groups[name])
                case Piece(name=name) as read:
                    yield Swept(folder / name, groups[name], read.data, read.lines, read.last, read.stamp)

    def _linked(self, path: PurePath, group: Group) -> Iterator[Swept | Gap]:
        """The beginning of the file that a link leads to, where that lies in the home or a project."""
        match self.machine.files.content(path, FILE_LIMIT, self._within(anchored=True)):
            case Gap() as gap:
                yield self._gap(SWEEP, gap)
            case Content() as content:
                yield Swept(path, group, content.data, 0, last=True, stamp=None)

    def heads(self, *patterns: str) -> Iterator[Content | Gap]:
        """The first bytes of every file that the declared patterns name: enough to tell its format."""
        for pattern in patterns:
            for path, anchored in self._matches(pattern):
                self.check_time()
                if isinstance(path, Gap):
                    yield self._gap(pattern, path)
                    continue
                match self.machine.files.content(path, HEAD_LIMIT, self._within(anchored)):
                    case Gap() as gap:
                        yield self._gap(pattern, gap)
                    case Content() as content:
                        yield content

    def read_bytes(self, *patterns: str, limit: int = FILE_LIMIT) -> Iterator[Content | Gap]:
        """The bytes of every file that the declared patterns name, for what is no text: a small database."""
        for pattern in patterns:
            for path, anchored in self._matches(pattern):
                if isinstance(path, Gap):
                    yield self._gap(pattern, path)
                else:
                    yield from self._content(pattern, path, anchored, limit)

    def content_of(self, declared: str, place: Place, limit: int) -> Iterator[Content | Gap]:
        """The first `limit` bytes of one file that `places` showed for a declared pattern; of a longer one no Gap."""
        self._enter(declared)
        if not any(place.path.match(str(each)) for each in self.machine.paths(declared)):
            raise UndeclaredRead(declared)
        match self.machine.files.content(place.path, limit, self._within(declared.startswith(("~", "./")))):
            case Gap() as gap:
                yield self._gap(declared, gap)
            case Content() as content:
                yield content

    def read_named(self, declared: str, path: PurePath) -> Iterator[TextFile | Gap]:
        """One file that another file or a variable named; `declared` is its `<...>` entry in `reads`."""
        self._enter(declared)
        if is_path(path):
            yield from self._text(declared, path, anchored=False)
        else:
            yield self._no_path(declared)

    def read_bytes_named(self, declared: str, path: PurePath, limit: int = FILE_LIMIT) -> Iterator[Content | Gap]:
        """The bytes of one file that another file named; `declared` is its `<...>` entry in `reads`."""
        self._enter(declared)
        if is_path(path):
            yield from self._content(declared, path, anchored=False, limit=limit)
        else:
            yield self._no_path(declared)

    def places(self, *patterns: str) -> Iterator[Place | Gap]:
        """What lies at the declared patterns, without opening it; what is absent yields nothing."""
        for pattern in patterns:
            for path, anchored in self._matches(pattern):
                if isinstance(path, Gap):
                    yield self._gap(pattern, path)
                    continue
                self.check_time()
                match self.machine.files.place(path, self._within(anchored)):
                    case Gap() as gap:
                        yield self._gap(pattern, gap)
                    case Place() as place:
                        yield place

    def entries_named(self, declared: str, folder: PurePath) -> Sequence[Entry] | Gap:
        """The names in a folder that another file named or lies in, with their kinds; none where there is no folder."""
        self._enter(declared)
        if not is_path(folder):
            return self._no_path(declared)
        found = self.machine.files.entries(folder)
        return self._gap(declared, found) if isinstance(found, Gap) else found

    def place_named(self, declared: str, path: PurePath) -> Place | Gap | None:
        """What lies at one path that another file or a variable named, without opening it."""
        self._enter(declared)
        if not is_path(path):
            return self._no_path(declared)
        found = self.machine.files.place(path)
        return self._gap(declared, found) if isinstance(found, Gap) else found

    def open_to_others(self, place: Place) -> bool:
        """Whether other users may read what lies at a place already looked at: by its mode and the folders above it.

        The group's rights count on macOS, where every user is in one; elsewhere a group is mostly the user's own. A
        folder whose mode is not known keeps nobody out, and the root is never closed.
        """
        read, enter = (0o044, 0o011) if self.platform is Platform.MACOS else (0o004, 0o001)
        if place.mode is None or not place.mode & read:
            return False
        return all(self._lets_in(folder, enter) for folder in (place.link_target or place.path).parents[:-1])

    def _lets_in(self, folder: PurePath, enter: int) -> bool:
        self.check_time()
        found = self.machine.files.place(folder)
        return not isinstance(found, Place) or found.mode is None or bool(found.mode & enter)

    def matches_named(self, declared: str, pattern: PurePath) -> Iterator[PurePath | Gap]:
        """The paths that a path with `*` in it stands for, where another file named it; `declared` is its entry."""
        self._enter(declared)
        if not is_path(pattern):
            yield self._no_path(declared)
            return
        for path in self._globbed(pattern):
            yield self._gap(declared, path) if isinstance(path, Gap) else path

    def resolve(self, text: str, beside: PurePath | None = None) -> PurePath | None:
        """A path as some file or variable writes it (`~/x`, absolute, or relative to the folder `beside`)."""
        if text == "~" or text.startswith(("~/", "~\\")):
            return self.home.joinpath(text[2:].lstrip("/\\")) if len(text) > 2 else self.home
        path = paths.pure(self.platform, text)
        if path.is_absolute():
            return path
        if text.startswith("~"):
            return None  # another user's home
        return beside / path if beside is not None else None

    def variables(self) -> Variables:
        """The environment an agent launched from here inherits; declared as `env:*`."""
        self._enter("env:*")
        return self.machine.launch

    def variable(self, name: str) -> str | None:
        """One variable of that environment; declared as `env:NAME` or `env:*`."""
        self._enter(f"env:{name}", "env:*")
        return self.machine.launch.values.get(name)

    def processes(self) -> Iterator[Process | Gap]:
        """The process table; declared as `processes`."""
        self._enter("processes")
        table = self.machine.processes.table()
        if isinstance(table, Gap):
            yield self._gap("processes", table)
        else:
            yield from table

    def process_variables(self, process: Process) -> Variables | Gap:
        """The environment a process was started with; declared as `processes`."""
        self._enter("processes")
        found = self.machine.processes.variables(process.pid)
        if isinstance(found, Gap):
            return self._gap("processes", found)
        return Variables(f"{process.name} (pid {process.pid})", found)

    def agent_identities(self, socket: PurePath) -> bytes | Gap:
        """An ssh-agent's answer to the list request; declared as `socket:ssh-agent`."""
        self._enter("socket:ssh-agent")
        found = self.machine.sockets.agent_identities(socket)
        return self._gap("socket:ssh-agent", found) if isinstance(found, Gap) else found

    def engine(self, socket: PurePath, question: str) -> bytes | Gap:
        """A container engine's answer to `version` or `info`, as JSON; declared as `socket:container-engine`."""
        self._enter("socket:container-engine")
        found = self.machine.sockets.engine(socket, question)
        return self._gap("socket:container-engine", found) if isinstance(found, Gap) else found

    def keychain(self, service: str, account: str) -> str | Gap | None:
        """One named entry of the keychain, after consent; declared as `keychain`."""
        self._enter("keychain")
        found = self.machine.keychain.entry(service, account)
        return self._gap("keychain", found) if isinstance(found, Gap) else found

    def may_ask_keychain(self, service: str) -> bool:
        """Whether a person has named that service of the keychain; declared as `keychain`."""
        self._enter("keychain")
        return self.machine.keychain.consents(service)

    def registry(self, key: str) -> Mapping[str, str] | Gap:
        """The string values under a registry key; declared as `registry:KEY`."""
        self._enter(f"registry:{key}")
        found = self.machine.registry.values(key)
        return self._gap(f"registry:{key}", found) if isinstance(found, Gap) else found

    def check_time(self) -> None:
        """Raises DeadlinePassed when this run's time is spent; called between reads."""
        if self._is_late():
            raise DeadlinePassed

    def _enter(self, *names: str) -> None:
        self.check_time()
        for name in names:
            if self.reads is None or name in self.reads:
                self.ledger.tried.add(name)
                return
        raise UndeclaredRead(names[0])

    def _gap(self, declared: str, gap: Gap) -> Gap:
        self.ledger.unanswered.setdefault(declared, gap.why)
        return Gap(gap.kind, gap.place, gap.why, read=declared)

    def _no_path(self, declared: str) -> Gap:
        """A gap that does not say what stands in the place of a path: somebody may have put a key there."""
        return self._gap(declared, Gap(GapKind.FAILED, declared.strip("<>"), "what is named there is no path"))

    def _within(self, anchored: bool) -> tuple[PurePath, ...]:
        """Links of the home and of projects stay inside them; places of the system may link as they like."""
        return (self.home, *self.machine.projects) if anchored else ()

    def _matches(self, pattern: str) -> Iterator[tuple[PurePath | Gap, bool]]:
        self._enter(pattern)
        if pattern.startswith("**/"):
            for path in self.walked.get(pattern, ()):
                yield path, True
            return
        anchored = pattern.startswith(("~", "./"))
        folder, opened, _ = pattern.partition("{")
        if opened and folder.count("/") > 1 and self.machine.lacks(folder.rpartition("/")[0]):
            return
        seen: set[PurePath] = set()
        holds = _Holds(self.machine.files) if opened else None
        for each in paths.braces(pattern):
            if self.machine.lacks(each):
                continue
            own = len(paths.pure(self.platform, each).parts) - each.startswith(("~", "$"))
            for path in self.machine.paths(each):
                if path not in seen:
                    seen.add(path)
                    yield from ((found, anchored) for found in self._globbed(path, holds, len(path.parts) - own))

    def _globbed(self, path: PurePath, holds: "_Holds | None" = None, first: int = 0) -> Iterator[PurePath | Gap]:
        """The paths that a path with `*`, `?` or `[` in its parts stands for, its first parts taken as they are."""
        for depth, part in enumerate(path.parts):
            if depth >= first and any(char in part for char in GLOB):
                yield from self._listed(path, depth, holds)
                return
        yield path

    def _listed(self, path: PurePath, depth: int, holds: "_Holds | None") -> Iterator[PurePath | Gap]:
        folder, part = type(path)(*path.parts[:depth]), path.parts[depth]
        rest = path.parts[depth + 1 :]
        self.check_time()
        entries = self.machine.files.entries(folder)
        if isinstance(entries, Gap):
            yield entries
            return
        if len(entries) > LIST_LIMIT:
            yield Gap(
                GapKind.LIMIT, self.shown(folder), f"holds {len(entries)} names; the first {LIST_LIMIT} were taken"
            )
        fold = self.platform is not Platform.LINUX
        for entry in entries[:LIST_LIMIT]:
            name = entry.name.casefold() if fold else entry.name
            if fnmatchcase(name, part.casefold() if fold else part) and not (rest and entry.kind is FileKind.FILE):
                if rest and holds is not None and not holds.may_hold(folder, entry, rest[0], fold=fold):
                    continue
                if holds_token(entry.name):
                    self.keep(entry.name)  # a path is evidence and stays whole until the last mask
                yield from self._globbed((folder / entry.name).joinpath(*rest), holds, depth + 1)

    def _text(self, declared: str, path: PurePath, anchored: bool, limit: int = FILE_LIMIT) -> Iterator[TextFile | Gap]:
        for found in self._content(declared, path, anchored, limit):
            match found:
                case Gap():
                    yield found
                case Content() as content:
                    text, complaint = decoded(content.data)
                    if complaint is not None:
                        yield self._gap(declared, Gap(GapKind.FAILED, self.shown(path), complaint))
                    yield TextFile(path, text, content.place, content.truncated)

    def _content(
        self, declared: str, path: PurePath, anchored: bool, limit: int = FILE_LIMIT
    ) -> Iterator[Content | Gap]:
        """A file's bytes, behind a Gap where it has more than the limit."""
        self.check_time()
        match self.machine.files.content(path, limit, self._within(anchored)):
            case Gap() as gap:
                yield self._gap(declared, gap)
            case Content() as content:
                if content.truncated:
                    why = f"larger than {limit // 1024 // 1024} MiB; the rest was not read"
                    yield self._gap(declared, Gap(GapKind.LIMIT, self.shown(path), why))
                yield content


class _Holds:
    """What the folders hold that one pattern comes to: each is listed once for all that its braces stand for."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._names: dict[tuple[PurePath, str], frozenset[str] | None] = {}

    def may_hold(self, above: PurePath, entry: Entry, name: str, *, fold: bool) -> bool:
        """Whether that name may lie in the folder, an entry of the one `above`; False where a listing denies it."""
        if entry.kind is not FileKind.FOLDER or name == ".." or any(char in name for char in GLOB):
            return True
        key = (above, entry.name)
        if key not in self._names:
            listed = self._files.entries(above / entry.name)
            self._names[key] = None if isinstance(listed, Gap) else _names(listed, fold=fold)
        names = self._names[key]
        return names is None or (name.casefold() if fold else name) in names


def _names(entries: Sequence[Entry], *, fold: bool) -> frozenset[str]:
    return frozenset(entry.name.casefold() if fold else entry.name for entry in entries)


def is_path(path: PurePath) -> bool:
    """Whether a file could have that path; a key or a whole document in its place could not."""
    text = str(path)
    if len(text) > PATH_LIMIT or any(char in text for char in "\0\n\r"):
        return False
    return all(len(part.encode("utf-8", "surrogatepass")) <= NAME_LIMIT for part in path.parts)


def decoded(data: bytes) -> tuple[str, str | None]:
    """The bytes as text, and what was wrong with them: UTF-8, or UTF-16 where a byte order mark says so."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding), None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return data.decode(encoding, "replace"), f"line {line} is not {encoding.removesuffix('-sig').upper()} text"
