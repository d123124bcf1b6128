"""The sandbox for commands: whether it is wanted, whether it can start, and what it lets through."""

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from msgspec import Struct
from msgspec.structs import replace

from probes.agents.claude.here import Here
from probes.agents.claude.reads import BUBBLEWRAP, NAMED_PROGRAM, SOCAT
from probes.agents.claude.rules import Kind, Listed, Rules, absolute, below, host, paths
from probes.agents.claude.settings import Found, Scope, Settings, Source
from probes.agents.claude.vendor import literal
from scanner.host import Host
from scanner.model import Command, Evidence, Name, Paths, Platform, Sandbox

NAMES = {Platform.LINUX: "bubblewrap", Platform.MACOS: "Seatbelt"}
PARTS = (("bwrap", "bwrapPath", BUBBLEWRAP), ("socat", "socatPath", SOCAT))
PLATFORMS = {Platform.LINUX: ("linux", "wsl"), Platform.MACOS: ("macos",), Platform.WINDOWS: ("windows",)}
EVERYWHERE = Name("*")
EVERY_FILE = "**"
# Files of the start folder that stay as they are; none in a folder below it.
GUARDED = (
    *(".claude/settings.json", ".claude/settings.local.json", ".git/config", ".git/hooks", ".mcp.json", ".bashrc"),
    *(".bash_profile", ".profile", ".zshrc", ".gitconfig", ".gitmodules", ".ripgreprc"),
)


class Wanted(Struct, frozen=True):
    """The sandbox as the settings have it; `missing` says what it needs and does not have, empty where it starts."""

    enabled: Found | None = None
    missing: str = ""
    required: Found | None = None  # commands are refused where it cannot start
    unasked: Found | None = None  # the setting, None for the default
    asks: bool = False  # commands in it pass through the permissions as well
    outside: Found | None = None  # no command may leave it, but for the excluded ones
    excluded: tuple[Command, ...] = ()
    strict: bool = False  # a host that is not listed is refused and nobody asked
    box: Sandbox | None = None

    @property
    def runs(self) -> bool:
        """Whether commands run in it."""
        return self.box is not None

    @property
    def shut(self) -> bool:
        """Whether commands are refused, since it is required and cannot start."""
        return self.enabled is not None and bool(self.missing) and self.required is not None


def wanted(host: Host, here: Here, settings: Settings, rules: Rules, folders: tuple[PurePath, ...]) -> Wanted:
    """The sandbox of a session."""
    enabled = settings.flag("sandbox", "enabled")
    if enabled is None or not enabled.node.flag or not _meant_for(here, settings):
        return Wanted()
    missing = _missing(host, here, settings)
    sure = settings.sure
    required = sure.flag("sandbox", "failIfUnavailable")
    unasked = settings.flag("sandbox", "autoAllowBashIfSandboxed")
    outside = sure.flag("sandbox", "allowUnsandboxedCommands")
    return Wanted(
        enabled,
        missing,
        required if required is not None and required.node.flag else None,
        unasked,
        asks=unasked is not None and unasked.node.flag is False,
        outside=outside if outside is not None and outside.node.flag is False else None,
        excluded=tuple(_excluded(settings)),
        strict=sure.is_on("sandbox", "network", "strictAllowlist") or _managed_domains(sure),
        box=None if missing else _box(here, settings, rules, folders, enabled),
    )


def _meant_for(here: Here, settings: Settings) -> bool:
    """Whether the organization wants it on this platform."""
    lists = [*settings.each("sandbox", "enabledPlatforms", among=settings.of(Scope.MANAGED))]
    return not lists or any(name in PLATFORMS[here.platform] for name in lists[0].node.texts())


def _missing(host: Host, here: Here, settings: Settings) -> str:
    """What it would need here to start."""
    if here.platform is Platform.WINDOWS:
        return "there is none on native Windows"
    if here.platform is Platform.MACOS:
        return ""
    absent = [name for name, key, pattern in PARTS if not _is_there(host, settings, key, pattern)]
    return " and ".join(absent) + (" is" if len(absent) == 1 else " are") + " not installed" if absent else ""


