"""Secrets that somebody typed, in the histories of shells, databases and interpreters."""

from pathlib import PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.anywhere.histories import LIMIT, read
from scanner.secrets import secrets_in
from scanner.testing import FakeHost
from scanner.tokens import token

DRAWN = token("password", "histories")
FOLDER = PurePosixPath("/home/ada")
# A line, X in the place of the secret, and the name under which it is told.
TYPED = {
    "mysql -uroot -pX -h db": "mysql_password",
    "sudo /usr/bin/mysqldump -u root -p'X' shop > shop.sql": "mysql_password",
    "curl -u ada:X https://example.com": "BASIC_AUTH",
    "curl -sku ada:X https://example.com": "BASIC_AUTH",
    "curl --user=ada:X https://example.com": "BASIC_AUTH",
    "curl -H 'Authorization: Bearer X' https://example.com": "Authorization",
    'curl -H "X-Api-Key: X" https://example.com': "X-Api-Key",
    "http example.com PRIVATE-TOKEN:X": "PRIVATE-TOKEN",
    """curl -d '{"user": "ada", "password": "X"}' https://example.com""": "password",
    "curl --data 'user=ada&password=X' https://example.com": "password",
    "export DB_PASSWORD=X EDITOR=vi": "DB_PASSWORD",
    "declare -x API_TOKEN='X'": "API_TOKEN",
    "PGPASSWORD=X psql -h db -U ada": "PGPASSWORD",
    "env PGPASSWORD=X psql": "PGPASSWORD",
    "setenv API_TOKEN X": "API_TOKEN",
    "set -gx API_TOKEN X": "API_TOKEN",
    "docker login -u ada -p X registry.example.com": "registry_password",
    "docker run -p 8080:80 -e POSTGRES_PASSWORD=X postgres": "POSTGRES_PASSWORD",
    "docker run --env=POSTGRES_PASSWORD=X postgres": "POSTGRES_PASSWORD",
    "docker build --build-arg NPM_TOKEN=X .": "NPM_TOKEN",
    "echo X | docker login -u ada --password-stdin registry.example.com": "piped_password",
    "printf '%s' X | gh auth login --with-token": "piped_password",
    "echo 'X' | sudo -S true": "sudo_password",
    "sudo -S true <<< X": "sudo_password",
    "echo ada:X | sudo chpasswd": "user_password",
    "sshpass -p X ssh -p 2222 ada@host": "sshpass_password",
    """ssh host "PGPASSWORD=X psql -c 'select 1'" """: "PGPASSWORD",
    """sh -c "mysql -pX" """: "mysql_password",
    "cat $(curl -u ada:X https://example.com)": "BASIC_AUTH",
    "kubectl create secret generic db --from-literal=password=X": "password",
    "kubectl config set-credentials ada --token=X": "token",
    "vault login X": "VAULT_TOKEN",
    "cargo login X": "CARGO_REGISTRY_TOKEN",
    "aws configure set aws_secret_access_key X": "aws_secret_access_key",
    "npm config set //registry.example.com/:_authToken X": "_authToken",
    "npm config set //registry.example.com/:_authToken=X": "_authToken",
    "git config --global github.token X": "github.token",
    "az login --service-principal -u app -p X --tenant t": "azure_client_secret",
    "openssl rsa -in key.pem -passin pass:X": "key_passphrase",
    "ssh-keygen -t ed25519 -N X": "ssh_key_passphrase",
    "keytool -list -storepass X": "keystore_password",
    "smbclient //host/share -U ada%X": "smb_password",
    "lftp -u ada,X ftp.example.com": "ftp_password",
    "sqlplus ada/X@db": "oracle_password",
    "mongosh -u ada -p X --authenticationDatabase admin": "mongo_password",
    "redis-cli -h cache -a X ping": "redis_password",
    "terraform apply -var db_password=X": "db_password",
    "helm upgrade shop --set auth.password=X,auth.user=ada": "auth.password",
    'ansible-playbook site.yml -e "db_password=X user=ada"': "db_password",
    'psql "host=db user=ada password=X"': "password",
    "mvn deploy -Drepo.password=X": "repo.password",
    "htpasswd -b users ada X": "htpasswd_password",
    "twine upload -u __token__ -p X dist/*": "TWINE_PASSWORD",
    "dotnet nuget push shop.nupkg -k X -s feed": "NUGET_API_KEY",
    "some-tool --api-key X --verbose": "api-key",
    "some-tool --client-secret=X": "client-secret",
    "java -jar tool.jar -password X": "password",
    "mysql -e \"ALTER USER ada IDENTIFIED BY 'X'\"": "database_password",
}
QUIET = [
    *("mysql -p shop", "mysql -uroot -p", "mkdir -p src/token/secret", "ssh -p 2222 host", "cp -p secret.txt x"),
    *(
        'mysql -p"$PW"',
        "mysql -p$pw",
        "export TOKEN=$(pass show x)",
        "TOKEN=`gh auth token` ./run",
        "TOKEN=$OTHER ./run",
    ),
    *("curl -u ada https://example.com", 'curl -u "ada:$PW" https://example.com', "curl -u : https://example.com"),
    *('curl -H "Authorization: Bearer $TOKEN" https://example.com', "curl -H 'Accept: application/json' example.com"),
    "aws ecr get-login-password | docker login -u AWS --password-stdin 123456789012.dkr.ecr.eu-west-1.amazonaws.com",
    "gcloud functions deploy f --set-secrets KEY=prod-db-password-2 --secret prod-db-password-2",
    "aws secretsmanager get-secret-value --secret-id prod/db-password-2",
    "kubectl get secret db-password-2 -o jsonpath='{.data.password}' | base64 -d",
    "vault kv get -field=password secret/shop",
    "vault login -method=userpass username=ada",
    "vault login",
    *("git commit -m 'set PASSWORD=required'", "git commit -m 'password: is optional now'", "git checkout fix/token-2"),
    *(
        "openssl rsa -in key.pem -passin file:pass.txt",
        "ssh-keygen -t ed25519 -N ''",
        "some-tool --password-file pw.txt",
    ),
    *("some-tool --no-password --token-ttl 3600", "some-tool --password", "some-tool --ask-pass --user ada"),
    *("sqlplus / as sysdba", "grep -r password src", "rg 'token=' -g '*.py'", "vi password.txt", "man passwd"),
    *("docker run -p 8080:80 nginx", "docker compose -p shop up", "python -m pytest -k 'token and not secret'"),
    *("export GIT_ASKPASS=/usr/bin/askpass", "export SSH_AUTH_SOCK=/run/x.sock", "export TOKENIZERS_PARALLELISM=false"),
    *(
        "terraform apply -var-file=secret.tfvars",
        "export PASSWORD=changeme",
        "curl -u user:password https://example.com",
    ),
    *("echo $PASSWORD | sudo -S true", "docker login -u ada -p $(cat pw) registry.example.com", "export TOKEN=<token>"),
    *("read -s PASSWORD", "unset AWS_SECRET_ACCESS_KEY", "printenv TOKEN", "export -n TOKEN", "echo token", ""),
    *(
        "cat ~/.ssh/id_ed25519.pub | ssh host 'cat >> authorized_keys'",
        "gpg --keyserver keys.example.com --recv-key ABC",
    ),
]


