"""A home made to hurt whoever reads it: written to a real disk, with a trap at every place that could run something."""

import json
import os
import stat
from contextlib import suppress
from pathlib import Path

from scanner.testing import database
from scanner.tokens import token

WORKSPACE = "src/evil"
CANARY = "CANARY-CANARY-CANARY"
ESC = "\x1b]0;owned\x07\x1b[31m"
BIDI = "\u202egnp.\u2066"


def build(home: Path, marker: Path) -> None:
    """Fills `home`. Anything that runs what it finds there makes the file `marker`."""
    from tests.machines.hostile_tools import tools

    touch = f"touch {marker}"
    outside = home.parent / "outside"
    outside.mkdir(parents=True, exist_ok=True)
    (outside / "secret").write_text(f"TOKEN={CANARY}-OUTSIDE\n")
    _aws(home / ".aws", touch)
    _ssh(home / ".ssh", touch, outside)
    _workspace(home / WORKSPACE, touch, outside)
    _others(home, touch)
    _programs(home / "bin", touch)
    _servers(home, touch)
    _google(home, touch)
    _azure(home, touch)
    _terraform(home, touch)
    _keychains(home, touch)
    tools(home, touch, outside)
    _agents(home, touch)
    (home / "src" / "beside" / ".git").mkdir(parents=True)
    (home / "src" / "beside" / ".env").write_text(f"API_TOKEN={token('github-classic', 'hostile')}\n")


def secrets() -> list[str]:
    """What of it must never be seen."""
    names = ("github-classic", "npm", "aws-secret", "password.url", "hex")
    return [CANARY, *(token(name, "hostile") for name in names)]


def environment(home: Path, marker: Path) -> dict[str, str]:
    """Variables that point at the traps, or are ones."""
    touch = f"touch {marker}"
    return {
        "NPM_TOKEN": token("npm", "hostile"),
        "EVIL_TOKEN": f"$({touch})",
        "PROMPT_COMMAND": touch,
        "BASH_ENV": str(home / ".bashrc"),
        "ENV": str(home / ".bashrc"),
        "GIT_SSH_COMMAND": touch,
        "SSH_ASKPASS": str(home / "trap"),
        "GIT_ASKPASS": str(home / "trap"),
        "SUDO_ASKPASS": str(home / "trap"),
        "PAGER": touch,
        "EDITOR": touch,
        "BROWSER": touch,
        "LESSOPEN": f"|{touch} %s",
        "AWS_PROFILE": "process",
        "GOOGLE_APPLICATION_CREDENTIALS": str(home / ".config" / "gcloud" / "executable.json"),
        "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES": "1",
        "GCE_METADATA_HOST": "127.0.0.1:9",
        "IDENTITY_ENDPOINT": "http://127.0.0.1:9/msi",
        "IDENTITY_HEADER": CANARY,
        "AZURE_CLIENT_CERTIFICATE_PATH": "/dev/zero",
        "AZURE_FEDERATED_TOKEN_FILE": str(home / ".ssh" / "fifo"),
        "AZURE_SUBSCRIPTION_ID": f"$({touch})",
        "TF_CLI_CONFIG_FILE": str(home / ".terraformrc"),
        "TF_TOKEN_evil_example_com": f"$({touch})",
        "TF_WORKSPACE": f"`{touch}`",
        "OPENCODE_CONFIG_CONTENT": f'{{"mcp": {{"x": {{"type": "local", "command": ["sh", "-c", "{touch}"]}}}}}}',
        "PYTHON_KEYRING_BACKEND": "evil.Keyring",
        "KUBECONFIG": str(home / ".kube" / "config"),
        "GIT_EXTERNAL_DIFF": touch,
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/credentials",
        "SSH_AUTH_SOCK": str(home / ".ssh" / "fifo"),
        "DOCKER_HOST": "tcp://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        f"NAME{ESC}": CANARY,
        "DATABASE_URL": f"postgresql://ada:{token('password.url', 'hostile')}@[broken:5432/db",
        "DEEP": "{" * 10_000,
        "HUGE_TOKEN": CANARY * 4000,
    }