def _is_there(host: Host, settings: Settings, key: str, pattern: str) -> bool:
    named = next((each for each in settings.each("sandbox", key, among=settings.trusted_ones) if each.node.text), None)
    path = host.resolve(named.node.text) if named is not None else None
    if path is not None:
        return host.place_named(NAMED_PROGRAM, path) is not None
    return next(host.places(pattern), None) is not None


def _excluded(settings: Settings) -> Iterator[Command]:
    """Commands that run outside of it: each names the beginning of a command line."""
    for found in _entries(settings, "excludedCommands"):
        text = found.node.text.strip().removesuffix(":*").removesuffix(" *").strip()
        if text:
            yield Command(text, open=True)


def _managed_domains(settings: Settings) -> bool:
    return settings.is_on("sandbox", "network", "allowManagedDomainsOnly", among=settings.of(Scope.MANAGED))


def _box(here: Here, settings: Settings, rules: Rules, folders: tuple[PurePath, ...], enabled: Found) -> Sandbox:
    free = settings.is_on("sandbox", "filesystem", "disabled", among=settings.trusted_ones)
    return Sandbox(
        NAMES[here.platform],
        "sandbox.enabled",
        enabled.evidence,
        () if free else tuple(_unreadable(here, settings.sure, rules)),
        () if free else tuple(_readable(here, settings, folders)),
        (Paths(EVERY_FILE, here.fold),) if free else tuple(_writable(here, settings, rules, folders)),
        tuple(_hosts(settings, rules)),
        tuple(_sockets(here, settings)),
        tuple(_hidden(settings.sure)),
        () if free else tuple(_unwritable(here, settings.sure, rules)),
        () if _has_proxy(settings) else tuple(_barred(settings.sure)),
    )


def _unreadable(here: Here, settings: Settings, rules: Rules) -> Iterator[Paths]:
    """What is denied there, and what a rule denies to the tool that reads: these bind the sandbox as well."""
    yield from _files(here, settings, "denyRead")
    for rule in rules.deny:
        if rule.tool == "Read" and not rule.taken:
            yield from _narrow(rule, here)
    for found in settings.entries("sandbox", "credentials", "files"):
        named = found.node.get("path")
        if found.node.said("mode") == "deny" and named is not None:
            yield from _patterns([replace(found, node=named)], here)
    if blocks_reads(settings) is not None:
        yield below(here.home, here)


def blocks_writes(settings: Settings) -> Found | None:
    """The setting that keeps the tools that write in the working folders; no other scope takes it back."""
    told = settings.sure.each("permissions", "blockWritesOutsideWorkingDirectories")
    return next((each for each in told if each.node.flag is True), None)


def silent(settings: Settings) -> Found | None:
    """The setting with which nobody is asked, and what would be asked about is refused; no project may say so."""
    told = settings.each("permissions", "denyInsteadOfPrompting", among=settings.sure.trusted_ones)
    return next((each for each in told if each.node.flag is True), None)


def blocks_reads(settings: Settings) -> Found | None:
    """The setting that keeps reading in the working folders; no other scope takes it back."""
    told = settings.sure.each("permissions", "blockReadsOutsideWorkingDirectories")
    return next((each for each in told if each.node.flag is True), None)


def _readable(here: Here, settings: Settings, folders: tuple[PurePath, ...]) -> Iterator[Paths]:
    managed = settings.sure.of(Scope.MANAGED)
    only = settings.is_on("sandbox", "filesystem", "allowManagedReadPathsOnly", among=managed)
    yield from _files(here, settings, "allowRead", among=settings.of(Scope.MANAGED) if only else None)
    if blocks_reads(settings) is not None:
        yield from (below(folder, here) for folder in folders)


def _writable(here: Here, settings: Settings, rules: Rules, folders: tuple[PurePath, ...]) -> Iterator[Paths]:
    """The working folders and what is allowed beside them."""
    yield from (below(folder, here) for folder in folders)
    yield from _files(here, settings, "allowWrite")
    yield from (each for rule in rules.allow if rule.tool == "Edit" for each in _narrow(rule, here))
    yield Paths("/tmp/claude*", here.fold)  # noqa: S108 - a pattern: the session's own folder


