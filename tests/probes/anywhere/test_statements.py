"""What lines of histories and states hold under no name of a secret: rows, logins, keys of files, arguments."""

import pytest

from probes.anywhere.look import anywhere
from scanner.model import CredentialSeen
from scanner.testing import FakeHost, observe
from scanner.tokens import token

DRAWN = token("password", "statements")
SEEN = {
    "~/.cassandra/cqlsh_history": "LOGIN ada '{}'",
    "~/.sqlite_history": "PRAGMA key = '{}';",
    "~/.litecli_history": "insert into settings(name, value) values ('api_token', '{}');",
    "~/.psql_history": "select dblink_connect('host=db user=app password={} dbname=shop');",
    "~/.python_history": "requests.get('https://x.example.com', auth=('ada', '{}'))",
    "~/.node_repl_history": "await fetch(url, {{headers: {{'x-api-key': '{}'}}}})",
    "~/.php_history": "$pdo = new PDO('mysql:host=db', 'app', '{}');",
    "~/.bash_history": "az storage blob list --account-name acme --account-key {}",
    "~/.zsh_history": "cf login -u ada -p {} -a api.example.com",
    "~/.viminfo": 'db_password = "{}"',
    "~/src/terraform.tfstate": '{{"resources": [{{"type": "random_password", "instances": '
    '[{{"attributes": {{"result": "{}"}}}}]}}]}}',
}
SILENT = {
    "~/.sqlite_history": "PRAGMA key = 'x';\ninsert into t values ('token_type', 'bearer-and-nothing');",
    "~/.psql_history": "select * from users where password = 'CANARY9x!';\nselect connect('host=db dbname=shop');",
    "~/.node_repl_history": "headers['x-api-key'] = process.env.KEY1",
    "~/.bash_history": "az keyvault key show --key my-key-2\ncf login -u ada -p $PW",
    "~/src/terraform.tfstate": '{"resources": [{"type": "random_pet", "instances": '
    '[{"attributes": {"result": "otter-42x"}}]}]}',
}


def lines_of(path, text):
    """The lines of what is told of one file."""
    seen = observe(anywhere, FakeHost(files={path: text}))
    return [each.evidence.line for each in seen if isinstance(each, CredentialSeen)]


@pytest.mark.parametrize("path", sorted(SEEN))
def test_a_secret_is_told_by_its_place(path):
    assert lines_of(path, f"\n{SEEN[path].format(DRAWN)}\n") == [2]


@pytest.mark.parametrize("path", sorted(SILENT))
def test_what_only_looks_alike_is_silent(path):
    assert lines_of(path, SILENT[path]) == []
