"""Which version of an agent is installed, as far as its files tell: names of folders, and the package it lies in."""

import re
from collections.abc import Iterable
from pathlib import PurePath

from probes.agents.tree import parse
from scanner.host import Host, Place, TextFile

VERSION = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,9}){1,3}(?:[-+][A-Za-z0-9.]{1,30})?")
EXTENSION = re.compile(r".*?-([0-9]{1,5}(?:\.[0-9]{1,9}){2})(?:-[a-z0-9-]{1,30})?")
PACKAGES = "node_modules"


def of_program(host: Host, declared: str, places: Iterable[Place]) -> str | None:
    """The version of the first program whose link leads into a folder of that name, or into a package that says."""
    for place in places:
        target = place.link_target
        if target is None:
            continue
        named = next((part for part in reversed(target.parts[:-1]) if VERSION.fullmatch(part)), None)
        found = _of_link(host, declared, target) if PACKAGES in target.parts else named
        if found is not None:
            return found
        if VERSION.fullmatch(target.name):
            return target.name
    return None


def _of_link(host: Host, declared: str, target: PurePath) -> str | None:
    """What the package says that a program lies in: in the folder above the program's."""
    return of_package(host.read_named(declared, target.parent.parent / "package.json"), host)


def of_package(files: Iterable[object], host: Host) -> str | None:
    """The version in a package.json."""
    for file in files:
        root = parse(file.text, "json", host.check_time).root if isinstance(file, TextFile) else None
        version = root.said("version") if root is not None else ""
        if VERSION.fullmatch(version):
            return version
    return None


def of_extension(places: Iterable[Place]) -> str | None:
    """The highest version among the folders of an editor's extension."""
    found = [match[1] for each in places if (match := EXTENSION.fullmatch(each.path.name)) is not None]
    return max(found, key=_numbers, default=None)


def highest(names: Iterable[str]) -> str | None:
    """The highest of the names that are versions."""
    return max((name for name in names if VERSION.fullmatch(name)), key=_numbers, default=None)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"[0-9]+", version.partition("-")[0])))
