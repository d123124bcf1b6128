"""The sample machine that `armslength demo` judges: one believable laptop, its secrets made up from a fixed seed."""

from pathlib import Path

from scanner.host import Machine
from scanner.testing import load_machine

KEY = b"armslength demo fingerprint key!"  # fixed, so that every demo prints the same report


def machine() -> Machine:
    """The laptop of ada, back-end developer at Example Corp."""
    return load_machine(Path(__file__).parent / "machine", seed="demo")
