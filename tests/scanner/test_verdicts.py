"""The answers that a person reads first: what each says, word by word, and the way that it names."""

from pathlib import PurePosixPath

import pytest

from scanner.config import Config
from scanner.data.verdicts import questions
from scanner.judgement import judge_all
from scanner.model import (
    AgentSeen,
    Asset,
    Barrier,
    Capability,
    Channel,
    Confidence,
    CredentialSeen,
    CredentialState,
    Environment,
    Evidence,
    Gate,
    Grant,
    HandleSeen,
    Identity,
    IdentityLink,
    Policy,
    Protection,
    Ruling,
    Sandbox,
    Secret,
    Step,
    Tool,
)
from scanner.principals import ANY_AGENT
from scanner.testing import fake_machine
from scanner.verdicts import Answer, said

MACHINE = fake_machine(workspace="~/src/app")
HERE = Evidence(PurePosixPath("/home/ada/.agent/settings.json"), 1)
PLACE = Evidence(PurePosixPath("/home/ada/.keys/one"), 1)
SURE = (Confidence.GRANTED, Confidence.VERIFIED)
LABELS = Config(labels={f"account:{each}": each for each in Environment if each is not Environment.UNKNOWN})
# What a secret's text is no way to: so that answers come from what it opens alone.
HIDDEN = {"protection": Protection.HARDWARE}
ASKS_TO_SIGN = Barrier(Gate.PRESENCE, "a touch")
REVIEWED = Barrier(Gate.SERVER, "two must review")

# Each class, and the question that it is about.
ASKED = {
    "destroy-production": {"DATA_DESTROY", "INFRA_MODIFY", "DATA_WRITE"},
    "destroy-backups": {"RECOVERY_DESTROY", "IRRECOVERABLE"},
    "leak": {"DATA_READ", "SECRETS_READ"},
    "ship-code": {"PUBLISH", "CODE_WRITE"},
    "escalate": {"IAM_ESCALATE", "HOST_ROOT"},
    "run-elsewhere": {"EXEC_REMOTE"},
    "speak-or-spend": {"COMMS", "MONEY"},
    "tamper": {"PERSIST", "DEFENSE_IMPAIR"},
}


def agent(gate=Gate.NONE, *, stand_in=None, sandbox=None, name="claude-code", read=None):
    """An agent whose every command stands behind one gate, and whose reading, where that is told, behind another."""
    tools = [Tool("Bash", Channel.EXECUTE, Ruling(gate, "so it is", stand_in=stand_in), (), sandbox)]
    if read is not None:
        tools.append(Tool("Read", Channel.READ, Ruling(read, "so it is")))
    return AgentSeen(name, HERE, policy=Policy("by hand", tuple(tools)))


def key(name, *grants, **more):
    told = {"kind": "test.key", "evidence": PLACE, "public_id": name, **HIDDEN, **more}
    return CredentialSeen(grants=grants, **told)


def grant(capability="DATA_DESTROY", where="production", confidence=Confidence.VERIFIED, **more):
    return Grant(Asset("account", where), frozenset({Capability(capability)}), confidence, **more)


def told(*observations, config=LABELS):
    """The verdicts by principal and question."""
    judged = judge_all(observations, MACHINE, config, ())
    return {(each.principal, each.verdict): each for each in judged.verdicts}, judged


def answer(verdict, *observations, principal="claude-code", config=LABELS):
    return told(*observations, config=config)[0][principal, verdict]


def test_the_questions_and_their_classes():
    assert {row.id: set(map(str, row.classes)) for row in questions().rows} == ASKED


@pytest.mark.parametrize("verdict", ASKED)
def test_nothing_there_is_nothing_found(verdict):
    found = answer(verdict, agent())
    assert (found.answer, found.assets, found.exposure, found.step) == (Answer.NONE_FOUND, 0, None, None)


@pytest.mark.parametrize(("verdict", "capability"), [(v, c) for v, classes in ASKED.items() for c in sorted(classes)])
def test_each_class_answers_its_own_question(verdict, capability):
    found, _ = told(agent(), key("K", grant(capability)))
    assert found["claude-code", verdict].answer == Answer.YES


