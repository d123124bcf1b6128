"""Whom the cloud's own probes know a plug-in's sign-in as, so that the ways join."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from msgspec import Struct

from probes.aws.profiles import Settings, Shared, shared_files
from probes.aws.rights import of_arn
from probes.aws.roles import without_role
from probes.gcloud.who import account
from probes.ini import parse
from probes.kubernetes.reads import GCLOUD_ACTIVE, GCLOUD_CONFIGURATIONS
from scanner.aws_keys import KEY_ID, identity_of
from scanner.host import Host, TextFile
from scanner.model import Identity


def aws_role(arn: str) -> Identity | None:
    """The role of an ARN, None for any other text."""
    actor = of_arn(arn)
    return None if actor is None else actor.identity


class Clouds(Struct, frozen=True, dict=True):
    """What the clouds' own files say of who signs in; each is read once, however many users ask for it."""

    host: Host

    @cached_property
    def profiles(self) -> tuple[Mapping[str, Settings], ...]:
        """The profiles of AWS's files; what is wrong with those, the probe of AWS tells."""
        return tuple(found.profiles for found in shared_files(self.host) if isinstance(found, Shared))

    @cached_property
    def google_account(self) -> str:
        """The account of gcloud's active configuration."""
        return _active_account(self.host)


def aws_identity(profile: str, variables: Mapping[str, str], clouds: Clouds) -> Iterator[Identity]:
    """Who AWS's tools act as: by the profile that is named, else by the keys of the environment and its profile.

    `variables` are those that the plug-in is given.
    """
    host = clouds.host
    if not profile:
        key = variables.get("AWS_ACCESS_KEY_ID") or host.variable("AWS_ACCESS_KEY_ID") or ""
        if KEY_ID.fullmatch(key):
            yield identity_of(key)
    name = profile or variables.get("AWS_PROFILE") or host.variable("AWS_PROFILE") or "default"
    for profiles in clouds.profiles:
        settings = profiles.get(name)
        who = _profile(settings) if settings is not None else None
        if who is not None:
            yield who


def _profile(settings: Settings) -> Identity | None:
    """Who a profile is when it is used itself: its role comes before its keys, as botocore has it."""
    return aws_role(settings.text("role_arn")) or without_role(settings)


def google_identity(named: str, variables: Mapping[str, str], clouds: Clouds) -> Identity | None:
    """The account of gcloud's active configuration, or the one that a variable names."""
    elsewhere = bool(variables.get("CLOUDSDK_CONFIG"))
    chosen = None if elsewhere else clouds.host.variable("CLOUDSDK_CORE_ACCOUNT") or clouds.google_account
    text = named or chosen or ""
    actor = account(text)
    return None if actor is None else actor.identity


def _active_account(host: Host) -> str:
    active = host.variable("CLOUDSDK_ACTIVE_CONFIG_NAME") or "default"
    if not host.variable("CLOUDSDK_ACTIVE_CONFIG_NAME"):
        for file in host.read(*GCLOUD_ACTIVE):
            if isinstance(file, TextFile) and file.text.strip():
                active = file.text.strip()
                break
    for file in host.read(*GCLOUD_CONFIGURATIONS):
        if isinstance(file, TextFile) and file.path.name == f"config_{active}":
            for section in parse(file.text).sections:
                found = [each.value for each in section.entries if each.key == "account" and section.name == "core"]
                if found:
                    return found[-1]
    return ""


def azure_application(tenant: str, client: str) -> Identity:
    """An application by its client id, as the probe of Azure names it."""
    return Identity("azure", tenant or "of an unnamed tenant", client)
