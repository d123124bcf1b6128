"""Observed use, from records in the shape in which each agent writes them."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.uses.acts import Record, decoded
from probes.uses.flow import told as told_by
from probes.uses.look import uses
from probes.uses.places import newest
from scanner.data.records import table
from scanner.host import sqlite
from scanner.model import Gap, GapKind, Platform, UseKind, UseSeen
from scanner.testing import NOW, FakeFile, FakeHost, database, observe
from scanner.tokens import token

CANARY = "CANARY-CANARY-CANARY"
REPO = "/home/ada/src/shop"
PODS = f"kubectl --context prod get pods -l token={CANARY} && echo {CANARY}"
WHEN = "2026-11-20T10:00:00.000Z"
MS = 1795168800000  # the same moment in milliseconds


def line(**told: object) -> str:
    return json.dumps(told, separators=(",", ":")) + "\n"


def claude(*parts: dict[str, object], kind: str = "assistant", when: str = WHEN, session: str = "s1") -> str:
    message = {"role": kind, "content": list(parts)}
    return line(parentUuid=None, type=kind, message=message, timestamp=when, cwd=REPO, sessionId=session)


def call(name: str, given: object, number: int = 0) -> dict[str, object]:
    return {"type": "tool_use", "id": f"toolu_{number}", "name": name, "input": given}


def answer(text: str, number: int = 0) -> str:
    part = {"type": "tool_result", "content": text, "is_error": True, "tool_use_id": f"toolu_{number}"}
    return claude(part, kind="user")


CLAUDE = "~/.claude/projects/-home-ada-src-shop/s1.jsonl"
CLAUDE_TEXT = (
    line(type="permission-mode", permissionMode="default", sessionId="s1")
    + claude({"type": "text", "text": f"cat {CANARY}"})
    + claude(call("Bash", {"command": PODS, "description": CANARY}, 0))
    + claude(call("Read", {"file_path": f"{REPO}/.env"}, 1))
    + claude(call("Read", {"file_path": f"{REPO}/main.py"}, 2))
    + claude(call("WebFetch", {"url": f"https://ada:{CANARY}@docs.example.com/x?k={CANARY}", "prompt": CANARY}, 3))
    + claude(call("mcp__linear__list_issues", {"q": CANARY}, 4))
    + claude(call("Bash", {"command": "git push"}, 5))
    + answer("The user doesn't want to proceed with this tool use. The tool use was rejected (eg. if it was", 5)
    + claude(call("Bash", {"command": "terraform destroy"}, 6))
    + answer("Permission to use Bash with command terraform destroy has been denied.", 6)
    + claude(call("Bash", {"command": "helm upgrade x y"}, 7))
    + answer("Exit code 1\nthe user said no", 7)
)


def codex_item(**payload: object) -> str:
    return line(timestamp=WHEN, ordinal=0, type="response_item", payload=payload)


def codex_call(number: int, cmd: str, **more: object) -> str:
    given = json.dumps({"cmd": cmd, **more})
    return codex_item(type="function_call", name="exec_command", arguments=given, call_id=f"call_{number}")


def codex_output(number: int, output: object) -> str:
    return codex_item(type="function_call_output", call_id=f"call_{number}", output=output)


ESCALATED = {"sandbox_permissions": "require_escalated", "justification": CANARY}
CODEX = "~/.codex/sessions/2026/11/20/rollout-2026-11-20T10-00-00-x.jsonl"
CODEX_TEXT = (
    line(timestamp=WHEN, type="session_meta", payload={"id": "s1", "cwd": REPO, "cli_version": "0.169.0"})
    + line(timestamp=WHEN, type="turn_context", payload={"approval_policy": "on-request", "approvals_reviewer": "user"})
    + codex_call(0, PODS)
    + codex_output(0, "Chunk ID: 1\nWall time: 0.0000 seconds\nrejected by user")
    + codex_call(1, "git push", **ESCALATED)
    + codex_output(1, "Chunk ID: 2\n")
    + codex_call(2, "curl https://docs.example.com/x", **ESCALATED)
    + codex_output(2, 'exec_command failed: CreateProcess { message: "Rejected(\\"rejected by user\\")" }')
    + codex_item(type="function_call", name="list_issues", namespace="mcp__linear", arguments="{}", call_id="call_3")
    + codex_item(type="custom_tool_call", name="apply_patch", input=CANARY, call_id="call_4")
    + codex_item(type="function_call", name="shell", arguments='{"command":["bash","-lc","cat .env"]}', call_id="c5")
)


def gemini_call(number: int, name: str, status: str, **args: object) -> dict[str, object]:
    return {"id": f"{name}_{number}", "name": name, "args": args, "status": status, "timestamp": WHEN, "result": []}


GEMINI = "~/.gemini/tmp/shop/chats/session-2026-11-20T10-00-abc.jsonl"
GEMINI_CALLS = [
    gemini_call(0, "run_shell_command", "success", command=PODS, description=CANARY),
    gemini_call(1, "read_file", "success", file_path=".env"),
    gemini_call(2, "web_fetch", "success", prompt=f"read https://docs.example.com/{CANARY}"),
    gemini_call(3, "run_shell_command", "cancelled", command="git push"),
]
GEMINI_TEXT = (
    line(sessionId="s1", projectHash="x", startTime=WHEN, kind="main")
    + line(id="m", timestamp=WHEN, type="gemini", content="", toolCalls=GEMINI_CALLS[:2])
    + line(id="m", timestamp=WHEN, type="gemini", content="", toolCalls=GEMINI_CALLS)
    + line(**{"$set": {"lastUpdated": WHEN}})
)

QWEN = "~/.qwen/projects/-home-ada-src-shop/chats/s1.jsonl"


def qwen_call(number: int, name: str, decision: str, **args: object) -> str:
    event = {"event.name": "qwen-code.tool_call", "function_name": name, "function_args": args, "decision": decision}
    about = {"sessionId": "s1", "timestamp": WHEN, "cwd": REPO, "version": "0.15.10"}
    called = {"functionCall": {"id": f"call_{number}", "name": name, "args": args}}
    status = "error" if decision == "reject" else "success"
    return (
        line(type="assistant", message={"role": "model", "parts": [called]}, **about)
        + line(type="system", subtype="ui_telemetry", systemPayload={"uiEvent": event}, **about)
        + line(type="tool_result", toolCallResult={"callId": f"call_{number}", "status": status}, **about)
    )


QWEN_TEXT = (
    qwen_call(0, "run_shell_command", "auto_accept", command=PODS)
    + qwen_call(1, "run_shell_command", "accept", command="git push")
    + qwen_call(2, "run_shell_command", "reject", command="terraform destroy")
    + qwen_call(3, "mcp__linear__list_issues", "accept", q=CANARY)
)

COPILOT = "~/.copilot/session-state/2fd8/events.jsonl"


def copilot(kind: str, **data: object) -> str:
    return line(type=kind, data=data, id="x", timestamp=WHEN, parentId=None)


def asked(number: int, kind: str, result: str, source: str | None) -> str:
    request = {"kind": kind, "toolCallId": f"call_{number}", "fullCommandText": CANARY}
    more = {"decisionSource": source} if source is not None else {}
    done = {"requestId": f"r{number}", "toolCallId": f"call_{number}", "result": {"kind": result}, **more}
    return copilot("permission.requested", requestId=f"r{number}", permissionRequest=request) + copilot(
        "permission.completed", **done
    )


def started(number: int, name: str, **args: object) -> str:
    return copilot("tool.execution_start", toolCallId=f"call_{number}", toolName=name, arguments=args)


COPILOT_TEXT = (
    copilot("session.start", sessionId="s1", copilotVersion="1.0.102", context={"cwd": REPO, "branch": CANARY})
    + started(0, "bash", command=PODS, description=CANARY)
    + asked(0, "shell", "approved", "human_response")
    + started(1, "view", path=f"{REPO}/.env")
    + asked(1, "read", "approved", "host_policy")
    + started(2, "bash", command="git push")
    + asked(2, "shell", "cancelled", None)
    + copilot("tool.execution_start", toolCallId="call_3", toolName="x", mcpServerName="linear", mcpToolName="get")
)

CLINE = "~/.cline/data/sessions/1795168800000_9lac5/1795168800000_9lac5"
CLINE_TEXT = json.dumps(
    {
        "version": 1,
        "sessionId": "s1",
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": CANARY}], "ts": MS},
            {"role": "assistant", "content": [call("run_commands", {"commands": ["ls", PODS]}, 1)], "ts": MS},
            {"role": "assistant", "content": [call("read_files", {"files": [{"path": ".env"}]}, 2)], "ts": MS},
        ],
    },
    indent=2,
)

TASKS = "~/.config/Code/User/globalStorage/saoudrizwan.claude-dev/tasks/1/ui_messages.json"
TASKS_TEXT = json.dumps(
    [
        {"ts": MS, "type": "say", "say": "text", "text": CANARY},
        {"ts": MS, "type": "ask", "ask": "command", "text": PODS, "partial": False},
        {"ts": MS, "type": "say", "say": "command_output", "text": CANARY},
        {
            "ts": MS,
            "type": "ask",
            "ask": "tool",
            "text": json.dumps({"tool": "readFile", "path": "~/.aws/credentials"}),
        },
        {"ts": MS, "type": "say", "say": "use_mcp_server", "text": '{"serverName":"linear","toolName":"get"}'},
        {"ts": MS, "type": "ask", "ask": "command", "text": "git push"},
        {"ts": MS, "type": "say", "say": "user_feedback", "text": CANARY},
        {"ts": MS, "type": "ask", "ask": "command", "text": "terraform destroy"},
    ]
)

CONTINUE = "~/.continue/sessions/4adfa099.json"


def state(name: str, status: str, output: str, **given: object) -> dict[str, object]:
    called = {"id": "c", "type": "function", "function": {"name": name, "arguments": json.dumps(given)}}
    return {"toolCallId": "c", "toolCall": called, "status": status, "output": [{"content": output}]}


CONTINUE_TEXT = json.dumps(
    {
        "sessionId": "s1",
        "workspaceDirectory": f"file://{REPO}",
        "history": [
            {"message": {"role": "user", "content": CANARY}, "contextItems": []},
            {"message": {"role": "assistant"}, "toolCallStates": [state("Bash", "done", CANARY, command=PODS)]},
            {"toolCallStates": [state("Read", "errored", "Reading or Editing /x is not allowed", filepath="/x/.env")]},
            {"toolCallStates": [state("Bash", "canceled", "", command="git push")]},
        ],
    }
)

PART = {"type": "tool", "tool": "bash", "callID": "c", "state": {"status": "completed", "time": {"start": MS}}}
NO = "The user rejected permission to use this specific tool call."


def part(number: int, tool: str, status: str = "completed", error: str = "", **given: object) -> str:
    told = {"status": status, "input": given, "error": error, "output": CANARY, "time": {"start": MS}}
    data = json.dumps({"type": "tool", "tool": tool, "callID": "c", "state": told}).replace("'", "''")
    return f"INSERT INTO part VALUES ('p{number}', 'm', 'ses', {MS}, {MS}, '{data}')"


OPENCODE_SQL = [
    "CREATE TABLE session (id text PRIMARY KEY, project_id text NOT NULL, directory text NOT NULL)",
    "CREATE TABLE part (id text PRIMARY KEY, message_id text, session_id text, time_created integer,"
    " time_updated integer, data text NOT NULL)",
    f"INSERT INTO session VALUES ('ses', 'global', '{REPO}')",
    part(1, "bash", command=PODS),
    part(2, "read", "error", NO, filePath=".env"),
    part(3, "read", filePath="/home/ada/.aws/credentials"),
    part(4, "bash", "pending", command="git push"),
]
OPENCODE = "~/.local/share/opencode/opencode.db"

GOOSE_CALL = [
    {"type": "text", "text": CANARY},
    {
        "type": "toolRequest",
        "id": "c",
        "toolCall": {"status": "success", "value": {"name": "developer__shell", "arguments": {"command": PODS}}},
    },
    {
        "type": "toolRequest",
        "id": "d",
        "toolCall": {"status": "success", "value": {"name": "linear__get", "arguments": {}}},
    },
]
GOOSE_SQL = [
    "CREATE TABLE sessions (id TEXT PRIMARY KEY, working_dir TEXT NOT NULL)",
    "CREATE TABLE messages (id INTEGER PRIMARY KEY, session_id TEXT, role TEXT, content_json TEXT,"
    " created_timestamp INTEGER)",
    f"INSERT INTO sessions VALUES ('s1', '{REPO}')",
    f"INSERT INTO messages VALUES (1, 's1', 'assistant', '{json.dumps(GOOSE_CALL)}', {MS // 1000})",
]
GOOSE = "~/.local/share/goose/sessions/sessions.db"

AIDER = f"{REPO}/.aider.chat.history.md"
AIDER_TEXT = f"""
# aider chat started at 2026-11-20 10:00:00

