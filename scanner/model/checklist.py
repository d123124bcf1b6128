"""The checklist document: a contract clause by clause, what to do about each in which order, and how much was seen."""

from datetime import date, datetime

from msgspec import Struct

from scanner.model.report import ContractLayer, Excess, GapInfo, Location, ToolInfo, Waiver, WhatIf
from scanner.model.terms import Platform, Severity

CHECKLIST = "checklist"  # what tells the document from a report
CHECKLIST_VERSION = "1"


class CheckedHost(Struct, frozen=True, omit_defaults=True):
    """The machine and the home that were judged; `source` is `live`, `image` or `sample`.

    `withheld` says why there are counts only, where that is so.
    """

    name: str
    platform: Platform
    user: str
    workspace: str | None
    source: str
    withheld: str | None = None


class CheckedContract(Struct, frozen=True, omit_defaults=True):
    """The contract; `layers` are there where several were held together."""

    name: str
    digest: str
    source: str
    until: str | None = None
    layers: tuple[ContractLayer, ...] = ()


class CheckedAgent(Struct, frozen=True, omit_defaults=True):
    """An agent that the contract was held against; one that is `notional` is judged as if it were installed."""

    id: str
    title: str
    notional: bool = False


class Counts(Struct, frozen=True):
    """How many clauses are in which state."""

    passed: int = 0
    failed: int = 0
    unknown: int = 0


class CheckedFigures(Struct, frozen=True):
    """What goes beyond the contract, null where none was judged, and how many of its items are urgent."""

    excess: Excess | None
    urgent: int


class Basis(Struct, frozen=True):
    """How much there was to judge: a new machine keeps every contract.

    `agents` counts those that are installed, `days` what their own records span, 0 where there are none. `little` says
    that a check tells little; `again` is the day to check again.
    """

    credentials: int
    agents: int
    days: int
    little: bool
    again: date


class Mend(Struct, frozen=True, omit_defaults=True):
    """The one thing to do: a setting or an act in words, the command that does it, and more commands behind it."""

    summary: str
    command: str = ""
    more: tuple[str, ...] = ()


class Step(Struct, frozen=True, omit_defaults=True):
    """One thing to do, told once, in its turn.

    `kind` is `mend` for what breaks a clause, `decide` for what tells whether one is broken, `confirm` for what only a
    person can say. `clauses` are those that it is about, `settles` those of them that wait for nothing after it.
    `items` are what it mends, `effort` and `breaks` what it takes and what was seen to need it, `after` what is left
    beyond the contract with it and all steps before it, where that was reckoned. `title` is what it is about, where
    that is none of the items.
    """

    number: int
    kind: str
    mend: Mend
    clauses: tuple[str, ...]
    settles: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    effort: str = ""
    breaks: str = ""
    after: Excess | None = None
    title: str = ""


class CheckedItem(Struct, frozen=True, omit_defaults=True):
    """One thing that breaks a clause: where to see it, how an agent gets to it, and the step that mends it."""

    id: str
    title: str
    severity: Severity
    place: Location
    step: int
    urgent: bool = False
    way: str = ""


class CheckedClause(Struct, frozen=True, omit_defaults=True):
    """One clause: `state` is `pass`, `fail` or `unknown`, `where` its file and line, `why` what was found.

    `mend` is that of the first of the `steps` that it waits for; it holds, or is decided, once all of them are done.
    """

    id: str
    text: str
    state: str
    where: str = ""
    why: str = ""
    items: tuple[CheckedItem, ...] = ()
    mend: Mend | None = None
    steps: tuple[int, ...] = ()


class NotLookedAt(Struct, frozen=True):
    """Where nobody looked, and how much of what should be read was: what lies there may break the contract."""

    places: tuple[GapInfo, ...]
    coverage: int


class CheckedWaiver(Waiver, frozen=True, omit_defaults=True):
    """A waiver with the title of its finding, empty where that is not there any more."""

    title: str = ""


class Checklist(Struct, frozen=True):
    """The whole document, format version 1; clauses and steps stand in the order in which to take them.

    `result` is `fail` where a clause fails, else `incomplete` where something could not be looked at, else `unknown`
    where a clause could not be decided, else `pass`. `next` is the first step. With `what_if` it is only
    supposed.
    """

    schema_version: str
    document: str
    tool: ToolInfo
    host: CheckedHost
    judged_at: datetime
    result: str
    contract: CheckedContract | None
    agents: tuple[CheckedAgent, ...]
    counts: Counts
    figures: CheckedFigures
    basis: Basis
    next: Step | None
    steps: tuple[Step, ...]
    clauses: tuple[CheckedClause, ...]
    not_looked_at: NotLookedAt
    waivers: tuple[CheckedWaiver, ...]
    unused_allowance: tuple[str, ...]
    what_if: WhatIf | None = None
