"""Claude Code, in print mode, with an MCP tool in place of the person whom it would ask."""

import json
from dataclasses import replace

from model import Anthropic, Script
from rig import PERSON, Case, Place, Told, run, session

SERVER = json.dumps({"mcpServers": {"person": {"command": "/usr/bin/python3", "args": ["{home}/person.py"]}}})
WORDS = ("-p", "go", "--output-format", "json", "--model", "claude-sonnet-4-5", "--mcp-config", SERVER)
VARIABLES = {
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:{port}",
    "ANTHROPIC_API_KEY": "made-up",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "CLAUDE_CODE_MAX_RETRIES": "1",
    "DISABLE_TELEMETRY": "1",
    "DISABLE_ERROR_REPORTING": "1",
    "DISABLE_AUTOUPDATER": "1",
}


def ask(case: Case, program: str, user: str | None) -> Told:
    """Puts one case to the real program."""
    return session(prepared(case), lambda *given: start(program, *given), Anthropic, user)


def prepared(case: Case) -> Case:
    projects = {} if case.trusted is None else {"{repo}": {"hasTrustDialogAccepted": case.trusted}}
    state = json.dumps({"hasCompletedOnboarding": True, "projects": projects})
    files = {"{home}/.claude.json": state, "{home}/person.py": PERSON, **case.files}
    return replace(case, files=files, variables={**VARIABLES, **case.variables})


def start(program: str, case: Case, place: Place, port: int, script: Script) -> str:
    return run(case, [program, *WORDS, "--permission-prompt-tool", "mcp__person__ask"], place, port)
