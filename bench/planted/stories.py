# ruff: noqa: E501  (templates keep the lines of the files that they make)
"""What was typed, said and logged: histories of shells, databases and languages, agents' transcripts, logs."""

import json
from itertools import pairwise
from random import Random

from .paper import Sheet

SHELL = """
export GITHUB_TOKEN=«github-token»
export OPENAI_API_KEY="«openai-key»"
export AWS_SECRET_ACCESS_KEY=«aws-secret-access-key»
export PGPASSWORD=«db-password»
PGPASSWORD='«db-password»' psql -h db.example.com -U app shop
psql postgres://ada:«plain-password»@«~host»:5432/«~thing»
psql "postgresql://readonly:«plain-password»@«~host»/«~thing»?sslmode=require" -c 'select 1'
mysql -h «~host» -u root -p«plain-password» «~thing»
mysql --host=«~host» --user=app --password=«plain-password» «~thing»
mysqldump -u backup -p'«db-password»' «~thing» > /tmp/dump.sql
curl -H "Authorization: Bearer «bearer-token»" https://api.example.com/v1/orders
curl -sS -H 'Authorization: Bearer «jwt»' https://api.example.com/me | jq .
curl -H "X-Api-Key: «short-hex-token»" https://partner.example.com/v2/labels
curl -u ada:«plain-password» https://jenkins.example.com/job/shop/build
curl --user 'deploy:«password»' -T dist.tgz https://artifacts.example.com/raw/
curl https://ci:«basic-auth-password»@registry.example.com/v2/_catalog
curl -H "PRIVATE-TOKEN: «gitlab-token»" https://gitlab.example.com/api/v4/projects
curl -X POST -d 'grant_type=client_credentials&client_id=shop&client_secret=«oauth-client-secret»' https://login.example.com/oauth/token
curl "https://maps.example.com/geocode?address=Lisbon&key=«gcp-api-key»"
curl -X POST -H 'Content-type: application/json' --data '{"text":"done"}' «slack-webhook»
curl -H "x-api-key: «anthropic-key»" -H 'anthropic-version: 2023-06-01' https://api.anthropic.example.com/v1/models
git clone https://ada:«github-fine»@github.com/acme/shop.git
git clone https://oauth2:«gitlab-token»@gitlab.example.com/acme/infra.git
git remote set-url origin https://ada:«bitbucket-password»@bitbucket.example.org/acme/site.git
docker login -u ada -p «docker-token» registry.example.com
echo «password» | docker login -u ci --password-stdin registry.example.com
docker run -d -e POSTGRES_PASSWORD=«db-password» -p 5432:5432 postgres:16
kubectl create secret generic db --from-literal=password=«password» --from-literal=user=app
kubectl --token=«jwt» get pods -A
helm upgrade shop ./chart --set db.password=«plain-password» --set image.tag=1.4.2
vault login «vault-token»
VAULT_TOKEN=«vault-legacy-token» vault kv get secret/shop
redis-cli -h «~host» -a «plain-password» ping
mongosh "mongodb+srv://admin:«plain-password»@cluster0.abc.mongodb.example.net/admin"
sshpass -p '«password»' ssh root@«~ip»
sudo -S apt update <<< '«password»'
npm config set //registry.example.com/:_authToken «npm-token»
twine upload -u __token__ -p «pypi-token» dist/*
cargo login «crates-token»
gh auth login --with-token <<< «github-token»
heroku config:set STRIPE_SECRET_KEY=«stripe-live»
fly secrets set SENDGRID_API_KEY=«sendgrid-key»
az login --service-principal -u «-uuid» -p «azure-client-secret» --tenant «-uuid»
az storage blob list --account-name acme --account-key «azure-storage-key» -c backup
aws configure set aws_secret_access_key «aws-secret-access-key»
doctl auth init -t «digitalocean-token»
huggingface-cli login --token «huggingface-token»
wandb login «wandb-key»
ngrok config add-authtoken «ngrok-token»
openssl pkcs12 -export -in a.crt -inkey a.key -out a.p12 -passout pass:«password»
openssl enc -aes-256-cbc -pass pass:«password» -in notes.txt -out notes.enc
keytool -list -keystore release.jks -storepass «keystore-password»
ldapsearch -x -D cn=admin,dc=example,dc=com -w «password» -b dc=example,dc=com
smbclient //files/share -U ada%«plain-password»
ansible-playbook site.yml -e "db_password=«password»"
http POST api.example.com/login user=ada password=«password»
wget --user=ada --password='«password»' https://files.example.com/big.iso
zip -P «plain-password» backup.zip notes.txt
sqlcmd -S «~host» -U sa -P '«db-password»' -Q 'select 1'
influx auth create --token «api-token» --org acme
sentry-cli --auth-token «sentry-token» releases list
cf login -u ada -p «plain-password» -a api.cf.example.com
"""
IDLE = """
git commit -m "fix password reset for guests"
git checkout «-commit»
git show «-sha1»
docker pull registry.example.com/base@«-digest»
docker run -e DB_PASSWORD="«=ref:$DB_PASSWORD»" shop
export TOKEN=«=code:$(pass show github/token)»
export GITHUB_TOKEN="«=code:$(gh auth token)»"
curl -H "Authorization: Bearer «=ref:$TOKEN»" https://api.example.com
curl -u "$USER:«=ref:$PASS»" https://jenkins.example.com
mysql -u root -p
psql -h localhost -U postgres
kubectl get secret shop-tls -o yaml
kubectl get secret db -o jsonpath='{.data.password}' | base64 -d
kubectl create secret generic db --from-file=password=«=path:./password.txt»
vault kv get -field=password secret/shop
ssh-keygen -t ed25519 -C ada@laptop
ssh -i ~/.ssh/id_ed25519 ada@«~host»
openssl rand -hex 32
sha256sum -c <<< "«-sha256»  image.iso"
echo «-sha256» image.iso | sha256sum -c
read -s PASSWORD
passwd ada
gh secret set NPM_TOKEN
op read op://work/stripe/key
aws sts get-caller-identity --profile prod
export OPENAI_API_KEY=«-crossed-openai»
export API_KEY=«-placeholder»
export SLACK_TOKEN=«-crossed-slack»
terraform import aws_secretsmanager_secret.db «-arn»
cd ~/code/shop-api
git status
ls -la
make test
npm run build
vim .env
docker compose up -d
kubectl get pods -n shop
pytest -q tests/test_tokens.py
grep -rn "password" src | head
tail -f logs/app.log
"""


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


