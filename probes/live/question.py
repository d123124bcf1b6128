"""What is asked of whom with which credential, before anything is asked; holds no secret, only its handle."""

from collections.abc import Iterator

from msgspec import Struct

from probes.live.calls import HOLE, Call
from probes.live.client import Place
from probes.live.tls import Tls
from scanner.model import Asset, CredentialSeen, CredentialState, Evidence, Secret


class Part(Struct, frozen=True):
    """A part of a server that is asked about by its name, such as a namespace; `asset` is what the answer is about."""

    name: str
    asset: Asset


class Aim(Struct, frozen=True):
    """A server that the user's own settings pair with a credential.

    `tls` says whose certificates are believed there, `certificate` and `key` what the client proves itself with (PEM;
    the key by its handle). `local` marks a server that listens on this machine.
    """

    calls: tuple[Call, ...]
    host: str
    port: int
    asset: Asset
    base: str = ""
    parts: tuple[Part, ...] = ()
    local: bool = False
    tls: Tls = Tls()
    certificate: str = ""
    key: Secret | None = None

    @property
    def place(self) -> Place:
        """Where a connection goes, as yet without what the client proves itself with."""
        return Place("https", self.host, self.port, self.tls)

    def bodies(self, call: Call) -> tuple[str, ...]:
        """What a call says, once for each name that fills its hole; nothing to be told where it has none."""
        return tuple(call.body.replace(HOLE, part.name) for part in self.parts) if HOLE in call.body else ("",)


class Question(Struct, frozen=True):
    """One credential with all its sightings, and what is asked with it: one call, or the calls of its own servers.

    `base` stands before the call's own path (`/api/v3`).
    """

    call: Call
    host: str
    sightings: tuple[CredentialSeen, ...]
    base: str = ""
    aims: tuple[Aim, ...] = ()

    @property
    def seen(self) -> CredentialSeen:
        """The sighting that answers are filed under."""
        return self.sightings[0]

    @property
    def evidence(self) -> Evidence:
        """Where that sighting lies."""
        return self.seen.evidence

    def requests(self, override: Place | None = None) -> Iterator[tuple[Call, str, str]]:
        """Every request: the call, the address that it goes to, and its body where that differs between them."""
        if not self.aims:
            place = override or Place("https", self.host, 443)
            yield self.call, place.url + self.base + self.call.path, ""
        for aim in self.aims:
            for call in aim.calls:
                for body in aim.bodies(call):
                    yield call, (override or aim.place).url + aim.base + call.path, body


def bare(put: Question, state: CredentialState) -> CredentialSeen:
    """The credential again, with nothing but what the answer tells: its state."""
    seen = put.seen
    return CredentialSeen(
        kind=seen.kind,
        evidence=seen.evidence,
        secret=seen.secret,
        public_id=seen.public_id,
        protection=seen.protection,
        state=state,
        barrier=seen.barrier,
    )


def where(seen: CredentialSeen) -> str:
    """A place for a Gap or a plan: never more than what a report says too."""
    told = seen.evidence
    place = str(told.path) if told.path is not None else told.variable or told.process or ""
    return f"{place}:{told.line}" if told.path is not None and told.line is not None else place
