"""Where histories, transcripts, earlier states and copies lie, on each platform, and which reader takes them."""

import pytest
from msgspec.structs import replace

from probes.anywhere.look import anywhere
from scanner.data.sweep import groups
from scanner.host import FileKind, Host
from scanner.host.image import image_files
from scanner.model import CredentialSeen, Platform
from scanner.sweep.walk import Search, walk
from scanner.testing import TEST_KEY, FakeFile, FakeHost, fake_machine, observe
from scanner.tokens import token
from scanner.vault import Vault

SHAPED = token("github-classic", "places")
DRAWN = token("password", "places")
CODE = "{.config,Library/Application Support,AppData/Roaming}"
PLACES = {
    "histories": [
        *("~/.bash_history", "~/.zsh_history", "~/.zhistory", "~/.histfile", "~/.sh_history", "~/.config/zsh/history"),
        *("~/.local/share/fish/fish_history", "~/.psql_history", "~/.psql_history-shop", "~/.mysql_history"),
        "~/AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt",
        *("~/.local/share/powershell/PSReadLine/ConsoleHost_history.txt", "~/.config/nushell/history.txt"),
        *("~/.rediscli_history", "~/.dbshell", "~/.mongodb/mongosh/mongosh_repl_history", "~/.cassandra/cqlsh_history"),
        *("~/.clickhouse-client-history_history", "~/.config/pgcli/history", "~/.mycli-history", "~/.python_history"),
        *("~/.node_repl_history", "~/.irb_history", "~/src/.Rhistory", "~/.julia/logs/repl_history.jl", "~/.lesshst"),
        *("~/.bash_sessions/A.historynew", "~/.zsh_sessions/B.history", "~/.viminfo", "~/_viminfo"),
        *("~/.gemini/tmp/x/shell_history", "~/.aws/amazonq/.cli_bash_history", "~/src/.aider.input.history"),
        *("~/.bash_history.bak", "~/.zsh_history~", "~/.local/state/psql/history"),
    ],
    "transcripts": [
        *(
            "~/.claude/projects/-home-ada/s.jsonl",
            "~/.claude/projects/p/s/subagents/a.jsonl",
            "~/.claude/history.jsonl",
        ),
        *("~/.claude/projects/p/s/tool-results/r.txt", "~/.claude/debug/s.txt", "~/.claude/paste-cache/ab.txt"),
        *("~/.codex/sessions/2026/01/02/rollout-x.jsonl", "~/.codex/history.jsonl", "~/.gemini/tmp/x/chats/s.json"),
        *("~/.qwen/projects/p/chats/s.jsonl", "~/.copilot/session-state/s/events.jsonl"),
        *("~/.config/Code/User/workspaceStorage/x/chatSessions/s.json", "~/.continue/sessions/s.json"),
        "~/Library/Application Support/Cursor/User/globalStorage/saoudrizwan.claude-dev/tasks/1/ui_messages.json",
        "~/AppData/Roaming/Code/User/globalStorage/emptyWindowChatSessions/s.json",
        *("~/.cline/data/sessions/s/x.messages.json", "~/.local/share/opencode/storage/message/s/m.json"),
        *(
            "~/.local/share/goose/sessions/s.jsonl",
            "~/.local/share/amp/threads/T-1.json",
            "~/.factory/sessions/s.jsonl",
        ),
        *("~/src/.aider.chat.history.md", "~/Library/Logs/Claude/mcp.log", "~/.kiro/sessions/cli/s.jsonl"),
    ],
    "instructions": [
        *("~/src/CLAUDE.md", "~/src/AGENTS.md", "~/.claude/CLAUDE.md", "~/src/sub/GEMINI.md", "~/src/.cursorrules"),
        *("~/src/.cursor/rules/x.mdc", "~/src/.windsurfrules", "~/src/.github/copilot-instructions.md"),
        *("~/src/.claude/commands/deploy.md", "~/.claude/skills/x/SKILL.md", "~/src/.kiro/steering/tech.md"),
    ],
    "shell-snapshots": ["~/.claude/shell-snapshots/snapshot-bash-1.sh"],
    "swap-files": ["~/src/.config.py.swp", "~/src/..env.swp", "~/.vim/undo/%home%ada%x", "~/x.sublime_session"],
    "edited": [
        *("~/.config/Code/User/History/1a2b/x9Yz", "~/Library/Application Support/Cursor/User/History/1a2b/x9Yz.py"),
        *("~/AppData/Roaming/VSCodium/User/History/1a2b/x9Yz.sh", "~/.claude/file-history/s/0a@v1"),
        *("~/.config/Code/Backups/1a2b/untitled/-7f", "~/AppData/Roaming/Notepad++/backup/new 1@2026-01-02_101500"),
        *("~/.config/JetBrains/IDEA2026.1/scratches/scratch.txt", "~/.vim/backup/x~"),
    ],
    "edited-json": ["~/.config/Code/User/History/1a2b/x9Yz.json"],
    "edited-yaml": ["~/.config/Windsurf/User/History/1a2b/x9Yz.yml"],
    "copies-of-variables": [
        *("~/src/.env~", "~/src/.env-old", "~/src/.env copy", "~/src/.env (1)", "~/src/env.old", "~/src/#.env#"),
        *("~/src/.env.local~", "~/src/.envrc.bak", "~/src/env.production", "~/src/env~"),
    ],
    "copies-of-logins": ["~/.aws/credentials.bak", "~/.aws/config~", "~/.git-credentials.old"],
    "copies-of-netrc": ["~/.netrc.bak", "~/.netrc~"],
    "copies-of-clusters": ["~/.kube/config.bak", "~/.kube/config-2026-01-02"],
    "copies-of-registries": ["~/.docker/config.json.old", "~/.claude/backups/.claude.json.backup.1795000000000"],
    "hooks": ["~/src/.git/hooks/pre-push", "~/src/.husky/pre-commit"],
    "git-settings": ["~/src/.git/config", "~/.local/share/x/.git/config", "~/src/.gitmodules", "~/dotfiles/gitconfig"],
    "settings-told": ["~/src/.git/modules/lib/config"],
}
OTHERS = [
    "~/src/.git/hooks/pre-push.sample",
    "~/src/.git/HEAD",
    "~/src/CHANGES.md",
    "~/.aws/credentials",
]


