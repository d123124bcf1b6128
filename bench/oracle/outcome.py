"""What an agent did with a call, told from the text that it gave the model for it."""

import re
from enum import StrEnum

from person import ASKED
from rig import NOTHING, Told


class Outcome(StrEnum):
    """The five ways in which a call ends."""

    RAN = "ran"
    ASKED = "asked"
    REFUSED = "refused"
    OS = "blocked by the OS"
    NEVER = "no session"


REFUSALS = re.compile(
    r"has been denied|denied by your permission|blocked by a deny rule|covered by a Read deny rule|denied access to"
    r"|don't ask mode|No such tool|blockReadsOutsideWorkingDirectories|hook error|Auto mode is unavailable"
    r"|Rejected\(|patch rejected|approval policy is|unsupported call"
)
BLOCKS = re.compile(
    r"Read-only file system|Permission ?denied|PermissionError|Operation not permitted|ConnectionRefused"
    r"|network allowlist|network-outbound|(?:Exit code|exited with code) 7\b|execvp .* No such file"
)


def outcome(told: Told, number: int) -> Outcome:
    text = told.answers[number]
    if text == NOTHING:
        return Outcome.NEVER
    if number in told.asked or ASKED in text:
        return Outcome.ASKED
    if REFUSALS.search(text):
        return Outcome.REFUSED
    if BLOCKS.search(text) or (told.case.confined and "No such file or directory" in text):
        return Outcome.OS
    return Outcome.RAN
