"""Permissions in Copilot's words: `shell(git push)`, `write(*.md)`, `url(github.com)`, `server(tool)`."""

import re
from collections.abc import Iterator

from msgspec import Struct

from probes.agents.basis import literal
from probes.agents.copilot.vendor import TWO_WORDS
from probes.agents.shown import holds_secret, shown
from scanner.host import Host
from scanner.model import Command, Everything, Evidence, Name, Paths, Platform
from scanner.model.agents import Pattern

LONG = 1000  # of one permission
WORDS = re.compile(r"(?P<kind>[^()]{1,200})(?:\((?P<about>.*)\))?", re.DOTALL)
HOST = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]{0,20})://)?(?P<host>[A-Za-z0-9.*_-]{1,253})(?P<more>[:/].*)?", re.DOTALL
)
BUILT_IN = frozenset({"shell", "write", "read", "url", "memory"})


class Told(Struct, frozen=True):
    """One permission, and what says so; `about` is None where it is for all of its kind."""

    kind: str
    about: str | None
    source: str
    evidence: Evidence
    sure: bool = True
    served: bool = False

    @property
    def is_served(self) -> bool:
        """Whether it is about tools of a server, whose name is its kind."""
        return self.served or self.kind not in BUILT_IN

    @property
    def words(self) -> str:
        """How a report names it."""
        text = self.kind if self.about is None else f"{self.kind}({self.about})"
        safe = shown(text)
        return f'{self.source} "{safe}"' if safe is not None else self.source


def permission(text: str, source: str, evidence: Evidence) -> Told | None:
    """A permission of the command line; None for what is none."""
    match = WORDS.fullmatch(text.strip()) if len(text) <= LONG else None
    if match is None:
        return None
    about = match["about"]
    return Told(match["kind"].strip(), about.strip() if about and about.strip() else None, source, evidence)


def several(text: str) -> Iterator[str]:
    """The permissions of one word: a comma divides them."""
    depth, begin = 0, 0
    for at, sign in enumerate(text[: LONG * 10]):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth <= 0:
            yield text[begin:at]
            begin = at + 1
    yield text[begin : LONG * 10]


def command(about: str | None) -> Pattern | None:
    """The inside of shell(...): the name of a command, or with `:*` all whose name begins so; None for what fits none.

    A line is taken apart before it is looked at, `$(...)` and conditions too; `env`, `timeout` and paths are not seen
    through, so that a line with them asks again, and one that is forbidden runs.
    """
    if about is None:
        return Everything()
    stem = about.removesuffix(":*")
    words = stem.split()
    if holds_secret(about):
        return None
    if not words or "*" in stem or len(words) > (2 if words[0] in TWO_WORDS else 1):
        return None
    alone = len(words) == 1 and words[0] in TWO_WORDS and stem == about
    return Command(" ".join(words), open=not alone)


def beginning(about: str | None) -> Pattern | None:
    """The inside of an organisation's Bash(...): how a command begins; what a star stands for in it is not known."""
    if about is None:
        return Everything()
    stem = about.removesuffix(":*").strip()
    return Command(stem, open=True) if stem and not holds_secret(stem) else None


def files(about: str | None, host: Host, folder: Paths | None = None) -> Pattern | None:
    """The inside of write(...): a path, or the end of one, which lies in `folder` where one is given."""
    if about is None:
        return folder or Everything()
    if holds_secret(about):
        return None
    text = about.replace("\\", "/").removeprefix("./")
    fold = host.platform is not Platform.LINUX
    if text == "~" or text.startswith("~/"):
        return Paths(literal(host.home) + text[1:], fold)
    if text.startswith("/") or re.match(r"[A-Za-z]:/", text):
        return Paths(text, fold)
    if not text or ".." in text.split("/") or len(text.split("/")) > 30:
        return None
    return Paths(f"{folder.glob}/**/{text}" if folder is not None else f"**/{text}", fold)


def host_of(about: str | None) -> Pattern | None:
    """The inside of url(...): a host, or an address; None where it names less than all of a host."""
    if about is None:
        return Everything()
    match = HOST.fullmatch(about)
    return Name(match["host"]) if match is not None else None


def is_whole_host(about: str | None) -> bool:
    """Whether a permission for addresses is for every address of its host."""
    match = HOST.fullmatch(about) if about is not None else None
    return about is None or (match is not None and not (match["more"] or "").strip("/"))


def tool(told: Told) -> Name:
    """The tools of a server, or one of them."""
    glob = re.sub(r"([*?\[])", r"[\1]", told.kind)
    about = "*" if told.about is None else re.sub(r"([*?\[])", r"[\1]", told.about)
    return Name(f"{glob}/{about}")
