"""Tells from the listings of folders, each taken once, that a path is not there: most places of most probes are not."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath

from msgspec import Struct, field

from scanner.host.paths import pure
from scanner.host.ports import Entry, FileKind, Files
from scanner.model import Gap, Platform

LEVELS = 4  # below the home, the workspace or the root that are told from listings
SPECIAL = frozenset("*?[")


class Absence(Struct, frozen=True):
    """The names in the folders that declared patterns begin with; None for a folder that could not be listed."""

    files: Files
    platform: Platform
    home: PurePath
    projects: Sequence[PurePath] = ()
    _listed: dict[str, Mapping[str, Entry] | None] = field(default_factory=dict)

    def tells(self, text: str) -> bool:
        """Whether nothing lies at the path (`~/x`, `./x`, `/x`, perhaps with `*` in it); False where it may."""
        base, _, rest = text.partition("/")
        folders = self._folders(base)
        return folders is not None and all(self._lacks(folder, rest) for folder in folders)

    def _lacks(self, folder: str, rest: str) -> bool:
        for part in rest.split("/", LEVELS)[:LEVELS]:
            if part in {"", ".", ".."} or not SPECIAL.isdisjoint(part):
                return False
            names = self._names(folder)
            if names is None:
                return False
            entry = names.get(self._folded(part))
            if entry is None or entry.kind is not FileKind.FOLDER:
                return entry is None
            folder = f"{folder}/{entry.name}"
        return False

    def _folders(self, base: str) -> list[str] | None:
        """Where a path with this first part begins; None where listings do not tell."""
        match base:
            case "~":
                return [str(self.home)]
            case ".":
                return [str(project) for project in self.projects]
            case "":
                return [""] if self.platform is not Platform.WINDOWS else None
            case _:
                return None

    def _names(self, folder: str) -> Mapping[str, Entry] | None:
        if folder not in self._listed:
            found = self.files.entries(pure(self.platform, folder or "/"))
            self._listed[folder] = None if isinstance(found, Gap) else self._by_name(found)
        return self._listed[folder]

    def _by_name(self, entries: Sequence[Entry]) -> Mapping[str, Entry] | None:
        """The entries by the name that is compared; None where two of them share it."""
        names = {self._folded(entry.name): entry for entry in entries}
        return names if len(names) == len(entries) else None

    def _folded(self, name: str) -> str:
        return name if self.platform is Platform.LINUX else name.casefold()
