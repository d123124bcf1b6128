"""The keys of a contract, what stands under each, and the contract that one file says."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any

from msgspec import Struct

from scanner.contract import forms, places
from scanner.contract.documents import Document
from scanner.contract.forms import (
    AssetGlob,
    Constant,
    Day,
    Form,
    Globs,
    Key,
    Many,
    Named,
    NamedGlob,
    OneOrMany,
    Reading,
    Record,
    Row,
    Span,
    Switch,
    Table,
    Text,
    Word,
    YesNo,
)
from scanner.contract.places import Fault, Node
from scanner.model.contract import (
    Accepted,
    Autonomies,
    ByEnvironment,
    Clause,
    CommandRules,
    Contract,
    FileRules,
    Flag,
    Listed,
    Recovery,
    Requirements,
    ServerDemands,
    Ticket,
    TokenDemands,
    Where,
)
from scanner.model.terms import Autonomy, Capability, Environment, Gate, Protection

# Nobody can demand that a gate be unknown, and no gate is weaker than none.
DEMANDED = tuple(each for each in Gate if each is not Gate.UNKNOWN)
BELOW = tuple(each for each in DEMANDED if each is not Gate.NONE)
PROTECTIONS = (Protection.OBFUSCATED, Protection.ENCRYPTED, Protection.KEYCHAIN, Protection.HARDWARE)  # weakest first
ENVIRONMENTS = tuple(each.value for each in Environment)


class PrivateKeys(StrEnum):
    """What can be demanded of private keys."""

    ENCRYPTED = "encrypted"  # or in hardware


class Extended(Struct, frozen=True):
    """The name of a contract that another one extends, and where that says so."""

    name: str
    line: int
    column: int


class Ending(Struct, frozen=True):
    """The last day of a contract, and where it says so."""

    day: date
    line: int
    column: int


class Parsed(Struct, frozen=True):
    """One file: its contract without what it extends, None where it is faulty."""

    contract: Contract | None
    faults: tuple[Fault, ...]
    extends: tuple[Extended, ...] = ()
    until: Ending | None = None


def parsed(document: Document) -> Parsed:
    """What one file says, with every fault of it; nothing is raised."""
    tree = places.tree(document.data)
    if tree.root is None or tree.root.kind == "nothing":
        return Parsed(None, tree.faults or (Fault(1, 1, "is empty; a contract begins with version: 1"),))
    reading = Reading(document.source)
    contract = CONTRACT.read(tree.root, "", reading)
    missing = set() if tree.whole else {f"{name} is missing" for name in CONTRACT.keys}  # it may stand further down
    faults = (*tree.faults, *(each for each in reading.faults if each.text not in missing))
    return Parsed(contract if not faults else None, faults, _extends(tree.root), _until(tree.root))


def asked(contract: Contract) -> int:
    """How many lines and globs a contract has, each of which is held against all that is there; waivers are not."""
    files, commands = contract.files, contract.commands
    lists = (
        *(contract.environment, contract.network, contract.require.guardrails),
        *(files.read, files.write, files.ask, files.never, commands.allow, commands.ask, commands.never),
    )
    lines = (1 + len(each.assets) + len(each.excluding) for each in (*contract.allow, *contract.never))
    tools = (1 + len(each) for each in (contract.mcp or {}).values())
    return sum(lines) + sum(tools) + sum(len(each.items) for each in lists if each is not None)


def schema() -> dict[str, Any]:
    """The grammar as JSON Schema; it knows the form, not the names of agents and of kinds of asset."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "armslength contract",
        "description": "What an agent in a role, or on a ticket, may reach. `armslength baseline lint` knows more.",
        **CONTRACT.schema(),
    }


def agents() -> Iterable[str]:
    """The ids of the agents that are known."""
    from scanner.data.agents import agents as marked
    from scanner.data.mcp import mcp

    return {each.id for each in marked()} - {"unnamed"} | {client.id for client in mcp().client}


def guardrails() -> Iterable[str]:
    """The ids of the guardrails that are known."""
    from scanner.data.clauses import guardrail_ids

    return guardrail_ids()


class _For(Struct, frozen=True):
    role: str = ""
    agents: tuple[str, ...] = ()
    workspaces: tuple[str, ...] = ()


class _Policy(Struct, frozen=True):
    """What was read of `mcp`."""

    where: Where
    servers: dict[str, tuple[str, ...]]


def _for(where: Where, **fields: Any) -> _For:
    return _For(**fields)


def _allowance(where: Where, gate: Gate | None = None, **subject: Any) -> Clause:
    clause = _clause(where, gate, subject)
    return _worded(clause, "allow", f" with at least {gate}" if gate not in (None, Gate.NONE) else "")


def _ban(where: Where, below: Gate | None = None, **subject: Any) -> Clause:
    return _worded(_clause(where, below, subject), "never", f" below {below}" if below is not None else "")


