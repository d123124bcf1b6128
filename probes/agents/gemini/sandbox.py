"""Gemini CLI's sandboxes: one around all of it, and one around each command; whether they can start, what they let."""

from collections.abc import Iterator
from pathlib import PurePath

from msgspec import Struct

from probes.agents.claude.vendor import GLOB_SIGNS, literal
from probes.agents.gemini.here import AGENT
from probes.agents.gemini.settings import Settings
from probes.agents.layers import Found
from scanner.data.agent_places import places_of
from scanner.host import Place
from scanner.model import Evidence, Name, Paths, Platform, Sandbox

CONTAINERS = {"docker": "Docker", "podman": "Podman", "runsc": "gVisor"}
SEATBELT, PER_TOOL = "sandbox-exec", "security.toolSandboxing"
OPEN_PROFILES = frozenset({"permissive-open", "permissive-proxied", "restrictive-open", "restrictive-proxied"})
EVERYWHERE, EVERY_FILE = Name("*"), "**"
OWN = (
    "oauth_creds.json",
    "gemini-credentials.json",
    "mcp-oauth-tokens.json",
    "a2a-oauth-tokens.json",
    "google_accounts.json",
)
OFF = frozenset({"", "0", "false"})
ON = frozenset({"1", "true"})


class Confined(Struct, frozen=True):
    """A sandbox as it is wanted: `said` by whom, `missing` what it needs and does not have, empty where it starts.

    `box` is None where there is none, or none whose rules are known; `tool` where it is around each command only.
    """

    said: str = ""
    evidence: Evidence | None = None
    missing: str = ""
    box: Sandbox | None = None
    tool: bool = False
    unknown: str = ""


NONE = Confined()


def confined(settings: Settings, *, roams: bool) -> Confined:
    """The sandbox of a session; `roams`: its mode lets commands in it connect."""
    word, said, evidence = _wanted(settings)
    if word:
        return _whole(settings, word, said, evidence)
    switch = settings.layers.flag("security", "toolSandboxing")
    if switch is None or not switch.node.flag:
        return NONE
    return _around_commands(settings, switch, roams=roams)


def _wanted(settings: Settings) -> tuple[str, str, Evidence | None]:
    """What is wanted ("true", or a program), and what says so; the variable counts most, then the option."""
    host, run = settings.host, settings.run
    if host.variable("SANDBOX"):
        return "", "", None
    text = (host.variable("GEMINI_SANDBOX") or "").casefold().strip()
    if run is not None and run.sandbox:
        return "true", "--sandbox", Evidence(process=run.process)
    if text:
        return ("" if text in OFF else text), "GEMINI_SANDBOX", Evidence(variable="GEMINI_SANDBOX")
    if run is not None and run.sandbox is False:
        return "", "", None
    found = next(iter(settings.layers.each("tools", "sandbox")), None)
    if found is None:
        return "", "", None
    if found.node.members is not None:
        enabled = found.node.get("enabled")
        on = enabled is not None and enabled.flag is True
        return (found.node.said("command") or "true") if on else "", "tools.sandbox", found.evidence
    word = found.node.text.casefold() if found.node.text else "true" if found.node.flag else ""
    return ("" if word in OFF else word), "tools.sandbox", found.evidence


def _whole(settings: Settings, word: str, said: str, evidence: Evidence | None) -> Confined:
    """The sandbox around all of it: without its parts Gemini CLI does not start at all."""
    program = _program(settings, word)
    if settings.here.workspace is None:
        return Confined(said, evidence, "in the home itself it does not start")
    if not program or not _is_there(settings, program):
        wanted = program or ("docker and podman" if word in ON else "a program that it knows")
        return Confined(said, evidence, f"{wanted} {'are' if ' and ' in wanted else 'is'} not installed")
    if program == "runsc" and not _is_there(settings, "docker"):
        return Confined(said, evidence, "docker is not installed, which runsc needs")
    if program in CONTAINERS:
        return Confined(said, evidence, box=_container(settings, program, said, evidence))
    if program == SEATBELT:
        return _seatbelt(settings, said, evidence)
    return Confined(said, evidence, unknown=f"what {program} lets through is not known here")


def _program(settings: Settings, word: str) -> str:
    """The program that a word stands for: of several the first that is there."""
    if word not in ON:
        return word if word in {*CONTAINERS, SEATBELT, "lxc", "windows-native"} else ""
    if settings.here.platform is Platform.MACOS:
        return SEATBELT
    return next((each for each in ("docker", "podman") if _is_there(settings, each)), "")


