"""What a contract makes of a machine: its lines about exposures, items, waivers and figures."""

import itertools
from datetime import timedelta

import pytest

from scanner.answers import findings, waivers
from scanner.contract.judge import judged as meant
from scanner.data.clauses import agent_mend, agents_with_rules
from scanner.model import (
    Barrier,
    Confidence,
    CredentialState,
    Evidence,
    Gap,
    GapKind,
    Gate,
    Lifetime,
    LifetimeKind,
    Platform,
    Protection,
    Ruling,
    Severity,
    Step,
)
from scanner.principals import ANY_AGENT, acting
from scanner.testing import NOW, fake_machine
from tests.contracts import (
    ASK,
    BOX,
    HERE,
    HOME,
    MACHINE,
    NO,
    RUN,
    UNSURE,
    UNSURE_NO,
    agent,
    clauses,
    contract,
    grant,
    judged,
    key,
    shell,
    state,
)

PASS, FAIL, UNKNOWN = "pass", "fail", "unknown"
LOOSE, ASKING, CLOSED = agent(shell(RUN)), agent(shell(ASK)), agent(shell(NO))
CODEX = agent(shell(RUN), id="codex", title="Codex")
NOTIONAL = agent(shell(RUN), notional=True)
SHIPPED = agent(shell(UNSURE))
UNREAD = agent(id="aider", title="Aider", rules=None)
DESTROY = "capability: DATA_DESTROY"
EXPIRED = {"lifetime": Lifetime(LifetimeKind.EXPIRES, NOW - timedelta(hours=1))}
REVOKED = {"state": CredentialState.REVOKED}
TOUCH = {"barrier": Barrier(Gate.PRESENCE, "a touch")}
MODEL = key("K", grant("MONEY", "x", kind="model-api"))
PERHAPS = key(
    "K", grant(confidence=Confidence.POSSIBLE), undecided=Step("its policies are not known", "armslength scan --live=x")
)