def _clause(where: Where, gate: Gate | None, subject: dict[str, Any]) -> Clause:
    return Clause(
        where,
        text="",
        capabilities=frozenset(subject.get("capability", ())),
        assets=subject.get("asset", ()),
        excluding=subject.get("excluding", ()),
        environments=frozenset(subject.get("environment", ())),
        gate=gate,
    )


def _worded(clause: Clause, verb: str, gate: str) -> Clause:
    """The clause with itself in a few words."""
    from msgspec.structs import replace

    what = ", ".join(each for each in Capability if each in clause.capabilities) or "anything"
    on = f" on {', '.join(clause.assets)}" if clause.assets else ""
    but = f" but {', '.join(clause.excluding)}" if clause.excluding else ""
    within = [each for each in Environment if each in clause.environments]
    of = f" in {' or '.join(within)}" if within else ""
    return replace(clause, text=f"{verb} {what}{on}{but}{of}{gate}")


def _files(where: Where, **lists: Listed) -> FileRules:
    return FileRules(**lists)


def _commands(where: Where, **lists: Listed) -> CommandRules:
    return CommandRules(**lists)


def _ticket(where: Where, **fields: Any) -> Ticket:
    return Ticket(**fields)


def _requirements(where: Where, private_keys: Flag | None = None, **fields: Any) -> Requirements:
    return Requirements(private_keys=private_keys, **fields)


def _contract(where: Where, **fields: Any) -> Contract:
    """The contract of one file; what it extends is not in it, nor are the bytes that its digest would be of."""
    for name in ("version", "extends"):
        fields.pop(name, None)
    subject: _For = fields.pop("for", _For())
    policy: _Policy | None = fields.pop("mcp", None)
    return Contract(
        digest="",
        source=where.file,
        role=subject.role,
        for_agents=subject.agents,
        for_workspaces=subject.workspaces,
        mcp=policy.servers if policy is not None else None,
        mcp_where=policy.where if policy is not None else None,
        **fields,
    )


class _Mapped(Struct, frozen=True):
    """A form, and what becomes of its value."""

    form: Form[Any]
    make: Any

    def read(self, node: Node, at: str, reading: Reading) -> Any:
        value = self.form.read(node, at, reading)
        return None if value is None else self.make(reading.where(node), value)

    def schema(self) -> forms.Schema:
        return self.form.schema()


def _autonomies(where: Where, rows: tuple[Row[Autonomy], ...]) -> Autonomies:
    found = {row.key: row.value for row in rows}
    return Autonomies(
        where,
        default=found.get("default"),
        isolated=found.get("isolated"),
        by_environment={Environment(key): value for key, value in found.items() if key in ENVIRONMENTS},
    )


def _by_environment(field: str) -> Any:
    """Makes rows of a demand whose value is of that field."""

    def make(where: Where, rows: tuple[Row[Any], ...]) -> tuple[ByEnvironment, ...]:
        return tuple(ByEnvironment(row.where, Environment(row.key), **{field: row.value}) for row in rows)

    return make


def _policy(where: Where, rows: tuple[Row[tuple[str, ...]], ...]) -> _Policy:
    return _Policy(where, {row.key: row.value for row in rows})


def _staged(field: str, value: Form[Any]) -> _Mapped:
    return _Mapped(Table("environment", value, ENVIRONMENTS), _by_environment(field))


