"""What is asked of whom with which credential, before anything is asked; holds no secret, only its handle."""

from msgspec import Struct

from probes.live.calls import Call
from scanner.model import CredentialSeen, Evidence


class Question(Struct, frozen=True):
    """One call with one credential: all its sightings, and the path before the call's own (`/api/v3`)."""

    call: Call
    host: str
    sightings: tuple[CredentialSeen, ...]
    base: str = ""

    @property
    def seen(self) -> CredentialSeen:
        """The sighting that answers are filed under."""
        return self.sightings[0]

    @property
    def evidence(self) -> Evidence:
        """Where that sighting lies."""
        return self.seen.evidence


def where(seen: CredentialSeen) -> str:
    """A place for a Gap or a plan: never more than what a report says too."""
    told = seen.evidence
    place = str(told.path) if told.path is not None else told.variable or told.process or ""
    return f"{place}:{told.line}" if told.path is not None and told.line is not None else place
