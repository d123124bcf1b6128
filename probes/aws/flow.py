"""The order in which the AWS probe tells: profiles and roles, sign-ins, caches, what the environment hands in."""

from collections.abc import Iterator

from probes.aws.around import Around
from probes.aws.caches import login_sessions, session_keys, sso_tokens
from probes.aws.handed import containers, exchanges, web_identity
from probes.aws.keys import key_pairs
from probes.aws.legacy import legacy_keys
from probes.aws.profiles import Settings, Shared, shared_files
from probes.aws.roles import processes, roles
from probes.aws.sso import SignIn, sign_ins, signed_out, sso_roles
from probes.aws.traps import production_default, two_accounts
from scanner.model import Gap, Observation


def told(near: Around) -> Iterator[Observation]:
    """All that is to be told of AWS on this host; some of it twice."""
    profiles: list[Settings] = []
    configured: list[SignIn] = []
    in_force: Shared | None = None
    for found in shared_files(near.host):
        match found:
            case Gap():
                yield found
            case Shared():
                yield from _profiles(found, near)
                yield from two_accounts(found)
                in_force = in_force or found  # the files that variables name come first
                profiles.extend(found.profiles.values())
                for each in sign_ins(found, near):
                    if isinstance(each, Gap):
                        yield each
                    else:
                        configured.append(each)
    if in_force is not None:
        yield from production_default(in_force, near)
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
