"""Which tracked files git keeps encrypted: those that `.gitattributes` hands to a filter such as git-crypt."""

import re
from collections.abc import Sequence

from msgspec import Struct, field

from probes.tracked.reads import IGNORE
from probes.tracked.trees import ESCAPES, Folders, Tree
from scanner.git.ignore import Ignoring, TooLong, read_rules
from scanner.host import FileKind
from scanner.host.ports import Content

SIZE = 256 * 1024
# A pattern and the filter that it is given, or that is taken from it; patterns in quotes are left out.
LINE = re.compile(rb"(?m)^[ \t]*([^\s\"#][^\s]*)[ \t](?:[^\n]*[ \t])?(?:[-!]filter|filter=([^\s]+))(?=\s|\Z)")
SEALING = re.compile(rb"crypt|\bage\b|\bsops\b")


class Sealing(Struct, frozen=True):
    """The patterns of one `.gitattributes` that name a filter, and of each whether that filter encrypts."""

    rules: Ignoring
    seals: Sequence[bool]


class Encrypted(Struct):
    """What the attributes of one work tree say, each folder read once."""

    tree: Tree
    folders: Folders
    _known: dict[bytes, Sealing | None] = field(default_factory=dict)

    def holds(self, name: bytes) -> bool:
        """Whether git keeps the file of that name encrypted: as the nearest file of attributes says that names it."""
        parts = name.split(b"/")
        for depth in range(len(parts) - 1, -1, -1):
            sealing = self._of(b"".join(part + b"/" for part in parts[:depth]))
            try:
                rule = sealing.rules.deciding(b"/".join(parts[depth:])) if sealing is not None else None
            except TooLong:
                return False
            if sealing is not None and rule is not None:
                return sealing.seals[rule.line - 1]
        return False

    def _of(self, folder: bytes) -> Sealing | None:
        if folder not in self._known:
            self._known[folder] = self._read(folder)
        return self._known[folder]

    def _read(self, folder: bytes) -> Sealing | None:
        host = self.folders.host
        at = self.tree.root / folder.decode("utf-8", ESCAPES[host.platform])
        if self.folders.names(at).attributes is not FileKind.FILE:
            return None
        for found in host.read_bytes_named(IGNORE, at / ".gitattributes", SIZE):
            if isinstance(found, Content):
                named = LINE.findall(found.data)
                rules = read_rules(b"\n".join(pattern for pattern, _ in named))
                seals = [SEALING.search(program) is not None for _, program in named]
                return Sealing(Ignoring((rules,), _nothing), seals)
        return None


def _nothing(folder: bytes) -> None:
    """No rules of a folder's own: each file of attributes is asked by itself."""
