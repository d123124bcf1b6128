"""Arrangements that lead a command to production unnoticed: the profile in force, and one name for two accounts."""

import shlex
from collections.abc import Iterator

from msgspec import Struct

from probes.aws.around import Around
from probes.aws.keys import acts_as
from probes.aws.profiles import Block, Setting, Settings, Shared
from probes.aws.rights import account_asset, account_number, asset_of_unknown, of_arn
from scanner.model import Asset, Environment, Evidence, Fix, Hint, Platform, Staged, Weakness

PRODUCTION = frozenset({Environment.PRODUCTION})
CHOOSING = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
DEFAULT = "default"
TELLING = (
    *("role_arn", "sso_account_id", "login_session", "aws_access_key_id", "aws_account_id"),
    "credential_process",
)


class Reached(Struct, frozen=True):
    """An account that a profile acts in, and the setting that says so."""

    asset: Asset
    setting: Setting


def production_default(shared: Shared, around: Around) -> Iterator[Weakness]:
    """That a command which names no profile acts in production, where its account is judged to be that.

    A variable that chooses a profile comes before the one called default.
    """
    variable = next((name for name in CHOOSING if around.host.variable(name)), None)
    chosen = (around.host.variable(variable) or "") if variable is not None else DEFAULT
    profile = shared.profiles.get(chosen)
    if profile is None:
        return
    for reached in _reached(profile, profile.blocks)[:1]:
        evidence = reached.setting.evidence if variable is None else Evidence(variable=variable)
        how = f"{variable} chooses {profile.label}" if variable is not None else "it is what profile default reaches"
        yield Weakness(
            rule="aws.production-default",
            title="AWS commands act on production unless told otherwise",
            evidence=evidence,
            why=f"A command that names no profile acts in account {reached.asset.name}: {how}.",
            fix=_fix(variable, around.host.platform),
            when=(Staged(reached.asset, PRODUCTION),),
        )


def _fix(variable: str | None, platform: Platform) -> Fix:
    windows = platform is Platform.WINDOWS
    if variable is not None:
        command = f"Remove-Item Env:{variable}" if windows else f"unset {variable}"
        return Fix("Name the profile of production in the one command that is meant for it.", (command,))
    command = '$Env:AWS_PROFILE = "NAME"' if windows else "export AWS_PROFILE=NAME"
    return Fix("Call the section by another name, and let a profile of development be in force.", (command,))


def two_accounts(shared: Shared) -> Iterator[Weakness]:
    """That one name stands for another account in the credentials file than in the config file.

    The tools do not agree on which of them comes first. A profile that assumes a role from its own keys is no such
    case, and of a key that does not tell its account nothing is known.
    """
    for profile in shared.profiles.values():
        if profile.text("source_profile") == profile.name:
            continue
        by_file: dict[object, Reached] = {}
        for block in profile.blocks:
            for reached in _reached(profile, (block,))[:1]:
                if account_number(reached.asset.name):
                    by_file.setdefault(block.file.path, reached)
        if len({reached.asset for reached in by_file.values()}) > 1:
            yield from (_of_two(profile, each, list(by_file.values())) for each in by_file.values())


def _of_two(profile: Settings, each: Reached, both: list[Reached]) -> Weakness:
    accounts = " and ".join(reached.asset.name for reached in both)
    return Weakness(
        rule="aws.profile-of-two-accounts",
        title="One AWS profile name stands for two accounts, and one is production",
        evidence=each.setting.evidence,
        why=f"The two files give {profile.label} the accounts {accounts}; which of them a tool takes differs by tool.",
        fix=Fix(
            "Give each account a profile name of its own, and ask who each is.",
            (f"aws sts get-caller-identity --profile {shlex.quote(profile.name)}",),
        ),
        when=(Staged(each.asset, PRODUCTION),),
    )


def _reached(profile: Settings, blocks: tuple[Block, ...]) -> list[Reached]:
    """The accounts that these blocks of a profile name, what it ends up as first: its role, its sign-in, its key."""
    here = Settings(profile.name, profile.label, blocks)
    found = []
    for key in TELLING:
        setting = here.get(key)
        account, role = _account(key, here) if setting is not None else ("", "")
        if setting is not None and account:
            hints = [Hint("profile", profile.name), Hint("role", role)]
            asset = account_asset(account, *(hint for hint in hints if hint.text))
            found.append(Reached(asset, setting))
    return found


def _account(key: str, here: Settings) -> tuple[str, str]:
    """The account and the role that one setting names, empty where it names none."""
    text = here.text(key)
    if key in {"role_arn", "login_session"}:
        actor = of_arn(text)
        return ("", "") if actor is None else (actor.account, actor.role)
    if key == "credential_process":
        return asset_of_unknown(here.name).name, ""
    if key == "aws_access_key_id":
        own = acts_as(here)
        return ("", "") if own is None or own.provider != "aws" else (own.account, "")
    role = here.text("sso_role_name") if key == "sso_account_id" else ""
    return account_number(text) or "", role
