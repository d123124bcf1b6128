"""The page that a report is written on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """Columns, whether colour is wanted, and whether more than ASCII can be shown."""

    width: int = 80
    color: bool = False
    unicode: bool = True
