"""The order in which the git probe tells: settings, their secrets, stores, helpers, and the repositories they open."""

from collections.abc import Iterator
from pathlib import PurePath

from probes.git.chains import Setting
from probes.git.helpers import asked, caches, helpers_seen, programs, store_files
from probes.git.netrc import netrc_seen
from probes.git.reads import NETRC
from probes.git.remotes import Aliases, Reached, assets_seen, reached
from probes.git.repositories import Repository, repositories
from probes.git.scopes import Scopes, scopes
from probes.git.secrets import secrets_seen
from probes.git.stores import client_keys, cookies, manager_logins, store_logins
from probes.git.workflows import deployments
from probes.modes import readable_by_others
from scanner.host import Host, TextFile
from scanner.model import Asset, Confidence, CredentialSeen, Gap, Observation


def told(host: Host) -> Iterator[Observation]:
    """All that is to be told of git on this host; some of it twice."""
    wide = Scopes()
    yield from scopes(host, wide)
    clones: list[Repository] = []
    for found in repositories(host):
        if isinstance(found, Gap):
            yield found
        else:
            clones.append(found)
    effective = [clone.effective(wide, host.home) for clone in clones]
    settings = [*wide.every, *(setting for clone in clones for setting in clone.settings)]
    yield from _secrets(host, wide, clones)
    remotes = [list(reached(each)) for each in effective]
    hosts = _web_hosts(remotes)
    yield from store_logins(host, store_files(host, settings))
    yield from manager_logins(host, settings)
    yield from cookies(host, settings)
    yield from client_keys(host, settings)
    for file in host.read(*NETRC):
        if isinstance(file, Gap):
            yield file
        else:
            yield from netrc_seen(file, host, frozenset(hosts))
    for each in [[*wide.files, *wide.command], *effective]:
        yield from helpers_seen(asked(each, hosts))
    yield from caches(host, settings, hosts)
    yield from programs(settings, host.variables().values)
    yield from _repositories(host, clones, remotes)


def _secrets(host: Host, wide: Scopes, clones: list[Repository]) -> Iterator[Observation]:
    """What the settings hold, file by file, and whether others may read such a file."""
    for group in (wide.every, *(clone.settings for clone in clones)):
        loose: dict[str, TextFile] = {}
        places = {setting.evidence: setting for setting in group}
        for seen in secrets_seen(group, host):
            yield seen
            setting: Setting | None = places.get(seen.evidence) if isinstance(seen, CredentialSeen) else None
            if setting is not None and setting.file is not None:
                loose[str(setting.file.path)] = setting.file
        for file in loose.values():
            yield from readable_by_others(host, file.place)


def _web_hosts(remotes: list[list[Reached]]) -> list[str]:
    """The hosts that pushes send a name and a password to."""
    return list(dict.fromkeys(each.address.host for found in remotes for each in found if each.address.web))


def _repositories(host: Host, clones: list[Repository], remotes: list[list[Reached]]) -> Iterator[Observation]:
    """The repositories that the clones lead to, and what a push to them deploys."""
    aliases = Aliases(host)
    tops: dict[PurePath, Asset] = {}
    for clone, found in zip(clones, remotes, strict=True):
        for seen in assets_seen(found, aliases):
            yield seen
            if seen.confidence is Confidence.INFERRED:
                tops.setdefault(clone.root, seen.asset)
    yield from deployments(host, tops)
