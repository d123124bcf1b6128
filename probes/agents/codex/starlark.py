"""Codex's command rules: calls of `prefix_rule` with literals, read as a tree and never run."""

import ast
import re
from collections.abc import Iterator
from itertools import islice, product
from math import prod
from pathlib import PurePath

from msgspec import Struct

from probes.agents.mcp.hiding import is_telling
from scanner.model import Evidence

TEXT_LIMIT = 512 * 1024
DEPTH = 40  # brackets in brackets
RULES = 2_000  # of one file
WORDS = 32  # of one pattern
SPELLINGS = 64  # that the alternatives of one pattern make
DECISIONS = ("forbidden", "prompt", "allow")  # strictest first
IGNORED = frozenset({"network_rule", "host_executable"})  # these let no command run
PLAIN = re.compile(r"[A-Za-z0-9@%+./_:,\\-]{1,80}")
TELLERS = frozenset({"-H", "-u", "-p", "--header", "--user", "--token", "--password", "--auth", "--proxy-user"})
# Python's parser prints a warning about other escapes, and about a word right behind a number.
ESCAPES = ("\\\\", "\\n", "\\t", "\\r", '\\"', "\\'", "\\\n")
WARNED = re.compile(r"(\\[\s\S]|[0-9](?:and|else|for|if|in|is|not|or)\b)")
NOT_TOLD = "allows a command that is not told, since it could hold a secret"
NOT_LITERAL = "is no plain call of prefix_rule with literals; what it allows is not known"


class PrefixRule(Struct, frozen=True):
    """A decision on commands that begin with these words, in every spelling.

    A rule that allows is cut before a word that may be a secret: what is said of it is then wider, never narrower.
    """

    spellings: tuple[str, ...]
    decision: str
    evidence: Evidence


class Unread(Struct, frozen=True):
    """A line that could not be read, and why."""

    line: int
    why: str


def rules(text: str, path: PurePath) -> Iterator[PrefixRule | Unread]:
    """The rules of a file."""
    if len(text) > TEXT_LIMIT or _depth(text) > DEPTH:
        yield Unread(1, "is too large or too deep to be read")
        return
    if any(each not in ESCAPES for each in WARNED.findall(text)):
        yield Unread(1, NOT_LITERAL)
        return
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # their messages quote the text
        yield Unread(1, "is no text of rules that can be read")
        return
    if len(body) > RULES:
        yield Unread(body[RULES].lineno, f"has more than {RULES} rules; the rest was not read")
    for statement in body[:RULES]:
        yield from _of(statement, path)


def prefix_rule(pattern: list[tuple[str, ...]], decision: str, evidence: Evidence) -> PrefixRule | None:
    """A rule, None where it cannot be told, or only as a stricter one than it is."""
    kept = _told(pattern)
    while decision == "allow" and prod(map(len, kept)) > SPELLINGS:
        kept.pop()
    if not kept or (decision != "allow" and len(kept) < len(pattern)):
        return None
    return PrefixRule(tuple(map(" ".join, islice(product(*kept), SPELLINGS))), decision, evidence)


def _depth(text: str) -> int:
    depth = most = 0
    for sign in text:
        if sign in "([{":
            depth += 1
            most = max(most, depth)
        elif sign in ")]}":
            depth -= 1
    return most


def _of(statement: ast.stmt, path: PurePath) -> Iterator[PrefixRule | Unread]:
    match statement:
        case ast.Expr(ast.Constant()) | ast.Pass():
            return
        case ast.Expr(ast.Call(ast.Name(name))) if name in IGNORED:
            return
        case ast.Expr(ast.Call(ast.Name("prefix_rule")) as call):
            pattern, decision = _arguments(call)
            if pattern is None or decision not in DECISIONS:
                yield Unread(statement.lineno, NOT_LITERAL)
                return
            rule = prefix_rule(pattern, decision, Evidence(path, statement.lineno, "prefix_rule"))
            if rule is not None:
                yield rule
            elif decision == "allow":
                yield Unread(statement.lineno, NOT_TOLD)
        case _:
            yield Unread(statement.lineno, NOT_LITERAL)


def _arguments(call: ast.Call) -> tuple[list[tuple[str, ...]] | None, str]:
    """The pattern and the decision, which is `allow` where none is written; no pattern where one is no literal."""
    given = dict(zip(("pattern", "decision"), call.args, strict=False))
    given.update({each.arg: each.value for each in call.keywords if each.arg is not None})
    if any(each.arg is None for each in call.keywords) or len(call.args) > 2:
        return None, ""
    decision = given.get("decision")
    word = "allow" if decision is None else _text(decision) or ""
    return _pattern(given.get("pattern")), word


def _pattern(node: ast.expr | None) -> list[tuple[str, ...]] | None:
    if not isinstance(node, ast.List) or not 0 < len(node.elts) <= WORDS:
        return None
    words: list[tuple[str, ...]] = []
    for each in node.elts:
        choices = [_text(one) for one in each.elts] if isinstance(each, ast.List) else [_text(each)]
        known = tuple(one for one in choices if one)
        if not known or len(known) < len(choices):
            return None
        words.append(known)
    return words


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _told(pattern: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The words up to the first that may not be told."""
    kept: list[tuple[str, ...]] = []
    for choices in pattern:
        after = kept and any(word in TELLERS for word in kept[-1])
        if after or not all(_plain(word) for word in choices):
            break
        kept.append(choices)
    return kept


def _plain(word: str) -> bool:
    return PLAIN.fullmatch(word) is not None and not is_telling(word) and not ("@" in word and ":" in word)
