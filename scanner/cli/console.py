"""What this run says on stderr: every line safe for a terminal, and masked by the vault of the run."""

import io
import os
import sys
from contextlib import suppress
from enum import IntEnum
from typing import TYPE_CHECKING, TextIO

from scanner.cli.cells import cut_in_the_middle, width
from scanner.cli.guard import Facts
from scanner.errors import ScannerError
from scanner.text import printable

if TYPE_CHECKING:
    from scanner.vault import Vault

NAME = "armslength"


class ExitCode(IntEnum):
    """How a run ended."""

    FINE = 0
    FINDINGS = 1
    USAGE = 2
    INCOMPLETE = 3
    BOTH = 4
    DEFECT = 5
    INTERRUPTED = 130


class Defect(ScannerError):
    """We did what we must not; the message is our own and quotes nothing."""

    code = ExitCode.DEFECT


class Console:
    """Stderr, and what every command of one run shares.

    `vault` is that of the scan, once there is one; `facts` what the guard saw; `verbose` shows where a defect lies.
    """

    def __init__(self, facts: Facts, stream: TextIO | None) -> None:
        self.facts = facts
        self.verbose = False
        self.vault: Vault | None = None
        self._stream = stream
        self._drawn = 0

    @property
    def terminal(self) -> bool:
        """Whether a person can see a line change."""
        return self._stream is not None and self._stream.isatty()

    @property
    def columns(self) -> int:
        """How many cells a line of the terminal has."""
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or 80 if self._stream is not None else 80
        except (OSError, ValueError):
            return 80

    def say(self, text: str) -> None:
        """One line, its unsafe characters escaped."""
        self.write(f"{NAME}: {printable(text)}\n")

    def error(self, text: str, hint: str = "") -> None:
        """What went wrong, each line by itself, and how to mend it."""
        for line in text.split("\n"):
            self.say(f"error: {line}")
        if hint:
            self.say(f"hint: {hint}")

    def draw(self, text: str) -> None:
        """A line that the next one replaces, and whatever else is written."""
        if not text and not self._drawn:
            return
        room = self.columns - 1
        line = cut_in_the_middle(printable(self.masked(text)), room)
        before, self._drawn = self._drawn, width(line)
        if line:
            self._put("\r" + line + " " * (before - self._drawn))
        else:  # the whole line: the terminal may have written what was typed behind it
            self._put("\r" + " " * room + "\r")

    def write(self, text: str) -> None:
        """Text that leaves as it is but for the secrets in it; where nobody can read it, it is dropped."""
        self.draw("")
        if self.vault is not None:
            text = self.vault.mask(text.encode("utf-8", "backslashreplace"))[0].decode("utf-8", "replace")
        self._put(text)

    def masked(self, text: str) -> str:
        """The text without the secrets that this run met: before it is cut, since no mask knows a part of one."""
        return text if self.vault is None else self.vault.mask_text(text)

    def _put(self, text: str) -> None:
        if self._stream is None:
            return
        with suppress(OSError, ValueError):  # closed, or on a full disk: there is no place left to say so
            self._stream.write(text)
            self._stream.flush()


class MaskedStream(io.TextIOBase):
    """Stands in for `sys.stderr`, so that warnings and libraries too pass the mask, a line at a time."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._held = ""

    def write(self, text: str) -> int:
        self._held += text
        whole, newline, self._held = self._held.rpartition("\n")
        if newline:
            self._console.write(whole + newline)
        return len(text)

    def flush(self) -> None:
        held, self._held = self._held, ""
        if held:
            self._console.write(held)

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._console.terminal


def silence_stdout() -> None:
    """Lets the interpreter end without a word about a stdout that takes no more."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