def _unwritable(here: Here, settings: Settings, rules: Rules) -> Iterator[Paths]:
    """What is denied there, what a rule denies to the tool that edits, and in the start folder what would configure."""
    yield from _files(here, settings, "denyWrite")
    yield from (each for rule in rules.deny if rule.tool == "Edit" and not rule.taken for each in _narrow(rule, here))
    yield from (below(here.cwd / name, here) for name in GUARDED)


def _narrow(rule: Listed, here: Here) -> Iterator[Paths]:
    """The files of a rule that names some. The system tells letters apart where rules do not.

    A bare name, which as a rule is meant at any depth, is held in the start folder alone.
    """
    bare = rule.kind is Kind.DENY and rule.spec is not None and "/" not in rule.spec.strip().rstrip("/")
    pattern = paths(replace(rule, spec=f"./{rule.spec}") if bare and rule.spec != "~" else rule, here)
    if isinstance(pattern, Paths):
        yield Paths(pattern.glob, here.fold)


def _files(here: Here, settings: Settings, key: str, among: tuple[Source, ...] | None = None) -> list[Paths]:
    return list(_patterns(settings.entries("sandbox", "filesystem", key, among=among), here))


def _patterns(found: Iterable[Found], here: Here) -> Iterator[Paths]:
    from probes.agents.claude.hiding import showable

    for each in showable(found):
        yield Paths(_path(each.node.text, each, here), here.fold)


def _entries(settings: Settings, *keys: str, among: tuple[Source, ...] | None = None) -> Iterator[Found]:
    from probes.agents.claude.hiding import showable

    return showable(settings.entries("sandbox", *keys, among=among))


def _path(text: str, found: Found, here: Here) -> str:
    """A path of the sandbox: `/` is the root here, and a bare one begins at the settings' own folder."""
    if text.startswith("/"):
        return absolute("/" + text.lstrip("/"), here)
    if text == "~" or text.startswith("~/"):
        return "/".join([literal(here.home), *(part for part in text[2:].split("/") if part)])
    bare = text.removeprefix("./")
    return f"{literal(found.source.base)}/{bare}" if bare not in {"", "."} else literal(found.source.base)


def _hosts(settings: Settings, rules: Rules) -> Iterator[Name]:
    """The hosts that are let through: those listed, and those that WebFetch may ask."""
    if _has_proxy(settings):
        yield EVERYWHERE  # a proxy of the user's own decides, which nobody looked at
        return
    managed = settings.of(Scope.MANAGED) if _managed_domains(settings.sure) else None
    for found in _entries(settings, "network", "allowedDomains", among=managed):
        yield Name(found.node.text)
    for rule in rules.allow:
        if rule.tool == "WebFetch" and (managed is None or rule.managed):
            pattern = host(rule)
            if isinstance(pattern, Name):
                yield pattern


def _has_proxy(settings: Settings) -> bool:
    return any(next(settings.each("sandbox", "network", key), None) for key in ("httpProxyPort", "socksProxyPort"))


def _barred(settings: Settings) -> Iterator[Name]:
    """The hosts that are denied, whatever is allowed."""
    yield from (Name(found.node.text) for found in _entries(settings, "network", "deniedDomains"))


def _sockets(here: Here, settings: Settings) -> Iterator[Paths]:
    """Unix sockets: all or none on Linux, where a list of some opens nothing."""
    if settings.is_on("sandbox", "network", "allowAllUnixSockets"):
        yield Paths(EVERY_FILE, here.fold)
    if here.platform is Platform.LINUX:
        return
    yield from _patterns(settings.entries("sandbox", "network", "allowUnixSockets"), here)


def _hidden(settings: Settings) -> Iterator[Name]:
    from probes.agents.mcp.hiding import variable_name

    for found in settings.entries("sandbox", "credentials", "envVars"):
        name = variable_name(found.node.said("name"))
        if found.node.said("mode") == "deny" and name:
            yield Name(name)


def place(found: Found | None) -> Evidence | None:
    """Where a setting stands, None for a default."""
    return found.evidence if found is not None else None
