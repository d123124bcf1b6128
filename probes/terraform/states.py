"""Folders that terraform was initialised in: the state each is tied to, its workspace, and the keys of its backend."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath

from msgspec import Struct
from msgspec.structs import replace

from probes.modes import quoted
from probes.objects import Fields, once, parsed
from probes.terraform.reads import BACKEND_FILE, HERE, ROOTS, STATE_FILE, WORKSPACE_FILE
from scanner.data.kinds import implied
from scanner.host import FileKind, Host
from scanner.model import (
    Asset,
    CredentialSeen,
    Environment,
    Evidence,
    Fix,
    Gap,
    GapKind,
    Hint,
    Lifetime,
    LifetimeKind,
    Observation,
    Platform,
    Protection,
    Staged,
    Weakness,
)
from scanner.secrets import Pair, secrets_in
from scanner.shapes import host_of, label

ROOT_LIMIT = 200
DEFAULT = "default"
LOCAL, STATE = "local", "terraform.tfstate"
PRODUCTION = frozenset({Environment.PRODUCTION})

# Which of a backend's settings say where the state lies; never one that may hold a secret.
PLACES: Mapping[str, tuple[str, ...]] = {
    "s3": ("bucket", "key"),
    "gcs": ("bucket", "prefix"),
    "azurerm": ("storage_account_name", "container_name", "key"),
    "oss": ("bucket", "prefix", "key"),
    "cos": ("bucket", "prefix", "key"),
    "consul": ("address", "path"),
    "kubernetes": ("namespace", "secret_suffix"),
    "remote": ("hostname", "organization"),
    "cloud": ("hostname", "organization"),
    "http": ("address",),
    "pg": ("schema_name",),
}
ADDRESSES = frozenset({"address", "hostname"})
# What a backend's settings are called where the same key stands in the environment.
SPELLED: Mapping[str, Mapping[str, str]] = {
    "s3": {
        "access_key": "AWS_ACCESS_KEY_ID",
        "secret_key": "AWS_SECRET_ACCESS_KEY",
        "token": "AWS_SESSION_TOKEN",
        "profile": "AWS_PROFILE",
    },
    "azurerm": {
        "access_key": "ARM_ACCESS_KEY",
        "sas_token": "ARM_SAS_TOKEN",
        "storage_account_name": "AZURE_STORAGE_ACCOUNT_NAME",
        "client_secret": "ARM_CLIENT_SECRET",
        "client_id": "ARM_CLIENT_ID",
        "tenant_id": "ARM_TENANT_ID",
    },
    "gcs": {"credentials": "GOOGLE_CREDENTIALS", "access_token": "GOOGLE_OAUTH_ACCESS_TOKEN"},
    "oss": {"access_key": "ALICLOUD_ACCESS_KEY", "secret_key": "ALICLOUD_SECRET_KEY"},
    "cos": {"secret_id": "TENCENTCLOUD_SECRET_ID", "secret_key": "TENCENTCLOUD_SECRET_KEY"},
    "consul": {"access_token": "CONSUL_HTTP_TOKEN"},
    "remote": {"token": "TFE_TOKEN", "hostname": "TFE_HOSTNAME"},
    "cloud": {"token": "TFE_TOKEN", "hostname": "TFE_HOSTNAME"},
    "http": {"username": "TF_HTTP_USERNAME", "password": "TF_HTTP_PASSWORD"},
    "pg": {"conn_str": "PG_CONN_STR"},
    "kubernetes": {"token": "KUBE_TOKEN"},
}


class Root(Struct, frozen=True):
    """A folder with terraform's code, and where terraform keeps what it knows of it."""

    folder: PurePath
    data: PurePath


class State(Struct, frozen=True):
    """The state that a folder is tied to; `chosen` says where its workspace was selected, None for the first one."""

    root: Root
    asset: Asset
    workspace: str
    chosen: Evidence | None


