"""How droid may act in the workspace, what its policy comes from, and what cannot be told."""

from collections.abc import Iterator

from probes.agents.basis import Basis, asks_nothing, by, from_repository, of_option
from probes.agents.droid.sandbox import Wanted, wanted
from probes.agents.droid.settings import LEVELS, UNSAFE, Level, level, settings
from probes.agents.installed import Installed
from probes.agents.layers import Found
from probes.agents.shown import holds_secret, shown
from scanner.host import Host
from scanner.model import (
    Channel,
    Command,
    Everything,
    Fix,
    Gap,
    GapKind,
    Gate,
    Inheritance,
    Observation,
    Policy,
    Rule,
    Ruling,
    SettingSeen,
    Tool,
    Weakness,
)

TITLE = "Factory droid"
BLOCK, DENY, ALLOW = "commandBlocklist", "commandDenylist", "commandAllowlist"
# What runs at every level, and what is asked for at every level, where no file has lists of its own.
LOOKING = ("ls", "pwd", "dir", "git status", "git diff", "git log", "git show", "git blame", "git ls-files")
DANGERS = (
    *("rm -rf /", "rm -rf .", "rm -rf ~", "rm -rf $HOME", "rm -r /", "rm -r ~", "mkfs", "dd if=/dev/zero of=/dev"),
    *("dd of=/dev", "shutdown", "reboot", "halt", "poweroff", "init 0", "init 6", "chmod -R 777 /", "chmod -R 000 /"),
    "chown -R",
)
BEARING = (
    *(("sessionDefaultSettings", key) for key in ("autonomyLevel", "autonomyMode", "interactionMode")),
    *(
        (key,)
        for key in ("maxAutonomyLevel", "subagentAutonomyLevel", "builtInToolAutonomyOverrides", "permissionRules")
    ),
    *((key,) for key in (BLOCK, DENY, ALLOW, "hooks", "hooksDisabled", "allowManagedHooksOnly", "enableDroidShield")),
    *(("sandbox", key) for key in ("enabled", "mode")),
    *(("sandbox", "filesystem", key) for key in ("allowWrite", "denyWrite", "denyRead")),
    *(("sandbox", "network", key) for key in ("allowedDomains", "allowUnixSockets", "allowAllUnixSockets")),
)
WORDS = frozenset({*LEVELS, "auto", "spec", "per-command", "whole-process", "normal", "inherit"})
RATED = "the model rates the risk of each command by itself"
INHERITED = Inheritance(rule="droid hands its whole environment on (default)")
SERVER = "what an organisation sets comes from the vendor's server, where no managed file stands"
FIX = "Set sessionDefaultSettings.autonomyLevel to off in ~/.factory/settings.json, and start it without --auto."
OWN_FIX = "Look at a project's .factory/settings.json before you start droid there."


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """It with its rules, the settings these come from, what is weak in them, and every gap once."""
    found = settings(host, each)
    at = level(found)
    box = wanted(found)
    yield each.seen(host, policy(found, at, box))
    yield from _settings(found)
    yield from _weaknesses(found, at, box)
    yield from found.gaps
    yield Gap(GapKind.REFUSED, f"{TITLE}'s organisation", SERVER)
    why = "options of its next start, such as --auto, come before its files; droid exec reads only without one"
    yield Gap(GapKind.REFUSED, f"{TITLE}'s options", why)


# --- the policy


def policy(found: Basis, at: Level, box: Wanted | None) -> Policy:
    """Each tool at that level, by the lists first where it runs commands."""
    reading = Tool("Read", Channel.READ, Ruling(Gate.NONE, "files are read unasked (default)"))
    tools = (
        box.reading(reading) if box is not None else reading,
        _writing(found, at, box),
        *_commands(found, at, box),
        Tool("FetchUrl", Channel.CONNECT, _at(found, at, "low", Gate.NONE)),
        Tool("MCP tools", Channel.CALL, _judged(found, at)),
    )
    free = found.option(UNSAFE)
    return Policy("skip-permissions-unsafe" if free is not None else at.name, tools, INHERITED, INHERITED)


def _at(found: Basis, at: Level, needed: str, gate: Gate) -> Ruling:
    """What holds from a level on; below it a person is asked."""
    unsafe = found.option(UNSAFE)
    if unsafe is not None:
        return of_option(unsafe, Gate.NONE)
    gate = gate if LEVELS.index(at.name) >= LEVELS.index(needed) else Gate.PROMPT
    if at.option is not None:
        return Ruling(gate, f"--auto {at.name} of the running {at.option.evidence.process}", at.option.evidence)
    if at.found is not None:
        return by(at.found, gate)
    if at.cap is not None and at.name == at.cap.node.text:
        return by(at.cap, gate)
    return found.default(gate, f"autonomy level {at.name} (default)")


def _judged(found: Basis, at: Level) -> Ruling:
    """Commands and tools of servers: below the highest level it is the rating of the model that decides."""
    ruling = _at(found, at, "low", Gate.NONE)
    if ruling.effective is not Gate.NONE or at.name == "high" or found.option(UNSAFE) is not None:
        return ruling
    return Ruling(Gate.CLASSIFIER, f"{ruling.rule}: {RATED}", ruling.evidence)