# (what, the clause, the contract, what is on the machine, state)
ALLOWED = [
    ("nothing is allowed", "allow", "", [LOOSE, key()], FAIL),
    ("nothing is allowed, nothing is here", "allow", "", [LOOSE], PASS),
    ("nothing is allowed, and it asks", "allow", "", [ASKING, key()], FAIL),
    ("nothing is allowed, and it refuses", "allow", "", [CLOSED, key()], PASS),
    ("its class", "allow", "allow: [{capability: DATA_DESTROY}]", [LOOSE, key()], PASS),
    ("another class", "allow", "allow: [{capability: DATA_READ}]", [LOOSE, key()], FAIL),
    ("one of its classes", "allow", "allow: [{capability: [DATA_READ, DATA_DESTROY]}]", [LOOSE, key()], PASS),
    ("its asset", "allow", 'allow: [{asset: "aws-account:production"}]', [LOOSE, key()], PASS),
    ("a glob of its asset", "allow", 'allow: [{asset: "aws-account:prod*"}]', [LOOSE, key()], PASS),
    ("another asset", "allow", 'allow: [{asset: "aws-account:staging"}]', [LOOSE, key()], FAIL),
    ("all but its asset", "allow", f'allow: [{{{DESTROY}, excluding: "aws-account:*"}}]', [LOOSE, key()], FAIL),
    ("all but another", "allow", f'allow: [{{{DESTROY}, excluding: "host:*"}}]', [LOOSE, key()], PASS),
    ("its environment", "allow", "allow: [{environment: production}]", [LOOSE, key()], PASS),
    ("another environment", "allow", "allow: [{environment: [staging, unknown]}]", [LOOSE, key()], FAIL),
    ("the second line", "allow", "allow: [{environment: staging}, {environment: production}]", [LOOSE, key()], PASS),
    ("both words of a line", "allow", f"allow: [{{{DESTROY}, environment: staging}}]", [LOOSE, key()], FAIL),
    ("revoked", "allow", "", [LOOSE, key(**REVOKED)], PASS),
    ("expired", "allow", "", [LOOSE, key(**EXPIRED)], PASS),
    ("what agents run on", "allow", "", [LOOSE, MODEL], PASS),
    ("perhaps", "allow", "", [LOOSE, PERHAPS], UNKNOWN),
    ("not installed, judged all the same", "allow", "", [NOTIONAL, key()], FAIL),
    # with a gate
    ("asks, and may", "allow.1", f"allow: [{{{DESTROY}, gate: prompt}}]", [ASKING, key()], PASS),
    ("does not ask", "allow.1", f"allow: [{{{DESTROY}, gate: prompt}}]", [LOOSE, key()], FAIL),
    ("a touch is more", "allow.1", f"allow: [{{{DESTROY}, gate: prompt}}]", [LOOSE, key(**TOUCH)], PASS),
    ("asking is less than a touch", "allow.1", f"allow: [{{{DESTROY}, gate: presence}}]", [ASKING, key()], FAIL),
    ("one of two asks", "allow.1", f"allow: [{{{DESTROY}, gate: prompt}}]", [ASKING, CODEX, key()], FAIL),
    ("asks as shipped", "allow.1", f"allow: [{{{DESTROY}, gate: prompt}}]", [SHIPPED, key()], UNKNOWN),
    ("perhaps", "allow.1", f"allow: [{{{DESTROY}, gate: prompt}}]", [LOOSE, PERHAPS], UNKNOWN),
    ("refuses as shipped", "allow", "", [agent(shell(UNSURE_NO)), key()], UNKNOWN),
    ("refuses as shipped what is allowed", "allow", "allow: [{environment: production}]", [SHIPPED, key()], PASS),
    ("one of unknown rules", "allow", "", [CLOSED, UNREAD, key()], UNKNOWN),
    ("one of unknown rules, and nothing here", "allow", "", [CLOSED, UNREAD], PASS),
    ("one of unknown rules, and it may", "allow", "allow: [{environment: production}]", [CLOSED, UNREAD, key()], PASS),
    ("one of unknown rules, and a gate", "allow.1", f"allow: [{{{DESTROY}, gate: prompt}}]", [UNREAD, key()], UNKNOWN),
    (
        "one of unknown rules, and a touch",
        "allow.1",
        f"allow: [{{{DESTROY}, gate: prompt}}]",
        [UNREAD, key(**TOUCH)],
        PASS,
    ),
    (
        "another line has no gate",
        "allow.1",
        f"allow: [{{{DESTROY}, gate: prompt}}, {{environment: production}}]",
        [LOOSE, key()],
        PASS,
    ),
]
BANNED = [
    ("banned", "never.1", f"never: [{{{DESTROY}}}]", [LOOSE, key()], FAIL),
    ("banned, and allowed", "never.1", f"allow: [{{{DESTROY}}}]\nnever: [{{{DESTROY}}}]", [LOOSE, key()], FAIL),
    ("banned for any process too", "never.1", f"never: [{{{DESTROY}}}]", [CLOSED, key()], FAIL),
    ("banned, with no agent", "never.1", f"never: [{{{DESTROY}}}]", [key()], FAIL),
    ("another class", "never.1", "never: [{capability: MONEY}]", [LOOSE, key()], PASS),
    ("another asset", "never.1", 'never: [{asset: "aws-account:staging"}]', [LOOSE, key()], PASS),
    ("left out", "never.1", f'never: [{{{DESTROY}, excluding: "aws-account:prod*"}}]', [LOOSE, key()], PASS),
    ("another environment", "never.1", "never: [{environment: staging}]", [LOOSE, key()], PASS),
    ("revoked", "never.1", f"never: [{{{DESTROY}}}]", [LOOSE, key(**REVOKED)], PASS),
    ("expired", "never.1", f"never: [{{{DESTROY}}}]", [LOOSE, key(**EXPIRED)], PASS),
    ("perhaps", "never.1", f"never: [{{{DESTROY}}}]", [LOOSE, PERHAPS], UNKNOWN),
    ("what agents run on", "never.1", "never: [{capability: MONEY}]", [LOOSE, MODEL], PASS),
    ("below a touch, with one", "never.1", f"never: [{{{DESTROY}, below: presence}}]", [LOOSE, key(**TOUCH)], PASS),
    ("below more than a touch", "never.1", f"never: [{{{DESTROY}, below: server}}]", [LOOSE, key(**TOUCH)], FAIL),
    ("an agent's asking is nobody else's", "never.1", f"never: [{{{DESTROY}, below: prompt}}]", [ASKING, key()], FAIL),
]
ROWS = [*ALLOWED, *BANNED]


