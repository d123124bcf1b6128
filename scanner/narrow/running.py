"""A program in the sandbox: its lines, its end. All that it says is hostile, and nothing of it stays behind."""

import os
import resource
import selectors
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import IO

from scanner.errors import ScannerError
from scanner.narrow.bubblewrap import Box, arguments, found
from scanner.narrow.keyring import without_keyring

LINE = 4 * 1024 * 1024
ALL = 32 * 1024 * 1024
SAID = 4096  # bytes of its last words
PIECE = 64 * 1024
MEMORY = 1024 * 1024 * 1024
FILE = 256 * 1024 * 1024
MORE_PROCESSES = 512
PATIENCE = 1.0  # seconds between being asked and being made to end


class Stopped(ScannerError):
    """The program ended, or was ended, before it had said what was asked."""

    code = 3


class Running:
    """One program: lines go in, lines come out, until its time is over."""

    def __init__(self, process: "subprocess.Popen[bytes]", seconds: float) -> None:
        self._process = process
        self._end = monotonic() + seconds
        self._held = bytearray()
        self._said = bytearray()
        self._taken = 0
        self._selector = selectors.DefaultSelector()
        for stream in (process.stdout, process.stderr, process.stdin):
            os.set_blocking(_open(stream).fileno(), False)
        self._selector.register(_open(process.stdout), selectors.EVENT_READ)
        self._selector.register(_open(process.stderr), selectors.EVENT_READ)

    @property
    def said(self) -> str:
        """The last of what it said beside its answers, in whole lines: a cut one may hold half of a secret."""
        text = bytes(self._said).decode("utf-8", "replace")
        return text.partition("\n")[2] if len(self._said) == SAID else text

    def send(self, line: bytes) -> None:
        """Hands it a line. Raises Stopped where it takes none."""
        try:
            written = os.write(_open(self._process.stdin).fileno(), line + b"\n")
        except OSError:
            written = -1
        if written != len(line) + 1:
            raise Stopped("the server takes no questions")

    def line(self) -> bytes:
        """Its next line. Raises Stopped where none comes in time, or too much."""
        while b"\n" not in self._held:
            if len(self._held) > LINE or self._taken > ALL:
                raise Stopped("the server said more than is listened to")
            self._wait()
        line, _, rest = bytes(self._held).partition(b"\n")
        self._held = bytearray(rest)
        return line

    def _wait(self) -> None:
        left = self._end - monotonic()
        ready = self._selector.select(left) if left > 0 else []
        if not ready:
            raise Stopped("the server did not answer in time")
        for key, _ in ready:
            piece = os.read(key.fd, PIECE)
            if key.fileobj is self._process.stderr:
                self._said = (self._said + piece)[-SAID:]
                self._taken += len(piece)
                if not piece:
                    self._selector.unregister(key.fileobj)
            elif piece:
                self._held += piece
                self._taken += len(piece)
            else:
                raise Stopped("the server ended before it answered")

    def listen(self, seconds: float) -> None:
        """Takes in its last words, for as long as it has any."""
        self._end = min(self._end, monotonic() + seconds)
        with suppress(Stopped):
            while self._taken <= ALL:
                self._wait()


def _open(stream: "IO[bytes] | None") -> "IO[bytes]":
    if stream is None:
        raise Stopped("the server could not be started")
    return stream


@contextmanager
def started(box: Box, command: list[str], seconds: float) -> Iterator[Running]:
    """The command in the sandbox; it and all that it started are gone at the end.

    Raises SandboxError where the sandbox cannot start, Stopped where the command cannot.
    """
    program, told = found(), _written(arguments(box))
    most = _processes() + MORE_PROCESSES

    def limited() -> None:
        without_keyring()
        for what, limit in (
            (resource.RLIMIT_DATA, MEMORY),
            (resource.RLIMIT_FSIZE, FILE),
            (resource.RLIMIT_CPU, int(seconds) + 5),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_NPROC, most),
        ):
            hard = resource.getrlimit(what)[1]
            least = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(what, (least, least))

    try:
        process = subprocess.Popen(  # noqa: S603 - in the sandbox, after consent
            [program, "--args", str(told), "--", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={},
            pass_fds=(told,),
            start_new_session=True,
            preexec_fn=limited,  # noqa: PLW1509 - this process has one thread
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise Stopped(f"the server could not be started: {type(error).__name__}") from None
    finally:
        os.close(told)
    try:
        yield Running(process, seconds)
    finally:
        _ended(process)


def _written(words: list[str]) -> int:
    """A file in memory that holds the words, as the sandbox reads them."""
    told = os.memfd_create("sandbox", 0)
    with os.fdopen(os.dup(told), "wb") as stream:
        stream.write(b"".join(_encoded(word) + b"\0" for word in words))
    os.lseek(told, 0, os.SEEK_SET)
    return told


def _encoded(word: str) -> bytes:
    """A word as the system has it; what is no text of any encoding with a mark in its place."""
    try:
        return os.fsencode(word)
    except UnicodeEncodeError:
        return word.encode("utf-8", "replace")


def _ended(process: "subprocess.Popen[bytes]") -> None:
    """Asks it to end, then makes it: with its first process all others of the sandbox are gone."""
    _open(process.stdin).close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
    _open(process.stdout).close()
    _open(process.stderr).close()


def _processes() -> int:
    """How many threads there are now, which the limit on their number counts too."""
    try:
        with open("/proc/loadavg", encoding="ascii") as stream:
            return int(stream.read(200).split()[3].partition("/")[2])
    except (OSError, ValueError, IndexError):
        return 4096
