"""Trees of keys and values, however they were written -> pairs: what YAML, JSON, TOML and HCL have in common."""

import base64
import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import ClassVar

from msgspec.structs import replace

from probes.anywhere import assigned
from probes.anywhere.likely import Manner
from probes.anywhere.naming import leftover, pair
from probes.anywhere.reading import Read
from probes.yaml_text import Node
from scanner.data.variables import row_of, spelled
from scanner.model import Evidence
from scanner.model.value import Value
from scanner.secrets import Pair

# `{name: X, value: Y}`: how manifests, exports and task definitions write X = Y
NAMES = ("name", "key", "Name", "Key", "ParameterKey", "variable", "id", "header")
VALUES = ("value", "Value", "ParameterValue", "initialValue", "default")
ASSIGNED = re.compile(r"([A-Za-z_][\w.-]{0,100})\s?=(.*)", re.DOTALL)
OPTION = re.compile(r"--?([A-Za-z][\w-]{0,60})")
FILE_NAME = re.compile(r"[\w.-]{1,80}\.(properties|json|ya?ml|toml|ini|conf|cnf|cfg|env)", re.IGNORECASE)
BLOCK_ROWS = 3  # that are compared: the others follow
EMBEDDED_LIMIT = 256 * 1024
GENERATED = frozenset({"random_password"})
CIPHERED = frozenset({"encryptedData", "encrypted_regex", "sops"})


class Source(Value, frozen=True):
    """A file: its path, its lines, and how its pairs are written."""

    concealed: ClassVar[frozenset[str]] = frozenset({"lines"})

    path: PurePath
    lines: tuple[str, ...]
    manner: Manner = Manner.DOCUMENT

    def line(self, number: int) -> int:
        """A line's number, within the text whatever a parser counts as a line."""
        return max(1, min(number, len(self.lines)))

    def at(self, number: int) -> str:
        """The text of a line."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def begins(self, text: str, line: int) -> int | None:
        """The line where a text of several lines stands line for line: there, or below the sign that opens it."""
        rows = [row.strip() for row in text.split("\n", BLOCK_ROWS)[:BLOCK_ROWS]]
        return next((at for at in (line, line + 1) if all(row in self.at(at + n) for n, row in enumerate(rows))), None)


# Files whose whole purpose is to hold logins: there a plain word is a password as well.
LOGINS = re.compile(
    r"(?i)^(?:\.npmrc|\.yarnrc.*|\.pypirc|\.?my\.cnf|\.mylogin.*|\.s3cfg|\.boto|rclone\.conf|auth\.json|\.?database\.ya?ml|"
    r"\.?netrc|_netrc|.*(?:secret|credential|password|passwd).*|\.env.*|.*\.env|.*\.tfvars(?:\.json)?|wp-config.*)$"
)


def source(text: str, path: PurePath) -> Source:
    """The file of that text."""
    manner = Manner.VARIABLE if LOGINS.match(path.name) else Manner.DOCUMENT
    return Source(path, tuple(text.split("\n")), manner)


def read_trees(text: str, path: PurePath, trees: Iterable[Node]) -> Read:
    """What the trees of a text hold."""
    return read_under(text, path, (((), tree) for tree in trees))


def read_under(text: str, path: PurePath, trees: Iterable[tuple[tuple[str, ...], Node]]) -> Read:
    """What trees hold that stand under keys."""
    of = source(text, path)
    pairs = tuple(found for keys, tree in trees for found in _walked(tree, keys, of))
    return Read(pairs, leftover(text, pairs))


def _walked(node: Node, keys: tuple[str, ...], of: Source) -> Iterator[Pair]:
    match node.content:
        case dict():
            yield from _mapping(node, keys, of)
        case tuple() as elements:
            yield from _list(elements, keys, of)
        case str():
            yield from _scalar(node, keys, of)


def _mapping(node: Node, keys: tuple[str, ...], of: Source) -> Iterator[Pair]:
    name, value = _named(node, NAMES), _named(node, VALUES)
    if name is not None and value is not None and isinstance(value.content, str):
        yield from _scalar(value, (*keys, name.text), of)
    if node.said("type") in GENERATED and node.get("instances") is not None:
        yield from _generated(node, of)
        return
    is_secret = node.said("kind") == "Secret"
    for key, child in node.items():
        if key in CIPHERED or (child is value and name is not None):
            continue
        if key == "data" and is_secret:
            yield from _decoded(child, of)
        else:
            yield from _walked(child, (*keys, key), of)


def _generated(node: Node, of: Source) -> Iterator[Pair]:
    """What Terraform has drawn and keeps in its state: a password, under a key that does not say so."""
    instances = node.get("instances")
    for instance in instances.elements() if instances is not None else ():
        attributes = instance.get("attributes")
        result = attributes.get("result") if attributes is not None else None
        if result is not None and result.text:
            name = f"{node.said('type')}.password"
            yield Pair(name, result.text, Evidence(of.path, of.line(result.line), name))


def _named(node: Node, names: tuple[str, ...]) -> Node | None:
    found = (node.get(name) for name in names)
    return next((each for each in found if each is not None and each.text), None)


def _decoded(data: Node, of: Source) -> Iterator[Pair]:
    """The values of a cluster's Secret, which are in base64 and no more."""
    for key, child in data.items():
        text = _plain(child.text)
        found = pair((key,), text, of.path, of.line(child.line), Manner.VARIABLE) if text else None
        if found is not None:
            yield found