def sessions(random: Random) -> list[Sheet]:
    """The typed lines, dealt to the histories of several shells among lines that tell nothing."""
    typed = lines(SHELL)
    random.shuffle(typed)
    cuts = (0, 22, 42, 52, 58, len(typed))
    shares = [mixed(random, typed[start:end], 40 if end - start > 9 else 12) for start, end in pairwise(cuts)]
    zsh = "".join(f": «~epoch»:0;{line}\n" for line in shares[0])
    fish = "".join(f"- cmd: {line}\n  when: «~epoch»\n" for line in shares[2])
    return [
        Sheet(".zsh_history", "shell-history", zsh, mode=0o600),
        Sheet(".bash_history", "shell-history", "\n".join(shares[1]) + "\n", mode=0o600),
        Sheet(".local/share/fish/fish_history", "shell-history", fish, mode=0o600),
        Sheet("code/dotfiles/backup/bash_history.old", "old-copy", "".join(f"#«~epoch»\n{line}\n" for line in shares[3])),
        Sheet(".local/share/atuin/export.txt", "shell-history", "\n".join(shares[4]) + "\n"),
        Sheet(".local/share/powershell/PSReadLine/ConsoleHost_history.txt", "shell-history", POWERSHELL),
    ]  # fmt: skip


def mixed(random: Random, planted: list[str], idle: int) -> list[str]:
    found = planted + random.choices(lines(IDLE), k=idle)
    random.shuffle(found)
    return found


