"""How a server of standard input and output would be started: its command and its own environment, never shown."""

from collections.abc import Mapping
from typing import ClassVar

from probes.agents.mcp.entries import Entry, first
from probes.agents.mcp.hiding import shown, variable_name
from probes.agents.mcp.references import compiled
from probes.agents.tree import Node
from scanner.model.value import Value

WORDS = 500
VARIABLES = 300


class Starting(Value, frozen=True):
    """The words of a command and the variables that its entry declares; `unfilled` are those that nothing fills."""

    concealed: ClassVar[frozenset[str]] = frozenset({"words", "environment"})

    words: tuple[str, ...]
    environment: Mapping[str, str]
    unfilled: tuple[str, ...] = ()
    folder: str = ""

    def told(self, secrets: tuple[str, ...]) -> str:
        """The command as it may be shown: a star for each word that is or could be a secret."""
        held = (*secrets, *(value for value in self.environment.values() if len(value) >= 4))
        return " ".join(shown(word, held, 200) for word in self.words)


def starting(entry: Entry, variables: Mapping[str, str], folders: Mapping[str, str]) -> Starting | None:
    """What the entry would start, its references filled from the user's environment; None where it starts nothing.

    `folders` are what its client fills in for names of folders.
    """
    fill = _Filler(entry.client.references, variables, folders)
    fields = entry.client.fields
    words = [fill(text) for names in (fields.command, fields.args) for text in _texts(entry, names)]
    if not words or not words[0]:
        return None
    declared = {}
    found = first(entry.node, fields.env)
    for name, node in found[1].pairs[:VARIABLES] if found is not None else ():
        if variable_name(name):
            declared[name] = fill(_worded(node))
    for name in entry.takes:
        if name in variables and name not in declared and name in _handed(entry):
            declared[name] = variables[name]
    return Starting(tuple(words[:WORDS]), declared, tuple(dict.fromkeys(fill.missing)), fill(entry.node.said("cwd")))


class _Filler:
    """Puts values in the place of references; what has none is left out, and noted by its name."""

    def __init__(self, patterns: tuple[str, ...], variables: Mapping[str, str], folders: Mapping[str, str]) -> None:
        self._patterns = compiled(patterns)
        self._variables, self._folders = variables, folders
        self.missing: list[str] = []

    def __call__(self, text: str) -> str:
        for pattern in self._patterns:
            text = pattern.sub(lambda match: self._value(match.groupdict()), text)
        return text

    def _value(self, groups: Mapping[str, str | None]) -> str:
        name, folder = groups.get("variable") or "", groups.get("folder") or ""
        known = self._variables.get(name) if name else self._folders.get(folder)
        if known is None and groups.get("default") is None:
            self.missing.append(variable_name(name) or folder or "an input")
        return known if known is not None else groups.get("default") or ""


def _texts(entry: Entry, names: tuple[str, ...]) -> list[str]:
    found = first(entry.node, names)
    if found is None:
        return []
    node = found[1]
    return [_worded(each) for each in node.items] if node.items is not None else [node.text]


def _worded(node: Node) -> str:
    if node.flag is not None:
        return "true" if node.flag else "false"
    return f"{node.value:g}" if isinstance(node.value, float) else node.text


def _handed(entry: Entry) -> set[str]:
    """The variables that the entry hands on under their own names."""
    found = first(entry.node, entry.client.fields.env_names)
    return {each.text or each.said("name") for each in (found[1].items or () if found is not None else ())}
