"""One credential document of Google's, wherever it lies: who acts, with what, and as whom in the end."""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from probes.gcloud.federation import subject
from probes.gcloud.near import Fields, Near
from probes.gcloud.who import (
    CLOUD,
    EMAIL,
    KEY_ID,
    PROJECT,
    Actor,
    account,
    pool,
    project_asset,
    reached,
    roles_step,
    service_account,
    target_of,
    unnamed,
)
from scanner.model import (
    STATIC,
    Asset,
    AssetSeen,
    Confidence,
    CredentialSeen,
    Evidence,
    Fix,
    Hint,
    Identity,
    IdentityLink,
    Lifetime,
    LifetimeKind,
    Observation,
    Protection,
    Weakness,
)
from scanner.shapes import PRIVATE, filler

DEPTH = 8  # credentials within credentials, and service accounts along one delegation
TYPES = frozenset(
    {
        *("authorized_user", "service_account", "service_account_p12", "gdch_service_account", "gce"),
        *("external_account", "external_account_user", "external_account_authorized_user"),
        "impersonated_service_account",
    }
)
KEY_LEAST = 80  # a key whose lines were lost is shorter
STAND_IN = re.compile(r"[<>$%{}*…]|\.{3}|(?i:your[-_ ]|example|redacted|placeholder|changeme)")


class About(Struct, frozen=True):
    """What is known of a document from outside: what a person calls it, whose it is, and what its name may tell."""

    label: str
    names: tuple[str, ...] = ()
    account: str = ""
    hints: tuple[Hint, ...] = ()
    depth: int = 0


Told = Iterator[Observation]


def proofs(found: Fields, about: About, near: Near) -> Told:
    """The credential that a document is, those within it, and the identities that it becomes."""
    near.hide(*(found.text(name) for name in ("client_secret", "token", "id_token", "rapt_token", "password")))
    match found.text("type"):
        case "authorized_user" | "external_account_authorized_user":
            yield from _refresh_token(found, about, near)
        case "service_account" | "service_account_p12":
            yield from _key(found, about, near)
        case "gdch_service_account":
            yield from _gdch_key(found, about, near)
        case "external_account" | "external_account_user":
            yield from _federation(found, about, near)
        case "impersonated_service_account":
            yield from _impersonated(found, about, near)
        case "gce":
            yield metadata_server(found.at, account(found.text("service_account_email") or about.account))
        case _:
            yield near.failed(found.at, "is of no type that Google's libraries know")
    yield from _quota_project(found, about)


def acts_as(found: Fields, about: About) -> Actor | None:
    """Who acts with a document in the first place, before any impersonation."""
    match found.text("type"):
        case "authorized_user":
            who = account(found.text("account") or "") or account(about.account) or unnamed(about.label)
            return replace(who, scopes=found.texts("scopes"))
        case "external_account_authorized_user":
            return pool(found.text("audience") or "") or account(about.account) or unnamed(about.label)
        case "service_account" | "service_account_p12":
            email = found.text("client_email") or about.account
            return service_account(email, found.text("project_id") or "") if EMAIL.fullmatch(email) else None
        case "gdch_service_account":
            project, name = found.text("project") or "", found.text("name") or ""
            if not (PROJECT.fullmatch(project) and PROJECT.fullmatch(name)):
                return None
            return Actor(Identity("gdch", project, name), Asset("gdch-project", project, (Hint("project", project),)))
        case "external_account" | "external_account_user":
            return pool(found.text("audience") or "")
        case "gce":
            return account(found.text("service_account_email") or about.account)
        case "impersonated_service_account":
            source = found.object("source_credentials")
            return acts_as(source, inner(about)) if source is not None and about.depth < DEPTH else None
        case _:
            return None


def inner(about: About) -> About:
    """What is known of the document within a document."""
    return replace(about, depth=about.depth + 1)


def _refresh_token(found: Fields, about: About, near: Near) -> Told:
    token, who = found.text("refresh_token"), acts_as(found, about)
    if token is None or who is None:
        yield near.failed(found.of("refresh_token"), "holds no refresh_token")
    elif filler(token) is None:
        yield CredentialSeen(
            kind="gcp.refresh-token",
            evidence=found.of("refresh_token"),
            secret=near.host.keep(token),
            identity=who.identity,
            grants=who.grants("gcp.refresh-token"),
            lifetime=Lifetime(LifetimeKind.REFRESHABLE),
            names=about.names,
            undecided=roles_step(who, _project(found.text("quota_project_id"))),
        )


def _key(found: Fields, about: About, near: Near) -> Told:
    key, who = found.text("private_key"), acts_as(found, about)
    near.hide(key)
    if key is None or who is None:
        missing = "private_key" if key is None else "client_email"
        yield near.failed(found.of(missing), f"is a service account's key without a {missing}")
        return
    old = found.text("type") == "service_account_p12"
    if not old and is_stand_in(key):
        return
    key_id = found.text("private_key_id") or ""
    yield CredentialSeen(
        kind="gcp.service-account-key",
        evidence=found.of("private_key"),
        secret=near.host.keep(key.strip()),  # as the same key is told where it lies in a variable
        public_id=key_id if KEY_ID.fullmatch(key_id) else None,
        identity=who.identity,
        grants=who.grants("gcp.service-account-key", about.hints),
        lifetime=STATIC,
        names=about.names,
        undecided=roles_step(who),
    )
    yield long_lived(found.of("private_key"), who, key_id)


def is_stand_in(key: str) -> bool:
    """Whether a text stands where a private key goes: no such key, or one whose lines are left out."""
    head = PRIVATE.search(key)
    if head is None or len(key) < KEY_LEAST:
        return True
    return STAND_IN.search(key[head.end() :]) is not None


