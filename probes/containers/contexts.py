"""The engines that Docker's variables and contexts and Podman's connections name."""

from collections.abc import Iterator
from pathlib import PurePath

from probes.containers.addresses import address
from probes.containers.endpoints import Endpoint, endpoint_seen
from probes.containers.objects import Document, Fields, as_text, documents
from probes.containers.reads import (
    CONTAINERS_CONF,
    CONTEXTS,
    DOCKER_CONFIGS,
    PODMAN_CONNECTIONS,
    TLS_FOLDER,
    WINDOWS_PODMAN,
)
from probes.containers.sockets import Near
from probes.toml_text import NoToml, toml_of
from scanner.host import Place, TextFile
from scanner.model import Evidence, Gap, GapKind, Observation, Platform
from scanner.shapes import label

ENDPOINT_LIMIT = 200


def addresses(around: Near) -> Iterator[Observation]:
    """Every engine that is named: by variables, by contexts, by connections."""
    yield from _by_variable(around)
    yield from _contexts(around)
    yield from _connections(around)


def _by_variable(around: Near) -> Iterator[Observation]:
    host = around.host
    folder = host.variable("DOCKER_CERT_PATH")
    tls_on = bool(host.variable("DOCKER_TLS_VERIFY") or host.variable("DOCKER_TLS"))
    for variable in ("DOCKER_HOST", "CONTAINER_HOST"):
        text = host.variable(variable)
        if not text:
            continue
        docker = variable == "DOCKER_HOST"
        told = address(text, host)
        if told is None:
            if not text.startswith("fd:"):
                yield Gap(GapKind.FAILED, variable, "is no address of an engine")
            continue
        yield from endpoint_seen(
            around,
            Endpoint(
                "",
                told,
                Evidence(variable=variable),
                tls=host.resolve(folder, host.workspace) if folder and docker else host.home / ".docker",
                tls_on=tls_on and docker,
                identity="" if docker else host.variable("CONTAINER_SSHKEY") or "",
                current=docker or not host.variable("CONTAINER_CONNECTION"),
                leave="Remove-Item Env:" + variable if host.platform is Platform.WINDOWS else f"unset {variable}",
            ),
        )


def _contexts(around: Near) -> Iterator[Observation]:
    current = _current(around)
    count = 0
    for found in documents(around.host, *CONTEXTS):
        if isinstance(found, Gap):
            yield found
            continue
        count += 1
        if count > ENDPOINT_LIMIT:
            yield Gap(GapKind.LIMIT, "docker contexts", f"more than {ENDPOINT_LIMIT}; the rest was left")
            return
        yield from _context(around, found, current)


def _current(around: Near) -> str:
    """The context that commands go to: an address in the environment beats it, a name there beats the file's."""
    host = around.host
    if host.variable("DOCKER_HOST"):
        return ""
    named = host.variable("DOCKER_CONTEXT")
    if named:
        return named
    configs = (found for found in documents(host, *DOCKER_CONFIGS) if isinstance(found, Document))
    return next((name for found in configs if (name := found.fields.text("currentContext"))), "")


def _context(around: Near, found: Document, current: str) -> Iterator[Observation]:
    name = label(found.fields.text("Name"))
    docker = found.fields.object("Endpoints").object("docker")
    told = address(docker.text("Host"), around.host)
    shown = around.host.shown(found.path) if found.path is not None else ""
    if told is None:
        yield Gap(GapKind.FAILED, shown, "names no address of an engine")
        return
    folder = _tls_folder(found.path)
    held = folder is not None and any(_lies(around, folder / name) for name in ("key.pem", "ca.pem"))
    yield from endpoint_seen(
        around,
        Endpoint(
            name,
            told,
            found.at("Endpoints.docker.Host"),
            tls=folder,
            tls_on=held or docker.flag("SkipTLSVerify") is True,
            current=bool(name) and name == current,
            leave="docker context use default",
        ),
    )


def _tls_folder(meta: PurePath | None) -> PurePath | None:
    """`contexts/tls/ID/docker` beside `contexts/meta/ID/meta.json`."""
    if meta is None or len(meta.parts) < 4:
        return None
    return meta.parent.parent.parent / "tls" / meta.parent.name / "docker"


def _lies(around: Near, path: PurePath) -> bool:
    return isinstance(around.host.place_named(TLS_FOLDER, path), Place)


def _connections(around: Near) -> Iterator[Observation]:
    """Podman's connections: its own file first, which beats the ones of containers.conf."""
    chosen = around.host.variable("CONTAINER_CONNECTION") or ""
    host_given = bool(around.host.variable("CONTAINER_HOST"))
    json_files = (*PODMAN_CONNECTIONS, WINDOWS_PODMAN[0])
    for found in documents(around.host, *json_files):
        if isinstance(found, Gap):
            yield found
            continue
        told = found.fields.object("Connection")
        default = "" if host_given else chosen or told.text("Default")
        yield from _destinations(around, found, told.object("Connections"), default)
    for file in around.host.read(*CONTAINERS_CONF, WINDOWS_PODMAN[1]):
        if isinstance(file, Gap):
            yield file
        elif not file.truncated:
            yield from _configured(around, file, "" if host_given else chosen)


def _configured(around: Near, file: TextFile, chosen: str) -> Iterator[Observation]:
    try:
        told = Fields(toml_of(file.text)).object("engine")
    except NoToml:
        yield Gap(GapKind.FAILED, around.host.shown(file.path), "is no TOML")
        return
    found = Document(told, Evidence(file.path), file.place)
    default = chosen or told.text("active_service")
    yield from _destinations(around, found, told.object("service_destinations"), default)


def _destinations(around: Near, found: Document, told: Fields, default: str) -> Iterator[Observation]:
    place = around.host.shown(found.path) if found.path is not None else ""
    entries = list(told.objects())
    for key, fields in entries[:ENDPOINT_LIMIT]:
        name = label(as_text(key))
        uri = fields.text("URI", "uri") if fields is not None else ""
        where = address(uri, around.host)
        if fields is None or where is None:
            yield Gap(GapKind.FAILED, place, "a connection names no address of an engine")
            continue
        yield from endpoint_seen(
            around,
            Endpoint(
                name,
                where,
                found.at(f"connection {name}"),
                identity=fields.text("Identity", "identity"),
                current=bool(name) and name == default,
                machine=(fields.flag("IsMachine") or fields.flag("is_machine")) is True,
            ),
        )
    if len(entries) > ENDPOINT_LIMIT:
        yield Gap(GapKind.LIMIT, place, f"more than {ENDPOINT_LIMIT} connections; the rest was left")