# What the subjects of this tool are driven by; a scan needs none of them.
PROGRAMS = (
    *("aws", "az", "azd", "bash", "claude", "cmd.exe", "codex", "cursor", "direnv", "docker", "docker-credential-trap"),
    *("gcloud", "gh", "git", "git-credential-trap", "glab", "gpg", "gsutil", "helm", "helper", "keyring", "kubectl"),
    *("kubelogin", "node", "npx", "op", "openssl", "pass", "podman", "powershell", "pwsh", "python3", "secret-tool"),
    *("security", "sh", "ssh", "ssh-add", "sudo", "terraform", "terraform-credentials-trap", "tofu", "uvx"),
)


def path(home: Path, before: str) -> str:
    """A search path in which every such program is a trap."""
    return f"{home / 'bin'}:{before}"


def _write(path: Path, data: str | bytes, mode: int = 0o600) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data)
    path.chmod(mode)


def _fifo(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)


def _device(path: Path) -> None:
    """A character device like /dev/zero; only root can make one, for others a link to it must do."""
    with suppress(OSError):
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 5))
        return
    path.symlink_to("/dev/zero")


def _aws(folder: Path, touch: str) -> None:
    chain = "\n".join(
        f"[profile link{n}]\nrole_arn = arn:aws:iam::123456789012:role/r{n}\nsource_profile = link{n + 1}"
        for n in range(300)
    )
    arn = "arn:aws:iam::123456789012:role/Loop"
    _write(
        folder / "config",
        f"[profile process]\ncredential_process = {touch}\n"
        f"[profile shell]\ncredential_process = sh -c '{touch}; echo {CANARY}'\n"
        f"[profile a]\nrole_arn = {arn}A\nsource_profile = b\n[profile b]\nrole_arn = {arn}B\nsource_profile = a\n"
        f"[profile self]\nrole_arn = {arn}\nsource_profile = self\n"
        f"[profile nowhere]\nrole_arn = {arn}\nsource_profile = absent\n"
        f"[profile bad]\nrole_arn = {CANARY}\nsource_profile = process\nmfa_serial = {ESC}\n"
        f"[profile {ESC}{BIDI}]\nrole_arn = {arn}\ncredential_source = Environment\n"
        f"[profile token]\nrole_arn = {arn}\nweb_identity_token_file = /dev/zero\n"
        f"[profile endpoint]\nendpoint_url = http://ada:{CANARY}@[broken\n"
        f"[profile unclosed\n[ ]\n= {CANARY}\n\0\0\n[profile unclosed]\nsso_session = {ESC}\n{chain}\n",
    )
    _write(
        folder / "credentials",
        f"[twice]\naws_access_key_id = {token('aws-key', 'hostile')}\naws_secret_access_key = {CANARY}\n"
        f"aws_secret_access_key = {token('aws-secret', 'hostile')}\n"
        f"[half]\naws_secret_access_key = {CANARY}HALF\n"
        f"[swapped]\naws_access_key_id = {CANARY}0123456789012345678901234567\n"
        f"aws_secret_access_key = {token('aws-key.2', 'hostile')}\n[process]\ncredential_process = {touch}\n"
        f"[{CANARY.lower()}]\n[",
    )
    cache = folder / "sso" / "cache"
    _write(cache / "deep.json", '{"a":' * 10_000 + "1" + "}" * 10_000)
    _write(cache / "deeper.json", "[" * 10_000)
    _write(cache / "half.json", f'{{"accessToken": "{CANARY}", "expiresAt": "2026-11-2')
    _write(cache / "twice.json", f'{{"accessToken": "{CANARY}", "accessToken": ["{CANARY}"], "expiresAt": 1e999}}')
    _write(cache / "list.json", f'["{CANARY}"]')
    _write(cache / "typed.json", f'{{"accessToken": {{"x": "{CANARY}"}}, "expiresAt": -1e308, "region": null}}')
    _write(cache / "latin.json", b'{"accessToken": "CANARY-CANARY-CANARY\xe9", "startUrl": "https://\xff"}')
    _write(cache / "huge.json", '{"accessToken": "' + CANARY + "x" * 3_000_000)
    _write(cache / f"new\nline{ESC}.json", f'{{"accessToken": "{CANARY}", "startUrl": "{BIDI}"}}')
    _write(Path(os.fsdecode(os.fsencode(cache) + b"/\xff\xfe.json")), "{}")
    _write(folder / "cli" / "cache" / "empty.json", "")
    _write(folder / "cli" / "cache" / "typed.json", f'{{"Credentials": ["{CANARY}"], "AssumedRoleUser": 7}}')
    _write(
        folder / "cli" / "cache" / "dates.json",
        f'{{"Credentials": {{"SecretAccessKey": "{CANARY}", "Expiration": '
        f'"9999999999-99-99", "AccessKeyId": 5, "SessionToken": null}}}}',
    )
    _fifo(cache / "fifo.json")
    _device(cache / "device.json")
    (cache / "loop.json").symlink_to("loop.json")
    (cache / "folder.json").mkdir()


