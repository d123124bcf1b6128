"""What each gate leaves of a way, whether a person is asked at it, and its meaning: `gates.toml`."""

from collections.abc import Mapping
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

from scanner.data import files
from scanner.errors import DataError
from scanner.model.report import ANY_AGENT, Exposure, Terms, Way
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


def terms_of(exposure: Exposure, way: Way) -> Terms | None:
    """The factors of one of an exposure's ways: its own, or those that it shares with the way of any agent."""
    shared = exposure.ways.get(ANY_AGENT)
    if way.terms is not None or shared is None or shared.terms is None:
        return way.terms
    return replace(shared.terms, gate=gates()[way.effective].factor)


def shared(ways: Mapping[str, Way]) -> dict[str, Way]:
    """The ways without the terms that they share, since a report of many agents has as many of them."""
    base = ways[ANY_AGENT].terms
    if base is None:
        return dict(ways)
    factors = gates()
    return {
        name: replace(way, terms=None)
        if name != ANY_AGENT and way.terms == replace(base, gate=factors[way.effective].factor)
        else way
        for name, way in ways.items()
    }


def whole(ways: Mapping[str, Way]) -> dict[str, Way]:
    """The inverse: each way with its terms."""
    base = ways[ANY_AGENT].terms
    if base is None:
        return dict(ways)
    factors = gates()
    return {
        name: replace(way, terms=replace(base, gate=factors[way.effective].factor)) if way.terms is None else way
        for name, way in ways.items()
    }
