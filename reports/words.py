"""Plain words for what a report holds: classes, ends, places and numbers, the same in every text format."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from scanner.data.capabilities import capabilities
from scanner.data.gates import gates
from scanner.model.moments import utc
from scanner.model.report import AssetInfo, Credential, LifetimeInfo, Location, Principal, Server, Use, Used
from scanner.model.terms import (
    Autonomy,
    Capability,
    Confidence,
    CredentialState,
    Environment,
    Gate,
    LifetimeKind,
    Reversibility,
    Tracking,
)

SHELL = "runs any command"  # what the tools of a known server may do

UNDONE: Mapping[Reversibility, str] = {
    Reversibility.ACTOR: "whoever did it can undo it",
    Reversibility.OWNER: "an owner can undo it",
    Reversibility.NO: "it cannot be undone",
}

AUTONOMY: Mapping[Autonomy, str] = {
    Autonomy.FULL: "runs, writes and connects without asking",
    Autonomy.SUPERVISED: "asks a person before it acts",
    Autonomy.RESTRICTED: "reads and suggests, no more",
}

SURE: Mapping[Confidence, str] = {
    Confidence.VERIFIED: "the other side said so, now",
    Confidence.GRANTED: "a policy, a scope or the kind of token says so",
    Confidence.INFERRED: "such credentials usually can",
    Confidence.POSSIBLE: "nothing here says that it cannot",
}

# The same of a weakness, which no provider was asked about.
SEEN: Mapping[Confidence, str] = {
    Confidence.VERIFIED: "it was read there",
    Confidence.GRANTED: "a policy or a setting says so",
    Confidence.INFERRED: "it usually is so",
    Confidence.POSSIBLE: "nothing here says that it is not so",
}

# How git stands to a file that a credential lies in.
GIT: Mapping[Tracking, str] = {
    Tracking.TRACKED: "tracked by git",
    Tracking.IGNORED: "ignored by git",
    Tracking.UNTRACKED: "not ignored by git",
}

# The longest stretch that is told in a unit, in its seconds.
UNITS = (
    (2 * 3600, 60, "min"),
    (48 * 3600, 3600, "h"),
    (60 * 86400, 86400, "days"),
    (730 * 86400, 30 * 86400, "months"),
)
YEAR = 365 * 86400


def does(capability: Capability) -> str:
    """A class as something that one does: "delete backups"."""
    return capabilities().classes[capability].does


def count(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: "1 credential", "2 credentials"."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def listed(words: Sequence[str]) -> str:
    """Words as a sentence lists them: "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def some(words: Sequence[str], most: int) -> str:
    """The first of the words as a sentence lists them, and how many are left: "a, b and 58 more"."""
    return listed([*words[:most], f"{len(words) - most} more"] if len(words) > most else words)


def once(names: Iterable[str]) -> list[str]:
    """The names, each once: one agent in several folders is one."""
    return list(dict.fromkeys(names))


def cut(text: str, most: int) -> str:
    """The beginning of the text, where its beginning tells more than its end."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip(' ,;')}…"


def clipped(text: str, most: int) -> str:
    """The text, its middle left out where it is longer than `most` characters; its end tells more than its start."""
    if len(text) <= most:
        return text
    head = (most - 1) // 3
    return f"{text[:head]}…{text[head + 1 - most :]}"


def environment(word: Environment) -> str:
    """An environment as an adjective of an asset."""
    return "environment unknown" if word is Environment.UNKNOWN else str(word)


def asset(node: AssetInfo) -> str:
    """An asset as the command `label` takes it."""
    return f"{node.kind}:{node.name}"


def credential(node: Credential) -> str:
    """A credential's title and the identifier that may be shown."""
    return f"{node.title} {node.public_id}" if node.public_id else node.title


def before(gate: Gate, stands_for: Gate | None) -> str:
    """What stands before an act, as a reader says it; of an unknown gate, what it is reckoned as."""
    if gate is not Gate.UNKNOWN:
        return gates()[gate].means
    if stands_for is None or stands_for is Gate.UNKNOWN:
        return "not known, reckoned as if nothing asked"
    return f"not known, reckoned as: {gates()[stands_for].means}"


