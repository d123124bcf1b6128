"""All that is planted, sheet by sheet."""

from random import Random

from .credentials import credentials
from .drawn import drawn
from .paper import Sheet
from .stories import stories
from .works import works


def plan(random: Random) -> list[Sheet]:
    """Every file with something planted; where two would be written to one path, the first stands."""
    sheets: dict[str, Sheet] = {}
    for sheet in (*credentials(), *stories(random), *works(), *drawn(random)):
        sheets.setdefault(sheet.path, sheet)
    return list(sheets.values())
