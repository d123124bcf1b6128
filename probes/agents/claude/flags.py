"""Running agents: the options on their command lines, which count for more than any settings but managed ones."""

import re
from collections.abc import Iterator
from itertools import islice

from msgspec import Struct

from probes.agents.claude.vendor import AGENT
from scanner.host import Host, Process
from scanner.model import Gap

RUNNING = 50
ARGUMENTS = 500
MODE = "--permission-mode"
SKIP = "--dangerously-skip-permissions"
LISTS = {
    "--allowedTools": "allow",
    "--allowed-tools": "allow",
    "--disallowedTools": "deny",
    "--disallowed-tools": "deny",
    "--add-dir": "folder",
}
ONE = {MODE: "mode", "--settings": "settings", "--setting-sources": "sources"}
RULES = re.compile(r"[^\s,()]+(?:\([^()]*(?:\([^()]*\)[^()]*)*\))?")


class Running(Struct, frozen=True):
    """A running agent and what its command line says; `sources` None where all are read."""

    process: str
    mode: str = ""
    skip: bool = False
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    sources: tuple[str, ...] | None = None


def running(host: Host) -> Iterator[Running | Gap]:
    """The agents of this user that run now."""
    yield from islice(_running(host), RUNNING)


def _running(host: Host) -> Iterator[Running | Gap]:
    from scanner.data.agents import agent_of  # not needed for the vendor's defaults

    for process in host.processes():
        if isinstance(process, Gap):
            yield process
        elif process.mine and agent_of(process) == AGENT:
            yield told(process)


def told(process: Process) -> Running:
    """What a command line says; words that are no known option are passed over."""
    found: dict[str, list[str]] = {}
    into = ""
    for word in process.argv[1:ARGUMENTS]:
        option, sign, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if word.startswith("-"):
            into = LISTS.get(option) or ONE.get(option) or ("skip" if option == SKIP else "")
            found.setdefault(into, [])
            if sign and into:
                found[into].append(value)
                into = "" if option in ONE else into
        elif into:
            found[into].append(word)
            into = "" if into in ONE.values() else into
    return _running_of(process, found)


def _running_of(process: Process, found: dict[str, list[str]]) -> Running:
    sources = found.get("sources")
    return Running(
        f"{process.name} (pid {process.pid})",
        mode=(found.get("mode") or [""])[-1],
        skip="skip" in found,
        allow=_rules(found.get("allow", [])),
        deny=_rules(found.get("deny", [])),
        folders=tuple(found.get("folder", [])),
        settings=tuple(found.get("settings", [])),
        sources=tuple(sources[-1].replace(" ", "").split(",")) if sources else None,
    )


def _rules(texts: list[str]) -> tuple[str, ...]:
    """The rules in lists that commas or blanks divide; those within brackets divide nothing."""
    return tuple(match[0] for text in texts for match in RULES.finditer(text[:20_000]))
