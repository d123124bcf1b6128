"""Container engines behind TLS: which engine a client's key opens, and whether it runs as root."""

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from msgspec import Struct
from msgspec.structs import replace

from probes.containers.addresses import Way, address
from probes.containers.endpoints import Endpoint
from probes.containers.engine import Engine, engine
from probes.containers.objects import Document, documents
from probes.containers.reach import PROXIED, ROOT_ELSEWHERE, of_machine
from probes.containers.reads import CONTEXTS, TLS_FOLDER
from probes.live.calls import ENGINE_INFO, ENGINE_VERSION
from probes.live.client import Client
from probes.live.engine_client import answers
from probes.live.question import Aim, Question, bare, where
from probes.live.tls import Tls
from scanner.host import Host, TextFile
from scanner.model import (
    Asset,
    Capability,
    Confidence,
    CredentialSeen,
    CredentialState,
    Evidence,
    Gap,
    GapKind,
    Grant,
    Observation,
    Protection,
)
from scanner.shapes import label

KINDS = frozenset({"docker.client-key"})
SETTINGS = ("DOCKER_HOST", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY")
READS = (*CONTEXTS, TLS_FOLDER, *(f"env:{name}" for name in SETTINGS))
AIM_LIMIT = 5  # engines that one key is asked about at
PORT = 2376
HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|[0-9a-f:]{2,39}", re.ASCII)
UNPAIRED = "not asked: no context of yours pairs it with an engine"


class Pairing(Struct, frozen=True):
    """An address with the folder of its certificates; `checked` that the engine's own certificate is checked."""

    endpoint: Endpoint
    folder: PurePath
    checked: bool


def questions(groups: Iterable[tuple[CredentialSeen, ...]], host: Host) -> Iterator[Question | Gap]:
    """For each key the engines that contexts and variables pair it with."""
    groups = tuple(groups)
    aims: dict[int, list[Aim]] = {}
    refusals: dict[int, str] = {}
    for pairing in _pairings(host) if groups else ():
        key = _text(pairing.folder / "key.pem", host)
        aim = _aim(pairing, key, host)
        index = host.keep(key).index if key else -1
        if isinstance(aim, str):
            refusals.setdefault(index, aim)
        elif all((aim.host, aim.port) != (other.host, other.port) for other in aims.setdefault(index, [])):
            aims[index].append(aim)
    for group in groups:
        yield from _question(group, aims, refusals)


def _question(
    group: tuple[CredentialSeen, ...], aims: dict[int, list[Aim]], refusals: dict[int, str]
) -> Iterator[Question | Gap]:
    index = group[0].secret.index if group[0].secret is not None else -1
    mine = aims.get(index, [])
    if mine:
        yield Question(ENGINE_VERSION, mine[0].host, group, aims=tuple(mine[:AIM_LIMIT]))
    if len(mine) > AIM_LIMIT:
        why = f"its contexts lead to more than {AIM_LIMIT} engines; the rest was not asked"
        yield Gap(GapKind.LIMIT, where(group[0]), why)
    if not mine or index in refusals:
        yield Gap(GapKind.REFUSED, where(group[0]), refusals.get(index, UNPAIRED))


def _pairings(host: Host) -> Iterator[Pairing]:
    """Every address over TCP, by the variables and by the contexts."""
    told = address(host.variable("DOCKER_HOST") or "", host)
    if told is not None and told.way is Way.TCP:
        named = host.variable("DOCKER_CERT_PATH")
        folder = host.resolve(named, host.workspace) if named else host.home / ".docker"
        if folder is not None:
            checked = bool(host.variable("DOCKER_TLS_VERIFY"))
            yield Pairing(Endpoint("", told, Evidence(variable="DOCKER_HOST")), folder, checked)
    for found in documents(host, *CONTEXTS):
        if isinstance(found, Document) and found.path is not None and len(found.path.parts) > 3:
            yield from _of_context(found, found.path, host)


def _of_context(found: Document, path: PurePath, host: Host) -> Iterator[Pairing]:
    docker = found.fields.object("Endpoints").object("docker")
    told = address(docker.text("Host"), host)
    if told is not None and told.way is Way.TCP:
        folder = path.parent.parent.parent / "tls" / path.parent.name / "docker"
        endpoint = Endpoint(label(found.fields.text("Name")), told, Evidence(path))
        yield Pairing(endpoint, folder, docker.flag("SkipTLSVerify") is not True)


def _aim(pairing: Pairing, key: str, host: Host) -> Aim | str:
    """An engine to ask, or why it is not asked."""
    told = pairing.endpoint.address
    if not pairing.checked:
        return "not asked: its settings skip the check of the engine's certificate"
    if HOST.fullmatch(told.host.lower()) is None or int(told.port or PORT) > 0xFFFF:
        return "not asked: the address of its engine is an odd one"
    certificate = _text(pairing.folder / "cert.pem", host)
    authorities = _text(pairing.folder / "ca.pem", host)
    if not (key and certificate and authorities is not None):
        return "not asked: the certificates that stand beside it could not be read"
    return Aim(
        calls=(ENGINE_VERSION, ENGINE_INFO),
        host=told.host.lower(),
        port=int(told.port or PORT),
        asset=pairing.endpoint.asset,
        local=told.local,
        tls=Tls(authorities),
        certificate=certificate,
        key=host.keep(key),
    )


def _text(path: PurePath, host: Host) -> str:
    """A file beside the key, empty where there is none."""
    found = next(iter(host.read_named(TLS_FOLDER, path)), None)
    return found.text if isinstance(found, TextFile) else ""


def answered(put: Question, client: Client, host: Host) -> Iterator[Observation]:
    """What the engines say of themselves to whoever holds the key."""
    told: list[tuple[Aim, Engine]] = []
    for aim in put.aims:
        found = _asked(aim, put, client, host)
        if isinstance(found, Gap):
            yield found
        else:
            told.append((aim, found))
    if told:
        yield _together(put, told, host)


def _asked(aim: Aim, put: Question, client: Client, host: Host) -> Engine | Gap:
    value = host.vault.value(aim.key) if aim.key is not None else None
    if value is None:
        return Gap(GapKind.LIMIT, where(put.seen), "not asked: it is longer than any key")
    if put.seen.protection is Protection.ENCRYPTED:
        return Gap(GapKind.REFUSED, where(put.seen), "not asked: its key is locked by a passphrase")
    place = replace(aim.place, tls=replace(aim.tls, proof=f"{aim.certificate}\n{value}"))
    found = answers(client, place)
    if isinstance(found, Gap):
        return found
    told = engine(*found)
    if told.rootless is None or not (told.product or told.version):
        return Gap(GapKind.FAILED, aim.place.url, "the answer is none of a container engine")
    return told


def _together(put: Question, told: list[tuple[Aim, Engine]], host: Host) -> CredentialSeen:
    """One answer of all engines; of those that did not answer, what was known before still stands."""
    settled = {aim.asset for aim, _ in told}
    grants = [grant for aim, found in told for grant in _grants(aim, found, host)]
    grants += [grant for each in put.sightings for grant in each.grants if grant.asset not in settled]
    guarded = any(found.authorized_by for _, found in told)
    return replace(
        bare(put, CredentialState.LIVE),
        grants=tuple(dict.fromkeys(grants)),
        names=tuple(name for _, found in told for name in _names(found)),
        undecided=PROXIED if guarded else None,
        settled=True,
    )


def _grants(aim: Aim, found: Engine, host: Host) -> tuple[Grant, ...]:
    """What the engine gives: code in its containers, and its machine where it runs as root."""
    sure = Confidence.POSSIBLE if found.authorized_by else Confidence.VERIFIED
    if found.machine and aim.local:
        return of_machine(found.machine, sure)
    if found.rootless:
        why = "the engine says that it runs as its user, not as root"
        return (Grant(aim.asset, frozenset({Capability.EXEC_REMOTE}), sure, why=why),)
    why = "the engine says that it runs as root, and a container may mount / and write there"
    if aim.local and _short(found.host) == _short(host.machine.name):
        asset = Asset("this-machine", host.machine.name)
        return (Grant(asset, frozenset({Capability.HOST_ROOT}), sure, why=why),)
    return (Grant(aim.asset, ROOT_ELSEWHERE, sure, why=why),)


def _short(name: str) -> str:
    return name.casefold().partition(".")[0]


def _names(found: Engine) -> Iterator[str]:
    yield found.named
    if found.rootless:
        yield "rootless"
    if found.remapped:
        yield "remaps users"
