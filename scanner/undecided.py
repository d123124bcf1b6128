"""What could not be decided, and the one step that would decide each."""

from collections.abc import Sequence
from shlex import quote

from scanner.data.weights import weights
from scanner.graph import Graph
from scanner.model import Confidence, Environment
from scanner.model.report import Exposure, UndecidedStep
from scanner.patterns import Pattern
from scanner.text import printable

UNSHOWN = Pattern(r"^of an unnamed |that is not shown$")  # how probes name what has no name, or one that is a secret


def undecided(graph: Graph, found: Sequence[Exposure]) -> tuple[UndecidedStep, ...]:
    """Credentials whose rights, and assets whose environment, are not known, with the one step for each."""
    steps: dict[str, UndecidedStep] = {}
    grave = weights().unknown_is_production
    for exposure in found:
        credential = graph.credentials[exposure.credential]
        if credential.undecided is not None and exposure.confidence is Confidence.POSSIBLE:
            told = credential.undecided
            steps.setdefault(credential.id, UndecidedStep(credential.id, printable(told.why), printable(told.action)))
    for exposure in found:
        node = graph.assets[exposure.asset]
        if exposure.environment is Environment.UNKNOWN and exposure.class_ in grave and node.id not in steps:
            named = printable(f"{node.asset.kind}:{node.asset.name}")
            action = f"armslength label {quote(named)} ENVIRONMENT"
            if UNSHOWN.search(node.asset.name):  # one label would be for whatever else is not shown
                action = "look where it leads, in the place where it lies"
            steps[node.id] = UndecidedStep(node.id, f"the environment of {named} is not known", action)
    return tuple(steps.values())
