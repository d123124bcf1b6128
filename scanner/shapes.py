"""What a value tells by its own structure: token families, addresses with a login, signed tokens, keys."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import ClassVar
from urllib.parse import parse_qsl, unquote

from msgspec import Struct

from scanner.data import files
from scanner.data.families import families, family_of, holds_token
from scanner.errors import DataError
from scanner.model import Hint, Lifetime, LifetimeKind, Protection
from scanner.model.value import Value
from scanner.patterns import Pattern

UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
UNTOLD = Lifetime()
LABEL_LIMIT = 200  # of a name that a value tells: an account, a subject, a host


class Quiet(StrEnum):
    """Why a value is no secret."""

    EMPTY = "empty"
    TOO_LONG = "too long"
    PLACEHOLDER = "placeholder"
    DOCUMENTED = "an example that is the same for everybody"
    DEFAULT = "the login that a server on this machine comes with"
    REFERENCE = "reference"
    TEMPLATE = "template"
    ENCRYPTED = "encrypted"
    HASH = "hash"
    PUBLIC_KEY = "public key"
    PUBLIC_ID = "public identifier"
    ADDRESS = "address without a secret"
    PLAIN = "plain word, number or path"
    NAME = "not a secret by its name"
    UNTOLD = "neither name nor shape tells of a secret"


class Shape(Value, frozen=True):
    """A secret that the structure of a value told.

    `secret` is the part of the value that is secret, `raw` further texts of it that must never be seen. A `vague` shape
    (an address, a signed token, a key) leaves it to the variable's name to say what kind it is; a `doubtful` one
    failed its checksum. `shared` and `browser` are those of its family.
    """

    concealed: ClassVar[frozenset[str]] = frozenset({"secret", "raw"})

    kind: str
    secret: str
    raw: tuple[str, ...] = ()
    account: str = ""
    user: str = ""
    hints: tuple[Hint, ...] = ()
    lifetime: Lifetime = UNTOLD
    public_id: str | None = None
    protection: Protection = Protection.PLAINTEXT
    vague: bool = False
    doubtful: bool = False
    shared: bool = False
    browser: bool = False


def shape_of(value: str) -> Shape | Quiet | None:
    """What the structure of a value tells: a secret, that it is none, or nothing."""
    readers = (_family, _account_file, _private_key, _signed, _address, _settings)
    found = next((found for found in (read(value) for read in readers) if found is not None), None)
    return (harmless(found.secret) or found) if isinstance(found, Shape) else found


def harmless(secret: str) -> Quiet | None:
    """Why what looks like a secret tells nothing: everybody has it, or it was made up; None where it may be one."""
    from scanner.harmless import is_documented, is_made_up

    if is_documented(secret):
        return Quiet.DOCUMENTED
    return Quiet.PLACEHOLDER if is_made_up(secret) else None


def filler(value: str) -> Quiet | None:
    """Why a text stands in the place of a secret, None where it may be one."""
    nothing = stand_in(value)
    if nothing is not None:
        return nothing
    if value.casefold().strip("'\"") in words_of("fillers") or REPEATED.search(value) or _asks(value[:LABEL_LIMIT]):
        return Quiet.PLACEHOLDER
    return None


def _is_default_login(kind: str, user: str, password: str, host: str) -> bool:
    if user != password:
        return False
    from scanner.harmless import is_default_login

    return is_default_login(kind, user, password, host)


def _asks(text: str) -> bool:
    """Whether a text asks that something else be put in its place."""
    folded = text.casefold()
    if any(word in folded for word in ASKING) and FILLER_WORD.search(text) is not None:
        return True
    return len(text) <= LONGEST_REQUEST and REQUEST.fullmatch(folded) is not None


def stand_in(value: str) -> Quiet | None:
    """Why a text is nothing by itself: empty, a pointer elsewhere, a gap in a template, cipher text, a hash."""
    if not value.strip():
        return Quiet.EMPTY
    return next((told.reason for told in STANDS_FOR if value[0] in told.begins and told.pattern.match(value)), None)


def unwrapped(value: str) -> str:
    """A value without the blanks and quotes that stand around the whole of it."""
    value = value.strip()
    for _ in range(QUOTES_LIMIT):
        quote = next((each for each in QUOTES if value.startswith(each) and value.endswith(each)), None)
        if quote is None or len(value) < 2 * len(quote):
            break
        value = value[len(quote) : -len(quote)].strip()
    return value


QUOTES = ('\\"', '"', "'")
QUOTES_LIMIT = 3


def login_of(value: str) -> tuple[str, str] | None:
    """User and password where a value is `user:password` in base64, as HTTP's basic scheme and registries write it."""
    if not LOGIN.fullmatch(value):
        return None
    import base64

    try:
        text = base64.b64decode(
            value + "=" * (-len(value) % 4), b"-_" if "-" in value or "_" in value else None
        ).decode()
    except ValueError:
        return None
    user, colon, password = text.partition(":")
    return (user, password) if colon and text.isprintable() and user + password else None


