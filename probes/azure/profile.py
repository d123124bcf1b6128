"""azureProfile.json and its config file: who is signed in, which subscriptions they see, and which is the default."""

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from msgspec import Struct

from probes.azure.reads import CONFIG, PROFILE
from probes.azure.rights import every, on_subscription, subscription_asset, who
from probes.ini import parse
from probes.objects import Fields, objects, once
from scanner.host import Host, TextFile
from scanner.model import (
    Asset,
    AssetSeen,
    Confidence,
    Environment,
    Evidence,
    Fix,
    Gap,
    GapKind,
    Hint,
    Identity,
    IdentityLink,
    Observation,
    Staged,
    Weakness,
)

PRODUCTION = frozenset({Environment.PRODUCTION})
TENANT_LEVEL = "N/A(tenant level account)"


class Account(Struct, frozen=True):
    """One row of the profile: a subscription as one signed-in identity sees it.

    `sort` is `user` or `servicePrincipal`, `managed` what the row says of a managed identity; a row of a tenant
    without subscriptions has no `asset`.
    """

    file: PurePath
    identity: Identity
    sort: str
    managed: str
    asset: Asset | None
    default: bool
    evidence: Evidence
    cloud: str


def accounts(host: Host) -> Iterator[Account | Gap]:
    """The rows of every profile, each once."""
    for found in objects(host, *PROFILE):
        if isinstance(found, Gap):
            yield found
            continue
        for row in found.members("subscriptions", host):
            yield row if isinstance(row, Gap) else _account(row, host)


def _account(row: Fields, host: Host) -> Account | Gap:
    user, number, tenant = row.object("user"), row.label("id"), row.label("tenantId")
    if not number or not user.label("name"):
        return row.faulty("id" if not number else "user", "is no text", host)
    name, cloud = row.label("name"), row.label("environmentName")
    managed = user.label("assignedIdentityInfo")
    return Account(
        file=row.file.path,
        identity=who(tenant, f"managed-identity/{managed}" if managed else user.label("name")),
        sort=user.label("type"),
        managed=managed,
        asset=None if name == TENANT_LEVEL else subscription_asset(number, name, cloud),
        default=row.holds("isDefault"),
        evidence=row.at("id"),
        cloud=cloud,
    )


def granted(found: Iterable[Account]) -> Iterator[Observation]:
    """What each identity may have on the subscriptions that it sees."""
    for each in found:
        if each.asset is not None:
            yield on_subscription(each.asset, each.identity, each.evidence)


def elsewhere(found: Iterable[Account]) -> Iterator[Observation]:
    """One person's ways into other tenants: the same sign-in opens them all."""
    first: dict[tuple[PurePath, str], Identity] = {}
    for each in found:
        if each.sort == "user" and not each.managed:
            home = first.setdefault((each.file, each.identity.name), each.identity)
            if home != each.identity:
                yield IdentityLink(home, each.identity, "signs in to", each.evidence, Confidence.INFERRED)


def defaults(found: Iterable[Account], host: Host) -> Iterator[Observation]:
    """The default subscription and, within it, the default resource group, should they be of production."""
    chosen = [each for each in found if each.default and each.asset is not None and _in_force(each.file, host)]
    for each in chosen:
        if each.asset is not None:
            name = next((hint.text for hint in each.asset.hints if hint.what == "name"), each.asset.name)
            yield trap(each.asset, f'the default subscription is "{name}"', each.evidence, TO_ANOTHER)
    for file in once(host.read(*CONFIG)):
        if isinstance(file, Gap):
            yield file
        else:
            yield from _configured(file, [each.asset for each in chosen if each.asset is not None], host)


def _configured(file: TextFile, chosen: list[Asset], host: Host) -> Iterator[Observation]:
    read = parse(file.text)
    if read.broken:
        why = f"line {read.broken[0]} is neither section nor setting; the rest was read"
        yield Gap(GapKind.FAILED, host.shown(file.path), why)
    section = read.merged().get("defaults")
    group = section.entry("group") if section is not None else None
    if group is None or not group.value.strip() or len(group.value) > 90:  # the longest name of a group
        return
    evidence = Evidence(file.path, group.line, "[defaults] group")
    for subscription in chosen if _in_force(file.path, host) else ():
        asset = Asset("azure-resource-group", f"{subscription.name}/{group.value}", (Hint("name", group.value),))
        yield AssetSeen(asset, (subscription,), every(), evidence, Confidence.POSSIBLE)
        fix = Fix("Take the default away, so that each command names its group.", ("az config unset defaults.group",))
        yield trap(asset, f'the default resource group is "{group.value}"', evidence, fix)


TO_ANOTHER = Fix(
    "Make a subscription for development the default, and name the one of production where it is meant.",
    ("az account list --output table", "az account set --subscription NAME"),
)


def trap(asset: Asset, how: str, evidence: Evidence, fix: Fix) -> Weakness:
    """That a command which names nothing acts on production, where the asset is judged to be that."""
    return Weakness(
        rule="azure.production-default",
        title="Azure commands act on production unless told otherwise",
        evidence=evidence,
        why=f"A command that names no other acts there: {how}.",
        fix=fix,
        when=(Staged(asset, PRODUCTION),),
    )


def _in_force(file: PurePath, host: Host) -> bool:
    """Whether the command line reads this folder now: the one that the variable names, else its own."""
    named = host.variable("AZURE_CONFIG_DIR")
    folder = host.resolve(named) if named else host.home / ".azure"
    return folder == file.parent
