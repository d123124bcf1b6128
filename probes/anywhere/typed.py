"""Secrets on command lines that somebody typed, by what the line itself says: an option, a variable, a header.

A guess has no place here, and what a shell would fill in (`-p "$PASSWORD"`, `TOKEN=$(pass show x)`) is no secret.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import ClassVar

from probes.anywhere.likely import Manner, is_variable, plausible
from probes.anywhere.words import FILLED_IN, Command, commands
from scanner.data import files
from scanner.data.typed import Piped, options_of, programs, table, words_of
from scanner.data.variables import row_of, spelled
from scanner.model.value import Value
from scanner.parts import parts_of
from scanner.patterns import Pattern
from scanner.shapes import words_of as named

NESTING = 2  # `ssh host "sh -c 'mysql -p...'"`
LEAST_TOKEN = 16  # characters of what stands in a token's place and is none: a name, a path, a word
NAMES = r"pass|pwd|secret|token|key|auth|cred|cookie|bearer|jwt|_pw\b|_pat\b|--?pw?\b"
SMELLS = Pattern(NAMES, re.IGNORECASE)
ASSIGNED = Pattern(r"([A-Za-z_][\w.-]{0,80})\+?=(.*)", re.DOTALL)
OPTION = Pattern(r"--?D?([A-Za-z][\w.-]{1,80})")
HEADER = Pattern(r"([A-Za-z][A-Za-z0-9-]{1,60}):\s{0,8}(\S.*)", re.DOTALL)
SHORT = Pattern(r"-[A-Za-z]{0,6}u")  # the short options of curl, in one word, of which the last takes the login
# `$env:NAME = "X"` of PowerShell, `$env.NAME = "X"` of Nushell
OWN_ENVIRONMENT = Pattern(r"\$env[:.]([A-Za-z_]\w{0,80})\s{0,8}=\s{0,8}", re.IGNORECASE)
SAYS = frozenset({"echo", "printf", "print", "write-output"})
HANDS_ON = frozenset({"sshpass"})  # whose own options end where the program begins that it starts
HERE = "<<<"
SWITCH = Pattern(r"/[A-Za-z]{1,12}(?::.*)?", re.DOTALL)  # an option of Windows: `/add`, `/domain:X`


class Said(Value, frozen=True):
    """A name and a value that a command line holds."""

    concealed: ClassVar[frozenset[str]] = frozenset({"value"})

    name: str
    value: str


def smells(line: str) -> bool:
    """Whether a line may hold a secret, told without taking it apart."""
    return SMELLS.search(line) is not None or _of_programs().search(line) is not None


def said(line: str, *, windows: bool = False, nesting: int = NESTING) -> Iterator[Said]:
    """The secrets that a line says, some of them twice; what each is, is judged by its name."""
    if "$env" in line.lower():
        line = OWN_ENVIRONMENT.sub(r"export \1=", line)
    before: tuple[str, ...] = ()
    for command in commands(line, windows=windows):
        yield from _handed(command, before)
        yield from _of_words(command.words, windows=windows, nesting=nesting)
        before = command.words


@cache
def _of_programs() -> re.Pattern[str]:
    tabled = files.table("shapes.toml")["password_options"]
    every = {*programs(), *tabled["attached"], *tabled["either"], *named("takes_login")} - table().words.speaks
    return re.compile(rf"(?<![\w-])(?:{'|'.join(sorted(map(re.escape, every)))})(?![\w-])", re.IGNORECASE)


def _of_words(words: Sequence[str], *, windows: bool, nesting: int) -> Iterator[Said]:
    """What one simple command says; the program is the last word before that is known as one."""
    program, speaks = "", False
    for at, word in enumerate(words):
        if word.startswith("-") or (program and SWITCH.fullmatch(word) is not None):
            yield from _option(program, words, at)
            continue
        known = _program(word)
        if program in HANDS_ON and not words[at - 1].startswith("-"):
            program = ""
        if known:
            program, speaks = known, known in table().words.speaks
            yield from _placed(program, words[at + 1 :])
        header = HEADER.fullmatch(word) if ":" in word[:62] else None
        if header is not None and _is_secret_header(header[1]):
            yield from _told(header[1], header[2])
        elif any(sign.isspace() for sign in word) and not speaks:
            yield from said(word, windows=windows, nesting=nesting - 1) if nesting and smells(word) else ()
        elif "=" in word and not (at and _points(program, words[at - 1])):
            yield from _assigned(word)


@cache
def _known() -> frozenset[str]:
    tabled = files.table("shapes.toml")["password_options"]
    return frozenset({*programs(), *tabled["attached"], *tabled["either"], *named("takes_login")})


def _program(word: str) -> str:
    """The name of a program that is known, behind its folders; empty for any other word."""
    name = re.split(r"[/\\(]", word[-80:])[-1].lower().removesuffix(".exe")
    return name if name in _known() else ""


def _is_secret_header(name: str) -> bool:
    low = name.lower()
    return low in table().words.headers or ("-" in low and spelled(name).rpartition("_")[2] in named("says_secret"))


def _told(name: str, value: str, behind: str = "") -> Iterator[Said]:
    """A value under a name, or what stands in it behind some text; nothing where a shell fills it in."""
    if behind:
        value = value.partition(behind)[2]
    if value and FILLED_IN not in value:
        yield Said(name, value)


# what an option says


def _option(program: str, words: Sequence[str], at: int) -> Iterator[Said]:
    word = words[at]
    following = words[at + 1] if at + 1 < len(words) and not words[at + 1].startswith("-") else ""
    row = next(iter(_rows(program, words, at)), None)
    if row is not None:
        yield from _told(*row)
    elif word in table().words.bodies:
        for part in parts_of(following):
            yield from _told(part.name, part.value) if ends_as_secret(part.name) else ()
    elif program in named("takes_login") and _takes_login(word):
        attached = word.partition("=")[2] if word.startswith("--") else "" if SHORT.fullmatch(word) else word[2:]
        yield from _told("BASIC_AUTH", attached or following)
    else:
        yield from _short(program, word, following) or _long(program, word, following)


def _rows(program: str, words: Sequence[str], at: int) -> Iterator[tuple[str, str, str]]:
    """Name, value and what stands before the secret in it, as the table knows a program's option."""
    word = words[at]
    following = words[at + 1] if at + 1 < len(words) else ""
    for row in options_of(program):
        if row.within and row.within.isdisjoint(map(str.lower, words[:at])):
            continue
        for option in row.options:
            if word == option or (len(option) > 2 and word.lower() == option):
                yield row.name, following, row.behind
            elif word.startswith(option) and _is_attached(option, word[len(option) :]):
                yield row.name, word[len(option) :].lstrip("=:"), row.behind


