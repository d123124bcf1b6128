# ruff: noqa: E501  (templates keep the lines of the files that they make)
"""Files of a home in which programs keep what they log in with."""

from .paper import Sheet

CLOUDS = (
    (
        ".aws/credentials",
        "[default]\naws_access_key_id = «&aws-access-key-id»\naws_secret_access_key = «aws-secret-access-key»\n\n"
        "[acme-prod]\naws_access_key_id=«&aws-access-key-id»\naws_secret_access_key=«aws-secret-access-key»\n"
        "aws_session_token=«aws-session-token»\n\n[docs]\naws_access_key_id = «-aws-example-id»\n"
        "aws_secret_access_key = «-aws-example-secret»\n",
    ),
    (
        ".aws/config",
        "[default]\nregion = eu-west-1\n\n[profile sso]\nsso_start_url = https://acme.awsapps.example.com/start\n"
        "sso_account_id = «-account-id»\nrole_arn = arn:aws:iam::«-account-id»:role/admin\n"
        "credential_process = «=ref:/usr/local/bin/aws-vault exec prod --json»\n",
    ),
    (
        ".config/gcloud/application_default_credentials.json",
        '{\n  "client_id": "«-google-client-id»",\n  "client_secret": "«google-oauth-client-secret»",\n'
        '  "refresh_token": "«gcp-refresh-token»",\n  "type": "authorized_user"\n}\n',
    ),
    (
        ".config/gcloud/legacy_credentials/ada@example.com/adc.json",
        '{\n  "client_id": "«-google-client-id»",\n  "client_secret": "«google-oauth-client-secret»",\n'
        '  "refresh_token": "«gcp-refresh-token»",\n  "type": "authorized_user"\n}\n',
    ),
    (
        "Downloads/acme-prod-«~word»-service-account.json",
        '{\n  "type": "service_account",\n  "project_id": "acme-prod",\n  "private_key_id": "«-sha1»",\n'
        '  "private_key": "«gcp-private-key|json»\\n",\n  "client_email": "deploy@acme-prod.iam.example.com",\n'
        '  "client_id": "«-account-id»"\n}\n',
    ),
    (
        "work/globex/etl/keys/bigquery.json",
        '{"type":"service_account","project_id":"globex-etl","private_key_id":"«-sha1»",'
        '"private_key":"«gcp-private-key|json»\\n","client_email":"etl@globex-etl.iam.example.com"}\n',
    ),
    (
        "Downloads/client_secret_desktop.json",
        '{"installed":{"client_id":"«-google-client-id»","project_id":"acme","auth_uri":"https://accounts.example.com/o/oauth2/auth",'
        '"token_uri":"«=set:https://oauth2.example.com/token»","client_secret":"«google-oauth-client-secret»","redirect_uris":["http://localhost"]}}\n',
    ),
    (
        ".azure/service_principal_entries.json",
        '[{"client_id": "«-uuid»", "tenant": "«-uuid»", "client_secret": "«azure-client-secret»"}]\n',
    ),
    (
        ".azure/msal_token_cache.json",
        '{\n "AccessToken": {\n  "«-uuid».«-uuid»-login.example.com-accesstoken": {\n   "credential_type": "«=const:AccessToken»",\n'
        '   "secret": "«jwt»",\n   "home_account_id": "«-uuid»"\n  }\n },\n "RefreshToken": {\n  "x": {\n   "secret": "«bearer-token»"\n  }\n }\n}\n',
    ),
    (".config/doctl/config.yaml", 'access-token: «digitalocean-token»\ncontext: default\nauth-contexts:\n  work: «digitalocean-token»\noutput: text\n'),
    (".config/hcloud/cli.toml", 'active_context = "play"\n\n[[contexts]]\n  name = "play"\n  token = "«hetzner-token»"\n'),
    (".config/linode-cli", "[DEFAULT]\ndefault-user = ada\n\n[ada]\ntoken = «linode-token»\nregion = eu-west\n"),
    (".config/scw/config.yaml", "access_key: SCW«~word»XXXX\nsecret_key: «scaleway-secret»\ndefault_organization_id: «-uuid»\nsend_telemetry: false\n"),
    (".fly/config.yml", "access_token: «fly-token»\nlast_login: 2026-02-11T10:22:31+01:00\n"),
    (".wrangler/config/default.toml", 'oauth_token = "«cloudflare-token»"\nrefresh_token = "«bearer-token»"\nexpiration_time = "2026-09-01T12:00:00Z"\n'),
    (".local/share/com.vercel.cli/auth.json", '{\n  "// Note": "This is your Vercel credentials file. DO NOT SHARE!",\n  "token": "«vercel-token»"\n}\n'),
    (".config/netlify/config.json", '{"telemetryDisabled":true,"cliId":"«-uuid»","userId":"«~hex»«~hex»«~hex»","users":{"x":{"auth":{"token":"«netlify-token»","github":{"user":"ada"}}}}}\n'),
    (".terraform.d/credentials.tfrc.json", '{\n  "credentials": {\n    "app.terraform.example.com": {\n      "token": "«terraform-cloud-token»"\n    }\n  }\n}\n'),
    (".pulumi/credentials.json", '{"current":"https://api.pulumi.example.com","accessTokens":{"https://api.pulumi.example.com":"«pulumi-token»"}}\n'),
    (".vault-token", "«vault-token»"),
    (".config/sops/age/keys.txt", "# created: 2025-10-03T09:12:44+02:00\n# public key: «=id:age1qqnpu8m3j5k6x0l2v7c4w9ds5tz8rf3hyea6mkgp4u2j7n0s5xvq8w3z6t»\n«age-key»\n"),
    (".oci/config", "[DEFAULT]\nuser=ocid1.user.oc1..«~hex»«~hex»\nfingerprint=«=id:12:34:56:78:90:ab:cd:ef:12:34:56:78:90:ab:cd:ef»\nkey_file=«=path:~/.oci/key.pem»\npass_phrase=«password»\n"),
    (".oci/key.pem", "«pkcs8-private-key»\n"),
    (".s3cfg", "[default]\naccess_key = «&aws-access-key-id»\nsecret_key = «aws-secret-access-key»\ngpg_passphrase = «password»\nhost_base = s3.example.com\nsignature_v2 = False\n"),
    (".mc/config.json", '{\n  "version": "10",\n  "aliases": {\n    "local": {\n      "url": "http://localhost:9000",\n      "accessKey": "minio-ada",\n      "secretKey": "«api-token»"\n    }\n  }\n}\n'),
    (".config/rclone/rclone.conf", "[drive]\ntype = drive\nclient_id = «-google-client-id»\nclient_secret = «google-oauth-client-secret»\n"
     'token = {"access_token":"«google-access-token»","token_type":"Bearer","refresh_token":"«gcp-refresh-token»","expiry":"2026-02-01T10:00:00Z"}\n\n'
     "[wasabi]\ntype = s3\naccess_key_id = «&aws-access-key-id»\nsecret_access_key = «aws-secret-access-key»\n"),
    (".databrickscfg", "[DEFAULT]\nhost = https://adb-«~int»«~int».azuredatabricks.example.net\ntoken = «databricks-token»\n"),
    (".snowsql/config", "[connections]\naccountname = acme-eu\nusername = ada\npassword = «snowflake-password»\n\n[options]\nauto_completion = True\n"),
    (".config/argocd/config", "contexts:\n- name: cd.example.com\n  server: cd.example.com\nusers:\n- auth-token: «jwt»\n  refresh-token: «bearer-token»\n  name: cd.example.com\n"),
    (".kube/config", "apiVersion: v1\nkind: Config\nclusters:\n- name: prod\n  cluster:\n    certificate-authority-data: «-certificate|b64»\n    server: https://k8s.example.com:6443\nusers:\n"
     "- name: ada\n  user:\n    client-certificate-data: «-certificate|b64»\n    client-key-data: «rsa-private-key|b64»\n- name: ci\n  user:\n    token: «jwt»\n- name: old\n  user:\n    username: admin\n    password: «admin-password»\n"
     "- name: eks\n  user:\n    exec:\n      command: aws\n      args: [eks, «=set:get-token», --cluster-name, prod]\n"),
    (".kube/stage.yaml", "apiVersion: v1\nkind: Config\nusers:\n- name: stage\n  user:\n    client-key-data: «ec-private-key|b64»\n    token: «jwt»\n- name: file\n  user:\n    tokenFile: «=path:/var/run/secrets/token»\n"),
)  # fmt: skip

