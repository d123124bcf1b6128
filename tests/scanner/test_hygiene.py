"""Hygiene of agents' rules: settings in, findings out, each with its place; what protects makes nothing worse."""

import json
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from probes.agents.look import agents
from scanner.cli.contracts import chosen
from scanner.config import Config
from scanner.data.agent_places import agent_places
from scanner.data.hygiene import hygiene as table
from scanner.data.severities import weaknesses
from scanner.engine import scan
from scanner.hygiene.look import hygiene
from scanner.judgement import judge_all
from scanner.model import (
    AgentSeen,
    Asset,
    Capability,
    Channel,
    Command,
    Confidence,
    CredentialSeen,
    CredentialState,
    Everything,
    Evidence,
    Gate,
    Grant,
    Guardrail,
    Name,
    Paths,
    Policy,
    Protection,
    Rule,
    Ruling,
    SettingSeen,
    Severity,
    Tool,
    UseKind,
    UseSeen,
    Weakness,
)
from scanner.probe import probe
from scanner.testing import NOW, TEST_KEY, FakeHost, fake_machine, observe
from scanner.vault import Vault

HOME = PurePosixPath("/home/ada")
USER = HOME / ".agent" / "settings.json"
MACHINE = fake_machine(workspace="~/src/app")
LAPTOP = chosen(None, NOW.date())
ASKS = Ruling(Gate.PROMPT, "asks by default")
RUNS = Ruling(Gate.NONE, 'mode "yolo"', Evidence(USER, 2, "mode"))
EVERY = frozenset(Capability)


def rule(gate, text, line, pattern=None):
    """An entry of a list, as a vendor's reader makes it: `allow "git push:*"`."""
    word = {Gate.NONE: "allow", Gate.REFUSED: "deny", Gate.PROMPT: "ask", Gate.UNKNOWN: "allow"}[gate]
    if pattern is None:
        pattern = Command(text.removesuffix(":*"), open=text.endswith(":*"))
    stand_in = Gate.NONE if gate is Gate.UNKNOWN else None
    return Rule(pattern, Ruling(gate, f'{word} "{text}"', Evidence(USER, line, word), stand_in))


def allow(text, line, pattern=None):
    return rule(Gate.NONE, text, line, pattern)


def deny(text, line, pattern=None):
    return rule(Gate.REFUSED, text, line, pattern)


def ask(text, line):
    return rule(Gate.PROMPT, text, line)


def shell(*rules, otherwise=ASKS):
    return Tool("Bash", Channel.EXECUTE, otherwise, rules)


def reader(*rules, otherwise=ASKS):
    return Tool("Read", Channel.READ, otherwise, rules)


def agent(*tools, name="claude-code", folder="~/src/app", **more):
    return AgentSeen(
        name, Evidence(HOME / ".agent"), title="The agent", folder=folder, policy=Policy("by hand", tools), **more
    )


def found(*observations, machine=MACHINE):
    """What hygiene says of them."""
    return hygiene(judge_all(observations, machine, Config(), ()), observations)


def of(kind, *observations, machine=MACHINE):
    """The findings of one kind."""
    told = found(*observations, machine=machine).weaknesses
    return [each for each in told if each.rule == f"hygiene.{kind}"]


def key(at=HOME / ".aws/credentials", asset="aws-account:123456789012", **more):
    kind, _, name = asset.partition(":")
    grants = (Grant(Asset(kind, name), EVERY, Confidence.GRANTED),)
    return CredentialSeen("aws.access-key", Evidence(at, 2), public_id=f"AKIA{name}", grants=grants, **more)


# --- rules that nobody needs

LONG = "npx playwright test tests/checkout.spec.ts"
ONE_OFF = [
    "git add src/a.py && git commit -m wip",
    "rm /home/ada/src/app/old.sql",
    "psql 'select 1'",
    LONG,
    "cat ~/notes.txt | head",
]


