"""Where things lie on each platform: `~`, `$VARIABLE` and absolute patterns turned into paths."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath, PurePosixPath, PureWindowsPath

from scanner.model import Platform
from scanner.text import printable

# Defaults of the XDG base directory specification 0.8, and of the Windows known folders.
XDG_DEFAULTS = {
    "XDG_CONFIG_HOME": "~/.config",
    "XDG_DATA_HOME": "~/.local/share",
    "XDG_STATE_HOME": "~/.local/state",
    "XDG_CACHE_HOME": "~/.cache",
}
WINDOWS_DEFAULTS = {
    "USERPROFILE": "~",
    "APPDATA": "~/AppData/Roaming",
    "LOCALAPPDATA": "~/AppData/Local",
    "PROGRAMDATA": "C:/ProgramData",
}


def pure(platform: Platform, text: str) -> PurePath:
    """The text as a path of that platform's flavour."""
    return PureWindowsPath(text) if platform is Platform.WINDOWS else PurePosixPath(text)


def braces(pattern: str) -> Iterator[str]:
    """`a{b,c}d` as `abd` and `acd`; a pattern without braces as itself."""
    start, opened, rest = pattern.partition("{")
    if not opened:
        yield pattern
        return
    choices, _, tail = rest.partition("}")
    for choice in choices.split(","):
        yield from braces(start + choice + tail)


def expand(
    pattern: str,
    *,
    platform: Platform,
    home: PurePath,
    projects: Sequence[PurePath],
    variables: Mapping[str, str],
    uid: int | None,
) -> list[PurePath]:
    """The paths (perhaps with `*` in them) that a declared pattern stands for, none where it does not apply here.

    `~/` is the home, `./` each of the projects, of which the first is the workspace, `$NAME` a variable or its
    documented default; a variable that holds a list (KUBECONFIG) gives one path an element.
    """
    paths: list[PurePath] = []
    for each in braces(pattern):
        for text in bases(each, platform, variables, uid):
            for path in _rooted(text, platform, home, projects):
                if path not in paths:
                    paths.append(path)
    return paths


def bases(pattern: str, platform: Platform, variables: Mapping[str, str], uid: int | None) -> Iterator[str]:
    """The pattern with its variable replaced: one text, one an element of a list, or none where it is not set."""
    if not pattern.startswith("$"):
        yield pattern
        return
    name, slash, rest = pattern[1:].partition("/")
    value = variables.get(name) or _default(name, platform, uid)
    if not value:
        return
    separator = ";" if platform is Platform.WINDOWS else ":"
    for element in value.split(separator) if not slash else [value]:
        if element:
            yield element + slash + rest


def _default(name: str, platform: Platform, uid: int | None) -> str | None:
    if name == "XDG_RUNTIME_DIR":
        return f"/run/user/{uid}" if platform is Platform.LINUX and uid is not None else None
    if platform is Platform.WINDOWS and name in WINDOWS_DEFAULTS:
        return WINDOWS_DEFAULTS[name]
    return XDG_DEFAULTS.get(name)


def _rooted(text: str, platform: Platform, home: PurePath, projects: Sequence[PurePath]) -> list[PurePath]:
    if text == "~" or text.startswith(("~/", "~\\")):
        return [home / text[2:] if len(text) > 2 else home]
    if text.startswith("./"):
        return [project / text[2:] for project in projects]
    if text.startswith("//./") and platform is not Platform.WINDOWS:
        return []  # a named pipe of Windows
    path = pure(platform, text)
    if path.is_absolute():
        return [path]
    if platform is Platform.WINDOWS or text.startswith(("/", "C:")):
        return []  # an absolute path of the other flavour does not apply here
    return [project / text for project in projects[:1]]


def within(path: PurePath, folder: PurePath) -> bool:
    """Whether the path lies in the folder or is it."""
    return path == folder or folder in path.parents


def shown(path: PurePath, home: PurePath) -> str:
    """The path as a reader writes it: `~/...` below the home, with forward slashes there."""
    if path == home:
        return "~"
    return printable("~/" + path.relative_to(home).as_posix() if within(path, home) else str(path))
