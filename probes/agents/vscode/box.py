"""The sandbox for commands of VS Code's agent: whether it is on and can start, and what it lets through."""

from collections.abc import Iterator

from msgspec import Struct

from probes.agents.cursor.entries import literal
from probes.agents.editors.seats import Seat
from probes.agents.layers import Found, Layers
from probes.agents.shown import holds_secret
from probes.agents.vscode import keys
from scanner.host import Host
from scanner.model import Name, Paths, Platform, Sandbox

ON = frozenset({"on", "allowNetwork"})
OPEN = "allowNetwork"
NAMES = {Platform.LINUX: "bubblewrap", Platform.MACOS: "Seatbelt", Platform.WINDOWS: "VS Code's for Windows"}
SYSTEM = {Platform.LINUX: "linux", Platform.MACOS: "mac", Platform.WINDOWS: "windows"}
TEMPORARY = {
    Platform.LINUX: ("/tmp",),  # noqa: S108 - named, not used
    Platform.MACOS: ("/tmp", "/private/tmp", "/var/folders", "/private/var/folders"),  # noqa: S108
    Platform.WINDOWS: (),
}
PATHS = 500
WORDS = "files that newer builds hide of the home are taken as open"


class Box(Struct, frozen=True):
    """The sandbox as the settings have it; `missing` says what it needs and does not have, empty where it starts."""

    enabled: Found | None = None
    missing: str = ""
    unasked: bool = True
    sandbox: Sandbox | None = None


def box(seat: Seat, host: Host, parts: tuple[str, ...]) -> Box:
    """The sandbox in that editor. `parts` are patterns of the programs that it needs, one for each."""
    enabled = _enabled(seat.wide, host)
    if enabled is None or not _is_on(enabled):
        return Box()
    missing = _missing(host, parts)
    unasked = seat.wide.is_on(keys.BOX_UNASKED, default=True)
    return Box(enabled, missing, unasked, None if missing else _sandbox(seat.wide, host, enabled))


def _enabled(layers: Layers, host: Host) -> Found | None:
    names = (keys.BOX_WINDOWS,) if host.platform is Platform.WINDOWS else keys.BOX
    told = (each for name in names for each in layers.each(name))
    return next((each for each in told if each.node.flag is not None or each.node.text), None)


def _is_on(found: Found) -> bool:
    return found.layer.whole and (found.node.flag is True or found.node.text in ON)


def _missing(host: Host, parts: tuple[str, ...]) -> str:
    if host.platform is not Platform.LINUX:
        return ""
    absent = [part.rpartition("/")[2] for part in parts if next(host.places(part), None) is None]
    return " and ".join(absent) + (" is" if len(absent) == 1 else " are") + " not installed" if absent else ""


def _sandbox(layers: Layers, host: Host, enabled: Found) -> Sandbox:
    told = {name: tuple(_paths(layers, host, name)) for name in ("allowRead", "allowWrite", "denyRead", "denyWrite")}
    fold = host.platform is not Platform.LINUX
    inside = Paths(literal((host.workspace or host.home).as_posix()), fold)
    return Sandbox(
        name=NAMES[host.platform],
        rule=f"{enabled.key}; {WORDS}",
        evidence=enabled.evidence,
        unreadable=told["denyRead"],
        readable=told["allowRead"],
        writable=(inside, *(Paths(path, fold) for path in TEMPORARY[host.platform]), *told["allowWrite"]),
        hosts=_hosts(layers, enabled),
        sockets=(Paths("**"),),  # nothing is known that would close them
        unwritable=told["denyWrite"],
        barred=() if _opens(layers, enabled) else tuple(_names(layers, keys.BARRED)),
    )


def _paths(layers: Layers, host: Host, name: str) -> Iterator[Paths]:
    """The paths of one list; those that deny count from whole files only."""
    told = next(layers.each(f"{keys.BOX_FILES}.{SYSTEM[host.platform]}"), None)
    listed = told.node.get(name) if told is not None else None
    if told is None or listed is None or (name.startswith("deny") and not told.layer.whole):
        return
    for text in listed.texts()[:PATHS]:
        path = host.resolve(text, host.workspace or host.home)
        if path is not None and not holds_secret(text):
            glob = path.as_posix() if host.platform is Platform.MACOS else literal(path.as_posix())
            yield Paths(glob, host.platform is not Platform.LINUX)


def _opens(layers: Layers, enabled: Found) -> bool:
    return enabled.node.text == OPEN or any(layers.is_on(name) for name in keys.BOX_NETWORK)


def _hosts(layers: Layers, enabled: Found) -> tuple[Name, ...]:
    return (Name("*"),) if _opens(layers, enabled) else tuple(_names(layers, keys.HOSTS))


def _names(layers: Layers, among: tuple[str, ...]) -> Iterator[Name]:
    """Hosts of the first setting that is there; those that are barred count from whole files only."""
    told = next((found for name in among for found in layers.each(name)), None)
    if told is not None and (told.layer.whole or among is not keys.BARRED):
        yield from (Name(each.node.text) for each in layers.listed(told) if each.node.text)
