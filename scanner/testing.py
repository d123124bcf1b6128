"""Machines made of a dict or a folder, for tests of probes, here and in packages of others."""

import base64
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from struct import pack

from msgspec import Struct, field

from scanner.data.sweep import groups
from scanner.host.machine import Host, Machine
from scanner.host.paths import pure, within
from scanner.host.ports import Content, Entry, FileKind, Folder, Piece, Place, Process, Stamp, Variables
from scanner.model import Gap, GapKind, Observation, Platform
from scanner.probe import Probe
from scanner.sweep.walk import Search, walk
from scanner.tokens import fill
from scanner.vault import Vault

HOMES: dict[Platform, PurePath] = {
    Platform.LINUX: PurePosixPath("/home/ada"),
    Platform.MACOS: PurePosixPath("/Users/ada"),
    Platform.WINDOWS: PureWindowsPath("C:/Users/ada"),
}
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
TEST_KEY = b"armslength test fingerprint key!"


class FakeFile(Struct, frozen=True):
    """A file of a fake machine: its text or bytes (None: it may not be read), mode, kind, and where it links to."""

    content: str | bytes | None = ""
    mode: int | None = None
    kind: FileKind = FileKind.FILE
    link: str | None = None
    mine: bool = True
    modified: datetime | None = None


class FakeFiles:
    """A tree kept in a dict; macOS and Windows trees ignore case."""

    def __init__(self, platform: Platform, tree: Mapping[PurePath, FakeFile]) -> None:
        self._fold = platform is not Platform.LINUX
        self._platform = platform
        self._tree = {self._key(path): (path, file) for path, file in tree.items()}
        self._folders: dict[PurePath, dict[str, Entry]] = {}
        for path, file in tree.items():
            kind = FileKind.LINK if file.link is not None else file.kind
            for parent, name in zip(path.parents, [path.name, *(p.name for p in path.parents)], strict=False):
                self._folders.setdefault(self._key(parent), {}).setdefault(name, Entry(name, kind))
                kind = FileKind.FOLDER

    def _key(self, path: PurePath) -> PurePath:
        return type(path)(str(path).casefold()) if self._fold else path

    def entries(self, folder: PurePath) -> Sequence[Entry] | Gap:
        """The names in a folder."""
        locked = self._tree.get(self._key(folder))
        if locked is not None and locked[1].kind is FileKind.FOLDER and locked[1].content is None:
            return Gap(GapKind.REFUSED, str(folder), "permission denied")
        return sorted(self._folders.get(self._key(folder), {}).values(), key=lambda entry: entry.name)

    def place(self, path: PurePath, inside: Sequence[PurePath] = ()) -> Place | Gap | None:
        """What lies at the path, its link followed."""
        found = self._followed(path, inside)
        if found is None or isinstance(found, Gap):
            if found is None and self._key(path) in self._folders:
                return Place(path, FileKind.FOLDER)
            return found
        file, target = found
        return Place(
            path,
            file.kind,
            mode=file.mode,
            mine=file.mine,
            readable=file.content is not None,
            link_target=target,
            modified=file.modified,
            size=len(file.content or ""),
        )

    def content(self, path: PurePath, limit: int, inside: Sequence[PurePath] = ()) -> Content | Gap | None:
        """A file's bytes."""
        place = self.place(path, inside)
        if place is None or isinstance(place, Gap):
            return place
        if place.kind is FileKind.FOLDER:
            return None
        if place.kind is not FileKind.FILE:
            return Gap(GapKind.REFUSED, str(path), f"a {place.kind}, not opened")
        followed = self._followed(path, inside)
        if not isinstance(followed, tuple) or followed[0].content is None:
            return Gap(GapKind.REFUSED, str(path), "permission denied")
        content = followed[0].content
        data = content.encode() if isinstance(content, str) else content
        return Content(place, data[:limit], len(data) > limit)

    def walker(self, folder: PurePath) -> "FakeWalker | Gap | None":
        """What walks the folder."""
        found = self.place(folder)
        if isinstance(found, Gap):
            return found
        return FakeWalker(self, folder) if found is not None and found.kind is FileKind.FOLDER else None

    def _followed(self, path: PurePath, inside: Sequence[PurePath]) -> tuple[FakeFile, PurePath | None] | Gap | None:
        target: PurePath | None = None
        for _ in range(8):
            found = self._tree.get(self._key(target or path))
            if found is None:
                return None
            if found[1].link is None:
                return found[1], target
            target = (target or path).parent / pure(self._platform, found[1].link)
            if inside and not any(within(target, folder) for folder in inside):
                return Gap(GapKind.REFUSED, str(path), f"a link out of the tree, to {target}")
        return Gap(GapKind.FAILED, str(path), "a loop of links")


