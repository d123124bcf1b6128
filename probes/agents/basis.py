"""What readers of the table's agents share: settings that could be read, options of running ones, and rulings."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import PurePath

from msgspec import Struct
from msgspec.structs import replace

from probes.agents.documents import Document, Documents
from probes.agents.installed import Installed
from probes.agents.layers import ENVIRONMENT, Found, Layer, Layers, layered
from probes.agents.shown import holds_secret
from probes.agents.tree import TWICE, Node
from scanner.host import Host
from scanner.host.paths import braces, within
from scanner.model import (
    Command,
    Everything,
    Evidence,
    Fix,
    Gap,
    Gate,
    Name,
    Observation,
    Paths,
    Pattern,
    Platform,
    Rule,
    Ruling,
    Weakness,
)

PATH_LENGTH, BRACES = 1000, 3
DRIVE = re.compile(r"[A-Za-z]:/")
ARGUMENTS = 500  # of one command line
PROCESSES = 50


class Option(Struct, frozen=True):
    """An option on the command line of a running agent; `value` is not for showing."""

    name: str
    value: str
    evidence: Evidence


class Basis(Struct, frozen=True):
    """What an agent's policy is made from: its settings, highest first, of the files that could be read whole."""

    host: Host
    each: Installed
    layers: Layers

    @property
    def title(self) -> str:
        """The agent's name."""
        return self.each.row.title

    @property
    def workspace(self) -> PurePath:
        """The folder that it works in: the home where there is no other."""
        return self.host.workspace or self.host.home

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What was wrong with its files, and with values in whole ones; each once."""
        return tuple(dict.fromkeys([*_here(self.host, self.layers.documents.gaps), *self.layers.notes]))

    @property
    def sure(self) -> bool:
        """Whether every file that is there could be read whole."""
        return all(gap.why.endswith(TWICE) for gap in _here(self.host, self.layers.documents.gaps))

    def default(self, gate: Gate, words: str) -> Ruling:
        """What holds where nobody set anything; not known where a file could not be read."""
        return Ruling(gate, words) if self.sure else Ruling(Gate.UNKNOWN, words, None, gate)

    def inside(self, folder: PurePath | None = None) -> Paths:
        """All that lies in a folder, the workspace if none is named."""
        return Paths(literal(folder or self.workspace), fold=self.fold)

    @property
    def fold(self) -> bool:
        """Whether the disk's names ignore case."""
        return self.host.platform is not Platform.LINUX

    def options(self, *names: str) -> Iterator[Option]:
        """Options of those names on the command lines of all that run, `--name value` and `--name=value`."""
        for process in self.each.processes[:PROCESSES]:
            place = Evidence(process=f"{process.name} (pid {process.pid})")
            words = process.argv[:ARGUMENTS]
            for at, word in enumerate(islice(words, 1, None), 1):
                name, sign, value = word.partition("=") if word.startswith("--") else (word, "", "")
                if name in names:
                    yield Option(name, value if sign else "".join(words[at + 1 : at + 2]), place)

    def option(self, *names: str) -> Option | None:
        """The first of them."""
        return next(self.options(*names), None)

    def seen(self, *keys: str) -> Iterator[Observation]:
        """The settings under some dotted keys, as observations."""
        for key in keys:
            for found in self.layers.each(*key.split(".")):
                yield found.seen(self.each.row.id)


def read(host: Host, each: Installed, sources: Sequence[tuple[str, str]], documents: Documents | None = None) -> Basis:
    """The settings of an agent: pairs of a scope and the name of its files in the table, highest first."""
    documents = documents or Documents(host)
    found = [(scope, tuple(of_workspace(host, documents.read(each.row.files[name])))) for scope, name in sources]
    return basis(host, each, layered(documents, found))


def basis(host: Host, each: Installed, layers: Layers) -> Basis:
    """The same of layers that are made already; broken files do not count."""
    broken = {gap.place.rpartition(", line ")[0] or gap.place for gap in layers.documents.gaps if gap.why != TWICE}
    whole = [layer for layer in layers.layers if _place(host, layer.document) not in broken]
    return Basis(host, each, replace(layers, layers=tuple(whole)))


def _here(host: Host, gaps: Iterable[Gap]) -> Iterator[Gap]:
    """Those that are not about a neighbour's file, which counts for nothing here."""
    mine = host.workspace
    others = tuple(
        f"{host.shown(folder)}/" for folder in host.machine.projects if mine is None or not within(mine, folder)
    )
    return (gap for gap in gaps if not gap.place.startswith(others) or _is_below(host, gap))


