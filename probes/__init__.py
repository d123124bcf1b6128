"""Every probe that comes with the tool, in the order in which they run and report."""

from scanner.probe import Probe

BUILTIN: tuple[Probe, ...] = ()
