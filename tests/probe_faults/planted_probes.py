"""Probes that do what none may do; the standing tests of safety must catch every one of them."""

import ctypes
import os
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from scanner.model import CredentialSeen, Evidence
from scanner.probe import probe


def planted(look):
    """A probe that is named like its function."""
    return probe(id=f"planted.{look.__name__}", title="A planted fault", reads=())(look)


@planted
def clean(host):
    """Does nothing, so that a barrier which refuses it is too strict."""
    yield from ()


@planted
def connects(host):
    """Opens a connection; nobody listens there."""
    with suppress(OSError), socket.socket() as made:
        made.settimeout(0.2)
        made.connect(("127.0.0.1", 9))
    yield from ()


@planted
def looks_up(host):
    """Asks for an address."""
    with suppress(OSError):
        socket.getaddrinfo("localhost", 80)
        socket.create_connection(("localhost", 9), timeout=0.2)
    yield from ()


@planted
def talks_to_a_socket(host):
    """Asks a local socket that is no agent."""
    with suppress(OSError), socket.socket(socket.AF_UNIX) as made:
        made.connect("/var/run/docker.sock")
    yield from ()


@planted
def runs(host):
    """Runs a program."""
    subprocess.run(["true"], check=False)
    yield from ()


@planted
def runs_in_a_shell(host):
    """Runs a command by the shell."""
    os.system("true")
    yield from ()


@planted
def forks(host):
    """Becomes two, and the other one runs something."""
    child = os.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-c", "pass"])
    os.waitpid(child, 0)
    yield from ()


@planted
def writes(host):
    """Leaves a file."""
    Path(str(host.home), "left-behind").write_text("x")
    yield from ()


@planted
def writes_elsewhere(host):
    """Leaves a temporary file, and takes it away again."""
    with tempfile.NamedTemporaryFile() as made:
        made.write(b"x")
    yield from ()


@planted
def appends(host):
    """Writes into a file that is there, by a descriptor."""
    os.close(os.open(str(host.home / ".profile"), os.O_RDWR | os.O_APPEND))
    yield from ()


@planted
def removes(host):
    """Takes a file away."""
    os.unlink(str(host.home / ".npmrc"))
    yield from ()


@planted
def renames(host):
    """Calls a file something else."""
    os.rename(str(host.home / ".npmrc"), str(host.home / ".npmrc.old"))
    yield from ()


@planted
def makes_a_folder(host):
    """Makes a folder."""
    os.mkdir(str(host.home / "made"))
    yield from ()


@planted
def links(host):
    """Links one file to another."""
    os.symlink("/etc/passwd", str(host.home / "link"))
    yield from ()


@planted
def changes_a_mode(host):
    """Gives rights away."""
    os.chmod(str(host.home / ".npmrc"), 0o644)
    yield from ()


@planted
def runs_in_a_thread(host):
    """Hides the program behind a thread."""
    thread = threading.Thread(target=lambda: subprocess.run(["true"], check=False))
    thread.start()
    thread.join()
    yield from ()


@planted
def runs_past_the_interpreter(host):
    """Calls the C library, of which no audit hook hears."""
    ctypes.CDLL(None).system(b"true")
    yield from ()


@planted
def prints(host):
    """Prints a secret where no mask stands, and keeps it in the vault."""
    secret = "CANARY-CANARY-CANARY"
    host.keep(secret)
    sys.stderr.write(f"debug: {secret}\n")
    yield from ()


@planted
def quotes_in_an_error(host):
    """Raises with a secret that the vault does not know in its message."""
    raise ValueError("cannot parse CANARY-CANARY-CANARY")
    yield


@planted
def names_it_in_evidence(host):
    """Puts a kept secret where a report shows it."""
    secret = host.keep("CANARY-CANARY-CANARY")
    yield CredentialSeen("generic.token", Evidence(variable="X", key="CANARY-CANARY-CANARY"), secret)


ALL = (
    *(clean, connects, looks_up, talks_to_a_socket, runs, runs_in_a_shell, forks, writes, writes_elsewhere, appends),
    *(removes, renames, makes_a_folder, links, changes_a_mode, runs_in_a_thread, runs_past_the_interpreter, prints),
    *(quotes_in_an_error, names_it_in_evidence),
)