FORGES = (
    (".config/gh/hosts.yml", "github.com:\n    user: ada\n    oauth_token: «github-oauth»\n    git_protocol: https\nghe.example.com:\n    oauth_token: «github-token»\n    user: ada\n"),
    (".config/hub", "github.com:\n- user: ada\n  oauth_token: «github-oauth»\n  protocol: https\n"),
    (".config/glab-cli/config.yml", "hosts:\n    gitlab.example.com:\n        token: «gitlab-token»\n        api_host: gitlab.example.com\n        git_protocol: ssh\n"),
    (".config/tea/config.yml", "logins:\n- name: forge\n  url: https://forge.example.com\n  token: «gitea-token»\n  ssh_key: «=path:/home/ada/.ssh/id_ed25519»\n"),
    (".git-credentials", "https://ada:«github-token»@github.com\nhttps://oauth2:«gitlab-token»@gitlab.example.com\nhttps://ada%40example.com:«bitbucket-password»@bitbucket.example.org\n"),
    (".gitconfig", '[user]\n\tname = ada\n\temail = ada@example.com\n\tsigningkey = «-gpg-id»\n[url "https://ada:«github-fine»@github.com/"]\n\tinsteadOf = https://github.com/\n'
     "[github]\n\tuser = ada\n\ttoken = «gitea-token»\n[credential]\n\thelper = «=set:cache --timeout=3600»\n[sendemail]\n\tsmtpServer = smtp.example.com\n\tsmtpPass = «smtp-password»\n"),
    (".circleci/cli.yml", "host: https://circleci.example.com\nendpoint: graphql-unstable\ntoken: «circleci-token»\n"),
    (".sentryclirc", "[auth]\ntoken=«sentry-token»\n\n[defaults]\norg=acme\nproject=shop\n"),
    (".config/jira/config.yml", "endpoint: https://acme.atlassian.example.net\nuser: ada@example.com\napi_token: «atlassian-token»\n"),
    ("code/dotfiles/git/gitconfig", '[http "https://git.example.com"]\n\textraHeader = Authorization: Bearer «bearer-token»\n[include]\n\tpath = ~/.gitconfig.work\n'),
    ("code/dotfiles/zsh/secrets.zsh", "export HOMEBREW_GITHUB_API_TOKEN=«github-token»\nexport OPENAI_API_KEY='«openai-project»'\nexport AWS_ACCESS_KEY_ID=«aws-access-key-id»\nexport EDITOR=vim\n"),
)  # fmt: skip

