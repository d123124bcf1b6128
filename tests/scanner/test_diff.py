"""What changed between two reports of small machines, and under which one cause each change stands."""

from datetime import timedelta

import pytest
from msgspec import structs

from reports.difference import way as told_way
from scanner.config import Config
from scanner.diff import compared
from scanner.engine import scan
from scanner.model import (
    Asset,
    Capability,
    Confidence,
    CredentialState,
    Environment,
    Evidence,
    Fix,
    Gap,
    GapKind,
    Gate,
    Grant,
    Guardrail,
    Identity,
    Protection,
    Ruling,
    ServerSeen,
    SettingSeen,
    Weakness,
)
from scanner.model.difference import Move, Origin, Subject, Tally
from scanner.model.report import Excess
from scanner.probe import probe
from scanner.testing import TEST_KEY
from scanner.vault import Vault
from tests.contracts import (
    ASK,
    HERE,
    HOME,
    LABELS,
    MACHINE,
    NO,
    RUN,
    SETTINGS,
    UNSURE,
    agent,
    contract,
    grant,
    key,
    reader,
    shell,
    writer,
)
from tests.support import LAPTOP

ADA = Identity("p", "acct", "ada")
LOGIN = Evidence(HOME / ".keys", 7)
ENTRY = Evidence(HERE / ".mcp.json", 4, key="mcpServers.linear")


def looking(*observations, id="test.machine"):
    @probe(id=id, title="A machine", reads=())
    def machine(host):
        """Says what the test is about."""
        yield from observations

    return machine


def report(*observations, machine=MACHINE, config=LABELS, contracts=(LAPTOP,), probes=(), **more):
    return scan(machine, [looking(*observations), *probes], Vault(TEST_KEY), config, contracts=contracts, **more)


def settings(bash, **more):
    """Claude Code with one ruling for its shell."""
    return agent(shell(bash), reader(ASK), writer(ASK), **more)


def only(difference):
    """The one cause that there is."""
    [cause] = difference.causes
    return cause


def titled(difference):
    return {cause.origin: cause.title for cause in difference.causes}


def moves(difference, subject):
    return {(each.id, each.move) for cause in difference.causes for each in cause.changes if each.subject is subject}


ASKS, RUNS = settings(ASK), settings(RUN)
PLAIN = (ASKS, key())


def mode(value):
    return SettingSeen("claude-code", "mode of work", value, "user", SETTINGS)


def ruled(gate, text="mode of work"):
    return Ruling(gate, text, SETTINGS)


def test_a_report_and_itself_have_no_difference():
    one = report(*PLAIN, mode("default"))
    found = compared(one, one)
    assert (found.causes, found.tally, found.increases, found.same) == ((), Tally(), (), True)


def test_another_scan_of_the_same_machine_later_is_no_change():
    later = structs.replace(MACHINE, now=MACHINE.now + timedelta(days=3))
    assert compared(report(*PLAIN), report(*PLAIN, machine=later)).causes == ()


def test_a_line_that_moved_is_no_change():
    def at(line):
        seen = key(None, at=HOME / ".keys")
        place = Evidence(HOME / ".keys", line, key="token")
        weak = Weakness("mcp.unpinned", "a weakness", Evidence(HOME / "x", line), "why", Fix("mend"))
        return report(ASKS, structs.replace(seen, evidence=place), weak, mode("default"))

    assert compared(at(3), at(9)).causes == ()


def test_a_new_credential_is_a_cause_with_its_ways_and_its_item():
    found = compared(report(ASKS), report(*PLAIN))
    cause = only(found)
    assert (cause.origin, cause.title) == (Origin.CREDENTIAL, "a new credential: test.key, K in ~/.keys:1")
    assert (cause.tally.came, cause.tally.production, cause.tally.items_came) == (1, 1, 1)
    assert cause.ways[0].principals == ("any-agent", "claude-code")
    assert cause.ways[0].beyond
    assert moves(found, Subject.ITEM) == {(report(*PLAIN).findings[0].id, Move.CAME)}


def test_credentials_of_one_file_are_one_cause():
    more = (key("a", at=HOME / "env"), key("b", grant(kind="database"), at=HOME / "env"))
    assert only(compared(report(ASKS), report(ASKS, *more))).title == "new: 2 credentials in ~/env (test.key)"


