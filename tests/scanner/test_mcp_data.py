"""The data of MCP clients: each variant is found on every platform that has it, and a faulty entry is refused."""

import json

import pytest

from probes.agents.mcp.look import mcp as probe
from scanner.data import files
from scanner.data.kinds import kinds
from scanner.data.mcp import mcp
from scanner.data.mcp_places import patterns, variables
from scanner.data.severities import weaknesses
from scanner.errors import DataError
from scanner.host.paths import braces
from scanner.model import CredentialSeen, HandleSeen, Platform, ServerSeen
from scanner.testing import HOMES, FakeHost, fake_machine, observe
from scanner.tokens import token

SECRET = token("github-classic", "mcp-data")
OPAQUE = "CANARY-CANARY-CANARY-77"


def moved(platform):
    """Every variable that moves a folder, set; one that names a file names one."""
    home = HOMES[platform]
    names = {each[1:].partition("/")[0] for each in patterns() if each.startswith("$")}
    names -= {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "APPDATA", "PROGRAMDATA"}
    whole = {each[1:] for each in patterns() if each.startswith("$") and "/" not in each}
    return {name: str(home / "moved" / (f"{name}.json" if name in whole else name)) for name in sorted(names)}


def places(pattern, platform):
    """Paths that a pattern stands for on that platform."""
    machine = fake_machine(platform, env=moved(platform), workspace="~/src/app")
    for each in braces(pattern):
        for path in machine.paths(each):
            yield str(path).replace("*", "x")


def variants():
    for client in mcp().client:
        for source in client.source:
            for pattern in source.files:
                for at in source.at:
                    yield pytest.param(client, source, pattern, at, id=f"{client.id} {source.scope} {pattern} {at}")


def server(client):
    fields = client.fields
    if client.id == "opencode":
        return {"type": "local", "command": ["npx", "-y", "demo@1.2.3"], fields.env[0]: {"GITHUB_TOKEN": SECRET}}
    return {fields.command[0]: "npx", fields.args[0]: ["-y", "demo@1.2.3"], fields.env[0]: {"GITHUB_TOKEN": SECRET}}


def document(client, source, at):
    inner = server(client) if source.single else {"demo": server(client)}
    if source.listed:
        inner = [{"name": "demo", **server(client)}]
    for key in reversed(at):
        inner = {("/srv/app" if key == "*" else key): inner}
    if source.single:
        inner["name"] = "demo"
    return written(inner, source.format)


def written(tree, form):
    if form != "toml":
        return json.dumps(tree)
    [(table, servers)] = tree.items()
    if any(isinstance(each, list) for each in servers.values()):
        [(name, [fields])] = servers.items()
        return "\n".join([f"[[{table}.{name}]]", *_fields(fields)])
    lines = []
    for name, fields in servers.items():
        lines.append(f"[{table}.{name}]")
        lines.extend(_fields(fields))
    return "\n".join(lines)


def _fields(fields):
    for key, value in fields.items():
        inline = json.dumps(value)
        if isinstance(value, dict):
            inline = "{" + ", ".join(f"{k} = {json.dumps(v)}" for k, v in value.items()) + "}"
        yield f"{key} = {inline}"


@pytest.mark.parametrize(("client", "source", "pattern", "at"), list(variants()))
def test_every_variant_has_an_example_that_is_found(client, source, pattern, at):
    applied = 0
    for platform in Platform:
        for path in places(pattern, platform):
            applied += 1
            tree = {path: document(client, source, at)}
            tree |= {f"{each}/sign": "" for where in source.where[:1] for each in places(where, platform)}
            host = FakeHost(platform, tree, env=moved(platform), workspace="~/src/app")
            seen = observe(probe, host)
            servers = [each for each in seen if isinstance(each, ServerSeen) and each.client == client.id]
            assert [each.name for each in servers if each.scope.startswith(source.scope)] == ["demo"] * source.servers
            assert all(each.package == "demo@1.2.3" and each.from_repository == source.repository for each in servers)
            [found] = [each for each in seen if isinstance(each, CredentialSeen)]
            assert found.evidence.key.endswith("GITHUB_TOKEN")
            assert SECRET not in repr(seen)
    assert applied


@pytest.mark.parametrize("row", mcp().tokens, ids=lambda row: " ".join(row.files))
@pytest.mark.parametrize("platform", Platform)
def test_every_file_of_tokens_is_read(row, platform):
    record = {"serverName": "demo", "serverUrl": "https://mcp.example.com/x", "accessToken": OPAQUE}
    for key in reversed([*row.at, "other"] if row.providers else row.at):
        record = {key: record}
    for pattern in row.files:
        for path in places(pattern, platform):
            host = FakeHost(platform, {path: json.dumps(record)}, env=moved(platform))
            [seen] = [each for each in observe(probe, host) if isinstance(each, CredentialSeen)]
            assert seen.kind == row.kind
            assert {grant.asset.name for grant in seen.grants} == {
                "other" if row.providers else row.asset or "mcp.example.com"
            }
            assert OPAQUE not in repr(seen)