PACKAGES = (
    (".npmrc", "registry=https://registry.example.com/npm/\n//registry.example.com/npm/:_authToken=«npm-token»\n//npm.acme.example.com/:_auth=«basic-auth-pair|b64»\nalways-auth=true\n"),
    ("code/shop-web/.npmrc", "//registry.example.com/npm/:_authToken=«=ref:${NPM_TOKEN}»\nsave-exact=true\n"),
    ("work/acme/portal/.npmrc", "@acme:registry=https://npm.acme.example.com/\n//npm.acme.example.com/:_authToken=«npm-token»\n//npm.acme.example.com/:_password=«plain-password|b64»\n"),
    (".yarnrc.yml", 'npmScopes:\n  acme:\n    npmRegistryServer: "https://npm.acme.example.com"\n    npmAuthToken: "«uuid-secret»"\n'),
    (".pypirc", "[distutils]\nindex-servers =\n    main\n    acme\n\n[main]\nusername = __token__\npassword = «pypi-token»\n\n[acme]\nrepository = https://pypi.acme.example.com\nusername = ada\npassword = «password»\n"),
    (".config/pip/pip.conf", "[global]\nindex-url = https://ada:«basic-auth-password»@pypi.acme.example.com/simple\ntimeout = 60\n"),
    (".config/pypoetry/auth.toml", '[http-basic.acme]\nusername = "ada"\npassword = "«password»"\n\n[pypi-token]\nacme = "«pypi-token»"\n'),
    ("code/data-pipeline/requirements.txt", "--extra-index-url https://reader:«basic-auth-password»@pypi.acme.example.com/simple\nrequests==2.32.3 --hash=sha256:«-sha256»\nboto3==1.40.1 --hash=sha256:«-sha256»\n"),
    ("code/data-pipeline/.condarc", "channels:\n  - https://conda.example.com/t/«short-hex-token»/acme\n  - defaults\n"),
    (".gem/credentials", "---\n:rubygems_api_key: «rubygems-key»\n:acme: «rubygems-key»\n"),
    (".bundle/config", '---\nBUNDLE_GEMS__ACME__EXAMPLE__COM: "ada:«basic-auth-password»"\nBUNDLE_PATH: "vendor/bundle"\n'),
    (".cargo/credentials.toml", '[registry]\ntoken = "«crates-token»"\n\n[registries.acme]\ntoken = "Bearer «bearer-token»"\n'),
    (".m2/settings.xml", "<settings>\n  <servers>\n    <server>\n      <id>nexus</id>\n      <username>ada</username>\n      <password>«password|xml»</password>\n    </server>\n    <server>\n      <id>central</id>\n      <username>ada</username>\n"
     "      <password>«-maven-encrypted»</password>\n    </server>\n    <server>\n      <id>stage</id>\n      <privateKey>«=path:/home/ada/.ssh/id_rsa»</privateKey>\n      <passphrase>«password|xml»</passphrase>\n    </server>\n"
     "    <server>\n      <id>env</id>\n      <username>ci</username>\n      <password>«=ref:${env.NEXUS_PASSWORD}»</password>\n    </server>\n  </servers>\n</settings>\n"),
    (".m2/settings-security.xml", "<settingsSecurity>\n  <master>«-maven-encrypted»</master>\n</settingsSecurity>\n"),
    (".gradle/gradle.properties", "org.gradle.jvmargs=-Xmx4g\nnexusUser=ada\nnexusPassword=«password»\nsigning.keyId=«~hex»\nsigning.password=«keystore-password»\nsigning.secretKeyRingFile=«=path:/home/ada/.gnupg/secring.gpg»\nRELEASE_STORE_PASSWORD=«keystore-password»\n"),
    (".ivy2/.credentials", "realm=Sonatype Nexus Repository Manager\nhost=nexus.example.com\nuser=ada\npassword=«password»\n"),
    (".sbt/1.0/credentials.sbt", 'credentials += Credentials("Nexus", "nexus.example.com", "ada", "«password»")\n'),
    (".composer/auth.json", '{\n  "http-basic": {\n    "repo.example.com": {"username": "ada", "password": "«plain-password»"}\n  },\n  "github-oauth": {"github.com": "«github-token»"},\n  "gitlab-token": {"gitlab.example.com": "«gitlab-token»"}\n}\n'),
    (".nuget/NuGet/NuGet.Config", '<?xml version="1.0"?>\n<configuration>\n  <packageSourceCredentials>\n    <acme>\n      <add key="Username" value="ada" />\n      <add key="ClearTextPassword" value="«azure-devops-token»" />\n    </acme>\n'
     '    <old>\n      <add key="Username" value="ada" />\n      <add key="Password" value="%«=ref:OLD_FEED_PASSWORD»%" />\n    </old>\n  </packageSourceCredentials>\n  <apikeys>\n    <add key="https://nuget.example.com" value="«nuget-key»" />\n  </apikeys>\n</configuration>\n'),
    (".config/helm/repositories.yaml", 'apiVersion: ""\nrepositories:\n- name: acme\n  url: https://charts.example.com\n  username: ada\n  password: «plain-password»\n  insecure_skip_tls_verify: false\n'),
    (".docker/config.json", '{\n  "auths": {\n    "registry.example.com": {"auth": "«basic-auth-pair|b64»"},\n    "ghcr.example.com": {"username": "ada", "password": "«docker-token»"}\n  },\n  "credHelpers": {"gcr.example.com": "«=set:gcloud»"}\n}\n'),
    (".config/containers/auth.json", '{"auths": {"quay.example.com": {"auth": "«basic-auth-pair|b64»"}}}\n'),
    (".hex/hex.config", '{api_key,<<"«short-hex-token»">>}.\n{encrypted_key,<<"«-md5»">>}.\n'),
)  # fmt: skip

