"""The settings of Claude Code in the order of their precedence, each source with its scope."""

import json
from collections.abc import Iterator, Mapping
from pathlib import PurePath

from msgspec import Struct, field
from msgspec.structs import replace

from probes.agents.claude.committed import is_committed
from probes.agents.claude.here import Here
from probes.agents.claude.hooks import EVENTS, TYPES
from probes.agents.claude.modes import KNOWN
from probes.agents.claude.reads import (
    DEVICE,
    DROP_INS,
    MACHINE_POLICY,
    MANAGED,
    NAMED_SETTINGS,
    PROJECT_FILE,
    REMOTE,
    USER,
    USER_POLICY,
    WINDOWS_POLICY,
    WSL,
)
from probes.agents.claude.settings import ENTRIES, Scope, Settings, Source
from probes.agents.tree import Node, parse
from scanner.host import Host, Place, TextFile
from scanner.host.paths import within
from scanner.model import Evidence, Gap, GapKind, Platform

# What is expected under the keys that decide something; another thing there makes the source doubtful.
LISTS: tuple[tuple[str, ...], ...] = (
    *(("permissions", key) for key in ("allow", "ask", "deny", "additionalDirectories")),
    ("sandbox", "excludedCommands"),
    *(("sandbox", "filesystem", key) for key in ("allowWrite", "denyWrite", "denyRead", "allowRead")),
    *(("sandbox", "network", key) for key in ("allowedDomains", "deniedDomains", "allowUnixSockets")),
    *(("sandbox", "credentials", key) for key in ("files", "envVars")),
)
FLAGS: tuple[tuple[str, ...], ...] = (
    *(("permissions", key) for key in ("blockReadsOutsideWorkingDirectories", "blockWritesOutsideWorkingDirectories")),
    ("permissions", "denyInsteadOfPrompting"),
    *((key,) for key in ("allowManagedPermissionRulesOnly", "allowManagedHooksOnly", "disableAllHooks")),
    *(("sandbox", key) for key in ("enabled", "autoAllowBashIfSandboxed", "allowUnsandboxedCommands")),
    ("sandbox", "failIfUnavailable"),
    ("sandbox", "filesystem", "disabled"),
    *(("sandbox", "network", key) for key in ("strictAllowlist", "allowAllUnixSockets", "allowManagedDomainsOnly")),
)
WORDS: tuple[tuple[str, ...], ...] = (
    *(("permissions", key) for key in ("defaultMode", "disableBypassPermissionsMode", "disableAutoMode")),
    *((key,) for key in ("disableAutoMode", "model", "apiKeyHelper")),
)
OBJECTS: tuple[tuple[str, ...], ...] = (
    ("permissions",),
    ("sandbox",),
    ("sandbox", "filesystem"),
    ("sandbox", "network"),
    ("env",),
    ("statusLine",),
)


TWICE = "has a key twice; the later one counts"  # as the agent has it
LONG = f"list of at most {ENTRIES} entries"


