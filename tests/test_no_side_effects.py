"""A real scan of a hostile home changes nothing, runs nothing and talks to nobody.

Two barriers watch the real command: the kernel's own record of its calls, and the interpreter's audit events. Each is
also held against planted probes that do what none may do.
"""

import os
import re
import shutil
import signal
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from scanner.testing import agent_answer
from tests.machines import hostile
from tests.probe_faults.installed import install
from tests.probe_faults.planted_probes import ALL

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the hostile home needs POSIX files")
ROOT = Path(__file__).parent.parent
SECONDS = 120
HARMLESS = ("clean", "prints", "quotes_in_an_error", "names_it_in_evidence")  # faults, but of another kind
OFFENDERS = [each.id.removeprefix("planted.") for each in ALL if each.id.removeprefix("planted.") not in HARMLESS]
DEAF = ("runs_past_the_interpreter",)  # what the audit hook cannot hear


@dataclass
class Stage:
    """A hostile home on a real disk and a folder for all that a scan may write."""

    home: Path
    marker: Path
    allowed: Path
    agent: Path
    variables: dict[str, str]
    asked: list[bytes] = field(default_factory=list)

    def command(self, *arguments: str) -> list[str]:
        """`-P`, since Python would else import from the current folder, which is hostile too."""
        return [sys.executable, "-P", "-B", "-m", "scanner", *arguments]

    def allow(self, *probes: str, plant: bool = False) -> None:
        config = self.home / ".config" / "armslength" / "config.toml"
        config.parent.mkdir(parents=True, exist_ok=True)
        plugins = '[plugins]\nallow = ["planted-probes"]\n' if plant else ""
        config.write_text(f"agents_may_read = true\n{plugins}")

    def run(self, command: list[str]) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            command,
            cwd=self.home / hostile.WORKSPACE,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )


class _Agent(socketserver.BaseRequestHandler):
    """An ssh-agent that writes down what it is asked and has no keys."""

    def handle(self) -> None:
        self.server.asked.append(self.request.recv(4096))
        answer = agent_answer([])
        self.request.sendall(len(answer).to_bytes(4, "big") + answer)


