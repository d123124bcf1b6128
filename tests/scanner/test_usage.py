"""What was used, joined with what was found; and that it changes nothing else."""

from datetime import timedelta
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from reports.explain import explain
from reports.page import Page
from reports.ways import ways
from scanner.config import Config
from scanner.engine import scan
from scanner.model import (
    Asset,
    AssetSeen,
    Capability,
    Confidence,
    CredentialSeen,
    Evidence,
    Grant,
    Identity,
    IdentityLink,
    Observation,
    ServerSeen,
    UseKind,
    UseSeen,
)
from scanner.model.report import Report, Used
from scanner.probe import probe
from scanner.testing import NOW, TEST_KEY, fake_machine
from scanner.vault import Vault

MACHINE = fake_machine()
HOME = PurePosixPath("/home/ada")
KUBECONFIG = Evidence(HOME / ".kube/config", 6)
TRANSCRIPT = Evidence(HOME / ".claude/projects/x/s.jsonl")
ALL = frozenset({Capability.DATA_READ, Capability.DATA_DESTROY, Capability.EXEC_REMOTE, Capability.INFRA_MODIFY})
REMOTE = ALL - {Capability.INFRA_MODIFY} | {Capability.SECRETS_READ}
DAYS_AGO = NOW - timedelta(days=3)


def credential(kind: str, place: Evidence, asset: Asset, *names: str) -> CredentialSeen:
    return CredentialSeen(kind, place, names=names, grants=(Grant(asset, ALL, Confidence.GRANTED),))


PROD = credential(
    "kubernetes.token", KUBECONFIG, Asset("kubernetes-cluster", "prod.example.com"), "context prod", "current context"
)
DEV = credential(
    "kubernetes.token", replace(KUBECONFIG, line=9), Asset("kubernetes-cluster", "dev.example.com"), "context dev"
)
DATABASE = credential("database.password", Evidence(HOME / ".pgpass", 1), Asset("database", "db.example.com/shop"))
DOTENV = credential("sendgrid.key", Evidence(HOME / "src/shop/.env", 3), Asset("email", "sendgrid"))
LINEAR = credential("linear.key", Evidence(HOME / ".claude.json", 4, key="mcpServers.linear.env.KEY"), Asset("x", "l"))
SERVER = ServerSeen(
    "linear", "claude-code", "user", "stdio", "npx", Evidence(HOME / ".claude.json", key="mcpServers.linear")
)


def use(subject: str, what: UseKind = UseKind.COMMAND, count: int = 1, **more: object) -> UseSeen:
    told: dict[str, object] = {"agent": "claude-code", "folder": "~/src/shop", "sessions": 1, **more}
    return UseSeen(subject, what, count, DAYS_AGO, TRANSCRIPT, **told)  # type: ignore[arg-type]  # passed through


def report(*seen: Observation) -> Report:
    @probe(id="told", title="told", reads=())
    def told(_host):
        yield from seen

    return scan(MACHINE, (told,), Vault(TEST_KEY), Config())


def of(found: Report, seen: CredentialSeen) -> Used | None:
    """What was used of one credential."""
    [mine] = [each for each in found.credentials if each.locations[0].line == seen.evidence.line]
    return mine.used


# what counts as a use of a credential


def test_a_program_that_finds_it_uses_it():
    found = report(DATABASE, use("psql", count=14), use("mysql", count=2), use("kubectl get", count=9))
    assert of(found, DATABASE) == Used(16, DAYS_AGO, "psql, mysql")


def test_a_context_that_is_named_is_the_one_that_is_used():
    found = report(PROD, DEV, use("kubectl delete --context prod", count=4))
    assert of(found, PROD) == Used(4, DAYS_AGO, "kubectl delete --context prod")
    assert of(found, DEV) is None


def test_without_a_name_it_is_the_current_context():
    found = report(PROD, DEV, use("kubectl get pods", count=2))
    assert of(found, PROD) is not None
    assert of(found, DEV) is None


def test_a_profile_that_is_not_named_may_be_any():
    one, other = (
        credential("aws.access-key", Evidence(HOME / ".aws/credentials", line), Asset("aws-account", str(line)), name)
        for line, name in ((1, "profile default"), (2, "profile prod"))
    )
    found = report(one, other, use("aws s3 ls"), use("aws s3 rm --profile prod"))
    assert of(found, one) == Used(1, DAYS_AGO, "aws s3 ls")
    assert of(found, other) == Used(2, DAYS_AGO, "aws s3 ls, aws s3 rm --profile prod")


