"""Which protections are in force: a gateway is the better path only while no login of one's own goes around it."""

from collections.abc import Sequence

from msgspec.structs import replace

from scanner.graph import AssetNode, CredentialNode, Graph
from scanner.model import Asset, CredentialState, Environment, Guardrail, LifetimeKind, Observation
from scanner.model.report import Exposure

ENDED = frozenset({CredentialState.EXPIRED, CredentialState.REVOKED})
ANY = "*"
SMALL = frozenset({Environment.WORKSTATION, Environment.DEVELOPMENT, Environment.SANDBOX})
LASTING = frozenset({LifetimeKind.STATIC, LifetimeKind.UNKNOWN})


def weighed(observations: Sequence[Observation], graph: Graph, exposures: Sequence[Exposure]) -> tuple[Guardrail, ...]:
    """The protections that were seen, those that something goes around with what does."""
    found = dict.fromkeys(seen for seen in observations if isinstance(seen, Guardrail))
    if not any(seen.instead for seen in found):
        return tuple(found)
    opening = _opening(graph, exposures)
    return tuple(_weighed(seen, opening) for seen in found)


def _weighed(seen: Guardrail, opening: Sequence[tuple[AssetNode, CredentialNode]]) -> Guardrail:
    around = sorted(
        (node.channel.removeprefix("read "), asset.asset.name)
        for asset, node in opening
        if any(_is_same(wanted, asset) for wanted in seen.instead) and not _is_its_own(seen, node)
    )
    if not around:
        return seen
    where, name = around[0]
    more = f", and {len(around) - 1} more" if len(around) > 1 else ""
    title = f"{seen.title}, but {where} still holds a lasting login to {name}{more}"
    return replace(seen, title=title, in_force=False)


def _opening(graph: Graph, exposures: Sequence[Exposure]) -> list[tuple[AssetNode, CredentialNode]]:
    """What opens which asset by itself for good: no session that a person has to sign in for."""
    pairs = dict.fromkeys((each.asset, each.credential) for each in exposures)
    told = [(graph.assets[asset], graph.credentials[credential]) for asset, credential in pairs]
    return [(asset, node) for asset, node in told if node.lifetime.kind in LASTING and node.state not in ENDED]


def _is_same(wanted: Asset, node: AssetNode) -> bool:
    """Whether two names are of one thing: a gateway may know it by the name that only a hint tells.

    One that leads to any of a kind is gone around by what opens one that is not of this machine or of development.
    """
    if wanted.kind != node.asset.kind:
        return False
    if wanted.name == ANY:
        return node.judged.environment not in SMALL
    names = {node.asset.name.casefold(), *(hint.text.casefold() for hint in node.asset.hints)}
    return wanted.name.casefold() in names


def _is_its_own(seen: Guardrail, node: CredentialNode) -> bool:
    """Whether a login lies beside the gateway's own settings, and is the gateway's."""
    mine = seen.evidence.path
    places = [each.path for each in node.locations]
    return mine is not None and all(path is not None and path.is_relative_to(mine.parent) for path in places)