LOGINS = (
    (".netrc", "machine api.heroku.example.com\n  login ada@example.com\n  password «heroku-api-key»\nmachine git.example.com login ada password «plain-password»\n# machine old.example.com login ada password\ndefault login anonymous password «=docs:ada@example.com»\n"),
    (".pgpass", "# host:port:db:user:password\ndb.example.com:5432:*:ada:«db-password»\n10.0.4.7:5432:shop:readonly:«plain-password»\nlocalhost:*:*:postgres:«db-password»\n"),
    (".my.cnf", "[client]\nuser=root\npassword=«db-password»\n\n[mysqldump]\npassword='«db-password»'\nmax_allowed_packet=64M\n"),
    (".curlrc", '# the proxy at work\nproxy = "http://proxy.example.com:3128"\nproxy-user = "ada:«password»"\n-H "PRIVATE-TOKEN: «gitlab-token»"\n'),
    (".wgetrc", "user = ada\npassword = «password»\ntries = 3\n"),
    (".msmtprc", "defaults\nauth on\n\naccount work\nhost smtp.example.com\nuser ada@example.com\npassword «smtp-password»\n\naccount home\npasswordeval «=code:pass show mail/home»\n"),
    (".mbsyncrc", 'IMAPAccount work\nHost imap.example.com\nUser ada\nPass "«smtp-password»"\n\nIMAPAccount home\nPassCmd "«=code:secret-tool lookup mail home»"\n'),
    (".fetchmailrc", 'poll imap.example.com proto IMAP\n  user "ada" password "«smtp-password»"\n  ssl\n'),
    (".config/mutt/muttrc", 'set imap_user = "ada@example.com"\nset imap_pass = "«smtp-password»"\nset smtp_pass = `«=code:pass mail/smtp»`\n'),
    (".irssi/config", 'chatnets = {\n  libera = {\n    type = "IRC";\n    sasl_username = "ada";\n    sasl_password = "«password»";\n  };\n};\n'),
    (".weechat/sec.conf", '[crypt]\npassphrase_command = ""\n\n[data]\n__passphrase__ = off\nlibera = "«password»"\n'),
    (".config/filezilla/sitemanager.xml", '<?xml version="1.0"?>\n<FileZilla3>\n <Servers>\n  <Server>\n   <Host>ftp.example.com</Host>\n   <User>ada</User>\n   <Pass encoding="base64">«plain-password|b64»</Pass>\n  </Server>\n </Servers>\n</FileZilla3>\n'),
    (".config/lftp/bookmarks", "acme\tsftp://ada:«basic-auth-password»@sftp.example.com:22/\n"),
    (".config/remmina/group_rdp_office.remmina", "[remmina]\nname=office\nserver=10.0.8.4\nusername=ada\ngateway_password=\nssh_tunnel_password=«plain-password»\n"),
    (".davfs2/secrets", '# davfs2\nhttps://cloud.example.com/dav ada "«password»"\n'),
    (".smbcredentials", "username=ada\npassword=«password»\ndomain=ACME\n"),
    (".ssh/id_ed25519", "«openssh-private-key»\n"),
    (".ssh/id_rsa", "«rsa-private-key»\n"),
    (".ssh/deploy_shop", "«openssh-private-key»\n"),
    (".ssh/jump.ppk", "«putty-private-key»\n"),
    (".ssh/id_ed25519.pub", "ssh-ed25519 «-ssh-public» ada@laptop\n"),
    (".ssh/authorized_keys", "ssh-ed25519 «-ssh-public» ada@desk\nssh-ed25519 «-ssh-public» ci@example.com\n"),
    (".ssh/known_hosts", "git.example.com ssh-ed25519 «-ssh-public»\n|1|«=hash:hpFyU1rSMJmYxb5SGZ0DJiVyq9k=»|«=hash:3mVvN9w0HqfSL3tn0jX6T3o2oTg=» ssh-ed25519 «-ssh-public»\n"),
    (".ssh/config", "Host jump\n  HostName jump.example.com\n  IdentityFile «=path:~/.ssh/deploy_shop»\n  PasswordAuthentication «=set:no»\n"),
    (".config/wireguard/office.conf", "[Interface]\nAddress = 10.8.0.4/32\nPrivateKey = «wireguard-private-key»\n\n[Peer]\nPublicKey = «=id:mA3X9kQ0c7pV2dJ5yB8nT1wE4rS6uH0fL9zG2iK7oxY=»\nPresharedKey = «wireguard-private-key»\nEndpoint = vpn.example.com:51820\n"),
    ("Documents/vpn/office.ovpn", "client\ndev tun\nremote vpn.example.com 1194\nauth-user-pass «=path:login.txt»\n<cert>\n«-certificate»\n</cert>\n<key>\n«pkcs8-private-key»\n</key>\n"),
    ("Documents/vpn/login.txt", "ada\n«password»\n"),
    ("work/acme/intranet/certs/server.key", "«rsa-private-key»\n"),
    ("work/acme/intranet/certs/server.crt", "«-certificate»\n«-certificate»\n"),
    ("work/acme/intranet/certs/bundle.pem", "«-certificate»\n«ec-private-key»\n"),
    ("code/identity/keys/jwt-private.pem", "«pkcs8-private-key»\n"),
    ("code/identity/keys/jwt-public.pem", "«-public-key»\n"),
    ("Downloads/ada-secret-key.asc", "«pgp-private-key»\n"),
    ("Downloads/AuthKey_«~word».p8", "«pkcs8-private-key»\n"),
    (".gnupg/gpg.conf", "default-key «-gpg-id»\nkeyserver hkps://keys.example.org\n"),
    (".config/htop/htoprc", "# beware\nfields=0 48 17\nsort_key=«=set:46»\n"),
    (".ansible/vault-pass.txt", "«password»\n"),
    ("work/globex/ansible/group_vars/prod/vault.yml", "db_password: !vault |\n          «-ansible-vault»\n"),
    ("work/globex/ansible/inventory/hosts.ini", "[web]\nweb1.example.com ansible_user=deploy ansible_password=«password» ansible_become_pass=«password»\nweb2.example.com ansible_ssh_private_key_file=«=path:~/.ssh/deploy_shop»\n\n[web:vars]\nansible_become_password=«=ref:{{ vault_become }}»\n"),
    ("work/globex/ansible/host_vars/db1.yml", "ansible_host: 10.0.3.9\npostgres_users:\n  - name: app\n    password: «db-password»\n  - name: reporting\n    password: «db-password»\n  - name: ldap\n    password: '«=ref:{{ lookup(\"env\", \"PW\") }}»'\n"),
)  # fmt: skip

