"""What a command starts: its program, the package that it fetches, and whether that one's version is fixed."""

import re
from collections.abc import Callable
from typing import ClassVar

from msgspec import Struct

from probes.agents.mcp.hiding import HIDDEN, shown
from probes.agents.mcp.words import ASSIGNED, Arguments, Named, Word, arguments, commands, is_joint, split
from scanner.data.families import holds_token
from scanner.model.value import Value

WRAPPED = 6  # commands within commands that are followed
ENDINGS = (".exe", ".cmd", ".bat", ".ps1", ".com")
PACKAGE = re.compile(r"[A-Za-z0-9@~.][A-Za-z0-9@._~+/:#\[\]=<>^*!,-]{0,200}")
MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,100}")
LOCAL = re.compile(r"\.{1,2}(?:[/\\].*)?|[~/\\*].*|[A-Za-z]:[\\/].*|(?:file|link|portal|workspace):.*", re.DOTALL)
EXACT = re.compile(r"v?[0-9]+\.[0-9]+(?:\.[0-9]+)*(?:[-+.]?[A-Za-z0-9][A-Za-z0-9.+-]*)?")
FULL = re.compile(r"v?[0-9]+\.[0-9]+\.[0-9]+(?:[-+][A-Za-z0-9.+-]+)?")
COMMIT = re.compile(r"[0-9a-f]{40}")
REMOTE = re.compile(r"(?:git\+|git:|git@|github:|gitlab:|bitbucket:|gist:|https?:|ssh:)")


class Fetched(Struct, frozen=True):
    """A package, and whether its version is fixed: None where it lies on this machine."""

    package: str
    pinned: bool | None


class Launch(Value, frozen=True):
    """What a command starts. `text` is its structure: program, subcommand, package; never an argument."""

    concealed: ClassVar[frozenset[str]] = frozenset({"told"})

    text: str
    fetched: Fetched | None
    told: Arguments


class Runner(Struct, frozen=True):
    """A program that fetches what it runs: its subcommands, its options with a value, how it names a version."""

    subcommands: tuple[tuple[str, ...], ...]
    valued: frozenset[str]
    read: Callable[[str], Fetched]
    names: frozenset[str] = frozenset()  # options that name the package
    container: bool = False


def launch(words: list[Word]) -> Launch:
    """What the words of a command start; wrappers around it are looked through."""
    before: list[str] = []
    inherited = Arguments()
    words = _whole(words)
    for _ in range(WRAPPED):
        inner = _unwrapped(words, before, inherited)
        if inner is None:
            break
        words = inner
    if not words:
        return Launch(" ".join(before), None, inherited)
    program = program_of(words[0].text)
    text, fetched, told = _run(program, words)
    merged = Arguments(
        inherited.named + told.named,
        inherited.roots + told.roots,
        inherited.addresses + told.addresses,
        inherited.variables + told.variables,
    )
    return Launch(" ".join([*before, text]), fetched, merged)


def program_of(text: str) -> str:
    """The name of a program without its folder and ending, a star where it could be a secret."""
    name = re.split(r"[/\\]", text.strip())[-1]
    ending = next((each for each in ENDINGS if name.casefold().endswith(each)), "")
    return shown(name.removesuffix(name[len(name) - len(ending) :]) if ending else name)


def _whole(words: list[Word]) -> list[Word]:
    """The words, the first one split where it holds a whole command; a path may have blanks in it."""
    if not words or not re.search(r"\s", words[0].text.strip()):
        return words
    parts = split(words[0])
    known = parts and (program_of(parts[0].text).casefold() in {*RUNNERS, *SHELLS, *PLAIN, "env", "cmd", "node", "uv"})
    is_path = words[0].text.startswith(("/", "~", "\\")) or words[0].text[1:3] in {":\\", ":/"}
    flags = any(part.text.startswith("-") for part in parts[1:])
    return [*parts, *words[1:]] if known or flags or not is_path else words


# --- wrappers

