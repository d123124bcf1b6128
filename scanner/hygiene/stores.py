"""Stores of credentials that an agent's own tool reads unasked, and the exact entries that would deny them."""

from collections.abc import Iterator
from pathlib import PurePath

from scanner.data.gates import gates
from scanner.gates import READABLE
from scanner.graph import CredentialNode
from scanner.hygiene.around import Around, counted, listed
from scanner.hygiene.files import settings_files
from scanner.judgement import Judged
from scanner.model import Channel, CredentialState, Environment, Evidence, Fix, Ruling, Weakness

ENDED = frozenset({CredentialState.EXPIRED, CredentialState.REVOKED})
OWN = "model-api"  # what agents run on
FILES = 100  # that are asked about
COMMANDS = ", "  # in the name of a tool that is another one's commands: "Bash, reading commands"


def unasked(around: Around) -> Iterator[Weakness]:
    """Files with credentials that nothing but a rule would keep from the tool that reads."""
    found: dict[PurePath, Ruling] = {}
    for path in around.stores:
        ruling = _read(around, path)
        if ruling is not None:
            found[path] = ruling
    if not found:
        return
    names = [around.shown(path) for path in found]
    deciding = next(iter(found.values()))
    yield around.weakness(
        "unasked-stores",
        f"reads {'at least ' if len(found) == FILES else ''}{counted(len(found), 'file')} with credentials unasked",
        _where(around, deciding),
        f"Its own tool that reads opens them, and what it reads goes to its model: {listed(names)}. "
        f"Nobody is asked, by this: {deciding.rule or 'its default'}.",
        _mend(around, tuple(found)),
    )


def stores(judged: Judged) -> tuple[PurePath, ...]:
    """Files with a live secret in plain text, worst first; of those in projects only what leads to production."""
    projects = judged.acting[0].judge.machine.projects if judged.acting else ()
    production = {each.credential for each in judged.exposures if each.environment is Environment.PRODUCTION}
    found: dict[PurePath, None] = {}
    for node in _worst_first(judged):
        if node.state in ENDED or node.protection not in READABLE or _is_own(node, judged):
            continue
        for path in (each.path for each in node.locations if each.path is not None):
            if node.id in production or not any(path.is_relative_to(project) for project in projects):
                found[path] = None
        if len(found) >= FILES:
            break
    return tuple(found)[:FILES]


def _worst_first(judged: Judged) -> list[CredentialNode]:
    """The credentials by their worst exposure, those that open nothing last."""
    nodes = judged.graph.credentials
    order = dict.fromkeys(each.credential for each in judged.exposures)
    return [nodes[each] for each in (*order, *sorted(nodes.keys() - order.keys()))]


def _is_own(node: CredentialNode, judged: Judged) -> bool:
    """Whether it has no text to read, or all that it opens is what agents run on."""
    graph = judged.graph
    kinds = {graph.assets[right.target].asset.kind for right in graph.rights.get(node.id, ())}
    return node.kind.startswith("handle.") or kinds == {OWN}


def _read(around: Around, path: PurePath) -> Ruling | None:
    """What lets the tool read the file unasked, None where none does; commands that read are not its own tool."""
    tools = [tool for tool in around.acting.judge.policy.tools if tool.channel is Channel.READ]
    found = [tool.decide(str(path)) for tool in tools if COMMANDS not in tool.name]
    return next((each for each in found if gates()[each.effective].passable), None)


def _where(around: Around, deciding: Ruling) -> Evidence:
    """Where one would write it: the file that decides, else the agent's own settings."""
    if deciding.evidence is not None and deciding.evidence.path is not None:
        return deciding.evidence
    mine = next(iter(settings_files(around)), None)
    return Evidence(mine, key="deny") if mine is not None else around.acting.seen.evidence


def _mend(around: Around, paths: tuple[PurePath, ...]) -> Fix:
    told = around.known.deny
    entries = [told.entry(path, around.acting.judge.machine.home) for path in paths] if told is not None else []
    exact = [each for each in entries if each is not None]
    if told is None or not exact:
        return Fix(
            "Forbid it these files in its own settings, and run its commands in a sandbox that cannot read them."
        )
    return Fix(f"Put into {told.where}: {', '.join(exact[:NAMED])}{_rest(len(exact) - NAMED)}.")


NAMED = 12


def _rest(number: int) -> str:
    return f", and {number} more" if number > 0 else ""
