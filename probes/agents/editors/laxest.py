"""Of an extension's policies in several editors, the one with which it does most unasked."""

from collections.abc import Sequence
from typing import TypeVar

from scanner.model import Channel, Gate, Policy, Ruling

ORDER = (Channel.EXECUTE, Channel.CALL, Channel.CONNECT, Channel.WRITE, Channel.READ)
OPENNESS = {Gate.NONE: 3, Gate.UNKNOWN: 3, Gate.CLASSIFIER: 2, Gate.RULE_ONLY: 2, Gate.PROMPT: 1}
Where = TypeVar("Where")


def laxest(found: Sequence[tuple[Where, Policy]]) -> tuple[Where, Policy]:
    """The first of those that let most through: what runs comes before what is read. There is one at least."""
    return max(found, key=lambda each: _laxness(each[1]))


def _laxness(policy: Policy) -> tuple[int, ...]:
    return tuple(number for channel in ORDER for number in _of(policy, channel))


def _of(policy: Policy, channel: Channel) -> tuple[int, int]:
    """How open the most open tool of a channel is, and how much its rules let through besides."""
    tools = [tool for tool in policy.tools if tool.channel is channel]
    best = max((_open(tool.otherwise) - (tool.sandbox is not None) for tool in tools), default=0)
    return best, sum(_open(rule.ruling) > 1 for tool in tools for rule in tool.rules)


def _open(ruling: Ruling) -> int:
    return OPENNESS.get(ruling.effective, 0)
