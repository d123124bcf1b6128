"""Turns the options of a scan into machines: live or image, which home, which environment, which workspace."""

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePath

from msgspec import Struct
from msgspec.structs import replace

from scanner.errors import ScannerError
from scanner.host.accounts import groups_of, name_of
from scanner.host.disk import DiskFiles
from scanner.host.image import Absent, AbsentRegistry, image_files
from scanner.host.links import LinkOut, Viewer, follow
from scanner.host.local import LocalKeychain, LocalProcesses, LocalRegistry, LocalSockets, local_files
from scanner.host.machine import LIST_LIMIT, Machine
from scanner.host.paths import pure, within
from scanner.host.ports import Content, Entry, FileKind, Place, Variables
from scanner.model import Gap, Platform
from scanner.patterns import Pattern
from scanner.text import printable

NEIGHBOUR_LIMIT = 200
ENVIRONMENT_FILE_LIMIT = 8 * 1024 * 1024

# Folders beside the homes that are no one's.
NO_HOMES = frozenset({"shared", "public", "default", "default user", "all users", "lost+found"})
ENTRY = Pattern(r"([^=\s]+)=(.*)", re.DOTALL)


class Opening(Struct, frozen=True):
    """What the command line says of the machine to look at; nothing said is this user, live."""

    homes: tuple[str, ...] = ()
    root: str | None = None
    platform: Platform | None = None
    env_file: str | None = None
    no_env: bool = False
    workspaces: tuple[str, ...] = ()
    now: datetime | None = None
    keychain: frozenset[str] = frozenset()


class Scene(Struct, frozen=True):
    """A tree that homes lie in: this machine's, or an image's, whose root on this disk is `folder`."""

    platform: Platform
    files: DiskFiles
    name: str
    folder: str | None = None

    @property
    def top(self) -> PurePath:
        """The folder above all."""
        return pure(self.platform, "C:/" if self.platform is Platform.WINDOWS else "/")

    def named(self, text: str, option: str) -> PurePath:
        """The folder that the user wrote, as a path of this tree. Raises ScannerError where there is none."""
        path = self._absolute(text)
        found = self.files.place(path)
        if isinstance(found, Place) and found.kind is FileKind.FOLDER:
            return path
        told = f"{found.why}" if isinstance(found, Gap) else "there is no such folder"
        if self.folder is None:
            raise ScannerError(
                f"{option} {printable(text)}: {told}", "check the path, or run as a user who may read it"
            )
        raise ScannerError(
            f"{option} {printable(text)}: {told} in {printable(self.folder)}",
            "with --root, paths are those of the image, such as /home/ada",
        )

    def _absolute(self, text: str) -> PurePath:
        if self.folder is None:
            return pure(self.platform, os.path.abspath(os.path.expanduser(text)))
        path = pure(self.platform, text)
        if path.drive and path.root:
            return _straight(path)
        below = path.relative_to(path.anchor)
        return _straight((self.top if path.root else self._here() or self.top) / below)

    def _here(self) -> PurePath | None:
        """The current folder in the terms of this image; None where it is not in it."""
        below = _below(_current(), self.folder)
        if below is None:
            return None
        if self.platform is Platform.WINDOWS and below and re.fullmatch("[A-Za-z]", below[0]):
            return pure(self.platform, f"{below[0]}:/").joinpath(*below[1:])
        return self.top.joinpath(*below)


def open_machines(options: Opening) -> list[Machine]:
    """The machines to judge, one for each home. Raises ScannerError for what contradicts itself or is not there."""
    if options.platform is not None and options.root is None and all(_mine(home) for home in options.homes):
        raise ScannerError(
            "--platform says what an image is, and this machine knows its own", "use it with --root or another's --home"
        )
    given = environment_file(options.env_file) if options.env_file is not None else None
    opened = [
        (scene, replace(machine, launch=Variables(None, _launch(machine, options, given))))
        for scene, machine in _opened(options)
    ]
    homes = [machine.home for _, machine in opened]
    return [_placed(machine, _workspaces(scene, machine, options, homes)) for scene, machine in opened]


def this_platform() -> Platform:
    """The platform that this process runs on."""
    return {"win32": Platform.WINDOWS, "darwin": Platform.MACOS}.get(sys.platform, Platform.LINUX)


def guessed_platform(folder: str) -> Platform:
    """The platform whose layout the image has."""
    names = {name.casefold() for name in os.listdir(folder)}
    if "users" in names and not names.isdisjoint({"windows", "c"}):
        return Platform.WINDOWS
    if any(os.path.isdir(os.path.join(folder, drive, "Users")) for drive in "Cc"):
        return Platform.WINDOWS
    return Platform.MACOS if {"users", "library"} <= names else Platform.LINUX