def _ssh(folder: Path, touch: str, outside: Path) -> None:
    _write(
        folder / "config",
        "Include config\nInclude ~/.ssh/config.d/*\nInclude ~/.ssh/config\n"
        f'Match exec "{touch}"\n    IdentityFile ~/.ssh/id_trap\n'
        f"Match host * exec {touch}\n    User {CANARY.lower()}\n"
        f"Host trap %h $({touch}) `{touch}`\n    ProxyCommand {touch} {CANARY}\n    LocalCommand {touch}\n"
        f"    KnownHostsCommand {touch}\n    PermitLocalCommand yes\n    HostName $({touch}).example.com\n"
        f"Host *\n    IdentityFile /dev/zero\n    IdentityFile ~/.ssh/fifo\n    IdentityFile {outside.parent}/absent\n"
        f"    IdentityAgent {folder}/fifo\n    ControlPath ~/.ssh/%C\n    CertificateFile ~/.ssh/loop\n"
        f'Host {ESC}{BIDI}\n    User\n    HostName\nIdentityFile\n"unclosed\nInclude {"../" * 50}etc/passwd\n'
        "Include /proc/self/environ /dev/zero ~/.ssh/fifo\n",
    )
    _write(folder / "config.d" / "a", "Include ~/.ssh/config.d/b\nHost a\n  HostName a.example.com\n")
    _write(folder / "config.d" / "b", "Include ~/.ssh/config.d/a\nHost b\n  ProxyJump b\n")
    armour = "-----BEGIN OPENSSH PRIVATE" + " KEY-----\n"
    _write(folder / "id_half", armour + CANARY + "\n")
    _write(folder / "id_bad", armour + "!!!!\n" + armour.replace("BEGIN", "END"))
    _write(folder / "id_short", armour + "b3BlbnNzaC1rZXktdjEA\n" + armour.replace("BEGIN", "END"))
    _write(folder / "id_lies", armour + "b3BlbnNzaC1rZXktdjEA/////w==\n" + armour.replace("BEGIN", "END"))
    _write(folder / "id_rsa", "-----BEGIN RSA PRIVATE" + f" KEY-----\n{CANARY}\n-----END RSA PRIVATE" + " KEY-----\n")
    _write(folder / "id_huge", armour + "A" * 3_000_000)
    _write(folder / "id_trap", f"$({touch})\n")
    _write(folder / f"id_{ESC}\nname", armour)
    _write(folder / "id_ed25519.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5/////// " + ESC + "\n")
    _write(folder / "id_ed25519-cert.pub", "ssh-ed25519-cert-v01@openssh.com AAAA " + "A" * 100_000 + "\n")
    _write(folder / "known_hosts", f"@cert-authority {ESC} x\n|1|x|y ssh-rsa !\n{'h,' * 20_000} ssh-rsa AAAA\n\xff\n")
    _fifo(folder / "fifo")
    _device(folder / "id_device")
    (folder / "loop").symlink_to("loop")
    (folder / "id_one").symlink_to("id_two")
    (folder / "id_two").symlink_to("id_one")
    (folder / "id_outside").symlink_to(outside / "secret")
    (folder / "id_folder").mkdir()