LOGIN = Pattern(r"[A-Za-z0-9+/_-]{6,5460}={0,2}")


class StandsFor(Struct, frozen=True):
    """What tells that a text stands for something else; `begins` are the signs that such a text can begin with."""

    reason: Quiet
    begins: str
    pattern: Pattern[str]


STANDS_FOR = (
    StandsFor(
        Quiet.HASH,
        "${psmS*",
        Pattern(
            r"\$(?:2[abxy]|argon2\w*|apr1|[156]|y|scrypt|pbkdf2[\w-]*)\$|pbkdf2_sha\d+\$|\{(?:SSHA|SHA|CRYPT)\d*\}|sha(?:1|256|384|512)[:-]|"
            r"md5[0-9a-f]{32}$|SCRAM-SHA-(?:1|256)\$|\*[0-9A-F]{40}$"  # as databases keep passwords
        ),
    ),
    StandsFor(
        Quiet.ENCRYPTED,
        "${-Eev",
        Pattern(r"encrypted:|ENC[\[(]|\{cipher\}|\$ANSIBLE_VAULT|vault:v\d+:|-----BEGIN (?:PGP MESSAGE|AGE ENCRYPTED)"),
    ),
    StandsFor(
        Quiet.TEMPLATE,
        "{<[_@#",
        Pattern(
            r"\{\{|\{%|<%|<[^<>\n]{0,80}>$|\[[^\[\]\n]{0,80}\]$|__[A-Z0-9_]+__$|@[A-Z0-9_.]+@$|#\{|"
            r"\{[\w.:+/= -]{1,120}\}$"
        ),
    ),
    StandsFor(
        Quiet.REFERENCE,
        "$`%{@!abcdefghikloprsv",
        Pattern(
            r"\$\{|\$\(|`|\${1,2}[A-Z_][A-Z0-9_]*$|%[A-Za-z_]\w*%$|%\(|\{(?:env|file|secret|keychain):|"
            r"(?:op|vault|doppler|bws|bw|infisical|akv|azurekeyvault|sm|k8s|pass|chamber|berglas|hcvault)://|ref\+|"
            r"(?:vault|keychain|keyring|aws-?sm|awssm|aws-?ssm|ssm|gcp-?sm|gcpsm|pass|env|file|secretref|lastpass|sops):\S|"
            r"arn:aws[a-z-]*:(?:secretsmanager|ssm):|projects/[^/\s]{1,80}/secrets/|@Microsoft\.KeyVault\(|"
            rf"secret-{UUID}$|!(?:vault|Ref|Sub|GetAtt)\b"
        ),
    ),
)
ASKING = (
    *("your", "insert", "enter", "paste", "replace", "change", "fill"),
    *("example", "placeholder", "dummy", "redacted", "goes"),
)  # one of them stands in whatever FILLER_WORD finds
REPEATED = Pattern(r"([xX0*#?])\1{4}|^(.)\2{2,}$|\.{3}$|…")
FILLER_WORD = Pattern(
    r"(?i)(?:^|[^a-z])(?:your|insert|enter|paste|replace|change|fill)[-_ ]"
    r"|(?:^|[^a-z])(?:example|placeholder|dummy|redacted|changeme|replaceme)(?:$|[^a-z])"
    r"|EXAMPLE(?:KEY)?$|goes[-_ ]?here"
)
LONGEST_REQUEST = 60
# What to do for a value, or that there is none: `set-me`, `generate-with-openssl`, `not-a-real-secret`
REQUEST = Pattern(
    r"(?:(?:set|put|edit|add|define|update|override|configure|generate|create|obtain|get|provide|supply|store)"
    r"[-_ ](?:me|it|this|here|with|using|from|via|by|in)"
    r"|(?:generated|provided|injected|managed|supplied|defined|stored)[-_ ](?:with|from|via|by|in|at)"
    r"|(?:this[-_ ]is[-_ ])?(?:not|no)[-_ ](?:an?[-_ ])?(?:real|actual|valid|secret|needed|required|used)"
    r"|(?:an?[-_ ])?(?:fake|bogus|mock))(?:[-_ ][a-z]{1,20}){0,6}"
)


