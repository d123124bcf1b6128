"""Which hosts the configuration and the known hosts name, and which keys each of them is offered."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath

from msgspec import Struct, field

from probes.ssh.client_config import (
    Block,
    Chain,
    Effective,
    MatchLine,
    Setting,
    blocks,
    effective,
    expanded,
    means,
    resolved,
    wild,
)
from probes.ssh.known_hosts import Known
from probes.ssh.wire import PublicKey
from scanner.host import Host
from scanner.model import Asset, Capability, Confidence, Evidence, Gap, GapKind, Grant, Hint

HOST_LIMIT = 500  # hosts worked out
KEY_LIMIT = 200  # hosts told for one key
SHELL = frozenset({Capability.EXEC_REMOTE, Capability.DATA_READ})
PUSH = frozenset({Capability.CODE_WRITE, Capability.DATA_READ})

FORGES = {
    "github.com": "github.com",
    "ssh.github.com": "github.com",
    "gitlab.com": "gitlab.com",
    "altssh.gitlab.com": "gitlab.com",
    "bitbucket.org": "bitbucket.org",
    "altssh.bitbucket.org": "bitbucket.org",
    "ssh.dev.azure.com": "ssh.dev.azure.com",
    "vs-ssh.visualstudio.com": "ssh.dev.azure.com",
    "codeberg.org": "codeberg.org",
}

DEFAULT_NAMES = ("id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk", "id_xmss", "id_dsa")


class Offer(Struct, frozen=True):
    """A key file that ssh offers to a host, and how surely that host knows it."""

    path: PurePath
    confidence: Confidence
    evidence: Evidence


class Target(Struct, frozen=True):
    """A host as it is typed: what it is called, how it is reached, and which keys are offered there."""

    alias: str
    hostname: str
    login: str
    port: str
    evidence: Evidence
    offers: tuple[Offer, ...] = ()
    exclusive: bool = False  # no key but those offered
    jump: str = ""
    control: str = ""  # the ControlPath that holds for it

    @property
    def asset(self) -> Asset:
        """The host as an asset, a forge under its one name."""
        name = self.hostname.lower().rstrip(".")
        hints = (Hint("host", name),) if self.alias == name else (Hint("host", name), Hint("host alias", self.alias))
        return Asset("git-host" if self.git else "ssh-host", FORGES.get(name, name), hints)

    @property
    def git(self) -> bool:
        """Whether it takes pushes rather than commands."""
        return self.login == "git" or self.hostname.lower().rstrip(".") in FORGES

    def grant(self, confidence: Confidence, evidence: Evidence, why: str) -> Grant:
        """What a key that this host trusts may do there."""
        capabilities = PUSH if self.git else SHELL
        return Grant(self.asset, capabilities, confidence, why=why, evidence=evidence)


class KeyNames(Struct, frozen=True):
    """What a key goes by: the files it lies in, its fingerprint, and whether ssh tries it unasked."""

    paths: frozenset[PurePath] = frozenset()
    fingerprint: str | None = None
    default: bool = False


class Opened(Struct, frozen=True):
    """Every host there is to open, found again by the key files that it is offered and by their fingerprints."""

    targets: tuple[Target, ...] = ()
    offers: Mapping[PurePath, Sequence[tuple[Target, Offer]]] = field(default_factory=dict)
    files: Mapping[str, Sequence[PurePath]] = field(default_factory=dict)

    def grants(self, key: KeyNames) -> tuple[tuple[Grant, ...], bool]:
        """What a key may open, surest first, and whether there were too many to tell.

        A key that is named for hosts of its own opens those; any other key, and a default one, perhaps every host
        that does not insist on a key of its own.
        """
        paths = dict.fromkeys([*sorted(key.paths), *self.files.get(key.fingerprint or "", ())])
        offered = [found for path in paths for found in self.offers.get(path, ())]
        merged: dict[Asset, Grant] = {}
        for target, offer in offered:
            _merge(merged, target.grant(offer.confidence, offer.evidence, "the configuration names this key for it"))
        if key.default or all(offer.confidence is Confidence.POSSIBLE for _, offer in offered):
            self._add_known(merged)
        found = sorted(merged.values(), key=_doubt)
        return tuple(found[:KEY_LIMIT]), len(found) > KEY_LIMIT

    def _add_known(self, merged: dict[Asset, Grant]) -> None:
        """Adds the hosts that take any key, up to one more than is told."""
        for target in self.targets:
            if len(merged) > KEY_LIMIT:
                return
            if not target.exclusive:
                why = "the host is known here, and the key may be trusted there"
                _merge(merged, target.grant(Confidence.POSSIBLE, target.evidence, why))


def opened(found: Iterable[Target], halves: Mapping[PurePath, PublicKey]) -> Opened:
    """The hosts by what opens them; `halves` are the public keys by the files that they lie in or belong to."""
    every = tuple(found)
    offers: dict[PurePath, list[tuple[Target, Offer]]] = {}
    for target in every:
        for offer in target.offers:
            offers.setdefault(offer.path, []).append((target, offer))
    files: dict[str, list[PurePath]] = {}
    for path, half in halves.items():
        files.setdefault(half.fingerprint, []).append(path)
    return Opened(every, offers, files)


def _doubt(grant: Grant) -> int:
    """0 for what is surest."""
    return list(Confidence).index(grant.confidence)


def _merge(merged: dict[Asset, Grant], grant: Grant) -> None:
    """One grant for each asset: the surest stands, the hints add up."""
    old = merged.get(grant.asset)
    if old is None:
        merged[grant.asset] = grant
        return
    best = min(old, grant, key=_doubt)
    hints = tuple(dict.fromkeys(old.asset.hints + grant.asset.hints))
    merged[grant.asset] = Grant(
        Asset(best.asset.kind, best.asset.name, hints),
        old.capabilities | grant.capabilities,
        best.confidence,
        why=best.why,
        evidence=best.evidence,
    )


class Way(Struct, frozen=True):
    """A chain made ready to be asked for one host after the other."""

    blocks: list[Block]
    conditional: bool
    spare: bool


def targets(host: Host, chains: list[Chain], known: Iterable[Known]) -> Iterator[Target | Gap]:
    """Every host that is named: by the chains, then by the known hosts."""
    count = 0
    known = list(known)
    for chain in chains:
        way = Way(blocks(chain.settings), chain.conditional, chain.spare)
        for alias, evidence in _aliases(chain, [] if chain.spare else known).items():
            host.check_time()
            count += 1
            if count > HOST_LIMIT:
                why = f"more than {HOST_LIMIT} hosts are named; the rest was left"
                yield Gap(GapKind.LIMIT, "ssh hosts", why)
                return
            yield from _named(host, way, alias, evidence)


def _aliases(chain: Chain, known: list[Known]) -> dict[str, Evidence]:
    """The names that the settings mention and that are known, a pattern only where no plain name answers to it."""
    told = [
        Known(name, Evidence(setting.path, setting.line)) for setting in chain.settings for name in _mentioned(setting)
    ]
    plain: dict[str, Evidence] = {}
    patterns: dict[str, Evidence] = {}
    for each in told + known:
        if each.name.startswith("!") or not each.name.isprintable() or not 0 < len(each.name) <= 255:
            continue
        if not wild(each.name):
            plain.setdefault(each.name, each.evidence)
        elif each.name.strip("*?."):
            patterns.setdefault(each.name, each.evidence)
    some = list(plain)[:HOST_LIMIT]
    for name in list(patterns)[:KEY_LIMIT]:
        if not any(means(name, each) for each in some):
            plain[name] = patterns[name]
    return plain


def _mentioned(setting: Setting) -> Iterator[str]:
    match setting.keyword:
        case "host":
            yield from setting.words
        case "match":
            condition = setting.conditions[-1]
            if isinstance(condition, MatchLine):
                for each in condition.criteria:
                    if each.name in ("host", "originalhost") and not each.negated:
                        yield from each.argument.split(",")
        case "proxyjump" if setting.first.lower() != "none":
            for hop in setting.first.split(","):
                yield _hop(hop)


def _hop(text: str) -> str:
    """The host of a jump, `[user@]host[:port]` or `ssh://...`."""
    name = text.strip().removeprefix("ssh://").rpartition("@")[2]
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0].rstrip("/") if "%" not in name else ""


def _named(host: Host, way: Way, alias: str, evidence: Evidence) -> Iterator[Target]:
    """The host as it is surely reached, and how it is perhaps reached where a Match line may change that."""
    user = host.machine.user
    sure = effective(way.blocks, alias, user)
    perhaps = effective(way.blocks, alias, user, lenient=True) if way.conditional else sure
    vague = way.spare or wild(alias)
    certain = {id(setting) for setting in sure.all("identityfile")}
    offers = [
        offer
        for setting in dict.fromkeys(sure.all("identityfile") + perhaps.all("identityfile"))
        if (offer := _offer(host, setting, sure, vague or id(setting) not in certain)) is not None
    ]
    exclusive = bool(offers) and sure.word("identitiesonly").lower() in ("yes", "true")
    yield _target(sure, evidence, tuple(offers), exclusive)
    if (perhaps.hostname, perhaps.login) != (sure.hostname, sure.login):
        doubtful = tuple(Offer(each.path, Confidence.POSSIBLE, each.evidence) for each in offers)
        yield _target(perhaps, evidence, doubtful, exclusive)


def _target(found: Effective, evidence: Evidence, offers: tuple[Offer, ...], exclusive: bool) -> Target:
    port = found.word("port") or "22"
    hostname = found.hostname or found.alias
    jump, control = found.word("proxyjump"), found.word("controlpath")
    return Target(found.alias, hostname, found.login, port, evidence, offers, exclusive, jump, control)


def _offer(host: Host, setting: Setting, found: Effective, vague: bool) -> Offer | None:
    """The key file of an IdentityFile line; one that is meant for every host is no sign that any trusts it."""
    path = named_path(host, setting.first, tokens(host, found))
    if path is None:
        return None
    shared = setting.everyone and not any(token in setting.first for token in ("%h", "%n", "%k"))
    confidence = Confidence.POSSIBLE if vague or shared else Confidence.INFERRED
    return Offer(path, confidence, Evidence(setting.path, setting.line))


def tokens(host: Host, found: Effective | None = None) -> dict[str, str]:
    """What the percent signs of a path stand for, those of one host when it is given."""
    machine = host.machine
    general = {
        "%": "%",
        "d": str(machine.home),
        "HOME": str(machine.home),
        "u": machine.user,
        "USER": machine.user,
        "l": machine.name,
        "L": machine.name.partition(".")[0],
    }
    if machine.uid is not None:
        general["i"] = str(machine.uid)
    if found is None:
        return general
    return general | {
        "h": found.hostname,
        "n": found.alias,
        "k": found.word("hostkeyalias") or found.alias,
        "p": found.word("port") or "22",
        "r": found.login,
        "j": found.word("proxyjump"),
    }


def named_path(host: Host, text: str, filled: dict[str, str]) -> PurePath | None:
    """The file that a setting names; None for `none`, and where it cannot be told."""
    if text.lower() == "none":
        return None
    full = expanded(text, filled)
    return None if full is None else resolved(host, full)
