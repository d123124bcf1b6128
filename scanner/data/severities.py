"""How bad each weakness is by itself: `severities.toml`."""

from functools import cache

from scanner.data import files
from scanner.errors import DataError
from scanner.model import Severity


@cache
def weaknesses() -> dict[str, Severity]:
    """The severity of each rule. Raises DataError for an unknown word."""
    try:
        return {rule: Severity(word) for rule, word in files.table("severities.toml")["weakness"].items()}
    except (KeyError, ValueError) as error:
        raise DataError(f"severities.toml: {error}") from error
