"""What an engine says of itself when it is asked for its version and for what it is."""

from collections.abc import Iterable

from msgspec import Struct

from probes.containers.objects import Document, Fields, as_text, parsed
from scanner.host import Host, Place
from scanner.model import Evidence, Gap, GapKind
from scanner.shapes import label

# How the port words a 401 or a 403 (something stands before the engine), and a socket of neither this user nor root.
REFUSAL = "the engine refused the question"
FOREIGN = "the socket of another user"
DESKTOPS = {
    "docker desktop": "docker-desktop",
    "orbstack": "orbstack",
    "rancher desktop wsl distribution": "rancher-desktop",
}
MACHINES = ("colima", "lima-", "orbstack", "docker-desktop", "podman-machine", "rancher-desktop")


class Engine(Struct, frozen=True):
    """An engine's own answer; `rootless` is None where it did not say, `filtered` where a question was refused."""

    product: str = ""
    version: str = ""
    host: str = ""
    system: str = ""
    rootless: bool | None = None
    remapped: bool = False
    authorized_by: tuple[str, ...] = ()
    filtered: bool = False

    @property
    def named(self) -> str:
        """What a person calls it: `Podman 4.3.1`."""
        return " ".join(part for part in (self.product or "container engine", self.version) if part)

    @property
    def machine(self) -> str:
        """The virtual machine that it says it runs in, nothing where it says none."""
        desktop = DESKTOPS.get(self.system.casefold())
        name = self.host.casefold()
        return desktop or (name.removeprefix("lima-") if name.startswith(MACHINES) else "")


class Unanswered(Struct, frozen=True):
    """That an engine said nothing, and why; `filtered` where it refused to."""

    gap: Gap
    filtered: bool


def asked(host: Host, place: Place) -> tuple[Engine | Unanswered, list[Gap]]:
    """The engine behind a socket, and what could not be learnt of it."""
    version = _fields(host, place, "version")
    if isinstance(version, Gap) and version.why != REFUSAL:
        return Unanswered(version, filtered=False), [version]
    info = _fields(host, place, "info")
    gaps = [found for found in (version, info) if isinstance(found, Gap)]
    if isinstance(info, Gap) and isinstance(version, Gap):
        return Unanswered(version, filtered=True), gaps
    told = engine(_none(version), _none(info))
    if isinstance(info, Gap):
        return Engine(told.product, told.version, filtered=info.why == REFUSAL), gaps
    return told, gaps


def engine(version: Fields, info: Fields) -> Engine:
    """An engine from its two answers; only what is looked at here is taken of them."""
    options = _texts(info.values.get("SecurityOptions"))
    rootless = info.flag("Rootless")
    if rootless is None and info.values:
        rootless = "name=rootless" in options
    system = label(info.text("OperatingSystem"))
    return Engine(
        product=_product(version, info),
        version=label(info.text("ServerVersion") or version.text("Version")),
        host=label(info.text("Name")),
        system=system,
        rootless=rootless,
        remapped="name=userns" in options,
        authorized_by=tuple(_texts(info.object("Plugins").values.get("Authorization"))),
    )


def _product(version: Fields, info: Fields) -> str:
    parts = version.values.get("Components")
    names = (
        [as_text(each.get("Name")) for each in parts[:50] if isinstance(each, dict)] if isinstance(parts, list) else []
    )
    if "Podman Engine" in names or info.text("BuildahVersion"):
        return "Podman"
    return "Docker" if "Engine" in names or info.text("DockerRootDir") else ""


def _texts(value: object) -> list[str]:
    """The options in a list of texts, each up to its first comma."""
    found: Iterable[object] = value[:100] if isinstance(value, list) else ()
    return [name for each in found if (name := label(as_text(each)).partition(",")[0])]


def _fields(host: Host, place: Place, question: str) -> Fields | Gap:
    answer = host.engine(place.link_target or place.path, question)
    if isinstance(answer, Gap):
        return answer
    shown = host.shown(place.path)
    for found in parsed(answer.decode("utf-8", "replace"), Evidence(place.path), shown):
        if isinstance(found, Document):
            return found.fields
        if found.why != "a name stands twice in one object":
            return Gap(found.kind, shown, f"its answer for {question} {found.why}", read="socket:container-engine")
    return Gap(GapKind.FAILED, shown, f"its answer for {question} is empty", read="socket:container-engine")


def _none(found: Fields | Gap) -> Fields:
    return Fields({}) if isinstance(found, Gap) else found