def _workspace(folder: Path, touch: str, outside: Path) -> None:
    hexed = token("hex", "hostile")
    _write(
        folder / ".env",
        f"export TOKEN=$({touch})\nAPI_KEY=`{touch}`\nSECRET_KEY={hexed}\nA=${{B}}\nB=${{A}}\nC=${{C:-${{C}}}}\n"
        f"PASSWORD='{CANARY}\nnever closed\nSTILL=\"{CANARY}\n=nothing\nexport\nUNSET\n{ESC}_TOKEN={CANARY}\n\0=\0\n",
    )
    _write(folder / ".envrc", f"$({touch})\n{touch}\nexport GITHUB_TOKEN=$({touch})\n")
    _write(folder / ".env.huge", f"TOKEN={CANARY}" + "x" * 3_000_000)
    _write(folder / ".env.line", "A" * 900_000 + f"={CANARY}")
    _write(folder / ".env.latin", b"PASSWORD=CANARY-\xe9\xff\nAPI_TOKEN=CANARY-CANARY-CANARY\n")
    _write(folder / ".env.utf16", f"API_TOKEN={CANARY}\n".encode("utf-16"))
    _write(folder / ".env.deep", "DATA=" + '{"a":' * 10_000 + f'"{CANARY}"\n')
    _write(folder / ".env.refs", "".join(f"V{n}=${{V{n + 1}}}${{V{n + 1}}}\n" for n in range(64)) + f"V64={CANARY}\n")
    _write(folder / f".env.{ESC}", f"API_TOKEN={CANARY}\n")
    _write(folder / f".env.new\nline{BIDI}", f"API_TOKEN={CANARY}\n")
    _write(Path(os.fsdecode(os.fsencode(folder) + b"/.env.\xff\xfe")), f"API_TOKEN={CANARY}\n")
    _write(folder / "locked" / ".env", f"API_TOKEN={CANARY}\n", mode=0o000)
    _fifo(folder / ".env.fifo")
    _device(folder / ".env.device")
    (folder / ".env.loop").symlink_to(".env.loop")
    (folder / ".env.outside").symlink_to(outside / "secret")
    (folder / ".env.environ").symlink_to("/proc/self/environ")
    (folder / ".env.folder").mkdir()
    (folder / "up").symlink_to("..")
    (folder / "root").symlink_to("/")
    deep = folder
    for _ in range(40):
        deep = deep / "deep"
    _write(deep / ".env", f"API_TOKEN={CANARY}\n")
    for name in ("json", "click", "sitecustomize", "usercustomize", "scanner", "probes", "reports"):
        _write(folder / f"{name}.py", _python_trap(touch))


def _python_trap(touch: str) -> str:
    return f"open({touch.partition(' ')[2]!r}, 'w').close()\n"


def _others(home: Path, touch: str) -> None:
    """Files of tools that run what they name."""
    _write(home / "trap", f"#!/bin/sh\n{touch}\n", mode=0o755)
    _write(home / ".bashrc", f"{touch}\n")
    _write(home / ".profile", f"{touch}\n")
    _write(home / ".zshenv", f"{touch}\n")
    _write(home / ".pythonrc", _python_trap(touch))
    _write(home / WORKSPACE / ".mcp.json", f'{{"mcpServers": {{"x": {{"command": "sh", "args": ["-c", "{touch}"]}}}}}}')
    _write(home / ".npmrc", f"//registry.example.com/:tokenHelper={home}/trap\n")


