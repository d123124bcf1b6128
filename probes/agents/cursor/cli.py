"""How Cursor's command line agent may act, by its own file and those of the repository."""

from collections.abc import Callable, Iterator
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from probes.agents.cursor.confine import SYSTEM, WORKSPACE, Confinement, Network, evidence_of, folder, sandbox
from probes.agents.cursor.entries import (
    INHERITED,
    TOKEN,
    About,
    Entry,
    allowed,
    of_host,
    of_path,
    of_shell,
    of_tool,
    refused,
)
from probes.agents.cursor.settings import ANYWHERE, Files, Setting, entries, host_shown, setting, token_shown
from scanner.model import Channel, Evidence, Gate, Platform, Policy, Rule, Ruling, Tool

AGENT = "cursor-agent"
ALLOWLIST, REVIEW, UNRESTRICTED = "allowlist", "auto-review", "unrestricted"
ENABLED, DISABLED = "enabled", "disabled"
ONLY, WITH_DEFAULTS, ALL = "user_config_only", "user_config_with_defaults", "allow_all"


class Config(Struct, frozen=True):
    """What the files say: modes, and the permissions of the user and the repository together."""

    approval: Setting | None = None
    confined: Setting | None = None
    network: Setting | None = None
    boundary: Setting | None = None
    allow: tuple[Entry, ...] = ()
    deny: tuple[Entry, ...] = ()
    hosts: tuple[Entry, ...] = ()  # sandbox.networkAllowlist
    fetched: tuple[Entry, ...] = ()  # webFetchDomainAllowlist

    @property
    def mode(self) -> str:
        """How much it asks, by the vendor's word for it; the default where no file says."""
        return self.approval.value if self.approval is not None else ALLOWLIST

    @property
    def settings(self) -> dict[str, Setting]:
        """The single values that are set."""
        told = {
            "approvalMode": self.approval,
            "sandbox.mode": self.confined,
            "sandbox.networkAccess": self.network,
            "sandbox.readBoundary": self.boundary,
        }
        return {key: each for key, each in told.items() if each is not None}


def config(files: Files) -> Config:
    """The user's file, with the permissions that repositories add from their root down.

    Whether a deeper list replaces the one above it or is added to it is not known: what is allowed above is then
    allowed for all that is known, and what is forbidden above may not be.
    """
    told = Config()
    for document in files.cli():
        told = Config(
            approval=setting(files, document, "approvalMode", known=(ALLOWLIST, REVIEW, UNRESTRICTED)),
            confined=setting(files, document, "sandbox", "mode", known=(ENABLED, DISABLED)),
            network=setting(files, document, "sandbox", "networkAccess", known=(ONLY, WITH_DEFAULTS, ALL)),
            boundary=setting(files, document, "sandbox", "readBoundary", known=(SYSTEM, WORKSPACE)),
            allow=tuple(entries(files, document, "permissions", "allow", show=token_shown)),
            deny=tuple(entries(files, document, "permissions", "deny", show=token_shown)),
            hosts=tuple(entries(files, document, "sandbox", "networkAllowlist", show=host_shown)),
            fetched=tuple(entries(files, document, "webFetchDomainAllowlist", show=host_shown)),
        )
    for document in files.cli_projects():
        has = {name: document.root.at("permissions", name) is not None for name in ("allow", "deny")}
        told = replace(
            told,
            allow=(
                *(_doubted(told.allow) if has["allow"] else told.allow),
                *entries(files, document, "permissions", "allow", show=token_shown),
            ),
            deny=(
                *(_doubted(told.deny) if has["deny"] else told.deny),
                *entries(files, document, "permissions", "deny", show=token_shown),
            ),
        )
    return told


