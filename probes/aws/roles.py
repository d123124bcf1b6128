"""Profiles that act as a role: who becomes whom, and what a person must do in between."""

import re
import shlex
from collections.abc import Iterator

from msgspec.structs import replace

from probes.aws.around import Around
from probes.aws.keys import KEY_ID, acts_as
from probes.aws.profiles import Setting, Settings, Shared
from probes.aws.rights import (
    Actor,
    account_asset,
    account_number,
    asset_of_unknown,
    by_profile,
    by_role,
    of_arn,
    of_sso_role,
    whoami_step,
)
from scanner.aws_keys import identity_of
from scanner.model import (
    OPEN,
    Barrier,
    Confidence,
    CredentialSeen,
    Gap,
    GapKind,
    Gate,
    Grant,
    Hint,
    Identity,
    IdentityLink,
    Lifetime,
    LifetimeKind,
    Observation,
    Platform,
    Protection,
)

DEPTH = 8
SOURCES = {"environment": "Environment", "ec2instancemetadata": "Ec2InstanceMetadata", "ecscontainer": "EcsContainer"}
PROGRAM = re.compile(r"[\w.+-]{1,64}", re.ASCII)


def machine_source(name: str) -> Identity:
    """Who a `credential_source` stands for: whatever role or user this machine's surroundings hand out."""
    return Identity("aws-source", name)


def roles(shared: Shared, around: Around) -> Iterator[Observation]:
    """A link and the role's rights for each profile that assumes one."""
    for profile in shared.profiles.values():
        arn = profile.get("role_arn")
        if arn is None:
            continue
        actor = of_arn(arn.value)
        if actor is None:
            yield around.failed(arn.evidence, f"role_arn of {profile.label} is no ARN of a role")
            continue
        granted = role_grants(actor, profile, arn, around)
        source = _source(profile, shared, around) if profile.get("web_identity_token_file") is None else actor.identity
        match source:
            case None:
                yield from (_unheld(each, profile) for each in granted)
            case Gap():
                yield from granted
                yield source
            case Identity():
                yield from granted
                if source != actor.identity:
                    barrier = _barrier(profile, around)
                    yield IdentityLink(source, actor.identity, "assumes", arn.evidence, Confidence.INFERRED, barrier)


def _unheld(seen: Observation, profile: Settings) -> Observation:
    """A role's rights, with a word that nobody has them by this profile."""
    if not isinstance(seen, Grant):
        return seen
    return replace(seen, why=f"{seen.why} Nobody was found who assumes it through {profile.label}.".strip())


def role_grants(actor: Actor, profile: Settings, named: Setting, around: Around) -> Iterator[Observation]:
    """What the role's name tells of its rights on its account."""
    hints = (Hint("role", actor.role), Hint("profile", profile.name), around.region_hint(profile.text("region")))
    asset = account_asset(actor.account, *hints)
    yield from by_role(asset, actor, named.evidence)


def processes(shared: Shared, around: Around) -> Iterator[Observation]:
    """Profiles whose keys come from a program: named, never started, and its arguments never shown."""
    for profile in shared.profiles.values():
        command = profile.get("credential_process")
        if command is not None:
            asset = asset_of_unknown(profile.name)
            account = account_number(profile.text("aws_account_id"))
            if account is not None:
                asset = account_asset(account, *asset.hints)
            yield CredentialSeen(
                kind="aws.credential-process",
                evidence=command.evidence,
                identity=process_identity(profile),
                grants=by_profile(asset, profile.name),
                lifetime=Lifetime(LifetimeKind.SESSION),
                protection=Protection.REFERENCE,
                names=(*around.names(profile.label, profile.name), program(command.value, around.host.platform)),
                undecided=whoami_step(profile.name),
            )


def process_identity(profile: Settings) -> Identity:
    """Who a credential process makes of its caller: known by the profile only."""
    account = account_number(profile.text("aws_account_id")) or f"of profile {profile.name}"
    return Identity("aws", account, f"credential-process/{profile.name}")


