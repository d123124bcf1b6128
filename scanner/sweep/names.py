"""Which of many wanted names a file has: told by its end, its beginning or as a whole before any pattern is tried."""

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from scanner.host.paths import braces
from scanner.originals import ENDINGS, LAST, WITHIN_MARKS, original_name
from scanner.patterns import Pattern

WILD = frozenset("*?[")
Tried = tuple[int, Pattern[str] | None]  # the number of a wish, and what a name must match for it, None where any does


class Wish(Struct, frozen=True):
    """A glob of names, with folders before it (`.git/hooks/*`) or from the home (`~/.x/*/y`); `fold` ignores case."""

    glob: str
    fold: bool


class Names:
    """Wishes by number; a folder's own, by where it lies, and those of a name anywhere."""

    def __init__(self, wishes: Sequence[Wish], copied: int = 0) -> None:
        """The wishes from the number `copied` on are for old copies too."""
        self._copied = copied
        self._exact: dict[str, list[Tried]] = {}
        self._ends: dict[str, list[Tried]] = {}
        self._starts: dict[str, list[Tried]] = {}
        self._tails: dict[str, list[Tried]] = {}
        self._open: list[Tried] = []
        self._every: tuple[int, ...] = ()
        self._placed: dict[str, list[tuple[Pattern[str], Tried]]] = {}
        self._rooted: dict[str, list[tuple[Pattern[str], Tried]]] = {}
        for number, wish in enumerate(wishes):
            for glob in dict.fromkeys(braces(wish.glob)):
                self._add(number, glob, fold=wish.fold)
        self._first = frozenset(self._starts)
        self._last = LAST | {ending[-1] for ending in self._tails}
        self._kinds = ENDINGS | {ending[1:] for ending in self._ends}

    def _add(self, number: int, glob: str, *, fold: bool) -> None:
        folder, _, name = glob.rpartition("/")
        tried = (number, _pattern(name, fold=fold))
        if glob == "*":
            self._every = (*self._every, number)
        elif folder:
            self._add_placed(folder, tried)
        else:
            self._add_named(name, tried, fold=fold)

    def _add_named(self, name: str, tried: Tried, *, fold: bool) -> None:
        low = name.lower()
        dot = low.rfind(".")
        if WILD.isdisjoint(low):
            self._exact.setdefault(low, []).append(tried)
        elif dot >= 0 and WILD.isdisjoint(low[dot:]):
            every = fold and low[:dot] == "*"
            self._ends.setdefault(low[dot:], []).append((tried[0], None) if every else tried)
        elif low[0] not in WILD:
            self._starts.setdefault(low[0], []).append(tried)
        elif low[1:] and WILD.isdisjoint(low[1:]):
            self._tails.setdefault(low[1:], []).append(tried)
        else:
            self._open.append(tried)

    def _add_placed(self, folder: str, tried: Tried) -> None:
        rooted = folder == "~" or folder.startswith("~/")
        parts = folder.split("/")[rooted:]
        pattern = Pattern(_folders(parts, rooted=rooted))
        if rooted:
            first = parts[0].lower() if parts and WILD.isdisjoint(parts[0]) else "" if not parts else "*"
            self._rooted.setdefault(first, []).append((pattern, tried))
        else:
            last = parts[-1].lower()
            self._placed.setdefault(last if WILD.isdisjoint(last) else "*", []).append((pattern, tried))

    def of_folder(self, below: str, *, home: bool) -> list[Tried]:
        """The wishes for files of this folder by where it lies; `home`: paths are told from the home."""
        low = below.lower()
        found = [*self._placed.get(low.rpartition("/")[2], ()), *self._placed.get("*", ())]
        if home:
            found += [*self._rooted.get(low.partition("/")[0], ()), *self._rooted.get("*", ())]
        return [tried for pattern, tried in found if pattern.fullmatch(low) is not None] if found else []

    def of_name(self, name: str, here: Sequence[Tried] = (), *, copies: bool = False) -> Iterable[int]:
        """The numbers of the wishes for a file of this name, those of its folder among them; none twice.

        With `copies`, a name may be that of an old copy, which is wished for as its original is.
        """
        low = name.lower()
        if (
            low not in self._exact
            and low.rpartition(".")[2] not in self._kinds
            and low[:1] not in self._first
            and low[-1:] not in self._last
            and not (copies or here or self._open)
        ):
            return self._every
        tried = [*self._exact.get(low, ()), *self._ends.get(low[low.rfind(".") :], ()), *self._starts.get(low[:1], ())]
        tried += [*here, *self._open]
        tried += [each for ending, those in self._tails.items() if low.endswith(ending) for each in those]
        wished = dict.fromkeys(
            number for number, pattern in tried if pattern is None or pattern.fullmatch(name) is not None
        )
        return [*(wished or self._of_copy(name, here)), *self._every]

    def _of_copy(self, name: str, here: Sequence[Tried]) -> Iterable[int]:
        original = original_name(name)
        if original == name:
            return ()
        every = frozenset(self._every)
        return [each for each in self.of_name(original, here) if each >= self._copied and each not in every]

    def may_hold_copies(self, names: Sequence[str]) -> bool:
        """Whether some of these names may be those of copies, by what stands within them."""
        text = "\0".join(names).lower()
        return any(mark in text for mark in WITHIN_MARKS)


def _pattern(glob: str, *, fold: bool) -> Pattern[str] | None:
    """The expression of a name; None for any name."""
    return None if glob == "*" else Pattern(("(?si)" if fold else "(?s)") + _part(glob))


def _folders(parts: Sequence[str], *, rooted: bool) -> str:
    """The expression of a folder's path in small letters; `**` stands for any folders, and for none."""
    text = "" if rooted else "(?:.*/)?"
    for number, part in enumerate(parts):
        is_last = number == len(parts) - 1
        if part == "**":
            text = text.removesuffix("/") + "(?:/.*)?" if is_last and number else text + ("(?:.*/)?", ".*")[is_last]
        else:
            text += _part(part.lower()) + ("" if is_last else "/")
    return f"(?s){text}"


def _part(glob: str) -> str:
    """The expression of one part of a path: a wildcard stands for no `/`."""
    text, at = "", 0
    while at < len(glob):
        sign = glob[at]
        end = glob.find("]", at + 2) if sign == "[" else -1
        if end > 0:
            inner = glob[at + 1 : end].replace("\\", "\\\\")
            text += f"[^{inner[1:]}]" if inner[0] in "!^" else f"[{inner}]"
            at = end
        else:
            text += {"*": "[^/]*", "?": "[^/]"}.get(sign) or re.escape(sign)
        at += 1
    return text
