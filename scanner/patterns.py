"""Regular expressions that are compiled when they are first used: of the many that a start loads it needs few."""

import re
import sys
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import AnyStr, Generic


class Pattern(Generic[AnyStr]):
    """A regular expression with the methods of `re.Pattern`; the first that is called compiles it."""

    def __init__(self, text: AnyStr, flags: re.RegexFlag = re.NOFLAG) -> None:
        self._text: AnyStr = text
        self._flags = flags

    def __repr__(self) -> str:
        return f"Pattern({self._text!r})"

    @cached_property
    def compiled(self) -> re.Pattern[AnyStr]:
        """The expression, compiled. Raises re.error where it is none."""
        return re.compile(self._text, self._flags)

    def match(self, text: AnyStr, start: int = 0, end: int = sys.maxsize) -> re.Match[AnyStr] | None:
        """What it matches from there on."""
        return self.compiled.match(text, start, end)

    def fullmatch(self, text: AnyStr, start: int = 0, end: int = sys.maxsize) -> re.Match[AnyStr] | None:
        """What it matches where that is the whole."""
        return self.compiled.fullmatch(text, start, end)

    def search(self, text: AnyStr, start: int = 0, end: int = sys.maxsize) -> re.Match[AnyStr] | None:
        """The first that it matches anywhere."""
        return self.compiled.search(text, start, end)

    def finditer(self, text: AnyStr, start: int = 0, end: int = sys.maxsize) -> Iterator[re.Match[AnyStr]]:
        """All that it matches, none over another."""
        return self.compiled.finditer(text, start, end)

    def findall(self, text: AnyStr, start: int = 0, end: int = sys.maxsize) -> list[AnyStr]:
        """The texts that it matches; for expressions without groups."""
        return self.compiled.findall(text, start, end)

    def sub(self, other: AnyStr | Callable[[re.Match[AnyStr]], AnyStr], text: AnyStr) -> AnyStr:
        """The text with the other in the place of all that it matches."""
        return self.compiled.sub(other, text)

    def split(self, text: AnyStr, most: int = 0) -> list[AnyStr]:
        """What stands between all that it matches, or between the first so many; for expressions without groups."""
        return self.compiled.split(text, most)