def _plain(value: str) -> str:
    try:
        text = base64.b64decode(value, validate=True).decode()
    except ValueError:
        return ""
    return text.strip() if text.strip().replace("\n", "").isprintable() else ""


def _list(elements: tuple[Node, ...], keys: tuple[str, ...], of: Source) -> Iterator[Pair]:
    """The elements; of texts, what `NAME=value` assigns and what stands behind an option."""
    option = ""
    for each in elements:
        text = each.text
        told = ASSIGNED.fullmatch(text) if "=" in text else None
        if told is not None:
            yield from _scalar(Node(each.line, told[2]), (*keys, told[1]), of)
        elif option and text:
            yield from _scalar(each, (option,), of)
        else:
            yield from _walked(each, keys, of)
        dashed = OPTION.fullmatch(text)
        option = dashed[1] if dashed is not None else ""


def _scalar(node: Node, keys: tuple[str, ...], of: Source) -> Iterator[Pair]:
    text = node.text
    line = of.line(node.line)
    first = of.begins(text, line) if "\n" in text else None
    if "\n" in text.strip() and "-----BEGIN" not in text:
        yield from _embedded(text, keys, line if first is None else first, of, is_block=first is not None)
    else:
        at = line if first is None else first
        found = pair(keys, text.strip(), of.path, at, of.manner) or curated(keys, text.strip(), Evidence(of.path, at))
        if found is not None and not _is_tagged(of.at(line)):
            yield found


def curated(keys: tuple[str, ...], value: str, place: Evidence) -> Pair | None:
    """The pair of a variable that is known to hold a secret, though no word in its name says so."""
    name = keys[-1] if keys else ""
    if not value or not name.isupper() or row_of(spelled(name)) is None:
        return None
    return Pair(name, value, replace(place, key=name))


TAG = re.compile(r"[:-]\s+!(?!!|unsafe)[A-Za-z]")


def _is_tagged(line: str) -> bool:
    """Whether the value has a tag, by which templates and vaults say that it stands for another."""
    return "!" in line and TAG.search(line[:2000]) is not None


def _embedded(text: str, keys: tuple[str, ...], line: int, of: Source, *, is_block: bool) -> Iterator[Pair]:
    """A file or a script within a value; where it is written line for line each pair has its own."""
    name = keys[-1] if keys else ""
    path = of.path.with_name(name) if FILE_NAME.fullmatch(name) else of.path.with_name("script.sh")
    for found in assigned.pairs(text[:EMBEDDED_LIMIT], path):
        inner = of.line(line - 1 + (found.evidence.line or 1)) if is_block else line
        yield Pair(found.name, found.value, assigned.moved(found.evidence, of.path, inner))
