"""The changes that a plan is chosen from: what each does, how it is made, what it costs, and what would miss it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property

from msgspec import Struct

from scanner.assembly import location
from scanner.assembly import servers as told_servers
from scanner.contract.allowing import taken_out
from scanner.contract.judge import Item, Judgement
from scanner.copies import Copies, copies_of
from scanner.data.advice import ANY, Words, prices
from scanner.data.clauses import agent_mend
from scanner.data.verdicts import questions
from scanner.graph import ident
from scanner.host import Machine
from scanner.host.paths import shown
from scanner.judgement import Judged
from scanner.mends import quoted, quoted_path
from scanner.model import Autonomy, Fix, Platform, ServerSeen, UseKind
from scanner.model.report import Server, Used
from scanner.principals import Acting
from scanner.text import printable
from scanner.usage import Joined, joined
from scanner.weighing import LEAST, is_plain
from scanner.whatif import AgentMended, Change, CopiesGone, CredentialGone, IdentityGone, Mended, ServerGone, in_entry

SHARED = 2  # credentials from which on the identity that they lead through is worth a step
LINKS = 2000  # between identities, from which on no single one of them is asked what it is worth
ENTRIES = 5  # identities, and as many servers, that are looked at
NAMED = 2


class Draft(Struct, frozen=True):
    """One step as it would be told, whatever comes of it: `finding` is the item whose mend it is."""

    kind: str
    target: str
    title: str
    fix: Fix
    changes: tuple[Change, ...]
    effort: str
    times: float
    breaks: str
    finding: str = ""
    settles: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Its id: of what it is about, so that it is the same in the next report."""
        return ident("v", self.kind, self.target)

    @property
    def cost(self) -> float:
        """What it takes to do, times what it takes to do without."""
        return prices().effort[self.effort].points * self.times


class Unit(Struct, frozen=True, dict=True):
    """Steps that are worth more together than one by one; most are alone.

    `settles` are the items that it takes away by itself, `hope` what it could take away at most.
    """

    drafts: tuple[Draft, ...]
    causes: frozenset[str]
    hope: float

    @cached_property
    def key(self) -> str:
        """A name to tell it by."""
        return " ".join(each.id for each in self.drafts)

    @cached_property
    def cost(self) -> float:
        """What all its steps cost."""
        return sum(each.cost for each in self.drafts)

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """All that is changed."""
        return tuple(change for each in self.drafts for change in each.changes)

    @cached_property
    def settles(self) -> tuple[str, ...]:
        """The items that it takes away by itself."""
        return tuple(name for each in self.drafts for name in each.settles)

    @cached_property
    def is_plain(self) -> bool:
        """Whether it takes items away and leaves the others as they are."""
        return all(map(is_plain, self.changes))


class _Sight(Struct, frozen=True):
    """What candidates are made of: the machine, the items that count with what they weigh, and what was used."""

    judged: Judged
    items: tuple[Item, ...]
    weights: Mapping[str, float]
    used: Joined
    days: int | None

    def touched(self, wanted: Iterable[str]) -> float:
        """What all these items weigh."""
        return sum(self.weights[each] for each in set(wanted))


def units(judged: Judged, judgement: Judgement, weights: Mapping[str, float]) -> list[Unit]:
    """Every change that may be worth a step; nothing that is accepted, and nothing that an agent itself lives on."""
    model = judged.model
    items = tuple(item for item in judgement.items if item.waived is None)
    used = joined(model.graph, model.observations, model.machine)
    sight = _Sight(judged, items, weights, used, _days(used, model.machine.now))
    agents = list(_agents(sight))
    found = [*_credentials(sight), *_clauses(sight), *agents, *_identities(sight), *_servers(sight)]
    together = [each for each in agents if not each.is_plain]
    if len(together) > 1:
        drafts = tuple(draft for each in together for draft in each.drafts)
        found.append(Unit(drafts, frozenset(), sight.touched(item.id for item in items)))
    return found


def without(unit: Unit, draft: Draft) -> Unit:
    """The same without one of its steps."""
    return Unit(tuple(each for each in unit.drafts if each != draft), unit.causes, unit.hope)


def _alone(draft: Draft, causes: Iterable[str], hope: float) -> Unit:
    return Unit((draft,), frozenset(causes), hope)


def _effort(fix: Fix, otherwise: str) -> str:
    """The kind of work that a mend is."""
    if not fix.commands:
        return otherwise
    return "command" if len(fix.commands) == 1 else "commands"


# --- what was used


def _days(used: Joined, now: datetime) -> int | None:
    """How far back the records go; None where there are none."""
    times = [each.first or each.last for each in used.seen]
    known = [each for each in times if each is not None]
    return max(1, (now - min(known)).days) if known else None


def _missed(used: Sequence[Used], sight: _Sight) -> tuple[float, str]:
    """How many times as dear it is to do without something, and what was seen to need it."""
    count = sum(each.count for each in used)
    if count:
        last = max((each.last for each in used if each.last is not None), default=None)
        when = f", last on {last.date()}" if last is not None else ""
        how = ", ".join(dict.fromkeys(each.how for each in used[:NAMED]))
        return prices().by_use(count), f"used {count} {'time' if count == 1 else 'times'}{when}: {how}"
    if sight.days is None:
        return prices().unknown, ""
    return 1.0, f"nothing was seen to use it in {sight.days} {'day' if sight.days == 1 else 'days'}"


