"""What a report shows of Gemini CLI's settings, and what is weak in them."""

from collections.abc import Iterator

from msgspec import Struct

from probes.agents.documents import Document
from probes.agents.gemini.engine import Mode
from probes.agents.gemini.here import AGENT, files, of_project
from probes.agents.gemini.settings import Settings
from probes.agents.gemini.tools import Basis
from probes.agents.layers import Found
from scanner.model import Evidence, Fix, SettingSeen, Weakness
from scanner.text import printable

EVENTS = (
    *("BeforeTool", "AfterTool", "BeforeAgent", "AfterAgent", "Notification", "SessionStart", "SessionEnd"),
    *("PreCompress", "BeforeModel", "AfterModel", "BeforeToolSelection"),
)
MERGED = (("tools", "exclude"), ("policyPaths",), ("adminPolicyPaths",), ("context", "includeDirectories"))
BEARING = (
    *(("general", "defaultApprovalMode"), ("tools", "approvalMode"), ("general", "plan", "enabled")),
    *(("security", key) for key in ("disableYoloMode", "disableAlwaysAllow", "toolSandboxing", "enableConseca")),
    ("security", "folderTrust", "enabled"),
    *(("security", "environmentVariableRedaction", key) for key in ("enabled", "allowed", "blocked")),
    *(("tools", key) for key in ("core", "allowed", "confirmationRequired", "discoveryCommand", "callCommand")),
    *(("tools", key) for key in ("sandbox", "sandboxAllowedPaths", "sandboxNetworkAccess")),
    *(("mcp", key) for key in ("allowed", "excluded", "serverCommand", "autoAllowInHeadless")),
    ("hooksConfig", "enabled"),
)
WIDENING_LISTS = (("tools", "allowed"), ("tools", "core"), ("mcp", "allowed"), *MERGED[1:])
STARTING = (("tools", "discoveryCommand"), ("tools", "callCommand"), ("mcp", "serverCommand"))
PROTECTING = (
    *(("security", "disableYoloMode"), ("security", "disableAlwaysAllow"), ("security", "toolSandboxing")),
    *(("security", "folderTrust", "enabled"), ("security", "environmentVariableRedaction", "enabled")),
)
COMMANDS = 200


class Session(Struct, frozen=True):
    """One session: its settings, what is made of them, and the running agent, None for the next start."""

    settings: Settings
    basis: Basis
    process: str | None = None


def settings_seen(session: Session) -> Iterator[SettingSeen]:
    """The settings that bear on its gates: where several files say a thing, the one that counts."""
    settings, basis = session.settings, session.basis
    yield _seen("mode", basis.mode, "in force", basis.mode_place or _anywhere(session))
    yield _seen("folder trust", settings.trust, "user", settings.trusted_by or _anywhere(session))
    for keys in BEARING:
        found = next(iter(settings.layers.each(*keys)), None)
        if found is not None:
            yield found.seen(AGENT, "a command" if keys in STARTING else None)
    for keys in (*MERGED, *(("hooks", event) for event in EVENTS)):
        yield from (found.seen(AGENT) for found in settings.layers.each(*keys))
    for _, server in settings.servers():
        trusts = server.node.get("trust")
        if trusts is not None and trusts.flag:
            yield Found(trusts, server.layer, f"{server.key}.trust").seen(AGENT)
    yield from _untrusted(settings)
    yield from _commands(settings)
    yield from _hooks(settings)
    confined = basis.confined
    if confined.said and confined.evidence is not None:
        state = confined.missing or confined.unknown
        yield _seen(
            "sandbox", f"does not start: {state}" if confined.missing else state or "on", "in force", confined.evidence
        )


def _anywhere(session: Session) -> Evidence:
    return Evidence(session.settings.here.config)


def _seen(key: str, value: str, scope: str, evidence: Evidence) -> SettingSeen:
    return SettingSeen(AGENT, key, printable(str(value)), scope, evidence)


def _untrusted(settings: Settings) -> Iterator[SettingSeen]:
    """That a repository's settings wait for trust."""
    for document in settings.project if not settings.trusted else ():
        value = f"{len(document.root.pairs)} keys, ignored until the folder is trusted"
        yield _seen("settings.json", value, "project", document.at("settings", document.root.line))