def _is_below(host: Host, gap: Gap) -> bool:
    return host.workspace is not None and gap.place.startswith(f"{host.shown(host.workspace)}/")


def _place(host: Host, document: Document) -> str:
    return host.shown(document.path) if document.path is not None else document.variable or ""


def of_workspace(host: Host, documents: Iterable[Document]) -> Iterator[Document]:
    """The files of the user, and those that lie in the workspace itself."""
    return (each for each in documents if each.project in {None, host.workspace})


def environment(host: Host, names: Iterable[tuple[str, str]]) -> Iterator[Layer]:
    """Variables as settings: pairs of a variable and the key that it stands for."""
    for variable, key in names:
        text = host.variable(variable)
        if text:
            root = Node(1, members=((key, Node(1, text)),))
            yield Layer(ENVIRONMENT, Document(root, variable=variable))


def literal(path: PurePath) -> str:
    """A path as a glob that means only it and what lies below."""
    text = path.as_posix().rstrip("/")
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in text)


def globs(basis: Basis, text: str) -> tuple[Paths, ...] | None:
    """The files that a setting names: from the home, the root or the workspace on; None where that cannot be told.

    A star goes over folders too, as most of these agents have it; a rule for a folder is one for all in it.
    """
    text = text.strip().replace("\\", "/")
    if not text or len(text) > PATH_LENGTH or text.count("{") > BRACES or "$" in text or "!" in text[:1]:
        return None
    if text == "~" or text.startswith("~/"):
        text = literal(basis.host.home) + text[1:]
    elif not text.startswith("/") and DRIVE.match(text) is None:
        text = f"{literal(basis.workspace)}/{text}"
    parts = [part for part in text.split("/")[1:] if part not in {"", "."}]
    if ".." in parts:
        return None
    head = text.split("/")[0]
    return tuple(Paths(each, basis.fold) for each in braces("/".join([head, *(_over_folders(part) for part in parts)])))


def _over_folders(part: str) -> str:
    """A star that begins a part may stand for folders before it."""
    return f"**/{part}" if part.startswith("*") and part.strip("*") else "**" if part and not part.strip("*") else part


# --- rulings


def by(found: Found, gate: Gate, stand_in: Gate | None = None) -> Ruling:
    """The ruling of a setting."""
    return Ruling(gate, found.words, found.evidence, stand_in)


def of_option(option: Option, gate: Gate) -> Ruling:
    """The ruling of an option on a command line."""
    return Ruling(gate, f"{option.name} of the running {option.evidence.process}", option.evidence)


def allowed(pattern: Pattern | None, found: Found, *, exact: bool = True) -> Rule:
    """What a setting lets through; one that cannot be told lets all through, for all that is known."""
    kept = _kept(pattern) if pattern is not None else None
    if kept is None:
        return Rule(Everything(), by(found, Gate.UNKNOWN, Gate.NONE))
    sure = exact and kept == pattern
    return Rule(kept, by(found, Gate.NONE) if sure else by(found, Gate.UNKNOWN, Gate.NONE))


def stopped(patterns: Iterable[Pattern], found: Found, gate: Gate = Gate.REFUSED) -> Iterator[Rule]:
    """What a setting stops; a pattern that could be a secret may not be told, and stops nothing for sure."""
    return (Rule(each, by(found, gate)) for each in patterns if _kept(each) == each)


def _kept(pattern: Pattern) -> Pattern | None:
    """A pattern that holds nothing which may not be shown: of such a command its program, of others nothing."""
    match pattern:
        case Command(text) if holds_secret(text):
            word = text.partition(" ")[0]
            return None if holds_secret(word) else Command(word, open=True, chained=pattern.chained)
        case Paths(glob) | Name(glob) if holds_secret(glob):
            return None
        case _:
            return pattern


# --- what is weak


def asks_nothing(title: str, ruling: Ruling, otherwise: Evidence, fix: str) -> Weakness:
    """An agent that runs and writes without a person; `otherwise` is where it is seen, for a default."""
    return Weakness(
        "agent.asks-nothing",
        f"{title} runs, writes and connects without asking",
        ruling.evidence or otherwise,
        f"{ruling.rule}: nobody sees what it does before it is done.",
        Fix(fix),
        ("autonomy",),
    )


def from_repository(title: str, evidence: Evidence, what: str, fix: str) -> Weakness:
    """What a repository's own file gives an agent."""
    return Weakness(
        "agent.rights-from-repository",
        f"A project gives {title} more rights than you do",
        evidence,
        f"{what}: whoever commits to the project decides.",
        Fix(fix),
        ("repository",),
    )
