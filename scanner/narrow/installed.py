"""What of this machine a command needs to be started: its program, its script, packages that were fetched before."""

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from scanner.errors import ScannerError
from scanner.narrow.bubblewrap import HOME, SYSTEM, Box

SCRIPTS = (".js", ".cjs", ".mjs", ".ts", ".py", ".pyz", ".jar", ".rb", ".php", ".dll")
PROJECT = ("package.json", "pyproject.toml", "node_modules", "deno.json", "go.mod", "Cargo.toml", ".venv")
ENGINES = frozenset({"docker", "podman", "nerdctl", "finch"})
NPX, UVX = frozenset({"npx"}), frozenset({"uvx", "uv"})
VALUED = frozenset({"-p", "--package", "--registry", "--cache", "-c", "--call", "-w", "--workspace", "--prefix"})
UP = 6  # folders above a script that are looked at for its project
ENTRIES = 2_000  # of a cache
UV_FETCHED, UV_UNPACKED = ("wheels-v", "simple-v"), "archive-v"  # the rest of its cache uv writes anew


class Command(Struct, frozen=True):
    """The words of a command, the folder that it is started in, and where programs and caches of its user lie."""

    words: tuple[str, ...]
    folder: Path
    home: Path
    search: str


class Needed(Struct, frozen=True):
    """The command as it is started inside, and what is let in for it."""

    words: list[str]
    box: Box


def needed(command: Command, *, network: bool) -> Needed:
    """Raises ScannerError where the program is not here, or what it would fetch was not fetched before."""
    name = os.path.basename(command.words[0])
    if name in ENGINES:
        raise ScannerError(f"{name} starts a container outside of any sandbox of ours, so this server is not started")
    if name in NPX and not network:
        command = _from_npm(command)
    program = _program(command, command.words[0])
    let_in = [*_of_program(program, command.home), *_of_arguments(command)]
    empty = tuple(_empty(command, let_in))
    placed = tuple(_of_uv(command)) if name in UVX and not network else ()
    more = {"UV_OFFLINE": "1", "UV_LINK_MODE": "symlink"} if name in UVX and not network else {}
    inside = any(_within(command.folder, each) for each in let_in)
    box = Box(
        environment=more,
        readable=tuple(dict.fromkeys(let_in)),
        placed=placed,
        empty=empty,
        paths=(str(program.parent),) if not _is_system(program) else (),
        network=network,
        folder=str(command.folder) if inside else HOME,
    )
    return Needed([str(program), *command.words[1:]], box)


def _program(command: Command, word: str) -> Path:
    """Where a program lies: on the search path, or beside the folder that it is started in."""
    text = os.path.expanduser(word) if word.startswith("~") else word
    if "/" in text:
        path = Path(os.path.normpath(command.folder / text))
        found = str(path) if os.access(path, os.X_OK) and path.is_file() else None
    else:
        found = shutil.which(text, path=command.search)
    if found is None:
        raise ScannerError("the program that starts this server is not on this machine")
    return Path(found)


def _of_program(program: Path, home: Path) -> Iterator[Path]:
    """The folders that a program needs: where it was installed, and where the file that it is a link to was."""
    for each in dict.fromkeys((program, program.resolve())):
        if not _is_system(each):
            folder = each.parent.parent if each.parent.name in {"bin", "Scripts"} else each.parent
            yield each if _is_broad(folder, home) else folder


def _of_arguments(command: Command) -> Iterator[Path]:
    """The projects of scripts, and projects that are named; no other file."""
    for word in command.words[1:]:
        path = _named(command, word)
        if path is None or _is_system(path):
            continue
        if path.is_file() and path.suffix.casefold() in SCRIPTS:
            yield _project(path, command.home)
        elif path.is_dir() and any((path / name).exists() for name in PROJECT) and not _is_broad(path, command.home):
            yield path


def _empty(command: Command, let_in: Sequence[Path]) -> Iterator[str]:
    """The folders among its arguments that are not let in: there, so that it starts, and empty."""
    for word in command.words[1:]:
        path = _named(command, word)
        if path is None or not path.is_dir() or _is_system(path) or path == Path(path.anchor):
            continue
        if not any(_within(path, each) for each in let_in):
            yield str(path)


