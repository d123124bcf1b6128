"""What the real GitHub Copilot CLI does with a call, in print mode, where nobody can be asked and it says so.

It needs no login: its own-provider mode speaks the Messages API with `model.py`. It runs by hand, like `oracle.py`,
whose first lines say how to give the agent a user of its own and no network:

    npm install --prefix /opt/agents @github/copilot; apt-get install bubblewrap slirp4netns iptables
    unshare --net sh -c 'ip link set lo up; python bench/oracle/copilot.py PROGRAM --user oracle'

PROGRAM is the native one inside its package; further words choose the cases whose names hold one of them. Beside each
call stands what armslength says of it from the same settings, and `RESULTS-copilot.md` is what was measured last.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from copilot_cases import CASES
from model import Anthropic, Call, Script
from outcome import Outcome
from rig import NOTHING, PERSON, Case, Place, Told, run, session

sys.path.insert(0, str(Path(__file__).parents[2]))

from copilot_policy import said

WORDS = ("-p", "go")
CACHE = Path(tempfile.gettempdir()) / "oracle-copilot-cache"  # it unpacks itself there, once for all cases
VARIABLES = {
    "COPILOT_OFFLINE": "true",
    "COPILOT_PROVIDER_BASE_URL": "http://127.0.0.1:{port}",
    "COPILOT_PROVIDER_TYPE": "anthropic",
    "COPILOT_PROVIDER_API_KEY": "made-up",
    "COPILOT_MODEL": "claude-sonnet-4.6",
    "COPILOT_AUTO_UPDATE": "false",
    "COPILOT_CACHE_HOME": str(CACHE),
}
HELD = re.compile(r"sandbox is active and blocked|active sandbox p|No such file or directory|Read-only file system")


def prepared(case: Case) -> Case:
    files = {"{home}/person.py": PERSON, **case.files}
    return replace(case, files=files, variables={**VARIABLES, **case.variables})


def ask(case: Case, program: str, user: str | None) -> Told:
    """Puts one case to the real program."""

    def start(case: Case, place: Place, port: int, script: Script) -> str:
        return run(case, [program, *WORDS], place, port)

    return session(prepared(case), start, Anthropic, user)


def outcome(told: Told, number: int) -> Outcome:
    text = told.answers[number]
    if text == NOTHING:
        return Outcome.NEVER
    if "no interactive user response" in text:
        return Outcome.ASKED
    if "denied due to the following rules" in text:
        return Outcome.REFUSED
    return Outcome.OS if told.case.confined and HELD.search(text) else Outcome.RAN


def title(call: Call) -> str:
    given = call.input
    about = given.get("command") or given.get("path") or ""
    words = f"{'' if call.tool == 'bash' else call.tool} {about}".strip().replace("\n", " ").replace("|", "\\|")
    return f"`{words}`" if "`" not in words else f"`` {words} ``"


def rows(told: Told) -> Iterator[str]:
    """One case: each call with what became of it, and what armslength says."""
    yield f"### {told.case.name}\n\n| call | did | armslength says |\n| --- | --- | --- |"
    for number, (call, decided) in enumerate(zip(told.case.calls, said(told.case), strict=True)):
        yield f"| {title(call)} | {outcome(told, number)} | {decided} |"
    yield ""


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures what GitHub Copilot CLI does with a call.")
    parser.add_argument("program")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--user")
    parser.add_argument("--answers", action="store_true")
    given = parser.parse_args()
    CACHE.mkdir(mode=0o777, exist_ok=True)
    CACHE.chmod(0o777)
    version = subprocess.run([given.program, "--version"], capture_output=True, text=True, check=True).stdout
    print(f"## {version.splitlines()[0].strip()}\n")
    for case in CASES:
        if not given.names or any(name in case.name for name in given.names):
            told = ask(case, given.program, given.user)
            print("\n".join(rows(told)), flush=True)
            if given.answers:
                print("\n".join([*told.answers, told.output[-1000:]]), flush=True)


if __name__ == "__main__":
    main()
