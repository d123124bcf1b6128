"""A plan: the few changes that take most away, what each leaves, and that it leaves what it says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from scanner.advice import advised
from scanner.answers import advice
from scanner.candidates import units
from scanner.data.advice import prices
from scanner.judgement import judge_all
from scanner.model import (
    AgentSeen,
    CredentialSeen,
    Evidence,
    Fix,
    HandleSeen,
    Identity,
    IdentityLink,
    Platform,
    ServerSeen,
    UseKind,
    UseSeen,
    Weakness,
)
from scanner.model.report import Excess
from scanner.testing import NOW, fake_machine
from scanner.weighing import Weighing, weight
from scanner.whatif import applied
from tests.contracts import ASK, HOME, LABELS, MACHINE, RUN, agent, grant, key, plan_of, shell, whole
from tests.scanner.test_judgement_laws import LAPTOP, POLICIES, SEEN

LOOSE, ASKING = agent(shell(RUN)), agent(shell(ASK))
CODEX = agent(shell(RUN), id="codex", title="Codex")
RECORDS = Evidence(HOME / ".claude" / "projects" / "1.jsonl")
ASKED_FOR = "allow: [{environment: production, gate: prompt}]\nrequire: {autonomy: {default: supervised}}"


def told(steps):
    """Of each step what it is, what it is about and what it leaves."""
    return [(each.draft.kind, each.draft.target, each.after.items) for each in steps]


def used(what, subject, count, who="claude-code"):
    return UseSeen(subject, what, count, NOW, RECORDS, who, first=NOW)


# --- worked by hand

USERS = [Identity("aws", "1", f"user/u{number}") for number in range(10)]
ADMIN = Identity("aws", "1", "role/Admin")
PROFILES = [
    CredentialSeen("test.key", Evidence(HOME / ".aws" / "credentials", number), public_id=f"K{number}", identity=user)
    for number, user in enumerate(USERS)
]
LEADS = [IdentityLink(user, ADMIN, "assumes", Evidence(HOME / ".aws" / "config", 3)) for user in USERS]
POWER = grant("IRRECOVERABLE")


def of_admin():
    return replace(POWER, identity=ADMIN)


def test_one_role_that_ten_profiles_become_is_one_step():
    [step] = plan_of("", LOOSE, *PROFILES, *LEADS, of_admin())
    assert (step.draft.kind, step.after) == ("identity", Excess(0, 0))
    assert "role/Admin" in step.draft.fix.summary
    assert step.draft.fix.commands[0].startswith("aws iam get-role --role-name Admin ")
    assert len(step.settled) == 10


def test_a_role_of_one_profile_is_not_worth_asking_anybody():
    steps = plan_of("", LOOSE, PROFILES[0], LEADS[0], of_admin())
    assert [each.draft.kind for each in steps] == ["credential"]


def test_one_setting_that_makes_nine_things_asked_for_is_first_and_enough():
    keys = [key(f"K{number}", at=HOME / f".k{number}") for number in range(9)]
    [step] = plan_of(ASKED_FOR, LOOSE, *keys)
    assert told([step]) == [("agent", "claude-code", 0)]
    assert len(step.settled) == 10


def test_two_agents_that_must_both_ask_are_two_steps_that_stand_together():
    keys = [key(f"K{number}", at=HOME / f".k{number}") for number in range(9)]
    steps = plan_of(ASKED_FOR, LOOSE, CODEX, *keys)
    assert [each.draft.kind for each in steps] == ["agent", "agent"]
    assert [each.after.items for each in steps] == [10, 0]


def test_of_agents_that_are_worth_something_together_one_that_is_worth_nothing_is_left_out():
    far = agent(shell(RUN), id="cursor", title="Cursor", folder="~/elsewhere")
    text = "for: {agents: [claude-code, codex]}\nallow: [{environment: production, gate: prompt}]"
    steps = plan_of(text, LOOSE, CODEX, far, key(), key("K2", at=HOME / ".k2"), key("K3", at=HOME / ".k3"))
    assert [each.draft.target for each in steps] == ["claude-code", "codex"]


@pytest.mark.parametrize("platform", Platform)
def test_a_role_is_ended_by_commands_of_the_machine(platform):
    machine = fake_machine(platform)
    [step] = plan_of("", LOOSE, *PROFILES, *LEADS, of_admin(), machine=machine)
    assert ("Out-File" in step.draft.fix.commands[0]) == (platform is Platform.WINDOWS)
    odd = Identity("aws", "1", "role/a\nb")
    links = [replace(each, target=odd) for each in LEADS]
    [step] = plan_of("", LOOSE, *PROFILES, *links, replace(POWER, identity=odd), machine=machine)
    assert step.draft.fix.commands == ()


def test_what_is_used_is_kept_longer_than_what_is_not():
    observations = [
        key("K1", at=HOME / ".k1"),
        key("K2", at=HOME / ".k2"),
        used(UseKind.FILE, "~/.k1", 14),
        LOOSE,
    ]
    first, second = plan_of("", *observations)
    nodes = {each.public_id: each.id for each in whole("", *observations).graph.credentials.values()}
    assert [first.draft.target, second.draft.target] == [nodes["K2"], nodes["K1"]]
    assert second.draft.breaks.startswith("used 14 times, last on 2026-11-2")
    assert first.draft.breaks.startswith("nothing was seen to use it in ")


def test_a_socket_is_a_step_with_its_commands():
    socket = HandleSeen(
        "handle.container-socket", Evidence(MACHINE.home.parent.parent / "var" / "run" / "docker.sock"),
        "connect unix:/var/run/docker.sock", grants=(grant("HOST_ROOT", "here", kind="workstation"),),
    )  # fmt: skip
    [step] = plan_of("", LOOSE, socket)
    assert (step.draft.kind, step.after.items) == ("credential", 0)
    assert "dockerd-rootless-setuptool.sh install" in step.draft.fix.commands


ENTRY = Evidence(HOME / ".claude.json", 3, key="mcpServers.jira")
SERVER = ServerSeen(*("jira", "claude-code", "user", "stdio", "npx"), ENTRY)


REMOVED = ("claude mcp remove jira", "rm -f ~/.claude/backups/.claude.json.backup*")
BACKUPS = [HOME / ".claude" / "backups" / f".claude.json.backup.{number}" for number in (1, 2)]


def in_entry(number):
    place = Evidence(HOME / ".claude.json", 4 + number, key=f"mcpServers.jira.env.TOKEN{number}")
    return CredentialSeen("test.key", place, public_id=f"K{number}", grants=(grant(),))


def test_a_server_that_nobody_uses_goes_with_its_secrets():
    seen = [LOOSE, SERVER, *map(in_entry, range(3)), used(UseKind.COMMAND, "git status", 9)]
    [step] = plan_of("", *seen)
    assert (step.draft.kind, step.draft.fix.commands) == ("server", REMOVED)
    assert step.draft.breaks.startswith("nothing was seen to use it")


def in_backup(seen, path=BACKUPS[0]):
    return replace(seen, evidence=replace(seen.evidence, path=path), copied_from=replace(seen.evidence, line=None))


def test_a_server_that_goes_leaves_what_the_backups_hold_only_until_these_go_too():
    entries = [in_entry(number) for number in range(3)]
    old = replace(in_entry(7), public_id="K7")
    copies = [in_backup(each, path) for each in (*entries, old) for path in BACKUPS]
    [step] = plan_of("", LOOSE, SERVER, *entries, *copies, used(UseKind.COMMAND, "git status", 9))
    assert step.draft.fix.commands == REMOVED
    assert "~/.claude/backups/.claude.json.backup*" in step.draft.fix.summary
    assert step.after.items == 0
    assert step.after == whole("", LOOSE, used(UseKind.COMMAND, "git status", 9)).judgement.excess


def test_what_other_copies_hold_is_not_promised_away():
    elsewhere = in_backup(in_entry(9), HOME / "old" / ".claude.json.backup.1")
    seen = [LOOSE, SERVER, *map(in_entry, range(3)), elsewhere, used(UseKind.COMMAND, "git status", 9)]
    steps = plan_of("", *seen)
    assert [(each.draft.kind, each.after.items) for each in steps] == [("server", 1), ("credential", 0)]


@pytest.mark.parametrize("platform", Platform)
def test_backups_are_deleted_where_they_are_by_the_shell_of_the_machine(platform):
    odd = {Platform.LINUX: "/srv/my conf", Platform.MACOS: "/srv/my conf", Platform.WINDOWS: "C:\\my conf"}[platform]
    machine = fake_machine(platform, env={"CLAUDE_CONFIG_DIR": odd})
    place = type(machine.home)(odd) / ".claude.json"
    server = replace(SERVER, evidence=replace(ENTRY, path=place))
    inside = [replace(each, evidence=replace(each.evidence, path=place)) for each in map(in_entry, range(3))]
    [step] = plan_of("", LOOSE, server, *inside, used(UseKind.COMMAND, "git status", 9), machine=machine)
    assert step.draft.fix.commands[1] == {
        Platform.WINDOWS: "Remove-Item (Join-Path 'C:\\my conf\\backups' '.claude.json.backup*')"
    }.get(platform, "rm -f '/srv/my conf/backups'/.claude.json.backup*")


def test_a_server_of_a_project_s_own_file_has_no_backups():
    place = HOME / "src" / "shop" / ".mcp.json"
    inside = [replace(each, evidence=replace(each.evidence, path=place)) for each in map(in_entry, range(3))]
    server = replace(SERVER, evidence=replace(ENTRY, path=place))
    [step] = plan_of("", LOOSE, server, *inside, used(UseKind.COMMAND, "git status", 9))
    assert step.draft.fix.commands == ("claude mcp remove jira",)


def test_a_server_that_is_used_keeps_its_place():
    seen = [LOOSE, SERVER, *map(in_entry, range(2)), used(UseKind.TOOL, "jira/search", 90)]
    assert {each.draft.kind for each in plan_of("", *seen)} == {"credential"}


def test_a_clause_of_the_machine_is_a_step():
    weak = Weakness("ssh.forward-agent", "ssh forwards", Evidence(HOME / ".ssh" / "config", 2), "w", Fix("Remove it."))
    [step] = plan_of("require: {private_keys: encrypted}", LOOSE, weak)
    assert (step.draft.kind, step.draft.fix.summary, step.after.items) == ("clause", "Remove it.", 0)


def test_what_one_command_mends_is_one_step():
    keys = [key(f"K{number}", at=f"${name}", kind="test.key") for number, name in enumerate(["TOKEN", "TOKEN"])]
    [step] = plan_of("", LOOSE, *keys)
    assert (len(step.draft.changes), step.draft.fix.commands, step.after.items) == (2, ("unset TOKEN",), 0)


def test_prompts_a_day_are_told_and_make_asking_dearer():
    seen = [LOOSE, key(), used(UseKind.COMMAND, "git status", 400)]
    [step] = plan_of(ASKED_FOR, *seen)
    assert step.draft.breaks == "a person is asked before some 400 commands a day"
    [rarely] = plan_of(ASKED_FOR, LOOSE, key(), used(UseKind.COMMAND, "git status", 1))
    assert rarely.draft.breaks == "a person is asked before a command or two a day"
    assert step.draft.cost > plan_of(ASKED_FOR, LOOSE, key())[0].draft.cost


def test_what_is_accepted_has_no_step():
    [item] = whole("", LOOSE, key()).judgement.items
    waiver = f'waivers: [{{finding: {item.id}, covers: [{{asset: "*:*"}}], owner: ada, reason: r, until: 2026-12-01}}]'
    assert plan_of(waiver, LOOSE, key()) == ()


def test_an_agents_own_login_is_no_step():
    own = key("K", grant("MONEY", "x", kind="model-api"), grant("DATA_READ"))
    assert len(whole("", LOOSE, own).judgement.items) == 1
    assert plan_of("", LOOSE, own) == ()


def test_a_plan_has_an_end():
    keys = [key(f"K{number}", at=HOME / f".k{number}") for number in range(30)]
    steps = plan_of("", LOOSE, *keys)
    assert len(steps) == 12
    assert steps[-1].after.items == 18


def test_no_two_steps_are_about_one_agent():
    text = "require: {autonomy: {default: restricted}, sandbox: true}\nfiles: {never: ['~/.ssh/**']}"
    seen = [agent(shell(RUN), folder=folder) for folder in ("~/src/app", "~/src/other")]
    steps = plan_of(text, *seen, key())
    assert [each.draft.target for each in steps if each.draft.kind == "agent"] == ["claude-code"]


def test_a_step_is_told_with_what_it_takes_and_settles():
    judged = whole("", LOOSE, *PROFILES, *LEADS, of_admin())
    [step] = advice(judged)
    assert (step.kind, step.effort, step.elsewhere) == ("identity", prices().effort["admin"].words, True)
    assert set(step.settles) == {item.id for item in judged.judgement.items}
    assert set(step.removes) == {each.id for each in judged.exposures}
    assert step.id.startswith("v-")


# --- laws

LINES = [
    ASKED_FOR,
    "never: [{capability: [IRRECOVERABLE, MONEY]}]\nallow: [{capability: DATA_READ, gate: prompt}]\n"
    "require: {autonomy: {default: supervised, production: restricted}, sandbox: true}",
    "never: [{environment: production, below: prompt}]\nallow: [{environment: staging}]\n"
    "require: {lifetime: {production: 12h}, tokens: {scoped: true, lifetime: 1d}, private_keys: encrypted}",
]
CREDENTIALS = [
    key("K1", grant("DATA_DESTROY"), at=HOME / ".k1"),
    key("K2", grant("MONEY"), grant("DATA_READ"), at=HOME / ".k2"),
    key("K3", grant("DATA_READ", "staging"), at=HOME / ".k3"),
    key("K4", grant("IRRECOVERABLE"), at=HOME / ".k4", kind="github.token"),
]
AGENTS = {"one": [LOOSE], "two": [LOOSE, CODEX], "one asks": [ASKING, CODEX], "none": []}


def keeps_its_promises(judged):
    """That after each prefix of its plan a machine is judged as the plan says, and that no step adds anything."""
    steps, changes = advised(judged), []
    before = judged.judgement.excess
    for step in steps:
        changes += step.draft.changes
        after = applied(judged, changes).judgement
        assert step.after == after.excess
        assert (after.excess.items, after.excess.score) <= (before.items, before.score)
        assert not set(step.settled) & {item.id for item in after.items if item.waived is None}
        before = after.excess
    return steps


@pytest.mark.parametrize("text", LINES)
@pytest.mark.parametrize("agents", AGENTS.values(), ids=AGENTS)
def test_a_plan_keeps_what_it_promises(agents, text):
    judged = whole(text, *agents, *CREDENTIALS, SERVER, in_entry(0))
    steps = keeps_its_promises(judged)
    assert bool(steps) == bool(judged.judgement.items)
    assert all(each.after == Excess(0, 0) for each in steps[-1:])


def laptop(observations, *policies, contract=LAPTOP):
    seen = [
        AgentSeen(f"agent-{number}", Evidence(HOME / f"agent-{number}"), title=f"A{number}", policy=policy)
        for number, policy in enumerate(policies)
    ]
    return judge_all([*observations, *seen], MACHINE, LABELS, (contract,))


@settings(max_examples=50, deadline=None)
@given(SEEN, POLICIES, POLICIES)
def test_any_plan_keeps_what_it_promises(observations, policy, other):
    keeps_its_promises(laptop(observations, policy, other))


@settings(max_examples=25, deadline=None)
@given(SEEN.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))), POLICIES)
def test_the_order_of_observations_changes_no_plan(pair, policy):
    one, other = (advised(laptop(found, policy)) for found in pair)
    assert [(each.draft, each.after) for each in one] == [(each.draft, each.after) for each in other]


@settings(max_examples=25, deadline=None)
@given(SEEN, POLICIES, POLICIES)
def test_no_step_is_superfluous(observations, policy, other):
    judged = laptop(observations, policy, other)
    if judged.judgement.excess.items == 0:
        return
    steps, weighing = advised(judged), Weighing(judged, judged.judgement)
    changes = [step.draft.changes for step in steps]
    whole_plan = weight(weighing.left([each for row in changes for each in row]))
    singles = {unit.drafts[0] for unit in units(judged, judged.judgement, weighing.weights) if len(unit.drafts) == 1}
    for number, step in enumerate(steps):
        rest = [each for place, row in enumerate(changes) for each in row if place != number]
        if step.draft in singles and step.draft.kind != "agent":
            assert weight(weighing.left(rest)) > whole_plan


def cheapest(judged):
    """The least that any set of the candidates costs which leaves as little as all of them."""
    weighing = Weighing(judged, judged.judgement)
    drafts = list(
        dict.fromkeys(draft for unit in units(judged, judged.judgement, weighing.weights) for draft in unit.drafts)
    )
    if len(drafts) > 6:
        return None
    sets = [[each for place, each in enumerate(drafts) if mask >> place & 1] for mask in range(2 ** len(drafts))]
    least = weight(weighing.left([change for draft in drafts for change in draft.changes]))
    fine = [row for row in sets if weight(weighing.left([c for draft in row for c in draft.changes])) <= least + 1e-9]
    return min(sum(draft.cost for draft in row) for row in fine)


@settings(max_examples=25, deadline=None)
@given(SEEN, POLICIES)
def test_a_plan_for_a_tiny_machine_is_about_as_cheap_as_any(observations, policy):
    judged = laptop(observations[:4], policy)
    least = cheapest(judged) if judged.judgement.excess.items else None
    if least is not None:
        assert sum(step.draft.cost for step in advised(judged)) <= 2.5 * least  # the sixth harmonic number


def test_asking_is_no_step_where_it_takes_nothing_away():
    for text in ("", "never: [{capability: DATA_DESTROY}]"):
        assert [each.draft.kind for each in plan_of(text, LOOSE, key())] == ["credential"]


def test_asking_that_nothing_demands_is_a_step_where_it_ends_something():
    [step] = plan_of("allow: [{environment: production, gate: prompt}]", LOOSE, key(), key("K2", at=HOME / ".k2"))
    assert (step.draft.kind, step.after.items) == ("agent", 0)
