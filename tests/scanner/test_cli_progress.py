"""What a person sees of a scan under way, on a real terminal."""

import io
import os
import re
import select
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from scanner.cli import progress
from scanner.cli.cells import cut_in_the_middle, width
from scanner.cli.console import Console
from scanner.cli.guard import Facts
from scanner.progress import SILENT
from scanner.tokens import token
from scanner.vault import Vault

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals", allow_module_level=True)

import fcntl
import pty
import struct
import termios

ROOT = Path(__file__).parents[2]
COLUMNS = 60
SECONDS = 60.0
HOME = "/home/ada"


class Terminal:
    """A real one; `states` are what stood in a line when the cursor went back to its left, `lines` all at the end."""

    def __init__(self, columns=COLUMNS):
        self.columns = columns
        self.there, self.here = pty.openpty()
        fcntl.ioctl(self.here, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        settings = termios.tcgetattr(self.here)
        settings[3] |= termios.NOFLSH  # what was drawn before an interruption is not thrown away
        termios.tcsetattr(self.here, termios.TCSANOW, settings)
        self.seen = b""
        self.states = []
        self.lines = [""]

    def read(self, until=None):
        """Takes what is drawn until nobody has the terminal any more, or until that text is seen."""
        with suppress(OSError):  # how Linux tells that nobody has it
            while until is None or until not in self.seen:
                assert select.select([self.there], [], [], SECONDS)[0], "nothing more is drawn, and no end comes"
                part = os.read(self.there, 65536)
                if not part:
                    break
                self.seen += part

    def close(self):
        os.close(self.here)
        self.read()
        os.close(self.there)
        cells, at = [], 0
        for char in self.seen.decode():
            if char in "\r\n":
                self.states.append("".join(cells).rstrip())
                at = 0
            if char == "\n":
                cells = []
                self.lines = [*self.lines[:-1], self.states[-1], ""]
            elif char != "\r" and not width(char):
                cells[at - 1] += char
            elif char != "\r":
                assert char.isprintable(), "a terminal obeys it"
                cells[at : at + width(char)] = [char, *[""] * (width(char) - 1)]
                at += width(char)
                assert at < self.columns, "the line wraps"
        self.lines[-1] = "".join(cells).rstrip()


@pytest.fixture
def terminal():
    return Terminal()


@contextmanager
def telling(terminal, total=3, home=HOME, **kept):
    """Whom to tell of a look that is drawn on that terminal, by a run that met these secrets."""
    with open(os.dup(terminal.here), "w", encoding="utf-8") as stream:
        console = Console(Facts(), stream)
        console.vault = Vault(b"k" * 32)
        for value in kept.values():
            console.vault.keep(value)
        with progress.told(console, total, home, shown=True) as far:
            yield far
    terminal.close()


def shown_of(terminal, folder, files=48_213):
    """What stands in the line while the walk is in that folder."""
    with telling(terminal) as far:
        far.walking(folder, files, 0)
    return terminal.states[1]


def test_the_walk_is_told_with_its_folder_and_its_files(terminal):
    assert shown_of(terminal, "/home/ada/src/web") == "looking: ~/src/web  48,213 files"


@pytest.mark.parametrize(
    ("folder", "shown"),
    [
        ("/home/ada", "~"),
        ("/home/adams/src", "/home/adams/src"),
        ("/srv/build", "/srv/build"),
        ("/home/ada/\x1b[2J\r\n\u202e", r"~/\x1b[2J\x0d\x0a\u202e"),
        ("/home/ada/\udcff", r"~/\xff"),
        ("/home/ada/" + "deep/" * 40 + "web", "~/deep/deep/deep...eep/deep/deep/web"),
        ("/home/ada/" + "写真" * 40, "~/写真写真写真写...写真写真写真写真"),
        ("/home/ada/" + "e\u0301" * 10, "~/" + "e\u0301" * 10),
    ],
)
def test_a_folder_is_safe_to_show_and_fits(folder, shown, terminal):
    assert shown_of(terminal, folder) == f"looking: {shown}  48,213 files"


def test_where_a_terminal_is_too_narrow_for_a_folder_it_is_left_out():
    assert shown_of(Terminal(columns=26), "/home/ada/src/web") == "looking: 48,213 files"


def test_a_folder_named_like_a_token_is_not_shown(terminal):
    name = token("github-classic", "seed")
    assert shown_of(terminal, f"/home/ada/{name}/src") == "looking: 48,213 files"


def test_of_a_secret_that_names_a_folder_no_part_is_shown(terminal):
    with telling(terminal, secret="CANARY" * 30) as far:
        far.walking(f"/home/ada/{'CANARY' * 30}/src", 1, 0)
    assert terminal.states[1] == "looking: ~/[masked]/src  1 files"


def test_no_folder_is_shown_where_details_are_withheld(terminal):
    with telling(terminal, home=None) as far:
        far.walking("/home/ada/src", 7, 0)
    assert terminal.states[1] == "looking: 7 files"


def test_the_line_goes_with_the_scan(terminal):
    with telling(terminal) as far:
        far.walking("/home/ada", 20, 5)
        time.sleep(progress.SECONDS)
        far.reading("/home/ada/src", 3, 2)
        time.sleep(progress.SECONDS)
        far.ended("git.saved-logins", 1_200)
    assert [each for each in terminal.states if each] == [
        "looking: ~  20 files",
        "looking: ~/src  3 of 5 files read, 2 found",
        "looking: git.sa...logins  1 of 3 probes, 1,200 observations",
    ]
    assert terminal.lines == [""]


def test_what_is_told_too_fast_is_not_drawn(terminal):
    with telling(terminal) as far:
        for number in range(5_000):
            far.reading("/home/ada", number, 0)
    assert len(terminal.states) < 100


def test_a_probe_that_was_left_behind_draws_nothing_more(terminal):
    with open(os.dup(terminal.here), "w", encoding="utf-8") as stream:
        console = Console(Facts(), stream)
        with progress.told(console, 3, HOME, shown=True) as far:
            pass
        far.ended("late", 1)
    terminal.close()
    assert terminal.seen == b""


def test_what_is_said_takes_the_place_of_the_line(terminal):
    with open(os.dup(terminal.here), "w", encoding="utf-8") as stream:
        console = Console(Facts(), stream)
        progress.starting(console, shown=True)
        console.say("warning: x")
        progress.starting(console, shown=True)
        console.write("May it? ")
    terminal.close()
    assert terminal.states[1] == "looking: starting"
    assert terminal.lines == ["armslength: warning: x", "May it?"]


@pytest.mark.parametrize("shown", [True, False])
def test_where_no_person_looks_nobody_is_told(shown):
    console = Console(Facts(), io.StringIO())
    progress.starting(console, shown=shown)
    with progress.told(console, 3, HOME, shown=shown) as far:
        assert far is SILENT
    assert console._stream.getvalue() == ""


def test_one_who_wants_quiet_is_told_nothing(terminal):
    with open(os.dup(terminal.here), "w", encoding="utf-8") as stream:
        console = Console(Facts(), stream)
        progress.starting(console, shown=False)
        with progress.told(console, 3, HOME, shown=False) as far:
            far.walking("/home/ada", 1, 1)
    terminal.close()
    assert terminal.seen == b""


INTERRUPTED = """
import fcntl, sys, termios, time
from scanner.cli import progress
from scanner.cli.console import Console
from scanner.cli.guard import Facts
fcntl.ioctl(2, termios.TIOCSCTTY, 0)
console = Console(Facts(), sys.stderr)
try:
    with progress.told(console, 3, "/home/ada", shown=True) as far:
        far.walking("/home/ada/src", 7, 0)
        while True:
            time.sleep(0.02)
except KeyboardInterrupt:
    console.say("interrupted")
"""


@contextmanager
def started(terminal, *arguments, **variables):
    """A process whose stderr is the terminal; at the end it has ended too."""
    process = subprocess.Popen(
        [sys.executable, "-P", *arguments],
        stdin=terminal.here,
        stdout=subprocess.DEVNULL,
        stderr=terminal.here,
        start_new_session=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **variables},
        cwd=variables.get("HOME"),
    )
    try:
        yield
        terminal.close()
    finally:
        process.kill()
        process.wait()


