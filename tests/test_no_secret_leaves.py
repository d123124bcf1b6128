"""No secret of any machine, nor its beginning or end, is in anything that leaves this tool.

What is a secret is told by the machines themselves, and by what the probes keep. The renderers are looked at before
the last mask, so that the mask stays what it is: the last line of defence, which is tried here too.
"""

import base64
import html
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from string import ascii_letters, digits
from typing import NamedTuple
from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from probes import BUILTIN
from reports import RENDERERS, Forms, Page
from reports.explain import explain
from scanner.cli import outputs, running
from scanner.cli.guard import Facts
from scanner.cli.judging import MASKED, Task, without_secrets
from scanner.config import Config
from scanner.engine import scan
from scanner.host import Machine
from scanner.host.opening import Opening, open_machines
from scanner.model import CredentialSeen, Evidence, Gap, GapKind, Platform
from scanner.model.report import Report
from scanner.probe import Probe, probe
from scanner.testing import TEST_KEY, fake_machine
from scanner.tokens import fill, token
from scanner.vault import Vault
from tests.machines import hostile
from tests.machines.samples import CANARY, NAMES, laid_out, leaks, machine, secrets
from tests.probe_faults.installed import install
from tests.support import LAPTOP

ROOT = Path(__file__).parent.parent
EVERY = (*NAMES, "demo")
SECRET = "CANARY-CANARY-CANARY"
PAGES = (Page(80), Page(200, color=True), Page(40, unicode=False))
KEPT = 8  # shorter values are ordinary words


def looked(machine: Machine, *more: Probe) -> tuple[Report, Vault]:
    vault = Vault(TEST_KEY)
    return scan(machine, (*BUILTIN, *more), vault, Config(), contracts=(LAPTOP,)), vault


def told(report: Report) -> Iterator[tuple[str, bytes]]:
    """Everything that can be said of a report, by name, before any mask."""
    yield "repr", repr(report).encode()
    for name in RENDERERS:
        for page in PAGES:
            yield f"{name} {page}", RENDERERS[name](report, page)
    for each in (*report.credentials, *report.exposures, *report.findings, *report.assets):
        yield f"explain {each.id}", explain(report, each.id, PAGES[0], score=True)


def kept(vault: Vault) -> list[str]:
    return [value for value in vault._values if len(value) >= KEPT]


def mask_of(vault: Vault) -> outputs.Mask:
    """The mask that the command lays over its outputs."""
    return Task((), BUILTIN, Config(), vault).mask


@cache
def judged(name: str) -> tuple[Report, Vault]:
    return looked(machine(name))


@pytest.mark.parametrize("name", EVERY)
def test_nothing_that_is_told_of_a_machine_holds_a_secret_of_it(name):
    report, vault = judged(name)
    values = [*secrets(name), *kept(vault)]
    assert {what: found for what, data in told(report) if (found := leaks(data, values))} == {}


@pytest.mark.parametrize("name", [each for each in EVERY if each != "empty"])
def test_there_is_something_to_leak(name):
    """So that the test above cannot pass for lack of secrets: most of a machine's are found and kept."""
    _, vault = judged(name)
    known = set(secrets(name))
    found = [value for value in known if any(value in each or each in value for each in kept(vault))]
    assert len(found) >= 2
    assert len(found) >= len(known) // 2


# The real command ------------------------------------------------------------------------------------------------


