"""The OpenSSH client's configuration: read with line numbers, and asked what holds for one host."""

import re
from collections.abc import Iterable, Iterator
from fnmatch import translate
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from pathlib import PurePath

from msgspec import Struct, field

from probes.ssh.reads import INCLUDED, SPARE_CONFIGS, SYSTEM_CONFIGS, USER_CONFIG
from scanner.host import Host, TextFile
from scanner.model import Gap, GapKind

DEPTH_LIMIT = 8
FILE_LIMIT = 100
GLOB_LIMIT = 2
SETTING_LIMIT = 5000
KEYWORD = re.compile(r"[ \t]*([A-Za-z]+)(?:[ \t]*=[ \t]*|[ \t]+)(.*)", re.DOTALL)
WHOLE_LINE = frozenset({"proxycommand", "localcommand", "knownhostscommand", "remotecommand"})
MANY = frozenset({"identityfile", "certificatefile"})  # every value counts; of others the first
BARE_CRITERIA = frozenset({"all", "canonical", "final"})


class Unbalanced(Exception):
    """A line with a quote that does not end."""


class HostLine(Struct, frozen=True, eq=False):
    """A line `Host pattern ...`."""

    patterns: tuple[str, ...]

    @property
    def everyone(self) -> bool:
        """Whether it is meant for every host, but for those it excludes."""
        return "*" in self.patterns


class Criterion(Struct, frozen=True):
    """One test of a Match line."""

    name: str
    argument: str
    negated: bool


class MatchLine(Struct, frozen=True, eq=False):
    """A line `Match criterion ...`."""

    criteria: tuple[Criterion, ...]

    @property
    def everyone(self) -> bool:
        """Whether it tests nothing but `all`."""
        return all(each.name == "all" for each in self.criteria)


Condition = HostLine | MatchLine


class Setting(Struct, frozen=True):
    """One line: its keyword in small letters, its words, and every Host or Match line it stands under."""

    keyword: str
    words: tuple[str, ...]
    path: PurePath
    line: int
    conditions: tuple[Condition, ...]

    @property
    def first(self) -> str:
        """Its first word, empty when it has none."""
        return self.words[0] if self.words else ""

    @property
    def everyone(self) -> bool:
        """Whether it is meant for every host."""
        return all(condition.everyone for condition in self.conditions)


class Reading(Struct):
    """One run through a configuration and all that it includes: `base` is where relative includes lie."""

    host: Host
    base: PurePath
    files: set[PurePath] = field(default_factory=set)
    too_deep: set[PurePath] = field(default_factory=set)
    opened: int = 0
    words: int = 0
    cut: bool = False

    def settings(
        self, file: TextFile, outer: tuple[Condition, ...] = (), above: tuple[PurePath, ...] = ()
    ) -> Iterator[Setting | Gap]:
        """Every setting in order, those of included files where the include stands."""
        self.files.add(file.path)
        current: tuple[Condition, ...] = ()
        for number, raw in enumerate(file.text.split("\n"), start=1):
            try:
                parsed = line_words(raw)
            except Unbalanced:
                yield self._gap(GapKind.FAILED, file.path, f"line {number}: a quote that does not end")
                continue
            if parsed is None:
                continue
            keyword, words = parsed
            self.words += max(1, len(words))
            if self.words > SETTING_LIMIT:
                if not self.cut:
                    yield self._gap(GapKind.LIMIT, file.path, f"more than {SETTING_LIMIT} settings; the rest was left")
                self.cut = True
                return
            if keyword == "host":
                current = (HostLine(words),)
            elif keyword == "match":
                current = (MatchLine(criteria(words)),)
            setting = Setting(keyword, words, file.path, number, outer + current)
            if keyword == "include":
                yield from self._included(setting, (*above, file.path))
            else:
                yield setting

    def _included(self, include: Setting, above: tuple[PurePath, ...]) -> Iterator[Setting | Gap]:
        for word in include.words:
            if self.opened > FILE_LIMIT:
                return
            pattern = resolved(self.host, word, self.base)
            if pattern is None:
                yield self._gap(GapKind.FAILED, include.path, f"line {include.line}: an include that names no file")
                continue
            for path in globbed(self.host, INCLUDED, pattern):
                if isinstance(path, Gap):
                    yield path
                elif pattern.name.startswith(".") or not path.name.startswith("."):  # `*` leaves hidden files out
                    yield from self._file(path, include, above)

    def _file(self, path: PurePath, include: Setting, above: tuple[PurePath, ...]) -> Iterator[Setting | Gap]:
        if path in above:
            yield self._gap(GapKind.FAILED, include.path, f"line {include.line}: the file includes itself")
            return
        if len(above) > DEPTH_LIMIT:
            if path not in self.too_deep:
                self.too_deep.add(path)
                yield self._gap(GapKind.LIMIT, path, f"included more than {DEPTH_LIMIT} deep")
            return
        self.opened += 1
        if self.opened > FILE_LIMIT:
            if self.opened == FILE_LIMIT + 1:
                yield self._gap(GapKind.LIMIT, path, f"more than {FILE_LIMIT} included files")
            return
        for found in self.host.read_named(INCLUDED, path):
            if isinstance(found, Gap):
                yield found
            else:
                yield from self.settings(found, include.conditions, above)

    def _gap(self, kind: GapKind, path: PurePath, why: str) -> Gap:
        return Gap(kind, self.host.shown(path), why)


