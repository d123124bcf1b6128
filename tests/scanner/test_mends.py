"""Mends are real commands with values that the machine's own shell takes for one word each."""

import re
import shutil
import subprocess
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from scanner.data.kinds import kinds
from scanner.graph import CredentialNode
from scanner.mends import LABELS, PLACEHOLDER, PLACEHOLDERS, mend_of, quoted, quoted_path
from scanner.model import (
    OPEN,
    CredentialState,
    Evidence,
    Fix,
    Identity,
    Lifetime,
    Platform,
    Protection,
)
from scanner.testing import HOMES, fake_machine

MENDS = sorted((kind.id, mend.run) for kind in kinds().values() for mend in kind.mend)
SH = shutil.which("sh")
# Each program that a mend names, and where its own documentation says so.
PROGRAMS = {
    "atlas": "MongoDB Atlas CLI",
    "aws": "AWS CLI; logout since 2.32",
    "az": "Azure CLI; devops is an extension of it",
    "azd": "Azure Developer CLI",
    "bw": "Bitwarden CLI",
    "cargo": "Cargo",
    "claude": "Claude Code",
    "codex": "Codex CLI",
    "docker": "Docker CLI",
    "dockerd-rootless-setuptool.sh": "Docker's package docker-ce-rootless-extras",
    "doppler": "Doppler CLI",
    "firebase": "Firebase CLI",
    "fly": "flyctl",
    "gcloud": "Google Cloud CLI",
    "gem": "RubyGems",
    "gh": "GitHub CLI; --user since 2.40",
    "git": "git",
    "glab": "GitLab CLI",
    "gpgconf": "GnuPG",
    "helm": "Helm",
    "heroku": "Heroku CLI",
    "hf": "Hugging Face CLI",
    "ibmcloud": "IBM Cloud CLI",
    "kubectl": "kubectl",
    "kubelogin": "Azure's kubelogin",
    "mix": "Hex",
    "netlify": "Netlify CLI",
    "npm": "npm",
    "oc": "OpenShift CLI",
    "op": "1Password CLI",
    "podman": "Podman",
    "pulumi": "Pulumi CLI",
    "puttygen": "PuTTY for Unix",
    "railway": "Railway CLI",
    "rm": "POSIX; in PowerShell on Windows an alias of Remove-Item",
    "security": "macOS",
    "serverless": "Serverless Framework",
    "snyk": "Snyk CLI",
    "ssh": "OpenSSH",
    "ssh-add": "OpenSSH",
    "ssh-keygen": "OpenSSH",
    "stripe": "Stripe CLI",
    "sudo": "sudo",
    "supabase": "Supabase CLI",
    "terraform": "Terraform",
    "tsh": "Teleport",
    "vault": "Vault",
    "vercel": "Vercel CLI",
    "wrangler": "Wrangler",
}


def node(kind: str, *locations: Evidence, names: tuple[str, ...] = (), public_id: str | None = None) -> CredentialNode:
    known = kinds()[kind]
    return CredentialNode(
        *("c-1", kind, known.title, public_id, None, None, names, Lifetime(), Protection.PLAINTEXT),
        *(CredentialState.UNTESTED, OPEN, "", known.why, known.narrow, locations, None),
    )


def lying(platform: Platform, path: str) -> Evidence:
    home = HOMES[platform]
    return Evidence(home / path.removeprefix("~/") if path.startswith("~/") else type(home)(path), 3)


def mended(platform: Platform, kind: str, path: str, **told: object) -> tuple[str, ...]:
    return mend_of(node(kind, lying(platform, path), **told), fake_machine(platform)).commands


@pytest.mark.parametrize(("kind", "run"), MENDS)
def test_a_mend_has_known_placeholders_and_names_a_program_that_exists(kind, run):
    assert set(PLACEHOLDER.findall(run)) <= PLACEHOLDERS | LABELS.keys()
    assert "{" not in PLACEHOLDER.sub("", run)
    assert run.split()[0] in PROGRAMS
    # A value stands as a word of its own, where ~/ is expanded too.
    assert all(PLACEHOLDER.fullmatch(word) for word in run.split() if "{" in word)
    assert not re.search(r"[\"'$`;|&<>\\]", run)


def test_each_program_of_the_table_is_named_by_a_mend():
    assert {run.split()[0] for _, run in MENDS} == PROGRAMS.keys()


def test_a_kind_without_a_command_is_told_in_words_alone():
    assert mend_of(node("stripe.test-key"), fake_machine()) == Fix(kinds()["stripe.test-key"].narrow)


def test_a_static_key_is_replaced_first_and_deleted_after():
    found = mended(Platform.LINUX, "aws.access-key", "~/.aws/credentials", public_id="AKIAEXAMPLE")
    assert found == ("aws configure sso", "aws iam delete-access-key --access-key-id AKIAEXAMPLE")


def test_a_command_whose_value_is_not_known_is_left_out():
    assert mended(Platform.LINUX, "aws.access-key", "~/.aws/credentials") == ("aws configure sso",)
    assert mended(Platform.LINUX, "handle.ssh-control-socket", "~/.ssh/s", names=("two words",)) == ()


