"""`armslength state`: what we keep on this machine, shown or removed."""

import sys
from typing import TYPE_CHECKING

import click

from scanner.cli.options import VERBOSE
from scanner.errors import ScannerError
from scanner.text import printable

if TYPE_CHECKING:
    from scanner.state import KeptFile

OLDEST = 1e10  # seconds; a file's own date can be anything


@click.group("state", context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=False)
def command() -> None:
    """Show or remove what armslength keeps on this machine.

    A fingerprint key, a log without values, and after scan --keep a sealed report, whose key is in the keychain.
    """


@command.command("show")
@VERBOSE
def show() -> int:
    """List every file that is kept, with its mode and size; of a sealed report also its age, and if it opens."""
    from scanner import state
    from scanner.cli import outputs

    place = state.folder()
    kept = list(state.kept(place))
    lines = [f"{each.mode:04o}  {each.size:>8} bytes  {printable(each.path.name)}{_about(each)}\n" for each in kept]
    shown = printable(str(place))
    outputs.to_stdout((f"{shown}\n" + "".join(lines) if lines else f"nothing is kept in {shown}\n").encode())
    return 0


@command.command("purge")
@click.option("--yes", is_flag=True, help="Remove without asking.")
@VERBOSE
def purge(yes: bool) -> int:
    """Remove every file that is kept, and the key of a sealed report.

    The next scan makes a new fingerprint key, and fingerprints change with it. Copies of a sealed report, as in a
    backup, can never be opened again.
    """
    from scanner import state
    from scanner.cli import outputs

    place = state.folder()
    kept = list(state.kept(place))
    if kept and not yes and not _agreed(f"Remove {len(kept)} files from {printable(str(place))}? Type yes: "):
        raise ScannerError("nothing was removed", "--yes removes without asking")
    removed = state.purge(place)
    names = "".join(f"removed {printable(str(path))}\n" for path in removed)
    outputs.to_stdout((names or f"nothing is kept in {printable(str(place))}\n").encode())
    if _forgotten(was_kept=any(path.name == state.REPORT for path in removed)):
        outputs.to_stdout(b"removed the key of sealed reports from the keychain\n")
    return 0


def _about(file: "KeptFile") -> str:
    """What there is to say of a sealed report: its age, and whether the keychain holds its key."""
    from datetime import timedelta
    from time import time

    from reports.words import span
    from scanner import keys, sealing, state

    if file.path.name != state.REPORT:
        return ""
    age = span(timedelta(seconds=min(max(time() - file.written, 0), OLDEST)))
    try:
        key = keys.saved_key(keys.Purpose.SEALED_REPORT)
        sealed = state.kept_report(file.path.parent) or b""
    except ScannerError as error:
        return f"  {age} old; cannot be opened now: {error}"
    if key is None:
        return f"  {age} old; the keychain holds no key for it"
    return f"  {age} old; its key is {'' if sealing.fits(sealed, key) else 'not '}in the keychain"


def _forgotten(was_kept: bool) -> bool:
    """Removes the key of sealed reports, and says whether there was one. Raises ScannerError where one must be left."""
    from scanner import keys

    try:
        return keys.forget(keys.Purpose.SEALED_REPORT)
    except keys.KeysError as error:
        if was_kept or not isinstance(error, keys.NoKeychain):
            raise ScannerError(
                f"the key of sealed reports may still be in the keychain: {error}", f"{error.hint}, and purge again"
            ) from None
        return False


def _agreed(question: str) -> bool:
    """Whether a person on the terminal says yes."""
    if sys.stdin is None or sys.stderr is None or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline(64).strip() == "yes"