def test_a_weaker_gate_rose_under_the_setting_that_its_rule_names():
    before = report(settings(ruled(Gate.PROMPT)), key(), mode("default"))
    after = report(settings(ruled(Gate.NONE)), key(), mode("bypass"))
    found = compared(before, after)
    cause = only(found)
    assert cause.title == "Claude Code's mode of work is now bypass, and was default"
    assert (cause.tally.rose, cause.tally.unasked, cause.ways[0].principals) == (1, 1, ("claude-code",))
    assert (cause.ways[0].before.gate, cause.ways[0].after.gate) == (Gate.PROMPT, Gate.NONE)
    assert only(compared(after, before)).tally.fell == 1
    assert any(each.what == "answer" for each in found.increases)
    assert not compared(after, before).increases


def test_a_gate_that_is_not_known_any_more_never_looks_safer():
    before, after = (report(settings(each), key()) for each in (ASK, UNSURE))
    assert compared(before, after).tally.rose == 1


def test_ways_that_are_refused_before_and_after_did_not_move():
    before, after = (
        report(
            agent(
                shell(NO),
                reader(NO),
                writer(
                    ASK,
                ),
                title=title,
            ),
            key(),
        )
        for title in "ab"
    )
    assert compared(before, after).tally.ways == 0


def test_an_mcp_server_is_the_cause_of_what_its_entry_holds():
    server = ServerSeen("linear", "claude-code", "project", "stdio", "npx linear", ENTRY)
    held = structs.replace(key(None), evidence=Evidence(ENTRY.path, 6, key="mcpServers.linear.env.TOKEN"))
    cause = only(compared(report(ASKS), report(ASKS, server, held)))
    assert cause.title == "a new MCP server linear of claude-code (~/src/app/.mcp.json)"
    assert (cause.origin, cause.tally.came) == (Origin.SERVER, 1)
    assert only(compared(report(ASKS, server, held), report(ASKS))).title.endswith("went (~/src/app/.mcp.json)")


def test_a_server_that_runs_more_tools_unasked_has_changed():
    def serving(*approved):
        return ServerSeen("linear", "claude-code", "user", "stdio", "npx linear", ENTRY, approved=approved)

    cause = only(compared(report(ASKS, serving()), report(ASKS, serving("*"))))
    assert cause.title == "MCP server linear of claude-code runs every tool unasked now"


@pytest.mark.parametrize("public", ["L", None])
def test_a_key_in_the_place_of_another_was_replaced_and_its_ways_stay(public):
    def held(text, name):
        vault = Vault(TEST_KEY)
        seen = structs.replace(key(name), evidence=LOGIN, secret=vault.keep(text))
        return report(ASKS, seen)

    name = "K" if public else None
    found = compared(held("CANARY-CANARY-CANARY-1", name), held("CANARY-CANARY-CANARY-2", public))
    assert (only(found).changes[0].move, found.tally) == (Move.ROTATED, Tally())
    assert "CANARY" not in repr(found)


def test_fingerprints_of_different_keys_are_not_compared_and_that_is_said():
    def held(byte):
        secret = Vault(bytes([byte]) * 32).keep("CANARY-CANARY-CANARY")
        return report(ASKS, structs.replace(key("K"), secret=secret))

    found = compared(held(1), held(2))
    assert found.causes == ()
    assert "were made with different keys" in found.notes[0]


def test_a_credential_that_is_known_as_another_kind_is_still_the_same():
    before, after = (report(ASKS, key("K", kind=kind)) for kind in ("test.key", "acme.key"))
    found = compared(before, after)
    assert (only(found).title, found.tally.ways) == ("test.key, K is known as acme.key, K now", 0)


def test_a_label_is_the_cause_where_an_asset_is_known_otherwise():
    def known(environment):
        return report(ASKS, key("K", grant(where="db")), config=Config(labels={"aws-account:db": environment}))

    cause = only(compared(known(Environment.DEVELOPMENT), known(Environment.PRODUCTION)))
    assert cause.title.startswith("the asset aws-account:db is now known as production (your label for aws-account:db)")
    assert (cause.origin, cause.tally.rose, cause.tally.production) == (Origin.ASSET, 1, 1)