@pytest.mark.parametrize(
    ("clause", "text", "seen", "expected"), [row[1:] for row in ROWS], ids=[f"{row[1]}: {row[0]}" for row in ROWS]
)
def test_a_line_is_kept_broken_or_unknown(clause, text, seen, expected):
    found, why = state(clause, text, *seen)
    assert found == expected
    assert (found == PASS) == (why == "")


def test_a_line_without_a_gate_is_no_clause_of_its_own():
    text = f"allow: [{{{DESTROY}}}, {{{DESTROY}, gate: none}}, {{{DESTROY}, gate: prompt}}]"
    assert set(clauses(text)) == {"allow", "allow.3"}


def test_what_is_possible_is_unknown_with_the_step_that_settles_it():
    told = clauses("", LOOSE, PERHAPS)["allow"]
    assert told.why == "a credential's rights are not known"
    assert told.fix.summary.endswith(": armslength scan --live=x")


def test_a_gate_that_is_not_known_is_told():
    assert state("allow.1", f"allow: [{{{DESTROY}, gate: prompt}}]", SHIPPED, key())[1] == (
        "whether Claude Code asks is not known"
    )


# --- for whom


HOME_CODEX = agent(shell(RUN), id="codex", folder="~")
IN_APP = agent(shell(RUN), folder="~/src/app")
FOR = [
    ("everyone", "", ["claude-code", "codex"]),
    ("one", "for: {agents: [codex]}", ["codex"]),
    ("both", "for: {agents: [codex, claude-code]}", ["claude-code", "codex"]),
    ("none that is here", "for: {agents: [cursor]}", ["claude-code", "codex"]),
    ("a folder", 'for: {workspaces: ["~/src/app"]}', ["claude-code"]),
    ("a folder above", 'for: {workspaces: ["~/src"]}', ["claude-code"]),
    ("a folder in full", 'for: {workspaces: ["/home/ada/src/app/"]}', ["claude-code"]),
    ("one of two folders", 'for: {workspaces: ["~/work", "~/src/app"]}', ["claude-code"]),
    ("a glob", 'for: {workspaces: ["~/s*/a*"]}', ["claude-code"]),
    ("a folder of the same letters", 'for: {workspaces: ["~/src/ap"]}', ["claude-code", "codex"]),
    ("another folder", 'for: {workspaces: ["~/work"]}', ["claude-code", "codex"]),
    ("one, elsewhere", 'for: {agents: [codex], workspaces: ["~/src/app"]}', ["codex"]),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in FOR], ids=[row[0] for row in FOR])
def test_a_contract_is_for_whom_it_names(text, expected):
    found = meant(contract(text), acting([IN_APP, HOME_CODEX], MACHINE))
    assert [each.id for each in found] == expected


def test_who_is_not_meant_breaks_no_allowance():
    text = f"for: {{agents: [claude-code]}}\nallow: [{{{DESTROY}, gate: prompt}}]"
    assert state("allow.1", text, ASKING, CODEX, key())[0] == PASS


# --- items


STRICT = (
    "never: [{capability: DATA_DESTROY, below: server}]\n"
    "require: {autonomy: {default: supervised}, sandbox: true, lifetime: {production: 12h}, "
    "protection: {production: keychain}, in_workspace: {production: false}}"
)
STATIC = {"lifetime": Lifetime(LifetimeKind.STATIC)}