def chosen(platform, paths):
    """The group that takes each of the paths."""
    walked = walk(
        fake_machine(platform, dict.fromkeys(paths, "x")), Search((), groups("standard")), _home(platform), None
    )
    return {
        f"~/{spot.below}/{name}".replace("~//", "~/"): group.id
        for each in walked.candidates
        for spot in each.spots
        for name, group in spot.files
    }


def _home(platform):
    return [fake_machine(platform).home]


@pytest.mark.parametrize("platform", Platform)
def test_every_place_is_read_as_what_lies_there(platform):
    wanted = {path: group for group, paths in PLACES.items() for path in paths}
    found = chosen(platform, [*wanted, *OTHERS])
    assert {path: found.get(path) for path in wanted} == wanted
    assert [path for path in OTHERS if path in found] == []


TEXTS = {
    "~/.bash_history": f"ls\nmysql -p{DRAWN}\n",
    "~/.zsh_history~": f": 1795000000:0;export API_TOKEN={DRAWN}\n",
    "~/.claude/projects/p/s.jsonl": '{"a": "b"}\n{"text": "x\\n' + SHAPED + '\\n"}\n',
    "~/src/AGENTS.md": f"# Rules\n\nUse {SHAPED}.\n",
    "~/src/.env~": f"A=1\nDB_PASSWORD={DRAWN}\n",
    "~/src/env.old": f"A=1\nDB_PASSWORD={DRAWN}\n",
    "~/.config/Code/User/History/1a/x9Yz": f"A=1\nDB_PASSWORD={DRAWN}\n",
    "~/.aws/credentials.bak": f"[default]\naws_secret_access_key = {token('aws-secret', 'places')}\n",
    "~/src/.git/hooks/pre-push": f"#!/bin/sh\ncurl -u ada:{DRAWN} https://example.com\n",
    "~/src/.git/config": f'[remote "origin"]\n\turl = https://ada:{SHAPED}@git.example.com/x.git\n',
}


@pytest.mark.parametrize("path", sorted(TEXTS))
def test_a_secret_there_is_told_with_its_line(path):
    [seen] = [
        each for each in observe(anywhere, FakeHost(files={path: TEXTS[path]})) if isinstance(each, CredentialSeen)
    ]
    secret = next(each for each in (DRAWN, SHAPED, token("aws-secret", "places")) if each in TEXTS[path])
    lines = TEXTS[path].split("\n")
    assert secret in lines[seen.evidence.line - 1]


def on_disk(tmp_path, name, text):
    """The lines of what is told of one file that really lies in a home."""
    home = tmp_path / "home" / "ada"
    (home / name).parent.mkdir(parents=True)
    (home / name).write_text(text)
    machine = replace(fake_machine(), files=image_files(str(tmp_path), Platform.LINUX))
    seen = observe(anywhere, Host(machine, Vault(TEST_KEY)))
    return [each.evidence.line for each in seen if isinstance(each, CredentialSeen)]


def test_the_middle_of_a_long_history_is_read_with_its_lines(tmp_path):
    filler = "ls -l some/folder # nothing\n" * 45_000
    text = f"{filler}mysql -p{DRAWN}\n{filler}curl https://ada:{SHAPED}@example.com\n{filler}"
    assert on_disk(tmp_path, ".bash_history", text) == [45_001, 90_002]


@pytest.mark.parametrize("before", [1024 * 1024 - 20, 1024 * 1024, 2 * 1024 * 1024 - 20])
def test_a_token_where_two_pieces_meet_is_whole(tmp_path, before):
    for long in ("x ", "x\n"):
        text = long * (before // 2) + SHAPED + "\n" + "y\n" * 1000
        told = on_disk(tmp_path / str(len(long.strip(" "))), ".bash_history", text)
        assert told == [text[: text.index(SHAPED)].count("\n") + 1]


def test_a_transcript_that_cannot_be_read_is_no_reason_to_stop():
    files = {
        "~/.claude/projects/p/a.jsonl": FakeFile(kind=FileKind.PIPE),
        "~/.claude/projects/p/b.jsonl": None,
        "~/.claude/projects/p/c.jsonl": f'{{"a": "{SHAPED}"}}',
    }
    seen = observe(anywhere, FakeHost(files=files))
    assert [each.evidence.path.name for each in seen if isinstance(each, CredentialSeen)] == ["c.jsonl"]


def test_a_token_that_a_transcript_repeats_is_told_where_it_stands_first():
    files = {"~/.claude/projects/p/a.jsonl": f'{{"a": 1}}\n{{"a": "{SHAPED} {SHAPED}"}}\n' * 50}
    seen = [each for each in observe(anywhere, FakeHost(files=files)) if isinstance(each, CredentialSeen)]
    assert [each.evidence.line for each in seen] == [2]