def _writing(found: Basis, at: Level, box: Wanted | None) -> Tool:
    tool = Tool("Edit and Create", Channel.WRITE, _at(found, at, "low", Gate.NONE))
    return box.writing(tool) if box is not None else tool


def _commands(found: Basis, at: Level, box: Wanted | None) -> Iterator[Tool]:
    """The lists come first: never, always asked, unasked; then the level. In the sandbox they hold as well."""
    rules = tuple(_lists(found))
    otherwise = _judged(found, at)
    if box is None:
        yield Tool("Execute", Channel.EXECUTE, otherwise, rules)
    elif box.box is None:
        yield Tool("Execute", Channel.EXECUTE, Ruling(Gate.REFUSED, box.shut, box.found.evidence))
    else:
        yield Tool("Execute in the sandbox", Channel.EXECUTE, otherwise, rules, box.box)


def _lists(found: Basis) -> Iterator[Rule]:
    """How an entry is met with arguments is not told by the vendor: what allows is then not certain."""
    yield from _entries(found, BLOCK, Gate.REFUSED)
    denied = tuple(_entries(found, DENY, Gate.PROMPT))
    if found.option(UNSAFE) is None:
        yield from denied
        if not denied:
            yield from (Rule(Command(text, open=True), Ruling(Gate.PROMPT, f"{DENY} (default)")) for text in DANGERS)
    allowed = tuple(_allowed(found))
    yield from allowed
    if not allowed:
        yield from (Rule(Command(text, open=True), Ruling(Gate.NONE, f"{ALLOW} (default)")) for text in LOOKING)


def _entries(found: Basis, key: str, gate: Gate) -> Iterator[Rule]:
    """What a list stops; an entry that holds a secret is not taken up, since a policy is shown."""
    for entry in found.layers.entries(key):
        text = entry.node.text.strip()
        if text and not holds_secret(text):
            yield Rule(Command(text, open=True), by(entry, gate))


def _allowed(found: Basis) -> Iterator[Rule]:
    for entry in found.layers.entries(ALLOW):
        text = entry.node.text.strip()
        if holds_secret(text):
            program = text.split()[0]
            pattern = Everything() if holds_secret(program) else Command(program, open=True)
            yield Rule(pattern, by(entry, Gate.UNKNOWN, Gate.NONE))
        elif text:
            yield Rule(Command(text), by(entry, Gate.NONE))
            yield Rule(Command(text, open=True), by(entry, Gate.UNKNOWN, Gate.NONE))


# --- what is told


def _settings(found: Basis) -> Iterator[SettingSeen]:
    agent = found.each.row.id
    for keys in BEARING:
        for each in found.layers.each(*keys):
            yield each.seen(agent, _value(each))
    for option in found.options("--auto", UNSAFE):
        value = option.value if option.value in LEVELS else "true"
        yield SettingSeen(agent, option.name, value, "command line", option.evidence)
    if found.option("--settings") is not None:
        for option in found.options("--settings"):
            yield SettingSeen(agent, option.name, "names settings of that process", "command line", option.evidence)


def _value(found: Found) -> str | None:
    """A setting in a word: levels and modes as they are, hooks by their moments."""
    node = found.node
    if found.key == "hooks" and node.members is not None:
        return ", ".join(name for name, _ in node.pairs[:12] if name.isalpha()) or None
    if node.text:
        return node.text if node.text in WORDS else "of another value"
    listed = [text for each in (node.items or ())[:5] if (text := shown(each.text))]
    more = len(node.items or ()) - len(listed)
    return ", ".join(listed) + (f" and {more} more" if more else "") if listed else None


def _weaknesses(found: Basis, at: Level, box: Wanted | None) -> Iterator[Weakness]:
    unsafe = found.option(UNSAFE)
    confined = box is not None
    if unsafe is not None or (at.name == "high" and not confined):
        yield asks_nothing(TITLE, _at(found, at, "low", Gate.NONE), found.each.evidence, FIX)
    if box is not None and box.missing:
        yield Weakness(
            "agent.sandbox-cannot-start",
            f"{TITLE} cannot start its sandbox",
            box.found.evidence,
            f"{box.shut}.",
            Fix("Install what it needs."),
            ("sandbox",),
        )
    yield from _raised(found, at)


def _raised(found: Basis, at: Level) -> Iterator[Weakness]:
    """What a repository gives: a level, or commands that run unasked."""
    if at.found is not None and at.found.layer.from_project and at.name != "off":
        what = f"Its autonomy level {at.name} stands before yours"
        yield from_repository(TITLE, at.found.evidence, what, OWN_FIX)
        return
    entry = next((each for each in found.layers.entries(ALLOW) if each.layer.from_project), None)
    if entry is not None:
        yield from_repository(TITLE, entry.evidence, f"Its {ALLOW} is added to yours", OWN_FIX)
