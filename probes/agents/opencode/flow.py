"""opencode: what it does unasked in the workspace, and what of that cannot be told."""

from collections.abc import Iterator

from msgspec.structs import replace

from probes.agents.documents import Documents
from probes.agents.installed import Installed
from probes.agents.opencode.flags import Running, running
from probes.agents.opencode.merged import Merged, merged
from probes.agents.opencode.policy import OWN, Setting, default_agent, policy
from probes.agents.opencode.rules import Answers, Files
from probes.agents.opencode.sources import AGENT, TWICE, Sources, sources
from probes.agents.opencode.told import layered, settings_seen, weaknesses
from scanner.data.agent_places import AgentPlaces
from scanner.host import Host
from scanner.model import (
    Channel,
    Gap,
    GapKind,
    Gate,
    Observation,
    Platform,
    Policy,
    Ruling,
    SettingSeen,
    Tool,
)

NEXT = "opencode 2 (rules not verified)"
NATIVE = "opencode 2's own rules, which nobody has verified here"
BROKEN = "a settings file is broken, so that it does not start; it is judged by its default"


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """The agent, its settings, what is weak in them, and every gap once."""
    read = sources(host)
    whole = merged(read)
    runs = running(each.processes)
    newer = whole.native or (each.version(host) or "").startswith("2.")
    counted = Merged({}, {}, {}, "", whole.gaps, whole.native, whole.broken) if whole.broken else whole
    setting = _setting(host, read, counted, runs)
    yield each.seen(host, _of_next() if newer else policy(setting))
    yield from settings_seen(layered(read), whole)
    yield from _state(each, read, whole, newer=newer)
    yield from weaknesses(host, read, replace(setting, merged=whole), runs)
    yield from (*read.gaps, *whole.gaps)
    yield from _elsewhere(host, each.row)


def _setting(host: Host, read: Sources, whole: Merged, runs: tuple[Running, ...]) -> Setting:
    unasked = next((each.process for each in runs if each.unasked), "")
    known = {*OWN, *whole.agents}
    chosen = (each.agent for each in runs if each.agent in known)
    fold = host.platform is Platform.WINDOWS
    where = Files(host.home, host.workspace or host.home, read.root, fold)
    agents = tuple(dict.fromkeys((default_agent(whole), *chosen)))
    return Setting(whole, where, agents, tuple(_servers(read)), Answers(unasked))


def _servers(read: Sources) -> Iterator[str]:
    """The names of MCP servers, which begin those of their tools."""
    for source in read.layers:
        for node in (source.document.root.get("mcp"), source.document.root.at("mcp", "servers")):
            yield from (name for name, _ in (node.pairs if node is not None else ())[:200])


def _of_next() -> Policy:
    """What is known of the next major version: its rules are not, so that nothing is taken to be held back."""
    ruling = Ruling(Gate.UNKNOWN, NATIVE, None, Gate.NONE)
    return Policy(NEXT, tuple(Tool(AGENT, channel, ruling) for channel in Channel))


def _state(each: Installed, read: Sources, whole: Merged, *, newer: bool) -> Iterator[Observation]:
    """Why the settings do not count as they stand."""
    if whole.broken and not newer:
        yield SettingSeen(AGENT, "settings", BROKEN, "in force", each.evidence)
    if newer:
        yield Gap(GapKind.REFUSED, "opencode 2", NATIVE)


def _elsewhere(host: Host, row: AgentPlaces) -> Iterator[Gap]:
    """What decides too, and lies where nothing is read."""
    for place in host.places(*row.files["preferences"]):
        found = (
            place
            if isinstance(place, Gap)
            else Gap(
                GapKind.REFUSED,
                host.shown(place.path),
                "managed settings of macOS come before all files; they are not read",
            )
        )
        yield found
    yield from _of_servers(host, row)
    why = "what an organisation sets in its console comes after a project's files, and lies on the vendor's server"
    yield Gap(GapKind.REFUSED, "opencode's console", why)


def _of_servers(host: Host, row: AgentPlaces) -> Iterator[Gap]:
    """Settings that a server sends, as a login of that kind tells; a broken file may hide one."""
    documents = Documents(host)
    logins = [login for each in documents.read(row.files["logins"]) for _, login in each.root.pairs]
    if any(login.said("type") == "wellknown" for login in logins):
        why = "settings that a server sends come before the user's; they are not read"
        yield Gap(GapKind.REFUSED, "opencode's .well-known settings", why)
    yield from (gap for gap in documents.gaps if TWICE not in gap.why)