@pytest.mark.parametrize("row", mcp().keys, ids=lambda row: f"{row.files} {row.at}")
@pytest.mark.parametrize("platform", Platform)
def test_every_file_of_provider_keys_is_read(row, platform):
    tree = OPAQUE + "q7Zt19xKw3"
    for key in reversed(row.at):
        tree = {("groq" if key == "*" else key): tree}
    for pattern in row.files:
        for path in places(pattern, platform):
            host = FakeHost(platform, {path: json.dumps(tree)}, env=moved(platform), workspace="~/src/app")
            [seen] = [each for each in observe(probe, host) if isinstance(each, CredentialSeen)]
            assert OPAQUE not in repr(seen)


@pytest.mark.parametrize("row", mcp().variables, ids=lambda row: row.client)
@pytest.mark.parametrize("platform", Platform)
def test_every_file_that_sets_variables_is_read(row, platform):
    tree = {"SOME_TOKEN": OPAQUE + "q7Zt19xKw3"}
    for key in reversed(row.at):
        tree = {key: tree}
    for pattern in row.files:
        for path in places(pattern, platform):
            text = f'[{".".join(row.at)}]\nSOME_TOKEN = "{OPAQUE}q7Zt19xKw3"\n'
            text = text if pattern.endswith(".toml") else json.dumps(tree)
            host = FakeHost(platform, {path: text}, env=moved(platform), workspace="~/src/app")
            [seen] = [each for each in observe(probe, host) if isinstance(each, CredentialSeen)]
            assert seen.evidence.key == ".".join([*row.at, "SOME_TOKEN"])
            assert OPAQUE not in repr(seen)


@pytest.mark.parametrize("vendor", mcp().vendor, ids=lambda vendor: vendor.id)
def test_every_sign_in_of_a_vendor_is_a_handle(vendor):
    for sign_in in vendor.sign_in:
        for platform in Platform:
            for pattern in sign_in.files:
                for path in places(pattern, platform):
                    text = json.dumps({sign_in.at[0]: {"accessToken": OPAQUE}})
                    seen = observe(probe, FakeHost(platform, {path: text}, env=moved(platform)))
                    [handle] = [each for each in seen if isinstance(each, HandleSeen)]
                    assert (handle.kind, handle.public_id) == ("handle.connectors", vendor.id)


def test_every_file_of_the_data_is_declared():
    assert set(patterns()) <= set(probe.reads)
    assert len(patterns()) == len(set(patterns()))


def test_kinds_and_rules_of_the_probe_are_in_the_data():
    assert {row.kind for row in mcp().tokens} | {"mcp.token", "handle.connectors"} <= kinds().keys()
    rules = (
        "floating-version",
        "secret-in-file",
        "secret-in-repository",
        "from-repository",
        "auto-approved",
        "plain-http",
    )
    assert {f"mcp.{rule}" for rule in rules} <= weaknesses().keys()


@pytest.mark.parametrize(
    "change",
    [
        {"surplus": 1},
        {"version": 1},
        {"client": [{"id": "x", "title": "X"}]},
        {"client": [{"id": "x", "title": "X", "source": [{"scope": "user", "at": "mcpServers"}]}]},
        {"tokens": [{"kind": "x", "files": ["~/x"], "at": [], "extra": True}]},
    ],
)
def test_a_faulty_entry_is_an_error_that_names_the_file(change, monkeypatch):
    faulty = {**files.table("mcp.toml"), **change}
    monkeypatch.setattr(files, "table", lambda name: faulty)
    with pytest.raises(DataError, match=r"mcp\.toml"):
        mcp.__wrapped__()


def test_the_places_told_at_a_start_are_those_of_the_data():
    told = mcp()
    rows = [
        *(row for client in told.client for row in client.source),
        *(*told.tokens, *told.keys, *told.variables, *told.client_secrets),
        *(row for vendor in told.vendor for row in vendor.sign_in),
    ]
    where = {each for client in told.client for row in client.source for each in row.where}
    assert set(patterns()) == {file for row in rows for file in row.files}.union(where, *told.settings.values())
    assert set(variables()) == {row.variable for client in told.client for row in client.source} - {""}


@pytest.mark.parametrize("table", [{}, {"client": [{}]}, {"client": [{"source": "x"}]}])
def test_places_of_a_faulty_table_are_an_error(table, monkeypatch):
    monkeypatch.setattr(files, "table", lambda name: table)
    for told in (patterns, variables):
        with pytest.raises(DataError, match=r"mcp\.toml"):
            told.__wrapped__()
