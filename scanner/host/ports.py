"""The ports of a machine: what a probe may ask of files, processes, sockets, keychain and registry."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import PurePath
from typing import ClassVar, Protocol

from msgspec import Struct

from scanner.model import Gap
from scanner.model.value import Value


class FileKind(StrEnum):
    """What lies at a path; a link counts as `link` in a listing and as its target when looked at."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    SOCKET = "socket"
    PIPE = "named pipe"
    DEVICE = "device"


class Entry(Struct, frozen=True):
    """One name in a folder, its link not followed."""

    name: str
    kind: FileKind


class Place(Struct, frozen=True):
    """What can be said of a path without opening it.

    `mode` holds the permission bits where the platform has them, `mine` whether this user owns it, `writable` and
    `readable` what this user may do; `link_target` is where a link led; `modified` is in UTC.
    """

    path: PurePath
    kind: FileKind
    mode: int | None = None
    mine: bool = True
    readable: bool = True
    writable: bool = True
    link_target: PurePath | None = None
    modified: datetime | None = None
    size: int = 0


class Content(Value, frozen=True):
    """The first bytes of a file; `truncated` when there is more."""

    concealed: ClassVar[frozenset[str]] = frozenset({"data"})

    place: Place
    data: bytes
    truncated: bool = False


class TextFile(Value, frozen=True):
    """A file's text as a probe reads it; the text never shows in a repr."""

    concealed: ClassVar[frozenset[str]] = frozenset({"text"})

    path: PurePath
    text: str
    place: Place
    truncated: bool = False


class Process(Value, frozen=True):
    """A running process: `name` is the program's, `argv` its arguments, `mine` whether this user runs it."""

    concealed: ClassVar[frozenset[str]] = frozenset({"argv"})

    pid: int
    parent: int
    name: str
    argv: tuple[str, ...] = ()
    mine: bool = True


class Variables(Value, frozen=True):
    """The environment variables of one process; `label` names it, None for the shell that agents are launched from."""

    concealed: ClassVar[frozenset[str]] = frozenset({"values"})

    label: str | None
    values: Mapping[str, str]


class Stamp(Struct, frozen=True):
    """What tells a file's state apart from any other: times in nanoseconds since 1970, size in bytes."""

    device: int
    inode: int
    size: int
    modified: int
    changed: int


class Folder(Struct):
    """The names in one folder, links among the files; `full` where there were more than are listed."""

    folders: list[str]
    files: list[str]
    full: bool = False


class Piece(Value, frozen=True):
    """A stretch of a file, which begins after `lines` line ends: None where what lies before was left out.

    `last`: the rest of the file. `linked`: no bytes but a link to a file, whose target the caller has to follow.
    """

    concealed: ClassVar[frozenset[str]] = frozenset({"data"})

    name: str
    stamp: Stamp
    data: bytes = b""
    lines: int | None = 0
    last: bool = True
    linked: bool = False


class Walker(Protocol):
    """The folders below one folder, each named by its path from there: parts joined by `/`, itself the empty text."""

    def names(self, below: str) -> Folder | Gap | None:
        """What a folder holds, no link followed; None when there is no such folder."""

    def present(self, below: str, names: Sequence[str]) -> Sequence[str]:
        """Those of the names that a folder has; for few names this costs less than to list it."""

    def foreign(self, below: str) -> str | None:
        """The type of the file system that begins at this folder; None where it is that of the folder above it."""

    def pieces(self, below: str, names: Sequence[str], wanted: Callable[[str, Stamp], int]) -> Iterator[Piece | Gap]:
        """The bytes of these files of one folder, each in pieces. `wanted` says how many bytes of a file to read."""


class Files(Protocol):
    """The file tree. `inside` lists the folders that a link may not lead out of; empty means the whole machine."""

    def entries(self, folder: PurePath) -> Sequence[Entry] | Gap:
        """The names in a folder, sorted; empty when there is no such folder."""

    def place(self, path: PurePath, inside: Sequence[PurePath] = ()) -> Place | Gap | None:
        """What lies at the path, links followed; None when nothing does."""

    def content(self, path: PurePath, limit: int, inside: Sequence[PurePath] = ()) -> Content | Gap | None:
        """At most `limit` bytes of a regular file; None when there is none; a Gap for all that is not to be opened."""

    def walker(self, folder: PurePath) -> Walker | Gap | None:
        """What walks the folder; None when there is no such folder, a Gap where it may not be entered."""


class Processes(Protocol):
    """The process table."""

    def table(self) -> Sequence[Process] | Gap:
        """Every process that can be seen, by pid."""

    def variables(self, pid: int) -> Mapping[str, str] | Gap:
        """The environment a process was started with."""


class Sockets(Protocol):
    """Local sockets: only the two questions that change nothing."""

    def agent_identities(self, path: PurePath) -> bytes | Gap:
        """An ssh-agent's answer to the list request, without its length prefix (draft-ietf-sshm-ssh-agent, 3.5)."""

    def engine(self, path: PurePath, question: str) -> bytes | Gap:
        """The body of a container engine's answer to `GET /version` or `GET /info`; `question` is one of these."""


class Keychain(Protocol):
    """The operating system's secret store; read by exact name and after consent only."""

    def consents(self, service: str) -> bool:
        """Whether a person has named that service, so that its entries may be read."""

    def entry(self, service: str, account: str) -> str | Gap | None:
        """The value under that name, None when there is none."""


class Registry(Protocol):
    """The Windows registry, empty elsewhere."""

    def values(self, key: str) -> Mapping[str, str] | Gap:
        """The string values under a key such as `HKCU/Environment`; empty when there is none."""
