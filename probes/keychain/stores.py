"""The stores that lie on this machine, and what stands before each."""

from collections.abc import Generator, Iterator
from pathlib import PurePath

from probes.keychain.plain import gnome_text, python_plain, python_settings
from probes.keychain.reads import (
    BUS,
    DAEMON,
    GNOME,
    GNOME_TEXT,
    KWALLET,
    MACOS,
    PASS,
    PASS_ENTRIES,
    PYTHON,
    PYTHON_SETTINGS,
    WINDOWS,
)
from scanner.data.kinds import implied
from scanner.host import FileKind, Host, Place
from scanner.host.ports import Content
from scanner.model import OPEN, Barrier, Evidence, Gap, GapKind, Gate, HandleSeen, Observation

GNOME_MAGIC = b"GnomeKeyring\n\r\0\n"
NAMES = 20  # collections that are named; a machine has two or three
AWAY = Barrier(Gate.PRESENCE, "no session of this user has it open: it opens with the login password")
PASSPHRASE = Barrier(Gate.PRESENCE, "the GPG key's passphrase, unless gpg-agent holds it")


def stores(host: Host) -> Iterator[Observation]:
    """Every store, and the files that only look like one."""
    yield from _gnome(host)
    yield from _kwallet(host)
    yield from _present(host, (MACOS,), "macos", "ask the macOS keychain")
    yield from _present(host, WINDOWS, "windows-credentials", "ask Windows Credential Manager")
    yield from _pass(host)
    for found in host.read(*PYTHON):
        yield from (found,) if isinstance(found, Gap) else python_plain(found, host)
    for found in host.read(*PYTHON_SETTINGS):
        yield from (found,) if isinstance(found, Gap) else python_settings(found, host)


def _gnome(host: Host) -> Iterator[Observation]:
    closed: list[PurePath] = []
    for found in host.heads(GNOME):
        if isinstance(found, Gap):
            yield found
        elif found.data.startswith(GNOME_MAGIC):
            closed.append(found.place.path)
        elif _is_text(found):
            for text in host.read_named(GNOME_TEXT, found.place.path):
                yield from (text,) if isinstance(text, Gap) else gnome_text(text, host)
        else:
            yield Gap(GapKind.FAILED, host.shown(found.place.path), "is no keyring of a known format")
    if closed:
        open_now = _some(host, DAEMON) and _has_bus(host)
        yield _handle("gnome-keyring", closed, "ask the Secret Service", OPEN if open_now else AWAY)


def _is_text(found: Content) -> bool:
    return b"[keyring]" in found.data and b"\0" not in found.data


def _kwallet(host: Host) -> Iterator[Observation]:
    found = yield from _paths(host, (KWALLET,))
    if found:
        yield _handle("kwallet", found, "ask KWallet", OPEN if _has_bus(host) else AWAY)


def _present(host: Host, patterns: tuple[str, ...], name: str, channel: str) -> Iterator[Observation]:
    """A store that a session always has open: an agent that runs here runs in one."""
    found = yield from _paths(host, patterns)
    if found:
        yield _handle(name, found, channel, OPEN)


def _pass(host: Host) -> Iterator[Observation]:
    found = yield from _paths(host, PASS)
    if not found:
        return
    entries = yield from _paths(host, PASS_ENTRIES)
    count = len(entries)
    yield HandleSeen(
        kind="handle.password-store",
        evidence=Evidence(found[0]),
        channel="execute pass show",
        grants=implied("handle.password-store", "pass"),
        barrier=PASSPHRASE,
        names=(f"{count} entr{'y' if count == 1 else 'ies'}",),
    )


def _paths(host: Host, patterns: tuple[str, ...]) -> Generator[Gap, None, list[PurePath]]:
    """The places that are there, each once."""
    paths: dict[PurePath, None] = {}
    for found in host.places(*patterns):
        if isinstance(found, Gap):
            yield found
        else:
            paths[found.path] = None
    return list(paths)


def _some(host: Host, pattern: str) -> bool:
    return any(isinstance(found, Place) for found in host.places(pattern))


def _has_bus(host: Host) -> bool:
    """Whether an agent launched from here could talk on the session bus."""
    return bool(host.variable("DBUS_SESSION_BUS_ADDRESS")) or any(
        isinstance(found, Place) and found.kind is FileKind.SOCKET for found in host.places(BUS)
    )


def _handle(name: str, paths: list[PurePath], channel: str, barrier: Barrier) -> HandleSeen:
    return HandleSeen(
        kind="handle.keychain",
        evidence=Evidence(paths[0]),
        channel=channel,
        grants=implied("handle.keychain", name),
        barrier=barrier,
        names=tuple(path.stem for path in paths[:NAMES] if path.suffix),
    )