def _is_there(settings: Settings, program: str) -> bool:
    if program == SEATBELT:
        return settings.here.platform is Platform.MACOS
    if program == "windows-native":
        return settings.here.platform is Platform.WINDOWS
    found = settings.host.places(*places_of(AGENT).files["programs"])
    return any(isinstance(place, Place) and place.path.name == program for place in found)


def _container(settings: Settings, program: str, said: str, evidence: Evidence | None) -> Sandbox:
    """A container: of the disk it has the workspace, what is mounted, and the configuration of gcloud."""
    fold = settings.here.fold
    workspace = Paths(literal(settings.here.cwd), fold)
    mounted = (*_mounts(settings), *(Paths(literal(path), fold) for path in _allowed(settings)))
    gcloud = Paths(literal(settings.here.home / ".config" / "gcloud"), fold)
    key = settings.host.variable("GOOGLE_APPLICATION_CREDENTIALS")
    keys = (Paths(key.translate(GLOB_SIGNS), fold),) if key else ()
    return Sandbox(
        CONTAINERS[program],
        said,
        evidence,
        unreadable=(Paths(EVERY_FILE, fold),),
        readable=(workspace, gcloud, *keys, *mounted),
        writable=(workspace, *_mounts(settings, changed=True)),
        hosts=(EVERYWHERE,) if _connects(settings) else (),
    )


def _mounts(settings: Settings, *, changed: bool = False) -> Iterator[Paths]:
    """The folders that a variable has mounted; they are read only unless it says otherwise."""
    for text in (settings.host.variable("SANDBOX_MOUNTS") or "").split(",")[:100]:
        source, _, rest = text.strip().partition(":")
        if source and (not changed or rest.rpartition(":")[2] == "rw"):
            yield Paths(source.translate(GLOB_SIGNS), settings.here.fold)


def _allowed(settings: Settings) -> Iterator[PurePath]:
    found = [
        *(settings.listed("tools", "sandboxAllowedPaths") or ()),
        *(settings.listed("tools", "sandbox", "allowedPaths") or ()),
    ]
    for each in found:
        path = settings.host.resolve(each.node.text) if each.node.text else None
        if path is not None:
            yield path


def _connects(settings: Settings) -> bool:
    """Whether the container has a network: an object may take it away, and another setting gives it back."""
    return settings.layers.is_on("tools", "sandbox", "networkAccess", default=True) or settings.layers.is_on(
        "tools", "sandboxNetworkAccess"
    )


def _seatbelt(settings: Settings, said: str, evidence: Evidence | None) -> Confined:
    """Seatbelt: most of its profiles let every file be read but a few, and all let through the network."""
    profile = settings.host.variable("SEATBELT_PROFILE") or "permissive-open"
    if profile not in OPEN_PROFILES:
        return Confined(said, evidence, unknown="what its Seatbelt profile lets through is not known here")
    home = settings.here.home
    secrets = (f"**/{name}" for name in (*OWN, ".env", ".env.*"))
    writable = (settings.here.cwd, home / ".npm", home / ".cache", *_allowed(settings))
    box = Sandbox(
        "Seatbelt",
        said,
        evidence,
        unreadable=tuple(Paths(each, fold=True) for each in secrets),
        writable=tuple(Paths(literal(path), fold=True) for path in writable),
        hosts=(EVERYWHERE,),
        sockets=(Paths(EVERY_FILE, fold=True),),
    )
    return Confined(said, evidence, box=box)


def _around_commands(settings: Settings, switch: Found, *, roams: bool) -> Confined:
    """The sandbox around each command: the whole disk is read, the workspace changed, and nothing connected to."""
    platform = settings.here.platform
    if platform is Platform.WINDOWS:
        return Confined(PER_TOOL, switch.evidence, unknown="what the sandbox of Windows lets through is not known here")
    if platform is Platform.LINUX and not _is_there(settings, "bwrap"):
        return Confined(PER_TOOL, switch.evidence, "bwrap is not installed")
    workspace, fold = literal(settings.here.cwd), settings.here.fold
    box = Sandbox(
        "bubblewrap" if platform is Platform.LINUX else "Seatbelt",
        PER_TOOL,
        switch.evidence,
        unreadable=tuple(Paths(f"{workspace}/**/{name}", fold) for name in (".env", ".env.*")),
        writable=(Paths(workspace, fold),),
        hosts=(EVERYWHERE,) if roams else (),
        sockets=(Paths(EVERY_FILE, fold),),
        unwritable=(Paths(f"{workspace}/.git", fold),),
    )
    return Confined(PER_TOOL, switch.evidence, box=box, tool=True)
