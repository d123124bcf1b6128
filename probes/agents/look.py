"""The agents probe: which coding agents are here, and how each may act in the workspace."""

from collections.abc import Iterator

from msgspec.structs import replace

from probes.agents.claude import look as claude
from probes.agents.codex import look as codex
from probes.agents.cursor import look as cursor
from probes.agents.unread import of_unknown_rules, running
from scanner.host import Host
from scanner.model import AgentSeen, Observation
from scanner.probe import probe

READERS = {"claude-code": claude, "codex": codex, "cursor": cursor}
RUN_ALONE = frozenset({"claude-code", "codex"})  # their options tell enough, where they left no file that is read
CONTAINER = ("/.dockerenv", "/run/.containerenv")


@probe(
    id="agents",
    title="Coding agents and what they may do unasked",
    reads=tuple(dict.fromkeys((*CONTAINER, "processes", *claude.READS, *codex.READS, *cursor.READS))),
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
    here = [each for name, each in READERS.items() if each.is_here(host) or name in RUN_ALONE.intersection(runs)]
    if not here:
        yield claude.notional(host)
    isolated = bool(here) and next(host.places(*CONTAINER), None) is not None
    for each in here:
        for seen in each.seen(host):
            yield replace(seen, isolated=isolated) if isinstance(seen, AgentSeen) else seen
    for name, found in runs.items():
        if READERS.get(name) not in here:
            yield from of_unknown_rules(found)