def _is_attached(option: str, rest: str) -> bool:
    """Whether an option's value stands at once behind it, rather than more letters of another option."""
    return rest[0] in "=:" or (len(option) == len("-p") and not rest.isalpha())


def _takes_login(word: str) -> bool:
    if word.startswith("--"):
        return word.partition("=")[0] == "--user"
    return SHORT.fullmatch(word) is not None or (word.startswith("-u") and ":" in word)


def _short(program: str, word: str, following: str) -> list[Said]:
    """The password behind the short option by which a program takes one."""
    tabled = files.table("shapes.toml")["password_options"]
    option = tabled["attached"].get(program) or tabled["either"].get(program)
    if option is None or not word.startswith(option) or word.startswith("--"):
        return []
    value = word[len(option) :].removeprefix("=")
    if not value and program in tabled["either"]:
        value = following
    name = files.table("shapes.toml")["password_names"].get(program, program)
    return list(_told(f"{name}_password", value))


def _long(program: str, word: str, following: str) -> Iterator[Said]:
    """What stands behind an option whose name says what it is."""
    name, equals, value = word.partition("=")
    if "=" in value:  # `--from-literal=password=X`
        yield from _assigned(value)
    told = OPTION.fullmatch(name)
    if told is None or not ends_as_secret(told[1]):
        return
    if spelled(told[1]).split("_")[0] in named("negates") or _points(program, name):
        return
    yield from _told(told[1], value if equals else following)


