"""Qwen Code on this machine: the agent with its policy, its settings, what is weak in them and what is not told."""

from collections.abc import Iterator
from pathlib import PurePath

from msgspec import Struct

from probes.agents.documents import Documents
from probes.agents.gemini.flags import Running, running
from probes.agents.installed import Installed
from probes.agents.layers import Found
from probes.agents.qwen.rules import listed
from probes.agents.qwen.settings import AGENT, TITLE, Settings, read
from probes.agents.qwen.tools import Basis, Mode, policy
from scanner.data.gates import gates
from scanner.host import Host
from scanner.model import Channel, Evidence, Fix, Gap, GapKind, Observation, SettingSeen, Weakness
from scanner.text import printable

WEAKEST_FIRST = (Mode.YOLO, Mode.AUTO, Mode.EDIT, Mode.DEFAULT, Mode.PLAN)
SHIPPED = "the built-in mode: a model judges what it does"
UNTRUSTED = "the default mode, since the folder is not trusted"
FOLDERS = 100
COMMAND = "x"  # stands for any command that no rule names
EVENTS = (
    *("UserPromptSubmit", "Stop", "PreToolUse", "PostToolUse", "SessionStart", "SessionEnd", "PreCompact"),
    *("SubagentStart", "SubagentStop", "PermissionRequest", "Notification", "PostToolUseFailure", "PermissionDenied"),
)
LISTS = (*(("permissions", kind) for kind in ("allow", "ask", "deny")), ("tools", "exclude"), ("mcp", "excluded"))
BEARING = (
    *(("tools", key) for key in ("approvalMode", "core", "allowed", "sandbox", "executionSandbox", "discoveryCommand")),
    *(("tools", "callCommand"), ("mcp", "serverCommand"), ("mcp", "allowed"), ("disableAllHooks",)),
    *(("security", "folderTrust", "enabled"), ("security", "allowedHttpHookUrls")),
    ("permissions", "autoMode", "classifyAllShell"),
)
STARTING = (("tools", "discoveryCommand"), ("tools", "callCommand"), ("mcp", "serverCommand"))
WIDENING = (("permissions", "allow"), ("tools", "allowed"), ("context", "includeDirectories"), *STARTING)


class Session(Struct, frozen=True):
    """One session: what is made of its settings, and the running agent, None for the next start."""

    basis: Basis
    process: str | None = None


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """All that is seen of it."""
    documents = Documents(host)
    sessions = [_session(documents, run) for run in (*running(each.processes), None)]
    session = min(sessions, key=_asks)
    basis = session.basis
    yield each.seen(host, policy(basis))
    yield from _settings(basis)
    yield from _weaknesses(basis)
    yield Gap(
        GapKind.REFUSED, "Qwen Code's options", "options of its next start, such as --yolo, come before its files"
    )
    wanted = next(
        (found for key in ("executionSandbox", "sandbox") for found in basis.settings.layers.each("tools", key)), None
    )
    if wanted is not None:
        yield Gap(
            GapKind.REFUSED, "Qwen Code's sandbox", f"{wanted.key} is set; what it lets through is not known here"
        )
    yield from dict.fromkeys((*documents.gaps, *basis.settings.layers.notes))


def _asks(session: Session) -> tuple[bool, int, int, bool]:
    """How much it asks: whether before any command, then by its mode, then by how much somebody has allowed it."""
    made = policy(session.basis).tools
    table = gates()
    commands = [table[tool.decide(COMMAND).effective] for tool in made if tool.channel is Channel.EXECUTE]
    rulings = (rule.ruling for tool in made for rule in tool.rules)
    allowed = sum(table[each.effective].passable and each.evidence is not None for each in rulings)
    at = WEAKEST_FIRST.index(session.basis.mode)
    return (not any(each.passable for each in commands), at, -allowed, session.process is None)


def _session(documents: Documents, run: Running | None) -> Session:
    settings = read(documents, run)
    mode, rule, place = _mode(settings)
    layers = settings.layers
    core = next((tuple(layers.listed(found)) for found in layers.each("tools", "core")), None)
    given = run.listed("servers") if run is not None else None
    servers = given or tuple(found.node.text for found in layers.entries("mcp", "allowed") if found.node.text) or None
    excluded = () if given else tuple(found for found in layers.entries("mcp", "excluded") if found.node.text)
    judges = layers.is_on("permissions", "autoMode", "classifyAllShell")
    folders = tuple(_folders(settings))
    basis = Basis(settings, mode, rule, place, listed(settings), folders, core, judges, servers, excluded)
    return Session(basis, run.process if run is not None else None)