SHELLS = frozenset({"sh", "bash", "zsh", "dash", "fish", "ksh", "powershell", "pwsh"})
PLAIN = frozenset({"sudo", "nohup", "time", "exec", "command", "nice", "doas", "wsl", "caffeinate", "stdbuf"})
INJECTORS = frozenset(
    {
        *("op", "doppler", "dotenvx", "dotenv", "aws-vault", "mise", "direnv", "infisical", "chamber", "varlock"),
        *("devbox", "nix", "nix-shell", "flox", "asdf", "conda", "micromamba", "poetry", "pipenv", "rtx", "teller"),
    }
)


def _unwrapped(words: list[Word], before: list[str], told: Arguments) -> list[Word] | None:
    """The command inside a wrapper, None where there is none."""
    if not words:
        return None
    if ASSIGNED.fullmatch(words[0].text):
        return _assigned(words, told)
    program = program_of(words[0].text).casefold()
    if program == "cmd" and len(words) > 1:
        at = next((n for n, word in enumerate(words) if n and not word.text.startswith("/")), len(words))
        before.append("cmd /c")
        return _last(commands(words[at]) if len(words) == at + 1 else _whole(words[at:]), told)
    if program in SHELLS:
        return _shell(program, words, before, told)
    if program == "env":
        return _environment(words, before, told)
    if program in PLAIN:
        before.append(program)
        at = next((n for n, word in enumerate(words) if n and not word.text.startswith("-")), len(words))
        return words[at:]
    if program in INJECTORS:
        at = next((n for n, word in enumerate(words) if word.text == "--"), -1)
        if at > 0:
            before.append(program)
            _add(told, arguments(words[1:at]))
            return words[at + 1 :]
    return None


def _shell(program: str, words: list[Word], before: list[str], told: Arguments) -> list[Word] | None:
    for place, word in enumerate(words[1:6], start=1):
        if re.fullmatch(r"-[a-z]*c|-(?:Command|command)", word.text) and place + 1 < len(words):
            before.append(f"{program} -c")
            return [*_last(commands(words[place + 1]), told), *words[place + 2 :]]
    return None


def _last(words: list[Word], told: Arguments) -> list[Word]:
    """The last of several commands, which is the server; those before it set variables for it."""
    while words and is_joint(words[-1]):
        words = words[:-1]
    start = max((place for place, word in enumerate(words) if is_joint(word)), default=-1) + 1
    for word in words[:start]:
        assigned = ASSIGNED.fullmatch(word.text.removeprefix("$env:"))
        if assigned:
            told.named.append(Named(assigned["name"], assigned["value"], word.key, word.line))
            told.variables.append(assigned["name"])
    return words[start:]


def _environment(words: list[Word], before: list[str], told: Arguments) -> list[Word]:
    before.append("env")
    return _assigned(words[1:], told)


def _assigned(words: list[Word], told: Arguments) -> list[Word]:
    """The command behind the variables that are set for it."""
    for place, word in enumerate(words):
        assigned = ASSIGNED.fullmatch(word.text)
        if assigned:
            told.named.append(Named(assigned["name"], assigned["value"], word.key, word.line))
            told.variables.append(assigned["name"])
        elif not word.text.startswith("-"):
            return words[place:]
    return []


def _add(told: Arguments, more: Arguments) -> None:
    told.named.extend(more.named)
    told.roots.extend(more.roots)
    told.addresses.extend(more.addresses)


# --- what is run


def _run(program: str, words: list[Word]) -> tuple[str, Fetched | None, Arguments]:
    runner = RUNNERS.get(program.casefold())
    if runner is not None:
        rest = words[1:]
        for subcommand in runner.subcommands:
            if tuple(word.text for word in rest[: len(subcommand)]) == subcommand:
                return _fetching(" ".join([program, *subcommand]), runner, rest[len(subcommand) :])
    return _plain(program, words[1:])


