import json
import os
import subprocess
import sys

import pytest

from scanner.tokens import token
from tests.probes.live.authority import Authority
from tests.probes.live.kube import User, cluster
from tests.probes.live.provider import provider

GITHUB = token("github-oauth", "cli")
KEY_ID = token("aws-key", "cli")
SECRET = token("aws-secret", "cli")
SESSION_ID = token("aws-session-key", "cli")
KUBE = "CANARY-CANARY-CANARY-kube"
SESSION = token("aws-session-token", "cli")
ADA = '{"login": "ada"}'
ARN = (
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/ada</Arn>"
    "</GetCallerIdentityResult></GetCallerIdentityResponse>"
)
ENVIRONMENT = {"GH_TOKEN": GITHUB, "AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}

# Ends the process at once where it looks up a name or connects to anything but this machine.
WATCH = """
import os, runpy, sys
def hook(event, told):
    if event == "socket.getaddrinfo" and told[0] not in ("127.0.0.1", "::1"):
        os._exit(97)
    if event == "socket.connect" and not (isinstance(told[1], tuple) and told[1][0] in ("127.0.0.1", "::1")):
        os._exit(98)
sys.addaudithook(hook)
sys.argv = ["armslength", *sys.argv[1:]]
runpy.run_module("scanner", run_name="__main__", alter_sys=True)
"""


@pytest.fixture
def server():
    with provider() as told:
        told.on("GET", "/user", body=ADA, X_OAuth_Scopes="repo")
        told.on("POST", "/", body=ARN)
        yield told


def run(cli, server, *arguments, **env):
    overrides = {"ARMSLENGTH_GITHUB_URL": server.url, "ARMSLENGTH_AWS_URL": server.url}
    return cli.run(*arguments, env={**ENVIRONMENT, **overrides, **env})


def silent(run, *secrets):
    """Whether none of the secrets, nor a part of one that would help, is in what a run wrote."""
    written = (run.stdout or b"") + (run.stderr or b"")
    return not any(part.encode() in written for each in secrets for part in (each, each[4:20], each[-12:]))


def test_a_plain_scan_asks_nobody(cli, server):
    assert run(cli, server, "scan", "--format", "json").returncode == 0
    assert server.heard == []


def test_live_answers_are_in_the_report(cli, server):
    done = run(cli, server, "scan", "--live", "--format", "json", "-v")
    assert done.returncode == 0
    report = json.loads(done.stdout)
    assert {each["state"] for each in report["credentials"]} == {"live"}
    assert {each["name"] for each in report["identities"]} >= {"ada", "user/ada"}
    assert "verified" in {each["confidence"] for each in report["exposures"]}
    assert [each["id"] for each in report["scan"]["probes"]][-1] == "live"
    assert report["scan"]["asked"] == ["github", "aws"]
    told = done.stderr.decode()
    assert f"asked GET {server.url}/user: 200" in told
    assert f"asked POST {server.url}/: 200" in told
    assert "github was asked at" in told
    assert silent(done, GITHUB, SECRET)
    assert sorted(each.method for each in server.heard) == ["GET", "POST"]


def test_only_the_named_provider_is_asked(cli, server):
    assert run(cli, server, "scan", "--live=aws", "--quiet").returncode == 0
    assert [each.method for each in server.heard] == ["POST"]


def test_a_session_in_the_environment_is_asked_about_with_its_token(cli, server):
    env = {"AWS_ACCESS_KEY_ID": SESSION_ID, "AWS_SESSION_TOKEN": SESSION}
    done = run(cli, server, "scan", "--live=aws", "--format", "json", **env)
    assert server.heard[0].headers["X-Amz-Security-Token"] == SESSION
    assert silent(done, SECRET, SESSION)


def test_a_model_of_aws_that_lies_in_the_home_shapes_no_question(cli, server):
    folder = cli.home / ".aws" / "models" / "sts" / "2099-01-01"
    folder.mkdir(parents=True)
    (folder / "service-2.json").write_text("CANARY")
    done = run(cli, server, "scan", "--live=aws", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert server.heard[0].body == b"Action=GetCallerIdentity&Version=2011-06-15"


def test_a_dry_run_says_all_and_asks_nothing(cli, server):
    done = run(cli, server, "scan", "--live", "--dry-run", ARMSLENGTH_GITHUB_URL="", ARMSLENGTH_AWS_URL="")
    told = done.stdout.decode()
    assert (done.returncode, server.heard) == (0, [])
    assert told.startswith("2 questions would be asked, and nothing was.\n")
    assert "GET https://api.github.com/user\n" in told
    assert "POST https://sts.us-east-1.amazonaws.com/\n" in told
    assert KEY_ID in told
    assert "at GH_TOKEN" in told
    assert silent(done, GITHUB, SECRET)
    listed = json.loads(run(cli, server, "scan", "--format", "json").stdout)["credentials"]
    assert all(each["id"] in told for each in listed)


def test_a_dry_run_says_what_would_not_be_asked_and_why(cli, server):
    done = run(
        cli, server, "scan", "--live", "--dry-run", GH_TOKEN="", AWS_ACCESS_KEY_ID="", GH_ENTERPRISE_TOKEN=GITHUB
    )
    told = done.stdout.decode()
    assert told.startswith("0 questions would be asked")
    assert "not asked: it is for a GitHub server that nothing here names" in told


def test_a_dry_run_without_anything_to_ask_about_says_so(cli):
    done = cli.run("scan", "--live", "--dry-run")
    assert (done.returncode, done.stdout) == (0, b"0 questions would be asked, and nothing was.\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--live=githb"], "did you mean github?"),
        (["--live=github,"], "there is no provider without a name"),
        (["--live=gitlab"], "known are github, aws, kubernetes, docker, local"),
        (["--live=local"], "--live=local names nobody to ask"),
        (["--keychain", "gx"], "did you mean gh?"),
        (["--keychain", "gh,nothing"], "no login in a keychain nothing"),
        (["--dry-run"], "write --live --dry-run"),
        (["--live", "--dry-run", "--format", "json"], "options of the report mean nothing"),
        (["--live", "--dry-run", "-o", "r.json"], "options of the report mean nothing"),
        (["--live", "--root", "/"], "credentials of another machine are not used"),
        (["--keychain", "gh", "--root", "/"], "credentials of another machine are not used"),
        (["--live", "--home", "{other}"], "credentials of another machine are not used"),
    ],
)
def test_what_cannot_be_asked_is_refused(cli, server, tmp_path, arguments, said):
    other = tmp_path / "other"
    other.mkdir()
    done = run(cli, server, "scan", *(each.format(other=other) for each in arguments))
    assert (done.returncode, done.stdout) == (2, b"")
    assert said in done.stderr.decode()
    assert server.heard == []


