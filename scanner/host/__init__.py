"""The machine that is looked at: its ports, and one probe's view of them."""

from scanner.host.machine import DeadlinePassed, Host, Machine, UndeclaredRead
from scanner.host.ports import Entry, FileKind, Place, Process, TextFile, Variables

__all__ = [
    "DeadlinePassed",
    "Entry",
    "FileKind",
    "Host",
    "Machine",
    "Place",
    "Process",
    "TextFile",
    "UndeclaredRead",
    "Variables",
]