def _commands(settings: Settings) -> Iterator[SettingSeen]:
    """Commands of its own prompt that run something when a person types them."""
    documents = settings.layers.documents
    found = (*files(documents, "commands"), *(of_project(documents, "project_commands") if settings.trusted else ()))
    for document in found[:COMMANDS]:
        prompt = document.root.get("prompt")
        if prompt is not None and "!{" in prompt.text:
            yield _seen(
                "command", "runs commands when a person types it", _scope(document), document.at("prompt", prompt.line)
            )


def _hooks(settings: Settings) -> Iterator[SettingSeen]:
    """Commands that extensions run at its events."""
    for document in files(settings.layers.documents, "hooks"):
        node = document.root.get("hooks")
        events = [name for name, inner in (node.pairs if node is not None else ()) if name in EVENTS and inner.items]
        if node is not None and events:
            yield _seen("hooks", ", ".join(dict.fromkeys(events)), "extension", document.at("hooks", node.line))


def _scope(document: Document) -> str:
    return "user" if document.project is None else "project"


# --- what is weak


def weaknesses(session: Session) -> Iterator[Weakness]:
    """What is wrong whatever can be reached."""
    yield from _unasked(session)
    yield from _unstarted(session)
    yield from _extended(session)


def _unasked(session: Session) -> Iterator[Weakness]:
    basis = session.basis
    if basis.mode is Mode.YOLO and basis.mode_place is not None:
        yield Weakness(
            "agent.asks-nothing",
            "Gemini CLI runs, writes and connects without asking",
            basis.mode_place,
            f"{basis.mode_rule}: nobody sees what it does before it is done, and only rules that deny or ask hold it.",
            Fix('Start it without --yolo, and set "security": {"disableYoloMode": true} in ~/.gemini/settings.json.'),
            ("autonomy",),
        )


def _unstarted(session: Session) -> Iterator[Weakness]:
    confined = session.basis.confined
    if confined.missing and confined.evidence is not None:
        yield Weakness(
            "agent.sandbox-cannot-start",
            "Gemini CLI's sandbox is switched on, and cannot start",
            confined.evidence,
            f"{confined.said}: {confined.missing}. Gemini CLI does not work until that is there or the sandbox is "
            "switched off, and is judged here as without it.",
            Fix("Install what it needs, and start it once to see that it works."),
            ("sandbox",),
        )


def _extended(session: Session) -> Iterator[Weakness]:
    """What a trusted project's own settings give the agent, which whoever commits to it decides."""
    found = next((each for each in _given(session.settings) if session.settings.gives(each)), None)
    if found is None:
        return
    where = session.settings.host.shown(found.evidence.path) if found.evidence.path is not None else "its settings"
    yield Weakness(
        "agent.rights-from-repository",
        "A project gives Gemini CLI more rights than you do",
        found.evidence,
        f"{printable(found.key)} in {where} holds for everybody who trusts the folder, and who commits to it decides.",
        Fix("Keep what you allow in ~/.gemini/settings.json, and trust no folder whose settings you have not read."),
        ("repository",),
    )


def _given(settings: Settings) -> Iterator[Found]:
    """What widens its rights; of a list that is replaced the one that counts."""
    layers = settings.layers
    for keys in WIDENING_LISTS:
        found = [*layers.each(*keys)]
        yield from (each for each in (found if keys in MERGED else found[:1]) if each.node.items)
    mode = next(iter(layers.each("general", "defaultApprovalMode")), None)
    if mode is not None and mode.node.text == "auto_edit":
        yield mode
    for _, server in settings.servers():
        trusts = server.node.get("trust")
        if trusts is not None and trusts.flag:
            yield Found(trusts, server.layer, f"{server.key}.trust")
    for keys in STARTING:
        yield from (each for each in [*layers.each(*keys)][:1] if each.node.text)
    for event in EVENTS if layers.is_on("hooksConfig", "enabled", default=True) else ():
        yield from (each for each in layers.each("hooks", event) if each.node.items)
    yield from _lifted(settings)


def _lifted(settings: Settings) -> Iterator[Found]:
    """What a project switches off that a lower source has switched on."""
    for keys in PROTECTING:
        found = [each for each in settings.layers.each(*keys) if each.node.flag is not None]
        if len(found) > 1 and found[0].node.flag is False and found[1].node.flag:
            yield found[0]
    boxes = [*settings.layers.each("tools", "sandbox")]
    if len(boxes) > 1 and boxes[0].node.flag is False:
        yield boxes[0]