def test_all_that_one_credential_breaks_is_one_item_and_an_agent_is_another():
    found = judged(STRICT, LOOSE, key(at=HERE / ".env", **STATIC))
    credential, settings = found.items
    assert credential.clauses == (
        *("never.1", "require.lifetime.production", "require.protection.production"),
        "require.in_workspace.production",
    )
    assert settings.clauses == ("require.autonomy.default", "require.sandbox")
    assert (credential.principals[0], settings.principals) == ("claude-code", ("claude-code",))


def test_an_item_is_as_bad_as_the_worst_of_what_breaks_the_contract():
    few, many = (
        judged("", LOOSE, key("K", *(grant(each) for each in told))).items[0]
        for told in (["DATA_READ"], ["DATA_READ", "IRRECOVERABLE"])
    )
    assert few.severity.rank < many.severity.rank
    assert (few.urgent, many.urgent) == (few.severity.rank >= Severity.HIGH.rank, True)


@pytest.mark.parametrize("confidence", [each for each in Confidence if each is not Confidence.POSSIBLE])
def test_an_item_is_as_sure_as_what_breaks_the_contract(confidence):
    [item] = judged("", LOOSE, key("K", grant(confidence=confidence))).items
    assert item.confidence is confidence
    assert item.urgent == (confidence in {Confidence.VERIFIED, Confidence.GRANTED})


@pytest.mark.parametrize("settings", [LOOSE, ASKING, CLOSED], ids=["loose", "asking", "closed"])
def test_an_agent_s_settings_make_an_item_neither_graver_nor_milder(settings):
    """What it opens at worst, though an agent that asks breaks fewer lines by it."""
    text = "allow: [{capability: DATA_DESTROY}]\nrequire: {protection: {production: keychain}}"
    [item] = judged(text, settings, key("K", grant(), grant("COMMS"))).items
    assert (item.severity, item.exposure.class_) == (Severity.CRITICAL, "DATA_DESTROY")


def test_an_item_of_settings_is_high_sure_and_never_urgent():
    [item] = judged("require: {sandbox: true}", LOOSE).items
    assert (item.severity, item.confidence, item.urgent) == (Severity.HIGH, Confidence.VERIFIED, False)


def test_a_finding_tells_the_way_and_the_gate_before_it():
    told = findings(judged("", ASKING, key()), MACHINE)
    assert [(each.way.startswith("Claude Code"), each.gate) for each in told] == [(True, Gate.PROMPT)]
    alone = findings(judged(f"never: [{{{DESTROY}}}]", key()), MACHINE)
    assert [(each.way.startswith("any process of yours"), each.gate) for each in alone] == [(True, Gate.NONE)]


SEVERAL = [LOOSE, CODEX, *(key(f"K{number}", at=HOME / f".keys{number}", **STATIC) for number in range(3))]


def test_items_and_their_ids_hang_on_no_order_and_no_other_finding():
    whole = judged(STRICT, *SEVERAL)
    for order in itertools.islice(itertools.permutations(SEVERAL), 0, None, 7):
        assert judged(STRICT, *order).items == whole.items
    fewer = {item.id for item in judged(STRICT, *SEVERAL[:1], *SEVERAL[2:4]).items}
    assert fewer < {item.id for item in whole.items}


def test_the_worst_stands_first():
    mild = key("K2", grant("DATA_READ", "development"), at=HOME / ".keys2")
    assert [item.credential.public_id for item in judged("", LOOSE, mild, key("K1")).items] == ["K1", "K2"]


# --- waivers


def waived(until, finding):
    accepted = 'covers: [{asset: "*:*"}], owner: ada, reason: moving to SSO'
    return f"waivers: [{{finding: {finding}, {accepted}, until: {until}}}]"


