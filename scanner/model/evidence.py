"""Where to see a thing for yourself."""

from pathlib import PurePath

from msgspec import Struct


class Evidence(Struct, frozen=True):
    """Where to see it for yourself; never a value.

    Exactly one of `path`, `variable` and `process` says the place; `line` (from 1) and `key` narrow it.
    """

    path: PurePath | None = None
    line: int | None = None
    key: str | None = None
    variable: str | None = None
    process: str | None = None
