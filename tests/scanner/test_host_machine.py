"""A probe's view of the machine: only what it declares, in time, every refusal in the ledger."""

from pathlib import PurePosixPath
from time import monotonic

import pytest
from msgspec.structs import replace

from scanner.host import DeadlinePassed, FileKind, Host, UndeclaredRead
from scanner.host.machine import decoded
from scanner.host.ports import Process
from scanner.model import Gap, GapKind, Platform
from scanner.testing import TEST_KEY, FakeFile, FakeFiles, FakeHost, fake_machine
from scanner.tokens import token
from scanner.vault import Vault


def host(files=None, reads=None, **more):
    deadline = more.pop("deadline", None)
    platform = more.pop("platform", Platform.LINUX)
    declared = None if reads is None else frozenset(reads)
    return Host(fake_machine(platform, files, **more), Vault(TEST_KEY), declared, deadline=deadline)


def texts(answers):
    return [answer.text for answer in answers]


UNDECLARED = {
    "read": lambda h: list(h.read("~/b")),
    "read_named": lambda h: list(h.read_named("<Other>", PurePosixPath("/b"))),
    "places": lambda h: list(h.places("~/b")),
    "place_named": lambda h: h.place_named("<Other>", PurePosixPath("/b")),
    "variables": lambda h: h.variables(),
    "variable": lambda h: h.variable("B"),
    "processes": lambda h: list(h.processes()),
    "process_variables": lambda h: h.process_variables(Process(1, 0, "x")),
    "agent_identities": lambda h: h.agent_identities(PurePosixPath("/b")),
    "registry": lambda h: h.registry("HKCU/B"),
    "a walk": lambda h: list(h.read("**/b")),
}


@pytest.mark.parametrize("ask", UNDECLARED.values(), ids=UNDECLARED)
def test_what_a_probe_did_not_declare_it_does_not_get(ask):
    with pytest.raises(UndeclaredRead):
        ask(host({"~/b": "x"}, reads=["~/a", "<Named>", "env:A", "registry:HKCU/A", "**/a"]))


@pytest.mark.parametrize("ask", UNDECLARED.values(), ids=UNDECLARED)
def test_once_the_time_is_spent_nothing_is_read(ask):
    with pytest.raises(DeadlinePassed):
        ask(host({"~/b": "x"}, deadline=monotonic() - 1))


def test_the_deadline_holds_between_two_reads():
    looked = host({"~/a": "x", "~/b": "y"}, deadline=monotonic() + 60)
    answers = looked.read("~/a", "~/b")
    next(answers)
    late = Host(looked.machine, looked.vault, None, deadline=monotonic() - 1)
    with pytest.raises(DeadlinePassed):
        list(late.read("~/b"))


def test_a_variable_may_be_declared_alone_or_with_all():
    assert host(env={"A": "1"}, reads=["env:A"]).variable("A") == "1"
    assert host(env={"A": "1"}, reads=["env:*"]).variable("A") == "1"
    assert host(env={"A": "1"}, reads=["env:*"]).variable("B") is None


def test_the_ledger_tells_what_was_tried_and_what_did_not_answer():
    looked = host({"~/a": "x", "~/b": None})
    list(looked.read("~/a", "~/b", "~/absent"))
    assert looked.ledger.tried == {"~/a", "~/b", "~/absent"}
    assert looked.ledger.unanswered == {"~/b": "permission denied"}


def test_a_file_beyond_the_limit_is_read_to_it_and_said():
    cut, read = host({"~/a": "x" * (1024 * 1024 + 1)}).read("~/a")
    assert cut.kind is GapKind.LIMIT
    assert read.truncated
    assert len(read.text) == 1024 * 1024


@pytest.mark.parametrize(
    ("data", "text", "complaint"),
    [
        ("é".encode(), "é", None),
        (b"\xef\xbb\xbfa", "a", None),
        ("é\n".encode("utf-16"), "é\n", None),
        (b"\xfe\xff\0a", "a", None),
        (b"ok\nlatin \xe9", "ok\nlatin \ufffd", "line 2 is not UTF-8 text"),
        (b"\xff\xfea", "\ufffd", "line 1 is not UTF-16 text"),
        (b"", "", None),
    ],
)
def test_bytes_are_text_in_utf_8_or_as_their_mark_says(data, text, complaint):
    assert decoded(data) == (text, complaint)


def test_a_file_that_is_no_text_is_a_gap_and_read_as_far_as_it_goes():
    gap, read = host({"~/a": b"caf\xe9 CANARY"}).read("~/a")
    assert (gap.kind, gap.read) == (GapKind.FAILED, "~/a")
    assert "CANARY" not in gap.why
    assert read.text == "caf\ufffd CANARY"


def test_wildcards_are_taken_from_the_pattern_only():
    files = {"~/x*/a": "star", "~/xy/a": "y", "~/xy/b": "no"}
    assert texts(host(files).read("~/x*/a")) == ["star", "y"]
    assert texts(host({"/w[1]/.env": "x"}, workspace="/w[1]").read("./.env")) == ["x"]
    assert texts(host({"/w[1]/a.env": "x"}, workspace="/w[1]").read("./*.env")) == ["x"]
    assert texts(host({"/c[1]/a.toml": "x"}, env={"XDG_CONFIG_HOME": "/c[1]"}).read("$XDG_CONFIG_HOME/*.toml")) == ["x"]
    assert texts(host({"/k[1]": "x"}, env={"KUBECONFIG": "/k[1]"}).read("$KUBECONFIG")) == ["x"]


