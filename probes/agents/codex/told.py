"""What is weak in Codex's settings, what a project's own files give it, and which of these are ignored."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import PurePath

from msgspec import Struct

from probes.agents.codex import environment
from probes.agents.codex.approval import REVIEWERS, WORDS
from probes.agents.codex.confinement import MODES, Confinement, cannot_start
from probes.agents.codex.hooks import ANSWERS, Hook
from probes.agents.codex.layers import Found, Settings, layers_of
from probes.agents.codex.look import PROJECT_FILE
from probes.agents.codex.policy import SEARCH, Judged
from probes.agents.codex.profiles import BUILT_IN
from probes.agents.codex.project import BARRED, project_file
from probes.agents.codex.starlark import PrefixRule
from scanner.host import Host, TextFile
from scanner.host.paths import within
from scanner.model import Evidence, Fix, SettingSeen, Weakness

AGENT = "codex"
OF_PROJECT = "project"
UNTIL_TRUSTED = "ignored until the project is trusted"
RUNNING = ("hooks", "notify")
# Words from the strictest on, and what holds in a trusted project where nobody says one.
RISING = (
    (("sandbox_mode",), MODES, MODES[1]),
    (("approval_policy",), WORDS, "on-request"),
    (("approvals_reviewer",), REVIEWERS, REVIEWERS[0]),
    (("web_search",), SEARCH, "cached"),
)
APPROVING = ("mcp_servers", "apps", "plugins")
KEYS = 500  # of one file
HANDED_ON = frozenset({"inherit", "ignore_default_excludes", "exclude", "include_only"})


class Session(Struct, frozen=True):
    """What was made of the settings for the loosest start, and the folders of the project whose files count.

    `hook` is what answers in the place of a person.
    """

    judged: Judged
    settings: Settings
    hook: Hook | None = None
    rules: Sequence[PrefixRule] = ()
    folders: Sequence[PurePath] = ()


def weaknesses(host: Host, session: Session) -> Iterator[Weakness]:
    """What is wrong whatever can be reached."""
    yield from _unasked(session.judged)
    yield from _unconfined(host, session.judged.confinement)
    yield from _extended(session)


def _unasked(judged: Judged) -> Iterator[Weakness]:
    confined, word = judged.confinement, judged.approval.word
    if confined.free and confined.evidence is not None and word in {"never", "on-request"}:
        yield Weakness(
            "agent.asks-nothing",
            "Codex runs, writes and connects without asking",
            confined.evidence,
            f"{confined.rule}: nothing confines its commands, and nobody sees them before they run.",
            Fix('Set sandbox_mode = "workspace-write" in ~/.codex/config.toml, and approval_policy = "on-request".'),
            ("autonomy",),
        )


def _unconfined(host: Host, confined: Confinement) -> Iterator[Weakness]:
    if confined.missing:
        yield Weakness(
            "agent.sandbox-cannot-start",
            "Codex has no sandbox on this machine",
            confined.evidence or Evidence(host.home / ".codex" / "config.toml", key="windows.sandbox"),
            f"{confined.missing}, so commands are not confined by the operating system.",
            Fix('Set sandbox = "unelevated" under [windows] in ~/.codex/config.toml.'),
        )
    switch = cannot_start(host) if confined.sandbox is not None else None
    if switch is not None:
        yield Weakness(
            "agent.sandbox-cannot-start",
            "Codex's sandbox cannot start on this machine",
            switch,
            "The kernel lets no user make namespaces, which the sandbox is built on. Each command fails inside it, and "
            "what is left is to approve it outside.",
            Fix("Let users make namespaces, or run Codex in a container or a virtual machine."),
        )


# --- what a project gives


def _extended(session: Session) -> Iterator[Weakness]:
    """What a trusted project's own files give the agent, which whoever commits to it decides."""
    key, evidence = next(_given(session), ("", None))
    if evidence is None:
        return
    yield Weakness(
        "agent.rights-from-repository",
        "A project gives Codex more rights than you do",
        evidence,
        f"{key} of the project's own files holds for everybody who trusts the project, and who commits to it decides.",
        Fix("Keep what you allow in ~/.codex, and read a project's .codex folder before and after you trust it."),
        ("repository",),
    )