def states(host: Host) -> Iterator[Observation]:
    """Every state, who holds its keys, and the trap of a workspace of production."""
    found = list(_roots(host))
    forced = label(host.variables().values.get("TF_WORKSPACE", "").strip())
    if forced and forced != DEFAULT:
        yield _forced(forced, host)
    for root in found[:ROOT_LIMIT]:
        if isinstance(root, Gap):
            yield root
        else:
            host.check_time()
            yield from _of_root(root, forced, host)
    if len(found) > ROOT_LIMIT:
        left = len(found) - ROOT_LIMIT
        yield Gap(
            GapKind.LIMIT, "terraform", f"{left} folders of terraform beyond the first {ROOT_LIMIT} were not read"
        )


def _roots(host: Host) -> Iterator[Root | Gap]:
    met: set[object] = set()
    named = host.variables().values.get("TF_DATA_DIR", "").strip()
    for found in host.places(*ROOTS, *HERE):
        if isinstance(found, Gap):
            if (found.place, found.why) not in met:
                met.add((found.place, found.why))
                yield found
            continue
        parent = found.path.parent
        folder = parent.parent if parent.name == ".terraform" else parent
        if folder not in met:
            met.add(folder)
            data = host.resolve(named, folder) if named else None
            yield Root(folder, data or folder / ".terraform")


def _of_root(root: Root, forced: str, host: Host) -> Iterator[Observation]:
    workspace, chosen = forced or DEFAULT, None
    for file in host.read_named(WORKSPACE_FILE, root.data / "environment"):
        if isinstance(file, Gap):
            yield file
        elif not forced:
            workspace = label(file.text.strip()) or DEFAULT
            chosen = Evidence(file.path, 1) if workspace != DEFAULT else None
    backend: Fields | None = None
    for file in once(host.read_named(BACKEND_FILE, root.data / "terraform.tfstate")):
        for found in [file] if isinstance(file, Gap) else parsed(file, host):
            if isinstance(found, Gap):
                yield found
            else:
                backend = found.object("backend")
                yield from _mistyped(found, host)
    kind = backend.label("type") if backend is not None else ""
    if backend is not None and kind not in {"", LOCAL}:
        yield from _remote(backend, root, (workspace, chosen), host)
    else:
        yield from _local(root, _path(root, workspace, backend), (workspace, chosen), host)


def _mistyped(found: Fields, host: Host) -> Iterator[Gap]:
    told = found.values.get("backend")
    if told is not None and not isinstance(told, dict):
        yield found.faulty("backend", "is no object", host)
    elif isinstance(told, dict) and not isinstance(told.get("type"), str):
        yield found.faulty("backend.type", "is no text", host)


Selected = tuple[str, Evidence | None]


def _remote(backend: Fields, root: Root, selected: Selected, host: Host) -> Iterator[Observation]:
    kind, config = backend.label("type"), backend.object("config")
    workspace, chosen = selected
    if kind in {"cloud", "remote"}:
        workspace = _pinned(config) or workspace
    parts = [_place(config, name) for name in PLACES.get(kind, ())]
    name = "/".join([kind, *(part for part in parts if part), *([workspace] if workspace != DEFAULT else [])])
    if len(name) == len(kind):
        name = f"{kind}/of {host.shown(root.folder)}"
    state = State(root, Asset("terraform-state", name, _hints(root, workspace, config, host)), workspace, chosen)
    held = list(_keys(kind, config, state, host))
    yield from held
    if not any(isinstance(each, CredentialSeen) for each in held):
        yield _ambient(state, backend.at("type"))
    yield from _trap(state, host)


def _pinned(config: Fields) -> str:
    """The workspace that the code itself names; `cloud` writes an object, `remote` a list of one."""
    told = config.values.get("workspaces")
    row = told[0] if isinstance(told, list) and told else told
    return label(row.get("name")) if isinstance(row, dict) else ""


def _place(config: Fields, name: str) -> str:
    text = config.label(name)
    return label(host_of(text)) if name in ADDRESSES else text


def _hints(root: Root, workspace: str, config: Fields | None, host: Host) -> tuple[Hint, ...]:
    """The workspace says most; then bucket and key, which stand in the name; then the folders of the code."""
    told = [Hint("stage", workspace)] if workspace != DEFAULT else []
    if config is not None:
        told += [Hint("bucket", config.label("bucket")), Hint("profile", config.label("profile"))]
    inside = [part for part in host.shown(root.folder).replace("\\", "/").split("/")[-2:] if part != "~"]
    return tuple(hint for hint in (*told, *(Hint("folder", part) for part in inside)) if hint.text)


