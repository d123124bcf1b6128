"""`armslength state`: what we keep on this machine, shown or removed."""

import sys

import click

from scanner.cli.options import VERBOSE
from scanner.errors import ScannerError
from scanner.text import printable


@click.group("state", context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=False)
def command() -> None:
    """Show or remove what armslength keeps on this machine: a fingerprint key, and a log without values."""


@command.command("show")
@VERBOSE
def show() -> int:
    """List every file that is kept, with its size and mode."""
    from scanner import state
    from scanner.cli import outputs

    place = state.folder()
    kept = list(state.kept(place))
    lines = [f"{each.mode:04o}  {each.size:>8} bytes  {printable(each.path.name)}\n" for each in kept]
    shown = printable(str(place))
    outputs.to_stdout((f"{shown}\n" + "".join(lines) if lines else f"nothing is kept in {shown}\n").encode())
    return 0


@command.command("purge")
@click.option("--yes", is_flag=True, help="Remove without asking.")
@VERBOSE
def purge(yes: bool) -> int:
    """Remove every file that is kept; the next scan makes a new key, and fingerprints change with it."""
    from scanner import state
    from scanner.cli import outputs

    place = state.folder()
    kept = list(state.kept(place))
    if kept and not yes and not _agreed(f"Remove {len(kept)} files from {printable(str(place))}? Type yes: "):
        raise ScannerError("nothing was removed", "--yes removes without asking")
    removed = state.purge(place)
    names = "".join(f"removed {printable(str(path))}\n" for path in removed)
    outputs.to_stdout((names or f"nothing is kept in {printable(str(place))}\n").encode())
    return 0


def _agreed(question: str) -> bool:
    """Whether a person on the terminal says yes."""
    if sys.stdin is None or sys.stderr is None or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline(64).strip() == "yes"
