"""Every agent's files, each broken in every way that files break: told, never fatal, and never taken for strictness."""

import json
import re
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probes.agents.look import agents
from scanner.data.agent_places import agent_places
from scanner.host.paths import braces
from scanner.model import AgentSeen, Channel, Gap, Gate, Platform
from scanner.testing import HOMES, FakeFile, FakeHost, observe
from tests.support import FULL_SIZE

APP = "~/src/app"
ROWS = {row.id: row for row in agent_places() if row.reader}
FORMS = {".json": "json", ".jsonc": "json", ".code-workspace": "json", ".yaml": "yaml", ".yml": "yaml", ".toml": "toml"}
MOVED = {"AMP_SETTINGS_FILE", "CLINE_GLOBAL_SETTINGS_PATH", "CLINE_MCP_SETTINGS_PATH"}  # variables that name a file
MOVED |= {
    f"{who}_{what}_PATH" for who in ("GEMINI_CLI", "QWEN_CODE") for what in ("SYSTEM_SETTINGS", "SYSTEM_DEFAULTS")
}
MOVED |= {"GEMINI_CLI_TRUSTED_FOLDERS_PATH"}
KNOWN = {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA"}
WINDOWS = {"$APPDATA": "~/AppData/Roaming", "$LOCALAPPDATA": "~/AppData/Local", "$PROGRAMDATA": "C:/ProgramData"}
UNIX = {"$XDG_CONFIG_HOME": "~/.config", "$XDG_DATA_HOME": "~/.local/share"}
# What is never parsed: that it is there is all that counts.
BY_NAME = {
    ("cline", "hooks"),
    ("cline-cli", "hooks"),
    ("cline-cli", "plugins"),
    ("cline-cli", "cron"),
    ("kiro", "hooks"),
}
# What is read only where an older database of an editor is the one that counts, which no row here has.
UNREAD = {("cline", "older_servers")}
FINE = {("opencode", "twice")}  # the later one counts there, and nobody is surprised
# What has its project's files read: the folder is trusted.
TRUSTED = {
    "copilot-cli": {"~/.copilot/config.json": {"trustedFolders": ["/home/ada/src/app"]}},
    "gemini-cli": {"~/.gemini/trustedFolders.json": {"/home/ada/src/app": "TRUST_FOLDER"}},
    "qwen-code": {
        f"{folder}/settings.json": {"security": {"folderTrust": {"enabled": True}}}
        for folder in ("~/.qwen", "/srv/moved")
    },
}

BODY = {
    "json": '{"tools": {"allowed": ["x"]}, "permissions": {"allow": ["x"]}, "text": "some words"}',
    "yaml": 'tools:\n  allow: [x]\ntext: "some words"\n',
    "toml": '[tools]\nallow = ["x"]\n[text]\nsome = "words"\n',
}
COMMENT = {"json": "// ", "yaml": "# ", "toml": "# "}
LOST = {
    "half": {form: text[: text.index("words") + 2] for form, text in BODY.items()},
    "binary": dict.fromkeys(BODY, bytes(range(256)) * 20),
    "deep": {"json": '{"a":' * 1_500, "yaml": "[" * 1_500, "toml": "a = " + "[" * 1_500},  # Python follows 1_000
    "a list": {"json": '["x", 1]', "yaml": "- x\n- 1\n"},
    "a word": {"json": '"x"', "yaml": "x\n"},
    "no value": {"json": "null", "toml": "= 1\n"},
    "3 MB": {form: text + "\n" + f"{COMMENT[form]}{'x' * 10_000}\n" * 300 for form, text in BODY.items()},
    "no UTF-8": {form: text.encode().replace(b"words", b"\xed\xa0\x80") for form, text in BODY.items()},
    "twice": {"json": '{"text": 1, "text": 2}', "yaml": "text: 1\ntext: 2\n", "toml": "text = 1\ntext = 2\n"},
}
HALF_READ = {"twice", "3 MB", "half", "no UTF-8"}  # what could be read of it may count
# What is whole, and says nothing that anybody knows.
WHOLE = {
    "empty": dict.fromkeys(BODY, ""),
    "blank": {"json": " \n\t\n", "yaml": " \n\n", "toml": " \n\t\n"},
    "lone surrogates": {"json": '{"\\ud800": "\\udfff", "text": ["\\ud800x"]}', "yaml": 'a: "\\ud800"\n'},
    "a mark of order": {"json": "\ufeff{}", "yaml": "\ufeff# nothing\n"},
}


class Spot:
    """One place that a row declares: a path on a platform, and the variable that leads there."""

    def __init__(self, row, name, pattern):
        self.row, self.name, self.env = row, name, {}
        variable = re.match(r"\$(\w+)", pattern)
        windows = pattern.startswith((*WINDOWS, "C:/", "$PROGRAMFILES"))
        macos = pattern.startswith(("~/Library", "/Library"))
        self.platform = Platform.WINDOWS if windows else Platform.MACOS if macos else Platform.LINUX
        for known, text in {**WINDOWS, **UNIX, "./": f"{APP}/"}.items():
            pattern = text + pattern.removeprefix(known) if pattern.startswith(known) else pattern
        if variable and variable[1] not in KNOWN:
            at = "/srv/moved.json" if variable[1] in MOVED else "C:/moved" if windows else "/srv/moved"
            self.env[variable[1]] = at
            pattern = at + pattern.removeprefix(f"${variable[1]}")
        home = HOMES[self.platform]
        root = sha256(str(home / APP[2:]).encode()).hexdigest()[:16]
        self.path = pattern.replace("workspace-roots/*", f"workspace-roots/{root}").replace("*", "x")
        self.shown = self.path.rpartition("/")[2]

    @property
    def form(self):
        """How its text is written, None where it is not parsed or no text."""
        ending = "." + self.shown.rpartition(".")[2]
        return None if (self.row.id, self.name) in BY_NAME | UNREAD else FORMS.get(ending)

    def __repr__(self):
        return f"{self.name}:{self.path}"

    def look(self, content):
        """All that is told of a machine where the agent is, with that file in its place."""
        row = self.row
        sign = (
            f"~/.local/bin/{row.programs[0]}" if row.programs else f"~/.vscode/extensions/{row.extensions[0]}-1.0.0/x"
        )
        if row.programs and self.platform is Platform.WINDOWS:
            sign = f"~/AppData/Roaming/npm/{row.programs[0]}.cmd"
        beside = {path: json.dumps(text) for path, text in TRUSTED.get(row.id, {}).items()}
        files = {sign: "", f"{APP}/.git/HEAD": "x", **beside}
        files.pop(self.path, None)
        if content is not None:
            files[self.path] = FakeFile(content, mode=0o644, mine=not self.path.startswith(("/etc", "/Library")))
        seen = observe(agents, FakeHost(self.platform, files, workspace=APP, env=self.env))
        assert "CANARY" not in repr(seen)
        return seen


@cache
def spots(agent):
    row = ROWS[agent]
    return tuple(Spot(row, name, next(braces(one))) for name, patterns in row.files.items() for one in patterns)


def policies(row, seen):
    return [each.policy for each in seen if isinstance(each, AgentSeen) and each.agent == row.id]


ORDER = list(Gate)
TARGETS = {
    Channel.READ: ("/home/ada/.ssh/id_ed25519", "/home/ada/src/app/.env", "/home/ada/src/app/main.py"),
    Channel.WRITE: ("/home/ada/.bashrc", "/home/ada/src/app/main.py"),
    Channel.EXECUTE: ("python3 x.py", "git status", "rm -rf x"),
    Channel.CONNECT: ("example.com",),
    Channel.CALL: ("github/push",),
}


def laxest(policy):
    """What stands at least before each of some acts, as it is reckoned."""
    return {
        (channel, target): min(
            (
                ORDER.index(tool.decide(target).effective)
                for tool in policy.tools
                if tool.channel is channel and tool.sandbox is None
            ),
            default=len(ORDER),
        )
        for channel, targets in TARGETS.items()
        for target in targets
    }


def defects(seen):
    return [gap.why for gap in seen if isinstance(gap, Gap) and "defect" in gap.why]


def judged(spot, content):
    """What is told of a machine with a file in that state: no defect, and the agent with its policy."""
    seen = spot.look(content)
    assert defects(seen) == [], spot
    [found] = policies(spot.row, seen)
    assert found is not None, spot
    return seen, laxest(found)


@cache
def without(spot):
    """How lax the agent is where that file is not there."""
    return judged(spot, None)[1]


@pytest.mark.parametrize("damage", sorted(LOST))
@pytest.mark.parametrize("agent", sorted(ROWS))
def test_a_broken_file_is_a_gap_and_never_makes_an_agent_look_safer(agent, damage):
    untold = []
    for spot in spots(agent):
        if spot.form in LOST[damage] and (agent, damage) not in FINE:
            seen, found = judged(spot, LOST[damage][spot.form])
            if not any(spot.shown in gap.place for gap in seen if isinstance(gap, Gap)):
                untold.append(spot)
            stricter = {act for act, gate in found.items() if gate > without(spot)[act]}
            assert damage in HALF_READ or stricter == set(), spot
    assert untold == []


@pytest.mark.parametrize("damage", sorted(WHOLE))
@pytest.mark.parametrize("agent", sorted(ROWS))
def test_a_file_that_says_nothing_changes_nothing(agent, damage):
    for spot in spots(agent):
        if spot.form in WHOLE[damage]:
            assert judged(spot, WHOLE[damage][spot.form])[1] == without(spot), spot


# --- trees made of the words that a reader knows, with values that nobody expects there


WORD = re.compile(r'"([A-Za-z_][A-Za-z0-9_.:-]{1,60})"')


def words(row):
    """The texts in a reader's own source: its keys and its values are among them."""
    source = "".join(path.read_text() for path in sorted(Path("probes/agents", row.reader).glob("*.py")))
    return sorted({"*", "x", *WORD.findall(source)})


def trees(known):
    """Settings of any shape, made of those words."""
    leaves = st.one_of(
        st.sampled_from(known), st.booleans(), st.none(), st.integers(-2, 2), st.just(1e300), st.just("")
    )
    inner = st.recursive(
        leaves,
        lambda each: st.one_of(st.lists(each, max_size=3), st.dictionaries(st.sampled_from(known), each, max_size=3)),
    )
    return st.dictionaries(st.sampled_from(known), inner, max_size=6)


def of(tree, form):
    """A tree as text; every tree of JSON is one of YAML too, and TOML knows no null."""
    if form != "toml":
        return json.dumps(tree)
    return "".join(f"{json.dumps(key)} = {toml(value)}\n" for key, value in tree.items())


def toml(value):
    match value:
        case dict():
            return "{" + ", ".join(f"{json.dumps(key)} = {toml(each)}" for key, each in value.items()) + "}"
        case list():
            return "[" + ", ".join(toml(each) for each in value) + "]"
        case None:
            return '""'
        case _:
            return json.dumps(value)


@pytest.mark.parametrize("agent", sorted(ROWS))
def test_no_tree_of_known_words_breaks_a_reader(agent):
    row = ROWS[agent]
    places = [spot for spot in spots(agent) if spot.form and spot.platform is Platform.LINUX]

    @settings(max_examples=400 if FULL_SIZE else 24, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(places), trees(words(row)))
    def check(spot, tree):
        judged(spot, of(tree, spot.form))

    check()
