"""Registry logins: what Docker, Podman and Helm keep in files, and what they leave to a credential helper."""

import base64
import binascii
import re
import shlex
from collections.abc import Iterable, Iterator
from typing import ClassVar

from probes.containers.objects import ENTRY_LIMIT, Document, Fields, as_text, document, documents, parsed
from probes.containers.own import own_logins
from probes.containers.reads import DOCKER_CONFIGS, HELM_LOGINS, LEGACY_CONFIG, PODMAN_LOGINS, RUN_LOGINS
from probes.containers.registries import CLOUD_HELPERS, registry, within_account
from probes.containers.saved import IDENTITY_TOKEN, PASSWORD, REGISTRY_TOKEN, Saved, credential, through
from probes.modes import quoted, readable_by_others
from scanner.data.families import holds_token
from scanner.host import Host
from scanner.model import (
    CredentialSeen,
    CredentialState,
    Evidence,
    Fix,
    Gap,
    GapKind,
    Hint,
    LifetimeKind,
    Observation,
    Protection,
    Weakness,
)
from scanner.model.value import Value
from scanner.secrets import Pair, secrets_in

SHOWN = 5  # commands of one fix
SECRET_LIMIT = 64 * 1024
HELPER = re.compile(r"[a-z0-9][a-z0-9_.-]{0,30}")
KEYCHAINS = frozenset({"osxkeychain", "wincred", "secretservice", "desktop", "desktop.exe", "keychain"})
HELPERS_KEPT = {"pass": Protection.ENCRYPTED}
# The file that a program writes to where it is told none, by its command; the first that applies.
USUAL = {"docker logout": DOCKER_CONFIGS, "podman logout": PODMAN_LOGINS[:2]}
OWN_FILE = "containers-auth.json"  # Podman's name for the file itself in the place of a helper


class Config(Value, frozen=True):
    """A file of logins: the entries, the helpers that hold others, and the command that forgets one."""

    concealed: ClassVar[frozenset[str]] = frozenset({"auths"})

    document: Document
    auths: Fields
    logout: str
    store: str = ""

    def at(self, name: str) -> Evidence:
        """The place of one registry's entry."""
        return self.document.at(f'auths["{name}"]')


def logins(host: Host) -> Iterator[Observation]:
    """Every saved login, every reference to one, and what else these files hold of secrets."""
    for found in _configs(host):
        if isinstance(found, Gap):
            yield found
        else:
            yield from _config(found, host)


def _configs(host: Host) -> Iterator[Config | Gap]:
    for patterns, logout in (
        (DOCKER_CONFIGS, "docker logout"),
        (PODMAN_LOGINS, "podman logout"),
        (HELM_LOGINS, "helm registry logout"),
    ):
        for found in documents(host, *patterns):
            yield found if isinstance(found, Gap) else _read(found, _at_file(found, logout, host))
    for found in documents(host, LEGACY_CONFIG):
        yield found if isinstance(found, Gap) else Config(found, found.fields, "docker logout")
    for path in own_logins(host):
        for file in host.read_named(RUN_LOGINS, path):
            for found in [file] if isinstance(file, Gap) else document(file, host):
                yield found if isinstance(found, Gap) else _read(found, _at_file(found, "podman logout", host))
    text = host.variable("DOCKER_AUTH_CONFIG")
    if text and text.strip():
        host.keep(text)
        for found in parsed(text, Evidence(variable="DOCKER_AUTH_CONFIG"), "DOCKER_AUTH_CONFIG"):
            yield found if isinstance(found, Gap) else _read(found, "docker logout")


def _at_file(found: Document, logout: str, host: Host) -> str:
    """The command with the file it is for, where that is not the one the program takes unasked."""
    usual = next((at for each in USUAL.get(logout, ()) if (at := host.machine.paths(each))), None)
    if found.path is None or logout not in USUAL or (usual is not None and found.path in usual):
        return logout
    if logout == "podman logout":
        return f"podman logout --authfile {quoted(found.path, host)}"
    return f"docker --config {quoted(found.path.parent, host)} logout"


