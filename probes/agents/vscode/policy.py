"""What VS Code's agent may do in one editor, worked out from that editor's settings."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from msgspec import Struct

from probes.agents.cursor.entries import literal
from probes.agents.documents import Documents
from probes.agents.editors.seats import Files, Seat, merged
from probes.agents.layers import MANAGED, Found
from probes.agents.shown import holds_secret
from probes.agents.vscode import keys
from probes.agents.vscode.box import Box, box
from probes.agents.vscode.shipped import ALWAYS_ASKED, EVERY_FILE, FILES, HOST
from probes.agents.vscode.terminal import Terminal, is_barred, terminal
from scanner.host import Host
from scanner.host.paths import braces
from scanner.model import Channel, Everything, Gate, Inheritance, Name, Paths, Platform, Policy, Rule, Ruling, Tool

FREE = frozenset({"autoApprove", "autopilot"})
JUDGED = "assisted"
LEVELS = frozenset({"default", *FREE, JUDGED})
ALL_SESSIONS = frozenset({"allowall", "all"})
ENTRIES, BRACES = 1_000, 3
EVERY_HOST = re.compile(r"https?://\*/?\*?|\*+")
INHERITED = Inheritance(rule="a terminal of the editor has its whole environment (default)")
INSIDE = Ruling(Gate.NONE, "files of the workspace are read unasked (default)")
OUTSIDE = Ruling(Gate.PROMPT, "a file outside of the workspace needs a yes (default)")
EDITED = Ruling(Gate.NONE, "files of the workspace are changed unasked (default)")
EDIT_ASKED = Ruling(Gate.PROMPT, "changes to files that configure or run something need a yes (default)")
CALLED = Ruling(Gate.PROMPT, "a tool of a server needs a yes, unless the server calls it read-only (default)")
FETCHED = Ruling(Gate.PROMPT, "an address needs a yes (default)")


class Approved(Struct, frozen=True):
    """What people have approved for good, as the editor's database keeps it: of servers, and of single tools.

    `rules` is whether they let rules approve commands, None where the database does not tell.
    """

    rules: bool | None = None
    called: tuple[Rule, ...] = ()


class Judged(Struct, frozen=True):
    """An editor's policy and what it rests on; `level` is what approves everything, None where nothing does."""

    seat: Seat
    policy: Policy
    box: Box
    level: Ruling | None = None


def judged(seat: Seat, documents: Documents, files: Files, approved: Approved) -> Judged:
    """The policy in that editor."""
    boxed = box(seat, documents.host, files["parts"])
    decided = terminal(seat, documents, files["package"], accepted=approved.rules)
    level = _level(seat)
    if level is not None:
        return Judged(seat, Policy(_mode(seat, level), tuple(_all(level, boxed)), INHERITED, INHERITED), boxed, level)
    tools = (
        *_reading(seat, documents.host, decided),
        *_writing(seat, documents.host, decided),
        *_running(decided, boxed),
        Tool("fetch", Channel.CONNECT, *_fetching(seat)),
        Tool("MCP tools", Channel.CALL, CALLED, approved.called),
    )
    return Judged(seat, Policy(_mode(seat, None), tools, INHERITED, INHERITED), boxed)


# --- all at once


def _level(seat: Seat) -> Ruling | None:
    """What approves everything: a switch of the application, or the level that a new session starts with."""
    found = next((each for each in seat.own.each(keys.GLOBAL) if each.node.flag is not None), None)
    if found is not None and found.node.flag is True:
        return Ruling(Gate.NONE, f"{keys.GLOBAL} true", found.evidence)
    if found is not None and found.layer.scope == MANAGED:
        return None  # then no session starts without approvals either
    for key in keys.OLD_GLOBAL:
        old = seat.own.flag(key)
        if old is not None and old.node.flag is True:
            return Ruling(Gate.UNKNOWN, f"{key} true (a setting of older builds)", old.evidence, Gate.NONE)
    return _of_sessions(seat)


def _of_sessions(seat: Seat) -> Ruling | None:
    found = seat.wide.word(keys.MODE, known=LEVELS)
    if found is not None and found.node.text in FREE:
        return Ruling(Gate.NONE, found.words, found.evidence)
    if found is not None and found.node.text == JUDGED:
        return Ruling(Gate.UNKNOWN, found.words, found.evidence, Gate.CLASSIFIER)
    for told in seat.wide.each(keys.SESSIONS):
        word = told.node.said("approvals").casefold().replace("-", "")
        if word in ALL_SESSIONS or word == JUDGED:
            gate = Gate.CLASSIFIER if word == JUDGED else Gate.NONE
            return Ruling(Gate.UNKNOWN, f"{keys.SESSIONS} (approvals of new agent sessions)", told.evidence, gate)
    return None


