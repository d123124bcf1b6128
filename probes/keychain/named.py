"""Logins that a person has named: exactly their entries are read, and judged like any other secret."""

import binascii
import hashlib
import json
import re
from base64 import b64decode
from collections.abc import Iterator
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from probes.keychain.reads import CODEX, GH_HOSTS
from probes.yaml_text import parse
from scanner.data.keychain import Entry, Login, entry_name
from scanner.host import Host, Place
from scanner.model import CredentialSeen, Evidence, Gap, GapKind, Identity, Observation, Protection
from scanner.secrets import Pair, secrets_in

HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)
LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98})", re.ASCII)
ENTERPRISE = "GH_ENTERPRISE_TOKEN"  # the variable whose host GH_HOST tells
ACCOUNT_LIMIT = 50
FIELD_LIMIT = 200
BASE64, HEXADECIMAL = "go-keyring-base64:", "go-keyring-encoded:"  # how a Go library writes what macOS's tool takes


class Name(Struct, frozen=True):
    """One name to ask for; the host and login are known where it is GitHub's."""

    service: str
    account: str
    host: str = ""
    login: str = ""


class GitHub(Struct, frozen=True):
    """A host that gh is signed in to: the login in use, and all of them."""

    host: str
    active: str
    logins: tuple[str, ...]


def of_login(login: Login, host: Host) -> Iterator[Observation]:
    """The credentials that the keychain holds for a program."""
    if host.platform not in login.platforms:
        yield Gap(GapKind.REFUSED, f"keychain entry {login.id}", f"{login.title} uses no keychain on {host.platform}")
        return
    found = False
    for name in dict.fromkeys(_names(login, host)):
        match host.keychain(name.service, name.account):
            case Gap() as gap:
                found = True
                yield gap
            case str() as value:
                found = True
                yield from _credentials(login, name, _decoded(value), host)
    if not found:
        yield Gap(GapKind.REFUSED, f"keychain entry {login.id}", f"the keychain holds no login of {login.title}")


def _names(login: Login, host: Host) -> Iterator[Name]:
    for entry in login.entries:
        text = entry.name(host.platform) + "\0" + entry.account
        if "{host}" in text:
            yield from _of_github(entry, host)
            continue
        text = text.replace("{user}", host.machine.user)
        if "{codex}" in text:
            yield from (_named(text.replace("{codex}", digest)) for digest in _codex_folders(host))
        else:
            yield _named(text)


def _named(text: str) -> Name:
    service, _, account = text.partition("\0")
    return Name(service, account)


def _of_github(entry: Entry, host: Host) -> Iterator[Name]:
    for known in _signed_in(host):
        wanted = known.logins if "{login}" in entry.account else ("",)
        for login in wanted:
            service = entry.name(host.platform).replace("{host}", known.host).replace("{login}", login)
            yield Name(service, login, known.host, login or known.active)


def _signed_in(host: Host) -> list[GitHub]:
    """The hosts that gh has logins for; github.com where no file says any."""
    found: dict[str, GitHub] = {}
    for file in host.read(*GH_HOSTS):
        root = None if isinstance(file, Gap) else parse(file.text).root
        for name, told in islice(root.items() if root is not None else (), ACCOUNT_LIMIT):
            if HOST.fullmatch(name.lower()) is None:
                continue
            active, users = told.said("user"), told.get("users")
            named = [active, *(user for user, _ in islice(users.items() if users else (), ACCOUNT_LIMIT))]
            logins = tuple(dict.fromkeys(each for each in named if LOGIN.fullmatch(each)))
            found.setdefault(name.lower(), GitHub(name.lower(), active if active in logins else "", logins))
    return list(found.values()) or [GitHub("github.com", "", ())]


def _codex_folders(host: Host) -> Iterator[str]:
    """Codex names its entry after the folder that it keeps its settings in."""
    for place in host.places(*CODEX):
        if isinstance(place, Place):
            yield hashlib.sha256(str(place.link_target or place.path).encode()).hexdigest()[:16]


def _decoded(value: str) -> str:
    """The value without the envelope that go-keyring puts around it; what is no such envelope stays as it is."""
    try:
        if value.startswith(BASE64):
            return b64decode(value.removeprefix(BASE64), validate=True).decode()
        if value.startswith(HEXADECIMAL):
            return bytes.fromhex(value.removeprefix(HEXADECIMAL)).decode()
    except (binascii.Error, ValueError):
        return value
    return value


def _credentials(login: Login, name: Name, value: str, host: Host) -> Iterator[Observation]:
    place = f"keychain entry {name.service}"
    host.keep(value)  # whatever it turns out to be, it is shown nowhere
    pairs: list[Pair] = []
    if login.variable:
        variable = login.variable if name.host in {"", "github.com"} else ENTERPRISE
        pairs.append(Pair(variable, value, Evidence(process=place, key=name.account or None)))
        if name.host:
            pairs.append(Pair("GH_HOST", name.host, Evidence(process=place)))
    else:
        fields = _fields(login, value)
        if fields is None:
            yield Gap(GapKind.FAILED, place, "its value is not what the program writes")
            return
        pairs.extend(Pair(variable, text, Evidence(process=place, key=path)) for path, variable, text in fields)
    for seen in secrets_in(pairs, host):
        yield seen if isinstance(seen, Gap) else _held(seen, name)


def _held(seen: CredentialSeen, name: Name) -> CredentialSeen:
    """It lies in the keychain; as whom gh is signed in, its own file says."""
    if not name.login:
        return replace(seen, protection=Protection.KEYCHAIN)
    who = Identity("github", name.host, name.login)
    known = seen.public_id or entry_name(f"gh:{name.host}", name.login)  # as gh's own file refers to it
    return replace(seen, protection=Protection.KEYCHAIN, identity=who, public_id=known)


def _fields(login: Login, value: str) -> list[tuple[str, str, str]] | None:
    """Path, variable and text of each field that may hold a secret; None for what is no JSON object."""
    try:
        told = json.loads(value)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict):
        return None
    if login.variables:
        named = [(name, name, text) for name, text in islice(told.items(), FIELD_LIMIT)]
    else:
        named = [(path, variable, _at(told, path)) for path, variable in login.fields]
    return [(path, variable, text) for path, variable, text in named if isinstance(text, str) and text]


def _at(told: object, path: str) -> object:
    for part in path.split("."):
        told = told.get(part) if isinstance(told, dict) else None
    return told
