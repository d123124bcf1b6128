"""All that SSH's files and agents say: keys with the hosts they open, agents, connections, arrangements."""

from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import TypeVar

from probes.ssh.agents import Socket, agent_seen, sockets
from probes.ssh.arrangements import arrangements
from probes.ssh.client_config import MANY, Chain, Setting, chains
from probes.ssh.control import control_sockets
from probes.ssh.known_hosts import Known, known_names
from probes.ssh.reads import KNOWN_HOSTS
from probes.ssh.seen import certificate_seen, key_seen
from probes.ssh.stores import Stores, read_stores
from probes.ssh.targets import Opened, Target, named_path, opened, targets, tokens
from scanner.host import Host
from scanner.model import Barrier, Evidence, Gap, Gate, HandleSeen, Observation, Platform

T = TypeVar("T")


def told(host: Host) -> Iterator[Observation]:
    """Everything that is to be said of SSH on this machine."""
    found: list[Chain] = []
    yield from _kept(chains(host), found)
    settings = [setting for chain in found for setting in chain.settings]
    known: list[Known] = []
    yield from _kept(_known(host), known)
    hosts: list[Target] = []
    yield from _kept(targets(host, found, known), hosts)
    held: list[Stores] = []
    yield from _kept(read_stores(host, _named_files(host, settings, hosts)), held)
    files = held[0]
    reach = opened(hosts, files.halves)
    asked: list[HandleSeen] = []
    yield from _agents(host, settings, reach, asked)
    keychain = _keychain(host, settings)
    for key in files.keys:
        yield from key_seen(host, key, files, reach, keychain)
    loaded = _loaded(asked)
    for signed in files.certificates:
        yield from certificate_seen(host, signed, files, reach, loaded)
    yield from control_sockets(host, settings, hosts)
    for chain in found:
        yield from arrangements(chain.settings)


def _kept(found: Iterable[T | Gap], into: list[T]) -> Iterator[Gap]:
    """Keeps what was found and lets the gaps pass."""
    for each in found:
        if isinstance(each, Gap):
            yield each
        else:
            into.append(each)


def _known(host: Host) -> Iterator[Known | Gap]:
    for file in host.read(*KNOWN_HOSTS):
        if isinstance(file, Gap):
            yield file
        else:
            yield from known_names(file)


def _named_files(host: Host, settings: list[Setting], hosts: list[Target]) -> list[PurePath]:
    """The key files that the configuration names, for a host or for all."""
    general = tokens(host)
    named = [
        named_path(host, setting.first.removesuffix("-cert.pub"), general)
        for setting in settings
        if setting.keyword in MANY
    ]
    offered = [offer.path for target in hosts for offer in target.offers]
    return list(dict.fromkeys(path for path in [*named, *offered] if path is not None))


def _agents(host: Host, settings: list[Setting], reach: Opened, asked: list[HandleSeen]) -> Iterator[Observation]:
    listening: list[Socket] = []
    yield from _kept(sockets(host, settings), listening)
    for socket in listening:
        for seen in agent_seen(host, socket, reach):
            if isinstance(seen, HandleSeen):
                asked.append(seen)
            yield seen


def _loaded(handles: list[HandleSeen]) -> dict[str, Barrier]:
    """The least that an agent asks before it signs, by the fingerprint of its keys."""
    order = list(Gate)
    found: dict[str, Barrier] = {}
    for handle in sorted(handles, key=lambda each: order.index(each.barrier.gate)):
        if handle.public_id is not None:
            found.setdefault(handle.public_id, handle.barrier)
    return found


def _keychain(host: Host, settings: list[Setting]) -> Evidence | None:
    """Where the keychain of macOS is told to give passphrases."""
    if host.platform is not Platform.MACOS:
        return None
    told = (each for each in settings if each.keyword == "usekeychain" and each.first.lower() == "yes")
    return next((Evidence(each.path, each.line, "UseKeychain") for each in told), None)
