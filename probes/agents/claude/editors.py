"""The mode in which sessions of the extension for VS Code start: its own settings come first there."""

from collections.abc import Iterator

from msgspec import Struct

from probes.agents.claude.modes import ALIASES, BYPASS, MODES, WEAKEST_FIRST
from probes.agents.claude.reads import EDITORS, EXTENSIONS
from probes.agents.claude.settings import Settings
from probes.agents.claude.sources import Reader
from probes.agents.tree import parse
from scanner.host import Host, TextFile
from scanner.model import Evidence

MODE, DANGER = "claudeCode.initialPermissionMode", "claudeCode.allowDangerouslySkipPermissions"


class Asked(Struct, frozen=True):
    """A mode that an editor's settings ask for."""

    name: str
    rule: str
    evidence: Evidence


def asked_of_editors(host: Host, reader: Reader, settings: Settings) -> Asked | None:
    """The mode that asks least, of those that editors with the extension ask for."""
    if not has_extension(host):
        return None
    banned = settings.sure.word("permissions", "disableBypassPermissionsMode")
    found = (each for each in _asked(host, reader) if each.name != BYPASS or banned is None)
    return min(found, key=lambda each: WEAKEST_FIRST.index(each.name), default=None)


def has_extension(host: Host) -> bool:
    """Whether an editor here has the extension."""
    return next(host.places(EXTENSIONS), None) is not None


def _asked(host: Host, reader: Reader) -> Iterator[Asked]:
    for file in host.read(*EDITORS):
        if not isinstance(file, TextFile):
            reader.gaps.append(file)
            continue
        root = parse(file.text, "json", host.check_time).root
        node = root.get(MODE) if root is not None else None
        if root is None or node is None:
            continue
        name = ALIASES.get(node.text, node.text)
        danger = root.get(DANGER)
        if name in MODES and (name != BYPASS or (danger is not None and danger.flag is True)):
            yield Asked(name, f"{MODE} {name}, in VS Code", Evidence(file.path, node.line, MODE))
