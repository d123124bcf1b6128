"""What the client's configuration arranges that is worth knowing: forwarding, open connections, programs."""

import re
from collections.abc import Iterable, Iterator

from probes.ssh.certificates import program
from probes.ssh.client_config import Condition, HostLine, MatchLine, Setting
from scanner.model import Evidence, Fix, UseKind, UseSeen, Weakness

PROGRAMS = {
    "proxycommand": "ProxyCommand",
    "localcommand": "LocalCommand",
    "knownhostscommand": "KnownHostsCommand",
}
UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
TIME = re.compile(r"(?:[0-9]{1,9}[smhdw]?)+", re.IGNORECASE)
LONG = 3600  # seconds that a connection may linger without a word from us


def arrangements(settings: list[Setting]) -> Iterator[Weakness | UseSeen]:
    """The weaknesses and programs of one configuration."""
    mastered = any(each.keyword == "controlmaster" and each.first.lower() not in ("", "no") for each in settings)
    for setting in _standing(settings, "forwardagent"):
        if setting.first.lower() not in ("", "no", "false"):
            yield _forwards(setting)
    for setting in _standing(settings, "controlpersist"):
        if mastered and lingers(setting.first):
            yield _persists(setting)
    for setting in settings:
        yield from _programs(setting)


def _standing(settings: Iterable[Setting], keyword: str) -> Iterator[Setting]:
    """The settings of a keyword up to the first that holds for every host: what follows it never counts."""
    for setting in settings:
        if setting.keyword == keyword:
            yield setting
            if all(_always(each) for each in setting.conditions):
                return


def _always(condition: Condition) -> bool:
    match condition:
        case HostLine(patterns):
            return "*" in patterns and not any(each.startswith("!") for each in patterns)
        case MatchLine():
            return condition.everyone


def lingers(text: str) -> bool:
    """Whether a ControlPersist keeps connections open for more than an hour after their use."""
    if text.lower() in ("yes", "true", "0"):
        return True
    if not TIME.fullmatch(text):
        return False
    parts = re.findall(r"([0-9]+)([smhdw]?)", text.lower())
    seconds = sum(int(number) * UNITS[unit] for number, unit in parts)
    return seconds == 0 or seconds > LONG


def _where(setting: Setting) -> str:
    """The hosts that a setting is for, in words."""
    return "every host" if setting.everyone else "some hosts"


def _forwards(setting: Setting) -> Weakness:
    return Weakness(
        rule="ssh.forward-agent",
        title=f"ssh forwards its agent to {_where(setting)}",
        evidence=Evidence(setting.path, setting.line, "ForwardAgent"),
        why="While you are signed in, root on that host, and whatever runs there as you, can use every key of "
        "your agent.",
        fix=Fix("Remove ForwardAgent, and reach hosts behind others with ProxyJump, which needs none."),
    )


def _persists(setting: Setting) -> Weakness:
    return Weakness(
        rule="ssh.control-persist",
        title=f"ssh keeps connections to {_where(setting)} open long after their use",
        evidence=Evidence(setting.path, setting.line, "ControlPersist"),
        why="Whatever runs as this user is let in over the open connection, with no key, passphrase or touch.",
        fix=Fix("Set ControlPersist to no, or to some minutes, at least for production hosts."),
    )


def _programs(setting: Setting) -> Iterator[UseSeen]:
    """Programs that ssh starts by itself, by their names only."""
    if setting.keyword in PROGRAMS:
        name = program(setting.first)
        if name and name.lower() != "none":
            yield _use(setting, PROGRAMS[setting.keyword], name)
    elif setting.keyword == "match" and isinstance(setting.conditions[-1], MatchLine):
        for each in setting.conditions[-1].criteria:
            if each.name == "exec" and (name := program(each.argument)):
                yield _use(setting, "Match exec", name)


def _use(setting: Setting, keyword: str, name: str) -> UseSeen:
    evidence = Evidence(setting.path, setting.line, keyword)
    return UseSeen(name, UseKind.START, 1, None, evidence, how=f"ssh starts it ({keyword})")
