"""armslength: what an AI agent launched from this machine could reach."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scanner import probe as probe
    from scanner.engine import scan as scan
    from scanner.host import Host as Host
    from scanner.model.report import Report as Report

__all__ = ["Host", "Report", "probe", "scan"]

HOMES = {"Host": "scanner.host", "Report": "scanner.model.report", "scan": "scanner.engine"}


def __getattr__(name: str) -> Any:
    """Loads a public name when it is first asked for, so that importing the package costs nothing.

    `probe` is the module, whose decorator is `probe.probe`: a module's name cannot mean another thing as well.
    """
    from importlib import import_module

    if name == "probe":
        return import_module("scanner.probe")
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(HOMES[name]), name)