def test_many_rules_for_single_lines_are_one_finding_at_the_first():
    [seen] = of("one-off-rules", agent(shell(*(allow(text, 10 + at) for at, text in enumerate(ONE_OFF)))))
    assert seen.title == "The agent keeps 5 rules for single command lines"
    assert (seen.evidence.path, seen.evidence.line, seen.evidence.key) == (USER, 10, "allow")
    assert f'allow "{LONG}" (line 13)' in seen.why


@pytest.mark.parametrize("left_out", range(5))
def test_a_few_rules_for_single_lines_are_nothing_to_tell(left_out):
    some = [text for at, text in enumerate(ONE_OFF) if at != left_out]
    assert of("one-off-rules", agent(shell(*(allow(text, 1) for text in some)))) == []


@pytest.mark.parametrize("text", ["git status", "npm run lint", "go test ./...", "pytest:*", "kubectl get pods:*"])
def test_short_and_open_rules_are_no_leftovers(text):
    assert of("one-off-rules", agent(shell(*(allow(text, line) for line in range(8))))) == []


def test_a_long_list_is_told_in_part_with_how_many_more():
    [seen] = of("one-off-rules", agent(shell(*(allow(f"{LONG} -g {at}", at) for at in range(300)))))
    assert seen.title.startswith("The agent keeps 300 rules")
    assert "and 294 more" in seen.why
    assert len(seen.why) < 1_000


# (the rules in the order in which they are tried, what the mode says, those that change nothing)
USELESS = [
    ([allow("git:*", 1), allow("git push:*", 2)], ASKS, ['allow "git push:*" (line 2), behind allow "git:*" (line 1)']),
    ([allow("git push:*", 1), allow("git:*", 2)], ASKS, []),
    ([allow("ls:*", 1), allow("ls:*", 2)], ASKS, ['allow "ls:*" (line 2), behind allow "ls:*" (line 1)']),
    ([allow("Bash", 1, Everything()), allow("ls:*", 2)], ASKS, ['allow "ls:*" (line 2), behind allow "Bash" (line 1)']),
    ([allow("ls:*", 1)], RUNS, ['allow "ls:*" (line 1), behind mode "yolo" (line 2)']),
    ([allow("ls:*", 1)], Ruling(Gate.NONE, "runs by default"), []),  # the vendor may change it
    ([deny("ls -la", 1), allow("ls:*", 2), deny("ls -R", 3)], RUNS, []),  # it decides before the last
    ([deny("git:*", 1), allow("git push:*", 2)], ASKS, []),  # told of the rule that holds
    ([rule(Gate.UNKNOWN, "git:*", 1), allow("git push:*", 2)], ASKS, []),  # perhaps it does not count
]


@pytest.mark.parametrize(("rules", "mode", "useless"), USELESS)
def test_an_allowance_within_another_changes_nothing(rules, mode, useless):
    seen = of("useless-rules", agent(shell(*rules, otherwise=mode)))
    assert [item for each in seen for item in useless if item in each.why] == useless
    assert bool(seen) is bool(useless)


def test_a_rule_that_counts_in_one_of_two_tools_is_of_use():
    wide = allow("Read", 1, Everything())
    narrow = allow("Read(~/src/**)", 2, Paths("/home/ada/src/**"))
    look = Tool("cat", Channel.READ, ASKS, (narrow,))
    assert of("useless-rules", agent(reader(wide, narrow), look)) == []
    assert len(of("useless-rules", agent(reader(wide, narrow)))) == 1


def test_a_hold_behind_an_allowance_never_holds():
    [seen] = of("rules-that-never-hold", agent(shell(allow("git:*", 1), deny("git push --force:*", 2))))
    assert seen.evidence.line == 2
    assert 'deny "git push --force:*" (line 2), behind allow "git:*" (line 1)' in seen.why


