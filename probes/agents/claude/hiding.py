"""Entries of Claude Code's lists as they may be shown."""

from collections.abc import Iterable, Iterator

from probes.agents.claude.settings import Found
from probes.agents.shown import holds_secret, shown

__all__ = ["holds_secret", "showable", "shown"]


def showable(found: Iterable[Found]) -> Iterator[Found]:
    """The entries of a list that hold a text, but for those that hold a secret."""
    return (each for each in found if each.node.text and not holds_secret(each.node.text))
