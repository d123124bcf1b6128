"""Claude Code as its vendor ships it: no settings, no login."""

from probes.agents.claude.here import here
from probes.agents.claude.modes import Account, Start, mode_of
from probes.agents.claude.settings import Settings
from probes.agents.claude.tools import Basis, policy
from scanner.host import Host
from scanner.model import AgentSeen, Evidence
from scanner.text import printable

AGENT, TITLE = "claude-code", "Claude Code"


def as_shipped(host: Host) -> AgentSeen:
    """The agent on a machine that does not have it, judged by the vendor's defaults."""
    where = here(host)
    mode = mode_of(Start(Settings(), where, Account.UNKNOWN))
    return AgentSeen(
        AGENT,
        Evidence(where.config),
        title=TITLE,
        folder=folder(host),
        policy=policy(Basis(where, mode, folders=(where.cwd,))),
        notional=True,
    )


def folder(host: Host) -> str | None:
    """The folder in which it works, as a report shows it."""
    return printable(host.shown(host.workspace)) if host.workspace is not None else None