# --- yes, likely, if approved, undecided

# (gate, its stand-in, confidence, where, answer): rows of the rule, one word changed at a time
RULE = [
    (Gate.NONE, None, Confidence.VERIFIED, "production", Answer.YES),
    (Gate.NONE, None, Confidence.GRANTED, "production", Answer.YES),
    (Gate.CLASSIFIER, None, Confidence.GRANTED, "production", Answer.YES),
    (Gate.RULE_ONLY, None, Confidence.GRANTED, "production", Answer.YES),
    (Gate.NONE, None, Confidence.INFERRED, "production", Answer.LIKELY),
    (Gate.CLASSIFIER, None, Confidence.INFERRED, "production", Answer.LIKELY),
    (Gate.NONE, None, Confidence.VERIFIED, "unknown", Answer.LIKELY),
    (Gate.NONE, None, Confidence.INFERRED, "unknown", Answer.LIKELY),
    (Gate.PROMPT, None, Confidence.VERIFIED, "production", Answer.IF_APPROVED),
    (Gate.PRESENCE, None, Confidence.VERIFIED, "production", Answer.IF_APPROVED),
    (Gate.SERVER, None, Confidence.VERIFIED, "production", Answer.IF_APPROVED),
    (Gate.PROMPT, None, Confidence.INFERRED, "production", Answer.IF_APPROVED),
    (Gate.PROMPT, None, Confidence.VERIFIED, "unknown", Answer.IF_APPROVED),
    (Gate.NONE, None, Confidence.POSSIBLE, "production", Answer.UNDECIDED),
    (Gate.PROMPT, None, Confidence.POSSIBLE, "production", Answer.UNDECIDED),
    (Gate.NONE, None, Confidence.POSSIBLE, "unknown", Answer.UNDECIDED),
    (Gate.REFUSED, None, Confidence.VERIFIED, "production", Answer.NONE_FOUND),
    (Gate.OS_BLOCKED, None, Confidence.VERIFIED, "production", Answer.NONE_FOUND),
    (Gate.REFUSED, None, Confidence.POSSIBLE, "production", Answer.NONE_FOUND),
    # settings that could not be read: never yes, and never safer than what the vendor ships
    (Gate.UNKNOWN, None, Confidence.VERIFIED, "production", Answer.LIKELY),
    (Gate.UNKNOWN, Gate.NONE, Confidence.VERIFIED, "production", Answer.LIKELY),
    (Gate.UNKNOWN, Gate.CLASSIFIER, Confidence.VERIFIED, "production", Answer.LIKELY),
    (Gate.UNKNOWN, Gate.PROMPT, Confidence.VERIFIED, "production", Answer.UNDECIDED),
    (Gate.UNKNOWN, Gate.REFUSED, Confidence.VERIFIED, "production", Answer.NONE_FOUND),
    # not about production
    (Gate.NONE, None, Confidence.VERIFIED, "staging", Answer.NONE_FOUND),
    (Gate.NONE, None, Confidence.VERIFIED, "development", Answer.NONE_FOUND),
    (Gate.NONE, None, Confidence.VERIFIED, "sandbox", Answer.NONE_FOUND),
    (Gate.NONE, None, Confidence.VERIFIED, "shared", Answer.NONE_FOUND),
    (Gate.NONE, None, Confidence.VERIFIED, "workstation", Answer.NONE_FOUND),
]


@pytest.mark.parametrize(("gate", "stand_in", "confidence", "where", "expected"), RULE)
def test_the_rule_of_an_answer(gate, stand_in, confidence, where, expected):
    seen = key("K", grant("DATA_DESTROY", where, confidence))
    assert answer("destroy-production", agent(gate, stand_in=stand_in), seen).answer == expected


@pytest.mark.parametrize("verdict", ["destroy-production", "destroy-backups"])
@pytest.mark.parametrize("where", sorted(Environment))
def test_only_what_is_or_may_be_production_counts_as_destroyed(verdict, where):
    found = answer(verdict, agent(), key("K", grant("IRRECOVERABLE", where)))
    expected = {"production": Answer.YES, "unknown": Answer.LIKELY}.get(where, Answer.NONE_FOUND)
    assert found.answer == expected


