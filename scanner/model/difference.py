"""The difference of two reports: what came, went, rose, fell or was replaced, each change under its one cause."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field
from msgspec.structs import astuple

from scanner.model.report import FixInfo, ToolInfo
from scanner.model.terms import Capability, Confidence, Environment, Gate, Severity

SCHEMA_VERSION = "1"
DOCUMENT = "difference"  # what tells it from a report


class Move(StrEnum):
    """What became of a thing; `unseen` is what nobody looked for this time, `seen` what nobody looked for before."""

    CAME = "came"
    WENT = "went"
    ROSE = "rose"
    FELL = "fell"
    ROTATED = "rotated"
    CHANGED = "changed"
    UNSEEN = "unseen"
    SEEN = "seen"


class Subject(StrEnum):
    """What kind of thing a change is about."""

    CREDENTIAL = "credential"
    AGENT = "agent"
    SERVER = "server"
    SETTING = "setting"
    ITEM = "item"  # a finding of the contract
    WEAKNESS = "weakness"
    VERDICT = "verdict"
    CLAUSE = "clause"
    WAIVER = "waiver"
    GUARDRAIL = "guardrail"
    ASSET = "asset"
    GAP = "gap"
    CONTRACT = "contract"
    VERSION = "version"


class Origin(StrEnum):
    """What brought changes about. A change that could stand under several stands under the first that fits."""

    LOOK = "look"  # other options of the look: nobody looked there
    PLACE = "place"  # a place that could be read at one time only
    SERVER = "server"
    CREDENTIAL = "credential"
    LOGIN = "login"  # it ended, or was renewed
    AGENT = "agent"
    SETTING = "setting"
    ASSET = "asset"  # what it is for is known otherwise
    RIGHTS = "rights"  # an identity may do more, or less
    WEAKNESS = "weakness"
    GUARDRAIL = "guardrail"
    WAIVER = "waiver"
    CONTRACT = "contract"
    VERSION = "version"  # another version of the tool, its weights or its data
    OTHERWISE = "otherwise"


class Side(Struct, frozen=True):
    """One of the two reports: whose it is, of when, and by what it was judged."""

    scan: str
    judged_at: datetime
    host: str
    user: str
    home: str
    workspace: str | None
    depth: str
    versions: dict[str, str]
    contract: str | None
    digest: str | None


class Figure(Struct, frozen=True, omit_defaults=True):
    """A number before and after; null where one of the reports does not have it. `principal`: only for that one."""

    name: str
    before: int | None
    after: int | None
    principal: str = ""


class Tally(Struct, frozen=True, omit_defaults=True):
    """How many ways moved how, an exposure counted once; and how many items of the contract came and went.

    Of those that came or rose, `production` lead there, and on `unasked` an agent asks nobody where it did. Of those
    that went or fell, `production_left` led there.
    """

    came: int = 0
    went: int = 0
    rose: int = 0
    fell: int = 0
    unseen: int = 0
    seen: int = 0
    production: int = 0
    production_left: int = 0
    unasked: int = 0
    items_came: int = 0
    items_went: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(one + another for one, another in zip(astuple(self), astuple(other), strict=True)))

    @property
    def ways(self) -> int:
        """How many ways moved at all, or were not looked at."""
        return self.came + self.went + self.rose + self.fell + self.unseen + self.seen


class State(Struct, frozen=True):
    """An exposure at one time, by the way of the principal that gets there most easily: an agent where one does.

    `rule` is what decides its gate.
    """

    gate: Gate
    environment: Environment
    confidence: Confidence
    rule: str = ""


class Apart(Struct, frozen=True):
    """Principals whose ways moved by the same cause, past other gates; null where there was no way, or is none."""

    principals: tuple[str, ...]
    before: Gate | None
    after: Gate | None


class WayChange(Struct, frozen=True, omit_defaults=True):
    """One exposure that moved by one cause, and the principals whose ways did. Null is where it was not, or is not.

    `exposure` and `credential` are ids of the newer report that has them. `before` and `after` are those of the
    agents that are not `apart`. `beyond`: it breaks the contract now.
    """

    move: Move
    exposure: str
    class_: Capability = field(name="class")
    asset: str
    credential: str
    severity: Severity
    environment: Environment
    principals: tuple[str, ...]
    before: State | None = None
    after: State | None = None
    beyond: bool = False
    apart: tuple[Apart, ...] = ()


class Change(Struct, frozen=True, omit_defaults=True):
    """Anything else that changed. `id` is what `armslength explain` takes, or its name; `where` its place."""

    subject: Subject
    move: Move
    id: str
    title: str
    before: str = ""
    after: str = ""
    where: str = ""
    why: str = ""


class Cause(Struct, frozen=True, omit_defaults=True):
    """What brought changes about, in a sentence, and all of them. `worst` is the exposure that it is worst for.

    `explain` are ids to ask about, `mend` what takes back what came or rose.
    """

    origin: Origin
    subject: str
    title: str
    tally: Tally = Tally()
    worst: str | None = None
    explain: tuple[str, ...] = ()
    mend: FixInfo | None = None
    changes: tuple[Change, ...] = ()
    ways: tuple[WayChange, ...] = ()


class Increase(Struct, frozen=True):
    """One reason why `--fail-on-increase` fails: of what, and in words."""

    what: str
    told: str


class Difference(Struct, frozen=True):
    """The whole document, format version 1. The causes are worst first; `tally` is the sum over them.

    `notes` say what could not be compared, `withheld` why only figures were, `same` whether both are of one home.
    `names` are the titles of the principals that are named.
    """

    schema_version: str
    document: str
    tool: ToolInfo
    before: Side
    after: Side
    same: bool
    names: dict[str, str]
    withheld: str | None
    notes: tuple[str, ...]
    figures: tuple[Figure, ...]
    tally: Tally
    increases: tuple[Increase, ...]
    causes: tuple[Cause, ...]
