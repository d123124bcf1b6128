"""The order in which the Azure probe tells: who sees what, tokens, principals, what is sealed, and the defaults."""

from collections.abc import Iterator

from probes.azure.caches import tokens
from probes.azure.others import azd, contexts, legacy
from probes.azure.principals import entries, of_environment
from probes.azure.profile import Account, accounts, defaults, elsewhere, granted
from probes.azure.reads import AZD_TOKENS, TOKENS
from probes.azure.sealed import managed, sealed, shared, signed_out, unnamed
from scanner.host import Host
from scanner.model import CredentialSeen, Gap, Observation


def told(host: Host) -> Iterator[Observation]:
    """All that is to be told of Azure on this host; some of it twice."""
    rows = list(accounts(host))
    found = [row for row in rows if isinstance(row, Account)]
    yield from (row for row in rows if isinstance(row, Gap))
    yield from granted(found)
    yield from elsewhere(found)
    proven: set[str] = set()
    blind = False
    for seen in _proofs(found, host):
        blind = blind or isinstance(seen, Gap)
        if isinstance(seen, CredentialSeen) and seen.identity is not None and not seen.lifetime.ended(host.now):
            proven.add(seen.identity.name)
        yield seen
    yield from signed_out(found, frozenset(proven), blind=blind)
    yield from managed(found, host)
    yield from defaults(found, host)
    yield from of_environment(host)


def _proofs(found: list[Account], host: Host) -> Iterator[Observation]:
    subscribed = frozenset(each.identity for each in found if each.asset is not None)
    yield from tokens(host, (*TOKENS, *AZD_TOKENS), subscribed)
    yield from shared(subscribed, host)
    yield from sealed(found, host)
    yield from entries(host)
    yield from legacy(host)
    yield from azd(host)
    yield from contexts(host)
    yield from unnamed(host)
