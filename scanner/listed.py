"""What was run, read, reached and called, as the lists of a contract: each item with why it is there."""

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from datetime import datetime

from msgspec import Struct

from scanner.data.gates import gates
from scanner.data.needs import needed_by
from scanner.data.shells import SCRIPTS, shell_of
from scanner.data.uses import addressed
from scanner.gates import asked
from scanner.model import Capability, Command, Environment, Gate
from scanner.model.report import ANY_AGENT, Agent, AssetInfo, Report, Server, Use
from scanner.model.terms import UseKind
from scanner.needed import ENDED, Needs
from scanner.usage import plain

COMMANDS = 60  # of a list
NAMED = 3  # things in a reason
LOSSES = frozenset({Capability.DATA_DESTROY, Capability.RECOVERY_DESTROY, Capability.IRRECOVERABLE})
REMOVERS = frozenset({"rm", "rmdir", "dd", "shred", "truncate", "mkfs"})
CHANGE, FETCH, CALL = "change the workspace", "fetch from the web", "call an MCP tool"


class Entry(Struct, frozen=True):
    """One item of a list, and why it is there."""

    text: str
    why: str


class Called(Struct, frozen=True):
    """One MCP server that was called, and the tools of it that ran unasked."""

    server: str
    tools: tuple[str, ...]
    why: str


class Lists(Struct, frozen=True):
    """What may run, be read, changed and reached; None where nothing is known of it.

    `changes` says whether what is in the `folders` is changed unasked; `secret` are files in them that are never to be
    read.
    """

    commands: tuple[Entry, ...] | None = None
    asking: tuple[Entry, ...] = ()
    folders: tuple[Entry, ...] = ()
    changes: bool = False
    secret: tuple[Entry, ...] = ()
    network: tuple[Entry, ...] | None = None
    mcp: tuple[Called, ...] | None = None


class Ground(Struct, frozen=True):
    """What lists are made from: the uses of a period, the agents that a contract is for, and what it allows.

    `kept` are the uses that need something which is allowed, `back` those that need something which is left out;
    `open_` the assets that are allowed past a gate that nobody has to pass.
    """

    report: Report
    needs: Needs
    uses: Sequence[Use]
    agents: Set[str]
    kept: Set[Use]
    back: Set[Use]
    open_: Sequence[AssetInfo]
    is_kept_back: Callable[[AssetInfo], bool]


def beginning(subject: str) -> str:
    """The beginning of the command lines that a use tells: the program with its sub-command."""
    return subject.partition(" --")[0]


def why(uses: Iterable[Use], report: Report, *, itself: str = "") -> str:
    """How often, when last, by whom, with what and where it is written, in the same words for the same uses.

    With what is not said again where it is the thing `itself`.
    """
    row = sorted(set(uses), key=lambda each: (-each.count, each.subject, each.agent, each.folder or "", each.how))
    count, times = sum(each.count for each in row), [each.last for each in row if each.last is not None]
    titles = {each.agent: each.title for each in report.principals if each.agent is not None}
    who = list(dict.fromkeys(titles.get(each.agent, each.agent) if each.agent else each.how for each in row))
    what = list(dict.fromkeys(each.subject for each in row))
    newest = max(row, key=lambda each: (_stamp(each.last), each.evidence.path or ""))
    last = f", last {max(times):%Y-%m-%d}" if times else ", when is not known"
    more = f" and {len(what) - NAMED} more" if len(what) > NAMED else ""
    place = f" ({newest.evidence.path})" if newest.evidence.path else ""
    often = "once" if count == 1 else f"{count} times"
    how = "" if what == [itself] else f": {', '.join(what[:NAMED])}{more}"
    return f"used {often}{last}, by {', '.join(who[:NAMED])}{how}{place}"


def _stamp(moment: datetime | None) -> float:
    return moment.timestamp() if moment is not None else 0.0


