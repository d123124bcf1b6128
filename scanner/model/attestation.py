"""An attestation as a value: what a check came to, as a statement of in-toto that can be signed.

What is not named here an attestation does not hold: no path, no name of a credential or an asset, no title, no command.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from scanner.model.terms import GapKind, Platform

LONGEST_NAME, LONGEST_TEXT, LONGEST_NONCE = 255, 400, 128

MEANING = (
    "Self-attested: the machine says this of itself. The signature proves which key said it and that nothing was "
    "altered since; whoever rules the machine can have it say anything."
)

State = Literal["pass", "fail", "unknown"]
Change = Literal["pass", "fail", "unknown", "absent"]
Scope = Literal["managed", "user", "repository", "other"]
Source = Literal["live", "image", "sample"]
Depth = Literal["quick", "standard", "deep", "other"]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Name = Annotated[str, Meta(max_length=LONGEST_NAME)]
Text = Annotated[str, Meta(max_length=LONGEST_TEXT)]
Moment = Annotated[datetime, Meta(tz=True)]
Digest = Annotated[str, Meta(pattern=r"\Asha256:[0-9a-f]{64}\Z")]
Hex = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]


class Tool(Struct, frozen=True):
    """What made it, with the versions of its scoring and of its data."""

    version: Name
    weights: Name
    data: dict[Name, Name]


class Account(Struct, frozen=True):
    """Whose reach was judged: the machine, and a digest of the user and the home on it."""

    name: Name
    platform: Platform
    account: Digest
    source: Source


class Layer(Struct, frozen=True):
    """One of several contracts, each of which can only narrow those before it."""

    scope: Scope
    name: Name
    digest: Digest


class By(Struct, frozen=True):
    """The contract that was judged by; `until` is the last day of it."""

    name: Name
    digest: Digest
    until: date | None
    layers: tuple[Layer, ...]


class Line(Struct, frozen=True):
    """One clause: the items that break it, and its text where it stands in a contract that comes with the tool."""

    id: Name
    state: State
    items: Count
    text: Text


class Counts(Struct, frozen=True):
    """What is beyond the contract, what of it is urgent, and what could not be decided."""

    excess_items: Count
    excess_score: Count
    urgent: Count
    undecided: Count


class InForce(Struct, frozen=True):
    """A waiver in force; `grown`: there is more than it accepts, which counts."""

    finding: Name
    until: date | None
    grown: bool


class Unseen(Struct, frozen=True):
    """Places that one probe could not look at."""

    kind: GapKind
    probe: Name
    places: Count


class Unlooked(Struct, frozen=True):
    """How far it was looked, and what not looked at.

    `probes` came with the tool and did not run, `outside` counts those that did and are another's. `environment` says
    whether variables were looked at, `providers` name those who were not asked, `agents` the only ones that were judged
    where that was asked for, and `rules_unknown` those of which not every gate is known.
    """

    depth: Depth
    coverage: Annotated[int, Meta(ge=0, le=100)]
    gaps: tuple[Unseen, ...]
    probes: tuple[Name, ...]
    outside: Count
    environment: bool
    providers: tuple[Name, ...]
    agents: tuple[Name, ...]
    rules_unknown: tuple[Name, ...]


class ToJudge(Struct, frozen=True):
    """How much there was to judge: an empty machine keeps every contract.

    `agents` are installed, `agents_used` have records of their use, which span so many `days`.
    """

    credentials: Count
    handles: Count
    agents: Count
    agents_used: Count
    servers: Count
    days: Count
    little: bool


class Changed(Struct, frozen=True):
    """A clause that came to another state."""

    id: Name
    was: Change
    now: Change


class Since(Struct, frozen=True):
    """The attestation that this one comes after, by the digest of its file, and what changed since.

    By another contract no clause is compared. `to_judge` is what there was to judge then.
    """

    digest: Digest
    judged_at: Moment
    keyid: Name
    same_contract: bool
    changed: tuple[Changed, ...]
    to_judge: ToJudge


class Key(Struct, frozen=True):
    """The public key that it is signed with."""

    keyid: Name
    public: Name


class Predicate(Struct, frozen=True):
    """What a check came to."""

    schema_version: str
    self_attested: bool
    meaning: Text
    tool: Tool
    host: Account
    contract: By
    judged_at: Moment
    signed_at: Moment
    expires: Moment
    recheck: date
    nonce: Annotated[str, Meta(max_length=LONGEST_NONCE)]
    clauses: tuple[Line, ...]
    counts: Counts
    waivers: tuple[InForce, ...]
    unlooked: Unlooked
    to_judge: ToJudge
    after: Since | None
    key: Key


class Hash(Struct, frozen=True):
    """A digest as in-toto writes it."""

    sha256: Hex


class Subject(Struct, frozen=True):
    """What the statement is about: a contract."""

    name: Name
    digest: Hash


class Statement(Struct, frozen=True):
    """A statement of in-toto."""

    kind: str = field(name="_type")
    subject: tuple[Subject, ...]
    predicate_type: str = field(name="predicateType")
    predicate: Predicate

    @property
    def failed(self) -> bool:
        """Whether a clause does not hold."""
        return any(line.state == "fail" for line in self.predicate.clauses)

    @property
    def incomplete(self) -> bool:
        """Whether something failed, or had a limit, before it was looked at."""
        return any(gap.kind is not GapKind.REFUSED for gap in self.predicate.unlooked.gaps)
