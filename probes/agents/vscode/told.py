"""What a report shows of VS Code's settings for its agent, and what is weak in them."""

from collections.abc import Iterator

from probes.agents.documents import Documents
from probes.agents.editors.seats import Files, merged
from probes.agents.layers import PROJECT, Found
from probes.agents.vscode import keys
from probes.agents.vscode.policy import FREE, Judged
from scanner.model import Fix, Gate, SettingSeen, Weakness
from scanner.text import printable

# A project's settings cannot say these: VS Code takes them from the user alone.
NOT_FROM_PROJECT = frozenset({keys.GLOBAL, *keys.OLD_GLOBAL})
IGNORED = ", ignored in a project"
EVENTS = 20
HOOKS = 50


def settings_seen(judged: Judged) -> Iterator[SettingSeen]:
    """Each setting that bears on the gates, whoever made it."""
    for key in keys.BEARING:
        for found in judged.seat.wide.each(key):
            seen = found.seen(keys.AGENT)
            ignored = found.layer.from_project and key in NOT_FROM_PROJECT
            yield found.seen(keys.AGENT, seen.value + IGNORED) if ignored else seen
    if judged.box.missing and judged.box.enabled is not None:
        value = f"does not start: {judged.box.missing}"
        yield SettingSeen(keys.AGENT, "sandbox", value, "in force", judged.box.enabled.evidence)


def hooks(documents: Documents, files: Files) -> Iterator[SettingSeen]:
    """The moments at which commands of a repository's hooks run."""
    here = [each for each in documents.read(files["hooks"]) if each.project == documents.host.workspace]
    for document in here[:HOOKS]:
        told = document.root.get("hooks")
        names = [printable(name)[:40] for name, inner in (told.pairs if told is not None else ()) if inner.items]
        if told is not None and names:
            yield SettingSeen(keys.AGENT, "hooks", ", ".join(names[:EVENTS]), PROJECT, document.at("hooks", told.line))


def weaknesses(judged: Judged) -> Iterator[Weakness]:
    """What is wrong whatever can be reached."""
    level, box = judged.level, judged.box
    if level is not None and level.evidence is not None and level.gate is Gate.NONE:
        yield Weakness(
            "agent.asks-nothing",
            f"{keys.TITLE} runs, writes and connects without asking",
            level.evidence,
            f"{level.rule}: nobody sees what it does before it is done, and no rule that asks holds it.",
            Fix(f'Set "{keys.GLOBAL}": false and "{keys.MODE}": "default", and switch on its sandbox.'),
            ("autonomy",),
        )
    if box.missing and box.enabled is not None:
        yield Weakness(
            "agent.sandbox-cannot-start",
            f"The sandbox of {keys.TITLE} is switched on, and cannot start",
            box.enabled.evidence,
            f"Commands run without it: {box.missing}.",
            Fix("Install what it needs, and look whether a command of the agent is told to run in the sandbox."),
            ("sandbox",),
        )
    yield from _extended(judged)


def _extended(judged: Judged) -> Iterator[Weakness]:
    found = next(_given(judged), None)
    if found is None:
        return
    yield Weakness(
        "agent.rights-from-repository",
        f"A project gives {keys.TITLE} more rights than you do",
        found.evidence,
        f"{found.key} holds for everybody who opens and trusts the project, and who commits to it decides.",
        Fix("Keep what you allow in your own settings, and let projects ask for more only."),
        ("repository",),
    )


def _given(judged: Judged) -> Iterator[Found]:
    """What a project's settings let the agent do."""
    layers = judged.seat.wide
    for key, words in ((keys.MODE, FREE), (keys.BLOCK, {"never"})):
        yield from (each for each in layers.each(key) if each.layer.from_project and each.node.text in words)
    for key in (keys.TERMINAL, keys.OLD_TERMINAL, keys.URLS, keys.EDITS):
        yield from (each for each in merged(layers, key).values() if each.layer.from_project and _approves(each))
    for key in (keys.SESSIONS, keys.READS):
        yield from (
            each for each in layers.each(key) if each.layer.from_project and (each.node.items or each.node.pairs)
        )
    own = next((each for name in keys.BOX for each in judged.seat.own.each(name)), None)
    if own is not None and (own.node.flag is True or own.node.text == "on"):
        off = (each for name in keys.BOX for each in layers.each(name) if each.layer.from_project)
        yield from (each for each in off if each.node.flag is False or each.node.text in {"off", "allowNetwork"})
        opened = (each for name in keys.BOX_NETWORK for each in layers.each(name) if each.layer.from_project)
        yield from (each for each in opened if each.node.flag is True)


def _approves(found: Found) -> bool:
    inner = found.node.get("approve") or found.node.get("approveRequest") if found.node.members else found.node
    return inner is not None and inner.flag is True
