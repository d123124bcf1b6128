"""Secrets in the environment: of the launch, of running agents, and of the Windows user."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.environment import environment
from scanner.host import Process
from scanner.model import CredentialSeen, Evidence, Gap, GapKind, Hint, Platform
from scanner.testing import FakeHost, observe
from scanner.tokens import token

GITHUB = token("github-classic", "seed")


@pytest.mark.parametrize("platform", Platform)
def test_a_secret_in_the_launch_environment_is_one_observation(platform):
    host = FakeHost(platform, env={"GITHUB_TOKEN": GITHUB, "PATH": "/usr/bin", "LANG": "C"})
    [seen] = observe(environment, host)
    assert seen.kind == "github.classic-token"
    assert seen.evidence == Evidence(variable="GITHUB_TOKEN")
    assert GITHUB not in repr(seen)


def test_a_running_agent_is_read_and_other_programs_are_not():
    host = FakeHost(
        processes=[
            Process(12, 1, "claude"),
            Process(13, 1, "postgres"),
            Process(14, 1, "codex", mine=False),
            Process(15, 1, "node", ("node", "/usr/bin/gemini")),
        ],
        environments={pid: {"GITHUB_TOKEN": GITHUB} for pid in (12, 13, 14, 15)},
    )
    claude, gemini = observe(environment, host)
    assert claude.evidence == Evidence(process="claude (pid 12)", key="GITHUB_TOKEN")
    assert gemini.evidence == Evidence(process="node (pid 15)", key="GITHUB_TOKEN")
    assert GITHUB not in repr([claude, gemini])


def test_a_secret_that_agent_and_launch_share_has_one_fingerprint():
    host = FakeHost(
        env={"GH_TOKEN": GITHUB}, processes=[Process(12, 1, "claude")], environments={12: {"GH_TOKEN": GITHUB}}
    )
    launch, agent = observe(environment, host)
    assert launch.secret.fingerprint == agent.secret.fingerprint is not None


def test_a_process_that_may_not_be_read_is_a_gap_and_the_next_is_still_read():
    host = FakeHost(
        processes=[Process(12, 1, "claude"), Process(13, 1, "codex")],
        environments={12: None, 13: {"GITHUB_TOKEN": GITHUB}},
    )
    locked, seen = observe(environment, host)
    assert isinstance(locked, Gap)
    assert locked.kind is GapKind.REFUSED
    assert seen.evidence.process == "codex (pid 13)"


def test_the_lasting_variables_of_a_windows_user_are_read():
    host = FakeHost(Platform.WINDOWS, registry={"HKCU/Environment": {"npm_token": token("npm", "seed")}})
    [seen] = observe(environment, host)
    assert seen.kind == "npm.token"
    assert seen.evidence == Evidence(variable="npm_token", key="HKCU/Environment")


def test_a_stage_in_the_environment_is_a_hint():
    [seen] = observe(environment, FakeHost(env={"APP_ENV": "staging", "DB_PASSWORD": "CANARY"}))
    assert Hint("variable APP_ENV", "staging") in seen.grants[0].asset.hints
    assert "CANARY" not in repr(seen)


def test_ordinary_variables_are_silent():
    env = {
        "SSH_AUTH_SOCK": "/tmp/ssh/agent",
        "GPG_AGENT_INFO": "/run/gpg:0:1",
        "XDG_SESSION_ID": "2",
        "TOKENIZERS_PARALLELISM": "false",
        "GOOGLE_APPLICATION_CREDENTIALS": "/home/ada/key.json",
        "KUBECONFIG": "/home/ada/.kube/config",
        "AWS_PROFILE": "prod",
        "LS_COLORS": "rs=0:di=01;34",
        "DATABASE_URL": "postgres://localhost/app",
    }
    assert observe(environment, FakeHost(env=env)) == []


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=60), max_size=5))
def test_no_environment_breaks_it(env):
    for seen in observe(environment, FakeHost(env=env)):
        assert isinstance(seen, CredentialSeen | Gap)