@cache
def words_of(group: str) -> frozenset[str]:
    """A group of words of `shapes.toml`. Raises DataError where there is no such group."""
    try:
        return frozenset(files.table("shapes.toml")["words"][group])
    except (KeyError, TypeError) as error:
        raise DataError(f"shapes.toml: {error}") from error


@cache
def _schemes() -> Mapping[str, str]:
    told = files.table("shapes.toml")
    return {scheme: kind for kind, schemes in told["schemes"].items() for scheme in schemes}


@cache
def _anchors() -> re.Pattern[str]:
    return any_of(anchor for family in families() for anchor in family.anchors)


def any_of(literals: Iterable[str]) -> re.Pattern[str]:
    """One expression for many literals, parted by their first signs: each by itself costs more than all the rest."""
    tails: dict[str, set[str]] = {}
    for literal in literals:
        tails.setdefault(literal[0], set()).add(re.escape(literal[1:]))
    return re.compile("|".join(f"{re.escape(first)}(?:{'|'.join(sorted(rest))})" for first, rest in tails.items()))


def _family(value: str) -> Shape | Quiet | None:
    family = family_of(value) if _anchors().search(value) is not None else None
    if family is None:
        return None
    if family.public:
        return Quiet(family.public)
    if REPEATED.search(value) or value.endswith("EXAMPLE"):
        return Quiet.PLACEHOLDER
    return Shape(
        family.kind,
        value,
        account=family.account,
        hints=_mode(family.account),
        doubtful=not family.is_sound(value),
        shared=family.shared,
        browser=family.browser,
    )


def _mode(account: str) -> tuple[Hint, ...]:
    """A payment account's mode says its environment outright."""
    return (Hint("environment", account),) if account in {"live", "sandbox"} else ()


PRIVATE = Pattern(
    r"-----BEGIN ([A-Z0-9 ]{0,30})PRIVATE KEY(?: BLOCK)?-----|---- BEGIN SSH2 (ENCRYPTED) PRIVATE KEY ----"
)
PUTTY = Pattern(r"PuTTY-User-Key-File-[0-9]: [^\n]{1,80}\nEncryption: ([^\n]{1,80})\n")
KEY_BODY = Pattern(r"\s*(?:[A-Za-z0-9+/=]{16}|[A-Z][A-Za-z-]{2,20}: )")
LAST_LINE = Pattern(r"-----END [A-Z0-9 ]{0,40}-----|---- END SSH2 [A-Z ]{0,30} ----")
PUBLIC = Pattern(
    r"-----BEGIN (?:[A-Z0-9 ]{0,30}PUBLIC KEY(?: BLOCK)?|CERTIFICATE(?: REQUEST)?|X509 CRL|DH PARAMETERS)-----"
)
BASE64_PEM = "LS0tLS1CRUdJTi"  # "-----BEGIN" in base64


def _private_key(value: str) -> Shape | Quiet | None:
    """A key as a block of lines; in one line, in base64 or with escapes between its lines it is the same key."""
    text = _base64(value) or value if value.startswith(BASE64_PEM) else value
    if "---- BEGIN " not in text and "-----BEGIN " not in text:
        return _putty_key(value)
    text = text.replace("\\r", "").replace("\\n", "\n")
    head = PRIVATE.search(text)
    if head is None:
        return Quiet.PUBLIC_KEY if PUBLIC.search(text) else None
    end = LAST_LINE.search(text, head.end())
    if end is None and head.start() and not KEY_BODY.match(text, head.end()):  # prose that names the line
        return None
    block = text[head.start() : end.end() if end is not None else None].strip()
    encrypted = "ENCRYPTED" in (head[1] or head[2] or "") or "Proc-Type: 4,ENCRYPTED" in block
    return _key(value, block, encrypted=encrypted)


