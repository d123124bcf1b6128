"""What stops a run: an error with a line for the user and, where there is one, the mend."""


class ScannerError(Exception):
    """Something the user can mend: `hint` says how, and the command line exits with `code`."""

    code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class DataError(ScannerError):
    """A data file that came with the tool, or that a user added, is faulty; names the file and the entry."""
