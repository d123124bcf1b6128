"""gcloud's configurations: the project, account and impersonation of each, and which of them decides from here."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import ClassVar

from msgspec import Struct

from probes.gcloud.near import Near, once
from probes.gcloud.reads import (
    ACCOUNT,
    ACTIVE,
    CHOICE,
    CONFIGURATIONS,
    GCLOUD_PROJECTS,
    IMPERSONATION,
    LEGACY_PROPERTIES,
    LIBRARY_PROJECTS,
    QUOTA_PROJECTS,
    ROAMING,
)
from probes.gcloud.who import PROJECT
from probes.ini import Entry, Ini, parse
from scanner.host import TextFile
from scanner.model import Evidence, Gap, Hint, Platform
from scanner.model.value import Value

NAME = re.compile(r"[a-z][-a-z0-9]{0,99}", re.ASCII)
SUPERSEDED = "# This properties file has been superseded by named configurations."
BEFORE_ANY = "default"  # gcloud makes it where no file names one


class Setting(Value, frozen=True):
    """A value that a file or a variable sets."""

    concealed: ClassVar[frozenset[str]] = frozenset({"value"})

    value: str
    evidence: Evidence


class Configuration(Struct, frozen=True):
    """One set of properties by `section/name`; `name` is empty for the file from before configurations."""

    name: str
    folder: PurePath
    active: bool
    settings: tuple[tuple[str, Setting], ...]

    def get(self, key: str) -> Setting | None:
        """The setting of that key, None where it is absent or empty."""
        return dict(self.settings).get(key)

    @property
    def label(self) -> str:
        """What a person calls it."""
        return f"configuration {self.name}" if self.name else "the old properties file"

    @property
    def hints(self) -> tuple[Hint, ...]:
        """What its name may tell of its project."""
        return (Hint("profile", self.name),) if self.name and self.name != BEFORE_ANY else ()


def configurations(near: Near) -> Iterator[Configuration | Gap]:
    """Every configuration of every folder, with the variables that override the active one."""
    chosen = near.host.variable(CHOICE)
    in_use = folder_in_use(near)
    by_folder: dict[PurePath, str] = {}
    for found in near.host.read(*ACTIVE):
        if isinstance(found, Gap):
            yield found
        else:
            by_folder.setdefault(found.path.parent, found.text.strip())
    met: set[object] = set()
    folders: set[PurePath] = set()
    for found in once(near.host.read(*CONFIGURATIONS), met):
        if isinstance(found, Gap):
            yield found
            continue
        folder = found.path.parent.parent
        folders.add(folder)
        name = found.path.name.partition("_")[2]
        if NAME.fullmatch(name) is None:
            yield near.failed(Evidence(found.path), "is a configuration whose name gcloud does not take")
            continue
        active = folder == in_use and name == (chosen or by_folder.get(folder) or BEFORE_ANY)
        yield from _read(found, Configuration(name, folder, active, ()), near)
    for found in once(near.host.read(*LEGACY_PROPERTIES), met):
        if isinstance(found, Gap):
            yield found
        elif not found.text.lstrip().startswith(SUPERSEDED):
            folder = found.path.parent
            active = folder == in_use and folder not in folders and not chosen
            yield from _read(found, Configuration("", folder, active, ()), near)


def folder_in_use(near: Near) -> PurePath | None:
    """The folder that gcloud takes when it is called from here; others may be there too."""
    moved = near.host.variable("CLOUDSDK_CONFIG")
    if moved:
        return near.host.resolve(moved, near.host.workspace)
    if near.host.platform is not Platform.WINDOWS:
        return near.host.home / ".config" / "gcloud"
    roaming = near.host.resolve(near.host.variable(ROAMING) or "~/AppData/Roaming")
    return roaming / "gcloud" if roaming is not None else None


def _read(file: TextFile, empty: Configuration, near: Near) -> Iterator[Configuration | Gap]:
    ini = parse(file.text)
    if ini.broken:
        which = f"line {ini.broken[0]} is" if len(ini.broken) == 1 else f"{len(ini.broken)} lines are"
        yield near.failed(Evidence(file.path), f"{which} neither section nor setting; the rest was read")
    for evidence in _twice(file, ini):
        yield near.failed(evidence, "sets a property a second time; the last one was taken")
    settings = {
        f"{section.name}/{entry.key}": Setting(entry.value.strip(), _place(file, section.name, entry))
        for section in ini.sections
        for entry in section.entries
        if entry.value.strip()
    }
    for key in ("core/project", "billing/quota_project"):
        setting = settings.get(key)
        if setting is not None and not PROJECT.fullmatch(setting.value) and setting.value not in BILLING_WORDS:
            yield near.failed(setting.evidence, f"{key} of {empty.label} is no id of a project")
            del settings[key]
    near.hide(settings["auth/client_secret"].value if "auth/client_secret" in settings else None)
    yield Configuration(empty.name, empty.folder, empty.active, tuple(settings.items()))


def _twice(file: TextFile, ini: Ini) -> Iterator[Evidence]:
    """Where a property is set again, which gcloud refuses to read."""
    met: set[tuple[str, str]] = set()
    for section in ini.sections:
        for entry in section.entries:
            if (section.name, entry.key) in met:
                yield _place(file, section.name, entry)
            met.add((section.name, entry.key))


BILLING_WORDS = frozenset({"LEGACY", "CURRENT_PROJECT", "CURRENT_PROJECT_WITH_FALLBACK"})


def _place(file: TextFile, section: str, entry: Entry) -> Evidence:
    """The place; a key with odd signs is not named, since any line with `=` makes one."""
    return Evidence(
        file.path, entry.line, f"[{section}] {entry.key}" if f"{section}{entry.key}".isprintable() else None
    )


def overriding(near: Near, names: Sequence[str]) -> Setting | None:
    """The first of these variables that is set."""
    for name in names:
        value = near.host.variable(name)
        if value:
            return Setting(value.strip(), Evidence(variable=name))
    return None


def account_of(configuration: Configuration, near: Near) -> Setting | None:
    """Whose credentials a configuration uses; a variable overrides the active one."""
    told = overriding(near, (ACCOUNT,)) if configuration.active else None
    return told or configuration.get("core/account")


def impersonated_by(configuration: Configuration, near: Near) -> Setting | None:
    """Whom a configuration impersonates; a variable overrides the active one."""
    told = overriding(near, (IMPERSONATION,)) if configuration.active else None
    return told or configuration.get("auth/impersonate_service_account")


def project_of(configuration: Configuration, near: Near) -> Setting | None:
    """Which project a configuration means; a variable overrides the active one."""
    told = overriding(near, GCLOUD_PROJECTS) if configuration.active else None
    return told or configuration.get("core/project")


def quota_of(configuration: Configuration, near: Near) -> Setting | None:
    """Which project pays in its place, where it is another one."""
    told = overriding(near, QUOTA_PROJECTS) if configuration.active else None
    setting = told or configuration.get("billing/quota_project")
    return setting if setting is not None and PROJECT.fullmatch(setting.value) else None


def library_default(near: Near) -> Setting | None:
    """The project that a variable gives to Google's libraries."""
    return overriding(near, LIBRARY_PROJECTS)
