"""The one list of reasons for which a test may skip. Any other skip fails.

A test that needs a server, an agent or a tool starts it; `.ci/run` installs what that takes. What remains is a platform
that has not got the thing at all, and a sandbox that refuses.
"""

import os
import re

# Reason (a pattern over all of it) -> why it is right to skip.
ALLOWED = {
    r"the hostile home needs POSIX files": "pipes, devices and odd names are POSIX; Windows has golden machines",
    r"reads /proc|/proc takes no folders": "/proc is Linux",
    r"needs /dev/full": "a device of Linux",
    r"has a registry": "what is asked is the answer of a machine without one",
    r"could not import '(pwd|grp)'.*": "accounts of POSIX",
    r"root ignores permissions here": "capabilities can only be dropped on Linux",
    r"only root may give files away": "the test is about files of two owners",
    r"the account has no home": "the test is about the account's own home",
    r"this machine lets nobody be traced.*": "a sandbox that refuses ptrace",
    r"no sandbox starts here: bubblewrap cannot start here.*": "a sandbox that refuses namespaces",
    r"an agent runs these tests": "the guard rightly sees that agent; the test is about its absence",
}

# On a developer's machine a tool may be absent; in CI it is installed, and a skip hides a missing install step.
ALLOWED_OUTSIDE_CI = {
    r"strace is not installed": "the audit hook holds the same line without it",
    r"no ssh-keygen on this machine|wants an ssh-agent": "OpenSSH's client is the oracle",
    r"armslength is not installed beside this Python": "run from the source tree alone",
    r"gnome-keyring is not installed": "a desktop's secret service is the oracle",
    r"no sandbox starts here: there is no bubblewrap here.*": "the sandbox of Linux; its words are tested without it",
    r"ministack is not installed": "an emulator of AWS that checks signatures",
    r"(kubernetes|docker) is not installed": "of the extra `live`; the library shapes what a test asks",
    r"hyperscan is not installed": "of the extra `fast`; the portable way is held against a loop over all groups",
}


def may_skip(reason: str, in_ci: bool = bool(os.environ.get("CI"))) -> bool:
    """Whether a test may skip for that reason here."""
    reasons = ALLOWED if in_ci else ALLOWED | ALLOWED_OUTSIDE_CI
    return any(re.fullmatch(pattern, reason.removeprefix("Skipped: "), re.DOTALL) for pattern in reasons)
