"""The AWS probe: keys, profiles, roles, sign-ins and caches, each seen with its place and never with its value."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.aws.around import moment
from probes.aws.handed import token_claims
from probes.aws.look import aws
from probes.aws.rights import of_arn
from probes.aws.roles import program
from probes.aws.sso import portal_url
from scanner.aws_keys import account_of
from scanner.data.aws_roles import every, rights_of
from scanner.data.kinds import kinds
from scanner.model import (
    STATIC,
    Asset,
    Barrier,
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
from scanner.testing import HOMES, NOW, FakeFile, FakeHost, observe
from scanner.tokens import token

CREDENTIALS, CONFIG = "~/.aws/credentials", "~/.aws/config"
KEY, PROD_KEY, SESSION_KEY = token("aws-key", "a"), token("aws-key-prod", "a"), token("aws-session-key", "a")
OLD_KEY = "AKIA" + "J" + KEY[5:]
SECRET = "CANARY-CANARY-CANARY-CANARY-CANARY-CANARY"
ACCOUNT, PROD = "123456789012", "210987654321"
START = "https://acme.awsapps.com/start"
HOUR = timedelta(hours=1)


def pair(key: str = KEY, *more: str) -> str:
    return "\n".join([f"aws_access_key_id = {key}", f"aws_secret_access_key = {SECRET}", *more, ""])


def look(files, platform=Platform.LINUX, **more):
    seen = observe(aws, FakeHost(platform, files, **more))
    assert "CANARY" not in repr(seen)
    return seen


def only(seen, kind):
    return [each for each in seen if isinstance(each, kind)]


def credentials(seen, kind=None):
    return [each for each in only(seen, CredentialSeen) if kind is None or each.kind == kind]


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()


def iso(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def jwt(claims: object) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"CANARY.{body}.CANARY"


# keys


@pytest.mark.parametrize("platform", Platform)
def test_a_static_key_is_one_credential_with_its_account(platform):
    seen = look({CREDENTIALS: "# mine\n[prod]\n" + pair(PROD_KEY, "region = eu-west-1")}, platform)
    key, weakness = seen
    path = HOMES[platform] / ".aws" / "credentials"
    assert key.kind == "aws.access-key"
    assert key.evidence == Evidence(path, 4, "[prod] aws_secret_access_key")
    assert key.public_id == PROD_KEY
    assert key.identity == Identity("aws", PROD, f"access-key/{PROD_KEY}")
    assert key.lifetime == STATIC
    assert key.protection is Protection.PLAINTEXT
    assert key.state is CredentialState.UNTESTED
    assert key.names == ("profile prod",)
    assert key.secret.fingerprint is not None
    [grant] = key.grants
    assert (grant.asset, grant.asset.hints) == (
        Asset("aws-account", PROD),
        (Hint("profile", "prod"), Hint("region", "eu-west-1")),
    )
    assert grant.capabilities == every()
    assert grant.confidence is Confidence.POSSIBLE
    assert f"armslength label aws-account:{PROD} ENVIRONMENT" in key.undecided.action
    assert "--profile prod" in key.undecided.action
    assert weakness.rule == "aws.long-lived-key"
    assert weakness.evidence == key.evidence


def test_the_step_quotes_the_profile():
    [key] = credentials(look({CREDENTIALS: "[a b; rm -rf ~]\n" + pair()}))
    assert "--profile 'a b; rm -rf ~'" in key.undecided.action


def test_a_key_of_the_old_format_leaves_the_account_open():
    [key] = credentials(look({CREDENTIALS: "[default]\n" + pair(OLD_KEY)}))
    assert account_of(OLD_KEY) is None
    assert key.grants[0].asset == Asset("aws-account", f"of {OLD_KEY}")
    assert f"'aws-account:of {OLD_KEY}'" in key.undecided.action


def test_a_profile_may_tell_the_account_of_an_old_key_but_not_of_a_new_one():
    [old] = credentials(look({CREDENTIALS: "[default]\n" + pair(OLD_KEY, f"aws_account_id = {PROD}")}))
    [new] = credentials(look({CREDENTIALS: "[default]\n" + pair(KEY, f"aws_account_id = {PROD}")}))
    assert old.identity.account == PROD
    assert new.identity.account == ACCOUNT


def test_a_profile_s_name_raises_confidence_and_takes_nothing_away():
    [key] = credentials(look({CREDENTIALS: "[acme-read-only]\n" + pair()}))
    told, rest = key.grants
    assert (told.capabilities, told.confidence) == (frozenset({Capability.DISCOVER}), Confidence.INFERRED)
    assert (rest.capabilities, rest.confidence) == (every() - told.capabilities, Confidence.POSSIBLE)
    [admin] = credentials(look({CREDENTIALS: "[acme-admin]\n" + pair()}))
    assert [(grant.capabilities, grant.confidence) for grant in admin.grants] == [(every(), Confidence.INFERRED)]


@pytest.mark.parametrize("token_key", ["aws_session_token", "aws_security_token"])
def test_a_session_key_ends_and_is_no_long_lived_key(token_key):
    text = "[default]\n" + pair(SESSION_KEY, f"{token_key} = CANARY-CANARY-TOKEN")
    host = FakeHost(files={CREDENTIALS: FakeFile(text, modified=NOW - HOUR)})
    seen = observe(aws, host)
    [key] = credentials(seen)
    assert "aws.long-lived-key" not in {each.rule for each in only(seen, Weakness)}
    assert key.kind == "aws.session-key"
    assert key.lifetime == Lifetime(LifetimeKind.EXPIRES, NOW + timedelta(hours=35))
    assert key.identity == Identity("aws", ACCOUNT, f"access-key/{SESSION_KEY}")
    masked, hits = host.vault.mask(b"CANARY-CANARY-TOKEN " + SECRET.encode())
    assert (b"CANARY" in masked, hits) == (False, 2)


@pytest.mark.parametrize(
    "line",
    [
        "x_security_token_expires = 2026-11-21T12:00:00+02:00",
        "expiration = 2026-11-21 10:00:00",
        "aws_session_expiration = 2026-11-21T10:00:00.000Z",
    ],
)
@pytest.mark.parametrize(
    ("later", "state"), [(timedelta(0), CredentialState.EXPIRED), (-timedelta(seconds=1), CredentialState.UNTESTED)]
)
def test_a_session_s_own_date_decides_at_the_second(line, later, state):
    text = "[default]\n" + pair(SESSION_KEY, "aws_session_token = CANARY-CANARY", line)
    [key] = credentials(look({CREDENTIALS: FakeFile(text, modified=NOW)}, now=NOW + later))
    assert key.lifetime == Lifetime(LifetimeKind.EXPIRES, NOW)
    assert key.state is state


@pytest.mark.parametrize(
    ("age", "state"),
    [(timedelta(hours=36), CredentialState.EXPIRED), (timedelta(hours=35), CredentialState.UNTESTED)],
)
def test_a_session_without_a_date_is_over_36_hours_after_the_file_was_written(age, state):
    text = "[default]\n" + pair(SESSION_KEY, "aws_session_token = CANARY-CANARY")
    [key] = credentials(look({CREDENTIALS: FakeFile(text, modified=NOW - age)}))
    assert key.state is state


def test_a_session_without_any_date_stays_untested():
    [key] = credentials(look({CREDENTIALS: "[default]\n" + pair(SESSION_KEY)}))
    assert (key.lifetime, key.state) == (Lifetime(LifetimeKind.EXPIRES), CredentialState.UNTESTED)


@pytest.mark.parametrize("platform", Platform)
def test_half_a_pair_is_a_gap_that_names_profile_and_line(platform):
    text = f"[a]\naws_access_key_id = {KEY}\n[b]\naws_secret_access_key = {SECRET}\n[c]\n" + pair()
    seen = look({CREDENTIALS: text}, platform)
    assert {(gap.kind, gap.place, gap.why) for gap in only(seen, Gap)} == {
        (GapKind.FAILED, "~/.aws/credentials:2", "profile a has aws_access_key_id without aws_secret_access_key"),
        (GapKind.FAILED, "~/.aws/credentials:4", "profile b has aws_secret_access_key without aws_access_key_id"),
    }
    assert [key.names for key in credentials(seen)] == [("profile c",)]


def test_halves_in_both_files_are_one_pair_and_an_empty_half_is_none():
    files = {
        CREDENTIALS: f"[a]\naws_secret_access_key = {SECRET}\n[b]\naws_secret_access_key =\n",
        CONFIG: f"[profile a]\naws_access_key_id = {KEY}\n[profile b]\naws_access_key_id = {KEY}\n",
    }
    seen = look(files)
    [key] = credentials(seen)
    assert key.names == ("profile a",)
    assert key.evidence.path.name == "credentials"
    assert [gap.place for gap in only(seen, Gap)] == ["~/.aws/config:4"]


def test_a_shadowed_pair_is_seen_too_and_the_credentials_file_decides_who_the_profile_is():
    role = f"arn:aws:iam::{PROD}:role/deploy"
    files = {
        CREDENTIALS: "[a]\n" + pair(KEY),
        CONFIG: "[profile a]\n" + pair(PROD_KEY) + f"[profile r]\nrole_arn={role}\nsource_profile=a\n",
    }
    seen = look(files)
    assert {key.public_id for key in credentials(seen)} == {KEY, PROD_KEY}
    [link] = only(seen, IdentityLink)
    assert link.source == Identity("aws", ACCOUNT, f"access-key/{KEY}")


def test_two_pairs_under_one_header_are_both_seen():
    seen = look({CREDENTIALS: "[a]\n" + pair(KEY) + pair(PROD_KEY)})
    assert {(key.public_id, key.evidence.line) for key in credentials(seen)} == {(KEY, 3), (PROD_KEY, 5)}


def test_sections_of_one_name_are_one_profile():
    seen = look({CONFIG: "[profile a]\nregion = eu-west-1\n[profile a]\n" + pair()})
    [key] = credentials(seen)
    assert key.grants[0].asset.hints[1] == Hint("region", "eu-west-1")


def test_of_two_sections_of_one_name_the_later_says_who_the_profile_is():
    config = (
        f"[profile a]\n{pair(KEY)}[profile a]\n{pair(PROD_KEY)}[profile r]\nrole_arn={role('x')}\nsource_profile=a\n"
    )
    seen = look({CONFIG: config})
    [link] = only(seen, IdentityLink)
    assert link.source.account == PROD
    assert {key.public_id for key in credentials(seen)} == {KEY, PROD_KEY}


def test_a_pair_in_a_section_that_is_no_profile_is_seen():
    [key] = credentials(look({CONFIG: "[wrong]\n" + pair()}))
    assert key.names == ("section [wrong]",)
    assert "--profile" not in key.undecided.action


@pytest.mark.parametrize(
    ("key", "secret"),
    [
        ("AKIAIOSFODNN7EXAMPLE", SECRET),
        (KEY, "${AWS_SECRET}"),
        (KEY, "<your secret>"),
        (KEY, "xxxxxxxx"),
        (KEY, "op://vault/aws/secret"),
        ("YOUR_ACCESS_KEY", "YOUR_SECRET_KEY"),
    ],
)
def test_a_placeholder_is_no_key(key, secret):
    assert look({CREDENTIALS: f"[a]\naws_access_key_id={key}\naws_secret_access_key={secret}\n"}) == []


def test_swapped_halves_show_neither():
    text = (
        f"[a]\naws_access_key_id = {SECRET}\naws_secret_access_key = {KEY}\nendpoint_url = http://u:CANARY@minio:9000\n"
    )
    [key] = look({CREDENTIALS: text})
    assert (key.kind, key.public_id) == ("aws.s3-compatible-key", None)
    assert key.identity == Identity("object-store", "minio", "profile a")
    assert [grant.asset for grant in key.grants] == [Asset("object-store", "minio")]
    assert KEY not in repr(key)


def test_a_role_on_a_swapped_pair_does_not_show_it():
    text = f"[a]\naws_access_key_id={SECRET}\naws_secret_access_key={KEY}\n"
    config = f"[profile r]\nrole_arn=arn:aws:iam::{PROD}:role/x\nsource_profile=a\n"
    [link] = only(look({CREDENTIALS: text, CONFIG: config}), IdentityLink)
    assert link.source == Identity("object-store", "of profile a", "profile a")


def test_a_remark_behind_a_value_is_no_part_of_it():
    [key] = credentials(
        look({CREDENTIALS: f"[a]\naws_access_key_id={KEY} # old\naws_secret_access_key={SECRET} # x\n"})
    )
    assert key.public_id == KEY


# files


@pytest.mark.parametrize("platform", Platform)
def test_a_file_reached_twice_is_told_once(platform):
    path = str(HOMES[platform] / ".aws" / "credentials")
    seen = look({CREDENTIALS: "[a]\n" + pair()}, platform, env={"AWS_SHARED_CREDENTIALS_FILE": path})
    assert len(credentials(seen)) == 1
    locked = look({CREDENTIALS: None}, platform, env={"AWS_SHARED_CREDENTIALS_FILE": path})
    assert [gap.kind for gap in locked] == [GapKind.REFUSED]


@pytest.mark.parametrize("platform", Platform)
def test_files_named_by_variables_and_the_default_ones_are_both_looked_at(platform):
    files = {
        "~/alt/creds": "[a]\n" + pair(PROD_KEY),
        CREDENTIALS: "[a]\n" + pair(KEY),
        "~/alt/config": f"[profile r]\nrole_arn=arn:aws:iam::{PROD}:role/x\nsource_profile=a\n",
        CONFIG: f"[profile r]\nrole_arn=arn:aws:iam::{ACCOUNT}:role/y\nsource_profile=a\n",
    }
    env = {
        "AWS_SHARED_CREDENTIALS_FILE": str(HOMES[platform] / "alt" / "creds"),
        "AWS_CONFIG_FILE": str(HOMES[platform] / "alt" / "config"),
    }
    seen = look(files, platform, env=env)
    assert {key.public_id for key in credentials(seen)} == {KEY, PROD_KEY}
    assert {(link.source.account, link.target.name) for link in only(seen, IdentityLink)} == {
        (PROD, "role/x"),
        (ACCOUNT, "role/y"),
    }


def test_the_chosen_profile_and_the_region_of_the_environment_are_told():
    files = {CREDENTIALS: "[a]\n" + pair() + "[b]\n" + pair(PROD_KEY, "region = eu-west-1")}
    a, b = credentials(look(files, env={"AWS_PROFILE": "b", "AWS_REGION": "us-east-2"}))
    assert {a.names, b.names} == {("profile a",), ("profile b", "current profile")}
    regions = {key.public_id: key.grants[0].asset.hints[1].text for key in (a, b)}
    assert regions == {KEY: "us-east-2", PROD_KEY: "eu-west-1"}


def test_lines_that_are_no_ini_are_a_gap_and_the_rest_is_read():
    seen = look({CREDENTIALS: "CANARY\n[a]\n" + pair() + "CANARY\n"})
    [gap] = only(seen, Gap)
    assert (gap.kind, gap.place) == (GapKind.FAILED, "~/.aws/credentials")
    assert gap.why == "2 lines, the first at 1, are neither section nor setting; the rest was read"
    assert len(credentials(seen)) == 1


@pytest.mark.parametrize(("mode", "loose"), [(0o644, True), (0o640, False), (0o600, False), (None, False)])
def test_a_file_that_others_may_read_is_a_weakness_once(mode, loose):
    seen = look({CREDENTIALS: FakeFile("[a]\n" + pair() + "[b]\n" + pair(PROD_KEY), mode=mode)})
    found = [each for each in only(seen, Weakness) if each.rule == "file.readable-by-others"]
    assert [each.fix.commands for each in found] == ([("chmod 600 ~/.aws/credentials",)] if loose else [])


def test_the_fix_quotes_the_path():
    path = "/srv/a b;c"
    env = {"AWS_SHARED_CREDENTIALS_FILE": path}
    seen = look({path: FakeFile("[a]\n" + pair(), mode=0o644)}, env=env)
    [weakness] = [each for each in only(seen, Weakness) if each.rule == "file.readable-by-others"]
    assert weakness.fix.commands == ("chmod 600 '/srv/a b;c'",)


@pytest.mark.parametrize(
    ("path", "text", "key", "line"),
    [
        ("~/.boto", "[Credentials]\n" + pair(), "[Credentials] aws_secret_access_key", 3),
        ("/etc/boto.cfg", "[Credentials]\n" + pair(), "[Credentials] aws_secret_access_key", 3),
        ("~/.s3cfg", f"[default]\naccess_key = {KEY}\nsecret_key = {SECRET}\n", "[default] secret_key", 3),
    ],
)
def test_the_files_of_old_tools_are_read(path, text, key, line):
    [seen] = credentials(look({path: text}))
    assert (seen.kind, seen.public_id, seen.evidence.line, seen.evidence.key) == ("aws.access-key", KEY, line, key)


def test_s3cfg_of_another_store_names_its_host():
    text = f"[default]\naccess_key = CANARY-ID\nsecret_key = {SECRET}\nhost_base = nyc3.store.example.com\n"
    [seen] = credentials(look({"~/.s3cfg": text}))
    assert seen.grants[0].asset == Asset("object-store", "nyc3.store.example.com")


# roles


def role(name: str, account: str = PROD) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


@pytest.mark.parametrize("platform", Platform)
def test_a_role_is_linked_from_its_source_with_its_rights(platform):
    config = f"[profile ops]\nrole_arn = {role('team/AdministratorAccess')}\nsource_profile = default\n"
    seen = look({CREDENTIALS: "[default]\n" + pair(), CONFIG: config}, platform)
    path = HOMES[platform] / ".aws" / "config"
    admin = Identity("aws", PROD, "role/AdministratorAccess")
    evidence = Evidence(path, 2, "[profile ops] role_arn")
    assert only(seen, IdentityLink) == [
        IdentityLink(Identity("aws", ACCOUNT, f"access-key/{KEY}"), admin, "assumes", evidence, Confidence.INFERRED)
    ]
    [grant] = only(seen, Grant)
    assert (grant.identity, grant.evidence, grant.confidence) == (admin, evidence, Confidence.INFERRED)
    assert grant.capabilities == every()
    assert {Capability.IRRECOVERABLE, Capability.IAM_ESCALATE} <= grant.capabilities
    assert grant.asset.hints == (Hint("role", "AdministratorAccess"), Hint("profile", "ops"))


def test_a_second_factor_is_a_barrier_and_an_external_id_is_none():
    config = (
        f"[profile a]\nrole_arn={role('x')}\nsource_profile=default\nmfa_serial=arn:aws:iam::1:mfa/ada\n"
        f"[profile b]\nrole_arn={role('y')}\nsource_profile=default\nexternal_id=42\n"
    )
    links = only(look({CREDENTIALS: "[default]\n" + pair(), CONFIG: config}), IdentityLink)
    assert {link.target.name: link.barrier for link in links} == {
        "role/x": Barrier(Gate.PRESENCE, "mfa_serial in profile a (~/.aws/config:4)"),
        "role/y": Barrier(),
    }


def test_a_chain_is_a_link_for_each_step():
    config = (
        f"[profile a]\nrole_arn={role('one')}\nsource_profile=default\n"
        f"[profile b]\nrole_arn={role('two')}\nsource_profile=a\n"
        f"[profile c]\nrole_arn={role('three')}\nsource_profile=b\n"
    )
    seen = look({CREDENTIALS: "[default]\n" + pair(), CONFIG: config})
    assert {(link.source.name, link.target.name) for link in only(seen, IdentityLink)} == {
        (f"access-key/{KEY}", "role/one"),
        ("role/one", "role/two"),
        ("role/two", "role/three"),
    }
    assert only(seen, Gap) == []


@pytest.mark.parametrize(("length", "gaps"), [(8, 0), (9, 1)])
def test_a_chain_longer_than_eight_is_a_gap(length, gaps):
    config = "".join(
        f"[profile p{n}]\nrole_arn={role(f'r{n}')}\nsource_profile={f'p{n - 1}' if n else 'default'}\n"
        for n in range(length)
    )
    seen = look({CREDENTIALS: "[default]\n" + pair(), CONFIG: config})
    assert [gap.kind for gap in only(seen, Gap)] == [GapKind.LIMIT] * gaps
    assert len(only(seen, IdentityLink)) == 8


def test_a_circle_is_one_gap_that_names_its_profiles():
    config = "".join(
        f"[profile {name}]\nrole_arn={role(name)}\nsource_profile={source}\n"
        for name, source in [("a", "b"), ("b", "c"), ("c", "a"), ("into", "a"), ("self", "self")]
    )
    seen = look({CONFIG: config})
    assert {(gap.kind, gap.place, gap.why) for gap in only(seen, Gap)} == {
        (GapKind.FAILED, "~/.aws/config:1", "source_profile goes in a circle: a, b, c"),
        (GapKind.FAILED, "~/.aws/config:13", "source_profile goes in a circle: self"),
    }
    assert only(seen, IdentityLink) == []


def test_a_profile_may_be_its_own_source_with_keys_of_its_own():
    text = "[self]\n" + pair() + f"role_arn={role('x')}\nsource_profile=self\n"
    [link] = only(look({CREDENTIALS: text}), IdentityLink)
    assert link.source.name == f"access-key/{KEY}"


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("role_arn=CANARY\nsource_profile=default", "role_arn of profile a is no ARN of a role"),
        (f"role_arn={role('x')}\ncredential_source=CANARY", "credential_source of profile a is none that AWS knows"),
        (
            f"role_arn={role('x')}\ncredential_source=Environment\nsource_profile=default",
            "profile a has both source_profile and credential_source",
        ),
    ],
)
def test_a_role_whose_source_cannot_be_told_is_a_gap(lines, why):
    seen = look({CREDENTIALS: "[default]\n" + pair(), CONFIG: f"[profile bare]\nregion=x\n[profile a]\n{lines}\n"})
    assert [gap.why for gap in only(seen, Gap)] == [why]
    assert only(seen, IdentityLink) == []


NOBODY = ["", "source_profile=gone", "source_profile=bare"]


@pytest.mark.parametrize("line", NOBODY)
def test_a_profile_that_names_nobody_to_assume_its_role_opens_nothing_and_is_no_failure_of_ours(line):
    config = f"[profile bare]\nregion=x\n[profile a]\nrole_arn={role('x')}\n{line}\n"
    seen = look({CREDENTIALS: "[default]\n" + pair(), CONFIG: config})
    assert only(seen, Gap) == []
    assert only(seen, IdentityLink) == []
    of_role = [grant.why for grant in only(seen, Grant) if grant.identity is not None]
    assert of_role
    assert all(why.endswith("Nobody was found who assumes it through profile a.") for why in of_role)


def test_where_the_keys_of_a_source_cannot_be_read_the_file_is_what_was_not_looked_at():
    config = f"[profile a]\nrole_arn={role('x')}\nsource_profile=base\n[profile base]\nregion=x\n"
    [gap] = only(look({CREDENTIALS: None, CONFIG: config}), Gap)
    assert (gap.kind, gap.place) == (GapKind.REFUSED, f"/home/ada{CREDENTIALS[1:]}")


@pytest.mark.parametrize("source", ["Environment", "Ec2InstanceMetadata", "EcsContainer"])
def test_a_credential_source_is_the_machine_itself(source):
    [link] = only(look({CONFIG: f"[profile a]\nrole_arn={role('x')}\ncredential_source={source}\n"}), IdentityLink)
    assert link.source == Identity("aws-source", source)


def test_a_key_in_the_environment_is_the_source_that_is_called_environment():
    config = f"[profile a]\nrole_arn={role('x')}\ncredential_source=Environment\n"
    [link] = only(look({CONFIG: config}, env={"AWS_ACCESS_KEY_ID": KEY}), IdentityLink)
    [odd] = only(look({CONFIG: config}, env={"AWS_ACCESS_KEY_ID": "CANARY"}), IdentityLink)
    assert link.source == Identity("aws", ACCOUNT, f"access-key/{KEY}")
    assert odd.source == Identity("aws-source", "Environment")


def test_a_role_of_unknown_name_has_every_class_as_possible_and_says_what_would_decide():
    [grant] = only(look({CONFIG: f"[profile a]\nrole_arn={role('blue')}\ncredential_source=Environment\n"}), Grant)
    assert (grant.capabilities, grant.confidence) == (every(), Confidence.POSSIBLE)
    assert "aws iam list-attached-role-policies --role-name blue" in grant.why


@pytest.mark.parametrize(
    ("name", "told", "possible"),
    [
        ("AdministratorAccess", every(), frozenset()),
        ("AdminTeam", every(), frozenset()),
        ("acme-admin", every(), frozenset()),
        ("OrganizationAccountAccessRole", every(), frozenset()),
        ("PowerUserAccess", every() - {Capability.IAM_ESCALATE}, frozenset()),
        ("ReadOnlyAccess", {Capability.DISCOVER, Capability.DATA_READ}, frozenset()),
        ("ReadOnlyTeam", {Capability.DISCOVER}, {Capability.DATA_READ}),
        ("AdminReadOnly", {Capability.DISCOVER}, {Capability.DATA_READ}),
        ("ViewOnlyAccess", {Capability.DISCOVER}, frozenset()),
        ("SecurityAudit", {Capability.DISCOVER}, frozenset()),
        ("Viewer", {Capability.DISCOVER}, {Capability.DATA_READ}),
        ("Billing", {Capability.DISCOVER, Capability.MONEY}, frozenset()),
    ],
)
def test_a_role_s_name_tells_its_rights(name, told, possible):
    rights = rights_of(name)
    assert (rights.told, rights.possible) == (told, possible)


@pytest.mark.parametrize(
    ("name", "some"),
    [
        ("DatabaseAdministrator", Capability.IRRECOVERABLE),
        ("app-deployer", Capability.INFRA_MODIFY),
        ("DataScientist", Capability.DATA_WRITE),
        ("cdk-x-image-publishing-role-1-eu-west-1", Capability.PUBLISH),
    ],
)
def test_a_job_s_name_tells_some_rights_and_no_escalation(name, some):
    rights = rights_of(name)
    assert some in rights.told
    assert Capability.IAM_ESCALATE not in rights.told


@pytest.mark.parametrize("name", ["", "blue", "developer", "x" * 5000])
def test_other_names_tell_nothing(name):
    assert rights_of(name) is None


def test_a_deploy_role_keeps_the_rest_as_possible():
    told, rest = only(look({CONFIG: f"[profile a]\nrole_arn={role('deploy')}\ncredential_source=Environment\n"}), Grant)
    assert told.confidence is Confidence.INFERRED
    assert rest.confidence is Confidence.POSSIBLE
    assert told.capabilities | rest.capabilities == every()


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:iam::123456789012:role/a/b/Name", Identity("aws", ACCOUNT, "role/Name")),
        ("arn:aws-us-gov:iam::123456789012:role/Name", Identity("aws", ACCOUNT, "role/Name")),
        ("arn:aws:sts::123456789012:assumed-role/Name/session", Identity("aws", ACCOUNT, "role/Name")),
        (
            "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Power_User_0123456789abcdef/ada",
            Identity("aws", ACCOUNT, "sso-role/Power_User"),
        ),
        ("arn:aws:iam::123456789012:user/team/ada", Identity("aws", ACCOUNT, "user/ada")),
        ("arn:aws:iam::123456789012:root", Identity("aws", ACCOUNT, "root")),
        ("arn:aws:iam::123456789012:role", None),
        ("arn:aws:iam::12345:role/Name", None),
        ("arn:aws:s3:::bucket", None),
        ("", None),
    ],
)
def test_an_arn_tells_who_acts(arn, expected):
    actor = of_arn(arn)
    assert (actor.identity if actor is not None else None) == expected


# credential_process


@pytest.mark.parametrize("platform", Platform)
def test_a_credential_process_is_named_and_its_arguments_are_not(platform):
    config = "[profile v]\ncredential_process = /opt/bin/vault-tool export --pass CANARY prod\n"
    [seen] = look({CONFIG: config}, platform)
    assert seen.kind == "aws.credential-process"
    assert seen.evidence == Evidence(HOMES[platform] / ".aws" / "config", 2, "[profile v] credential_process")
    assert (seen.protection, seen.secret) == (Protection.REFERENCE, None)
    assert seen.names == ("profile v", "program vault-tool, 4 arguments")
    assert seen.grants[0].confidence is Confidence.POSSIBLE
    assert seen.undecided.action == "aws sts get-caller-identity --profile v"


@pytest.mark.parametrize(
    ("command", "platform", "expected"),
    [
        ("tool", Platform.LINUX, "program tool, 0 arguments"),
        ("'/a b/tool' x", Platform.MACOS, "program tool, 1 argument"),
        (r'"C:\Program Files\tool.exe" x y', Platform.WINDOWS, "program tool.exe, 2 arguments"),
        ("tool 'CANARY", Platform.LINUX, "program tool, 1 argument"),
        ("TOKEN=CAN/ARY tool", Platform.LINUX, "program that cannot be named, 1 argument"),
        ("TOKEN=CANARY tool", Platform.LINUX, "program that cannot be named, 1 argument"),
        ("''", Platform.LINUX, "program that cannot be named, 0 arguments"),
        (" ", Platform.LINUX, "program that cannot be named, 0 arguments"),
    ],
)
def test_a_command_is_told_by_program_and_count(command, platform, expected):
    assert program(command, platform) == expected


# sign-ins


SESSION_CONFIG = (
    f"[sso-session work]\nsso_start_url = {START}/#/\nsso_region = eu-west-1\n"
    f"[profile prod]\nsso_session = work\nsso_account_id = {PROD}\nsso_role_name = AdministratorAccess\n"
    f"[profile dev]\nsso_session = work\nsso_account_id = {ACCOUNT}\nsso_role_name = ReadOnlyAccess\n"
)
LEGACY_CONFIG = f"[profile old]\nsso_start_url={START}\nsso_account_id={PROD}\nsso_role_name=blue\n"


def sso_token(expires: datetime, **more: object) -> str:
    return json.dumps({"accessToken": SECRET, "expiresAt": iso(expires), "startUrl": START, **more})


REFRESH = {
    "refreshToken": "CANARY-REFRESH-TOKEN",
    "clientId": "id",
    "clientSecret": "CANARY-CLIENT-SECRET",
    "registrationExpiresAt": iso(NOW + 24 * HOUR),
}


@pytest.mark.parametrize("platform", Platform)
def test_a_live_sign_in_opens_each_role_that_profiles_pick(platform):
    file = f"~/.aws/sso/cache/{sha1('work')}.json"
    seen = look({CONFIG: SESSION_CONFIG, file: sso_token(NOW + HOUR, **REFRESH)}, platform)
    [signed_in] = credentials(seen)
    who = Identity("aws-sso", START)
    assert signed_in.kind == "aws.sso-session"
    assert signed_in.evidence.key == "accessToken"
    assert signed_in.identity == who
    assert signed_in.names == ("sso-session work", "profile prod", "profile dev")
    assert signed_in.lifetime == Lifetime(LifetimeKind.REFRESHABLE, NOW + HOUR, NOW + 24 * HOUR)
    assert [(grant.asset, grant.confidence) for grant in signed_in.grants] == [
        (Asset("aws-sso", START), Confidence.POSSIBLE)
    ]
    assert "each account and role" in signed_in.undecided.why
    links = only(seen, IdentityLink)
    assert {(link.source, link.target, link.how, link.barrier.gate) for link in links} == {
        (who, Identity("aws", PROD, "sso-role/AdministratorAccess"), "signs in to", Gate.NONE),
        (who, Identity("aws", ACCOUNT, "sso-role/ReadOnlyAccess"), "signs in to", Gate.NONE),
    }
    assert {link.evidence.line for link in links} == {7, 11}
    assert {(grant.identity.name, grant.confidence) for grant in only(seen, Grant)} == {
        ("sso-role/AdministratorAccess", Confidence.INFERRED),
        ("sso-role/ReadOnlyAccess", Confidence.INFERRED),
    }


def test_a_legacy_sign_in_is_tied_by_its_address():
    file = f"~/.aws/sso/cache/{sha1(START)}.json"
    [signed_in] = credentials(look({CONFIG: LEGACY_CONFIG, file: sso_token(NOW + HOUR)}))
    assert signed_in.names == ("profile old",)
    assert signed_in.lifetime == Lifetime(LifetimeKind.EXPIRES, NOW + HOUR)


@pytest.mark.parametrize(
    ("more", "expires", "gate"),
    [
        ({}, NOW + timedelta(seconds=1), None),
        ({}, NOW, Gate.PRESENCE),
        (REFRESH, NOW - HOUR, None),
        (REFRESH | {"registrationExpiresAt": iso(NOW)}, NOW - HOUR, Gate.PRESENCE),
        (REFRESH | {"registrationExpiresAt": iso(NOW - HOUR)}, NOW + HOUR, None),
    ],
)
def test_without_a_live_token_the_roles_wait_for_a_person(more, expires, gate):
    file = f"~/.aws/sso/cache/{sha1('work')}.json"
    seen = look({CONFIG: SESSION_CONFIG, file: sso_token(expires, **more)})
    waiting = credentials(seen, "aws.sso-profile")
    [signed_in] = credentials(seen, "aws.sso-session")
    assert [each.barrier.gate for each in waiting] == ([gate] if gate else [])
    assert signed_in.state is (CredentialState.EXPIRED if gate else CredentialState.UNTESTED)
    assert len(only(seen, IdentityLink)) == 2


@pytest.mark.parametrize("platform", Platform)
def test_profiles_that_were_never_signed_in_are_one_reference_for_each_portal(platform):
    seen = look({CONFIG: SESSION_CONFIG + LEGACY_CONFIG}, platform)
    [waiting] = credentials(seen)
    assert waiting.kind == "aws.sso-profile"
    assert waiting.identity == Identity("aws-sso", START)
    assert (waiting.protection, waiting.secret, waiting.grants) == (Protection.REFERENCE, None, ())
    assert waiting.barrier == Barrier(Gate.PRESENCE, f"needs a new sign-in at {START}: no live token was found")
    assert waiting.names == ("sso-session work", "profile prod", "profile dev", "profile old")
    assert (waiting.evidence.line, waiting.evidence.key) == (2, "[sso-session work] sso_start_url")


def test_an_unreadable_cache_never_looks_safer():
    file = f"~/.aws/sso/cache/{sha1('work')}.json"
    seen = look({CONFIG: SESSION_CONFIG, file: None})
    [waiting] = credentials(seen)
    assert waiting.barrier.gate is Gate.UNKNOWN


def test_a_token_that_no_profile_names_still_opens_what_the_user_was_given():
    file = f"~/.aws/sso/cache/{sha1('gone')}.json"
    [signed_in] = look({file: sso_token(NOW + HOUR)})
    assert signed_in.identity == Identity("aws-sso", START)
    assert signed_in.names == ()
    assert signed_in.grants[0].confidence is Confidence.POSSIBLE
    assert START in signed_in.undecided.action


def test_a_registration_alone_opens_nothing():
    text = json.dumps({"clientId": "id", "clientSecret": SECRET, "expiresAt": "2026-12-01T00:00:00Z"})
    [seen] = look({"~/.aws/sso/cache/botocore-client-id-eu-west-1.json": text})
    assert (seen.kind, seen.grants, seen.identity) == ("aws.sso-client", (), None)
    assert seen.lifetime == Lifetime(LifetimeKind.EXPIRES, datetime(2026, 12, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ("[profile a]\nsso_session = gone\n", "sso_session of profile a is not defined"),
        ("[sso-session s]\nsso_region = x\n", "sso-session s has no sso_start_url"),
        ("[sso-session s]\nsso_start_url = CANARY\n", "sso_start_url of sso-session s is no address"),
        (
            f"[profile a]\nsso_start_url={START}\nsso_account_id=CANARY\nsso_role_name=x\n",
            "sso_account_id of profile a is no account number",
        ),
    ],
)
def test_a_broken_sign_in_is_a_gap(config, why):
    assert [gap.why for gap in only(look({CONFIG: config}), Gap)] == [why]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (START, START),
        (START + "/#/", START),
        ("https://ADA:CANARY@Acme.awsapps.com/start?token=CANARY", START),
        ("https://host:8443/start", "https://host:8443/start"),
        ("https://host:port/", None),
        ("https://[", None),
        ("ftp://host/", None),
        ("CANARY", None),
    ],
)
def test_a_portal_has_one_spelling_without_secrets(text, expected):
    assert portal_url(text) == expected


# caches


def role_keys(**more: object) -> str:
    keys = {
        "AccessKeyId": SESSION_KEY,
        "SecretAccessKey": SECRET,
        "SessionToken": "CANARY-SESSION-TOKEN",
        "Expiration": iso(NOW + HOUR),
    }
    return json.dumps({"Credentials": keys | more})


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize("folder", ["cli", "boto"])
def test_cached_keys_act_as_the_role_of_their_arn(platform, folder):
    arn = f"arn:aws:sts::{PROD}:assumed-role/ReadOnlyAccess/ada"
    text = json.dumps(json.loads(role_keys()) | {"AssumedRoleUser": {"Arn": arn}})
    [seen] = look({f"~/.aws/{folder}/cache/0a.json": text}, platform)
    assert (seen.kind, seen.public_id) == ("aws.session-key", SESSION_KEY)
    assert seen.evidence == Evidence(
        HOMES[platform] / ".aws" / folder / "cache" / "0a.json", key="Credentials.SecretAccessKey"
    )
    assert seen.identity == Identity("aws", PROD, "role/ReadOnlyAccess")
    assert seen.lifetime == Lifetime(LifetimeKind.EXPIRES, NOW + HOUR)
    assert [(grant.asset, grant.capabilities) for grant in seen.grants] == [
        (Asset("aws-account", PROD), {Capability.DISCOVER, Capability.DATA_READ})
    ]


@pytest.mark.parametrize(
    ("config", "how"), [(SESSION_CONFIG, {"sessionName": "work"}), (LEGACY_CONFIG, {"startUrl": START})]
)
def test_cached_keys_of_a_sign_in_are_tied_to_its_role(config, how):
    name = "AdministratorAccess" if "sessionName" in how else "blue"
    digest = sha1(json.dumps({"accountId": PROD, "roleName": name, **how}, sort_keys=True, separators=(",", ":")))
    [seen] = credentials(look({CONFIG: config, f"~/.aws/cli/cache/{digest}.json": role_keys()}), "aws.session-key")
    assert seen.identity == Identity("aws", PROD, f"sso-role/{name}")


def test_cached_keys_without_a_name_are_of_the_account_in_the_key():
    [seen] = look({"~/.aws/cli/cache/a.json": role_keys()})
    assert seen.identity == Identity("aws", ACCOUNT, f"access-key/{SESSION_KEY}")
    assert (seen.grants[0].capabilities, seen.grants[0].confidence) == (every(), Confidence.POSSIBLE)


@pytest.mark.parametrize(
    ("later", "state"), [(HOUR, CredentialState.EXPIRED), (HOUR - timedelta(seconds=1), CredentialState.UNTESTED)]
)
def test_cached_keys_are_expired_from_their_second_on(later, state):
    [seen] = look({"~/.aws/cli/cache/a.json": role_keys()}, now=NOW + later)
    assert seen.state is state


@pytest.mark.parametrize("platform", Platform)
def test_a_console_sign_in_renews_itself(platform):
    arn = f"arn:aws:iam::{ACCOUNT}:user/ada"
    keys = {
        "accessKeyId": SESSION_KEY,
        "secretAccessKey": SECRET,
        "sessionToken": "CANARY-SESSION-TOKEN",
        "accountId": ACCOUNT,
        "expiresAt": iso(NOW - HOUR),
    }
    text = json.dumps({"accessToken": keys, "refreshToken": "CANARY-REFRESH", "dpopKey": "CANARY-DPOP-KEY"})
    digest = hashlib.sha256(arn.encode()).hexdigest()
    [seen] = look({CONFIG: f"[profile c]\nlogin_session={arn}\n", f"~/.aws/login/cache/{digest}.json": text}, platform)
    assert (seen.kind, seen.names) == ("aws.login-session", ("profile c",))
    assert seen.identity == Identity("aws", ACCOUNT, "user/ada")
    assert seen.lifetime == Lifetime(LifetimeKind.REFRESHABLE, NOW - HOUR)
    assert seen.state is CredentialState.UNTESTED
    assert (seen.grants[0].capabilities, seen.grants[0].confidence) == (every(), Confidence.POSSIBLE)


def test_a_console_sign_in_of_root_is_everything_and_its_folder_may_be_moved():
    arn = f"arn:aws:iam::{ACCOUNT}:root"
    keys = {"accessKeyId": SESSION_KEY, "secretAccessKey": SECRET, "expiresAt": iso(NOW - HOUR)}
    file = f"/srv/logins/{hashlib.sha256(arn.encode()).hexdigest()}.json"
    config = f"[profile c]\nlogin_session={arn}\n"
    env = {"AWS_LOGIN_CACHE_DIRECTORY": "/srv/logins"}
    [seen] = look({CONFIG: config, file: json.dumps({"accessToken": keys})}, env=env)
    assert seen.identity == Identity("aws", ACCOUNT, "root")
    assert (seen.grants[0].capabilities, seen.grants[0].confidence) == (every(), Confidence.INFERRED)
    assert (seen.lifetime.kind, seen.state) == (LifetimeKind.EXPIRES, CredentialState.EXPIRED)


CACHES = ["~/.aws/sso/cache/a.json", "~/.aws/cli/cache/a.json", "~/.aws/boto/cache/a.json", "~/.aws/login/cache/a.json"]


@pytest.mark.parametrize("path", CACHES)
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("[" * 100_000, GapKind.LIMIT),
        ('{"a":' * 100_000, GapKind.LIMIT),
        ("{CANARY", GapKind.FAILED),
        ("", GapKind.FAILED),
        ("[]", GapKind.FAILED),
        ("1" * 5000, GapKind.FAILED),
    ],
)
def test_a_cache_that_is_no_json_is_a_gap(path, text, kind):
    seen = look({path: text})
    assert [gap.kind for gap in seen] == [kind]


NAMES = st.sampled_from(
    [
        *("accessToken", "expiresAt", "refreshToken", "clientSecret", "registrationExpiresAt", "startUrl"),
        *("Credentials", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "AccountId"),
        *("AssumedRoleUser", "Arn", "accessKeyId", "secretAccessKey", "sessionToken", "accountId", "dpopKey"),
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(
        ["CANARY", "", "\ud800", KEY, SESSION_KEY, "2026-11-21T10:00:00Z", "9999-12-31T23:59:59-23:00", START]
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=12,
)


@given(st.sampled_from(CACHES), st.dictionaries(NAMES, VALUES, max_size=8))
def test_values_of_the_wrong_type_break_nothing(path, data):
    look({path: json.dumps(data)})


# tokens exchanged for a role, and containers


@pytest.mark.parametrize("platform", Platform)
def test_a_web_identity_token_becomes_the_role_of_its_profile(platform):
    claims = {"iss": "https://oidc.example.com/x", "sub": "system:ci", "exp": NOW.timestamp()}
    config = f"[profile w]\nrole_arn={role('deploy')}\nweb_identity_token_file=~/token\n"
    seen = look({CONFIG: config, "~/token": jwt(claims) + "\n"}, platform)
    [held] = credentials(seen)
    who = Identity("oidc", "oidc.example.com", "system:ci")
    assert (held.kind, held.identity, held.names) == ("aws.web-identity-token", who, ("profile w",))
    assert held.evidence == Evidence(HOMES[platform] / "token")
    assert (held.lifetime, held.state) == (Lifetime(LifetimeKind.EXPIRES, NOW), CredentialState.EXPIRED)
    [link] = only(seen, IdentityLink)
    assert (link.source, link.target, link.how) == (who, Identity("aws", PROD, "role/deploy"), "assumes")
    assert {grant.identity.name for grant in only(seen, Grant)} == {"role/deploy"}


def test_a_web_identity_may_come_by_variables():
    env = {"AWS_ROLE_ARN": role("ReadOnlyAccess"), "AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/token"}
    seen = look({"/var/run/token": jwt({"sub": "pod"})}, env=env)
    [held] = credentials(seen)
    assert held.lifetime.kind is LifetimeKind.STATIC
    [grant] = only(seen, Grant)
    assert grant.evidence == Evidence(variable="AWS_ROLE_ARN")
    assert len(only(seen, IdentityLink)) == 1


@pytest.mark.parametrize("text", ["", "CANARY", "a.b.c", "a.!.c", "CANARY.W10.x", jwt("CANARY"), jwt(None)])
def test_what_is_no_token_is_a_gap(text):
    config = f"[profile w]\nrole_arn={role('x')}\nweb_identity_token_file=~/token\n"
    assert token_claims(text) is None
    assert [gap.why for gap in only(look({CONFIG: config, "~/token": text}), Gap)] == ["holds no web identity token"]


@pytest.mark.parametrize("claims", [{"exp": "x", "iss": 1, "sub": []}, {"exp": 1e400}, {"exp": -(10**30)}, {"exp": []}])
def test_odd_claims_break_nothing(claims):
    config = f"[profile w]\nrole_arn={role('x')}\nweb_identity_token_file=~/token\n"
    [held] = credentials(look({CONFIG: config, "~/token": jwt(claims)}))
    assert held.lifetime == Lifetime(LifetimeKind.EXPIRES)


def test_a_container_s_address_is_told_and_never_asked():
    env = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://u:CANARY@127.0.0.1:1234/CANARY",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "CANARY-AUTHORIZATION",
    }
    config = f"[profile a]\nrole_arn={role('x')}\ncredential_source=EcsContainer\n"
    host = FakeHost(files={CONFIG: config}, env=env)
    seen = observe(aws, host)
    assert "CANARY" not in repr(seen)
    [held] = credentials(seen)
    assert held.kind == "aws.container-credentials"
    assert held.evidence == Evidence(variable="AWS_CONTAINER_CREDENTIALS_FULL_URI")
    assert (held.protection, held.names) == (Protection.REFERENCE, ("served by 127.0.0.1",))
    [link] = only(seen, IdentityLink)
    assert link.source == held.identity
    assert host.vault.mask(b"CANARY-AUTHORIZATION")[1] == 1


# dates, data and hostile text


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-21T10:00:00Z",
        "2026-11-21T10:00:00UTC",
        "2026-11-21T10:00:00 UTC",
        "2026-11-21T10:00:00+00:00",
        "2026-11-21T12:00:00+02:00",
        "2026-11-21T10:00:00.000Z",
        "2026-11-21T10:00:00",
        " 2026-11-21 10:00:00 ",
        1795255200,
        1795255200000,
        1795255200.0,
    ],
)
def test_a_date_is_read_in_each_of_its_spellings(value):
    assert moment(value) == NOW


@pytest.mark.parametrize(
    "value", ["", "soon", "UTC", None, True, [], {}, float("nan"), float("inf"), 10**40, "0001-01-01T00:00:00+23:00"]
)
def test_what_is_no_date_is_none(value):
    assert moment(value) is None


def test_every_kind_is_in_the_data_and_the_account_s_classes_agree():
    known = kinds()
    for kind in ("access-key", "session-key", "sso-session", "login-session", "credential-process"):
        [implied] = known[f"aws.{kind}"].grants
        assert (implied.capabilities, implied.confidence) == (every(), Confidence.POSSIBLE)
    for kind in ("sso-client", "sso-profile", "web-identity-token"):
        assert known[f"aws.{kind}"].grants == ()
    assert every() == frozenset(Capability) - {Capability.HOST_ROOT, Capability.PERSIST}


SHREDS = st.sampled_from(
    [
        *(
            "[default]",
            "[profile a]",
            "[profile b]",
            "[sso-session s]",
            "[x]",
            "[",
            "]",
            "\n",
            "\n",
            "\n",
            "\n  ",
            " ",
            "=",
        ),
        *("aws_access_key_id=", "aws_secret_access_key=", "aws_session_token=", "x_expires=", "9999-12-31T23:59:59Z"),
        *("role_arn=", role("x"), "source_profile=", "a", "b", "credential_source=", "Environment", "mfa_serial="),
        *("sso_session=s", "sso_start_url=", START, "sso_account_id=", PROD, "sso_role_name=", "credential_process="),
        *(
            "web_identity_token_file=",
            "login_session=",
            "'",
            '"',
            "\\",
            "#",
            "CANARY",
            KEY,
            SESSION_KEY,
            "é",
            "\0",
            "://[",
        ),
    ]
)
TEXTS = st.lists(SHREDS, max_size=40).map("".join)


@example("[a]\nrole_arn=\nsource_profile=a", "")
@given(TEXTS, TEXTS)
def test_no_text_breaks_it(credentials_text, config_text):
    files = {CREDENTIALS: credentials_text, CONFIG: config_text, "~/.boto": config_text, "~/.s3cfg": credentials_text}
    observe(aws, FakeHost(files=files))


def test_an_empty_machine_has_nothing_to_tell():
    assert look({}) == []
