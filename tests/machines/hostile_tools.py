"""Git, forges, container engines and Kubernetes in the hostile home: a trap wherever their settings name a program."""

import json
from pathlib import Path

from tests.machines.hostile import BIDI, CANARY, ESC, WORKSPACE, _fifo, _write


def tools(home: Path, touch: str, outside: Path) -> None:
    """All of them; `outside` is a folder that nothing leads to but links."""
    trap = home / "trap"
    _git(home, touch, trap, outside)
    _forges(home, trap)
    _containers(home, touch, trap, outside)
    _kubernetes(home, touch, trap)


def _git(home: Path, touch: str, trap: Path, outside: Path) -> None:
    started = (
        f'[credential]\n\thelper = "!{touch}"\n\thelper = {trap}\n\thelper = ../../trap\n'
        "\thelper = cache --socket ~/fifo\n"
        f"\thelper = store --file /dev/zero\n\thelper = store --file ~/fifo\n\tplaintextStorePath = ~/fifo\n"
        f'[core]\n\tfsmonitor = "{touch}"\n\tsshCommand = "{touch}"\n\taskPass = {trap}\n\thooksPath = {home}\n'
        f"\tgitProxy = {trap}\n\teditor = {touch}\n\tpager = {touch}\n\talternateRefsCommand = {trap}\n"
        f'[alias]\n\tstatus = "!{touch}"\n[gpg]\n\tprogram = {trap}\n[gpg "ssh"]\n\tdefaultKeyCommand = {trap}\n'
        f'[filter "x"]\n\tclean = {touch}\n\tsmudge = {touch}\n\tprocess = {touch}\n\trequired = true\n'
        f'[diff]\n\texternal = {touch}\n[merge "x"]\n\tdriver = {touch}\n'
        f'[diff "x"]\n\ttextconv = {touch}\n\tcommand = {touch}\n'
        f"[http]\n\tcookieFile = /dev/zero\n\tsslKey = ~/fifo\n\tproxy = http://ada:{CANARY}@127.0.0.1:9\n"
        f"[sendemail]\n\tsmtpServer = {trap}\n\tsmtpPass = {CANARY}\n[uploadpack]\n\tpackObjectsHook = {trap}\n"
        f"[include]\n\tpath = ~/fifo\n\tpath = /dev/zero\n\tpath = /proc/self/environ\n\tpath = ~/.gitconfig\n"
        "\tpath = /etc/shadow\n"
        f"\tpath = {CANARY * 20}\n[{ESC}{BIDI}]\n[\n= {CANARY}\n"
    )
    _write(home / ".gitconfig", started)
    _fifo(home / "fifo")
    folder = home / WORKSPACE / ".git"
    _write(
        folder / "config",
        f'{started}[remote "origin"]\n\turl = "ext::sh -c {touch}"\n\tvcs = {trap}\n'
        f"\tuploadpack = {touch}\n\treceivepack = {touch}\n"
        f'[remote "{ESC}"]\n\turl = https://ada:{CANARY}@127.0.0.1:9/{ESC}{BIDI}\n\tproxy = http://u:{CANARY}@127.0.0.1:9\n'
        f'[remote "file"]\n\turl = file://{outside}\n[submodule "x"]\n\tupdate = "!{touch}"\n\turl = -u{touch}\n'
        f'[includeIf "gitdir:{"*a" * 150}"]\n\tpath = x\n[url "ext::sh -c {touch};"]\n\tinsteadOf = https:\n',
    )
    for name in ("post-checkout", "pre-commit", "fsmonitor-watchman"):
        _write(folder / "hooks" / name, f"#!/bin/sh\n{touch}\n", mode=0o755)
    _write(folder / "HEAD", f"ref: refs/heads/{ESC}\n")
    (folder / "commondir").symlink_to("../../../.ssh/id_rsa")  # a text that is no folder's name, and a secret
    (folder / "config.worktree").symlink_to("/dev/zero")
    _write(home / WORKSPACE / ".gitattributes", "* filter=x diff=x merge=x\n")
    _write(home / WORKSPACE / ".gitmodules", f'[submodule "x"]\n\tupdate = "!{touch}"\n')
    _write(home / "src" / "linked" / ".git", f"gitdir: {'../' * 40}proc/self\n")
    _write(home / "src" / "long" / ".git", f"gitdir: {CANARY * 20}\n")
    _fifo(home / "src" / "pipe" / ".git")
    _write(home / ".git-credentials", f"https://ada:{CANARY}@[broken\nhttps://{CANARY}\n{CANARY}\n{ESC}\n\0\n")
    _write(
        home / ".netrc",
        f"machine x.example.com login ada password {CANARY}\nmacdef init\n!{touch}\n\nmachine\n{CANARY}\n",
    )