def test_a_key_gets_a_passphrase_only_where_it_has_none():
    key = node("ssh.private-key", lying(Platform.LINUX, "~/.ssh/id ed"))
    assert mend_of(key, fake_machine()).commands == ("ssh-keygen -p -f ~/'.ssh/id ed'",)
    assert mend_of(replace(key, protection=Protection.ENCRYPTED), fake_machine()).commands == ()
    assert mended(Platform.LINUX, "ssh.private-key", "~/k.ppk") == ("puttygen ~/k.ppk -P",)


def test_a_sign_in_is_ended_by_the_program_that_keeps_it_and_by_no_other():
    who = Identity("github", "github.com", "ada")
    kept = node(
        "github.oauth-token", lying(Platform.LINUX, "~/src/.env"), lying(Platform.LINUX, "~/.config/gh/hosts.yml")
    )
    assert mend_of(kept, fake_machine(), who).commands == ("gh auth logout --hostname github.com --user ada",)
    stray = node("github.oauth-token", lying(Platform.LINUX, "~/src/.env"))
    assert mend_of(stray, fake_machine(), who).commands == ()
    hub = node("docker.password", lying(Platform.LINUX, "~/.docker/config.json"))
    told = mend_of(hub, fake_machine(), Identity("docker", "docker.io", "ada")).commands
    assert told == ("docker logout https://index.docker.io/v1/",)


def test_a_group_is_left_by_a_command_of_linux_alone():
    held = node("handle.container-group", Evidence(process="groups of this user"), public_id="docker")
    assert mend_of(held, fake_machine()).commands == (f"sudo gpasswd -d {fake_machine().user} docker",)
    assert mend_of(held, fake_machine(Platform.MACOS)).commands == ()


@pytest.mark.parametrize(
    ("platform", "command"),
    [
        (Platform.LINUX, "unset A_KEY B_KEY"),
        (Platform.MACOS, "unset A_KEY B_KEY"),
        (Platform.WINDOWS, "Remove-Item Env:A_KEY"),
    ],
)
def test_what_lies_in_variables_alone_is_taken_from_this_shell(platform, command):
    held = node("stripe.live-key", Evidence(variable="A_KEY"), Evidence(variable="B_KEY"), Evidence(variable="A_KEY"))
    assert mend_of(held, fake_machine(platform)).commands[0] == command


@pytest.mark.parametrize("name", ["A;ls", "A B", "$(x)", "1A", "A\n"])
def test_a_variable_of_a_strange_name_gets_no_command(name):
    assert mend_of(node("stripe.live-key", Evidence(variable=name)), fake_machine()).commands == ()


def test_windows_paths_are_quoted_for_powershell():
    machine = fake_machine(Platform.WINDOWS)
    home = HOMES[Platform.WINDOWS]
    assert quoted_path(home / ".ssh" / "id_$x", machine) == '"$HOME\\.ssh\\id_`$x"'
    assert quoted_path(PureWindowsPath("D:\\it's\\\u2018k"), machine) == "'D:\\it''s\\\u2018\u2018k'"
    assert quoted('a"b', Platform.WINDOWS) is None


@pytest.mark.parametrize("value", ["", "-rf", "a\nb", "a\x1b[0m", "\u202egpj", "a\x00b", "\udc80"])
@pytest.mark.parametrize("platform", Platform)
def test_a_value_that_no_command_should_hold_is_refused(value, platform):
    assert quoted(value, platform) is None
    assert mend_of(node("aws.access-key", public_id=value), fake_machine(platform)).commands == ("aws configure sso",)


SHREDS = st.lists(
    st.sampled_from(["a", " ", "'", '"', "$", "`", "\\", "~", "*", "(", ";", "é", "=", "!", "#", "-", "{path}"])
)
VALUES = SHREDS.map("".join).filter(lambda text: text and not text.startswith("-"))


def said(word: str) -> str:
    """What the real shell hands to a program for a word."""
    environment = {"HOME": str(HOMES[Platform.LINUX]), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([SH, "-c", f"printf %s {word}"], capture_output=True, check=True, env=environment)
    return done.stdout.decode()


@pytest.mark.skipif(SH is None, reason="needs sh")
@settings(max_examples=40)
@example("~/x")
@example("'$(id)'")
@given(VALUES)
def test_the_shell_takes_a_quoted_value_for_one_word(value):
    word = quoted(value, Platform.LINUX)
    assert said(word) == value


@pytest.mark.skipif(SH is None, reason="needs sh")
@settings(max_examples=40)
@example("~")
@given(VALUES.filter(lambda text: "/" not in text))
def test_the_shell_finds_a_quoted_path_below_the_home_and_elsewhere(name):
    machine = fake_machine()
    assert said(quoted_path(HOMES[Platform.LINUX] / name, machine)) == str(HOMES[Platform.LINUX] / name)
    assert said(quoted_path(PurePosixPath("/srv") / name, machine)) == f"/srv/{name}"


@given(VALUES, st.sampled_from(Platform))
def test_a_hostile_name_stays_one_word_of_its_command(value, platform):
    held = node("aws.access-key", public_id=value)
    word = quoted(value, platform)
    for command in mend_of(held, fake_machine(platform)).commands[1:]:
        assert command == f"aws iam delete-access-key --access-key-id {word}"