@pytest.mark.parametrize("verdict", ["escalate", "run-elsewhere", "ship-code", "speak-or-spend", "tamper"])
@pytest.mark.parametrize("where", sorted(Environment))
def test_the_other_questions_are_about_all_but_development_and_sandboxes(verdict, where):
    found = answer(verdict, agent(), key("K", grant(sorted(ASKED[verdict])[0], where)))
    aside = Answer.NONE_FOUND if where in {"development", "sandbox"} else Answer.YES
    assert found.answer == (Answer.LIKELY if where == "unknown" else aside)


def test_a_proof_that_its_provider_cannot_narrow_reaches_production():
    token = key("K", grant("IRRECOVERABLE", "unknown", Confidence.GRANTED), kind="railway.account-token")
    assert answer("destroy-backups", agent(), token).answer == Answer.YES
    inferred = key("K", grant("IRRECOVERABLE", "unknown", Confidence.INFERRED), kind="railway.account-token")
    assert answer("destroy-backups", agent(), inferred).answer == Answer.LIKELY
    assert answer("destroy-backups", agent(Gate.PROMPT), token).answer == Answer.IF_APPROVED


def test_a_project_token_of_an_unknown_environment_is_likely():
    token = key("K", grant("IRRECOVERABLE", "unknown", Confidence.GRANTED), kind="railway.project-token")
    assert answer("destroy-backups", agent(), token).answer == Answer.LIKELY


@pytest.mark.parametrize(("barrier", "gate"), [(ASKS_TO_SIGN, Gate.PRESENCE), (REVIEWED, Gate.SERVER)])
def test_what_stands_outside_of_an_agent_asks_a_person_too(barrier, gate):
    found, _ = told(agent(), key("K", grant(), barrier=barrier))
    for principal in ("claude-code", ANY_AGENT):
        assert found[principal, "destroy-production"].answer == Answer.IF_APPROVED
        assert found[principal, "destroy-production"].gate is gate


@pytest.mark.parametrize("state", [CredentialState.EXPIRED, CredentialState.REVOKED])
def test_what_has_ended_answers_nothing(state):
    found, _ = told(agent(), key("K", grant(), state=state))
    assert {each.answer for each in found.values()} == {Answer.NONE_FOUND}


def test_what_the_agent_itself_runs_on_answers_nothing():
    spent = Grant(Asset("model-api", "api.example.com"), frozenset({Capability.MONEY}), Confidence.VERIFIED)
    assert answer("speak-or-spend", agent(), key("K", spent)).answer == Answer.NONE_FOUND
    bank = Grant(Asset("bank", "acme"), frozenset({Capability.MONEY}), Confidence.VERIFIED)
    assert answer("speak-or-spend", agent(), key("K", bank)).answer == Answer.LIKELY


# --- who is asked


def test_each_principal_has_its_own_answer():
    free, asks = agent(name="codex"), agent(Gate.PROMPT)
    shut = agent(Gate.NONE, sandbox=Sandbox("bubblewrap", "sandbox.enabled"), name="cursor")
    found, _ = told(free, asks, shut, key("K", grant()))
    told_ = {principal: each.answer for (principal, verdict), each in found.items() if verdict == "destroy-production"}
    assert told_ == {
        ANY_AGENT: Answer.YES,
        "codex": Answer.YES,
        "claude-code": Answer.IF_APPROVED,
        "cursor": Answer.NONE_FOUND,
    }


def test_without_an_agent_the_unrestricted_one_answers_alone():
    found, _ = told(key("K", grant()))
    assert {principal for principal, _ in found} == {ANY_AGENT}
    assert found[ANY_AGENT, "destroy-production"].answer == Answer.YES