MODELS = (
    (".codex/auth.json", '{\n  "OPENAI_API_KEY": "«openai-project»",\n  "tokens": {\n    "id_token": "«jwt»",\n    "access_token": "«jwt»",\n    "refresh_token": "«bearer-token»",\n    "account_id": "«-uuid»"\n  }\n}\n'),
    (".codex/config.toml", 'model = "o5"\n\n[mcp_servers.tickets]\ncommand = "npx"\nargs = ["-y", "tickets-mcp"]\nenv = { LINEAR_API_KEY = "«linear-key»" }\n\n[mcp_servers.db]\ncommand = "db-mcp"\nargs = ["postgres://agent:«plain-password»@db.example.com/shop"]\n'),
    (".claude.json", '{\n  "numStartups": 41,\n  "userID": "«-sha256»",\n  "mcpServers": {\n    "github": {\n      "command": "docker",\n      "args": ["run", "-i", "mcp/github"],\n      "env": {"GITHUB_PERSONAL_ACCESS_TOKEN": "«github-fine»"}\n    },\n'
     '    "notion": {\n      "type": "http",\n      "url": "https://mcp.notion.example.com",\n      "headers": {"Authorization": "Bearer «notion-token»"}\n    },\n    "figma": {"command": "npx", "args": ["figma-mcp", "--figma-api-key=«figma-token»"]}\n  }\n}\n'),
    (".claude/.credentials.json", '{"claudeAiOauth":{"accessToken":"«anthropic-access»","refreshToken":"«anthropic-refresh»","expiresAt":1790000000000,"scopes":["user:inference"]}}\n'),
    (".claude/settings.json", '{\n  "apiKeyHelper": "«=path:~/.claude/helper.sh»",\n  "env": {\n    "ANTHROPIC_AUTH_TOKEN": "«anthropic-key»",\n    "MAX_THINKING_TOKENS": "«=set:8000»"\n  },\n  "permissions": {"allow": ["Bash(npm test:*)", "Bash(curl -H \'X-Api-Key: «short-hex-token»\' https://api.example.com/*)"]}\n}\n'),
    (".continue/config.json", '{\n  "models": [\n    {"title": "large", "provider": "mistral", "apiKey": "«mistral-key»"},\n    {"title": "fast", "provider": "groq", "apiKey": "«groq-key»"},\n    {"title": "free", "provider": "ollama", "apiKey": "«=holder:EMPTY»"}\n  ]\n}\n'),
    (".aider.conf.yml", "openai-api-key: «openai-key»\nanthropic-api-key: «anthropic-key»\nauto-commits: false\n"),
    (".config/opencode/opencode.json", '{"provider":{"openrouter":{"options":{"apiKey":"«openrouter-key»"}},"local":{"options":{"apiKey":"«=ref:{env:LOCAL_KEY}»"}}}}\n'),
    (".local/share/opencode/auth.json", '{"anthropic":{"type":"api","key":"«anthropic-key»"},"xai":{"type":"api","key":"«xai-key»"}}\n'),
    (".config/io.datasette.llm/keys.json", '{\n  "// Note": "This file stores secret API credentials. Do not share!",\n  "openai": "«openai-project»",\n  "gemini": "«gcp-api-key»"\n}\n'),
    (".cache/huggingface/token", "«huggingface-token»"),
    (".cache/huggingface/stored_tokens", "[laptop]\nhf_token = «huggingface-token»\n"),
    (".kaggle/kaggle.json", '{"username":"ada","key":"«kaggle-key»"}'),
    (".config/wandb/settings", "[default]\nentity = acme\napi_key = «wandb-key»\n"),
    (".config/stripe/config.toml", 'color = "auto"\n\n[default]\ndevice_name = "laptop"\nlive_mode_api_key = "«stripe-restricted»"\ntest_mode_api_key = "«stripe-test»"\nlive_mode_pub_key = "«-stripe-public»"\n'),
    (".config/ngrok/ngrok.yml", 'version: "2"\nauthtoken: «ngrok-token»\n'),
    (".config/postman-cli/config.json", '{"apiKey":"«postman-key»","region":"eu"}\n'),
    (".twilio-cli/config.json", '{"email":{},"profiles":{"shop":{"accountSid":"AC«-md5»","apiKeySecret":"«twilio-api-secret»"}}}\n'),
    (".newrelic/credentials.json", '{"default":{"apiKey":"«newrelic-key»","region":"EU","accountID":"«-account-id»"}}\n'),
    (".config/datadog/datadog.yaml", "api_key: «datadog-api-key»\nsite: datadoghq.example.com\nhostname: laptop\n"),
    (".config/supabase/access-token", "«supabase-token»"),
    (".config/configstore/firebase-tools.json", '{"user":{"email":"ada@example.com"},"tokens":{"refresh_token":"«gcp-refresh-token»","scopes":["email"],"token_type":"Bearer"}}\n'),
)  # fmt: skip

