"""The walk-through of the documentation, command by command, on a home as it describes."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scanner.tokens import fill

PAGE = Path(__file__).parents[1] / "docs" / "walkthrough.md"
SEED = "walk"
ENTRY = '{"command": "npx", "args": ["-y", "@modelcontextprotocol/server-github"], "env": {"GITHUB_TOKEN": "%s"}}'
SERVER = ENTRY % "{token:github-classic}"
FILES = {
    ".claude/settings.json": '{"permissions": {"defaultMode": "acceptEdits", "allow": ["Bash"]}}\n',
    ".claude.json": '{"mcpServers": {"github": ' + SERVER + "}}\n",
    "src/orders/.git/HEAD": "ref: refs/heads/main\n",
    "src/orders/.git/config": '[remote "origin"]\n\turl = git@github.com:acme/orders.git\n',
    "src/orders/.env": "RAILWAY_API_TOKEN={token:uuid}\n",
    ".aws/credentials": "[prod]\naws_access_key_id={token:aws-key-prod}\naws_secret_access_key={token:aws-secret}\n",
    ".aws/config": "[profile prod]\nregion = eu-central-1\n",
}
ASKS = '{"permissions": {"defaultMode": "default", "disableBypassPermissionsMode": "disable"}}\n'
# What a program that is not here would have left behind.
OTHERS = {
    "$EDITOR ~/.claude/settings.json": {".claude/settings.json": ASKS},
    "claude mcp remove github": {".claude.json": '{"mcpServers": {}}\n'},
}
LOOKING = re.compile(r"armslength (scan|check|diff|baseline waive)\b(?!.*--verify)")


def steps():
    """Each command of the page, and the lines that it says are printed."""
    for block in PAGE.read_text(encoding="utf-8").split("```console\n")[1:]:
        command, shown = "", []
        for line in block.partition("```")[0].splitlines():
            if line.startswith("$ "):
                if command:
                    yield command, shown
                command, shown = line[2:], []
            elif line != "...":
                shown.append(line)
        yield command, shown


def signing_key(path):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = Ed25519PrivateKey.generate()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)


def put(home, files):
    for name, text in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(fill(text, SEED), encoding="utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="the page is written for a POSIX shell")
def test_the_walk_through_says_what_happens(tmp_path):
    """The home is looked at as an image, so that what the test runs in does not show."""
    home = tmp_path / "root" / "home" / "ada"
    put(home, FILES)
    signing_key(tmp_path / "key.pem")  # which a joiner keeps elsewhere: in the home it would be an item
    (tmp_path / "bin").mkdir()
    wrapper = tmp_path / "bin" / "armslength"
    wrapper.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m scanner "$@"\n')
    wrapper.chmod(0o755)
    env = {
        "HOME": str(home),
        "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin",
        "PYTHONPATH": str(PAGE.parents[1]),
        "LANG": "C.UTF-8",
    }
    env |= {"ARMSLENGTH_STATE": str(tmp_path / "state"), "PYTHONUTF8": "1", "SIGNING_KEY": str(tmp_path / "key.pem")}
    image = f"--root {tmp_path / 'root'} --platform linux --home /home/ada --workspace /home/ada/src/orders"
    code = 0
    for command, shown in steps():
        if command in OTHERS:
            put(home, OTHERS[command])
            continue
        if command == "echo $?":
            assert [str(code)] == shown
            continue
        asked = f"{command} {image}" if LOOKING.match(command) else command
        run = subprocess.run(
            [shutil.which("sh"), "-c", asked],
            cwd=home / "src/orders",
            env=env,
            capture_output=True,
            check=False,
            timeout=60,
        )
        told, code = " ".join((run.stdout + run.stderr).decode().split()), run.returncode
        assert code in {0, 1}, (command, told)
        for line in shown:
            assert " ".join(line.split()) in told, (command, line)
