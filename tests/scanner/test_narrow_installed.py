"""What a command needs of this machine: its program and project, what was fetched before, and nothing of the home."""

import hashlib
import json
from pathlib import Path

import pytest

from scanner.errors import ScannerError
from scanner.narrow.bubblewrap import HOME
from scanner.narrow.installed import Command, needed


def program(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    path.chmod(0o755)
    return path


@pytest.fixture
def home(tmp_path):
    """A home with Node, npx and uv in folders of their own."""
    made = tmp_path / "home" / "ada"
    for name in ("node", "npx"):
        program(made / ".nvm" / "v22" / "bin" / name)
    program(made / ".local" / "bin" / "uvx")
    return made


def command(home, *words):
    search = f"{home}/.nvm/v22/bin:{home}/.local/bin"
    return Command(tuple(map(str, words)), home / "src" / "app", home, search)


def script(home, *names, project=None):
    path = home.joinpath(*names)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    if project is not None:
        (home.joinpath(*project) / "package.json").write_text("{}")
    return path


def let_in(home, *words, network=False):
    found = needed(command(home, *words), network=network).box.readable
    return [str(each.relative_to(home)) if each.is_relative_to(home) else str(each) for each in found]


def test_a_program_brings_what_it_was_installed_with(home):
    assert let_in(home, "node") == [".nvm/v22"]


def test_of_a_folder_that_programs_share_only_the_program_is_let_in(home):
    assert let_in(home, "uvx", network=True) == [".local/bin/uvx"]


def test_a_link_brings_what_it_leads_to(home):
    real = program(home / ".local" / "share" / "tools" / "one" / "bin" / "one")
    (home / ".local" / "bin" / "one").symlink_to(real)
    assert let_in(home, "one") == [".local/bin/one", ".local/share/tools/one"]


def test_a_program_of_the_system_is_there_anyway():
    found = needed(Command(("sh", "-c", "x"), Path("/"), Path("/home/ada"), "/usr/bin:/bin"), network=False)
    assert found.box.readable == ()
    assert found.box.folder == HOME


# (the script, the project's folder, what is let in beside Node)
SCRIPTS = [
    (("src", "servers", "x", "dist", "index.js"), ("src", "servers", "x"), "src/servers/x"),
    (("src", "servers", "index.js"), None, "src/servers/index.js"),
    (("index.js",), (), "index.js"),  # a project that is the home itself is too much
    ((".ssh", "x.js"), None, ".ssh/x.js"),
    (("src", "x", "node_modules", "@a", "b", "dist", "i.js"), None, "src/x"),
    (("node_modules", "b", "dist", "i.js"), None, "node_modules/b/dist"),
]


@pytest.mark.parametrize(("names", "project", "wanted"), SCRIPTS)
def test_a_script_brings_its_project(home, names, project, wanted):
    path = script(home, *names, project=project)
    assert let_in(home, "node", path) == [".nvm/v22", wanted]


@pytest.mark.parametrize(
    "argument", ["{}/.aws/credentials", "--config={}/.aws/credentials", "~/.aws/credentials", "\0"]
)
def test_no_other_file_is_let_in(home, argument):
    script(home, ".aws", "credentials")
    found = needed(command(home, "node", argument.format(home)), network=False).box
    assert [str(each) for each in found.readable] == [str(home / ".nvm" / "v22")]
    assert found.empty == ()


def test_a_folder_that_is_named_is_there_and_empty(home):
    (home / "notes").mkdir()
    (home / "src" / "app").mkdir(parents=True)
    found = needed(command(home, "node", home / "notes", f"--root={home}", ".", "/usr", "/"), network=False).box
    assert found.empty == (str(home / "notes"), str(home), str(home / "src" / "app"))
    assert found.folder == HOME


def test_it_begins_in_its_project_where_that_is_let_in(home):
    path = script(home, "src", "app", "server.js", project=("src", "app"))
    assert needed(command(home, "node", path), network=False).box.folder == str(home / "src" / "app")


# --- npx


def kept(home, package, folder="0123456789abcdef", bin_=None):
    place = home.joinpath(".npm", "_npx", folder, "node_modules", *package.split("/"))
    place.mkdir(parents=True)
    told = {"name": package, **({"bin": bin_} if bin_ is not None else {})}
    (place / "package.json").write_text(json.dumps(told))
    (place / "x.js").write_text("")
    return place


# (the words behind npx, what is started behind node)
NPX = [
    (("-y", "@acme/server@latest", "more"), ["@acme/server/x.js", "more"]),
    (("@acme/server",), ["@acme/server/x.js"]),
    (("--yes", "--package=@acme/server@1.2.3", "--", "x", "--flag"), ["@acme/server/x.js", "--flag"]),
    (("-p", "@acme/server", "x", "a"), ["@acme/server/x.js", "a"]),
    (("--registry", "https://registry.example.com", "@acme/server"), ["@acme/server/x.js"]),
]


@pytest.mark.parametrize(("words", "wanted"), NPX)
def test_npx_starts_the_package_that_lies_in_its_cache(home, words, wanted):
    place = kept(home, "@acme/server", bin_={"x": "x.js"})
    found = needed(command(home, "npx", *words), network=False)
    modules = place.parent.parent
    assert [str(home / ".nvm/v22/bin/node"), str(modules / wanted[0]), *wanted[1:]] == found.words
    assert modules.parent in found.box.readable


def test_the_version_that_is_asked_for_is_taken_before_any_other(home):
    kept(home, "demo", bin_="x.js")
    digest = hashlib.sha512(b"demo@2.0.0").hexdigest()[:16]
    right = kept(home, "demo", folder=digest, bin_="x.js")
    assert needed(command(home, "npx", "demo@2.0.0"), network=False).words[1] == str(right / "x.js")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("demo",), "not in npm's cache"),
        (("../../../src",), "is told no package"),
        (("@a/../../b",), "not in npm's cache"),
        (("a/b/c",), "not in npm's cache"),
        ((), "is told no package"),
        (("-y",), "is told no package"),
        (("-p",), "is told no package"),
        (("broken",), "has no program"),
        (("without",), "has no program"),
        (("elsewhere",), "has no program"),
    ],
)
def test_what_npx_has_not_is_said(home, words, said):
    (kept(home, "broken") / "package.json").write_text("{" * 100_000)
    kept(home, "without", folder="1")
    kept(home, "elsewhere", folder="2", bin_="no/such.js")
    with pytest.raises(ScannerError, match=said):
        needed(command(home, "npx", *words), network=False)


