"""The report that `--keep` keeps: sealed with a key from the keychain, and opened for a person only."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from reports import Page
from scanner.cli.console import Console
from scanner.cli.outputs import JSON, Target
from scanner.errors import ScannerError

if TYPE_CHECKING:
    from scanner.host import Machine
    from scanner.model.report import Report

DOCUMENT = Target(JSON, Page())  # what is sealed: the whole document, as a file of that format would hold it
OTHERWISE = "-o FILE writes a report that is not sealed"


def keeper(machines: "Sequence[Machine]", agent: str | None) -> Callable[[bytes], None]:
    """What will keep the document. Raises ScannerError where it could not, before anything is looked at."""
    if [machine.source for machine in machines] != ["live"]:
        raise ScannerError("--keep: only for this user on this machine", OTHERWISE)
    if agent is not None:
        raise ScannerError(
            f"{agent} is among the programs that started this, and --keep is a person's to say",
            "run it in a terminal of your own, or set agents_may_read = true in config.toml",
        )
    from scanner import keys, state

    place = state.folder()
    try:
        state.ready_for_report(place)
        key = keys.key(keys.Purpose.SEALED_REPORT)
    except state.StateError as error:
        raise ScannerError(f"--keep: {error}", error.hint or OTHERWISE) from None
    except keys.KeysError as error:
        raise ScannerError(f"--keep: {error}", f"{error.hint}; {OTHERWISE}") from None

    def keep(document: bytes) -> None:
        from scanner.sealing import seal

        state.keep_report(place, seal(document, key))

    return keep


def kept(console: Console) -> "Report":
    """The report that is kept. Raises ScannerError where there is none, or where it is not for whoever asks."""
    from reports.document import load
    from scanner import state
    from scanner.model.moments import utc

    sealed = state.kept_report(state.folder())
    if sealed is None:
        raise ScannerError("no report is kept", "armslength scan --keep keeps one")
    report = load(unsealed(sealed, console))
    console.say(f"the kept report is of {utc(report.scan.started_at):%Y-%m-%d %H:%M} UTC")
    return report


def unsealed(sealed: bytes, console: Console) -> bytes:
    """The document that was sealed. Refused where an agent started us, since it would have the details."""
    from scanner import config, keys, sealing
    from scanner.cli import guard

    agent = guard.unlifted(console.facts, config.load(config.default_path()))
    if agent is not None:
        raise ScannerError(
            f"{agent} is among the programs that started this, so no sealed report is opened",
            "a person lifts that in a terminal, or by agents_may_read = true in config.toml",
        )
    key = keys.saved_key(keys.Purpose.SEALED_REPORT)
    if key is None:
        raise ScannerError(
            "this report is sealed, and the keychain holds no key for it",
            "it is from another machine, or the key was purged",
        )
    return sealing.opened(sealed, key)
