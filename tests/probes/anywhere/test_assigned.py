"""What scripts and code assign is read in any language; what they say of secrets, and where they point, is not."""

from pathlib import PurePosixPath

import pytest

from probes.anywhere import assigned, sources
from scanner.model import CredentialSeen, Evidence
from scanner.secrets import secrets_in, secrets_in_text
from scanner.testing import FakeHost
from scanner.tokens import fill

HOME = PurePosixPath("/home/ada")


def seen(name: str, text: str) -> list[CredentialSeen]:
    path = HOME / name
    read = assigned.read(fill(text, "seed"), path)
    assert read.loose.count("\n") == text.count("\n")
    found = [*secrets_in(read.pairs, FakeHost()), *secrets_in_text(read.loose, Evidence(path, 1), FakeHost())]
    assert all(isinstance(each, CredentialSeen) for each in found)
    return found


SECRETS = [
    ("x.sh", "export DB_PASSWORD=swordfish", "database.password", "DB_PASSWORD"),
    ("x.sh", 'API_TOKEN="{token:password}" ./run', "generic.secret", "API_TOKEN"),
    ("x.sh", "curl -u ada:CANARY-2026! https://example.com", "generic.password", "BASIC_AUTH"),
    ("x.sh", "mysql -u root -pCANARY-2026! orders", "database.password", "mysql_password"),
    ("x.sh", "sshpass -p 'CANARY-2026!' ssh db", "generic.password", "sshpass_password"),
    ("x.sh", "docker login -u ada --password CANARY-2026!", "generic.password", "password"),
    ("x.sh", 'curl -H "Authorization: Bearer {token:password}" https://example.com', "generic.secret", "Authorization"),
    ("x.sh", "redis-cli -a CANARY-2026! ping", "redis.password", "redis_password"),
    ("x.fish", "set -gx API_TOKEN {token:password}", "generic.secret", "API_TOKEN"),
    ("x.csh", "setenv API_TOKEN {token:password}", "generic.secret", "API_TOKEN"),
    ("x.ps1", "$env:API_TOKEN = '{token:password}'", "generic.secret", "API_TOKEN"),
    ("x.ps1", "$Password = 'CANARY-2026!'", "generic.password", "Password"),
    ("x.bat", "set DB_PASSWORD=CANARY-2026!", "database.password", "DB_PASSWORD"),
    ("Makefile", "DB_PASSWORD ?= CANARY-2026!", "database.password", "DB_PASSWORD"),
    ("Dockerfile", "ENV API_TOKEN {token:password}", "generic.secret", "API_TOKEN"),
    ("Dockerfile", "ARG NPM_TOKEN={token:password}", "npm.token", "NPM_TOKEN"),
    ("Jenkinsfile", "environment { DEPLOY_TOKEN = '{token:password}' }", "generic.secret", "DEPLOY_TOKEN"),
    ("x.service", 'Environment="DB_PASSWORD=CANARY-2026!"', "database.password", "DB_PASSWORD"),
    ("x.http", "Authorization: Bearer {token:password}", "generic.secret", "Authorization"),
    ("settings.py", 'SECRET_KEY = "{token:password}"', "generic.signing-secret", "SECRET_KEY"),
    ("settings.py", "DATABASES = {'default': {'PASSWORD': 'CANARY-2026!'}}", "generic.password", "PASSWORD"),
    ("settings.py", 'SECRET_KEY = os.environ.get("SECRET_KEY", "{token:password}")', "generic.signing-secret", None),
    ("x.py", 'connect(host="db", password="CANARY-2026!")', "generic.password", "password"),
    ("x.py", 'requests.get(url, auth=("ada", "CANARY-2026!"))', "generic.password", "auth.password"),
    ("x.py", 'db_password: str = "CANARY-2026!"', "database.password", "db_password"),
    ("x.py", "headers = {'X-Api-Key': '{token:password}'}", "generic.secret", "X-Api-Key"),
    ("x.js", 'const apiKey = "{token:password}";', "generic.secret", "apiKey"),
    ("x.ts", "  private readonly clientSecret: string = '{token:password}';", "identity.client-secret", "clientSecret"),
    ("x.ts", "export default { password: `CANARY-2026!` }", "generic.password", "password"),
    ("x.js", 'headers.set("Authorization", "Bearer {token:password}")', "generic.secret", "Authorization"),
    ("x.rb", "  config.api_key = '{token:password}'", "generic.secret", "config.api_key"),
    ("x.rb", '  :password => "CANARY-2026!"', "generic.password", "password"),
    ("wp-config.php", "define( 'DB_PASSWORD', 'CANARY-2026!' );", "database.password", "DB_PASSWORD"),
    ("x.php", "$password = 'CANARY-2026!';", "generic.password", "password"),
    ("x.php", "'password' => env('DB_PASSWORD', 'CANARY-2026!'),", "database.password", "DB_PASSWORD"),
    ("x.go", 'var dbPassword string = "CANARY-2026!"', "database.password", "dbPassword"),
    ("x.go", 'apiToken := "{token:password}"', "generic.secret", "apiToken"),
    ("X.java", 'builder.password("CANARY-2026!")', "generic.password", "builder.password"),
    ("X.java", 'private static final String API_KEY = "{token:password}";', "generic.secret", "API_KEY"),
    ("X.cs", 'var clientSecret = "{token:password}";', "identity.client-secret", "clientSecret"),
    ("x.rs", 'const API_KEY: &str = "{token:password}";', "generic.secret", "API_KEY"),
    ("X.kt", 'val apiKey: String = "{token:password}"', "generic.secret", "apiKey"),
    ("X.swift", 'let apiKey = "{token:password}"', "generic.secret", "apiKey"),
    ("x.gradle", "  storePassword 'CANARY-2026!'", "generic.password", "storePassword"),
    ("x.h", '#define WIFI_PASSWORD "CANARY-2026!"', "generic.password", "WIFI_PASSWORD"),
    ("x.ps1", '$Password = ConvertTo-SecureString "CANARY-2026!" -AsPlainText -Force', "generic.password", None),
    ("x.cs", 'var c = "Server=db;User Id=sa;Password=CANARY-2026!;";', "generic.password", "Password"),
    ("x.sh", "lftp -u ada,CANARY-2026! ftp.example.com", "generic.password", "ftp_password"),
    ("x.php", 'mysqli_connect("localhost", "ada", "CANARY-2026!", "shop");', "generic.password", "login.password"),
    ("x.php", "new PDO('mysql:host=db', $user, 'CANARY-2026!');", "generic.password", "login.password"),
    (
        "x.sbt",
        'credentials += Credentials("Nexus", "nexus", "ada", "CANARY-2026!")',
        "generic.password",
        "login.password",
    ),
    ("x.py", 'smtp.login("ada", "CANARY-2026!")', "generic.password", "login.password"),
    ("x.py", 'co = cohere.Client("{token:aws-secret}")', "model-api.key", "cohere.api_key"),
    ("x.kt", 'fun sign(body: String) = hmac(body, "{token:aws-secret}")', "generic.secret", None),
    ("x.py", 'conf.set("fs.azure.account.key.acme.example.net", "{token:aws-secret}")', None, None),
    ("x.py", '# {token:github-classic}\nx = "y"', "github.classic-token", None),
]