def _putty_key(value: str) -> Shape | None:
    if "PuTTY-User-Key-File-" not in value:
        return None
    text = value.replace("\\r", "").replace("\\n", "\n").replace("\r\n", "\n")
    head = PUTTY.search(text)
    if head is None or "\nPrivate-Lines: " not in text:
        return None
    return _key(value, text[head.start() :].strip(), encrypted=head[1].strip() != "none")


def _key(value: str, block: str, *, encrypted: bool) -> Shape:
    return Shape(
        "generic.private-key",
        block,
        raw=(value,) if value != block else (),
        lifetime=Lifetime(LifetimeKind.STATIC),
        protection=Protection.ENCRYPTED if encrypted else Protection.PLAINTEXT,
        vague=True,
    )


JWT = Pattern(r"(eyJ[A-Za-z0-9_-]{8,})\.([A-Za-z0-9_-]*)\.([A-Za-z0-9_-]*)(?:\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*)?")


def _signed(value: str) -> Shape | Quiet | None:
    """A JWT: its claims are read and its signature is not, so they say what it claims and no more."""
    parts = JWT.fullmatch(value) if value.startswith("eyJ") else None
    if parts is None or "alg" not in _json(_base64(parts[1])):
        return None
    claims = _json(_base64(parts[2]))
    if (claims.get("sub"), claims.get("name")) == ("1234567890", "John Doe"):  # the example of every tutorial
        return Quiet.PLACEHOLDER
    issuer, subject, role = label(claims.get("iss")), label(claims.get("sub")), label(claims.get("role"))
    if issuer.startswith("supabase") and role == "anon":
        return Quiet.PUBLIC_KEY
    ends = moment(claims.get("exp"))
    kind, account = "generic.jwt", host_of(issuer)
    if issuer.startswith("supabase") and role == "service_role":
        kind, account = "supabase.service-role", label(claims.get("ref"))
    elif issuer == "kubernetes/serviceaccount" or "kubernetes.io" in claims:
        kind, account = "kubernetes.service-account", "" if "/" in issuer and "://" not in issuer else account
    return Shape(
        kind,
        value,
        account=account,
        user=subject,
        hints=tuple(Hint(what, text) for what, text in (("host", account), ("role", role)) if text),
        lifetime=Lifetime(LifetimeKind.STATIC) if ends is None else Lifetime(LifetimeKind.EXPIRES, ends),
        vague=kind == "generic.jwt",
    )


def _account_file(value: str) -> Shape | None:
    """A Google service account's key file, as it is or in base64, in one variable."""
    text = value if value.startswith("{") else _base64(value) if value.startswith("ey") else ""
    told = _json(text) if "private_key" in text else {}
    key, project = told.get("private_key"), label(told.get("project_id"))
    if told.get("type") != "service_account" or not isinstance(key, str) or PRIVATE.search(key) is None:
        return None
    return Shape(
        "gcp.service-account-key",
        key.strip(),  # as the same key is told in a file of its own
        raw=(value, key),
        account=project,
        user=label(told.get("client_email")),
        hints=(Hint("project", project),) if project else (),
        public_id=label(told.get("private_key_id")) or None,
        lifetime=Lifetime(LifetimeKind.STATIC),
    )


WITH_PATH = frozenset({"database.password", "queue.password", "snowflake.password"})  # the path names a part of it
ADDRESS = Pattern(r"(?:jdbc:)?([A-Za-z][A-Za-z0-9+.-]{1,40})://")