POWERSHELL = """Get-ChildItem
$env:GITHUB_TOKEN = "«github-token»"
$cred = New-Object PSCredential("ada", (ConvertTo-SecureString "«password»" -AsPlainText -Force))
Connect-AzAccount -Credential $cred
Invoke-RestMethod https://api.example.com -Headers @{ Authorization = "Bearer «jwt»" }
$password = Read-Host -AsSecureString
net use Z: \\\\files\\share /user:ACME\\ada «plain-password»
az acr login -n acme --username ci --password «azure-client-secret»
$env:API_KEY = «=ref:$secrets.ApiKey»
"""
DATABASES = (
    (
        ".psql_history",
        "\\dt\nselect * from users where password_reset_token is null;\nALTER USER app WITH PASSWORD '«db-password»';\n"
        "create role reporting login password '«db-password»';\nCREATE USER etl WITH ENCRYPTED PASSWORD '«-md5»';\n"
        "select dblink_connect('host=10.0.4.2 user=app password=«plain-password» dbname=shop');\n"
        "update users set password_hash = '«-bcrypt»' where id = 4;\nselect id, token_expires_at from sessions limit 5;\n\\password app\n"
        "CREATE USER MAPPING FOR ada SERVER far OPTIONS (user 'ada', password '«password»');\n",
    ),
    (
        ".mysql_history",
        "_HiStOrY_V2_\nshow\\040tables;\nCREATE USER 'app'@'%' IDENTIFIED BY '«db-password»';\nALTER USER 'root'@'localhost' IDENTIFIED BY '«db-password»';\n"
        "SET PASSWORD FOR 'backup'@'%' = PASSWORD('«password»');\nGRANT ALL ON shop.* TO 'etl'@'10.%' IDENTIFIED BY '«password»';\n"
        "select password from users where name = 'ada';\nCHANGE MASTER TO MASTER_USER='repl', MASTER_PASSWORD='«plain-password»';\n",
    ),
    (
        ".rediscli_history",
        "ping\nAUTH «plain-password»\nget session:«-uuid»\nCONFIG SET requirepass «plain-password»\nACL SETUSER worker on >«plain-password» ~* +@all\nkeys token:*\nset cache:«-md5» 1\n",
    ),
    (
        ".mongodb/mongosh/mongosh_repl_history",
        "show dbs\ndb.createUser({user: 'app', pwd: '«db-password»', roles: ['readWrite']})\ndb.auth('admin', '«password»')\n"
        "db.users.find({password: {$exists: true}})\ndb.changeUserPassword('app', passwordPrompt())\n",
    ),
    (".sqlite_history", ".tables\nselect * from tokens;\ninsert into settings(name, value) values ('api_token', '«api-token»');\nPRAGMA key = '«password»';\n"),
    (".cassandra/cqlsh_history", "LOGIN ada '«password»'\nCREATE ROLE app WITH PASSWORD = '«db-password»' AND LOGIN = true;\nDESCRIBE KEYSPACES;\n"),
    (".influx_history", "auth\nCREATE USER telegraf WITH PASSWORD '«db-password»'\nSHOW MEASUREMENTS\n"),
)  # fmt: skip
REPLS = (
    (
        ".python_history",
        "import os\nimport requests\nTOKEN = '«bearer-token»'\nrequests.get('https://api.example.com', headers={'Authorization': 'Bearer ' + TOKEN})\nos.environ['OPENAI_API_KEY'] = '«openai-project»'\n"
        "client = anthropic.Anthropic(api_key='«anthropic-key»')\nrequests.get('https://x.example.com', auth=('ada', '«password»'))\nimport hashlib\nhashlib.sha256(b'x').hexdigest() == '«-sha256»'\n"
        "from getpass import getpass\npassword = «=code:getpass()»\ntoken = «=code:os.environ[\"TOKEN\"]»\nengine = create_engine('postgresql://app:«plain-password»@db.example.com/shop')\n",
    ),
    (
        ".node_repl_history",
        "const stripe = require('stripe')('«stripe-short»')\nprocess.env.JWT_SECRET = '«signing-secret»'\njwt.verify(token, «=code:process.env.JWT_SECRET»)\njwt.decode('«-jwt-example»')\nawait fetch('https://api.example.com', {headers: {'x-api-key': '«short-hex-token»'}})\nconst id = '«-uuid»'\n",
    ),
    (".irb_history", "require 'octokit'\nclient = Octokit::Client.new(access_token: '«github-token»')\nUser.first.update(password: '«password»')\nSecureRandom.hex(32)\nUser.find_by(reset_password_token: nil)\n"),
    (".pry_history", "Twilio::REST::Client.new('AC«-md5»', '«twilio-auth-token»')\nuser.authenticate('«=test:password»')\n"),
    (".local/share/jupyter/runtime/history.py", "hf_token = '«huggingface-token»'\nlogin(token=hf_token)\n"),
    (".Rhistory", "library(DBI)\ncon <- dbConnect(Postgres(), host='db.example.com', user='ada', password='«db-password»')\nSys.setenv(API_KEY = '«api-token»')\npassword <- «=code:rstudioapi::askForPassword()»\n"),
    (".scala_history", "val key = \"«api-token»\"\nval n = 42\n"),
    (".php_history", "$pdo = new PDO('mysql:host=db.example.com;dbname=shop', 'app', '«db-password»');\n"),
)  # fmt: skip