@pytest.mark.parametrize("url", ["https://api.github.com", "http://10.0.0.1", "http://ada:CANARY@localhost"])
def test_an_override_elsewhere_stops_the_run(cli, server, url):
    done = run(cli, server, "scan", "--live", ARMSLENGTH_GITHUB_URL=url)
    assert done.returncode == 2
    assert b"ARMSLENGTH_GITHUB_URL may only name this machine" in done.stderr
    assert b"CANARY" not in done.stderr


@pytest.mark.parametrize(
    "arguments", [["--live"], ["--live", "--dry-run"], ["--keychain", "gh"], ["--live", "--keychain", "gh"]]
)
@pytest.mark.parametrize("command", ["scan", "explain"])
def test_an_agent_may_neither_ask_nor_open(cli, server, command, arguments):
    if command == "explain":
        arguments = ["c-aaaa", *(each for each in arguments if each != "--dry-run")]
    cli.settle("")
    done = run(cli, server, command, *arguments, CLAUDECODE="1")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"is a person's to say" in done.stderr
    assert server.heard == []


@pytest.mark.parametrize("package", ["kubernetes", "docker"])
def test_a_missing_package_is_said_with_the_command_that_installs_it(cli, package):
    blocked = cli.home / "lib"
    blocked.mkdir()
    (blocked / "sitecustomize.py").write_text(
        "import importlib.util\nfound = importlib.util.find_spec\n"
        f"importlib.util.find_spec = lambda name, *rest: None if name == {package!r} else found(name, *rest)\n"
    )
    done = cli.run("scan", f"--live={package}")
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"--live={package} needs {package}, which is not installed" in done.stderr.decode()
    assert b"pip install 'armslength[live]'" in done.stderr


def test_a_missing_signer_is_said_with_the_command_that_installs_it(cli, server):
    blocked = cli.home / "lib"
    blocked.mkdir()
    (blocked / "sitecustomize.py").write_text(
        "import sys\nclass No:\n    def find_spec(self, name, *rest):\n"
        "        if name.partition('.')[0] == 'botocore':\n"
        "            raise ModuleNotFoundError(name)\nsys.meta_path.insert(0, No())\n"
        "import importlib.util\nfound = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name, *rest: None if name == 'botocore' else found(name, *rest)\n"
    )
    named = run(cli, server, "scan", "--live=aws")
    assert named.returncode == 2
    assert b"pip install 'armslength[live]'" in named.stderr
    every = run(cli, server, "scan", "--live", "--format", "json")
    assert "needs botocore: pip install 'armslength[live]'" in {gap["why"] for gap in json.loads(every.stdout)["gaps"]}
    assert [each.method for each in server.heard] == ["GET"]