def test_an_identity_that_may_do_more_is_the_cause():
    first, second = (
        Grant(Asset("aws-account", each), frozenset({Capability.DATA_WRITE}), Confidence.GRANTED, ADA)
        for each in ("staging", "production")
    )
    login = structs.replace(key("K", first), identity=ADA)
    cause = only(compared(report(ASKS, login, first), report(ASKS, login, first, second)))
    assert (cause.origin, cause.title) == (Origin.RIGHTS, "what ada, acct (p) may do changed")
    assert cause.tally.came == 1


def test_what_is_surer_now_rose():
    before, after = (
        report(ASKS, key("K", grant(confidence=each))) for each in (Confidence.POSSIBLE, Confidence.VERIFIED)
    )
    found = compared(before, after)
    assert (found.tally.rose, found.causes[0].origin) == (1, Origin.RIGHTS)


@pytest.mark.parametrize(
    ("states", "told"),
    [
        ((CredentialState.LIVE, CredentialState.EXPIRED), ("a login ended: test.key, K", 0, 1)),
        ((CredentialState.EXPIRED, CredentialState.LIVE), ("a login was renewed: test.key, K", 1, 0)),
    ],
)
def test_a_login_that_ended_takes_its_ways_with_it(states, told):
    found = compared(*(report(ASKS, key(state=each)) for each in states))
    cause = only(found)
    assert (cause.title, cause.tally.rose, cause.tally.fell) == told


def test_a_credential_that_is_kept_better_has_changed():
    before, after = (report(ASKS, key(protection=each)) for each in (Protection.PLAINTEXT, Protection.KEYCHAIN))
    assert (
        titled(compared(before, after))[Origin.CREDENTIAL]
        == "test.key, K is kept as keychain now, and was as plaintext"
    )


# --- agents


def test_an_agent_that_came_brings_its_ways_and_its_answers():
    codex = settings(RUN, id="codex", title="Codex")
    found = compared(report(*PLAIN), report(*PLAIN, codex))
    cause = found.causes[0]
    assert (cause.title, cause.tally.came) == ("a new agent: Codex", 1)
    assert {each[0] for each in moves(found, Subject.VERDICT)} == {"codex"}
    assert {cause.title for cause in compared(report(*PLAIN, codex), report(*PLAIN)).causes} == {"an agent went: Codex"}


def test_an_agent_in_one_folder_is_the_same_when_a_second_folder_appears():
    first, second = (settings(ASK, folder=each) for each in ("~/src/app", "~/src/other"))
    found = compared(report(first, key()), report(first, second, key()))
    assert [way.principals for cause in found.causes for way in cause.ways] == [("claude-code@~/src/other",)]
    assert only(found).origin is Origin.LOOK
    assert not found.increases


# --- what was not looked at


def gone(*gaps, **more):
    """The machine, and what is told of it when its credential was not seen and there were these gaps."""
    return compared(report(*PLAIN), report(ASKS, *gaps), **more)


def test_what_lies_in_a_place_that_cannot_be_read_now_is_not_told_as_gone():
    found = gone(Gap(GapKind.REFUSED, str(HOME / ".keys"), "permission denied"))
    cause = only(found)
    assert cause.title == "~/.keys could be read before and cannot be now: permission denied"
    assert (cause.origin, found.tally.unseen, found.tally.went) == (Origin.PLACE, 1, 0)
    assert moves(found, Subject.CREDENTIAL) == {(report(*PLAIN).credentials[0].id, Move.UNSEEN)}
    assert {move for _, move in moves(found, Subject.VERDICT)} <= {Move.UNSEEN}


def test_what_could_not_be_read_before_is_seen_for_the_first_time_and_no_increase_by_itself():
    gap = Gap(GapKind.REFUSED, str(HOME / ".keys"), "permission denied")
    found = compared(report(ASKS, gap), report(*PLAIN))
    assert (found.tally.seen, found.tally.came) == (1, 0)
    assert {each.what for each in found.increases} <= {"items", "score"}


