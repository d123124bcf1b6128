"""Commands that settings have an agent run by itself: hooks, helpers, status lines. They are told, and never run."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath

from probes.agents.documents import Document
from probes.agents.every import Every
from probes.agents.tree import Node
from scanner.data.hygiene import hygiene
from scanner.host import Host
from scanner.host.paths import within
from scanner.model import SettingSeen
from scanner.text import printable

NAMES = 300  # of one file
LONGEST = 80  # signs of a key that is shown


def helpers(
    host: Host, every: Every, reads: Mapping[str, Iterable[str]], told: Sequence[SettingSeen]
) -> Iterator[SettingSeen]:
    """The settings of agents that name commands, by the agents' ids and what is read for each.

    What the agent's own reader has `told`, whole or in its parts, is left out.
    """
    known: dict[PurePath | None, set[str]] = {}
    for seen in told:
        known.setdefault(seen.evidence.path, set()).add(seen.key)
    for agent, patterns in reads.items():
        for document in every.of(agent, patterns):
            for key, node in _commands(document.root):
                if known.get(document.path, set()).isdisjoint((key, key.partition(".")[0])):
                    place, scope = document.at(key, node.line), _scope(document, host)
                    yield SettingSeen(agent, printable(key), "runs a command", scope, place, _folder(document, host))


def _commands(root: Node) -> Iterator[tuple[str, Node]]:
    """The settings that name commands, with a dot between the parts of their keys."""
    for name, node in root.pairs[:NAMES]:
        inner = [(f"{name}.{each}", member) for each, member in node.pairs[:NAMES]]
        if (name == "hooks" and inner) or not hygiene().runs(name):
            yield from ((key, each) for key, each in inner if _is_one(key, each))
        elif _is_one(name, node):
            yield name, node


def _is_one(key: str, node: Node) -> bool:
    return len(key) <= LONGEST and hygiene().runs(key) and bool(node.text or node.items or node.members)


def _scope(document: Document, host: Host) -> str:
    """Whose setting it is."""
    if document.project is not None:
        return "local" if document.path is not None and ".local." in document.path.name else "project"
    return "user" if document.path is None or within(document.path, host.home) else "managed"


def _folder(document: Document, host: Host) -> str | None:
    """The folder that it holds in, None where it holds in all that are judged."""
    if document.project is None or not host.machine.named:
        return None
    return next(
        (host.shown(each) for each in host.machine.workspaces if within(each, document.project)),
        None,
    )
