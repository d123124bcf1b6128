"""The settings of Claude Code as values: who said what, and whose word counts."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import islice
from pathlib import PurePath
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from scanner.model import Evidence
from scanner.text import printable

if TYPE_CHECKING:  # reading a tree costs more to load than the vendor's defaults need
    from probes.agents.tree import Node

ENTRIES = 5_000  # of one list


class Scope(StrEnum):
    """Whose settings they are, highest first."""

    MANAGED = "managed"
    COMMAND = "command line"
    LOCAL = "local"
    PROJECT = "project"
    USER = "user"


OPTIONS = {
    "permissions.allow": "--allowedTools",
    "permissions.deny": "--disallowedTools",
    "permissions.additionalDirectories": "--add-dir",
}


class Source(Struct, frozen=True):
    """One file, or what stands in its place; `/x` in its rules begins at `base`. `options`: of a command line.

    Where it is not `sure`, Claude Code may pass over all of it, for a value that it does not take. `committed`: local
    settings that git knows, so that a repository brings them.
    """

    scope: Scope
    name: str
    base: PurePath
    root: "Node"
    place: Evidence
    options: bool = False
    sure: bool = True
    committed: bool = False

    @property
    def needs_trust(self) -> bool:
        """Whether a repository brings it, so that what it allows waits until somebody trusts the folder."""
        return self.scope is Scope.PROJECT or self.committed

    @property
    def from_project(self) -> bool:
        """Whether it lies among the project's files."""
        return self.scope in {Scope.PROJECT, Scope.LOCAL}

    def said(self, key: str, text: str | None) -> str:
        """An entry of a list as a report words it, without its text where that may not be shown."""
        option = OPTIONS.get(key.partition("[")[0]) if self.options else None
        if option is not None:
            return f'{option} "{text}" of the running {self.name}' if text else f"{option} of the running {self.name}"
        return f'{key.partition("[")[0]} "{text}"' if text is not None else key

    def at(self, key: str, node: "Node") -> Evidence:
        """Where in it a value stands."""
        return replace(self.place, line=node.line if self.place.path is not None else None, key=printable(key))


class Found(Struct, frozen=True):
    """A value and whose it is; `key` is its dotted name."""

    node: "Node"
    source: Source
    key: str

    @property
    def evidence(self) -> Evidence:
        """Where it stands."""
        return self.source.at(self.key, self.node)


class Settings(Struct, frozen=True):
    """All sources, highest first; `unread` names those that are there and could not be read, or not all of them.

    `cut`: of one of these the agent reads more than was read here, so that it may allow anything.
    """

    sources: tuple[Source, ...] = ()
    unread: tuple[str, ...] = ()
    cut: bool = False

    @property
    def sure(self) -> "Settings":
        """Without the sources that the agent may pass over: what these forbid may not hold."""
        return Settings(tuple(each for each in self.sources if each.sure), self.unread, self.cut)

    def each(self, *keys: str, among: Iterable[Source] | None = None) -> Iterator[Found]:
        """What the sources say under a key, highest first."""
        for source in self.sources if among is None else among:
            node = source.root.at(*keys)
            if node is not None:
                yield Found(node, source, ".".join(keys))

    def flag(self, *keys: str, among: Iterable[Source] | None = None) -> Found | None:
        """The highest switch under a key."""
        return next((each for each in self.each(*keys, among=among) if each.node.flag is not None), None)

    def is_on(self, *keys: str, default: bool = False, among: Iterable[Source] | None = None) -> bool:
        """Whether a switch is on."""
        found = self.flag(*keys, among=among)
        return default if found is None else found.node.flag is True

    def word(self, *keys: str) -> Found | None:
        """The highest text under a key."""
        return next((each for each in self.each(*keys) if each.node.text), None)

    def entries(self, *keys: str, among: Iterable[Source] | None = None) -> Iterator[Found]:
        """The entries of the lists under a key, which add up over all sources."""
        for told in self.each(*keys, among=among):
            for at, node in enumerate(islice(told.node.items or (), ENTRIES)):
                yield Found(node, told.source, f"{told.key}[{at}]")

    def of(self, *scopes: Scope) -> tuple[Source, ...]:
        """The sources of these scopes."""
        return tuple(each for each in self.sources if each.scope in scopes)

    @property
    def trusted_ones(self) -> tuple[Source, ...]:
        """The sources that no repository can bring."""
        return tuple(each for each in self.sources if not each.from_project)
