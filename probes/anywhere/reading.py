"""What a reader makes of a file: pairs that are judged by name and value, and text in which only shapes count."""

from collections.abc import Callable
from pathlib import PurePath
from typing import ClassVar

from scanner.model.value import Value
from scanner.secrets import Pair


class Read(Value, frozen=True):
    """Pairs of a text, and the text (as many lines as the whole has) in which only token shapes are looked for.

    `pairs` stand together, so that one may tell whose another is; so do those of each of the `groups`, and apart from
    all others.
    """

    concealed: ClassVar[frozenset[str]] = frozenset({"pairs", "groups", "loose"})

    pairs: tuple[Pair, ...] = ()
    loose: str = ""
    groups: tuple[tuple[Pair, ...], ...] = ()


Reader = Callable[[str, PurePath], Read]
