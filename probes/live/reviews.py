"""The reviews of a Kubernetes cluster: the package `kubernetes` shapes and reads them, the one client sends them."""

import json
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from msgspec import Struct

from probes.live.calls import HOLE, RULES_REVIEW, SELF_REVIEW, Call
from probes.live.client import Client, Place
from scanner.data.kube_rules import Rule
from scanner.model import Gap, GapKind
from scanner.shapes import label

INSTALL = "needs kubernetes: pip install 'armslength[live]'"
UNKNOWN = "not asked: the package kubernetes would ask what does not stand in the table"
Told = TypeVar("Told")


class Unanswered(Exception):
    """That a cluster said nothing of use: the Gap that says so, and the status where there was one."""

    def __init__(self, gap: Gap, status: int = 0) -> None:
        super().__init__()
        self.gap = gap
        self.status = status


class Who(Struct, frozen=True):
    """Whom a cluster takes a credential for."""

    name: str
    groups: tuple[str, ...] = ()


class Rules(Struct, frozen=True):
    """The rules that hold in a namespace; where they are not complete, the lack of one proves nothing."""

    rules: tuple[Rule, ...]
    complete: bool


class Reply:
    """An answer in the form in which the package takes one."""

    reason = ""
    headers: ClassVar[Mapping[str, str]] = {"content-type": "application/json"}

    def __init__(self, status: int, data: bytes) -> None:
        self.status = status
        self.data = data

    def read(self) -> bytes:
        """The body."""
        return self.data

    def getheaders(self) -> Mapping[str, str]:
        """The headers."""
        return self.headers


class Sender:
    """Stands where the package has its own HTTP client: takes what it made, sends the row that it equals."""

    def __init__(self, client: Client, place: Place, base: str, headers: Mapping[str, str]) -> None:
        self._client = client
        self._place = place
        self._base = base
        self._headers = dict(headers)

    def request(self, method: str, url: str, headers: Any = None, body: Any = None, **_: Any) -> Reply:
        """One exchange. Raises Unanswered for all but a good answer."""
        path = url.removeprefix(self._place.url + self._base)
        row = _row(method, path, body)
        if row is None:
            raise Unanswered(Gap(GapKind.FAILED, self._place.url, UNKNOWN))
        call, name = row
        typed = {"Accept": "application/json", "Content-Type": "application/json"}
        found = self._client.ask(call, self._place, {**typed, **self._headers}, self._base, name=name)
        if isinstance(found, Gap):
            raise Unanswered(found)
        if found.status not in (200, 201):
            raise Unanswered(_gap(found.status, self._place.url + self._base + path), found.status)
        return Reply(found.status, found.body)

    def POST(self, url: str, **more: Any) -> Reply:  # noqa: N802 - how older versions of the package call it
        """One exchange by POST."""
        return self.request("POST", url, more.get("headers"), more.get("body"))

    def close(self) -> None:
        """Nothing is held open."""


def _row(method: str, path: str, body: Any) -> tuple[Call, str] | None:
    """The row of the table that a request equals, and the name in its body."""
    spec = body.get("spec") if isinstance(body, dict) else None
    name = str(spec.get("namespace", "")) if isinstance(spec, dict) else ""
    made = (method, path, json.dumps(body, sort_keys=True, separators=(",", ":")))
    for call in (SELF_REVIEW, RULES_REVIEW):
        if made == (call.method, call.path, call.body.replace(HOLE, name)):
            return call, name
    return None


def _gap(status: int, place: str) -> Gap:
    match status:
        case 401:
            return Gap(GapKind.REFUSED, place, "the cluster does not take the credential (401)")
        case 403:
            return Gap(GapKind.REFUSED, place, "the cluster refused the question (403)")
        case 404:
            return Gap(GapKind.REFUSED, place, "the cluster does not know the question (404)")
        case 429:
            return Gap(GapKind.LIMIT, place, "the cluster wants no more questions for now (429)")
    return Gap(GapKind.FAILED, place, f"an answer that is none ({status})")


class Reviews:
    """What one cluster can be asked about a credential by itself."""

    def __init__(self, package: Any, sender: Sender, place: str) -> None:
        settings = package.Configuration(host=place)
        settings.proxy = None  # the environment's, which is not taken
        api = package.ApiClient(settings)
        api.rest_client = sender
        self._package = package
        self._authentication = package.AuthenticationV1Api(api)
        self._authorization = package.AuthorizationV1Api(api)
        self._place = place

    def who(self) -> Who:
        """Whom the cluster takes it for. Raises Unanswered."""
        body = self._package.V1SelfSubjectReview(api_version="authentication.k8s.io/v1", kind="SelfSubjectReview")
        return self._read(lambda: _who(self._authentication.create_self_subject_review(body)), SELF_REVIEW)

    def rules(self, namespace: str) -> Rules:
        """Which rules hold for it in a namespace. Raises Unanswered."""
        body = self._package.V1SelfSubjectRulesReview(
            api_version="authorization.k8s.io/v1",
            kind="SelfSubjectRulesReview",
            spec=self._package.V1SelfSubjectRulesReviewSpec(namespace=namespace),
        )
        return self._read(lambda: _rules(self._authorization.create_self_subject_rules_review(body)), RULES_REVIEW)

    def _read(self, asked: Callable[[], Told], call: Call) -> Told:
        """What an answer says. The package's own errors quote the answer and go no further."""
        try:
            return asked()
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
            pass
        raise Unanswered(Gap(GapKind.FAILED, self._place + call.path, "an answer that is none"))


def _who(review: Any) -> Who:
    user = review.status.user_info
    name = label(user.username)
    if not name:
        raise ValueError
    return Who(name, _texts(user.groups))


def _rules(review: Any) -> Rules:
    told = [
        Rule(_texts(each.verbs), _texts(each.api_groups), _texts(each.resources))
        for each in review.status.resource_rules or ()
    ]
    return Rules(tuple(told), review.status.incomplete is False and not review.status.evaluation_error)


def _texts(told: Any) -> tuple[str, ...]:
    if not (told is None or (isinstance(told, list) and all(isinstance(each, str) for each in told))):
        raise ValueError
    return tuple(told or ())


def reviews(client: Client, place: Place, base: str, headers: Mapping[str, str]) -> Reviews | Gap:
    """The reviews at a cluster; a Gap where the package is not installed."""
    try:
        from kubernetes import client as package
    except ImportError:
        return Gap(GapKind.REFUSED, place.url, INSTALL)
    return Reviews(package, Sender(client, place, base, headers), place.url + base)
