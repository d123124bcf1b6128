"""Which commands VS Code's agent runs unasked: by rules of the settings, by those it ships, as scripts of a project."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from probes.agents.basis import allowed, stopped
from probes.agents.documents import Documents
from probes.agents.editors.seats import Seat, merged
from probes.agents.layers import Found
from probes.agents.shown import holds_secret
from probes.agents.vscode import keys
from probes.agents.vscode.patterns import meant
from probes.agents.vscode.shipped import GUARDED, INSTALLS, LIFECYCLE, NO_SCRIPTS, RULES, Shipped
from scanner.model import Command, Gate, Rule, Ruling

SCRIPTS = 200
DEFAULT = "a rule that VS Code ships"
ASKS = Ruling(Gate.PROMPT, "a command that no rule allows needs a yes (default)")
NOT_ACCEPTED = Ruling(
    Gate.PROMPT, "commands need a yes until a person has let rules approve them, which nobody here has"
)


class Terminal(Struct, frozen=True):
    """What decides about commands: the rules in the order in which they are tried, and what holds otherwise."""

    rules: tuple[Rule, ...]
    otherwise: Ruling


class Stated(Struct, frozen=True):
    """A rule of the settings; `line`: it is held against a whole command line. `approves` is None where it is unset."""

    key: str
    approves: bool | None
    line: bool
    found: Found


def terminal(seat: Seat, documents: Documents, scripts: tuple[str, ...], *, accepted: bool | None) -> Terminal:
    """What decides in that editor. `accepted`: whether a person let rules approve commands, None where unknown."""
    off = next((each for each in seat.wide.each(keys.TERMINAL_ON) if each.node.flag is not None), None)
    if off is not None and off.node.flag is False and off.layer.whole:
        return Terminal((), Ruling(Gate.PROMPT, f"{keys.TERMINAL_ON} false", off.evidence))
    if keys.TERMINAL in _barred(seat):
        return Terminal((), Ruling(Gate.PROMPT, f"{keys.ELIGIBLE} forbids to approve commands by rules"))
    if accepted is False:
        return Terminal((), NOT_ACCEPTED)
    stated = {each.key: each for each in _stated(seat)}
    allowing = [_as_sure(rule, accepted) for rule in (*_allowing(stated, seat), *_scripts(seat, documents, scripts))]
    allowing.sort(key=lambda rule: rule.ruling.gate is Gate.UNKNOWN)  # of two that allow, the surer is told
    return Terminal((*_asking(stated, seat), *allowing), ASKS)


def _as_sure(rule: Rule, accepted: bool | None) -> Rule:
    """A rule that lets something run, as sure as it is that rules count at all."""
    if accepted is None and rule.ruling.gate is Gate.NONE:
        told = rule.ruling
        return Rule(rule.pattern, Ruling(Gate.UNKNOWN, told.rule, told.evidence, Gate.NONE))
    return rule


def _barred(seat: Seat) -> frozenset[str]:
    """The tools that no rule may let run, as far as they are ours."""
    names = {"runInTerminal": keys.TERMINAL, "fetch": keys.URLS}
    told = merged(seat.wide, keys.ELIGIBLE)
    closed = [name for name, found in told.items() if found.node.flag is False and found.layer.whole]
    return frozenset(names[short] for name in closed if (short := name.rpartition("/")[2]) in names)


def is_barred(seat: Seat, key: str) -> bool:
    """Whether the settings forbid to approve by rules what that setting is about."""
    return key in _barred(seat)


# --- the rules of the settings


def _stated(seat: Seat) -> Iterator[Stated]:
    told = {**merged(seat.wide, keys.TERMINAL), **merged(seat.wide, keys.OLD_TERMINAL)}
    for key, found in told.items():
        node = found.node
        inner = node.get("approve") if node.members is not None else node
        whole = node.get("matchCommandLine") if node.members is not None else None
        line = whole is not None and whole.flag is True
        yield Stated(key, inner.flag if inner is not None else None, line, found)


def _ships(seat: Seat) -> bool:
    """Whether the rules that VS Code ships count."""
    return not seat.wide.is_on(keys.TERMINAL_OWN)


def _asking(stated: Mapping[str, Stated], seat: Seat) -> Iterator[Rule]:
    """What needs a yes whatever allows it; an expression that is not told exactly holds nothing back for sure."""
    for each in stated.values():
        if each.approves is False and each.found.layer.whole and each.key not in _guards():
            told = meant(each.key, line=each.line)
            yield from stopped(told.patterns if told.sure else (), each.found, Gate.PROMPT)
    if _ships(seat):
        for rule in RULES:
            if not rule.approves and rule.key not in stated:
                ruling = Ruling(Gate.PROMPT, f'{DEFAULT}: "{rule.key}" needs a yes')
                yield from (Rule(Command(text, open=True), ruling) for text in rule.commands)


def _guards() -> frozenset[str]:
    return frozenset(key for guards in GUARDED.values() for key in guards)


def _allowing(stated: Mapping[str, Stated], seat: Seat) -> Iterator[Rule]:
    known = {rule.key: rule for rule in (*RULES, *INSTALLS)}
    for each in stated.values():
        if each.approves is True and not (_ships(seat) and _held(each.key, stated)):
            yield from _allowed(each, known.get(each.key))
    if _ships(seat):
        for rule in RULES:
            if rule.approves and rule.key not in stated:
                yield from _shipped(rule)
        yield from (each for program in GUARDED for each in _unguarded(program, stated))


def _allowed(each: Stated, known: Shipped | None) -> Iterator[Rule]:
    told = meant(each.key, line=each.line)
    patterns = tuple(Command(text, open=True) for text in known.commands) if known is not None else told.patterns
    yield from (allowed(pattern, each.found, exact=known is not None or told.sure) for pattern in patterns)


def _shipped(rule: Shipped) -> Iterator[Rule]:
    for text in rule.commands:
        yield Rule(Command(text, open=True), Ruling(Gate.NONE, f'{DEFAULT}: "{text}" runs unasked'))


def _held(program: str, stated: Mapping[str, Stated]) -> bool:
    """Whether a program that rules let run is held by others from running what it is told."""
    return program in GUARDED and not any(
        key in stated and stated[key].approves is not False for key in GUARDED[program]
    )


def _unguarded(program: str, stated: Mapping[str, Stated]) -> Iterator[Rule]:
    """A program that VS Code lets run, where the settings lift the rule that holds it."""
    if program not in stated and not _held(program, stated):
        lifted = next(stated[key] for key in GUARDED[program] if key in stated)
        words = f'{DEFAULT}: "{program}" runs unasked, and {lifted.found.words} lifts what held it'
        yield Rule(Command(program, open=True), Ruling(Gate.NONE, words, lifted.found.evidence))


# --- scripts of the project


def _scripts(seat: Seat, documents: Documents, patterns: tuple[str, ...]) -> Iterator[Rule]:
    """Scripts that the workspace's package.json names run unasked, and so does what installs from its lock file."""
    workspace = documents.host.workspace
    package = next((each for each in documents.read(patterns) if each.project == workspace), None)
    if package is None:
        return
    named = package.root.get("scripts")
    ruling = Ruling(Gate.NONE, "scripts of package.json run unasked (default)", package.at("scripts"))
    if named is not None and seat.wide.is_on(keys.SCRIPTS, default=True):
        for name, _ in named.pairs[:SCRIPTS]:
            yield from (Rule(Command(text, open=True), ruling) for text in _runs(name))
    if _ships(seat):
        yield from (found for rule in INSTALLS for found in _shipped(rule))


def _runs(name: str) -> Iterator[str]:
    """The commands that run a script; none for a name that would not stand there as one word."""
    if not name or "*" in name or len(name.split()) != 1 or holds_secret(name):
        return
    yield f"npm run {name}"
    yield f"yarn run {name}"
    yield f"pnpm run {name}"
    if name in LIFECYCLE:
        yield f"npm {name}"
    if name not in NO_SCRIPTS:
        yield f"yarn {name}"
        yield f"pnpm {name}"
