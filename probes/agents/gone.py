"""Rules of agents for what is no longer there: whoever makes it anew, the agent too, has it allowed already."""

import re
from collections.abc import Iterator
from pathlib import PurePath

from scanner.host import Host
from scanner.host.paths import within
from scanner.model import AgentSeen, Command, Fix, Gate, Paths, Rule, Weakness

ASKED = 200  # paths of one agent
NAMED = 6
SPECIAL = re.compile(r"[*?\[]")
QUOTES = "\"'`();|&"


def gone(host: Host, declared: str, seen: AgentSeen) -> Iterator[Weakness]:
    """The rules that allow something of a path in the home that does not exist, as one finding.

    `declared` is the entry under which the probe declares that it looks for such paths.
    """
    found = [
        rule
        for rule, paths in list(_named(host, seen))[:ASKED]
        if any(host.place_named(declared, path) is None for path in paths)
    ]
    words = list(dict.fromkeys(rule.ruling.rule for rule in found))
    place = found[0].ruling.evidence if found else None
    if place is None:
        return
    more = f"; and {len(words) - NAMED} more" if len(words) > NAMED else ""
    yield Weakness(
        "hygiene.rules-for-nothing",
        f"{seen.title or seen.agent} has rules for what is no longer there",
        place,
        f"Whoever makes it anew has it allowed already: {'; '.join(words[:NAMED])}{more}.",
        Fix("Delete the rules for what is gone."),
        ("hygiene",),
    )


def _named(host: Host, seen: AgentSeen) -> Iterator[tuple[Rule, tuple[PurePath, ...]]]:
    """The rules that allow something of a path in the home, each entry once, with what has to be there."""
    met: set[tuple[str, tuple[PurePath, ...]]] = set()
    for tool in seen.policy.tools if seen.policy is not None else ():
        for rule in tool.rules:
            paths = tuple(_paths(host, rule))
            key = (rule.ruling.rule, paths)
            if paths and key not in met:
                met.add(key)
                yield rule, paths


def _paths(host: Host, rule: Rule) -> Iterator[PurePath]:
    """What has to be there for a rule to mean anything: its program, and the folders of what its command names."""
    place = rule.ruling.evidence
    if rule.ruling.gate is not Gate.NONE or place is None or place.path is None or '"' not in rule.ruling.rule:
        return
    match rule.pattern:
        case Paths(glob):
            parts = glob.split("/")
            fixed = next((at for at, part in enumerate(parts) if SPECIAL.search(part)), len(parts))
            yield from _of_home(host, "/".join(parts[:fixed]))
        case Command(text):
            words = text.split()
            for at, word in enumerate(words):
                for path in _of_home(host, word.strip(QUOTES)):
                    yield path.parent if at else path  # a file that a command names it may be the one to make


def _of_home(host: Host, text: str) -> Iterator[PurePath]:
    """The path, if it lies in the home: elsewhere a look may ask another machine for it."""
    if SPECIAL.search(text) or (not text.startswith(("~/", "/")) and text[1:3] not in {":/", ":\\"}):
        return
    path = host.resolve(text)
    if path is not None and path != host.home and within(path, host.home) and ".." not in path.parts:
        yield path