def told(text, name=".bash_history"):
    """Line, name and secret of all that is told of a history."""
    host = FakeHost()
    found = read(text, FOLDER / name)
    assert text.count("\n") == found.loose.count("\n")
    seen = [each for group in found.groups for each in secrets_in(group, host)]
    values = {pair.evidence: pair.value for group in found.groups for pair in group}
    return [(each.evidence.line, each.evidence.key, values[each.evidence]) for each in seen]


@pytest.mark.parametrize("line", sorted(TYPED))
def test_a_typed_secret_is_told_by_what_the_line_says(line):
    text = line.replace("X-Api", "\0").replace("X", DRAWN).replace("\0", "X-Api")
    [(number, name, value)] = told(f"ls\n{text}\nls")
    assert (number, name) == (2, TYPED[line])
    assert value in (DRAWN, f"ada:{DRAWN}", f"Bearer {DRAWN}")


def test_a_line_that_names_no_secret_tells_nothing():
    assert [(line, found) for line in QUIET if (found := told(line))] == []


WAYS = {
    ".zsh_history": ": 1795000000:0;export API_TOKEN=X",
    "fish_history": "- cmd: set -gx API_TOKEN X\n  when: 1795000000",
    "history.txt": "ls<\\n>API_TOKEN=X ./run",
    "ConsoleHost_history.txt": '$env:API_TOKEN = "X"',
    ".history": "export API_TOKEN=X",
    ".bash_history.bak": "export API_TOKEN=X",
    ".python_history": "os.environ['API_TOKEN'] = 'X'",
    ".python_history-01234.tmp": "os.environ.setdefault('API_TOKEN', 'X')",
    ".node_repl_history": "process.env.API_TOKEN = 'X'",
    ".irb_history": "ENV['API_TOKEN'] = 'X'",
    ".Rhistory": "Sys.setenv(API_TOKEN = 'X')",
    "repl_history.jl": 'ENV["API_TOKEN"] = "X"',
}


