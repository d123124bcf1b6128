"""The sandbox for commands: whether it is wanted, whether it can start here, and what it lets through.

A repository neither switches it nor widens it. Where it cannot start, commands fail rather than run outside of it.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import PurePath

from msgspec import Struct

from probes.agents.basis import literal
from probes.agents.copilot.setup import Setup
from probes.agents.layers import ENTRIES, MANAGED, Found
from scanner.host import Place
from scanner.model import Evidence, Gate, Name, Paths, Platform, Ruling, Sandbox

NAMES = {Platform.LINUX: "bubblewrap", Platform.MACOS: "Seatbelt", Platform.WINDOWS: "ProcessContainer"}
PARTS = ("bwrap", "slirp4netns", "unshare", "nsenter", "iptables", "ip6tables")
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc", "/dev", "/proc")
# Read for the builds of their kind, where allowDevToolAccess is not switched off; the vendor names these two.
BUILDS = (".npmrc", ".m2/settings.xml")
TOKENS = ("GITHUB_TOKEN", "GH_TOKEN")  # not handed into it


class Wanted(Struct, frozen=True):
    """The sandbox as the settings have it; `missing` says what it needs and does not have, empty where it starts."""

    rule: str
    evidence: Evidence
    missing: str = ""
    box: Sandbox | None = None
    leave: Found | None = None  # single commands may be let out of it

    @property
    def shut(self) -> Ruling:
        """What stands before a command where it cannot start."""
        return Ruling(Gate.REFUSED, f"{self.rule}: commands fail, since {self.missing}", self.evidence)


def wanted(setup: Setup) -> Wanted | None:
    """The sandbox of a session, None where commands run without one."""
    switch = _switch(setup)
    if switch is None:
        return None
    rule, evidence = switch
    missing = _missing(setup)
    leave = setup.own.layers.flag("sandbox", "allowBypass")
    return Wanted(
        rule,
        evidence,
        missing,
        None if missing else _box(setup, rule, evidence),
        leave if leave is not None and leave.node.flag else None,
    )


def _switch(setup: Setup) -> tuple[str, Evidence] | None:
    """What switches it on: the organisation, the command line of all that run, or the user."""
    found = [each for each in setup.own.layers.each("sandbox", "enabled") if each.node.flag is not None]
    forced = next((each for each in found if each.layer.scope == MANAGED and each.node.flag), None)
    if forced is None and setup.lines.told("--no-sandbox") is not None:
        return None
    told = setup.lines.all_told("--sandbox")
    if forced is None and told is not None:
        return f"--sandbox of the running {told.process}", told
    user = next((each for each in found if each.layer.scope != MANAGED), None)
    on = forced or (user if user is not None and user.node.flag else None)
    return (f"{on.key} true", on.evidence) if on is not None else None


def _missing(setup: Setup) -> str:
    """What it would need here to start, as far as files tell."""
    if setup.host.platform is not Platform.LINUX:
        return ""
    patterns = setup.basis.each.row.files["parts"]
    there = {each.path.name for each in setup.host.places(*patterns) if isinstance(each, Place)}
    absent = [name for name in PARTS if name not in there]
    return f"{', '.join(absent)} {'is' if len(absent) == 1 else 'are'} not installed" if absent else ""


def _box(setup: Setup, rule: str, evidence: Evidence) -> Sandbox:
    """What it lets through. That of other platforms is not checked: what the vendor does not say is taken as open."""
    network = ("sandbox", "userPolicy", "network")
    blocked = tuple(Name(each) for each in _texts(setup, *network, "blockedHosts"))
    masked = setup.own.layers.each("sandbox", "credentials", "envVars")
    names = [name for found in masked for name, _ in found.node.pairs[:ENTRIES]]
    readonly, denied = _paths(setup, "readonlyPaths"), _paths(setup, "deniedPaths")
    writable = (*_inside(setup), *_temporary(setup), *_paths(setup, "readwritePaths"))
    linux = setup.host.platform is Platform.LINUX
    readable = (*writable, *readonly, *_system(setup), *_builds(setup)) if linux else ()
    return Sandbox(
        name=NAMES[setup.host.platform],
        rule=rule,
        evidence=evidence,
        unreadable=(Paths("**"),) if linux and not denied else denied if not linux else (Paths("**"),),
        readable=tuple(each for each in readable if each not in denied),
        writable=writable,
        hosts=_hosts(setup),
        sockets=_temporary(setup) if linux else (Paths("**"),),
        hidden=tuple(Name(name) for name in (*TOKENS, *names)),
        unwritable=(*readonly, *denied),
        barred=blocked,
    )


def _inside(setup: Setup) -> tuple[Paths, ...]:
    """The folder that it works in, unless it was taken out."""
    found = setup.own.layers.flag("sandbox", "addCurrentWorkingDirectory")
    return () if found is not None and found.node.flag is False else (setup.basis.inside(),)


def _temporary(setup: Setup) -> tuple[Paths, ...]:
    return setup.folders[-1:] if setup.host.platform is Platform.LINUX else setup.folders[1:]


def _system(setup: Setup) -> Iterator[Paths]:
    """The system's own folders, and those of programs."""
    yield from (Paths(path) for path in SYSTEM)
    text = setup.host.variable("PATH") or ""
    for folder in islice(text.split(":"), 100):
        if folder.startswith("/"):
            yield Paths(literal(PurePath(folder)))


def _builds(setup: Setup) -> tuple[Paths, ...]:
    """Files of the home that builds need, tokens of registries in them too."""
    if not setup.own.layers.is_on("sandbox", "allowDevToolAccess", default=True):
        return ()
    return tuple(Paths(literal(setup.host.home / name)) for name in BUILDS)


def _hosts(setup: Setup) -> tuple[Name, ...]:
    layers, network = setup.own.layers, ("sandbox", "userPolicy", "network")
    outside = layers.is_on(*network, "allowOutbound", default=True)
    named = tuple(Name(each) for each in _texts(setup, *network, "allowedHosts"))
    if not outside:
        local = layers.is_on(*network, "allowLocalNetwork", default=True)
        return (Name("localhost"), Name("127.0.0.1")) if local else ()
    return named or (Name("*"),)


def _texts(setup: Setup, *keys: str) -> Iterator[str]:
    return (each.node.text for each in setup.own.layers.entries(*keys) if each.node.text)


def _paths(setup: Setup, key: str) -> tuple[Paths, ...]:
    found = (
        setup.host.resolve(each, setup.basis.workspace)
        for each in _texts(setup, "sandbox", "userPolicy", "filesystem", key)
    )
    return tuple(Paths(literal(path), setup.basis.fold) for path in found if path is not None)