def environment_file(path: str) -> dict[str, str]:
    """The variables in a file as `env` prints them, or `env -0`. Raises ScannerError with file and line, no text."""
    place = printable(path)
    try:
        with open(path, "rb") as stream:
            data = stream.read(ENVIRONMENT_FILE_LIMIT + 1)
    except OSError as error:
        raise ScannerError(f"--env-file {place}: {os.strerror(error.errno or 0).lower()}") from None
    if len(data) > ENVIRONMENT_FILE_LIMIT:
        raise ScannerError(f"--env-file {place}: larger than {ENVIRONMENT_FILE_LIMIT // 1024 // 1024} MiB")
    return dict(_pairs(data, place))


def neighbours(machine: Machine, workspace: PurePath) -> Iterator[PurePath]:
    """The repositories that share the workspace's parent folder, by name.

    None for a home that is its own workspace, nor below the root of the disk, where whatever the machine has lies.
    """
    if workspace in (machine.home, workspace.parent) or workspace.parent == workspace.parent.parent:
        return
    found = 0
    for name in _folders(machine.files.entries(workspace.parent))[:LIST_LIMIT]:
        beside = workspace.parent / name
        if beside != workspace and isinstance(machine.files.place(beside / ".git"), Place):
            yield beside
            found += 1
            if found == NEIGHBOUR_LIMIT:
                return


def _opened(options: Opening) -> Iterator[tuple[Scene, Machine]]:
    now = options.now or datetime.now(UTC)
    if options.root is not None:
        scene = _image(options.root, options.platform)
        for home in [scene.named(text, "--home") for text in options.homes] or _homes(scene):
            yield scene, _foreign(scene, home, now)
        return
    here = Scene(this_platform(), local_files(), _this_name())
    for text in options.homes or ("~",):
        if not options.homes or _mine(text):
            yield here, _live(here, options, now)
        elif options.platform in (None, here.platform):
            yield here, replace(_foreign(here, here.named(text, "--home"), now), elsewhere=True)
        else:
            here.named(text, "--home")
            yield _mounted(text, options.platform, now)


def _mounted(text: str, platform: Platform | None, now: datetime) -> tuple[Scene, Machine]:
    """A home of another platform on this disk: what lies around it is taken for the rest of its machine."""
    folder = Path(os.path.realpath(os.path.expanduser(text)))
    above = folder.parent.parent if folder.parent.name.casefold() in ("users", "home") else folder.parent
    scene = _image(str(above), platform)
    home = scene.top.joinpath(*folder.relative_to(above).parts)
    return scene, _foreign(scene, home, now)


def _mine(home: str) -> bool:
    return os.path.realpath(os.path.expanduser(home)) == os.path.realpath(os.path.expanduser("~"))


def _launch(machine: Machine, options: Opening, given: Mapping[str, str] | None) -> Mapping[str, str]:
    if given is not None:
        return given
    return {} if options.no_env or machine.source != "live" else dict(os.environ)


def _live(scene: Scene, options: Opening, now: datetime) -> Machine:
    home = pure(scene.platform, os.path.abspath(os.path.expanduser("~")))
    uid = os.geteuid() if os.name == "posix" else None
    return Machine(
        platform=scene.platform,
        name=scene.name,
        user=_account(uid) or os.environ.get("USERNAME") or home.name,
        home=home,
        now=now,
        source="live",
        files=scene.files,
        launch=Variables(None, {}),
        processes=LocalProcesses(),
        sockets=LocalSockets(),
        keychain=LocalKeychain(options.keychain),
        registry=LocalRegistry(),
        uid=uid,
    )


def _foreign(scene: Scene, home: PurePath, now: datetime) -> Machine:
    """A machine of which only files are known, judged as the user whose home it is."""
    uid, viewer = _judged(scene, home)
    files = local_files(viewer) if scene.folder is None else image_files(scene.folder, scene.platform, viewer)
    absent = Absent()
    return Machine(
        platform=scene.platform,
        name=scene.name,
        user=(_account(uid) if scene.folder is None else None) or home.name,
        home=home,
        now=now,
        source="image",
        files=files,
        launch=Variables(None, {}),
        processes=absent,
        sockets=absent,
        keychain=absent,
        registry=AbsentRegistry(scene.platform),
        uid=uid,
    )


