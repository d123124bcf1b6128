"""What the real Claude Code and Codex do with a call: run it, ask a person, refuse it, or let the OS block it.

armslength's rules about agents rest on this. It runs by hand only; no test depends on it, and nothing leaves the
machine: the model is `model.py`, a server on 127.0.0.1 that makes the calls it was told to make, and the person
whom the agent would ask is `person.py` (Claude Code) or the other end of Codex's protocol. Home, repository, secrets
and keys are made up for each case and taken away after it.

To check the rules again with a newer version (as root, so that the agent gets a user of its own and no network but
loopback; without root leave out `unshare` and `--user`):

    npm install --prefix /opt/agents @anthropic-ai/claude-code @openai/codex
    apt-get install bubblewrap socat; useradd --create-home oracle
    unshare --net sh -c 'ip link set lo up; python bench/oracle/oracle.py claude PROGRAM --user oracle'
    unshare --net sh -c 'ip link set lo up; python bench/oracle/oracle.py codex PROGRAM --user oracle'

PROGRAM is the path of the agent's own program (for Codex the native one inside its package), and must be readable
for that user. Further words choose the cases whose names hold one of them; `--answers` shows what the agent said.
The cases are in `claude_cases.py` and `codex_cases.py`; what was measured last is in `RESULTS.md`, which is this
program's output below what was learnt from it.
"""

import argparse
import json
import re
import subprocess
from collections.abc import Iterator
from itertools import groupby

import claude
import claude_cases
import codex
import codex_cases
from model import Call
from outcome import Outcome, outcome
from rig import Case, Told

SHORTER = (
    (re.compile(r"apply_patch .*Add File: (\S+) .*"), r"(patch that adds \1)"),
    (re.compile(r"python3 -c .*AF_UNIX.*"), "(connect to a unix socket in {outside})"),
    (re.compile(r"python3 -c .*create_connection.*"), "(connect to 127.0.0.1)"),
    (re.compile(r"python3 -c .*urlopen.*"), "(fetch with python3)"),
    (re.compile(r"echo VARIABLES.*"), "(list the variables)"),
)
AGENTS = {"claude": (claude.ask, claude_cases.CASES), "codex": (codex.ask, codex_cases.CASES)}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measures what a coding agent does with a call.")
    parser.add_argument("agent", choices=AGENTS)
    parser.add_argument("program")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--user")
    parser.add_argument("--answers", action="store_true")
    return parser.parse_args()


def title(call: Call) -> str:
    """A call in the words of a table."""
    given = dict(call.input)
    command = given.pop("command", None) or given.pop("cmd", None)
    given.pop("description", None)
    given.pop("justification", None)
    path = given.pop("file_path", None) or given.pop("url", None)
    more = " ".join(f"{name}={value}" for name, value in given.items() if name not in {"content", "prompt"})
    name = "" if call.tool in {"Bash", "exec_command"} else call.tool
    words = " ".join(str(word) for word in (name, command, path, more) if word).replace("\n", " ")
    for long, short in SHORTER:
        words = long.sub(short, words)
    return f"`{words}`" if "`" not in words else f"`` {words} ``"


def section(told: Told) -> Iterator[str]:
    """One case: its name, then the calls under what became of them."""
    yield f"### {told.case.name}"
    yield ""
    found = [(outcome(told, number), title(call)) for number, call in enumerate(told.case.calls)]
    order = list(Outcome)
    for what, group in groupby(sorted(found, key=lambda each: order.index(each[0])), key=lambda each: each[0]):
        yield f"- **{what}**: " + ", ".join(name for _, name in group)
    if 0 < len(told.output) < 200:
        yield f"- the session: {told.output.strip()}"
    for answer in told.answers:
        if "VARIABLES " in answer:
            names = re.findall(r"\b[A-Z][A-Z0-9_]*(?= |\Z|\n)", answer.partition("VARIABLES ")[2])
            yield "- the names: " + " ".join(sorted(names))
    yield ""


def wanted(case: Case, names: list[str]) -> bool:
    return not names or any(name in case.name for name in names)


def main() -> None:
    given = arguments()
    ask, cases = AGENTS[given.agent]
    version = subprocess.run([given.program, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"## {version}\n")
    for case in cases:
        if wanted(case, given.names):
            told = ask(case, given.program, given.user)
            print("\n".join(section(told)), flush=True)
            if given.answers:
                print(json.dumps([*told.answers, told.output[-1000:]], indent=2), flush=True)


if __name__ == "__main__":
    main()
