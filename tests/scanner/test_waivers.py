"""Waivers: they accept what was there, for a time, in their scope; a waiver never hides a way that grew."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from msgspec import structs

from scanner.answers import contract as answered
from scanner.answers import findings, waivers
from scanner.config import Config
from scanner.contract.documents import Document
from scanner.contract.reading import ContractError, read
from scanner.contract.waivers import accepting
from scanner.contract.written import text_of
from scanner.data.gates import gates
from scanner.judgement import judge_all
from scanner.model import (
    STATIC,
    Command,
    Environment,
    Evidence,
    Fix,
    Gate,
    Lifetime,
    LifetimeKind,
    Protection,
    Rule,
    Ruling,
    ServerSeen,
    Weakness,
)
from scanner.testing import NOW, fake_machine
from tests.contracts import (
    ASK,
    HERE,
    HOME,
    LABELS,
    MACHINE,
    NO,
    RUN,
    agent,
    caller,
    command,
    contract,
    fetcher,
    files,
    grant,
    judged,
    key,
    name,
    reader,
    shell,
    whole,
)
from tests.scanner.test_judgement_laws import ACCESS, LAPTOP, POLICIES, SEEN, WEAKER
from tests.scanner.test_judgement_laws import judged as judged_by_law

LOOSE, ASKING = agent(shell(RUN)), agent(shell(ASK))
CODEX = agent(shell(RUN), id="codex", title="Codex")
UNTIL = date(2026, 12, 1)


def accepted(found, contracts, **scope):
    """The contracts, the last of which accepts all that is beyond them."""
    rows = [
        accepting(
            item.id,
            [each for held in found.judgement.held for each in held.broken if each.cause in item.causes],
            found.subject,
            owner="ada",
            reason="there before",
            until=UNTIL,
        )
        for item in found.judgement.items
    ]
    told = tuple(structs.replace(row, **scope) for row in rows)
    return (*contracts[:-1], structs.replace(contracts[-1], waivers=told))


def again(contracts, *observations, machine=MACHINE):
    return judge_all(observations, machine, LABELS, contracts).judgement


def states(found):
    return [each.state for each in waivers(found)]


# --- laws


@settings(max_examples=120)
@given(SEEN, POLICIES)
def test_a_machine_has_nothing_beyond_a_contract_that_accepts_what_is_there(observations, policy):
    one = judged_by_law(observations, policy)
    other = judged_by_law(observations, policy, contracts=accepted(one, (LAPTOP,)))
    assert (other.judgement.excess.items, other.judgement.excess.score) == (0, 0)
    assert {each.id for each in other.judgement.items} == {each.id for each in one.judgement.items}


def ways(found, items=None):
    """Each way that breaks a contract, by what it is to and the gate before it."""
    rows = {}
    for item in found.judgement.items if items is None else items:
        for each in item.broken:
            if each.is_way:
                told = (each.exposure.id, each.exposure.environment)
                rows[told] = max(rows.get(told, 0), gates()[each.exposure.ways[each.principal].effective].factor)
    return rows


def grown(before, after):
    """The ways that are new, or have less before them."""
    return {told for told, factor in ways(after).items() if factor > ways(before).get(told, 0)}


def counted(found):
    return ways(found, [item for item in found.judgement.items if item.waived is None])


@settings(max_examples=120)
@given(SEEN, ACCESS, POLICIES)
def test_what_comes_on_top_of_what_was_accepted_counts(observations, more, policy):
    before = judged_by_law(observations, policy)
    contracts = accepted(before, (LAPTOP,))
    after = judged_by_law([*observations, more], policy)
    assert grown(before, after) <= set(counted(judged_by_law([*observations, more], policy, contracts=contracts)))


@settings(max_examples=120)
@given(SEEN, POLICIES, WEAKER)
def test_a_gate_that_got_weaker_counts(observations, policy, change):
    before = judged_by_law(observations, policy)
    contracts = accepted(before, (LAPTOP,))
    after = judged_by_law(observations, change(policy))
    assert grown(before, after) <= set(counted(judged_by_law(observations, change(policy), contracts=contracts)))


@settings(max_examples=60)
@given(SEEN, POLICIES)
def test_a_waiver_that_was_written_accepts_what_it_accepted(observations, policy):
    """Kinds of assets that nobody knows are written as any kind: what is read again covers no less."""
    one = judged_by_law(observations, policy)
    [written] = accepted(one, (LAPTOP,))
    text = text_of(structs.replace(written, allow=(), never=()))
    again_read = read(Document("own.yaml", text.encode()), lambda *_: None, date(2026, 11, 21))
    contracts = (structs.replace(LAPTOP, waivers=again_read.waivers),)
    assert judged_by_law(observations, policy, contracts=contracts).judgement.excess.items == 0


# --- what a waiver covers, by hand

ITEMS = {
    "a new asset": (
        [LOOSE, key("K", grant())],
        [LOOSE, key("K", grant(), grant("DATA_READ", "other", kind="database"))],
    ),
    "a further class": ([LOOSE, key("K", grant())], [LOOSE, key("K", grant(), grant("MONEY"))]),
    "a prompt that is gone": ([ASKING, key()], [LOOSE, key()]),
}


@pytest.mark.parametrize("case", ITEMS)
def test_a_finding_that_grew_counts_for_what_is_more(case):
    before, after = ITEMS[case]
    text = "allow: [{environment: staging}]"
    contracts = accepted(whole(text, *before), (contract(text),))
    assert (again(contracts, *before).excess.items, states(again(contracts, *before))) == (0, ["in force"])
    found = again(contracts, *after)
    assert (found.excess.items, states(found)) == (1, ["grown"])
    [told] = findings(found, MACHINE)
    assert (told.waived, told.grew) == (None, "ada until 2026-12-01")
    assert found.excess.score > 0


BANNED = "allow: [{asset: '*:*'}]\nnever: [{capability: DATA_DESTROY}]"


@pytest.mark.parametrize("asking", [ASK, NO])
def test_what_any_process_does_is_accepted_of_agents_as_they_are(asking):
    """A ban that any process of the user breaks anyway counts again once an agent gets there with less in the way."""
    contracts = accepted(whole(BANNED, agent(shell(asking)), key()), (contract(BANNED),))
    for told, items in ((asking, 0), (RUN, 1)):
        assert again(contracts, agent(shell(told)), key()).excess.items == items


def test_a_second_agent_that_does_with_less_in_the_way_what_the_first_was_accepted_for_counts():
    text = "allow: [{asset: '*:*'}]\nrequire: {autonomy: {production: restricted}}"
    refusing, running = (agent(shell(each), id="codex", title="Codex") for each in (NO, RUN))
    contracts = accepted(whole(text, ASKING, refusing, key()), (contract(text),))
    assert [again(contracts, ASKING, each, key()).excess.items for each in (refusing, running)] == [0, 1]


def test_a_gate_that_is_not_known_is_accepted_as_none():
    unknown = agent(shell(Ruling(Gate.UNKNOWN, "not set")))
    [row] = accepted(whole("", unknown, key()), (contract(""),))[0].waivers
    assert [line.gate for line in row.covers] == [Gate.NONE]


def test_an_asset_of_a_kind_that_only_somebody_s_own_probe_knows_is_accepted_alone():
    text = "allow: [{environment: staging}]"
    odd = grant("DATA_READ", "prod", kind="odd-thing")
    seen = [LOOSE, key("K", odd)]
    more = (grant("DATA_READ", "eu:prod", kind="database"), grant("DATA_READ", "prod", kind="other-thing"))
    [written] = accepted(whole(text, *seen), (contract(text),))
    found = read(Document("own.yaml", text_of(written).encode()), lambda *_: None, date(2026, 11, 21))
    assert again((found,), *seen).excess.items == 0
    for each in more:
        assert again((found,), LOOSE, key("K", odd, each)).excess.items == 1


@pytest.mark.parametrize(
    "odd", ["a*b", "a[b]c", "a?", "[!a]", "\x1b[2J", "a\u2028b", "a\nb: c", "\ufffe\U0001fffe", "\x85", "'\"#"]
)
def test_a_name_of_any_characters_is_written_read_again_and_means_itself(odd):
    text = "allow: [{environment: staging}]"
    seen = [LOOSE, key("K", grant("DATA_READ", odd))]
    [written] = accepted(whole(text, *seen), (contract(text),))
    found = read(Document("own.yaml", text_of(written).encode()), lambda *_: None, date(2026, 11, 21))
    assert again((found,), *seen).excess.items == 0
    for other in ("axb", "ab", "a", "!", odd + "x"):
        assert again((found,), LOOSE, key("K", grant("DATA_READ", other))).excess.items == 1


def test_an_asset_that_turns_out_to_be_production_counts():
    text = "allow: [{environment: development}]"
    seen = [LOOSE, key("K", grant("DATA_WRITE", "staging"))]
    contracts = accepted(whole(text, *seen), (contract(text),))
    moved = Config(labels={"aws-account:staging": Environment.PRODUCTION})
    assert judge_all(seen, MACHINE, moved, contracts).judgement.excess.items == 1


def test_what_shrinks_stays_accepted():
    text = "allow: [{environment: staging}]"
    contracts = accepted(whole(text, LOOSE, key("K", grant(), grant("MONEY"))), (contract(text),))
    for left in ([LOOSE, key("K", grant())], [ASKING, key("K", grant(), grant("MONEY"))]):
        found = again(contracts, *left)
        assert (found.excess.items, states(found)) == (0, ["in force"])


def server(named):
    return ServerSeen(named, "claude-code", "user", "stdio", "npx x", Evidence(HOME / ".claude.json", 5, key=named))


def weak(rule, at, named):
    return Weakness(rule, "a server", Evidence(HOME / at, 3, key=named), "because", Fix("pin it"))


PRODUCTION = "allow: [{environment: production}]\n"
ONE, TWO = (weak("mcp.floating-version", ".mcp.json", each) for each in ("one", "two"))
DEMANDS = {
    "a second server": ("require: {servers: {pinned: true}}", [LOOSE, ONE], [LOOSE, ONE, TWO]),
    "an agent that asks nobody any more": ("require: {autonomy: {default: restricted}}", [ASKING], [LOOSE]),
    "a secret that is bare now": (
        f"{PRODUCTION}require: {{protection: {{production: keychain}}}}",
        [LOOSE, key(protection=Protection.ENCRYPTED)],
        [LOOSE, key(protection=Protection.PLAINTEXT)],
    ),
    "a life without end": (
        f"{PRODUCTION}require: {{lifetime: {{production: 1h}}}}",
        [LOOSE, key(lifetime=Lifetime(LifetimeKind.EXPIRES, NOW + timedelta(days=3)))],
        [LOOSE, key(lifetime=STATIC)],
    ),
    "a further workspace": (
        f"{PRODUCTION}require: {{in_workspace: {{production: false}}}}",
        [LOOSE, key(at=HERE / ".env")],
        [LOOSE, key(at=HERE / ".env"), key(at=HOME / "src" / "other" / ".env")],
    ),
    "a command that runs unasked": (
        "commands: {never: [terraform]}",
        [agent(shell(ASK))],
        [agent(shell(ASK, command("terraform", RUN)))],
    ),
    "a life that got longer": (
        f"{PRODUCTION}require: {{lifetime: {{production: 1h}}}}",
        [LOOSE, key(lifetime=Lifetime(LifetimeKind.EXPIRES, NOW + timedelta(days=3)))],
        [LOOSE, key(lifetime=Lifetime(LifetimeKind.EXPIRES, NOW + timedelta(days=3000)))],
    ),
    "no end instead of a far one": (
        f"{PRODUCTION}require: {{lifetime: {{production: 1h}}}}",
        [LOOSE, key(lifetime=Lifetime(LifetimeKind.EXPIRES, NOW + timedelta(days=3000)))],
        [LOOSE, key(lifetime=STATIC)],
    ),
    "any command behind one that was accepted": (
        "commands: {allow: [pytest]}",
        [agent(shell(ASK, Rule(Command("npm"), RUN)))],
        [agent(shell(ASK, Rule(Command("npm", open=True), RUN)))],
    ),
    "any command instead of one": (
        "commands: {allow: [pytest]}",
        [agent(shell(ASK, command("npm", RUN)))],
        [LOOSE],
    ),
    "any host instead of one": (
        "network: [github.com]",
        [agent(shell(ASK), fetcher(ASK, name("a.example.com", RUN)))],
        [agent(shell(ASK), fetcher(RUN))],
    ),
    "a further folder": (
        "files: {read: ['~/src/app/**']}",
        [agent(shell(NO), reader(ASK, files("/home/ada/docs/*", RUN)))],
        [agent(shell(NO), reader(ASK, files("/home/ada/docs/*", RUN), files("/home/ada/bank/*", RUN)))],
    ),
    "a further command": (
        "commands: {allow: [pytest]}",
        [agent(shell(ASK, command("npm", RUN)))],
        [agent(shell(ASK, command("npm", RUN), command("make", RUN)))],
    ),
    "a further host": (
        "network: [github.com]",
        [agent(fetcher(ASK, name("a.example.com", RUN)))],
        [agent(fetcher(ASK, name("a.example.com", RUN), name("b.example.com", RUN)))],
    ),
    "a further tool": (
        "mcp: {linear: [list_issues]}",
        [agent(caller(ASK, name("linear/create", RUN))), server("linear")],
        [agent(caller(ASK, name("linear/create", RUN), name("linear/delete", RUN))), server("linear")],
    ),
    "a further set-up server": (
        "mcp: {linear: []}",
        [agent(caller(ASK)), server("railway")],
        [agent(caller(ASK)), server("railway"), server("stripe")],
    ),
}


@pytest.mark.parametrize("case", DEMANDS)
def test_a_demand_that_is_broken_further_counts(case):
    text, before, after = DEMANDS[case]
    first = whole(text, *before)
    assert first.judgement.excess.items == 1
    contracts = accepted(first, (contract(text),))
    assert (again(contracts, *before).excess.items, states(again(contracts, *before))) == (0, ["in force"])
    assert (again(contracts, *after).excess.items, states(again(contracts, *after))) == (1, ["grown"])
    turned = accepted(whole(text, *after), (contract(text),))
    assert again(turned, *before).excess.items == 0  # what is mended in part stays accepted


def folders(*runs, asks=()):
    return [agent(shell(RUN), folder=each) for each in runs] + [agent(shell(ASK), folder=each) for each in asks]


def test_an_agent_that_breaks_the_same_in_one_more_folder_counts():
    text, there = "require: {sandbox: true}", ("~/src/a", "~/src/b", "~/src/c")
    one = folders("~/src/a", asks=there[1:])
    contracts = accepted(whole(text, *one), (contract(text),))
    assert again(contracts, *one).excess.items == 0
    assert again(contracts, *folders("~/src/a", "~/src/b", asks=there[2:])).excess.items == 1
    assert again(contracts, *folders(*there)).excess.items == 1


def test_what_an_agent_does_in_one_folder_is_not_accepted_in_another():
    text, rows = "commands: {allow: [pytest]}", (command("npm", RUN), command("make", RUN))
    both = agent(shell(ASK, *rows), folder="~/src/a")
    other, more = (agent(shell(ASK, *rows[:number]), folder="~/src/b") for number in (1, 2))
    contracts = accepted(whole(text, both, other), (contract(text),))
    assert again(contracts, both, other).excess.items == 0
    assert again(contracts, both, more).excess.items > 0


def test_the_folders_of_a_waiver_bound_what_it_accepts_of_an_agent():
    text = "require: {sandbox: true}"
    seen = folders("~/src/a", "~/src/b")
    for workspaces, items in ((("~/src/a",), 1), (("~/src/a", "~/src/b"), 0)):
        contracts = accepted(whole(text, *seen), (contract(text),), workspaces=workspaces)
        assert again(contracts, *seen).excess.items == items


def test_a_clause_whose_part_of_a_finding_is_accepted_passes_and_says_by_whom():
    text = "allow: [{asset: '*:*'}]\nnever: [{capability: DATA_READ}]\nrequire: {lifetime: {production: 1h}}"
    seen = [LOOSE, key("K", grant("DATA_READ"), lifetime=STATIC)]
    [one] = accepted(whole(text, *seen), (contract(text),))
    told = structs.replace(one, waivers=tuple(structs.replace(each, parts=()) for each in one.waivers))
    clauses = {each.id: (each.state, each.why) for each in answered(again((told,), *seen)).clauses}
    assert clauses["never.1"] == ("pass", "what breaks it is accepted by ada until 2026-12-01")
    assert clauses["require.lifetime.production"][0] == "fail"


def test_a_further_variable_counts():
    text, seen = "environment: [PATH]", [agent(shell(RUN))]
    contracts = accepted(whole(text, *seen), (contract(text),))
    more = fake_machine(workspace="~/src/app", env={"PATH": "/bin", "GITHUB_TOKEN": "CANARY", "NPM_TOKEN": "CANARY"})
    assert [again(contracts, *seen, machine=each).excess.items for each in (MACHINE, more)] == [0, 1]


# --- what a waiver says


def waiver(more, until="2026-12-01", finding=None):
    [item] = judged("", LOOSE, key()).items
    return f"waivers: [{{finding: {finding or item.id}, owner: ada, reason: x, until: {until}{more}}}]"


@pytest.mark.parametrize(
    ("more", "state", "items"),
    [
        ("", "covers nothing", 1),
        (", parts: [require.sandbox]", "grown", 1),
        (", covers: [{capability: DATA_READ}]", "grown", 1),
        (", covers: [{capability: DATA_DESTROY, gate: prompt}]", "grown", 1),
        (", covers: [{capability: DATA_DESTROY, environment: production}]", "in force", 0),
        (", covers: [{asset: 'aws-account:prod*', gate: none}]", "in force", 0),
        (", covers: [{asset: 'aws-account:prod*', excluding: '*:production'}]", "grown", 1),
    ],
)
def test_a_waiver_accepts_what_it_covers_and_nothing_else(more, state, items):
    found = judged(waiver(more), LOOSE, key())
    assert (states(found), found.excess.items) == ([state], items)


ALL = ", covers: [{asset: '*:*'}]"


@pytest.mark.parametrize(
    ("scope", "agents", "items"),
    [
        (", agents: [claude-code]", [LOOSE], 0),
        (", agents: [codex]", [LOOSE], 1),
        (", agents: [claude-code]", [LOOSE, CODEX], 1),  # another gets there too
        (", agents: [claude-code, codex]", [LOOSE, CODEX], 0),
        (", agents: [claude-code]", [LOOSE, agent(shell(NO), id="codex", title="Codex")], 0),
        (", workspaces: ['~/src/app']", [agent(shell(RUN), folder="~/src/app")], 0),
        (", workspaces: ['~/src']", [agent(shell(RUN), folder="~/src/app")], 0),
        (", workspaces: ['~/src/**']", [agent(shell(RUN), folder="~/src/app")], 0),
        (", workspaces: ['~/src/other']", [agent(shell(RUN), folder="~/src/app")], 1),
    ],
)
def test_a_waiver_counts_in_its_scope_alone(scope, agents, items):
    assert judged(waiver(ALL + scope), *agents, key()).excess.items == items


def test_a_scope_is_about_agents_and_lifts_no_ban_that_any_process_breaks():
    text = f"allow: [{{environment: production}}]\nnever: [{{capability: DATA_DESTROY}}]\n{waiver(ALL)}"
    assert judged(text, agent(shell(NO)), key()).excess.items == 0
    scoped = text.replace("owner: ada", "owner: ada, agents: [claude-code]")
    assert judged(scoped, agent(shell(NO)), key()).excess.items == 1


def test_an_expired_waiver_counts_again_and_says_so():
    found = judged(waiver(ALL, until="2026-11-20"), LOOSE, key())
    assert (found.excess.items, states(found)) == (1, ["expired"])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{finding: f-x, owner: ada, until: 2027-01-01}", "reason is missing"),
        ("{finding: f-x, owner: ada, reason: x}", "until is missing"),
        ("{finding: f-x, owner: ada, reason: x, until: soon}", "no date"),
        ("{finding: f-x, owner: ada, reason: x, until: 2027-01-01, covers: [{gate: none}]}", "covers"),
        (
            "{finding: f-x, owner: ada, reason: x, until: 2027-01-01, covers: [{capability: MONY}]}",
            "did you mean MONEY",
        ),
        ("{finding: f-x, owner: ada, reason: x, until: 2027-01-01, agents: [claude]}", "did you mean"),
        ("{finding: f-x, owner: ada, reason: x, until: 2027-01-01, scope: all}", "unknown key scope"),
    ],
)
def test_a_faulty_waiver_is_an_error_in_its_place(row, said):
    with pytest.raises(ContractError, match=said) as error:
        contract(f"waivers:\n  - {row}")
    assert str(error.value).startswith("test.yaml:4:")