TOLD = (
    ("user", "my key is «anthropic-key», please put it in the .env"),
    ("tool", "$ cat .env\nDATABASE_URL=postgres://shop:«plain-password»@db.example.com/shop\nPORT=8080\nSESSION_SECRET=«hex-token»\n"),
    ("tool", "$ env | sort\nGITHUB_TOKEN=«github-token»\nHOME=/home/ada\nLANG=en_US.UTF-8\n"),
    ("assistant", 'I will call it like this:\n\ncurl -H "Authorization: Bearer «jwt»" https://api.example.com/orders\n'),
    ("tool", "$ kubectl get secret db -o yaml\ndata:\n  token: «github-fine|b64»\n"),
    ("user", "the deploy fails, here is my token «gitlab-token» can you try"),
    ("tool", "$ aws configure export-credentials\nAWS_ACCESS_KEY_ID=«&aws-access-key-id»\nAWS_SECRET_ACCESS_KEY=«aws-secret-access-key»\nAWS_SESSION_TOKEN=«aws-session-token»\n"),
    ("tool", "$ cat ~/.npmrc\n//registry.example.com/:_authToken=«npm-token»\n"),
    ("tool", "$ cat certs/server.key\n«rsa-private-key»\n"),
    ("assistant", "I have added `SLACK_BOT_TOKEN=«slack-bot»` to the compose file."),
    ("tool", "error: 401 for https://ci:«basic-auth-password»@registry.example.com/v2/\n"),
    ("user", "use sk for stripe: «stripe-live»"),
    ("tool", "$ gcloud auth print-access-token\n«google-access-token»\n"),
    ("tool", "$ heroku config\nSENDGRID_API_KEY: «sendgrid-key»\nNEW_RELIC_API_KEY: «newrelic-key»\n"),
    ("tool", "Traceback (most recent call last):\n  File \"app.py\", line 3\nsqlalchemy.exc.OperationalError: postgresql://app:«plain-password»@10.0.4.7/shop\n"),
    ("assistant", "The webhook is «slack-webhook», it works."),
    ("user", "hf token: «huggingface-token»"),
    ("tool", '{"access_token": "«jwt»", "token_type": "«=const:Bearer»", "expires_in": 3600}'),
    ("tool", "$ vault token lookup\nid      «vault-token»\nttl     768h\n"),
    ("tool", "$ doctl auth list\n«digitalocean-token»\n"),
    ("assistant", "client = OpenAI(api_key=\"«openai-project»\")"),
    ("tool", "$ git remote -v\norigin\thttps://ada:«github-token»@github.com/acme/shop.git (fetch)\n"),
    ("tool", "$ docker inspect db\n\"Env\": [\"POSTGRES_DSN=postgres://root:«plain-password»@db/shop\", \"PGDATA=/var/lib/postgresql\"]\n"),
    ("user", "grafana: «grafana-token» and linear «linear-key»"),
    ("tool", "$ cat terraform.tfstate | jq .outputs\n{\"token\": {\"value\": \"«databricks-token»\"}}\n"),
    ("assistant", "The Telegram bot is set up with «telegram-bot»."),
    ("tool", "$ cat ~/.pypirc\n[pypi]\nusername = __token__\npassword = «pypi-token»\n"),
    ("tool", "$ cat key.txt\n«age-key»\n"),
    ("tool", "$ cat ~/.ssh/id_ed25519\n«openssh-private-key»\n"),
    ("assistant", "const key = '«gcp-api-key»'; // as you gave it"),
)  # fmt: skip
HARMLESS = (
    ("assistant", "Set `ANTHROPIC_API_KEY=«-crossed-anthropic»` in your shell first."),
    ("assistant", "Replace `«=holder:YOUR_API_KEY»` with the real one. The password is read from «=ref:${DB_PASSWORD}»."),
    ("tool", "commit «-commit»\nAuthor: ada <ada@example.com>\n\n    reset the password token after use\n"),
    ("tool", "sha256:«-sha256»  dist/app.tar.gz\n"),
    ("assistant", "An AWS key looks like «-aws-example-id» and its secret like «-aws-example-secret»."),
    ("tool", '{"request_id": "«-uuid»", "trace": "«-trace»", "etag": "«-md5»"}'),
    ("assistant", "def test_login(client):\n    client.login(password=\"«=test:hunter2»\")\n"),
    ("tool", "integrity \"«-integrity»\"\n"),
    ("user", "why is my token masked as «-masked-github» in the log?"),
    ("assistant", "Decode it at jwt.io: «-jwt-example»"),
    ("tool", "ssh-ed25519 «-ssh-public» ada@laptop\n"),
    ("assistant", "Use «-stripe-example» from Stripe's docs to try it."),
    ("tool", "«-public-key»\n"),
)  # fmt: skip