def program(command: str, platform: Platform) -> str:
    """A command's program without its folder, and how many arguments it is given."""
    text = command.replace("\\", "/") if platform is Platform.WINDOWS else command
    try:
        words = shlex.split(text)
    except ValueError:  # a quotation that never ends
        words = text.split()
    name = words[0].rpartition("/")[2] if words else ""
    count = max(len(words) - 1, 0)
    # `TOKEN=... program` is no form the SDK knows, yet people write it: the first word is then no program
    shown = name if PROGRAM.fullmatch(name) and "=" not in words[0] else "that cannot be named"
    return f"program {shown}, {count} argument{'' if count == 1 else 's'}"


def as_source(profile: Settings) -> Identity | None:
    """Who a profile is for a profile that builds on it, in the SDK's order: its own keys come before its role."""
    if own := without_role(profile):
        return own
    actor = of_arn(profile.text("role_arn"))
    return None if actor is None else actor.identity


def without_role(profile: Settings) -> Identity | None:
    """Who a profile is without assuming a role from another profile."""
    if own := acts_as(profile):
        return own
    if profile.get("web_identity_token_file") is not None:
        actor = of_arn(profile.text("role_arn"))
        return None if actor is None else actor.identity
    account = account_number(profile.text("sso_account_id"))
    if account is not None and profile.get("sso_role_name") is not None:
        return of_sso_role(account, profile.text("sso_role_name")).identity
    if signed_in := of_arn(profile.text("login_session")):
        return signed_in.identity
    return process_identity(profile) if profile.get("credential_process") is not None else None


def _source(profile: Settings, shared: Shared, around: Around) -> Identity | Gap | None:
    """Who assumes a profile's role; None where it names nobody who could, so that every command ends in an error.

    What is not defined may stand in a file that was not read, which has a Gap of its own.
    """
    source, place = profile.get("source_profile"), profile.get("credential_source")
    if source is not None and place is not None:
        return around.failed(place.evidence, f"{profile.label} has both source_profile and credential_source")
    if place is not None:
        known = SOURCES.get(place.value.lower())
        if known is None:
            return around.failed(place.evidence, f"credential_source of {profile.label} is none that AWS knows")
        in_variable = known == "Environment" and around.key_id is not None and KEY_ID.fullmatch(around.key_id)
        return identity_of(around.key_id) if in_variable and around.key_id else machine_source(known)
    if source is None:
        return without_role(profile)
    following = shared.profiles.get(source.value)
    who = as_source(following) if following is not None else None
    return (_endless(profile, shared, around) or who) if who is not None else None


def _endless(profile: Settings, shared: Shared, around: Around) -> Gap | None:
    """A Gap where the chain behind a profile comes back to itself or goes on for too long."""
    chain = [profile]
    while (following := _assumed_by(chain[-1], shared)) is not None:
        if following in chain:
            return _cycle(chain[chain.index(following) :], around)
        if len(chain) >= DEPTH:
            why = f"the chain of source_profile behind {profile.label} is longer than {DEPTH}"
            return Gap(GapKind.LIMIT, around.where(profile.blocks[0].evidence), why)
        chain.append(following)
    return None


def _assumed_by(profile: Settings, shared: Shared) -> Settings | None:
    """The source of a profile if that one has to assume a role in its turn."""
    following = shared.profiles.get(profile.text("source_profile"))
    return None if following is None or without_role(following) is not None else following


def _cycle(chain: list[Settings], around: Around) -> Gap:
    """A Gap that reads the same whichever profile of the circle was met first."""
    start = min(range(len(chain)), key=lambda number: chain[number].name)
    circle = chain[start:] + chain[:start]
    names = ", ".join(profile.name for profile in circle)
    return around.failed(circle[0].blocks[0].evidence, f"source_profile goes in a circle: {names}")


def _barrier(profile: Settings, around: Around) -> Barrier:
    mfa = profile.get("mfa_serial")
    if mfa is None:
        return OPEN
    return Barrier(Gate.PRESENCE, f"mfa_serial in {profile.label} ({around.where(mfa.evidence)})")