def test_an_interruption_leaves_a_clean_line(terminal):
    with started(terminal, "-c", INTERRUPTED):
        terminal.read(until=b"7 files")
        os.write(terminal.there, b"\x03")
    assert terminal.lines == ["armslength: interrupted", ""]


def scanned(terminal, folder, *options):
    (folder / "home").mkdir(exist_ok=True)
    arguments = ("-m", "scanner", "scan", "--format", "json", *options)
    with started(terminal, *arguments, HOME=str(folder / "home"), ARMSLENGTH_STATE=str(folder / "state")):
        pass


def test_a_scan_says_at_once_that_it_begins_and_leaves_a_clean_line(terminal, tmp_path):
    scanned(terminal, tmp_path)
    drawn = [each for each in terminal.states if each]
    assert drawn[0] == "looking: starting"
    assert re.fullmatch(r"looking: \S+  \d+ (files|of \d+ probes, \d+ observations)", drawn[1])
    assert not any("looking" in line for line in terminal.lines)


def test_a_quiet_scan_draws_nothing(terminal, tmp_path):
    scanned(terminal, tmp_path, "--quiet")
    assert b"looking" not in terminal.seen


@pytest.mark.parametrize(
    ("text", "most", "cut"),
    [
        ("", 0, ""),
        ("abc", 3, "abc"),
        ("abcdefgh", 7, "ab...gh"),
        ("abcdefgh", 6, "a...gh"),
        ("abcdefgh", 5, ""),
        ("abcdefgh", -3, ""),
        ("写真写真", 8, "写真写真"),
        ("写真写真", 7, "写...真"),
    ],
)
def test_a_text_is_cut_by_cells(text, most, cut):
    assert cut_in_the_middle(text, most) == cut
    assert width(cut) <= max(most, 0)
