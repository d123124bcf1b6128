"""The sandbox: bubblewrap with a system that is read-only, no home but an empty one, and an environment of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import ClassVar

from msgspec import field

from scanner.errors import ScannerError
from scanner.model.value import Value

PROGRAM = "bwrap"
TEMPORARY = "/tmp"  # noqa: S108 - inside, where it is the sandbox's own
HOME = f"{TEMPORARY}/home"
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store")
# What programs look up of the machine; neither its secrets nor its users' passwords.
SETTINGS = (
    *("/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/passwd", "/etc/group"),
    *("/etc/localtime", "/etc/mime.types", "/etc/protocols", "/etc/services", "/etc/ssl/certs", "/etc/ssl/openssl.cnf"),
    *("/etc/ca-certificates", "/etc/pki/tls/certs", "/etc/pki/ca-trust", "/etc/os-release", "/etc/java"),
)
NAMES = ("/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/gai.conf")  # of use with a network only
PATHS = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
ROOM = 512 * 1024 * 1024  # bytes of what is written inside
TRIAL = 10  # seconds


class SandboxError(ScannerError):
    """The sandbox is not there, or cannot start here."""


class Box(Value, frozen=True):
    """What is let into the sandbox beside the system.

    `readable` are files and folders as they lie here, `placed` others with the place where they lie inside, `empty`
    folders that are there and hold nothing, `writable` what may be changed, `paths` where programs lie beside those of
    the system. `folder` is where it begins.
    """

    concealed: ClassVar[frozenset[str]] = frozenset({"environment"})

    environment: Mapping[str, str] = field(default_factory=dict)
    readable: tuple[Path, ...] = ()
    placed: tuple[tuple[Path, str], ...] = ()
    empty: tuple[str, ...] = ()
    writable: tuple[Path, ...] = ()
    paths: tuple[str, ...] = ()
    network: bool = False
    folder: str = HOME


def found() -> str:
    """Where the program of the sandbox lies. Raises SandboxError where there is none that starts here."""
    program = shutil.which(PROGRAM)
    if sys.platform != "linux" or program is None:
        raise SandboxError("there is no bubblewrap here, and nothing is started without its sandbox", "install bwrap")
    why = _trial(program)
    if why:
        raise SandboxError(f"bubblewrap cannot start here: {why}", "let users make namespaces, or use another machine")
    return program


@cache
def _trial(program: str) -> str:
    """Why an empty sandbox does not start, empty where it does."""
    words = [program, *_words(Box(), _knows(program)), "--", "true"]
    try:
        tried = subprocess.run(words, capture_output=True, timeout=TRIAL, check=False, env={})  # noqa: S603 - our own
    except (OSError, subprocess.SubprocessError) as error:
        return type(error).__name__
    return "" if tried.returncode == 0 else tried.stderr.decode("utf-8", "replace").strip()[:200] or "no reason told"


@cache
def _knows(program: str) -> frozenset[str]:
    """The options of this version that older ones have not."""
    try:
        told = subprocess.run([program, "--help"], capture_output=True, timeout=TRIAL, check=False, env={})  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return frozenset()
    text = (told.stdout + told.stderr).decode("utf-8", "replace")
    return frozenset(option for option in ("--disable-userns", "--size") if option in text)


def arguments(box: Box) -> list[str]:
    """What the sandbox is told, its environment too: for a file that only this user can read, not a command line.

    Whatever the program finds in its environment the sandbox itself must not: a variable may name code to be loaded.
    Raises SandboxError where a word is none, or the sandbox cannot start here.
    """
    plain = {
        "HOME": HOME,
        "TMPDIR": TEMPORARY,
        "LANG": "C.UTF-8",
        "USER": "user",
        "PATH": ":".join([*box.paths, PATHS]),
    }
    told = {**plain, **box.environment}
    set_ = [word for name, value in told.items() for word in ("--setenv", name, value)]
    words = [*_words(box, _knows(found())), "--clearenv", *set_]
    if any("\0" in word for word in words):  # behind it would stand what the sandbox takes for its own options
        raise SandboxError("a variable or a path of it holds a zero byte, so nothing was started")
    return words


def _words(box: Box, knows: frozenset[str]) -> Iterator[str]:
    yield from ("--unshare-all", "--unshare-user", "--die-with-parent", "--new-session", "--cap-drop", "ALL")
    yield from ("--hostname", "sandbox", "--uid", "1000", "--gid", "1000")
    if "--disable-userns" in knows:
        yield "--disable-userns"
    if box.network:
        yield "--share-net"
    yield from _system()
    for path in (*SETTINGS, *(NAMES if box.network else ())):
        yield from ("--ro-bind-try", path, path)
    yield from ("--proc", "/proc", "--dev", "/dev")
    yield from (*(("--size", str(ROOM)) if "--size" in knows else ()), "--tmpfs", TEMPORARY, "--dir", HOME)
    for path in box.readable:
        yield from ("--ro-bind", str(path), str(path))
    for source, place in box.placed:
        yield from ("--ro-bind", str(source), place)
    for place in box.empty:
        yield from ("--dir", place)
    for path in box.writable:
        yield from ("--bind", str(path), str(path))
    yield from ("--chdir", box.folder)


def _system() -> Iterator[str]:
    """The system's programs and libraries; a folder that is a link is one inside too."""
    for each in SYSTEM:
        if os.path.islink(each):
            yield from ("--symlink", os.readlink(each), each)
        elif os.path.isdir(each):
            yield from ("--ro-bind", each, each)