def talk(random: Random, told: list[tuple[str, str]], style: str) -> str:
    """A transcript as JSON lines; every marker's value is escaped once more, as the file's own text is."""
    rows = []
    for role, text in told:
        match style:
            case "claude":
                kind = "tool_result" if role == "tool" else "text"
                content = [{"type": kind, "content" if role == "tool" else "text": text}]
                row: object = {
                    "type": "user" if role == "tool" else role,
                    "uuid": "«~hex»-«~hex»",
                    "message": {"role": role, "content": content},
                }
            case "codex":
                row = {
                    "timestamp": "«~day»T«~time»Z",
                    "type": "response_item",
                    "payload": {"type": "message", "role": role, "output": text},
                }
            case _:
                row = {
                    "display": text,
                    "pastedContents": {},
                    "project": "/home/ada/code/shop-api",
                    "timestamp": 1760000000000,
                }
        rows.append(json.dumps(row, ensure_ascii=False))
    random.shuffle(rows)
    return "\n".join(rows) + "\n"


def transcripts(random: Random) -> list[Sheet]:
    told, harmless = list(TOLD), list(HARMLESS) * 3
    random.shuffle(told)
    random.shuffle(harmless)
    places = (
        (".claude/projects/-home-ada-code-shop-api/a7c0f6d2-1b7e-4c3a-a9d1-2f6f0b1f3c55.jsonl", "claude"),
        (".claude/projects/-home-ada-code-billing/0c9be1a4-77f2-4a11-a0b3-5d2e9c8f7a10.jsonl", "claude"),
        (".claude/projects/-home-ada-work-acme-portal/d1e5b2c8-9a44-4f0e-ab7c-8e1f2a3b4c5d.jsonl", "claude"),
        (".codex/sessions/2026/03/14/rollout-2026-03-14T10-22-31-5f1c.jsonl", "codex"),
        (".codex/sessions/2026/04/02/rollout-2026-04-02T17-05-09-9b7e.jsonl", "codex"),
        (".claude/history.jsonl", "history"),
        (".codex/history.jsonl", "history"),
    )
    share, rest = len(told) // len(places) + 1, len(harmless) // len(places) + 1
    return [
        Sheet(path, "transcript", talk(random, told[at * share : (at + 1) * share] + harmless[at * rest : (at + 1) * rest], style), "json")
        for at, (path, style) in enumerate(places)
    ] + [
        Sheet("code/agents-lab/.aider.chat.history.md", "transcript", AIDER),
        Sheet("code/agents-lab/.aider.input.history", "transcript", "# 2026-02-11 10:22:31.1\n+add the key «openrouter-key» to settings\n# 2026-02-11 10:25:40.7\n+run the tests for password reset\n"),
        Sheet(".gemini/tmp/7f3a/logs.json", "transcript", json.dumps([{"type": "user", "message": "connect to mysql://app:«plain-password»@db.example.com/shop"}, {"type": "user", "message": "what does the commit «-commit» change?"}], ensure_ascii=False, indent=1), "json"),
    ]  # fmt: skip