def _of_credentials(names: Iterable[str], sight: _Sight) -> list[Used]:
    nodes = sight.judged.graph.credentials
    found = (sight.used.of_credential(nodes[name]) for name in names)
    return [each for each in found if each is not None]


# --- credentials


def _credentials(sight: _Sight) -> Iterator[Unit]:
    """Each credential that is an item; those that one command mends are one step."""
    groups: dict[object, list[Item]] = {}
    for item in sight.items:
        if item.credential is not None and not _is_lived_on(item.credential.id, sight):
            groups.setdefault(item.fix if item.fix.commands else item.id, []).append(item)
    for group in groups.values():
        first = group[0]
        names = [item.credential.id for item in group if item.credential is not None]
        times, breaks = _missed(_of_credentials(names, sight), sight)
        more = f", and {len(group) - 1} more" if len(group) > 1 else ""
        draft = Draft(
            kind="credential",
            target=names[0],
            title=f"{_told_apart(first, sight)}{more}",
            fix=first.fix,
            changes=tuple(map(CredentialGone, names)),
            effort=_effort(first.fix, "migration"),
            times=times,
            breaks=breaks,
            finding=first.id,
            settles=tuple(item.id for item in group),
        )
        yield _alone(draft, names, sight.touched(draft.settles))


def _told_apart(item: Item, sight: _Sight) -> str:
    """Its title; where another has the same, with its place."""
    if sum(each.title == item.title for each in sight.items) == 1:
        return item.title
    place = location(item.evidence, sight.judged.model.machine)
    return f"{item.title}, {place.path or place.variable or place.process}"


def _is_lived_on(credential: str, sight: _Sight) -> bool:
    """Whether an agent's own login to its model would go with it."""
    assets = sight.judged.graph.assets
    opened = sight.judged.subject.opened.get(credential, ())
    return any(assets[each.asset].asset.kind in questions().aside for each in opened)


# --- clauses of the machine


def _clauses(sight: _Sight) -> Iterator[Unit]:
    """Each item that is neither a credential nor an agent's settings: the contract's clause, mended as it says."""
    agents = {name for each in sight.judged.acting for name in (each.id, each.seen.agent)}
    for item in sight.items:
        causes = dict.fromkeys(each.cause for each in item.broken)
        if item.credential is not None or not agents.isdisjoint(causes):
            continue
        places = tuple(dict.fromkeys(place for each in item.broken for place in each.evidence))
        draft = Draft(
            kind="clause",
            target=next(iter(causes)),
            title=item.title,
            fix=item.fix,
            changes=tuple(Mended(cause, item.clauses, places) for cause in causes),
            effort=_effort(item.fix, "setting"),
            times=1.0,
            breaks="",
            finding=item.id,
            settles=(item.id,),
        )
        yield _alone(draft, causes, sight.touched([item.id]))


# --- agents


def _agents(sight: _Sight) -> Iterator[Unit]:
    """Each agent whose settings lack something, or that does everything unasked: one change in all its folders."""
    agents: dict[str, list[Acting]] = {}
    for each in sight.judged.subject.installed:
        agents.setdefault(each.seen.agent, []).append(each)
    for agent, folders in sorted(agents.items()):
        causes = {agent, *(each.id for each in folders)}
        own = [item for item in sight.items if any(each.cause in causes for each in item.broken)]
        words = tuple(dict.fromkeys(each.mend for item in own for each in item.broken if each.mend))
        if not own and any(each.autonomy is Autonomy.FULL for each in folders):
            words = ("ask",)
        if words:
            yield _agent(folders, words, own, sight)


def _agent(folders: Sequence[Acting], words: tuple[str, ...], own: Sequence[Item], sight: _Sight) -> Unit:
    each = folders[0]
    change = AgentMended(each.seen.agent, words)
    times, breaks = _asked(change, sight)
    rules = taken_out(folders, words, sight.judged.subject)
    draft = Draft(
        kind="agent",
        target=each.seen.agent,
        title=own[0].title if own else f"{each.title} runs commands unasked",
        fix=agent_mend(each.seen.agent, words, sight.judged.model.machine.platform, rules),
        changes=(change,),
        effort="setting",
        times=times,
        breaks=breaks,
        finding=own[0].id if own else "",
        settles=tuple(item.id for item in own),
    )
    causes = {each.seen.agent, *(other.id for other in folders)}
    touched = [item.id for item in sight.items if any(broken.principal in causes for broken in item.broken)]
    return _alone(draft, causes, sight.touched([*touched, *draft.settles]))