@pytest.mark.parametrize(("name", "text", "kind", "key"), SECRETS)
def test_a_secret_is_seen_at_its_line(name, text, kind, key):
    [found] = seen(name, "first = 1\n" + text + "\n")
    assert kind is None or found.kind == kind
    assert found.evidence.line == 2 + (text.count("\n") if kind != "github.classic-token" else 0)
    assert key is None or found.evidence.key == key


SOURCES = sorted({text for name, text, _, _ in SECRETS if assigned.LANGUAGES.search(name)})


@pytest.mark.parametrize("text", SOURCES)
def test_what_a_source_assigns_is_met_before_it_is_read(text):
    text = "first = 1\n" + fill(text, "seed") + "\n"
    path = HOME / "x.py"
    assert sources.read(text, path).pairs == assigned.read(text, path).pairs


def test_a_source_that_only_speaks_of_secrets_is_not_read():
    text = "def reset(token, password):\n    # the password of the user; its token ends\n    return token\n"
    assert sources.read(text, HOME / "x.py").pairs == ()


LOOKALIKES = [
    ("x.sh", 'TOKEN=$(pass show x)\nPASSWORD=$1\nexport API_TOKEN="$OTHER"\nSECRET=`cat x1`\nPASSWORD=${2:-x1y2}'),
    ("x.sh", "read -rsp 'Password: ' PASSWORD\nif [ -z \"$PASSWORD\" ]; then echo 'password missing2'; fi"),
    ("x.sh", 'curl -u "$USER:$PASS" https://x\nmysql -p$PASS\ncurl -H "Authorization: Bearer $TOKEN" x'),
    (
        "x.sh",
        "gh auth login --with-token < t1.txt\nssh-add --apple-use-keychain key2\nfoo --no-password x1 --token-file y2",
    ),
    ("x.sh", "printf 'export VAULT_TOKEN=a1b2c3d4.%s' \"$1\""),
    ("x.bat", "set PASSWORD=%1\nset TOKEN=%API_TOKEN%"),
    ("x.ps1", "$Password = Read-Host 'Password' -AsSecureString\n$token = $env:TOKEN1"),
    ("Makefile", "PASSWORD := $(shell pass x)\nTOKEN = $(TOKEN2)"),
    ("Dockerfile", "ARG NPM_TOKEN\nRUN --mount=type=secret,id=npm1 cat /run/secrets/npm1"),
    ("settings.py", 'SECRET_KEY = os.environ["SECRET_KEY1"]\nPASSWORD = env("DB_PASSWORD")\nTOKEN = get_token("x1")'),
    (
        "settings.py",
        'PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]\nAUTH_USER_MODEL = "a.User1"',
    ),
    ("settings.py", "CSRF_COOKIE_NAME = 'csrftoken'\nTOKEN_URL = '/oauth2/token'\nAPI_KEY_HEADER = 'X-Api-Key2'"),
    (
        "x.py",
        'PASSWORD_FIELD = "password1"\ntoken_type = "bearer"\nsecret = "my_secret_name"\npassword: str = "required"',
    ),
    ("x.py", 'raise ValueError("invalid token: %s")\npassword = f"{user}-{salt}"\ntoken = "Bearer {token}"'),
    (
        "x.py",
        'token_pattern = r"[A-Za-z0-9_]{20,40}"\nPASSWORD_REGEX = "^(?=.*[0-9]).{8,}$"\npassword = "0123456789abcdef"',
    ),
    ("x.py", 'fields = ["password1", "password2", "token2fa"]\nclean(("password", "password2"))'),
    (
        "x.js",
        "const token = process.env.API_TOKEN1\nconst password = req.body.password2\n"
        "const apiKey = config.get('api.key1')",
    ),
    ("x.js", "t('password.reset', 'Reset your password')\nlabels = { password: 'Passwort', token: 'Jeton d’accès' }"),
    ("x.js", "$('#password1').val(); input.token2 = 'input[name=token2]'; css = { token: '.hljs-token1' }"),
    (
        "x.ts",
        "type Token = 'access1' | 'refresh1'\npassword: string;\napiKey?: ApiKeyV2\ntoken: Token1 = Token1.Access",
    ),
    ("x.go", 'type Config struct {\n\tPassword string `json:"password1" yaml:"password1"`\n}'),
    ("X.java", '@Value("${db.password1}") private String password;\nString token = getToken("v2");'),
    (
        "x.rb",
        "password = ENV['DB_PASSWORD1']\ntoken = ENV.fetch('TOKEN2')\nvalidates :password, length: { minimum: 8 }",
    ),
    ("x.php", "'password' => 'The password must be at least 8 characters.',\n$token = $_POST['token1'];"),
    ("x.cs", 'var secret = Configuration["Secret1"];\nconst string PasswordKey = "PasswordKey1";'),
    ("x.py", 'client = Client("https://api.example.com/v1/orders/2026")\nmake_client("orders-service-production-2")'),
    ("x.py", 'smtp.login("ada", password1)\nsmtp.login("ada", "your-password")\nhmac.new(key, "sha256-of-the-body")'),
    ("x.php", 'mysqli_connect($host, $user, $password1);\nnew PDO("mysql:host=db", "root", "");'),
    ("x.rb", 'password "required"\nsecret "my_secret_name"\n  token "bearer"'),
    ("x.css", ".token { color: #ff00ff1 }\n--token-color: #a1b2c3d4e5f6;"),
    ("x.rs", 'let password = std::env::var("PASSWORD1")?;\nlet token: Token2 = Token2::new();'),
    ("x.py", 'email_token = "ada2@example.com"\nversion_key = "v1.2.3"\ntoken = "dGhpcw" if x else None'),
]


@pytest.mark.parametrize(("name", "text"), LOOKALIKES)
def test_what_only_looks_alike_is_silent(name, text):
    assert seen(name, text) == []


def test_what_stands_beside_a_secret_tells_what_it_opens():
    [found] = seen("x.sh", "export DB_HOST=db.example.com\nexport DB_USER=app\nexport DB_PASSWORD=CANARY-2026!\n")
    assert found.identity is not None
    assert (found.identity.account, found.identity.name) == ("db.example.com", "app")


def test_a_file_without_the_words_gives_nothing_and_is_left_whole():
    text = "def add(a, b):\n    return a + b\n"
    read = assigned.read(text, HOME / "x.py")
    assert (read.pairs, read.loose) == ((), text)
