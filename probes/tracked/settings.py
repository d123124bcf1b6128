"""The few settings of git that decide how an index is read and what is ignored."""

import re
from pathlib import PurePath
from typing import ClassVar

from msgspec import Struct, field

from probes.git.chains import Reading, Setting
from probes.git.reads import GIT_FOLDER
from probes.git.repositories import Repository
from probes.git.scopes import Scopes, kept, scopes
from probes.tracked.reads import DEFAULT_EXCLUDES
from probes.tracked.trees import Tree
from scanner.git.index import SHA1, SHA256
from scanner.host import Host, TextFile
from scanner.model import Gap
from scanner.model.value import Value

# A file without these words decides nothing here; to take it apart costs more than all else of a repository.
TELLING = re.compile("ignorecase|objectformat|excludesfile|include|worktreeconfig", re.IGNORECASE)
NO = frozenset({"false", "no", "off", "0"})


class Kept(Value, frozen=True):
    """What the settings of one work tree say: whether case counts, how long names of objects are, what is ignored."""

    concealed: ClassVar[frozenset[str]] = frozenset({"excludes"})

    fold: bool = False
    digest: int = SHA1
    excludes: PurePath | None = None


class Settings(Struct):
    """The settings of system and user, read with the first work tree; their gaps the probe of git tells."""

    host: Host
    gaps: list[Gap] = field(default_factory=list)
    _wide: Scopes | None = None

    def of(self, tree: Tree) -> Kept:
        """What holds in a work tree."""
        if self._wide is None:
            self._wide = Scopes()
            for _ in scopes(self.host, self._wide):
                continue
        own = Repository(tree.root, tree.folder)
        reading = Reading(self.host)
        for path in (tree.shared / "config", tree.folder / "config.worktree"):
            found = list(self.host.read_named(GIT_FOLDER, path))
            self.gaps.extend(each for each in found if isinstance(each, Gap))
            texts = [each for each in found if isinstance(each, TextFile) and TELLING.search(each.text) is not None]
            for file in texts:
                self.gaps.extend(kept(file, reading, own.settings))
            if not texts:  # which is where it would be said that there is another one
                break
        return _kept(own.effective(self._wide, self.host.home), tree, self.host)


def _kept(settings: list[Setting], tree: Tree, host: Host) -> Kept:
    last = {each.key: each for each in settings if each.subsection is None}
    fold, digest, excludes = (
        last.get(key) for key in ("core.ignorecase", "extensions.objectformat", "core.excludesfile")
    )
    named = excludes.value if excludes is not None and "\0" not in excludes.value else ""
    return Kept(
        fold is not None and (fold.entry.value is None or fold.value.casefold() not in {*NO, ""}),
        SHA256 if digest is not None and digest.value.casefold() == "sha256" else SHA1,
        (host.resolve(named, tree.root) if named else None) if excludes is not None else _default(host),
    )


def _default(host: Host) -> PurePath | None:
    return next(iter(host.machine.paths(DEFAULT_EXCLUDES)), None)