def test_what_it_decides_alone_must_ask_and_cannot():
    seen = [
        key("A", grant("DATA_DESTROY"), barrier=ASKS_TO_SIGN),
        key("B", grant("EXEC_REMOTE")),
        key("C", grant("PUBLISH", confidence=Confidence.INFERRED)),
        key("D", grant("PERSIST", confidence=Confidence.POSSIBLE)),
    ]
    _, judged = told(agent(), *seen)
    own = [each for each in judged.verdicts if each.principal == "claude-code"]
    # who runs code elsewhere has the data and secrets that lie there
    assert said(own, Answer.YES, Answer.LIKELY) == ("leak", "ship-code", "run-elsewhere")
    assert said(own, Answer.IF_APPROVED) == ("destroy-production",)
    assert said(own, Answer.NONE_FOUND) == ("destroy-backups", "escalate", "speak-or-spend")
    assert said(own, Answer.UNDECIDED) == ("tamper",)


# --- the gravest answer, its count and its way

GRAVER = [
    ((grant(),), (grant(confidence=Confidence.INFERRED),), Answer.YES),
    ((grant(confidence=Confidence.INFERRED),), (grant(confidence=Confidence.POSSIBLE),), Answer.LIKELY),
    ((grant(confidence=Confidence.INFERRED),), (grant(where="unknown"),), Answer.LIKELY),
    ((grant(confidence=Confidence.POSSIBLE),), (grant(where="staging"),), Answer.UNDECIDED),
]


@pytest.mark.parametrize(("one", "other", "expected"), GRAVER)
def test_the_gravest_of_all_counts(one, other, expected):
    for first, second in ((one, other), (other, one)):
        assert answer("destroy-production", agent(), key("A", *first), key("B", *second)).answer == expected


def test_a_yes_after_asking_is_graver_than_what_nobody_knows():
    sure = key("A", grant(), barrier=ASKS_TO_SIGN)
    doubtful = key("B", grant(confidence=Confidence.POSSIBLE))
    found = answer("destroy-production", agent(), sure, doubtful)
    assert (found.answer, found.ways) == (Answer.IF_APPROVED, 1)


def test_it_counts_distinct_production_assets_and_all_ways():
    def on(name, *capabilities):
        return Grant(Asset("account", name), frozenset(map(Capability, capabilities)), Confidence.VERIFIED)

    config = Config(labels={"account:one": Environment.PRODUCTION, "account:two": Environment.PRODUCTION})
    found = answer(
        "destroy-production",
        agent(),
        key("A", on("one", "DATA_DESTROY", "DATA_WRITE"), on("two", "DATA_DESTROY")),
        key("B", on("one", "DATA_DESTROY"), on("three", "DATA_DESTROY")),
        config=config,
    )
    # A: two classes on one, one on two; B: one on one. What is on three is of an unknown environment: likely, not yes.
    assert (found.answer, found.assets, found.ways) == (Answer.YES, 2, 4)


def way_of(found, judged):
    exposure = next(each for each in judged.exposures if each.id == found.exposure)
    return judged.graph.credentials[exposure.credential].public_id, judged.graph.assets[exposure.asset].asset.name


def best(*observations, config=LABELS):
    found, judged = told(*observations, config=config)
    return way_of(found["claude-code", "destroy-production"], judged)


ADA, ROLE = Identity("aws", "1", "ada"), Identity("aws", "1", "role")
ASSUMES = IdentityLink(ADA, ROLE, "assumes", HERE, Confidence.VERIFIED)


def test_the_way_that_is_named_is_the_shortest():
    direct = key("SHORT", grant())
    round_about = key("LONG", identity=ADA)
    assert best(agent(), direct, round_about, ASSUMES, grant(identity=ROLE)) == ("SHORT", "production")


def test_the_way_that_is_named_is_the_worst_before_it_is_the_shortest():
    mild = key("SHORT", grant("DATA_WRITE"))  # high; to destroy is critical
    grave = key("LONG", identity=ADA)
    assert best(agent(), mild, grave, ASSUMES, grant(identity=ROLE)) == ("LONG", "production")


def test_the_way_that_is_named_has_the_least_before_it():
    asked = key("A", grant("DATA_DESTROY"), barrier=REVIEWED)
    touched = key("B", grant("DATA_WRITE"), barrier=ASKS_TO_SIGN)
    assert best(agent(), asked, touched) == ("B", "production")


def test_the_way_that_is_named_leads_to_production_before_what_nobody_knows():
    unknown = key("A", grant("INFRA_MODIFY", "unknown", Confidence.INFERRED))
    known = key("B", grant("DATA_WRITE", "production", Confidence.INFERRED))
    assert best(agent(), unknown, known) == ("B", "production")


