"""The entries of an agent's settings that became rules of its policy: each once, with every rule that it is there."""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from scanner.data.gates import gates
from scanner.hygiene.cover import covers
from scanner.model import Evidence, Gate, Policy, Rule, Ruling, Tool

COMPARED = 5_000  # pairs of rules of one agent
HOLDING = frozenset({Gate.REFUSED, Gate.PROMPT})
SWITCH = re.compile(r"[\w.-]{1,80} = ")  # a key with its value, which is no entry of a list


class Placed(Struct, frozen=True):
    """A rule in the tool that tries it, as number `index`."""

    tool: Tool
    index: int

    @property
    def rule(self) -> Rule:
        """The rule."""
        return self.tool.rules[self.index]


class Entry(Struct, frozen=True):
    """One entry of a settings file: its words, where it stands, and its rules in each tool."""

    words: str
    evidence: Evidence
    placed: tuple[Placed, ...]

    @property
    def allows(self) -> bool:
        """Whether it lets something pass unasked."""
        return all(_is_sure(each.rule.ruling) and passes(each.rule.ruling) for each in self.placed)

    @property
    def holds(self) -> bool:
        """Whether it refuses or asks."""
        return all(each.rule.ruling.gate in HOLDING for each in self.placed)

    @property
    def is_shown(self) -> bool:
        """Whether its text may be shown: of another, the pattern may be wider than what is written."""
        return '"' in self.words or "`" in self.words

    def said(self) -> str:
        """It as a list names it, with its line."""
        words = self.words if len(self.words) <= SAID else self.words[: SAID - 3] + "..."
        return f"{words} (line {self.evidence.line})" if self.evidence.line is not None else words


SAID = 90


def passes(ruling: Ruling) -> bool:
    """Whether nobody is asked."""
    return gates()[ruling.effective].passable


def _is_sure(ruling: Ruling) -> bool:
    return ruling.gate is not Gate.UNKNOWN


def entries(policy: Policy) -> tuple[Entry, ...]:
    """The entries of lists, in the order of the tools; what a mode or a sandbox says of all is none."""
    modes = {_key(tool.otherwise) for tool in policy.tools}
    modes |= {(tool.sandbox.rule, tool.sandbox.evidence) for tool in policy.tools if tool.sandbox is not None}
    found: dict[tuple[str, Evidence | None], list[Placed]] = {}
    for tool in policy.tools:
        for index, rule in enumerate(tool.rules):
            key = _key(rule.ruling)
            if (
                rule.ruling.evidence is not None
                and rule.ruling.evidence.path is not None
                and not (key in modes or SWITCH.match(key[0]))
            ):
                found.setdefault(key, []).append(Placed(tool, index))
    return tuple(Entry(words, place, tuple(rows)) for (words, place), rows in found.items() if place is not None)


def _key(ruling: Ruling) -> tuple[str, Evidence | None]:
    return ruling.rule, ruling.evidence


class Shadow(Struct, frozen=True):
    """An entry of which no rule ever decides, and what decides in the place of the first of them."""

    entry: Entry
    by: Ruling

    def said(self) -> str:
        """It as a list names it."""
        line = f" (line {self.by.evidence.line})" if self.by.evidence is not None and self.by.evidence.line else ""
        return f"{self.entry.said()}, behind {self.by.rule}{line}"


def shadows(found: Sequence[Entry]) -> list[Shadow]:
    """The entries that earlier rules of the same tools cover wholly, or that say what the mode says of everything."""
    left = iter(range(COMPARED))
    shown = {_key(placed.rule.ruling) for each in found if each.is_shown for placed in each.placed}
    told = (_shadow(each, shown, left) for each in found if each.is_shown and (each.allows or each.holds))
    return [each for each in told if each is not None]


def _shadow(entry: Entry, shown: set[tuple[str, Evidence | None]], left: Iterator[int]) -> Shadow | None:
    deciding = [_instead(each, shown, left) for each in entry.placed]
    if any(each is None for each in deciding):
        return None
    by = next((each for each in deciding if each is not None), None)
    return Shadow(entry, by) if by is not None else None


def _instead(placed: Placed, shown: set[tuple[str, Evidence | None]], left: Iterator[int]) -> Ruling | None:
    """What decides wherever this rule would; None where it decides something."""
    rule = placed.rule
    for earlier in placed.tool.rules[: placed.index]:
        if next(left, None) is None:
            return None
        ruling = earlier.ruling
        if ruling.gate is Gate.UNKNOWN or (ruling.evidence is not None and _key(ruling) not in shown):
            continue
        if covers(earlier.pattern, rule.pattern):
            return ruling
    return _of_mode(placed)


def _of_mode(placed: Placed) -> Ruling | None:
    """What the mode says of everything, where that is what the rule says, and nothing behind it says otherwise."""
    mode, rule = placed.tool.otherwise, placed.rule
    if mode.evidence is None or mode.gate is not rule.ruling.gate or not passes(mode):
        return None
    behind = placed.tool.rules[placed.index + 1 :]
    return mode if all(each.ruling.gate is mode.gate for each in behind) else None