def _judged(scene: Scene, home: PurePath) -> tuple[int | None, Viewer | None]:
    """The owner of the home, and a viewer with that user's rights unless it is who runs this scan."""
    if os.name != "posix" or scene.platform is Platform.WINDOWS:
        return None, None
    try:
        status = follow(scene.files.tree, home).status
    except OSError:
        return None, None
    if status.st_uid == os.geteuid():
        return status.st_uid, None
    account = _account(status.st_uid) if scene.folder is None else None
    groups = groups_of(account, status.st_gid) if scene.folder is None else frozenset({status.st_gid})
    return status.st_uid, Viewer(status.st_uid, groups)


def _image(root: str, platform: Platform | None) -> Scene:
    folder = os.path.realpath(os.path.expanduser(root))
    try:
        platform = platform or guessed_platform(folder)
        os.scandir(folder).close()
    except OSError as error:
        raise ScannerError(
            f"--root {printable(root)}: {os.strerror(error.errno or 0).lower()}",
            "name the folder that holds the machine's files",
        ) from None
    files = image_files(folder, platform)
    return Scene(platform, files, _image_name(files, platform) or printable(os.path.basename(folder)), folder)


def _homes(scene: Scene) -> list[PurePath]:
    """Every home in an image: below home and Users, and root's own."""
    found = [
        scene.top / parent / name
        for parent in ("home", "Users")
        for name in _folders(scene.files.entries(scene.top / parent))
        if name.casefold() not in NO_HOMES
    ]
    if scene.platform is Platform.LINUX and "root" in _folders(scene.files.entries(scene.top)):
        found.append(scene.top / "root")
    if not found:
        raise ScannerError(f"--root {printable(scene.folder or '')}: no home was found in it", "name one with --home")
    return found


def _folders(listed: Sequence[Entry] | Gap) -> list[str]:
    """The names of the folders among the entries, links left out; none where they could not be listed."""
    return [] if isinstance(listed, Gap) else [entry.name for entry in listed if entry.kind is FileKind.FOLDER]


def _workspaces(scene: Scene, machine: Machine, options: Opening, homes: Sequence[PurePath]) -> list[PurePath]:
    """The named folders that lie in this home or in no home; else the current folder when it lies in this home."""
    if options.workspaces:
        named = dict.fromkeys(scene.named(text, "--workspace") for text in options.workspaces)
        return [path for path in named if within(path, machine.home) or not any(within(path, each) for each in homes)]
    try:
        real = scene.files.tree.real(follow(scene.files.tree, machine.home).spot)
    except (OSError, LinkOut):
        return []
    below = _below(_current(), real)
    return [machine.home.joinpath(*below)] if below else []


def _placed(machine: Machine, workspaces: Sequence[PurePath]) -> Machine:
    """The machine with its workspace, the other workspaces and the repositories beside the first."""
    if not workspaces:
        return machine
    beside = [path for path in neighbours(machine, workspaces[0]) if path not in workspaces]
    others = workspaces[1:]
    return replace(machine, workspace=workspaces[0], neighbours=(*others, *beside), named=len(others))


def _current() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # the folder was removed under our feet
        return None


def _below(folder: str | None, base: str | None) -> tuple[str, ...] | None:
    """The parts that lead from `base` down to `folder`; None where it does not lie there."""
    if folder is None or base is None:
        return None
    real, above = Path(os.path.realpath(folder)), Path(os.path.realpath(base))
    return real.relative_to(above).parts if real.is_relative_to(above) else None


def _straight(path: PurePath) -> PurePath:
    """The path with its `..` taken away; none leads above the top."""
    parts: list[str] = []
    for part in path.parts[1:]:
        if part == "..":
            del parts[-1:]
        else:
            parts.append(part)
    return type(path)(path.anchor).joinpath(*parts)


def _account(uid: int | None) -> str | None:
    return name_of(uid) if uid is not None and os.name == "posix" else None


def _this_name() -> str:
    return os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "this machine")


def _image_name(files: DiskFiles, platform: Platform) -> str | None:
    """The name in the image's etc/hostname, when it has one that a host could have."""
    if platform is Platform.WINDOWS:
        return None
    found = files.content(pure(platform, "/etc/hostname"), 256)
    if not isinstance(found, Content):
        return None
    match = re.fullmatch(rb"[A-Za-z0-9.-]{1,253}", found.data.strip())
    return match[0].decode() if match else None


def _pairs(data: bytes, place: str) -> Iterator[tuple[str, str]]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")  # as PowerShell's `>` writes
    else:
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    unit, entries = ("entry", text.split("\0")) if "\0" in text else ("line", re.split("\r?\n", text))
    for number, entry in enumerate(entries, start=1):
        if not entry.strip():
            continue
        match = ENTRY.fullmatch(entry)
        if match is None:
            raise ScannerError(
                f"--env-file {place}: {unit} {number} is not NAME=value",
                "write it with `env -0`, which keeps values of several lines apart",
            )
        yield match[1], match[2]
