"""What reaching an engine's socket gives: root on this machine, a virtual machine, another machine, or nothing new."""

from pathlib import PurePath

from msgspec import Struct

from probes.containers.engine import FOREIGN, Engine, Unanswered
from scanner.data.kinds import implied
from scanner.host import Host, Place
from scanner.host.paths import within
from scanner.model import Asset, Capability, Confidence, GapKind, Grant, Hint, Platform, Step

KIND = "handle.container-socket"
ROOT = frozenset({Capability.HOST_ROOT})
ROOT_ELSEWHERE = frozenset({Capability.EXEC_REMOTE, Capability.HOST_ROOT})
PROXIED = Step(
    "Something before the engine refuses some questions, and may refuse to start containers too.",
    "Read the rules of the proxy or authorization plugin before the socket.",
)
DESKTOP_FOLDERS = {
    (".orbstack", "run"): "orbstack",
    (".rd",): "rancher-desktop",
    (".docker", "desktop"): "docker-desktop",
}
BUILDS = "the builder runs as root; whether a build may leave its container is set in buildkitd.toml"


class Reached(Struct, frozen=True):
    """What one socket opens; `outside` where the engine runs on the machine around this container."""

    grants: tuple[Grant, ...]
    names: tuple[str, ...] = ()
    undecided: Step | None = None
    outside: bool = False

    @property
    def rooted(self) -> bool:
        """Whether it is root on this machine or the one around it."""
        return any(grant.asset.kind == "this-machine" and grant.capabilities == ROOT for grant in self.grants)


def reached(host: Host, place: Place, told: Engine | Unanswered | None, inside: bool) -> Reached:
    """What a socket opens, by the engine's answer where it gave one, else by its place.

    `told` is None where it was not asked; `inside` says that this machine is itself a container.
    """
    engine = told if isinstance(told, Engine) else Engine(filtered=isinstance(told, Unanswered) and told.filtered)
    path = place.link_target or place.path
    sure = _confidence(told)
    machine = engine.machine or machine_of(host, path)
    rootless = engine.rootless if engine.rootless is not None else is_rootless(host, path)
    if machine:
        return Reached(of_machine(machine, sure), _names(engine, f"in the virtual machine {machine}"))
    if rootless or (isinstance(told, Unanswered) and told.gap.why == FOREIGN):
        return _as_user(host, place, engine, sure)
    foreign = bool(engine.host) and not _same(engine.host, host.machine.name)
    if foreign and not inside:
        asset = Asset("container-host", engine.host.casefold(), (Hint("host", engine.host.casefold()),))
        return _rooted(engine, Grant(asset, ROOT_ELSEWHERE, sure, why="the engine runs as root on that machine"))
    outside = inside and (foreign or not engine.host)
    name = (engine.host or f"the host of {host.machine.name}") if outside else host.machine.name
    why = BUILDS if path.name == "buildkitd.sock" else _why(engine)
    confidence = Confidence.POSSIBLE if why == BUILDS else sure
    return _rooted(engine, Grant(Asset("this-machine", name), ROOT, confidence, why=why), outside)


def of_machine(name: str, confidence: Confidence) -> tuple[Grant, ...]:
    """What opens a virtual machine on this one: code and data in it, with what it mounts."""
    hints = (Hint("host", name), Hint("host", "localhost"))
    return tuple(
        Grant(grant.asset, grant.capabilities, confidence, why=grant.why)
        for grant in implied(KIND, name, hints)
        if grant.asset.kind == "container-vm"
    )


def machine_of(host: Host, path: PurePath) -> str:
    """The virtual machine that a socket at this place leads into, nothing where it leads into none."""
    parts = path.parts
    folder = path.parent.name
    if ".colima" in parts or parts[-4:-2] == (".config", "colima"):
        return "colima" if folder in {".colima", "default"} else f"colima-{folder}"
    if folder == "sock" and len(parts) > 3:  # a Lima instance
        return f"lima-{path.parent.parent.name}"
    if path.name.endswith("-api.sock"):
        return path.name.removesuffix("-api.sock")
    if parts[-3:-2] == ("machine",):
        return "podman-machine-default"
    found = next((name for ending, name in DESKTOP_FOLDERS.items() if parts[-len(ending) - 1 : -1] == ending), "")
    return found or ("docker-desktop" if host.platform is not Platform.LINUX else "")


def is_rootless(host: Host, path: PurePath) -> bool:
    """Whether an engine at this place runs as this user by custom."""
    runtime = host.machine.paths("$XDG_RUNTIME_DIR/docker.sock")
    folders = [each.parent for each in runtime] + [host.home]
    return str(path).startswith("/run/user/") or any(within(path, folder) for folder in folders)


def _as_user(host: Host, place: Place, engine: Engine, sure: Confidence) -> Reached:
    """An engine that runs as its user gives what that user has: nothing new, but for a container that stays."""
    asset = Asset("this-machine", host.machine.name)
    names = _names(engine, "rootless" if place.mine else "of another user")
    if not place.mine:
        return Reached((Grant(asset, ROOT, sure.one_lower, why="the engine runs as another user"),), names)
    grants = tuple(grant for grant in implied(KIND, asset.name) if grant.asset == asset)
    return Reached(grants, names)


def _rooted(engine: Engine, grant: Grant, outside: bool = False) -> Reached:
    names = _names(engine, "remaps users" if engine.remapped else "")
    if not engine.filtered and not engine.authorized_by:
        return Reached((grant,), names, None, outside)
    doubtful = Grant(grant.asset, grant.capabilities, Confidence.POSSIBLE, why=grant.why)
    return Reached((doubtful,), names, PROXIED, outside)


def _why(engine: Engine) -> str:
    if engine.remapped:
        return "the engine runs as root, and who starts a container may switch the remapping of users off"
    return "the engine runs as root, and a container may mount / and write there"


def _names(engine: Engine, *more: str) -> tuple[str, ...]:
    return tuple(name for name in (engine.named if engine.product or engine.version else "", *more) if name)


def _confidence(told: Engine | Unanswered | None) -> Confidence:
    """Verified by its answer; granted by its place; only possible where nothing listens, or no engine does."""
    match told:
        case Engine(rootless=bool()):
            return Confidence.VERIFIED
        case Unanswered(gap=gap) if gap.kind is GapKind.FAILED:
            return Confidence.POSSIBLE
    return Confidence.GRANTED


def _same(one: str, other: str) -> bool:
    """Whether two names are of one machine, with its domain or without."""
    return one.casefold().partition(".")[0] == other.casefold().partition(".")[0]
