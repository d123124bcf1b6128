"""`armslength baseline`: write a contract to start from, check contracts, show what one says with all it extends."""

import os
import re
from datetime import UTC, date, datetime
from pathlib import Path

import click

from scanner.cli.console import Console
from scanner.cli.options import VERBOSE
from scanner.errors import ScannerError
from scanner.text import printable

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

START = """\
# What a coding agent may reach, for `armslength scan --baseline {file}`. `armslength baseline lint {file}` checks it,
# `armslength baseline show {file}` prints it with all that it extends. Keys that are not needed can be left out.
version: 1
name: {name}

# What the contract starts from: `armslength baseline show laptop` prints it. What is allowed here adds to it; what it
# bans stays banned, and of each demand the stricter one counts.
extends: [laptop]

# Whom it is about; everyone without.
# for: {{role: backend, agents: [claude-code, codex], workspaces: ["~/src/billing"]}}

# The last day (UTC) on which it is valid.
# until: {year}-12-31

# What the work needs beyond that. An asset is a glob over kind:name; `gate` is what must stand before it at least.
# allow:
#   - {{capability: [DATA_READ, CODE_WRITE], asset: "github-repository:acme/billing"}}
#   - {{capability: DATA_READ, environment: production, gate: prompt}}

# What must never be; with `below` only where a weaker gate stands before it.
# never:
#   - {{capability: [DATA_WRITE, DATA_DESTROY], environment: [production, unknown]}}
#   - {{capability: PUBLISH, below: server}}

# What an agent may inherit, read, run, connect to and call. A list that is written stands for what it extends too.
# environment: [PATH, HOME, LANG, "NPM_CONFIG_*"]
# files: {{read: ["~/src/billing/**"], write: ["~/src/billing/**"], ask: ["**/migrations/**"], never: ["**/.env"]}}
# commands: {{allow: [pytest, git diff], ask: [git push], never: [terraform]}}
# network: [github.com, "*.staging.example.com"]
# mcp: {{linear: [list_issues, get_issue]}}

# What the machine must be like.
# require:
#   lifetime: {{production: 12h}}
#   protection: {{production: keychain}}
#   recovery: {{asset: "database:orders", restore_tested: {year}-01-31, owner: ada}}

# Findings that someone accepts, for a time.
# waivers:
#   - {{finding: f-0123456789, owner: ada, reason: "migrating to SSO", until: {year}-12-31}}
"""


@click.group("baseline", context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=False)
def command() -> None:
    """Write, check or show a contract: what an agent in a role, or on a ticket, may reach."""


@command.command("init")
@click.option("--name", default="mine", metavar="NAME", help="What the contract is called; mine.")
@click.option("-o", "--output", metavar="FILE", help="Where it is written; NAME.yaml in the current folder.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@VERBOSE
@click.pass_obj
def init(console: Console, /, name: str, output: str | None, force: bool) -> int:
    """Write a contract to start from: it extends laptop, and shows every key in a comment."""
    from scanner.cli import outputs

    if NAME.fullmatch(name) is None:
        raise ScannerError("--name takes letters, digits and . _ -")
    path = Path(output if output is not None else f"{name}.yaml")
    _by_a_person(console)
    text = START.format(name=_quoted(name), file=printable(path.name), year=_today().year)
    _write(path, text.encode(), force)
    outputs.to_stdout(f"{printable(str(path))} is a contract to start from.\n".encode())
    return 0


@command.command("lint")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@VERBOSE
def lint(files: tuple[str, ...]) -> int:
    """Check contracts and what they extend: nothing is printed, or every error with its file, line and column."""
    from scanner.cli import contracts

    told: list[str] = []
    for name in files:
        try:
            contracts.checked(name, _today())
        except ScannerError as error:
            told += [line for line in str(error).split("\n") if line not in told]
    if told:
        raise ScannerError("\n".join(told))
    return 0


@command.command("show")
@click.argument("name", metavar="[NAME|FILE]", required=False)
@VERBOSE
def show(name: str | None) -> int:
    """Print a contract with all that it extends, and where each line comes from; without a name, list the shipped."""
    from scanner.cli import contracts, outputs

    if name is None:
        from scanner.data.contracts import names

        outputs.to_stdout("".join(f"{each}\n" for each in names()).encode())
        return 0
    from scanner.contract.written import text_of

    outputs.to_stdout(text_of(contracts.chosen(name, _today())).encode())
    return 0


def _today() -> date:
    return datetime.now(UTC).date()


def _quoted(name: str) -> str:
    from scanner.contract.written import quoted

    return quoted(name)


def _by_a_person(console: Console) -> None:
    """Refused where an agent started us: it would write the rules that it is judged by."""
    from scanner import config
    from scanner.cli import guard

    agent = guard.unlifted(console.facts, config.load(config.default_path()))
    if agent is not None:
        raise ScannerError(
            f"{agent} is among the programs that started this, and what an agent may reach is a person's to say",
            "run it in a terminal of your own, or set agents_may_read = true in config.toml",
        )


def _write(path: Path, data: bytes, force: bool) -> None:
    """Writes the file; a link of the user's own stays a link. Raises ScannerError."""
    from scanner import atomic

    shown = printable(str(path))
    if os.path.lexists(path):
        if not force:
            raise ScannerError(f"{shown}: is there already", "--force replaces it, -o FILE writes another")
        if not path.is_file():
            raise ScannerError(f"{shown}: is no plain file")
    try:
        atomic.replace(Path(os.path.realpath(path)), data)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise ScannerError(f"{shown}: {why or 'cannot be written'}") from None
