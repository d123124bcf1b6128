"""Which of Cursor's two agents are here, how each may act in the workspace, and what cannot be told of them."""

import re
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from probes.agents.cursor import cli, ide
from probes.agents.cursor.confine import NEEDS, OFF, Confinement, confinement
from probes.agents.cursor.entries import Entry
from probes.agents.cursor.look import CLI, DATABASE, HOOKS, IDE, PERMISSIONS, SHARED
from probes.agents.cursor.settings import Files, Setting, count, scope_of
from probes.agents.documents import Document, Documents
from scanner.host import Host, Place, Process
from scanner.host.paths import within
from scanner.model import AgentSeen, Evidence, Fix, Gap, GapKind, Observation, Policy, SettingSeen, Weakness
from scanner.text import printable

FORCE = frozenset({"-f", "--force", "--yolo"})
WORDS = 200  # of one command line
SHOWN = 12  # entries of one list that a report names
WIDE = {"type": ("insecure_none",), "readBoundary": ("system",), "networkPolicy.default": ("allow",)}
STEERING = ("allow_instructions", "block_instructions")
EVENT = re.compile(r"[A-Za-z]{1,40}")
VERSION = re.compile(r"[0-9]{4}\.[0-9]{2}\.[0-9]{2}-[0-9a-f]{4,40}")
PROGRAMS = {ide.AGENT: frozenset({"Cursor", "cursor", "Cursor Helper"}), cli.AGENT: frozenset({"cursor-agent"})}


def told(host: Host) -> Iterator[Observation]:
    """Both agents where they are here, with their settings, and every gap once."""
    files = Files(Documents(host))
    confined = confinement(files)
    line, editor = _mark(host, CLI), _mark(host, IDE)
    if editor is None and line is None:
        editor = _mark(host, SHARED)
    running = _running(host)
    met: set[Observation] = set()
    for each in (
        *(_editor(files, confined, editor, running) if editor is not None else ()),
        *(_line(files, confined, line, running) if line is not None else ()),
    ):
        if each not in met:
            met.add(each)
            yield each
    yield from dict.fromkeys([*files.documents.gaps, *files.notes])


def _mark(host: Host, patterns: tuple[str, ...]) -> Place | Gap | None:
    """The first thing that lies at one of the places."""
    found = [*host.places(*patterns)]
    return next((each for each in found if isinstance(each, Place)), next(iter(found), None))


def _running(host: Host) -> frozenset[str]:
    """The agents that run as this user."""
    mine = [each for each in host.processes() if isinstance(each, Process) and each.mine]
    return frozenset(
        agent
        for agent, programs in PROGRAMS.items()
        for each in mine
        if each.name.removesuffix(".exe") in programs or _script(each) in programs
    )


def _script(process: Process) -> str:
    """The last part of the program that a process was started as."""
    return re.split(r"[/\\]", process.argv[0])[-1] if process.argv else ""


def _seen(host: Host, told: tuple[str, str], mark: Place | Gap, policy: Policy, running: frozenset[str]) -> AgentSeen:
    agent, title = told
    place = mark if isinstance(mark, Place) else None
    return AgentSeen(
        agent=agent,
        evidence=Evidence(place.path if place is not None else host.home / ".cursor"),
        running=agent in running,
        title=title,
        version=_version(place),
        folder=host.shown(host.workspace) if host.workspace is not None else None,
        policy=policy,
    )


def _version(mark: Place | None) -> str | None:
    """The version of the command line tool: its program is a link into a folder of that name."""
    names = mark.link_target.parts if mark is not None and mark.link_target is not None else ()
    return next((name for name in names if VERSION.fullmatch(name)), None)


# --- the editor


def _editor(files: Files, confined: Confinement, mark: Place | Gap, running: frozenset[str]) -> Iterator[Observation]:
    lists = ide.lists(files)
    yield _seen(files.host, (ide.AGENT, "Cursor"), mark, ide.policy(files, lists, confined), running)
    yield from _listed(ide.AGENT, (*lists.terminal, *lists.tools))
    yield from _steering(files)
    yield from _confined(ide.AGENT, confined)
    yield from _hooks(files, ide.AGENT)
    yield from _extended("Cursor", (*lists.terminal, *lists.tools, *_widening(confined)))
    yield from _unread(files.host, confined, lists)


def _unread(host: Host, confined: Confinement, lists: ide.Lists) -> Iterator[Gap]:
    """What decides too, and lies where nothing is read."""
    place = next((each for each in host.places(*DATABASE) if isinstance(each, Place)), None)
    kept = [name for name in ide.LISTS if name not in lists.here]
    more = f", and its own {' and '.join(kept)}" if kept else ""
    yield Gap(
        GapKind.REFUSED,
        host.shown(place.path) if place is not None else "Cursor's database",
        f"Cursor keeps its run mode, Read Access and protections{more} there; it is not read, and defaults stand in",
    )
    yield from _elsewhere(host, confined, "Cursor")


def _elsewhere(host: Host, confined: Confinement, title: str) -> Iterator[Gap]:
    why = "what a team's dashboard sets comes before every file, and lies on the vendor's server"
    yield Gap(GapKind.REFUSED, f"{title}'s team settings", why)
    needs = NEEDS[host.platform]
    if needs and not confined.off:
        why = f"{needs}, which its files do not tell; where it does not start, Cursor asks before a command"
        yield Gap(GapKind.REFUSED, f"{title}'s sandbox", why)


