"""Contracts that narrow one another: a later one never widens what an earlier one lets agents reach."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from scanner.answers import contract as told
from scanner.answers import waivers
from scanner.cli.contracts import chosen
from scanner.contract.documents import Document
from scanner.contract.reading import read
from scanner.judgement import judge_all
from scanner.model.contract import Contract, Scope, Where
from tests.contracts import ASK, HOME, LABELS, MACHINE, RUN, agent, contract, grant, key, shell
from tests.scanner.test_judgement_laws import ACCESS, CLAUSES, POLICIES, SEEN
from tests.scanner.test_judgement_laws import judged as judged_by_law

DAY = date(2026, 11, 21)
LAPTOP = chosen(None, DAY)
LOOSE = agent(shell(RUN))
PROD, STAGING = key("P"), key("S", grant(where="staging"), at=HOME / ".staging")
ALL = "allow: [{environment: [production, staging]}]"


def layer(text, scope=Scope.REPOSITORY, **more):
    return structs.replace(contract(text), scope=scope, **more)


def judged(contracts, *observations, machine=MACHINE):
    return judge_all(observations, machine, LABELS, tuple(contracts)).judgement


def beyond(found):
    return {item.credential.public_id for item in found.items if item.credential is not None and item.waived is None}


def test_what_either_contract_does_not_allow_is_beyond_both():
    for first, later in ((ALL, "allow: [{environment: staging}]"), ("allow: [{environment: staging}]", ALL)):
        assert beyond(judged([contract(first), layer(later)], LOOSE, PROD, STAGING)) == {"P"}


def test_a_later_contract_without_allowances_is_about_its_other_clauses_alone():
    found = judged(
        [contract(ALL), layer("never: [{capability: DATA_DESTROY, environment: staging}]")], LOOSE, PROD, STAGING
    )
    assert beyond(found) == {"S"}
    assert [each.id for each in found.held if each.broken] == ["repository.never.1"]


def test_a_clause_that_two_contracts_take_from_one_place_is_told_once():
    later = structs.replace(LAPTOP, scope=Scope.REPOSITORY, name="own")
    one, other = judged([LAPTOP], LOOSE, PROD), judged([LAPTOP, later], LOOSE, PROD)
    assert [each.id for each in other.held] == [each.id for each in one.held]
    assert [structs.replace(item, broken=()) for item in other.items] == [
        structs.replace(item, broken=()) for item in one.items
    ]


def shared(text, name, number=1, **more):
    """A contract that extends one of this text, which others may extend too, and before it one of so many bans."""
    first = "version: 1\nname: first\nnever:\n" + "  - {capability: COMMS}\n" * number
    documents = {"first": first, "shared": f"version: 1\nname: shared\n{text}\n"}
    own = f"version: 1\nname: {name}\nextends: [first, shared]\n{more.pop('own', '')}\n"
    found = read(Document(f"{name}.yaml", own.encode()), lambda each, _: Document(each, documents[each].encode()), DAY)
    return structs.replace(found, **more)


CODEX = agent(shell(RUN), id="codex", title="Codex")


def test_what_breaks_one_clause_of_several_contracts_is_what_breaks_any_of_them():
    """What the second contract judges more than the first is not lost, and counts for its own waivers alone."""
    text = "environment: [PATH]"
    mine = shared(text, "mine", own="for: {agents: [claude-code]}")
    theirs = shared(text, "theirs", scope=Scope.REPOSITORY)
    for contracts in ((mine, theirs), (theirs, mine)):
        [item] = judged(contracts, LOOSE, CODEX).items
        assert {part for each in item.broken for part in each.parts} >= {
            "environment by claude-code",
            "environment by codex",
        }


def test_a_scoped_waiver_is_held_against_its_own_line_wherever_that_stands_in_other_contracts():
    text = "never:\n  - {capability: DATA_DESTROY, below: prompt}"
    mine = shared(text, "mine", 3, scope=Scope.MANAGED, own="for: {agents: [claude-code]}")
    name = judged([mine], LOOSE, PROD).items[0].id
    row = waiver(name, "covers: [{asset: '*:*'}], agents: [codex]")
    theirs = shared(text, "theirs", own=f"for: {{agents: [codex]}}\n{row}")
    assert judged([mine, theirs], LOOSE, CODEX, PROD).excess.items == 1


def test_a_waiver_of_one_contract_lifts_nothing_of_another_that_says_the_same():
    text = "never: [{capability: DATA_DESTROY}]"
    [item] = judged([shared(text, "mine")], LOOSE, PROD).items
    waived, bare = shared(text, "mine", own=waiver(item.id)), shared(text, "theirs")
    for contracts in ((waived, bare), (bare, waived)):
        found = judged(contracts, LOOSE, PROD)
        assert (found.excess.items, [each.state for each in waivers(found)]) == (1, ["in force"])
        assert [each.grew for each in found.items] == [None]
    assert judged([waived, shared(text, "theirs", own=waiver(item.id))], LOOSE, PROD).excess.items == 0


def test_clauses_of_two_repositories_have_names_of_their_own():
    outer, inner = (
        layer("never: [{capability: DATA_DESTROY}]"),
        layer("never: [{capability: COMMS}]", source="inner.yaml"),
    )
    outer = structs.replace(
        outer, never=tuple(structs.replace(each, where=Where("outer.yaml", 3)) for each in outer.never)
    )
    info = told(judged([contract(ALL), outer, inner], LOOSE, PROD))
    states = {each.id: each.state for each in info.clauses}
    assert (states["repository.never.1"], states["repository.never.1#2"]) == ("fail", "pass")


def test_a_repository_s_contract_is_for_who_works_in_it():
    here, there = agent(shell(RUN), folder="~/src/app"), agent(shell(RUN), folder="~/src/other")
    never = layer("require: {sandbox: true}", folder="~/src/app")
    [item] = judged([contract(ALL), never], here, there).items
    assert item.principals == ("claude-code@~/src/app",)
    assert judged([contract(ALL), structs.replace(never, folder="~/src/none")], here, there).items == ()


def test_a_later_contract_for_agents_that_are_not_here_narrows_nothing():
    later = layer("for: {agents: [codex]}\nrequire: {sandbox: true}", Scope.USER)
    assert judged([contract(ALL), later], LOOSE).items == ()


def waiver(finding, more='covers: [{asset: "*:*"}]'):
    return f"waivers: [{{finding: {finding}, owner: ada, reason: x, until: 2027-01-01, {more}}}]"


def test_a_waiver_lifts_what_its_own_contract_demands_and_nothing_of_another():
    [item] = judged([contract("")], LOOSE, PROD).items
    managed, own = contract(""), layer(f"allow: [{{environment: staging}}]\n{waiver(item.id)}", Scope.USER)
    found = judged([managed, own], LOOSE, PROD)
    assert (found.excess.items, [each.waived for each in found.items]) == (1, [None])
    assert judged([own], LOOSE, PROD).excess.items == 0
    both = judged([contract(waiver(item.id)), own], LOOSE, PROD)
    assert (both.excess.items, {each.state for each in waivers(both)}) == (0, {"in force"})


def test_a_report_lists_every_contract_with_its_digest():
    one, other = contract(ALL), layer("require: {sandbox: true}")
    assert told(judged([one], LOOSE)).layers == ()
    info = told(judged([one, other], LOOSE))
    assert [(each.scope, each.digest) for each in info.layers] == [("user", one.digest), ("repository", other.digest)]
    assert info.digest not in {one.digest, other.digest}
    assert info.digest == told(judged([one, other], LOOSE, PROD)).digest


def test_an_agent_that_asks_keeps_a_gate_that_a_later_contract_wants():
    found = [
        judged([contract(ALL), layer("allow: [{asset: '*:*', gate: prompt}]")], each, PROD)
        for each in (LOOSE, agent(shell(ASK)))
    ]
    assert [each.excess.items for each in found] == [1, 0]


CONTRACTS = st.builds(
    Contract,
    st.just("own"),
    st.just("sha256:0"),
    st.just("own.yaml"),
    allow=st.lists(CLAUSES, max_size=3).map(tuple),
    never=st.lists(CLAUSES, max_size=2).map(tuple),
    scope=st.just(Scope.REPOSITORY),
).map(lambda found: structs.replace(found, require=LAPTOP.require))


def broken(found):
    """What is beyond, by its cause: a principal is told by the easiest way, and another contract may be for others."""
    return {(item.id, each.exposure and each.exposure.id) for item in found.items for each in item.broken}


def by(contracts, observations, policy):
    return judged_by_law(observations, policy, contracts=contracts).judgement


@settings(max_examples=60)
@given(SEEN, POLICIES, CONTRACTS, CONTRACTS)
def test_one_more_contract_never_takes_anything_out_of_what_is_beyond(observations, policy, first, later):
    one, other = by((first,), observations, policy), by((first, later), observations, policy)
    assert broken(one) <= broken(other)
    assert other.excess.items >= one.excess.items
    assert other.excess.score >= one.excess.score


@settings(max_examples=40)
@given(SEEN, POLICIES, CONTRACTS, st.lists(CONTRACTS, min_size=2, max_size=3))
def test_the_order_of_those_that_narrow_changes_no_item(observations, policy, first, later):
    one, other = (by((first, *each), observations, policy) for each in (later, later[::-1]))
    assert broken(one) == broken(other)
    assert one.excess == other.excess


@settings(max_examples=40)
@given(SEEN, ACCESS, POLICIES, CONTRACTS, CONTRACTS)
def test_more_access_never_lessens_what_is_beyond_several_contracts(observations, more, policy, first, later):
    one = by((first, later), observations, policy)
    assert len(broken(by((first, later), [*observations, more], policy))) >= len(broken(one))


def test_agents_of_unknown_rules_are_told_beside_those_that_were_judged():
    unread = [agent(id=each, title=each, rules=None) for each in ("warp", "aider")]
    found = judge_all([LOOSE, *unread], MACHINE, LABELS, (contract(ALL),))
    info = told(found.judgement, found.subject.unread)
    assert (info.judged, info.unread) == (("claude-code",), ("aider", "warp"))