def _agents(home: Path, touch: str) -> None:
    """All that a repository can bring for agents, each program that they would start a trap; and what they wrote."""
    from scanner.data.agent_places import agent_places
    from tests.hostile_repository import FILES

    folder = home / WORKSPACE
    _write(folder / "tools" / "evil.sh", f"#!/bin/sh\n{touch}\n", mode=0o755)
    for name, text in FILES.items():
        if not os.path.lexists(folder / name):
            _write(folder / name, text.replace("tools/evil.sh", touch), mode=0o755)
    for name in ("pre-commit", "pre-push", "post-checkout"):
        _write(folder / ".githooks" / name, f"#!/bin/sh\n{touch}\n", mode=0o755)
    for row in agent_places():
        for name in row.programs:
            _write(home / ".local" / "bin" / name, f"#!/bin/sh\n{touch}\n", mode=0o755)
    for name in ("crush/crushrc", "goose/config.yaml", "opencode/plugins/evil.js"):
        _write(home / ".config" / name, f"$({touch})\nexport TOKEN={CANARY}\n", mode=0o755)
    _write(home / ".continue" / "config.ts", f'require("child_process").execSync("{touch}")\n', mode=0o755)
    act = {"type": "tool_use", "id": "1", "name": "Bash", "input": {"command": f"$({touch}); TOKEN={CANARY} psql"}}
    line = json.dumps({"cwd": f"/{ESC}{BIDI}", "sessionId": "1", "message": {"content": [act]}})
    _write(home / ".claude" / "projects" / "evil" / "1.jsonl", f"{line}\n" * 50 + line[:-9] + "\n" + '{"a":' * 90_000)


def _programs(folder: Path, touch: str) -> None:
    for name in PROGRAMS:
        _write(folder / name, f"#!/bin/sh\n{touch}\n", mode=0o755)


def _servers(home: Path, touch: str) -> None:
    """Whatever an agent would start for a server, for its headers or at the beginning of a session."""
    server = {"command": "sh", "args": ["-c", touch], "headersHelper": touch, "env": {"A": f"$({touch})"}}
    remote = {"type": "http", "url": f"http://ada:{CANARY}@127.0.0.1:9/mcp", "headersHelper": touch}
    told = json.dumps({"mcpServers": {"x": server, "y": remote, "": server, ESC: remote, "npx": {"command": "npx x"}}})
    helpers = dict.fromkeys(("apiKeyHelper", "awsAuthRefresh", "awsCredentialExport", "otelHeadersHelper"), touch)
    hooks = {"SessionStart": [{"hooks": [{"type": "command", "command": touch}]}]}
    settings = helpers | {"hooks": hooks, "statusLine": {"type": "command", "command": touch}}
    for place in (".claude.json", ".cursor/mcp.json", ".codeium/windsurf/mcp_config.json", ".gemini/settings.json"):
        _write(home / place, told)
    _write(home / ".claude" / "backups" / ".claude.json.backup.1", told)
    _write(home / ".claude" / "settings.json", json.dumps(settings))
    _write(home / WORKSPACE / ".claude" / "settings.json", json.dumps(settings | {"enableAllProjectMcpServers": True}))
    inputs = [{"id": "x", "type": "command", "command": touch}, {"id": "y", "type": "promptString"}]
    _write(
        home / WORKSPACE / ".vscode" / "mcp.json",
        json.dumps({"inputs": inputs, "servers": {"x": server | {"env": {"A": "${command:x}"}}}}),
    )
    _write(home / ".codex" / "config.toml", f"notify = ['sh', '-c', '{touch}']\n[mcp_servers.x]\ncommand = '{touch}'\n")
    _write(home / ".codex" / "auth.json", "{" * 20_000)
    _write(
        home / ".config" / "opencode" / "opencode.json",
        json.dumps({"mcp": {"x": {"type": "local", "command": ["sh", "-c", touch]}}, "plugin": [str(home / "trap")]}),
    )
    _fifo(home / ".mcp-auth" / "mcp-remote-1" / "0_tokens.json")