def _mode(seat: Seat, level: Ruling | None) -> str:
    if level is not None and level.rule.startswith(keys.GLOBAL):
        return "global auto-approve"
    found = seat.wide.word(keys.MODE, known=LEVELS)
    if level is None:
        return "default"
    return found.node.text if found is not None and found.node.text != "default" else "allow all"


def _all(level: Ruling, boxed: Box) -> Iterator[Tool]:
    yield Tool("read files", Channel.READ, level)
    yield Tool("edit files", Channel.WRITE, level)
    yield Tool("terminal", Channel.EXECUTE, level)
    if boxed.sandbox is not None:
        yield Tool("terminal, sandboxed", Channel.EXECUTE, level, sandbox=boxed.sandbox)
    yield Tool("fetch", Channel.CONNECT, level)
    yield Tool("MCP tools", Channel.CALL, level)


# --- commands


def _running(decided: Terminal, boxed: Box) -> Iterator[Tool]:
    """Commands in the sandbox run unasked, and outside of it only when a person says yes."""
    if boxed.sandbox is None:
        yield Tool("terminal", Channel.EXECUTE, decided.otherwise, decided.rules)
        return
    yield Tool("terminal", Channel.EXECUTE, Ruling(Gate.PROMPT, "a command outside of the sandbox needs a yes"))
    enabled = boxed.enabled.evidence if boxed.enabled is not None else None
    unasked = Ruling(Gate.NONE, "commands in the sandbox run unasked", enabled)
    otherwise, rules = (unasked, ()) if boxed.unasked else (decided.otherwise, decided.rules)
    yield Tool("terminal, sandboxed", Channel.EXECUTE, otherwise, rules, boxed.sandbox)


def _by_rule(decided: Terminal, command: str) -> Ruling | None:
    """What lets a command of that kind run unasked, None where a person is asked."""
    tool = Tool("terminal", Channel.EXECUTE, decided.otherwise, decided.rules)
    ruling = tool.decide(command)
    return ruling if ruling.effective is Gate.NONE else None


# --- files


def _here(host: Host) -> Paths:
    return _folder((host.workspace or host.home).as_posix(), host)


def _folder(path: str, host: Host) -> Paths:
    return Paths(literal(path), host.platform is not Platform.LINUX)


def _reading(seat: Seat, host: Host, decided: Terminal) -> Iterator[Tool]:
    rules = [Rule(_here(host), INSIDE)]
    for found in seat.wide.entries(keys.READS):
        path = host.resolve(found.node.text) if found.node.text else None
        if path is not None and not holds_secret(found.node.text):
            rules.append(Rule(_folder(path.as_posix(), host), Ruling(Gate.NONE, keys.READS, found.evidence)))
    yield Tool("read files", Channel.READ, OUTSIDE, tuple(rules))
    shows = "Get-Content x" if host.platform is Platform.WINDOWS else "cat x"
    ruling = _by_rule(decided, shows)
    if ruling is not None:
        yield Tool(f"{shows.partition(' ')[0]} in the terminal", Channel.READ, ruling)


def _writing(seat: Seat, host: Host, decided: Terminal) -> Iterator[Tool]:
    rules = tuple(_edits(seat, host))
    asked = Ruling(Gate.PROMPT, "a file outside of the workspace is changed only after a yes (default)")
    yield Tool("edit files", Channel.WRITE, asked, rules)
    writes = _by_rule(decided, "echo x")
    held = next((each for each in seat.wide.each(keys.BLOCK) if each.node.text), None)
    if writes is None or (held is not None and held.node.text == "all" and held.layer.whole):
        return
    if held is not None and held.node.text == "never":
        yield Tool("redirection in the terminal", Channel.WRITE, writes)
    else:
        outside = Ruling(Gate.PROMPT, "a command that writes outside of the workspace needs a yes (default)")
        yield Tool("redirection in the terminal", Channel.WRITE, outside, (Rule(_here(host), writes),))


