"""The questions that a report answers first: `verdicts.toml`."""

from functools import cache

from msgspec import Struct

from scanner.data import files
from scanner.errors import DataError
from scanner.model.terms import Capability


class Question(Struct, frozen=True):
    """One verdict: the classes it is about, whether only production counts, and whether reading a secret does."""

    id: str
    asks: str
    classes: frozenset[Capability]
    production: bool
    secrets: bool


class Questions(Struct, frozen=True):
    """All verdicts in their order, and the kinds of asset that none of them counts."""

    rows: tuple[Question, ...]
    aside: frozenset[str]

    def asks(self, verdict: str) -> str:
        """What a verdict asks, in words; its own id where it is not ours."""
        return next((row.asks for row in self.rows if row.id == verdict), verdict)


@cache
def questions() -> Questions:
    """The verdicts. Raises DataError where one is not whole."""
    told = files.table("verdicts.toml")
    try:
        rows = tuple(
            Question(
                id=str(row["id"]),
                asks=str(row["asks"]),
                classes=frozenset(Capability(name) for name in row["classes"]),
                production=bool(row["production"]),
                secrets=bool(row.get("secrets", False)),
            )
            for row in told["verdict"]
        )
        return Questions(rows, frozenset(told["aside"]))
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"verdicts.toml: {error}") from error
