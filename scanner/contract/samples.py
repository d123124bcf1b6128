"""What a glob of a contract's lists means here, and targets that stand for all of it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import PurePath

from scanner.contract.subject import Subject
from scanner.host.paths import braces
from scanner.model import Command, Name, Paths, Platform

SAMPLE = "x"  # stands for any part of a path, any argument, any tool
MOST = 64  # places of one list that are tried
CLASS = re.compile(r"\[(?!!)([^\]])[^\]]*\]")
DRIVE = re.compile(r"[A-Za-z]:/")


# --- files


def files(glob: str, subject: Subject) -> list[Paths]:
    """What a glob of files means: below home with `~/`, anywhere with `**/` or by a bare name, else the workspace."""
    fold = subject.machine.platform is not Platform.LINUX
    return [Paths(_anchored(each, subject), fold) for each in islice(braces(glob.replace("\\", "/")), MOST)]


def _anchored(glob: str, subject: Subject) -> str:
    if glob == "~" or glob.startswith("~/"):
        return subject.machine.home.as_posix() + glob[1:]
    if glob.startswith(("/", "**")) or DRIVE.match(glob):
        return glob
    if "/" not in glob:
        return f"**/{glob}"
    return f"{_workspace(subject).as_posix()}/{glob.removeprefix('./')}"


def _workspace(subject: Subject) -> PurePath:
    return subject.machine.workspace or subject.machine.home


def inside(glob: str, subject: Subject) -> list[str]:
    """Paths that a glob of files means: made up ones, and those where something was found. Empty if none is known."""
    meant = files(glob, subject)
    made = (path for each in meant for path in _made(each.glob, subject))
    found = [path for path in (*made, *_found(subject)) if any(each.matches(path) for each in meant)]
    return list(dict.fromkeys(found))[:MOST]


def _made(glob: str, subject: Subject) -> Iterator[str]:
    """Paths of a glob: with nothing and with a folder for each `**`, and what may lie anywhere in three places."""
    plain = CLASS.sub(r"\1", glob).replace("?", SAMPLE)
    if plain.startswith("**"):
        rest = plain.lstrip("*/") or SAMPLE
        home, here = subject.machine.home.as_posix(), _workspace(subject).as_posix()
        roots = (here, f"{here}/{SAMPLE}", f"{home}/{SAMPLE}")
        spelled = [f"{root}/{rest}" for root in roots]
    else:
        spelled = [plain]
    for text in spelled:
        yield text.replace("/**/", "/").replace("*", SAMPLE)
        yield text.replace("**", SAMPLE).replace("*", SAMPLE)


def _found(subject: Subject) -> Iterator[str]:
    """Where credentials lie."""
    nodes = subject.graph.credentials.values()
    return (place.path.as_posix() for node in nodes for place in node.locations if place.path is not None)


def outside(globs: Sequence[str], told: Iterable[Paths], subject: Subject) -> list[str]:
    """Paths that none of the globs means: usual ones, those of an agent's rules, and where something was found."""
    meant = [each for glob in globs for each in files(glob, subject)]
    home, here = subject.machine.home.as_posix(), _workspace(subject).as_posix()
    usual = (
        f"{home}/.config/{SAMPLE}/{SAMPLE}",
        f"{home}/{SAMPLE}/{SAMPLE}",
        f"{here}/{SAMPLE}",
        f"{home.partition('/')[0]}/{SAMPLE}/{SAMPLE}",
    )
    ruled = (path for each in told for path in _made(each.glob, subject))
    every = (*usual, *islice(ruled, MOST), *_found(subject))
    return list(dict.fromkeys(path for path in every if not any(each.matches(path) for each in meant)))[:MOST]


# --- commands


def commands(item: str) -> list[str]:
    """Command lines that begin as said: alone, with an argument, and with an option behind the argument."""
    text = item.replace("*", SAMPLE)
    words = text.split()
    options = [word for word in words if word.startswith("-")]
    if not options or words[0] in options:
        return [text, f"{text} {SAMPLE}"]
    turned = [word for word in words if word not in options]
    return [text, f"{text} {SAMPLE}", " ".join((*turned, SAMPLE, *options))]


def begins(items: Sequence[str], command: str) -> bool:
    """Whether a command line begins with one of those."""
    return any(Command(item, open=True).matches(command) for item in items)


def spelled(pattern: Command) -> str:
    """A command line that a rule of an agent means."""
    return pattern.text.replace("*", SAMPLE).strip() + (f" {SAMPLE}" if pattern.open else "")


# --- hosts and tools


def named(items: Sequence[str], glob: str) -> bool:
    """Whether all that a glob of hosts or tools means is in a list of globs."""
    made = {glob.replace("*", part) for part in ("", SAMPLE, f"{SAMPLE}.{SAMPLE}")} if "*" in glob else {glob}
    return all(any(Name(item).matches(each) for item in items) for each in made)