@pytest.mark.parametrize("name", sorted(WAYS))
def test_every_program_writes_a_variable_in_its_own_way(name):
    [(_, variable, value)] = told(WAYS[name].replace("X", DRAWN), name)
    assert (variable, value) == ("API_TOKEN", DRAWN)


STATEMENTS = {
    ".psql_history": [
        "ALTER ROLE ada WITH LOGIN PASSWORD 'X';",
        "create user ada encrypted password 'X';",
        "CREATE USER MAPPING FOR ada SERVER s OPTIONS (user 'a', password 'X');",
        "CREATE SUBSCRIPTION s CONNECTION 'host=h' PUBLICATION p; ALTER USER ada PASSWORD 'X'",
        "COPY t FROM 's3://b' CREDENTIALS 'aws_access_key_id=a;aws_secret_access_key=X';",
        "\\setenv PGPASSWORD X",
    ],
    ".mysql_history": [
        "CREATE USER 'ada'@'%' IDENTIFIED BY 'X';",
        'GRANT ALL ON shop.* TO ada@localhost IDENTIFIED BY "X";',
        "ALTER USER ada IDENTIFIED WITH mysql_native_password BY 'X';",
        "SET PASSWORD FOR ada = PASSWORD('X');",
        "set password = 'X';",
        "CHANGE MASTER TO MASTER_HOST='h', MASTER_PASSWORD='X';",
        "_HiStOrY_V2_\nALTER\\040USER\\040ada\\040IDENTIFIED\\040BY\\040'X';",
    ],
    ".duckdb_history": ["SET s3_secret_access_key='X';", "CREATE SECRET s (TYPE S3, KEY_ID 'a', SECRET 'X');"],
    ".rediscli_history": ["auth X", "AUTH ada X", "CONFIG SET requirepass X", "ACL SETUSER ada on >X ~*"],
    "mongosh_repl_history": ['db.auth("ada", "X")', "db.createUser({user: 'ada', pwd: 'X', roles: []})"],
    ".python_history": ["connect(host='h', password='X')", "Client(api_key='X')"],
}
QUIET_STATEMENTS = {
    ".psql_history": [
        "SELECT * FROM users WHERE password = 'Xy';",
        "INSERT INTO users (name, password) VALUES ('ada', 'Xy');",
        "ALTER ROLE ada PASSWORD 'md5" + "0a" * 16 + "';",
        "ALTER ROLE ada PASSWORD NULL;",
        "\\password ada",
        "select password from logins;",
        "CREATE TABLE t (password text, token text default 'none');",
    ],
    ".mysql_history": [
        "CREATE USER ada IDENTIFIED BY PASSWORD '*" + "0A" * 20 + "';",
        "UPDATE users SET password = 'Xy' WHERE id = 1;",
        "CREATE USER ada IDENTIFIED WITH sha256_hash BY 'Xy';",
    ],
    ".rediscli_history": ["get auth", "set token abc", "config get requirepass", "keys secret:*", "auth"],
    "mongosh_repl_history": ['db.auth("ada", passwordPrompt())', "db.users.find({pwd: {$exists: 1}})"],
    ".python_history": [
        *("password = input('Password: ')", "token = tokens.next()", "print('token')", "x = {'password': 'required'}"),
        *("key='name'", "sorted(x, key=lambda y: y)", "api_key=os.environ['API_KEY']", "os.environ['HOME'] = '/tmp'"),
    ],
}