def _given(session: Session) -> Iterator[tuple[str, Evidence]]:
    """What counts, stands in a project's file, and lets more through than the rest of the settings."""
    settings = session.settings
    lower = Settings(tuple(each for each in settings.layers if each.scope != OF_PROJECT))
    if len(lower.layers) < len(settings.layers):
        for found in (*_risen(settings, lower), *_opened(settings, lower), *_served(settings)):
            yield found.key, found.evidence
    if session.hook is not None and session.hook.scope == OF_PROJECT:
        yield f"hooks.{ANSWERS}", session.hook.evidence
    for rule in session.rules:
        if rule.decision == "allow" and _lies_in(rule.evidence.path, session.folders):
            yield f'prefix_rule "{rule.spellings[0]}" allow', rule.evidence


def _risen(settings: Settings, lower: Settings) -> Iterator[Found]:
    for keys, words, otherwise in RISING:
        found, below = _brought(settings, *keys), lower.find(*keys)
        word = below.node.text if below is not None and below.node.text in words else otherwise
        if found is not None and found.node.text in words and words.index(found.node.text) > words.index(word):
            yield found
    profile, below = _brought(settings, "default_permissions"), lower.find("default_permissions")
    same = profile is not None and below is not None and below.node.text == profile.node.text
    if profile is not None and not same and BUILT_IN.get(profile.node.text) != MODES[0]:
        yield profile


def _opened(settings: Settings, lower: Settings) -> Iterator[Found]:
    """The network, further folders, and variables that the user holds back."""
    network = _brought(settings, "sandbox_workspace_write", "network_access")
    below = lower.find("sandbox_workspace_write", "network_access")
    if network is not None and network.node.flag is True and not (below is not None and below.node.flag is True):
        yield network
    roots = _brought(settings, "sandbox_workspace_write", "writable_roots")
    if roots is not None and roots.node.items:
        yield roots
    for key in settings.names(environment.TABLE):
        found = _brought(settings, environment.TABLE, key)
        if found is not None and key in HANDED_ON and environment.commands(lower).rule:
            yield found


def _served(settings: Settings) -> Iterator[Found]:
    """Servers that are started, and tools that are approved."""
    for table in APPROVING:
        for layer in settings.layers:
            node = layer.root.get(table) if layer.scope == OF_PROJECT else None
            for name, each in node.pairs if node is not None else ():
                switch = each.get("enabled")
                if switch is None or switch.flag is not False:
                    found = settings.find(table, name)
                    yield Found(each, layer, found.key if found is not None else table)


def _brought(settings: Settings, *keys: str) -> Found | None:
    """A setting that counts as a project has it."""
    found = settings.find(*keys)
    return found if found is not None and found.layer.scope == OF_PROJECT else None


def _lies_in(path: PurePath | None, folders: Sequence[PurePath]) -> bool:
    return path is not None and any(within(path, folder / ".codex") for folder in folders)


# --- what a project says in vain


def ignored(host: Host, folders: Sequence[PurePath], heeded: Collection[PurePath]) -> Iterator[SettingSeen]:
    """What of a project's own files does not count: all of it without trust, and with it what no project may set."""
    for folder in folders:
        yield from _in_vain(host, folder) if folder in heeded else _unheeded(host, folder)


def _in_vain(host: Host, folder: PurePath) -> Iterator[SettingSeen]:
    for key, evidence in _keys(host, folder):
        if key in BARRED:
            yield SettingSeen(AGENT, key, "ignored in a project", OF_PROJECT, evidence)


def _unheeded(host: Host, folder: PurePath) -> Iterator[SettingSeen]:
    for name in (".codex/config.toml", ".codex/hooks.json"):
        if host.place_named(PROJECT_FILE, folder / name) is not None:
            yield SettingSeen(AGENT, name, UNTIL_TRUSTED, OF_PROJECT, Evidence(folder / name))
    for key, evidence in _keys(host, folder):
        if key in RUNNING:  # told by name, so that nobody takes it for a command that runs
            yield SettingSeen(AGENT, key, UNTIL_TRUSTED, OF_PROJECT, evidence)
    rules = host.matches_named(PROJECT_FILE, folder / ".codex" / "rules" / "*.rules")
    first = next((each for each in rules if isinstance(each, PurePath)), None)
    if first is not None:
        yield SettingSeen(AGENT, ".codex/rules", UNTIL_TRUSTED, OF_PROJECT, Evidence(first))


def _keys(host: Host, folder: PurePath) -> Iterator[tuple[str, Evidence]]:
    """The keys of a project's settings, as far as they can be read; what is wrong with an ignored file harms nobody."""
    texts = (each for each in project_file(host, folder, ".codex/config.toml") if isinstance(each, TextFile))
    for layer in layers_of(host, texts, OF_PROJECT).layers:
        for key, node in layer.root.pairs[:KEYS]:
            yield key, layer.at(key, node.line)
