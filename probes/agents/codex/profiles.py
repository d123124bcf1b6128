"""Profiles of permissions: what a named one lets commands read, change and connect to."""

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from msgspec import Struct

from probes.agents.codex.layers import Settings
from probes.agents.codex.places import glob, kept, temporary
from probes.agents.tree import Node
from scanner.host import Host
from scanner.model import Name, Paths, Platform

BUILT_IN = {
    ":read-only": "read-only",
    ":workspace": "workspace-write",
    ":danger-full-access": "danger-full-access",
}
ACCESS = ("deny", "none", "write", "read")  # ties go to the first; `none` is how deny was once written
CHAIN = 16  # profiles that extend each other
ENTRIES = 500
EVERYTHING = (Paths("**"),)


class Entry(Struct, frozen=True):
    """One line of `filesystem`: a folder, what of it where that is a glob, and what may be done there."""

    folder: PurePath
    rest: str
    access: str

    @property
    def depth(self) -> int:
        """How specific it is."""
        return len(self.folder.parts) + len([part for part in self.rest.split("/") if part])


class Profile(Struct, frozen=True):
    """What a profile lets through; see Sandbox."""

    unreadable: tuple[Paths, ...] = ()
    readable: tuple[Paths, ...] = ()
    writable: tuple[Paths, ...] = ()
    hosts: tuple[Name, ...] = ()
    sockets: tuple[Paths, ...] = ()
    unwritable: tuple[Paths, ...] = ()


def writing(host: Host, folders: Iterable[PurePath]) -> Profile:
    """A profile that lets these folders be written, but for what Codex keeps."""
    each = tuple(dict.fromkeys(folders))
    return Profile(writable=tuple(glob(host, folder) for folder in each), unwritable=kept(host, each))


def profile(host: Host, settings: Settings, name: str, workspace: tuple[PurePath, ...]) -> Profile:
    """A profile with all that it extends.

    What lies deeper counts before what lies above it. A profile that opens `:root` for reading is told exactly; of
    one that does not, all that it opens counts as readable, also what it denies below that.
    """
    chain = _chain(settings, name)
    entries = _joined(
        _built_in(host, one, workspace) if one in BUILT_IN else _entries(host, settings, one, workspace)
        for one in chain
    )
    denied = [each for each in entries if each.access in ("deny", "none")]
    opened = [each for each in entries if each.access in ("read", "write")]
    rooted = any(not each.folder.name and not each.rest for each in opened)
    if rooted:
        unreadable = tuple(_paths(host, denied))
        readable = tuple(_paths(host, [each for each in opened if any(_below(each, one) for one in denied)]))
    else:
        unreadable, readable = EVERYTHING, tuple(_paths(host, opened))
    hosts = _hosts(settings, chain)
    sockets = EVERYTHING if Name("*") in hosts else tuple(_sockets(host, settings, chain))
    written = _written(host, entries)
    return Profile(unreadable, readable, written.writable, hosts, sockets, written.unwritable)


def _chain(settings: Settings, name: str) -> tuple[str, ...]:
    """The profile and those that it extends, in turn."""
    chain: list[str] = []
    while name and name not in chain and len(chain) < CHAIN:
        chain.append(name)
        found = settings.find("permissions", name, "extends") if name not in BUILT_IN else None
        name = found.node.text if found is not None else ""
        known = name in settings.names("permissions") or name in (":read-only", ":workspace")
        if found is not None and (not known or name in chain):
            settings.refuse(found, "names no profile that can be extended")
            break
    return tuple(chain)


def _joined(profiles: Iterable[Iterable[Entry]]) -> list[Entry]:
    """The entries of all; for one place those of the first profile count, and of these the first of ACCESS."""
    found: dict[tuple[PurePath, str], Entry] = {}
    for entries in profiles:
        own: dict[tuple[PurePath, str], Entry] = {}
        for each in sorted(entries, key=lambda each: ACCESS.index(each.access)):
            own.setdefault((each.folder, each.rest), each)
        found = {**own, **found}
    return list(found.values())


def _built_in(host: Host, name: str, workspace: tuple[PurePath, ...]) -> Iterator[Entry]:
    yield Entry(_root(host), "", "read")
    if name == ":workspace":
        for folder in (*workspace, *temporary(host, slash_tmp=True, variable=True)):
            yield Entry(folder, "", "write")


def _root(host: Host) -> PurePath:
    return type(host.home)(host.home.anchor)


