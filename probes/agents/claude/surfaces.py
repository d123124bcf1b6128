"""What a project brings beside settings that has Claude Code run or allow something: told, and never opened."""

from collections.abc import Iterator
from itertools import islice
from pathlib import PurePath

from probes.agents.claude.here import Here
from probes.agents.claude.reads import PREFIX, PROJECT_FILE
from probes.agents.claude.vendor import AGENT
from scanner.host import Host
from scanner.model import Evidence, SettingSeen

FILES = 500  # of one kind
ALLOWS = "what they name as allowed-tools runs unasked, trusted or not"
KINDS = (
    ("skills", "skills/*/SKILL.md", ALLOWS),
    ("commands", "commands/*.md", ALLOWS),
    ("agents", "agents/*.md", "they may start MCP servers and hooks of their own"),
    ("workflows", "workflows/*.js", "they are programs"),
    ("scheduled_tasks", "scheduled_tasks.json", "it starts sessions by itself"),
)


def brought(host: Host, here: Here) -> Iterator[SettingSeen]:
    """The kinds of files that the start folder has, each with how many there are."""
    if here.cwd / ".claude" == here.config:
        return
    for name, pattern, why in KINDS:
        matches = islice(host.matches_named(PROJECT_FILE, here.cwd / ".claude" / pattern), FILES)
        found = [each for each in matches if isinstance(each, PurePath) and _is_there(host, each)]
        if found:
            number = f"{len(found)} {'file' if len(found) == 1 else 'files'}"
            yield SettingSeen(AGENT, f".claude/{name}", f"{number}: {why}", "project", Evidence(found[0]))


def _is_there(host: Host, path: PurePath) -> bool:
    """Whether anything lies there: a path without a `*` stands for itself, be it there or not."""
    return host.place_named(PROJECT_FILE, path) is not None


def wrapped(host: Host) -> Iterator[SettingSeen]:
    """The program that the environment has every command run through."""
    if host.variable(PREFIX):
        yield SettingSeen(AGENT, PREFIX, "every command runs through it", "environment", Evidence(variable=PREFIX))