def test_with_a_network_npx_fetches_anew(home):
    kept(home, "demo", bin_="x.js")
    found = needed(command(home, "npx", "demo"), network=True)
    assert found.words == [str(home / ".nvm/v22/bin/npx"), "demo"]
    assert found.box.readable == (home / ".nvm" / "v22",)
    assert found.box.network


# --- uv


def test_uv_has_what_it_fetched_and_a_cache_of_its_own(home):
    cache = home / ".cache" / "uv"
    for name in ("archive-v0/a", "archive-v0/b", "wheels-v7", "simple-v27", "environments-v2", "interpreter-v5"):
        (cache / name).mkdir(parents=True)
    found = needed(command(home, "uvx", "demo"), network=False).box
    assert [place for _, place in found.placed] == [
        f"{HOME}/.cache/uv/{name}" for name in ("archive-v0/a", "archive-v0/b", "simple-v27", "wheels-v7")
    ]
    assert found.environment["UV_OFFLINE"] == "1"
    assert needed(command(home, "uvx", "demo"), network=True).box.placed == ()


@pytest.mark.parametrize("name", ["docker", "podman", "/usr/bin/docker"])
def test_a_container_is_not_started(home, name):
    with pytest.raises(ScannerError, match="outside of any sandbox"):
        needed(command(home, name, "run", "x"), network=False)


@pytest.mark.parametrize("name", ["no-such-program", "/no/such/program", "./here", ""])
def test_a_program_that_is_not_here_is_said(home, name):
    with pytest.raises(ScannerError, match="not on this machine"):
        needed(command(home, name), network=False)
