"""`armslength state`: what we keep on this machine, shown or removed."""

import sys
from typing import TYPE_CHECKING

import click

from scanner.cli.options import VERBOSE
from scanner.errors import ScannerError
from scanner.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scanner.state import KeptFile

OLDEST = 1e10  # seconds; a file's own date can be anything


@click.group("state", context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=False)
def command() -> None:
    """Show or remove what armslength keeps on this machine.

    A fingerprint key, a log without values, marks by which files that were clean are known again, and after scan --keep
    a sealed report, whose key is in the keychain; there too, after check --attest, the key that signs attestations.
    """


@command.command("show")
@VERBOSE
def show() -> int:
    """List every file that is kept, with its mode and size; of a sealed report also its age, and if it opens."""
    from scanner import state
    from scanner.cli import outputs

    place = state.folder()
    kept = list(state.kept(place))
    lines = list(_signing_key())
    lines += [f"{each.mode:04o}  {each.size:>8} bytes  {printable(each.path.name)}{_about(each)}\n" for each in kept]
    shown = printable(str(place))
    outputs.to_stdout((f"{shown}\n" + "".join(lines) if lines else f"nothing is kept in {shown}\n").encode())
    return 0


@command.command("purge")
@click.option("--yes", is_flag=True, help="Remove without asking.")
@VERBOSE
def purge(yes: bool) -> int:
    """Remove every file that is kept, and our keys in the keychain.

    The next scan makes a new fingerprint key, and fingerprints change with it. Copies of a sealed report, as in a
    backup, can never be opened again, and the next attestation is signed with another key.
    """
    from scanner import state
    from scanner.cli import outputs

    place = state.folder()
    kept = list(state.kept(place))
    question = f"Remove {len(kept)} files from {printable(str(place))}, and our keys from the keychain? Type yes: "
    if not yes and (kept or any(_signing_key())) and not _agreed(question):
        raise ScannerError("nothing was removed", "--yes removes without asking")
    removed = state.purge(place)
    names = "".join(f"removed {printable(str(path))}\n" for path in removed)
    outputs.to_stdout((names or f"nothing is kept in {printable(str(place))}\n").encode())
    _forget(was_kept=any(path.name == state.REPORT for path in removed))
    return 0


def _signing_key() -> "Iterator[str]":
    """A line about the key that signs attestations, where the keychain holds one or does not tell."""
    from scanner import keys, signing

    try:
        seed = keys.saved_key(keys.Purpose.ATTESTATION)
    except keys.NoKeychain:
        return
    except keys.KeysError as error:
        yield f"keychain  a key that signs attestations may be there: {error}\n"
        return
    if seed is not None:
        yield f"keychain  the key that signs attestations, {signing.from_seed(seed).keyid}\n"


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


def _forget(*, was_kept: bool) -> None:
    """Removes our keys from the keychain, and says which there were. Raises ScannerError where one must be left."""
    from scanner import keys
    from scanner.cli import outputs

    left: list[keys.KeysError] = []
    named = {keys.Purpose.SEALED_REPORT: "of sealed reports", keys.Purpose.ATTESTATION: "that signs attestations"}
    for purpose, noun in named.items():
        try:
            if keys.forget(purpose):
                outputs.to_stdout(f"removed the key {noun} from the keychain\n".encode())
        except keys.KeysError as error:
            left.append(error)
    for each in left:
        if was_kept or not isinstance(each, keys.NoKeychain):
            raise ScannerError(f"our keys may still be in the keychain: {each}", f"{each.hint}, and purge again")


def _agreed(question: str) -> bool:
    """Whether a person on the terminal says yes."""
    if sys.stdin is None or sys.stderr is None or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline(64).strip() == "yes"
