"""The demands of a contract that hang on what probes found to be wrong or right by itself."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from scanner.contract.exposures import place
from scanner.contract.subject import Broken, Held, Subject
from scanner.data.clauses import demands, guardrail_mend
from scanner.host.paths import shown
from scanner.model import Environment, Fix, Weakness
from scanner.model.contract import ByEnvironment, Contract, ServerDemands, Where

SHOWN = 5  # commands of one habit
DEFAULTS = Fix(
    "See where the defaults of kubectl, AWS, Google Cloud and Terraform point.",
    (
        "kubectl config current-context",
        "aws configure list",
        "gcloud config configurations list",
        "terraform workspace show",
    ),
)


def held(contract: Contract, subject: Subject) -> Iterator[Held]:
    """What came of `defaults`, `servers` and `guardrails`."""
    for row in contract.require.defaults:
        if row.allowed is False:
            yield _defaults(row, subject)
    if contract.require.servers is not None:
        yield from _servers(contract.require.servers, subject)
    yield from _guardrails(contract, subject)


def _defaults(row: ByEnvironment, subject: Subject) -> Held:
    text = f"no default (context, profile, project, workspace) points to {row.environment}"
    if row.environment is Environment.PRODUCTION:
        return of_weaknesses("defaults", text, row.where, subject, apart=True)
    unknown = "only defaults on production are looked for"
    return Held(f"require.defaults.{row.environment}", text, place(row.where), open=unknown, fix=DEFAULTS)


def _servers(demand: ServerDemands, subject: Subject) -> Iterator[Held]:
    where = demand.where
    if demand.pinned:
        yield of_weaknesses("servers.pinned", "MCP servers are fetched in a fixed version", where, subject)
    if not demand.secrets:
        yield of_weaknesses("servers.secrets", "no secret is written out in an MCP server's file", where, subject)
    if not demand.floating_approval:
        text = "no MCP server is approved before anyone has seen it"
        yield of_weaknesses("servers.floating_approval", text, where, subject)


def of_weaknesses(demand: str, text: str, where: Where, subject: Subject, *, apart: bool = False) -> Held:
    """A demand that certain weaknesses break: all of them one cause, since one habit mends them, or each `apart`."""
    name = f"require.{demand}"
    rules = demands().weaknesses[demand]
    found = sorted(
        (each for each in subject.graph.weaknesses if each.rule in rules),
        key=lambda each: (each.rule, str(each.evidence)),
    )
    groups = [[each] for each in found] if apart else [found] if found else []
    return Held(name, text, place(where), tuple(_of_group(name, group, subject, apart=apart) for group in groups))


def _of_group(name: str, group: Sequence[Weakness], subject: Subject, *, apart: bool) -> Broken:
    first = group[0]
    commands = dict.fromkeys(command for each in group for command in each.fix.commands)
    why = first.title if len(group) == 1 else f"{first.title}, and {len(group) - 1} more of the kind"
    cause = f"{name} {first.rule} {first.evidence.path or first.evidence.variable}" if apart else name
    fix = Fix(first.fix.summary, tuple(commands)[:SHOWN])
    parts = tuple(dict.fromkeys(f"{name} {_place(each, subject)}" for each in group))
    return Broken(name, cause, why, evidence=tuple(each.evidence for each in group), fix=fix, parts=parts)


def _place(weakness: Weakness, subject: Subject) -> str:
    """Where a weakness is, by what stays when a line above it goes: rule, file or variable, and key."""
    told = weakness.evidence
    at = shown(told.path, subject.machine.home) if told.path is not None else told.variable or told.process or ""
    return " ".join(filter(None, (weakness.rule, at, told.key)))


def _guardrails(contract: Contract, subject: Subject) -> Iterator[Held]:
    """Each that is asked for; one that was not seen may still be there, on a server that was not asked."""
    demand = contract.require.guardrails
    if demand is None:
        return
    seen = {each.rule for each in subject.guardrails}
    for item in demand.items:
        there = any(fnmatchcase(rule, item) for rule in seen)
        missing = "" if there else f"whether there is a {item} was not seen from here"
        fix = guardrail_mend(item, subject.machine.platform) if missing else None
        yield Held(f"require.guardrails.{item}", f"there is a {item}", place(demand.where), open=missing, fix=fix)