@pytest.mark.parametrize("before", [[], [deny("git:*", 1)], [ask("git:*", 1)], [allow("gitk:*", 1)]])
def test_a_hold_that_is_tried_first_or_within_another_is_no_fault(before):
    assert of("rules-that-never-hold", agent(shell(*before, deny("git push:*", 2)))) == []


def test_a_rule_whose_text_is_hidden_contains_nothing():
    hidden = Rule(Command("curl", open=True), Ruling(Gate.NONE, "permissions.allow", Evidence(USER, 1, "allow")))
    assert of("useless-rules", agent(shell(hidden, allow("curl https://x.example.com", 2)))) == []


def test_rules_of_its_own_are_a_protection_and_name_what_they_make_void():
    policy = agent(shell(deny("git push:*", 1), ask("npm publish", 2), allow("git push origin:*", 3)))
    [seen] = found(policy).guardrails
    assert (seen.rule, seen.evidence.line, seen.in_force) == ("agent-rules", 1, True)
    assert seen.title == (
        "The agent refuses or asks by 2 rules of its own; 1 allow rule never decides because of them: "
        'allow "git push origin:*" (line 3), behind deny "git push:*" (line 1)'
    )


def test_a_switch_that_holds_is_no_rule_of_a_list():
    word = Rule(Name("*"), Ruling(Gate.REFUSED, 'approval_policy = "never"', Evidence(USER, 2, "approval_policy")))
    assert found(agent(Tool("web", Channel.CONNECT, ASKS, (word,)))).guardrails == ()


# --- wider than its use


def used(subject, count=5, folder="~/src/app", who="claude-code", what=UseKind.COMMAND):
    return UseSeen(subject, what, count, NOW, Evidence(HOME / ".agent/log"), agent=who, folder=folder)


NARROWED = [
    ([used("kubectl get", 9), used("kubectl logs")], '"Bash(kubectl get:*)"; "Bash(kubectl logs:*)"'),
    ([used("kubectl get", folder=None)], '"Bash(kubectl get:*)"'),
    ([used("kubectl get", 4)], ""),  # too little to tell
    ([used("kubectl", 9), used("kubectl get")], ""),  # with what is not known
    ([used("kubectl get", who="codex")], ""),
    ([used("kubectl get", folder="~/src/other")], ""),
    ([used("kubectl get", what=UseKind.HOST)], ""),
    ([used(f"kubectl {verb}") for verb in ("get", "logs", "apply", "diff", "top", "scale")], ""),
    ([used("kubectl --token"), used("kubectl get")], ""),
    ([], ""),
]


@pytest.mark.parametrize(("uses", "proposed"), NARROWED)
def test_a_whole_program_is_narrowed_to_what_was_used(uses, proposed):
    seen = of("broader-than-used", agent(shell(allow("kubectl:*", 7))), *uses)
    assert [each.fix.summary for each in seen] == ([f"Allow what is used alone: {proposed}"] if proposed else [])
    assert all(each.evidence.line == 7 for each in seen)


def test_a_sub_command_that_runs_anything_is_no_narrow_rule():
    assert of("broader-than-used", agent(shell(allow("docker:*", 7))), used("docker run", 9)) == []


def test_a_program_that_runs_anyway_is_not_narrowed():
    assert of("broader-than-used", agent(shell(allow("kubectl:*", 7), otherwise=RUNS)), used("kubectl get")) == []


# --- stores that are read unasked

FREE = Ruling(Gate.NONE, "reads unasked")


def test_a_store_that_is_read_unasked_is_named_with_the_entry_that_denies_it():
    [seen] = of("unasked-stores", agent(reader(otherwise=FREE)), key())
    assert seen.title == "The agent reads 1 file with credentials unasked"
    assert "~/.aws/credentials" in seen.why
    assert seen.fix.summary == (
        'Put into "permissions": {"deny": [...]} of ~/.claude/settings.json: "Read(~/.aws/credentials)".'
    )
    assert seen.evidence.path == HOME / ".claude/settings.json"


