"""All that a contract demands and declares beside its lines about exposures: each clause, and what came of it."""

from collections.abc import Iterator

from scanner.contract import autonomy, credentials, lists, weaknesses
from scanner.contract.exposures import place
from scanner.contract.plain import some
from scanner.contract.subject import Held, Subject
from scanner.model import Fix
from scanner.model.contract import Contract

DECLARED = "declared, not checked"
TICKET = Fix("Ask whoever gave the ticket whether this is still the work, and end the contract when it is done.")
STOP_IF = Fix("See that the agent's instructions say so (AGENTS.md, CLAUDE.md): nothing else makes it stop.")


def held(contract: Contract, subject: Subject) -> Iterator[Held]:
    """What came of each demand, those on agents first; last what nothing can check."""
    yield from autonomy.held(contract, subject)
    yield from credentials.held(contract, subject)
    yield from weaknesses.held(contract, subject)
    yield from lists.held(contract, subject)
    yield from _declared(contract, subject)


def _declared(contract: Contract, subject: Subject) -> Iterator[Held]:
    """What someone says and the machine cannot show."""
    for row in contract.require.recovery:
        text = f"{row.asset} can be restored: tested on {row.restore_tested}, says {row.owner}"
        early = row.restore_tested > subject.machine.now.date()
        open_ = f"{DECLARED}; that day has not come" if early else DECLARED
        fix = Fix(f"Ask {row.owner} for the record of that restore, and when the next one is due.")
        yield Held(f"require.recovery.{row.asset}", text, place(row.where), open=open_, fix=fix)
    if contract.ticket is not None:
        goal, where = contract.ticket.goal, some(contract.ticket.repositories)
        text = ": ".join(filter(None, ("the work is", goal))) + (f", in {where}" if where else "")
        yield Held("ticket", text, contract.source, open=DECLARED, fix=TICKET)
    if contract.stop_if:
        told = f"the agent stops if it {some(contract.stop_if)}"
        yield Held("stop_if", told, contract.source, open=DECLARED, fix=STOP_IF)
