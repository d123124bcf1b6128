"""The page that a report is written on."""

from msgspec import Struct


class Page(Struct, frozen=True):
    """Columns, whether colour is wanted, and whether more than ASCII can be shown."""

    width: int = 80
    color: bool = False
    unicode: bool = True
