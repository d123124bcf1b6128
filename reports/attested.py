"""An attestation in words: what it says, what was not looked at, and how far it may be believed."""

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct

from reports.words import count, listed
from scanner.model.attestation import MEANING, Line, Predicate, Since, Statement, ToJudge, Unlooked

MOST = 40  # clauses that are told
STATES = ("fail", "unknown")


class Verifier(Struct, frozen=True):
    """What whoever verifies brought along to compare, and the file as they named it."""

    file: str
    key: bool = False
    nonce: bool = False
    contract: bool = False


def summary(statement: Statement, by: Verifier) -> Iterator[str]:
    """What a verifier should know of an attestation whose signature holds and whose time has come."""
    told = statement.predicate
    yield from _answer(told)
    yield ""
    yield f"Machine: {told.host.name} ({told.host.platform}), account {told.host.account}."
    tool = f"armslength {told.tool.version}, weights {told.tool.weights}"
    yield f"Judged: {told.judged_at:%Y-%m-%d %H:%M} UTC by {tool}; signed {told.signed_at:%Y-%m-%d %H:%M} UTC."
    for subject in statement.subject:
        yield f"Contract: {subject.name}, sha256:{subject.digest.sha256}."
    if not by.contract:
        yield "  It was not compared with a contract of yours: --baseline NAME|FILE compares it."
    yield from remarks(told)
    yield ""
    yield from _trust(told, by)


def remarks(told: Predicate) -> Iterator[str]:
    """What was not looked at, how much there was to judge, and what changed since the attestation before."""
    unlooked = "; ".join(_unlooked(told))
    yield f"Not looked at: {unlooked}." if unlooked else "Everything that is looked at by default was looked at."
    yield _to_judge(told)
    if told.after is not None:
        yield from _since(told.after, told.to_judge)


def _answer(told: Predicate) -> Iterator[str]:
    """Whether the contract is kept, and each clause that is not known to hold."""
    states = Counter(line.state for line in told.clauses)
    failed, unknown = states["fail"], states["unknown"]
    of = count(len(told.clauses), "clause")
    said = f"is broken in {failed} of {of}" if failed else f"is broken in none of {of}"
    open_ = f"; {unknown} could not be decided" if unknown else ""
    yield f"The contract {told.contract.name} {said}{open_}."
    counts = told.counts
    items, steps = count(counts.excess_items, "item"), count(counts.undecided, "thing")
    yield f"Beyond it: {items}, score {counts.excess_score}; {counts.urgent} urgent; {steps} undecided."
    rows = [line for state in STATES for line in told.clauses if line.state == state]
    yield from (_line(each) for each in rows[:MOST])
    if len(rows) > MOST:
        yield f"  and {len(rows) - MOST} more"
    for each in told.waivers:
        until = f" until {each.until}" if each.until is not None else ""
        grown = ", and there is more of it now, which counts" if each.grown else ""
        yield f"  accepted  {each.finding}{until}{grown}"


def _line(line: Line) -> str:
    items = f" ({count(line.items, 'item')})" if line.items else ""
    return f"  {line.state:<8}  {line.id}{items}{f': {line.text}' if line.text else ''}"


def _unlooked(told: Predicate) -> Iterator[str]:
    unlooked = told.unlooked
    if told.host.source != "live":
        yield f"the machine itself, but files of it ({told.host.source})"
    yield from _places(unlooked)
    if unlooked.coverage < 100:
        yield f"{100 - unlooked.coverage} % of what is declared"
    if not unlooked.environment:
        yield "variables"
    if unlooked.depth != "standard":
        yield f"at depth {unlooked.depth}"
    if unlooked.probes:
        yield f"{count(len(unlooked.probes), 'probe')} left out ({listed(unlooked.probes)})"
    if unlooked.outside:
        yield f"{count(unlooked.outside, 'probe')} that did not come with the tool had a say"
    if unlooked.agents:
        yield f"agents but {listed(unlooked.agents)}"
    if unlooked.rules_unknown:
        yield f"some rules of {listed(unlooked.rules_unknown)}"
    if unlooked.providers:
        yield f"{listed(unlooked.providers)} were not asked"


def _places(unlooked: Unlooked) -> Iterator[str]:
    kinds: Counter[str] = Counter()
    for gap in unlooked.gaps:
        kinds[gap.kind] += gap.places
    if kinds:
        said = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
        probes = sorted({gap.probe for gap in unlooked.gaps})
        yield f"{count(kinds.total(), 'place')} ({said}; {listed(probes)})"


def _to_judge(told: Predicate) -> str:
    there = told.to_judge
    found = (
        f"{count(there.credentials, 'credential')}, {count(there.handles, 'handle')}, "
        f"{count(there.servers, 'MCP server')}, {count(there.agents, 'agent')} of which {there.agents_used} "
        f"in use, {count(there.days, 'day')} of their records"
    )
    if not there.little:
        return f"There was to judge: {found}."
    return f"There was little to judge, so this says little: {found}. A re-check is due by {told.recheck}."


def _since(after: Since, now: ToJudge) -> Iterator[str]:
    yield f"Since {after.judged_at:%Y-%m-%d %H:%M} UTC ({after.digest}, signed by {after.keyid}):"
    if not after.same_contract:
        yield "  the contract is another one, so that no clause was compared"
    elif not after.changed:
        yield "  no clause changed"
    for each in after.changed[:MOST]:
        yield f"  {each.id}: {each.was}, now {each.now}"
    if len(after.changed) > MOST:
        yield f"  and {len(after.changed) - MOST} more"
    then = after.to_judge
    pairs = {
        "credential": (then.credentials, now.credentials),
        "handle": (then.handles, now.handles),
        "MCP server": (then.servers, now.servers),
        "agent": (then.agents, now.agents),
        "agent in use": (then.agents_used, now.agents_used),
        "day of records": (then.days, now.days),
    }
    changed = [f"{noun} {was}, now {is_}" for noun, (was, is_) in pairs.items() if was != is_]
    yield f"  to judge: {'; '.join(changed)}" if changed else "  there is as much to judge as then"


def _trust(told: Predicate, by: Verifier) -> Iterator[str]:
    """By whom it was signed, for whom, and until when it holds."""
    if by.key:
        yield f"Signed by {told.key.keyid}, the key that --signer names."
    else:
        yield f"Signed by {told.key.keyid}, a key that is not known here: anyone can make one."
        yield "  Ask whose it is in another way than this file, then name it: --signer " + told.key.keyid
    if by.nonce:
        yield "Its nonce is the one that --nonce gave."
    elif told.nonce:
        yield f"Its nonce, {told.nonce}, was not compared: --nonce N compares it."
    else:
        yield "It has no nonce, so that it may have been made for somebody else."
    yield MEANING
    yield f"It holds until {told.expires:%Y-%m-%d %H:%M} UTC. A re-check is due by {told.recheck}:"
    yield f"  armslength check --attest NEW.json --after {by.file}"
