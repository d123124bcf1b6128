"""A home of its own for the command line, with a probe from outside that does as a file in it says."""

import os
import pty
import select
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import forked

# A session of its own takes the first terminal it opens as the one that /dev/tty means.
ON_TERMINAL = "import os, sys; os.close(os.open(os.ttyname(0), os.O_RDWR)); os.execv(sys.argv[1], sys.argv[1:])"
ACME = '''
from scanner.model import *
from scanner.probe import probe

SECRET = "CANARY-CANARY-CANARY"

@probe(id="acme.vault", title="Acme vault", reads=("~/.acme",))
def acme_vault(host):
    """Does what ~/.acme says.

    **Why it matters.** Tests need a probe that goes wrong.
    """
    for found in host.read("~/.acme"):
        secret = host.keep(SECRET)
        here = Evidence(host.home / ".acme", 1)
        match found.text.strip():
            case "exposure" | "exposure and limit":
                account, destroy = Asset("aws-account", "123456789012"), frozenset({Capability.DATA_DESTROY})
                grant = Grant(account, destroy, Confidence.GRANTED)
                yield CredentialSeen("acme.token", here, secret, identity=Identity("acme", "x"), grants=(grant,))
                if found.text.startswith("exposure and"):
                    yield Gap(GapKind.LIMIT, "~/.acme", "too large")
            case "weakness":
                yield Weakness("ssh.key-without-passphrase", "Acme is open", here, "because", Fix("close it"))
            case "gap":
                yield Gap(GapKind.FAILED, "~/.acme", "broken")
            case "refused":
                yield Gap(GapKind.REFUSED, "~/.acme", "permission denied")
            case "leak":
                yield Gap(GapKind.REFUSED, "~/" + SECRET, "permission denied")
            case "defect":
                raise ValueError(SECRET)
            case "interrupt":
                import os, signal, time
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(20)
            case "warn":
                import warnings
                warnings.warn("look: " + SECRET)
'''


@dataclass(frozen=True, slots=True)
class Cli:
    """`python -m scanner` with a home, a state folder and an environment of its own."""

    home: Path
    env: dict[str, str] = field(default_factory=dict)

    @property
    def config(self):
        return self.home / ".config" / "armslength" / "config.toml"

    @property
    def state(self):
        return self.home / "state"

    def variables(self, **more):
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
        return kept | {
            "HOME": str(self.home),
            "USERPROFILE": str(self.home),
            "ARMSLENGTH_STATE": str(self.state),
            "PYTHONPATH": str(self.home / "lib"),
            **self.env,
            **more,
        }

    def run(self, *arguments, stdin=None, **options):
        words = [str(each) for each in arguments]
        env, cwd = self.variables(**options.pop("env", {})), options.pop("cwd", self.home)
        if forked.serves(env, options):
            return forked.run(words, env, cwd, stdin, **options)
        return subprocess.run(
            [*options.pop("launcher", [sys.executable]), "-m", "scanner", *words],
            env=env,
            cwd=cwd,
            input=stdin,
            stdin=None if stdin is not None else subprocess.DEVNULL,
            stdout=options.pop("stdout", subprocess.PIPE),
            stderr=options.pop("stderr", subprocess.PIPE),
            timeout=60,
            check=False,
            **options,
        )

    def on_terminal(self, *arguments, answer=None, launcher=(), **env):
        """Runs with a terminal of its own; gives all that it showed, and the exit code."""
        master, slave = pty.openpty()
        run = subprocess.Popen(
            [sys.executable, "-c", ON_TERMINAL, *(launcher or [sys.executable]), "-m", "scanner", *map(str, arguments)],
            env=self.variables(**{"TERM": "xterm", **env}),
            cwd=self.home,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        shown = b""
        while select.select([master], [], [], 60)[0]:
            try:
                data = os.read(master, 65536)
            except OSError:  # how Linux says that the other end is closed
                break
            if not data:
                break
            shown += data
            if answer is not None and b"Type yes" in shown:
                os.write(master, answer)
                answer = None
        os.close(master)
        return shown, run.wait(60)

    def settle(self, text):
        self.config.parent.mkdir(parents=True, exist_ok=True)
        self.config.write_text(text)

    def acme(self, word):
        """Installs the outside probe, names it in the configuration, and tells it what to do."""
        info = self.home / "lib" / "acme_probes-2.1.dist-info"
        info.mkdir(parents=True, exist_ok=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-probes\nVersion: 2.1\n")
        (info / "entry_points.txt").write_text("[armslength.probes]\nvault = acme_probes:acme_vault\n")
        (self.home / "lib" / "acme_probes.py").write_text(ACME)
        (self.home / ".acme").write_text(word)
        with self.config.open("a") as stream:
            stream.write('plugins.allow = ["acme-probes"]\n')


@pytest.fixture
def cli(tmp_path):
    """A home whose owner lets agents read, so that a test says the same whoever started it."""
    home = tmp_path / "ada"
    home.mkdir()
    made = Cli(home)
    made.settle("agents_may_read = true\n")
    return made