class Chain(Struct, frozen=True):
    """A configuration in the order that ssh reads it; a `spare` one is only read when it is named to ssh."""

    settings: list[Setting]
    spare: bool = False

    @property
    def conditional(self) -> bool:
        """Whether some of it holds only now and then."""
        return any(setting.keyword == "match" for setting in self.settings)


def chains(host: Host) -> Iterator[Chain | Gap]:
    """The user's and the system's configuration as one, then each file of `config.d` that neither includes."""
    settings: list[Setting] = []
    included: set[PurePath] = set()
    for file in host.read(USER_CONFIG, *SYSTEM_CONFIGS):
        if isinstance(file, Gap):
            yield file
            continue
        reading = Reading(host, file.path.parent)
        for found in reading.settings(file):
            if isinstance(found, Gap):
                yield found
            else:
                settings.append(found)
        included |= reading.files
    yield Chain(settings)
    for file in host.read(SPARE_CONFIGS):
        if isinstance(file, Gap):
            yield file
        elif file.path not in included:
            spare = list(Reading(host, file.path.parent.parent).settings(file))
            yield from (found for found in spare if isinstance(found, Gap))
            yield Chain([found for found in spare if isinstance(found, Setting)], spare=True)


def resolved(host: Host, text: str, beside: PurePath | None = None) -> PurePath | None:
    """A path as the configuration writes it; None for another user's home and for what cannot be a path."""
    if not text or "\0" in text or (text.startswith("~") and text[1:2] not in ("", "/", "\\")):
        return None
    return host.resolve(text, beside)


def globbed(host: Host, declared: str, pattern: PurePath) -> Iterator[PurePath | Gap]:
    """The paths that a pattern stands for; one with too many `*` could list the whole disk and is left out."""
    if sum(any(char in part for char in "*?[") for part in pattern.parts) > GLOB_LIMIT:
        yield Gap(GapKind.LIMIT, host.shown(pattern), f"wildcards in more than {GLOB_LIMIT} of its folders")
        return
    yield from host.matches_named(declared, pattern)


def line_words(raw: str) -> tuple[str, tuple[str, ...]] | None:
    """A line's keyword and words, None for a comment or an empty one. Raises Unbalanced."""
    match = KEYWORD.match(raw.rstrip(" \t\r\f"))
    if match is None:
        return None
    keyword, rest = match[1].lower(), match[2]
    return keyword, (rest,) if keyword in WHOLE_LINE else tuple(split_words(rest))


def split_words(text: str) -> list[str]:
    """Words as OpenSSH splits them: quotes of both kinds, few escapes, a `#` that begins a word ends the line."""
    words: list[str] = []
    word: list[str] | None = None
    quote = ""
    chars = iter(range(len(text)))
    for at in chars:
        char, following = text[at], text[at + 1 : at + 2]
        if word is None:
            if char in " \t":
                continue
            if char == "#":
                break
            word = []
        if char == "\\" and following and (following in "'\"\\" or (following == " " and not quote)):
            word.append(following)
            next(chars)
        elif not quote and char in " \t":
            words.append("".join(word))
            word = None
        elif not quote and char in "\"'":
            quote = char
        elif char == quote:
            quote = ""
        else:
            word.append(char)
    if quote:
        raise Unbalanced
    return words if word is None else [*words, "".join(word)]