def test_the_way_that_is_named_leads_to_a_crown_jewel_first():
    config = Config(labels={"account:plain": Environment.PRODUCTION}, crown_jewels=("account:jewel",))
    plain = key("A", grant("DATA_DESTROY", "plain"))
    jewel = key("B", grant("DATA_WRITE", "jewel"))
    assert best(agent(), plain, jewel, config=config) == ("B", "jewel")


def test_an_undecided_answer_names_the_step_that_decides():
    step = Step("what it may do is not known", "armslength scan --live=aws")
    doubtful = key("K", grant(confidence=Confidence.POSSIBLE), undecided=step)
    found = answer("destroy-production", agent(), doubtful)
    assert (found.answer, found.step.action) == (Answer.UNDECIDED, "armslength scan --live=aws")


def test_the_step_of_another_is_named_where_the_first_has_none():
    step = Step("what it may do is not known", "armslength scan --live=aws")
    grave = key("A", grant(confidence=Confidence.POSSIBLE))
    mild = key("B", grant("DATA_WRITE", confidence=Confidence.POSSIBLE), undecided=step)
    assert answer("destroy-production", agent(), grave, mild).step.action == "armslength scan --live=aws"


def test_an_answer_that_is_decided_names_no_step():
    step = Step("what it may do is not known", "armslength scan --live=aws")
    assert answer("destroy-production", agent(), key("K", grant(), undecided=step)).step is None


# --- leaks


OPEN = {"secret": Secret(0, "k1:" + "0" * 32), "protection": Protection.PLAINTEXT}
NO_NETWORK = Sandbox("bubblewrap", "sandbox.enabled")

# (what, who, the key's place, what it opens, the answer to `leak`)
LEAKS = [
    ("a secret is read unasked", agent(), OPEN, grant("COMMS"), Answer.YES),
    ("a secret is read as a model judges", agent(Gate.CLASSIFIER), OPEN, grant("COMMS"), Answer.YES),
    ("a secret is read after asking", agent(Gate.PROMPT), OPEN, grant("COMMS"), Answer.IF_APPROVED),
    ("a secret is read unasked, used after asking", agent(Gate.PROMPT, read=Gate.NONE), OPEN, grant(), Answer.YES),
    ("a secret is read without network: it goes to the model", agent(sandbox=NO_NETWORK), OPEN, grant(), Answer.YES),
    ("a secret that nobody can read", agent(Gate.REFUSED), OPEN, grant("COMMS"), Answer.NONE_FOUND),
    ("a secret behind settings unread", agent(Gate.UNKNOWN, stand_in=Gate.NONE), OPEN, grant("COMMS"), Answer.LIKELY),
    (
        "a secret behind settings unread, whose default asks",
        agent(Gate.UNKNOWN, stand_in=Gate.PROMPT),
        OPEN,
        grant("COMMS"),
        Answer.UNDECIDED,
    ),
    ("a secret of unknown rights", agent(), OPEN, grant("COMMS", "unknown", Confidence.POSSIBLE), Answer.YES),
    ("a secret of staging", agent(), OPEN, grant("COMMS", "staging"), Answer.YES),
    ("a secret of development", agent(), OPEN, grant("COMMS", "development"), Answer.NONE_FOUND),
    ("a secret of a sandbox", agent(), OPEN, grant("COMMS", "sandbox"), Answer.NONE_FOUND),
    ("a secret that opens nothing", agent(), OPEN, None, Answer.NONE_FOUND),
    ("a secret that has ended", agent(), OPEN | {"state": CredentialState.EXPIRED}, grant(), Answer.NONE_FOUND),
    ("production data", agent(), HIDDEN, grant("DATA_READ"), Answer.YES),
    (
        "production data, as is inferred",
        agent(),
        HIDDEN,
        grant("DATA_READ", confidence=Confidence.INFERRED),
        Answer.LIKELY,
    ),
    ("production data, asked", agent(Gate.PROMPT), HIDDEN, grant("DATA_READ"), Answer.IF_APPROVED),
    ("production data, without network", agent(sandbox=NO_NETWORK), HIDDEN, grant("DATA_READ"), Answer.NONE_FOUND),
    ("data of staging", agent(), HIDDEN, grant("DATA_READ", "staging"), Answer.NONE_FOUND),
    ("data of this machine", agent(), HIDDEN, grant("DATA_READ", "workstation"), Answer.NONE_FOUND),
    ("secrets of production", agent(), HIDDEN, grant("SECRETS_READ"), Answer.YES),
    ("secrets of this machine's other users", agent(), HIDDEN, grant("SECRETS_READ", "workstation"), Answer.YES),
    ("secrets of staging", agent(), HIDDEN, grant("SECRETS_READ", "staging"), Answer.YES),
    ("secrets of development", agent(), HIDDEN, grant("SECRETS_READ", "development"), Answer.NONE_FOUND),
    ("production that can only be destroyed", agent(), HIDDEN, grant("DATA_DESTROY"), Answer.NONE_FOUND),
]


