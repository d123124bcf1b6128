"""What stops a run: an error with a line for the user and, where there is one, the mend."""

from pathlib import PurePath


class ScannerError(Exception):
    """Something the user can mend: `hint` says how, and the command line exits with `code`."""

    code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class DataError(ScannerError):
    """A data file that came with the tool, or that a user added, is faulty; names the file and the entry."""


def place_of(error: BaseException) -> str:
    """The kind of an error and the line of code it came from; never its message, which may quote what was read."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" at {PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace is not None else ""
    return type(error).__name__ + place