def watched(cli, *arguments, **env):
    """A run that ends at once where it looks up a name or connects elsewhere."""
    (cli.home / "watch.py").write_text(WATCH)
    paths = os.pathsep.join([os.getcwd(), *(each for each in sys.path if each)])
    return subprocess.run(
        [sys.executable, str(cli.home / "watch.py"), *arguments],
        env={**cli.variables(**env), "PYTHONPATH": paths},
        cwd=cli.home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_no_other_machine_is_contacted_and_no_name_looked_up(cli, server):
    overrides = {"ARMSLENGTH_GITHUB_URL": server.url, "ARMSLENGTH_AWS_URL": server.url}
    arguments = ("scan", "--live", "--format", "json")
    done = watched(cli, *arguments, **ENVIRONMENT, **overrides)
    assert done.returncode == 0, done.stderr
    assert len(server.heard) == 2
    elsewhere = watched(cli, *arguments, **ENVIRONMENT, **{**overrides, "ARMSLENGTH_GITHUB_URL": ""})
    assert elsewhere.returncode == 97


@pytest.fixture
def api(cli, tmp_path):
    """A cluster that the home's kubeconfig leads to, with one token."""
    pytest.importorskip("kubernetes", reason="kubernetes is not installed")
    authority = Authority()
    with cluster(authority.server(tmp_path)) as told:
        told.tokens[KUBE] = User("system:serviceaccount:billing:builder", ("system:masters",))
        folder = cli.home / ".kube"
        folder.mkdir()
        (folder / "config").write_text(
            "apiVersion: v1\nkind: Config\ncurrent-context: kind-billing\n"
            f"clusters:\n- name: c\n  cluster: {{server: '{told.server.url}', "
            f"certificate-authority-data: {authority.data}}}\n"
            "contexts:\n- name: kind-billing\n  context: {cluster: c, user: u, namespace: billing}\n"
            f"users:\n- name: u\n  user: {{token: {KUBE}}}\n"
        )
        yield told


def test_a_cluster_is_asked_and_nobody_else_is(cli, api):
    done = watched(cli, "scan", "--live=kubernetes,local", "--format", "json", "-v")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    [credential] = report["credentials"]
    assert (credential["state"], report["scan"]["asked"]) == ("live", ["kubernetes"])
    named = {each["id"]: each["name"] for each in report["identities"]}
    assert named[credential["identity"]] == "system:serviceaccount:billing:builder"
    assert "verified" in {each["confidence"] for each in report["exposures"]}
    assert f"asked POST {api.server.url}/apis/authentication.k8s.io" in done.stderr.decode()
    assert silent(done, KUBE)
    assert len(api.server.heard) == 3


@pytest.mark.parametrize("option", ["--live", "--live=kubernetes"])
def test_a_cluster_of_this_machine_is_left_alone_without_the_word_local(cli, api, option):
    done = watched(cli, "scan", option, "--format", "json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert "--live names no local" in " ".join(gap["why"] for gap in report["gaps"])
    assert (report["scan"]["asked"], api.server.heard) == ([], [])


def test_a_dry_run_lists_every_request_to_a_cluster(cli, api):
    done = watched(cli, "scan", "--live=kubernetes,local", "--dry-run")
    told = done.stdout.decode()
    assert told.startswith("3 questions would be asked, and nothing was.\n")
    assert f"POST {api.server.url}/apis/authentication.k8s.io/v1/selfsubjectreviews\n" in told
    assert told.count(f"POST {api.server.url}/apis/authorization.k8s.io/v1/selfsubjectrulesreviews\n") == 2
    assert '"spec":{"namespace":"billing"}' in told
    assert silent(done, KUBE)
    assert api.server.heard == []


def test_what_goes_wrong_is_a_gap_without_a_word_of_the_answer(cli, server):
    server.on("GET", "/user", 500, body="CANARY " + GITHUB)
    server.on("POST", "/", 500, body="CANARY " + SECRET)
    done = run(cli, server, "scan", "--live", "--format", "json", "-v")
    assert done.returncode == 3
    assert {gap["why"] for gap in json.loads(done.stdout)["gaps"]} == {"an answer that is none (500)"}
    assert b"CANARY" not in done.stdout + done.stderr
    assert silent(done, GITHUB, SECRET)
