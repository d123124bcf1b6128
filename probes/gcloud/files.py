"""Credentials in JSON files: application default ones, those that variables and settings name, keys beside code."""

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from msgspec.structs import replace

from probes.gcloud.configurations import Configuration
from probes.gcloud.documents import TYPES, About, metadata_server, proofs
from probes.gcloud.near import Fields, Near, once
from probes.gcloud.reads import (
    ACCESS_TOKEN_FILE,
    CREDENTIAL_FILE,
    DEFAULT,
    KEY_FILE,
    KEYS,
    LEGACY,
    METADATA,
    NAMED,
    ON_GCE,
    TOKEN_FILE,
)
from probes.gcloud.who import EMAIL, account, roles_step, unnamed
from probes.modes import readable_by_others
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

FILE_LIMIT = 400  # files beside code, named like keys, that are read in one run
KEY_SIZE = 64 * 1024  # no key has as many bytes
IN_A_KEY = ('"service_account"', '"private_key"')
BESIDE_CODE = TYPES - {"external_account", "external_account_user", "gce"}  # references, which hold no secret
ADC = "the application default credentials"


Owners = dict[str, str]  # accounts by the fingerprint of their tokens


def documents(near: Near, known: Sequence[Configuration], owners: Owners) -> Iterator[Observation]:
    """Every credential document in a file: those that name their account first, since others hold the same tokens."""
    met: set[object] = set()
    for found in once(near.host.read(*LEGACY), met):
        for seen in _document(found, _legacy(found), near, owners):
            owners.update(owned(seen))
            yield seen
    for found, about in _placed(near, known, met):
        yield from _document(found, about, near, owners)
    yield from _beside_code(near, met, owners)


def owned(seen: Observation) -> Owners:
    """Whose token a credential is, where it tells an account and is known again by its fingerprint."""
    if not isinstance(seen, CredentialSeen) or seen.secret is None or seen.identity is None:
        return {}
    who = account(seen.identity.name or seen.identity.account)
    return {seen.secret.fingerprint: who.email} if who is not None and seen.secret.fingerprint is not None else {}


def _placed(near: Near, known: Sequence[Configuration], met: set[object]) -> Iterator[tuple[TextFile | Gap, About]]:
    """The files of a known place, and those that variables and configurations name."""
    for found in once(near.host.read(*DEFAULT), met):
        yield found, About(ADC, (ADC.removeprefix("the "),))
    for pattern in NAMED:
        for found in once(near.host.read(pattern), met):
            yield found, _named(found, pattern.removeprefix("$"))
    for configuration in known:
        for found in once(_named_by(configuration, "auth/credential_file_override", CREDENTIAL_FILE, near), met):
            yield found, _named(found, configuration.label)


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


def _document(found: TextFile | Gap, about: About, near: Near, owners: Owners) -> Iterator[Observation]:
    if isinstance(found, Gap):
        yield found
        return
    if not found.text.strip():
        return
    for each in near.parsed(found.text, Evidence(found.path)):
        if isinstance(each, Gap):
            yield each
        else:
            yield from _told(each, _of_owner(each, about, near, owners), found, near)


def _of_owner(fields: Fields, about: About, near: Near, owners: Owners) -> About:
    """What is known of a document, with the account that another place of its token told."""
    source = fields.object("source_credentials") or fields
    token = source.text("refresh_token")
    if token is None or about.account or not owners:
        return about
    return replace(about, account=owners.get(near.host.keep(token).fingerprint or "", ""))


def _told(fields: Fields, about: About, file: TextFile, near: Near) -> Iterator[Observation]:
    seen = list(proofs(fields, about, near))
    yield from seen
    if any(
        isinstance(each, CredentialSeen) and each.secret is not None and each.evidence.path == file.path
        for each in seen
    ):
        yield from readable_by_others(near.host, file.place)


def _beside_code(near: Near, met: set[object], owners: Owners) -> Iterator[Observation]:
    read = 0
    for place in near.host.places(*KEYS):
        if isinstance(place, Gap):
            yield place
        elif place.path not in met and place.size <= KEY_SIZE:
            read += 1
            if read > FILE_LIMIT:
                yield near.limit(Evidence(near.host.workspace), f"more than {FILE_LIMIT} files named like keys")
                return
            for found in once(near.host.read_named(KEY_FILE, place.path), met):
                yield from _judged(found, near, owners)


def _judged(file: TextFile | Gap, near: Near, owners: Owners) -> Iterator[Observation]:
    """A file that is named like a key, told by what it holds; any other JSON is somebody else's."""
    if isinstance(file, Gap):
        yield file
        return
    told = list(near.parsed(file.text, Evidence(file.path)))
    fields = next((each for each in told if isinstance(each, Fields)), None)
    about = About(label(file.path.name) or "a file", hints=_hints(file.path))
    if fields is None:
        if all(word in file.text for word in IN_A_KEY):
            yield from (each for each in told if isinstance(each, Gap))
    elif fields.text("type") in BESIDE_CODE:
        yield from (each for each in told if isinstance(each, Gap))
        yield from _told(fields, _of_owner(fields, about, near, owners), file, near)
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
    yield from readable_by_others(near.host, found.place)