def _asked(change: AgentMended, sight: _Sight) -> tuple[float, str]:
    """How many times as dear it is that a person is asked, and how often they would be."""
    if "restrict" in change.words:
        return prices().asking[0].times, "it reads and suggests, and a person acts"
    if change.floor is None:
        return 1.0, ""
    own = [each for each in sight.used.seen if each.agent == change.agent and each.what is UseKind.COMMAND]
    if sight.days is None or not own:
        return prices().unknown, "a person is asked before its commands"
    daily = sum(each.count for each in own) / sight.days
    often = f"some {round(daily)} commands" if round(daily) > 1 else "a command or two"
    return prices().by_prompts(daily), f"a person is asked before {often} a day"


# --- identities


def _identities(sight: _Sight) -> Iterator[Unit]:
    """The identities that several credentials become on their ways, those that most goes through first."""
    graph = sight.judged.graph
    if sum(len(graph.links.get(node, ())) for node in graph.identities) > LINKS:
        return
    through: dict[str, dict[str, str]] = {}
    for item in sight.items:
        if item.credential is None:
            continue
        for each in item.broken:
            for node in each.exposure.path[1:-1] if each.exposure is not None else ():
                if not _is_proved(node, item.credential.id, sight):
                    through.setdefault(node, {})[item.credential.id] = item.id
    found = [(sight.touched(row.values()), node) for node, row in through.items() if len(row) >= SHARED]
    for hope, node in sorted(found, key=lambda each: (-each[0], each[1]))[:ENTRIES]:
        yield _identity(node, list(through[node]), hope, sight)


def _is_proved(node: str, credential: str, sight: _Sight) -> bool:
    """Whether a credential proves an identity by itself, so that it is its own."""
    links = sight.judged.graph.links.get(credential, ())
    return node not in sight.judged.graph.identities or any(each.target == node for each in links)


def _identity(node: str, names: Sequence[str], hope: float, sight: _Sight) -> Unit:
    who = sight.judged.graph.identities[node]
    times, breaks = _missed(_of_credentials(names, sight), sight)
    words = prices().identity.get(who.provider, prices().identity[ANY])
    named = who.name or who.account
    values = {"name": named, "account": who.account or who.provider, "role": named.rpartition("/")[2]}
    draft = Draft(
        kind="identity",
        target=node,
        title=f"{len(names)} credentials become {named}",
        fix=_filled(words, values, sight),
        changes=(IdentityGone(node),),
        effort="admin",
        times=times,
        breaks=breaks,
    )
    return _alone(draft, (), hope)


def _filled(words: Words, values: Mapping[str, str], sight: _Sight) -> Fix:
    """A step in words, and its commands where each value is one word of the machine's shell."""
    platform = sight.judged.model.machine.platform
    plain = {name: printable(value) for name, value in values.items()}
    safe = {name: quoted(value, platform) for name, value in values.items()}
    whole = all(value is not None for value in safe.values())
    found = words.windows if platform is Platform.WINDOWS and words.windows else words.commands
    commands = tuple(each.format_map(safe) for each in found) if whole else ()
    return Fix(words.summary.format_map(plain), commands)


# --- MCP servers


def _servers(sight: _Sight) -> Iterator[Unit]:
    """The MCP servers that nobody was seen to use, in whose entries a credential lies that is an item."""
    seen = {(each.client, each.name): each for each in sight.judged.subject.servers}
    found: list[tuple[float, ServerSeen]] = []
    for _, server in sorted(seen.items()):
        own = [
            item
            for item in sight.items
            if item.credential is not None and any(in_entry(each, server) for each in item.credential.locations)
        ]
        if own:
            found.append((sight.touched(item.id for item in own) + LEAST, server))
    for hope, server in sorted(found, key=lambda each: (-each[0], each[1].client, each[1].name))[:ENTRIES]:
        [told] = sight.used.told_servers(told_servers([server], sight.judged.model.machine))
        if told.used is None:  # what is in use is not to be done without
            yield _server(server, told, hope, sight)


def _server(server: ServerSeen, told: Server, hope: float, sight: _Sight) -> Unit:
    times, breaks = _missed([], sight)
    words = prices().server.get(server.client, prices().server[ANY])
    place = told.evidence.path or "its file"
    machine = sight.judged.model.machine
    copies = tuple(copies_of(server.evidence.path, machine))
    fix = _filled(words, {"name": server.name, "place": place}, sight)
    for each in copies:  # last: to take a server out may make one more
        fix = _with_copies(fix, each, machine)
    draft = Draft(
        kind="server",
        target=told.id,
        title=f"MCP server {server.name} of {server.client}",
        fix=fix,
        changes=(ServerGone(server.client, server.name), *map(CopiesGone, copies)),
        effort="without",
        times=times,
        breaks=breaks,
    )
    return _alone(draft, (), hope)


def _with_copies(fix: Fix, copies: Copies, machine: Machine) -> Fix:
    """The same, and that the copies of the file are deleted: they hold what was taken out."""
    names = printable(shown(copies.pattern, machine.home))
    folder = quoted_path(copies.pattern.parent, machine)
    words = prices().copies
    run = words.windows if machine.platform is Platform.WINDOWS else words.commands
    commands = tuple(each.format(folder=folder, name=copies.pattern.name) for each in run) if folder else ()
    return Fix(f"{fix.summary} {words.summary.format(copies=names)}", (*fix.commands, *commands))
