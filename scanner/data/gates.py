"""What each gate leaves of a way, whether a person is asked at it, and its meaning: `gates.toml`."""

from collections.abc import Mapping
from functools import cache

from msgspec import Struct

from scanner.data import files
from scanner.errors import DataError
from scanner.model.terms import Gate


class GateInfo(Struct, frozen=True):
    """One gate: the factor from 0 to 1, whether it opens with no person asked, and its meaning."""

    factor: float
    passable: bool
    means: str


@cache
def gates() -> Mapping[Gate, GateInfo]:
    """Every gate. Raises DataError where the table is not whole."""
    rows = files.table("gates.toml").get("gate", {})
    try:
        return {
            gate: GateInfo(float(row["factor"]), bool(row["passable"]), str(row["means"]))
            for gate in Gate
            for row in (rows[gate.value],)
        }
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"gates.toml: {error}") from error
