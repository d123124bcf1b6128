"""The agents probe: which coding agents are here, and how each may act in each workspace."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial

from msgspec.structs import replace

from probes.agents.apart import apart
from probes.agents.claude import look as claude
from probes.agents.codex import look as codex
from probes.agents.cursor import look as cursor
from probes.agents.installed import NAMED_PACKAGE, Installed, installed, of_defaults
from probes.agents.running import of_unknown_rules, running
from scanner.data.agent_places import agent_places, programs
from scanner.host import Host, Process
from scanner.model import AgentSeen, Observation, SettingSeen
from scanner.probe import probe

READERS = {"claude-code": claude, "codex": codex, "cursor": cursor}
RUN_ALONE = frozenset({"claude-code", "codex"})  # their options tell enough, where they left no file that is read
CONTAINER = ("/.dockerenv", "/run/.containerenv")
RULE_PATH = "<path that a rule names>"


@probe(
    id="agents",
    title="Coding agents and what they may do unasked",
    reads=tuple(
        dict.fromkeys(
            (
                *(*CONTAINER, "processes", NAMED_PACKAGE, *programs(), *claude.READS, *codex.READS, *cursor.READS),
                *(read for row in agent_places() for read in row.declared),
                RULE_PATH,
            )
        )
    ),
)
def agents(host: Host) -> Iterator[Observation]:
    """Finds the coding agents of this user, and works out from their settings what each does without asking.

    **Why it matters.** An agent acts as you. What stands between it and your logins is its mode, its rules and its
    sandbox: in one mode a person sees each command, in another none does, and one broad rule opens all the rest.

    **What it cannot tell.** Settings that a vendor's server sends, what an editor keeps in its own database, and what
    options the next start will have. A mode that stands nowhere is the vendor's default, and is said to be.

    **What it never does.** It starts no agent, and runs no hook, helper or status line that settings name.

    **Narrow it.** Let agents ask before commands, switch on their sandbox and have it fail where it cannot start,
    and allow single commands rather than programs that run anything.
    """
    # The readers cost more to load than a look at whether there is anything for them.
    runs = running(host)
    here = [name for name, each in READERS.items() if each.is_here(host) or name in RUN_ALONE.intersection(runs)]
    others = list(installed(host, runs))
    if not here and not others:
        yield claude.notional(host)
    isolated = bool(here or others) and not host.machine.elsewhere and next(host.places(*CONTAINER), None) is not None
    met: set[Observation] = set()
    for workspace in host.machine.workspaces or (None,):
        beside = host if workspace is None else host.at(workspace)
        for seen in _told(beside, here, others, runs):
            placed = _placed(seen, beside, isolated=isolated)
            if placed not in met:
                met.add(placed)
                yield placed
    if here or others:
        yield from _left_over(host, met, here, others)


def _told(
    host: Host, here: Sequence[str], others: Sequence[Installed], runs: Mapping[str, Sequence[Process]]
) -> Iterator[Observation]:
    """All that is told of the agents in one workspace."""
    from probes.agents.readers import told as of_table  # of no use where none of them is here

    for name in here:
        yield from apart(name, partial(READERS[name].seen, host), tuple)
    for each in others:
        yield from apart(each.row.title, partial(of_table, host, each), partial(of_defaults, host, each))
    known = {*here, *(each.row.id for each in others)}
    for name, found in runs.items():
        if name not in known:
            yield from of_unknown_rules(found)


def _left_over(
    host: Host, met: Collection[Observation], here: Sequence[str], others: Sequence[Installed]
) -> Iterator[Observation]:
    """What lies in the settings of all agents: secrets in rules, rules for what is gone, commands that run."""
    from probes.agents.every import Every
    from probes.agents.gone import gone
    from probes.agents.helpers import helpers
    from probes.agents.rule_secrets import rule_secrets

    known = [seen for seen in met if isinstance(seen, AgentSeen)]
    for seen in sorted(known, key=lambda each: (each.agent, each.folder or "")):
        yield from gone(host, RULE_PATH, seen)
    every = Every(host)
    reads = {name: READERS[name].READS for name in here} | {each.row.id: each.row.declared for each in others}
    yield from rule_secrets(host, every, reads)
    yield from helpers(host, every, reads, [seen for seen in met if isinstance(seen, SettingSeen)])


def _placed(seen: Observation, host: Host, *, isolated: bool) -> Observation:
    """An observation with what all agents share: the container around them, and the folder that a setting is for."""
    match seen:
        case AgentSeen():
            return replace(seen, isolated=isolated) if isolated else seen
        case SettingSeen() if host.machine.named:
            return replace(seen, folder=host.shown(host.workspace) if host.workspace is not None else None)
        case _:
            return seen
