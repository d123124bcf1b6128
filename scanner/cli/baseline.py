"""`armslength baseline`: write a contract to start from, check contracts, show what one says with all it extends."""

import os
import re
import stat
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.cli import suggesting
from scanner.cli.console import Console
from scanner.cli.options import VERBOSE, Looking, looking, taken
from scanner.errors import ScannerError
from scanner.text import printable

if TYPE_CHECKING:
    from scanner.model.contract import Contract

WAIVING = ("owner", "reason", "until")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

START = """\
# What a coding agent may reach, for `armslength scan --baseline {file}`. `armslength baseline lint {file}` checks it,
# `armslength baseline show {file}` prints it with all that it extends. Keys that are not needed can be left out.
version: 1
name: {name}

# What the contract starts from: `armslength baseline show {base}` prints it. What is allowed here adds to it; what it
# bans stays banned, and of each demand the stricter one counts.
extends: [{base}]

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
#   - {{finding: f-0123456789, owner: ada, reason: "migrating to SSO", until: {year}-12-31, parts: [require.sandbox]}}
# `armslength baseline waive FINDING --baseline {file} --reason TEXT` writes one that says what it covers.
"""


def _day(context: click.Context, parameter: click.Parameter, value: str | None) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter("a day as 2026-12-31") from None


@click.group("baseline", context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=False)
def command() -> None:
    """Write, check or show a contract: what an agent in a role, or on a ticket, may reach."""


command.add_command(suggesting.command)


