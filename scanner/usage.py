"""Joins what agents and you were seen to use with what was found here: credentials, what they open, servers, questions.

It says what was used, and changes nothing else: no severity, no score and no gate is lower for want of use.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import PurePath

from msgspec import Struct, field
from msgspec.structs import replace

from scanner.data.needs import acts_on, goes_through
from scanner.data.records import table
from scanner.data.uses import hosts_of, use_of
from scanner.data.verbs import opened_by
from scanner.graph import CredentialNode, Graph
from scanner.host import Machine
from scanner.host.paths import shown
from scanner.model import Capability, Evidence, Name, Observation, ServerSeen, UseKind, UseSeen
from scanner.model.report import Credential, Exposure, Server, Used
from scanner.text import printable

NAMED = 3  # things in a sentence
BELOW = 8  # levels of an entry of a server at which its secrets are looked for
OPTIONS = {"--profile": "profile", "--context": "context", "--kube-context": "context"}
CURRENT = "current context"
CONTEXT = "context "


def observed(observations: Iterable[Observation]) -> tuple[UseSeen, ...]:
    """What the records of agents and of shells tell, without what other files say that something starts."""
    found = (seen for seen in observations if isinstance(seen, UseSeen) and seen.what is not UseKind.START)
    return tuple(seen for seen in found if seen.count > 0)


class Joined(Struct):
    """What was used of all that was found; `seen` is what records tell."""

    graph: Graph
    machine: Machine
    seen: tuple[UseSeen, ...]
    servers: Mapping[tuple[PurePath | None, str | None], str] = field(default_factory=dict)
    _signed_in: dict[str, frozenset[str]] = field(default_factory=dict)
    _by_program: dict[str, list[UseSeen]] = field(default_factory=dict)
    _by_subject: dict[tuple[UseKind, str], list[UseSeen]] = field(default_factory=dict)
    _by_server: dict[str, list[UseSeen]] = field(default_factory=dict)
    _hosts: list[UseSeen] = field(default_factory=list)

    def __post_init__(self) -> None:
        for each in self.seen:
            match each.what:
                case UseKind.COMMAND:
                    self._by_program.setdefault(each.subject.partition(" ")[0], []).append(each)
                case UseKind.FILE:
                    self._by_subject.setdefault((each.what, each.subject), []).append(each)
                case UseKind.TOOL:
                    self._by_server.setdefault(plain(each.subject.partition("/")[0]), []).append(each)
                case UseKind.HOST:
                    self._hosts.append(each)

    def credentials(self, told: Iterable[Credential]) -> tuple[Credential, ...]:
        """The credentials with what was used of them."""
        return tuple(_with(each, self.of_credential(self.graph.credentials[each.id])) for each in told)

    def exposures(self, told: Iterable[Exposure]) -> tuple[Exposure, ...]:
        """The exposures with the uses that open their class; of many alike each is worked out once."""
        if not self.seen:
            return tuple(told)
        answers: dict[tuple[str, Capability], Used | None] = {}
        found = []
        for each in told:
            key = (each.credential, each.class_)
            if key not in answers:
                answers[key] = self.of_class(self.graph.credentials[each.credential], each.class_)
            used = answers[key]
            found.append(replace(each, used=used) if used is not None else each)
        return tuple(found)

    def told_servers(self, told: Iterable[Server]) -> tuple[Server, ...]:
        """The servers with the calls of their tools by the agent that is configured to use them."""
        found = []
        for each in told:
            mine = [seen for seen in self._by_server.get(plain(each.name), ()) if seen.agent == each.client]
            used = _added(mine)
            found.append(replace(each, used=used) if used is not None else each)
        return tuple(found)

    def of_credential(self, node: CredentialNode) -> Used | None:
        """What used a credential: programs that find it, reads of its files, its hosts, the tools of its server."""
        found = [*self._commands(node), *self._reads(node), *self._connections(node), *self._calls(node)]
        return _added(list(dict.fromkeys(found)))

    def of_class(self, node: CredentialNode, capability: Capability) -> Used | None:
        """Uses of a credential by a sub-command that opens a class; one whose sub-command is not known opens none."""
        return _added([each for each in self._commands(node) if capability in _classes(each.subject)])

    def _commands(self, node: CredentialNode) -> Iterator[UseSeen]:
        places = list(map(self._where, node.locations))
        for program in programs_that_find(node.kind, places):
            if self._is_passed_over(node, program.partition(" ")[0]):
                continue
            for each in self._by_program.get(program.partition(" ")[0], ()):
                if is_of(program, each.subject) and is_named(node.names, each.subject):
                    yield each

    def _is_passed_over(self, node: CredentialNode, program: str) -> bool:
        """Whether a program that signs in by others' logins is told to use another than this one."""
        own = self._kinds(node.id) | self._kinds(node.identity or "")
        if not any(goes_through(program, kind) for kind in own):
            return False
        if node.id not in self._signed_in:
            self._signed_in[node.id] = frozenset(self._elsewhere(node))
        return not any(acts_on(program, kind) for kind in self._signed_in[node.id])

    def _kinds(self, holder: str) -> set[str]:
        return {self.graph.assets[each.target].asset.kind for each in self.graph.rights.get(holder, ())}

    def _elsewhere(self, node: CredentialNode) -> Iterator[str]:
        """The kinds of asset of those whom it signs in as at other providers."""
        home = self.graph.identities[node.identity].provider if node.identity is not None else ""
        met, queue = {node.id}, [node.id, *([node.identity] if node.identity is not None else [])]
        while queue:
            for link in self.graph.links.get(queue.pop(), ()):
                if link.target not in met:
                    met.add(link.target)
                    queue.append(link.target)
                    if self.graph.identities[link.target].provider != home:
                        yield from self._kinds(link.target)

    def _reads(self, node: CredentialNode) -> Iterator[UseSeen]:
        for where in dict.fromkeys(map(self._where, node.locations)):
            yield from self._by_subject.get((UseKind.FILE, where), ())

    def _connections(self, node: CredentialNode) -> Iterator[UseSeen]:
        """Connections to the hosts of what no program finds by itself; a program's own say nothing of a login."""
        if use_of(node.kind).programs or use_of(node.kind).local or not self._hosts:
            return
        wanted = [Name(host) for host in use_of(node.kind).hosts]
        rights = [*self.graph.rights.get(node.id, ()), *self.graph.rights.get(node.identity or "", ())]
        assets = (self.graph.assets[right.target].asset for right in rights)
        wanted += [Name(host) for asset in assets for host in hosts_of(asset.kind, asset.name, node.kind)]
        yield from (each for each in self._hosts if any(host.matches(each.subject) for host in wanted))

    def _calls(self, node: CredentialNode) -> Iterator[UseSeen]:
        """Calls of a server in whose entry the credential stands."""
        for place in node.locations:
            key = place.key or ""
            for _ in range(BELOW):
                if (place.path, key) in self.servers:
                    yield from self._by_server.get(plain(self.servers[place.path, key]), ())
                    break
                key = key.rpartition(".")[0]

    def _where(self, place: Evidence) -> str:
        """A place as the table of uses writes it."""
        if place.path is not None:
            return printable(shown(place.path, self.machine.home))
        return f"${place.variable}" if place.variable is not None else place.process or ""