def _keys(kind: str, config: Fields, state: State, host: Host) -> Iterator[CredentialSeen | Gap]:
    """The keys that `terraform init` wrote down, each as the environment would name it, and what they open."""
    spelled = SPELLED.get(kind, {})
    pairs = [Pair(name, config.text(key), config.at(key)) for key, name in spelled.items() if config.text(key)]
    for name in ("assume_role", "assume_role_with_web_identity"):
        token = config.object(name).text("web_identity_token")
        if token:
            host.keep(token)
    for seen in secrets_in(pairs, host):
        if isinstance(seen, Gap):
            yield seen
        else:
            opened = implied("terraform.local-state", state.asset.name, state.asset.hints)
            yield replace(seen, grants=(*seen.grants, *opened), names=(*seen.names, *_names(state)))


def _names(state: State) -> tuple[str, ...]:
    return (f"workspace {state.workspace}",) if state.workspace != DEFAULT else ()


def _ambient(state: State, evidence: Evidence) -> CredentialSeen:
    """The folder itself, which acts with whatever sign-in the machine has."""
    return CredentialSeen(
        kind="terraform.state-backend",
        evidence=evidence,
        grants=implied("terraform.state-backend", state.asset.name, state.asset.hints),
        lifetime=Lifetime(LifetimeKind.SESSION),
        protection=Protection.REFERENCE,
        names=_names(state),
    )


def _path(root: Root, workspace: str, backend: Fields | None) -> PurePath:
    """Where a local state lies: the backend's `path` is that of the first workspace alone."""
    config = backend.object("config") if backend is not None else None
    if workspace == DEFAULT:
        return root.folder / ((config.label("path") if config is not None else "") or STATE)
    folder = config.label("workspace_dir") if config is not None else ""
    return root.folder / (folder or "terraform.tfstate.d") / workspace / STATE


def _local(root: Root, path: PurePath, selected: Selected, host: Host) -> Iterator[Observation]:
    """A state beside the code, or where the backend says; one that was never written tells nothing."""
    workspace, chosen = selected
    name = f"local/{host.shown(path)}"
    state = State(root, Asset("terraform-state", name, _hints(root, workspace, None, host)), workspace, chosen)
    found = host.place_named(STATE_FILE, path)
    if isinstance(found, Gap):
        yield found
    elif found is not None and found.kind is FileKind.FILE:
        yield CredentialSeen(
            kind="terraform.local-state",
            evidence=Evidence(path),
            grants=implied("terraform.local-state", name, state.asset.hints),
            names=_names(state),
        )
    yield from _trap(state, host)


def _trap(state: State, host: Host) -> Iterator[Weakness]:
    """That the next plan, apply or destroy in the folder acts on a workspace of production."""
    if state.chosen is None:
        return
    command = f"cd {quoted(state.root.folder, host)} && terraform workspace"
    why = f'Workspace "{state.workspace}" is selected in {host.shown(state.root.folder)}; no command names it again.'
    yield _weakness(state.asset, state.chosen, why, (f"{command} list", f"{command} select NAME"))


def _forced(workspace: str, host: Host) -> Weakness:
    asset = Asset("terraform-workspace", workspace, (Hint("stage", workspace),))
    command = "Remove-Item Env:TF_WORKSPACE" if host.platform is Platform.WINDOWS else "unset TF_WORKSPACE"
    why = f'TF_WORKSPACE selects "{workspace}" in every folder, whatever was selected there.'
    return _weakness(asset, Evidence(variable="TF_WORKSPACE"), why, (command,))


def _weakness(asset: Asset, evidence: Evidence, why: str, commands: Iterable[str]) -> Weakness:
    return Weakness(
        rule="terraform.production-workspace",
        title="Terraform acts on production unless told otherwise",
        evidence=evidence,
        why=why,
        fix=Fix("Select a workspace of development; give production a folder of its own.", tuple(commands)),
        when=(Staged(asset, PRODUCTION),),
    )