def _address(value: str) -> Shape | Quiet | None:
    """An address: its login, or the secret in its query."""
    head = ADDRESS.match(value) if "://" in value else None
    if head is None:
        return None
    scheme = head[1].casefold().split("+")[0]
    place = _split(NEXT.split(value[head.end() :], 1)[0], of_web=scheme in OF_WEB)
    query = (
        dict(parse_qsl(place.query, keep_blank_values=False, max_num_fields=64)) if place.query.count("&") < 64 else {}
    )
    kind = _schemes().get(scheme, "generic.url-password")
    user, secret = place.user, place.password
    if scheme in {"http", "https"} and user and not secret:
        if "sentry" in place.host or ".ingest." in place.host:
            return Quiet.PUBLIC_ID
        user, secret = ("", user) if len(user) >= 20 else (user, "")
    if not secret:
        user = user or query.get("user", "")
        secret = next(
            (text for name, text in query.items() if name.casefold() in words_of("secret_query") and len(text) >= 4), ""
        )
    if not secret:
        return Quiet.ADDRESS
    clear = unquote(secret)
    reason = filler(clear)
    if reason is not None:
        return reason
    # a second host of a list, or one in the query, may be anywhere
    is_of_one = "," not in value and query.keys().isdisjoint({"host", "hostaddr"})
    if is_of_one and _is_default_login(kind, unquote(user), clear, place.host):
        return Quiet.DEFAULT
    if "sig" in query and "se" in query:
        return _access_signature(value, place.host, query)
    if "X-Amz-Signature" in query:
        return _presigned(value, place, query)
    return _login(kind, place, unquote(user), clear, secret)


def _login(kind: str, place: "_Place", user: str, clear: str, raw: str) -> Shape:
    family = family_of(clear)
    path = place.path.split("/")[0] if kind in WITH_PATH else ""
    hints = [Hint("host", place.host), Hint("db", label(unquote(path))), Hint("user", label(user))]
    return Shape(
        family.kind if family is not None and family.kind else kind,
        clear,
        raw=(raw,),
        account="/".join(part for part in (place.host, label(unquote(path))) if part),
        user=label(user),
        hints=tuple(hint for hint in hints if hint.text),
        vague=kind == "generic.url-password" and family is None,
    )


def _access_signature(value: str, host: str, query: Mapping[str, str]) -> Shape:
    ends = moment(query.get("se"))
    lifetime = Lifetime() if ends is None else Lifetime(LifetimeKind.EXPIRES, ends)
    return Shape("azure.sas", value, raw=(query["sig"],), account=host, hints=(Hint("host", host),), lifetime=lifetime)


def _presigned(value: str, place: "_Place", query: Mapping[str, str]) -> Shape:
    """One request that Amazon's key has signed: its end follows from when it was signed, and for how long."""
    when, seconds = query.get("X-Amz-Date", ""), query.get("X-Amz-Expires", "")
    signed = moment(when) if len(when) == len("20260101T000000Z") else None
    lasts = int(seconds) if seconds.isascii() and seconds.isdecimal() and len(seconds) < 8 else None
    ends = signed + timedelta(seconds=lasts) if signed is not None and lasts is not None else None
    return Shape(
        "aws.presigned-url",
        query["X-Amz-Signature"],
        raw=(value,),
        account=place.host,
        hints=(Hint("host", place.host),) if place.host else (),
        lifetime=Lifetime(LifetimeKind.EXPIRES, ends),
    )


class _Place(Value, frozen=True):
    concealed: ClassVar[frozenset[str]] = frozenset({"user", "password", "path", "query"})
    user: str
    password: str
    host: str
    path: str
    query: str


OF_WEB = frozenset({"http", "https", "ws", "wss", "sse", "git", "ssh", "svn", "hg"})  # an `@` in the path means nothing
AUTHORITY = Pattern(r"[^/?]*")
PORT = Pattern(r"[^:]+:[0-9]{1,5}")
NEXT = Pattern(r"[,;|\s](?=[A-Za-z][A-Za-z0-9+.-]{1,40}://)")
# `/@scope/name` and `name@version`, which no host could be
IN_A_PATH = Pattern(r"/@|@[^@/.]*$|@v?[0-9]+(?:\.[0-9]+){0,2}$")


