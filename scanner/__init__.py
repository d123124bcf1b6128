"""armslength: what an AI agent launched from this machine could reach."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scanner.engine import scan as scan
    from scanner.host import Host as Host
    from scanner.model.report import Report as Report
    from scanner.probe import probe as probe

__all__ = ["Host", "Report", "probe", "scan"]

HOMES = {
    "Host": "scanner.host",
    "Report": "scanner.model.report",
    "probe": "scanner.probe",
    "scan": "scanner.engine",
}


def __getattr__(name: str) -> Any:
    """Loads a public name when it is first asked for, so that importing the package costs nothing."""
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(HOMES[name]), name)
