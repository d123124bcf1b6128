"""Who acts in AWS, and what a name tells of the rights: ARNs, identities and grants."""

import re
import shlex

from msgspec import Struct

from scanner.data.aws_roles import every, rights_of
from scanner.model import Asset, Confidence, Evidence, Grant, Hint, Identity, Step

ARN = re.compile(r"arn:aws[a-z-]*:(iam|sts)::(\d{12}):(role|user|assumed-role|root)(?:/([\w+=,.@/-]+))?", re.ASCII)
RESERVED = re.compile(r"AWSReservedSSO_(.+)_[0-9a-f]{16}")
ACCOUNT = re.compile(r"\d{12}", re.ASCII)
ROOT = "root"


class Actor(Struct, frozen=True):
    """Someone who acts in an account: the identity, and the role's name, empty for a user."""

    identity: Identity
    role: str

    @property
    def account(self) -> str:
        """The account it acts in."""
        return self.identity.account


def of_arn(text: str) -> Actor | None:
    """The actor of an IAM or STS ARN, None for any other text. Paths fall away, since sessions do not carry them."""
    match = ARN.fullmatch(text)
    if match is None:
        return None
    _, account, kind, path = match.groups()
    if kind == ROOT:
        return Actor(Identity("aws", account, ROOT), ROOT) if path is None else None
    if path is None:
        return None
    if kind == "user":
        return Actor(Identity("aws", account, f"user/{path.rpartition('/')[2]}"), "")
    name = path.partition("/")[0] if kind == "assumed-role" else path.rpartition("/")[2]
    reserved = RESERVED.fullmatch(name)
    return of_sso_role(account, reserved[1]) if reserved else Actor(Identity("aws", account, f"role/{name}"), name)


def of_sso_role(account: str, role: str) -> Actor:
    """The actor behind a permission set; its role in the account has a longer name, which is not known from here."""
    return Actor(Identity("aws", account, f"sso-role/{role}"), role)


def account_number(text: str) -> str | None:
    """The text if it is an account's twelve digits."""
    return text if ACCOUNT.fullmatch(text) else None


def account_asset(account: str, *hints: Hint | None) -> Asset:
    """An account as an asset, with the hints that are there."""
    return Asset("aws-account", account, tuple(hint for hint in hints if hint is not None))


def asset_of_unknown(profile: str) -> Asset:
    """The account of a profile that does not tell it."""
    return account_asset(f"of profile {profile}", Hint("profile", profile))


def by_role(asset: Asset, actor: Actor, evidence: Evidence | None = None) -> tuple[Grant, ...]:
    """What a role's name tells: the classes it names, else every class as possible, with the step that decides."""
    rights, who = rights_of(actor.role), actor.identity
    step = f"look at its policies: {role_command(actor)}"
    if rights is None:
        why = f"the name of role {actor.role} does not tell its rights; {step}"
        return (Grant(asset, every(), Confidence.POSSIBLE, who, why, evidence),)
    told = Grant(asset, rights.told, Confidence.INFERRED, who, f"the name of role {actor.role} tells it", evidence)
    if not rights.possible:
        return (told,)
    why = f"beyond what the name of role {actor.role} tells; {step}"
    return told, Grant(asset, rights.possible, Confidence.POSSIBLE, who, why, evidence)


def by_profile(asset: Asset, profile: str) -> tuple[Grant, ...]:
    """Every class as possible, surer where the profile's name tells of rights: a user's own word, so it only adds."""
    rights = rights_of(profile)
    told = frozenset() if rights is None else rights.told
    grants = []
    if told:
        grants.append(Grant(asset, told, Confidence.INFERRED, why=f"the name of profile {profile} tells it"))
    if every() - told:
        why = "nothing on this machine says what it may do"
        grants.append(Grant(asset, every() - told, Confidence.POSSIBLE, why=why))
    return tuple(grants)


def role_command(actor: Actor) -> str:
    """The command that lists a role's policies; that of a permission set has a suffix that must be looked up."""
    if actor.identity.name.startswith("sso-role/"):
        return "aws iam list-roles --path-prefix /aws-reserved/sso.amazonaws.com/"
    return f"aws iam list-attached-role-policies --role-name {shlex.quote(actor.role)}"


def whoami_step(profile: str | None) -> Step:
    """Asking who a profile is, where the name of the role or user behind it is not known."""
    option = f" --profile {shlex.quote(profile)}" if profile is not None else ""
    return Step("nothing on this machine says who its keys act as", f"aws sts get-caller-identity{option}")


def user_step(account: str, profile: str | None) -> Step:
    """Looking at a user's policies and saying what the account is for."""
    name = shlex.quote(profile) if profile is not None else None
    option = f" --profile {name}" if name is not None else ""
    user = f'"$(aws iam get-user --query User.UserName --output text{option})"'
    label = shlex.quote(f"aws-account:{account}")
    return Step(
        f"nothing on this machine says what the key may do, nor what account {account} is for",
        f"aws iam list-attached-user-policies --user-name {user}{option}, then armslength label {label} ENVIRONMENT",
    )
