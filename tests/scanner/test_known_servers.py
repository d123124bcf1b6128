"""The table of MCP servers: each is told by its names, its rows are whole, and lookalikes are left alone."""

import pytest

from scanner.data import files
from scanner.data.kinds import kinds
from scanner.data.known_servers import FILE, HERE, SHELL, classes_of, is_contained, known_as, servers, table
from scanner.errors import DataError
from scanner.model import Capability

EACH = sorted(servers().values(), key=lambda each: each.id)


def test_there_are_many_and_most_say_what_their_tools_do():
    assert len(EACH) >= 60
    assert sum(not each.tools for each in EACH) <= 3


@pytest.mark.parametrize("each", EACH, ids=lambda each: each.id)
def test_each_is_told_by_each_of_its_names(each):
    for name in each.packages:
        assert known_as(name, f"npx {name}", None) is each
        assert known_as(f"{name}@1.2.3", f"npx {name}@1.2.3", None) is each
    for name in each.images:
        assert known_as(f"{name}:1.2", f"docker run {name}:1.2", None) is each
        assert known_as(f"{name}@sha256:{'0' * 64}", f"docker run {name}", None) is each
    for name in each.hosts:
        assert known_as(None, "", f"https://{name}/mcp") is each
    assert each.packages or each.images or each.hosts or each.commands
    assert each.source


@pytest.mark.parametrize("each", EACH, ids=lambda each: each.id)
def test_its_logins_are_kinds_that_are_known(each):
    for login in each.logins:
        for glob in login.kinds:
            assert any(kind.startswith(glob.removesuffix("*")) for kind in kinds()), glob


# (package, launcher, address, the id of what it is)
TOLD = [
    ("@playwright/mcp@latest", "npx @playwright/mcp@latest", None, "playwright"),
    ("mcp-server-git==2026.1.1", "uvx mcp-server-git==2026.1.1", None, "git"),
    ("markitdown-mcp[all]@0.1", "uvx markitdown-mcp[all]", None, "markitdown"),
    ("npm:@playwright/mcp@1", "deno run npm:@playwright/mcp@1", None, "playwright"),
    ("docker.io/mcp/fetch", "docker run docker.io/mcp/fetch", None, "fetch"),
    ("ghcr.io/github/github-mcp-server", "podman run ghcr.io/github/github-mcp-server", None, "github"),
    (None, "python -m mcp_server_git", None, "git"),
    (None, "github-mcp-server", None, "github"),
    (None, "sh -c github-mcp-server", None, "github"),
    ("mcp-remote", "npx mcp-remote", "https://mcp.sentry.dev/mcp", "sentry"),
    (None, "", "https://MCP.Sentry.Dev:443/mcp", "sentry"),
    # lookalikes
    ("@evil/mcp", "npx @evil/mcp", None, None),
    ("playwright", "npx playwright", None, None),
    ("@playwright/mcp-extra", "npx @playwright/mcp-extra", None, None),
    ("mcp/fetch", "npx mcp/fetch", None, None),
    ("mcp-server-git", "docker run mcp-server-git", None, None),
    (None, "", "https://mcp.sentry.dev.evil.example/mcp", None),
    (None, "", "https://evil.example/mcp.sentry.dev", None),
    ("@playwright/mcp", "npx @playwright/mcp", "https://evil.example", None),
    (None, "", None, None),
    (None, "git", None, None),
]


@pytest.mark.parametrize(("package", "launcher", "url", "wanted"), TOLD)
def test_a_server_is_told_by_what_is_started_or_where_it_is(package, launcher, url, wanted):
    found = known_as(package, launcher, url)
    assert (found.id if found is not None else None) == wanted


def test_every_act_has_words_and_what_it_opens():
    assert table().words.keys() == {*table().acts, *HERE}
    assert classes_of(["anything"]) == frozenset(Capability)
    assert classes_of([SHELL, "nothing"]) == frozenset()


@pytest.mark.parametrize(
    ("launcher", "wanted"), [("docker run x", True), ("env podman run x", True), ("npx docker-x", False), ("", False)]
)
def test_a_container_is_told_by_its_engine(launcher, wanted):
    assert is_contained(launcher) is wanted


@pytest.mark.parametrize(
    "broken",
    [
        {"tools": {"flies": ["x"]}},
        {"tools": {"read": ["x"], "write": ["x"]}},
        {"narrowings": [{"leaves": ["flies"]}]},
        {"extra": 1},
        {"id": 7},
    ],
)
def test_a_faulty_row_is_refused_by_name(broken, request):
    whole = files.table(FILE)
    row = {"id": "demo", "title": "Demo", "source": "here", **broken}
    request.addfinalizer(lambda: (whole["server"].remove(row), table.cache_clear(), table()))
    whole["server"].append(row)
    table.cache_clear()
    with pytest.raises(DataError, match=r"known_servers\.toml"):
        table()
