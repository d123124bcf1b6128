"""The MCP servers of one agent: what each of their tools does, what they read by themselves, and what they inherit."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import PurePath, PurePosixPath

from scanner.data.known_servers import READ_FILES, WRITE_FILES, classes_of, is_contained, servers
from scanner.model import Capability, Gate, Inheritance, Name, Paths, Pattern, Ruling, ServerSeen, Tool

ALL = "*"
FILES = frozenset({READ_FILES, WRITE_FILES})
HELD = frozenset({Gate.PROMPT, Gate.UNKNOWN})  # what an approval in a server's own entry takes away
INSIDE, ABOVE = ("${workspacefolder}", "$workspacefolder", "."), ("${userhome}", "$userhome", "$home", "${home}", "~")


class Serving:
    """One server of an agent, and what is known of its kind."""

    def __init__(self, seen: ServerSeen) -> None:
        self.seen = seen
        self.name = seen.name
        self.known = servers().get(seen.known) if seen.known else None
        self.contained = is_contained(seen.launcher)

    @cached_property
    def tools(self) -> Mapping[str, str]:
        """Its tools, each with what it does; none where the server is not known."""
        if self.known is None:
            return {}
        return self.known.left(self.seen.narrowed)

    def doing(self, act: str) -> list[str]:
        """Its tools that do that here: one elsewhere does nothing here, one in a container has what is mounted."""
        if self.seen.url is not None or (self.contained and not (act in FILES and self.seen.roots)):
            return []
        return [name for name, does in self.tools.items() if does == act]

    def classes(self, names: Iterable[str]) -> frozenset[Capability]:
        """What some of its tools open of its login."""
        return classes_of({self.tools[name] for name in names})

    def groups(self, tool: Tool) -> dict[Ruling, list[str]]:
        """Its tools by what stands before them."""
        found: dict[Ruling, list[str]] = {}
        for name in self.tools:
            found.setdefault(self.call(tool, name), []).append(name)
        return found

    def call(self, tool: Tool, name: str) -> Ruling:
        """What stands before one of its tools: the agent's own rules, and what its entry lets run unasked."""
        target, approval = f"{self.name}/{name}", self.seen.approval
        rule = next((rule for rule in tool.rules if rule.pattern.matches(target)), None)
        ruling = rule.ruling if rule is not None else tool.otherwise
        if approval is None or ruling.gate not in HELD or (rule is not None and _names(rule.pattern)):
            return ruling
        if {ALL, name}.isdisjoint(self.seen.approved):
            return ruling
        stand_in = Gate.NONE if approval is Gate.UNKNOWN else None
        return Ruling(approval, f"the entry of {self.name} approves it", self.seen.evidence, stand_in)

    def finds(self, kind: str, variable: str | None, where: str, inherited: Inheritance) -> bool:
        """Whether it comes by a credential that does not stand in its entry: handed on by name, inherited, or read."""
        if variable is not None and variable in self.seen.takes:
            return True
        if self.known is None or self.contained or self.seen.url is not None:
            return False
        logins = self.known.takes(kind)
        if variable is None:
            return any(Paths(each, fold=True).matches(where) for login in logins for each in login.files)
        known = any(fnmatchcase(variable, each) for login in logins for each in login.variables)
        return known and variable not in self.seen.variables and inherited.passes(variable)

    def covers(self, path: str, home: PurePath, workspace: PurePath | None) -> bool:
        """Whether a file lies below one of its folders; one that cannot be told is taken for the home."""
        inside = (workspace or home).as_posix()
        folders = [_folder(each, home.as_posix(), inside) for each in self.seen.roots] or [inside]
        fold = not isinstance(home, PurePosixPath)
        return any(Paths(each, fold).matches(path) for each in folders)


def _names(pattern: Pattern) -> bool:
    """Whether a rule is about some server, not about whatever is called."""
    return isinstance(pattern, Name) and pattern.glob.strip("*/") != ""


def _folder(root: str, home: str, inside: str) -> str:
    """A folder as a configuration names it, its variables filled in as far as they are known."""
    text = root.replace("\\", "/")
    first, slash, rest = text.partition("/")
    if first.casefold() in INSIDE:
        return inside + slash + rest
    if first.casefold() in ABOVE:
        return home + slash + rest
    if text.startswith("/") or text[1:3] == ":/":
        return text
    return f"{inside}/{text}" if first == ".." else home