@pytest.mark.parametrize("name", sorted(STATEMENTS))
def test_a_clause_that_takes_a_secret_tells_it(name):
    lines = STATEMENTS[name]
    assert {line: [each[2] for each in told(line.replace("X", DRAWN), name)] for line in lines} == {
        line: [DRAWN] for line in lines
    }


@pytest.mark.parametrize("name", sorted(QUIET_STATEMENTS))
def test_what_only_speaks_of_passwords_is_no_secret(name):
    lines = QUIET_STATEMENTS[name]
    assert {line: found for line in lines if (found := told(line.replace("Xy", DRAWN), name))} == {}


def test_what_was_typed_again_is_told_once():
    assert [each[0] for each in told(f"mysql -p{DRAWN}\nls\nmysql -p{DRAWN}\n" * 50)] == [1]


def test_keys_of_two_accounts_do_not_tell_of_each_other():
    ids = [token("aws-key", "one"), token("aws-key-prod", "two")]
    lines = [f"export AWS_ACCESS_KEY_ID={key}\nexport AWS_SECRET_ACCESS_KEY={token('aws-secret', key)}" for key in ids]
    host = FakeHost()
    found = read("\n".join(lines), FOLDER / ".bash_history")
    assert [each.public_id for group in found.groups for each in secrets_in(group, host)] == ids


def test_a_token_without_a_name_is_left_to_its_shape():
    shaped = token("github-classic", "histories")
    found = read(f"git push https://{shaped}@git.example.com\n", FOLDER / ".bash_history")
    assert shaped in found.loose


def test_a_history_of_nothing_but_secrets_is_bounded():
    found = read("\n".join(f"mysql -p{DRAWN}{number}" for number in range(LIMIT + 50)), FOLDER / ".bash_history")
    assert sum(map(len, found.groups)) <= LIMIT + 1


SHREDS = st.sampled_from(
    [
        *(
            "mysql",
            " -p",
            "curl -u ",
            "a:b",
            "export ",
            "TOKEN=",
            "X",
            "'",
            '"',
            "$(",
            ")",
            "`",
            "\\",
            "|",
            "<<<",
            "\n",
        ),
        *("echo ", "docker login", "--password", "=", "IDENTIFIED BY ", "ALTER USER ", "auth ", "<\\n>", ": 1:0;", "é"),
        *(
            "- cmd: ",
            "\\040",
            "_HiStOrY_V2_\n",
            "os.environ['",
            "']",
            "{",
            "}",
            " ",
            ";",
            "\r",
            "$env:",
            "\0",
            "%PATH%",
        ),
    ]
)
NAMES = st.sampled_from([".bash_history", "fish_history", "ConsoleHost_history.txt", *sorted(STATEMENTS)])


@example("sudo -S <<<", ".bash_history")
@example("vault login", ".bash_history")
@example("export =x", ".bash_history")
@given(st.lists(SHREDS, max_size=25).map("".join), NAMES)
def test_no_text_breaks_it_and_every_place_is_within(text, name):
    found = read(text, FOLDER / name)
    lines = text.split("\n")
    for pair in (pair for group in found.groups for pair in group):
        assert 1 <= pair.evidence.line <= len(lines)
        assert pair.value
    assert found.loose.count("\n") == text.count("\n")