def test_a_waiver_in_force_takes_its_item_out_of_the_excess_and_not_out_of_the_list():
    [item] = judged("", LOOSE, key()).items
    found = judged(waived("2026-11-21", item.id), LOOSE, key())
    assert (found.excess.items, found.excess.score) == (0, 0)
    assert [each.id for each in found.items] == [item.id]
    assert [each.waived for each in findings(found, MACHINE)] == ["ada until 2026-11-21"]
    assert [each.state for each in waivers(found)] == ["in force"]
    assert state("allow", waived("2026-11-21", item.id), LOOSE, key()) == (
        PASS,
        "what breaks it is accepted by ada until 2026-11-21",
    )


def test_a_waiver_that_has_ended_counts_for_nothing():
    [item] = judged("", LOOSE, key()).items
    found = judged(waived("2026-11-20", item.id), LOOSE, key())
    assert (found.excess.items, [each.waived for each in found.items]) == (1, [None])
    assert [each.state for each in waivers(found)] == ["expired"]


def test_a_waiver_of_nothing_that_is_here_is_unused():
    found = judged(waived("2026-12-01", "f-elsewhere"), LOOSE, key())
    assert (found.excess.items, [each.state for each in waivers(found)]) == (1, ["unused"])


def test_a_waiver_of_one_credential_leaves_the_other():
    first, second = judged("", LOOSE, key("K1"), key("K2", at=HOME / ".keys2")).items
    found = judged(waived("2026-12-01", first.id), LOOSE, key("K1"), key("K2", at=HOME / ".keys2"))
    assert (found.excess.items, [each.id for each in found.items if each.waived is None]) == (1, [second.id])


# --- figures


def test_a_machine_that_keeps_its_contract_has_no_excess():
    found = judged("allow: [{environment: production}]", LOOSE, key())
    assert (found.excess.items, found.excess.score, found.items) == (0, 0, ())


def test_the_score_is_of_the_ways_that_break_the_contract_alone():
    broken = judged("allow: [{environment: staging}]", LOOSE, key()).excess
    with_more = judged(
        "allow: [{environment: staging}]", LOOSE, key(), key("S", grant(where="staging"), at=HOME / ".s")
    ).excess
    assert broken == with_more
    assert broken.score > 0
    assert judged("require: {sandbox: true}", LOOSE).excess.score == 0


def test_a_ban_that_any_process_breaks_weighs_as_that_process_does():
    text = f"allow: [{{environment: production}}]\nnever: [{{{DESTROY}, below: prompt}}]"
    asked = judged(f"allow: [{{{DESTROY}, gate: presence}}]", ASKING, key()).excess.score
    assert judged(text, ASKING, key()).excess.score == judged(text, LOOSE, key()).excess.score > asked


# --- what is left to tell


def test_an_allowance_that_nothing_needs_is_told():
    text = "allow: [{environment: production}, {environment: staging}, {capability: MONEY}]"
    assert judged(text, LOOSE, key()).unused == ("allow anything in staging", "allow MONEY")
    assert judged(text, LOOSE, key(), key("S", grant(where="staging"), at=HOME / ".s")).unused == ("allow MONEY",)
    assert judged("", LOOSE, key()).unused == ()


def test_who_is_judged_is_told():
    assert [each.id for each in judged("for: {agents: [codex]}", LOOSE, CODEX).judged] == ["codex"]
    assert [each.id for each in judged("", NOTIONAL).judged] == ["claude-code"]
    assert judged("").judged == ()


def test_an_agent_that_is_not_installed_has_no_settings_to_mend():
    found = judged(f"{STRICT}\nfiles: {{never: [x]}}\ncommands: {{never: [x]}}\nnetwork: [x]", NOTIONAL, key())
    assert all(item.credential is not None for item in found.items)


# --- mends


KINDS = ("ask", "restrict", "sandbox", "never-files", "never-commands", "network")


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize("name", [*agents_with_rules(), "unheard-of"])
def test_each_agent_has_a_mend_of_each_kind(name, platform):
    for kind in KINDS:
        told = agent_mend(name, [kind], platform)
        assert told.summary
        assert platform is Platform.LINUX or not any("apt-get" in each for each in told.commands)


