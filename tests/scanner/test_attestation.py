"""What an attestation holds of a report and what never, how it comes back, and when it must not be believed."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import fields, replace

from reports.attested import Verifier, remarks, summary
from scanner import attestation
from scanner.attestation import Aside, AttestationError, Earlier, Terms, account, key_in, read, stated, timely, written
from scanner.model.attestation import Key, Line, ToJudge
from scanner.model.report import Clause, ContractLayer, GateCounts, Use, Waiver
from scanner.model.terms import GapKind, Gate
from scanner.signing import from_seed, public_text
from tests.reports import judged, samples
from tests.reports.samples import COMPLETE, EMPTY, NOW

SIGNER = from_seed(bytes(range(32)))
KEY = Key(SIGNER.keyid, public_text(SIGNER.public))
ASIDE = Aside(frozenset({"aws.files", "git.saved-logins"}), frozenset({"aws.files"}), True, ("aws", "github"))
TERMS = Terms(KEY, NOW, nonce="4711")
DIGEST = "sha256:" + "0123456789abcdef" * 4
OTHER = "sha256:" + "f" * 64


def clauses(*rows):
    return tuple(Clause(name, text, state, where=where) for name, text, state, where in rows)


def by(report, **changes):
    return replace(report, contract=replace(report.contract, **changes))


def told(report=COMPLETE, aside=ASIDE, **terms):
    return stated(report, aside, replace(TERMS, **terms)).predicate


STATED = stated(COMPLETE, ASIDE, TERMS)


# --- value-free


def canaried(value, keep, path=""):
    """The value with every text in it another word, but for those of the fields to keep."""
    match value:
        case msgspec.Struct():
            return replace(
                value,
                **{
                    each.name: canaried(getattr(value, each.name), keep, f"{path}.{each.name}")
                    for each in fields(value)
                },
            )
        case tuple():
            return tuple(canaried(each, keep, path) for each in value)
        case dict():
            return {canaried(name, keep, path): canaried(each, keep, path) for name, each in value.items()}
        case str() if type(value) is str and path not in keep:
            return f"CANARY{path}"
        case _:
            return value


ALLOWED = {  # what an attestation may tell as the report has it
    *(".weights_version", ".data_versions", ".tool.version"),
    *(".host.name", ".contract.name", ".contract.layers.name"),
}
CHECKED = {".contract.digest", ".contract.layers.digest"}  # of a form of its own, without which there is none
FULL = replace(
    COMPLETE,
    contract=replace(
        COMPLETE.contract,
        until="2026-12-31",
        layers=(ContractLayer("managed", "laptop", "laptop", DIGEST), ContractLayer("user", "x", "~/x.yaml", OTHER)),
    ),
    waivers=(*COMPLETE.waivers, replace(COMPLETE.waivers[0], state="grown")),
)


@pytest.mark.parametrize("report", [FULL, by(judged.JUDGED, digest=DIGEST)])
def test_no_text_of_a_report_is_attested_but_for_the_names_of_host_and_contracts(report):
    found = {word.strip('"') for word in written(stated(canaried(report, CHECKED), ASIDE, TERMS)).decode().split('"')}
    leaked = {word.removeprefix("CANARY") for word in found if "CANARY" in word}
    assert leaked <= ALLOWED
    assert {".host.name", ".contract.name"} <= leaked


def test_the_canaries_would_be_seen():
    report = canaried(FULL, CHECKED)
    assert "CANARY.credentials.title" in {each.title for each in report.credentials}
    assert report.gaps[0].place.startswith("CANARY")


# What a person wrote in a contract, and the id under which the clause is told.
NAMES = [
    ("never.1", "never.1"),
    ("allow", "allow"),
    ("allow.12", "allow.12"),
    ("never.CANARY", "never.~1"),
    ("never.1234567", "never.~1"),
    ("require.autonomy.production", "require.autonomy.production"),
    ("require.tokens.scoped", "require.tokens.scoped"),
    ("require.recovery.database:CANARY", "require.recovery.~1"),
    ("require.recovery.read", "require.recovery.~1"),
    ("require.guardrails.CANARY", "require.guardrails.~1"),
    ("mcp", "mcp"),
    ("mcp.CANARY", "mcp.~1"),
    ("mcp.12", "mcp.~1"),
    ("repository.files.never", "repository.files.never"),
    ("repository.mcp.CANARY.x", "repository.mcp.~1"),
    ("CANARY", "clause.~1"),
    ("", "clause.~1"),
]


@pytest.mark.parametrize(("name", "shown"), NAMES)
def test_a_clause_is_named_by_our_words_and_by_numbers(name, shown):
    [line] = told(by(COMPLETE, clauses=clauses((name, "CANARY", "pass", "billing.yaml:3")))).clauses
    assert (line.id, line.text) == (shown, "")


def test_clauses_alike_have_numbers_in_the_order_of_the_contract():
    rows = [(f"mcp.{name}", "", "pass", "billing.yaml:3") for name in ("linear", "slack")]
    rows += [("mcp", "", "pass", ""), ("mcp", "", "fail", "")]
    assert [line.id for line in told(by(COMPLETE, clauses=clauses(*rows))).clauses] == [
        "mcp.~1",
        "mcp.~2",
        "mcp",
        "mcp#2",
    ]


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("laptop:61", "never publish"),
        ("laptop", "never publish"),
        ("./laptop:61", ""),
        ("billing.yaml:61", ""),
        ("", ""),
    ],
)
def test_a_line_of_a_contract_that_comes_with_the_tool_has_its_text(where, text):
    [line] = told(by(COMPLETE, clauses=clauses(("never.1", "never publish", "fail", where)))).clauses
    assert line == Line("never.1", "fail", 0, text)


def test_a_waiver_is_told_by_its_finding_and_its_day_and_not_by_whose_it_is():
    rows = [
        Waiver("f-persist00001", "ada", "CANARY", "2026-12-01"),
        Waiver("f-persist00002", "ada", "CANARY", "2026-12-01", "grown"),
        Waiver("CANARY", "ada", "CANARY", "CANARY"),
        *(
            Waiver("f-persist00003", "ada", "", "2026-12-01", state)
            for state in ("expired", "unused", "covers nothing")
        ),
    ]
    found = told(replace(COMPLETE, waivers=tuple(rows))).waivers
    day = date(2026, 12, 1)
    assert [(each.finding, each.until, each.grown) for each in found] == [
        ("f-persist00001", day, False),
        ("f-persist00002", day, True),
        ("other", None, False),
    ]


def test_a_user_and_a_home_are_told_by_a_digest_that_whoever_knows_them_finds_again():
    host = COMPLETE.host
    assert told().host.account == account(host.name, host.user, host.home)
    others = [("x", host.user, host.home), (host.name, "bob", host.home), (host.name, host.user, "/home/bob")]
    assert len({account(*each) for each in others} | {told().host.account}) == 4


# --- what it says


def test_the_subject_is_the_contract_and_each_of_its_layers():
    statement = stated(FULL, ASIDE, TERMS)
    digests = [FULL.contract.digest, DIGEST, OTHER]
    assert [f"sha256:{each.digest.sha256}" for each in statement.subject] == digests
    assert [each.scope for each in statement.predicate.contract.layers] == ["managed", "user"]


def test_counts_are_those_of_the_report():
    counts = told().counts
    figures = COMPLETE.figures
    assert (counts.excess_items, counts.excess_score) == (figures.excess.items, figures.excess.score)
    assert (counts.urgent, counts.undecided) == (figures.findings.urgent, figures.undecided.items)


@pytest.mark.parametrize(("days", "end"), [(1, "2026-11-22"), (30, "2026-12-21")])
def test_it_ends_so_many_days_after_the_look_and_a_re_check_is_due_by_then(days, end):
    predicate = told(days=days)
    assert predicate.expires.date() == predicate.recheck == date.fromisoformat(end)


def test_what_was_not_looked_at_is_told_by_kind_and_probe_and_number():
    gap = COMPLETE.gaps[0]
    gaps = [replace(gap, kind=GapKind.REFUSED, probe="aws.files", place=each) for each in ("~/a", "~/b")]
    gaps += [replace(gap, kind=GapKind.LIMIT, probe="walk"), replace(gap, kind=GapKind.FAILED, probe="CANARY")]
    scan = replace(COMPLETE.scan, asked=("github",), probes=(replace(COMPLETE.scan.probes[0], id="acme.vault"),))
    report = replace(COMPLETE, gaps=tuple(gaps), scan=scan, host=replace(COMPLETE.host, depth="quick", source="image"))
    predicate = told(report, replace(ASIDE, environment=False, agents=frozenset({"codex"})))
    unlooked = predicate.unlooked
    assert {(each.kind, each.probe, each.places) for each in unlooked.gaps} == {
        ("refused", "aws.files", 2),
        ("limit", "walk", 1),
        ("failed", "outside", 1),
    }
    assert (unlooked.depth, unlooked.environment, unlooked.probes) == ("quick", False, ("git.saved-logins",))
    assert (unlooked.providers, unlooked.agents, unlooked.outside) == (("aws",), ("codex",), 1)
    assert predicate.host.source == "image"
    words = " ".join(remarks(predicate))
    assert "files of it (image)" in words
    assert "4 places (1 failed, 1 limit, 2 refused; aws.files, outside and walk)" in words
    assert "variables; at depth quick; 1 probe left out (git.saved-logins)" in words
    assert "agents but codex" in words
    assert "aws were not asked" in words


def test_an_agent_of_which_a_gate_is_not_known_is_named_by_its_id_and_without_its_folder():
    report = COMPLETE
    principals = tuple(
        replace(report.principals[0], id=f"{agent}@~/CANARY", agent=agent) for agent in ("cursor", "codex", "CANARY")
    )
    principals += (replace(principals[0], id="goose", agent="goose", notional=True),)
    gates = {each.id: GateCounts(unknown=int(each.agent != "codex")) for each in principals}
    report = replace(report, principals=principals, agents=(), figures=replace(report.figures, gates=gates))
    assert told(report).unlooked.rules_unknown == ("cursor", "other")


def use(agent, day, what="command"):
    moment = NOW - timedelta(days=day)
    return Use("git push", what, 3, moment, samples.AWS_KEY.locations[0], agent, first=moment)


def test_a_machine_with_little_to_judge_says_so_and_names_the_day_of_the_re_check():
    report = replace(EMPTY, contract=COMPLETE.contract, figures=COMPLETE.figures)
    predicate = told(report)
    assert predicate.to_judge == ToJudge(0, 0, 0, 0, 0, 0, little=True)
    [line] = [each for each in remarks(predicate) if "little" in each]
    assert line.endswith("A re-check is due by 2026-12-21.")


def test_a_machine_in_use_has_enough_to_judge():
    agent = replace(COMPLETE.principals[0], id="codex", agent="codex")
    three = (samples.AWS_KEY, samples.GITHUB, samples.SSH)
    handle = replace(samples.SSH, kind="handle.ssh-agent")
    uses = (use("codex", 10), use("codex", 3), use("codex", 90, "records"), use("", 90))
    report = replace(COMPLETE, principals=(agent,), credentials=(*three, handle), uses=uses)
    assert told(report).to_judge == ToJudge(3, 1, 1, 1, len(COMPLETE.servers), 8, little=False)
    for less in (
        replace(report, credentials=(*three[:2], handle)),
        replace(report, principals=(replace(agent, notional=True),)),
        replace(report, uses=uses[:1]),
    ):
        assert told(less).to_judge.little


@pytest.mark.parametrize(
    "report",
    [
        replace(COMPLETE, contract=None),
        replace(COMPLETE, figures=replace(COMPLETE.figures, excess=None)),
        samples.WITHHELD,
        by(COMPLETE, digest="CANARY"),
        by(COMPLETE, digest=COMPLETE.contract.digest + "\n"),
    ],
)
def test_what_was_not_judged_whole_by_a_contract_is_not_attested(report):
    with pytest.raises(AttestationError) as caught:
        told(report)
    assert "CANARY" not in str(caught.value)


# --- since an earlier one

ROWS = clauses(
    ("never.1", "", "fail", "a.yaml:1"),
    ("never.2", "", "pass", "a.yaml:2"),
    ("network", "", "unknown", "a.yaml:3"),
    ("mcp", "", "pass", "a.yaml:4"),
)


def test_a_re_check_names_the_clauses_that_changed_and_what_there_was_to_judge():
    then = stated(by(EMPTY_JUDGED, clauses=ROWS), ASIDE, TERMS)
    rows = (replace(ROWS[0], state="pass"), replace(ROWS[1], state="fail"), ROWS[2], replace(ROWS[3], id="allow"))
    predicate = told(by(COMPLETE, clauses=rows), earlier=Earlier(then, DIGEST))
    after = predicate.after
    assert (after.digest, after.keyid, after.same_contract) == (DIGEST, SIGNER.keyid, True)
    assert [(each.id, each.was, each.now) for each in after.changed] == [
        ("never.1", "fail", "pass"),
        ("never.2", "pass", "fail"),
        ("allow", "absent", "pass"),
        ("mcp", "pass", "absent"),
    ]
    words = list(remarks(predicate))
    assert "  never.1: fail, now pass" in words
    assert any("credential 0, now " in line for line in words)


EMPTY_JUDGED = replace(EMPTY, contract=COMPLETE.contract, figures=COMPLETE.figures)


def test_by_another_contract_no_clause_is_compared():
    then = stated(by(COMPLETE, clauses=ROWS, digest=OTHER), ASIDE, TERMS)
    after = told(earlier=Earlier(then, DIGEST)).after
    assert (after.same_contract, after.changed) == (False, ())


# --- there and back


def test_what_is_written_comes_back_equal():
    for report in (COMPLETE, FULL, EMPTY_JUDGED):
        for terms in (TERMS, replace(TERMS, earlier=Earlier(STATED, DIGEST), days=1, nonce="")):
            statement = stated(report, ASIDE, terms)
            assert read(written(statement)) == statement
            assert key_in(written(statement)) == KEY


@settings(max_examples=60)
@given(st.data())
def test_no_byte_of_a_payload_can_say_something_else_unseen(draw):
    payload = written(STATED)
    at = draw.draw(st.integers(0, len(payload) - 1))
    changed = payload[:at] + draw.draw(st.binary(min_size=1, max_size=2)) + payload[at + 1 :]
    with suppress(AttestationError):
        assert written(read(changed)) == changed


TEXT = "\x1b[31m \u202e é 漢 \ud800"


def test_texts_that_a_screen_would_obey_are_escaped_before_they_are_signed():
    report = by(replace(COMPLETE, host=replace(COMPLETE.host, name=TEXT)), name=TEXT * 90)
    statement = stated(report, ASIDE, TERMS)
    assert read(written(statement)) == statement
    assert statement.predicate.host.name == "\\x1b[31m \\u202e é 漢 \\ud800"
    assert len(statement.predicate.contract.name) == 255


def changed(*path, value):
    """The payload with one value in it another."""
    whole = json.loads(written(STATED))
    place = whole
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(whole, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")


def parsed(payload):
    assert key_in(payload) == read(payload).predicate.key


def test_nothing_changed_is_what_was_written():
    assert changed("_type", value=attestation.STATEMENT) == written(STATED)


P = "predicate"
BROKEN = [
    (b"", "not JSON"),
    (b"CANARY", "not JSON"),
    (b'{"predicate":' * 20_000, "not JSON|no statement"),
    (b"[]", "no statement of in-toto"),
    (b"{}", "no statement of in-toto"),
    (changed("_type", value="CANARY"), "of another kind"),
    (changed("predicateType", value="https://slsa.dev/provenance/v1"), "of another kind"),
    (changed("predicateType", value="urn:armslength:attestation:2"), "a format that is not known here"),
    (changed("predicateType", value="urn:armslength:attestation:01"), "a format that is not known here"),
    (changed(P, "schema_version", value="2"), "its schema"),
    (changed(P, "self_attested", value=False), "its schema"),
    (changed(P, "self_attested", value=1), r"at \$.predicate.self_attested"),
    (changed(P, "key", value=None), "carries no key"),
    (changed(P, "CANARY", value=1), "its schema"),
    (changed(P, "host", "user", value="CANARY"), "its schema"),
    (changed(P, "counts", "excess_items", value=10**30), "counts.excess_items"),
    (changed(P, "counts", "excess_items", value=-1), "counts.excess_items"),
    (changed(P, "counts", "excess_items", value=1.5), "counts.excess_items"),
    (changed(P, "counts", "excess_items", value="1"), "counts.excess_items"),
    (changed(P, "clauses", 0, "state", value="CANARY"), r"at \$.predicate.clauses\[0\].state"),
    (changed(P, "clauses", value={"CANARY": 1}), "at .*clauses"),
    (changed(P, "judged_at", value="2026-11-21T10:00:00"), "judged_at"),
    (changed(P, "judged_at", value="2026-11-21T15:30:00+05:30"), "its schema"),
    (changed(P, "judged_at", value="2026-11-21T10:00:00.000Z"), "its schema"),
    (changed(P, "judged_at", value=0), "judged_at"),
    (changed(P, "recheck", value="2027-01-01"), "its schema"),
    (changed(P, "nonce", value="n" * 129), "nonce"),
    (changed(P, "host", "name", value="n" * 256), "host.name"),
    (changed(P, "host", "name", value="\ud800"), "."),
    (changed(P, "contract", "digest", value=DIGEST + "\n"), "contract.digest"),
    (changed("subject", value=[]), "its schema"),
    (changed("subject", 0, "name", value="another"), "its schema"),
    (changed("subject", 0, "digest", value={"sha256": "f" * 64}), "its schema"),
    (written(STATED) + b"\n", "its schema"),
    (written(STATED).replace(b'"nonce":', b'"nonce":"CANARY","nonce":'), "its schema"),
    (written(STATED).replace(b'"excess_score":', b'"excess_score": '), "its schema"),
]


@pytest.mark.parametrize(("payload", "said"), BROKEN)
def test_what_is_no_statement_of_ours_is_named_without_quoting_it(payload, said):
    with pytest.raises(AttestationError, match=said) as caught:
        parsed(payload)
    assert "CANARY" not in str(caught.value) + caught.value.hint


SHREDS = st.sampled_from(
    (
        *(
            '{"_type":"',
            '","predicateType":"',
            attestation.STATEMENT,
            "urn:armslength:attestation:1",
            '","predicate":{',
        ),
        *("}}", '"key":{"keyid":"', '","public":"', '"', "1e999", "null", "\\ud800"),
    )
)


@example(f'{{"_type":"{attestation.STATEMENT}","predicateType":"urn:armslength:attestation:1","predicate":{{}}}}')
@settings(max_examples=100)
@given(st.lists(SHREDS, max_size=12).map("".join))
def test_no_text_breaks_it(text):
    with pytest.raises(AttestationError):
        parsed(text.encode())


# --- whether it may be believed

LATER = NOW + timedelta(days=30)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (NOW, None),
        (NOW - timedelta(minutes=5), None),
        (NOW - timedelta(minutes=5, seconds=1), "from the future"),
        (LATER - timedelta(seconds=1), None),
        (LATER, "has expired: it held until 2026-12-21 10:00 UTC"),
        (datetime.max.replace(tzinfo=UTC), "has expired"),
        (datetime.min.replace(tzinfo=UTC), "from the future"),
    ],
)
def test_it_holds_from_the_look_until_its_end(now, said):
    if said is None:
        timely(STATED.predicate, now)
        return
    with pytest.raises(AttestationError, match=said):
        timely(STATED.predicate, now)


def test_an_earlier_one_may_have_expired_but_is_never_from_the_future():
    timely(STATED.predicate, LATER, ended=True)
    with pytest.raises(AttestationError, match="future"):
        timely(STATED.predicate, NOW - timedelta(days=1), ended=True)


@pytest.mark.parametrize(
    "changes",
    [
        {"expires": LATER + timedelta(seconds=1)},
        {"expires": NOW},
        {"expires": datetime.max.replace(tzinfo=UTC)},
        {"signed_at": NOW + timedelta(days=1)},
        {"judged_at": datetime.max.replace(tzinfo=UTC)},
    ],
)
def test_one_that_holds_too_long_or_was_signed_later_is_refused(changes):
    with pytest.raises(AttestationError, match=r"longer than 30 days|from the future"):
        timely(replace(STATED.predicate, **changes), NOW)


# --- in words


def words(statement=STATED, **by):
    return "\n".join(summary(statement, Verifier("ada.json", **by)))


def test_the_answer_comes_first_and_the_clauses_that_do_not_hold_after_it():
    report = by(COMPLETE, clauses=(*ROWS, *clauses(("never.3", "never publish", "fail", "laptop:3"))))
    lines = words(stated(report, ASIDE, TERMS)).splitlines()
    assert lines[0] == "The contract laptop is broken in 2 of 5 clauses; 1 could not be decided."
    assert lines[2:5] == ["  fail      never.1", "  fail      never.3: never publish", "  unknown   network"]
    assert words(stated(by(COMPLETE, clauses=ROWS[1:2]), ASIDE, TERMS)).startswith(
        "The contract laptop is broken in none of 1 clause.\n"
    )


def test_a_crowd_of_clauses_is_cut():
    report = by(COMPLETE, clauses=clauses(*((f"never.{each}", "", "fail", "") for each in range(1, 60))))
    assert "\n  and 19 more\n" in words(stated(report, ASIDE, TERMS))


def test_a_verifier_is_told_what_was_not_compared_and_how_to_compare_it():
    alone, whole = words(), words(key=True, nonce=True, contract=True)
    for said in ("a key that is not known here", f"--signer {KEY.keyid}", "--nonce N", "--baseline NAME|FILE"):
        assert said in alone
        assert said not in whole
    assert "It has no nonce" in words(stated(COMPLETE, ASIDE, replace(TERMS, nonce="")))


@pytest.mark.parametrize("by", [{}, {"key": True, "nonce": True, "contract": True}])
def test_it_always_says_that_it_is_self_attested_until_when_it_holds_and_how_it_is_made_anew(by):
    text = words(**by)
    assert "Self-attested: the machine says this of itself." in text
    assert "It holds until 2026-12-21 10:00 UTC. A re-check is due by 2026-12-21:" in text
    assert "armslength check --attest NEW.json --after ada.json" in text


def test_what_the_gates_of_agents_are_is_asked_of_their_channels_too():
    agent = replace(COMPLETE.principals[0], id="codex", agent="codex")
    seen = replace(judged.JUDGED.agents[0], id="codex", channels={"execute": Gate.UNKNOWN})
    assert told(replace(COMPLETE, principals=(agent,), agents=(seen,))).unlooked.rules_unknown == ("codex",)
