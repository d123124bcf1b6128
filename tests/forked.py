"""Runs of the command that do not start Python anew: each is a fork of one process that has imported most already.

What comes of it is that of a process of its own: its exit, its signals, its streams and its environment. With
FULL_SIZE=1 in the environment, and wherever a test is about how the command starts, it does start anew.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module, invalidate_caches
from pathlib import Path
from pkgutil import walk_packages
from typing import IO

from tests.support import FULL_SIZE

ROOT = Path(__file__).parent.parent
ROOMS = ("scanner", "probes", "reports")
VERBS = "scanner.cli."  # each is imported by the run that needs it, as a user's run does
KEPT = ("PATH", "LANG")  # variables that Python reads when it starts, and every run has
LONGEST = 65536  # bytes of a request
SECONDS = 60


def serves(env: Mapping[str, str], streams: Mapping[str, object]) -> bool:
    """Whether a fork is all that such a run needs; what Python reads only when it starts wants a start."""
    early = any(name.startswith(("PYTHON", "LC_")) and name != "PYTHONPATH" for name in env)
    first = any((folder / "sitecustomize.py").exists() for folder in map(Path, _folders(env)))
    others = [each for each in streams.values() if isinstance(each, int) and each < 0]  # subprocess.PIPE and its like
    plain = not others and streams.keys() <= {"stdout", "stderr"}
    return plain and not (FULL_SIZE or early or first) and hasattr(os, "fork")


def _folders(env: Mapping[str, str]) -> list[str]:
    """Where the variables have Python import from."""
    return [folder for folder in env.get("PYTHONPATH", "").split(os.pathsep) if folder]


def run(
    arguments: Sequence[str], env: Mapping[str, str], cwd: Path, stdin: bytes | None = None, **streams: IO[bytes] | int
) -> subprocess.CompletedProcess[bytes]:
    """As `subprocess.run` of `python -m scanner` would; a stream that is not named is kept and handed back."""
    with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        told.write(stdin or b"")
        told.seek(0)
        given = [told, streams.get("stdout", out), streams.get("stderr", err)]
        numbers = [each if isinstance(each, int) else each.fileno() for each in given]
        code = _asked({"arguments": list(arguments), "env": dict(env), "cwd": str(cwd)}, numbers)
        said = [None if name in streams else _whole(stream) for name, stream in (("stdout", out), ("stderr", err))]
    return subprocess.CompletedProcess(list(arguments), code, *said)


def _whole(stream: IO[bytes]) -> bytes:
    stream.seek(0)
    return stream.read()


def _asked(request: Mapping[str, object], streams: Sequence[int]) -> int:
    line = _line()
    try:
        socket.send_fds(line, [json.dumps(request).encode()], streams)
        return int(line.recv(LONGEST))
    except (OSError, ValueError):
        _line.cache_clear()  # it is dead, or hangs; the next test gets another
        line.close()
        raise


@cache
def _line() -> socket.socket:
    """The line to the process that forks, which is started once; it ends when the line does."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(SECONDS)
    with theirs:
        start = [sys.executable, "-m", "tests.forked", str(theirs.fileno())]
        plain = {name: os.environ[name] for name in KEPT if name in os.environ}
        started = subprocess.Popen(start, cwd=ROOT, env=plain, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
    started.returncode = 0  # it ends with this process, which waits for it no more than for a daemon
    return ours


# In the process that forks ---------------------------------------------------------------------------------------


def _serve(line: socket.socket) -> None:
    """Forks a run for each request and answers with its exit; in the run itself it returns what was asked."""
    for name in [each.name for room in ROOMS for each in walk_packages([str(ROOT / room)], f"{room}.")]:
        if not name.startswith(VERBS) and not name.endswith("__main__"):
            import_module(name)
    while True:
        data, streams, _, _ = socket.recv_fds(line, LONGEST, 3)
        if not data:
            return
        child = os.fork()
        if child == 0:
            line.close()
            _become(json.loads(data), streams)
            return
        for number in streams:
            os.close(number)
        line.send(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())


def _become(request: dict, streams: Sequence[int]) -> None:
    """Makes this process the one that was asked for: streams, folder, variables, arguments, folders of imports."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, old.mode, encoding=old.encoding, errors=old.errors)  # noqa: SIM115
        for number, old in enumerate((sys.stdin, sys.stdout, sys.stderr))
    )
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.path[:1] = [request["cwd"], *_folders(request["env"])]
    invalidate_caches()
    sys.argv = ["scanner", *request["arguments"]]
    from scanner.cli import main

    main()


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