def _points(program: str, option: str) -> bool:
    """Whether what follows an option is the name of a secret that is kept elsewhere."""
    if spelled(option).endswith(("ACCOUNT_KEY", "ACCESS_KEY", "API_KEY")):
        return False
    last = spelled(option).rpartition("_")[2]
    return option.startswith("-") and program in table().words.points and last in table().words.pointing


@lru_cache(maxsize=4096)
def ends_as_secret(name: str) -> bool:
    """Whether a name says that it is of a secret, rather than of a secret's file, type or end."""
    words = spelled(name).split("_")
    while len(words) > 1 and words[-1] in named("describes"):
        words.pop()
    last = words[-1]
    if last in {*named("says_password"), *named("says_secret"), *named("says_perhaps")}:
        return True
    return row_of(spelled(name)) is not None


# what words say by their place


def _placed(program: str, rest: Sequence[str]) -> Iterator[Said]:
    """What stands at a known place behind a program, or behind a word of its sub-commands."""
    for row in words_of(program):
        behind = _behind(rest, row.within)
        if len(behind) > row.at and ASSIGNED.fullmatch(behind[row.at]) is None:
            value = behind[row.at].partition(row.until)[0] if row.until else behind[row.at]
            if not row.name.lower().endswith(("token", "key")) or _could_be_token(value):
                yield from _told(row.name, value, row.behind)
    for setter in table().setter:
        if program in setter.programs:
            yield from _kept(_behind(rest, setter.within))


def _behind(rest: Sequence[str], within: frozenset[str]) -> list[str]:
    """The words behind the last of these, options left out; behind the program where there are none to look for."""
    last = max((at for at, word in enumerate(rest) if word.lower() in within), default=-1)
    if within and last < 0:
        return []
    return [word for word in rest[last + 1 :] if not word.startswith("-") and SWITCH.fullmatch(word) is None]


def _kept(words: Sequence[str]) -> Iterator[Said]:
    """A name and the value that is to be kept under it."""
    name, equals, value = words[0].partition("=") if words else ("", "", "")
    if not equals and len(words) > 1:
        value = words[1]
    if SMELLS.search(name) is not None and HEADER.fullmatch(value) is None:
        yield from _told(name.rpartition(":")[2], value)


def _could_be_token(value: str) -> bool:
    return len(value) >= LEAST_TOKEN and not value.isalpha() and not any(sign.isspace() for sign in value)


def _assigned(word: str) -> Iterator[Said]:
    """`NAME=value`, alone or several with `,`, `;` or `&` between."""
    whole = ASSIGNED.fullmatch(word)
    if whole is None or FILLED_IN in whole[1]:
        return
    pairs = [(whole[1], whole[2])]
    if any(sign in whole[2] for sign in ",;&") and whole[2].count("="):
        pairs = [(part.name, part.value) for part in parts_of(word)]
    for name, value in pairs:
        manner = Manner.VARIABLE if is_variable(name) else Manner.DOCUMENT
        if manner is Manner.VARIABLE or (ends_as_secret(name) and plausible(name, value, manner)):
            yield from _told(name, value) if SMELLS.search(name) is not None else ()


# what one command hands to the next


def _handed(command: Command, before: tuple[str, ...]) -> Iterator[Said]:
    """What an `echo` hands to a command that reads a secret from it, and what stands behind `<<<`."""
    words = command.words
    handed = ""
    if command.piped and before and before[0].lower() in SAYS and len(before) <= len(("printf", "%s", "X")):
        handed = before[-1].removesuffix("\\n")
    if HERE in words[:-1]:
        handed = words[words.index(HERE) + 1]
    if not handed:
        return
    for row in table().piped:
        if _takes(row, words):
            yield from _told(row.name, handed, row.behind)
            return


def _takes(row: Piped, words: Sequence[str]) -> bool:
    if row.programs and row.programs.isdisjoint(words):
        return False
    return not row.options or not row.options.isdisjoint(words)