def _named(command: Command, word: str) -> Path | None:
    """The path that an argument is, None for what is none."""
    text = word.partition("=")[2] if word.startswith("-") and "=" in word else word
    if not text or text.startswith("-") or "\0" in text or len(text) > 4000:
        return None
    path = Path(os.path.normpath(command.folder / os.path.expanduser(text)))
    try:
        return path if path.exists() else None
    except OSError:
        return None


def _project(script: Path, home: Path) -> Path:
    """The folder that a script belongs to; the script alone where that would be too much."""
    parts = script.parts
    if "node_modules" in parts:  # a package finds the others that it needs beside it
        above = Path(*parts[: parts.index("node_modules")])
        return script.parent if _is_broad(above, home) else above
    for folder in list(script.parents)[:UP]:
        if _is_broad(folder, home):
            break
        if any((folder / name).exists() for name in PROJECT):
            return folder
    return script


def _is_broad(folder: Path, home: Path) -> bool:
    """Whether a folder holds more than one program or project: the home, what is above it, or what all share in it."""
    shared = {home, home / ".local", home / ".config", home / ".cache", home / ".ssh", home / ".aws", home / ".kube"}
    return folder in shared or _within(home, folder) or len(folder.parts) < 3


def _within(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents


def _is_system(path: Path) -> bool:
    return any(_within(path, Path(each)) for each in SYSTEM)


# --- what was fetched before


def _from_npm(command: Command) -> Command:
    """The command with which npx would start a package that lies in its cache."""
    package, rest = _package(command.words[1:])
    folder = _kept(package, command.home)
    if folder is None:
        raise ScannerError(
            "the package of this server is not in npm's cache, and the sandbox has no network",
            "let the sandbox fetch it with --network, or run npx once yourself",
        )
    told = _bins(folder)
    bare = package.rpartition("/")[2].partition("@")[0]
    script = told.get(bare) or next(iter(told.values()), None)
    if script is None or not (folder / script).is_file():
        raise ScannerError("the package of this server in npm's cache has no program")
    words = ("node", str(folder / script), *rest)
    return Command(words, command.folder, command.home, command.search)


def _package(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The package among the words of npx, and what follows it. Raises ScannerError where there is none."""
    named, at = "", 0
    while at < len(words):
        word = words[at]
        name, given, value = word.partition("=")
        at += 1
        if name in {"-p", "--package"}:
            named = value if given else words[at] if at < len(words) else ""
        if word == "--" or not word.startswith("-"):
            at -= word != "--"
            break
        at += not given and name in VALUED
    rest = words[at:]
    package = named or (rest[0] if rest else "")
    if not package or package.startswith("."):
        raise ScannerError("npx is told no package")
    return package, rest[1:]


def _kept(package: str, home: Path) -> Path | None:
    """Where npx keeps a package: in a folder named by the digest of its name and version, else in any."""
    named = next((value for name, value in os.environ.items() if name.casefold() == "npm_config_cache"), "")
    cache = Path(named or home / ".npm") / "_npx"
    start = package[:1] + package[1:].partition("@")[0]
    digest = hashlib.sha512(package.encode()).hexdigest()[:16]
    parts = start.split("/")
    if not all(parts) or ".." in parts or len(parts) > 2:
        return None
    kept = sorted(cache.iterdir())[:ENTRIES] if cache.is_dir() else []
    for each in (cache / digest, *kept):
        folder = each.joinpath("node_modules", *parts)
        if (folder / "package.json").is_file():
            return folder
    return None


def _bins(folder: Path) -> dict[str, str]:
    """The programs of a package by name."""

    class Package(Struct):
        name: str = ""
        bin: str | dict[str, str] = ""

    try:
        told = msgspec.json.decode((folder / "package.json").read_bytes()[:1_000_000], type=Package)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return told.bin if isinstance(told.bin, dict) else {folder.name: told.bin} if told.bin else {}


def _of_uv(command: Command) -> Iterator[tuple[Path, str]]:
    """What uv has fetched, in a cache of the sandbox's own: uv writes beside it, and changes nothing of it."""
    cache = Path(os.environ.get("UV_CACHE_DIR") or command.home / ".cache" / "uv")
    for folder in sorted(cache.iterdir()) if cache.is_dir() else ():
        place = f"{HOME}/.cache/uv/{folder.name}"
        if folder.name.startswith(UV_FETCHED):
            yield folder, place
        elif folder.name.startswith(UV_UNPACKED):
            for each in sorted(folder.iterdir())[:ENTRIES]:
                yield each, f"{place}/{each.name}"