EDITORS = (
    (".config/Code/User/settings.json", '{\n  // editor\n  "editor.fontSize": 13,\n  "gitlab.token": "«gitlab-token»",\n  "sqltools.connections": [\n    {"name": "prod", "server": "db.example.com", "username": "ada", "password": "«db-password»"},\n  ],\n'
     '  "rest-client.environmentVariables": {"$shared": {"token": "«bearer-token»"}, "docs": {"token": "«=ref:{{$dotenv TOKEN}}»"}},\n  "security.workspace.trust.untrustedFiles": "open"\n}\n'),
    (".config/JetBrains/IntelliJIdea2026.1/options/webServers.xml", '<application>\n  <component name="WebServers">\n    <option name="servers">\n      <webServer id="«-uuid»" name="stage">\n        <fileTransfer host="stage.example.com" username="ada" password="«=hash:dfdedfcadfcbdf98»" />\n      </webServer>\n    </option>\n  </component>\n</application>\n'),
    ("code/billing/.idea/workspace.xml", '<project version="4">\n  <component name="RunManager">\n    <configuration name="app" type="Application">\n      <envs>\n        <env name="DB_PASSWORD" value="«db-password|xml»" />\n        <env name="API_TOKEN" value="«bearer-token»" />\n        <env name="TOKEN_TTL" value="«=set:600»" />\n      </envs>\n    </configuration>\n  </component>\n</project>\n'),
    ("work/acme/spring-core/.idea/dataSources.local.xml", '<project version="4">\n  <component name="dataSourceStorageLocal">\n    <data-source name="orders" uuid="«-uuid»">\n      <secret-storage>«=set:master_key»</secret-storage>\n      <jdbc-url>jdbc:mysql://db.example.com/orders?user=app&amp;password=«plain-password»</jdbc-url>\n    </data-source>\n  </component>\n</project>\n'),
    ("code/gateway/.vscode/launch.json", '{\n  "version": "0.2.0",\n  "configurations": [\n    {\n      "name": "serve",\n      "type": "go",\n      "env": {\n        "JWT_SIGNING_KEY": "«long-signing-secret»",\n        "REDIS_URL": "redis://:«plain-password»@localhost:6379"\n      },\n      "envFile": "«=path:${workspaceFolder}/.env»"\n    }\n  ]\n}\n'),
    ("code/gateway/requests/login.http", "### sign in\nPOST https://api.example.com/login\nContent-Type: application/json\n\n{\"user\": \"ada\", \"password\": \"«admin-password»\"}\n\n### orders\nGET https://api.example.com/orders\nAuthorization: Bearer «jwt»\nX-Request-Id: «-uuid»\n\n### with variables\nGET https://api.example.com/me\nAuthorization: Bearer «=ref:{{token}}»\n"),
    ("code/gateway/postman/shop.postman_environment.json", '{\n  "name": "shop",\n  "_postman_id": "«-uuid»",\n  "values": [\n    {"key": "base", "value": "https://api.example.com", "enabled": true},\n    {"key": "access_token", "value": "«bearer-token»", "type": "secret", "enabled": true},\n    {"key": "clientSecret", "value": "«oauth-client-secret»", "enabled": true},\n    {"key": "password", "value": "«=holder:<password>»", "enabled": true}\n  ]\n}\n'),
    (".config/insomnia/insomnia.Request.db", '{"_id":"req_«-trace»","type":"Request","url":"https://api.example.com","authentication":{"type":"basic","username":"ada","password":"«plain-password»"}}\n{"_id":"req_«-trace»","authentication":{"type":"bearer","token":"«=ref:{{ _.token }}»"}}\n'),
    (".local/share/DBeaverData/workspace6/General/.dbeaver/data-sources.json", '{"connections":{"mysql8-«~hex»":{"provider":"mysql","configuration":{"host":"db.example.com","url":"jdbc:mysql://db.example.com/shop","user":"ada","password":"«db-password»","auth-model":"«=const:native»"}}}}\n'),
    (".config/sublime-text/Packages/User/SFTP.sublime-settings", '{\n  "host": "stage.example.com",\n  "user": "ada",\n  "password": "«password»",\n  "ssh_key_file": "«=path:~/.ssh/id_rsa»"\n}\n'),
    (".viminfo", '# This viminfo file was generated by Vim.\n:e .env\n:%s/old/new/g\n""1\tLINE\t0\n\tSTRIPE_KEY=«stripe-short»\n"2\tLINE\t0\n\tdb_password = "«db-password»"\n\'0  1  0  ~/code/shop-api/.env\n'),
)  # fmt: skip

