"""Which of many wanted names a file has: told by its end, its beginning or as a whole before any pattern is tried."""

import re
from collections.abc import Iterable, Sequence
from functools import cache

from msgspec import Struct, field

from scanner.host.paths import braces
from scanner.originals import ENDINGS, LAST, WITHIN_MARKS, original_name

WILD = frozenset("*?[")
LITERALS = re.compile(r"\[[^\]]*\]|[*?/]+")  # what parts the literals of a glob
MARK = 3  # signs of a beginning or an end by which names are told apart first
COPIED = frozenset({"cop", "kop", "bac"})  # what the names of copies begin with, where their mark comes first


class Wish(Struct, frozen=True):
    """A glob of names, with folders before it (`.git/hooks/*`) or from the home (`~/.x/*/y`); `fold` ignores case."""

    glob: str
    fold: bool


class Tried(Struct, frozen=True):
    """A wish by its number, and what a name must match for it (in small letters with `fold`), None where any does."""

    number: int
    glob: str
    fold: bool

    def takes(self, name: str, low: str) -> bool:
        """Whether it is a wish for this name, which is `low` in small letters."""
        return self.glob == "*" or _of_name(self.glob).fullmatch(low if self.fold else name) is not None


class Bucket(Struct):
    """Wishes that are tried together where a name or path (in small letters) holds one of their literals."""

    tried: list[Tried] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    literals: list[str] = field(default_factory=list)

    def add(self, tried: Tried, glob: str, folder: str = "") -> None:
        """One more wish, for this folder where it is for one."""
        self.tried.append(tried)
        self.folders.append(folder)
        literal = max(LITERALS.split(glob.lower()), key=len)
        if literal not in self.literals:
            self.literals.append(literal)

    def could(self, low: str) -> bool:
        """Whether one of them could be for the name or path, in small letters."""
        return holds(low, self.literals)


def holds(text: str, literals: Iterable[str]) -> bool:
    """Whether one of the literals stands in the text; asked of every name, and twice as fast as `any`."""
    for literal in literals:  # noqa: SIM110
        if literal in text:
            return True
    return False