class FakeWalker(Struct, frozen=True):
    """The folders of a fake tree below one of them. `mounts`: the file systems that begin there, by path from there."""

    files: FakeFiles
    root: PurePath
    mounts: Mapping[str, str] = field(default_factory=dict)

    def names(self, below: str) -> Folder | Gap | None:
        """What a folder holds."""
        listed = self.files.entries(self.root / below)
        if isinstance(listed, Gap):
            return listed
        folders = [entry.name for entry in listed if entry.kind is FileKind.FOLDER]
        return Folder(folders, [entry.name for entry in listed if entry.kind is not FileKind.FOLDER])

    def present(self, below: str, names: Sequence[str]) -> Sequence[str]:
        """Those of the names that a folder has."""
        return [name for name in names if self.files.place(self.root / below / name) is not None]

    def foreign(self, below: str) -> str | None:
        """The type of the file system that begins at this folder."""
        return self.mounts.get(below)

    def pieces(self, below: str, names: Sequence[str], wanted: Callable[[str, Stamp], int]) -> Iterator[Piece | Gap]:
        """The bytes of these files, each in one piece."""
        listed = self.files.entries(self.root / below)
        kinds = {} if isinstance(listed, Gap) else {entry.name: entry.kind for entry in listed}
        for name in names:
            path = self.root / below / name
            if kinds.get(name) is FileKind.LINK:
                yield Piece(name, Stamp(0, 0, 0, 0, 0), linked=True)
                continue
            found = self.files.content(path, sys.maxsize)
            if isinstance(found, Content) and found.data:
                stamp = Stamp(0, hash(path), len(found.data), hash(found.data), 0)
                limit = wanted(name, stamp)
                if limit:
                    yield Piece(name, stamp, found.data[:limit])
            elif isinstance(found, Gap):
                yield found


class FakeProcesses(Struct, frozen=True):
    """A process table with the environment of each process."""

    processes: tuple[Process, ...] = ()
    environments: Mapping[int, Mapping[str, str] | None] = field(default_factory=dict)

    def table(self) -> Sequence[Process] | Gap:
        """All of them."""
        return self.processes

    def variables(self, pid: int) -> Mapping[str, str] | Gap:
        """The environment of one; None in the dict stands for a refusal."""
        found = self.environments.get(pid, {})
        return Gap(GapKind.REFUSED, f"process {pid}", "permission denied") if found is None else found


class FakeSockets(Struct, frozen=True):
    """Answers of ssh-agents and of container engines by socket path; None stands for a socket that does not answer."""

    agents: Mapping[PurePath, bytes | None] = field(default_factory=dict)
    engines: Mapping[PurePath, Mapping[str, str | None]] = field(default_factory=dict)

    def agent_identities(self, path: PurePath) -> bytes | Gap:
        """The answer to the list request."""
        found = self.agents.get(path)
        return Gap(GapKind.REFUSED, str(path), "no answer") if found is None else found

    def engine(self, path: PurePath, question: str) -> bytes | Gap:
        """The answer to `version` or `info`."""
        found = self.engines.get(path, {}).get(question)
        return Gap(GapKind.REFUSED, str(path), "no answer") if found is None else found.encode()