class Run:
    """One run of the command, and everything that came of it: outputs, state folder, temporary files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home" / "ada"
        self.kept = folder / "kept"
        self.temporary = folder / "tmp"
        for each in (self.home, self.kept, self.temporary):
            each.mkdir(parents=True, exist_ok=True)
        self.variables = {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{ROOT}:{install(folder / 'planted')}",
            "ARMSLENGTH_STATE": str(self.kept / "state"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "TMPDIR": str(self.temporary),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        config = folder / "config" / "armslength" / "config.toml"
        config.parent.mkdir(parents=True)
        config.write_text("agents_may_read = true\n")
        self.config = config
        self.code = 0

    def plant(self) -> None:
        self.config.write_text('agents_may_read = true\n[plugins]\nallow = ["planted-probes"]\n')

    def said(self, *arguments: str, cwd: Path | None = None) -> bytes:
        done = subprocess.run(
            [sys.executable, "-P", "-X", "dev", "-W", "default", "-m", "scanner", *arguments],
            cwd=cwd or self.folder,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )
        self.code = done.returncode
        files = [path for path in (*self.kept.rglob("*"), *self.temporary.rglob("*")) if path.is_file()]
        files = [path for path in files if path.name != "key"]  # random bytes
        return b"\n".join([done.stdout, done.stderr, *(str(path).encode() + path.read_bytes() for path in files)])


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path / "run")


@pytest.mark.parametrize("name", EVERY)
def test_nothing_that_the_command_writes_holds_a_secret(name, run):
    (run.folder / "root").mkdir()
    options = ["demo"] if name == "demo" else ["scan", *laid_out(name, run.folder / "root")]
    outs = [part for each in ("report.json", "report.txt") for part in ("-o", str(run.kept / each))]
    said = run.said(*options, "-v", *outs)
    assert run.code == 0, said[-2000:]
    assert (run.kept / "report.json").stat().st_size > 1000
    assert leaks(said, secrets(name)) == []
    assert list(run.temporary.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="the hostile home needs POSIX files")
@pytest.mark.parametrize(
    ("depth", "form", "name"), [("standard", "terminal", "report.json"), ("deep", "json", "report.txt")]
)
def test_a_hostile_home_gets_nothing_out(depth, form, name, run):
    """In both formats at either depth: one is printed, the other written."""
    marker = run.folder / "tricked"
    hostile.build(run.home, marker)
    run.variables.update(hostile.environment(run.home, marker))
    options = ("--format", form, "--depth", depth, "-o", str(run.kept / name))
    said = run.said("scan", "-v", *options, cwd=run.home / hostile.WORKSPACE)
    assert run.code == 3, said[-2000:]
    assert (run.kept / name).stat().st_size > 1000
    assert leaks(said, hostile.secrets()) == []
    assert not marker.exists()
    for trick in (hostile.ESC, hostile.BIDI, "\x1b]", "\u202e", "\x00"):
        assert trick.encode() not in said
    assert b"Traceback" not in said


@pytest.mark.skipif(sys.platform == "win32", reason="the hostile home needs POSIX files")
def test_nothing_that_is_told_of_a_hostile_home_holds_a_secret_of_it(home, tmp_path):
    hostile.build(home, tmp_path / "tricked")
    variables = tmp_path / "variables"
    told_variables = hostile.environment(home, tmp_path / "tricked")
    variables.write_text("\0".join(f"{name}={value}" for name, value in told_variables.items()))
    opening = Opening(
        homes=(f"/{home.name}",),
        root=str(home.parent),
        platform=Platform.LINUX,
        env_file=str(variables),
        workspaces=(f"/{home.name}/{hostile.WORKSPACE}",),
    )
    [opened] = open_machines(opening)
    report, vault = looked(opened)
    assert len(report.credentials) > 5
    assert len(report.gaps) > 20
    assert not any("OUTSIDE" in value for value in vault._values)  # no link was followed out of the home
    # A key id stands where a secret belongs and is kept like one; ids of one account begin alike.
    values = [*hostile.secrets(), *(value for value in kept(vault) if not value.startswith("AKIA"))]
    assert {what: found for what, data in told(report) if (found := leaks(data, values))} == {}


@pytest.mark.parametrize(
    ("fault", "code"), [("quotes_in_an_error", 3), ("names_it_in_evidence", 3), ("prints", 0), ("clean", 0)]
)
@pytest.mark.parametrize("form", ["json", "terminal"])
def test_what_a_broken_probe_says_is_masked_and_told(fault, code, form, run):
    run.plant()
    said = run.said("scan", "-v", "--probe", f"planted.{fault}", "--no-env", "--format", form)
    assert run.code == code, said
    assert CANARY.encode() not in said
    assert (b"was about to be printed" in said) == (fault == "names_it_in_evidence")


# The last mask ---------------------------------------------------------------------------------------------------


def leaky(secret: str):
    """A renderer with a fault: it prints a secret."""

    def render(report: Report, page: Page) -> bytes:
        gaps = "; ".join(gap.why for gap in report.gaps)
        return f"report of {secret} ({quote(secret, safe='')}): {gaps}\n".encode()

    return render


@pytest.mark.parametrize("family", ["github-classic", "aws-secret", "password", "jwt", "sendgrid"])
def test_a_renderer_that_prints_a_secret_is_masked_and_yields_a_gap(family):
    secret = token(family, "renderer")
    vault = Vault(TEST_KEY)
    report = scan(fake_machine(), (), vault, Config())
    vault.keep(secret)
    target = outputs.Target("leaky", Page(), forms=Forms({"leaky": leaky(secret)}, {}))
    said, written = without_secrets(report, [target], mask_of(vault))
    assert leaks(written[0].data, [secret]) == []
    assert MASKED in said.gaps
    assert MASKED.why.encode() in written[0].data


def crashing(secret: str):
    """A renderer with another fault: it quotes a secret in its error."""

    def render(report: Report, page: Page) -> bytes:
        logging.getLogger("scanner").error("cannot write %s", secret)
        raise ValueError(f"cannot write {secret}")

    return render


@pytest.mark.parametrize("more", [[], ["-v"]])
def test_a_defect_of_ours_does_not_quote(more, monkeypatch, capfd):
    monkeypatch.setattr("reports.terminal.render", crashing(SECRET))
    assert running.run(["demo", *more], Facts()) == 5
    said = "".join(capfd.readouterr())
    assert "a defect of armslength: ValueError at " in said
    assert CANARY not in said


# Generated secrets in generated places ---------------------------------------------------------------------------


class MadeUp(NamedTuple):
    """What makes secrets that are like no other text, with an odd character somewhere in them."""

    seed: int
    length: int
    odd: str
    at: int

    def secret(self, place: str) -> str:
        """The one for this place: no other place has one that begins like it."""
        text = "".join(Random(f"{self.seed} {place}").choices(ascii_letters + digits, k=self.length))
        return text[: self.at] + self.odd + text[self.at :]


ODD = ["", "%", "+", "/", "=", "&", "<", '"', "'", "\\", "é", "🔑", "\u202e", "$", "#", ":", "@", "-"]
MADE = st.builds(MadeUp, st.integers(0, 10**9), st.integers(20, 60), st.sampled_from(ODD), st.integers(9, 11))
KEY_ID = token("aws-key", "places")
SESSION_ID = token("aws-session-key", "places")
ARMOUR = "-----BEGIN RSA PRIVATE" + " KEY-----\n{}\n-----END RSA PRIVATE" + " KEY-----\n"
ROLE = "arn:aws:iam::123456789012:role/Deploy"
SIGN_IN = {"startUrl": "https://example.awsapps.com/start", "region": "eu-west-1", "expiresAt": "2026-11-22T00:00:00Z"}

# Name -> where the secret goes: files, or variables where the path begins with `$`.
PLACES = {
    "variable": lambda s: {"$API_TOKEN": s},
    "address in a variable": lambda s: {"$DATABASE_URL": f"postgresql://ada:{quote(s, safe='')}@db.example.com/x"},
    "broken address": lambda s: {"$DATABASE_URL": f"postgresql://ada:{s}@[broken:x/y"},
    "address with a raw password": lambda s: {"$REDIS_URL": f"redis://:{s}@cache.example.com:6379"},
    "query": lambda s: {"$WEBHOOK_URL": f"https://hooks.example.com/in?token={quote(s, safe='')}"},
    "proxy": lambda s: {"$HTTPS_PROXY": f"http://ada:{quote(s, safe='')}@proxy.example.com:3128"},
    "session of AWS": lambda s: {
        "$AWS_ACCESS_KEY_ID": SESSION_ID,
        "$AWS_SECRET_ACCESS_KEY": s,
        "$AWS_SESSION_TOKEN": s * 3,
    },
    "half of a pair": lambda s: {"$AWS_SECRET_ACCESS_KEY": s},
    "swapped pair": lambda s: {"$AWS_ACCESS_KEY_ID": s, "$AWS_SECRET_ACCESS_KEY": KEY_ID},
    "dotenv": lambda s: {"~/src/x/.env": f"API_TOKEN={s}\n"},
    "quoted dotenv": lambda s: {"~/src/x/.env": f"API_TOKEN='{s}'\nPASSWORD=\"{s}\"\n"},
    "open quote": lambda s: {"~/src/x/.env": f"API_TOKEN='{s}\nNEXT=1\n"},
    "comment": lambda s: {"~/src/x/.env": f"# API_TOKEN={s}\nA=1 # {s}\n"},
    "bare line": lambda s: {"~/src/x/.env": f"{s}\nexport {s}\n= {s}\n"},
    "file of no text": lambda s: {"~/src/x/.env": b"\xff\xfeA\x00" + s.encode() + b"\xff=\xff" + s.encode()},
    "credentials": lambda s: {
        "~/.aws/credentials": f"[default]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {s}\n"
    },
    "other store": lambda s: {
        "~/.aws/credentials": f"[minio]\naws_access_key_id = {s}\naws_secret_access_key = {s[::-1]}{s}\n"
    },
    "broken credentials": lambda s: {"~/.aws/credentials": f"{s}\n[default]\n{s}\n = {s}\naws_access_key_id\n"},
    "half of credentials": lambda s: {"~/.aws/credentials": f"[default]\naws_secret_access_key = {s}\n"},
    "program that hands out keys": lambda s: {"~/.aws/config": f"[profile x]\ncredential_process = get --token {s}\n"},
    "program with a secret before it": lambda s: {
        "~/.aws/config": f"[profile x]\ncredential_process = TOKEN={s} get keys\n"
    },
    "role that is none": lambda s: {"~/.aws/config": f"[profile x]\nrole_arn = {s}\nsource_profile = x\n"},
    "external id": lambda s: {
        "~/.aws/config": f"[profile x]\nrole_arn = {ROLE}\nexternal_id = {s}\ncredential_source = Environment\n"
    },
    "endpoint": lambda s: {"~/.aws/config": f"[profile x]\nendpoint_url = https://ada:{s}@s3.example.com\n"},
    "sign-in": lambda s: {
        "~/.aws/sso/cache/a.json": json.dumps(
            SIGN_IN | {"accessToken": s, "refreshToken": s + "r", "clientId": "c", "clientSecret": s + "c"}
        )
    },
    "wrongly typed sign-in": lambda s: {
        "~/.aws/sso/cache/a.json": json.dumps(SIGN_IN | {"accessToken": [s], "expiresAt": s, "clientSecret": {s: s}})
    },
    "half of a sign-in": lambda s: {"~/.aws/sso/cache/a.json": json.dumps(SIGN_IN | {"accessToken": s})[:-1]},
    "session in a cache": lambda s: {
        "~/.aws/cli/cache/a.json": json.dumps(
            {"Credentials": {"AccessKeyId": SESSION_ID, "SecretAccessKey": s, "SessionToken": s, "Expiration": s}}
        )
    },
    "private key": lambda s: {"~/.ssh/id_rsa": ARMOUR.format(s), "~/.ssh/id_x": ARMOUR.format(quote(s))},
    "command of ssh": lambda s: {
        "~/.ssh/config": f"Host x\n  ProxyCommand connect --password {s} %h\n  LocalCommand echo {s}\n"
        f'Match exec "test {s}"\n  User y\nHost z\n  HostName z.example.com\n  RemoteCommand login {s}\n'
    },
    "broken ssh": lambda s: {"~/.ssh/config": f'{s}\nHost\n  {s} {s}\n"{s}\n'},
    "broken known hosts": lambda s: {"~/.ssh/known_hosts": f"{s}\n@{s} {s}\n|1|{s}\n"},
}
# Places where a report shows what stands there, so that only a secret known from elsewhere can be masked.
SHOWN = {
    "name of a file": lambda s: {f"~/src/x/.env.{quote(s, safe='')}": "A=1\nPASSWORD=correct-horse-battery\n"},
    "comment of a key": lambda s: (
        {"~/.ssh/id_a.pub": f"{fill('{sshpub:plain-ed25519}', 'x')} {s}\n"}
        | {"~/.ssh/id_a": fill("{sshkey:plain-ed25519}", "x") + "\n"}
    ),
    "profile": lambda s: {
        "~/.aws/config": f"[profile '{quote(s, safe='')}']\nrole_arn = {ROLE}\ncredential_source = Environment\n"
    },
    "host": lambda s: {"~/.ssh/config": f"Host {quote(s, safe='')}\n  HostName h.example.com\n"},
    "name of a variable": lambda s: {f"${quote(s, safe='')}_TOKEN": "correct-horse-battery-staple"},
}


def placed(places: dict) -> Machine:
    files = {path: content for path, content in places.items() if not path.startswith("$")}
    variables = {path[1:]: value for path, value in places.items() if path.startswith("$")}
    return fake_machine(files=files, env=variables, workspace="~/src/x")


GROUP = 7  # places that one scan looks at


def apart(places: dict) -> list[list[str]]:
    """The places by name in few groups; what each place of a group writes lies in files and variables of its own."""
    groups: list[dict[str, set[str]]] = []
    for name, written in places.items():
        lies = set(written("x"))
        free = (group for group in groups if len(group) < GROUP and lies.isdisjoint(set().union(*group.values())))
        into = next(free, None)
        if into is None:
            groups.append(into := {})
        into[name] = lies
    return [list(group) for group in groups]


@pytest.mark.parametrize("group", apart(PLACES), ids="; ".join)
@settings(max_examples=12)
@example(MadeUp(0, 20, "/", 9))  # met before a program: what follows the slash was taken for its name
@given(made=MADE)
def test_no_generated_secret_gets_out(group, made):
    """One scan of several places serves: each has a secret of its own."""
    values = [made.secret(place) for place in group]
    places = [PLACES[place](value) for place, value in zip(group, values, strict=True)]
    report, _ = looked(placed({at: content for each in places for at, content in each.items()}))
    assert {what: found for what, data in told(report) if (found := leaks(data, values))} == {}


@pytest.mark.parametrize("place", SHOWN)
@settings(max_examples=6)
@given(made=MADE.filter(lambda made: made.odd != "\u202e"))
def test_a_secret_that_is_known_is_masked_wherever_it_stands(place, made):
    secret = made.secret(place)
    report, vault = looked(placed(SHOWN[place](secret) | {"$API_TOKEN": secret}))
    if secret not in kept(vault):
        return  # it looked like no secret to the probes
    mask = mask_of(vault)
    for name in RENDERERS:
        _, written = without_secrets(report, [outputs.Target(name, Page(200))], mask)
        assert secret.encode() not in written[0].data
        assert quote(secret, safe="").encode() not in written[0].data


# The checker itself ----------------------------------------------------------------------------------------------

ONE = token("github-classic", "checker")


@pytest.mark.parametrize(
    "printed",
    [
        ONE,
        f"token {ONE[4:12]}...",
        f"...{ONE[-8:]}",
        ONE[::-1],
        f'{{"a": "{ONE}"}}',
        base64.b64encode(f"x-token: {ONE}".encode()).decode(),
        base64.urlsafe_b64encode(f"ab{ONE}".encode()).decode(),
        ONE.encode().hex(),
        SECRET,
    ],
)
def test_the_checker_catches(printed):
    assert leaks(f"report\n{printed}\n".encode(), [ONE]) != []


@pytest.mark.parametrize("printed", ["ghp_", "a classic token (ghp_...)", "AKIA", "k123456:0123456789abcdef"])
def test_the_checker_lets_pass(printed):
    assert leaks(printed.encode(), [ONE]) == []


@pytest.mark.parametrize("secret", ['a"b\\c' + "d" * 20, "p%s+w/r=d" + "x" * 12, "<&>'" + "y" * 20, "é" * 16])
def test_the_checker_knows_the_encodings(secret):
    for form in (quote(secret, safe=""), json.dumps(secret)[1:-1], html.escape(secret), secret):
        assert leaks(form.encode(), [secret]) != []


def planted(look, id: str = "planted") -> Probe:
    return probe(id=id, title="Planted", reads=("env:*",))(look)


def shows_a_value(host):
    """Puts a value where a name belongs."""
    for name, value in host.variables().values.items():
        yield CredentialSeen("generic.token", Evidence(variable=name), host.keep(value), names=(value,))


def shows_a_prefix(host):
    """Shows how a value begins."""
    for name, value in host.variables().values.items():
        yield CredentialSeen("generic.token", Evidence(variable=name, key=value[:9]), host.keep(value))


def quotes_in_a_gap(host):
    """Quotes a value in a gap."""
    for value in host.variables().values.values():
        yield Gap(GapKind.FAILED, "environment", f"cannot parse {value!r}")


@pytest.mark.parametrize("look", [shows_a_value, shows_a_prefix, quotes_in_a_gap])
def test_the_check_of_machines_catches_a_probe_that_shows_a_secret(look):
    report, vault = looked(machine("linux-developer"), planted(look))
    values = [*secrets("linux-developer"), *kept(vault)]
    assert any(leaks(data, values) for _, data in told(report))


def test_the_check_of_the_command_catches_a_file_left_behind(run):
    said = run.said("version")
    assert leaks(said, [ONE]) == []
    (run.temporary / "left").write_text(ONE)
    assert leaks(run.said("version"), [ONE]) != []
    shutil.rmtree(run.folder)
