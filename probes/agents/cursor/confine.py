"""What Cursor's sandbox lets a command reach, by the sandbox.json of the user and of the workspace."""

from pathlib import PurePath

from msgspec import Struct

from probes.agents.cursor.entries import Entry, literal
from probes.agents.cursor.look import SANDBOX
from probes.agents.cursor.settings import ANYWHERE, Files, Setting, entries, flag, host_shown, path_shown, setting
from scanner.host import Host
from scanner.model import Evidence, Name, Paths, Platform, Sandbox

READWRITE, READONLY, NONE = "workspace_readwrite", "workspace_readonly", "insecure_none"
SYSTEM, WORKSPACE = "system", "workspace"
# Some of those that Cursor adds by itself: hosts of code and of packages; its pages do not list them all.
DEFAULTS = (
    *("github.com", "*.github.com", "*.githubusercontent.com", "*.googleapis.com", "docker.io", "*.docker.io"),
    *("*npm*", "*pypi*", "*crates*", "*rubygems*", "*maven*", "*nuget*", "*golang*"),
)
# What no rule opens: private ranges, and where a cloud tells a machine its credentials.
PRIVATE = ("10.*", "192.168.*", *(f"172.{number}.*" for number in range(16, 32)), "169.254.*")
NAMES = {Platform.MACOS: "Seatbelt", Platform.LINUX: "Landlock and seccomp", Platform.WINDOWS: "WSL2"}
NEEDS = {
    Platform.MACOS: "",
    Platform.LINUX: "it starts only on Linux 6.2 or later with Landlock and user namespaces",
    Platform.WINDOWS: "it starts only inside WSL2",
}
# What Cursor's tools do not change unasked, from the workspace on.
PROTECTED = (
    *(".cursor/**/*.json", ".claude/**/*.json", ".vscode", ".git/hooks", ".git/config", ".cursorignore"),
    "*.code-workspace",
)
TEMPORARY = {
    Platform.LINUX: ("/tmp", "/var/tmp"),  # noqa: S108 - named, not used
    Platform.MACOS: ("/tmp", "/private/tmp", "/var/folders", "/private/var/folders"),  # noqa: S108
    Platform.WINDOWS: (),
}


class Confinement(Struct, frozen=True):
    """What the sandbox.json files say together.

    `kind`, `boundary` and `network` are None where no file says; `settings` are those that were found, as they stand.
    """

    kind: Setting | None = None
    boundary: Setting | None = None
    network: Setting | None = None
    temporary: bool = True
    readwrite: tuple[Entry, ...] = ()
    readable: tuple[Entry, ...] = ()
    allowed: tuple[Entry, ...] = ()
    denied: tuple[Entry, ...] = ()
    settings: tuple[tuple[str, Setting], ...] = ()

    @property
    def off(self) -> bool:
        """Whether it is switched off."""
        return self.kind is not None and self.kind.value == NONE

    @property
    def near(self) -> bool:
        """Whether files outside of the workspace are not for reading; not where a file could not be read whole."""
        return self.boundary is not None and self.boundary.value == WORKSPACE and self.boundary.whole

    @property
    def open(self) -> bool:
        """Whether every host can be reached."""
        return (self.network is not None and self.network.value == "allow") or any(
            entry.text in ANYWHERE for entry in self.allowed
        )


OFF = Confinement(Setting(NONE, Evidence(), ""))  # as if it were switched off


class Network(Struct, frozen=True):
    """What is added to the hosts of sandbox.json: Cursor's own, all there are, or some more."""

    defaults: bool = True
    everything: bool = False
    more: tuple[Entry, ...] = ()


def confinement(files: Files) -> Confinement:
    """The user's file and the workspace's: of single values the workspace's counts, of network defaults deny."""
    told = Confinement()
    for document in files.pair(SANDBOX):
        kind = setting(files, document, "type", known=(READWRITE, READONLY, NONE))
        boundary = setting(files, document, "readBoundary", known=(SYSTEM, WORKSPACE))
        network = setting(files, document, "networkPolicy", "default", known=("allow", "deny"))
        without = flag(files, document, "disableTmpWrite")
        named = {
            "type": kind,
            "readBoundary": boundary,
            "networkPolicy.default": network,
            "disableTmpWrite": without,
        }
        told = Confinement(
            kind=kind or told.kind,
            boundary=boundary or told.boundary,
            network=_stricter(told.network, network),
            temporary=told.temporary and not (without is not None and without.value == "true" and without.whole),
            readwrite=(*told.readwrite, *entries(files, document, "additionalReadwritePaths", show=path_shown)),
            readable=(
                *told.readable,
                *entries(files, document, "additionalReadonlyPaths", show=path_shown),
                *entries(files, document, "additionalReadPaths", show=path_shown),
            ),
            allowed=(*told.allowed, *entries(files, document, "networkPolicy", "allow", show=host_shown)),
            denied=(*told.denied, *entries(files, document, "networkPolicy", "deny", show=host_shown)),
            settings=(*told.settings, *((key, each) for key, each in named.items() if each is not None)),
        )
    return told