class FakeKeychain(Struct, frozen=True):
    """A keychain in a dict of (service, account); None stands for the want of consent."""

    entries: Mapping[tuple[str, str], str | Gap] | None = None

    def consents(self, service: str) -> bool:
        """Whether a person has named that service."""
        return self.entries is not None and any(service in (each, each.partition(":")[0]) for each, _ in self.entries)

    def entry(self, service: str, account: str) -> str | Gap | None:
        """The value under that name."""
        if self.entries is None:
            return Gap(GapKind.REFUSED, f"keychain entry {service}", "needs consent")
        return self.entries.get((service, account))


class FakeRegistry(Struct, frozen=True):
    """A registry in a dict."""

    keys: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def values(self, key: str) -> Mapping[str, str] | Gap:
        """The values under a key."""
        return self.keys.get(key, {})


def agent_answer(keys: Sequence[tuple[bytes, str]]) -> bytes:
    """What an ssh-agent with these (public blob, comment) pairs says to the list request."""
    body = b"".join(
        pack(">I", len(blob)) + blob + pack(">I", len(comment.encode())) + comment.encode() for blob, comment in keys
    )
    return b"\x0c" + pack(">I", len(keys)) + body


def fake_machine(
    platform: Platform = Platform.LINUX,
    files: Mapping[str, str | bytes | FakeFile | None] | None = None,
    *,
    env: Mapping[str, str] | None = None,
    workspace: str | None = None,
    neighbours: Sequence[str] = (),
    named: int = 0,
    processes: Sequence[Process] = (),
    environments: Mapping[int, Mapping[str, str] | None] | None = None,
    agents: Mapping[str, bytes | None] | None = None,
    engines: Mapping[str, Mapping[str, str | None]] | None = None,
    keychain: Mapping[tuple[str, str], str | Gap] | None = None,
    registry: Mapping[str, Mapping[str, str]] | None = None,
    now: datetime = NOW,
    name: str = "testbed",
    source: str = "live",
) -> Machine:
    """A machine made of dicts; paths are written as `~/x` or absolute in the platform's own way."""
    home = HOMES[platform]

    def at(text: str) -> PurePath:
        return home / text[2:] if text.startswith("~/") else pure(platform, text)

    tree = {
        at(path): content if isinstance(content, FakeFile) else FakeFile(content)
        for path, content in (files or {}).items()
    }
    return Machine(
        platform=platform,
        name=name,
        user="ada",
        uid=None if platform is Platform.WINDOWS else 1000,
        home=home,
        now=now,
        source=source,
        files=FakeFiles(platform, tree),
        launch=Variables(None, dict(env or {})),
        processes=FakeProcesses(tuple(processes), environments or {}),
        sockets=FakeSockets(
            {at(path): answer for path, answer in (agents or {}).items()},
            {at(path): answers for path, answers in (engines or {}).items()},
        ),
        keychain=FakeKeychain(keychain),
        registry=FakeRegistry(registry or {}),
        workspace=at(workspace) if workspace is not None else None,
        neighbours=tuple(at(each) for each in neighbours),
        named=named,
    )


def FakeHost(  # noqa: N802 - reads as the thing it makes
    platform: Platform = Platform.LINUX,
    files: Mapping[str, str | bytes | FakeFile | None] | None = None,
    **more: object,
) -> Host:
    """A host over `fake_machine`, which see; its vault has a fixed key."""
    return Host(fake_machine(platform, files, **more), Vault(TEST_KEY))  # type: ignore[arg-type]  # passed through


def observe(probe: Probe, host: Host) -> list[Observation]:
    """What a probe sees on a host, held to the reads it declares. Raises AssertionError where a part of it broke."""
    search = Search(tuple(read for read in probe.reads if read.startswith("**/")), groups("standard"))
    walked = walk(host.machine, search, (host.machine.home, *host.machine.projects), None)
    reads, found = frozenset(probe.reads), walked.candidates
    confined = Host(host.machine, host.vault, reads, walked.matches, candidates=found, seen=host.seen)
    seen = list(probe.look(confined))
    broken = [each.why for each in seen if isinstance(each, Gap) and each.why.startswith("a defect: ")]
    if broken:  # a probe that isolates its parts must not hide from a test that one of them fails
        raise AssertionError(broken)
    return seen


