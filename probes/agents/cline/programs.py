"""Programs that Cline runs by itself: hooks, by their names, and plugins. A repository may bring both, unasked."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from probes.agents.basis import from_repository
from probes.agents.installed import Installed
from probes.agents.layers import PROJECT, USER
from scanner.host import FileKind, Host, Place
from scanner.host.paths import within
from scanner.model import Evidence, SettingSeen, Weakness

EVENTS = frozenset(
    {
        *("taskstart", "taskresume", "taskcancel", "taskcomplete", "taskerror", "pretooluse", "posttooluse"),
        *("userpromptsubmit", "precompact", "sessionshutdown", "notification"),
    }
)
SCRIPTS = frozenset({"", "sh", "bash", "zsh", "js", "mjs", "cjs", "ts", "mts", "cts", "py", "ps1"})
MODULES = (".js", ".ts")
MANY = 50
FIX = "Look at a project's .clinerules/hooks, .cline/hooks and .cline/plugins before you start Cline in it."


class Program(Struct, frozen=True):
    """A file that is run, what it is called in a report, and whether the project brings it."""

    key: str
    what: str
    place: Place
    brought: bool

    def seen(self, agent: str) -> SettingSeen:
        """It as a setting."""
        return SettingSeen(agent, self.key, self.what, PROJECT if self.brought else USER, Evidence(self.place.path))


def programs(host: Host, each: Installed) -> Iterator[Program]:
    """Those of the user, and those of the workspace."""
    for key, what in (("hooks", "a hook, which it runs"), ("plugins", "a plugin, which it runs")):
        places = [found for found in host.places(*each.row.files[key]) if isinstance(found, Place)]
        runs = [found for found in places if (_is_hook(found.path.name) if key == "hooks" else _is_plugin(found))]
        for place in runs[:MANY]:
            brought = host.workspace is not None and within(place.path, host.workspace)
            if brought or not any(within(place.path, project) for project in host.machine.projects):
                yield Program(key, what, place, brought)


def given(title: str, found: Iterable[Program]) -> Iterator[Weakness]:
    """What a project has it run, told once."""
    program = next((each for each in found if each.brought), None)
    if program is not None:
        what = f"Its {program.key} are programs that run by themselves, as you"
        yield from_repository(title, Evidence(program.place.path), what, FIX)


def _is_hook(name: str) -> bool:
    event, _, ending = name.casefold().partition(".")
    return event in EVENTS and ending in SCRIPTS


def _is_plugin(place: Place) -> bool:
    """A module, or the folder of one."""
    return place.kind is FileKind.FOLDER or place.path.name.endswith(MODULES)