def _stricter(one: Setting | None, other: Setting | None) -> Setting | None:
    """Of two defaults for the network the one that denies; a file that is not whole denies nothing."""
    told = [each for each in (one, other) if each is not None]
    denies = [each for each in told if each.value == "deny" and each.whole]
    allows = [each for each in told if each.value == "allow"]
    return next(reversed(denies or allows), None)


def sandbox(files: Files, told: Confinement, network: Network, *, near: bool) -> Sandbox:
    """The sandbox as a value. `near`: what lies in the home outside of the workspace cannot be read inside.

    What the vendor's pages leave open is taken as open: unix sockets, and files outside of the home.
    """
    host = files.host
    extra = [*folders(host, told.readwrite), *folders(host, told.readable)]
    inside = folder(files.workspace, host)
    readonly = told.kind is not None and told.kind.value == READONLY and told.kind.whole
    writable = [] if readonly else [inside, *folders(host, told.readwrite)]
    if told.temporary:
        writable += [Paths(path, host.platform is not Platform.LINUX) for path in TEMPORARY[host.platform]]
    evidence = next((each.evidence for each in (told.kind, told.boundary, told.network) if each is not None), None)
    return Sandbox(
        name=NAMES[host.platform],
        rule=_words(host, told, network, near=near),
        evidence=evidence,
        unreadable=(folder(host.home, host),) if near else (),
        readable=(inside, *extra, *(folder(host.home / ".ssh" / "known_hosts", host),)) if near else (),
        writable=tuple(dict.fromkeys(writable)),
        hosts=_hosts(told, network),
        sockets=(Paths("**"),),
        unwritable=protected(files),
        barred=(*(Name(entry.text) for entry in told.denied if entry.whole), *map(Name, PRIVATE)),
    )


def _hosts(told: Confinement, network: Network) -> tuple[Name, ...]:
    """The hosts that can be reached, but for those that are denied."""
    if network.everything or told.open or any(entry.text in ANYWHERE for entry in network.more):
        return (Name("*"),)
    allowed = [entry.text for entry in (*told.allowed, *network.more)]
    if network.defaults:
        allowed += DEFAULTS
    return tuple(Name(name) for name in dict.fromkeys(allowed))


def _words(host: Host, told: Confinement, network: Network, *, near: bool) -> str:
    kind = told.kind.value if told.kind is not None else READWRITE
    reads = "reads the workspace" if near else "reads every file"
    if network.everything or told.open:
        reaches = "reaches every host"
    else:
        reaches = "reaches the hosts of sandbox.json" + (" and those that Cursor adds" if network.defaults else "")
    needs = NEEDS[host.platform]
    return f"{kind}, {reads}, {reaches}" + (f"; {needs}" if needs else "")


def folder(path: PurePath, host: Host) -> Paths:
    """A folder and all in it."""
    return Paths(literal(path.as_posix()), host.platform is not Platform.LINUX)


def folders(host: Host, told: tuple[Entry, ...]) -> list[Paths]:
    """The folders that entries name, a relative one from the workspace on."""
    beside = host.workspace or host.home
    found = (host.resolve(entry.text, beside) for entry in told)
    return [folder(path, host) for path in found if path is not None]


def evidence_of(told: Setting | None) -> Evidence | None:
    """Where a setting stands, None for one that does not."""
    return told.evidence if told is not None else None


def protected(files: Files) -> tuple[Paths, ...]:
    """What configures the workspace."""
    fold = files.host.platform is not Platform.LINUX
    return tuple(Paths(f"{literal(files.workspace.as_posix())}/{glob}", fold) for glob in PROTECTED)
