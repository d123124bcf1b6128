"""Whom a contract is for, of the agents that are here."""

from collections.abc import Iterable, Sequence

from scanner.model import AgentSeen, Paths, Platform
from scanner.model.contract import Contract
from scanner.principals import Acting


def judged(contract: Contract, acting: Sequence[Acting], *, narrows: bool = False) -> tuple[Acting, ...]:
    """The agents that a contract is for; all of them where none of those that it names is here.

    One that only narrows another is for nobody then, and the one of a repository for who works in it.
    """
    named = [each for each in acting if not contract.for_agents or each.seen.agent in contract.for_agents]
    there = [each for each in named if not contract.for_workspaces or in_folders(contract.for_workspaces, each)]
    if contract.folder is not None:
        return tuple(each for each in there if each.seen.folder in {None, contract.folder})
    return tuple(there if narrows else there or named or acting)


def unread(contract: Contract, seen: Iterable[AgentSeen]) -> tuple[AgentSeen, ...]:
    """The agents that a contract is for, or may be, of those of whose rules nothing is known."""
    named = [each for each in seen if not contract.for_agents or each.agent in contract.for_agents]
    return tuple({each.agent: each for each in sorted(named, key=lambda each: each.agent)}.values())


def in_folders(patterns: Sequence[str], each: Acting) -> bool:
    """Whether an agent works in one of the folders, or below it."""
    machine = each.judge.machine
    home, fold = machine.home.as_posix(), machine.platform is not Platform.LINUX
    folder = _from_home(each.seen.folder or "~", home)
    return any(Paths(_from_home(pattern, home), fold).matches(folder) for pattern in patterns)


def _from_home(path: str, home: str) -> str:
    text = path.replace("\\", "/")
    return home + text[1:] if text == "~" or text.startswith("~/") else text
