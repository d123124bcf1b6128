"""A cluster's API as far as it answers about oneself: who one is, and which rules hold, judged from RBAC manifests."""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import yaml

from tests.probes.live.provider import Heard, Provider, Reply, provider

WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
RULES = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
# What every cluster grants to whoever signed in.
BASIC = """
kind: ClusterRole
metadata: {name: "system:basic-user"}
rules:
- {verbs: [create], apiGroups: [authorization.k8s.io], resources: [selfsubjectaccessreviews, selfsubjectrulesreviews]}
- {verbs: [create], apiGroups: [authentication.k8s.io], resources: [selfsubjectreviews]}
---
kind: ClusterRoleBinding
metadata: {name: "system:basic-user"}
roleRef: {kind: ClusterRole, name: "system:basic-user"}
subjects: [{kind: Group, name: "system:authenticated"}]
---
kind: ClusterRole
metadata: {name: cluster-admin}
rules: [{verbs: ["*"], apiGroups: ["*"], resources: ["*"]}]
---
kind: ClusterRoleBinding
metadata: {name: cluster-admin}
roleRef: {kind: ClusterRole, name: cluster-admin}
subjects: [{kind: Group, name: "system:masters"}]
---
"""


@dataclass(frozen=True)
class User:
    """Whom the cluster takes a request for."""

    name: str
    groups: tuple[str, ...] = ()

    def is_of(self, subject: dict) -> bool:
        match subject["kind"]:
            case "User":
                return subject["name"] == self.name
            case "Group":
                return subject["name"] in self.groups
            case "ServiceAccount":
                return self.name == f"system:serviceaccount:{subject['namespace']}:{subject['name']}"
        return False


@dataclass
class Cluster:
    """What the cluster knows; `incomplete` and `error` as with an authorizer that cannot list its rules."""

    server: Provider
    tokens: dict[str, User] = field(default_factory=dict)
    manifests: list[dict] = field(default_factory=list)
    incomplete: bool = False
    error: str = ""

    def apply(self, text: str) -> None:
        self.manifests += [each for each in yaml.safe_load_all(text) if each]

    def of_kind(self, kind: str) -> list[dict]:
        return [each for each in self.manifests if each["kind"] == kind]

    def user(self, heard: Heard) -> User | None:
        """Whom a request is from: by its token, by its certificate, else anybody; None for a wrong token."""
        token = heard.headers.get("Authorization", "").removeprefix("Bearer ")
        if token:
            found = self.tokens.get(token)
            return found and User(found.name, (*found.groups, "system:authenticated"))
        if heard.peer is None:
            return User("system:anonymous", ("system:unauthenticated",))
        name = next(text for what, text in heard.peer if what == "commonName")
        groups = tuple(text for what, text in heard.peer if what == "organizationName")
        return User(name, (*groups, "system:authenticated"))

    def rules(self, user: User, namespace: str) -> list[dict]:
        """Every rule that is bound to a user in a namespace, as the API lists them."""
        found = []
        bindings = self.of_kind("ClusterRoleBinding")
        bindings += [each for each in self.of_kind("RoleBinding") if each["metadata"]["namespace"] == namespace]
        for binding in bindings:
            if any(user.is_of(subject) for subject in binding["subjects"]):
                found += self.role(binding, namespace)["rules"]
        return found

    def role(self, binding: dict, namespace: str) -> dict:
        wanted = binding["roleRef"]
        return next(
            each
            for each in self.of_kind(wanted["kind"])
            if each["metadata"]["name"] == wanted["name"]
            and (wanted["kind"] == "ClusterRole" or each["metadata"]["namespace"] == namespace)
        )

    def allows(self, user: User, resource: str) -> bool:
        return any("create" in rule["verbs"] and resource in rule["resources"] for rule in self.rules(user, "")) or any(
            "*" in rule["resources"] for rule in self.rules(user, "")
        )

    def reviewed(self, heard: Heard) -> Reply:
        user = self.user(heard)
        if user is None:
            return status(401, "Unauthorized")
        asked = json.loads(heard.body)
        resource = heard.path.rpartition("/")[2]
        assert asked["kind"].lower() + "s" == resource
        if not self.allows(user, resource):
            return status(403, f"{user.name} may not")
        if resource == "selfsubjectreviews":
            told = {"userInfo": {"username": user.name, "groups": list(user.groups), "extra": {"x": ["y"]}}}
        else:
            assert asked["spec"]["namespace"]
            told = {
                "resourceRules": self.rules(user, asked["spec"]["namespace"]),
                "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": ["/healthz"]}],
                "incomplete": self.incomplete,
            }
            if self.error:
                told["evaluationError"] = self.error
        return Reply(201, {"Content-Type": "application/json"}, json.dumps({**asked, "status": told}).encode())


def status(code: int, message: str) -> Reply:
    told = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": f"CANARY {message}", "code": code}
    return Reply(code, {"Content-Type": "application/json"}, json.dumps(told).encode())


@contextmanager
def cluster(context: ssl.SSLContext, base: str = "") -> Iterator[Cluster]:
    """A cluster while it runs. Fails at its end where it was asked anything else."""
    with provider(context) as server:
        made = Cluster(server)
        made.apply(BASIC)
        for path in (WHO, RULES):
            server.making("POST", base + path, made.reviewed)
        yield made