@pytest.mark.parametrize("name", [*agents_with_rules(), "unheard-of"])
def test_two_mends_together_say_each_thing_once(name):
    for kinds in itertools.combinations(KINDS, 2):
        told = agent_mend(name, [*kinds, *kinds], Platform.LINUX)
        sentences = told.summary.split(". ")
        assert len(set(sentences)) == len(sentences)
        assert len(set(told.commands)) == len(told.commands)
    both = agent_mend(name, ["ask", "sandbox"], Platform.LINUX).summary
    assert both.count("sandbox_mode") <= 1
    assert agent_mend(name, ["ask"], Platform.LINUX) != agent_mend(name, ["sandbox"], Platform.LINUX)


def test_settings_that_lack_two_things_are_mended_by_both():
    [item] = judged("require: {autonomy: {default: supervised}, sandbox: true}", LOOSE).items
    assert item.fix == agent_mend("claude-code", ["ask", "sandbox"], Platform.LINUX)
    assert '"defaultMode": "default"' in item.fix.summary
    assert '"autoAllowBashIfSandboxed": true' in item.fix.summary


def test_evidence_of_a_setting_is_where_it_stands():
    [item] = judged("require: {sandbox: true}", LOOSE).items
    assert item.evidence == Evidence(HOME / ".agent" / "settings.json", 3)


def test_any_process_is_no_principal_of_an_allowance():
    assert judged("", CLOSED, key(protection=Protection.PLAINTEXT)).items == ()
    [item] = judged(f"never: [{{{DESTROY}}}]", CLOSED, key()).items
    assert item.principals == (ANY_AGENT,)


def test_a_closed_sandbox_keeps_an_agent_from_what_is_not_allowed():
    assert judged("", agent(shell(RUN, sandbox=BOX)), key()).items == ()


@pytest.mark.parametrize(
    ("gap", "wanted"),
    [
        (Gap(GapKind.FAILED, "", "a defect"), UNKNOWN),
        (Gap(GapKind.LIMIT, "", "the time was spent"), UNKNOWN),
        (Gap(GapKind.FAILED, "~/.aws/config", "broken"), PASS),
        (Gap(GapKind.REFUSED, "", "the vendor's server"), PASS),
    ],
)
def test_nothing_passes_beside_a_probe_that_did_not_come_to_its_end(gap, wanted):
    assert state("never.1", "never: [{capability: MONEY, below: server}]", ASKING, gap)[0] == wanted


# --- one agent in several folders

TWO = fake_machine(workspace="~/src/app", neighbours=["~/src/web"], named=1)
SUPERVISED = "require: {autonomy: {default: supervised}}"


def runs_all(line):
    """A rule that lets it run everything, in a line of the user's own settings."""
    return Ruling(Gate.NONE, "allow", Evidence(HOME / ".claude" / "settings.json", line))


def in_two(*rulings):
    """The items about one agent that is judged in two folders, with a shell by each ruling."""
    folders = zip(("~/src/app", "~/src/web"), rulings, strict=True)
    items = judged(SUPERVISED, *(agent(shell(each), folder=folder) for folder, each in folders), machine=TWO).items
    return sorted((each.id, each.principals) for each in items)


def test_what_an_agent_lacks_in_all_its_folders_is_one_item_that_keeps_its_id():
    [(name, principals)] = in_two(runs_all(1), runs_all(1))
    assert principals == ("claude-code@~/src/app", "claude-code@~/src/web")
    [alone] = judged(SUPERVISED, agent(shell(runs_all(1)))).items
    assert name == alone.id


def test_what_it_lacks_by_another_setting_in_each_is_an_item_for_each():
    found = in_two(runs_all(1), runs_all(2))
    assert [principals for _, principals in found] in (
        [("claude-code@~/src/app",), ("claude-code@~/src/web",)],
        [("claude-code@~/src/web",), ("claude-code@~/src/app",)],
    )


def test_a_folder_in_which_it_lacks_nothing_is_left_out():
    [(_, principals)] = in_two(runs_all(1), ASK)
    assert principals == ("claude-code@~/src/app",)