AIDER = """# aider chat started at 2026-02-11 10:22:31

#### deploy with this token «vercel-token»

> Applied edit to deploy.sh

#### the api answers 401

Use `Authorization: Bearer «=ref:$TOKEN»`; your key `«groq-key»` stands in the open, rotate it.
"""
LOGS = (
    ("code/shop-api/logs/app.log", "INFO  request {«-uuid»} GET /orders?access_token=«bearer-token» 200\nDEBUG headers: {'Authorization': 'Bearer «jwt»', 'User-Agent': 'curl'}\nINFO  user ada changed the password\nWARN  token of session «-trace» expired\nINFO  built from «-commit»\n"),
    (".npm/_logs/2026-03-02T10_11_12_debug-0.log", "0 verbose cli node npm\n12 http fetch GET 200 https://registry.example.com/left-pad integrity «-integrity»\n13 verbose config //registry.example.com/:_authToken «npm-token»\n14 silly audit token: (protected)\n"),
    ("work/acme/erp/logs/catalina.out", "2026-03-02 INFO Connecting with jdbc:oracle:thin:erp/«plain-password»@db.example.com:1521/ERP\n2026-03-02 INFO password policy: «=set:strict»\n2026-03-02 INFO Session «-md5» opened\n"),
    ("code/notifier/npm-debug.log", "error: POST «slack-webhook» 404\ninfo: mail sent with message id <«-uuid»@example.com>\n"),
    (".local/state/deploy/deploy-2026-02.log", "+ docker login -u ci -p «docker-token» registry.example.com\n+ export SENTRY_AUTH_TOKEN=«sentry-token»\n+ helm upgrade --set secret=«-masked»\n"),
    ("code/data-pipeline/airflow/logs/etl.log", "[2026-03-02] INFO - Using connection postgres://etl:«-masked»@db/warehouse\n[2026-03-02] ERROR - 403 for https://storage.example.com/b?sig=«azure-sas-signature»&se=2026\n[2026-03-02] INFO - checksum «-sha256»\n"),
    ("work/globex/crm/log/development.log", 'Parameters: {"email"=>"ada@example.com", "password"=>"«=set:[FILTERED]»"}\nParameters: {"api_key"=>"«api-token»"}\nStarted GET "/reset?reset_token=«=set:[FILTERED]»"\n'),
    (".local/share/app/logs/main.log", "info loaded key «-fingerprint»\nwarn github rejected «github-oauth»\ninfo cached «-sha1»\n"),
)  # fmt: skip
BULKY = "code/gateway/logs/access.log"
TOPS = (
    ("code/shop-api/CLAUDE.md", "# Notes for agents\n\n- staging login: ada / «password»\n- run `make test` before you commit\n- the API key for the sandbox is `«api-token»`\n- never print passwords\n"),
    ("work/acme/portal/AGENTS.md", "# Agents\n\nThe database of the tests: `postgres://tests:«plain-password»@ci-db.example.com/portal`.\n\nSet `API_TOKEN=«-placeholder»` in `.env`.\n"),
    ("code/agents-lab/.cursorrules", "Always use the token «github-fine» for the GitHub API.\nDo not write secrets into the code.\n"),
    ("code/agents-lab/.github/copilot-instructions.md", "Sign requests with the key «hex-token».\nKeep tokens out of logs.\n"),
    (".claude/CLAUDE.md", "# Me\n\nI deploy with `FLY_API_TOKEN='«fly-token»'`.\nMy public key is ssh-ed25519 «-ssh-public».\n"),
    (".claude/commands/deploy.md", "Run:\n\n```sh\ncurl -H 'Authorization: Bearer «bearer-token»' https://deploy.example.com/run\n```\n"),
    ("Documents/notes/passwords.md", "# Logins\n\n| site | user | password |\n| --- | --- | --- |\n| wiki | ada | «password» |\n| bank | ada | «password» |\n\nrouter password: «password»\nwifi: `«=set:ask-ada»`\n"),
    ("Desktop/passwords.txt", "gmail ada@example.com\npassword: «password»\n\nvpn\nuser ada\npass: «password»\npin: 4711\n"),
    ("Documents/notes/todo.txt", "- rotate the stripe key «stripe-restricted»\n- buy milk\n- ask about the password policy\n"),
    ("Documents/notes/meeting.md", "Ben sent the staging secret: «hex-token»\nThe token service moves in May.\nJWT example: «-jwt-example»\n"),
    ("Documents/mail/welcome.eml", "From: it@example.com\nSubject: your account\n\nYour temporary password is: «password»\nPlease change it at https://login.example.com/reset?token=«bearer-token»\n"),
    ("Documents/export/logins.csv", "url,username,password\nhttps://wiki.example.com,ada,«password»\nhttps://shop.example.com,ada@example.com,«password»\nhttps://forum.example.com,ada,«password»\n"),
)  # fmt: skip
PLACE_OF_TOP = {
    "CLAUDE.md": "instructions",
    "AGENTS.md": "instructions",
    ".cursorrules": "instructions",
    "copilot-instructions.md": "instructions",
    "deploy.md": "instructions",
}


def stories(random: Random) -> list[Sheet]:
    """Everything that was typed, said, logged or noted."""
    sheets = sessions(random) + transcripts(random)
    sheets += [Sheet(path, "database-history", text, mode=0o600) for path, text in DATABASES]
    sheets += [Sheet(path, "repl-history", text) for path, text in REPLS]
    sheets += [Sheet(path, "log", text) for path, text in LOGS]
    for path, text in TOPS:
        place = PLACE_OF_TOP.get(path.rpartition("/")[2], "docs")
        sheets.append(Sheet(path, place, text))
    return [*sheets, Sheet(BULKY, "log", bulky(random))]


def bulky(random: Random) -> str:
    """Three megabytes of requests with one token each near head, middle and tail."""
    told = {40, 15_000, 29_900}
    rows = [
        f'10.0.3.{n % 250} - - [12/Mar/2026:10:{n % 60:02}:{n % 60:02}] "GET /orders/{n} HTTP/1.1" 200 {n % 9973} "-" "client/{n % 17}" {n:x}'
        for n in range(30_000)
    ]
    for at in told:
        rows[at] += ' token="«github-server»"'
    return "\n".join(rows) + "\n"