def _edits(seat: Seat, host: Host) -> Iterator[Rule]:
    """The last pattern that matches decides: tried here from the last on, and only for files of the workspace."""
    for glob in ALWAYS_ASKED:
        yield from (Rule(paths, EDIT_ASKED) for paths in _inside(glob, host))
    told = merged(seat.own, keys.EDITS)
    for glob, found in reversed(tuple(told.items())[-ENTRIES:]):
        yield from _edit(glob, found, host)
    for glob, found in merged(seat.wide, keys.EDITS).items():
        if found.layer.from_project and found.node.flag is True:  # builds in which a project may say so
            yield from _edit(glob, found, host, sure=False)
    for glob in FILES:
        if glob not in told or told[glob].node.flag is None:
            yield from (Rule(paths, EDIT_ASKED) for paths in _inside(glob, host))
    yield Rule(_here(host), EDITED)


def _edit(glob: str, found: Found, host: Host, *, sure: bool = True) -> Iterator[Rule]:
    approves = found.node.flag
    if approves is None or holds_secret(glob) or (not approves and not found.layer.whole):
        return
    words = f"{found.key} {'true' if approves else 'false'}"
    if not approves:
        ruling = Ruling(Gate.PROMPT, words, found.evidence)
    elif sure and glob not in {EVERY_FILE, *FILES} and glob.count("{") <= BRACES:
        ruling = Ruling(Gate.NONE, words, found.evidence)
    else:  # a default that is said again stays at its place in some builds, and moves behind all others in some
        ruling = Ruling(Gate.UNKNOWN, words, found.evidence, Gate.NONE)
    if glob.count("{") <= BRACES:
        yield from (Rule(paths, ruling) for paths in _inside(glob, host))
    elif approves:
        yield Rule(_here(host), ruling)


def _inside(glob: str, host: Host) -> Iterator[Paths]:
    """A glob of the settings as paths of the workspace; one that would lead out of it means nothing there."""
    base = literal((host.workspace or host.home).as_posix())
    for each in braces(glob.replace("\\", "/")):
        if not each.startswith("/") and ".." not in each and len(each) < 500:
            yield Paths(f"{base}/{each}", host.platform is not Platform.LINUX)


# --- addresses


def _fetching(seat: Seat) -> tuple[Ruling, tuple[Rule, ...]]:
    """What is said of addresses; where hosts are filtered, all that is not allowed is refused."""
    filtered = next((each for each in seat.wide.each(keys.FILTER) if each.node.flag is not None), None)
    rules = tuple(_addresses(seat))
    if filtered is None or filtered.node.flag is False or not filtered.layer.whole:
        return FETCHED, rules
    refused = Ruling(Gate.REFUSED, f"{keys.FILTER} true", filtered.evidence)
    barred = [Rule(name, refused) for name in _domains(seat, keys.BARRED)]
    allowed = list(_domains(seat, keys.HOSTS))
    if Name("*") in allowed:
        return FETCHED, (*barred, *rules)
    within = [rule for rule in rules if any(_covers(name, rule.pattern) for name in allowed)]
    return refused, (*barred, *within, *(Rule(name, FETCHED) for name in allowed))


def _covers(allowed: Name, pattern: object) -> bool:
    return isinstance(pattern, Everything) or (isinstance(pattern, Name) and allowed.matches(pattern.glob))


def _domains(seat: Seat, among: tuple[str, ...]) -> Iterator[Name]:
    told = next((found for key in among for found in seat.wide.each(key)), None)
    if told is not None:
        yield from (Name(each.node.text) for each in seat.wide.listed(told) if each.node.text)


def _addresses(seat: Seat) -> Iterator[Rule]:
    if is_barred(seat, keys.URLS):
        return
    for number, (text, found) in enumerate(merged(seat.wide, keys.URLS).items()):
        inner = found.node.get("approveRequest") if found.node.members is not None else found.node
        if number < ENTRIES and inner is not None and inner.flag is True and not holds_secret(text):
            yield from _address(text, found)
    yield Rule(Name(HOST), Ruling(Gate.NONE, "the vendor's own pages are fetched unasked (default)"))


def _address(text: str, found: Found) -> Iterator[Rule]:
    words = f"{found.key} true"
    if EVERY_HOST.fullmatch(text):
        yield Rule(Everything(), Ruling(Gate.NONE, words, found.evidence))
        return
    try:
        told = urlsplit(text if "://" in text else f"https://{text}")
        host = told.hostname
    except ValueError:  # "https://[" opens an address and never closes it
        return
    if host:
        whole = told.path in {"", "/", "/*", "/**"}
        yield Rule(
            Name(host),
            Ruling(Gate.NONE, words, found.evidence)
            if whole
            else Ruling(Gate.UNKNOWN, words, found.evidence, Gate.NONE),
        )