def _read(found: Document, logout: str) -> Config:
    return Config(found, found.fields.object("auths"), logout, found.fields.text("credsStore"))


def _config(config: Config, host: Host) -> Iterator[Observation]:
    place = _place(config, host)
    for name in ("auths", "credHelpers", "HttpHeaders", "proxies"):
        value = config.document.fields.values.get(name)
        if value is not None and not isinstance(value, dict):
            yield Gap(GapKind.FAILED, place, f"{name} is no object")
        elif isinstance(value, dict) and len(value) > ENTRY_LIMIT:
            yield Gap(GapKind.LIMIT, place, f"more than {ENTRY_LIMIT} entries in {name}; the rest was left")
    inline = []
    for seen in _entries(config, host):
        yield seen
        if isinstance(seen, CredentialSeen) and seen.secret is not None and _lasts(seen):
            inline.append(seen)
    yield from _by_helper(config)
    yield from _extras(config, host)
    yield from _loose(config, host, inline)


def _place(config: Config, host: Host) -> str:
    path = config.document.path
    return host.shown(path) if path is not None else config.document.evidence.variable or ""


def _lasts(seen: CredentialSeen) -> bool:
    return seen.lifetime.kind is not LifetimeKind.EXPIRES and seen.state is not CredentialState.EXPIRED


def _entries(config: Config, host: Host) -> Iterator[Observation]:
    """The logins that lie in the file itself."""
    for key, entry in config.auths.objects():
        name = registry(as_text(key))
        if entry is None:
            if config.document.fields is not config.auths:  # in the old format, other settings stand beside them
                yield Gap(GapKind.FAILED, _place(config, host), f"the login of {name} is no object")
            continue
        for found in _saved(config, name, entry):
            if isinstance(found, Gap):
                yield Gap(found.kind, _place(config, host), found.why)
            elif (seen := credential(found, host)) is not None:
                yield seen
                wider = within_account(name, seen.evidence)
                if wider is not None:
                    yield wider


def _saved(config: Config, name: str, entry: Fields) -> Iterator[Saved | Gap]:
    """The secrets of one entry; its `place` is filled by who knows it."""
    evidence = config.at(name)
    user, secret = entry.text("username", "Username"), entry.text("password", "Password")
    auth = entry.text("auth")
    if auth:
        pair = decoded(auth)
        if pair is None:
            yield Gap(GapKind.FAILED, "", f"the login of {name} is no base64 of a user and a password")
        else:
            user, secret = pair
    elif entry.values.get("auth") not in (None, ""):
        yield Gap(GapKind.FAILED, "", f"the login of {name} is no text")
    for text, kind in (
        (secret, PASSWORD),
        (entry.text("identitytoken"), IDENTITY_TOKEN),
        (entry.text("registrytoken"), REGISTRY_TOKEN),
    ):
        if len(text) > SECRET_LIMIT:
            yield Gap(GapKind.LIMIT, "", f"the login of {name} is longer than 64 KiB")
        elif text:
            yield Saved(name, user, text, evidence, kind, (auth,) if auth and kind == PASSWORD else ())


