"""What a reader makes of a file's text: pairs that are judged by name and value, and text in which only shapes count."""

from collections.abc import Callable
from pathlib import PurePath
from typing import ClassVar

from scanner.model.value import Value
from scanner.secrets import Pair


class Read(Value, frozen=True):
    """Pairs of a text, and the text (as many lines as the whole has) in which only token shapes are looked for."""

    concealed: ClassVar[frozenset[str]] = frozenset({"pairs", "loose"})

    pairs: tuple[Pair, ...] = ()
    loose: str = ""


Reader = Callable[[str, PurePath], Read]
