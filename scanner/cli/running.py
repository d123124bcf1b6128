"""One run of the command line: from arguments to an exit code, whatever happens in between."""

import errno
import os
import sys
from collections.abc import Sequence
from types import TracebackType

import click

from scanner.cli.console import Console, ExitCode, MaskedStream, silence_stdout
from scanner.cli.group import commands
from scanner.cli.guard import Facts
from scanner.errors import ScannerError

OURS = ("scanner", "probes", "reports")
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def run(arguments: Sequence[str], facts: Facts) -> int:
    """Runs one command and says how it ended."""
    console = Console(facts, sys.stderr)
    if sys.stderr is not None:
        sys.stderr = MaskedStream(console)
    try:
        return _invoked(list(arguments), console)
    except click.ClickException as error:
        console.error(error.format_message(), _usage_hint(error))
        return ExitCode.USAGE
    except ScannerError as error:
        console.error(str(error), error.hint)
        return error.code
    except (KeyboardInterrupt, click.Abort):
        console.say("interrupted")
        return ExitCode.INTERRUPTED
    except Exception as error:  # the last line of defence: a defect is said without its message, which may quote input
        return _ended_by(error, console)
    finally:
        console.draw("")
        if sys.stderr is not None:
            sys.stderr.flush()


def _invoked(arguments: list[str], console: Console) -> int:
    if "_ARMSLENGTH_COMPLETE" in os.environ:  # a shell asks what could come next
        commands.main(arguments, prog_name="armslength")
    try:
        with commands.make_context("armslength", arguments, obj=console) as context:
            code = commands.invoke(context)
    except click.exceptions.Exit as stop:
        code = stop.exit_code
    return code if isinstance(code, int) else ExitCode.FINE


def _usage_hint(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{context.command_path if context is not None else 'armslength'} --help"


def _ended_by(error: Exception, console: Console) -> int:
    if isinstance(error, BrokenPipeError):  # the reader has seen enough
        silence_stdout()
        return ExitCode.FINE
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        silence_stdout()
        console.error(f"cannot write: {os.strerror(error.errno)}")
        return ExitCode.USAGE
    places = list(_places(error.__traceback__))
    own = [place for place in places if place.partition(".")[0] in OURS] or places
    console.error(f"a defect of armslength: {type(error).__name__} at {own[-1] if own else 'an unknown place'}")
    if console.verbose:
        for place in places:
            console.say(f"  through {place}")
    return ExitCode.DEFECT


def _places(trace: TracebackType | None) -> list[str]:
    """The modules and lines that an error came through; neither its message nor any value."""
    found = []
    while trace is not None:
        found.append(f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}")
        trace = trace.tb_next
    return found
