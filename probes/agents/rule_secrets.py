"""Secrets in the permission rules of agents: "always allow" keeps the whole command line, with the password in it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import PurePath

from probes.agents.every import Every
from probes.agents.mcp.hiding import key_name
from probes.agents.mcp.words import Word, arguments, split
from probes.agents.tree import Node
from scanner.host import Host, TextFile
from scanner.model import CredentialSeen, Evidence, Fix, Gap, Hint, Observation, Weakness
from scanner.secrets import Pair, secrets_in
from scanner.text import printable

# Keys under which agents keep rules, without case and signs; of a dotted key the last part.
KEYS = frozenset(
    {
        *("permissions", "permission", "allow", "ask", "deny", "exclude", "allowed", "excluded", "rules", "rule"),
        *("allowlist", "denylist", "blocklist", "allowedtools", "disallowedtools", "excludedtools", "toolpermissions"),
        *("allowedcommands", "deniedcommands", "excludedcommands", "trustedcommands", "commandallowlist"),
        *("commanddenylist", "commandblocklist", "terminalallowlist", "mcpallowlist", "autoapprove", "alwaysallow"),
        *("alwaysdeny", "alwaysconfirm", "neverallow", "askbefore", "cascadecommandsallowlist", "commandprefix"),
        *("cascadecommandsdenylist", "commandregex", "argspattern", "shellinputregex", "confirmationrequired"),
        *("toolapprovals", "additionaldirectories"),
    }
)
TEXTS = 20_000  # of one file
LINES = 20  # told of one file
SIGNS = re.compile(r"[^a-z]")
CALL = re.compile(r"[\w.-]{1,60}\((.*)\)", re.DOTALL)
STARLARK = ".rules"


def rule_secrets(host: Host, every: Every, reads: Mapping[str, Iterable[str]]) -> Iterator[Observation]:
    """The secrets in the rules of agents, by their ids and what is read for each, and that they stand there."""
    found: dict[PurePath, list[Pair]] = {}
    for agent, patterns in reads.items():
        for document in every.of(agent, patterns):
            if document.path is not None and document.path not in found:
                rules = islice(_rules(document.root, document.path), TEXTS)
                found[document.path] = [pair for text, place in rules for pair in _pairs(text, place)]
    starlark = (each for patterns in reads.values() for each in patterns if each.endswith(STARLARK))
    for file in host.read(*starlark):
        if isinstance(file, TextFile):
            found[file.path] = list(islice(_of_lines(file), TEXTS))
    for path, pairs in found.items():
        yield from _told(host, path, pairs)


def _told(host: Host, path: PurePath, pairs: Sequence[Pair]) -> Iterator[CredentialSeen | Gap | Weakness]:
    seen: dict[tuple[str, Evidence, str | None], CredentialSeen] = {}
    for each in secrets_in(pairs, host, (Hint("folder", path.parent.name),)):
        if isinstance(each, Gap):
            yield each
        else:
            fingerprint = each.secret.fingerprint if each.secret is not None else None
            seen.setdefault((each.kind, each.evidence, fingerprint), each)
    yield from seen.values()
    places = [each.evidence for each in seen.values()]
    if places:
        lines = sorted({place.line or 0 for place in places})
        more = f" and {len(lines) - LINES} more" if len(lines) > LINES else ""
        yield Weakness(
            "hygiene.secret-in-rule",
            "A permission rule of an agent holds a secret",
            places[0],
            f"Whoever reads the settings reads it, the agent too; it stands in line {_joined(lines)}{more}.",
            Fix("Replace the secret at its provider, and allow the command by its beginning, without the secret."),
            ("hygiene",),
        )


def _joined(lines: Sequence[int]) -> str:
    return ", ".join(map(str, lines[:LINES]))


def _rules(node: Node, path: PurePath, key: str = "", *, inside: bool = False) -> Iterator[tuple[str, Evidence]]:
    """Every text in a list of rules, and the names of its members, which are patterns in some vendors' files."""
    if node.text:
        if inside:
            yield node.text, Evidence(path, node.line, printable(key))
        return
    for item in node.items or ():
        yield from _rules(item, path, key, inside=inside)
    for name, member in node.pairs:
        known = SIGNS.sub("", name.rpartition(".")[2].casefold()) in KEYS
        if inside:
            yield name, Evidence(path, member.line, printable(key))
        below = f"{key}.{key_name(name)}" if key else key_name(name)
        below = key if inside and not known else below  # what is written in a rule is no key to show
        yield from _rules(member, path, below, inside=inside or known)


def _pairs(text: str, place: Evidence) -> Iterator[Pair]:
    """A rule as pairs to judge: its options and assignments by name, then the whole."""
    call = CALL.fullmatch(text.strip())
    text = call[1] if call is not None else text
    for each in arguments(split(Word(text, "", 0))).named:
        yield Pair(each.name, each.value, place)
    yield Pair("", text, place)


def _of_lines(file: TextFile) -> Iterator[Pair]:
    """The lines of a file of Starlark rules: each string of it may be a part of a command."""
    for number, line in enumerate(file.text.splitlines(), start=1):
        words = [Word(text, "", number) for text in re.findall(r'"((?:[^"\\\n]|\\.){1,2000})"', line)]
        place = Evidence(file.path, number, "prefix_rule")
        yield from (Pair(each.name, each.value, place) for each in arguments(words).named)
        yield from (Pair("", word.text, place) for word in words)
