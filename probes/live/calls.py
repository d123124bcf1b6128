"""Every call that may ever leave this machine, as data: what is not in this table cannot be asked."""

from enum import StrEnum

from msgspec import Struct


class Provider(StrEnum):
    """Who can be asked."""

    GITHUB = "github"
    AWS = "aws"


class Call(Struct, frozen=True):
    """One read-only question.

    `hosts` are the only ones that it goes to; `self_hosted` lets it go to a host of gh's own file too. `keeps` are the
    headers of the answer that are looked at. A POST is in this table only where the provider reads by POST.
    """

    name: str
    provider: Provider
    method: str
    hosts: tuple[str, ...]
    path: str
    tells: str
    body: str = ""
    self_hosted: bool = False
    keeps: tuple[str, ...] = ()


GITHUB_API = "api.github.com"
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
CALLS = (USER, INSTALLATION, CALLER_IDENTITY)
