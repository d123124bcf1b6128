"""Gateways and sign-ins that stand in the place of a key of one's own, and the assets to which they lead."""

import re
from collections.abc import Iterator

from msgspec import Struct

from probes.guardrails.reads import AWS, GATEWAYS, GCLOUD, TELEPORT, TELEPORT_CLUSTERS, TELEPORT_DATABASES
from probes.ini import Section, parse
from scanner.data.families import holds_token
from scanner.host import Host, Place, TextFile
from scanner.model import Asset, Evidence, Guardrail

ANY = "*"  # any asset of its kind
ACCOUNT = re.compile(r"[0-9]{12}")
ROLE = re.compile(r"arn:aws[\w-]{0,20}:iam::([0-9]{12}):role/")
BROKERS = {"aws-vault": re.compile(r"\baws-vault\b"), "granted": re.compile(r"\b(?:granted|assume)\b")}
NAME = re.compile(r"[\w.:@-]{1,120}")
PROJECT = re.compile(r"[a-z][a-z0-9-]{4,40}")
PROFILES = 500
CERTIFICATES = 500


def gateways(host: Host) -> Iterator[Guardrail]:
    """Each that is set up, with what it leads to; whether it is the better path the judgement tells."""
    accounts = _accounts(host)
    if accounts.sso:
        yield _gateway("aws-sso", "AWS is signed in to through SSO", accounts.place, accounts.assets(accounts.sso))
    yield from _teleport(host)
    yield from _impersonation(host)
    for name, title, signs, kinds in GATEWAYS:
        place = next((each for each in host.places(*signs) if isinstance(each, Place)), None)
        brokered = accounts.brokered.get(name, ())
        if place is None and not brokered:
            continue
        leads = accounts.assets(brokered) or tuple(Asset(kind, ANY) for kind in kinds)
        yield _gateway(name, f"{title} is set up", Evidence(place.path) if place is not None else accounts.place, leads)


def _gateway(name: str, title: str, place: Evidence, leads: tuple[Asset, ...]) -> Guardrail:
    """A gateway of which nothing tells where it leads is no better path to anything in particular."""
    said = title if leads else f"{title}; to what it leads is not told here"
    return Guardrail(f"gateway.{name}", said, place, in_force=bool(leads), instead=leads)


# --- AWS


class Accounts(Struct):
    """The accounts that profiles lead to: those signed in to through SSO, and those that a broker hands out."""

    sso: tuple[str, ...]
    brokered: dict[str, tuple[str, ...]]
    place: Evidence

    def assets(self, numbers: tuple[str, ...]) -> tuple[Asset, ...]:
        """The accounts as assets."""
        return tuple(Asset("aws-account", number) for number in dict.fromkeys(numbers))


def _accounts(host: Host) -> Accounts:
    found = Accounts((), {}, Evidence())
    for file in host.read(*AWS):
        if not isinstance(file, TextFile):
            continue
        for section in parse(file.text).sections[:PROFILES]:
            number = _account(section)
            if number and _said(section, "sso_account_id"):
                found.sso = (*found.sso, number)
                found.place = found.place if found.place.path is not None else Evidence(file.path, section.line)
            for name, broker in BROKERS.items():
                if number and broker.search(_said(section, "credential_process")):
                    found.brokered[name] = (*found.brokered.get(name, ()), number)
                    found.place = found.place if found.place.path is not None else Evidence(file.path, section.line)
    return found


def _account(section: Section) -> str:
    number = (
        _said(section, "sso_account_id") or _said(section, "aws_account_id") or _said(section, "granted_sso_account_id")
    )
    if ACCOUNT.fullmatch(number):
        return number
    role = ROLE.match(_said(section, "role_arn"))
    return role[1] if role is not None else ""


def _said(section: Section, key: str) -> str:
    entry = section.entry(key)
    return entry.value.strip() if entry is not None else ""


# --- Teleport


def _teleport(host: Host) -> Iterator[Guardrail]:
    place = next((each for each in host.places(*TELEPORT) if isinstance(each, Place)), None)
    if place is None:
        return
    leads = [
        *(Asset("kubernetes-cluster", name) for name in _certified(host, TELEPORT_CLUSTERS)),
        *(Asset("database", name) for name in _certified(host, TELEPORT_DATABASES)),
    ]
    anything = tuple(Asset(kind, ANY) for kind in ("kubernetes-cluster", "database", "ssh-host"))
    yield _gateway("teleport", "Teleport is set up", Evidence(place.path), tuple(dict.fromkeys(leads)) or anything)


def _certified(host: Host, patterns: tuple[str, ...]) -> Iterator[str]:
    """What certificates were given out for, as their files are named."""
    for number, place in enumerate(host.places(*patterns)):
        if number == CERTIFICATES:
            return
        if isinstance(place, Place):
            name = re.sub(r"(?:-x509)?\.(?:pem|crt|cred|key)$", "", place.path.name)
            if NAME.fullmatch(name) and not holds_token(name) and not name.endswith("-kubeconfig"):
                yield name


# --- Google Cloud


def _impersonation(host: Host) -> Iterator[Guardrail]:
    """Configurations that act as a service account without a key of it."""
    for file in host.read(*GCLOUD):
        if not isinstance(file, TextFile):
            continue
        sections = parse(file.text).merged()
        auth, core = sections.get("auth"), sections.get("core")
        if auth is None or not _said(auth, "impersonate_service_account"):
            continue
        project = _said(core, "project") if core is not None else ""
        known = PROJECT.fullmatch(project) is not None and not holds_token(project)
        leads = (Asset("gcp-project", project if known else ANY),)
        title = "gcloud impersonates a service account in place of its key"
        yield _gateway("gcloud-impersonation", title, Evidence(file.path, auth.line), leads)
