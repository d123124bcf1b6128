"""AWS's shared files -> profiles and sign-in sessions, each setting with the line that makes it."""

import shlex
from collections.abc import Iterator
from functools import cached_property
from typing import ClassVar

from msgspec import Struct

from probes.aws.reads import CONFIG, CREDENTIALS
from probes.ini import Entry, Section, parse
from scanner.host import Host, TextFile
from scanner.model import Evidence, Gap, GapKind
from scanner.model.value import Value

ID, SECRET = "aws_access_key_id", "aws_secret_access_key"


class Setting(Value, frozen=True):
    """One value of one profile and where it stands."""

    concealed: ClassVar[frozenset[str]] = frozenset({"value"})

    value: str
    file: TextFile
    section: str
    entry: Entry

    @property
    def evidence(self) -> Evidence:
        """The place; the section is part of the key, so that two profiles of one file stay apart."""
        return Evidence(self.file.path, self.entry.line, f"[{self.section}] {self.entry.key}")

    @property
    def word(self) -> str:
        """The value's first word: behind a key some people write a remark."""
        return self.value.split(maxsplit=1)[0]


class Block(Struct, frozen=True):
    """A stretch of one section in which neither half of a key pair stands twice."""

    file: TextFile
    section: Section
    spelled: tuple[tuple[str, str], ...] = ()  # another tool's names for AWS's keys

    @property
    def evidence(self) -> Evidence:
        """The section's header."""
        return Evidence(self.file.path, self.section.line, f"[{self.section.name}]")

    def spelling(self, key: str) -> str:
        """What this file calls one of AWS's keys."""
        return dict(self.spelled).get(key, key)

    def get(self, key: str) -> Setting | None:
        """The setting of that key, None where it is absent or empty."""
        return dict(self.settings()).get(key)

    def settings(self) -> Iterator[tuple[str, Setting]]:
        """What is set, under AWS's names; the later of two of one name counts."""
        ours = {theirs: key for key, theirs in self.spelled}
        for entry in self.section.entries:
            if entry.value:
                key = ours.get(entry.key, entry.key)
                yield key, Setting(entry.value, self.file, self.section.name, entry)


class Settings(Struct, frozen=True, dict=True):
    """Everything the files say of one profile (or another section); the first block that has a key decides."""

    name: str
    label: str
    blocks: tuple[Block, ...]

    @property
    def profile(self) -> str | None:
        """Its name where commands know it as a profile."""
        return self.name if self.label == f"profile {self.name}" else None

    @cached_property
    def _deciding(self) -> dict[str, Setting]:
        return {key: setting for block in reversed(self.blocks) for key, setting in block.settings()}

    def get(self, key: str) -> Setting | None:
        """The deciding setting of that key."""
        return self._deciding.get(key)

    def text(self, key: str) -> str:
        """Its value, empty where there is none."""
        setting = self.get(key)
        return "" if setting is None else setting.value


class Shared(Struct, frozen=True):
    """What one pair of credentials and config file says: profiles and sign-in sessions by name."""

    profiles: dict[str, Settings]
    sessions: dict[str, Settings]


def shared_files(host: Host) -> Iterator[Shared | Gap]:
    """The files that variables name, joined as the SDK joins them, and then the default ones beside them.

    Both are there for whoever unsets a variable, so both are looked at.
    """
    credentials: list[TextFile] = []
    config: list[TextFile] = []
    for patterns, files in ((CREDENTIALS, credentials), (CONFIG, config)):
        for found in read_once(host, *patterns):
            match found:
                case Gap():
                    yield found
                case TextFile():
                    files.append(found)
                    yield from broken(host, found)
    for number in range(max(len(credentials), len(config))):
        yield join(_nth(credentials, number), _nth(config, number))


def read_once(host: Host, *patterns: str) -> Iterator[TextFile | Gap]:
    """What the patterns name, each file and each Gap once however often it is reached."""
    met: set[object] = set()
    for found in host.read(*patterns):
        same = found.path if isinstance(found, TextFile) else (found.place, found.why)
        if same not in met:
            met.add(same)
            yield found


def join(credentials: TextFile | None, config: TextFile | None) -> Shared:
    """The profiles of both files; where both name one, the credentials file wins.

    The config file calls a profile `[profile x]` and the credentials file `[x]`; either form is taken in the latter. A
    section of another kind in the config file is no profile, but a key pair in it is there to be read all the same.
    """
    profiles: dict[str, list[Block]] = {}
    sessions: dict[str, list[Block]] = {}
    others: dict[str, list[Block]] = {}
    if credentials is not None:
        _collect(credentials, {"": profiles, "profile": profiles, "sso-session": sessions})
    if config is not None:
        _collect(config, {"": others, "profile": profiles, "sso-session": sessions})
    return Shared(
        {name: Settings(name, f"profile {name}", tuple(blocks)) for name, blocks in profiles.items()}
        | {f"[{name}]": Settings(name, f"section [{name}]", tuple(blocks)) for name, blocks in others.items()},
        {name: Settings(name, f"sso-session {name}", tuple(blocks)) for name, blocks in sessions.items()},
    )


def named(section: str) -> tuple[str, str]:
    """A section's kind (`profile`, `sso-session`, `services`, or empty) and name; `default` is always a profile."""
    if section == "default":
        return "profile", section
    if len(section.split(maxsplit=1)) < 2:
        return "", section
    try:
        words = shlex.split(section)
    except ValueError:  # a quotation that never ends
        return "", section
    if len(words) == 2 and words[0] in ("profile", "sso-session", "services"):
        return words[0], words[1]
    return "", section


def _collect(file: TextFile, kinds: dict[str, dict[str, list[Block]]]) -> None:
    """Adds the file's blocks behind those that decide over it; within the file the last one decides."""
    found: dict[tuple[str, str], list[Block]] = {}
    for section in parse(file.text).sections:
        found.setdefault(named(section.name), []).extend(_blocks(file, section))
    for (kind, name), blocks in found.items():
        if kind in kinds:
            kinds[kind].setdefault(name, []).extend(reversed(blocks))


def _nth(files: list[TextFile], number: int) -> TextFile | None:
    return files[min(number, len(files) - 1)] if files else None


def broken(host: Host, file: TextFile) -> Iterator[Gap]:
    """A Gap where lines of the file are no INI."""
    lines = parse(file.text).broken
    if lines:
        which = f"line {lines[0]} is" if len(lines) == 1 else f"{len(lines)} lines, the first at {lines[0]}, are"
        why = f"{which} neither section nor setting; the rest was read"
        yield Gap(GapKind.FAILED, host.shown(file.path), why)


def _blocks(file: TextFile, section: Section) -> Iterator[Block]:
    """The section cut where a half of a key pair comes a second time: a second pair whose header was forgotten."""
    run: list[Entry] = []
    halves: set[str] = set()
    for entry in section.entries:
        if entry.key in halves:
            yield Block(file, Section(section.name, section.line, tuple(run)))
            run, halves = [], set()
        if entry.key in (ID, SECRET):
            halves.add(entry.key)
        run.append(entry)
    yield Block(file, Section(section.name, section.line, tuple(run)))
