"""Old copies of files: of which file `credentials.bak`, `config copy.json` or `.env~` is one, by its name alone."""

import re

from scanner.patterns import Pattern

TIMES = 4  # `.env.bak.1~` is a copy of a copy
# The words by which people and programs name copies; those of package managers keep what a person had changed.
WORDS = (
    r"bak|backup|back|bk|bkp|bkup|orig|original|old|older|prev|previous|save|saved|sav|copy|rej|mine|tmp|temp|new|"
    r"disabled|off|rpmsave|rpmnew|rpmorig|pacsave|pacnew|pacorig|dpkg-(?:old|new|dist|bak|tmp)|ucf-(?:old|new|dist)"
)
DATE = (
    r"20\d\d(?P<dash>[._-]?)(?:0[1-9]|1[0-2])(?P=dash)(?:0[1-9]|[12]\d|3[01])"
    r"(?:[T._-]?\d\d[._-]?\d\d(?:[._-]?\d\d)?)?Z?"
)
BEHIND = Pattern(
    rf"(?P<of>.*?[^ ._-])(?:\.~\d{{1,3}}~|~\d{{0,3}}|[._-](?:{WORDS})(?:[._-]?\d{{1,3}})?|[._-]{DATE}|"
    r"\.\d{1,3}|\.\d{10,13})",
    re.IGNORECASE | re.DOTALL,
)
# The marks that stand before the ending, `config copy.json`, or at the end of a name that has none.
WITHIN = Pattern(
    r"(?P<of>.*?[^ ._-])(?: copy(?: \d{1,3})?| - (?:copy|kopie|copie|copia)(?: ?\(\d{1,3}\))?| ?\(\d{1,3}\)|"
    r" \((?:another |\d\w\w )?copy(?: \d{1,3})?\)| \([^()]{0,80}conflict[^()]{0,80}\)|"
    rf"\.sync-conflict-[\w-]{{1,60}}|[._-](?:bak|backup|orig|old|prev|previous|copy)(?:_\d{{1,9}})?|[._-]{DATE})"
    r"(?P<ending>\.[A-Za-z0-9]{1,12})?",
    re.IGNORECASE | re.DOTALL,
)
BEFORE = Pattern(
    r"(?:copy(?: \(\d{1,3}\))? of |kopie von |copie de |copia de |backup of )(?P<of>.+)|#(?P<emacs>.+)#|"
    r"\.(?P<vim>.+)\.(?:sw[a-p]|un~)",
    re.IGNORECASE | re.DOTALL,
)
# What the name of a copy holds, where its mark is not the last of it; in small letters.
WITHIN_MARKS = ("opy", "opi", "(", "bak", "backup", "conflict", "old", "orig", "prev", "-20", ".20", "_20")
# What the name of a copy ends with: its last sign, or what follows its last dot, in small letters.
LAST = frozenset("~#)0123456789")
ENDINGS = frozenset(
    {
        *("bak", "backup", "back", "bk", "bkp", "bkup", "orig", "original", "old", "older", "prev", "previous", "save"),
        *("saved", "sav", "copy", "rej", "mine", "tmp", "temp", "new", "disabled", "off", "rpmsave", "rpmnew"),
        *("rpmorig", "pacsave", "pacnew", "pacorig", "dpkg-old", "dpkg-new", "dpkg-dist", "dpkg-bak", "dpkg-tmp"),
        *("ucf-old", "ucf-new", "ucf-dist"),
        *(f"sw{sign}" for sign in "abcdefghijklmnop"),
    }
)


def original_name(name: str) -> str:
    """The name of the file that this one is a copy of; the name itself where it is none."""
    if not _may_be_copy(name):
        return name
    for _ in range(TIMES):
        original = _once(name)
        if original is None:
            return name
        name = original
    return name


def _may_be_copy(name: str) -> bool:
    """Whether it may be one, told without an expression: this is asked of every name of a home."""
    if name[-1:] in LAST or name.rpartition(".")[2].lower() in ENDINGS:
        return True
    small = name.lower()
    return any(mark in small for mark in WITHIN_MARKS)


def _once(name: str) -> str | None:
    """The name without the one mark, or None where there is none or nothing would be left."""
    before = BEFORE.fullmatch(name)
    if before is not None:
        return before["of"] or before["emacs"] or before["vim"]
    behind = BEHIND.fullmatch(name)
    if behind is not None:
        return behind["of"]
    within = WITHIN.fullmatch(name)
    return within["of"] + (within["ending"] or "") if within is not None else None
