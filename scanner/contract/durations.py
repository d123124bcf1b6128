"""Lengths of time as a contract writes them: `30m`, `12h`, `7d`, one number and one unit."""

import re
from datetime import timedelta

FORM = r"[1-9][0-9]{0,5}[mhd]"
DURATION = re.compile(FORM)
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def duration(text: str) -> timedelta | None:
    """The length of time that a text says, None where it says none."""
    return int(text[:-1]) * UNITS[text[-1]] if DURATION.fullmatch(text) else None


def written(length: timedelta) -> str:
    """The length in the largest unit that it is whole in."""
    unit = next(each for each in ("d", "h", "m") if not length % UNITS[each])
    return f"{length // UNITS[unit]}{unit}"