def _forges(home: Path, trap: Path) -> None:
    _write(
        home / ".config" / "gh" / "config.yml",
        f"editor: {trap}\nbrowser: {trap}\npager: {trap}\naliases: {{co: '!{trap}'}}\n",
    )
    _write(
        home / ".config" / "gh" / "hosts.yml",
        f"github.com:\n  user: {CANARY}\n  oauth_token: !!python/object/apply:os.system ['{trap}']\n"
        f"127.0.0.1:9: &a [*a, *a]\n{ESC}: [\n",
    )
    _write(home / ".local" / "share" / "gh" / "extensions" / "gh-x" / "gh-x", trap.read_text(), mode=0o755)
    _write(home / ".config" / "hub", f"127.0.0.1:\n- oauth_token: {CANARY}\n  user: {ESC}\n")
    _fifo(home / ".config" / "glab-cli" / "config.yml")


def _containers(home: Path, touch: str, trap: Path, outside: Path) -> None:
    docker = home / ".docker"
    _write(
        docker / "config.json",
        json.dumps(
            {
                "auths": {
                    f"https://ada:{CANARY}@127.0.0.1:9/{ESC}": {"auth": CANARY},
                    f"{BIDI}": {"identitytoken": CANARY},
                },
                "credsStore": "trap",
                "credHelpers": {"x": "trap", "y": str(trap), "z": f"$({touch})"},
                "cliPluginsExtraDirs": [str(home)],
                "plugins": {"x": {"hooks": str(trap)}},
                "features": {"hooks": "true"},
                "HttpHeaders": {"Authorization": f"Bearer {CANARY}"},
                "proxies": {"default": {"httpProxy": f"http://u:{CANARY}@127.0.0.1:9"}},
                "currentContext": "x",
            }
        ),
    )
    _write(docker / "cli-plugins" / "docker-x", trap.read_text(), mode=0o755)
    for name, address in {
        "tcp": f"tcp://u:{CANARY}@127.0.0.1:9",
        "ssh": f"ssh://-oProxyCommand={touch}@127.0.0.1",
        "pipe": f"unix://{home}/fifo",
        "device": "unix:///dev/zero",
        "long": f"unix:///{CANARY * 20}",
        "word": CANARY,
    }.items():
        told = {"Name": name, "Endpoints": {"docker": {"Host": address}}}
        _write(docker / "contexts" / "meta" / name / "meta.json", json.dumps(told))
        (docker / "contexts" / "tls" / name).mkdir(parents=True)
    (docker / "contexts" / "tls" / "tcp" / "docker").symlink_to(outside)
    _fifo(docker / "run" / "docker.sock")
    (docker / "desktop").mkdir()
    (docker / "desktop" / "docker.sock").symlink_to("/dev/zero")
    _write(home / ".colima" / "docker.sock", CANARY)
    _write(
        home / ".config" / "containers" / "containers.conf",
        f"[engine]\nhelper_binaries_dir = ['{home}']\nx{'.a' * 100_000} = 1\n",
    )
    _write(home / ".config" / "containers" / "auth.json", "[" * 100_000)


def _kubernetes(home: Path, touch: str, trap: Path) -> None:
    users = [
        f"exec: {{command: sh, args: [-c, '{touch}'], env: [{{name: TOKEN, value: {CANARY}}}]}}",
        f"exec: {{command: {trap}, interactiveMode: Always, provideClusterInfo: true}}",
        f"auth-provider: {{name: gcp, config: {{cmd-path: {trap}, cmd-args: x, access-token: {CANARY}}}}}",
        "client-certificate: /proc/self/environ\n    client-key: /proc/self/environ\n    tokenFile: /dev/zero",
        f"client-certificate: ../fifo\n    client-key: ../.ssh/id_rsa\n    tokenFile: {CANARY * 20}",
        f'client-certificate-data: "{CANARY}"\n    client-key-data: {CANARY}\n    tokenFile: ../.docker',
        f"token: {CANARY}\n    as: {BIDI}\n    impersonate: x",
    ]
    listed = "".join(f"- name: u{number}\n  user:\n    {user}\n" for number, user in enumerate(users))
    contexts = "".join(f"- {{name: c{n}, context: {{cluster: c, user: u{n}}}}}\n" for n in range(len(users)))
    _write(
        home / ".kube" / "config",
        "kind: Config\ncurrent-context: c0\nclusters:\n"
        f"- {{name: c, cluster: {{server: 'https://u:{CANARY}@127.0.0.1:9/s?x={CANARY}'}}}}\n"
        f"contexts:\n{contexts}users:\n{listed}",
    )
    _write(
        home / ".kube" / "bomb.yaml",
        "a: &a [1]\n" + "".join(f"{n}: &b{n} [{'*a, ' * 9}]\n" for n in range(9)) + "clusters: [*b8]\n",
    )
    _write(home / ".kube" / "deep.yaml", "[" * 100_000)
    _write(home / ".kube" / "object.yaml", f"!!python/object/apply:os.system ['{touch}']\n")
    _fifo(home / ".kube" / "config.d" / "fifo")
    _fifo(home / ".kube" / "cache" / "oidc-login" / "fifo")
    (home / ".kube" / "zero.yaml").symlink_to("/dev/zero")
