"""What a check came to, as a statement that can be signed: counts and states, and nothing that says where anything is.

The statement is one of in-toto about the contract. It holds no path, no name of a credential, an asset or a finding's
title, no command and no account; of a line that a person wrote its place in the contract, not its text.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta

from msgspec import DecodeError, Struct, ValidationError, field, json

from scanner.checklist import emptiness
from scanner.data.agents import agents as marked
from scanner.data.clauses import agents_with_rules
from scanner.data.contracts import names as shipped
from scanner.errors import ScannerError
from scanner.model.attestation import (
    LONGEST_NAME,
    LONGEST_TEXT,
    MEANING,
    Account,
    By,
    Change,
    Changed,
    Counts,
    Depth,
    Hash,
    InForce,
    Key,
    Layer,
    Line,
    Predicate,
    Scope,
    Since,
    Source,
    State,
    Statement,
    Subject,
    ToJudge,
    Tool,
    Unlooked,
    Unseen,
)
from scanner.model.report import Clause, ContractInfo, Report
from scanner.model.terms import Environment, Gate, UseKind
from scanner.patterns import Pattern
from scanner.text import printable

STATEMENT = "https://in-toto.io/Statement/v1"
PAYLOAD = "application/vnd.in-toto+json"  # the type of the payload in its envelope
PREDICATE = "urn:armslength:attestation:"
VERSION = "1"
LONGEST = 30  # days
SKEW = timedelta(minutes=5)  # by which the clocks of two machines may differ

FAULT = Pattern(r" - at `(\$[\w.\[\]]*)`\Z")  # the rest of msgspec's message may quote what was read
DIGEST = Pattern("sha256:[0-9a-f]{64}")
FINDING = Pattern("f-[a-z0-9]{8,20}")
# The words that clauses' ids are made of; others are names that a person wrote.
WORDS = frozenset(
    (
        *(
            "managed",
            "user",
            "repository",
            "allow",
            "never",
            "environment",
            "files",
            "read",
            "write",
            "ask",
            "commands",
        ),
        *("network", "mcp", "ticket", "stop_if", "require", "autonomy", "default", "isolated", "defaults", "recovery"),
        *("sandbox", "lifetime", "protection", "in_workspace", "guardrails", "private_keys", "servers", "pinned"),
        *("secrets", "floating_approval", "tokens", "scoped", *Environment),
    )
)
DIGITS = 7
NUMBERED = frozenset({"allow", "never"})
BY_A_PERSON = frozenset({"mcp", "recovery", "guardrails"})  # after these stands a name, whatever it is
OURS = frozenset({"walk", "judgement", "mask", "live"})  # what tells of gaps and is no probe


class AttestationError(ScannerError):
    """A statement that is none, or that must not be believed."""


class Aside(Struct, frozen=True):
    """What a report does not tell of its look: what could have been looked at, and what the options left out.

    `probes` are the ids of all that come with the tool, `ran` of those that ran. `providers` can be asked.
    """

    probes: frozenset[str]
    ran: frozenset[str]
    environment: bool
    providers: tuple[str, ...] = ()
    agents: frozenset[str] = frozenset()


class Earlier(Struct, frozen=True):
    """An attestation that the new one comes after, and the digest of its file."""

    statement: Statement
    digest: str


class Terms(Struct, frozen=True):
    """What whoever attests says of it: for how many days, to whose nonce, with which key, when, and after which."""

    key: Key
    signed_at: datetime
    days: int = LONGEST
    nonce: str = ""
    earlier: Earlier | None = None


# --- from a report


def stated(report: Report, aside: Aside, terms: Terms) -> Statement:
    """The statement about a finished check. Raises AttestationError where it was judged by no contract."""
    contract, excess = report.contract, report.figures.excess
    if report.host.withheld is not None or contract is None or excess is None:
        raise AttestationError("there is nothing to attest: the report has no judgement with its details")
    by, clauses = _by(contract), tuple(_lines(contract.clauses))
    judged_at = _whole(report.host.judged_at)
    expires = judged_at + timedelta(days=terms.days)
    to_judge = _to_judge(report)
    predicate = Predicate(
        schema_version=VERSION,
        self_attested=True,
        meaning=MEANING,
        tool=Tool(_name(report.tool.version), _name(report.weights_version), _data(report.data_versions)),
        host=_where(report),
        contract=by,
        judged_at=judged_at,
        signed_at=_whole(terms.signed_at),
        expires=expires,
        recheck=expires.date(),
        nonce=terms.nonce,
        clauses=clauses,
        counts=Counts(excess.items, excess.score, report.figures.findings.urgent, report.figures.undecided.items),
        waivers=tuple(_waivers(report)),
        unlooked=_unlooked(report, aside),
        to_judge=to_judge,
        after=_since(terms.earlier, by, clauses) if terms.earlier is not None else None,
        key=terms.key,
    )
    return Statement(STATEMENT, tuple(_subjects(by)), PREDICATE + VERSION, predicate)


def account(machine: str, user: str, home: str) -> str:
    """The digest that stands for a user and the home on a machine: who knows the names can find it again."""
    told = "\0".join(("armslength account", printable(machine), printable(user), printable(home)))
    return f"sha256:{hashlib.sha256(told.encode()).hexdigest()}"


def _where(report: Report) -> Account:
    host = report.host
    source: Source = "live" if host.source == "live" else "sample" if host.source == "sample" else "image"
    return Account(_name(host.name), host.platform, account(host.name, host.user, host.home), source)


def _by(contract: ContractInfo) -> By:
    return By(
        _name(contract.name),
        _digest(contract.digest),
        _day(contract.until),
        tuple(Layer(_scope(each.scope), _name(each.name), _digest(each.digest)) for each in contract.layers),
    )


def _scope(text: str) -> Scope:
    match text:
        case "managed" | "user" | "repository":
            return text
        case _:
            return "other"


def _digest(text: str) -> str:
    if DIGEST.fullmatch(text) is None:
        raise AttestationError("the contract has no digest, so that nobody could tell which it was")
    return text


def _subjects(by: By) -> Iterator[Subject]:
    """The contract and each of its layers, by their digests."""
    seen = {by.digest: by.name, **{each.digest: each.name for each in by.layers}}
    yield from (Subject(name, Hash(digest.removeprefix("sha256:"))) for digest, name in seen.items())


def _lines(clauses: Iterable[Clause]) -> Iterator[Line]:
    """The clauses, each by an id that no other has; the text of one that a person wrote is not told."""
    used: Counter[str] = Counter()
    known = frozenset(shipped())
    for each in clauses:
        ours = each.where.partition(":")[0] in known
        name = _name(each.id) if ours else _told(each.id, used)
        used[name] += 1
        state: State = "pass" if each.state == "pass" else "fail" if each.state == "fail" else "unknown"
        yield Line(
            name if used[name] == 1 else f"{name}#{used[name]}",
            state,
            len(each.findings),
            printable(each.text)[:LONGEST_TEXT] if ours else "",
        )


def _told(clause: str, used: Counter[str]) -> str:
    """The id of a clause without a name that a person wrote: its number among those alike stands for it, `mcp.~2`."""
    known: list[str] = []
    for word in clause.split("."):
        above = known[-1] if known else ""
        number = above in NUMBERED and word.isascii() and word.isdecimal() and len(word) < DIGITS
        if above in BY_A_PERSON or not (number or word in WORDS):
            break
        known.append(word)
    whole = ".".join(known)
    return whole if known and whole == clause else _next(f"{whole or 'clause'}.~", used)


def _next(start: str, used: Counter[str]) -> str:
    used[start] += 1
    return f"{start}{used[start]}"


def _waivers(report: Report) -> Iterator[InForce]:
    for each in report.waivers:
        if each.state in {"in force", "grown"}:
            finding = each.finding if FINDING.fullmatch(each.finding) is not None else "other"
            yield InForce(finding, _day(each.until), each.state == "grown")


def _unlooked(report: Report, aside: Aside) -> Unlooked:
    known = aside.probes | OURS
    places = Counter((gap.kind, gap.probe if gap.probe in known else "outside") for gap in report.gaps)
    return Unlooked(
        depth=_depth(report.host.depth),
        coverage=min(max(report.coverage.percent, 0), 100),
        gaps=tuple(Unseen(kind, probe, number) for (kind, probe), number in sorted(places.items())),
        probes=tuple(sorted(aside.probes - aside.ran)),
        outside=len({each.id for each in report.scan.probes} - known),
        environment=aside.environment,
        providers=tuple(each for each in aside.providers if each not in report.scan.asked),
        agents=tuple(sorted(aside.agents)),
        rules_unknown=tuple(_of_unknown_rules(report)),
    )


def _depth(text: str) -> Depth:
    match text:
        case "quick" | "standard" | "deep":
            return text
        case _:
            return "other"


def _of_unknown_rules(report: Report) -> Iterator[str]:
    """The agents that are here, and of which not every gate is known."""
    ids = {each.id for each in report.agents if Gate.UNKNOWN in each.channels.values()}
    ids |= {name for name, counts in report.figures.gates.items() if counts.unknown}
    known = {each.id for each in marked()} | set(agents_with_rules())
    found = {each.agent for each in report.principals if each.id in ids and each.agent and not each.notional}
    found |= set(report.contract.unread) if report.contract is not None else set()
    yield from sorted({each if each in known else "other" for each in found})


def _to_judge(report: Report) -> ToJudge:
    basis = emptiness(report)
    used = {each.agent for each in report.uses if each.agent and each.what != UseKind.RECORDS}
    return ToJudge(
        credentials=basis.credentials,
        handles=len(report.credentials) - basis.credentials,
        agents=basis.agents,
        agents_used=len(used),
        servers=len(report.servers),
        days=basis.days,
        little=basis.little,
    )


def _name(text: str) -> str:
    return printable(text)[:LONGEST_NAME]


def _data(versions: Mapping[str, str]) -> dict[str, str]:
    return {_name(name): _name(version) for name, version in sorted(versions.items())}


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError:
        return None


def _whole(moment: datetime) -> datetime:
    """The moment in UTC, without parts of a second."""
    return moment.astimezone(UTC).replace(microsecond=0)


# --- since an earlier one


def _since(earlier: Earlier, by: By, clauses: Iterable[Line]) -> Since:
    then = earlier.statement.predicate
    same = then.contract.digest == by.digest
    return Since(
        digest=earlier.digest,
        judged_at=then.judged_at,
        keyid=then.key.keyid,
        same_contract=same,
        changed=tuple(_changes(then.clauses, clauses)) if same else (),
        to_judge=then.to_judge,
    )


def _changes(then: Iterable[Line], now: Iterable[Line]) -> Iterator[Changed]:
    was: dict[str, Change] = {line.id: line.state for line in then}
    current: dict[str, Change] = {line.id: line.state for line in now}
    for name in dict.fromkeys((*current, *was)):
        before: Change = was.get(name, "absent")
        after: Change = current.get(name, "absent")
        if before != after:
            yield Changed(name, before, after)


# --- there and back


def written(statement: Statement) -> bytes:
    """The statement as the bytes that are signed: the same for equal ones."""
    return json.encode(statement)


class _Head(Struct, frozen=True):
    """What tells one of ours from other statements."""

    kind: str = field(name="_type")
    predicate_type: str = field(name="predicateType")


class _Carrying(Struct, frozen=True):
    key: Key


class _Keyed(Struct, frozen=True):
    predicate: _Carrying


def key_in(payload: bytes) -> Key:
    """The key that a payload carries, to be tried before anything else of it is believed. Raises AttestationError."""
    try:
        head = json.decode(payload, type=_Head)
    except ValidationError:
        raise AttestationError("this is no attestation: what was signed is no statement of in-toto") from None
    except (DecodeError, UnicodeDecodeError, RecursionError):
        raise AttestationError("this is no attestation: what was signed is not JSON") from None
    version = head.predicate_type.removeprefix(PREDICATE)
    if head.kind != STATEMENT or version == head.predicate_type:
        raise AttestationError("this is no attestation of armslength: what was signed is a statement of another kind")
    if version != VERSION:
        raise AttestationError(
            f"this attestation is of a format that is not known here, which is {VERSION}",
            "read it with a newer armslength",
        )
    try:
        return json.decode(payload, type=_Keyed).predicate.key
    except (DecodeError, UnicodeDecodeError, RecursionError):
        raise AttestationError("this attestation carries no key") from None


def read(payload: bytes) -> Statement:
    """The statement that a payload holds. Raises AttestationError where it is not as one of ours is written."""
    try:
        statement = json.decode(payload, type=Statement)
    except ValidationError as error:
        found = FAULT.search(str(error))
        raise _broken(f" at {found[1]}" if found is not None else "") from None
    except (DecodeError, UnicodeDecodeError, RecursionError):
        raise _broken() from None
    predicate = statement.predicate
    whole = (
        (statement.kind, statement.predicate_type) == (STATEMENT, PREDICATE + VERSION)
        and (predicate.schema_version, predicate.self_attested) == (VERSION, True)
        and statement.subject == tuple(_subjects(predicate.contract))
        and predicate.recheck <= predicate.expires.date()
        and all(moment.utcoffset() == timedelta(0) for moment in _moments(predicate))
    )
    if not whole or written(statement) != payload:
        raise _broken()
    return statement


def _moments(predicate: Predicate) -> tuple[datetime, ...]:
    after = (predicate.after.judged_at,) if predicate.after is not None else ()
    return (predicate.judged_at, predicate.signed_at, predicate.expires, *after)


def _broken(where: str = "") -> AttestationError:
    return AttestationError(f"this attestation does not keep to its schema{where}")


# --- whether it may be believed


def timely(predicate: Predicate, now: datetime, *, ended: bool = False) -> None:
    """Raises AttestationError for what is from the future, too long, or expired and may not have `ended`."""
    if max(predicate.judged_at, predicate.signed_at) - now > SKEW:
        raise AttestationError(
            "this attestation is from the future", "one of the two clocks is wrong, or whoever wrote it says so"
        )
    if not timedelta(0) < predicate.expires - predicate.judged_at <= timedelta(days=LONGEST):
        raise AttestationError(f"this attestation is to hold longer than {LONGEST} days, or not at all")
    if now >= predicate.expires and not ended:
        raise AttestationError(
            f"this attestation has expired: it held until {predicate.expires:%Y-%m-%d %H:%M} UTC",
            "a re-check makes a new one: armslength check --attest NEW.json --after OLD.json",
        )
