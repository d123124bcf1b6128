"""MCP servers that are widely used: how one is told, what its tools do, whose login it has: `known_servers.toml`."""

import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache

import msgspec
from msgspec import Struct, field

from scanner.data import files
from scanner.errors import DataError
from scanner.model import Capability

FILE = "known_servers.toml"
SHELL, READ_FILES, WRITE_FILES, BROWSE = "shell", "read-files", "write-files", "browse"
HERE = frozenset({SHELL, READ_FILES, WRITE_FILES, BROWSE, "nothing"})  # acts of this machine, which need no login
ENGINES = frozenset({"docker", "podman", "nerdctl"})
VERSION = re.compile(r"(?<=.)(?:@|==|:[^/]*$).*|\[.*", re.DOTALL)


class Login(Struct, frozen=True, forbid_unknown_fields=True):
    """Kinds of credential that a server acts with, and where it finds one by itself: variables and files, as globs."""

    kinds: tuple[str, ...]
    variables: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


class Narrowing(Struct, frozen=True, forbid_unknown_fields=True):
    """An option, or a variable set to `value`, that leaves a server only tools of some acts; or whose absence does."""

    leaves: tuple[str, ...]
    option: str = ""
    variable: str = ""
    value: str = "true"
    absent: bool = False

    def holds(self, told: Iterable[str]) -> bool:
        """Whether it does, among the options and variables that are told."""
        return any(each in {self.option, self.variable} for each in told) is not self.absent


class Known(Struct, frozen=True, forbid_unknown_fields=True):
    """One server: what it is for, by which names it is told, and its tools by what they do.

    `tools` holds the names by the words of `[acts]`, `source` says where these were read.
    """

    id: str
    title: str
    source: str
    packages: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    tools: dict[str, tuple[str, ...]] = field(default_factory=dict)
    logins: tuple[Login, ...] = ()
    narrowings: tuple[Narrowing, ...] = ()

    def left(self, told: Sequence[str]) -> dict[str, str]:
        """Its tools with what each does, as far as the options and variables that are told leave them."""
        leaves = [frozenset(each.leaves) for each in self.narrowings if each.holds(told)]
        return {name: act for act, names in self.tools.items() if all(act in kept for kept in leaves) for name in names}

    def takes(self, kind: str) -> tuple[Login, ...]:
        """The logins that a credential of that kind can be."""
        return tuple(each for each in self.logins if any(fnmatchcase(kind, glob) for glob in each.kinds))


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file: what each act opens, those that cannot be undone, and the servers."""

    version: str
    acts: dict[str, tuple[Capability, ...]]
    words: dict[str, str]
    destructive: frozenset[str]
    server: tuple[Known, ...]


@cache
def table() -> Table:
    """The data. Raises DataError where a row is not whole, or a word or a name stands for two things."""
    try:
        told = files.converted(files.table(FILE), Table)
    except msgspec.ValidationError as error:
        raise DataError(f"{FILE}: {error}") from error
    acts = {*told.acts, *HERE}
    for each in told.server:
        unknown = {*each.tools, *(act for one in each.narrowings for act in one.leaves)} - acts
        if unknown:
            raise DataError(f"{FILE}: {each.id}: unknown act {', '.join(sorted(unknown))}")
        if len({tool for tools in each.tools.values() for tool in tools}) != sum(map(len, each.tools.values())):
            raise DataError(f"{FILE}: {each.id}: a tool stands twice")
    if acts - told.words.keys() or told.destructive - acts:
        raise DataError(f"{FILE}: an act without words, or a destructive one that is none")
    return told


@cache
def servers() -> Mapping[str, Known]:
    """Every known server by its id. Raises DataError where two have one."""
    found = {each.id: each for each in table().server}
    if len(found) != len(table().server):
        raise DataError(f"{FILE}: two servers of one id")
    return found


def classes_of(acts: Iterable[str]) -> frozenset[Capability]:
    """What acts open of a server's login."""
    return frozenset(capability for act in acts for capability in table().acts.get(act, ()))


def unasked(known: str, approved: Sequence[str], narrowed: Sequence[str]) -> dict[str, list[str]]:
    """The tools of a known server that are approved, by what they do; "*" approves all."""
    row = servers().get(known) if known and approved else None
    found: dict[str, list[str]] = {}
    for name, act in (row.left(narrowed) if row is not None else {}).items():
        if "*" in approved or name in approved:
            found.setdefault(act, []).append(name)
    return found


def is_contained(launcher: str) -> bool:
    """Whether it is started in a container, which neither has this machine's files nor its environment."""
    return not ENGINES.isdisjoint(launcher.split()[:4])


def known_as(package: str | None, launcher: str, url: str | None) -> Known | None:
    """The server that an address, a package or image, or a command tells; an address before all else."""
    if url:
        host = url.partition("//")[2].partition("/")[0].partition(":")[0].casefold()
        return next((each for each in servers().values() if any(fnmatchcase(host, glob) for glob in each.hosts)), None)
    if package:
        return _by_name("images" if is_contained(launcher) else "packages").get(_bare(package))
    return _by_name("commands").get(_command(launcher))


def _bare(package: str) -> str:
    """A package without its version and extras, an image without its tag and the registry that all leave out."""
    name = package.casefold().removeprefix("npm:").removeprefix("docker.io/").removeprefix("library/")
    return VERSION.sub("", name)


def _command(launcher: str) -> str:
    """The last word of a command line, a Python module as the command of that name."""
    word = launcher.rsplit(maxsplit=1)[-1] if launcher else ""
    module = launcher.endswith(f"-m {word}")
    return (word.replace("_", "-") if module else word.rpartition("/")[2]).casefold()


@cache
def _by_name(field_name: str) -> Mapping[str, Known]:
    return {name.casefold(): each for each in servers().values() for name in getattr(each, field_name)}
