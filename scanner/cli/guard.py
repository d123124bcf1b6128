"""Tells whether an agent started us; a report is a map, and only a person may hand it to one.

What an agent can evade it will: it may strip its marks or detach from its process. This stops the unasked look.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from scanner.config import Config
    from scanner.host import Machine, Process
    from scanner.host.opening import Opening
    from scanner.model.report import Report

GENERATIONS = 64


class Facts:
    """What was seen of our ancestors before anything was judged: (pid, parent, name, argv) and variable names.

    The ancestors are None where only a library could name them.
    """

    __slots__ = ("ancestors", "variables")

    def __init__(
        self, ancestors: "Sequence[tuple[int, int, str, tuple[str, ...]]] | None" = (), variables: "Iterable[str]" = ()
    ) -> None:
        self.ancestors = ancestors
        self.variables = frozenset(variables)


def collected() -> Facts:
    """The facts about this process; imports nothing."""
    return Facts(list(_from_proc(os.getppid())) if sys.platform == "linux" else None, os.environ)


def agent_above(facts: Facts) -> str | None:
    """The title of the agent that started us, if one did."""
    from scanner.data.agents import agent_marked, agents, marks_of

    for process in _processes(facts):
        marks = marks_of(process)
        if marks is not None and marks.ancestor:
            return marks.title
    marked = agent_marked(facts.variables)
    return next((each.title for each in agents() if each.id == marked and each.ancestor), None)


def guarded(machine: "Machine", opening: "Opening | None") -> bool:
    """Whether any of it is of the user and the machine we run on, by whatever options it was named.

    An image that is kept in this user's home is another machine.
    """
    if machine.source == "live":
        return True
    if opening is None or machine.source != "image":
        return False
    root = os.path.realpath(os.path.expanduser(opening.root) if opening.root is not None else os.sep)
    homes = [os.path.realpath(home) for home in _own_homes()]
    if any(_in(root, home) and not _same(root, home) for home in homes):
        return False
    looked_at = [os.path.realpath(os.path.join(root, *path.parts[1:])) for path in (machine.home, *machine.projects)]
    return any(_in(folder, home) or _in(home, folder) for folder in looked_at for home in homes)


def unlifted(facts: Facts, config: "Config") -> str | None:
    """The title of the agent that started us, unless a person lets it read: now, or by the configuration."""
    if config.agents_may_read:
        return None
    agent = agent_above(facts)
    return None if agent is None or _confirmed(agent) else agent


def withheld(report: "Report", agent: str) -> "Report":
    """The report with its verdicts and counts only; nothing in it says where anything lies."""
    from msgspec.structs import replace

    figures, names = report.figures, _numbered(report)
    return replace(
        report,
        scan=replace(report.scan, probes=()),
        host=replace(report.host, workspace=None, withheld=f"started by {agent}: verdicts and counts only"),
        verdicts=tuple(
            replace(each, principal=names.get(each.principal, ""), exposure=None, credential=None, step=None)
            for each in report.verdicts
        ),
        principals=tuple(replace(each, id=names[each.id], workspace=None, mode="") for each in report.principals),
        figures=replace(
            figures,
            radius={names.get(name, ""): replace(radius, terms=()) for name, radius in figures.radius.items()},
            gates={names.get(name, ""): counts for name, counts in figures.gates.items()},
            undecided=replace(figures.undecided, steps=()),
        ),
        agents=(),
        servers=(),
        credentials=(),
        identities=(),
        assets=(),
        edges=(),
        exposures=(),
        findings=(),
        contract=None,
        waivers=(),
        guardrails=(),
        uses=(),
        advice=(),
        gaps=tuple(replace(gap, probe="", place="", why="withheld") for gap in report.gaps),
        coverage=replace(report.coverage, probes=()),
    )


def _numbered(report: "Report") -> dict[str, str]:
    """A name for each principal without its folder: several of one agent by their number."""
    names: dict[str, str] = {}
    for each in report.principals:
        agent = each.agent or each.id
        several = sum(other.agent == each.agent for other in report.principals if each.agent is not None) > 1
        alike = sum(name.partition("#")[0] == agent for name in names.values())
        names[each.id] = f"{agent}#{alike + 1}" if several else agent
    return names


def _from_proc(pid: int) -> "Iterator[tuple[int, int, str, tuple[str, ...]]]":
    for _ in range(GENERATIONS):
        try:
            with open(f"/proc/{pid}/stat", "rb") as stream:
                status = stream.read(4096)
            with open(f"/proc/{pid}/cmdline", "rb") as stream:
                words = stream.read(65536).split(b"\0")
        except OSError:  # gone, hidden from us, or above the first
            return
        # "pid (name) state parent ...", and a name may hold brackets and blanks itself
        name, _, rest = status.partition(b" (")[2].rpartition(b") ")
        parent = int(rest.split()[1])
        yield pid, parent, os.fsdecode(name), tuple(os.fsdecode(word) for word in words[:-1])
        pid = parent


def _processes(facts: Facts) -> "Iterator[Process]":
    """Our ancestors, each under every name that it bears."""
    from scanner.host import Process

    for pid, parent, name, argv in facts.ancestors if facts.ancestors is not None else _from_psutil():
        own = os.path.basename(argv[0]) if argv else name
        for each in dict.fromkeys((name, own)):  # the kernel cuts a name at 15 bytes; either may have been set
            yield Process(pid, parent, each, argv)


def _from_psutil() -> "Iterator[tuple[int, int, str, tuple[str, ...]]]":
    """Our ancestors on a platform without /proc."""
    import psutil

    try:
        parents = psutil.Process().parents()
    except psutil.Error:
        return
    for parent in parents:
        try:
            yield parent.pid, parent.ppid(), parent.name(), tuple(parent.cmdline())
        except psutil.Error:
            continue


def _own_homes() -> "Iterator[str]":
    """The home that the environment names, and the one that the account has."""
    yield os.path.expanduser("~")
    if os.name == "posix":
        from scanner.host.accounts import home_of

        home = home_of(os.getuid())
        if home is not None:
            yield home


def _in(folder: str, above: str) -> bool:
    """Whether a folder is the other or lies below it, also where one of them is mounted elsewhere."""
    while not _same(folder, above):
        folder, below = os.path.dirname(folder), folder
        if folder == below:
            return False
    return True


def _same(one: str, other: str) -> bool:
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):  # what is not there is no home of ours
        return False


def _confirmed(agent: str) -> bool:
    """Whether a person says yes on the terminal; without one nobody is asked."""
    if sys.stdin is None or sys.stderr is None or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    sys.stderr.write(f"{agent} is among the programs that started this. May it read what it could reach? Type yes: ")
    sys.stderr.flush()
    try:
        with open("/dev/tty" if os.name == "posix" else "CONIN$", "rb", buffering=0) as terminal:
            return terminal.readline(64).strip() == b"yes"
    except OSError:
        return False