def decoded(auth: str) -> tuple[str, str] | None:
    """User and password in an `auth` value, None where it holds no such pair. Docker drops zeros at its end."""
    try:
        text = base64.b64decode(auth.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    user, colon, secret = text.partition(":")
    return (user, secret.strip("\0")) if colon and text.isprintable() | ("\0" in text or "\n" in text) else None


def _by_helper(config: Config) -> Iterator[Observation]:
    """The logins that helpers hold or make: one for each registry, and one for all that a cloud's helper opens."""
    clouds: dict[str, list[str]] = {}
    for name, helper in _helpers(config):
        evidence = config.at(name)
        if helper in CLOUD_HELPERS:
            clouds.setdefault(helper, []).append(name)
            wider = within_account(name, evidence)
            if wider is not None:
                yield wider
        else:
            kept = Protection.KEYCHAIN if helper in KEYCHAINS else HELPERS_KEPT.get(helper, Protection.REFERENCE)
            yield through(helper, (name,), evidence, cloud="", protection=kept)
    if config.store in CLOUD_HELPERS and config.store not in clouds:
        clouds[config.store] = []
    for helper, names in clouds.items():
        evidence = config.document.at(f"docker-credential-{helper}")
        registries = tuple(dict.fromkeys(names)) or (f"what docker-credential-{helper} opens",)
        yield through(helper, registries, evidence, cloud=CLOUD_HELPERS[helper], protection=Protection.REFERENCE)


def _helpers(config: Config) -> Iterator[tuple[str, str]]:
    """Registry and helper, of entries without a secret of their own and of registries that name a helper."""
    chosen = config.document.fields.object("credHelpers").values
    told: dict[str, str] = {}
    for key, value in list(chosen.items())[:ENTRY_LIMIT]:
        told[registry(as_text(key))] = _helper(value)
    if config.store:
        for key, entry in config.auths.objects():
            if entry is not None and not any(entry.values.values()):
                told.setdefault(registry(as_text(key)), _helper(config.store))
    yield from ((name, helper) for name, helper in told.items() if helper)


def _helper(value: object) -> str:
    """The helper's name; what is no name of a program is not shown, and Podman's own file is none."""
    text = as_text(value)
    if text in {"", OWN_FILE}:
        return ""
    return text if HELPER.fullmatch(text) is not None and not holds_token(text) else "of another name"


def _extras(config: Config, host: Host) -> Iterator[Observation]:
    """Headers sent to the engine, and proxies handed to containers."""
    hints = (Hint("file", config.document.path.name),) if config.document.path is not None else ()
    yield from secrets_in([*_headers(config), *_proxies(config)], host, hints)


def _headers(config: Config) -> Iterator[Pair]:
    for name, value in list(config.document.fields.object("HttpHeaders").values.items())[:ENTRY_LIMIT]:
        text = as_text(value)
        if name.casefold() in {"authorization", "proxy-authorization"}:
            _, _, tail = text.partition(" ")
            yield Pair("AUTHORIZATION_TOKEN", tail or text, config.document.at(f"HttpHeaders.{name}"))
        else:
            yield Pair(name, text, config.document.at("HttpHeaders"))


def _proxies(config: Config) -> Iterator[Pair]:
    for _, entry in config.document.fields.object("proxies").objects():
        for name in ("httpProxy", "httpsProxy", "ftpProxy", "allProxy"):
            text = entry.text(name) if entry is not None else ""
            if text:
                yield Pair(name, text, config.document.at(f"proxies.{name}"))


def _loose(config: Config, host: Host, inline: Iterable[CredentialSeen]) -> Iterator[Weakness]:
    """What is wrong with a file that holds logins which last."""
    path, names = config.document.path, [name for seen in inline if (name := _registry_of(seen))]
    if path is None or not names:
        return
    commands = tuple(
        config.logout
        if name == "docker.io" and config.logout.startswith("docker ")
        else f"{config.logout} {shlex.quote(name)}"
        for name in dict.fromkeys(names)
    )
    yield Weakness(
        rule="containers.inline-login",
        title="Registry logins lie in a file in plain text",
        evidence=Evidence(path),
        why="base64 hides nothing: whatever reads the file publishes images in your name, and the logins do not end.",
        fix=Fix(
            "Log out, set a credential helper (credsStore) and log in again with a token that can only pull.",
            commands[:SHOWN],
        ),
    )
    if config.document.place is not None:
        yield from readable_by_others(host, config.document.place)


def _registry_of(seen: CredentialSeen) -> str:
    return next((grant.asset.name for grant in seen.grants if grant.asset.kind == "container-registry"), "")
