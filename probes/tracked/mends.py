"""What takes a file out of git's reach: in words that are the same for all, and commands for the one."""

import re
import shlex
from pathlib import PurePath

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


def untracking_it(path: PurePath, root: PurePath, host: Host) -> Fix:
    """How to take a file out of the index, the file itself left where it is."""
    named, top = _word(path.relative_to(root).as_posix(), host), _place(root, host)
    if named is None or top is None:
        return Fix(UNTRACK)
    return Fix(UNTRACK, (f"git -C {top} rm --cached -- {named}", *ignoring_it(path, root, host).commands))


def ignoring_it(path: PurePath, root: PurePath, host: Host) -> Fix:
    """How to have git ignore a file."""
    rule = _word("/" + SPECIAL.sub(r"\\\g<0>", path.relative_to(root).as_posix()), host)
    file = _place(root / ".gitignore", host)
    if rule is None or file is None:
        return Fix(IGNORE)
    if host.platform is Platform.WINDOWS:
        return Fix(IGNORE, (f"Add-Content -LiteralPath {file} -Value {rule}",))
    return Fix(IGNORE, (f"printf '%s\\n' {rule} >> {file}",))


def _word(text: str, host: Host) -> str | None:
    """A text as one word of the shell that the platform's commands are for; None where no quotes make it one."""
    if UNSAFE.search(text):
        return None
    return "'" + QUOTE.sub(r"\g<0>\g<0>", text) + "'" if host.platform is Platform.WINDOWS else shlex.quote(text)


def _place(path: PurePath, host: Host) -> str | None:
    if host.platform is Platform.WINDOWS or UNSAFE.search(str(path)):
        return _word(str(path), host)
    return quoted(path, host)
