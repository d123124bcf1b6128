"""A login for a host, wherever it was found, as the credential that it is: by its shape, else by the host."""

import base64
import re
from collections.abc import Iterator
from typing import ClassVar

from msgspec.structs import replace

from probes.git.forges import ACCOUNTS, Forge, forge, git_hosts, organization
from scanner.data.families import family_of
from scanner.data.kinds import implied, kinds
from scanner.data.variables import variables
from scanner.host import Host
from scanner.model import (
    CredentialSeen,
    Evidence,
    Hint,
    Identity,
    Lifetime,
    Protection,
    Step,
)
from scanner.model.value import Value
from scanner.shapes import Quiet, Shape, filler, label, shape_of

HEX = re.compile(r"[0-9a-f]{40}")
# Names that stand where a login goes and are no one's: the token beside them says who acts.
NOBODY = frozenset(
    {
        *("x-access-token", "x-oauth-basic", "oauth2", "oauth", "x-token-auth", "git", "token", "pat", "private-token"),
        *("x-bitbucket-api-token-auth", "personalaccesstoken", "__token__", "anonymous", "gitlab-ci-token", "user"),
    }
)
SPARE = frozenset({"", "x-oauth-basic", "x"})  # what stands for a password where the token is the user


class Login(Value, frozen=True):
    """A secret for a host, and the name that goes with it; neither shows in a repr."""

    concealed: ClassVar[frozenset[str]] = frozenset({"user", "secret", "path"})

    host: str
    user: str
    secret: str
    evidence: Evidence
    path: str = ""
    named: str = ""  # the kind that the name of the place says, which a shape of the secret's own overrules
    fallback: str = "git.password"  # the kind where the host is no forge either
    raw: tuple[str, ...] = ()  # further texts of the secret that must never be seen
    lifetime: Lifetime | None = None
    protection: Protection = Protection.PLAINTEXT
    undecided: Step | None = None


def halves(user: str, password: str) -> tuple[str, str] | None:
    """Name and secret of a login; the name may be the token itself. None where there is no secret."""
    if password.casefold() in SPARE:
        is_token = family_of(user) is not None or HEX.fullmatch(user) is not None
        return ("", user) if is_token else None
    return ("", password) if family_of(user) is not None and user == password else (user, password)


def login_seen(login: Login, host: Host) -> Iterator[CredentialSeen]:
    """The credential that a login is; nothing for a stand-in."""
    shape = shape_of(login.secret)
    if isinstance(shape, Quiet) or filler(login.secret) is not None:
        return
    at = forge(login.host)
    kind = shape.kind if isinstance(shape, Shape) and not shape.vague else _kind(login, at)
    name = _account(kind, login, at)
    for text in login.raw:
        host.keep(text)
    grants = implied(kind, name, _hints(login))
    if kind == "git.password" and at.host == "dev.azure.com":
        grants = tuple(replace(grant, asset=each) for grant in grants for each in git_hosts(at))
    if isinstance(shape, Shape) and shape.doubtful:
        grants = tuple(replace(grant, confidence=grant.confidence.one_lower) for grant in grants)
    user = shown_user(login)
    yield CredentialSeen(
        kind=kind,
        evidence=login.evidence,
        secret=host.keep(login.secret, guessable=kinds()[kind].guessable),
        identity=Identity(_provider(kind, at), name, user) if user else None,
        grants=grants,
        lifetime=login.lifetime or (shape.lifetime if isinstance(shape, Shape) else Lifetime()),
        protection=login.protection,
        names=(f"{user} at {login.host}" if user else login.host,),
        undecided=login.undecided,
    )


def shown_user(login: Login) -> str:
    """The name of a login as it may be shown: no one's name, a token or the secret itself is not."""
    user = label(login.user)
    if user.casefold() in NOBODY or HEX.fullmatch(user) or len(user) > 64:
        return ""
    secret = login.secret.casefold()
    return "" if user.casefold() == secret or (len(secret) >= 6 and secret in user.casefold()) else user


def _kind(login: Login, at: Forge) -> str:
    """What a secret without a shape of its own is, by the host and by the name beside it."""
    user = login.user.casefold()
    if login.named:
        return login.named
    match at.provider:
        case "github" if HEX.fullmatch(login.secret):
            return "github.token"
        case "gitlab" if user == "gitlab-ci-token":
            return "gitlab.job-token"
        case "gitlab" if user.startswith("gitlab+deploy-token"):
            return "gitlab.deploy-token"
        case "gitlab" if user in ("oauth2", "private-token"):
            return "gitlab.token"
        case "bitbucket" if user == "x-token-auth":
            return "bitbucket.token"
        case "gitea" if HEX.fullmatch(login.secret):
            return "gitea.token"
        case "azure-devops":
            return "azure-devops.token"
        case "":
            return login.fallback
        case _:
            return "git.password"


def _account(kind: str, login: Login, at: Forge) -> str:
    """The name of what the credential opens: the host for a forge's token, else the provider's own word."""
    provider = kinds()[kind].provider
    if provider == "azure-devops":
        return organization(login.host, login.path) if at.provider == provider else at.host
    if provider in ACCOUNTS or kind in OF_A_HOST:
        return at.host
    return variables().accounts.get(provider, provider)


OF_A_HOST = frozenset(
    {"git.password", "git.cookie", "git.client-key", "netrc.password", "generic.url-password", "generic.jwt"}
)


def _provider(kind: str, at: Forge) -> str:
    provider = kinds()[kind].provider
    return at.provider if provider == "git" and at.provider else provider


def _hints(login: Login) -> tuple[Hint, ...]:
    host = forge(login.host)
    return () if host.provider else (Hint("host", login.host),)


def basic(value: str) -> tuple[str, str]:
    """Name and secret in base64, as HTTP's basic scheme sends them; nothing where it is none."""
    try:
        text = base64.b64decode(value.strip() + "=" * (-len(value.strip()) % 4), validate=True).decode(
            "utf-8", "replace"
        )
    except ValueError:
        return "", ""
    user, colon, password = text.partition(":")
    return (user, password) if colon else ("", "")


def quoted(text: str) -> str:
    """A text for a shell."""
    from shlex import quote

    return quote(text)