def lists(ground: Ground) -> Lists:
    """All lists."""
    allow, asking = _commands(ground)
    agents = [each for each in ground.report.agents if _agent(each, ground.report) in ground.agents]
    folders = _folders(ground)
    return Lists(
        commands=tuple(allow) if any(each.what == UseKind.COMMAND and each.agent for each in ground.uses) else None,
        asking=tuple(asking),
        folders=tuple(folders),
        changes=any(_passes(each, CHANGE) for each in agents),
        secret=tuple(_secret(ground, folders)),
        network=_network(ground, agents, {each.text for each in allow}, {each.text for each in asking}),
        mcp=_servers(ground, agents),
    )


# --- commands


def _commands(ground: Ground) -> tuple[list[Entry], list[Entry]]:
    """What may run unasked, and what after asking: each by the most used first, as many as a person reads."""
    rows: dict[str, list[Use]] = {}
    for each in ground.uses:
        if each.what == UseKind.COMMAND and (each.agent in ground.agents or each in ground.kept):
            rows.setdefault(beginning(each.subject), []).append(each)
    ordered = sorted(rows.items(), key=lambda each: (-sum(use.count for use in each[1]), each[0]))
    allow: list[Entry] = []
    asking: list[Entry] = []
    for text, uses in ordered[:COMMANDS]:
        gate = _before(text, uses, ground)
        note = _held_back(text, uses, gate, ground)
        if gate is not None and not gates()[gate].factor:
            continue
        told = why(uses, ground.report, itself=text)
        (asking if note else allow).append(Entry(text, f"{told}; {note}" if note else told))
    return allow, asking


def _before(text: str, uses: Sequence[Use], ground: Ground) -> Gate | None:
    """What stands before it now, the least of all agents that ran it; None where that is not known of any."""
    ran = {each.agent for each in uses}
    found = []
    for agent in ground.report.agents:
        if _agent(agent, ground.report) in ran & set(ground.agents):
            told = agent.why.get(asked(text)) or next(
                (each for act, each in agent.why.items() if act.startswith(f"{asked(text)},")), None
            )
            found += [told.effective] if told is not None else []
    return max(found, key=lambda gate: (gates()[gate].factor, gate), default=None)


def _held_back(text: str, uses: Sequence[Use], gate: Gate | None, ground: Ground) -> str:
    """Why a command is to be asked about, empty where it may run unasked."""
    program, *words = text.split(" ")
    shell = shell_of(Command(text, open=True))
    if not any(each.agent for each in uses):
        return "you ran it, and no agent did"
    if all(each in ground.back and each not in ground.kept for each in uses):
        return "on production"
    if (shell is not None and not shell.edited) or program.endswith(SCRIPTS):
        return "it runs anything"
    if program in REMOVERS or needed_by(program, words) & LOSSES:
        return "it destroys"
    if gate is not None and not gates()[gate].passable:
        return "a person is asked"
    return ""


# --- files


def _folders(ground: Ground) -> list[Entry]:
    """The folders that agents worked in, none below another."""
    rows: dict[str, list[Use]] = {}
    for each in ground.uses:
        if each.agent in ground.agents and each.folder and each.folder != "~":
            rows.setdefault(each.folder, []).append(each)
    tops = [each for each in rows if not any(each.startswith(f"{other}/") for other in rows)]
    found = []
    for top in sorted(tops):
        uses = [use for folder, row in rows.items() if folder == top or folder.startswith(f"{top}/") for use in row]
        found.append(Entry(f"{_literal(top)}/**", why(uses, ground.report)))
    return found