@command.command("init")
@click.option("--name", default="mine", metavar="NAME", help="What the contract is called; mine.")
@click.option("-o", "--output", metavar="FILE", help="Where it is written; NAME.yaml in the current folder.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.option("--from-scan", is_flag=True, help="Accept what is beyond the contract today, by waivers that end.")
@click.option("--owner", metavar="NAME", help="With --from-scan: who answers for the waivers; you.")
@click.option("--reason", metavar="TEXT", help="With --from-scan: why they are accepted for now.")
@click.option("--until", callback=_day, metavar="DAY", help="With --from-scan: their last day; in 30 days.")
@looking
@VERBOSE
@click.pass_obj
def init(console: Console, /, name: str, output: str | None, force: bool, from_scan: bool, **options: Any) -> int:
    """Write a contract to start from: it extends laptop, or what --baseline names, with every key in a comment.

    With --from-scan this machine is looked at, and the contract extends the one in effect: what is beyond that today is
    not allowed but accepted, each finding for a time and as far as it goes now.
    """
    from scanner.cli import outputs

    if NAME.fullmatch(name) is None:
        raise ScannerError("--name takes letters, digits and . _ -")
    path = Path(output if output is not None else f"{name}.yaml")
    by_a_person(console)
    writable(path, force)
    if from_scan:
        return _from_scan(console, name, path, force, options)
    if taken(Looking, options | {"baseline": None}) != Looking() or any(options[each] is not None for each in WAIVING):
        raise click.UsageError("options that say what to look at, or to accept, go with --from-scan.")
    from scanner.cli import contracts, waiving

    base = _quoted(waiving.extended(contracts.chosen(options["baseline"], _today()), path))
    text = START.format(name=_quoted(name), base=base, file=printable(path.name), year=_today().year)
    write(path, text.encode(), force)
    outputs.to_stdout(f"{printable(str(path))} is a contract to start from.\n".encode())
    return 0


def _from_scan(console: Console, name: str, path: Path, force: bool, options: Mapping[str, Any]) -> int:
    from scanner.cli import outputs, waiving

    owner, reason = options["owner"] or _user(), options["reason"] or "there before this contract"
    until = waiving.ending(options["until"], _today(options))
    data, count = waiving.from_scan(options, console, name=name, path=path, owner=owner, reason=reason, until=until)
    write(path, data, force)
    what = f"accepts {count} {'finding' if count == 1 else 'findings'} until {until}" if count else "accepts nothing"
    outputs.to_stdout(f"{printable(str(path))} {what}.\n".encode())
    return 0


@command.command("waive")
@click.argument("finding", metavar="FINDING")
@click.option("--owner", metavar="NAME", help="Who answers for it; you.")
@click.option("--reason", required=True, metavar="TEXT", help="Why it is accepted for now.")
@click.option("--until", callback=_day, metavar="DAY", help="The last day on which it counts; in 30 days.")
@looking
@VERBOSE
@click.pass_obj
def waive(console: Console, /, finding: str, reason: str, **options: Any) -> int:
    """Accept FINDING for a time, as it is now: a waiver is written into your contract, or renewed there.

    The contract is the file that --baseline names, or your own in the configuration folder. The waiver says what was
    accepted, so that what comes on top of it counts.
    """
    from scanner.cli import outputs, waiving

    by_a_person(console)
    until = waiving.ending(options["until"], _today(options))
    path, data, title = waiving.waived(
        finding, options, console, owner=options["owner"] or _user(), reason=reason, until=until
    )
    write(path, data, force=True)
    outputs.to_stdout(f"{printable(str(path))} accepts until {until}: {printable(title)}\n".encode())
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
@click.option("--here", is_flag=True, help="The contracts that hold here: the managed one, yours, the repository's.")
@VERBOSE
def show(name: str | None, here: bool) -> int:
    """Print a contract with all that it extends, and where each line comes from; without a name, list the shipped."""
    from scanner.cli import contracts, outputs
    from scanner.contract.written import text_of

    if here and name is not None:
        raise click.UsageError("--here takes no name.")
    if here:
        text = "---\n".join(
            f"# {each.scope}: {printable(each.source)}, {each.digest}\n{text_of(each)}" for each in _here()
        )
    elif name is None:
        from scanner.data.contracts import names

        text = "".join(f"{each}\n" for each in names())
    else:
        text = text_of(contracts.chosen(name, _today()))
    outputs.to_stdout(text.encode())
    return 0


def _here() -> "tuple[Contract, ...]":
    """The contracts that hold for a scan from the current folder, each of which narrows those before it."""
    from scanner.cli import contracts
    from scanner.host.opening import open_machines

    [machine] = open_machines(Looking().opening())
    return (*contracts.in_effect(None, _today()), *contracts.of_repositories(machine, _today()))


def _today(options: Mapping[str, Any] | None = None) -> date:
    """The day of this run, in UTC."""
    told = options["now"] if options is not None else None
    return (told or datetime.now(UTC)).date()


def _quoted(name: str) -> str:
    from scanner.contract.written import quoted

    return quoted(name)


def by_a_person(console: Console) -> None:
    """Refused where an agent started us: it would write the rules that it is judged by."""
    from scanner import config
    from scanner.cli import guard

    agent = guard.unlifted(console.facts, config.load(config.default_path()))
    if agent is not None:
        raise ScannerError(
            f"{agent} is among the programs that started this, and what an agent may reach is a person's to say",
            "run it in a terminal of your own, or set agents_may_read = true in config.toml",
        )


def writable(path: Path, force: bool) -> None:
    """Raises ScannerError for a file that is there and not to be replaced, or no plain file."""
    shown = printable(str(path))
    if os.path.lexists(path):
        if not force:
            raise ScannerError(f"{shown}: is there already", "--force replaces it, -o FILE writes another")
        if not path.is_file():
            raise ScannerError(f"{shown}: is no plain file")
        if not os.access(path, os.W_OK):
            raise ScannerError(f"{shown}: is not to be written")


def write(path: Path, data: bytes, force: bool) -> None:
    """Writes the file; a link of the user's own stays a link, and a mode what it is. Raises ScannerError."""
    from scanner import atomic

    writable(path, force)
    try:
        real = Path(os.path.realpath(path))
        mode = stat.S_IMODE(real.stat().st_mode) if real.exists() else None
        atomic.replace(real, data)
        if mode is not None:
            real.chmod(mode)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise ScannerError(f"{printable(str(path))}: {why or 'cannot be written'}") from None


def _user() -> str:
    from getpass import getuser

    return getuser()
