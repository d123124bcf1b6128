"""Whether there is anything for hygiene to look at: what it needs is not loaded for a machine without agents."""

from collections.abc import Sequence

from msgspec import Struct

from scanner.judgement import Judged
from scanner.model import Guardrail, Observation, Weakness


class Hygiene(Struct, frozen=True):
    """What hygiene found: what is weak, and what protects."""

    weaknesses: tuple[Weakness, ...] = ()
    guardrails: tuple[Guardrail, ...] = ()


def hygiene(judged: Judged, observations: Sequence[Observation]) -> Hygiene:
    """What is found over the agents that are here; of one that is not installed there are no settings to mend."""
    if all(each.seen.notional for each in judged.acting):
        return Hygiene()
    from scanner.hygiene.told import told

    found = told(judged, observations)
    return Hygiene(
        tuple(each for each in found if isinstance(each, Weakness)),
        tuple(each for each in found if isinstance(each, Guardrail)),
    )