def _split(rest: str, *, of_web: bool) -> _Place:
    """The parts of an address behind its scheme, also where the password holds unescaped `@`, `/`, `?` or `#`.

    Where it may go on behind what looks like the host, as in `p@ss/w@rd@host`, no host is told.
    """
    authority = AUTHORITY.match(rest)[0]  # type: ignore[index]  # it matches nothing at the least
    login, at, hosts = authority.rpartition("@")
    tail = rest[len(authority) :]
    if not at and ":" in authority and "@" in tail and not (of_web and PORT.fullmatch(authority)):
        login, _, behind = rest.rpartition("@")
        hosts = AUTHORITY.match(behind)[0]  # type: ignore[index]  # as above
        tail = behind[len(hosts) :]
    elif ":" in login and _may_go_on(tail, of_web=of_web):
        whole = login if of_web else rest.rpartition("@")[0]
        user, _, password = whole.partition(":")
        return _Place(user, password, "", "", "")
    user, _, password = login.partition(":")
    path, _, query = tail.removeprefix("/").partition("?")
    return _Place(user, password, host_of("//" + hosts), path.partition("#")[0], query.partition("#")[0])


def _may_go_on(tail: str, *, of_web: bool) -> bool:
    """Whether what stands behind a host, its path or a query without one, may be more of the password."""
    if not tail.startswith("/"):
        return "@" in tail
    path = tail.partition("?")[0]
    return "@" in (IN_A_PATH.sub("", path) if of_web else path)


HOST = Pattern(r"\[[0-9A-Fa-f:.%]{2,60}\]|[^\s:/?#@,\[\]<>\"'`{}|\\^]{1,255}")


def host_of(text: str) -> str:
    """The host of an address, or of a bare `host:port`; of several the first; empty where there is none to be shown."""
    rest = text.partition("//")[2] if "//" in text else text
    found = HOST.match(rest.partition("/")[0].rpartition("@")[2])
    return found[0].strip("[]").casefold() if found is not None and not holds_token(found[0]) else ""


SETTINGS = {
    "accountkey": "azure.storage-key",
    "sharedaccesskey": "azure.service-bus-key",
    "password": "database.password",
    "pwd": "database.password",
}


def _settings(value: str) -> Shape | Quiet | None:
    """A connection string of settings, `Server=...;Password=...`."""
    if ";" not in value or "=" not in value or value.count(";") > 64:
        return None
    told = {name.strip().casefold(): text.strip() for name, _, text in _assignments(value)}
    name = next((name for name in SETTINGS if told.get(name)), None)
    if name is None:
        return None
    if (reason := filler(told[name])) is not None:
        return reason
    server = told.get("server") or told.get("data source") or told.get("host") or told.get("endpoint") or ""
    host = host_of(server.removeprefix("tcp:"))
    part = label(told.get("database") or told.get("initial catalog") or told.get("entitypath") or "")
    account = label(told.get("accountname")) or "/".join(each for each in (host, part) if each)
    user = label(told.get("user id") or told.get("uid") or told.get("user") or told.get("sharedaccesskeyname") or "")
    if _is_default_login(SETTINGS[name], user, told[name], host):
        return Quiet.DEFAULT
    hints = (Hint("host", host), Hint("db", part), Hint("name", label(told.get("accountname"))))
    return Shape(SETTINGS[name], told[name], (value,), account, user, tuple(hint for hint in hints if hint.text))


def _assignments(value: str) -> Iterator[tuple[str, str, str]]:
    for part in value.split(";"):
        yield part.partition("=")


def label(told: object) -> str:
    """A name from a file as it may be shown: one line of a sane length with no token in it; empty for anything else."""
    if not isinstance(told, str) or len(told) > LABEL_LIMIT or not told.isprintable():
        return ""
    return "" if holds_token(told) else told


def moment(told: object) -> datetime | None:
    """A time in UTC from seconds, milliseconds or ISO 8601, None for anything else."""
    try:
        if isinstance(told, str) and not told.isdecimal():
            when = datetime.fromisoformat(told.strip())
            return when.astimezone(UTC) if when.tzinfo is not None else when.replace(tzinfo=UTC)
        if isinstance(told, bool) or not isinstance(told, int | float | str):
            return None
        seconds = float(told)
        return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _base64(text: str) -> str:
    import base64

    try:
        data = base64.b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4))
    except ValueError:
        return ""
    return data.decode("utf-8", "replace")


def _json(text: str) -> dict[str, object]:
    import json

    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
