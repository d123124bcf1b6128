"""A folder that holds another machine's files: every path, and every link in it, stays inside."""

import errno
import os
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from msgspec import Struct, field

from scanner.host.disk import DiskFiles
from scanner.host.links import Viewer
from scanner.host.paths import pure
from scanner.host.ports import Process
from scanner.model import Gap, GapKind, Platform

SEPARATORS = tuple(mark for mark in (os.sep, os.altsep, "\0") if mark) + ((":",) if os.name == "nt" else ())


def image_files(root: str, platform: Platform, viewer: Viewer | None = None) -> DiskFiles:
    """The files of the image below `root`; a Windows image has no modes."""
    return DiskFiles(ImageTree(os.path.realpath(root), platform, viewer), modes=platform is not Platform.WINDOWS)


class ImageTree(Struct, frozen=True):
    """The tree of an image.

    `C:/Users` lies at `C/Users` below the root, or, where there is no such folder, at `Users`. Images of macOS and
    Windows are looked up without regard to case, as those systems do.
    """

    root: str
    platform: Platform
    viewer: Viewer | None = None
    whole: bool = False
    _listings: dict[str, dict[str, str]] = field(default_factory=dict)

    def status(self, spot: PurePath) -> os.stat_result:
        """What lies there, a link not followed."""
        return os.lstat(self.real(spot))

    def target(self, spot: PurePath) -> PurePath:
        """Where the link there leads, in the image's own terms."""
        return pure(self.platform, os.readlink(self.real(spot)))

    def real(self, spot: PurePath) -> str:
        """The name on this disk: each part is looked up in its folder, and none can lead out of it."""
        real = self._drive(spot.drive)
        for part in spot.parts[1:] if spot.anchor else spot.parts:
            if part in (".", "..") or any(mark in part for mark in SEPARATORS):
                raise _absent()
            real = os.path.join(real, self._name(real, part))
        return real

    def _drive(self, drive: str) -> str:
        if not drive:
            return self.root
        letter = drive.removesuffix(":")
        if len(letter) != 1 or not letter.isalpha():
            raise _absent()  # a share of another machine
        folder = os.path.join(self.root, self._name(self.root, letter))
        if os.path.isdir(folder) and not os.path.islink(folder):
            return folder
        if letter.upper() != "C":
            raise _absent()
        return self.root

    def _name(self, folder: str, part: str) -> str:
        """The part as the disk spells it."""
        if self.platform is Platform.LINUX or os.path.lexists(os.path.join(folder, part)):
            return part
        if folder not in self._listings:
            self._listings[folder] = _spellings(folder)
        return self._listings[folder].get(_folded(part), part)


class Absent(Struct, frozen=True):
    """The ports of a machine that is not running: processes, sockets, keychain and registry."""

    def table(self) -> Sequence[Process] | Gap:
        """No process runs in an image."""
        return _not_live("processes")

    def variables(self, pid: int) -> Mapping[str, str] | Gap:
        """No process runs in an image."""
        return _not_live(f"process {pid}")

    def agent_identities(self, path: PurePath) -> bytes | Gap:
        """No agent listens in an image."""
        return _not_live(str(path))

    def engine(self, path: PurePath, question: str) -> bytes | Gap:
        """No container engine listens in an image."""
        return _not_live(str(path))

    def consents(self, service: str) -> bool:
        """Nobody can open the keychain of another machine."""
        return False

    def entry(self, service: str, account: str) -> str | Gap | None:
        """The keychain of another machine is closed."""
        return _not_live(f"keychain entry {service}")


class AbsentRegistry(Struct, frozen=True):
    """The registry of a machine that is not running; only Windows has one."""

    platform: Platform

    def values(self, key: str) -> Mapping[str, str] | Gap:
        """Nothing, and on Windows a Gap that says so."""
        return _not_live(key) if self.platform is Platform.WINDOWS else {}


def _not_live(place: str) -> Gap:
    return Gap(GapKind.REFUSED, place, "not a live machine")


def _absent() -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))


def _spellings(folder: str) -> dict[str, str]:
    try:
        return {_folded(name): name for name in sorted(os.listdir(folder), reverse=True)}
    except OSError:  # not to be listed: a name is then found as it is written, or not at all
        return {}


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
