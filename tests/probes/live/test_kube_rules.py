import pytest

from scanner.data.kube_rules import Rule, allowed, rows
from scanner.model import Capability

C = Capability


def may(verbs, resources, groups=""):
    return allowed([Rule(tuple(verbs.split()), tuple(groups.split(",")), tuple(resources.split()))])


@pytest.mark.parametrize(
    ("rule", "classes"),
    [
        (("get", "secrets"), {C.SECRETS_READ}),
        (("list", "secrets"), {C.SECRETS_READ}),
        (("watch", "*"), {C.SECRETS_READ, C.DISCOVER, C.DATA_READ}),
        (("create", "secrets"), {C.DATA_WRITE}),
        (("get", "secrets", "secrets-store.csi.x-k8s.io"), set()),
        (("get", "pods"), {C.DISCOVER}),
        (("get", "pods/log"), {C.DATA_READ}),
        (("get", "*/log"), {C.DATA_READ}),
        (("create", "pods"), {C.EXEC_REMOTE, C.INFRA_MODIFY}),
        (("create", "pods/exec"), {C.EXEC_REMOTE}),
        (("get", "pods/exec"), {C.EXEC_REMOTE}),
        (("create", "*/exec"), {C.EXEC_REMOTE}),
        (("patch", "pods/ephemeralcontainers"), {C.EXEC_REMOTE}),
        (("get", "nodes/proxy"), {C.EXEC_REMOTE}),
        (("create", "serviceaccounts"), set()),
        (("create", "serviceaccounts/token"), {C.IAM_ESCALATE}),
        (("impersonate", "users"), {C.IAM_ESCALATE}),
        (("escalate", "clusterroles", "rbac.authorization.k8s.io"), {C.IAM_ESCALATE}),
        (("create", "clusterrolebindings", "rbac.authorization.k8s.io"), {C.IAM_ESCALATE}),
        (("update", "certificatesigningrequests/approval", "certificates.k8s.io"), {C.IAM_ESCALATE}),
        (("delete", "namespaces"), {C.DATA_DESTROY}),
        (("delete", "persistentvolumes"), {C.DATA_DESTROY}),
        (("deletecollection", "volumesnapshots", "snapshot.storage.k8s.io"), {C.RECOVERY_DESTROY}),
        (("create", "cronjobs", "batch"), {C.PERSIST, C.EXEC_REMOTE, C.INFRA_MODIFY}),
        (("patch", "mutatingwebhookconfigurations", "admissionregistration.k8s.io"), {C.PERSIST, C.DEFENSE_IMPAIR}),
        (("delete", "networkpolicies", "networking.k8s.io"), {C.DEFENSE_IMPAIR}),
        (("create", "selfsubjectreviews", "authentication.k8s.io"), set()),
        (("get", "widgets", "acme.example.com"), set()),
        (("use", "pods"), set()),
    ],
)
def test_a_rule_allows_what_it_says_and_no_more(rule, classes):
    assert set(may(*rule).told) == classes


def test_everything_on_everything_is_every_class_that_a_cluster_knows():
    found = may("*", "*", "*")
    assert set(found.told) == {each for row in rows() for each in row.told}
    assert found.possible == {C.IRRECOVERABLE: ("do everything",), C.HOST_ROOT: ("start workloads",)}


def test_a_star_in_one_place_is_not_everything():
    assert C.IRRECOVERABLE not in may("get", "*", "*").possible
    assert C.IAM_ESCALATE not in may("get list watch", "*", "*").told


def test_no_rule_allows_nothing():
    assert allowed([]).told == {}
    assert allowed([Rule((), (), ())]).told == {}


def test_the_words_of_a_class_are_those_of_its_rules():
    assert may("get create", "pods/exec nodes/proxy").told[C.EXEC_REMOTE] == (
        "run commands in pods",
        "reach every pod of a node by its kubelet",
    )


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.says)
def test_a_row_is_whole(row):
    assert row.told
    assert not row.told & row.possible
    assert row.holds(row.rule)
    assert row.says == row.says.strip().lower()
