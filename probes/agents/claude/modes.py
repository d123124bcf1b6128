"""The mode that a session starts in, and what decides it."""

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from probes.agents.claude.flags import MODE, SKIP, Running
from probes.agents.claude.here import Here
from probes.agents.claude.settings import Found, Settings
from probes.agents.claude.vendor import BUILT_IN, NO_PLAN
from scanner.model import Evidence, Gate, Platform

AUTO, BYPASS, DEFAULT, EDITS, PLAN, DONT_ASK = (
    *("auto", "bypassPermissions", "default", "acceptEdits", "plan"),
    "dontAsk",
)
MODES = frozenset({AUTO, BYPASS, DEFAULT, EDITS, PLAN, DONT_ASK})
ALIASES = {"manual": DEFAULT}
KNOWN = MODES.union(ALIASES)
WEAKEST_FIRST = (BYPASS, AUTO, EDITS, DEFAULT, PLAN, DONT_ASK)
OFF = "disable"


class Account(StrEnum):
    """What the agent is signed in with, as far as the built-in mode hangs on it."""

    SUBSCRIPTION = "a Pro, Max or Team plan"
    METERED = "an Enterprise plan, an API key, Bedrock or Vertex"
    UNKNOWN = "unknown"


class Mode(Struct, frozen=True):
    """The mode and the words and place that decide it; `doubt` says why it is not certain, empty where it is.

    `autonomous`: whether the automatic mode can be had at all, None where that is not known.
    """

    name: str
    rule: str
    evidence: Evidence | None = None
    doubt: str = ""
    autonomous: bool | None = None


class Start(Struct, frozen=True):
    """All that the mode of a session hangs on. `scrubbed`: its children lose variables, and it then always asks."""

    settings: Settings
    here: Here
    account: Account
    running: Running | None = None
    scrubbed: bool = False


class Wish(Struct, frozen=True):
    """A mode that something asks for."""

    name: str
    rule: str
    evidence: Evidence | None


def mode_of(start: Start) -> Mode:
    """The mode that the session is in: the command line's, else the settings', else the built-in one."""
    if start.scrubbed:
        rule = "CLAUDE_CODE_SUBPROCESS_ENV_SCRUB keeps it to the mode default"
        return Mode(DEFAULT, rule, Evidence(variable="CLAUDE_CODE_SUBPROCESS_ENV_SCRUB"), autonomous=False)
    may = _autonomous(start)
    doubt = ""
    for wish in _wishes(start):
        if wish.name not in MODES:
            doubt = doubt or f"{wish.rule} is no mode that is known"
        elif wish.name == BYPASS and _banned(start.settings):
            continue
        elif wish.name == BYPASS and _is_root(start.here):
            doubt = "the mode bypassPermissions does not start for root, unless in a sandbox that it recognises"
        elif wish.name == AUTO and may is False and _auto_off(start.settings) is not None:
            continue
        else:
            return Mode(wish.name, wish.rule, wish.evidence, doubt, may)
    return _built_in(start, may, doubt)


def _wishes(start: Start) -> Iterator[Wish]:
    running = start.running
    if running is not None:
        place = Evidence(process=running.process)
        if running.skip:
            yield Wish(BYPASS, f"{SKIP} of the running {running.process}", place)
        if running.mode:
            name = ALIASES.get(running.mode, running.mode)
            yield Wish(name, f"{MODE} {_word(name)} of the running {running.process}", place)
    found = default_mode(start.settings)
    if found is not None:
        name = ALIASES.get(found.node.text, found.node.text)
        yield Wish(name, f"permissions.defaultMode {_word(name)}", found.evidence)


def default_mode(settings: Settings) -> Found | None:
    """The mode of the settings. No project may say bypassPermissions; its auto is dropped, and what is below it too."""
    for found in settings.each("permissions", "defaultMode"):
        if found.node.text not in KNOWN or is_ignored(found):
            continue
        return found if _counts(found, settings) else None
    return None


def is_ignored(found: Found) -> bool:
    """Whether a mode is passed over for where it stands."""
    return found.source.from_project and found.node.text == BYPASS


def _counts(found: Found, settings: Settings) -> bool:
    """A project's auto holds where the user or the organization said it too."""
    if found.node.text != AUTO or not found.source.from_project:
        return True
    return any(
        each.node.text == AUTO for each in settings.each("permissions", "defaultMode", among=settings.trusted_ones)
    )


def _word(name: str) -> str:
    """A mode as a report shows it: what is none may be anything."""
    return name if name in MODES else "of another name"


def _banned(settings: Settings) -> bool:
    found = settings.word("permissions", "disableBypassPermissionsMode")
    return found is not None and found.node.text == OFF


def _auto_off(settings: Settings) -> Found | None:
    for keys in (("permissions", "disableAutoMode"), ("disableAutoMode",)):
        found = settings.word(*keys)
        if found is not None and found.node.text == OFF:
            return found
    return None


def _autonomous(start: Start) -> bool | None:
    if _auto_off(start.settings) is not None or start.account is Account.METERED:
        return False
    return True if start.account is Account.SUBSCRIPTION else None


def _is_root(here: Here) -> bool:
    return here.uid == 0 and here.platform is not Platform.WINDOWS


def _built_in(start: Start, may: bool | None, doubt: str) -> Mode:
    off = _auto_off(start.settings)
    if off is not None:
        return Mode(DEFAULT, f"the built-in mode, since {off.key} is {OFF}", off.evidence, doubt, may)
    match start.account:
        case Account.SUBSCRIPTION:
            return Mode(AUTO, f"the built-in mode: auto for {start.account}", None, doubt, may)
        case Account.METERED:
            return Mode(DEFAULT, f"the built-in mode: default for {start.account}", None, doubt, may)
        case _:
            return Mode(AUTO, BUILT_IN, None, doubt or NO_PLAN, may)


class Gates(Struct, frozen=True):
    """What a mode puts before each kind of act; `inside` is in the working folders, `protected` what few may write."""

    read: Gate
    look: Gate  # a command that only reads, outside of the working folders
    inside: Gate
    outside: Gate
    protected: Gate
    command: Gate
    asked: Gate  # where a rule says ask

    @property
    def other(self) -> Gate:
        """What is no file and no command."""
        return self.command


ASK, JUDGE, FREE, NO = Gate.PROMPT, Gate.CLASSIFIER, Gate.NONE, Gate.REFUSED
GATES = {
    DEFAULT: Gates(ASK, ASK, ASK, ASK, ASK, ASK, ASK),
    EDITS: Gates(ASK, ASK, FREE, ASK, ASK, ASK, ASK),
    PLAN: Gates(ASK, ASK, ASK, ASK, ASK, ASK, ASK),
    AUTO: Gates(FREE, JUDGE, FREE, JUDGE, JUDGE, JUDGE, ASK),
    DONT_ASK: Gates(NO, NO, NO, NO, NO, NO, NO),
    BYPASS: Gates(FREE, FREE, FREE, FREE, FREE, FREE, ASK),
}
