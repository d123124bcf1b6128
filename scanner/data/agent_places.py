"""Where each coding agent is found, and which of its files are read: `agent_places.toml`."""

from collections.abc import Iterable
from functools import cache

import msgspec
from msgspec import Struct, field

from scanner.data import files
from scanner.errors import DataError
from scanner.model import Channel, Gate

# Where programs lie: what vendors' installers, package managers and version managers use. `*` is a version.
PROGRAM_FOLDERS = (
    *("~/.local/bin", "~/.npm-global/bin", "~/.bun/bin", "~/.cargo/bin", "~/go/bin", "~/.nvm/versions/node/*/bin"),
    *("/usr/local/bin", "/usr/bin", "/opt/homebrew/bin", "/snap/bin"),
)
WINDOWS_PROGRAMS = ("$APPDATA/npm/{%s}.cmd", "~/.local/bin/{%s}.exe")
APP_FOLDERS = ("/Applications", "~/Applications")
EDITORS = (
    *(".vscode", ".vscode-insiders", ".vscode-oss", ".vscode-server", ".cursor", ".cursor-server", ".windsurf"),
    *(".kiro", ".antigravity"),
)
EDITOR_FOLDERS = ("$XDG_CONFIG_HOME", "~/Library/Application Support", "$APPDATA")


class AgentPlaces(Struct, frozen=True, forbid_unknown_fields=True):
    """One agent: its signs on a disk, and the files that decide what it may do.

    `programs` are looked for where programs lie, `apps` among those of macOS, `extensions` among those of editors,
    `editor` is the name of its own folder of an editor, `folders` are what it makes when it is used. `starts` is
    where people start it: a terminal, the desktop or an editor. `reader` names the package in `probes.agents` that
    works out its rules from `files` (patterns by what they hold) and `variables`. Where no reader knows its rules,
    `default` is what stands before each act as its vendor ships it, and `mode` the vendor's word for that.
    """

    id: str
    title: str
    starts: str
    programs: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    apps: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    editor: str = ""
    folders: tuple[str, ...] = ()
    reader: str = ""
    files: dict[str, tuple[str, ...]] = field(default_factory=dict)
    variables: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    mode: str = ""
    default: dict[Channel, Gate] = field(default_factory=dict)

    @property
    def used(self) -> tuple[str, ...]:
        """Patterns of what it leaves in a home when it is used."""
        return (*(f"{folder}/{self.editor}/User" for folder in EDITOR_FOLDERS if self.editor), *self.folders)

    def is_named(self, name: str) -> bool:
        """Whether a file of that name is a program, app or extension of it."""
        stem, _, ending = name.rpartition(".")
        if name in self.programs or (ending in {"cmd", "exe"} and stem in self.programs):
            return True
        folded = name.casefold()
        return (ending == "app" and stem in self.apps) or any(
            folded.startswith(f"{each.casefold()}-") for each in self.extensions
        )

    @property
    def declared(self) -> tuple[str, ...]:
        """What is read for it alone, as a probe declares it."""
        return (
            *(*self.used, *self.reads, *(f"env:{name}" for name in self.variables)),
            *(pattern for patterns in self.files.values() for pattern in patterns),
        )


@cache
def agent_places() -> tuple[AgentPlaces, ...]:
    """All of them, in the order of the table. Raises DataError where a row is not whole."""
    try:
        return tuple(files.converted(files.table("agent_places.toml")["agent"], list[AgentPlaces]))
    except (KeyError, msgspec.ValidationError) as error:
        raise DataError(f"agent_places.toml: {error}") from error


def places_of(agent: str) -> AgentPlaces:
    """The row of one agent. Raises DataError where there is none."""
    for row in agent_places():
        if row.id == agent:
            return row
    raise DataError(f"agent_places.toml has no agent {agent}")


@cache
def programs() -> tuple[str, ...]:
    """Patterns of the programs, apps and extensions of all agents: one a folder, which is listed once for all."""
    rows = agent_places()
    names = _either(name for row in rows for name in row.programs)
    apps = _either(name for row in rows for name in row.apps)
    extensions = _either(name.casefold() for row in rows for name in row.extensions)
    return (
        *(f"{folder}/{names}" for folder in PROGRAM_FOLDERS),
        *(pattern % names[1:-1] for pattern in WINDOWS_PROGRAMS),
        *(f"{folder}/{apps}.app" for folder in APP_FOLDERS),
        *(f"~/{editor}/extensions/{extensions}-*" for editor in EDITORS),
    )


def _either(names: Iterable[str]) -> str:
    return "{" + ",".join(names) + "}"


def owner(name: str) -> AgentPlaces | None:
    """The agent whose program, app or extension bears that file name."""
    for row in agent_places():
        if row.is_named(name):
            return row
    return None
