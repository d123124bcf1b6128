"""Codex's sandbox: what decides it, and what it lets commands read, change and connect to."""

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from msgspec import Struct
from msgspec.structs import replace

from probes.agents.codex.hooks import Hook
from probes.agents.codex.layers import Found, Settings
from probes.agents.codex.look import NAMESPACES
from probes.agents.codex.places import glob, temporary
from probes.agents.codex.profiles import BUILT_IN, EVERYTHING, Profile, profile, writing
from probes.agents.mcp.hiding import shown
from scanner.host import Host, TextFile
from scanner.model import Evidence, Name, Paths, Platform, Sandbox

MODES = ("read-only", "workspace-write", "danger-full-access")
WINDOWS = ("unelevated", "elevated", "mxc")
NAMES = {
    Platform.LINUX: "Codex's sandbox (bubblewrap, seccomp)",
    Platform.MACOS: "Codex's sandbox (Seatbelt)",
    Platform.WINDOWS: "Codex's sandbox (restricted token)",
}
UNRECORDED = "Codex's default in a repository without trust on record"
ANY_HOST = (Name("*"),)


class Confinement(Struct, frozen=True):
    """`word` is the mode or the profile in force, `sandbox` what it holds commands to, None where nothing does.

    `missing` says why there is no sandbox though the mode asks for one, `doubt` why it is not sure which mode is in
    force.
    """

    word: str
    rule: str
    evidence: Evidence | None = None
    sandbox: Sandbox | None = None
    missing: str = ""
    doubt: str = ""
    assumed: bool = False  # that it may write: releases differ

    @property
    def free(self) -> bool:
        """Whether nothing confines commands, as it was asked for."""
        return self.sandbox is None and not self.missing

    @property
    def rank(self) -> int:
        """How much it lets through, for choosing among several."""
        if self.sandbox is None:
            return 4
        return (2 if self.sandbox.writable else 1) + bool(self.sandbox.hosts)


class Choice(Struct, frozen=True):
    """What chose: a mode, or a profile of permissions by name."""

    word: str
    rule: str
    evidence: Evidence | None = None
    is_profile: bool = False
    doubt: str = ""
    assumed: bool = False


class Ground(Struct, frozen=True):
    """What a sandbox is made for: the settings, the constraints, whether the workspace may be written by default.

    `roots` are further folders that a running process was given, `hook` what answers before anybody is asked.
    """

    settings: Settings
    requirements: Settings
    writes: Evidence | bool = False
    roots: tuple[str, ...] = ()
    hook: Hook | None = None


def confinement(host: Host, ground: Ground) -> Confinement:
    """The sandbox in force."""
    choice = _constrained(_chosen(ground), ground)
    word = BUILT_IN.get(choice.word, choice.word) if choice.is_profile else choice.word
    base = Confinement(shown(word), choice.rule, choice.evidence, doubt=choice.doubt, assumed=choice.assumed)
    if word == "danger-full-access":
        return base
    if host.platform is Platform.WINDOWS and ground.settings.word(WINDOWS, "windows", "sandbox") is None:
        return replace(base, missing="[windows] sandbox is not set")
    inside = _of_mode(host, ground, choice) if word in MODES else _of_profile(host, ground, choice)
    denied = tuple(_denied(host, ground.requirements))
    if denied and not inside.unreadable:
        inside = replace(inside, unreadable=denied)
    sandbox = Sandbox(
        NAMES[host.platform],
        choice.rule,
        choice.evidence,
        inside.unreadable,
        inside.readable,
        inside.writable,
        inside.hosts,
        inside.sockets,
        unwritable=inside.unwritable,
    )
    return replace(base, sandbox=sandbox)


def cannot_start(host: Host) -> Evidence | None:
    """The switch of the kernel that keeps a sandbox from starting, if one does."""
    if host.platform is not Platform.LINUX:
        return None
    for file in host.read(*NAMESPACES):
        if isinstance(file, TextFile) and file.text.strip() == "0":
            return Evidence(file.path, 1)
    return None


# --- which


def _chosen(ground: Ground) -> Choice:
    """The highest layer that names a mode or a profile decides; where one names both, its profile.

    So 0.169 does it. Older releases, as documented, leave profiles out as soon as any layer names a mode.
    """
    settings = ground.settings
    mode = settings.word(MODES, "sandbox_mode")
    named = settings.find("default_permissions")
    if named is not None and not _exists(settings, named):
        settings.refuse(named, "names no profile of permissions")
        named = None
    if mode is None and named is None:
        return _default(ground)
    if named is None or (mode is not None and _above(mode, named, settings)):
        return Choice(mode.node.text, f'sandbox_mode = "{mode.node.text}"', mode.evidence) if mode else _default(ground)
    word = named.node.text
    looser = mode is not None and _rank(mode.node.text) > _rank(BUILT_IN.get(word, MODES[1]))
    doubt = "sandbox_mode is set as well, and releases differ in which of them counts" if looser else ""
    return Choice(word, f'default_permissions = "{shown(word)}"', named.evidence, is_profile=True, doubt=doubt)


