"""What a JSON web token says of itself; its signature is not checked, so it is a claim and no more."""

import base64
import json
import re

from msgspec import Struct

from scanner.model import STATIC, Lifetime, LifetimeKind
from scanner.shapes import label, moment

TOKEN = re.compile(r"([\w-]{2,4096})\.([\w-]{2,60000})\.[\w-]{0,8192}", re.ASCII)
LIST_LIMIT = 50
ACCOUNT = re.compile(r"system:serviceaccount:([a-z0-9-]{1,63}):([a-z0-9.-]{1,253})", re.ASCII)


class Claims(Struct, frozen=True):
    """Who issued the token, for whom, to whom, until when; `namespace` and `service_account` are of Kubernetes."""

    issuer: str = ""
    subject: str = ""
    audience: tuple[str, ...] = ()
    lifetime: Lifetime = STATIC
    person: str = ""
    groups: tuple[str, ...] = ()
    namespace: str = ""
    service_account: str = ""


def claims(token: str) -> Claims | None:
    """The claims of a token, None for what is none: three parts in base64url, the first two of them JSON objects."""
    parts = TOKEN.fullmatch(token)
    if parts is None or "alg" not in (_part(parts[1]) or {}):
        return None
    told = _part(parts[2])
    if told is None:
        return None
    subject = label(told.get("sub"))
    account = ACCOUNT.fullmatch(subject)
    ends = moment(told.get("exp"))
    return Claims(
        issuer=label(told.get("iss")),
        subject=subject,
        audience=_names(told.get("aud")),
        lifetime=STATIC if ends is None else Lifetime(LifetimeKind.EXPIRES, ends),
        person=next(
            (each for each in (label(told.get(key)) for key in ("email", "upn", "preferred_username")) if each), ""
        ),
        groups=_names(told.get("groups")),
        namespace=account[1] if account is not None else "",
        service_account=account[2] if account is not None else "",
    )


def _names(told: object) -> tuple[str, ...]:
    """A claim that is one name or a list of them."""
    listed = told if isinstance(told, list) else [told]
    return tuple(name for name in (label(each) for each in listed[:LIST_LIMIT]) if name)


def _part(text: str) -> dict[str, object] | None:
    try:
        told = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, RecursionError):  # no base64, no UTF-8, no JSON, a number without end, or nested too deeply
        return None
    return told if isinstance(told, dict) else None