# --- the command line tool


def _line(files: Files, confined: Confinement, mark: Place | Gap, running: frozenset[str]) -> Iterator[Observation]:
    config = cli.config(files)
    forced = _forced(files.host)
    policy = cli.policy(files, replace(config, approval=forced) if forced is not None else config, confined)
    yield _seen(files.host, (cli.AGENT, "Cursor CLI"), mark, policy, running)
    yield from _listed(cli.AGENT, (*config.allow, *config.deny, *config.hosts, *config.fetched))
    yield from (_single(cli.AGENT, key, each) for key, each in config.settings.items())
    sandboxed = any(tool.sandbox is not None for tool in policy.tools)
    if sandboxed:
        yield from _confined(cli.AGENT, confined)
    yield from _hooks(files, cli.AGENT)
    yield from _extended("Cursor CLI", (*config.allow, *(_widening(confined) if sandboxed else ())))
    why = "options of its next start, such as --force, come before its files"
    yield Gap(GapKind.REFUSED, "Cursor CLI's options", why)
    yield from _elsewhere(files.host, confined if sandboxed else OFF, "Cursor CLI")


def _forced(host: Host) -> Setting | None:
    """What a running one was told to allow: with --force it runs all that is not denied."""
    for each in host.processes():
        if not isinstance(each, Process) or not each.mine or not {each.name, _script(each)} & PROGRAMS[cli.AGENT]:
            continue
        if not FORCE.isdisjoint(each.argv[1:WORDS]):
            place = Evidence(process=f"{each.name} (pid {each.pid})")
            return Setting(cli.UNRESTRICTED, place, "command line")
    return None


# --- what a repository brings


def _extended(title: str, told: Iterable[Entry | Setting]) -> Iterator[Weakness]:
    """What a project's own files give the agent, which whoever commits to it decides."""
    found = next((each for each in told if each.scope == "project"), None)
    if found is None:
        return
    yield Weakness(
        "agent.rights-from-repository",
        f"A project gives {title} more rights than you do",
        found.evidence,
        f"{found.evidence.key} of the project's own file counts beside yours, and who commits to it decides.",
        Fix("Keep what you allow in your own ~/.cursor, and read a project's .cursor folder before you open it."),
        ("repository",),
    )


def _widening(confined: Confinement) -> Iterator[Entry | Setting]:
    """What of the sandbox's settings lets more through."""
    yield from (each for key, each in confined.settings if each.value in WIDE.get(key, ()))
    yield from (*confined.readwrite, *confined.allowed)


# --- settings


def _single(agent: str, key: str, told: Setting) -> SettingSeen:
    return SettingSeen(agent, key, told.value, told.scope, told.evidence)


def _listed(agent: str, told: tuple[Entry, ...]) -> Iterator[SettingSeen]:
    """Each list of each scope, where its first entry stands."""
    groups: dict[tuple[str, str, object], list[Entry]] = {}
    for entry in told:
        groups.setdefault((entry.key, entry.scope, entry.evidence.path), []).append(entry)
    for (key, scope, _), group in groups.items():
        names = ", ".join(entry.text for entry in group[:SHOWN])
        more = f" and {len(group) - SHOWN} more" if len(group) > SHOWN else ""
        yield SettingSeen(agent, key, printable(names + more), scope, group[0].evidence)


def _confined(agent: str, told: Confinement) -> Iterator[SettingSeen]:
    yield from (_single(agent, key, each) for key, each in told.settings)
    yield from _listed(agent, (*told.readwrite, *told.readable, *told.allowed, *told.denied))


def _steering(files: Files) -> Iterator[SettingSeen]:
    """Lists that are there and empty, which replace the editor's own, and words for the model that judges."""
    for document in files.pair(PERMISSIONS):
        for key in ide.LISTS:
            node = document.root.get(key)
            if node is not None and node.items == ():
                yield SettingSeen(ide.AGENT, key, "empty", scope_of(document), document.at(key, node.line))
        for key in STEERING:
            node = document.root.at("autoRun", key)
            if count(node) and node is not None:
                said = f"{count(node)} instructions for the model that judges"
                yield SettingSeen(ide.AGENT, f"autoRun.{key}", said, scope_of(document), document.at(key, node.line))


def _hooks(files: Files, agent: str) -> Iterator[SettingSeen]:
    """The moments at which commands of hooks run; what they answer is not known."""
    for document in files.documents.read(HOOKS):
        node = document.root.get("hooks")
        if document.project not in {None, files.host.workspace} or node is None:
            continue
        events = [name for name, inner in node.pairs if EVENT.fullmatch(name) and inner.items]
        if events:
            said = ", ".join(events[:SHOWN])
            yield SettingSeen(agent, "hooks", said, _of_hooks(document, files), document.at("hooks", node.line))


def _of_hooks(document: Document, files: Files) -> str:
    """Who writes a file of hooks: one outside of the home is the machine's."""
    outside = document.path is not None and not within(document.path, files.host.home)
    return "managed" if document.project is None and outside else scope_of(document)
