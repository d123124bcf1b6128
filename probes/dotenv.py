"""Secrets in .env files and their kin, beside the code that an agent works on."""

import re
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import islice
from pathlib import PurePath

from msgspec import Struct, field

from scanner.host import Host, TextFile
from scanner.model import (
    CredentialSeen,
    Evidence,
    Gap,
    GapKind,
    Guardrail,
    Hint,
    Observation,
)
from scanner.patterns import Pattern
from scanner.probe import probe
from scanner.secrets import PAIR_LIMIT, Pair, secrets_in, secrets_in_text

FILES = ("**/.env", "**/.env.*", "**/*.env", "**/.envrc", "**/.flaskenv", "**/.dev.vars", "**/.dev.vars.*")
HOME = ("~/.env", "~/.gemini/.env", "$GEMINI_CLI_HOME/.gemini/.env")  # Gemini CLI reads them in every folder
TEMPLATES = frozenset({"example", "sample", "template", "dist", "defaults", "tmpl", "tpl", "schema"})
STAGELESS = frozenset({"env", "local", "keys", "vault", "dev", "vars", "flaskenv", "envrc", "", "me", "previous"})
BAD_LINES = 20  # named in one gap
BLANKS = Pattern(r"[^\S\r\n]{33,}")  # the parser's search for a comment is quadratic in a run of blanks


@probe(id="dotenv", title="Secrets in .env files", reads=(*FILES, *HOME, "env:*"))
def dotenv(host: Host) -> Iterator[Observation]:
    """Judges the names and values of .env files in the workspace and its neighbours.

    **Why it matters.** An agent reads these files as it reads the code, and what it reads can go to its model; the
    passwords in them open databases and accounts, not seldom those of production. A file of development that names a
    host of production, or a name in it that the launching shell exports for production, leads there unnoticed.

    **Narrow it.** Keep only development values beside the code; hand the others to the one command that needs them,
    from a keychain or a secret manager.
    """
    seen: set[PurePath | tuple[str, str]] = set()
    for found in host.read(*FILES, *HOME):
        key = (found.place, found.why) if isinstance(found, Gap) else found.path
        if key in seen:  # two patterns name the same file
            continue
        seen.add(key)
        if isinstance(found, Gap):
            yield found
        else:
            yield from _file(found, host)


def _file(file: TextFile, host: Host) -> Iterator[Observation]:
    name = file.path.name.casefold()
    if name == ".env.vault":
        yield Guardrail("dotenv.encrypted", "The .env file is encrypted", Evidence(file.path))
        return
    lines = _Lines()
    told = _shell_pairs(file) if name.startswith(".envrc") else _pairs(file, lines)
    pairs = tuple(islice(told, PAIR_LIMIT + 1))
    if lines.bad:
        shown = ", ".join(map(str, lines.bad[:BAD_LINES])) + (" and more" if len(lines.bad) > BAD_LINES else "")
        yield Gap(GapKind.FAILED, host.shown(file.path), f"not NAME=value in line {shown}")
    if _is_encrypted(pairs):
        yield Guardrail("dotenv.encrypted", "The .env file is encrypted", Evidence(file.path))
    found = list(secrets_in(pairs, host, _hints(file.path), only_shapes=_is_template(name)))
    found += _commented(file, host)
    yield from found
    if not _is_template(name):
        from probes.dotenv_traps import traps

        yield from traps(file, pairs, host)
    if any(isinstance(each, CredentialSeen) for each in found):
        from probes.modes import readable_by_others

        yield from readable_by_others(host, file.place)


def _commented(file: TextFile, host: Host) -> Iterator[CredentialSeen]:
    """Secrets in lines that were switched off: as readable as before, and often the one that still works."""
    if COMMENT.search(file.text) is not None:
        comments = (line if line.lstrip().startswith("#") else "" for line in BREAK.split(file.text))
        yield from secrets_in_text("\n".join(comments), Evidence(file.path, 1), host, _hints(file.path))


class _Lines(Struct):
    """The numbers of the lines that could not be read."""

    bad: list[int] = field(default_factory=list)


def _pairs(file: TextFile, lines: _Lines) -> Iterator[Pair]:
    """The names and values of a .env file, nothing in them replaced; a line without `=` is judged as a bare value."""
    from dotenv.parser import parse_stream  # the parser alone: what stands around it logs and fills in variables

    before, halved = "", 0
    for parsed in parse_stream(StringIO(BLANKS.sub(" " * 32, file.text), newline="")):
        text = parsed.original.string
        # The parser ends a faulty line between \r and \n, and counts both.
        halved += before.endswith("\r") and text.startswith("\n")
        before, line = text, parsed.original.line + _breaks_before(text) - halved
        colon = COLON.match(text) if parsed.error else None
        binding = (
            next(parse_stream(StringIO(f"{colon['name']}={text[colon.end() :]}", newline=""))) if colon else parsed
        )
        if binding.error:
            lines.bad.append(line)
        elif binding.key is not None and binding.value is None:
            yield Pair("", binding.key, Evidence(file.path, line))
        elif binding.key is not None:
            yield Pair(binding.key, binding.value or "", Evidence(file.path, line, binding.key))


# NAME: value, which the parsers of Node and Ruby take too
COLON = Pattern(r"\s*(?:export[^\S\r\n]+)?(?P<name>[\w.-]{1,200}):[^\S\r\n]+")
BREAK = Pattern(r"\r\n|\n|\r")


def _breaks_before(text: str) -> int:
    """The line ends in the blank lines that the parser counts to the statement after them."""
    return len(BREAK.findall(text[: len(text) - len(text.lstrip())]))


ASSIGNED = Pattern(
    r"""(?:^|(?<=[;&\s]))(?P<name>[A-Za-z_][A-Za-z0-9_]{0,199})="""
    r"""(?:"(?P<double>(?:\\.|[^"\\])*)"|'(?P<single>[^']*)'|(?P<bare>[^\s;&|"'#]*))""",
    re.DOTALL | re.MULTILINE,
)
COMMENT = Pattern(r"^[^\S\r\n]*#[^\r\n]*", re.MULTILINE)


def _shell_pairs(file: TextFile) -> Iterator[Pair]:
    """The assignments of a shell file; its text is read and nothing of it is run."""
    text = COMMENT.sub(lambda match: " " * len(match[0]), file.text)
    line, at = 1, 0
    for match in ASSIGNED.finditer(text):
        line += len(BREAK.findall(text, at, match.start()))
        at = match.start()
        value = match["double"] if match["double"] is not None else match["single"] or match["bare"] or ""
        yield Pair(match["name"], value, Evidence(file.path, line, match["name"]))


def _is_encrypted(pairs: Iterable[Pair]) -> bool:
    """Whether dotenvx or SOPS wrote the file: values in cipher text, not a lone one that someone pasted."""
    names = {pair.name for pair in pairs}
    cipher = any(pair.value.startswith(("encrypted:", "ENC[")) for pair in pairs)
    return cipher and any(name.startswith(("DOTENV_PUBLIC_KEY", "sops_")) for name in names)


def _is_template(name: str) -> bool:
    return not TEMPLATES.isdisjoint(re.split(r"[._-]", name))


def _hints(path: PurePath) -> tuple[Hint, ...]:
    """What folder and file say: `shop/.env.production` is of "shop" and "production"."""
    hints = [Hint("folder", path.parent.name)] if path.parent.name else []
    words = [word for word in path.name.split(".") if word.casefold() not in STAGELESS]
    return (*hints, *(Hint("file", word) for word in words))
