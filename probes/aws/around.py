"""What the parts of the AWS probe share: the host with a few variables, and dates."""

from datetime import UTC, datetime

from msgspec import Struct

from scanner.host import Host
from scanner.model import CredentialState, Evidence, Gap, GapKind, Hint, Lifetime

MILLISECONDS = 10**11  # a greater number of seconds would lie past the year 5000


class Around(Struct, frozen=True):
    """The host, and what its variables say: the profiles they choose, a region, and the id of a key among them."""

    host: Host
    chosen: frozenset[str]
    region: str | None
    key_id: str | None

    def region_hint(self, region: str) -> Hint | None:
        """The region of a profile, else that of the environment."""
        text = region or self.region
        return Hint("region", text) if text else None

    def names(self, label: str, profile: str) -> tuple[str, ...]:
        """What a person calls it; whether a variable makes it the one in use."""
        return (label, "current profile") if profile in self.chosen else (label,)

    def state(self, lifetime: Lifetime) -> CredentialState:
        """Whether it is past its end by the clock of this run."""
        return CredentialState.EXPIRED if lifetime.ended(self.host.now) else CredentialState.UNTESTED

    def hide(self, *values: str | None) -> None:
        """Takes secrets that no observation carries into the vault, so that no output shows them."""
        for value in values:
            if value:
                self.host.keep(value)

    def failed(self, evidence: Evidence, why: str) -> Gap:
        """A Gap for a broken setting or file."""
        return Gap(GapKind.FAILED, self.where(evidence), why)

    def where(self, evidence: Evidence) -> str:
        """A place as a sentence names it: `~/.aws/config:12`, or the variable."""
        if evidence.path is None:
            return evidence.variable or ""
        line = "" if evidence.line is None else f":{evidence.line}"
        return self.host.shown(evidence.path) + line


def around(host: Host) -> Around:
    """Reads those variables; the key itself is for the probe of the environment."""
    profiles = (host.variable("AWS_PROFILE"), host.variable("AWS_DEFAULT_PROFILE"))
    region = host.variable("AWS_REGION") or host.variable("AWS_DEFAULT_REGION")
    key_id = host.variable("AWS_ACCESS_KEY_ID")
    return Around(host, frozenset(profile for profile in profiles if profile), region, key_id)


def moment(value: object) -> datetime | None:
    """A date as these files write it: ISO 8601 with `Z`, an offset, `UTC` or nothing; or seconds or milliseconds."""
    try:
        if isinstance(value, str):
            text = value.strip()
            found = datetime.fromisoformat(text[:-3].rstrip() + "+00:00" if text.endswith("UTC") else text)
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if value > MILLISECONDS else value, UTC)
    except (ValueError, OverflowError, OSError):  # no date, or one past what a calendar holds
        return None
    return None
