"""The workspace as Codex sees it: its project's root, whether it is trusted, and the settings that a project brings."""

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from msgspec import Struct

from probes.agents.above import above
from probes.agents.codex.layers import Found, Layer, Read, Settings, layers_of
from probes.agents.codex.look import FOLDER, PROJECT_FILE
from probes.agents.codex.places import main_repository
from scanner.host import Host, Place, TextFile
from scanner.host.paths import within
from scanner.model import Gap, GapKind

BARRED = frozenset(
    {
        *("openai_base_url", "chatgpt_base_url", "model_provider", "model_providers", "notify", "profile", "profiles"),
        *("otel", "apps_mcp_product_sku", "projects"),
    }
)
TRUSTED, UNTRUSTED = "trusted", "untrusted"


class Project(Struct, frozen=True):
    """`folders` are the workspace and those above it up to the project's root, nearest first.

    `main` is the repository that a worktree belongs to, `versioned` whether the project is under version control.
    """

    folders: tuple[PurePath, ...] = ()
    main: PurePath | None = None
    versioned: bool = False


def project(host: Host) -> Project:
    """The project that the workspace lies in."""
    if host.workspace is None:
        return Project()
    folders = (host.workspace, *above(host))
    mark = host.place_named(PROJECT_FILE, folders[-1] / ".git")
    return Project(folders, main_repository(host, folders[-1]), mark is not None)


def trust(settings: Settings, folder: PurePath, inside: Project) -> Found | None:
    """The word on a folder: its own, else its project's root's, else that of the repository behind a worktree."""
    places = dict.fromkeys((folder, inside.folders[-1], *([inside.main] if inside.main is not None else [])))
    names = {type(folder)(name): name for name in settings.names("projects")}
    for place in places:
        if place in names:
            found = settings.word((TRUSTED, UNTRUSTED), "projects", names[place], "trust_level")
            if found is not None:
                return found
    return None


def trusts_itself(settings: Settings, inside: Project) -> bool:
    """Whether the IDE extension and the app put the folder on record as trusted by themselves, and ask nobody.

    So 0.169 does it where nothing is on record and the user's own settings name a sandbox that may write.
    """
    if not inside.folders or trust(settings, inside.folders[0], inside) is not None:
        return False
    mode, profile = settings.find("sandbox_mode"), settings.find("default_permissions")
    named = profile is not None and profile.node.text not in {"", ":read-only"}
    return named or (mode is not None and mode.node.text in {"workspace-write", "danger-full-access"})


def brought(host: Host, folders: Iterable[PurePath]) -> Read:
    """What a project sets in these folders, nearest first; nothing of an untrusted one is even read."""
    layers: list[Layer] = []
    gaps: list[Gap] = []
    for folder in folders:
        read = layers_of(host, project_file(host, folder, ".codex/config.toml"), "project", BARRED)
        layers.extend(read.layers)
        gaps.extend(read.gaps)
    return Read(tuple(layers), tuple(gaps))


def trusted_folders(host: Host, settings: Settings, inside: Project) -> list[PurePath]:
    """The folders whose `.codex` counts, nearest first."""
    found = []
    for folder in strangers(host, inside):
        word = trust(settings, folder, inside)
        if word is not None and word.node.text == TRUSTED:
            found.append(folder)
    return found


def strangers(host: Host, inside: Project) -> list[PurePath]:
    """The project's folders, but for one whose `.codex` is the user's own."""
    own = {place.path for place in host.places(*FOLDER) if isinstance(place, Place)}
    return [folder for folder in inside.folders if folder / ".codex" not in own]


def project_file(host: Host, folder: PurePath, name: str) -> Iterator[TextFile | Gap]:
    """A file of a project; it may not lead out of it."""
    path = folder / name
    place = host.place_named(PROJECT_FILE, path)
    if isinstance(place, Place) and place.link_target is not None and not within(place.link_target, folder):
        yield Gap(GapKind.REFUSED, host.shown(path), "a link out of the project")
    elif place is not None:
        yield from host.read_named(PROJECT_FILE, path)
