"""What one entry of an allow or deny list is about, in the words of the vendor's pages."""

import re
from collections.abc import Callable, Iterable

from msgspec import Struct

from probes.agents.mcp.hiding import HIDDEN, is_telling, shown
from scanner.model import Command, Everything, Evidence, Gate, Inheritance, Name, Paths, Rule, Ruling
from scanner.model.agents import Pattern

WORDS = 4  # of a command that are kept; what stands behind them could be a secret
PLAIN = re.compile(r"[A-Za-z0-9._/\\@:*?+~-]{1,60}")
OPTION = re.compile(r"--[a-z][a-z0-9-]{0,30}|-[A-Za-z]{1,3}")
CARRIES = re.compile(r"-[uphHPwk]|--.*(?:pass|pwd|token|secret|key|auth|user|header|cookie|data)[a-z-]*")
INHERITED = Inheritance(rule="Cursor hands its whole environment on (default)")
HOST = re.compile(r"[A-Za-z0-9.*_-]{1,253}")
TOKEN = re.compile(r"(?P<tool>[A-Za-z]{1,20})\((?P<about>.*)\)", re.DOTALL)


class Entry(Struct, frozen=True):
    """An entry as it may be shown, and where it stands.

    `whole` is false where its file could not be read whole, or a part of it is not shown.
    """

    text: str
    evidence: Evidence
    key: str
    scope: str
    whole: bool = True

    @property
    def words(self) -> str:
        """How a report names it."""
        return f'{self.key} "{self.text}"'


class About(Struct, frozen=True):
    """What an entry is about; `sure` is false for a form that no page describes."""

    pattern: Pattern
    sure: bool = True


def command_shown(text: str) -> str:
    """A command without what could be a secret: a star stands for it, and then for whatever stood there."""
    kept: list[str] = []
    hidden = False
    for index, word in enumerate(text.split()):
        secret = hidden or index >= WORDS or not _is_plain(word)
        kept.append(HIDDEN if secret else word)
        hidden = CARRIES.fullmatch(word) is not None
    while len(kept) > 1 and kept[-1] == kept[-2] == HIDDEN:
        kept.pop()
    return " ".join(kept)


def _is_plain(word: str) -> bool:
    if is_telling(word) or "://" in word:
        return False
    return OPTION.fullmatch(word) is not None if word.startswith("-") else PLAIN.fullmatch(word) is not None


# --- permissions.json


def of_terminal(text: str) -> About | None:
    """An entry of terminalAllowlist: a prefix that ends at a word, or `command:arguments` with a glob."""
    base, colon, arguments = text.partition(":")
    if not text:
        return None
    if text == HIDDEN:
        return About(Everything(), sure=False)
    if colon and base and " " not in base:
        return About(_with_arguments(base, arguments))
    return About(Command(text, open=True), sure="*" not in text)


def of_tool(text: str) -> About | None:
    """An entry of mcpAllowlist or the inside of Mcp(...): `server:tool`, with `*` for any part of a name."""
    server, colon, tool = text.partition(":")
    if not colon:
        server, colon, tool = text.partition(",")
    if not text:
        return None
    return About(Name(f"{_name(server.strip())}/{_name(tool.strip() or HIDDEN)}"), sure=bool(colon))


def _name(text: str) -> str:
    return re.sub(r"([?\[])", r"[\1]", shown(text))


def _with_arguments(base: str, arguments: str) -> Command:
    glob = re.sub(r"[?\[]", HIDDEN, re.sub(r"\*+", HIDDEN, arguments))
    return Command(base, open=True) if glob in {"", HIDDEN} else Command(f"{base} {glob}")


# --- tokens of the command line tool


def of_shell(text: str) -> About | None:
    """The inside of Shell(...): the first word of a command, or `command:arguments` with a glob."""
    if not text:
        return None
    if not text.strip("*"):
        return About(Everything())
    base, colon, arguments = text.partition(":")
    if colon and base and not re.search(r"[\s*?\[]", base):
        return About(_with_arguments(base, arguments), sure=not re.search(r"[?\[]", arguments))
    single = re.search(r"[\s*?\[]", text) is None
    return About(Command(re.sub(r"[?\[]", HIDDEN, text), open=True), sure=single)


def of_host(text: str) -> About | None:
    """The inside of WebFetch(...), and an entry of a list of domains: a name or a glob."""
    return About(Name(text)) if HOST.fullmatch(text) and not is_telling(text) else None


def of_path(text: str, workspace: str, home: str, *, fold: bool) -> About | None:
    """The inside of Read(...) and Write(...): a glob from the workspace, or from the root."""
    text = text.replace("\\", "/")
    if not text or is_telling(text):
        return None
    sure = re.search(r"[{}!]", text) is None
    if text == "~" or text.startswith("~/"):
        return About(Paths(f"{literal(home)}{text[1:]}", fold), sure=False)
    if text.startswith("/") or re.match(r"[A-Za-z]:/", text):
        return About(Paths(text, fold), sure)
    return About(Paths(f"{literal(workspace)}/{text.removeprefix('./')}", fold), sure)


def literal(path: str) -> str:
    """A path as a glob that means only it."""
    return re.sub(r"([*?\[])", r"[\1]", path.replace("\\", "/").rstrip("/"))


# --- rulings


def allowing(entry: Entry, about: About) -> Rule:
    """The rule of an entry that lets something run unasked; nothing is surer than the form and the file allow."""
    sure = about.sure and entry.whole
    gate, stand_in = (Gate.NONE, None) if sure else (Gate.UNKNOWN, Gate.NONE)
    return Rule(about.pattern, Ruling(gate, entry.words, entry.evidence, stand_in))


def refusing(entry: Entry, about: About) -> Rule | None:
    """The rule of an entry that forbids something; none where it is not sure that it holds."""
    if not (about.sure and entry.whole):
        return None
    return Rule(about.pattern, Ruling(Gate.REFUSED, entry.words, entry.evidence))


def allowed(entries: Iterable[Entry], read: Callable[[str], About | None]) -> tuple[Rule, ...]:
    """The rules of a list that lets things run unasked, those that are sure before those that are not."""
    found = (allowing(entry, about) for entry in entries if (about := read(entry.text)) is not None)
    return tuple(sorted(dict.fromkeys(found), key=lambda rule: rule.ruling.gate is Gate.UNKNOWN))


def refused(entries: Iterable[Entry], read: Callable[[str], About | None]) -> tuple[Rule, ...]:
    """The rules of a list that forbids things."""
    found = (refusing(entry, about) for entry in entries if (about := read(entry.text)) is not None)
    return tuple(dict.fromkeys(rule for rule in found if rule is not None))