def _mode(settings: Settings) -> tuple[Mode, str, Evidence | None]:
    """The mode, and what says so: an option, else the settings, of which a repository's count too."""
    run = settings.run
    chosen: tuple[Mode, str, Evidence | None] = (Mode.AUTO, SHIPPED, None)
    if run is not None and run.mode in set(Mode):
        chosen = (
            Mode(run.mode),
            f"--approval-mode {run.mode} of the running {run.process}",
            Evidence(process=run.process),
        )
    elif (found := settings.layers.word("tools", "approvalMode", known=Mode)) is not None:
        chosen = (Mode(found.node.text), found.words, found.evidence)
    if not settings.trusted and chosen[0] not in {Mode.DEFAULT, Mode.PLAN}:
        return Mode.DEFAULT, UNTRUSTED, settings.trusted_by
    return chosen


def _folders(settings: Settings) -> Iterator[PurePath]:
    """The folders in which it works: where it is started, and those added."""
    yield settings.cwd
    given = settings.run.listed("folders") if settings.run is not None else None
    texts = [found.node.text for found in settings.layers.entries("context", "includeDirectories")]
    for text in (*(given or ()), *texts)[:FOLDERS]:
        path = settings.host.resolve(text, settings.cwd) if text else None
        if path is not None:
            yield path


# --- what is told


def _settings(basis: Basis) -> Iterator[SettingSeen]:
    """The settings that bear on its gates."""
    settings = basis.settings
    anywhere = Evidence(settings.host.home / ".qwen")
    yield SettingSeen(AGENT, "mode", basis.mode.value, "in force", basis.mode_place or anywhere)
    yield SettingSeen(AGENT, "folder trust", settings.trust.value, "user", settings.trusted_by or anywhere)
    for keys in BEARING:
        found = next(iter(settings.layers.each(*keys)), None)
        if found is not None:
            yield found.seen(AGENT, "a command" if keys in STARTING else None)
    for keys in (*LISTS, *(("hooks", event) for event in EVENTS)):
        yield from (found.seen(AGENT) for found in settings.layers.each(*keys))
    for document in settings.project if not settings.trusted else ():
        value = f"{len(document.root.pairs)} keys, ignored until the folder is trusted"
        yield SettingSeen(AGENT, "settings.json", value, "project", document.at("settings", document.root.line))


def _weaknesses(basis: Basis) -> Iterator[Weakness]:
    """What is wrong whatever can be reached."""
    if basis.mode is Mode.YOLO and basis.mode_place is not None:
        yield Weakness(
            "agent.asks-nothing",
            f"{TITLE} runs, writes and connects without asking",
            basis.mode_place,
            f"{basis.mode_rule}: nobody sees what it does before it is done, and only rules that deny hold it.",
            Fix('Set "tools": {"approvalMode": "default"} in ~/.qwen/settings.json, and start it without --yolo.'),
            ("autonomy",),
        )
    found = next((each for each in _given(basis.settings) if basis.settings.gives(each)), None)
    if found is not None and found.evidence.path is not None:
        where = basis.settings.host.shown(found.evidence.path)
        yield Weakness(
            "agent.rights-from-repository",
            f"A project gives {TITLE} more rights than you do",
            found.evidence,
            f"{printable(found.key)} in {where} holds for all who open the project, and who commits to it decides.",
            Fix('Set "security": {"folderTrust": {"enabled": true}} in ~/.qwen/settings.json, and trust few folders.'),
            ("repository",),
        )


def _given(settings: Settings) -> Iterator[Found]:
    """What widens its rights."""
    mode = settings.layers.word("tools", "approvalMode", known=Mode)
    if mode is not None and mode.node.text in {Mode.YOLO, Mode.AUTO, Mode.EDIT}:
        yield mode
    for keys in WIDENING:
        yield from (each for each in settings.layers.each(*keys) if each.node.items or each.node.text)
    for _, server in settings.servers():
        trusts = server.node.get("trust")
        if trusts is not None and trusts.flag:
            yield Found(trusts, server.layer, f"{server.key}.trust")
    if not settings.layers.is_on("disableAllHooks"):
        for event in EVENTS:
            yield from (each for each in settings.layers.each("hooks", event) if each.node.items)
