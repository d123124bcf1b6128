"""Which rules amount to a shell: the table's own examples, and laws that no wording of a rule may break."""

from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scanner.data import shells
from scanner.data.shells import Met, Shell, Usage, shell_of
from scanner.model import Command

ROWS = shells.rows()


def command(text: str) -> Command:
    """The pattern as the table writes it: one that ends with " ..." is open."""
    return Command(text.removesuffix(" ..."), open=text.endswith(" ..."))


def judged(text: str) -> Shell | None:
    return shell_of(command(text))


def cases(field: str) -> list[tuple[str, bool]]:
    return sorted({(text, isinstance(row, Usage) and row.edited) for row in ROWS for text in getattr(row, field)})


@pytest.mark.parametrize(("text", "edited"), cases("examples"))
def test_an_example_of_the_table_is_a_shell(text, edited):
    found = judged(text)
    assert found is not None
    assert found.why
    assert edited or not found.edited or any(text in row.examples for row in ROWS if not isinstance(row, Usage))


@pytest.mark.parametrize("text", sorted({text for text, _ in cases("harmless")}))
def test_a_harmless_pattern_of_the_table_is_none(text):
    assert judged(text) is None


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.programs[0])
def test_each_row_says_why_and_shows_what_it_catches(row):
    assert row.why[0].islower() or row.why.split()[0] in {"PowerShell", "Python", "Node", "Java"}
    assert not row.why.endswith(".")
    assert row.examples
    assert len(row.programs) == len(set(row.programs))
    assert all(program == program.casefold() for program in row.programs)


@pytest.mark.parametrize("program", sorted({name for row in ROWS for name in row.programs}))
def test_a_rule_for_a_program_with_anything_behind_it_is_a_shell(program):
    assert shell_of(Command(program, open=True)) is not None
    assert shell_of(Command(f"{program} *")) is not None


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "* --help",
        "./scripts/*",
        "~/bin/*",
        "/usr/bin/*",
        "FOO=*",
        "FOO=* git status",
        " ...",
        '"C:\\Program Files\\*"',
    ],
)
def test_a_wildcard_in_the_place_of_the_program_is_a_shell(text):
    found = judged(text)
    assert found is not None
    assert not found.edited


@pytest.mark.parametrize(
    "text", ["./run.sh", "scripts/deploy *", "~/bin/x ...", "../a/b.py", "build.cmd", "tools\\x.exe y"]
)
def test_a_script_is_a_shell_only_for_whoever_writes_it(text):
    found = judged(text)
    assert found is not None
    assert found.edited


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ls",
        "ls *",
        "cat ...",
        "echo *",
        "cp *",
        "mv *",
        "tee *",
        "dd *",
        "jq *",
        "grep *",
        "head ...",
        "curl *",
        "aws *",
        "kubectl exec *",
        "kubectl get ...",
        "gcloud *",
        "az ...",
        "mkdir *",
        "/usr/bin/ls *",
        "FOO=1",
        "wc *",
        "ls*",
    ],
)
def test_what_reads_or_writes_or_acts_elsewhere_is_none(text):
    assert judged(text) is None


@pytest.mark.parametrize(
    ("free", "edited"),
    [
        ("python *", "python scripts/x.py *"),
        ("npm *", "npm test"),
        ("git bisect run *", "git bisect run ./t.sh"),
        ("make *", "make all"),
    ],
)
def test_what_is_left_open_and_what_can_be_rewritten_differ(free, edited):
    assert judged(free) is not None
    assert judged(edited) is not None
    assert not judged(free).edited
    assert judged(edited).edited


def test_the_program_is_the_one_behind_its_wrappers():
    assert judged("sudo env FOO=1 timeout 5 python3 -c *") == judged("python -c *")
    assert judged("nice -n 5 xargs -n 1 pytest").edited
    assert judged("sudo timeout 5 git status *") is None


WORDS = st.sampled_from(
    [
        "git",
        "python3",
        "sudo",
        "timeout",
        "5",
        "-c",
        "-n",
        "*",
        "find",
        ".",
        "-exec",
        "npm",
        "run",
        "x",
        "env",
        "A=1",
        "A=*",
        "'a",
        '"b*"',
        "./s.sh",
        "status",
        "push",
        "--",
        "xargs",
        "sh",
        "p*",
        "C:\\a.exe",
        "docker",
        "compose",
        "up",
        "é",
        "watch",
    ]
)
TEXTS = st.lists(WORDS, max_size=8).map(" ".join)


@given(TEXTS)
def test_opening_a_rule_never_makes_it_less_of_a_shell(text):
    closed = shell_of(Command(text))
    opened = shell_of(Command(text, open=True))
    assert closed is None or opened is not None
    assert closed is None or closed.edited or not opened.edited


@example("'a b* 'c")
@given(TEXTS)
def test_a_rule_of_its_first_words_is_a_shell_where_it_is(text):
    words = text.split()
    if shell_of(Command(text, open=True)) is not None:
        for end in range(len(words)):
            assert shell_of(Command(" ".join(words[:end]), open=True)) is not None


@given(TEXTS, st.integers(0, 40))
def test_a_wildcard_in_place_of_some_words_never_makes_it_less_of_a_shell(text, number):
    words = text.split()
    at = number % (len(words) + 1)
    if shell_of(Command(text)) is not None:
        assert shell_of(Command(" ".join([*words[:at], "*", *words[at + 1 :]]))) is not None


@given(st.text(alphabet=st.sampled_from("ab*= \"'\\/-.\n\x00gitsudo\ud800")) | st.text(), st.booleans())
def test_no_text_makes_it_raise(text, opened):
    shell_of(Command(text, open=opened))


@pytest.mark.parametrize(
    "text",
    [
        "*" * 100_000,
        "sudo " * 50_000,
        "a" * 1_000_000,
        "p" + "*" * 500,
        "git " + "-c " * 9000,
        "A=1 " * 9000,
        '"' * 9999,
        "e* " * 9000,
        "timeout -s " * 9000,
        "find " + "-exec * " * 5000,
    ],
    ids=range(10),
)
def test_no_text_makes_it_slow(text):
    shell_of(Command("git status"))
    start = process_time()
    shell_of(Command(text))
    assert process_time() - start < 2


def test_the_judgement_of_a_rule_names_the_program_and_how():
    found = judged("/opt/homebrew/bin/python3.12 -c *")
    assert found == Shell("python", "an interpreter runs the text or file that it is given, or what comes in")


USAGES = sorted({usage for row in ROWS if isinstance(row, Usage) for usage in row.usages})
TAILS = ("", " ps", " run x", " -x", " x*", " *", " r'n", " 'a b'", ' "a', " run*", " -c", " exec -it", "run", " ...")


@pytest.mark.parametrize("opened", [True, False])
def test_to_ask_the_first_word_before_changes_no_answer(opened, monkeypatch):
    asked = {(usage, tail): Met(usage, "why").meets(tail, opened) for usage in USAGES for tail in TAILS}
    monkeypatch.setattr(shells, "_may_begin", lambda usage, tail: True)
    assert asked == {(usage, tail): Met(usage, "why").meets(tail, opened) for usage, tail in asked}
