"""Continue: what its command line and its extension do unasked."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scanner.host import FileKind, Process
from scanner.model import Autonomy, Gate
from scanner.testing import FakeFile
from tests.probes.agent_cases import (
    ASKED,
    CALL,
    CONNECT,
    EXECUTE,
    FREE,
    HOME,
    MOSTLY_ASKED,
    READ,
    REFUSED,
    TAKEN,
    WORK,
    WRITE,
    Found,
)

AGENT = "continue"
FILE = "~/.continue/permissions.yaml"


def look(text="", **more):
    return Found(AGENT, {FILE: text}, **more)


def lists(**told):
    return "".join(f"{name}:\n" + "".join(f"  - '{each}'\n" for each in entries) for name, entries in told.items())


RULES = [
    pytest.param("", READ, f"{HOME}/.aws/credentials", FREE, id="files are read unasked"),
    pytest.param("", CONNECT, "a.example", FREE, id="addresses are fetched unasked"),
    pytest.param("", WRITE, f"{WORK}/a", ASKED, id="changes are asked for"),
    pytest.param("", EXECUTE, "ls", ASKED, id="commands are asked for"),
    pytest.param("", CALL, "a/b", ASKED, id="tools of servers are asked for"),
    pytest.param(lists(allow=["Bash"]), EXECUTE, "x", FREE, id="a tool"),
    pytest.param(lists(allow=["Bash(git status)"]), EXECUTE, "git status", FREE, id="a command"),
    pytest.param(lists(allow=["Bash(git status)"]), EXECUTE, "git status -s", ASKED, id="and no more of it"),
    pytest.param(lists(allow=["Bash(git *)"]), EXECUTE, "git log", FREE, id="a glob"),
    pytest.param(lists(allow=["Bash(ls ?)"]), EXECUTE, "ls a", TAKEN, id="one sign is not told"),
    pytest.param(lists(allow=["*"]), EXECUTE, "x", FREE, id="all tools"),
    pytest.param(lists(allow=["B*"]), EXECUTE, "x", FREE, id="tools by a glob"),
    pytest.param(lists(exclude=["Bash"], allow=["Bash"]), EXECUTE, "x", REFUSED, id="exclude comes first"),
    pytest.param(
        lists(allow=["Bash"], exclude=["Bash(rm *)"]), EXECUTE, "rm a", REFUSED, id="in whatever order they stand"
    ),
    pytest.param(lists(ask=["Read"]), READ, f"{WORK}/a", ASKED, id="ask for reading"),
    pytest.param(lists(exclude=["Fetch"]), CONNECT, "a.example", REFUSED, id="fetch nothing"),
    pytest.param(
        lists(ask=["Fetch"], allow=["Fetch(https://docs.rs/*)"]), CONNECT, "docs.rs", ASKED, id="ask before allow"
    ),
    pytest.param(lists(allow=["Write(**/*.md)"]), WRITE, f"{WORK}/docs/a.md", FREE, id="a path anywhere"),
    pytest.param(lists(allow=["Write(src/*)"]), WRITE, f"{WORK}/src/a", TAKEN, id="a path as the model writes it"),
    pytest.param(lists(exclude=["Read(**/.env)"]), READ, f"{WORK}/.env", REFUSED, id="a file that is excluded"),
    pytest.param(lists(exclude=["Read(.env)"]), READ, f"{WORK}/.env", FREE, id="which ./.env gets round"),
    pytest.param(lists(allow=["search_docs"]), CALL, "docs/search_docs", FREE, id="a server's tool by its own name"),
    pytest.param(lists(allow=["search_docs"]), CALL, "docs/other", ASKED, id="and no other"),
    pytest.param("allow: [Bash]\nmode: auto\n", EXECUTE, "x", ASKED, id="another key, and all counts for nothing"),
    pytest.param("allow: Bash\n", EXECUTE, "x", ASKED, id="what is no list too"),
    pytest.param("allow:\nask:\n", EXECUTE, "x", ASKED, id="empty lists"),
]


@pytest.mark.parametrize(("text", "channel", "target", "gates"), RULES)
def test_a_rule(text, channel, target, gates):
    assert look(text).gates(channel, target) == gates


def test_the_place_that_decides_is_named():
    assert look(lists(allow=["Read", "Bash"])).place(EXECUTE, "x") == (FILE, 3, "allow")


def test_behind_a_star_another_command_may_follow():
    assert look(lists(allow=["Bash(git status *)"])).judge.autonomy() is Autonomy.FULL
    assert look(lists(allow=["Bash(git status)"])).judge.autonomy() is Autonomy.SUPERVISED


PROCESSES = [
    (["--auto"], EXECUTE, FREE, ["agent.asks-nothing"]),
    (["--auto"], WRITE, FREE, ["agent.asks-nothing"]),
    (["--readonly"], WRITE, REFUSED, ["agent.asks-nothing"]),
    (["--readonly"], EXECUTE, FREE, ["agent.asks-nothing"]),  # of this mode only the writing tools are gone
    (["-p", "do it"], EXECUTE, FREE, ["agent.asks-nothing"]),
    (["-p", "do it"], WRITE, ASKED, ["agent.asks-nothing"]),
    (["--allow", "Bash"], EXECUTE, FREE, ["agent.asks-nothing"]),
    (["--allow=Bash"], EXECUTE, FREE, ["agent.asks-nothing"]),
    (["--exclude", "Bash"], EXECUTE, REFUSED, []),
    (["--allow", "Write"], EXECUTE, ASKED, []),
]


@pytest.mark.parametrize(("options", "channel", "gates", "weak"), PROCESSES)
def test_an_option_of_a_running_one(options, channel, gates, weak):
    found = look(processes=[Process(7, 1, "cn", ("cn", *options))])
    assert found.gates(channel, f"{WORK}/a") == gates
    assert found.weak() == weak


def test_auto_comes_before_all_lists():
    process = Process(7, 1, "cn", ("cn", "--auto"))
    assert look(lists(exclude=["Bash"]), processes=[process]).gates(EXECUTE, "x") == FREE


def test_another_folder_takes_the_place_of_the_home_s():
    files = {FILE: lists(allow=["Bash"]), "/srv/c/permissions.yaml": lists(exclude=["Bash"])}
    assert Found(AGENT, files, env={"CONTINUE_GLOBAL_DIR": "/srv/c"}).gates(EXECUTE, "x") == REFUSED


def test_the_extension_alone_is_judged_as_it_is_shipped():
    sign = {"~/.vscode/extensions/continue.continue-1.2.3": FakeFile(kind=FileKind.FOLDER)}
    found = Found(AGENT, sign)
    assert found.gates(EXECUTE, "x") == MOSTLY_ASKED
    assert found.seen.version == "1.2.3"


def test_code_that_runs_at_its_start_is_told():
    found = Found(AGENT, {FILE: "", "~/.continue/config.ts": "CANARY"})
    assert found.set(AGENT)["config.ts"] == ("code that runs at its start", "user")


@pytest.mark.parametrize("text", ["allow: [Bash\n", "allow: [Bash]\nmode: auto\n"])
def test_a_file_that_counts_for_nothing_is_a_gap(text):
    found = look(text)
    assert found.gaps()
    assert found.gates(EXECUTE, "x")[1] is Gate.PROMPT


SHREDS = st.sampled_from(
    ["allow:", "exclude:", "\n", "- ", "Bash", "(", ")", "*", "[", "]", "  ", "'", "Read(/a", "7", "{"]
)


@example(["allow:", "\n", "- ", "Bash", "(", "\n"])
@given(st.lists(SHREDS, max_size=25).map("".join))
def test_no_file_breaks_it(text):
    look(text).gates(EXECUTE, "x")