def test_a_gap_elsewhere_explains_nothing():
    assert gone(Gap(GapKind.REFUSED, str(HOME / "other"), "permission denied")).tally.went == 1


@pytest.mark.parametrize(
    ("reads", "origin"),
    [
        ({"keys": ("~/.keys",)}, Origin.LOOK),
        ({"keys": ("~/.ke?s", "env:*")}, Origin.LOOK),
        ({}, Origin.LOOK),  # what it reads is not known
        ({"keys": ("~/.aws/credentials", "**/.env")}, Origin.CREDENTIAL),
    ],
)
def test_what_a_probe_that_was_left_out_may_have_seen_is_not_gone(reads, origin):
    extra = [looking(id="keys")]
    found = compared(report(*PLAIN, probes=extra), report(ASKS), reads)
    assert only(found).origin is origin


def test_a_probe_that_did_not_come_to_its_end_has_not_looked():
    cause = only(gone(Gap(GapKind.LIMIT, "", "the time was spent")))
    assert (cause.origin, cause.tally.unseen) == (Origin.LOOK, 1)
    assert "did not come to its end: the time was spent" in cause.title


@pytest.mark.parametrize(
    ("machine", "depth", "tally"),
    [
        (MACHINE, "standard", Tally(went=1)),
        (structs.replace(MACHINE, workspace=HOME / "elsewhere" / "app", neighbours=()), "standard", Tally(unseen=1)),
        (structs.replace(MACHINE, workspace=None, neighbours=()), "quick", Tally(unseen=1)),
    ],
)
def test_what_lies_outside_of_the_folders_of_a_narrower_look_is_not_gone(machine, depth, tally):
    before = report(ASKS, key(at=HERE / ".env"), contracts=())
    found = compared(before, report(ASKS, machine=machine, depth=depth, contracts=())).tally
    assert (found.went, found.unseen) == (tally.went, tally.unseen)


def test_only_the_agents_that_were_asked_for_are_judged_and_the_others_are_not_gone():
    codex = settings(RUN, id="codex", title="Codex")
    found = compared(report(*PLAIN, codex), report(*PLAIN), only=frozenset({"claude-code"}))
    assert (found.tally.unseen, found.tally.went) == (1, 0)


# --- contract, waivers, versions


def test_another_contract_is_the_cause_of_its_clauses_and_items():
    one, other = (contract(text) for text in ("allow: [{asset: '*:*'}]", "never: [{capability: DATA_DESTROY}]"))
    found = compared(report(*PLAIN, contracts=(one,)), report(*PLAIN, contracts=(other,)))
    assert only(found).origin is Origin.CONTRACT
    assert found.causes[0].tally.items_came == 1
    assert {"items", "clause"} <= {each.what for each in found.increases}


def test_a_waiver_that_ended_counts_again_under_its_own_cause():
    before, after = report(*PLAIN), report(*PLAIN)
    waived = tuple(structs.replace(each, waived="ada until 2026-12-01") for each in before.findings)
    found = compared(structs.replace(before, findings=waived), after)
    assert only(found).title == "a waiver ended"
    assert found.tally.items_came == 1


def test_other_weights_alone_are_no_increase():
    before, after = report(*PLAIN), report(*PLAIN)
    scored = structs.replace(after.figures, excess=Excess(after.figures.excess.items + 1, 99))
    after = structs.replace(after, weights_version="9", figures=scored)
    found = compared(before, after)
    assert (only(found).origin, found.increases) == (Origin.VERSION, ())
    assert compared(before, structs.replace(after, weights_version=before.weights_version)).increases


def test_a_protection_that_went_is_told():
    found = compared(report(*PLAIN, Guardrail("ci", "CI runs", Evidence(HERE / "ci.yml"))), report(*PLAIN))
    assert "a protection" in only(found).title


# --- homes, and what is withheld


def test_two_homes_are_compared_and_said_to_be_two():
    other = structs.replace(MACHINE, name="other")
    assert compared(report(*PLAIN), report(*PLAIN, machine=other)).same is False