def criteria(words: tuple[str, ...]) -> tuple[Criterion, ...]:
    """The tests of a Match line, `name argument` or `name=argument` each."""
    found: list[Criterion] = []
    rest = iter(words)
    for word in rest:
        name, equals, argument = word.partition("=")
        negated = name.startswith("!")
        name = name.lstrip("!").lower()
        if not equals and name not in BARE_CRITERIA:
            argument = next(rest, "")
        found.append(Criterion(name, argument, negated))
    return tuple(found)


class Effective(Struct):
    """What holds for one host: the first setting of each keyword, every one of those that add up."""

    alias: str
    user: str
    single: dict[str, Setting] = field(default_factory=dict)
    many: list[Setting] = field(default_factory=list)

    @property
    def hostname(self) -> str:
        """Where ssh connects to."""
        named = self.word("hostname")
        return re.sub("%[%h]", lambda token: "%" if token[0] == "%%" else self.alias, named) if named else self.alias

    @property
    def login(self) -> str:
        """The user at the other side."""
        return self.word("user") or self.user

    def word(self, keyword: str) -> str:
        """The value of a keyword, empty where it is not set."""
        setting = self.single.get(keyword)
        return setting.first if setting is not None else ""

    def add(self, setting: Setting) -> None:
        """Takes a setting that holds for this host."""
        if setting.keyword in MANY:
            self.many.append(setting)
        else:
            self.single.setdefault(setting.keyword, setting)

    def all(self, keyword: str) -> list[Setting]:
        """Every setting of a keyword that adds up."""
        return [setting for setting in self.many if setting.keyword == keyword]


Block = tuple[tuple[Condition, ...], list[Setting]]


def blocks(settings: Iterable[Setting]) -> list[Block]:
    """The settings in runs that stand under the same Host and Match lines, which are tested once a run."""
    return [(under, list(run)) for under, run in groupby(settings, key=attrgetter("conditions"))]


def effective(runs: Iterable[Block], alias: str, user: str, *, lenient: bool = False) -> Effective:
    """What holds for a host as it is typed, `user` being the local user.

    A Match line whose test we cannot or will not make (`exec`, `user`, `final`, a tag) does not hold, or, when
    lenient, does.
    """
    found = Effective(alias, user)
    known: dict[Condition, bool] = {}
    for conditions, settings in runs:
        for condition in conditions:
            if condition not in known:
                verdict = _holds(condition, found)
                known[condition] = lenient if verdict is None else verdict
        if all(known[condition] for condition in conditions):
            for setting in settings:
                found.add(setting)
    return found


def _holds(condition: Condition, so_far: Effective) -> bool | None:
    """Whether a condition holds for this host; None where it depends on what we cannot know."""
    match condition:
        case HostLine(patterns):
            return matches(so_far.alias, patterns)
        case MatchLine(tests):
            verdicts = [_test(each, so_far) for each in tests]
            if False in verdicts:
                return False
            return None if None in verdicts or not verdicts else True


def _test(test: Criterion, so_far: Effective) -> bool | None:
    match test.name:
        case "all":
            verdict = True
        case "host":
            verdict = matches(so_far.hostname.lower(), tuple(test.argument.lower().split(",")))
        case "originalhost":
            verdict = matches(so_far.alias.lower(), tuple(test.argument.lower().split(",")))
        case _:
            return None
    return verdict is not test.negated


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a name is meant by patterns with `*` and `?`, of which a `!` excludes."""
    meant = False
    for pattern in patterns:
        excludes = pattern.startswith("!")
        if means(pattern.removeprefix("!"), name):
            if excludes:
                return False
            meant = True
    return meant


def means(pattern: str, name: str) -> bool:
    """Whether one pattern means the name."""
    return _form(pattern).match(name) is not None if wild(pattern) else pattern == name


def wild(name: str) -> bool:
    """Whether a name stands for many."""
    return "*" in name or "?" in name


@lru_cache(maxsize=SETTING_LIMIT)
def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(re.sub(r"\*+", "*", pattern).replace("[", "[[]")))


def expanded(text: str, tokens: dict[str, str]) -> str | None:
    """The text with `%x` and `${HOME}` filled in, None where it holds another token or variable."""
    wanting = False

    def fill(match: re.Match[str]) -> str:
        nonlocal wanting
        name = match[1] or match[2]
        if name not in tokens:
            wanting = True
            return ""
        return tokens[name]

    filled = re.sub(r"\$\{([^}]*)\}|%(.)", fill, text)
    return None if wanting else filled
