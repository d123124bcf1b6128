"""Runs one command as another user and writes what it cost, as one JSON line: wall and CPU seconds, peak KB, exit code.

    python -I -S bench/timed.py USER GROUP FOLDER STDOUT STDERR SECONDS COMMAND...

A program of its own and a small one, because a peak begins with what the process weighed that started it (about 9 MB
here). What a command's own children cost counts, if it waited for them; the peak is that of the heaviest one process.
`SECONDS` is the most it may take; it is then killed with all it started, as it is when this program is asked to end.
"""

import json
import os
import signal
import sys
import time


def become(user: int, group: int) -> None:
    """Leaves root and all its rights behind; nothing to leave where we are no root."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)


def redirected(path: str, descriptor: int) -> None:
    flags = os.O_RDONLY if descriptor == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    os.dup2(os.open(path, flags, 0o600), descriptor)


def run(folder: str, outputs: tuple[str, str], command: list[str], ids: tuple[int, int]) -> None:
    """What the child does: never returns."""
    try:
        os.setpgid(0, 0)
        become(*ids)
        os.chdir(folder)
        for descriptor, path in enumerate((os.devnull, *outputs)):
            redirected(path, descriptor)
        os.execvp(command[0], command)
    except OSError as error:
        os.write(2, f"{command[0]}: {error}\n".encode(errors="replace"))
        os._exit(127)


def grouped(child: int) -> None:
    """Child and parent both ask for a group of its own, so that it stands whichever comes first."""
    try:
        os.setpgid(child, child)
    except OSError:  # the child was first, and runs its command already
        return


def main() -> int:
    user, group, folder, out, err, seconds, *command = sys.argv[1:]
    start = time.monotonic()
    child = os.fork()
    if not child:
        run(folder, (out, err), command, (int(user), int(group)))
    grouped(child)
    for reason in (signal.SIGALRM, signal.SIGTERM):
        signal.signal(reason, lambda *_: os.killpg(child, signal.SIGKILL))
    signal.setitimer(signal.ITIMER_REAL, float(seconds))
    _, status, usage = os.wait4(child, 0)
    wall = time.monotonic() - start
    signal.setitimer(signal.ITIMER_REAL, 0)
    cost = {
        "wall": wall,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak_kb": usage.ru_maxrss,
        "code": os.waitstatus_to_exitcode(status),
    }
    print(json.dumps(cost))
    return 0


if __name__ == "__main__":
    sys.exit(main())
