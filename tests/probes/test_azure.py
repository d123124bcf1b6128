"""The Azure probe: subscriptions, tokens, principals and defaults, on three platforms, and what no text breaks."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.azure.look import azure
from probes.azure.rights import every
from scanner.config import Config
from scanner.graph import build
from scanner.model import (
    Asset,
    Capability,
    Confidence,
    CredentialSeen,
    CredentialState,
    Evidence,
    Gap,
    GapKind,
    Gate,
    Grant,
    Hint,
    Identity,
    IdentityLink,
    Lifetime,
    LifetimeKind,
    Platform,
    Protection,
    Weakness,
)
from scanner.secrets import Pair, secrets_in
from scanner.testing import HOMES, NOW, FakeFile, FakeHost, observe

TENANT, OTHER = "7b1f7e6a-0000-4000-8000-000000000001", "7b1f7e6a-0000-4000-8000-000000000002"
SUB, DEV = "7b1f7e6a-0000-4000-8000-00000000000a", "7b1f7e6a-0000-4000-8000-00000000000b"
CLIENT = "7b1f7e6a-0000-4000-8000-00000000000c"
ADA = "ada@example.com"
PROFILE, TOKENS = "~/.azure/azureProfile.json", "~/.azure/msal_token_cache.json"
SOON = int((NOW + timedelta(hours=1)).timestamp())
SECRET = "CANARY-CANARY-CANARY"


def row(number=SUB, name="acme-prod", *, default=False, tenant=TENANT, user=ADA, sort="user", **more):
    person = {"name": user, "type": sort} | more.pop("person", {})
    told = {"id": number, "name": name, "state": "Enabled", "tenantId": tenant, "isDefault": default, "user": person}
    return told | {"environmentName": "AzureCloud"} | more


def profile(*rows):
    return "\ufeff" + json.dumps({"installationId": "x", "subscriptions": list(rows)})


def jwt(**claims):
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"CANARY.{body}.CANARY"


def cache(access=None, *, refresh=SECRET, **more):
    number = f"oid-1.{TENANT}"
    told = {
        "Account": {"a": {"home_account_id": number, "realm": TENANT, "username": ADA, "environment": "login"}},
        "RefreshToken": {"r": {"home_account_id": number, "secret": refresh, "client_id": "x", **more}},
        "IdToken": {"i": {"home_account_id": number, "secret": "CANARY-ID-CANARY"}},
    }
    if access is not None:
        told["AccessToken"] = {"t": {"home_account_id": number, "realm": TENANT, "expires_on": str(SOON), **access}}
    return json.dumps(told)


def look(files, platform=Platform.LINUX, **more):
    seen = observe(azure, FakeHost(platform, files, **more))
    assert "CANARY" not in repr(seen)
    return seen


def only(seen, kind):
    return [each for each in seen if isinstance(each, kind)]


def credentials(seen, kind=None):
    return [each for each in only(seen, CredentialSeen) if kind is None or each.kind == kind]


def judged(files, platform=Platform.LINUX, config=None, **more):
    host = FakeHost(platform, files, **more)
    return [each.rule for each in build(observe(azure, host), host.machine, config or Config()).weaknesses]


# the profile


@pytest.mark.parametrize("platform", Platform)
def test_a_subscription_belongs_to_whoever_is_signed_in(platform):
    seen = look({PROFILE: profile(row())}, platform)
    [grant] = only(seen, Grant)
    assert (grant.asset, grant.asset.hints) == (Asset("azure-subscription", SUB), (Hint("name", "acme-prod"),))
    assert grant.identity == Identity("azure", TENANT, ADA)
    assert (grant.capabilities, grant.confidence) == (every(), Confidence.POSSIBLE)
    assert grant.evidence == Evidence(HOMES[platform] / ".azure" / "azureProfile.json", key="subscriptions[0].id")


def test_the_folder_that_the_variable_names_is_read_beside_the_usual_one():
    files = {"/srv/az/azureProfile.json": profile(row()), PROFILE: profile(row(DEV, "acme-dev"))}
    seen = look(files, env={"AZURE_CONFIG_DIR": "/srv/az"})
    assert {grant.asset.name for grant in only(seen, Grant)} == {SUB, DEV}


def test_another_cloud_is_told_and_the_public_one_is_not():
    told = [row(), row(DEV, "x", environmentName="AzureUSGovernment")]
    first, second = only(look({PROFILE: profile(*told)}), Grant)
    assert Hint("cloud", "AzureUSGovernment") in second.asset.hints
    assert "cloud" not in {hint.what for hint in first.asset.hints}


def test_a_tenant_without_subscriptions_is_no_subscription():
    told = row(TENANT, "N/A(tenant level account)", default=True)
    seen = look({PROFILE: profile(told)})
    assert only(seen, Grant) == only(seen, Weakness) == []
    assert [each.kind for each in credentials(seen)] == ["azure.signed-out"]


def test_one_person_in_two_tenants_signs_in_once():
    seen = look({PROFILE: profile(row(), row(DEV, "dev", tenant=OTHER)), TOKENS: cache()})
    links = {(each.source.account, each.target.account) for each in only(seen, IdentityLink)}
    assert links == {(TENANT, OTHER)}


@pytest.mark.parametrize(
    ("told", "identity"),
    [
        ("MSI", "managed-identity/MSI"),
        (f"MSIClient-{CLIENT}", f"managed-identity/MSIClient-{CLIENT}"),
    ],
)
def test_a_managed_identity_is_a_reference_and_is_not_asked(told, identity):
    person = {"assignedIdentityInfo": told}
    seen = look({PROFILE: profile(row(user="systemAssignedIdentity", sort="servicePrincipal", person=person))})
    [handed] = credentials(seen)
    assert (handed.kind, handed.protection) == ("azure.managed-identity", Protection.REFERENCE)
    assert handed.identity == Identity("azure", TENANT, identity)


def test_an_address_that_hands_out_tokens_is_named_and_its_header_is_kept_from_view():
    host = FakeHost(env={"IDENTITY_ENDPOINT": "http://169.254.129.5/msi", "IDENTITY_HEADER": SECRET})
    [seen] = observe(azure, host)
    assert (seen.kind, seen.evidence) == ("azure.managed-identity", Evidence(variable="IDENTITY_ENDPOINT"))
    assert SECRET not in host.vault.mask_text(SECRET)


def test_a_sign_in_without_a_token_waits_for_a_person():
    [seen] = credentials(look({PROFILE: profile(row())}))
    assert (seen.kind, seen.barrier.gate) == ("azure.signed-out", Gate.PRESENCE)
    [blind] = credentials(look({PROFILE: profile(row()), TOKENS: None}))
    assert blind.barrier.gate is Gate.UNKNOWN


# tokens


@pytest.mark.parametrize("platform", Platform)
def test_refresh_and_access_token_stand_apart_with_their_ends(platform):
    token = jwt(
        tid=TENANT, oid="oid-1", upn=ADA, exp=SOON, scp="user_impersonation", aud="https://management.azure.com"
    )
    seen = look({PROFILE: profile(row()), TOKENS: cache({"secret": token})}, platform)
    refresh, access = credentials(seen)
    end = datetime.fromtimestamp(SOON, UTC)
    assert (refresh.kind, refresh.lifetime) == ("azure.refresh-token", Lifetime(LifetimeKind.REFRESHABLE, end))
    assert (access.kind, access.lifetime) == ("azure.access-token", Lifetime(LifetimeKind.EXPIRES, end))
    assert refresh.identity == access.identity == Identity("azure", TENANT, ADA)
    assert refresh.protection is Protection.PLAINTEXT
    assert "object oid-1" in access.names
    assert "scopes user_impersonation" in access.names
    assert refresh.secret.fingerprint is not None


def test_an_access_token_past_its_end_is_expired_and_its_refresh_token_is_not():
    files = {TOKENS: cache({"secret": jwt(upn=ADA, exp=1_700_000_000)})}
    refresh, access = credentials(look(files))
    assert (refresh.state, access.state) == (CredentialState.UNTESTED, CredentialState.EXPIRED)


def test_a_token_for_a_vault_does_not_act_as_the_person_everywhere():
    files = {TOKENS: cache({"secret": jwt(upn=ADA, exp=SOON), "target": "https://vault.azure.net/.default"})}
    _, access = credentials(look(files))
    assert access.identity.name == f"{ADA} (only vault.azure.net)"
    assert Capability.SECRETS_READ in access.grants[0].capabilities
    assert Capability.IAM_ESCALATE not in access.grants[0].capabilities


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"wids": ["62e90394-69f5-4237-9190-012177145e10"]}, (Capability.IAM_ESCALATE, Confidence.GRANTED)),
        ({"roles": ["Mail.Send"]}, (Capability.COMMS, Confidence.GRANTED)),
        ({"roles": ["RoleManagement.ReadWrite.Directory"]}, (Capability.IAM_ESCALATE, Confidence.GRANTED)),
        ({"scp": "User.Read", "aud": "https://graph.microsoft.com"}, (Capability.DATA_READ, Confidence.INFERRED)),
    ],
)
def test_claims_raise_what_is_sure(claims, told):
    _, access = credentials(look({TOKENS: cache({"secret": jwt(upn=ADA, exp=SOON, **claims)})}))
    assert told in {(cap, grant.confidence) for grant in access.grants for cap in grant.capabilities}


def test_a_graph_token_with_scopes_does_not_pass_them():
    told = {"scp": "User.Read", "aud": "00000003-0000-0000-c000-000000000000"}
    _, access = credentials(look({TOKENS: cache({"secret": jwt(upn=ADA, exp=SOON, **told)})}))
    assert {cap for grant in access.grants for cap in grant.capabilities} == {Capability.DISCOVER, Capability.DATA_READ}


def test_a_known_subscription_leaves_the_tenant_its_directory():
    [alone, *_] = credentials(look({TOKENS: cache()}))
    [with_one, *_] = credentials(look({TOKENS: cache(), PROFILE: profile(row())}))
    assert Capability.INFRA_MODIFY in alone.grants[0].capabilities
    assert Capability.INFRA_MODIFY not in with_one.grants[0].capabilities
    assert Capability.IAM_ESCALATE in with_one.grants[0].capabilities


@pytest.mark.parametrize(
    ("name", "platform", "protection"),
    [
        ("msal_token_cache.bin", Platform.WINDOWS, Protection.ENCRYPTED),
        ("msal_token_cache.sig", Platform.MACOS, Protection.KEYCHAIN),
        ("msal_token_cache.sig", Platform.LINUX, Protection.KEYCHAIN),
    ],
)
def test_a_sealed_cache_is_told_by_its_name_and_not_opened(name, platform, protection):
    seen = look({PROFILE: profile(row(), row(DEV, "dev")), f"~/.azure/{name}": b"\x01\x00\xff"}, platform)
    [login] = credentials(seen)
    assert (login.kind, login.protection, login.secret) == ("azure.refresh-token", protection, None)
    assert login.identity == Identity("azure", TENANT, ADA)
    assert only(seen, Gap) == []


def test_the_cache_that_sdks_share_is_read_where_it_is_json():
    [seen] = credentials(look({"~/.IdentityService/msal.cache": cache()}))
    assert seen.kind == "azure.refresh-token"
    [sealed] = credentials(look({"~/AppData/Local/.IdentityService/msal.cache": b"\x01\xff"}, Platform.WINDOWS))
    assert sealed.protection is Protection.ENCRYPTED
    [kept] = credentials(look({"~/.IdentityService/msal.cache": ""}, Platform.MACOS))
    assert kept.protection is Protection.KEYCHAIN


def test_a_cache_that_others_may_read_is_a_weakness():
    [weak] = only(look({TOKENS: FakeFile(cache(), mode=0o644)}), Weakness)
    assert weak.rule == "file.readable-by-others"
    assert weak.fix.commands == ("chmod 600 ~/.azure/msal_token_cache.json",)
    assert only(look({TOKENS: FakeFile(cache(), mode=0o600)}), Weakness) == []


# service principals


def test_a_secret_in_the_entries_is_the_one_that_the_environment_names():
    value = "CANARY-of-the-principal-2026"
    entries = json.dumps([{"client_id": CLIENT, "tenant": TENANT, "client_secret": value}])
    host = FakeHost(files={"~/.azure/service_principal_entries.json": entries})
    [entry] = credentials(observe(azure, host))
    variables = {"AZURE_CLIENT_SECRET": value, "AZURE_CLIENT_ID": CLIENT, "AZURE_TENANT_ID": TENANT}
    pairs = [Pair(name, text, Evidence(variable=name)) for name, text in variables.items()]
    [variable] = secrets_in(pairs, host)
    assert entry.secret.fingerprint == variable.secret.fingerprint
    assert (entry.kind, entry.identity) == (variable.kind, variable.identity)
    assert [grant.asset for grant in entry.grants] == [grant.asset for grant in variable.grants]
    graph = build([entry, variable], host.machine, Config())
    assert len(graph.credentials) == len(graph.identities) == len(graph.assets) == 1


def certificate():
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "acme")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, NOW - timedelta(days=1), NOW + timedelta(days=9))
    pem = serialization.Encoding.PEM
    text = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return (text + made.sign(key, hashes.SHA256()).public_bytes(pem)).decode()


@pytest.mark.parametrize("by", ["entries", "variable"])
def test_a_certificate_is_read_where_it_is_named(by):
    files, env = {"~/keys/sp.pem": certificate()}, {}
    if by == "entries":
        entry = {"client_id": CLIENT, "tenant": TENANT, "certificate": "/home/ada/keys/sp.pem"}
        files["~/.azure/service_principal_entries.json"] = json.dumps([entry])
    else:
        env = {"ARM_CLIENT_CERTIFICATE_PATH": "~/keys/sp.pem", "ARM_CLIENT_ID": CLIENT, "ARM_TENANT_ID": TENANT}
    host = FakeHost(files=files, env=env)
    [seen] = credentials(observe(azure, host))
    assert (seen.kind, seen.identity) == ("azure.certificate", Identity("azure", TENANT, CLIENT))
    assert seen.lifetime == Lifetime(LifetimeKind.EXPIRES, NOW + timedelta(days=9))
    assert "PRIVATE KEY" not in repr(seen)


@pytest.mark.parametrize("text", ["no key", "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"])
def test_a_file_without_a_key_is_a_gap(text):
    env = {"AZURE_CLIENT_CERTIFICATE_PATH": "~/sp.pem", "AZURE_CLIENT_ID": CLIENT}
    [gap] = look({"~/sp.pem": text}, env=env)
    assert (gap.kind, gap.place) == (GapKind.FAILED, "~/sp.pem")


def test_a_broken_certificate_beside_a_key_leaves_its_end_open():
    text = "-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\nx"
    [seen] = look({"~/sp.pem": text}, env={"AZURE_CLIENT_CERTIFICATE_PATH": "~/sp.pem"})
    assert seen.lifetime.expires_at is None


def test_a_federated_token_signs_in_as_the_application():
    env = {"AZURE_FEDERATED_TOKEN_FILE": "/run/token", "AZURE_CLIENT_ID": CLIENT, "AZURE_TENANT_ID": TENANT}
    token = jwt(iss="https://oidc.example.com/x", sub="system:job", exp=SOON)
    seen = look({"/run/token": token}, env=env)
    [proof], [link], [grant] = credentials(seen), only(seen, IdentityLink), only(seen, Grant)
    assert proof.identity == link.source == Identity("oidc", "oidc.example.com", "system:job")
    assert link.target == grant.identity == Identity("azure", TENANT, CLIENT)


def test_sealed_entries_belong_to_the_principals_of_the_profile():
    files = {PROFILE: profile(row(user=CLIENT, sort="servicePrincipal"))}
    [seen] = credentials(look(files | {"~/.azure/service_principal_entries.bin": b"\x01"}, Platform.WINDOWS))
    assert (seen.kind, seen.protection) == ("azure.client-secret", Protection.ENCRYPTED)


# other tools


def test_the_old_token_file_is_still_told():
    entries = [
        {
            "userId": ADA,
            "_authority": f"https://login.example.com/{TENANT}",
            "refreshToken": SECRET,
            "accessToken": jwt(),
        },
        {"servicePrincipalId": CLIENT, "servicePrincipalTenant": TENANT, "accessToken": "CANARY-sp"},
    ]
    seen = credentials(look({"~/.azure/accessTokens.json": json.dumps(entries)}))
    assert [each.kind for each in seen] == ["azure.refresh-token", "azure.access-token", "azure.client-secret"]
    assert {each.identity.account for each in seen} == {TENANT}


def test_azd_keeps_tokens_and_the_secret_of_an_application():
    files = {
        "~/.azd/auth/msal/cache.json": cache(),
        f"~/.azd/auth/cred{TENANT}.{CLIENT}.json": json.dumps({"clientSecret": SECRET + "2"}),
    }
    refresh, secret = credentials(look(files))
    assert (refresh.kind, secret.kind) == ("azure.refresh-token", "azure.client-secret")
    assert secret.identity == Identity("azure", TENANT, CLIENT)
    [sealed] = credentials(look({"~/.azd/auth/msal/cache.bin": b"\x01"}, Platform.WINDOWS))
    assert sealed.protection is Protection.ENCRYPTED


@pytest.mark.parametrize("platform", Platform)
def test_a_context_of_powershell_keeps_secrets_beside_it(platform):
    context = {
        "Account": {"Id": CLIENT, "Type": "ServicePrincipal", "ExtendedProperties": {"ServicePrincipalSecret": SECRET}},
        "Tenant": {"Id": TENANT},
        "Subscription": {"Id": SUB, "Name": "acme-prod"},
        "Environment": {"Name": "AzureCloud"},
    }
    told = {"DefaultContextKey": "k", "Contexts": {"k": context}}
    seen = look({"~/.Azure/AzureRmContext.json": json.dumps(told)}, platform)
    [secret], [weak] = credentials(seen), only(seen, Weakness)
    assert (secret.kind, secret.identity) == ("azure.client-secret", Identity("azure", TENANT, CLIENT))
    assert weak.rule == "azure.production-default"
    assert only(seen, Grant)[0].identity == secret.identity


# what is broken

BROKEN = [
    ("{", "is no JSON"),
    ("7", "is no JSON object"),
    ('{"subscriptions": 7}', "is neither a list nor an object"),
    ('{"subscriptions": [7]}', "is no object"),
    ('{"subscriptions": [{"id": 7}]}', "is no text"),
    ('{"a": 1, "a": 2}', "has a key twice; the last one was taken"),
    ("[" * 100_000, "nested too deeply to read"),
]


@pytest.mark.parametrize(("text", "why"), BROKEN)
def test_a_broken_profile_is_one_gap_and_the_tokens_are_still_told(text, why):
    seen = look({PROFILE: text, TOKENS: cache()})
    [gap] = only(seen, Gap)
    assert gap.why == why
    assert gap.place.startswith("~/.azure/azureProfile.json")
    assert credentials(seen, "azure.refresh-token")


def test_a_row_of_a_wrong_type_leaves_the_others():
    seen = look({PROFILE: json.dumps({"subscriptions": ["x", row()]})})
    assert len(only(seen, Gap)) == len(only(seen, Grant)) == 1


def test_too_many_rows_are_a_gap():
    seen = look({PROFILE: profile(*(row(f"{number}", "x") for number in range(1_200)))})
    assert [gap.kind for gap in only(seen, Gap)] == [GapKind.LIMIT]
    assert len(only(seen, Grant)) == 1_000


def test_a_token_of_a_wrong_type_is_a_gap_and_the_next_is_told():
    seen = look({TOKENS: cache({"secret": 7})})
    assert [gap.why for gap in only(seen, Gap)] == ["is no text"]
    assert len(credentials(seen)) == 1


def test_nothing_there_is_nothing_told():
    assert look({}) == []
    assert look({"~/.azure/az.sess": "{}"}) == []
    assert look({PROFILE: profile()}) == []


# the traps


@pytest.mark.parametrize("platform", Platform)
def test_a_default_subscription_of_production_is_a_trap(platform):
    told = profile(row(default=True), row(DEV, "acme-dev"))
    assert judged({PROFILE: told}, platform) == ["azure.production-default"]
    assert judged({PROFILE: profile(row(), row(DEV, "acme-dev", default=True))}, platform) == []
    assert judged({PROFILE: profile(row(name="acme", default=True))}, platform) == []


def test_a_label_decides_over_the_name():
    config = Config(labels={f"azure-subscription:{SUB}": "development"})
    assert judged({PROFILE: profile(row(default=True))}, config=config) == []


def test_only_the_folder_in_force_has_a_default():
    files = {"/srv/az/azureProfile.json": profile(row(DEV, "dev", default=True)), PROFILE: profile(row(default=True))}
    assert judged(files, env={"AZURE_CONFIG_DIR": "/srv/az"}) == []


def test_a_default_group_of_production_is_a_trap_within_any_subscription():
    files = {PROFILE: profile(row(name="acme", default=True)), "~/.azure/config": "[defaults]\ngroup = rg-prod\n"}
    assert judged(files) == ["azure.production-default"]
    assert judged(files | {"~/.azure/config": "[defaults]\ngroup = rg-dev\n[cloud]\nname = AzureCloud\n"}) == []


def test_a_variable_that_names_a_subscription_of_production_is_a_trap():
    told = {PROFILE: profile(row())}
    assert judged(told, env={"ARM_SUBSCRIPTION_ID": SUB}) == ["azure.production-default"]
    assert judged(told, env={"ARM_SUBSCRIPTION_ID": DEV}) == []
    [weak] = only(look({}, Platform.WINDOWS, env={"ARM_SUBSCRIPTION_ID": SUB}), Weakness)
    assert weak.fix.commands == ("Remove-Item Env:ARM_SUBSCRIPTION_ID",)


def test_azd_has_a_default_of_its_own():
    files = {PROFILE: profile(row()), "~/.azd/config.json": json.dumps({"defaults": {"subscription": SUB}})}
    assert judged(files) == ["azure.production-default"]


SHREDS = st.sampled_from(
    [
        *('{"subscriptions":', '{"AccessToken":', '{"RefreshToken":', '{"Account":', '{"Contexts":', '"secret":'),
        *("[", "]", "{", "}", ",", '"a":', '"x"', "7", "null", "true", "1e999", "\ufeff", '"\\ud800"', "\n", '"exp":'),
        *(
            '"id":',
            '"user":',
            '"name":',
            '"expires_on":',
            '"home_account_id":',
            "NaN",
            '"client_secret":',
            '"certificate":',
        ),
    ]
)
FILES = (
    *(PROFILE, TOKENS, "~/.azure/service_principal_entries.json", "~/.azure/accessTokens.json", "~/.azure/config"),
    *(
        "~/.azd/config.json",
        "~/.azd/auth/credx.y.json",
        "~/.Azure/AzureRmContext.json",
        "~/.IdentityService/msal.cache",
    ),
)


@example('{"AccessToken":{"t":{"secret":"x","expires_on":1e999}}}')
@example('{"AccessToken":{"t":{"secret":"x","expires_on":"9999999999999999999999"}}}')
@given(st.lists(SHREDS, max_size=30).map("".join))
def test_no_text_breaks_it(text):
    for platform in Platform:
        list(observe(azure, FakeHost(platform, dict.fromkeys(FILES, text))))


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *(
                        "subscriptions",
                        "user",
                        "id",
                        "name",
                        "AccessToken",
                        "RefreshToken",
                        "Account",
                        "secret",
                        "expires_on",
                    ),
                    *(
                        "home_account_id",
                        "Contexts",
                        "Subscription",
                        "Id",
                        "client_secret",
                        "certificate",
                        "target",
                        "tenant",
                    ),
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(VALUES)
def test_no_value_of_a_wrong_type_breaks_it(value):
    host = FakeHost(files=dict.fromkeys(FILES, json.dumps(value)))
    build(list(observe(azure, host)), host.machine, Config())
