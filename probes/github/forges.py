"""The files of the other forges' command lines: glab, tea, hub, and Azure DevOps'."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice

from probes.git.addresses import address
from probes.git.logins import Login, login_seen
from probes.github.accounts import ACCOUNT_LIMIT, documents, held, in_keychain, is_host
from probes.github.reads import AZURE_DEVOPS, GLAB, HUB, TEA
from probes.ini import parse as parse_ini
from probes.yaml_text import Node
from scanner.host import Host, TextFile
from scanner.model import CredentialSeen, Evidence, Gap, Lifetime, LifetimeKind, Observation, Step
from scanner.shapes import moment

SECTION = "azdevops-cli:"


def glab(host: Host) -> Iterator[Observation]:
    """The hosts of GitLab's command line."""
    for found in documents(host, *GLAB):
        if isinstance(found, Gap):
            yield found
            continue
        file, root = found
        hosts = root.get("hosts")
        for name, told in islice(hosts.items() if hosts is not None else (), ACCOUNT_LIMIT):
            if is_host(name):
                yield from held(host, file, _glab(file, name.lower(), told, host))


def _glab(file: TextFile, name: str, told: Node, host: Host) -> Iterator[CredentialSeen]:
    user = told.said("user") or told.said("username")
    token = told.get("token")
    renewal = told.said("oauth2_refresh_token")
    if token is not None and token.text:
        evidence = Evidence(file.path, token.line, f"hosts.{name}.token")
        host.keep(renewal or token.text)
        login = Login(name, user, token.text, evidence, named="gitlab.token", lifetime=_glab_end(told, bool(renewal)))
        yield from login_seen(login, host)
    elif told.said("use_keyring") in ("true", "yes"):
        step = Step(
            "its token lies in the keychain, and its scopes stand on the forge's side",
            "see its scopes under Access tokens in the settings of the user",
        )
        yield in_keychain(Login(name, user, "", Evidence(file.path, told.line, f"hosts.{name}")), "gitlab.token", step)


def _glab_end(told: Node, renewed: bool) -> Lifetime | None:
    if not renewed:
        return None
    text = told.said("oauth2_expiry_date")
    try:
        ends = moment(text) or datetime.strptime(text, "%d %b %y %H:%M UTC").replace(tzinfo=UTC)
    except ValueError:
        ends = None
    return Lifetime(LifetimeKind.REFRESHABLE, ends)


def tea(host: Host) -> Iterator[Observation]:
    """The logins of Gitea's command line."""
    for found in documents(host, *TEA):
        if isinstance(found, Gap):
            yield found
            continue
        file, root = found
        logins = root.get("logins")
        for each in (logins.elements() if logins is not None else ())[:ACCOUNT_LIMIT]:
            parsed, token = address(each.said("url")), each.get("token")
            if parsed is not None and token is not None and token.text:
                evidence = Evidence(file.path, token.line, "logins.token")
                login = Login(parsed.host, each.said("user"), token.text, evidence, named="gitea.token")
                yield from held(host, file, login_seen(login, host))


def hub(host: Host) -> Iterator[Observation]:
    """The logins of hub, GitHub's older command line."""
    for found in documents(host, *HUB):
        if isinstance(found, Gap):
            yield found
            continue
        file, root = found
        for name, told in islice(root.items(), ACCOUNT_LIMIT):
            for each in told.elements()[:ACCOUNT_LIMIT] if is_host(name) else ():
                token = each.get("oauth_token")
                if token is not None and token.text:
                    evidence = Evidence(file.path, token.line, f"{name}.oauth_token")
                    login = Login(name.lower(), each.said("user"), token.text, evidence, named="github.token")
                    yield from held(host, file, login_seen(login, host))


def azure_devops(host: Host) -> Iterator[Observation]:
    """The tokens of Azure's command line, where no keychain took them."""
    for file in host.read(AZURE_DEVOPS):
        if isinstance(file, Gap):
            yield file
            continue
        for section in parse_ini(file.text).sections[:ACCOUNT_LIMIT]:
            entry = section.entry("personal access token")
            parsed = address(section.name.removeprefix(SECTION))
            if entry is not None and entry.value and parsed is not None:
                evidence = Evidence(file.path, entry.line, "Personal Access Token")
                login = Login(parsed.host, "", entry.value, evidence, parsed.path, named="azure-devops.token")
                yield from held(host, file, login_seen(login, host))