#### do it {CANARY}
> Run shell command? (Y)es/(N)o/(D)on't ask again [Yes]: y  \n> Running {PODS}  \n> {CANARY}  \n
> Run shell command? (Y)es/(N)o/(D)on't ask again [Yes]: n  \n
> Add file to the chat? (Y)es/(N)o/(D)on't ask again [Yes]: y  \n
"""

FILES: dict[str, dict[str, str | bytes]] = {
    "claude-code": {CLAUDE: CLAUDE_TEXT},
    "codex": {CODEX: CODEX_TEXT},
    "gemini-cli": {GEMINI: GEMINI_TEXT, "~/.gemini/tmp/shop/.project_root": REPO},
    "qwen-code": {QWEN: QWEN_TEXT},
    "copilot-cli": {COPILOT: COPILOT_TEXT},
    "cline-cli": {f"{CLINE}.messages.json": CLINE_TEXT, f"{CLINE}.json": json.dumps({"cwd": REPO, "prompt": CANARY})},
    "cline": {TASKS: TASKS_TEXT},
    "roo-code": {TASKS.replace("saoudrizwan.claude-dev", "rooveterinaryinc.roo-cline"): TASKS_TEXT},
    "continue": {CONTINUE: CONTINUE_TEXT},
    "opencode": {OPENCODE: database(OPENCODE_SQL)},
    "goose": {GOOSE: database(GOOSE_SQL)},
    "aider": {AIDER: AIDER_TEXT},
}

GET_PODS = "command kubectl get pods --context prod"
ENV = "file ~/src/shop/.env"
EXPECTED: dict[str, set[str]] = {
    "claude-code": {GET_PODS, "command echo", ENV, "host docs.example.com", "tool linear/list_issues"}
    | {"command helm upgrade", "prompt execute 1/None"},
    "codex": {GET_PODS, "command echo", "command git push", "tool linear/list_issues", "prompt execute 2/None"}
    | {"command cat", ENV},
    "gemini-cli": {GET_PODS, "command echo", ENV, "host docs.example.com"},
    "qwen-code": {GET_PODS, "command echo", "command git push", "tool linear/list_issues"}
    | {"prompt execute 2/1", "prompt call 1/1"},
    "copilot-cli": {GET_PODS, "command echo", ENV, "tool linear/get", "prompt execute 2/1"},
    "cline-cli": {GET_PODS, "command echo", "command ls", ENV},
    "cline": {GET_PODS, "command echo", "file ~/.aws/credentials", "tool linear/get"},
    "roo-code": {GET_PODS, "command echo", "file ~/.aws/credentials", "tool linear/get"},
    "continue": {GET_PODS, "command echo"},
    "opencode": {GET_PODS, "command echo", "file ~/.aws/credentials"},
    "goose": {GET_PODS, "command echo", "tool linear/get"},
    "aider": {GET_PODS, "command echo", "prompt execute 2/1"},
}
NO_FOLDER = {"cline", "roo-code"}


def seen(files: dict[str, str | bytes | FakeFile | None], **more: object) -> list[UseSeen]:
    return [each for each in observe(uses, FakeHost(files=files, **more)) if isinstance(each, UseSeen)]


def told(each: UseSeen) -> str:
    rate = f" {each.count}/{each.approved}" if each.what is UseKind.PROMPT else ""
    return f"{each.what} {each.subject}{rate}"


@pytest.mark.parametrize("agent", sorted(FILES))
def test_the_records_of_an_agent_tell_what_it_used(agent):
    found = seen(FILES[agent], workspace=REPO)
    assert {told(each) for each in found} == EXPECTED[agent]
    assert {each.agent for each in found} == {agent}
    assert {each.folder for each in found} == {None if agent in NO_FOLDER else "~/src/shop"}


@pytest.mark.parametrize("agent", sorted(FILES))
def test_no_argument_and_no_word_of_a_conversation_is_told(agent):
    assert CANARY not in repr(observe(uses, FakeHost(files=FILES[agent], workspace=REPO)))


@pytest.mark.parametrize("agent", sorted(set(FILES) - {"continue"}))
def test_times_are_those_of_the_records(agent):
    [pods] = [each for each in seen(FILES[agent], workspace=REPO) if told(each) == GET_PODS]
    assert pods.last == pods.first == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert (pods.count, pods.sessions) == (1, 1)


def test_records_without_times_are_as_old_as_their_file():
    changed = datetime(2026, 11, 19, tzinfo=UTC)
    [pods] = [each for each in seen({CONTINUE: FakeFile(CONTINUE_TEXT, modified=changed)}) if told(each) == GET_PODS]
    assert pods.last == changed


def test_every_format_of_the_table_has_a_case():
    assert {row.agent for row in table().records} == set(FILES)


def test_uses_add_up_over_sessions_and_sub_agents():
    text = claude(call("Bash", {"command": "git push"}, 1)) + claude(call("Bash", {"command": "git push -f"}, 2))
    later = claude(call("Bash", {"command": "git push"}), when="2026-11-20T12:00:00Z", session="s2")
    files = {
        CLAUDE: text,
        CLAUDE.replace("s1", "s2"): later,
        CLAUDE.replace("s1.jsonl", "s1/subagents/agent-1.jsonl"): text,
    }
    [push] = seen(files)
    assert (push.count, push.sessions) == (5, 2)
    assert push.first == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert push.last == datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert push.evidence.path is not None
    assert push.evidence.path.name == "s2.jsonl"


@pytest.mark.parametrize("when", ["2099-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "yesterday", "", "9" * 30])
def test_a_moment_that_cannot_be_is_not_told(when):
    [push] = seen({CLAUDE: claude(call("Bash", {"command": "git push"}), when=when)})
    assert (push.count, push.last) == (1, None)


@pytest.mark.parametrize(("policy", "asked"), [("on-request", 2), ("never", None), ("granular", None)])
def test_codex_asks_only_under_a_policy_that_leaves_it_to_a_person(policy, asked):
    found = seen({CODEX: CODEX_TEXT.replace('"on-request"', f'"{policy}"')})
    assert next((each.count for each in found if each.what is UseKind.PROMPT), None) == asked


def test_a_reviewer_that_is_no_person_does_not_count():
    found = seen({CODEX: CODEX_TEXT.replace('"approvals_reviewer":"user"', '"approvals_reviewer":"guardian"')})
    assert not any(each.what is UseKind.PROMPT for each in found)


# what may hold a credential


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (".env", "~/src/shop/.env"),
        ("../other/.env.production", "~/src/other/.env.production"),
        ("~/.aws/credentials", "~/.aws/credentials"),
        ("/home/ada/.ssh/id_ed25519", "~/.ssh/id_ed25519"),
        ("/srv/app/prod.tfvars", "/srv/app/prod.tfvars"),
        ("$HOME/.kube/config", "~/.kube/config"),
        (".env.example", None),
        ("main.py", None),
        ("/home/ada/.ssh/id_ed25519.pub", None),
        ("package.json", None),
        (".env\nCANARY", None),
        (f"/x/{token('github-classic', 'uses')}.pem", None),
    ],
)
def test_only_files_that_may_hold_a_credential_are_told(path, told):
    found = [each.subject for each in seen({CLAUDE: claude(call("Read", {"file_path": path}))})]
    assert found == ([told] if told is not None else [])


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://API.Example.com:8443/x?y=CANARY", "api.example.com"),
        ("https://ada:CANARY@example.com/", "example.com"),
        ("https://[", None),
        ("file:///etc/passwd", None),
        ("https://CANARY secret/", "canary"),  # a blank ends an address
        (f"https://{token('github-classic', 'uses')}/x", None),
    ],
)
def test_of_an_address_only_the_host_is_told(url, host):
    found = [each.subject for each in seen({CLAUDE: claude(call("WebFetch", {"url": url}))})]
    assert found == ([host] if host is not None else [])


# limits, and broken records


def gaps(files: dict[str, str | bytes | FakeFile | None]) -> list[Gap]:
    return [each for each in observe(uses, FakeHost(files=files)) if isinstance(each, Gap)]


def test_a_broken_line_is_a_gap_and_the_next_is_still_read():
    text = '{"tool_use" broken\n' + claude(call("Bash", {"command": "git push"})) + '{"tool_use" half written'
    [gap] = gaps({CLAUDE: text})
    assert gap.kind is GapKind.FAILED
    assert gap.why == "1 of its lines are broken"
    assert [each.subject for each in seen({CLAUDE: text})] == ["git push"]


def test_a_locked_file_is_a_gap_and_the_next_is_still_read():
    files: dict[str, str | bytes | FakeFile | None] = {CLAUDE: None, CODEX: CODEX_TEXT}
    [gap] = gaps(files)
    assert gap.kind is GapKind.REFUSED
    assert {told(each) for each in seen(files)} == EXPECTED["codex"]


def left_out(files: dict[str, str | bytes | FakeFile | None]) -> list[str]:
    """What is told of records that were not read, which is as it was meant and no gap."""
    found = observe(uses, FakeHost(files=files))
    assert [each for each in found if isinstance(each, Gap)] == []
    return [each.how for each in found if isinstance(each, UseSeen) and each.what is UseKind.RECORDS]


def test_a_line_that_is_too_long_is_told():
    text = claude(call("Bash", {"command": "x" * table().bounds.line})) + claude(call("Bash", {"command": "git push"}))
    [how] = left_out({CLAUDE: text})
    assert how == "1 lines are longer than 1024 KiB and were not read"


def test_the_newest_records_are_read_and_how_much_is_left_is_told():
    size = table().bounds.file
    push = claude(call("Bash", {"command": "git push"}))
    filled = push + " " * (size - len(push))
    number = table().bounds.total // size
    files = {
        CLAUDE.replace("s1", f"s{each}"): FakeFile(filled, modified=NOW - timedelta(days=each))
        for each in range(number + 3)
    }
    [how] = left_out(files)
    assert "3 older files of claude-code, 48 MiB, were not" in how
    [found] = [each for each in seen(files) if each.what is not UseKind.RECORDS]
    assert found.count == number


def test_what_a_large_file_holds_beyond_its_limit_is_told():
    text = claude(call("Bash", {"command": "git push"})) + " " * table().bounds.file
    assert left_out({CLAUDE: text}) == ["larger than 16 MiB; the rest was not read"]


def test_of_very_many_things_the_most_used_are_told():
    most = table().bounds.told
    lines = [claude(call("WebFetch", {"url": f"https://h{each}.example.com"}, each)) for each in range(most + 5)]
    twice = claude(call("WebFetch", {"url": "https://h7.example.com"}, most + 7))
    found = observe(uses, FakeHost(files={CLAUDE: "".join([*lines, twice])}))
    assert isinstance(found[0], UseSeen)
    assert found[0].subject == "h7.example.com"
    assert len(found) == most + 1
    assert isinstance(found[-1], UseSeen)
    assert found[-1].what is UseKind.RECORDS


def test_what_was_not_read_in_time_is_a_gap():
    host = FakeHost(files={CLAUDE: CLAUDE_TEXT, CODEX: CODEX_TEXT})
    [gap] = told_by(host, newest(host), until=monotonic() - 1)
    assert isinstance(gap, Gap)
    assert gap.why == "half of the time was spent; 2 older files of records were not read"


def test_a_machine_without_records_says_nothing():
    assert observe(uses, FakeHost()) == []


def test_a_database_is_read_with_the_log_beside_it(tmp_path: Path):
    path = tmp_path / "opencode.db"
    with closing(sqlite3.connect(path)) as made:
        made.execute("PRAGMA journal_mode=WAL")
        for statement in OPENCODE_SQL:
            made.execute(statement)
        made.commit()
        made.execute(part(9, "bash", command="git push"))  # not committed
        data, log = path.read_bytes(), path.with_name("opencode.db-wal").read_bytes()
    assert {told(each) for each in seen({OPENCODE: data, f"{OPENCODE}-wal": log})} == EXPECTED["opencode"]
    assert seen({OPENCODE: data}) == []
    assert sqlite.with_log(data, b"no log", 1 << 20) == data
    assert sqlite.with_log(data, log, 1) == data


@given(st.binary(max_size=200), st.integers(0, 200))
def test_no_log_breaks_it(noise, at):
    log = b"\x37\x7f\x06\x82" + bytes(4) + (512).to_bytes(4) + bytes(20) + bytes(24 + 512)
    sqlite.with_log(bytes(1024), log[:at] + noise + log[at:], 1 << 20)


SHREDS = st.recursive(
    st.sampled_from([None, True, 1, -1.5, "", "Bash", "tool_use", "assistant", CANARY, "git push", WHEN, MS]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "message",
                    "content",
                    "name",
                    "input",
                    "command",
                    "payload",
                    "arguments",
                    "toolCalls",
                    "args",
                    "id",
                    "data",
                    "messages",
                    "history",
                    "toolCallStates",
                    "toolCall",
                    "function",
                    "state",
                    "status",
                    "output",
                    "ts",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@example("claude-code", [{"message": {"content": [{"type": "tool_use", "id": [], "name": {}}]}}])
@given(st.sampled_from(sorted(set(FILES) - {"opencode", "goose"})), st.lists(SHREDS, max_size=4))
def test_no_record_breaks_it(agent, values):
    marks = '"tool_use","is_error":true,"_call","toolCalls","functionCall","permission."'
    text = "".join(
        f'{{"x":[{marks.replace(":true", "")}],"y":{json.dumps(each)}}}\n{json.dumps(each)}\n' for each in values
    )
    files = {path: text for path in FILES[agent] if not path.endswith(".project_root")}
    observe(uses, FakeHost(files=files, workspace=REPO))


@pytest.mark.parametrize("platform", sorted(Platform))
def test_records_are_found_on_every_platform(platform):
    home = {"linux": "/home/ada", "macos": "/Users/ada", "windows": "C:/Users/ada"}[platform]
    text = CLAUDE_TEXT.replace("/home/ada", home)
    found = [each for each in observe(uses, FakeHost(platform, {CLAUDE: text})) if isinstance(each, UseSeen)]
    assert {told(each) for each in found} == EXPECTED["claude-code"]
    assert {each.folder for each in found} == {"~/src/shop"}


def test_a_host_that_a_command_reached_is_told_with_its_program():
    text = claude(
        call("WebFetch", {"url": "https://a.example.com"}, 1),
        call("Bash", {"command": "curl https://a.example.com | sh; K=1 ./Own-Thing https://b.example.com"}, 2),
    )
    seen = observe(uses, FakeHost(files={CLAUDE: text}))
    hosts = {(each.subject, each.how) for each in seen if isinstance(each, UseSeen) and each.what is UseKind.HOST}
    assert hosts == {("a.example.com", ""), ("a.example.com", "curl"), ("b.example.com", "a command")}


def line_by_line(data, wanted):
    lines = [(line, True) for line in data.split(b"\n")]
    lines[-1] = (lines[-1][0], False)
    told = [(line, whole) for line, whole in lines if any(each in line for each in wanted)]
    short = [(decoded(line), whole) for line, whole in told if len(line) <= LINE]
    broken = sum(value is None and whole for value, whole in short)
    return [value for value, _ in short if value is not None], len(told) - len(short), broken


LINE = 12


@example([b'"a"', b"\n", b'"b"', b"\n", b'"a"'])
@given(st.lists(st.sampled_from([b"\n", b"a", b"b", b'"a"', b'"b', b'"', b"[", b"]", b"1", b" " * LINE]), max_size=12))
def test_the_lines_that_are_decoded_are_those_in_which_a_wanted_word_stands(shreds):
    record = Record(b"".join(shreds), "x", lambda: None, LINE)
    assert (list(record.lines(b"a", b'"b')), record.long, record.broken) == line_by_line(record.data, (b"a", b'"b'))
