"""The names that values of a document are judged by, which are worth a judgement, and what is left of the text."""

import json
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import PurePath

from probes.anywhere.likely import Manner, is_variable, plausible
from scanner.data.families import holds_token
from scanner.model import Evidence
from scanner.secrets import Pair

PARENTS = 2
PARENT = re.compile(r"[A-Za-z_$][\w-]{0,39}")
RANDOM_FROM = 16  # characters: a key of so many, with a digit in it, may itself be a secret
# Keys that group others and say nothing of them
GROUPS = frozenset(
    (
        *("env", "environment", "variables", "vars", "data", "stringdata", "values", "spec", "properties", "config"),
        *("configuration", "settings", "options", "parameters", "params", "args", "with", "default", "defaults"),
        *("items", "template", "containers", "services", "metadata", "inputs", "credentials", "secrets", "extra"),
        *("connection", "connections", "global", "main", "root", "base", "servers", "profiles", "accounts", "auths"),
    )
)
HOLDERS = frozenset({"value", "Value", "default", "defaultValue", "initialValue"})  # `x: {value: y}` sets x
OF_SECRETS = r"pass|pwd|secret|token|key|cred|auth|bearer|jwt|cookie|session|salt|signing|pat$|pat[_-]|pw$|webhook|_pin"
# Of what stands beside a secret, these tell what it opens
BESIDE_WORD = (
    r"user|login|host|server|endpoint|account|bucket|database|db$|db_?name|profile|project|org|tenant|client|domain|"
    r"site|env|stage|url|uri|dsn|conn|expir|registry|repositor"
)
SMELLS = re.compile(f"(?i){OF_SECRETS}|{BESIDE_WORD}")
SECRETS = re.compile(f"(?i){OF_SECRETS}|url|uri|dsn|conn")
# A command line, headers or settings under a name that says nothing
VALUE_SMELLS = re.compile(
    r"(?i)(?:pass|pwd|secret|token|key|auth|cred)[\w-]{0,30}[\"']?\s{0,2}[=:]|-{1,2}[\w-]{0,30}(?:pass|token|secret|key|auth)|"
    r"\s-u\s|\s-p\S|\s-a\s|(?:bearer|basic)\s"
)
LINE_LIMIT = 64 * 1024  # of one value that is taken
MISSES = 50  # of one line: values that are written otherwise than they are read


@lru_cache(maxsize=4096)
def _smells(name: str) -> bool:
    return SMELLS.search(name) is not None


@lru_cache(maxsize=4096)
def _is_of_secrets(name: str) -> bool:
    return SECRETS.search(name) is not None


def is_worth(name: str, value: str) -> bool:
    """Whether name or value hint at a secret, or at what one opens; token shapes are found in the text without this."""
    if not value or len(value) > LINE_LIMIT:
        return False
    if _smells(name):
        return True
    parted = " " in value or "=" in value or ":" in value or value[0] == "-"
    return parted and VALUE_SMELLS.search(value) is not None


def pair(keys: Sequence[str], value: str, path: PurePath, line: int, manner: Manner = Manner.DOCUMENT) -> Pair | None:
    """The pair for a value under a key under a key; None for what nobody need judge."""
    if len(keys) > 1 and keys[-1] in HOLDERS:
        keys = keys[:-1]
    last = keys[-1] if keys else ""
    if not is_worth(last, value):
        return None
    name = name_of(keys)
    if is_variable(last):
        manner = Manner.VARIABLE if manner is Manner.DOCUMENT else manner
    if _is_of_secrets(last) and not plausible(name, value, manner):
        return None
    return Pair(name, value, Evidence(path, line, name or None))


def name_of(keys: Sequence[str]) -> str:
    """The last key behind those of its parents that may tell more of it; a variable's name stands alone."""
    last = keys[-1] if keys else ""
    if len(keys) < 2 or is_variable(last) or not _may_be_shown(last):
        return last
    parents = [key for key in keys[:-1] if key.casefold() not in GROUPS and _may_be_shown(key)]
    return ".".join([*parents[-PARENTS:], last])


@lru_cache(maxsize=4096)
def _may_be_shown(key: str) -> bool:
    """Whether a key is a name: somebody may have used a token as one."""
    if PARENT.fullmatch(key) is None or holds_token(key):
        return False
    return len(key) < RANDOM_FROM or not any(sign.isdigit() for sign in key)


def leftover(text: str, pairs: Iterable[Pair]) -> str:
    """The text without the values of the pairs, line for line: what was judged by its name is not looked at again."""
    parts: dict[int, list[str]] = {}
    for each in pairs:
        for number, part in enumerate(each.value.split("\n"), start=each.evidence.line or 1):
            if part.strip():
                parts.setdefault(number, []).append(part.strip())
    lines = text.split("\n")
    for number, values in parts.items():
        if number <= len(lines):
            lines[number - 1] = _without(lines[number - 1], values)
    return "\n".join(lines)


def _without(line: str, values: Iterable[str]) -> str:
    kept: list[str] = []
    at = misses = 0
    for value in values:
        if misses > MISSES:
            break
        spans = ((line.find(each, at), len(each)) for each in (value, json.dumps(value)[1:-1]))
        start, length = next((span for span in spans if span[0] >= 0), (-1, 0))
        if start < 0:
            misses += 1
            continue
        kept.append(line[at:start])
        at = start + length
    return " ".join([*kept, line[at:]])