def _distinct(where: Where, words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


CAPABILITY = OneOrMany(Word("capability", tuple(Capability)))
ASSETS = OneOrMany(AssetGlob())
STAGES = OneOrMany(Word("environment", tuple(Environment)))
SUBJECT = {
    "capability": Key(CAPABILITY, about="Classes, as `armslength schema capabilities` lists them; all without."),
    "asset": Key(ASSETS, about="Globs over kind:name; every asset without."),
    "excluding": Key(ASSETS, about="Globs over kind:name that this clause is not about."),
    "environment": Key(STAGES, about="What the assets are for; any environment without."),
}
ALLOWANCE = Record(
    _allowance,
    SUBJECT | {"gate": Key(Word("gate", DEMANDED), about="What must stand before it at least.")},
    some=("capability", "asset", "environment"),
)
# What was accepted may be of a kind that only somebody's own probe knows.
ODD = Key(OneOrMany(AssetGlob(known=False)), about=SUBJECT["asset"].about)
COVERED = Record(_allowance, {**ALLOWANCE.keys, "asset": ODD}, ALLOWANCE.some)
BAN = Record(
    _ban,
    SUBJECT | {"below": Key(Word("gate", BELOW), about="Banned only with a weaker gate than this.")},
    some=("capability", "asset", "environment"),
)
FOR = Record(
    _for,
    {
        "role": Key(Text()),
        "agents": Key(Many(Named("agent", agents))),
        "workspaces": Key(Many(Text())),
    },
)
FILES = Record(_files, {name: Key(Globs()) for name in ("read", "write", "ask", "never")})
COMMANDS = Record(_commands, {name: Key(Globs()) for name in ("allow", "ask", "never")})
TICKET = Record(_ticket, {"goal": Key(Text()), "repositories": Key(Many(Text()))})
MCP = _Mapped(Table("server", Many(Text()), least=0), _policy)
AUTONOMY = _Mapped(
    Table("environment", Word("degree of autonomy", tuple(Autonomy)), (*ENVIRONMENTS, "default", "isolated")),
    _autonomies,
)
RECOVERY = Record(
    Recovery,
    {
        "asset": Key(AssetGlob(), required=True),
        "restore_tested": Key(Day(), required=True, about="The day on which a restore was last tried."),
        "owner": Key(Text(), required=True),
    },
)
SERVERS = Record(
    ServerDemands,
    {"pinned": Key(YesNo()), "secrets": Key(YesNo()), "floating_approval": Key(YesNo())},
)
TOKENS = Record(TokenDemands, {"scoped": Key(YesNo()), "lifetime": Key(Span(), "longest")})
REQUIRE = Record(
    _requirements,
    {
        "autonomy": Key(AUTONOMY, about="How much an agent may do unasked, at most."),
        "defaults": Key(_staged("allowed", YesNo()), about="false: no current context or profile points there."),
        "recovery": Key(OneOrMany(RECOVERY), about="A way back, declared by its owner; it cannot be checked."),
        "sandbox": Key(Switch(), about="Agents that run unattended have a sandbox that can start."),
        "lifetime": Key(_staged("longest", Span()), about="How long a credential lives at most."),
        "protection": Key(_staged("protection", Word("protection", PROTECTIONS)), about="At least this."),
        "in_workspace": Key(_staged("allowed", YesNo()), about="false: no such credential lies in a workspace."),
        "guardrails": Key(Globs(NamedGlob("guardrail", guardrails))),
        "private_keys": Key(
            _Mapped(Word("protection of private keys", tuple(PrivateKeys)), lambda where, _: Flag(where, on=True)),
            about="Private keys have a passphrase or lie in hardware.",
        ),
        "servers": Key(SERVERS, about="MCP servers: of a fixed version, without secrets, approved one by one."),
        "tokens": Key(TOKENS, about="Tokens of forges and registries: bound to what they are for, with an end."),
    },
)
WAIVER = Record(
    Accepted,
    {
        "finding": Key(Text(), required=True),
        "owner": Key(Text(), required=True),
        "reason": Key(Text(), required=True),
        "until": Key(Day(), required=True, about="The last day (UTC) on which it counts."),
        "agents": Key(OneOrMany(Named("agent", agents)), about="Only of these agents; of all without."),
        "workspaces": Key(OneOrMany(Text()), about="Only in these workspaces; in all without."),
        "covers": Key(Many(COVERED), about="The ways that are accepted, each past this gate at least."),
        "parts": Key(_Mapped(OneOrMany(Text()), _distinct), about="The other clauses that it may break."),
    },
)
EXTENDS = Many(Text("the name of a contract"))
CONTRACT = Record(
    _contract,
    {
        "version": Key(Constant(1), required=True),
        "name": Key(Text(), required=True),
        "for": Key(FOR, about="Whom the contract is about; everyone without."),
        "extends": Key(EXTENDS, about="Contracts that come with armslength, or lie beside this one."),
        "until": Key(Day(), about="The last day (UTC) on which the contract is valid."),
        "allow": Key(Many(ALLOWANCE), about="What agents may reach; what is not listed is excess."),
        "never": Key(Many(BAN), about="What beats allow."),
        "environment": Key(Globs(), about="Variables that an agent may inherit."),
        "files": Key(FILES),
        "commands": Key(COMMANDS),
        "ticket": Key(TICKET, about="What the work is for."),
        "stop_if": Key(_Mapped(Many(Text()), _distinct), about="When an agent must stop; it cannot be checked."),
        "network": Key(Globs(), about="Hosts that an agent may connect to."),
        "mcp": Key(MCP, about="MCP servers and their tools that an agent may call."),
        "require": Key(REQUIRE, about="Demands on the machine."),
        "waivers": Key(Many(WAIVER), about="Findings that someone accepts, for a time."),
    },
)


def _extends(root: Node) -> tuple[Extended, ...]:
    """The names in `extends` that are texts, whatever else is wrong with the file."""
    node = _under(root, "extends")
    items = node.items if isinstance(node, places.Sequence) else ()
    return tuple(
        Extended(each.text, each.line, each.column)
        for each in items
        if isinstance(each, places.Scalar) and each.kind == "a text"
    )


def _until(root: Node) -> Ending | None:
    node = _under(root, "until")
    day = Day().read(node, "", Reading("")) if node is not None else None
    return Ending(day, node.line, node.column) if node is not None and day is not None else None


def _under(root: Node, key: str) -> Node | None:
    pairs = root.pairs if isinstance(root, places.Mapping) else ()
    return next((value for name, value in pairs if name.text == key), None)
