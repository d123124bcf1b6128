"""One session of a real agent: a made-up home and repository, the settings of the case, the scripted model.

The agent runs as an unprivileged user when this runs as root. What it is asked to read, run and fetch is made up,
and holds markers in place of secrets.
"""

import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from model import Anthropic, Call, OpenAI, Script, Served

SECONDS = 120
SHARED = Path("/tmp/oracle-w")  # what a case may write beside its own folders
NOTHING = "(no answer: the session ended before)"
PERSON = Path(__file__).with_name("person.py").read_text()
SECRETS = ("GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "OPENAI_API_KEY", "MY_PLAIN", "GH_TOKEN", "DATABASE_PASSWORD")


@dataclass(frozen=True)
class Case:
    """A question: settings, then calls.

    Paths in `files` and texts may say {home}, {repo}, {outside}, {port}.

    `trusted` is what the agent has on record for the folder (None: nothing), `missing` names programs that are not on
    its PATH, `confined` says that a sandbox is meant to hold, so that a file not found is the sandbox's doing,
    `tracked` that git knows the repository's files.
    """

    name: str
    calls: tuple[Call, ...]
    files: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    git: bool = True
    trusted: bool | None = True
    aside: str = "ok"
    missing: tuple[str, ...] = ()
    confined: bool = False
    tracked: bool = False


@dataclass(frozen=True)
class Told:
    """What came back for each call, which calls a person was asked about, and the agent's own words."""

    case: Case
    answers: tuple[str, ...]
    asked: frozenset[int]
    output: str


class Place:
    """The folders of one session."""

    def __init__(self, user: str | None) -> None:
        self.user = user
        self.root = Path(tempfile.mkdtemp(prefix="oracle-", dir=os.environ.get("ORACLE_TMP", "/var/tmp")))
        self.home, self.repo, self.outside = (self.root / name for name in ("home", "home/repo", "outside"))
        for folder in (self.home, self.repo, self.outside, self.home / "secret"):
            folder.mkdir(parents=True, exist_ok=True)
        (self.outside / "file").write_text("MARKER-OUTSIDE\n")
        (self.home / "secret" / "x").write_text("MARKER-SECRET\n")
        (self.repo / "inside.txt").write_text("MARKER-INSIDE\n")
        (self.repo / ".env").write_text("KEY=MARKER-DOTENV\n")

    def words(self, text: str, port: int) -> str:
        names = {"home": self.home, "repo": self.repo, "outside": self.outside, "root": self.root, "port": port}
        for name, value in names.items():
            text = text.replace("{" + name + "}", str(value))
        return text

    def settle(self, case: Case, port: int) -> None:
        if case.git:
            subprocess.run(["git", "init", "-q", str(self.repo)], check=True)
        for name, text in case.files.items():
            path = Path(self.words(name, port))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.words(text, port))
            if name.endswith(".sh"):
                path.chmod(0o755)
        if case.git and case.tracked:
            subprocess.run(["git", "-C", str(self.repo), "add", "--all"], check=True)
        if self.user:
            subprocess.run(["chown", "-R", f"{self.user}:", str(self.root)], check=True)

    def environment(self, case: Case, port: int) -> dict[str, str]:
        base = {
            "HOME": str(self.home),
            "PATH": self.path(case),
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "SHELL": "/bin/bash",
        }
        made_up = {name: f"MARKER-{name}" for name in SECRETS}
        return {**base, **made_up, **{name: self.words(text, port) for name, text in case.variables.items()}}

    def path(self, case: Case) -> str:
        """The usual folders, or one of links to their programs without those that the case wants missing."""
        usual = ("/usr/local/bin", "/usr/bin", "/bin")
        if not case.missing:
            return ":".join(usual)
        links = self.root / "bin"
        links.mkdir()
        for program in (each for folder in usual for each in Path(folder).iterdir()):
            if program.name not in case.missing and not (links / program.name).is_symlink():
                (links / program.name).symlink_to(program)
        return str(links)


class Listener:
    """A unix socket that greets, in the outside folder."""

    def __init__(self, path: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(path))
        path.chmod(0o777)
        self.socket.listen()
        threading.Thread(target=self.greet, daemon=True).start()

    def greet(self) -> None:
        while True:
            try:
                caller, _ = self.socket.accept()
            except OSError:  # closed
                return
            caller.sendall(b"MARKER-SOCKET\n")
            caller.close()


Start = Callable[[Case, Place, int, Script], str]


def words_in(value: object, place: Place, port: int) -> object:
    return json.loads(place.words(json.dumps(value), port))


def identity(user: str | None) -> dict[str, object]:
    if not user:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def session(case: Case, start: Start, api: type[Anthropic | OpenAI], user: str | None) -> Told:
    """Runs one case and takes its folders away again."""
    place, script = Place(user), Script((), case.aside)
    listener = Listener(place.outside / "sock")
    try:
        with Served(api(script)) as served:
            script.calls = tuple(
                Call(call.tool, words_in(call.input, place, served.port), call.namespace) for call in case.calls
            )
            place.settle(case, served.port)
            output = start(case, place, served.port, script)
            answers = tuple(script.answers.get(number, NOTHING) for number in range(len(case.calls)))
            return Told(case, answers, frozenset(script.asked), output)
    finally:
        listener.socket.close()
        SHARED.unlink(missing_ok=True)
        shutil.rmtree(place.root, ignore_errors=True)


def run(case: Case, command: list[str], place: Place, port: int) -> str:
    """What an agent that needs no conversation with its caller prints."""
    try:
        done = subprocess.run(
            [place.words(word, port) for word in (*command, *case.arguments)],
            cwd=place.repo,
            env=place.environment(case, port),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            **identity(place.user),
        )
    except subprocess.TimeoutExpired:
        return "(took too long)"
    return (done.stdout + done.stderr).decode(errors="replace")
