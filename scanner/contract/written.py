"""A contract as YAML that can be read again, each line with where it comes from."""

import re
from collections.abc import Iterable, Iterator

from scanner.contract import durations
from scanner.contract.places import Scalar
from scanner.model.contract import Accepted, Autonomies, ByEnvironment, Clause, Contract, Listed, Requirements, Where
from scanner.model.terms import Capability, Environment
from scanner.text import printable

PLAIN = re.compile(r"[A-Za-z0-9_./~-][A-Za-z0-9_./~ -]*(?<! )")
INDENT = "  "


def text_of(contract: Contract) -> str:
    """The contract in effect as YAML; what it extends is in it, and a comment says where each line stands."""
    return "".join(f"{line}\n" for line in _lines(contract))


def remark(text: str) -> str:
    """A text as a comment can hold it, or a text in quotes: without what no YAML has as itself."""
    return printable(text).replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")


def quoted(text: str) -> str:
    """A text as YAML, in quotes where it would be taken for something else or holds a character with a meaning."""
    if PLAIN.fullmatch(text) and not text.startswith("-") and Scalar(1, 1, text, plain=True).kind == "a text":
        return text
    return '"' + remark(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def _lines(contract: Contract) -> Iterator[str]:
    yield "version: 1"
    yield f"name: {quoted(contract.name)}"
    subject = {"role": contract.role and quoted(contract.role)}
    subject |= {"agents": _flow(contract.for_agents), "workspaces": _flow(contract.for_workspaces)}
    yield from _mapping("for", {key: value for key, value in subject.items() if value not in ("", "[]")})
    if contract.until is not None:
        yield f"until: {contract.until}"
    yield from _clauses("allow", "gate", contract.allow)
    yield from _clauses("never", "below", contract.never)
    yield from _listed("", "environment", contract.environment)
    yield from _group("files", contract.files, ("read", "write", "ask", "never"))
    yield from _group("commands", contract.commands, ("allow", "ask", "never"))
    if contract.ticket is not None:
        told = {"goal": contract.ticket.goal and quoted(contract.ticket.goal)}
        told["repositories"] = _flow(contract.ticket.repositories) if contract.ticket.repositories else ""
        yield f"ticket: {_braces(told)}"
    yield from _block("stop_if", contract.stop_if)
    yield from _listed("", "network", contract.network)
    if contract.mcp is not None:
        yield f"mcp:{'' if contract.mcp else ' {}'}{_from(contract.mcp_where)}"
        yield from (f"{INDENT}{quoted(server)}: {_flow(tools)}" for server, tools in contract.mcp.items())
    yield from _under("require", _require(contract.require))
    if contract.waivers:
        yield "waivers:"
    for each in contract.waivers:
        yield from (f"{INDENT}{line}" for line in waiver_lines(each))


def waiver_lines(told: Accepted) -> Iterator[str]:
    """A waiver as an item of a list, a line for each key where it says what it covers."""
    pairs = {"finding": quoted(told.finding), "owner": quoted(told.owner), "reason": quoted(told.reason)}
    pairs |= {"until": str(told.until)}
    pairs |= {"agents": _flow(told.agents), "workspaces": _flow(told.workspaces), "parts": _flow(told.parts)}
    pairs = {key: value for key, value in pairs.items() if value != "[]"}
    if not told.covers and not told.parts:
        yield f"- {_braces(pairs)}{_from(told.where)}"
        return
    for number, (key, value) in enumerate(pairs.items()):
        yield f"{'-' if number == 0 else ' '} {key}: {value}{_from(told.where) if number == 0 else ''}"
    if told.covers:
        yield "  covers:"
    yield from (f"    - {_clause(each, 'gate')}" for each in told.covers)


def _clause(clause: Clause, gate: str) -> str:
    told = {
        "capability": _flow(word for word in Capability if word in clause.capabilities),
        "asset": _flow(clause.assets),
        "excluding": _flow(clause.excluding),
        "environment": _flow(word for word in Environment if word in clause.environments),
    }
    told = {name: value for name, value in told.items() if value != "[]"}
    return _braces(told | {gate: clause.gate or ""})


def _clauses(key: str, gate: str, clauses: tuple[Clause, ...]) -> Iterator[str]:
    if clauses:
        yield f"{key}:"
    for each in clauses:
        yield f"{INDENT}- {_clause(each, gate)}{_from(each.where)}"


def _require(require: Requirements) -> Iterator[str]:
    if require.autonomy is not None:
        yield f"autonomy: {_braces(_degrees(require.autonomy))}{_from(require.autonomy.where)}"
    for name in ("defaults", "lifetime", "protection", "in_workspace"):
        yield from _under(
            name, (f"{row.environment}: {_demand(row)}{_from(row.where)}" for row in getattr(require, name))
        )
    if require.recovery:
        yield "recovery:"
    for each in require.recovery:
        told = {"asset": quoted(each.asset), "restore_tested": str(each.restore_tested), "owner": quoted(each.owner)}
        yield f"{INDENT}- {_braces(told)}{_from(each.where)}"
    if require.sandbox is not None:
        yield f"sandbox: {_yes(require.sandbox.on)}{_from(require.sandbox.where)}"
    yield from _listed("", "guardrails", require.guardrails)
    if require.private_keys is not None:
        yield f"private_keys: encrypted{_from(require.private_keys.where)}"
    yield from _servers_and_tokens(require)


def _servers_and_tokens(require: Requirements) -> Iterator[str]:
    servers, tokens = require.servers, require.tokens
    if servers is not None:
        flags = {"pinned": servers.pinned, "secrets": servers.secrets, "floating_approval": servers.floating_approval}
        yield f"servers: {_braces({name: _yes(flag) for name, flag in flags.items()})}{_from(servers.where)}"
    if tokens is not None:
        longest = durations.written(tokens.longest) if tokens.longest is not None else ""
        yield f"tokens: {_braces({'scoped': _yes(tokens.scoped), 'lifetime': longest})}{_from(tokens.where)}"


def _degrees(autonomy: Autonomies) -> dict[str, str]:
    told = {each.value: degree.value for each, degree in autonomy.by_environment.items()}
    return told | {"default": autonomy.default or "", "isolated": autonomy.isolated or ""}


def _demand(row: ByEnvironment) -> str:
    if row.longest is not None:
        return durations.written(row.longest)
    return row.protection or _yes(row.allowed is True)


def _group(key: str, rules: object, names: tuple[str, ...]) -> Iterator[str]:
    yield from _under(key, (line for name in names for line in _listed("", name, getattr(rules, name))))


def _listed(indent: str, key: str, listed: Listed | None) -> Iterator[str]:
    if listed is not None:
        yield f"{indent}{key}: {_flow(listed.items)}{_from(listed.where)}"


def _under(key: str, lines: Iterable[str]) -> Iterator[str]:
    """Lines below a key, which is not there without any."""
    for index, line in enumerate(lines):
        if index == 0:
            yield f"{key}:"
        yield INDENT + line


def _mapping(key: str, pairs: dict[str, str]) -> Iterator[str]:
    if pairs:
        yield f"{key}: {_braces(pairs)}"


def _block(key: str, texts: tuple[str, ...]) -> Iterator[str]:
    yield from _under(key, (f"- {quoted(text)}" for text in texts))


def _flow(words: Iterable[str]) -> str:
    return f"[{', '.join(quoted(str(word)) for word in words)}]"


def _braces(pairs: dict[str, str]) -> str:
    """A mapping in one line; a key without a value is left out."""
    return f"{{{', '.join(f'{key}: {value}' for key, value in pairs.items() if value)}}}"


def _yes(flag: bool) -> str:
    return "true" if flag else "false"


def _from(where: Where | None) -> str:
    return f"  # {remark(where.file)}:{where.line}" if where is not None and where.line else ""