@pytest.mark.parametrize(
    ("who", "kept", "opens", "expected"), [row[1:] for row in LEAKS], ids=[row[0] for row in LEAKS]
)
def test_what_leaks(who, kept, opens, expected):
    seen = key("K", *([opens] if opens is not None else []), **kept)
    assert answer("leak", who, seen).answer == expected


def test_the_login_of_the_agents_own_model_is_no_leak():
    own = Grant(Asset("model-api", "api.example.com"), frozenset({Capability.MONEY}), Confidence.VERIFIED)
    assert answer("leak", agent(), key("K", own, **OPEN)).answer == Answer.NONE_FOUND


def test_a_handle_has_no_text_that_leaks():
    socket = HandleSeen("handle.test", PLACE, "connect unix:/run/x", grants=(grant("COMMS"),))
    assert answer("leak", agent(), socket).answer == Answer.NONE_FOUND


def test_a_secret_that_leaks_is_named_with_its_gate_and_the_production_it_opens():
    found, judged = told(agent(), key("K", grant("COMMS"), grant("COMMS", "staging"), **OPEN))
    leak = found["claude-code", "leak"]
    [credential] = judged.graph.credentials
    assert (leak.credential, leak.exposure, leak.gate, leak.assets, leak.ways) == (credential, None, Gate.NONE, 1, 1)


def test_any_agent_reads_what_an_agent_is_kept_from():
    found, _ = told(agent(Gate.REFUSED), key("K", grant("COMMS"), **OPEN))
    assert found["claude-code", "leak"].answer == Answer.NONE_FOUND
    assert found[ANY_AGENT, "leak"].answer == Answer.YES


@pytest.mark.parametrize("tools", [(), (Tool("MCP", Channel.CALL, Ruling(Gate.NONE, "calls")),)])
def test_any_agent_reads_what_an_agent_has_no_tool_for(tools):
    helpless = AgentSeen("claude-code", HERE, policy=Policy("by hand", tools))
    found, _ = told(helpless, key("K", grant("COMMS"), **OPEN))
    assert found["claude-code", "leak"].answer == Answer.NONE_FOUND
    assert found[ANY_AGENT, "leak"].answer == Answer.YES


@pytest.mark.parametrize("observations", [(), (agent(),)])
def test_what_guards_the_use_of_a_secret_does_not_guard_its_text(observations):
    found, _ = told(*observations, key("K", grant("COMMS"), barrier=REVIEWED, **OPEN))
    assert {each.answer for (_, verdict), each in found.items() if verdict == "leak"} == {Answer.YES}
    assert found[ANY_AGENT, "speak-or-spend"].answer == Answer.IF_APPROVED


@pytest.mark.parametrize("observations", [(), (agent(),)])
@pytest.mark.parametrize("kept", [Protection.ENCRYPTED, Protection.KEYCHAIN, Protection.HARDWARE])
def test_what_does_not_lie_open_has_no_text_that_leaks(kept, observations):
    found, _ = told(*observations, key("K", grant("COMMS"), **OPEN | {"protection": kept}))
    assert {each.answer for (_, verdict), each in found.items() if verdict == "leak"} == {Answer.NONE_FOUND}