class Names:
    """Wishes by number; a folder's own, by where it lies, and those of a name anywhere."""

    def __init__(self, wishes: Sequence[Wish], copied: int = 0) -> None:
        """The wishes from the number `copied` on are for old copies too."""
        self._copied = copied
        self._exact: dict[str, list[Tried]] = {}
        self._ends: dict[str, Bucket] = {}
        self._starts: dict[str, Bucket] = {}
        self._tails: dict[str, Bucket] = {}
        self._open = Bucket()
        self._every: tuple[int, ...] = ()
        self._placed: dict[str, Bucket] = {}
        self._rooted: dict[str, Bucket] = {}
        self._wild, self._wild_rooted = Bucket(), Bucket()
        for number, wish in enumerate(wishes):
            for glob in dict.fromkeys(braces(wish.glob)):
                self._add(number, glob, fold=wish.fold)
        self._kinds = ENDINGS | set(self._ends)
        self._begins = COPIED | {exact[:MARK] for exact in self._exact} | set(self._starts)
        self._short = frozenset(start[:1] for start in self._starts if len(start) < MARK)

    def _add(self, number: int, glob: str, *, fold: bool) -> None:
        folder, _, name = glob.rpartition("/")
        if glob == "*":
            self._every = (*self._every, number)
        elif folder:
            self._add_placed(folder, Tried(number, name.lower() if fold else name, fold))
        else:
            self._add_named(name, Tried(number, name.lower() if fold else name, fold))

    def _add_named(self, name: str, tried: Tried) -> None:
        low = name.lower()
        dot = low.rfind(".")
        start = low[: min((low.find(sign) for sign in WILD if sign in low), default=len(low))]
        tail = low[max(map(low.rfind, "*?]")) + 1 :]
        if WILD.isdisjoint(low):
            self._exact.setdefault(low, []).append(tried)
        elif dot >= 0 and "]" not in low[dot:] and WILD.isdisjoint(low[dot:]) and len(start) < MARK:
            self._ends.setdefault(low[dot + 1 :], Bucket()).add(tried, low)
        elif start:
            self._starts.setdefault(start[:MARK], Bucket()).add(tried, low)
        elif len(tail) >= MARK:
            self._tails.setdefault(tail[-MARK:], Bucket()).add(tried, low)
        else:
            self._open.add(tried, low)

    def _add_placed(self, folder: str, tried: Tried) -> None:
        rooted = folder == "~" or folder.startswith("~/")
        parts = folder.split("/")[rooted:]
        if rooted:
            key, among = parts[0].lower() if parts else "", self._rooted
        else:
            key, among = parts[-1].lower(), self._placed
        if WILD.isdisjoint(key):
            among.setdefault(key, Bucket()).add(tried, "/".join(parts), folder)
        else:
            (self._wild_rooted if rooted else self._wild).add(tried, "/".join(parts), folder)

    def of_folder(self, below: str, *, home: bool) -> list[Tried]:
        """The wishes for files of this folder by where it lies; `home`: paths are told from the home."""
        low = below.lower()
        placed = self._placed.get(low.rpartition("/")[2])
        rooted = self._rooted.get(low.partition("/")[0]) if home else None
        wild = [self._wild] if self._wild.could(low) else []
        if home and self._wild_rooted.could(low):
            wild.append(self._wild_rooted)
        if placed is None and rooted is None and not wild:
            return []
        return [
            tried
            for bucket in (placed, rooted, *wild)
            if bucket is not None and bucket.could(low)
            for tried, folder in zip(bucket.tried, bucket.folders, strict=True)
            if _of_folder(folder).fullmatch(low) is not None
        ]

    def of_name(self, name: str, here: Sequence[Tried] = ()) -> Sequence[int]:
        """The numbers of the wishes for a file of this name, those of its folder among them; none twice.

        The name of an old copy is wished for as that of its original. Most names of a home are nobody's wish, so what
        they begin and end with is looked at before anything else.
        """
        low = name.lower()
        if (
            low[:MARK] not in self._begins
            and low.rpartition(".")[2] not in self._kinds
            and low[-MARK:] not in self._tails
            and low[-1:] not in LAST
            and low[:1] not in self._short
            and not here
            and not self._open.tried
        ):
            return self._every
        return self._wished(name, low, here)

    def _wished(self, name: str, low: str, here: Sequence[Tried]) -> Sequence[int]:
        kind = low.rpartition(".")[2]
        buckets = [self._ends.get(kind), self._tails.get(low[-MARK:]), self._open]
        buckets += [self._starts.get(low[:length]) for length in range(1, MARK + 1)]
        tried = [*self._exact.get(low, ()), *here]
        for bucket in buckets:
            if bucket is not None and bucket.tried and bucket.could(low):
                tried += bucket.tried
        wished = list(dict.fromkeys(each.number for each in tried if each.takes(name, low))) if tried else []
        if not wished and (kind in ENDINGS or low[-1:] in LAST or holds(low, WITHIN_MARKS)):
            wished = self._of_copy(name, here)
        return (*wished, *self._every)

    def _of_copy(self, name: str, here: Sequence[Tried]) -> list[int]:
        original = original_name(name)
        if original == name:
            return []
        every = frozenset(self._every)
        found = self._wished(original, original.lower(), here)
        return [each for each in found if each >= self._copied and each not in every]


@cache
def _of_name(glob: str) -> re.Pattern[str]:
    return re.compile(_part(glob), re.DOTALL)


@cache
def _of_folder(glob: str) -> re.Pattern[str]:
    rooted = glob == "~" or glob.startswith("~/")
    return re.compile(_folders(glob.split("/")[rooted:], rooted=rooted), re.DOTALL)


def _folders(parts: Sequence[str], *, rooted: bool) -> str:
    """The expression of a folder's path in small letters; `**` stands for any folders, and for none."""
    text = "" if rooted else "(?:.*/)?"
    for number, part in enumerate(parts):
        is_last = number == len(parts) - 1
        if part == "**":
            text = text.removesuffix("/") + "(?:/.*)?" if is_last and number else text + ("(?:.*/)?", ".*")[is_last]
        else:
            text += _part(part.lower()) + ("" if is_last else "/")
    return text


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