@pytest.mark.parametrize("which", [0, 1])
def test_of_a_withheld_report_only_figures_and_answers_are_told(which):
    reports = [report(ASKS), report(RUNS, key())]
    host = structs.replace(reports[which].host, withheld="started by Claude Code")
    reports[which] = structs.replace(reports[which], host=host)
    found = compared(*reports)
    assert (found.causes, found.names, found.withheld) == ((), {}, "started by Claude Code")
    assert all(not each.principal for each in found.figures)
    assert {"items", "score", "answer"} == {each.what for each in found.increases}
    assert ".keys" not in repr(found)


def test_every_figure_stands_before_and_after():
    found = {each.name: (each.before, each.after) for each in compared(report(ASKS), report(*PLAIN)).figures}
    assert found["excess items"] == (0, 1)
    assert found['answers "if approved"'][1] >= 1


def test_the_worst_cause_comes_first_and_what_fell_last():
    mild = key("M", grant("DATA_READ", "staging"), at=HOME / "m")
    gone = key("G", grant("DATA_READ", "development"), at=HOME / "g")
    found = compared(report(ASKS, gone), report(*PLAIN, mild))
    assert [cause.title.split(",")[1].split()[0] for cause in found.causes] == ["K", "M", "G"]


def test_a_cause_names_what_to_ask_about_and_how_to_mend_it():
    after = report(*PLAIN)
    cause = only(compared(report(ASKS), after))
    assert cause.explain == (after.findings[0].id, after.exposures[0].id, after.credentials[0].id)
    assert cause.mend == after.findings[0].fix
    assert only(compared(after, report(ASKS))).mend is None


# --- what a user found


def test_each_agent_s_own_gate_is_told_where_they_differ():
    other = agent(shell(ASK), reader(ASK), writer(ASK), id="codex", title="OpenAI Codex")
    found = compared(report(RUNS, other), report(RUNS, other, key()))
    [way] = only(found).ways
    assert way.principals == ("any-agent", "claude-code", "codex")
    assert (way.before, way.after.gate) == (None, Gate.NONE)
    assert [(each.principals, each.before, each.after) for each in way.apart] == [(("codex",), None, Gate.PROMPT)]
    told = told_way(way, found)
    assert told.startswith("Claude Code: ")
    assert told.endswith("nothing asks; OpenAI Codex: a person must say yes")


def test_agents_of_one_gate_are_told_together():
    other = agent(shell(RUN), reader(RUN), writer(RUN), id="codex", title="OpenAI Codex")
    found = compared(report(RUNS, other), report(RUNS, other, key()))
    [way] = only(found).ways
    assert (way.apart, told_way(way, found)[:29]) == ((), "Claude Code and OpenAI Codex:")


def test_another_workspace_is_a_cause_of_its_own():
    one, other = report(*PLAIN), report(*PLAIN)
    ways = tuple(structs.replace(each, confidence=Confidence.POSSIBLE) for each in other.exposures)
    there = structs.replace(other.host, workspace="~/src/web")
    cause = only(compared(one, structs.replace(other, host=there, exposures=ways)))
    told = "another workspace was looked at: ~/src/web in place of ~/src/app"
    assert (cause.origin, cause.title) == (Origin.LOOK, told)


def test_a_setting_of_another_workspace_is_seen_for_the_first_time_and_not_missing():
    place = Evidence(HOME / "code/web/.claude/settings.json", 1)
    there = structs.replace(report(ASKS), host=structs.replace(report(ASKS).host, workspace="~/code/web"))
    rules = report(ASKS, SettingSeen("claude-code", "permissions.allow", "3 entries", "project", place))
    later = structs.replace(there, agents=rules.agents)
    assert only(compared(report(ASKS), later)).title.startswith("not looked at before, since ~/code/web/.claude")


def test_a_file_that_cannot_be_read_any_more_is_to_be_made_readable_and_nothing_put_back():
    rules = SettingSeen("claude-code", "permissions.allow", "3 entries", "user", SETTINGS)
    gap = Gap(GapKind.REFUSED, "~/.agent/settings.json", "permission denied")
    before = report(ASKS, key(), rules)
    cause = only(compared(before, report(settings(UNSURE), key(), gap)))
    assert (cause.origin, cause.tally.rose) == (Origin.PLACE, 1)
    assert cause.mend.summary == ("~/.agent/settings.json cannot be read any more: see that it can be, and look again.")
