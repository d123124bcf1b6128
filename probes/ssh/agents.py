"""The sockets on which ssh-agents answer, and what reaches through them."""

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from msgspec import Struct

from probes.ssh.agent import Broken, Loaded, loaded_keys
from probes.ssh.client_config import Setting, resolved
from probes.ssh.opening import openings
from probes.ssh.reads import BY_CONFIG, BY_VARIABLE, PIPES, SOCKETS
from probes.ssh.targets import KeyNames, Opened, named_path, tokens
from scanner.host import FileKind, Host, Place
from scanner.model import (
    Barrier,
    Evidence,
    Fix,
    Gap,
    GapKind,
    Gate,
    HandleSeen,
    Identity,
    Observation,
    Platform,
    Step,
    Weakness,
)


class Socket(Struct, frozen=True):
    """A place where an agent listens, and where it is named."""

    place: Place
    evidence: Evidence

    @property
    def asks(self) -> Barrier:
        """1Password's agent asks a person before it signs; others may, for keys added so, and do not tell."""
        named = any("1password" in part.lower() for part in self.place.path.parts)
        if named:
            return Barrier(Gate.PRESENCE, "1Password asks before it signs")
        return Barrier(Gate.NONE, "an agent does not tell whether it asks before it signs (ssh-add -c)")


def sockets(host: Host, settings: Iterable[Setting]) -> Iterator[Socket | Gap]:
    """Every agent's socket, each once."""
    seen: set[PurePath] = set()
    for found in _places(host, settings):
        if isinstance(found, Gap):
            yield found
        elif found.place.path not in seen and found.place.writable:
            seen.add(found.place.path)
            if found.place.kind is FileKind.SOCKET or host.platform is Platform.WINDOWS:
                yield found


def _places(host: Host, settings: Iterable[Setting]) -> Iterator[Socket | Gap]:
    path = resolved(host, host.variable("SSH_AUTH_SOCK") or "")
    if path is not None:
        yield from _named(host, BY_VARIABLE, path, Evidence(variable="SSH_AUTH_SOCK"))
    for setting in settings:
        if setting.keyword == "identityagent" and setting.first != "SSH_AUTH_SOCK":
            path = named_path(host, setting.first, tokens(host))
            if path is not None:
                yield from _named(host, BY_CONFIG, path, Evidence(setting.path, setting.line))
    for found in host.places(*SOCKETS, *PIPES):
        if not isinstance(found, Gap):
            yield Socket(found, Evidence(found.path))
        elif not found.place.startswith("/tmp/"):  # noqa: S108 - another user's agent is out of reach, and no gap
            yield found


def _named(host: Host, declared: str, path: PurePath, evidence: Evidence) -> Iterator[Socket | Gap]:
    place = host.place_named(declared, path)
    if isinstance(place, Gap):
        yield place
    elif place is not None:
        yield Socket(place, evidence)


def agent_seen(host: Host, socket: Socket, opened: Opened) -> Iterator[Observation]:
    """One handle for each key that an agent holds; an empty agent is nothing."""
    if host.platform is Platform.WINDOWS:
        yield _unasked(socket)
        return
    answer = host.agent_identities(socket.place.path)
    if isinstance(answer, Gap):
        yield answer
        return
    seen: set[str] = set()
    for found in loaded_keys(answer):
        if isinstance(found, Broken):
            kind = GapKind.LIMIT if found.limit else GapKind.FAILED
            yield Gap(kind, host.shown(socket.place.path), found.why, read="socket:ssh-agent")
        elif found.key.fingerprint not in seen:  # a certificate is listed beside its key
            seen.add(found.key.fingerprint)
            yield from _handle(host, socket, found, opened)
    if seen and forwarded(host, socket):
        yield _forwarded(socket)


def _handle(host: Host, socket: Socket, loaded: Loaded, opened: Opened) -> Iterator[Observation]:
    key = loaded.key
    every_host = KeyNames(fingerprint=key.fingerprint, default=True)  # ssh offers an agent's keys wherever it may
    found = openings(opened, every_host, key.fingerprint)
    if found.cut:
        yield found.gap(host.shown(socket.place.path))
    yield HandleSeen(
        kind="handle.ssh-agent",
        evidence=socket.evidence,
        channel=f"connect unix:{socket.place.path}",
        public_id=key.fingerprint,
        identity=Identity("ssh", key.fingerprint),
        grants=found.grants,
        barrier=Barrier(Gate.PRESENCE, "touch") if key.hardware else socket.asks,
        names=loaded.names,
        undecided=found.undecided,
    )


def _unasked(socket: Socket) -> HandleSeen:
    """An agent behind a named pipe of Windows, which is not asked."""
    return HandleSeen(
        kind="handle.ssh-agent",
        evidence=socket.evidence,
        channel=f"connect pipe:{socket.place.path}",
        barrier=socket.asks,
        undecided=Step("The keys that this agent holds are not listed here.", "Run `ssh-add -l`."),
    )


def forwarded(host: Host, socket: Socket) -> bool:
    """Whether the agent lives on the machine that this session was opened from."""
    if socket.evidence.variable is None or not host.variable("SSH_CONNECTION") or host.variable("SSH_AGENT_PID"):
        return False
    path = socket.place.path
    return str(path).startswith("/tmp/ssh-") or (path.parent.name == "agent" and ".sshd." in path.name)  # noqa: S108


def _forwarded(socket: Socket) -> Weakness:
    return Weakness(
        rule="ssh.agent-forwarded",
        title="An ssh-agent is forwarded to this machine",
        evidence=socket.evidence,
        why="Whatever runs here as this user, or as root, can sign in elsewhere with the keys of the machine "
        "that this session was opened from.",
        fix=Fix(
            "Connect without agent forwarding and jump with `ssh -J`; start agents without SSH_AUTH_SOCK.",
            ("unset SSH_AUTH_SOCK",),
        ),
    )
