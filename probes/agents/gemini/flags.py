"""Running agents of the family: the options on their command lines, which count for more than most settings."""

import re
from collections.abc import Iterable, Mapping
from itertools import islice

from msgspec import Struct

from scanner.host import Process

RUNNING = 50
ARGUMENTS = 500
SHORT = re.compile(r"-([a-zA-Z]{1,6})")
LETTERS = {"y": "yolo", "s": "sandbox", "p": "prompt"}
# Options of several values, which commas divide too; `one` value; and switches.
LISTS = {
    "allowed-tools": "allowed",
    "allowedTools": "allowed",
    "exclude-tools": "excluded",
    "excludeTools": "excluded",
    "core-tools": "core",
    "coreTools": "core",
    "policy": "policies",
    "admin-policy": "admin",
    "adminPolicy": "admin",
    "allowed-mcp-server-names": "servers",
    "allowedMcpServerNames": "servers",
    "include-directories": "folders",
    "includeDirectories": "folders",
    "add-dir": "folders",
}
ONE = {"approval-mode": "mode", "approvalMode": "mode", "prompt": "prompt"}
SWITCHES = {"yolo": "yolo", "sandbox": "sandbox", "skip-trust": "trusted", "skipTrust": "trusted"}


class Running(Struct, frozen=True):
    """A running agent and what its command line says; `headless`: it works for itself, and nobody can be asked."""

    process: str
    mode: str = ""
    sandbox: bool | None = None
    trusted: bool = False
    headless: bool = False
    lists: Mapping[str, tuple[str, ...]] = {}

    def listed(self, name: str) -> tuple[str, ...] | None:
        """The values of an option that takes several, None where it was not given."""
        return self.lists.get(name)


def running(processes: Iterable[Process]) -> tuple[Running, ...]:
    """The agents that run now; one that is started again by itself counts once."""
    found = [told(each) for each in islice(processes, RUNNING)]
    return tuple(
        {(each.mode, each.sandbox, each.trusted, each.headless, str(each.lists)): each for each in found}.values()
    )


def told(process: Process) -> Running:
    """What a command line says; words that are no known option are passed over."""
    found: dict[str, list[str]] = {}
    into = ""
    for word in process.argv[1:ARGUMENTS]:
        option, sign, value = word.partition("=") if word.startswith("--") else (word, "", "")
        name = option.removeprefix("--")
        short = SHORT.fullmatch(word)
        if word.startswith("--"):
            into = LISTS.get(name) or ONE.get(name) or ""
            switch = SWITCHES.get(name.removeprefix("no-"))
            if switch:
                found[switch] = ["false" if name.startswith("no-") else value or "true"]
            if into:
                found.setdefault(into, []).extend([value] if sign else [])
                into = "" if sign else into
        elif short is not None:
            for letter in short[1]:
                found.setdefault(LETTERS.get(letter, ""), []).append("true")
            into = ""
        elif into:
            found[into].append(word)
            into = ""
    return _running(process, found)


def _running(process: Process, found: Mapping[str, list[str]]) -> Running:
    modes = found.get("mode", [])
    yolo = found.get("yolo", ["false"])[-1] != "false"
    lists = {
        name: tuple(part.strip() for value in found[name] for part in value[:20_000].split(",") if part.strip())
        for name in sorted(set(LISTS.values()) & found.keys())
    }
    return Running(
        f"{process.name} (pid {process.pid})",
        modes[-1] if modes else "yolo" if yolo else "",
        found["sandbox"][-1] != "false" if "sandbox" in found else None,
        found.get("trusted", ["false"])[-1] != "false",
        "prompt" in found,
        lists,
    )
