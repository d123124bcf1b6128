"""The logins that git's settings hold: in addresses, in headers, in keys of their own."""

import re
from collections.abc import Iterable, Iterator, Mapping

from probes.git.addresses import Address, address
from probes.git.chains import Setting
from probes.git.logins import Login, basic, halves, login_seen, quoted
from scanner.data.kinds import implied
from scanner.data.variables import variables
from scanner.host import Host
from scanner.model import CredentialSeen, Fix, Observation, Weakness
from scanner.secrets import Pair, secrets_in
from scanner.shapes import filler, host_of, label

Beside = Mapping[tuple[str, str | None, str], str]  # the last value by section, subsection and name
IN_SUBSECTION = frozenset({"url", "credential", "http", "lfs"})
PROXIES = frozenset({"http.proxy", "remote.proxy", "core.gitproxy"})
HEADER = re.compile(r"\s*([A-Za-z0-9-]{1,80}):\s*(.*)", re.DOTALL)
SCHEME = re.compile(r"(basic|bearer|token)\s+(\S+)\s*", re.IGNORECASE)
TOKEN_HEADERS = frozenset({"private-token", "job-token", "deploy-token", "x-auth-token", "x-api-key", "authorization"})
# Keys of tools that keep a token among git's settings, with the host it is for.
TOKENS = {
    ("github", "token"): "github.com",
    ("github", "oauth-token"): "github.com",
    ("hub", "oauthtoken"): "github.com",
    ("gist", "token"): "github.com",
    ("gitlab", "token"): "gitlab.com",
    ("gitlab", "accesstoken"): "gitlab.com",
    ("bitbucket", "token"): "bitbucket.org",
    ("gitea", "token"): "",
}
NAMED = {"github.com": "github.token", "gitlab.com": "gitlab.token", "bitbucket.org": "bitbucket.token"}
MAIL = {"sendemail.smtppass": ("smtpserver", "smtpuser"), "imap.pass": ("host", "user")}


def secrets_seen(settings: Iterable[Setting], host: Host) -> Iterator[Observation]:
    """Every secret among settings that stand together."""
    settings = list(settings)
    beside = {(each.entry.section, each.subsection, each.entry.name): each.value for each in settings}
    for setting in settings:
        host.check_time()
        found = list(_seen(setting, beside, host))
        yield from found
        if not found and setting.value:
            pair = Pair(setting.evidence.key or setting.key, setting.value, setting.evidence)
            yield from secrets_in([pair], host, only_shapes=True)


def _seen(setting: Setting, beside: Beside, host: Host) -> Iterator[Observation]:
    subsection = setting.subsection or ""
    if setting.entry.section in IN_SUBSECTION and "@" in subsection:
        yield from _in_address(setting, subsection, host)
    if setting.key in PROXIES:
        yield from _in_address(setting, setting.value, host, kind="generic.url-password")
    elif setting.key == "http.extraheader":
        yield from _in_header(setting, host)
    elif setting.key in MAIL:
        yield from _mail(setting, beside, host)
    elif (setting.entry.section, setting.entry.name) in TOKENS:
        yield from _token(setting, beside, host)
    elif "@" in setting.value and "://" in setting.value[:40]:
        yield from _in_address(setting, setting.value, host)


def _in_address(setting: Setting, text: str, host: Host, kind: str = "git.password") -> Iterator[Observation]:
    parsed = address(text)
    pair = halves(parsed.user, parsed.password) if parsed is not None else None
    if parsed is None or pair is None:
        return
    raw = (text.partition("://")[2].rpartition("@")[0].rpartition(":")[2],)
    login = Login(parsed.host, pair[0], pair[1], setting.evidence, parsed.path, fallback=kind, raw=raw)
    found = list(login_seen(login, host))
    yield from found
    if found and setting.key in ("remote.url", "remote.pushurl", "url.insteadof", "url.pushinsteadof"):
        yield _in_the_open(setting, parsed)


