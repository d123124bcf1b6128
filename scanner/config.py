"""The configuration: labels, environment rules, crown jewels, named outside probes, what agents may read."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field

from scanner import folders
from scanner.errors import ScannerError
from scanner.model import Environment
from scanner.patterns import Pattern
from scanner.text import printable

NAME = "config.toml"
SIZE_LIMIT = 1024 * 1024
ASSET = Pattern(r"[A-Za-z0-9*?\[\]!-][A-Za-z0-9*?\[\]!._-]*:.+", re.DOTALL)
QUOTE_HINT = 'a name with a colon stands in quotes: "aws-account:123456789012" = "production"'

Place = tuple[str | int, ...]


class EnvironmentRule(Struct, frozen=True):
    """A user's own rule: an asset whose `kind:name`, or one of whose hints, matches the glob is of that environment."""

    match: str
    environment: Environment
    line: int = 0


class Config(Struct, frozen=True):
    """What the user settled.

    `labels` maps an asset pattern (`kind:name`, globs allowed) to its environment, exact names before globs;
    `crown_jewels` are asset patterns; `plugins` the outside probes that may run; `agents_may_read` lifts the guard
    for scans that an agent started.
    """

    labels: Mapping[str, Environment] = field(default_factory=dict)
    environment_rules: tuple[EnvironmentRule, ...] = ()
    crown_jewels: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    agents_may_read: bool = False


class ConfigError(ScannerError):
    """The configuration is faulty; every fault has its line."""


class Fault(Struct, frozen=True):
    """One thing that is wrong, and where: the path of keys that leads to it."""

    place: Place
    text: str


def default_path() -> Path:
    """Where the configuration of this user lies."""
    return folders.configuration() / NAME


def load(path: Path) -> Config:
    """The configuration in a file; an empty one where there is no file. Raises ConfigError with every fault."""
    return parse(text_of(path), path)


def text_of(path: Path) -> str:
    """The text of a configuration file as it lies there, line ends kept; empty where there is none."""
    try:
        if not path.exists():
            return ""
        if not path.is_file():  # a pipe would never end
            raise ConfigError(f"{printable(str(path))}: not a file")
        with path.open("rb") as stream:
            data = stream.read(SIZE_LIMIT + 1)
        if len(data) > SIZE_LIMIT:
            raise ConfigError(f"{printable(str(path))}: larger than 1 MiB")
        return data.decode()
    except OSError as error:
        raise ConfigError(f"{printable(str(path))}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{printable(str(path))}:{line}: not UTF-8 text") from None


def parse(text: str, path: Path) -> Config:
    """The configuration in a text; `path` names it in errors. Raises ConfigError with every fault."""
    if not text:  # most machines have none, and to parse it costs the modules that do
        return Config()
    import tomllib

    shown = printable(str(path))
    text = text.removeprefix("\ufeff")
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{shown}:{_syntax_place(error, text)}: not valid TOML", QUOTE_HINT) from None
    except ValueError:  # a number of more digits than Python takes
        raise ConfigError(f"{shown}: a number is too long") from None
    except RecursionError:
        raise ConfigError(f"{shown}: nested too deep") from None
    faults = [*_faults(told)]
    lines = _lines(text)
    if faults:
        at = sorted((_line(lines, fault.place), index) for index, fault in enumerate(faults))
        raise ConfigError("\n".join(f"{shown}:{line}: {faults[index].text}" for line, index in at))
    labels = {name: Environment(word) for name, word in told.get("labels", {}).items()}
    return Config(
        labels={name: labels[name] for name in sorted(labels, key=is_glob)},
        environment_rules=tuple(
            EnvironmentRule(row["match"], Environment(row["environment"]), _line(lines, ("environment_rules", index)))
            for index, row in enumerate(told.get("environment_rules", ()))
        ),
        crown_jewels=tuple(told.get("crown_jewels", ())),
        plugins=tuple(told.get("plugins", {}).get("allow", ())),
        agents_may_read=told.get("agents_may_read", False),
    )


def is_glob(name: str) -> bool:
    """Whether a name stands for many."""
    return any(char in name for char in "*?[")


def is_asset(name: str) -> bool:
    """Whether a name has the form `kind:name`."""
    return ASSET.fullmatch(name) is not None


def labelled(text: str, asset: str, environment: Environment) -> str:
    """The text of a configuration with one label added or replaced, all else as it was.

    Raises ConfigError where labels stand in an inline table, and ValueError for a name that TOML cannot hold.
    """
    from scanner.toml_places import Header, Pair, quoted, statements

    bom = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix("\ufeff")
    found = list(statements(body))
    newline = "\r\n" if "\r\n" in body else "\n"
    value = quoted(environment.value)
    for each in found:
        if isinstance(each, Pair) and each.path == ("labels", asset):
            return bom + body[: each.value.start] + value + body[each.value.stop :]
        if isinstance(each, Pair) and each.path == ("labels",):
            raise ConfigError(f"line {each.line}: the labels stand in braces", "write them as a table: [labels]")
    line = f"{quoted(asset)} = {value}{newline}"
    header = next((each for each in found if isinstance(each, Header) and each.path == ("labels",)), None)
    under = [each for each in found if isinstance(each, Pair) and each.path[0] == "labels"]
    if header is not None:
        at = under[-1].end if under else header.end
    elif under:  # labels."kind:name" = "..." above the first header, where a header would name the table twice
        at, line = under[-1].end, f"labels.{line}"
    else:
        at, line = len(body), (newline if body.strip() else "") + f"[labels]{newline}{line}"
    head, tail = body[:at], body[at:]
    return bom + head + (newline if head and not head.endswith("\n") else "") + line + tail


