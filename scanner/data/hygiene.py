"""How each agent's settings say what hygiene proposes, and which files decide its rights: `hygiene.toml`."""

from fnmatch import fnmatchcase
from functools import cache
from pathlib import PurePath

import msgspec
from msgspec import Struct, field

from scanner.data import files
from scanner.errors import DataError

PLAIN = frozenset("-_.~ +@:/\\")  # signs of a path that mean themselves in every vendor's rules


class Denial(Struct, frozen=True, forbid_unknown_fields=True):
    """How a file is denied to an agent's own tool that reads: the entry, and `where` it is written."""

    where: str
    home: str
    root: str

    def entry(self, path: PurePath, home: PurePath) -> str | None:
        """The entry for one file; None where its name has signs that a rule might take for something else."""
        if not all(sign.isalnum() or sign in PLAIN for sign in str(path)):
            return None
        if path.is_relative_to(home):
            return self.home.replace("{path}", path.relative_to(home).as_posix())
        return self.root.replace("{path}", path.as_posix().removeprefix("/")) if path.as_posix()[:1] == "/" else None


class OfAgent(Struct, frozen=True, forbid_unknown_fields=True):
    """One agent: the files that decide its rights, and how a file is denied to it and a command allowed."""

    settings: tuple[str, ...] = ()
    deny: Denial | None = None
    allow: str = ""


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """All agents by their ids; `keys` are globs over settings that name commands to run."""

    keys: tuple[str, ...]
    agents: dict[str, OfAgent] = field(default_factory=dict)

    def of(self, agent: str) -> OfAgent:
        """What is known of an agent."""
        return self.agents.get(agent, OfAgent())

    def runs(self, key: str) -> bool:
        """Whether a setting of that key names a command that the agent runs by itself."""
        return any(fnmatchcase(key, glob) for glob in self.keys)


@cache
def hygiene() -> Table:
    """The table. Raises DataError where it is not whole."""
    told = files.table("hygiene.toml")
    try:
        return files.converted({"keys": told["commands"]["keys"], "agents": told["agents"]}, Table)
    except (KeyError, TypeError, msgspec.ValidationError) as error:
        raise DataError(f"hygiene.toml: {error}") from error
