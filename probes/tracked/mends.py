"""What takes a file out of git's reach: in words that are the same for all, and commands for the one."""

import re
import shlex
from pathlib import PurePath

from msgspec import Struct

from probes.modes import quoted
from scanner.host import Host
from scanner.model import Fix, Platform
from scanner.text import UNSAFE

SPECIAL = re.compile(r"[*?\[\\]| $")  # what a rule of .gitignore would not take as it stands
QUOTE = re.compile("['\u2018-\u201b]")  # each of which ends a text between single quotes in PowerShell
UNTRACK = (
    "Change the secret, since the history keeps it; then take the file out of the index, and name it in .gitignore."
)
IGNORE = "Name it in .gitignore, or keep the secret outside of the repository."


class Mending(Struct, frozen=True):
    """How files of one work tree are mended: its top folder and .gitignore as the shell takes them, or None."""

    platform: Platform
    top: str | None
    rules: str | None

    def untracking(self, name: str) -> Fix:
        """How to take a file out of the index, the file itself left where it is."""
        named = _word(name, self.platform)
        if named is None or self.top is None:
            return Fix(UNTRACK)
        return Fix(UNTRACK, (f"git -C {self.top} rm --cached -- {named}", *self.ignoring(name).commands))

    def ignoring(self, name: str) -> Fix:
        """How to have git ignore a file."""
        rule = _word("/" + SPECIAL.sub(r"\\\g<0>", name), self.platform)
        if rule is None or self.rules is None:
            return Fix(IGNORE)
        if self.platform is Platform.WINDOWS:
            return Fix(IGNORE, (f"Add-Content -LiteralPath {self.rules} -Value {rule}",))
        return Fix(IGNORE, (f"printf '%s\\n' {rule} >> {self.rules}",))


def mending(root: PurePath, host: Host) -> Mending:
    """How files of the work tree with that top folder are mended."""
    return Mending(host.platform, _place(root, host), _place(root / ".gitignore", host))


def _word(text: str, platform: Platform) -> str | None:
    """A text as one word of the shell that the platform's commands are for; None where no quotes make it one."""
    if UNSAFE.search(text):
        return None
    return "'" + QUOTE.sub(r"\g<0>\g<0>", text) + "'" if platform is Platform.WINDOWS else shlex.quote(text)


def _place(path: PurePath, host: Host) -> str | None:
    if host.platform is Platform.WINDOWS or UNSAFE.search(str(path)):
        return _word(str(path), host.platform)
    return quoted(path, host)
