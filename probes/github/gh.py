"""gh's `hosts.yml`: each host, each account on it, and the token or where it is kept."""

import re
from collections.abc import Iterator
from itertools import islice

from msgspec.structs import replace

from probes.git.forges import forge
from probes.git.logins import Login, login_seen
from probes.github.accounts import ACCOUNT_LIMIT, documents, in_keychain, is_host
from probes.github.reads import ENTERPRISE, GH_HOSTS
from probes.modes import readable_by_others
from probes.yaml_text import Node
from scanner.data.families import holds_token
from scanner.data.keychain import entry_name
from scanner.host import Host, TextFile
from scanner.model import CredentialSeen, Evidence, Gap, GapKind, Observation, Step

LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}(?:\[bot\])?")
KEYCHAIN_STEP = "armslength scan --keychain gh --live=github"


def gh(host: Host) -> Iterator[Observation]:
    """Every account that gh is signed in as."""
    servers: list[str] = []
    for found in documents(host, *GH_HOSTS):
        if isinstance(found, Gap):
            yield found
            continue
        file, root = found
        if not root.is_mapping:
            yield Gap(GapKind.FAILED, host.shown(file.path), "names no hosts")
            continue
        seen: list[Observation] = []
        for name, told in islice(root.items(), ACCOUNT_LIMIT):
            if is_host(name) and told.is_mapping:
                servers.append(name.lower())
                seen.extend(_host(file, name.lower(), told, host))
            else:
                seen.append(Gap(GapKind.FAILED, f"{host.shown(file.path)}:{told.line}", "no host with its accounts"))
        yield from seen
        if any(isinstance(each, CredentialSeen) and each.secret is not None for each in seen):
            yield from readable_by_others(host, file.place)
    yield from _enterprise(host, servers)


def _host(file: TextFile, name: str, told: Node, host: Host) -> Iterator[Observation]:
    """The accounts of one host; the active one's token may stand a second time beside its name."""
    active = _login(told.get("user"))
    accounts: dict[str, Login] = {}
    held: set[str] = set()
    users = told.get("users")
    for user, node in islice(users.items() if users is not None else (), ACCOUNT_LIMIT):
        if not LOGIN.fullmatch(user) or holds_token(user):
            yield Gap(GapKind.FAILED, f"{host.shown(file.path)}:{node.line}", "an account that is no name")
            continue
        accounts[user] = _account(name, user, Evidence(file.path, node.line, f"{name}.users.{user}"))
        for seen in _token(node, accounts[user], host):
            held.add(user)
            yield seen
    for seen in _token(told, _account(name, active, Evidence(file.path, told.line, name)), host):
        held.add(active)
        yield seen
    if active:
        accounts.setdefault(active, _account(name, active, Evidence(file.path, told.line, f"{name}.users.{active}")))
    for user, login in accounts.items():
        if user not in held:
            reference = in_keychain(login, "github.oauth-token", _step(name))
            yield replace(reference, public_id=entry_name(f"gh:{name}", user))


def _account(name: str, user: str, evidence: Evidence) -> Login:
    return Login(name, user, "", evidence, named="github.token")


def _login(node: Node | None) -> str:
    text = node.text if node is not None else ""
    return text if LOGIN.fullmatch(text) and not holds_token(text) else ""


def _token(told: Node, login: Login, host: Host) -> Iterator[CredentialSeen]:
    node = told.get("oauth_token")
    if node is not None and node.text:
        evidence = Evidence(login.evidence.path, node.line, f"{login.evidence.key}.oauth_token")
        yield from login_seen(replace(login, secret=node.text, evidence=evidence), host)


def _step(name: str) -> Step:
    return Step(f"its token lies in the keychain (gh:{name}), and its scopes stand on the forge's side", KEYCHAIN_STEP)


def _enterprise(host: Host, servers: list[str]) -> Iterator[CredentialSeen]:
    """Gh sends these variables to every server of one's own that it knows, not to github.com."""
    own = [name for name in dict.fromkeys(servers) if forge(name).host != "github.com"]
    if host.variable("GH_HOST"):  # then the probe of the environment knows the host
        return
    for variable in ENTERPRISE:
        value = host.variable(variable)
        for name in own if value else ():
            login = Login(name, "", value or "", Evidence(variable=variable), named="github.token")
            yield from login_seen(login, host)
