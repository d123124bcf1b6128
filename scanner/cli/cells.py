"""How wide a text stands on a terminal, where a letter takes one cell, two or none."""

from collections.abc import Iterable

CUT = "..."


def width(text: str) -> int:
    """The cells that a text takes, its unsafe characters escaped before."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def cut_in_the_middle(text: str, most: int) -> str:
    """The text in at most so many cells: of a longer one its two ends, or nothing where these have no room."""
    if _first(text, most) == text:
        return text
    room = most - len(CUT)
    if room < len(CUT):
        return ""
    return _first(text, room // 2) + CUT + _first(reversed(text), room - room // 2)[::-1]


def _first(text: Iterable[str], most: int) -> str:
    """The first characters that take at most so many cells."""
    taken = []
    for char in text:
        most -= _cells(char)
        if most < 0:
            break
        taken.append(char)
    return "".join(taken)


def _cells(char: str) -> int:
    if char.isascii():
        return 1
    from unicodedata import category, east_asian_width

    if category(char) in ("Mn", "Me", "Cf"):  # drawn over the letter before, or not at all
        return 0
    return 2 if east_asian_width(char) in "WF" else 1
