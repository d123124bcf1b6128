"""The order in which the Google Cloud probe tells: configurations, what is stored, files, surroundings, defaults."""

from collections.abc import Iterator

from probes.gcloud.configurations import (
    Configuration,
    account_of,
    configurations,
    impersonated_by,
    project_of,
    quota_of,
)
from probes.gcloud.documents import impersonation, lies_within
from probes.gcloud.files import documents, owned, surroundings, tokens
from probes.gcloud.near import Near
from probes.gcloud.stores import stored
from probes.gcloud.traps import default_projects
from probes.gcloud.who import PROJECT, Actor, account, project_asset
from scanner.model import Gap, Observation


def told(near: Near) -> Iterator[Observation]:
    """All that is to be told of Google Cloud on this host; some of it twice."""
    known: list[Configuration] = []
    for found in configurations(near):
        if isinstance(found, Gap):
            yield found
        else:
            known.append(found)
    current: set[str] = set()
    for each in known:
        who = _acting(each, near)
        if who is not None:
            yield from _configured(each, who, near)
            if each.active:
                current.add(who.email)
    owners: dict[str, str] = {}
    for seen in stored(near, frozenset(current)):
        owners.update(owned(seen))
        yield seen
    yield from documents(near, known, owners)
    yield from tokens(near, known)
    yield from surroundings(near)
    yield from default_projects(known, near)


def _acting(configuration: Configuration, near: Near) -> Actor | None:
    setting = account_of(configuration, near)
    return account(setting.value) if setting is not None else None


def _configured(configuration: Configuration, who: Actor, near: Near) -> Iterator[Observation]:
    """Whom a configuration's account becomes, and the projects that it is used on."""
    last = who
    setting = impersonated_by(configuration, near)
    if setting is not None:
        chain = [text.strip() for text in setting.value.split(",")]
        yield from impersonation(who, chain, setting.evidence, near)
        last = account(chain[-1]) or who
    for named, why in (
        (project_of(configuration, near), f"{configuration.label} names the project"),
        (quota_of(configuration, near), f"the project pays for what {configuration.label} asks"),
    ):
        if named is not None and PROJECT.fullmatch(named.value):
            asset = project_asset(named.value, *configuration.hints)
            yield from (lies_within(each, asset, why, named.evidence) for each in dict.fromkeys((who, last)))
