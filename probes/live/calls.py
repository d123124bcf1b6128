"""Every call that may ever leave this machine, as data: what is not in this table cannot be asked."""

from enum import StrEnum

from msgspec import Struct


class Provider(StrEnum):
    """Who can be asked."""

    GITHUB = "github"
    AWS = "aws"
    KUBERNETES = "kubernetes"
    DOCKER = "docker"


class Call(Struct, frozen=True):
    """One read-only question.

    `hosts` are the only ones that it goes to; `self_hosted` lets it go to a host of gh's own file too, `own` to the
    server that the user's own settings pair with the credential, and then over TLS only. `base` is the form of what may
    stand before the path. `keeps` are the headers of the answer that are looked at. A POST is in this table only where
    the provider reads by POST; the one thing that may be filled into a body is a name, for HOLE.
    """

    name: str
    provider: Provider
    method: str
    hosts: tuple[str, ...]
    path: str
    tells: str
    body: str = ""
    self_hosted: bool = False
    own: bool = False
    base: str = ""
    keeps: tuple[str, ...] = ()


HOLE = "{name}"
GITHUB_API = "api.github.com"
ENTERPRISE = "(/api/v3)?"
GITHUB_KEEPS = (
    *("x-oauth-scopes", "github-authentication-token-expiration"),
    *("x-ratelimit-remaining", "retry-after"),
)
USER = Call(
    name="github.user",
    provider=Provider.GITHUB,
    method="GET",
    hosts=(GITHUB_API,),
    path="/user",
    tells="who the token is, its scopes, and when it ends",
    self_hosted=True,
    base=ENTERPRISE,
    keeps=GITHUB_KEEPS,
)
INSTALLATION = Call(
    name="github.installation",
    provider=Provider.GITHUB,
    method="GET",
    hosts=(GITHUB_API,),
    path="/installation/repositories?per_page=1",
    tells="how many repositories the installation reaches",
    self_hosted=True,
    base=ENTERPRISE,
    keeps=GITHUB_KEEPS,
)
# One endpoint for each partition of AWS: a key works in one of them, and each region of it takes the key.
CALLER_IDENTITY = Call(
    name="aws.caller-identity",
    provider=Provider.AWS,
    method="POST",
    hosts=(
        *("sts.us-east-1.amazonaws.com", "sts.us-gov-west-1.amazonaws.com"),
        *("sts.cn-north-1.amazonaws.com.cn", "sts.eusc-de-east-1.amazonaws.eu"),
    ),
    path="/",
    tells="who the key acts as",
    body="Action=GetCallerIdentity&Version=2011-06-15",
    keeps=("date",),
)
# Behind a gateway a cluster may lie below a path.
BELOW = "(/[A-Za-z0-9._~-]{1,100}){0,8}"
SELF_REVIEW = Call(
    name="kubernetes.self-review",
    provider=Provider.KUBERNETES,
    method="POST",
    hosts=(),
    path="/apis/authentication.k8s.io/v1/selfsubjectreviews",
    tells="whom the cluster takes it for",
    body='{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}',
    own=True,
    base=BELOW,
)
RULES_REVIEW = Call(
    name="kubernetes.rules-review",
    provider=Provider.KUBERNETES,
    method="POST",
    hosts=(),
    path="/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
    tells="which rights it has there; in a namespace that nobody has, those that hold in the whole cluster",
    body='{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectRulesReview","spec":{"namespace":"{name}"}}',
    own=True,
    base=BELOW,
)
ENGINE_VERSION = Call(
    name="docker.version",
    provider=Provider.DOCKER,
    method="GET",
    hosts=(),
    path="/version",
    tells="which engine it opens",
    own=True,
)
ENGINE_INFO = Call(
    name="docker.info",
    provider=Provider.DOCKER,
    method="GET",
    hosts=(),
    path="/info",
    tells="whether that engine runs as root",
    own=True,
    base=r"/v[0-9]{1,2}\.[0-9]{1,3}",
)
CALLS = (USER, INSTALLATION, CALLER_IDENTITY, SELF_REVIEW, RULES_REVIEW, ENGINE_VERSION, ENGINE_INFO)