def load_machine(folder: Path, *, seed: str | None = None) -> Machine:
    """A golden machine from its folder: `machine.toml` and the tree under `files/`, as docs/golden-machines.md says.

    Every `{token:FAMILY}` in a text is filled from a generator seeded with `seed` (the folder's name). Raises
    OSError, tomllib.TOMLDecodeError or KeyError where the folder is no such machine.
    """
    told = tomllib.loads((folder / "machine.toml").read_text(encoding="utf-8"))
    platform = Platform(told["platform"])
    seed = seed or folder.name
    tree = dict(_tree(folder / "files", platform, seed))
    files: dict[str, str | bytes | FakeFile | None] = {str(path): file for path, file in tree.items()}
    home = HOMES[platform]
    files.update(
        {str(_at(at, home, platform)): FakeFile(fill(text, seed)) for at, text in told.get("texts", {}).items()}
    )
    for at, statements in told.get("databases", {}).items():
        files[str(_at(at, home, platform))] = FakeFile(database([fill(each, seed) for each in statements]))
    for text, mode in told.get("modes", {}).items():
        path = _at(text, home, platform)
        known = files[str(path)]
        files[str(path)] = FakeFile(known.content if isinstance(known, FakeFile) else known, mode=int(mode, 8))
    for text, target in told.get("links", {}).items():
        files[str(_at(text, home, platform))] = FakeFile(link=target)
    for text in told.get("locked", []):
        files[str(_at(text, home, platform))] = FakeFile(None)
    for text, kind in told.get("special", {}).items():
        files[str(_at(text, home, platform))] = FakeFile(kind=FileKind(kind))
    agents: dict[str, bytes | None] = {}
    for text, keys in told.get("ssh_agents", {}).items():
        files[str(_at(text, home, platform))] = FakeFile(kind=FileKind.SOCKET)
        lines = [fill(key, seed).split(" ", 2) for key in keys]
        agents[text] = agent_answer([(base64.b64decode(blob), comment) for _, blob, comment in lines])
    engines: dict[str, dict[str, str | None]] = {}
    for text, answers in told.get("engines", {}).items():
        files[str(_at(text, home, platform))] = FakeFile(kind=FileKind.SOCKET)
        engines[text] = {question: fill(answer, seed) for question, answer in answers.items()}
    processes = told.get("processes", [])
    return fake_machine(
        platform,
        files,
        env={name: fill(value, seed) for name, value in told.get("env", {}).items()},
        workspace=told.get("workspace"),
        neighbours=told.get("neighbours", ()),
        named=told.get("named", 0),
        processes=[Process(p["pid"], p.get("parent", 1), p["name"], tuple(p.get("argv", ()))) for p in processes],
        environments={p["pid"]: {k: fill(v, seed) for k, v in p.get("env", {}).items()} for p in processes},
        agents=agents,
        engines=engines,
        registry={
            key: {n: fill(v, seed) for n, v in values.items()} for key, values in told.get("registry", {}).items()
        },
        now=told.get("now", NOW),
        name=told.get("name", folder.name),
        source="sample",
    )


def database(statements: Sequence[str]) -> bytes:
    """The bytes of an SQLite file that these statements make. Raises sqlite3.Error where one is none."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(":memory:")) as made:
        for statement in statements:
            made.execute(statement)
        made.commit()
        return made.serialize()


def _at(text: str, home: PurePath, platform: Platform) -> PurePath:
    return home / text[2:] if text.startswith("~/") else pure(platform, text)


def _tree(root: Path, platform: Platform, seed: str) -> list[tuple[PurePath, FakeFile]]:
    """Every file below `root`, as it lies on the machine: `C/Users/ada` is `C:/Users/ada` on Windows."""
    found: list[tuple[PurePath, FakeFile]] = []
    for path in sorted(root.rglob("*")):
        if path.is_file():
            parts = path.relative_to(root).parts
            start = f"{parts[0]}:/" if platform is Platform.WINDOWS else f"/{parts[0]}"
            data = path.read_bytes()
            try:
                content: str | bytes = fill(data.decode(), seed)
            except UnicodeDecodeError:
                content = data
            found.append((pure(platform, start).joinpath(*parts[1:]), FakeFile(content)))
    return found