def _default(ground: Ground) -> Choice:
    found = ground.settings.find("permissions")
    if found is not None and found.node.pairs and ground.settings.find("default_permissions") is None:
        ground.settings.refuse(found, "has profiles, but default_permissions is not set")
    if ground.writes is False:
        return Choice("read-only", "Codex's default outside of version control: read-only")
    if isinstance(ground.writes, Evidence):
        return Choice("workspace-write", "Codex's default where trust is on record: workspace-write", ground.writes)
    # 0.169 only reads until trust is on record; older releases write in what is under version control.
    return Choice("workspace-write", f"{UNRECORDED}: workspace-write, or read-only by release", assumed=True)


def _rank(word: str) -> int:
    return MODES.index(word)


def _exists(settings: Settings, named: Found) -> bool:
    word = named.node.text
    return word in BUILT_IN or (word != "" and not word.startswith(":") and word in settings.names("permissions"))


def _above(first: Found, second: Found, settings: Settings) -> bool:
    """Whether the first stands in a higher layer."""
    order = [id(layer) for layer in settings.layers]
    return order.index(id(first.layer)) < order.index(id(second.layer))


def _constrained(choice: Choice, ground: Ground) -> Choice:
    """What Codex takes in place of a mode or profile that the machine's owner does not allow."""
    requirements = ground.requirements
    profiles = requirements.find("allowed_permission_profiles")
    if profiles is not None:
        allowed = {name for name, node in profiles.node.pairs if node.flag is True}
        if profiles.node.members is None:
            requirements.refuse(profiles, "is no table")
        elif not choice.is_profile or choice.word not in allowed:
            word = requirements.find("default_permissions")
            told = word.node.text if word is not None else ":read-only"
            return Choice(told, "allowed_permission_profiles", profiles.evidence, is_profile=True)
    modes = requirements.texts("allowed_sandbox_modes")
    if modes is None:
        return choice
    words = modes.node.texts()
    if MODES[0] not in words or any(word not in MODES for word in words):
        requirements.refuse(modes, "has to hold read-only, and nothing but modes")
        return choice
    mode = BUILT_IN.get(choice.word, choice.word) if choice.is_profile else choice.word
    if mode in words:
        return choice
    if mode in MODES:
        return Choice(MODES[0], "allowed_sandbox_modes", modes.evidence)
    return Choice(choice.word, choice.rule, choice.evidence, is_profile=True, doubt="allowed_sandbox_modes is set too")


# --- what it lets through


def _of_mode(host: Host, ground: Ground, choice: Choice) -> Profile:
    """A mode, or the built-in profile of that kind, to which the mode's own settings do not apply."""
    word = BUILT_IN.get(choice.word, choice.word)
    if word != "workspace-write":
        return Profile()
    if choice.is_profile:
        return writing(host, [*_workspace(host), *temporary(host, slash_tmp=True, variable=True)])
    settings = ground.settings
    network = settings.flag("sandbox_workspace_write", "network_access")
    no_tmp = settings.flag("sandbox_workspace_write", "exclude_slash_tmp")
    no_variable = settings.flag("sandbox_workspace_write", "exclude_tmpdir_env_var")
    folders = [
        *_workspace(host),
        *_further(host, ground),
        *temporary(host, slash_tmp=not _on(no_tmp), variable=not _on(no_variable)),
    ]
    hosts, sockets = (ANY_HOST, EVERYTHING) if _on(network) else ((), ())
    return replace(writing(host, folders), hosts=hosts, sockets=sockets)


def _workspace(host: Host) -> Iterator[PurePath]:
    if host.workspace is not None:
        yield host.workspace


def _further(host: Host, ground: Ground) -> Iterator[PurePath]:
    listed = ground.settings.texts("sandbox_workspace_write", "writable_roots")
    beside = listed.layer.path.parent if listed is not None and listed.layer.path is not None else None
    for text in listed.node.texts() if listed is not None else ():
        yield from _resolved(host, text, beside)
    for text in ground.roots:
        yield from _resolved(host, text, host.workspace)


def _resolved(host: Host, text: str, beside: PurePath | None) -> Iterator[PurePath]:
    path = host.resolve(text, beside)
    if path is not None:
        yield path


def _of_profile(host: Host, ground: Ground, choice: Choice) -> Profile:
    return profile(host, ground.settings, choice.word, tuple(_workspace(host)))


def _denied(host: Host, requirements: Settings) -> Iterable[Paths]:
    listed = requirements.texts("permissions", "filesystem", "deny_read")
    for text in listed.node.texts() if listed is not None else ():
        for path in _resolved(host, text, None):
            yield Paths(path.as_posix(), host.platform is not Platform.LINUX) if "*" in text else glob(host, path)


def _on(found: Found | None) -> bool:
    return found is not None and found.node.flag is True
