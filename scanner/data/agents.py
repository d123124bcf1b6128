"""How a running agent, or a command that one started, is recognised: `agent_marks.toml`."""

from collections.abc import Iterable
from functools import cache

from msgspec import Struct

from scanner.data import files
from scanner.errors import DataError
from scanner.host import Process

INTERPRETERS = frozenset({"node", "nodejs", "bun", "deno", "MainThread"})  # node names its thread, not its script
PYTHONS = frozenset({"python", "pythonw"})  # with or without a version
TAKES_VALUE = frozenset({"-r", "--require", "--import", "--loader", "--experimental-loader", "-X", "-W"})
ARGUMENTS = 16  # a script stands among the first ones


class AgentMarks(Struct, frozen=True):
    """The marks of one agent, or of one of its programs.

    `processes` are program names without `.exe`, `argv_ends` the end of a script that an interpreter runs, `variables`
    what its commands inherit. `ancestor` is false for an editor, desktop app or terminal that people type in too:
    being started below it does not mean that an agent did.
    """

    id: str
    title: str
    processes: frozenset[str]
    argv_ends: tuple[str, ...]
    variables: tuple[str, ...]
    ancestor: bool


@cache
def agents() -> tuple[AgentMarks, ...]:
    """All marks, in the order in which they are tried. Raises DataError where a row is not whole."""
    try:
        return tuple(
            AgentMarks(
                id=str(row["id"]),
                title=str(row["title"]),
                processes=frozenset(row["processes"]),
                argv_ends=tuple(row["argv_ends"]),
                variables=tuple(row["variables"]),
                ancestor=bool(row["ancestor"]),
            )
            for row in files.table("agent_marks.toml")["agent"]
        )
    except (KeyError, TypeError) as error:
        raise DataError(f"agent_marks.toml: {error}") from error


def agent_of(process: Process) -> str | None:
    """The id of the agent that the process is, if it is one."""
    marks = marks_of(process)
    return marks.id if marks is not None else None


def marks_of(process: Process) -> AgentMarks | None:
    """The marks that the process bears: by its own name, or by the script that its interpreter runs."""
    name = process.name.removesuffix(".exe").removesuffix(".EXE")
    named = _by_name().get(name)
    if named is not None or not _interprets(name):
        return named
    # One that bears its own program's name stands before its arguments: "copilot -i go" runs no script "go".
    for program in ("/" + _program(process.argv), "/" + _script(process.argv)):
        for marks in agents():
            if program.endswith(tuple("/" + end for end in marks.argv_ends)):
                return marks
    return None


def _interprets(name: str) -> bool:
    return name in INTERPRETERS or name.rstrip("0123456789.") in PYTHONS


def agent_marked(variables: Iterable[str]) -> str | None:
    """The id of the agent whose mark is among the names of a command's variables."""
    names = frozenset(variables)
    return next((marks.id for marks in agents() if not names.isdisjoint(marks.variables)), None)


@cache
def _by_name() -> dict[str, AgentMarks]:
    """The first marks that bear each process name."""
    return {name: marks for marks in reversed(agents()) for name in marks.processes}


def _program(argv: tuple[str, ...]) -> str:
    return argv[0].replace("\\", "/").removesuffix(".exe") if argv else ""


def _script(argv: tuple[str, ...]) -> str:
    """The script an interpreter was given, with forward slashes."""
    before = ""
    for argument in argv[1:ARGUMENTS]:
        if not argument.startswith("-") and before not in TAKES_VALUE:
            return argument.replace("\\", "/")
        before = argument
    return ""
