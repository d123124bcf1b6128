"""The sockets on which container engines listen, and what each of them opens."""

import shlex
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from msgspec import Struct, field

from probes.containers.engine import Engine, asked
from probes.containers.own import own_sockets
from probes.containers.reach import KIND, Reached, reached
from probes.containers.reads import ENGINES, MARKED_BY, MARKS, NAMED, PIPES, RUNTIME, UNASKED
from scanner.host import FileKind, Host, Place
from scanner.host.paths import within
from scanner.model import Evidence, Fix, Gap, GapKind, Guardrail, HandleSeen, Observation, Platform, Weakness

OTHERS_WRITE = 0o002
CAPTION = "which engine listens there, and as whom, was not asked"


class Near(Struct):
    """The host, whether it is itself a container, the groups that its user is in, and what was told already."""

    host: Host
    inside: bool
    groups: frozenset[str] = frozenset()
    told: set[PurePath] = field(default_factory=set)
    rooted: bool = False  # a socket was told that is root on this machine


def near(host: Host, groups: Iterable[str] = ()) -> Near:
    """The surroundings, before any socket is told."""
    marked = any(host.variable(name) for name in MARKED_BY)
    inside = marked or any(isinstance(found, Place) for found in host.places(*MARKS))
    return Near(host, inside, frozenset(groups))


def sockets(around: Near) -> Iterator[Observation]:
    """Every socket at a place that engines are known to use, each once, whatever links lead to it."""
    for patterns, speaks in ((ENGINES, True), (UNASKED, False)):
        for found in around.host.places(*patterns):
            if isinstance(found, Place):
                yield from socket_seen(around, found, asks=speaks)
            elif not found.place.startswith(("/run/", "/var/run/")):  # what is closed to this user is no gap
                yield found
    yield from _of_runtime(around)
    yield from _pipes(around)


def named_socket(around: Near, path: PurePath) -> Iterator[Observation]:
    """The socket that an address names."""
    if around.host.platform is Platform.WINDOWS:
        return
    found = around.host.place_named(NAMED, path)
    if isinstance(found, Gap):
        yield found
    elif found is not None:
        yield from socket_seen(around, found, asks=True)


def socket_seen(around: Near, place: Place, *, asks: bool) -> Iterator[Observation]:
    """One socket: nothing where this user may not connect, or where it was told already."""
    real = place.link_target or place.path
    if place.kind is not FileKind.SOCKET or not place.writable or real in around.told:
        return
    around.told.add(real)
    told = None
    if asks and around.host.machine.source != "image":
        told, gaps = asked(around.host, place)
        yield from gaps
    opens = reached(around.host, place, told, around.inside)
    around.rooted = around.rooted or opens.rooted
    yield HandleSeen(
        kind=KIND,
        evidence=Evidence(place.path),
        channel=f"connect unix:{place.path}",
        grants=opens.grants,
        names=(*opens.names, *_by_group(around, real, opens)),
        undecided=opens.undecided,
    )
    yield from _arranged(around, place, opens)
    if isinstance(told, Engine) and told.authorized_by:
        title = f"The engine asks {', '.join(told.authorized_by[:5])} before it does anything"
        yield Guardrail("containers.authorization-plugin", title, Evidence(place.path))


def _by_group(around: Near, real: PurePath, opens: Reached) -> tuple[str, ...]:
    """Docker's own socket belongs to its group; who leaves the group loses it."""
    mine = opens.rooted and real.name == "docker.sock" and "docker" in around.groups
    return ("open to you as a member of the group docker",) if mine else ()


def _arranged(around: Near, place: Place, opens: Reached) -> Iterator[Weakness]:
    if opens.outside:
        yield Weakness(
            rule="containers.socket-in-container",
            title="The socket of the engine outside is mounted into this container",
            evidence=Evidence(place.path),
            why="Whatever runs in this container starts others on the machine around it, with that machine's disk "
            "mounted: the container is no boundary.",
            fix=Fix("Leave the socket out of the container's mounts; build with a rootless engine or on a builder."),
        )
    if opens.rooted and _open_to_all(around, place):
        path = shlex.quote(str(place.link_target or place.path))
        yield Weakness(
            rule="containers.world-writable-socket",
            title="Every user of this machine may use the engine's socket",
            evidence=Evidence(place.path),
            why="Each of them, and every service that runs as one, is root through it.",
            fix=Fix("Leave the socket to root and to its group.", (f"sudo chmod 660 {path}",)),
        )


def _open_to_all(around: Near, place: Place) -> bool:
    """Whether other users may write to it; folders of one user keep them out whatever the socket's mode."""
    real = place.link_target or place.path
    own = within(real, around.host.home) or str(real).startswith("/run/user/")
    return place.mode is not None and bool(place.mode & OTHERS_WRITE) and not own


def _of_runtime(around: Near) -> Iterator[Observation]:
    for path in own_sockets(around.host):
        found = around.host.place_named(RUNTIME, path)
        if isinstance(found, Place):
            yield from socket_seen(around, found, asks=True)


def _pipes(around: Near) -> Iterator[Observation]:
    for found in around.host.places(*PIPES):
        if isinstance(found, Place):
            yield from pipe_seen(around, found.path)
        else:
            yield Gap(GapKind.REFUSED, found.place, CAPTION, read=found.read)


def pipe_seen(around: Near, path: PurePath) -> Iterator[Observation]:
    """An engine behind a named pipe of Windows, which is not opened."""
    from probes.containers.reach import of_machine
    from scanner.model import Confidence

    if path in around.told:
        return
    around.told.add(path)
    name = "podman-machine-default" if "podman" in path.name else "docker-desktop"
    yield HandleSeen(
        kind=KIND,
        evidence=Evidence(path),
        channel=f"connect pipe:{path}",
        grants=of_machine(name, Confidence.INFERRED),
        names=(f"in the virtual machine {name}",),
    )
    yield Gap(GapKind.REFUSED, str(path), CAPTION, read="socket:container-engine")
