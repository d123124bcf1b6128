"""What stands beside the command line: its old token file, azd, and the contexts of Az PowerShell."""

import re
from collections.abc import Iterator

from probes.azure.caches import Told, access_token
from probes.azure.principals import Principal, certificate, client_secret
from probes.azure.profile import trap
from probes.azure.reads import AZD_CONFIG, AZD_SECRETS, CONTEXTS, LEGACY
from probes.azure.rights import on_subscription, on_tenant, roles_step, subscription_asset, who
from probes.modes import readable_by_others
from probes.objects import Fields, objects
from scanner.data.kinds import implied
from scanner.host import Host
from scanner.model import CredentialSeen, Fix, Gap, Lifetime, LifetimeKind, Observation, Protection
from scanner.shapes import label, moment

AZD_NAME = re.compile(r"cred(?P<tenant>[^.]{1,80})\.(?P<client>[^.]{1,80})\.json")


def legacy(host: Host) -> Iterator[Observation]:
    """accessTokens.json, which the command line wrote until 2021 and nobody has deleted since."""
    for found in objects(host, *LEGACY):
        if isinstance(found, Gap):
            yield found
            continue
        for row in found.members("entries", host):
            yield from [row] if isinstance(row, Gap) else _old(row, host)
        if "entries" in found.values:
            yield from readable_by_others(host, found.file.place)


def _old(row: Fields, host: Host) -> Iterator[Observation]:
    client = row.label("servicePrincipalId")
    if client:
        identity = who(row.label("servicePrincipalTenant"), client)
        if row.text("accessToken"):  # so the file calls the secret
            yield client_secret(row, "accessToken", identity, host)
        elif row.text("certificateFile"):
            yield from certificate(row.text("certificateFile"), Principal(identity, row.at("certificateFile")), host)
        return
    tenant, name = label(row.text("_authority").rstrip("/").rpartition("/")[2]), row.label("userId")
    if row.text("refreshToken"):
        yield refresh_token(row, "refreshToken", tenant, name, host)
    if row.text("accessToken"):
        told = Told(tenant, name, row.text("resource"), moment(row.text("expiresOn")))
        yield access_token(row, "accessToken", told, host)
    elif not row.text("refreshToken"):
        yield row.faulty("accessToken", "is no text", host)


def refresh_token(row: Fields, key: str, tenant: str, name: str, host: Host) -> CredentialSeen:
    """A refresh token that stands outside MSAL's caches."""
    identity = who(tenant, name)
    return CredentialSeen(
        kind="azure.refresh-token",
        evidence=row.at(key),
        secret=host.keep(row.text(key)),
        identity=identity,
        grants=on_tenant("azure.refresh-token", identity, subscribed=False),
        lifetime=Lifetime(LifetimeKind.REFRESHABLE),
        names=(f"sign-in of {name}",) if name else (),
        undecided=roles_step(identity),
    )


def azd(host: Host) -> Iterator[Observation]:
    """The application that `azd auth login` keeps, and the subscription that azd takes where none is named."""
    for found in objects(host, *AZD_SECRETS):
        yield from [found] if isinstance(found, Gap) else _azd_secret(found, host)
    for found in objects(host, *AZD_CONFIG):
        if isinstance(found, Gap):
            yield found
            continue
        chosen = found.object("defaults")
        if number := chosen.label("subscription"):
            how = "it is azd's default subscription"
            fix = Fix("Make a subscription for development azd's default.", ("azd config unset defaults.subscription",))
            yield trap(subscription_asset(number), how, chosen.at("subscription"), fix)


def _azd_secret(found: Fields, host: Host) -> Iterator[Observation]:
    named = AZD_NAME.fullmatch(found.file.path.name)
    identity = who(named["tenant"], named["client"]) if named is not None else who("", "")
    pem = found.text("clientCertificate")
    if found.text("clientSecret"):
        yield client_secret(found, "clientSecret", identity, host)
    elif pem:
        yield CredentialSeen(
            kind="azure.certificate",
            evidence=found.at("clientCertificate"),
            secret=host.keep(pem),
            identity=identity,
            grants=implied("azure.certificate", identity.account),
            protection=Protection.PLAINTEXT,
            undecided=roles_step(identity),
        )
    elif not found.values.get("federatedAuth"):
        yield found.faulty("clientSecret", "is absent, and neither certificate nor federation stands for it", host)
        return
    yield from readable_by_others(host, found.file.place)


def contexts(host: Host) -> Iterator[Observation]:
    """The contexts of Az PowerShell: who is signed in, on which subscriptions, and the secrets kept beside them."""
    for found in objects(host, *CONTEXTS):
        if isinstance(found, Gap):
            yield found
            continue
        default = found.text("DefaultContextKey")
        raw = found.values.get("Contexts")
        names = list(raw) if isinstance(raw, dict) else []
        for number, context in enumerate(found.members("Contexts", host)):
            if isinstance(context, Gap):
                yield context
            else:
                yield from _context(context, host, chosen=number < len(names) and names[number] == default)


def _context(context: Fields, host: Host, *, chosen: bool) -> Iterator[Observation]:
    account, kept = context.object("Account"), context.object("Account").object("ExtendedProperties")
    tenant, name = context.object("Tenant").label("Id"), account.label("Id")
    identity = who(tenant, name)
    subscription = context.object("Subscription")
    if number := subscription.label("Id"):
        cloud = context.object("Environment").label("Name")
        asset = subscription_asset(number, subscription.label("Name"), cloud)
        yield on_subscription(asset, identity, subscription.at("Id"))
        if chosen:
            fix = Fix(
                "Choose a context of development.", ("Get-AzContext -ListAvailable", "Select-AzContext -Name NAME")
            )
            yield trap(asset, "it is PowerShell's default context", subscription.at("Id"), fix)
    yield from _kept(kept, identity.account, name, host)


def _kept(kept: Fields, tenant: str, name: str, host: Host) -> Iterator[Observation]:
    for key in ("CertificatePassword",):
        if kept.text(key):
            host.keep(kept.text(key))
    before = any(
        kept.text(key) for key in ("ServicePrincipalSecret", "AccessToken", "GraphAccessToken", "CertificatePath")
    )
    if kept.text("ServicePrincipalSecret"):
        yield client_secret(kept, "ServicePrincipalSecret", who(tenant, name), host)
    if kept.text("CertificatePath"):
        principal = Principal(who(tenant, name), kept.at("CertificatePath"))
        yield from certificate(kept.text("CertificatePath"), principal, host)
    for key, scope in (("AccessToken", ""), ("GraphAccessToken", "https://graph.windows.net")):
        if kept.text(key):
            yield access_token(kept, key, Told(tenant, name, scope, None), host)
    if before:
        yield from readable_by_others(host, kept.file.place)