@pytest.fixture
def stage(home, tmp_path) -> Iterator[Stage]:
    marker = tmp_path / "tricked"
    hostile.build(home, marker)
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    folder = Path("/tmp") / f"armslength-{os.getpid()}"  # a socket's path is short
    folder.mkdir(mode=0o700, exist_ok=True)
    agent = folder / "agent"
    planted = install(tmp_path / "planted")
    variables = hostile.environment(home, marker) | {
        "HOME": str(home),
        "PATH": hostile.path(home, os.environ["PATH"]),
        "PYTHONPATH": f"{ROOT}:{planted}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONSTARTUP": str(home / ".pythonrc"),
        "ARMSLENGTH_STATE": str(allowed / "state"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "SSH_AUTH_SOCK": str(agent),
    }
    with socketserver.ThreadingUnixStreamServer(str(agent), _Agent) as server:
        made = Stage(home, marker, allowed, agent, variables)
        server.asked = made.asked
        threading.Thread(target=server.serve_forever, daemon=True).start()
        made.allow()
        yield made
        server.shutdown()
    shutil.rmtree(folder)
    (home / hostile.WORKSPACE / "locked" / ".env").chmod(0o600)


# The kernel's record ---------------------------------------------------------------------------------------------

CALLS = (
    "%network,execve,execveat,fork,vfork,open,openat,openat2,creat,unlink,unlinkat,rename,renameat,renameat2,link,linkat,"
    "symlink,symlinkat,mkdir,mkdirat,rmdir,mknod,mknodat,chmod,fchmod,fchmodat,chown,lchown,fchown,fchownat,truncate,"
    "ftruncate,utime,utimes,utimensat,futimesat,setxattr,lsetxattr,fsetxattr,removexattr,lremovexattr,fremovexattr,mount,"
    "umount2,kill,tkill,tgkill,ptrace,process_vm_readv,process_vm_writev,memfd_create,pidfd_open"
)
LINE = re.compile(r"(?P<pid>\d+) +(?P<call>\w+)\((?P<told>.*)")
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
DESCRIPTOR = re.compile(r"^\w+<([^>]*)>")
WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND|O_TMPFILE")
READING = {"open", "openat", "openat2"}
RUNNING = {"execve", "execveat", "fork", "vfork"}
OTHERS = {
    "kill",
    "tkill",
    "tgkill",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "mount",
    "umount2",
    "pidfd_open",
}
TERMINALS = ("/dev/null", "/dev/tty")


def strange_calls(record: str, allowed: Path, agent: Path) -> list[str]:
    """The calls of a record that no scan may make; the first `execve` is the start of the command itself."""
    found, started = [], False
    for line in record.splitlines():
        match = LINE.match(line)
        if match is None:
            continue
        call, told = match["call"], match["told"]
        if call in RUNNING:
            if started or call != "execve":
                found.append(line)
            started = True
        elif call in OTHERS:
            found.append(line)
        elif call in READING:
            if WRITING.search(told) and not _may_write(told, allowed):
                found.append(line)
        elif "sa_family" in told or call in ("socket", "socketpair", "bind", "listen"):
            if not _may_talk(call, told, agent):
                found.append(line)
        elif not _is_of_a_socket(call) and not _may_write(told, allowed):
            found.append(line)
    return found


def _is_of_a_socket(call: str) -> bool:
    """Calls on a socket that was opened, and so was judged, before."""
    return call.startswith(("send", "recv", "getsock", "setsock", "getpeer", "shutdown", "accept"))


def _may_write(told: str, allowed: Path) -> bool:
    """Whether every path that the call names lies in the allowed folder."""
    names = QUOTED.findall(told)
    if not names:  # a call on a descriptor: its path is written behind it
        match = DESCRIPTOR.match(told)
        names = [match[1]] if match else []
    folder = DESCRIPTOR.match(told)
    paths = [os.path.normpath(os.path.join(folder[1] if folder else "/", name)) for name in names]
    return bool(paths) and all(path in TERMINALS or Path(path).is_relative_to(allowed) for path in paths)


def _may_talk(call: str, told: str, agent: Path) -> bool:
    if call == "socket":
        return told.startswith("AF_UNIX")
    path = re.search(r'sun_path="([^"]*)"', told)
    return call == "connect" and path is not None and path[1] == str(agent)


@cache
def untraceable() -> str:
    """Why the kernel's record cannot be had here; empty where it can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    refused = subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], capture_output=True, text=True, check=False)
    lets_nobody = refused.returncode != 0 and "ptrace" in refused.stderr.casefold()
    return f"this machine lets nobody be traced: {refused.stderr.strip()}" if lets_nobody else ""


def traced(stage: Stage, record: Path, command: list[str]) -> subprocess.CompletedProcess[bytes]:
    """A run whose calls the kernel tells; it stops only at those that are asked for (strace 5.3)."""
    options = ["--seccomp-bpf", "-f", "-y", "-qq", "-s", "4096", "-e", "signal=none", "-e", f"trace={CALLS}"]
    return stage.run(["strace", *options, "-o", str(record), *command])


def test_a_named_output_and_the_state_folder_are_all_that_is_written(stage, tmp_path):
    """By the command itself, with no hook in it."""
    if untraceable():
        pytest.skip(untraceable())
    output = stage.allowed / "report.json"
    done = traced(stage, tmp_path / "record", stage.command("scan", "-o", str(output)))
    assert done.returncode in {0, 3}, done.stderr
    record = (tmp_path / "record").read_text(encoding="utf-8", errors="replace")
    assert record.count("execve(") == 1
    assert strange_calls(record, stage.allowed, stage.agent) == []
    assert {path.name for path in stage.allowed.rglob("*") if path.is_file()} <= {"report.json", "key", "log.jsonl"}
    assert output.stat().st_mode & 0o777 == 0o600
    assert strange_calls(record, stage.allowed / "state", stage.agent)  # the output lies outside that one


@pytest.mark.parametrize(
    "line",
    [
        '7 openat(AT_FDCWD</>, "/allowed/../etc/x", O_WRONLY|O_CREAT, 0600) = 3',
        '7 openat(4</home/ada>, "x", O_RDWR) = 3</home/ada/x>',
        '7 openat(4</allowed>, "../x", O_WRONLY|O_TRUNC <unfinished ...>',
        '7 rename("/allowed/a", "/home/ada/b") = 0',
        '7 unlinkat(4</home/ada>, "x", 0) = -1 EACCES (Permission denied)',
        "7 fchmod(3</home/ada/x>, 0644) = 0",
        '7 connect(3<socket:[1]>, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("1.2.3.4")}, 16) = 0',
        '7 connect(3<socket:[1]>, {sa_family=AF_UNIX, sun_path="/var/run/docker.sock"}, 110) = 0',
        "7 socket(AF_INET6, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_TCP) = 3<socket:[1]>",
        '7 sendto(3<socket:[1]>, "x", 1, 0, {sa_family=AF_INET, sin_port=htons(53)}, 16) = 1',
        '8 execve("/bin/sh", ["sh", "-c", "x"], 0x1 /* 2 vars */) = 0',
        "7 vfork( <unfinished ...>",
        "7 kill(1, SIGTERM) = 0",
    ],
)
def test_the_reader_of_the_record_finds_strange(line):
    start = '7 execve("/usr/bin/python3", ["python3"], 0x1 /* 2 vars */) = 0'
    assert strange_calls(f"{start}\n{line}\n", Path("/allowed"), Path("/agent")) == [line]


@pytest.mark.parametrize(
    "line",
    [
        '7 openat(4</home/ada>, "x", O_RDONLY|O_NOFOLLOW|O_CLOEXEC) = 3</home/ada/x>',
        '7 openat(AT_FDCWD</home/ada>, "/allowed/state/key", O_WRONLY|O_CREAT|O_EXCL, 0600) = 3',
        '7 openat(AT_FDCWD</home/ada>, "/dev/null", O_RDWR) = 3</dev/null<char 1:3>>',
        '7 rename("/allowed/a", "/allowed/b") = 0',
        "7 socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) = 3<socket:[1]>",
        '7 connect(3<socket:[1]>, {sa_family=AF_UNIX, sun_path="/agent"}, 110) = 0',
        '7 sendto(3<socket:[1]>, "\\0\\0\\0\\1\\v", 5, 0, NULL, 0) = 5',
    ],
)
def test_the_reader_of_the_record_lets_pass(line):
    assert strange_calls(line, Path("/allowed"), Path("/agent")) == []


# The interpreter's audit events ----------------------------------------------------------------------------------

HOOK = """
import os, runpy, sys
report = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
allowed, agent = sys.argv[2], sys.argv[3]
sys.argv[:4] = ["armslength"]
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
RUNNING = (
    *("subprocess.", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.fork", "pty.", "os.startfile"),
)
TALKING = (
    *("socket.bind", "socket.getaddrinfo", "socket.gethost", "socket.getnameinfo", "socket.send"),
)
CHANGING = (
    *("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod"),
    *("os.chown", "os.utime", "os.setxattr", "os.removexattr", "os.lockf", "os.kill", "shutil.", "tempfile."),
    *("ftplib.", "smtplib.", "urllib.Request", "http.client.", "winreg.SetValue"),
)
watching = True

def may_write(paths):
    texts = [os.path.abspath(os.fsdecode(path)) for path in paths if isinstance(path, (str, bytes, os.PathLike))]
    return bool(texts) and all(text == "/dev/null" or (text + "/").startswith(allowed + "/") for text in texts)

def strange(event, told):
    if event.startswith(RUNNING + TALKING):
        return True
    if event == "socket.connect":
        return told[1] != agent
    if event == "sqlite3.connect":
        return told[0] != ":memory:"
    if event == "open":
        mode, flags = told[1] or "", told[2] or 0
        writing = any(sign in mode for sign in "wax+") or flags & WRITING
        return bool(writing) and not isinstance(told[0], int) and not may_write(told[:1])
    return event.startswith(CHANGING) and not may_write(told[:2])

def hook(event, told):
    global watching
    if watching and strange(event, told):
        watching = False
        os.write(report, (event + " " + repr(told)[:300] + "\\n").encode("utf-8", "replace"))
        watching = True

sys.addaudithook(hook)
runpy.run_module("scanner", run_name="__main__", alter_sys=True)
"""


# Both barriers around one run ------------------------------------------------------------------------------------


SCANS = {
    "terminal": ("scan",),
    "json": ("scan", "--format", "json"),
    "deep": ("scan", "--depth", "deep", "--workspace", "..", "--format", "json"),
    "own home by name": ("scan", "--home", "~", "--workspace", "."),
    "an image": ("scan", "--root", "../..", "--home", "/", "--platform", "linux", "--workspace", "/src/evil"),
}


@dataclass
class Watched:
    """What the audit hook heard during a run of the command, and the kernel's record of it where there is one."""

    events: str
    record: str


def watched(stage: Stage, tmp_path: Path, *arguments: str) -> Watched:
    """A run of the command between both barriers; what the hook itself writes lies in the allowed folder."""
    events, record = stage.allowed / "events", tmp_path / "record"
    command = [sys.executable, "-P", "-B", "-c", HOOK, str(events), str(stage.allowed), str(stage.agent), *arguments]
    done = stage.run(command) if untraceable() else traced(stage, record, command)
    assert done.returncode in {0, 3}, done.stderr
    assert done.stdout
    told = "" if untraceable() else record.read_text(encoding="utf-8", errors="replace")
    return Watched(events.read_text(encoding="utf-8"), told)


def _everything(folder: Path) -> dict[str, tuple[int, int, int, int]]:
    """Each path below the folder with its kind and mode, size, change time and link count."""
    found = {}
    for parent, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = os.path.join(parent, name)
            status = os.lstat(path)
            found[path] = (status.st_mode, status.st_size, status.st_ctime_ns, status.st_nlink)
    return found


LIST = b"\0\0\0\1\x0b"  # the request for an agent's list, and no other


@pytest.mark.parametrize("arguments", SCANS.values(), ids=SCANS)
def test_a_scan_changes_nothing_and_neither_interpreter_nor_kernel_tells_of_anything_strange(
    stage, tmp_path, arguments
):
    before = _everything(stage.home.parent)
    seen = watched(stage, tmp_path, *arguments)
    assert seen.events == ""
    assert _everything(stage.home.parent) == before
    assert not stage.marker.exists()
    assert set(stage.asked) == ({LIST} if "--root" not in arguments else set())
    if untraceable():
        pytest.skip(untraceable())
    assert seen.record.count("execve(") == 1
    for place in ("/.aws", "/.git", "/.docker", "/.kube"):
        assert place in seen.record  # it did look
    assert '"outside"' not in seen.record  # and did not follow a link out of the home
    assert "/outside" not in seen.record
    assert strange_calls(seen.record, stage.allowed, stage.agent) == []


@pytest.mark.parametrize("fault", OFFENDERS)
def test_each_barrier_catches(stage, tmp_path, fault):
    stage.allow(plant=True)
    seen = watched(stage, tmp_path, "scan", "--probe", f"planted.{fault}", "--format", "json")
    assert (seen.events == "") == (fault in DEAF)
    if untraceable():
        pytest.skip(untraceable())
    assert strange_calls(seen.record, stage.allowed, stage.agent) != []


def test_both_barriers_let_a_clean_probe_pass(stage, tmp_path):
    stage.allow(plant=True)
    seen = watched(stage, tmp_path, "scan", "--probe", "planted.clean", "--format", "json")
    assert seen.events == ""
    if untraceable():
        pytest.skip(untraceable())
    assert strange_calls(seen.record, stage.allowed, stage.agent) == []


# What is left ----------------------------------------------------------------------------------------------------


def test_the_installed_command_imports_nothing_from_where_it_stands(stage):
    """The workspace holds a json.py, a click.py and a scanner.py of its own; without `-P`, `-m` would take them."""
    script = shutil.which("armslength", path=str(Path(sys.executable).parent))
    if script is None:
        pytest.skip("armslength is not installed beside this Python")
    done = stage.run([script, "scan", "--format", "json"])
    assert done.returncode in {0, 3}, done.stderr
    assert not stage.marker.exists()


def test_the_traps_of_the_workspace_do_spring(stage):
    """Each trap is live: who runs what lies there makes the marker."""
    stage.run([sys.executable, "-B", "-m", "json", "x"])
    assert stage.marker.exists()
    stage.marker.unlink()
    stage.run(["/bin/sh", str(stage.home / "trap")])
    assert stage.marker.exists()


def test_each_program_on_the_path_is_a_trap(stage):
    for program in hostile.PROGRAMS:
        stage.run(["/usr/bin/env", program])
        assert stage.marker.exists(), program
        stage.marker.unlink()


def test_an_interrupted_scan_leaves_no_temporary_file(stage):
    command = stage.command("scan", "-o", str(stage.allowed / "report.json"))
    with subprocess.Popen(
        command,
        cwd=stage.home / hostile.WORKSPACE,
        env=stage.variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        with suppress(subprocess.TimeoutExpired):
            running.wait(0.15)
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=SECONDS)
    left = {path.name for path in stage.allowed.rglob("*") if path.is_file()}
    assert left <= {"key", "log.jsonl", "report.json"}