def test_wildcards_ignore_case_where_the_platform_does():
    for platform, found in {Platform.LINUX: 0, Platform.MACOS: 1, Platform.WINDOWS: 1}.items():
        assert len(list(host({"~/.AWS/Config": "x"}, platform=platform).read("~/.aws/con*"))) == found


def test_alternatives_that_meet_are_read_once():
    assert texts(host({"~/a": "x"}).read("~/{a,a}", "~/{a,b}")) == ["x", "x"]


def test_a_folder_that_cannot_be_listed_is_a_gap_of_the_pattern():
    [gap] = host({"~/locked": FakeFile(None, kind=FileKind.FOLDER)}).read("~/locked/*.toml")
    assert (gap.kind, gap.read) == (GapKind.REFUSED, "~/locked/*.toml")


def test_a_folder_with_too_many_names_is_read_to_the_limit_and_said(monkeypatch):
    monkeypatch.setattr("scanner.host.machine.LIST_LIMIT", 2)
    answers = list(host({f"~/d/{name}": name for name in "abc"}).read("~/d/*"))
    assert isinstance(answers[0], Gap)
    assert texts(answers[1:]) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("~", "/home/ada"),
        ("~/x", "/home/ada/x"),
        ("/x", "/x"),
        ("x", "/beside/x"),
        ("~bob/x", None),
        ("~/{a,b}" * 40, "/home/ada/{a,b}" + "~/{a,b}" * 39),
    ],
)
def test_a_path_in_a_file_is_taken_as_it_stands(text, path):
    assert host().resolve(text, PurePosixPath("/beside")) == (path and PurePosixPath(path))
    assert host().resolve("x") is None


def test_links_of_the_home_stay_in_it_and_places_of_the_system_link_as_they_like():
    files = {"~/link": FakeFile(link="/srv/x"), "/etc/link": FakeFile(link="/srv/x"), "/srv/x": "x"}
    [gap] = host(files).read("~/link")
    assert gap.why == "a link out of the tree, to /srv/x"
    assert texts(host(files).read("/etc/link")) == ["x"]


def test_an_environment_of_a_process_is_labelled_with_it():
    looked = host(processes=[Process(7, 1, "claude")], environments={7: {"A": "1"}, 8: None})
    assert looked.process_variables(Process(7, 1, "claude")).label == "claude (pid 7)"
    assert isinstance(looked.process_variables(Process(8, 1, "codex")), Gap)


@pytest.mark.parametrize(
    "text",
    [
        "CANARY" * 50,
        "a/" + "CANARY" * 50 + "/b",
        "-----BEGIN\nCANARY\n-----END",
        "CANARY/" * 800,
        "a\0CANARY",
        "é" * 200,
    ],
)
def test_what_is_no_path_is_not_told(text):
    """A key or a token that was pasted where its file's name belongs; asked for, it would stand in the answer."""
    host = FakeHost()
    path = host.home / text
    told = [*host.read_named("<x>", path), host.place_named("<x>", path), *host.matches_named("<x>", path)]
    assert told == [Gap(GapKind.FAILED, "x", "what is named there is no path", read="<x>")] * 3


def test_a_file_s_name_that_holds_a_token_is_masked_in_what_is_printed():
    name = f"x-{token('github-classic', 'named')}.yaml"
    host = FakeHost(files={f"~/.kube/{name}": "a", "~/.kube/plain.yaml": "b"})
    [plain, named] = [str(place.path) for place in host.places("~/.kube/*.yaml")]
    masked, hits = host.vault.mask(f"{plain} {named}".encode())
    assert (masked, hits) == (b"/home/ada/.kube/plain.yaml /home/ada/.kube/[masked]", 1)


@pytest.mark.parametrize("platform", sorted(Platform))
def test_braces_behind_a_star_name_what_lies_in_any_of_the_folders(platform):
    locked = FakeFile(None, kind=FileKind.FOLDER)
    files = {"~/v/1/bin/a": "1a", "~/v/1/bin/b": "1b", "~/v/2/lib/a": "", "~/v/3/bin/b": "3b", "~/v/4": locked}
    files["~/v/4/bin/a"] = "4a"
    assert texts(host(files, platform=platform).read("~/v/*/bin/{a,b,c}")) == ["1a", "4a", "1b", "3b"]
    told = list(host(files, platform=platform).read("~/v/*/{bin/a,*/b}"))
    assert texts(each for each in told if not isinstance(each, Gap)) == ["1a", "4a", "1b", "3b"]


def test_a_folder_that_braces_are_looked_for_in_is_listed_once_and_what_it_lacks_is_not_asked_for():
    asked = []

    class Counted(FakeFiles):
        def place(self, path, inside=()):
            asked.append(path.name)
            return super().place(path, inside)

    home = PurePosixPath("/home/ada")
    view = host({})
    tree = {home / f"v/{number}/lib/x": FakeFile("") for number in range(3)} | {home / "v/3/bin/b": FakeFile("")}
    machine = replace(view.machine, home=home, files=Counted(Platform.LINUX, tree))
    assert [each.path.name for each in replace(view, machine=machine).places("~/v/*/bin/{a,b}")] == ["b"]
    assert asked == ["a", "b"]