ENTRIES = [
    ("claude-code", "/etc/deploy/token", '"Read(//etc/deploy/token)"'),
    ("claude-code", "/home/ada/my keys/a.pem", '"Read(~/my keys/a.pem)"'),
    ("codex", "/home/ada/.aws/credentials", '"~/.aws/credentials" = "deny"'),
    ("cursor-agent", "/home/ada/.aws/credentials", '"Read(~/.aws/credentials)"'),
    ("opencode", "/home/ada/.aws/credentials", '"~/.aws/credentials": "deny"'),
    ("qwen-code", "/home/ada/.aws/credentials", '"Read(~/.aws/credentials)"'),
]


@pytest.mark.parametrize(("who", "path", "entry"), ENTRIES)
def test_each_vendor_has_its_own_entry(who, path, entry):
    [seen] = of("unasked-stores", agent(reader(otherwise=FREE), name=who), key(PurePosixPath(path)))
    assert seen.fix.summary.endswith(f": {entry}.")


@pytest.mark.parametrize("name", ["a*b", "a[b", 'a"b', "a)b", "a$b", "a`b", "a\nb"])
def test_a_name_that_a_rule_might_misread_has_no_entry(name):
    [seen] = of("unasked-stores", agent(reader(otherwise=FREE)), key(HOME / name))
    assert "Put into" not in seen.fix.summary


KEPT = [
    ("denied", agent(reader(deny("Read(~/.aws/**)", 1, Paths("/home/ada/.aws/**")), otherwise=FREE)), key()),
    ("asked", agent(reader()), key()),
    ("expired", agent(reader(otherwise=FREE)), key(state=CredentialState.EXPIRED)),
    ("in the keychain", agent(reader(otherwise=FREE)), key(protection=Protection.KEYCHAIN)),
    ("what agents run on", agent(reader(otherwise=FREE)), key(asset="model-api:anthropic")),
    ("of development, in the project", agent(reader(otherwise=FREE)), key(HOME / "src/app/.env", "database:dev")),
    ("only its shell reads", agent(shell(otherwise=FREE)), key()),
    ("not installed", agent(reader(otherwise=FREE), notional=True), key()),
]


@pytest.mark.parametrize(("policy", "seen"), [row[1:] for row in KEPT], ids=[row[0] for row in KEPT])
def test_what_is_kept_from_it_or_worth_nothing_is_not_told(policy, seen):
    assert of("unasked-stores", policy, seen) == []


def test_a_file_of_production_in_the_project_is_told():
    assert len(of("unasked-stores", agent(reader(otherwise=FREE)), key(HOME / "src/app/.env", "database:prod"))) == 1


# --- commands by themselves


def setting(name, scope="user", path=USER, line=9, **more):
    return SettingSeen("claude-code", name, "1 entry", scope, Evidence(path, line, name), **more)


def test_hooks_and_helpers_are_one_finding_with_who_can_change_them():
    writer = Tool("Edit", Channel.WRITE, ASKS, (allow("Edit(~/.agent/**)", 3, Paths("/home/ada/.agent/**")),))
    [seen] = of("hooks-run-commands", agent(writer), setting("hooks.PreToolUse"), setting("apiKeyHelper", line=12))
    assert seen.title == "The agent runs 2 hooks and helpers by itself"
    assert "hooks.PreToolUse in ~/.agent/settings.json:9, which it can change itself" in seen.why
    assert "apiKeyHelper in ~/.agent/settings.json:12" in seen.why
    assert seen.evidence.line == 9
    [kept] = of("hooks-run-commands", agent(reader()), setting("hooks.PreToolUse"))
    assert "change itself" not in kept.why


