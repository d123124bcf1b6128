"""The scopes that git's settings come from: the system, the user, and the environment."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from msgspec import Struct, field

from probes.git.chains import Reading, Setting, shown_key
from probes.git.config_text import Entry
from probes.git.reads import SYSTEM, USER
from scanner.host import Host, TextFile
from scanner.model import Evidence, Gap, GapKind

COUNT_LIMIT = 200
PARAMETER = re.compile(r"'((?:[^']|'\\'')*)'(?:='((?:[^']|'\\'')*)')?")
KEY = re.compile(r"([A-Za-z][A-Za-z0-9-]*)\.(?:(.*)\.)?([A-Za-z][A-Za-z0-9-]*)", re.DOTALL)


class Scopes(Struct):
    """What holds everywhere: the files, what the environment says over them, and files that another one stands for."""

    files: list[Setting] = field(default_factory=list)
    command: list[Setting] = field(default_factory=list)
    spare: list[Setting] = field(default_factory=list)

    @property
    def every(self) -> list[Setting]:
        """All of them, also what does not count now."""
        return [*self.files, *self.spare, *self.command]


def scopes(host: Host, into: Scopes) -> Iterator[Gap]:
    """Reads the files of system and user, and the variables that carry settings."""
    values = host.variables().values
    for patterns, override in ((SYSTEM, "GIT_CONFIG_SYSTEM"), (USER, "GIT_CONFIG_GLOBAL")):
        first, *others = patterns
        replaced = override in values
        yield from _files(host, (first,), into.files)
        yield from _files(host, tuple(others), into.spare if replaced else into.files)
    for found in _variables(values):
        if isinstance(found, Gap):
            yield found
        else:
            into.command.append(found)


def _files(host: Host, patterns: tuple[str, ...], into: list[Setting]) -> Iterator[Gap]:
    reading = Reading(host)
    for file in host.read(*patterns):
        if isinstance(file, Gap):
            yield file
        elif file.path not in reading.files:
            yield from kept(file, reading, into)


def kept(file: TextFile, reading: Reading, into: list[Setting]) -> Iterator[Gap]:
    """Keeps the settings of a file and lets the gaps pass."""
    for found in reading.settings(file):
        if isinstance(found, Gap):
            yield found
        else:
            into.append(found)


def _variables(values: Mapping[str, str]) -> Iterator[Setting | Gap]:
    """The settings of GIT_CONFIG_PARAMETERS (what `git -c` hands on), then those of GIT_CONFIG_COUNT."""
    name = "GIT_CONFIG_PARAMETERS"
    for match in islice(PARAMETER.finditer(values.get(name, "")), COUNT_LIMIT):
        key, value = (None if part is None else part.replace("'\\''", "'") for part in match.groups())
        if value is None:
            key, _, value = (key or "").partition("=")
        yield from _setting(key or "", value, name)
    count = values.get("GIT_CONFIG_COUNT", "")
    if not count:
        return
    if re.fullmatch("[0-9]{1,9}", count) is None:
        yield Gap(GapKind.FAILED, "GIT_CONFIG_COUNT", "not a number")
        return
    if int(count) > COUNT_LIMIT:
        yield Gap(GapKind.LIMIT, "GIT_CONFIG_COUNT", f"more than {COUNT_LIMIT}; the rest was not judged")
    for number in range(min(int(count), COUNT_LIMIT)):
        key, place = values.get(f"GIT_CONFIG_KEY_{number}"), f"GIT_CONFIG_VALUE_{number}"
        if key is None or place not in values:
            yield Gap(GapKind.FAILED, f"GIT_CONFIG_KEY_{number}", "a key or its value is missing")
            return
        yield from _setting(key, values[place], place)


def _setting(key: str, value: str, variable: str) -> Iterator[Setting]:
    told = KEY.fullmatch(key)
    if told is not None:
        entry = Entry(told[1].lower(), told[2], told[3].lower(), value, 0)
        yield Setting(entry, Evidence(variable=variable, key=shown_key(entry)))