def _syntax_place(error: ValueError, text: str) -> str:
    """`line:column`; the rest of tomllib's message may quote the file."""
    match = re.search(r"at line (\d+), column (\d+)", str(error))
    return f"{match[1]}:{match[2]}" if match is not None else str(text.count("\n") + 1)


def _lines(text: str) -> dict[Place, int]:
    """The line on which each key or table begins."""
    from scanner.toml_places import Header, statements

    found: dict[Place, int] = {}
    for each in statements(text):
        if isinstance(each, Header):
            place: Place = each.path if each.index is None else (*each.path, each.index)
        elif each.header is not None and each.header.index is not None:
            depth = len(each.header.path)
            place = (*each.path[:depth], each.header.index, *each.path[depth:])
        else:
            place = each.path
        for length in range(1, len(place) + 1):
            found.setdefault(place[:length], each.line)
    return found


def _line(lines: Mapping[Place, int], place: Place) -> int:
    """The line of a place, or of the nearest thing around it."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def _faults(told: Mapping[str, object]) -> Iterator[Fault]:
    """All that is wrong with a configuration."""
    for key, value in told.items():
        match key:
            case "labels":
                yield from _labels(value)
            case "environment_rules":
                yield from _rules(value)
            case "crown_jewels":
                yield from _assets(("crown_jewels",), value)
            case "plugins":
                yield from _plugins(value)
            case "agents_may_read":
                if not isinstance(value, bool):
                    yield Fault(("agents_may_read",), "agents_may_read is true or false")
            case _:
                known = ("labels", "environment_rules", "crown_jewels", "plugins", "agents_may_read")
                yield Fault((key,), f"unknown key {printable(key)}{did_you_mean(key, known)}")


def _labels(value: object) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault(("labels",), "labels is a table of names and environments")
        return
    for name, word in value.items():
        place = ("labels", name)
        if not is_asset(name):
            yield Fault(place, f"labels: {printable(name)} is no asset of the form kind:name")
        yield from _environment(place, f"labels: {printable(name)}", word)


def _rules(value: object) -> Iterator[Fault]:
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        yield Fault(("environment_rules",), "environment_rules is a list of tables: [[environment_rules]]")
        return
    for index, row in enumerate(value):
        place: Place = ("environment_rules", index)
        name = f"environment_rules[{index}]"
        for key in (key for key in row if key not in ("match", "environment")):
            mean = did_you_mean(key, ("match", "environment"))
            yield Fault((*place, key), f"{name}: unknown key {printable(key)}{mean}")
        if "match" not in row:
            yield Fault(place, f"{name}: match is missing")
        elif not isinstance(row["match"], str) or not row["match"]:
            yield Fault((*place, "match"), f"{name}: match is a text with a glob in it")
        if "environment" not in row:
            yield Fault(place, f"{name}: environment is missing")
        else:
            yield from _environment((*place, "environment"), name, row["environment"])


def _plugins(value: object) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault(("plugins",), "plugins is a table with the list allow")
        return
    for key in (key for key in value if key != "allow"):
        yield Fault(("plugins", key), f"plugins: unknown key {printable(key)}{did_you_mean(key, ('allow',))}")
    names = value.get("allow", [])
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        yield Fault(("plugins", "allow"), "plugins.allow is a list of names of packages or probes")


def _assets(place: Place, value: object) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield Fault(place, f"{place[0]} is a list of assets")
        return
    for index, name in enumerate(value):
        if not isinstance(name, str) or not is_asset(name):
            yield Fault((*place, index), f"{place[0]}[{index}] is no asset of the form kind:name")


def _environment(place: Place, name: str, word: object) -> Iterator[Fault]:
    words = [each.value for each in Environment]
    if not isinstance(word, str):
        yield Fault(place, f"{name}: an environment is one of {', '.join(words)}")
    elif word not in words:
        mean = did_you_mean(word, words) or f"; it is one of {', '.join(words)}"
        yield Fault(place, f"{name}: unknown environment {printable(word)}{mean}")


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """`; did you mean X?` where one of the known words is near, else nothing."""
    from difflib import get_close_matches

    near = get_close_matches(word.casefold(), known, n=1, cutoff=0.5) or [
        each for each in known if len(word) > 2 and each.startswith(word.casefold())
    ]
    return f"; did you mean {near[0]}?" if near else ""