def _entries(host: Host, settings: Settings, name: str, workspace: tuple[PurePath, ...]) -> Iterator[Entry]:
    added = tuple(_workspaces(host, settings, name))
    for key in settings.names("permissions", name, "filesystem")[:ENTRIES]:
        found = settings.find("permissions", name, "filesystem", key)
        if found is None:
            continue
        folders = tuple(_folders(host, key, (*workspace, *added)))
        for rest, node in _nested(found.node):
            if node.text not in ACCESS:
                settings.refuse(found, "is none of read, write and deny")
                continue
            yield from (Entry(*_split(folder, rest), node.text) for folder in folders)


def _nested(node: Node) -> Iterator[tuple[str, Node]]:
    if node.members is None:
        yield "", node
    for rest, each in node.pairs[:ENTRIES]:
        yield ("" if rest == "." else rest), each


def _split(folder: PurePath, rest: str) -> tuple[PurePath, str]:
    """The plain part of what lies below a folder goes to the folder; from the first sign of a glob on it is a rest."""
    parts = [part for part in rest.replace("\\", "/").split("/") if part and part != "."]
    plain = next((index for index, part in enumerate(parts) if any(sign in part for sign in "*?[")), len(parts))
    return folder.joinpath(*parts[:plain]), "".join("/" + part for part in parts[plain:])


def _workspaces(host: Host, settings: Settings, name: str) -> Iterator[PurePath]:
    for key in settings.names("permissions", name, "workspace_roots")[:ENTRIES]:
        found = settings.flag("permissions", name, "workspace_roots", key)
        path = host.resolve(key, host.workspace) if found is not None and found.node.flag else None
        if path is not None:
            yield path


def _folders(host: Host, key: str, workspace: tuple[PurePath, ...]) -> Iterator[PurePath]:
    match key:
        case ":root":
            yield _root(host)
        case ":workspace_roots" | ":project_roots":
            yield from workspace
        case ":tmpdir":
            yield from temporary(host, slash_tmp=False, variable=True)
        case ":slash_tmp":
            yield from temporary(host, slash_tmp=True, variable=False)
        case ":minimal":
            return  # the platform's own programs and libraries, which hold nothing of the user's
        case _:
            path = host.resolve(key, host.workspace)
            if path is not None:
                yield path


def _paths(host: Host, entries: Iterable[Entry]) -> Iterator[Paths]:
    for each in entries:
        yield glob(host, each.folder, each.rest) if each.folder.name or each.rest else Paths("**")


def _below(inner: Entry, outer: Entry) -> bool:
    """Whether the inner one lies in the outer and is the more specific, so that it opens what the outer denies."""
    return inner.depth > outer.depth and outer.folder in (inner.folder, *inner.folder.parents)


def _written(host: Host, entries: list[Entry]) -> Profile:
    """What may be changed; of what a profile takes back deeper inside only that which nothing opens again."""
    folders = [each.folder for each in entries if each.access == "write" and not each.rest]
    if any(not each.name for each in folders):
        return Profile(writable=EVERYTHING)
    return writing(host, folders)


def _hosts(settings: Settings, chain: tuple[str, ...]) -> tuple[Name, ...]:
    """The hosts that can be connected to; rules by domain hold only where the proxy that knows them is on."""
    switches = (settings.flag("permissions", each, "network", "enabled") for each in chain)
    switch = next((found for found in switches if found is not None), None)
    if switch is None or switch.node.flag is not True:
        return ()
    domains = [
        (domain, settings.word(("allow", "deny"), "permissions", each, "network", "domains", domain))
        for each in chain
        for domain in settings.names("permissions", each, "network", "domains")[:ENTRIES]
    ]
    if not domains or not _proxied(settings):
        return (Name("*"),)
    return tuple(_domains(domain for domain, found in domains if found is not None and found.node.text == "allow"))


def _domains(allowed: Iterable[str]) -> Iterator[Name]:
    for domain in allowed:
        if domain.startswith("**."):
            yield Name(domain[3:])
        yield Name(domain)


def _proxied(settings: Settings) -> bool:
    found = settings.find("features", "network_proxy")
    if found is None:
        return False
    inner = found.node.get("enabled")
    return found.node.flag is True or (inner is not None and inner.flag is True)


def _sockets(host: Host, settings: Settings, chain: tuple[str, ...]) -> Iterator[Paths]:
    """The sockets that are let through; on macOS only, elsewhere a closed network closes them all."""
    if host.platform is not Platform.MACOS:
        return
    for each in chain:
        for key in settings.names("permissions", each, "network", "unix_sockets")[:ENTRIES]:
            found = settings.find("permissions", each, "network", "unix_sockets", key)
            path = host.resolve(key)
            if found is not None and path is not None and (found.node.text == "allow" or found.node.flag is True):
                yield glob(host, path)
