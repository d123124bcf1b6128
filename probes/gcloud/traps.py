"""Defaults that lead a careless command into production, and how to leave them."""

import shlex
from collections.abc import Iterator, Sequence

from probes.gcloud.configurations import Configuration, Setting, library_default, overriding, project_of
from probes.gcloud.near import Near
from probes.gcloud.reads import GCLOUD_PROJECTS
from probes.gcloud.who import PROJECT, project_asset
from scanner.model import Environment, Fix, Platform, Staged, Weakness

CALM = frozenset({"dev", "development", "staging", "stg", "stage", "test", "sandbox", "sbx", "qa"})
FIRST = "staging"
PRODUCTION = frozenset({Environment.PRODUCTION})


def default_projects(known: Sequence[Configuration], near: Near) -> Iterator[Weakness]:
    """Each default project as a weakness, should it be production: gcloud's own, and that of Google's libraries."""
    by_file = [each for each in known if each.active and not overriding(near, GCLOUD_PROJECTS)]
    for configuration in by_file:
        setting = project_of(configuration, near)
        if setting is not None and PROJECT.fullmatch(setting.value):
            where = f"The active {configuration.label} names project {setting.value}"
            fix = _another(configuration, setting, known, near)
            yield _weakness(setting, f"{where}: gcloud commands without --project meet it.", fix, configuration)
    for told, who in (
        (overriding(near, GCLOUD_PROJECTS), "gcloud commands without --project"),
        (library_default(near), "Google's libraries"),
    ):
        if told is not None and PROJECT.fullmatch(told.value):
            name = told.evidence.variable or ""
            why = f"{name} names project {told.value}: {who} meet it."
            yield _weakness(told, why, _unset(name, near.host.platform), None)


def _weakness(setting: Setting, why: str, fix: Fix, configuration: Configuration | None) -> Weakness:
    asset = project_asset(setting.value, *(configuration.hints if configuration is not None else ()))
    return Weakness(
        rule="gcloud.production-default",
        title="The default project of Google Cloud is production",
        evidence=setting.evidence,
        why=why,
        fix=fix,
        tags=("default",),
        when=(Staged(asset, PRODUCTION),),
    )


def _another(active: Configuration, setting: Setting, known: Sequence[Configuration], near: Near) -> Fix:
    """A configuration that is there and looks calm, else one to be made."""
    beside = sorted(each.name for each in known if each.folder == active.folder and each.name)
    for each in known:
        other = project_of(each, near)
        if each.folder != active.folder or each.active or not each.name or other is None:
            continue
        if other.value != setting.value and _is_calm(f"{each.name}-{other.value}"):
            name = shlex.quote(each.name)
            return Fix(f"Make {each.label} the active one.", (f"gcloud config configurations activate {name}",))
    name = next(name for name in (FIRST, *(f"{FIRST}-{number}" for number in range(2, 1000))) if name not in beside)
    return Fix(
        "Make a configuration for a project that is not production, and name production where it is meant.",
        (f"gcloud config configurations create {name}", "gcloud config set project PROJECT_ID"),
    )


def _is_calm(text: str) -> bool:
    words = set(text.replace(".", "-").replace(":", "-").split("-"))
    return not CALM.isdisjoint(words) and words.isdisjoint({"prod", "production", "prd", "live"})


def _unset(name: str, platform: Platform) -> Fix:
    command = f"Remove-Item Env:{name}" if platform is Platform.WINDOWS else f"unset {name}"
    return Fix("Start agents without the variable, and name the project in each command.", (command,))