def programs_that_find(kind: str, places: Iterable[str]) -> tuple[str, ...]:
    """The programs that find a credential of that kind by themselves at one of the places, as its table says it."""
    known = use_of(kind)
    return known.programs if any(map(known.finds, places)) else ()


def is_of(program: str, subject: str) -> bool:
    """Whether a use is one of that program, or of that sub-command of it."""
    return f"{subject} ".startswith(f"{program} ")


def joined(graph: Graph, observations: Sequence[Observation], machine: Machine) -> Joined:
    """What agents' records tell, ready to be asked about what was found."""
    servers = {
        (seen.evidence.path, seen.evidence.key): seen.name for seen in observations if isinstance(seen, ServerSeen)
    }
    return Joined(graph, machine, observed(observations), servers)


def _with(credential: Credential, used: Used | None) -> Credential:
    return replace(credential, used=used) if used is not None else credential


def _added(seen: Sequence[UseSeen]) -> Used | None:
    """Several uses as one; the most used things are named."""
    if not seen:
        return None
    counts: dict[str, int] = {}
    for each in seen:
        counts[_how(each)] = counts.get(_how(each), 0) + each.count
    most = sorted(counts, key=lambda how: (-counts[how], how))
    last: datetime | None = max((each.last for each in seen if each.last is not None), default=None)
    return Used(sum(counts.values()), last, printable(", ".join(most[:NAMED])))


def _how(seen: UseSeen) -> str:
    match seen.what:
        case UseKind.FILE:
            return f"reading {seen.subject}"
        case UseKind.HOST:
            return f"connecting to {seen.subject}"
        case _:
            return seen.subject if seen.agent else f"{seen.subject} by {seen.how}"


def _classes(subject: str) -> frozenset[Capability]:
    """The classes that a use opens: those of its sub-command, all of a program that has none."""
    program, *words = subject.partition(" --")[0].split(" ")
    if not words:
        return frozenset(Capability) if program in table().commands.plain else frozenset()
    return opened_by(program, words) or frozenset()


def is_named(names: Sequence[str], subject: str) -> bool:
    """Whether a use is one of this credential, as far as it says by name which of several it means.

    A context that is not named is the current one; a profile that is not named may be any, since a variable sets it.
    """
    for option, noun in OPTIONS.items():
        said = re.search(rf" {option} (\S+)", subject)
        if said is not None:
            mine = [name for name in names if name.startswith(f"{noun} ")]
            return not mine or f"{noun} {said[1]}" in mine
    return CURRENT in names or not any(name.startswith(CONTEXT) for name in names)


def plain(server: str) -> str:
    """The name of a server as agents write it in front of a tool: other characters than these become a line."""
    return re.sub(r"[^a-z0-9_-]", "_", server.casefold())
