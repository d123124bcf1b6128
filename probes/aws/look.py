"""The AWS probe: what it reads, and the order in which it tells."""

from collections.abc import Iterator

from probes.aws.around import Around, around
from probes.aws.caches import LOGIN_CACHES, ROLE_CACHES, SSO_CACHE, login_sessions, session_keys, sso_tokens
from probes.aws.handed import POINTERS, TOKEN_FILE, containers, exchanges, web_identity
from probes.aws.keys import key_pairs
from probes.aws.legacy import LEGACY, legacy_keys
from probes.aws.profiles import CONFIG, CREDENTIALS, Settings, Shared, shared_files
from probes.aws.roles import processes, roles
from probes.aws.sso import SignIn, sign_ins, signed_out, sso_roles
from scanner.host import Host
from scanner.model import Gap, Observation
from scanner.probe import probe

VARIABLES = (
    *("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"),
    *("AWS_ACCESS_KEY_ID", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", *POINTERS),
    *("AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
)


@probe(
    id="aws",
    title="AWS keys, roles and sign-ins",
    reads=(
        *(*CREDENTIALS, *CONFIG, SSO_CACHE, *ROLE_CACHES, *LOGIN_CACHES, *LEGACY, TOKEN_FILE),
        *(f"env:{name}" for name in VARIABLES),
    ),
)
def aws(host: Host) -> Iterator[Observation]:
    """Finds what AWS's command line and SDKs would act with: keys, cached sessions, sign-ins, and roles behind them.

    **Why it matters.** A key in `~/.aws/credentials` acts from anywhere until it is deleted. A sign-in of IAM Identity
    Center opens every account assigned to the person, whether a profile names it or not. A role is one call away from
    the key that may assume it. None of these asks anybody.

    **What it cannot tell.** The rights of a key stand in policies on AWS's side. Each class is `possible` until a
    role's name, a policy, a label or a live answer says more; names of roles are taken at their word as `inferred`.

    **What it never does.** It runs no `credential_process`, asks no container address, renews no token.

    **Narrow it.** `aws configure sso` with a read-only permission set for agents, and the key deleted; a role that
    wants a second factor (`mfa_serial`) for what may destroy.
    """
    met: set[Observation] = set()
    for seen in _look(around(host)):
        if seen not in met:
            met.add(seen)
            yield seen


def _look(near: Around) -> Iterator[Observation]:
    profiles: list[Settings] = []
    configured: list[SignIn] = []
    for found in shared_files(near.host):
        match found:
            case Gap():
                yield found
            case Shared():
                yield from _profiles(found, near)
                profiles.extend(found.profiles.values())
                for each in sign_ins(found, near):
                    if isinstance(each, Gap):
                        yield each
                    else:
                        configured.append(each)
    yield from _sign_ins(configured, near)
    yield from session_keys(near, configured)
    yield from login_sessions(near, profiles)
    yield from legacy_keys(near)
    for exchange in exchanges(profiles, near):
        if isinstance(exchange, Gap):
            yield exchange
        else:
            yield from web_identity(exchange, near)
    yield from containers(near)


def _profiles(shared: Shared, near: Around) -> Iterator[Observation]:
    for settings in shared.profiles.values():
        yield from key_pairs(settings, near)
    yield from roles(shared, near)
    yield from processes(shared, near)


def _sign_ins(configured: list[SignIn], near: Around) -> Iterator[Observation]:
    yield from sso_roles(configured, near)
    live: set[str] = set()
    blind = False
    for seen, portal in sso_tokens(near, configured):
        blind = blind or isinstance(seen, Gap)
        if portal is not None:
            live.add(portal)
        yield seen
    yield from signed_out(configured, live, blind)
