"""Keys of VS Code's terminal rules as commands: beginnings as they stand, regular expressions as far as they are told.

No expression is run: it is somebody's text, and one can take for ever. What cannot be told exactly is taken wider, and
said to be not sure.
"""

import re
from collections.abc import Iterator
from itertools import islice

from msgspec import Struct

from scanner.model import Command, Everything
from scanner.model.agents import Pattern

WRAPPED = re.compile(r"/(?P<text>.+)/[dgimsuvy]*", re.DOTALL)
LONGEST = 2_000  # characters of an expression
BRANCHES = 60  # that one expression stands for
DEPTH = 8
ANY = "*"
QUANTIFIERS = frozenset("?*+{")
CLASSES = frozenset("wWdDS")  # one of many characters
BLANKS = frozenset("s ")
PLAIN = frozenset("^$.*+?()[]{}|/\\-\"'`~!@#%&=:;,<> ")  # characters that stand for themselves behind a backslash


class Meant(Struct, frozen=True):
    """What a key is about; `sure` is false where it is about less."""

    patterns: tuple[Pattern, ...]
    sure: bool = True


def meant(key: str, *, line: bool = False) -> Meant:
    """What a rule with that key is about; `line`: it is held against a whole command line, and not its parts."""
    wrapped = WRAPPED.fullmatch(key)
    if wrapped is not None:
        return _of_expression(wrapped["text"], line=line)
    text = " ".join(key.split())
    if not text:
        return Meant(())
    texts = [text, f"./{text}"] if "/" in text and not text.startswith(("/", ".")) else [text]
    return Meant(tuple(Command(each, open=True, chained=line) for each in texts), sure="*" not in text)


class Branch(Struct, frozen=True):
    """One way through an expression: its text, with a star for any characters, and whether it is told exactly."""

    text: str = ""
    sure: bool = True
    begins: bool = False  # at the start of the command
    ends: bool = False  # at its end
    bounded: bool = False  # ends at the end of a word
    goes_on: bool = False  # with whatever arguments

    def then(self, text: str, *, sure: bool = True) -> "Branch":
        """It, with more text behind."""
        before = self.text + ANY if self.goes_on else self.text
        return Branch(before + text, self.sure and sure and not self.ends, self.begins, self.ends)


class _Reader:
    """Reads an expression from left to right; raises `_Unread` where it meets what is not taken apart."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def branches(self, depth: int = 0) -> list[Branch]:
        """The ways through all alternatives, up to the end or to a bracket that closes."""
        found: list[Branch] = []
        if depth > DEPTH:
            raise _Unread
        while True:
            found += self._sequence(depth)
            if len(found) > BRANCHES:
                raise _Unread
            if self._next() != "|":
                return found
            self._at += 1

    def finished(self) -> bool:
        """Whether all of it was read."""
        return self._at >= len(self._text)

    def _next(self) -> str:
        return self._text[self._at] if self._at < len(self._text) else ""

    def _sequence(self, depth: int) -> list[Branch]:
        found = [Branch()]
        while (sign := self._next()) and sign not in "|)":
            self._at += 1
            if sign == "(":
                found = list(islice(self._group(found, depth), BRANCHES + 1))
            else:
                found = [self._behind(branch, sign) for branch in self._same(found)]
                self._at = self._end
            if len(found) > BRANCHES:
                raise _Unread
        return found

    def _same(self, found: list[Branch]) -> Iterator[Branch]:
        """Each branch, the reading put back to the same place for it."""
        start = self._at
        for branch in found:
            self._at = start
            yield branch
        self._end = self._at

    def _behind(self, branch: Branch, sign: str) -> Branch:
        match sign:
            case "^":
                if branch.text:
                    raise _Unread
                return Branch("", branch.sure, begins=True)
            case "$":
                return Branch(branch.text, branch.sure, branch.begins, ends=not branch.goes_on, goes_on=branch.goes_on)
            case ".":
                many = self._quantified()
                if many == "*" and branch.bounded:
                    return Branch(branch.text, branch.sure, branch.begins, goes_on=True)
                return branch.then(ANY, sure=many in {"*", "+"})
            case "[":
                self._class()
                self._quantified()
                return branch.then(ANY, sure=False)
            case "\\":
                return self._escaped(branch)
            case _:
                return branch.then(ANY, sure=False) if self._quantified() else branch.then(sign, sure=sign != ANY)

    def _escaped(self, branch: Branch) -> Branch:
        sign = self._next()
        self._at += 1
        if sign == "b":
            return Branch(branch.text, branch.sure, branch.begins, branch.ends, bounded=True)
        many = self._quantified()
        if sign in BLANKS and many in {"", "+"}:
            return branch.then(" ")
        if sign in BLANKS or sign in CLASSES:
            return branch.then(ANY, sure=False)
        if sign not in PLAIN:
            raise _Unread
        return branch.then(ANY, sure=False) if many or sign == ANY else branch.then(sign)

    def _quantified(self) -> str:
        """How often the last thing may stand there; empty for once."""
        sign = self._next()
        if sign not in QUANTIFIERS or not sign:
            return ""
        self._at += 1
        if sign == "{":
            end = self._text.find("}", self._at)
            if end < 0:
                raise _Unread
            self._at = end + 1
        if self._next() in {"?", "+"}:
            self._at += 1
        return sign

    def _class(self) -> None:
        at = self._at
        while at < len(self._text) and (self._text[at] != "]" or at == self._at):
            at += 2 if self._text[at] == "\\" else 1
        if at >= len(self._text):
            raise _Unread
        self._at = at + 1

    def _group(self, found: list[Branch], depth: int) -> Iterator[Branch]:
        """Each branch with each way through a group behind it; what only looks ahead is passed over."""
        looks = self._text.startswith(("?!", "?=", "?<"), self._at)
        if self._text.startswith("?", self._at):
            if not looks and not self._text.startswith("?:", self._at):
                raise _Unread
            self._at += 2
        inner = self.branches(depth + 1)
        if self._next() != ")":
            raise _Unread
        self._at += 1
        many = self._quantified()
        if looks or many:
            return iter([branch.then("" if looks else ANY, sure=False) for branch in found])
        return (_joined(branch, each) for branch in found for each in inner)


def _joined(branch: Branch, inner: Branch) -> Branch:
    begins = branch.begins or (inner.begins and not branch.text)
    sure = branch.sure and inner.sure and not branch.ends and (not inner.begins or not branch.text)
    before = branch.text + ANY if branch.goes_on else branch.text
    return Branch(before + inner.text, sure, begins, inner.ends, inner.bounded, inner.goes_on)


class _Unread(Exception):
    """An expression that is not taken apart."""


def _of_expression(text: str, *, line: bool) -> Meant:
    if len(text) > LONGEST:
        return Meant((Everything(),), sure=False)
    reader = _Reader(text)
    try:
        branches = reader.branches()
    except _Unread:
        return Meant((Everything(),), sure=False)
    if not reader.finished():
        return Meant((Everything(),), sure=False)
    patterns = tuple(dict.fromkeys(_pattern(branch, line=line) for branch in branches))
    return Meant(patterns, all(branch.sure for branch in branches))


def _pattern(branch: Branch, *, line: bool) -> Pattern:
    text = (branch.text if branch.begins else ANY + branch.text).replace("**", ANY)
    if branch.ends:
        return Command(text.strip(" ") or text, chained=line)
    if not text.strip("* "):
        return Everything()
    if (branch.bounded or branch.goes_on) and not text.endswith((" ", ANY)):
        return Command(text, open=True, chained=line)
    return Command(text if text.endswith(ANY) else text + ANY, chained=line)
