"""The order in which the git probe tells: settings, their secrets, stores, helpers, and the repositories they open."""

from collections.abc import Iterator
from pathlib import PurePath

from probes.git.chains import Setting
from probes.git.helpers import HELPER_LIMIT, asked, caches, helpers_seen, of_helpers, programs, store_files
from probes.git.netrc import netrc_seen
from probes.git.reads import NETRC
from probes.git.remotes import Aliases, Reached, assets_seen, reached, too_many
from probes.git.repositories import Repository, repositories
from probes.git.scopes import Scopes, scopes
from probes.git.secrets import secrets_seen
from probes.git.stores import client_keys, cookies, manager_logins, store_logins
from probes.git.workflows import deployments
from probes.modes import readable_by_others
from scanner.host import Host, TextFile
from scanner.model import Asset, Confidence, CredentialSeen, Gap, GapKind, Observation

REPOSITORY_LIMIT = 2000  # that the clones of a machine may lead to


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
    effective = [_effective(clone, wide, host) for clone in clones]
    settings = [*wide.every, *(setting for clone in clones for setting in clone.settings)]
    yield from _secrets(host, wide, clones)
    remotes = [list(reached(each)) for each in effective]
    yield from _left_out(host, clones, effective)
    hosts = _web_hosts(remotes)
    helpers = dict.fromkeys(of_helpers(each) for each in ([*wide.files, *wide.command], *effective))
    groups = (of_helpers(each) for each in (wide.every, *(clone.settings for clone in clones)))
    every = list(dict.fromkeys(each for group in groups for each in group))
    yield from store_logins(host, store_files(host, every))
    yield from manager_logins(host, settings)
    yield from cookies(host, settings)
    yield from client_keys(host, settings)
    for file in host.read(*NETRC):
        if isinstance(file, Gap):
            yield file
        else:
            yield from netrc_seen(file, host, frozenset(hosts))
    for named in helpers:
        host.check_time()
        yield from helpers_seen(asked(named, hosts))
    yield from caches(host, every, hosts)
    yield from programs(settings, host.variables().values)
    yield from _repositories(host, clones, remotes)


def _effective(clone: Repository, wide: Scopes, host: Host) -> list[Setting]:
    host.check_time()
    return clone.effective(wide, host.home)


def _left_out(host: Host, clones: list[Repository], effective: list[list[Setting]]) -> Iterator[Gap]:
    """One gap for each repository with more of a sort than is looked at."""
    for clone, settings in zip(clones, effective, strict=True):
        if too_many(settings) or len(of_helpers(settings)) == HELPER_LIMIT:
            why = "more remotes, rewritten addresses or helpers than anyone has; the rest was not judged"
            yield Gap(GapKind.LIMIT, host.shown(clone.folder), why)


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
    count = 0
    for clone, found in zip(clones, remotes, strict=True):
        host.check_time()
        for seen in assets_seen(found, aliases):
            count += 1
            if count > REPOSITORY_LIMIT:
                why = f"more than {REPOSITORY_LIMIT} repositories on forges; the rest was not judged"
                yield Gap(GapKind.LIMIT, host.shown(clone.folder), why)
                return
            yield seen
            if seen.confidence is Confidence.INFERRED:
                tops.setdefault(clone.root, seen.asset)
    yield from deployments(host, tops)
