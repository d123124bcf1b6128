"""Credentials in JSON files: application default ones, those that variables and settings name, keys beside code."""

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from probes.gcloud.configurations import Configuration
from probes.gcloud.documents import TYPES, About, metadata_server, proofs
from probes.gcloud.near import Fields, Near, loose_mode, once
from probes.gcloud.reads import (
    ACCESS_TOKEN_FILE,
    CREDENTIAL_FILE,
    DEFAULT,
    KEYS,
    LEGACY,
    METADATA,
    NAMED,
    ON_GCE,
    TOKEN_FILE,
)
from probes.gcloud.who import EMAIL, roles_step, unnamed
from scanner.data.kinds import implied
from scanner.host import TextFile
from scanner.model import (
    CredentialSeen,
    Evidence,
    Gap,
    Hint,
    Identity,
    Lifetime,
    LifetimeKind,
    Observation,
)
from scanner.shapes import filler, label

FILE_LIMIT = 400  # key files beside code that are read in one run
IN_A_KEY = ('"service_account"', '"private_key"')
BESIDE_CODE = TYPES - {"external_account", "external_account_user", "gce"}  # references, which hold no secret
ADC = "the application default credentials"


def documents(near: Near, known: Sequence[Configuration]) -> Iterator[Observation]:
    """Every credential document in a file, the better known place of it first."""
    met: set[object] = set()
    for found in once(near.host.read(*DEFAULT), met):
        yield from _document(found, About(ADC, (ADC.removeprefix("the "),)), near)
    for found in once(near.host.read(*LEGACY), met):
        yield from _document(found, _legacy(found), near)
    for pattern in NAMED:
        for found in once(near.host.read(pattern), met):
            yield from _document(found, _named(found, pattern.removeprefix("$")), near)
    for configuration in known:
        for found in once(_named_by(configuration, "auth/credential_file_override", CREDENTIAL_FILE, near), met):
            yield from _document(found, _named(found, configuration.label), near)
    yield from _beside_code(near, met)


def tokens(near: Near, known: Sequence[Configuration]) -> Iterator[Observation]:
    """Access tokens in files that a variable or a configuration names."""
    met: set[object] = set()
    for found in once(near.host.read(TOKEN_FILE), met):
        yield from _token(found, near)
    for configuration in known:
        for found in once(_named_by(configuration, "auth/access_token_file", ACCESS_TOKEN_FILE, near), met):
            yield from _token(found, near)


def surroundings(near: Near) -> Iterator[Observation]:
    """That this machine is one of Google's, or is told to take a server for such a machine's: nothing is asked."""
    for name in METADATA:
        if near.host.variable(name):
            yield metadata_server(Evidence(variable=name))
    for found in near.host.read(*ON_GCE):
        if isinstance(found, Gap):
            yield found
        elif found.text.strip() == "True":
            yield metadata_server(Evidence(found.path))


def _named_by(configuration: Configuration, key: str, declared: str, near: Near) -> Iterator[TextFile | Gap]:
    setting = configuration.get(key)
    if setting is None:
        return
    path = near.host.resolve(setting.value, near.host.workspace)
    if path is None:
        yield near.failed(setting.evidence, f"{key} of {configuration.label} leads nowhere from here")
    else:
        yield from near.host.read_named(declared, path)


def _legacy(found: TextFile | Gap) -> About:
    """A copy of a credential, in a folder that is named after the account."""
    folder = found.path.parent.name if isinstance(found, TextFile) else ""
    return About(f"a copy that gcloud made for {label(folder)}", account=folder if EMAIL.fullmatch(folder) else "")


def _named(found: TextFile | Gap, by: str) -> About:
    name = label(found.path.name) if isinstance(found, TextFile) else ""
    return About(name or "a file", (f"named by {by}",), hints=_hints(found.path) if isinstance(found, TextFile) else ())


def _hints(path: PurePath) -> tuple[Hint, ...]:
    """What folder and file say: `deploy/prod-service-account.json`."""
    told = (Hint("folder", label(path.parent.name)), Hint("file", label(path.stem)))
    return tuple(hint for hint in told if hint.text)


def _document(found: TextFile | Gap, about: About, near: Near) -> Iterator[Observation]:
    if isinstance(found, Gap):
        yield found
        return
    if not found.text.strip():
        return
    for each in near.parsed(found.text, Evidence(found.path)):
        if isinstance(each, Gap):
            yield each
        else:
            yield from _told(each, about, found, near)


def _told(fields: Fields, about: About, file: TextFile, near: Near) -> Iterator[Observation]:
    seen = list(proofs(fields, about, near))
    yield from seen
    if any(
        isinstance(each, CredentialSeen) and each.secret is not None and each.evidence.path == file.path
        for each in seen
    ):
        yield from loose_mode(near, file.path, file.place)


def _beside_code(near: Near, met: set[object]) -> Iterator[Observation]:
    for number, found in enumerate(once(near.host.read(*KEYS), met)):
        if number >= FILE_LIMIT:
            yield near.limit(Evidence(near.host.workspace), f"more than {FILE_LIMIT} files named like keys")
            return
        if isinstance(found, Gap):
            yield found
        else:
            yield from _judged(found, near)


def _judged(file: TextFile, near: Near) -> Iterator[Observation]:
    """A file that is named like a key, told by what it holds; any other JSON is somebody else's."""
    told = list(near.parsed(file.text, Evidence(file.path)))
    fields = next((each for each in told if isinstance(each, Fields)), None)
    about = About(label(file.path.name) or "a file", hints=_hints(file.path))
    if fields is None:
        if all(word in file.text for word in IN_A_KEY):
            yield from (each for each in told if isinstance(each, Gap))
    elif fields.text("type") in BESIDE_CODE:
        yield from (each for each in told if isinstance(each, Gap))
        yield from _told(fields, about, file, near)
    else:
        yield from _client(fields, near)


def _client(fields: Fields, near: Near) -> Iterator[Observation]:
    """The secret of a sign-in client on a server; that of an installed application is published with it."""
    web = fields.object("web")
    secret = web.text("client_secret") if web is not None else None
    if web is None or secret is None or filler(secret) is not None:
        near.hide((fields.object("installed") or fields).text("client_secret"))
        return
    project = label(web.text("project_id"))
    name = project or "google"
    client = label(web.text("client_id"))
    yield CredentialSeen(
        kind="google.client-secret",
        evidence=web.of("client_secret"),
        secret=near.host.keep(secret),
        identity=Identity("google", name, client) if client else None,
        grants=implied("google.client-secret", name, (Hint("project", project),) if project else ()),
        lifetime=Lifetime(LifetimeKind.STATIC),
    )


def _token(found: TextFile | Gap, near: Near) -> Iterator[Observation]:
    if isinstance(found, Gap):
        yield found
        return
    token = found.text.strip()
    if not token or filler(token) is not None:
        return
    if len(token.split()) > 1:
        near.hide(token)
        yield near.failed(Evidence(found.path), "holds more than one access token")
        return
    who = unnamed(label(found.path.name) or "a token file")
    yield CredentialSeen(
        kind="gcp.access-token",
        evidence=Evidence(found.path),
        secret=near.host.keep(token),
        identity=who.identity,
        grants=who.grants("gcp.access-token"),
        lifetime=Lifetime(LifetimeKind.EXPIRES),
        undecided=roles_step(who),
    )
    yield from loose_mode(near, found.path, found.place)