def _fetching(text: str, runner: Runner, words: list[Word]) -> tuple[str, Fetched | None, Arguments]:
    """What a runner runs: the package that an option names, else the first word that is no option."""
    packages: list[str] = []
    place = 0
    while place < len(words):
        word = words[place].text
        name, given, value = word.partition("=")
        if not word.startswith("-") or word == "-":
            break
        place += 1
        if word == "--":
            break
        if name in runner.names and (given or place < len(words)):
            packages.append(value if given else words[place].text)
        if not given and name in runner.valued:
            place += 1
    if not packages and place < len(words):
        packages.append(words[place].text)
        inner = arguments(words[:place], container=runner.container)
        told = arguments(words[place + _is_name(packages[0]) :])
    else:
        inner, told = arguments(words[:place], container=runner.container), arguments(words[place:])
    _add(inner, told)
    inner.variables.extend(told.variables)
    inner.named = [each for each in inner.named if each.value not in packages or not _is_name(each.value)]
    if not packages:
        return text, None, inner
    package, fetched = packages[0], runner.read(packages[0])
    floats = any(runner.read(each).pinned is False for each in packages)
    safe = shown(fetched.package, limit=200) if PACKAGE.fullmatch(fetched.package) else HIDDEN
    if fetched.pinned is None:
        return f"{text} {safe if MODULE.fullmatch(safe) else _base(package)}", None, inner
    return f"{text} {safe}", Fetched(safe, not floats), inner


def _is_name(package: str) -> bool:
    """Whether a package is no more than a name: an address may hold a login, and a token may stand for a version."""
    return "://" not in package and not holds_token(package)


def _plain(program: str, words: list[Word]) -> tuple[str, Fetched | None, Arguments]:
    """A program that fetches nothing; of an interpreter also the script or module."""
    told = arguments(words)
    if INTERPRETER.fullmatch(program.casefold()) is None:
        return program, None, told
    for place, word in enumerate(words[:8]):
        if word.text == "-m" and place + 1 < len(words):
            module = words[place + 1].text
            return f"{program} -m {shown(module) if MODULE.fullmatch(module) else HIDDEN}", None, told
        if SCRIPT.fullmatch(word.text):
            told.roots = [root for root in told.roots if root.text != word.text]
            return f"{program} {_base(word.text)}", None, told
    return program, None, told


INTERPRETER = re.compile(
    r"(?:node|nodejs|bun|deno|tsx|ts-node|python[0-9.]*|pythonw|py|java|ruby|php|uv|dotnet|go|npm|pnpm|yarn)"
)
SCRIPT = re.compile(r"[^-\s][^\n]{0,300}\.(?:[cm]?[jt]sx?|py|pyz|jar|rb|php|dll|go)")


def _base(text: str) -> str:
    name = re.split(r"[/\\]", text)[-1]
    return shown(name) if re.fullmatch(r"[\w.@+ -]{1,100}", name) else HIDDEN


# --- how each names a version


def _node(text: str) -> Fetched:
    """`name@1.2.3`; a tag, a range or nothing is taken anew each time."""
    if LOCAL.fullmatch(text):
        return Fetched(text, None)
    if REMOTE.match(text) or (text.count("/") == 1 and not text.startswith("@")):
        return _remote(text)
    _, at, version = text[1:].partition("@")
    return Fetched(text, bool(at) and FULL.fullmatch(version) is not None)


def _remote(text: str) -> Fetched:
    """A repository or an archive: only a whole commit is fixed."""
    place, _, mark = text.partition("#")
    bare = re.sub(r"//[^/@]*@", "//", place).partition("?")[0]
    tail = bare.rpartition("@")[2]
    fixed = COMMIT.fullmatch(mark) is not None or COMMIT.fullmatch(tail) is not None
    return Fetched(bare, fixed)


def _python(text: str) -> Fetched:
    """`name==1.2.3` or `name@1.2.3`."""
    if LOCAL.fullmatch(text) or text.endswith((".py", ".whl")):
        return Fetched(text, None)
    _, at, rest = text.partition("@")
    if REMOTE.match(text) or (at and REMOTE.match(rest.strip())):
        return _remote(rest.strip() if at and not REMOTE.match(text) else text)
    if at:
        return Fetched(text, EXACT.fullmatch(rest.strip()) is not None)
    _, equals, version = text.partition("==")
    return Fetched(text, bool(equals) and EXACT.fullmatch(version.strip("= ")) is not None)


def _image(text: str) -> Fetched:
    """A digest, or a whole version as its tag."""
    if "@sha256:" in text:
        return Fetched(text, True)
    tag = text.rpartition("/")[2].partition(":")[2]
    return Fetched(text, FULL.fullmatch(tag) is not None)