def _in_the_open(setting: Setting, parsed: Address) -> Weakness:
    """That an address carries its login."""
    file = setting.file
    commands: tuple[str, ...] = ()
    named = setting.evidence.key == f"remote.{setting.subsection}.{setting.entry.name}"
    place = label(parsed.place)
    if file is not None and file.path.name == "config" and named and file.path.parent.name == ".git" and place:
        option = "--push " if setting.key == "remote.pushurl" else ""
        clean, folder = quoted(place), quoted(str(file.path.parent.parent))
        commands = (f"git -C {folder} remote set-url {option}{quoted(setting.subsection or '')} {clean}",)
    return Weakness(
        rule="git.login-in-address",
        title="An address of git's carries its login",
        evidence=setting.evidence,
        why="git prints the address in its messages and `git remote -v`, and every tool that reads the configuration "
        "has the login.",
        fix=Fix("Take the login out of the address and let a credential helper with a keychain hold it.", commands),
    )


def _in_header(setting: Setting, host: Host) -> Iterator[CredentialSeen]:
    """A header that git sends along, such as the one that a job's checkout leaves behind."""
    told = HEADER.fullmatch(setting.value)
    if told is None or told[1].casefold() not in TOKEN_HEADERS:
        return
    scheme = SCHEME.fullmatch(told[2])
    user, secret = "", told[2].strip()
    raw: tuple[str, ...] = ()
    if scheme is not None and scheme[1].casefold() == "basic":
        pair = halves(*basic(scheme[2]))
        if pair is None:
            return
        user, secret = pair
        raw = (scheme[2],)
    elif scheme is not None:
        secret = scheme[2]
    parsed = address(setting.subsection) if setting.subsection else None
    if parsed is not None:
        login = Login(parsed.host, user, secret, setting.evidence, parsed.path, fallback="git.password", raw=raw)
        yield from login_seen(login, host)
    else:
        yield from _for_every_host(setting, secret, host)


def _for_every_host(setting: Setting, secret: str, host: Host) -> Iterator[CredentialSeen]:
    """A header without an address goes to every host; whose it is, only its shape may tell."""
    from scanner.data.families import family_of

    family = family_of(secret)
    if family is not None and family.kind:
        provider = family.kind.partition(".")[0]
        login = Login(variables().accounts.get(provider, provider), "", secret, setting.evidence)
        yield from login_seen(login, host)
    elif filler(secret) is None:
        yield CredentialSeen(
            kind="generic.secret",
            evidence=setting.evidence,
            secret=host.keep(secret),
            grants=implied("generic.secret", "a header that git sends to every host"),
        )


def _token(setting: Setting, beside: Beside, host: Host) -> Iterator[CredentialSeen]:
    """A token under a key of a tool's own; the login beside it is its user."""
    at = TOKENS[setting.entry.section, setting.entry.name] or host_of(_beside(setting, beside, "host")) or "gitea"
    named = host_of(setting.subsection or "") if "." in (setting.subsection or "") else ""
    user = _beside(setting, beside, "user") or _beside(setting, beside, "username")
    at = named or at
    yield from login_seen(Login(at, user, setting.value, setting.evidence, named=NAMED.get(at, "")), host)


def _mail(setting: Setting, beside: Beside, host: Host) -> Iterator[CredentialSeen]:
    """The password that `git send-email` or `git imap-send` signs in with."""
    server, user = (label(_beside(setting, beside, name)) for name in MAIL[setting.key])
    if not setting.value or filler(setting.value) is not None:
        return
    at = host_of(server) or "a mail server"
    yield CredentialSeen(
        kind="smtp.password",
        evidence=setting.evidence,
        secret=host.keep(setting.value, guessable=True),
        grants=implied("smtp.password", at),
        names=(f"{user} at {at}" if user and user != setting.value else at,),
    )


def _beside(setting: Setting, beside: Beside, name: str) -> str:
    """The value of another name in the same section."""
    return beside.get((setting.entry.section, setting.subsection, name), "")
