"""Processes, agent sockets, keychain and registry of this machine."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import PurePosixPath

import pytest

from scanner.host.local import LIST_REQUEST, LocalKeychain, LocalProcesses, LocalRegistry, LocalSockets
from scanner.host.local import _psutil_table as psutil_table
from scanner.host.local import _psutil_variables as psutil_variables
from scanner.model import Gap, GapKind
from tests.support import dropped

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture
def sleeper():
    """A process of ours with an argument and a variable of its own."""
    code = "print(flush=True); input()"
    environment = {"MARK": "two\nlines", "EMPTY": ""}
    with subprocess.Popen(
        [sys.executable, "-c", code, "an argument"], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        yield process
        process.kill()


def table_of(source):
    return {process.pid: process for process in source}


@linux
def test_a_process_tells_parent_arguments_and_environment(sleeper):
    process = table_of(LocalProcesses().table())[sleeper.pid]
    assert (process.parent, process.argv[-1], process.mine) == (os.getpid(), "an argument", True)
    variables = LocalProcesses().variables(sleeper.pid)
    assert (variables["MARK"], variables["EMPTY"]) == ("two\nlines", "")
    assert "an argument" not in repr(process)


@linux
def test_the_table_is_by_pid_and_holds_this_process():
    table = LocalProcesses().table()
    assert [process.pid for process in table] == sorted(process.pid for process in table)
    assert os.getpid() in table_of(table)


def test_psutil_tells_the_same_where_there_is_no_proc(sleeper):
    process = table_of(psutil_table())[sleeper.pid]
    assert (process.parent, process.argv[-1], process.mine) == (os.getpid(), "an argument", True)
    assert psutil_variables(sleeper.pid)["MARK"] == "two\nlines"
    assert psutil_variables(2**22 + 1) == {}


@linux
def test_a_process_that_has_ended_has_no_environment_and_no_row(tmp_path):
    assert LocalProcesses().variables(2**22 + 1) == {}
    (tmp_path / "self").mkdir()
    (tmp_path / "77").mkdir()
    assert LocalProcesses(str(tmp_path)).table() == []


@linux
@pytest.mark.parametrize(
    ("stat", "cmdline", "name", "argv"),
    [
        (b"77 (bash) S 5 77", b"-bash\0", "bash", ("-bash",)),
        (b"77 (odd) name)) S 5 77", b"", "odd) name)", ()),
        (
            b"77 (fifteen-letters) S 5",
            b"/x/fifteen-letters-on\0\0",
            "fifteen-letters-on",
            ("/x/fifteen-letters-on", ""),
        ),
        (b"77 (fifteen-letters) S 5", b"other\0", "fifteen-letters", ("other",)),
        (b"77 (\xff) S 5", b"\xff\0", "\udcff", ("\udcff",)),
    ],
)
def test_a_row_of_proc_is_read_whatever_the_name(tmp_path, stat, cmdline, name, argv):
    for folder in ("self", "77", "78"):
        (tmp_path / folder).mkdir()
    (tmp_path / "77/stat").write_bytes(stat)
    (tmp_path / "77/cmdline").write_bytes(cmdline)
    (tmp_path / "78/stat").write_bytes(b"half a row")
    (tmp_path / "78/cmdline").write_bytes(b"")
    [process] = LocalProcesses(str(tmp_path)).table()
    assert (process.pid, process.parent, process.name, process.argv) == (77, 5, name, argv)


@linux
def test_an_environment_that_may_not_be_read_is_refused(tmp_path):
    for folder in ("self", "77"):
        (tmp_path / folder).mkdir()
    (tmp_path / "77/environ").write_bytes(b"CANARY=1\0")
    (tmp_path / "77/environ").chmod(0)
    found = dropped(LocalProcesses(str(tmp_path)).variables, 77)
    assert found == Gap(GapKind.REFUSED, "process 77", "permission denied")


class Fake:
    """A listener on a unix socket that answers the first caller with what it is told, then waits."""

    def __init__(self, folder, answer=b"", *, closes=False, drips=False):
        self.path = PurePosixPath(folder / "agent")
        self.heard = b""
        self._done = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve, args=(answer, closes, drips))
        self._thread.start()

    def _serve(self, answer, closes, drips):
        caller, _ = self._listener.accept()
        with caller:
            self.heard = caller.recv(4096)
            try:
                for start in range(0, len(answer), 1 if drips else len(answer) or 1):
                    caller.sendall(answer[start : start + 1] if drips else answer)
                    if drips and self._done.wait(0.05):
                        break
            except OSError:
                return
            if not closes:
                self._done.wait(10)

    def close(self):
        self._done.set()
        self._thread.join()
        self._listener.close()


@pytest.fixture
def listen(tmp_path):
    made = []

    def start(answer=b"", **how):
        made.append(Fake(tmp_path, answer, **how))
        return made[-1]

    yield start
    for fake in made:
        fake.close()


def framed(body):
    return len(body).to_bytes(4, "big") + body


def test_an_agent_is_asked_for_its_list_and_nothing_else(listen):
    fake = listen(framed(b"\x0c\0\0\0\0"))
    assert LocalSockets().agent_identities(fake.path) == b"\x0c\0\0\0\0"
    assert fake.heard == LIST_REQUEST == b"\0\0\0\1\x0b"


@pytest.mark.parametrize(
    ("answer", "how", "kind"),
    [
        (b"", {}, GapKind.LIMIT),
        (b"", {"closes": True}, GapKind.FAILED),
        (b"\0\0", {"closes": True}, GapKind.FAILED),
        (framed(b"\x0c\0\0\0\0")[:-1], {"closes": True}, GapKind.FAILED),
        (b"\0\0\0\0", {}, GapKind.FAILED),
        (b"\xff\xff\xff\xff" + b"x" * 1000, {}, GapKind.FAILED),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", {}, GapKind.FAILED),
        (framed(b"x" * 200), {"drips": True}, GapKind.LIMIT),
    ],
)
def test_silence_garbage_and_floods_are_gaps_within_the_deadline(listen, answer, how, kind):
    fake = listen(answer, **how)
    started = time.monotonic()
    found = LocalSockets(seconds=0.3).agent_identities(fake.path)
    assert time.monotonic() - started < 3
    assert isinstance(found, Gap)
    assert found.kind is kind
    assert found.place == str(fake.path)


def test_only_a_socket_of_ours_is_asked(tmp_path, listen):
    (tmp_path / "file").write_text("x")
    os.mkfifo(tmp_path / "pipe")
    sockets = LocalSockets()
    for name in ("file", "pipe"):
        assert sockets.agent_identities(PurePosixPath(tmp_path / name)).why == "not a socket"
    assert sockets.agent_identities(PurePosixPath(tmp_path / "nothing")).why == "nothing there"
    assert sockets.agent_identities(PurePosixPath("/nul\0")).kind is GapKind.FAILED
    if os.geteuid() == 0:
        fake = listen(framed(b"\x0c\0\0\0\0"))
        os.chown(fake.path, 54321, 54321)
        assert sockets.agent_identities(fake.path).why == "the socket of another user"
        assert fake.heard == b""
        os.chown(fake.path, 0, 0)
        sockets.agent_identities(fake.path)  # lets the listener end


def test_a_dead_socket_is_a_gap(tmp_path):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "dead"))
    assert LocalSockets().agent_identities(PurePosixPath(tmp_path / "dead")).kind is GapKind.FAILED


def test_a_socket_path_too_long_for_the_kernel_is_a_limit(tmp_path, monkeypatch):
    folder = tmp_path / ("d" * 120)
    folder.mkdir()
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("agent")
        assert LocalSockets().agent_identities(PurePosixPath(folder / "agent")).kind is GapKind.LIMIT


@pytest.mark.skipif(not shutil.which("ssh-agent"), reason="wants an ssh-agent")
def test_a_real_agent_lists_its_keys(tmp_path):
    key, path = tmp_path / "key", tmp_path / "agent"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "a comment", "-f", key], check=True)
    with subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.DEVNULL) as agent:
        while not path.exists():
            time.sleep(0.01)
        sockets = LocalSockets()
        assert sockets.agent_identities(PurePosixPath(path)) == b"\x0c\0\0\0\0"
        subprocess.run(["ssh-add", "-q", key], env={"SSH_AUTH_SOCK": str(path)}, check=True)
        answer = sockets.agent_identities(PurePosixPath(path))
        assert answer[:5] == b"\x0c\0\0\0\1"
        assert b"a comment" in answer
        agent.terminate()


def test_the_keychain_is_closed_without_consent_by_name():
    asked = LocalKeychain(frozenset({"glab"})).entry("gh:github.com", "ada")
    assert asked == Gap(GapKind.REFUSED, "keychain entry gh:github.com", "needs consent")
    assert "keyring" not in str(asked)


@linux
@pytest.mark.parametrize("consented", ["gh", "gh:github.com"])
def test_a_keychain_that_does_not_answer_is_a_gap(monkeypatch, tmp_path, consented):
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/no-bus")
    found = LocalKeychain(frozenset({consented})).entry("gh:github.com", "ada")
    assert found == Gap(GapKind.FAILED, "keychain entry gh:github.com", "the keychain did not answer")


@linux
def test_a_session_without_a_keychain_is_said(monkeypatch):
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    found = LocalKeychain(frozenset({"gh"})).entry("gh:github.com", "ada")
    assert found == Gap(GapKind.REFUSED, "keychain entry gh:github.com", "there is no keychain in this session")


@linux
def test_no_code_that_keyrings_settings_name_is_run(home, monkeypatch, tmp_path):
    folder = home / ".config/python_keyring"
    folder.mkdir(parents=True)
    (folder / "keyringrc.cfg").write_text(f"[backend]\ndefault-keyring=found.Keyring\nkeyring-path={home}\n")
    (home / "found.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nclass Keyring: priority = 9\n")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/no-bus")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "found.Keyring")
    LocalKeychain(frozenset({"gh"})).entry("gh", "ada")
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="has a registry")
def test_the_registry_is_empty_off_windows():
    assert LocalRegistry().values("HKCU/Environment") == {}
