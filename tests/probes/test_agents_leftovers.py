"""What lies in agents' settings: secrets in rules, rules for what is gone, commands that run by themselves."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.agents.look import agents
from scanner.data.hygiene import hygiene
from scanner.model import CredentialSeen, SettingSeen, Weakness
from scanner.testing import FakeFile, FakeHost, observe
from scanner.tokens import token
from scanner.vault import Vault

TOKEN = token("github-classic", "rules")
APP = "~/src/app"
CLAUDE = "~/.claude/settings.json"


def look(files, **more):
    return observe(agents, FakeHost(files=files, **({"workspace": APP} | more)))


def claude(*rules, kind="allow"):
    return {CLAUDE: json.dumps({"permissions": {kind: list(rules)}}, indent=1)}


def credentials(seen):
    return [each for each in seen if isinstance(each, CredentialSeen)]


def weak(seen, rule):
    return [each for each in seen if isinstance(each, Weakness) and each.rule == f"hygiene.{rule}"]


# --- secrets in rules

HELD = [
    (f"Bash(curl -H 'Authorization: Bearer {TOKEN}' https://api.example.com)", "github.classic-token"),
    (f"Bash(GITHUB_TOKEN={TOKEN} gh pr list)", "github.classic-token"),
    ("Bash(PGPASSWORD=CANARY-CANARY psql -h db.example.com)", "database.password"),
    ("Bash(mysql --password=CANARY9xy -u root)", "generic.password"),
    ("Bash(mysql --password CANARY9xy -u root)", "generic.password"),
]


@pytest.mark.parametrize("kind", ["allow", "ask", "deny"])
@pytest.mark.parametrize(("rule", "what"), HELD)
def test_a_secret_in_a_rule_is_a_credential_and_a_weakness(rule, what, kind):
    seen = look(claude("Bash(ls:*)", rule, kind=kind))
    [found] = credentials(seen)
    assert found.kind == what
    assert (found.evidence.path.name, found.evidence.line, found.evidence.key) == (
        "settings.json",
        5,
        f"permissions.{kind}",
    )
    [told] = weak(seen, "secret-in-rule")
    assert told.evidence.line == 5
    assert "CANARY" not in repr(seen)
    assert TOKEN not in repr(seen)


def test_the_secret_itself_is_in_the_vault():
    host = FakeHost(files=claude("Bash(mysql --password=CANARY9xy)"), workspace=APP)
    [found] = credentials(observe(agents, host))
    assert isinstance(host.vault, Vault)
    assert host.vault.value(found.secret) == "CANARY9xy"


OTHERS = {
    "~/.codex/rules/default.rules": f'prefix_rule(pattern=["gh", "--with-token={TOKEN}"], decision="allow")\n',
    "~/.cursor/cli-config.json": json.dumps({"permissions": {"allow": [f"Shell(curl -H 'X-Key: {TOKEN}')"]}}),
    "~/.cursor/permissions.json": json.dumps({"terminalAllowlist": [f"gh auth --token {TOKEN}"]}),
    f"{APP}/.claude/settings.local.json": json.dumps({"permissions": {"allow": [f"Bash(echo {TOKEN})"]}}),
}


@pytest.mark.parametrize("path", sorted(OTHERS))
def test_the_rules_of_every_agent_are_read(path):
    seen = look({CLAUDE: "{}", path: OTHERS[path]})
    assert [each.kind for each in credentials(seen)] == ["github.classic-token"]
    [told] = weak(seen, "secret-in-rule")
    assert told.evidence.path.name == path.rpartition("/")[2]
    assert TOKEN not in repr(seen)


@pytest.mark.parametrize(
    "rule",
    [
        *(
            "Bash(npm run build:*)",
            "Bash(git commit -m 'fix token handling')",
            "Read(~/.ssh/**)",
            "Bash(gh --token $TOKEN)",
        ),
        *("Bash(export PASSWORD=$DB_PASSWORD)", "WebFetch(domain:docs.example.com)", "Bash(psql -U postgres)"),
        *("mcp__linear__list_issues", "Bash(mysql -p -u root)", "Bash(vault kv get secret/app)"),
    ],
)
def test_a_rule_without_a_secret_is_silent(rule):
    seen = look(claude(rule))
    assert credentials(seen) == []
    assert weak(seen, "secret-in-rule") == []


def test_what_stands_outside_of_rules_is_left_to_others():
    seen = look({CLAUDE: json.dumps({"apiKeyHelper": f"echo {TOKEN}", "note": f"token={TOKEN}"})})
    assert credentials(seen) == []


def test_a_machine_without_agents_is_not_searched():
    assert credentials(look({f"{APP}/.claude/settings.json": claude(HELD[0][0])[CLAUDE]})) == []


def test_many_secrets_of_one_file_are_one_weakness():
    rules = [f"Bash(curl -H 'X: {token('github-classic', str(number))}')" for number in range(30)]
    seen = look(claude(*rules))
    assert len(credentials(seen)) == 30
    [told] = weak(seen, "secret-in-rule")
    assert told.why.endswith("and 10 more.")


# --- rules for what is gone


def test_a_rule_for_a_program_that_is_gone_is_told():
    [told] = weak(look(claude("Bash(/home/ada/bin/old.sh:*)")), "rules-for-nothing")
    assert "old.sh" in told.why
    assert (told.evidence.line, told.evidence.path.name) == (4, "settings.json")


GONE = [
    ("Bash(/home/ada/bin/old.sh:*)", True),
    ("Bash(~/bin/old.sh)", True),
    ("Bash(/home/ada/bin/there.sh:*)", False),
    ("Bash(python /home/ada/old/run.py)", True),
    ("Bash(touch /home/ada/bin/new.txt)", False),  # the file may be the one to make
    ("Bash(/usr/bin/gone:*)", False),  # elsewhere nothing is asked
    ("Bash(/net/server/x:*)", False),
    ("Bash(ls /home/ada)", False),
    ("Edit(~/old/**)", True),
    ("Edit(~/bin/**)", False),
    ("Bash(npm test)", False),
    ("Bash(/home/ada/../bob/x)", False),
]


@pytest.mark.parametrize(("rule", "told"), GONE)
def test_only_what_has_to_be_there_and_is_not_is_told(rule, told):
    seen = look({**claude(rule), "~/bin/there.sh": ""})
    assert bool(weak(seen, "rules-for-nothing")) is told


def test_a_rule_that_denies_what_is_gone_harms_nobody():
    assert weak(look(claude("Edit(~/old/**)", kind="deny")), "rules-for-nothing") == []


def test_a_place_that_may_not_be_looked_at_is_not_gone():
    loop = FakeFile(link="old.sh")
    assert weak(look({**claude("Bash(~/bin/old.sh)"), "~/bin/old.sh": loop}), "rules-for-nothing") == []


# --- commands that run by themselves


def settings(seen):
    return sorted(
        (each.agent, each.key, each.scope)
        for each in seen
        if isinstance(each, SettingSeen) and hygiene().runs(each.key)
    )


RUNS = [
    ({CLAUDE: '{"hooks": {"Stop": [{"hooks": []}]}}'}, [("claude-code", "hooks.Stop", "user")]),
    ({CLAUDE: '{"apiKeyHelper": "/bin/key"}'}, [("claude-code", "apiKeyHelper", "user")]),
    ({CLAUDE: '{"statusLine": {"type": "command", "command": "x"}}'}, [("claude-code", "statusLine", "user")]),
    ({CLAUDE: '{"hooks": {"Stop": []}, "apiKeyHelper": "", "statusLine": {}}'}, []),
    ({CLAUDE: '{"model": "opus", "env": {"A": "b"}}'}, []),
    (
        {CLAUDE: "{}", f"{APP}/.claude/settings.json": '{"hooks": {"Stop": [1]}}'},
        [("claude-code", "hooks.Stop", "project")],
    ),
    (
        {CLAUDE: "{}", f"{APP}/.claude/settings.local.json": '{"hooks": {"Stop": [1]}}'},
        [("claude-code", "hooks.Stop", "local")],
    ),
    ({"~/.codex/config.toml": 'notify = ["say"]\n'}, [("codex", "notify", "user")]),
]


@pytest.mark.parametrize(("files", "told"), RUNS)
def test_settings_that_run_commands_are_told_with_whose_they_are(files, told):
    assert settings(look(files)) == told


def test_settings_above_a_workspace_within_a_repository_count():
    files = {CLAUDE: "{}", f"{APP}/.git/config": "", f"{APP}/.claude/settings.json": '{"hooks": {"Stop": [1]}}'}
    assert settings(look(files, workspace=f"{APP}/packages/web")) == [("claude-code", "hooks.Stop", "project")]


def test_what_the_agent_s_own_reader_tells_is_told_once():
    hook = '{"hooks": {"PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "x"}]}]}}'
    assert settings(look({CLAUDE: hook})) == [("claude-code", "hooks.PreToolUse", "user")]


def test_the_command_itself_is_not_shown():
    seen = look({CLAUDE: '{"apiKeyHelper": "echo CANARY-CANARY-CANARY", "hooks": {"Stop": [{"command": "CANARY"}]}}'})
    assert "CANARY" not in repr(seen)


def test_a_repository_beside_the_workspace_is_not_judged():
    files = {CLAUDE: "{}", "~/src/other/.claude/settings.json": '{"hooks": {"Stop": [1]}}'}
    assert settings(look(files, neighbours=["~/src/other"])) == []
    [_] = settings(look(files, neighbours=["~/src/other"], named=1))


# --- hostile settings

SHREDS = st.sampled_from(
    [
        '{"permissions":',
        '{"allow":',
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        '"Bash(',
        'curl -H \\"',
        ')"',
        "null",
        '"hooks"',
        "'",
        "\n",
    ]
)


@given(st.lists(SHREDS, max_size=12).map("".join), st.lists(SHREDS, max_size=8).map("".join))
def test_no_settings_break_it(user, project):
    look({CLAUDE: user, f"{APP}/.claude/settings.json": project, "~/.codex/rules/default.rules": user})
