"""Keys that surroundings hand out: tokens exchanged for a role, and addresses inside a container."""

import base64
import json
import re
from collections.abc import Iterator
from typing import ClassVar

from probes.aws.around import Around, moment
from probes.aws.keys import endpoint_host
from probes.aws.profiles import Settings
from probes.aws.reads import POINTERS, TOKEN_FILE
from probes.aws.rights import Actor, account_asset, by_role, of_arn, whoami_step
from probes.aws.roles import machine_source
from probes.modes import readable_by_others
from scanner.data.kinds import implied
from scanner.host import TextFile
from scanner.model import (
    Confidence,
    CredentialSeen,
    Evidence,
    Gap,
    Hint,
    Identity,
    IdentityLink,
    Lifetime,
    LifetimeKind,
    Observation,
    Protection,
)
from scanner.model.value import Value

TOKEN = re.compile(r"[\w-]+\.([\w-]+)\.[\w-]*", re.ASCII)


class Exchange(Value, frozen=True):
    """A token file and the role that trusts its issuer; `evidence` names the role."""

    concealed: ClassVar[frozenset[str]] = frozenset({"path"})

    label: str
    path: str
    actor: Actor
    evidence: Evidence


def exchanges(profiles: list[Settings], around: Around) -> Iterator[Exchange | Gap]:
    """The token files that profiles and variables name, with their roles."""
    for profile in profiles:
        role, path = profile.get("role_arn"), profile.get("web_identity_token_file")
        if path is not None and role is None:
            yield around.failed(path.evidence, f"{profile.label} has a web_identity_token_file and no role_arn")
        elif path is not None and role is not None and (actor := of_arn(role.value)):
            yield Exchange(profile.label, path.value, actor, role.evidence)
    arn, named = around.host.variable("AWS_ROLE_ARN"), around.host.variable("AWS_WEB_IDENTITY_TOKEN_FILE")
    if not arn or not named:
        return
    told = of_arn(arn)
    if told is None:
        yield around.failed(Evidence(variable="AWS_ROLE_ARN"), "is no ARN of a role")
        return
    yield Exchange("", named, told, Evidence(variable="AWS_ROLE_ARN"))


def web_identity(each: Exchange, around: Around) -> Iterator[Observation]:
    """The token, who it says it is, and the role it becomes."""
    if each.evidence.variable is not None:
        asset = account_asset(each.actor.account, Hint("role", each.actor.role))
        yield from by_role(asset, each.actor, each.evidence)
    path = around.host.resolve(each.path)
    if path is None:
        yield around.failed(each.evidence, "its web identity token file is named by a relative path")
        return
    for found in around.host.read_named(TOKEN_FILE, path):
        match found:
            case Gap():
                yield found
            case TextFile():
                yield from _token(found, each, around)


def _token(file: TextFile, each: Exchange, around: Around) -> Iterator[Observation]:
    token = file.text.strip()
    around.hide(token)
    claims = token_claims(token)
    if claims is None:
        yield around.failed(Evidence(file.path), "holds no web identity token")
        return
    issuer, subject = claims.get("iss"), claims.get("sub")
    identity = Identity(
        "oidc",
        (endpoint_host(issuer) if isinstance(issuer, str) else "") or "of an unnamed issuer",
        subject if isinstance(subject, str) else "",
    )
    lifetime = Lifetime(LifetimeKind.EXPIRES, moment(claims.get("exp")))
    if claims.get("exp") is None:
        lifetime = Lifetime(LifetimeKind.STATIC)
    yield CredentialSeen(
        kind="aws.web-identity-token",
        evidence=Evidence(file.path),
        secret=around.host.keep(token),
        identity=identity,
        lifetime=lifetime,
        state=around.state(lifetime),
        names=(each.label,) if each.label else (),
    )
    yield IdentityLink(identity, each.actor.identity, "assumes", each.evidence, Confidence.INFERRED)
    yield from readable_by_others(around.host, file.place)


def token_claims(token: str) -> dict[str, object] | None:
    """What a JSON web token says of itself, its signature unchecked; None for what is no such token."""
    match = TOKEN.fullmatch(token)
    if match is None:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(match[1] + "=" * (-len(match[1]) % 4)))
    except (ValueError, RecursionError):  # no base64, no UTF-8, no JSON, or nested too deeply
        return None
    return claims if isinstance(claims, dict) else None


def containers(around: Around) -> Iterator[Observation]:
    """The addresses at which a container is handed its keys: reported, never asked."""
    around.hide(around.host.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN"))
    token_file = around.host.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
    for variable in POINTERS:
        value = around.host.variable(variable)
        if not value:
            continue
        server = endpoint_host(value) if variable == POINTERS[0] else "169.254.170.2"
        names = [f"served by {server}"] if server else []
        if token_file:
            names.append("asks for a token that lies in a file")
        yield CredentialSeen(
            kind="aws.container-credentials",
            evidence=Evidence(variable=variable),
            identity=machine_source("EcsContainer"),
            grants=implied("aws.container-credentials", "of this container"),
            lifetime=Lifetime(LifetimeKind.SESSION),
            protection=Protection.REFERENCE,
            names=tuple(names),
            undecided=whoami_step(None),
        )
