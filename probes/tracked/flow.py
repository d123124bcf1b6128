"""From files with secrets to how git stands to each, a work tree at a time."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from unicodedata import normalize

from msgspec import Struct, field

from probes.tracked.encrypted import Encrypted
from probes.tracked.holding import Rulings, held_by, kept_in
from probes.tracked.mends import Mending, mending
from probes.tracked.reads import OF_THE_HOME
from probes.tracked.settings import Kept, Settings
from probes.tracked.trees import ESCAPES, Folders, Tree, Trees, below
from scanner.git.index import SIZE_LIMIT
from scanner.host import Host
from scanner.host.paths import within
from scanner.model import (
    CredentialSeen,
    CredentialState,
    Evidence,
    Gap,
    GapKind,
    Observation,
    Platform,
    Protection,
    Tracking,
    TrackingSeen,
    Weakness,
)

# What the name of an example says: it is meant to be tracked.
TEMPLATES = frozenset({"example", "sample", "template", "dist", "defaults", "tmpl", "tpl", "schema"})
READABLE = frozenset({Protection.PLAINTEXT, Protection.OBFUSCATED})
ENDED = frozenset({CredentialState.EXPIRED, CredentialState.REVOKED})
SPARSE = "of the folder that it lies in the index holds no files (a sparse index); whether it is tracked is not known"


class File(Struct):
    """A file with secrets: its path, where that leads, what was seen in it, and its name in its work tree."""

    path: PurePath
    spot: PurePath
    seen: list[CredentialSeen] = field(default_factory=list)
    name: str = ""

    @property
    def is_open(self) -> bool:
        """Whether who has the file has a secret that works; what an example holds is no secret."""
        if not TEMPLATES.isdisjoint(re.split(r"[._-]", self.path.name.casefold())):
            return False
        return any(
            each.secret is not None and each.protection in READABLE and each.state not in ENDED for each in self.seen
        )


def told(host: Host) -> Iterator[Observation]:
    """How git stands to each file with a secret in a work tree, and what of that is weak."""
    folders, settings = Folders(host), Settings(host)
    trees = Trees(folders)
    groups: dict[Tree | None, list[File]] = {}
    for file in _files(folders):
        groups.setdefault(trees.around(file.spot), []).append(file)
    for tree in sorted((each for each in groups if each is not None), key=lambda each: str(each.root)):
        yield from _of_tree(tree, groups[tree], settings.of(tree), folders)
    yield from (*folders.gaps, *trees.gaps, *settings.gaps)
    yield from _of_home([file for file in groups.get(None, ()) if within(file.spot, host.home)], host)


def _files(folders: Folders) -> list[File]:
    """Each file that a credential was seen in, once."""
    found: dict[str, File] = {}
    for seen in folders.host.seen:
        if not isinstance(seen, CredentialSeen) or seen.evidence.path is None:
            continue
        path = seen.evidence.path
        if str(path) not in found:
            found[str(path)] = File(path, folders.spot(path))
        found[str(path)].seen.append(seen)
    return [file for _, file in sorted(found.items())]


def _of_tree(tree: Tree, files: Sequence[File], kept: Kept, folders: Folders) -> Iterator[Observation]:
    host = folders.host
    names, mends = _names(tree.root, files, host), mending(tree.root, host)
    index = held_by(tree, list(names), kept, host)
    if isinstance(index, Gap):
        yield index
        return
    rulings, encrypted = Rulings(tree, kept, folders), Encrypted(tree, folders)
    for name, same in names.items():
        if name in index.unsure:
            yield Gap(GapKind.FAILED, host.shown(same[0].path), SPARSE)
            continue
        state = Tracking.TRACKED if name in index.tracked else rulings.of(name)
        if state is not None:
            kept_sealed = state is Tracking.TRACKED and encrypted.holds(name)
            for file in same:
                yield from _seen(file, state, mends if not kept_sealed else None)
    yield from rulings.gaps


def _names(root: PurePath, files: Sequence[File], host: Host) -> dict[bytes, list[File]]:
    """The files by their names in the index, in the form of Unicode that git on macOS writes there."""
    found: dict[bytes, list[File]] = {}
    for file in files:
        file.name = name = below(file.spot, root)
        if host.platform is Platform.MACOS:
            name = normalize("NFC", name)
        found.setdefault(name.encode("utf-8", ESCAPES[host.platform]), []).append(file)
    return found


def _seen(file: File, state: Tracking, mends: Mending | None) -> Iterator[Observation]:
    """What git does with a file; without mends there is nothing to be mended in that."""
    yield TrackingSeen(Evidence(file.path), state)
    if mends is None or not file.is_open:
        return
    if state is Tracking.TRACKED:
        yield Weakness(
            rule="file.tracked-by-git",
            title="A secret in a file that git tracks",
            evidence=Evidence(file.path),
            why="It is in the history, or will be with the next commit, and goes wherever the repository is pushed.",
            fix=mends.untracking(file.name),
        )
    elif state is Tracking.UNTRACKED:
        yield Weakness(
            rule="file.not-ignored-by-git",
            title="A secret in a file that git would take along",
            evidence=Evidence(file.path),
            why="Git neither tracks nor ignores it, so that the next `git add -A` takes it into the history.",
            fix=mends.ignoring(file.name),
        )


def _of_home(files: Sequence[File], host: Host) -> Iterator[Observation]:
    """The files that a repository tracks whose work tree is the home; what it does not track it was not asked to."""
    if not files:
        return
    names, mends = _names(host.home, files, host), mending(host.home, host)
    for content in host.read_bytes(*OF_THE_HOME, limit=SIZE_LIMIT):
        if isinstance(content, Gap):
            yield content
        elif content.data.startswith(b"DIRC"):
            index = kept_in(content, content.place.path.parent, list(names), Kept(), host)
            if isinstance(index, Gap):
                yield index
                continue
            for file in (file for name in sorted(index.tracked) for file in names[name]):
                yield from _seen(file, Tracking.TRACKED, mends)
