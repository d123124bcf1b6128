"""The page that a report is written on."""

from msgspec import Struct


class Page(Struct, frozen=True):
    """Columns, whether colour is wanted, and whether more than ASCII can be shown.

    `again` are the options of this look: with them a command that the page names sees the same.
    """

    width: int = 80
    color: bool = False
    unicode: bool = True
    again: str = ""

    @property
    def same(self) -> str:
        """What stands behind a command that is to see the same."""
        return f" {self.again}" if self.again else ""
