"""What `agent.tool_permissions` says of one tool, in the order in which Zed tries it.

Denied, to be confirmed, allowed, then the tool's default, then that of all tools. A pattern that is no regular
expression blocks its tool altogether. Of a command line each command is looked at by itself.
"""

import re
from collections.abc import Callable, Iterator

from probes.agents.basis import Basis, allowed, by, stopped
from probes.agents.layers import Found
from probes.agents.regexes import Translated, commands, is_broken
from scanner.model import Command, Everything, Gate, Name, Paths, Pattern, Rule, Ruling

GATES = {"allow": Gate.NONE, "confirm": Gate.PROMPT, "deny": Gate.REFUSED}
LISTS = (("always_deny", Gate.REFUSED), ("always_confirm", Gate.PROMPT), ("always_allow", Gate.NONE))
KEYS = ("agent", "tool_permissions")
HOST = re.compile(r"\^https?\??://")
ERASING = ("rm -rf /", "rm -rf ~", "rm -rf .", "rm -rf ..", "rm -rf $HOME", "rm -rf ${HOME}", "rm -rf /*", "rm -rf ~/*")

Reader = Callable[[Basis, str, bool], tuple[tuple[Pattern, ...], bool] | None]


def otherwise(basis: Basis, tool: str) -> Ruling:
    """What holds where no pattern of a tool matches."""
    for keys in ((*KEYS, "tools", tool, "default"), (*KEYS, "default")):
        found = basis.layers.word(*keys, known=GATES)
        if found is not None:
            return by(found, GATES[found.node.text])
    old = basis.layers.flag("agent", "always_allow_tool_actions")
    if old is not None and old.node.flag is True:
        return by(old, Gate.UNKNOWN, Gate.NONE)  # versions before 0.224 go by it
    return basis.default(Gate.PROMPT, f"{tool} is confirmed (default)")


def rules(basis: Basis, tool: str, read: Reader) -> Iterator[Rule]:
    """The rules of a tool; `read` tells what an expression means for what the tool is asked."""
    entries = [(entry, fold, gate) for name, gate in LISTS for entry, fold in _entries(basis, tool, name)]
    for entry, _, _ in entries:
        if is_broken(entry.node.text):
            yield Rule(Everything(), by(entry, Gate.REFUSED))
            return
    for entry, fold, gate in entries:
        told = read(basis, entry.node.text, fold)
        if gate is Gate.NONE:
            patterns: tuple[Pattern | None, ...] = told[0] if told is not None else (None,)
            yield from (allowed(each, entry, exact=told is not None and told[1]) for each in patterns)
        elif told is not None and told[1]:
            yield from stopped(told[0], entry, gate)


def _entries(basis: Basis, tool: str, name: str) -> Iterator[tuple[Found, bool]]:
    """The patterns of a list, each where it stands, and whether case counts for nothing: unless its entry says so."""
    for found in basis.layers.entries(*KEYS, "tools", tool, name):
        node, cased = found.node.get("pattern"), found.node.get("case_sensitive")
        if node is not None and node.text:
            yield Found(node, found.layer, found.key), cased is None or cased.flag is not True


# --- what an expression means


def of_command(basis: Basis, expression: str, fold: bool) -> tuple[tuple[Pattern, ...], bool] | None:
    """A regular expression over one command."""
    found = commands(expression, whole=False, fold=fold)
    return (found.patterns, found.exact) if found is not None else None


def of_path(basis: Basis, expression: str, fold: bool) -> tuple[tuple[Pattern, ...], bool] | None:
    """One over paths, which the model writes from the project's name on: only what may stand anywhere is sure."""
    found = commands(expression, whole=False, fold=fold)
    if found is None or not all(_is_name(each) for each in found.patterns):
        return None
    return tuple(Paths(f"**/{_glob(each)}", fold=True) for each in found.patterns), found.exact


def _is_name(pattern: Command) -> bool:
    """Whether it is about a part of one name, wherever it lies."""
    text = pattern.text.strip("*")
    return pattern.text.startswith("*") and bool(text) and not set(text) & set("/*?[\\")


def _glob(pattern: Command) -> str:
    return f"{pattern.text}*" if pattern.open else pattern.text


def of_address(basis: Basis, expression: str, fold: bool) -> tuple[tuple[Pattern, ...], bool] | None:
    """One over addresses: it names a host only where it begins with it, since any path may hold the same text."""
    start = HOST.match(expression)
    if start is None:
        return ((Everything(),), True) if _is_plain(expression) else None
    found = commands("^" + expression[start.end() :].removesuffix("/"), whole=False, fold=True)
    return _hosts(found, closed=expression.endswith("/")) if found is not None else None


def _hosts(found: Translated, *, closed: bool) -> tuple[tuple[Pattern, ...], bool]:
    names = (each.text.partition("/")[0] for each in found.patterns)
    return tuple(Name(name.rstrip("*") if closed else name) for name in names), found.exact


def _is_plain(expression: str) -> bool:
    """Whether some address of every host can be made to hold it."""
    found = commands(expression, whole=False)
    return found is not None and all(each.text.startswith("*") and each.text.endswith("*") for each in found.patterns)