def long_lived(evidence: Evidence, who: Actor, key_id: str) -> Weakness:
    """That a key without an end lies in plain text."""
    email = who.email
    delete = f"gcloud iam service-accounts keys delete {key_id} --iam-account={email}"
    return Weakness(
        rule="gcloud.service-account-key",
        title="A service account's key without an end lies in plain text",
        evidence=evidence,
        why=f"It acts as {email} from anywhere until someone deletes it; a copy is never missed.",
        fix=Fix(
            "Impersonate the service account for an hour at a time, and delete this key.",
            (
                f"gcloud config set auth/impersonate_service_account {email}",
                *((delete,) if KEY_ID.fullmatch(key_id) else ()),
            ),
        ),
    )


def _gdch_key(found: Fields, about: About, near: Near) -> Told:
    key, who = found.text("private_key"), acts_as(found, about)
    near.hide(key)
    if key is None or who is None:
        yield near.failed(found.at, "is a key of Distributed Cloud without a private_key, project or name")
        return
    if is_stand_in(key):
        return
    key_id = found.text("private_key_id") or ""
    yield CredentialSeen(
        kind="gcp.gdch-key",
        evidence=found.of("private_key"),
        secret=near.host.keep(key),
        public_id=key_id if KEY_ID.fullmatch(key_id) else None,
        identity=who.identity,
        grants=who.grants("gcp.gdch-key"),
        lifetime=STATIC,
        names=about.names,
    )


def _federation(found: Fields, about: About, near: Near) -> Told:
    who = acts_as(found, about)
    if who is None:
        yield near.failed(found.of("audience"), "names no pool of identities")
        return
    yield from subject(found, who, about.names, near)
    url = found.text("service_account_impersonation_url")
    if url is None:
        return
    target = target_of(url)
    if not target:
        yield near.failed(found.of("service_account_impersonation_url"), "names no service account")
        return
    yield from impersonation(who, (target,), found.of("service_account_impersonation_url"), near)


def _impersonated(found: Fields, about: About, near: Near) -> Told:
    source = found.object("source_credentials")
    if source is None:
        yield near.failed(found.at, "impersonates a service account and has no source_credentials")
        return
    if about.depth >= DEPTH:
        yield near.limit(found.at, f"holds more than {DEPTH} credentials within one another")
        return
    within = inner(about)
    yield from proofs(source, within, near)
    evidence = found.of("service_account_impersonation_url")
    target = target_of(found.text("service_account_impersonation_url") or "")
    who = ends_as(source, within)
    if not target:
        yield near.failed(evidence, "names no service account")
    elif who is not None:
        delegates = [each.rpartition("/")[2] for each in found.texts("delegates")]
        yield from impersonation(who, (*delegates, target), evidence, near)


def ends_as(found: Fields, about: About) -> Actor | None:
    """Who a document acts as in the end: the service account that it impersonates, if it does."""
    url = found.text("service_account_impersonation_url")
    if url is None or found.text("type") == "authorized_user":
        return acts_as(found, about)
    return account(target_of(url))


def impersonation(who: Actor, accounts: Sequence[str], evidence: Evidence, near: Near) -> Told:
    """A link for each step of a delegation, the last account being who acts in the end, with what it may reach."""
    if len(accounts) > DEPTH:
        yield near.limit(evidence, f"delegates over more than {DEPTH} service accounts")
        return
    passed = [who]
    for text in accounts:
        following = account(text)
        if following is None:
            yield near.failed(evidence, "names what is no service account")
            return
        if any(following.identity == each.identity for each in passed):
            yield near.failed(evidence, f"impersonation goes in a circle: {following.email}")
            return
        yield IdentityLink(passed[-1].identity, following.identity, "impersonates", evidence, Confidence.INFERRED)
        passed.append(following)
    last = passed[-1]
    if last is not who:
        yield reached(last, last.asset, "nothing on this machine says which roles the service account has", evidence)


def metadata_server(evidence: Evidence, who: Actor | None = None) -> CredentialSeen:
    """The address at which a machine of Google's is handed tokens: reported, never asked."""
    who = who or Actor(Identity("gcp-source", "metadata server"), Asset("gcp-project", "of this machine"))
    return CredentialSeen(
        kind="gcp.metadata-server",
        evidence=evidence,
        identity=who.identity,
        grants=who.grants("gcp.metadata-server"),
        lifetime=Lifetime(LifetimeKind.SESSION),
        protection=Protection.REFERENCE,
        undecided=roles_step(who) if who.email else None,
    )


def lies_within(who: Actor, asset: Asset, why: str, evidence: Evidence) -> Observation:
    """That an identity's credentials reach a project: through the account of a person, else by the identity itself."""
    if not who.is_person:
        return reached(who, asset, why, evidence)
    carries = who.grants("gcp.refresh-token")
    classes = frozenset().union(*(each.capabilities for each in carries))
    return AssetSeen(asset, (who.asset,), classes, evidence, Confidence.POSSIBLE, why)


def _quota_project(found: Fields, about: About) -> Told:
    """The project that pays for what is asked: one that the account certainly has a role in."""
    project, who = _project(found.text("quota_project_id")), acts_as(found, about)
    if project and who is not None and who.identity.provider in {"google", CLOUD}:
        why = f"project {project} pays for what {about.label} asks"
        yield lies_within(who, project_asset(project), why, found.of("quota_project_id"))


def _project(text: str | None) -> str:
    return text if text is not None and PROJECT.fullmatch(text) else ""
