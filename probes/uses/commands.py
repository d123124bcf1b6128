"""A command line as the programs it starts: names and sub-commands that are known, never an argument.

What a person or a model writes into a command line may be a secret anywhere but in the name of a program, so all else
is told only where it stands in a table: sub-commands, kinds of objects, and the values of a few options that are names.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice, pairwise

from msgspec import Struct

from scanner.data.families import holds_token
from scanner.data.records import table
from scanner.data.shells import SUFFIXES, programs, wrappers
from scanner.data.uses import uses
from scanner.data.verbs import verbs
from scanner.model import UseKind

LENGTH = 8_000  # characters of a line that are taken apart
PROGRAMS = 60  # of one line
NESTED = 4  # command lines within command lines
WORDS = 3  # of a sub-command
SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ksh", "fish"})
LEADING = frozenset({"if", "then", "else", "elif", "do", "while", "until", "!", "[", "[["})
DROPPED = frozenset({"for", "case", "select", "function", "in", "done", "fi", "esac", "{", "}", "]]", "]"})
OPERATING = frozenset({"aws"})  # after the name of a service comes an operation, whatever it is called
FINDERS = frozenset({"find", "fd"})

PARTS = re.compile(
    r"""
      (?P<comment> (?<!\S)\#[^\n]* )
    | (?P<single> '[^']*' )
    | (?P<double> "(?:[^"\\]|\\.)*" )
    | (?P<open> ['"] )
    | (?P<escape> \\. )
    | (?P<redirect> \d*(?:>>|>\||>|<<<|<)(?:&[\d-]?)?|&>>? )
    | (?P<end> \n|;|&&|&|\|\||\||\(|\)|` )
    | (?P<space> [^\S\n]+ )
    | (?P<plain> [^\s'"\\;&|()`<>]+|. )
    """,
    re.VERBOSE | re.DOTALL,
)
HEREDOC = re.compile(r"<<-?[ \t]*(?P<quote>['\"]?)(?P<word>\w{1,40})(?P=quote)")
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
PLAIN = re.compile(r"[a-z]{2,16}(?:[_-][a-z]{1,16}){0,2}")
NAMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,62}")
OPERATION = re.compile(r"[a-z]{2,20}(?:-[a-z]{1,20}){0,6}")
HOST = re.compile(r"(?:https?|ssh|git|wss?|ftps?|postgres(?:ql)?|mysql|redis|mongodb(?:\+srv)?)://[^\s\"'<>]{1,1000}")


class Simple(Struct, frozen=True):
    """One simple command: its words, and the files that it takes its input from.

    `behind` a wrapper its first word may be the value of an option that is not known, so only a known name is told.
    """

    words: tuple[str, ...]
    inputs: tuple[str, ...] = ()
    behind: bool = False


def used(line: str) -> Iterator[tuple[UseKind, str]]:
    """What a command line uses: programs, the files that they take, and addresses; files are as written."""
    yield from ((what, text) for what, text, _ in used_by(line))


def used_by(line: str) -> Iterator[tuple[UseKind, str, str]]:
    """The same, each with the name of the program that uses it, empty where that may not be told."""
    for simple in islice(simples(line[:LENGTH]), PROGRAMS):
        name = _program(simple.words[0], strict=simple.behind)
        yield from ((what, text, name) for what, text in _used(simple, name))


def _used(simple: Simple, name: str) -> Iterator[tuple[UseKind, str]]:
    words = list(simple.words)
    yield from ((UseKind.FILE, path) for path in simple.inputs)
    if name:
        yield UseKind.COMMAND, _subject(name, words[1:])
    reads = name in table().commands.readers
    for before, word in pairwise(words):
        yield from ((UseKind.HOST, found) for found in HOST.findall(word))
        option, _, value = word.partition("=")
        if before in table().commands.files_of:
            yield UseKind.FILE, word
        elif value and option in table().commands.files_of:
            yield UseKind.FILE, value
        elif reads and not word.startswith("-"):
            yield UseKind.FILE, word.removeprefix("@")


# programs and their sub-commands


@cache
def known() -> frozenset[str]:
    """Every program that is told by its name."""
    listed = {each.partition(" ")[0] for use in uses() for each in use.programs}
    return frozenset({*listed, *programs(), *wrappers(), *table().commands.programs, *table().commands.plain})


def _program(word: str, *, strict: bool = False) -> str:
    """The name of a program, empty where it may be something else."""
    written = re.split(r"[/\\]", word)[-1]
    name = written.casefold()
    name = next((name.removesuffix(suffix) for suffix in SUFFIXES if name.endswith(suffix)), name)
    bare = name.rstrip("0123456789.-")
    if name in known() or bare in known():
        return name if name in known() else bare
    stem = written.removesuffix(".sh").removesuffix(".py")
    told = not strict and PLAIN.fullmatch(stem) and stem not in DROPPED and not holds_token(word)
    return name if told else ""


@cache
def _grouped() -> frozenset[str]:
    """The programs whose sub-commands are told: those that act with a login."""
    return frozenset(each.partition(" ")[0] for use in uses() for each in use.programs) - table().commands.plain


@cache
def known_words() -> frozenset[str]:
    """Every word of a sub-command that may be told."""
    return frozenset(
        {*verbs().words, *table().commands.words, *(word for row in verbs().local.values() for word in row)}
    )


def _subject(name: str, words: list[str]) -> str:
    """A program with its sub-command, and the account, context or namespace that it was told to use by name."""
    if name not in _grouped():
        return name
    said: list[str] = []
    options: dict[str, str] = {}
    after, at = False, 0
    while at < len(words) and words[at] != "--":
        word, at = words[at], at + 1
        if word.startswith("-"):
            option, _, value = word.partition("=")
            takes = not value and (option in table().commands.named or option in table().commands.valued)
            value = value or (words[at] if takes and at < len(words) else "")
            at += takes
            _name_option(options, name, option, value)
        elif not after and len(said) < WORDS and (word in known_words() or _is_operation(name, said, words[:at])):
            said.append(word)
        else:
            after = after or bool(said)  # arguments; a word before any that is known may be the value of an option
    return " ".join([name, *said, *(f"{option} {value}" for option, value in sorted(options.items()))])


def _name_option(options: dict[str, str], program: str, option: str, value: str) -> None:
    """Notes an option whose value is a name."""
    if program in table().commands.named.get(option, ()) and NAMED.fullmatch(value) and not holds_token(value):
        options.setdefault("--namespace" if option == "-n" else option, value)


def _is_operation(program: str, said: list[str], words: list[str]) -> bool:
    """Whether the last word stands right behind the name of a service, where an operation does, whatever its name."""
    return program in OPERATING and said == words[-2:-1] and OPERATION.fullmatch(words[-1]) is not None


# a line, taken apart


def simples(line: str, depth: int = 0) -> Iterator[Simple]:
    """The simple commands of a line, also those within quotes that a shell would run, and behind wrappers."""
    if depth > NESTED:
        return
    for words, inputs, inner in _split(_without_documents(line)):
        yield from (each for text in inner for each in simples(text, depth + 1))
        yield from _unwrapped(Simple(tuple(words), tuple(inputs)), depth)


def _unwrapped(simple: Simple, depth: int) -> Iterator[Simple]:
    """A command, and the one that it starts where it is a wrapper or a shell with a line of its own."""
    words = list(simple.words)
    while words and (words[0] in LEADING or ASSIGNMENT.match(words[0])):
        words.pop(0)
    if not words or words[0] in DROPPED:
        return
    name = _program(words[0])
    line = next((words[at + 1] for at, word in enumerate(words[:-1]) if _is_line(word)), None)
    if name in SHELLS and line is not None:
        yield from simples(line, depth + 1)
        return
    yield Simple(tuple(words), simple.inputs, simple.behind)
    rest = _started(name, words[1:])
    wrapper = wrappers().get(name)
    if rest and wrapper is not None and wrapper.joined:
        yield from simples(" ".join(rest), depth + 1)
    elif rest and depth <= NESTED:
        yield from _unwrapped(Simple(tuple(rest), behind=True), depth + 1)


def _is_line(option: str) -> bool:
    """Whether an option of a shell says that a line follows: `-c`, `-lc`."""
    return option.startswith("-") and not option.startswith("--") and option.endswith("c")


def _started(name: str, words: list[str]) -> list[str]:
    """The words of the command that a wrapper starts; of `find` the one behind -exec."""
    if name in FINDERS:
        at = next((at for at, word in enumerate(words) if word in {"-exec", "-execdir", "-ok"}), len(words))
        return words[at + 1 :]
    wrapper = wrappers().get(name)
    if wrapper is None:
        return []
    skip, at = wrapper.skip, 0
    while at < len(words):
        word = words[at]
        if word in wrapper.values:
            at += 1
        elif not word.startswith("-") and not ASSIGNMENT.match(word):
            if not skip:
                return words[at:]
            skip -= 1
        at += 1
    return []


def _split(line: str) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """Each simple command as its words, the files that it reads from, and lines within its quotes."""
    words: list[str] = []
    inputs: list[str] = []
    inner: list[str] = []
    word: str | None = None
    target = ""
    for match in PARTS.finditer(line + "\n"):
        kind, part = match.lastgroup, match.group()
        if kind in {"single", "double", "escape", "plain"}:
            word = (word or "") + (part[1:-1] if kind in {"single", "double"} else part.removeprefix("\\"))
            if kind == "double":
                inner.extend(each.partition(")")[0] for each in part.split("$(")[1:])
            continue
        if word is not None:
            if target:
                inputs.extend([word] if target == "<" else ())
            else:
                words.append(word)
            word, target = None, ""
        if kind == "redirect":
            target = part if not part[-1].isdigit() and not part.endswith("-") else ""
        elif kind in {"end", "open"}:
            if words:
                yield words, inputs, inner
            words, inputs, inner, target = [], [], [], ""
            if kind == "open":  # a quote that never ends: all behind it may be a value
                return


def _without_documents(line: str) -> str:
    """The line without what is fed to a command in place of a file, which may hold anything."""
    if "<<" not in line:
        return line
    kept: list[str] = []
    ends: list[str] = []
    for each in line.split("\n"):
        if ends:
            if each.strip() == ends[0]:
                ends.pop(0)
            continue
        ends.extend(match["word"] for match in HEREDOC.finditer(each))
        kept.append(HEREDOC.sub(" ", each))
    return "\n".join(kept)