def _doubted(told: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Entries that a deeper list may have replaced."""
    return tuple(replace(entry, whole=False) for entry in told)


def policy(files: Files, told: Config, confined: Confinement) -> Policy:
    """All that decides what the command line agent may do; options of its start are not seen."""
    mode = told.mode if told.approval is not None else f"{ALLOWLIST} (assumed)"
    asks = _asks(told)
    tools = (
        Tool("Read", Channel.READ, *_reading(files, told, confined)),
        Tool("Write", Channel.WRITE, *_writing(files, told)),
        Tool("Shell", Channel.EXECUTE, asks, _rules(told, "Shell", of_shell)),
        *_sandboxed(files, told, confined),
        Tool("MCP tools", Channel.CALL, asks, _rules(told, "Mcp", of_tool)),
        Tool("WebFetch", Channel.CONNECT, asks, (*_rules(told, "WebFetch", of_host), *allowed(told.fetched, of_host))),
    )
    return Policy(mode, tools, INHERITED, INHERITED)


def _asks(told: Config) -> Ruling:
    """What holds where no permission says."""
    evidence = evidence_of(told.approval)
    match told.approval:
        case Setting(value=mode, evidence=Evidence(process=str(process))) if mode == UNRESTRICTED:
            return Ruling(Gate.NONE, f"--force of the running {process}", evidence)
        case Setting(value=mode) if mode == UNRESTRICTED:
            return Ruling(Gate.NONE, f'approvalMode "{mode}"', evidence)
        case Setting(value=mode) if mode == REVIEW:
            return Ruling(Gate.CLASSIFIER, f'approvalMode "{mode}"', evidence)
        case Setting(value=mode, whole=True):
            return Ruling(Gate.PROMPT, f'approvalMode "{mode}"', evidence)
        case _:
            return Ruling(Gate.UNKNOWN, "approvalMode, which is allowlist by default", evidence, Gate.PROMPT)


def _rules(told: Config, tool: str, read: Callable[[str], About | None]) -> tuple[Rule, ...]:
    """What is forbidden comes before what is allowed."""
    return (*refused(told.deny, partial(_about, tool, read)), *allowed(told.allow, partial(_about, tool, read)))


def _about(tool: str, read: Callable[[str], About | None], text: str) -> About | None:
    """The inside of a token of that tool; None for one of another."""
    told = TOKEN.fullmatch(text)
    return read(told["about"].strip()) if told is not None and told["tool"] == tool else None


def _path_reader(files: Files) -> Callable[[str], About | None]:
    host = files.host
    fold = host.platform is not Platform.LINUX
    return partial(of_path, workspace=files.workspace.as_posix(), home=host.home.as_posix(), fold=fold)


def _reading(files: Files, told: Config, confined: Confinement) -> tuple[Ruling, tuple[Rule, ...]]:
    rules = _rules(told, "Read", _path_reader(files))
    if told.mode == UNRESTRICTED:
        return _asks(told), rules
    if not is_near(told, confined):
        return Ruling(Gate.UNKNOWN, "files are read unasked (no page says otherwise)", stand_in=Gate.NONE), rules
    inside = Rule(folder(files.workspace, files.host), Ruling(Gate.NONE, "files of the workspace are read unasked"))
    evidence = evidence_of(told.boundary or confined.boundary)
    return Ruling(Gate.UNKNOWN, 'readBoundary "workspace"', evidence, Gate.PROMPT), (*rules, inside)


def _writing(files: Files, told: Config) -> tuple[Ruling, tuple[Rule, ...]]:
    """No page says whether the workspace is changed unasked, so that it is taken to be."""
    rules = _rules(told, "Write", _path_reader(files))
    if told.mode == UNRESTRICTED:
        return _asks(told), rules
    unasked = Ruling(Gate.UNKNOWN, "files of the workspace are changed unasked, as in the editor", stand_in=Gate.NONE)
    outside = Ruling(Gate.UNKNOWN, "files outside of the workspace, as in the editor", stand_in=Gate.PROMPT)
    return outside, (*rules, Rule(folder(files.workspace, files.host), unasked))


def is_near(told: Config, confined: Confinement) -> bool:
    """Whether some file keeps reading to the workspace, and none opens it again."""
    own = told.boundary.value if told.boundary is not None else None
    if own is None:
        return confined.near
    other = confined.boundary.value if confined.boundary is not None else WORKSPACE
    return own == other == WORKSPACE and told.boundary is not None and told.boundary.whole


def _sandboxed(files: Files, told: Config, confined: Confinement) -> Iterator[Tool]:
    """The shell inside of the sandbox, where it is switched on or a mode uses it by itself."""
    on = told.confined.value if told.confined is not None else None
    if confined.off or told.mode == UNRESTRICTED or not (on == ENABLED or (on is None and told.mode == REVIEW)):
        return
    evidence = evidence_of(told.confined or told.approval)
    known = told.approval is not None and told.mode == REVIEW and on == ENABLED
    rule = "commands in the sandbox run unasked"
    unasked = Ruling(Gate.NONE, rule, evidence) if known else Ruling(Gate.UNKNOWN, rule, evidence, Gate.NONE)
    yield Tool(
        "Shell, sandboxed",
        Channel.EXECUTE,
        unasked,
        refused(told.deny, partial(_about, "Shell", of_shell)),
        sandbox(files, confined, _network(told), near=is_near(told, confined)),
    )


def _network(told: Config) -> Network:
    mode = told.network.value if told.network is not None else WITH_DEFAULTS
    everything = mode == ALL or any(entry.text in ANYWHERE for entry in told.hosts)
    return Network(defaults=mode != ONLY, everything=everything, more=told.hosts)
