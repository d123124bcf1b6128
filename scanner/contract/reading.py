"""A contract with all that it extends, or every fault of all its files at once."""

import hashlib
from datetime import date

from msgspec.structs import replace

from scanner.contract.documents import Document, Find
from scanner.contract.forms import did_you_mean
from scanner.contract.grammar import Extended, Parsed, asked, parsed
from scanner.contract.places import Fault
from scanner.contract.union import united
from scanner.data.contracts import names
from scanner.errors import ScannerError
from scanner.model.contract import Contract
from scanner.text import printable

FILE_LIMIT = 20
BYTE_LIMIT = 2 * 1024 * 1024  # of all files together
ASKED_LIMIT = 1000  # lines and globs: each is held against all that a machine has
FAULT_LIMIT = 100  # of more faults in one run only the number is told


class ContractError(ScannerError):
    """A contract is faulty; every fault has its file, line and column."""


def read(document: Document, find: Find, today: date) -> Contract:
    """The contract in effect: of this document and all that it extends, valid on this day (UTC).

    Raises ContractError with every fault, one a line, in the order of files and places.
    """
    run = _Run(find, today)
    run.follow(document, ())
    if run.faults:
        raise ContractError(run.told())
    return replace(united(run.contracts), digest=f"sha256:{run.digest.hexdigest()}")


class _Run:
    """The files read so far: the contract of each behind those that it extends."""

    def __init__(self, find: Find, today: date) -> None:
        self.contracts: list[Contract] = []
        self.faults: list[tuple[str, Fault]] = []
        self.digest = hashlib.sha256()
        self._find = find
        self._today = today
        self._read: list[str] = []
        self._bytes = 0
        self._asked = 0

    def follow(self, document: Document, above: tuple[str, ...]) -> None:
        """Reads one file, and what it extends before it counts itself."""
        self._read.append(document.source)
        self._bytes += len(document.data)
        if self._bytes > BYTE_LIMIT:
            self._fault(document.source, 1, 1, "larger than 2 MiB with all that belongs to it")
            return
        self.digest.update(document.data)
        found = parsed(document)
        mine = list(found.faults)
        self.faults += [(document.source, fault) for fault in mine]
        self._ended(document.source, found)
        for base in found.extends:
            self._base(base, document.source, above)
        if found.contract is not None:
            self._counted(found.contract)
            self.contracts.append(found.contract)

    def _counted(self, contract: Contract) -> None:
        """Told once, where it gets too much."""
        before, self._asked = self._asked, self._asked + asked(contract)
        if before <= ASKED_LIMIT < self._asked:
            text = f"more than {ASKED_LIMIT} lines and globs, with all that it extends"
            self._fault(contract.source, 1, 1, text)

    def told(self) -> str:
        """Every fault in its place, a line each."""
        order = {source: index for index, source in enumerate(self._read)}
        faults = sorted(self.faults, key=lambda each: (order[each[0]], each[1].line, each[1].column))
        lines = [_line(source, fault) for source, fault in faults[:FAULT_LIMIT]]
        more = len(faults) - len(lines)
        return "\n".join([*lines, *([f"and {more} more faults"] if more else [])])

    def _ended(self, source: str, found: Parsed) -> None:
        until = found.until
        if until is not None and until.day < self._today:
            self._fault(source, until.line, until.column, f"until: this contract ended on {until.day}")

    def _base(self, base: Extended, source: str, above: tuple[str, ...]) -> None:
        """Reads a contract that the one of this source extends, unless it was read already."""
        try:
            found = self._find(base.name, source)
        except ScannerError as error:
            self._fault(source, base.line, base.column, f"extends: {error}")
            return
        chain = (*above, source)
        if found is None:
            text = f"extends: there is no contract {_named(base.name)}, neither shipped nor beside this file"
            self.faults.append((source, Fault(base.line, base.column, text, base.name, tuple(names()))))
        elif found.source in chain:
            around = " -> ".join((*chain[chain.index(found.source) :], found.source))
            self._fault(source, base.line, base.column, f"extends: goes around in a circle: {around}")
        elif len(self._read) == FILE_LIMIT and found.source not in self._read:
            self._fault(source, base.line, base.column, f"extends: more than {FILE_LIMIT} files in all")
        elif found.source not in self._read:
            self.follow(found, chain)

    def _fault(self, source: str, line: int, column: int, text: str) -> None:
        self.faults.append((source, Fault(line, column, text)))


def _line(source: str, fault: Fault) -> str:
    text = f"{source}:{fault.line}:{fault.column}: {fault.text}{did_you_mean(fault.word, fault.known)}"
    return printable(text)


def _named(name: str) -> str:
    return name if len(name) <= 40 else "of this name"
