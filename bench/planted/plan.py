"""All that is planted, sheet by sheet."""

from random import Random

from .drawn import drawn
from .paper import Sheet


def plan(random: Random) -> list[Sheet]:
    """Every file with something planted; a path is written once."""
    sheets = drawn(random)
    assert len({sheet.path for sheet in sheets}) == len(sheets)
    return sheets
