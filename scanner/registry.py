"""The probes of a run: the built-in ones, and outside ones that the configuration names."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from probes import BUILTIN
from scanner.config import Config, did_you_mean
from scanner.errors import ScannerError
from scanner.probe import Probe
from scanner.text import printable

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "armslength.probes"


class PluginError(ScannerError):
    """An outside probe that the configuration names cannot be used."""


def probes(config: Config, builtin: Sequence[Probe] = BUILTIN) -> tuple[Probe, ...]:
    """The built-in probes and those from outside that `plugins.allow` names. Raises PluginError.

    A name there is that of an entry point of the group `armslength.probes`, or of the distribution that has it.
    """
    found = [*builtin, *(_outside(config.plugins) if config.plugins else ())]
    seen: dict[str, Probe] = {}
    for probe in found:
        if probe.id in seen:
            sources = f"{seen[probe.id].distribution or 'armslength'} and {probe.distribution or 'armslength'}"
            raise PluginError(f"two probes are called {printable(probe.id)}: of {printable(sources)}")
        seen[probe.id] = probe
    return tuple(found)


def chosen(found: Sequence[Probe], only: Sequence[str], skipped: Sequence[str]) -> tuple[Probe, ...]:
    """The probes with these ids (all, when none is named) without the skipped ones. Raises ScannerError."""
    ids = [probe.id for probe in found]
    for name in (*only, *skipped):
        if name not in ids:
            raise ScannerError(
                f"there is no probe {printable(name)}{did_you_mean(name, ids)}", "armslength probes lists them all"
            )
    left = tuple(probe for probe in found if (not only or probe.id in only) and probe.id not in skipped)
    if found and not left:  # a report of nothing looked at would read as if nothing were there
        raise ScannerError("no probe is left to run", "take one out of --skip-probe")
    return left


def _outside(names: Sequence[str]) -> Iterator[Probe]:
    from importlib.metadata import entry_points

    points = sorted(entry_points(group=GROUP), key=lambda point: (_distribution(point), point.name))
    wanted = {_plain(name): name for name in names}
    known = {each for point in points for each in (_plain(point.name), _plain(_distribution(point).split(" ")[0]))}
    for plain, name in wanted.items():
        if plain not in known:
            hint = "take it out of plugins.allow in the configuration, or install it beside armslength"
            raise PluginError(f"the outside probe {printable(name)} is not installed", hint)
    for point in points:
        if not wanted.keys().isdisjoint({_plain(point.name), _plain(_distribution(point).split(" ")[0])}):
            yield from _loaded(point)


def _loaded(point: "EntryPoint") -> Iterator[Probe]:
    """The probes behind an entry point: one, or several in a tuple or list."""
    try:
        value = point.load()
    except (Exception, SystemExit) as error:  # whatever its module does is its author's; messages may quote
        raise PluginError(f"the outside probe {printable(point.name)} is broken: {type(error).__name__}") from None
    for probe in value if isinstance(value, tuple | list) else (value,):
        if not isinstance(probe, Probe):
            raise PluginError(f"the outside probe {printable(point.name)} is broken: it is no probe")
        yield replace(probe, distribution=_distribution(point))


def _distribution(point: "EntryPoint") -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else "unknown"


def _plain(name: str) -> str:
    """A name as packaging compares names."""
    return re.sub(r"[-_.]+", "-", name).casefold()