def test_hooks_of_a_repository_are_told_apart():
    brought = setting("hooks.SessionStart", "project", HOME / "src/app/.agent/settings.json")
    told = {each.rule for each in found(agent(reader()), brought, setting("notify")).weaknesses}
    assert told == {"hygiene.repository-runs-commands", "hygiene.hooks-run-commands"}
    ranks = [weaknesses()[each].rank for each in ("hygiene.hooks-run-commands", "hygiene.repository-runs-commands")]
    assert ranks == sorted(set(ranks))


def test_what_the_vendor_s_reader_tells_of_a_repository_is_not_told_twice():
    brought = setting("hooks.SessionStart", "project", HOME / "src/app/.agent/settings.json")
    told = Weakness("agent.rights-from-repository", "x", brought.evidence, "x", weakness().fix)
    assert of("repository-runs-commands", agent(reader()), brought, told) == []


def weakness():
    [seen] = of("unasked-stores", agent(reader(otherwise=FREE)), key())
    return seen


@pytest.mark.parametrize("told", [setting("model"), setting("permissions.allow"), setting("hooks.Stop", "managed")])
def test_other_settings_and_those_of_administrators_are_no_commands(told):
    assert found(agent(reader()), told).weaknesses == ()


def test_a_setting_of_another_folder_is_not_this_agent_s():
    assert of("hooks-run-commands", agent(reader()), setting("hooks.Stop", folder="~/src/other")) == []


# --- its own settings

OWN = "/home/ada/.claude/settings.json"


def writer(gate, stand_in=None, *rules):
    return Tool("Edit", Channel.WRITE, Ruling(gate, "it writes", None, stand_in), rules)


def test_settings_that_it_rewrites_unasked_are_told_with_what_they_hold():
    holds = Rule(Command("rm", open=True), Ruling(Gate.REFUSED, 'deny "rm:*"', Evidence(PurePosixPath(OWN), 5, "deny")))
    [seen] = of("rewritable-settings", agent(writer(Gate.NONE), shell(holds)))
    assert seen.evidence.path == PurePosixPath(OWN)
    assert 'What these hold back holds until it takes them out: deny "rm:*" (line 5).' in seen.why
    assert "~/src/app/.claude/settings.local.json" in seen.why


REWRITES = [
    (writer(Gate.NONE), True),
    (writer(Gate.CLASSIFIER), True),
    (writer(Gate.UNKNOWN, Gate.NONE), True),
    (writer(Gate.UNKNOWN, Gate.CLASSIFIER), False),
    (writer(Gate.PROMPT), False),
    (writer(Gate.REFUSED), False),
    (writer(Gate.PROMPT, None, allow("Edit(src)", 1, Paths("/home/ada/src/app/src/**"))), False),
    (writer(Gate.PROMPT, None, allow("Edit(.)", 1, Paths("/home/ada/src/app"))), True),
    (shell(otherwise=RUNS), True),
]


@pytest.mark.parametrize(("tool", "told"), REWRITES)
def test_only_settings_that_change_unasked_are_told(tool, told):
    assert bool(of("rewritable-settings", agent(tool))) is told


# --- several folders

TWO = fake_machine(workspace="~/src/app", neighbours=["~/src/web"], named=1)


def test_what_is_the_same_in_two_folders_is_told_once():
    pair = [agent(reader(otherwise=FREE), folder=folder) for folder in ("~/src/app", "~/src/web")]
    [seen] = of("unasked-stores", *pair, key(), machine=TWO)
    assert seen.title.endswith("unasked in 2 folders")


def test_what_differs_between_two_folders_is_told_for_each():
    narrow = agent(reader(deny("Read(~/.aws)", 1, Paths("/home/ada/.aws")), otherwise=FREE), folder="~/src/web")
    other = key(HOME / ".netrc", "database:prod")
    seen = of("unasked-stores", agent(reader(otherwise=FREE)), narrow, key(), other, machine=TWO)
    assert sorted(each.title for each in seen) == [
        "The agent reads 1 file with credentials unasked in ~/src/web",
        "The agent reads 2 files with credentials unasked in ~/src/app",
    ]
    assert len({each.evidence for each in seen}) == 2  # or a report would take them for one


