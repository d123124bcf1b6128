"""What contracts are read from: bytes under a name, and whoever finds the ones that others extend."""

from collections.abc import Callable

from msgspec import Struct


class Document(Struct, frozen=True):
    """The bytes of a contract, and what errors and reports call the file."""

    source: str
    data: bytes


# Given a name and the source that extends it: its document, None where there is none. May raise ScannerError.
Find = Callable[[str, str], Document | None]