MOBILE = (
    ("code/mobile-app/android/keystore.properties", "storeFile=«=path:../release.jks»\nstorePassword=«keystore-password»\nkeyAlias=upload\nkeyPassword=«keystore-password»\n"),
    ("code/mobile-app/android/app/build.gradle", 'android {\n    signingConfigs {\n        release {\n            storeFile file("«=path:release.jks»")\n            storePassword "«keystore-password»"\n            keyAlias "upload"\n            keyPassword "«keystore-password»"\n        }\n        debug {\n            storePassword "«=docs:android»"\n            keyPassword "«=docs:android»"\n        }\n    }\n'
     '    defaultConfig {\n        resValue "string", "maps_key", "«gcp-api-key»"\n        buildConfigField "String", "API_TOKEN", «=ref:project.property("apiToken")»\n    }\n}\n'),
    ("code/mobile-app/android/gradle.properties", "android.useAndroidX=true\nMAPBOX_DOWNLOADS_TOKEN=«mapbox-secret»\nMYAPP_UPLOAD_STORE_PASSWORD=«keystore-password»\n"),
    ("code/mobile-app/fastlane/.env.default", "FASTLANE_USER=ada@example.com\nFASTLANE_PASSWORD=«password»\nMATCH_PASSWORD=«password»\nFASTLANE_APPLE_APPLICATION_SPECIFIC_PASSWORD=«=holder:xxxx-xxxx-xxxx-xxxx»\n"),
    ("code/mobile-app/ios/Config.xcconfig", "API_BASE = https:/$()/api.example.com\nSENTRY_AUTH_TOKEN = «sentry-token»\nPRODUCT_BUNDLE_IDENTIFIER = «=id:com.example.shop»\n"),
    ("code/mobile-app/ios/Shop/Info.plist", '<?xml version="1.0"?>\n<plist version="1.0">\n<dict>\n  <key>BranchKey</key>\n  <string>«=id:key_live_placeholder»</string>\n  <key>PartnerApiSecret</key>\n  <string>«hex-token»</string>\n  <key>NSFaceIDUsageDescription</key>\n  <string>«=ui:Use Face ID instead of your password»</string>\n</dict>\n</plist>\n'),
    ("code/mobile-app/app/src/main/res/values/strings.xml", '<resources>\n  <string name="password">«=ui:Password»</string>\n  <string name="password_hint">«=ui:Enter your password»</string>\n  <string name="token_expired">«=ui:Your session has expired»</string>\n  <string name="reset_password">«=ui:Forgot password?»</string>\n  <string name="partner_secret">«short-hex-token»</string>\n</resources>\n'),
)  # fmt: skip

GROUPS = (
    ("cloud-config", CLOUDS), ("forge-config", FORGES), ("package-manager", PACKAGES), ("login", LOGINS), ("agent-config", MODELS), ("ide", EDITORS), ("mobile", MOBILE),
)  # fmt: skip


def credentials() -> list[Sheet]:
    """Each under the place of its group; JSON escapes what is planted in it, keys are for their owner alone."""
    return [sheet(place, path.replace("«~word»", "X7Q2"), text) for place, group in GROUPS for path, text in group]


def sheet(place: str, path: str, text: str) -> Sheet:
    key = "/.ssh/id_" in f"/{path}" or path.endswith((".pem", ".key", ".ppk", ".p8", ".asc")) or "deploy_shop" in path
    found = "private-key" if key else place
    way = "json" if path.endswith(".json") else ""
    return Sheet(path, found, text, way, mode=0o600 if key else 0o644)