class Reader(Struct):
    """Reads the sources and notes what is wrong with them."""

    host: Host
    here: Here
    gaps: list[Gap] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    cut: bool = False

    def settings(self) -> Settings:
        """All of them."""
        sources = (*self._managed(), *self._local(), *self._project(), *self._user())
        return Settings(sources, tuple(dict.fromkeys(self.unread)), self.cut)

    def named(self, path: PurePath, process: str) -> Iterator[Source]:
        """The file that a running agent was given with --settings."""
        for file in self.host.read_named(NAMED_SETTINGS, path):
            for source in self._of(file, Scope.COMMAND, self.here.cwd):
                yield replace(source, name=f"{source.name} of {process}")

    def inline(self, text: str, process: str) -> Iterator[Source]:
        """The settings that a running agent was given as a text."""
        yield from self._source(
            text, Scope.COMMAND, self.here.cwd, f"--settings of {process}", Evidence(process=process)
        )

    def options(self, name: str, lists: Mapping[str, tuple[str, ...]]) -> Source:
        """What a running agent was given as options, in the form of settings."""
        members = tuple((key, Node(1, items=tuple(Node(1, text) for text in texts))) for key, texts in lists.items())
        root = Node(1, members=(("permissions", Node(1, members=members)),))
        return Source(Scope.COMMAND, name, self.here.cwd, root, Evidence(process=name), options=True)

    def missing(self, name: str, why: str) -> None:
        """Notes settings that lie where nobody looks."""
        self.gaps.append(Gap(GapKind.REFUSED, name, why))
        self.unread.append(name)

    def _managed(self) -> tuple[Source, ...]:
        """The first source of the organization with any key in it."""
        self._of_windows()
        for tier in (
            self._remote(),
            self._device(),
            self._policy(MACHINE_POLICY),
            self._files(),
            self._policy(USER_POLICY),
        ):
            found = tuple(tier)
            if any(not name.startswith("$") for source in found for name, _ in source.root.pairs):
                return found
        return ()

    def _remote(self) -> Iterator[Source]:
        yield from self._read(self.here.in_use(REMOTE), Scope.MANAGED, self.here.cwd)

    def _of_windows(self) -> None:
        """A policy of Windows, which WSL takes over where that says so."""
        if self.here.platform is not Platform.LINUX or next(self.host.places(WSL), None) is None:
            return
        why = "WSL takes it over where it says wslInheritsWindowsSettings; it is not read"
        if next(self.host.places(WINDOWS_POLICY), None) is not None:
            self.missing(WINDOWS_POLICY, why)
        else:
            self.gaps.append(Gap(GapKind.REFUSED, "the policy for Claude Code in the registry of Windows", why))

    def _device(self) -> Iterator[Source]:
        """A policy of the device management, which lies in preferences that are not read."""
        if self.here.platform is Platform.MACOS:
            for place in self.host.places(*DEVICE):
                name = place.place if isinstance(place, Gap) else self.host.shown(place.path)
                self.missing(name, "a policy of the device management, which is not read")
        yield from ()

    def _policy(self, key: str) -> Iterator[Source]:
        if self.here.platform is not Platform.WINDOWS:
            return
        values = self.host.registry(key)
        if isinstance(values, Gap):
            self.gaps.append(values)
            self.unread.append(key)
        elif values.get("Settings"):
            yield from self._source(values["Settings"], Scope.MANAGED, self.here.cwd, key, Evidence(variable=key))

    def _files(self) -> Iterator[Source]:
        """The file of the organization and those beside it, of which the last one in the alphabet counts most."""
        beside = [*self._read((DROP_INS[self.here.platform],), Scope.MANAGED, self.here.cwd)]
        yield from reversed(beside)
        yield from self._read((MANAGED[self.here.platform],), Scope.MANAGED, self.here.cwd)

    def _local(self) -> Iterator[Source]:
        for folder in self.here.local:
            for source in self._of_project(folder, "settings.local.json", Scope.LOCAL):
                yield replace(source, committed=is_committed(self.host, folder))

    def _project(self) -> Iterator[Source]:
        if self.here.cwd / ".claude" != self.here.home / ".claude":  # there it is the user's own
            yield from self._of_project(self.here.cwd, "settings.json", Scope.PROJECT)

    def _user(self) -> Iterator[Source]:
        yield from self._read(self.here.in_use(USER), Scope.USER, self.here.config)

    def _of_project(self, folder: PurePath, name: str, scope: Scope) -> Iterator[Source]:
        path = folder / ".claude" / name
        place = self.host.place_named(PROJECT_FILE, path)
        target = place.link_target if isinstance(place, Place) else None
        if target is not None and not any(within(target, each) for each in (self.here.root, self.here.home)):
            self.missing(self.host.shown(path), "a link out of the repository")
        elif place is not None:
            for file in self.host.read_named(PROJECT_FILE, path):
                yield from self._of(file, scope, folder)

    def _read(self, patterns: tuple[str, ...], scope: Scope, base: PurePath) -> Iterator[Source]:
        for file in self.host.read(*patterns):
            yield from self._of(file, scope, base)

    def _of(self, file: TextFile | Gap, scope: Scope, base: PurePath) -> Iterator[Source]:
        if isinstance(file, Gap):
            self.gaps.append(file)
            self.unread.append(file.place)
            self.cut = self.cut or file.kind is GapKind.LIMIT
            return
        shown = self.host.shown(file.path)
        yield from self._source(file.text, scope, base, shown, Evidence(file.path))

    def _source(self, text: str, scope: Scope, base: PurePath, name: str, place: Evidence) -> Iterator[Source]:
        """A text as a source. Claude Code takes no comments and nothing of a broken text: neither is taken here."""
        if not text.strip():
            return
        parsed = parse(text, "json", self.host.check_time)
        for fault in parsed.faults:
            self.gaps.append(Gap(fault.kind, f"{name}, line {fault.line}", fault.why))
        whole = _is_whole(text)
        if parsed.root is None or parsed.root.members is None or not whole:
            if not parsed.faults:
                self.gaps.append(Gap(GapKind.FAILED, name, "is no JSON object as Claude Code reads it"))
            self.unread.append(name)
            self.cut = self.cut or whole is None
            return
        if any(fault.why != TWICE for fault in parsed.faults):
            self.unread.append(name)
            self.cut = True
        yield self._doubted(Source(scope, name, base, parsed.root, place))

    def _doubted(self, source: Source) -> Source:
        """The source, not sure where a key of it holds what it cannot: one such value voids the whole of it."""
        odd = [*_odd(source.root)]
        for keys, wanted in odd:
            key = ".".join(keys)
            self.gaps.append(Gap(GapKind.FAILED, source.name, f"{key} is no {wanted}"))
            self.unread.append(source.name)
            self.cut = self.cut or wanted == LONG
        return replace(source, sure=not odd)