# --- the tables


def test_every_kind_of_finding_has_its_severity():
    told = {rule for rule in weaknesses() if rule.startswith("hygiene.")}
    assert {weaknesses()[rule] for rule in told} == {Severity.LOW, Severity.MEDIUM}


def test_every_agent_of_the_table_is_one_that_is_found():
    known = {row.id for row in agent_places()} | {"claude-code", "codex", "cursor", "cursor-agent"}
    assert table().agents.keys() - known == set()


@pytest.mark.parametrize("name", sorted(table().agents))
def test_every_file_of_the_table_is_of_a_home_or_a_workspace(name):
    told = table().of(name)
    assert told.settings
    assert all(pattern.startswith(("~/", "./", "$")) and "*" not in pattern for pattern in told.settings)


# --- the whole, with a real agent

SETTINGS = {
    "permissions": {
        "allow": [
            *("Bash(git:*)", "Bash(git push:*)", "Bash(npm test)", "WebFetch(domain:docs.example.com)"),
            *(f"Bash(psql -h db{number}.example.com -c 'select 1')" for number in range(5)),
        ],
        "deny": ["WebFetch", "Bash(rm:*)"],
        "defaultMode": "auto",
    },
    "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]},
}


def home(told):
    return {
        "~/.claude/settings.json": json.dumps(told, indent=1),
        "~/.aws/credentials": "[default]\naws_access_key_id = AKIAQYLPMN5HHHFPZAM2\naws_secret_access_key = CANARY\n",
    }


def test_a_real_agent_s_settings_are_told_with_file_line_and_key():
    host = FakeHost(files=home(SETTINGS), workspace="~/src/app")
    seen = observe(agents, host)
    told = {each.rule: each for each in hygiene(judge_all(seen, host.machine, Config(), ()), seen).weaknesses}
    assert {"hygiene.useless-rules", "hygiene.one-off-rules", "hygiene.hooks-run-commands"} <= told.keys()
    place = told["hygiene.useless-rules"].evidence
    assert (place.path, place.line) == (HOME / ".claude/settings.json", 5)
    assert place.key.startswith("permissions.allow")


def test_a_machine_without_agents_has_no_hygiene():
    host = FakeHost(files={"~/.aws/credentials": "[default]\n"}, workspace="~/src/app")
    seen = observe(agents, host)
    assert hygiene(judge_all(seen, host.machine, Config(), ()), seen).weaknesses == ()


# --- laws

LINES = st.sampled_from(["git:*", "git push:*", "ls", "rm:*", LONG, "npm run x:*", "kubectl get:*"])
PLACES = st.sampled_from(["/home/ada/.aws/**", "/home/ada/**", "/home/ada/.claude/settings.json", "**/.env", "/"])
GATES = st.sampled_from([Gate.NONE, Gate.PROMPT, Gate.REFUSED])
MODES = st.sampled_from([ASKS, RUNS, FREE, Ruling(Gate.UNKNOWN, "unsure", None, Gate.NONE)])
COMMANDS = st.lists(st.tuples(GATES, LINES), max_size=5)
FILES = st.lists(st.tuples(GATES, PLACES), max_size=3)


@st.composite
def policies(draw):
    """An agent with rules of its own: for commands, and for files that it reads and writes."""
    tools = [
        shell(*(rule(gate, text, at) for at, (gate, text) in enumerate(draw(COMMANDS))), otherwise=draw(MODES)),
        *(
            Tool(
                name,
                channel,
                draw(MODES),
                tuple(rule(gate, text, 20 + at, Paths(text)) for at, (gate, text) in enumerate(draw(FILES))),
            )
            for name, channel in (("Read", Channel.READ), ("Edit", Channel.WRITE))
        ),
    ]
    return agent(*tools)


