"""Histories of shells: which programs are told of them, when, and that nothing else of a line ever is."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.uses import shells
from probes.uses.look import history
from scanner.data.records import table
from scanner.model import Gap, GapKind, Platform, UseKind, UseSeen
from scanner.testing import FakeFile, FakeHost, observe
from scanner.tokens import token

CANARY = "CANARY-CANARY-CANARY"
WHEN = 1795168800
AT = datetime.fromtimestamp(WHEN, UTC)

ZSH, BASH, FISH = "~/.zsh_history", "~/.bash_history", "~/.local/share/fish/fish_history"
POWERSHELL = "~/.local/share/powershell/PSReadLine/ConsoleHost_history.txt"
NUSHELL = "~/.config/nushell/history.txt"


def told(text, path=BASH, **more):
    """What a history tells: the names, how often, and when last."""
    seen = observe(history, FakeHost(files={path: text}, **more))
    return {each.subject: (each.count, each.last) for each in seen if isinstance(each, UseSeen)}


LINES = {
    "git push origin main": ["git push"],
    "gh pr create --title x": ["gh pr create"],
    "kubectl get pods -n shop": ["kubectl get pods"],
    "terraform apply -auto-approve": ["terraform apply"],
    "psql -h db.example.com": ["psql"],
    "ssh ada@db.example.com": ["ssh"],
    "cd src && sudo kubectl delete pod x | tee log": ["kubectl delete pod"],
    "/usr/local/bin/kubectl get pods": ["kubectl get pods"],
    "kubectl.exe get pods": ["kubectl get pods"],
    "AWS_PROFILE=prod aws s3 ls": ["aws s3 ls"],
    "for x in a b; do kubectl apply -f $x; done": ["kubectl apply"],
    # which login was meant is not told, but that one was
    "kubectl --context prod delete pod x": ["kubectl delete pod --context *"],
    "helm --kube-context=prod upgrade web .": ["helm upgrade --kube-context *"],
    "aws --profile prod s3 rm s3://x": ["aws s3 rm --profile *"],
    # an operation is told by the known word that it begins with, and by none where that says nothing
    "aws ec2 describe-instances": ["aws ec2 describe"],
    "aws ec2 terminate-instances": ["aws ec2"],
    # what needs no login, and what is no program that is known
    "git status": [],
    "git commit -m 'kubectl delete'": [],
    "ls -l; vim x; cd kubectl": [],
    "echo git push": [],
    "hunter2": [],
    "kubectl-hunter2 get": [],
    "# git push": [],
}


@pytest.mark.parametrize("line", sorted(LINES))
def test_a_line_is_told_by_the_programs_that_act_with_a_login(line):
    assert list(told(f"{line}\n")) == LINES[line]


PUSHED, GOT, APPLIED = ("git push", (1, AT)), ("kubectl get", (1, AT)), ("terraform apply", (1, None))
EVERY = {
    "bash without times": (BASH, "git push\nls\n", {"git push": (1, None)}),
    "bash with times": (BASH, f"#{WHEN}\ngit push\n#{WHEN}\nls\n", dict([PUSHED])),
    "bash, a command of several lines": (
        BASH,
        f"#{WHEN}\ngit commit -m 'a\ngit push\nb' && git push\n",
        dict([PUSHED]),
    ),
    "bash, what is fed to a command": (BASH, "cat <<EOF\ngit push\nEOF\nkubectl get\n", {"kubectl get": (1, None)}),
    "bash, a backslash": (BASH, "kubectl \\\n  get\n", {"kubectl get": (1, None)}),
    "bash, a quote that never ends": (BASH, "echo 'a\nterraform apply\n", dict([APPLIED])),
    "bash, a word that is fed": (BASH, "cat <<<git\nterraform apply\n", dict([APPLIED])),
    "zsh, a backslash": (ZSH, "terraform \\\\\\\\\n apply\n", dict([APPLIED])),
    "zsh with times": (ZSH, f": {WHEN}:0;git push\n: {WHEN}:12;kubectl get\n", dict([PUSHED, GOT])),
    "zsh without times": (ZSH, "terraform apply\n", dict([APPLIED])),
    "zsh, a command of several lines": (ZSH, f": {WHEN}:0;echo x \\\n&& git push\n: {WHEN}:0;ls\n", dict([PUSHED])),
    "zsh, turned bytes": (ZSH, f": {WHEN}:0;echo ".encode() + b"\xe3\x83\xa3\x80" + b" && git push\n", dict([PUSHED])),
    "zsh by another name": ("~/.histfile", "terraform apply\n", dict([APPLIED])),
    "fish": (
        FISH,
        f"- cmd: git push\n  when: {WHEN}\n  paths:\n    - git\n"
        f"- cmd: echo x\\nkubectl get\n  when: {WHEN}\n- cmd: ls\n",
        dict([PUSHED]) | {"kubectl get": (1, AT)},
    ),
    "fish without times": (FISH, "- cmd: git push\n- cmd: terraform apply", {"git push": (1, None), **dict([APPLIED])}),
    "PowerShell": (POWERSHELL, "git push\r\nkubectl `\r\nget\r\n", {"git push": (1, None), "kubectl get": (1, None)}),
    "Nushell": (NUSHELL, "echo x<\\n>terraform apply\n", dict([APPLIED])),
}


@pytest.mark.parametrize("case", sorted(EVERY))
def test_each_shell_is_read_as_it_writes(case):
    path, text, expected = EVERY[case]
    assert told(text, path) == expected


def test_every_format_of_the_table_has_a_reader():
    assert {row.format for row in table().histories} == set(shells.READERS)


def test_a_history_that_a_variable_names_is_read_once():
    files = {BASH: "git push\n", "/srv/history": "kubectl get\n"}
    for named, count in (
        ("/home/ada/.bash_history", {"git push": 1}),
        ("/srv/history", {"git push": 1, "kubectl get": 1}),
    ):
        seen = observe(history, FakeHost(files=files, env={"HISTFILE": named}))
        assert {each.subject: each.count for each in seen} == count


def test_uses_add_up_and_the_last_is_told():
    text = "".join(f": {WHEN - day * 86400}:0;git push\n" for day in (3, 1, 2))
    [seen] = observe(history, FakeHost(files={ZSH: text}))
    assert (seen.count, seen.last.day, seen.first.day) == (3, 19, 17)
    assert (seen.agent, seen.how, seen.what) == ("", "you, in zsh", UseKind.COMMAND)


@pytest.mark.parametrize("when", ["0", "99999999999", "1000000000", "1893456000"])
def test_a_moment_that_cannot_be_is_not_told(when):
    assert told(f": {when}:0;git push\n", ZSH) == {"git push": (1, None)}


def test_of_a_long_history_the_newest_lines_count():
    text = "kubectl get\n" + "ls\n" * shells.LINES + "git push\n"
    assert list(told(text)) == ["git push"]


def test_what_a_large_history_holds_beyond_its_limit_is_told():
    limit = table().bounds.file
    seen = observe(history, FakeHost(files={BASH: "git push\n" + "x" * limit}))
    [note] = [each for each in seen if each.what is UseKind.RECORDS]
    assert "larger than 16 MiB" in note.how


def test_a_locked_history_is_a_gap_and_the_next_is_still_read():
    seen = observe(history, FakeHost(files={BASH: FakeFile(None), ZSH: "git push\n"}))
    assert [each.kind for each in seen if isinstance(each, Gap)] == [GapKind.REFUSED]
    assert [each.subject for each in seen if isinstance(each, UseSeen)] == ["git push"]


def test_a_machine_without_histories_says_nothing():
    assert observe(history, FakeHost()) == []


@pytest.mark.parametrize("platform", sorted(Platform))
def test_histories_are_found_on_every_platform(platform):
    path = "~/AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt"
    path = path if platform is Platform.WINDOWS else BASH
    assert [each.subject for each in observe(history, FakeHost(platform, {path: "git push\n"}))] == ["git push"]


SECRETIVE = [
    CANARY,
    f"{CANARY} push",
    f"git {CANARY} push",
    f"git push https://ada:{CANARY}@git.example.com",
    f"export TOKEN={CANARY} && git push",
    f"kubectl --context canary --token {CANARY} get secret canary",
    "aws --profile canary sts canary-word",
    "aws canary describe-canary",
    "aws s3api put-canary",
    f"psql postgresql://ada:{CANARY}@db.example.com/x",
    "ssh canary@canary.example.com canary",
    f"vault kv put secret/x password={CANARY}",
    "gcloud --project canary-project compute ssh canary",
    "helm -n canary install canary",
    "gh secret set CANARY --body canary",
    f"curl -u ada:{CANARY} https://canary.example.com",
    "git push 'canary",
    "terraform apply <<EOF\ncanary\nEOF",
]


@pytest.mark.parametrize("line", SECRETIVE)
@pytest.mark.parametrize("path", [BASH, ZSH, FISH, POWERSHELL, NUSHELL])
def test_no_argument_is_told(line, path):
    text = f"- cmd: {line}\n" if path == FISH else f"{line}\n"
    assert "canary" not in repr(observe(history, FakeHost(files={path: text}))).casefold()


def test_a_token_that_was_typed_as_a_command_is_not_told():
    secret = token("github-classic", "typed")
    assert told(f"{secret}\n{secret}\ngit push\n") == {"git push": (1, None)}


SHREDS = st.sampled_from(
    [
        *["git push", "kubectl ", "aws ", "s3 ", "describe-", "terraform apply", "sudo ", "bash -c ", "env ", "-c "],
        *[
            "--context ",
            "--profile=",
            "-n ",
            "'",
            '"',
            "$(",
            ")",
            "`",
            "\\",
            "\n",
            "\r\n",
            ";",
            "|",
            "<<EOF",
            "EOF",
            "#",
        ],
        *[
            "#1795168800\n",
            ": 1795168800:0;",
            ": 1:",
            "- cmd: ",
            "  when: 1",
            "<\\n>",
            "\x83",
            "\0",
            "é",
            "\ud800",
            " ",
        ],
        *[CANARY, "canary", "canary-word", "CANARY=", "=", "/", "~"],
    ]
)


@example(f": 1795168800:0;{CANARY}\\\n", ZSH)
@example("kubectl --context canary", FISH)
@given(st.lists(SHREDS, max_size=30).map("".join), st.sampled_from([BASH, ZSH, FISH, POWERSHELL, NUSHELL]))
def test_no_history_breaks_it_and_no_value_leaves_it(text, path):
    data = text.encode("utf-8", "surrogatepass")
    assert "canary" not in repr(observe(history, FakeHost(files={path: data}))).casefold()


@given(st.lists(SHREDS, max_size=30).map("".join))
def test_only_words_of_the_tables_are_told(text):
    words = shells.acting() | shells.commands.known_words() | {*shells.NAMED, shells.UNTOLD}
    for subject in shells.subjects(text):
        assert set(subject.split(" ")) <= words | set(shells.verbs().words)


@pytest.mark.parametrize("part", ["git push '", "<<EOF ", "(", "\\\n", "`\n", "#1\n", ": 1:0;", "$(", "\x83", "git "])
def test_a_long_history_takes_no_time(part):
    told(part * 30_000, ZSH)