def _deno(text: str) -> Fetched:
    """`npm:name@1.2.3`, `jsr:@scope/name@1.2.3` or an address with a version in it."""
    if text.startswith(("npm:", "jsr:")):
        inner = _node(text[4:])
        return Fetched(text, inner.pinned)
    if text.startswith(("http://", "https://")):
        bare = re.sub(r"//[^/@]*@", "//", text).partition("?")[0].partition("#")[0]
        return Fetched(bare, re.search(r"@v?[0-9]+\.[0-9]+\.[0-9]+(?:[/-]|$)", bare) is not None)
    return Fetched(text, None)


def _go(text: str) -> Fetched:
    if LOCAL.fullmatch(text) or text.endswith(".go"):
        return Fetched(text, None)
    return Fetched(text, FULL.fullmatch(text.partition("@")[2]) is not None)


def _dotnet(text: str) -> Fetched:
    return Fetched(text, FULL.fullmatch(text.partition("@")[2]) is not None)


NODE_VALUED = frozenset(
    {"-p", "--package", "--registry", "--cache", "-c", "--call", "-w", "--workspace", "--prefix", "-C", "--dir"}
)
NODE_NAMES = frozenset({"-p", "--package"})
PYTHON_VALUED = frozenset(
    {
        *("--from", "--with", "--python", "-p", "--index-url", "-i", "--extra-index-url", "--index", "--default-index"),
        *("--with-requirements", "--with-editable", "--refresh-package", "--directory", "--project", "--env-file"),
        *("--spec", "--pip-args", "--cache-dir", "--constraints", "-c", "--overrides", "--exclude-newer", "-P"),
    }
)
PYTHON_NAMES = frozenset({"--from", "--spec"})
IMAGE_SWITCHES = frozenset({"-i", "-t", "-it", "-ti", "-d", "-P", "--rm", "--init", "--privileged", "--read-only"})
IMAGE_VALUED = frozenset(
    {
        *("-e", "--env", "-v", "--volume", "--mount", "--name", "-p", "--publish", "--network", "--net", "-w"),
        *("--workdir", "-u", "--user", "--env-file", "--entrypoint", "--add-host", "--platform", "-l", "--label", "-m"),
        *("--memory", "--cpus", "-h", "--hostname", "--pull", "--restart", "--gpus", "--device", "--cap-add"),
        *("--cap-drop", "--security-opt", "--ulimit", "--log-driver", "--log-opt", "--dns", "--link", "--ipc", "--pid"),
        *("--tmpfs", "--volumes-from", "--expose", "--shm-size", "--stop-signal", "--userns", "--uts", "--cidfile"),
        *("-a", "--attach", "--annotation", "--runtime", "--group-add", "--memory-swap", "--pids-limit", "--sysctl"),
    }
)
NODE = Runner(((),), NODE_VALUED, _node, NODE_NAMES)
IMAGE = Runner((("run",), ("container", "run")), IMAGE_VALUED, _image, container=True)
RUNNERS = {
    "npx": NODE,
    "bunx": NODE,
    "pnpx": NODE,
    "npm": Runner((("exec",), ("x",)), NODE_VALUED, _node, NODE_NAMES),
    "pnpm": Runner((("dlx",),), NODE_VALUED, _node, NODE_NAMES),
    "yarn": Runner((("dlx",),), NODE_VALUED, _node, NODE_NAMES),
    "bun": Runner((("x",),), NODE_VALUED, _node, NODE_NAMES),
    "uvx": Runner(((),), PYTHON_VALUED, _python, PYTHON_NAMES),
    "uv": Runner((("tool", "run"),), PYTHON_VALUED, _python, PYTHON_NAMES),
    "pipx": Runner((("run",),), PYTHON_VALUED, _python, PYTHON_NAMES),
    "docker": IMAGE,
    "podman": IMAGE,
    "nerdctl": IMAGE,
    "deno": Runner((("run",),), frozenset({"--config", "-c", "--import-map", "--env-file"}), _deno),
    "go": Runner((("run",),), frozenset({"-C", "-tags"}), _go),
    "dnx": Runner(((),), frozenset({"--version", "--source", "--add-source"}), _dotnet),
}