NAMED = st.one_of(
    LINES.map(lambda text: (Channel.EXECUTE, Command(text.removesuffix(":*"), open=text.endswith(":*")))),
    PLACES.map(lambda text: (Channel.READ, Paths(text))),
    PLACES.map(lambda text: (Channel.WRITE, Paths(text))),
    st.just((Channel.CONNECT, Name("*.example.com"))),
)
DENIALS = st.one_of(NAMED, st.sampled_from(list(Channel)).map(lambda channel: (channel, Everything())))
HELD = GATES.filter(lambda gate: gate is not Gate.NONE)


def report(*observations):
    """The report over what was seen, judged by the shipped contract."""

    @probe(id="law", title="By hand", reads=())
    def told(host):
        yield from observations

    return scan(MACHINE, (told,), Vault(TEST_KEY), Config(), contracts=(LAPTOP,))


def weight(told):
    """All that must not rise: the excess, each radius with its ceiling, and the findings by severity."""
    counts = told.figures.findings
    radius = [number for _, each in sorted(told.figures.radius.items()) for number in (each.score, each.ceiling)]
    excess = told.figures.excess
    return [excess.items, excess.score, *radius, counts.critical, counts.high, counts.medium, counts.low]


def stricter(seen, denial, gate):
    """The agent with one more rule that refuses or asks, tried before all others."""
    channel, pattern = denial
    added = rule(gate, "the added", 99, pattern)
    tools = (
        replace(tool, rules=(added, *tool.rules)) if tool.channel is channel else tool for tool in seen.policy.tools
    )
    return replace(seen, policy=replace(seen.policy, tools=tuple(tools)))


@settings(max_examples=60, deadline=None)
@given(policies(), NAMED, HELD)
def test_a_rule_that_denies_adds_neither_score_nor_severity(seen, denial, gate):
    before, after = weight(report(seen, key())), weight(report(stricter(seen, denial, gate), key()))
    assert [now <= then for then, now in zip(before, after, strict=True)] == [True] * len(before)


@settings(max_examples=100, deadline=None)
@given(policies(), DENIALS, HELD)
def test_no_rule_that_denies_adds_a_finding_of_hygiene(seen, denial, gate):
    before, after = found(seen, key()).weaknesses, found(stricter(seen, denial, gate), key()).weaknesses
    assert {each.rule for each in after} - {each.rule for each in before} == set()


ASSETS = st.sampled_from(["aws-account:123456789012", "aws-account:*", "kubernetes-cluster:prod", "database:x"])


@settings(max_examples=40, deadline=None)
@given(
    policies(), st.lists(ASSETS, max_size=2), st.booleans(), st.sampled_from(["ci", "gateway.x", "secret-scan-hook"])
)
def test_a_protection_adds_neither_score_nor_severity(seen, leads, in_force, name):
    instead = tuple(Asset(*each.split(":")) for each in leads)
    added = Guardrail(name, "It protects", Evidence(HOME / "x"), in_force, instead)
    assert weight(report(seen, key(), added)) == weight(report(seen, key()))


@settings(max_examples=60, deadline=None)
@given(policies(), st.permutations([key(), setting("hooks.Stop"), used("git push"), setting("notify", line=3)]))
def test_the_order_in_which_things_were_seen_changes_nothing(seen, rest):
    first = [seen, key(), setting("hooks.Stop"), used("git push"), setting("notify", line=3)]
    assert set(found(*rest, seen).weaknesses) == set(found(*first).weaknesses)


def test_a_hook_that_is_ignored_runs_nothing():
    hook = SettingSeen("claude-code", "hooks.SessionStart", "ignored until trusted", "project", Evidence(HOOKED, 3))
    assert of("repository-runs-commands", agent(shell()), hook) == []
    assert of("repository-runs-commands", agent(shell()), replace(hook, value="1 hook")) != []


HOOKED = PurePosixPath("/home/ada/src/app/.claude/settings.json")
