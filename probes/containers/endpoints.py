"""Engines that an address names: what the address opens, and whether it points at production by default."""

import shlex
from collections.abc import Iterator
from pathlib import PurePath

from msgspec import Struct

from probes.containers.addresses import Address, Way
from probes.containers.certificates import ends_of
from probes.containers.reach import of_machine
from probes.containers.reads import TLS_FOLDER
from probes.containers.sockets import Near, named_socket, pipe_seen
from scanner.data.kinds import implied
from scanner.host import FileKind, Place, TextFile
from scanner.model import (
    Asset,
    AssetSeen,
    Capability,
    Confidence,
    CredentialSeen,
    CredentialState,
    Environment,
    Evidence,
    Fix,
    Gap,
    GapKind,
    Grant,
    HandleSeen,
    Hint,
    Lifetime,
    LifetimeKind,
    Observation,
    Platform,
    Protection,
    Staged,
    Weakness,
)

KIND = "handle.container-address"
ROOT_ELSEWHERE = frozenset({Capability.EXEC_REMOTE, Capability.HOST_ROOT})


class Endpoint(Struct, frozen=True):
    """An engine's address, where it stands, and what its tool calls it.

    `tls` holds the folder of a client's key and certificate; `tls_on` says that the connection is encrypted at all.
    `identity` is the SSH key that is named for it; `current` that commands go there unless told otherwise, and
    `leave` is the command that changes this. `machine` marks a virtual machine on this one.
    """

    name: str
    address: Address
    evidence: Evidence
    tls: PurePath | None = None
    tls_on: bool = False
    identity: str = ""
    current: bool = False
    leave: str = ""
    machine: bool = False

    @property
    def asset(self) -> Asset:
        """The machine on which the engine runs."""
        host = self.address.host.casefold()
        hints = (Hint("host", host), Hint("context", self.name)) if self.name else (Hint("host", host),)
        return Asset("container-host", host, hints)


def endpoint_seen(around: Near, told: Endpoint) -> Iterator[Observation]:
    """What an address opens. Nothing is asked over TCP or SSH."""
    address = told.address
    if address.password:
        around.host.keep(address.password)
    match address.way:
        case Way.SOCKET if address.path is not None:
            yield from named_socket(around, address.path)
        case Way.PIPE if address.path is not None and around.host.platform is Platform.WINDOWS:
            yield from pipe_seen(around, address.path)
        case Way.SSH:
            yield from _over_ssh(told)
        case Way.TCP:
            yield from _over_tcp(around, told)
    if told.current and address.host and not address.local:
        yield _default(told)


def _over_ssh(told: Endpoint) -> Iterator[Observation]:
    """Whoever signs in there by SSH has the engine; the keys that do are for the probe of SSH to tell."""
    if told.machine or told.address.local:
        if told.identity:
            yield _identity(told, of_machine(told.name.removesuffix("-root") or "podman", Confidence.INFERRED))
        return
    server = Asset("ssh-host", told.address.host.casefold(), (Hint("host", told.address.host.casefold()),))
    why = f"{told.name or 'an address'} reaches its container engine over SSH"
    if told.identity:
        shell = frozenset({Capability.EXEC_REMOTE, Capability.DATA_READ})
        yield _identity(told, (Grant(server, shell, Confidence.INFERRED, why="a connection names this key for it"),))
    yield AssetSeen(
        told.asset,
        within=(server,),
        carries=frozenset({Capability.EXEC_REMOTE, Capability.DATA_READ}),
        evidence=told.evidence,
        why=why,
    )


def _identity(told: Endpoint, grants: tuple[Grant, ...]) -> CredentialSeen:
    return CredentialSeen(
        kind="ssh.private-key",
        evidence=told.evidence,
        grants=grants,
        protection=Protection.REFERENCE,
        names=(f"key of the connection {told.name}",) if told.name else (),
    )


def _over_tcp(around: Near, told: Endpoint) -> Iterator[Observation]:
    if told.tls_on or told.address.secure:
        yield from _with_key(around, told)
        return
    yield HandleSeen(
        kind=KIND,
        evidence=told.evidence,
        channel=f"connect {told.address.shown}",
        public_id=told.address.shown,
        grants=(_open_grant(around, told),),
        names=(f"context {told.name}",) if told.name else (),
    )
    yield Weakness(
        rule="containers.plain-tcp",
        title="A container engine is reached over TCP without TLS",
        evidence=told.evidence,
        why=f"{told.address.shown} asks nobody who they are: whoever reaches the port is root on its machine, and "
        "whoever is on the way reads and changes what passes.",
        fix=Fix("Reach it over SSH, or give engine and clients certificates (port 2376), and close the plain port."),
    )


def _open_grant(around: Near, told: Endpoint) -> Grant:
    why = "the engine asks for no certificate, so that whoever reaches its port starts containers as root"
    if not told.address.local:
        return Grant(told.asset, ROOT_ELSEWHERE, Confidence.INFERRED, why=why)
    if around.host.platform is Platform.LINUX:
        asset = Asset("this-machine", around.host.machine.name)
        return Grant(asset, frozenset({Capability.HOST_ROOT}), Confidence.INFERRED, why=why)
    return of_machine("docker-desktop", Confidence.INFERRED)[0]


def _with_key(around: Near, told: Endpoint) -> Iterator[Observation]:
    """The client's key, with which the engine takes whoever holds it for its administrator."""
    folder = told.tls
    place = around.host.place_named(TLS_FOLDER, folder / "key.pem") if folder is not None else None
    if isinstance(place, Gap):
        yield place
    if folder is None or not isinstance(place, Place) or place.kind is not FileKind.FILE:
        return
    for found in around.host.read_named(TLS_FOLDER, folder / "key.pem"):
        if isinstance(found, Gap):
            yield found
        else:
            yield from _key(around, told, found, _lifetime(around, folder))


def _key(around: Near, told: Endpoint, file: TextFile, lifetime: Lifetime) -> Iterator[Observation]:
    if "PRIVATE KEY-----" not in file.text:
        yield Gap(GapKind.FAILED, around.host.shown(file.path), "holds no private key")
        return
    encrypted = "ENCRYPTED" in file.text
    yield CredentialSeen(
        kind="docker.client-key",
        evidence=Evidence(file.path),
        secret=around.host.keep(file.text),
        grants=tuple(grant for grant in implied("docker.client-key", told.asset.name, told.asset.hints)),
        lifetime=lifetime,
        protection=Protection.ENCRYPTED if encrypted else Protection.PLAINTEXT,
        state=CredentialState.EXPIRED if lifetime.ended(around.host.now) else CredentialState.UNTESTED,
        names=(f"context {told.name}",) if told.name else (),
    )


def _lifetime(around: Near, folder: PurePath) -> Lifetime:
    for found in around.host.read_named(TLS_FOLDER, folder / "cert.pem"):
        if isinstance(found, TextFile) and (ends := ends_of(found.text)) is not None:
            return Lifetime(LifetimeKind.EXPIRES, ends)
    return Lifetime()


def _default(told: Endpoint) -> Weakness:
    production = Staged(told.asset, frozenset({Environment.PRODUCTION}))
    return Weakness(
        rule="containers.production-default",
        title="Container commands go to a production engine by default",
        evidence=told.evidence,
        why=f"A command that names no engine, such as `docker rm`, acts on {shlex.quote(told.asset.name)}.",
        fix=Fix("Make a local engine the default, and name the other one where it is meant.", (told.leave,))
        if told.leave
        else Fix("Make a local engine the default, and name the other one where it is meant."),
        when=(production,),
    )