def _is_whole(text: str) -> bool | None:
    """Whether a strict parser takes it, None where it is too deep for the one here and not for the agent's."""
    try:
        json.loads(text, parse_int=len, parse_constant=_refused)
    except RecursionError:
        return None
    except ValueError:  # its message quotes the text
        return False
    return True


def _refused(_: str) -> None:
    raise ValueError


def _odd(root: Node) -> Iterator[tuple[tuple[str, ...], str]]:
    for keys in OBJECTS:
        node = root.at(*keys)
        if node is not None and node.members is None:
            yield keys, "object"
    for keys in LISTS:
        node = root.at(*keys)
        if node is not None and node.items is None:
            yield keys, "list"
        elif node is not None and len(node.items or ()) > ENTRIES:
            yield keys, LONG
    for keys in FLAGS:
        node = root.at(*keys)
        if node is not None and node.flag is None:
            yield keys, "true or false"
    for keys in WORDS:
        node = root.at(*keys)
        if node is not None and not node.text:
            yield keys, "text"
    number = root.get("cleanupPeriodDays")
    if number is not None and not isinstance(number.value, float):
        yield ("cleanupPeriodDays",), "number"
    yield from _odd_hooks(root)
    name = root.said("permissions", "defaultMode")
    if name and name not in KNOWN:
        yield ("permissions", "defaultMode"), "mode that is known"


def _odd_hooks(root: Node) -> Iterator[tuple[tuple[str, ...], str]]:
    """A hook of a type that is not known; an event that is not known voids nothing."""
    told = root.get("hooks")
    for event, groups in told.pairs[:ENTRIES] if told is not None else ():
        for group in (groups.items or ())[:ENTRIES] if event in EVENTS else ():
            inner = group.get("hooks")
            hooks = (inner.items or ())[:ENTRIES] if inner is not None else ()
            if any(each.said("type") not in TYPES for each in hooks):
                yield ("hooks", event), "list of hooks whose types are known"
