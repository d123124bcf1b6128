"""Cursor: rules of its pages that bear on gates and stand in no other table."""

import pytest

from scanner.host import Process
from scanner.model import Gate
from tests.probes.agent_cases import APP, EXECUTE, Found

BOX, PROJECT_BOX = "~/.cursor/sandbox.json", f"{APP}/.cursor/sandbox.json"
OPEN = {"networkPolicy": {"default": "allow"}}
PRIVATE = ("10.0.0.5", "172.16.0.1", "172.31.255.1", "192.168.1.1", "169.254.169.254")


def look(files, **more):
    return Found("cursor", {"~/.config/Cursor/User/settings.json": {}, **files}, **more)


@pytest.mark.parametrize(
    "files",
    [
        {BOX: OPEN},
        {PROJECT_BOX: OPEN},
        {BOX: {"networkPolicy": {"default": "deny", "allow": list(PRIVATE)}}},
        {BOX: {"networkPolicy": {"allow": ["*"]}}},
    ],
)
@pytest.mark.parametrize("host", PRIVATE)
def test_private_ranges_and_metadata_are_never_reached_from_the_sandbox(files, host):
    box = look(files).tools["terminal, sandboxed"].sandbox
    assert not box.connects(host)


@pytest.mark.parametrize("host", ["example.com", "172.15.0.1", "172.32.0.1", "11.0.0.1", "192.169.0.1"])
def test_other_hosts_are_where_the_network_is_open(host):
    assert look({BOX: OPEN}).tools["terminal, sandboxed"].sandbox.connects(host)


def test_a_build_cache_that_is_shared_is_no_setting_that_opens_anything():
    box = look({BOX: {"enableSharedBuildCache": True}}).tools["terminal, sandboxed"].sandbox
    assert not box.writes("/home/ada/.cargo/registry/x")


@pytest.mark.parametrize("word", ["--trust", "--approve-mcps"])
def test_options_that_are_about_servers_and_folders_open_no_command(word):
    config = {"~/.cursor/cli-config.json": {"approvalMode": "allowlist", "permissions": {"allow": [], "deny": []}}}
    runs = [Process(9, 1, "cursor-agent", ("cursor-agent", word))]
    found = Found("cursor-agent", config, processes=runs)
    assert found.gates(EXECUTE, "npm test")[1] is Gate.PROMPT