def titled(principal: Principal) -> str:
    """A principal by its title; one that is not installed says so."""
    return f"{clipped(principal.title, 60)}{' (if installed)' if principal.notional else ''}"


def place(location: Location) -> str:
    """Where it lies: `path:line (key)`, `$VARIABLE` or a process."""
    if location.path is not None:
        named = location.path
    elif location.variable is not None:
        named = f"${location.variable}"
    elif location.process is not None:
        named = f"process {location.process}"
    else:
        named = "a place without a name"
    line = f":{location.line}" if location.line is not None else ""
    key = f" ({location.key})" if location.key else ""
    return named + line + key


def by_git(location: Location) -> str:
    """How git stands to what lies there, to be told behind the place; nothing outside of work trees."""
    return f", {GIT[location.git]}" if location.git is not None else ""


def used(use: Used | Use, now: datetime) -> str:
    """How often it was used and when last: "14 times, last 3 days ago"."""
    times = "once" if use.count == 1 else f"{use.count} times"
    if use.last is None:
        return times
    return f"{times}, last {span(utc(now) - utc(use.last))} ago"


def day(moment: datetime) -> str:
    """The date, in UTC."""
    return utc(moment).date().isoformat()


def span(stretch: timedelta) -> str:
    """A length of time in its own unit, rounded down."""
    seconds = int(abs(stretch.total_seconds()))
    if seconds < 60:
        return "less than a minute"
    for longest, unit, word in UNITS:
        if seconds < longest:
            number = seconds // unit
            return f"{number} {word.removesuffix('s') if number == 1 else word}"
    return f"{seconds // YEAR} years"


def lifetime(info: LifetimeInfo, state: CredentialState, now: datetime) -> str:
    """How long it lives, and what is known of its state: "no end", "ends in 3 h", "expired 2 days ago; ..."."""
    match state:
        case CredentialState.REVOKED:
            return "revoked"
        case CredentialState.EXPIRED if info.expires_at is None and info.refresh_until is None:
            return "expired"
        case CredentialState.LIVE:
            return f"{_end(info, now)}; its provider says that it works"
        case _:
            return _end(info, now)


def _end(info: LifetimeInfo, now: datetime) -> str:
    match info.kind:
        case LifetimeKind.STATIC:
            return "no end"
        case LifetimeKind.SESSION:
            return "as long as its session"
        case LifetimeKind.EXPIRES:
            return _moment(info.expires_at, now) or "ends; when is not known"
        case LifetimeKind.REFRESHABLE:
            access = _moment(info.expires_at, now)
            return "; ".join(part for part in (access, _renewal(info.refresh_until, now)) if part)
        case LifetimeKind.UNKNOWN:
            return _moment(info.expires_at, now) or "not known"


def _moment(end: datetime | None, now: datetime) -> str:
    if end is None:
        return ""
    left = utc(end) - utc(now)
    return f"ends in {span(left)}" if left > timedelta() else f"expired {span(left)} ago"


def _renewal(until: datetime | None, now: datetime) -> str:
    if until is None:
        return "renews itself, no end known"
    if utc(until) <= utc(now):
        return f"renewal ended on {day(until)}"
    return f"renews until {day(until)}"


def starts(server: Server) -> str:
    """What an agent starts or speaks to for an MCP server."""
    return clipped(server.launcher or server.url or "not told", 120)


def remarks(server: Server) -> list[str]:
    """What a reader should know of an MCP server at once."""
    told = {
        "disabled": server.enabled is False,
        "whether it is enabled is not known": server.enabled is None,
        "brought by the repository": server.from_repository,
        "runs any command": SHELL in server.does,
        "its version is not fixed": server.pinned is False,
        "every tool runs unasked": "*" in server.approved,
        count(len(server.approved), "tool") + " unasked": bool(server.approved) and "*" not in server.approved,
    }
    return [text for text, holds in told.items() if holds]
