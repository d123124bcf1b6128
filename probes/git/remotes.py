"""The remotes of a repository: their addresses as git rewrites them, and the repositories that they name as assets."""

from collections.abc import Iterable, Iterator
from itertools import islice

from msgspec import Struct, field

from probes.git.addresses import Address, address
from probes.git.chains import Setting
from probes.git.forges import Repository as Named
from probes.git.forges import forge, repository
from probes.ssh.client_config import Block, Chain, blocks, chains, effective
from scanner.host import Host
from scanner.model import Asset, AssetSeen, Capability, Confidence, Evidence, Hint

ADDRESS_LIMIT = 100  # of remotes, told for one repository
RULE_LIMIT = 200  # rewritings of addresses that are tried for one repository
ADDRESSES = ("remote.url", "remote.pushurl")
CARRIED = frozenset({Capability.DATA_READ, Capability.CODE_WRITE, Capability.PUBLISH})


class Remote(Struct):
    """One remote: its addresses and those that only pushes take, each with the setting that says so."""

    name: str
    urls: list[Setting] = field(default_factory=list)
    push_urls: list[Setting] = field(default_factory=list)


class Reached(Struct, frozen=True):
    """An address of a remote after all rewriting, where it stands, and whether pushes go there as a rule."""

    remote: str
    address: Address
    evidence: Evidence
    pushed: bool


class Aliases(Struct):
    """The hosts that SSH's configuration gives other names; read when first asked."""

    host: Host
    runs: list[Block] | None = None
    known: dict[str, str] = field(default_factory=dict)

    def hostname(self, name: str) -> str:
        """Where ssh connects to for a name."""
        if self.runs is None:
            read = (found for found in chains(self.host) if isinstance(found, Chain) and not found.spare)
            self.runs = [run for chain in read for run in blocks(chain.settings)]
        if name not in self.known:
            told = effective(self.runs, name, self.host.machine.user).hostname.lower().rstrip(".")
            self.known[name] = told if told.isprintable() and 0 < len(told) <= 253 else name
        return self.known[name]


def remotes(settings: Iterable[Setting]) -> dict[str, Remote]:
    """The remotes by name, in the order of their first mention; an empty address drops those before it."""
    found: dict[str, Remote] = {}
    named = (each for each in settings if each.key in ADDRESSES)
    for setting in islice(named, ADDRESS_LIMIT):
        if setting.subsection is None:
            continue
        remote = found.setdefault(setting.subsection, Remote(setting.subsection))
        urls = remote.urls if setting.key == "remote.url" else remote.push_urls
        if setting.value:
            urls.append(setting)
        else:
            urls.clear()
    return found


def too_many(settings: Iterable[Setting]) -> bool:
    """Whether some addresses were left out for their number, or some rewritings not tried."""
    keys = [each.key for each in settings]
    rules = (keys.count("url.insteadof"), keys.count("url.pushinsteadof"))
    return sum(map(keys.count, ADDRESSES)) > ADDRESS_LIMIT or max(rules) > RULE_LIMIT


def rewritten(url: str, rules: Iterable[Setting]) -> str | None:
    """The address after `url.<base>.insteadOf`: the longest beginning that matches counts. None where none does."""
    best: Setting | None = None
    for rule in rules:
        if rule.value and url.startswith(rule.value) and (best is None or len(rule.value) > len(best.value)):
            best = rule
    return None if best is None else (best.subsection or "") + url[len(best.value) :]


def reached(settings: list[Setting]) -> Iterator[Reached]:
    """Every address that the remotes lead to, the pushed ones first."""
    told = remotes(settings)
    rules, push_rules = _rules(settings, "url.insteadof"), _rules(settings, "url.pushinsteadof")
    usual = _usual(told, settings)
    for remote in told.values():
        for setting, url in _push_urls(remote, rules, push_rules):
            yield from _reached(remote, setting, url, remote.name in usual)
        for setting in remote.urls[:1]:
            yield from _reached(remote, setting, rewritten(setting.value, rules) or setting.value, False)


def _rules(settings: list[Setting], key: str) -> list[Setting]:
    return list(islice((each for each in settings if each.key == key and each.subsection is not None), RULE_LIMIT))


def _push_urls(remote: Remote, rules: list[Setting], push_rules: list[Setting]) -> Iterator[tuple[Setting, str]]:
    """What a push goes to: `pushurl` where there is one, else the addresses after `pushInsteadOf` or `insteadOf`."""
    for setting in remote.push_urls:
        yield setting, rewritten(setting.value, rules) or setting.value
    if not remote.push_urls:
        for setting in remote.urls:
            yield setting, rewritten(setting.value, push_rules) or rewritten(setting.value, rules) or setting.value


def _reached(remote: Remote, setting: Setting, url: str, pushed: bool) -> Iterator[Reached]:
    parsed = address(url)
    if parsed is not None:
        yield Reached(remote.name, parsed, setting.evidence, pushed)


def _usual(told: dict[str, Remote], settings: list[Setting]) -> set[str]:
    """The remotes that a plain `git push` takes: as configured, else `origin`, else the only one."""
    named = {each.value for each in settings if each.key == "branch.pushremote"}
    default = [each.value for each in settings if each.key == "remote.pushdefault"]
    if default:
        return named | {default[-1]}
    return named | ({"origin"} if "origin" in told or len(told) != 1 else set(told))


def assets_seen(found: Iterable[Reached], aliases: Aliases) -> Iterator[AssetSeen]:
    """The repositories behind the addresses, each within what opens it; the surest sighting stands."""
    told: set[Asset] = set()
    for each in found:
        seen = _seen(each, aliases)
        if seen is not None and seen.asset not in told:
            told.add(seen.asset)
            yield seen


def _seen(each: Reached, aliases: Aliases) -> AssetSeen | None:
    named, within = place(each.address, aliases)
    if named is None:
        return None
    return AssetSeen(
        asset=named.asset,
        within=within,
        carries=CARRIED,
        evidence=each.evidence,
        confidence=Confidence.INFERRED if each.pushed else Confidence.POSSIBLE,
        why=(
            "a clone here pushes to this repository; what signs in to its host may push there"
            if each.pushed
            else "a clone here knows this repository; what signs in to its host may be able to push there"
        ),
    )


def place(found: Address, aliases: Aliases) -> tuple[Named | None, tuple[Asset, ...]]:
    """The repository of an address and all that it lies within, SSH's other names for a host resolved."""
    host = aliases.hostname(found.host) if found.shell else found.host
    named = repository(host, found.path)
    if named is None:
        return None, ()
    extra = [Asset("ssh-host", forge(host).host)] if found.shell and not forge(host).provider else []
    hints = (Hint("host", host),) if not forge(host).provider else ()
    return Named(Asset(named.asset.kind, named.asset.name, hints), named.within), (*named.within, *extra)