CLOUDS = [
    ("aws.access-key", ".aws/credentials", "aws", "aws-account"),
    ("gcp.service-account-key", ".config/gcloud/application_default_credentials.json", "gcp", "gcp-project"),
    ("azure.client-secret", ".azure/service_principal_entries.json", "azure", "azure-tenant"),
]


@pytest.mark.parametrize("program", ["kubectl get pods", "helm upgrade", "k9s"])
@pytest.mark.parametrize(("kind", "path", "provider", "account"), CLOUDS)
def test_a_cluster_s_program_uses_a_cloud_s_login_only_where_its_configuration_signs_in_by_it(
    program, kind, path, provider, account
):
    who = Identity(provider, "1", "ada")
    login = replace(credential(kind, Evidence(HOME / path, 1), Asset(account, "1")), identity=who)
    role, user = Identity(provider, "1", "role/ops"), Identity("kubernetes", "dev.example.com", "user dev")
    rights = Grant(Asset("kubernetes-cluster", "dev.example.com"), ALL, Confidence.GRANTED, user)
    through = [
        IdentityLink(who, role, "assumes", KUBECONFIG),
        IdentityLink(role, user, "signs in to", KUBECONFIG),
        rights,
    ]
    assert of(report(login, PROD, rights, use(program, count=4)), login) is None
    assert of(report(login, PROD, *through, use(program, count=4)), login) == Used(4, DAYS_AGO, program)


def test_the_account_that_a_cluster_lies_in_says_nothing_of_how_kubectl_signs_in():
    login = credential("aws.access-key", Evidence(HOME / ".aws/credentials", 1), Asset("aws-account", "1"))
    inside = AssetSeen(Asset("kubernetes-cluster", "prod.example.com"), (Asset("aws-account", "1"),), ALL, KUBECONFIG)
    assert of(report(login, inside, use("kubectl get pods")), login) is None
    assert of(report(login, inside, use("terraform apply")), login) == Used(1, DAYS_AGO, "terraform apply")


def test_what_a_program_pulls_from_is_used_without_a_word_of_its_configuration():
    registry = credential(
        "docker.registry-token", Evidence(HOME / ".docker/config.json", 1), Asset("container-registry", "r")
    )
    assert of(report(registry, use("helm pull")), registry) is not None


def test_a_program_does_not_use_what_lies_where_it_does_not_look():
    elsewhere = replace(PROD, evidence=Evidence(HOME / "notes.txt", 6), names=())
    assert of(report(elsewhere, use("kubectl get")), elsewhere) is None


def test_reading_its_file_is_a_use():
    found = report(DOTENV, use("~/src/shop/.env", UseKind.FILE, 3), use("~/other/.env", UseKind.FILE))
    assert of(found, DOTENV) == Used(3, DAYS_AGO, "reading ~/src/shop/.env")


def test_a_connection_is_a_use_of_what_no_program_finds_by_itself():
    found = report(DOTENV, PROD, use("api.sendgrid.com", UseKind.HOST), use("prod.example.com", UseKind.HOST))
    assert of(found, DOTENV) == Used(1, DAYS_AGO, "connecting to api.sendgrid.com")
    assert of(found, PROD) is None


def test_a_call_of_its_server_is_a_use_of_the_server_and_of_what_its_entry_holds():
    found = report(LINEAR, SERVER, use("linear/list_issues", UseKind.TOOL, 5), use("other/x", UseKind.TOOL))
    assert of(found, LINEAR) == Used(5, DAYS_AGO, "linear/list_issues")
    assert found.servers[0].used == Used(5, DAYS_AGO, "linear/list_issues")


def test_what_another_file_says_that_something_starts_is_no_use():
    started = UseSeen("kubectl get", UseKind.START, 1, None, TRANSCRIPT)
    found = report(PROD, started)
    assert found.uses == ()
    assert of(found, PROD) is None


# exposures: only by a sub-command that opens their class


