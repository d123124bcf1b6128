"""Which plugins of detect-secrets are asked, and why the others are not: `detectors.toml`."""

from enum import StrEnum
from functools import cache

from msgspec import Struct

from scanner.data import files
from scanner.errors import DataError


class Part(StrEnum):
    """Which part of a plugin's match is the secret."""

    MATCH = "match"  # the whole, followed to the end of its token
    GROUP = "group"  # the last group of its pattern
    ASSIGNED = "assigned"  # what stands behind the first `=`


class Detector(Struct, frozen=True):
    """A plugin that is asked where one of the anchors, in small letters, stands; what it finds is of the kind.

    `lead` is found, in small letters too, in all that the plugin finds; `re` and hyperscan read it alike, and it takes
    linear time.
    """

    plugin: str
    kind: str
    part: Part
    anchors: tuple[str, ...]
    lead: str


@cache
def detectors() -> tuple[Detector, ...]:
    """The plugins that are asked. Raises DataError where one is not whole."""
    try:
        return tuple(
            Detector(
                str(row["plugin"]),
                str(row["kind"]),
                Part(row["part"]),
                tuple(map(str, row["anchors"])),
                str(row["lead"]),
            )
            for row in files.table("detectors.toml")["detector"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"detectors.toml: {error}") from error


@cache
def dropped() -> dict[str, str]:
    """The plugins that are not asked, with the reason. Raises DataError where one is not whole."""
    try:
        return {str(row["plugin"]): str(row["why"]) for row in files.table("detectors.toml")["dropped"]}
    except (KeyError, TypeError) as error:
        raise DataError(f"detectors.toml: {error}") from error