def _secret(ground: Ground, folders: Sequence[Entry]) -> Iterator[Entry]:
    """Files in these folders that hold what opens production: no work needs to read them."""
    tops = [each.text.removesuffix("**") for each in folders]
    held: dict[str, str] = {}
    for exposure in ground.report.exposures:
        credential, asset = ground.needs.credentials[exposure.credential], ground.needs.assets[exposure.asset]
        production = asset.environment is Environment.PRODUCTION and ground.is_kept_back(asset)
        if production and credential.state not in ENDED:
            for place in credential.locations:
                if place.path and any(_literal(place.path).startswith(top) for top in tops):
                    held.setdefault(place.path, credential.title)
    yield from (Entry(_literal(path), f"{title}: it opens production") for path, title in sorted(held.items()))


def _literal(path: str) -> str:
    """A path as a glob that means it alone, without a backslash that would be taken for a separator."""
    return "".join("?" if char in "*?[]{}\\" else char for char in path)


# --- hosts


def _network(ground: Ground, agents: Sequence[Agent], allow: Set[str], asking: Set[str]) -> tuple[Entry, ...] | None:
    """Hosts that agents fetched from unasked, and those of assets that they reach unasked; None where none is known.

    What only a command reached is there where the program runs unasked, whatever it is told to do.
    """
    asked_about = {text.partition(" ")[0] for text in asking}
    unasked = {text.partition(" ")[0] for text in allow} - asked_about
    found: dict[str, str] = {}
    shut = [each for each in ground.report.assets if ground.is_kept_back(each)]
    fetching = {_agent(each, ground.report) for each in agents if _passes(each, FETCH)}
    rows: dict[str, list[Use]] = {}
    for each in ground.uses:
        if each.what == UseKind.HOST and _is_unasked(each, fetching, unasked, ground.agents):
            rows.setdefault(each.subject, []).append(each)
    for host, uses in rows.items():
        if not any(host in asset.name for asset in shut):
            found[host] = why(uses, ground.report, itself=host)
    for asset in ground.open_:
        row = addressed().get(asset.kind)
        for host in row.hosts(asset.name) if row is not None else ():
            found.setdefault(host, f"for {asset.kind}:{asset.name}")
    return tuple(Entry(host, told) for host, told in sorted(found.items())) or None


def _is_unasked(use: Use, fetching: Set[str], programs: Set[str], agents: Set[str]) -> bool:
    """Whether nobody said yes before a host was reached: by the agent's own tool, or by a program that a shell ran."""
    return use.agent in fetching if not use.how else use.agent in agents and use.how in programs


# --- MCP


def _servers(ground: Ground, agents: Sequence[Agent]) -> tuple[Called, ...] | None:
    """The servers of these agents that were called, with the tools that ask nobody; None where none is set up."""
    mine = [each for each in ground.report.servers if each.client in ground.agents and each.enabled is not False]
    calling = {_agent(each, ground.report) for each in agents if _passes(each, CALL)}
    rows: dict[str, list[Use]] = {}
    unasked: dict[str, set[str]] = {}
    for each in ground.uses:
        server, _, tool = each.subject.partition("/")
        found = _set_up(server, each.agent, mine) if each.what == UseKind.TOOL else None
        if found is None:
            continue
        rows.setdefault(found.name, []).append(each)
        if each.agent in calling or not {tool, "*"}.isdisjoint(found.approved):
            unasked.setdefault(found.name, set()).add(tool)
    called = [
        Called(name, tuple(sorted(unasked.get(name, ()))), why(uses, ground.report))
        for name, uses in sorted(rows.items())
    ]
    return tuple(called) if mine else None


def _set_up(server: str, agent: str, mine: Sequence[Server]) -> Server | None:
    """A server as it is set up, by the name that an agent writes in front of a tool."""
    return next((each for each in mine if each.client == agent and plain(each.name) == plain(server)), None)


# --- agents


def _agent(told: Agent, report: Report) -> str:
    """The id of the agent of which this is one folder."""
    return next((each.agent or ANY_AGENT for each in report.principals if each.id == told.id), told.id)


def _passes(agent: Agent, act: str) -> bool:
    """Whether no person says yes before an act."""
    told = agent.why.get(act)
    return told is not None and gates()[told.effective].passable
