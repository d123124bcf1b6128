"""How Warp's agent may act: by its default profile, as far as that stands in a file.

Expressions are bound to whole commands, of which Warp takes a line apart. What stands on the deny list is asked for,
and so is all that is not on the allow list where commands are always asked for.
"""

from collections.abc import Iterator

from probes.agents.basis import Basis, allowed, asks_nothing, by, globs, read, stopped
from probes.agents.installed import Installed
from probes.agents.layers import USER, Found
from probes.agents.regexes import commands
from scanner.host import Host, Place
from scanner.model import (
    Channel,
    Command,
    Gap,
    GapKind,
    Gate,
    Observation,
    Policy,
    Rule,
    Ruling,
    Tool,
)

PROFILE = ("agents", "execution_profiles", "default")
OLD = ("agents", "profiles")
GATES = {"always_allow": Gate.NONE, "agent_decides": Gate.CLASSIFIER, "always_ask": Gate.PROMPT}
DENIED = (
    *("bash", "fish", "pwsh", "sh", "zsh", "curl", "eval", "exec", "source", "wget", "dig", "nslookup", "host", "ssh"),
    *("scp", "rsync", "telnet", "rm"),
)
OLD_READING = {"always_allow_reading": Gate.NONE, "always_ask_before_reading": Gate.PROMPT}
WRITES = {"read_files": Channel.READ, "apply_code_diffs": Channel.WRITE, "mcp_permissions": Channel.CALL}
DEFAULTS = {"read_files": Gate.NONE, "apply_code_diffs": Gate.CLASSIFIER, "mcp_permissions": Gate.CLASSIFIER}
OZ = frozenset({"oz", "oz.exe", "oz.cmd"})
FIX = 'Set execute_commands = "always_ask" under [agents.execution_profiles.default] in settings.toml.'


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """It with its default profile, and where other profiles lie."""
    app = read(host, each, ((USER, "settings"),))
    line = read(host, each, ((USER, "cli"),), app.layers.documents)
    tools = [*_tools(app, "")]
    tools += [*_tools(line, " of its command line")] if line.layers.layers else []
    tools += [*_unattended(each)]
    yield each.seen(host, Policy("default profile", tuple(dict.fromkeys(tools))))
    keys = (
        "read_files",
        "apply_code_diffs",
        "execute_commands",
        "mcp_permissions",
        "command_allowlist",
        "command_denylist",
    )
    for one in (app, line):
        yield from one.seen(*(".".join((*PROFILE, key)) for key in (*keys, "directory_allowlist")))
        yield from one.seen("agents.warp_agent.other.auto_approve_bypasses_command_denylist")
    free = next(
        (tool.otherwise for tool in tools if tool.channel is Channel.EXECUTE and tool.otherwise.gate is Gate.NONE), None
    )
    if free is not None:
        yield asks_nothing(app.title, free, each.evidence, FIX)
    why = "a person may choose another profile, have all of a task approved, and keep profiles on the vendor's server"
    yield Gap(GapKind.REFUSED, f"{app.title}'s profiles", why)
    yield from dict.fromkeys((*app.gaps, *line.gaps))


def _tools(app: Basis, named: str) -> Iterator[Tool]:
    for key, channel in WRITES.items():
        yield Tool(f"{key}{named}", channel, _setting(app, key, DEFAULTS[key]), tuple(_folders(app, key)))
    yield Tool(
        f"execute_commands{named}", Channel.EXECUTE, _setting(app, "execute_commands", Gate.PROMPT), tuple(_rules(app))
    )


def _setting(app: Basis, key: str, default: Gate) -> Ruling:
    """What a key of the profile says; a word that is not known counts as the agent's decision."""
    found = next(app.layers.each(*PROFILE, key), None)
    if found is not None:
        return by(found, GATES.get(found.node.text, Gate.CLASSIFIER))
    if key == "read_files":
        old = app.layers.word(*OLD, "agent_mode_coding_permissions", known=OLD_READING)
        if old is not None:
            return by(old, Gate.UNKNOWN, OLD_READING[old.node.text])
    return Ruling(Gate.UNKNOWN, f"{key} of the default profile, which no file holds", None, default)


def _folders(app: Basis, key: str) -> Iterator[Rule]:
    """Folders that are read unasked."""
    if key == "read_files":
        for entry in app.layers.entries(*PROFILE, "directory_allowlist"):
            yield from (allowed(each, entry) for each in globs(app, entry.node.text) or (None,))


def _rules(app: Basis) -> Iterator[Rule]:
    yield from _denied(app)
    setting = next(app.layers.each(*PROFILE, "execute_commands"), None)
    if setting is None or setting.node.text != "always_allow":
        for entry in app.layers.entries(*PROFILE, "command_allowlist"):
            yield from _allowed(entry)
        if next(app.layers.each(*PROFILE), None) is None:
            for entry in app.layers.entries(*OLD, "agent_mode_command_execution_allowlist"):
                yield from (Rule(rule.pattern, by(entry, Gate.UNKNOWN, Gate.NONE)) for rule in _allowed(entry))


def _denied(app: Basis) -> Iterator[Rule]:
    """A list of one's own takes the place of the one that is built in."""
    told = next(app.layers.each(*PROFILE, "command_denylist"), None)
    if told is None:
        asked = app.default(Gate.PROMPT, "the deny list that is built in")
        yield from (Rule(Command(name, open=True), asked) for name in DENIED)
        return
    for entry in app.layers.listed(told):
        found = commands(entry.node.text, whole=True)
        if found is not None and found.exact:
            yield from stopped(found.patterns, entry, Gate.PROMPT)


def _allowed(entry: Found) -> Iterator[Rule]:
    found = commands(entry.node.text, whole=True)
    if found is None:
        yield allowed(None, entry)
    else:
        yield from (allowed(each, entry, exact=found.exact) for each in found.patterns)


def _unattended(each: Installed) -> Iterator[Tool]:
    """`oz agent run` works where nobody can be asked: it does all but what is on the deny list."""
    if any(isinstance(sign, Place) and sign.path.name in OZ for sign in each.signs):
        for channel in (Channel.READ, Channel.WRITE, Channel.EXECUTE, Channel.CALL):
            yield Tool(f"oz, {channel}", channel, Ruling(Gate.UNKNOWN, "oz asks nobody", None, Gate.NONE))
