"""What several contracts say together, those that are extended first: the strictest demand of each kind counts.

`allow`, `never`, every `never` list, `stop_if`, `guardrails`, `recovery` and `waivers` unite. Of every other list the
one of the contract that extends stands where it is written, since nobody can compute what two lists of globs share.
"""

from collections.abc import Callable, Sequence
from datetime import date
from functools import reduce
from typing import TypeVar

from msgspec.structs import replace

from scanner.contract.grammar import PROTECTIONS
from scanner.model.contract import (
    Autonomies,
    ByEnvironment,
    CommandRules,
    Contract,
    FileRules,
    Flag,
    Listed,
    Requirements,
    ServerDemands,
    TokenDemands,
)
from scanner.model.terms import Autonomy

T = TypeVar("T")


def united(contracts: Sequence[Contract]) -> Contract:
    """One contract of several, each behind those that it extends; named and placed as the last."""
    return reduce(_extended, contracts)


def _extended(base: Contract, own: Contract) -> Contract:
    """What a contract says together with what it extends."""
    lists = base if own.mcp is None else own
    return replace(
        own,
        role=own.role or base.role,
        for_agents=own.for_agents or base.for_agents,
        for_workspaces=own.for_workspaces or base.for_workspaces,
        until=_earliest(base.until, own.until),
        allow=(*base.allow, *own.allow),
        never=(*base.never, *own.never),
        environment=own.environment or base.environment,
        files=_files(base.files, own.files),
        commands=_commands(base.commands, own.commands),
        ticket=own.ticket or base.ticket,
        stop_if=tuple(dict.fromkeys((*base.stop_if, *own.stop_if))),
        network=own.network or base.network,
        mcp=lists.mcp,
        mcp_where=lists.mcp_where,
        require=_requirements(base.require, own.require),
        waivers=(*base.waivers, *own.waivers),
    )


def _earliest(base: date | None, own: date | None) -> date | None:
    return min((each for each in (base, own) if each is not None), default=None)


def _files(base: FileRules, own: FileRules) -> FileRules:
    return FileRules(
        read=own.read or base.read,
        write=own.write or base.write,
        ask=own.ask or base.ask,
        never=_both(base.never, own.never, _listed),
    )


def _commands(base: CommandRules, own: CommandRules) -> CommandRules:
    return CommandRules(
        allow=own.allow or base.allow, ask=own.ask or base.ask, never=_both(base.never, own.never, _listed)
    )


def _requirements(base: Requirements, own: Requirements) -> Requirements:
    return Requirements(
        autonomy=_both(base.autonomy, own.autonomy, _autonomy),
        defaults=_rows(base.defaults, own.defaults, lambda row: row.allowed is False),
        recovery=(*base.recovery, *own.recovery),
        sandbox=_both(base.sandbox, own.sandbox, _flag),
        lifetime=_rows(base.lifetime, own.lifetime, lambda row: -row.longest.total_seconds() if row.longest else 0),
        protection=_rows(
            base.protection,
            own.protection,
            lambda row: PROTECTIONS.index(row.protection) if row.protection in PROTECTIONS else -1,
        ),
        in_workspace=_rows(base.in_workspace, own.in_workspace, lambda row: row.allowed is False),
        guardrails=_both(base.guardrails, own.guardrails, _listed),
        private_keys=_both(base.private_keys, own.private_keys, _flag),
        servers=_both(base.servers, own.servers, _servers),
        tokens=_both(base.tokens, own.tokens, _tokens),
    )


def _both(base: T | None, own: T | None, join: Callable[[T, T], T]) -> T | None:
    """What is there, and where both are there, both as one."""
    if base is None or own is None:
        return own if base is None else base
    return join(base, own)


def _listed(base: Listed, own: Listed) -> Listed:
    return Listed(own.where, tuple(dict.fromkeys((*base.items, *own.items))))


def _flag(base: Flag, own: Flag) -> Flag:
    return own if own.on and not base.on else base


def _autonomy(base: Autonomies, own: Autonomies) -> Autonomies:
    least = {
        each: _least(base.by_environment.get(each), own.by_environment.get(each))
        for each in (*base.by_environment, *own.by_environment)
    }
    joined = Autonomies(
        base.where,
        default=_least(base.default, own.default),
        isolated=_least(base.isolated, own.isolated),
        by_environment={each: degree for each, degree in least.items() if degree is not None},
    )
    return joined if joined == base else replace(joined, where=own.where)


def _least(base: Autonomy | None, own: Autonomy | None) -> Autonomy | None:
    return min((each for each in (base, own) if each is not None), key=lambda each: each.rank, default=None)


def _servers(base: ServerDemands, own: ServerDemands) -> ServerDemands:
    joined = ServerDemands(
        base.where,
        pinned=base.pinned or own.pinned,
        secrets=base.secrets and own.secrets,
        floating_approval=base.floating_approval and own.floating_approval,
    )
    return joined if joined == base else replace(joined, where=own.where)


def _tokens(base: TokenDemands, own: TokenDemands) -> TokenDemands:
    joined = TokenDemands(
        base.where,
        scoped=base.scoped or own.scoped,
        longest=min((each for each in (base.longest, own.longest) if each is not None), default=None),
    )
    return joined if joined == base else replace(joined, where=own.where)


def _rows(
    base: tuple[ByEnvironment, ...], own: tuple[ByEnvironment, ...], strictness: Callable[[ByEnvironment], float]
) -> tuple[ByEnvironment, ...]:
    """A row for each environment: the strictest, and of two equal ones the extended contract's."""
    found: dict[str, ByEnvironment] = {}
    for row in (*base, *own):
        there = found.get(row.environment)
        if there is None or strictness(row) > strictness(there):
            found[row.environment] = row
    return tuple(found.values())
