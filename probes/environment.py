"""Secrets in the environment: what an agent launched from here inherits, and what running agents hold."""

from collections.abc import Iterator

from scanner.data.agents import agent_of
from scanner.host import Host
from scanner.model import Evidence, Gap, Hint, Observation
from scanner.probe import probe
from scanner.secrets import Pair, secrets_in

USER_KEY = "HKCU/Environment"


@probe(
    id="environment",
    title="Secrets in the environment",
    reads=("env:*", "processes", f"registry:{USER_KEY}"),
)
def environment(host: Host) -> Iterator[Observation]:
    """Judges the variables an agent would inherit, those of agents that run now, and on Windows the user's own.

    **Why it matters.** Every command that an agent runs, and most servers that it starts, receive the whole
    environment; reading a variable is no file access that a rule could stop.

    **Narrow it.** Start agents from an environment that names what they need, and hand a secret to the one command
    that needs it.
    """
    launch = host.variables()
    yield from secrets_in((Pair(name, value, Evidence(variable=name)) for name, value in launch.values.items()), host)
    yield from _persistent(host)
    yield from _running_agents(host)


def _persistent(host: Host) -> Iterator[Observation]:
    """The user's variables in the registry, which every later session begins with."""
    found = host.registry(USER_KEY)
    if isinstance(found, Gap):
        yield found
        return
    pairs = (Pair(name, value, Evidence(variable=name, key=USER_KEY)) for name, value in found.items())
    yield from secrets_in(pairs, host)


def _running_agents(host: Host) -> Iterator[Observation]:
    for process in host.processes():
        if isinstance(process, Gap):
            yield process
            continue
        agent = agent_of(process) if process.mine else None
        if agent is None:
            continue
        held = host.process_variables(process)
        if isinstance(held, Gap):
            yield held
            continue
        pairs = (Pair(name, value, Evidence(process=held.label, key=name)) for name, value in held.values.items())
        yield from secrets_in(pairs, host, (Hint("agent", agent),))
