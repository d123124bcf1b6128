"""What of a rule may be shown: no password, however it stands in a command line; and every rule that holds none."""

import json
from time import process_time

import pytest

from probes.agents import shown as shown_module
from probes.agents.shown import holds_secret, shown
from reports import RENDERERS, Page
from scanner.config import Config
from scanner.engine import scan
from scanner.testing import TEST_KEY, fake_machine
from scanner.vault import Vault

PASSWORD = "sunny-day-2024"  # a word that people choose: nothing in its shape tells what it is
LINES = (
    *("curl -u ada:{} https://api.example.com", "curl -uada:{} https://api.example.com", "curl --user ada:{}"),
    *("curl -H 'Authorization: Bearer {}'", 'curl -H "Authorization: {}"', "curl -d 'password={}&user=ada'"),
    *("curl -b session={} https://api.example.com", "curl https://ada:{}@api.example.com", "curl -H 'Cookie: s={}'"),
    *("PGPASSWORD={} psql -h db", "DB_PASSWORD='{}' npm test", 'sh -c "TOKEN={} run"', "export API_TOKEN={}"),
    *("mysql -u root -p{}", "mysql --password={}", "sshpass -p {} ssh host", "redis-cli -a {} ping"),
    *("zip -P {} a.zip", "unzip -P {} a.zip", "ldapsearch -w {}", "sqlcmd -P {}", "smbclient -U ada%{}"),
    *("docker login -u ada -p {} registry.example.com", "az login -p {}", "vault login {}", "http -a ada:{} x"),
    *("echo {} | docker login --password-stdin", "gh auth login --with-token <<< {}", "openssl enc -k {}"),
    *("aws configure set aws_secret_access_key {}", "npm config set //registry.example.com/:_authToken={}"),
    *("git clone https://{}@git.example.com/x", "git -c http.extraHeader='Authorization: Basic {}' fetch"),
    *("--api-key {}", "apikey:{}", 'pass="{}"', '{{"password":"{}"}}', "gpg --passphrase {} -d f"),
    *("rclone --password-command 'echo {}' ls", "curl -x http://ada:{}@proxy.example.com:3128"),
)
# As agents write a rule: the line itself, as a call, as the beginning of one, as an expression.
FORMS = ("{}", "Bash({})", "Bash({}:*)", "Bash({} *)", "shell({}*)", "{}*", "{}:*", "/^{}/", "^{}", "bash:{}")
HARMLESS = (
    *("npm test", "git push origin main", "docker login registry.example.com", "gh auth login", "echo done"),
    *("docker run -p 8080:80 web", "mysql -u root -p", "curl -u $LOGIN https://api.example.com", "npm run set-token"),
    *("git clone ssh://git@git.example.com/x", "cat password-rules.md", "vault login -method=oidc", "ssh -p 22 host"),
    *("curl -H 'Authorization: Bearer $TOKEN'", "npm config set registry https://registry.example.com", "date -u +%Y"),
    *("gh auth login --with-token", "pytest tests/test_login.py -p no:cacheprovider", "npm test basic suites"),
    *("docker login --password-stdin", "printf ok", "sort -k 2", "tar -a -cf x.tar x", "mkdir -p src/login"),
)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("line", LINES)
def test_no_rule_with_a_password_is_shown(line, form):
    text = form.format(line.format(PASSWORD))
    assert holds_secret(text)
    assert shown(text) is None


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("line", HARMLESS)
def test_a_rule_without_one_is_shown(line, form):
    assert shown(form.format(line)) == form.format(line)


@pytest.mark.parametrize(
    "piece", ["login ", "echo ", "-stdin ", "set ", "<<<", "curl ", "http ", "://", "openssl ", "' "]
)
def test_a_long_rule_costs_what_its_length_costs(piece):
    begun = process_time()
    holds_secret(piece * 20_000)
    assert process_time() - begun < 2


@pytest.mark.parametrize(
    ("path", "settings"),
    [
        ("~/.claude/settings.json", lambda rules: {"permissions": {"allow": [f"Bash({each}:*)" for each in rules]}}),
        ("~/.qwen/settings.json", lambda rules: {"permissions": {"deny": [f"Bash({each} *)" for each in rules]}}),
        ("~/.copilot/settings.json", lambda rules: {"permissions": {"allow": [f"shell({each})" for each in rules]}}),
        ("~/.factory/settings.json", lambda rules: {"commandDenylist": list(rules)}),
        ("~/.config/opencode/opencode.json", lambda rules: {"permission": {"bash": dict.fromkeys(rules, "allow")}}),
        ("~/.config/crush/crush.json", lambda rules: {"permissions": {"allowed_tools": [f"bash:{x}" for x in rules]}}),
    ],
)
def test_no_report_holds_a_password_of_a_rule(path, settings):
    from probes import BUILTIN

    rules = [line.format(PASSWORD) for line in LINES]
    machine = fake_machine(files={path: json.dumps(settings(rules))}, workspace="~/src/app")
    report = scan(machine, BUILTIN, Vault(TEST_KEY), Config(), commands=("mysql -u root",))
    assert report.agents
    for render in RENDERERS.values():
        assert PASSWORD.encode() not in render(report, Page(200))


def test_what_was_said_of_a_text_is_kept_without_the_text():
    rules = [line.format(PASSWORD) for line in (*LINES, *HARMLESS)]
    first = [holds_secret(each) for each in rules]
    assert [holds_secret(each) for each in rules] == first
    assert PASSWORD not in repr(vars(shown_module))


def test_a_rule_that_is_asked_about_again_costs_next_to_nothing():
    rules = [f"curl -sS https://example.com/{number}" for number in range(1_000)]
    for each in rules:
        holds_secret(each)
    begun = process_time()
    for each in rules * 5:
        holds_secret(each)
    assert process_time() - begun < 0.5


def test_no_more_than_so_many_are_kept():
    for number in range(shown_module.MEMORY + 10):
        holds_secret(f"x{number}")
    assert len(shown_module._said) <= shown_module.MEMORY