@pytest.mark.parametrize(
    ("subject", "classes"),
    [
        ("kubectl get pods", {Capability.DATA_READ, Capability.SECRETS_READ}),
        ("kubectl delete pod", {Capability.DATA_DESTROY, Capability.INFRA_MODIFY}),
        ("kubectl exec", REMOTE),
        ("kubectl drain", set()),  # a word that is not known
        ("kubectl", set()),  # which says how it is used
        ("~/.kube/config", set()),
    ],
)
def test_an_exposure_is_used_by_what_opens_its_class(subject, classes):
    what = UseKind.FILE if subject.startswith("~") else UseKind.COMMAND
    found = report(PROD, use(subject, what))
    assert {each.class_ for each in found.exposures if each.used is not None} == classes


def test_a_program_without_sub_commands_may_have_done_all_that_its_login_may():
    found = report(DATABASE, use("psql"))
    assert {each.class_ for each in found.exposures if each.used is not None} >= ALL


SUBJECTS = st.sampled_from(
    ["kubectl get", "kubectl delete --context prod", "psql", "api.sendgrid.com", "linear/get", "~/src/shop/.env", "x"]
)
USES = st.lists(st.builds(use, SUBJECTS, st.sampled_from(sorted(UseKind)), st.integers(0, 10**6)), max_size=6)


@given(USES)
def test_use_changes_nothing_but_what_it_says_of_use(seen):
    things = (PROD, DEV, DATABASE, DOTENV, LINEAR, SERVER)
    bare, used = report(*things), report(*things, *seen)
    assert [replace(each, used=None) for each in used.exposures] == list(bare.exposures)
    assert [replace(each, used=None) for each in used.credentials] == list(bare.credentials)
    assert (used.figures, used.verdicts, used.findings) == (bare.figures, bare.verdicts, bare.findings)


@given(USES, st.randoms())
def test_the_order_of_what_was_seen_does_not_matter(seen, random):
    shuffled = list(seen)
    random.shuffle(shuffled)
    one, other = report(PROD, DATABASE, *seen), report(PROD, DATABASE, *shuffled)
    assert (one.uses, one.credentials, one.exposures) == (other.uses, other.credentials, other.exposures)


# the report


def test_uses_stand_in_the_report_by_agent_and_folder_with_their_numbers():
    first = NOW - timedelta(days=9)
    asked = use("execute", UseKind.PROMPT, 10, approved=9, sessions=3)
    found = report(use("git push", count=2, first=first), asked, use("ls", count=7, agent="aider"))
    assert [(each.agent, each.what, each.subject) for each in found.uses] == [
        ("aider", "command", "ls"),
        ("claude-code", "command", "git push"),
        ("claude-code", "prompt", "execute"),
    ]
    assert (found.uses[1].count, found.uses[1].first, found.uses[1].last) == (2, first, DAYS_AGO)
    assert (found.uses[2].approved, found.uses[2].sessions, found.uses[2].folder) == (9, 3, "~/src/shop")
    assert found.uses[0].evidence.path == "~/.claude/projects/x/s.jsonl"


def shown(found: Report, capability: Capability) -> str:
    [exposure] = [each for each in found.exposures if each.class_ is capability]
    return " ".join(explain(found, exposure.id, Page(width=200)).decode().split())


def test_explain_says_how_often_an_exposure_was_used_and_when_last():
    found = report(PROD, use("kubectl delete", count=14))
    assert "used 14 times, last 3 days ago: kubectl delete" in shown(found, Capability.DATA_DESTROY)
    told = ways(found, Capability.DATA_DESTROY, None, Page(width=200)).decode()
    assert "used 14 times, last 3 days ago: kubectl delete" in " ".join(told.split())
    assert "never seen used in the records of claude-code" in shown(found, Capability.EXEC_REMOTE)


def test_what_only_a_person_s_shell_tells_is_no_agent_s_record():
    by_hand = replace(use("git push"), agent="", how="you, in bash")
    assert "the records of claude-code " in f"{shown(report(PROD, by_hand, use('ls')), Capability.EXEC_REMOTE)} "
    assert "records of" not in shown(report(PROD, by_hand), Capability.EXEC_REMOTE)


def test_without_records_of_any_agent_nothing_is_said():
    assert "used" not in shown(report(PROD), Capability.DATA_DESTROY)