def _google(home: Path, touch: str) -> None:
    folder, account = home / ".config" / "gcloud", {"type": "external_account"}
    account["audience"] = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/a/providers/b"
    executable = {"credential_source": {"executable": {"command": f"sh -c '{touch}'", "output_file": "/dev/zero"}}}
    _write(folder / "executable.json", json.dumps(account | executable))
    served = {"credential_source": {"url": f"http://ada:{CANARY}@127.0.0.1:9/token", "headers": {"A": CANARY}}}
    _write(folder / "application_default_credentials.json", json.dumps(account | served))
    device = {"credential_source": {"file": "/dev/zero"}}
    _write(folder / "legacy_credentials" / "ada@example.com" / "adc.json", json.dumps(account | device))
    _write(folder / "configurations" / "config_default", f"[core]\naccount = $({touch})\nproject = `{touch}`\n")
    _write(folder / "credentials.db", b"SQLite format 3\0" + b"\xff" * 5000)
    _write(folder / "access_tokens.db", database(["CREATE TABLE access_tokens (account_id, access_token)"]))
    _write(folder / "access_tokens.db-wal", b"x" * 100)


def _azure(home: Path, touch: str) -> None:
    folder = home / ".azure"
    person = {"name": f"$({touch})", "type": "user"}
    _write(
        folder / "azureProfile.json",
        json.dumps({"subscriptions": [{"id": f"`{touch}`", "name": ESC, "tenantId": BIDI, "user": person}, 7, None]}),
    )
    _write(folder / "msal_token_cache.json", "[" * 50_000)
    _write(folder / "service_principal_entries.json", json.dumps([{"client_id": "x", "certificate": "/dev/zero"}]))
    _fifo(folder / "accessTokens.json")
    _write(home / ".azd" / "auth" / "cred.json", f'{{"clientSecret": {{"x": "{CANARY}"}}}}')


def _terraform(home: Path, touch: str) -> None:
    _write(
        home / ".terraformrc",
        f'credentials_helper "trap" {{\n  args = ["{touch}"]\n}}\n'
        f'credentials "x.example.com" {{\n  token = "{CANARY}\n',
    )
    _write(home / ".terraform.d" / "plugins" / "terraform-credentials-trap", f"#!/bin/sh\n{touch}\n", mode=0o755)
    _write(home / ".terraform.d" / "credentials.tfrc.json", f'{{"credentials": ["{CANARY}"]}}')
    folder = home / WORKSPACE
    _write(folder / "main.tf", f'data "external" "x" {{\n  program = ["sh", "-c", "{touch}"]\n}}\n')
    _write(folder / ".terraform" / "environment", f"$({touch})")
    address = f"http://ada:{CANARY}@127.0.0.1:9/state"
    _write(
        folder / ".terraform" / "terraform.tfstate",
        json.dumps({"backend": {"type": "http", "config": {"address": address, "password": [CANARY]}}}),
    )


def _keychains(home: Path, touch: str) -> None:
    folder = home / ".local" / "share"
    _write(folder / "evil" / "evil.py", _python_trap(touch))
    settings = f"[backend]\ndefault-keyring=evil.Keyring\nkeyring-path={folder / 'evil'}\n"
    _write(home / ".config" / "python_keyring" / "keyringrc.cfg", settings)
    _write(folder / "python_keyring" / "keyring_pass.cfg", f"[x]\na = {'A' * 100_001}\n[y\nb = !!\n")
    _write(folder / "keyrings" / "login.keyring", f"[keyring]\n[1]\nsecret={CANARY}\n[1:attribute0]\nname=service\n")
    _write(folder / "keyrings" / "closed.keyring", b"GnomeKeyring\n\r\0\n" + b"\xff" * 100)
    _fifo(folder / "keyrings" / "fifo.keyring")
    _write(home / ".password-store" / ".gpg-id", touch)
