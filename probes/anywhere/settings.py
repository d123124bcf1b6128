"""Settings of programs whose form their names do not say: told by the ending, else by how the text begins."""

import re
from collections.abc import Iterator
from pathlib import PurePath

from probes.anywhere import typed
from probes.anywhere.naming import leftover, name_of
from probes.anywhere.readers import reader
from probes.anywhere.reading import Read
from scanner.model import Evidence
from scanner.originals import original_name
from scanner.secrets import Pair

ENDINGS = {
    **dict.fromkeys(("json", "jsonc", "json5", "sublime-settings", "sublime-project"), "json"),
    **dict.fromkeys(("yml", "yaml"), "yaml"),
    **dict.fromkeys(("toml",), "toml"),
    **dict.fromkeys(("xml", "plist"), "xml"),
    **dict.fromkeys(("properties",), "properties"),
    **dict.fromkeys(("sh", "bash", "zsh", "fish", "env", "ps1", "py", "js", "rb", "lua", "el", "vim"), "assigned"),
    **dict.fromkeys(("log", "txt", "md", "jsonl", "ndjson"), "shapes"),
}
HEAD = 4_000  # characters that tell the form
JSON = re.compile(r"""[\[{]\s*(?:["'{}\[\]]|//|/\*|-?\d)""")
COMMENTS = re.compile(r"(?:[ \t]*(?:[#;!][^\n]*|//[^\n]*)?\r?\n)*+")
YAML = re.compile(r"""(?:---|%YAML|[\w.:/"'-]{1,120}:(?:[ \t]|\r?\n))""")
SCRIPT = re.compile(r"#!|export |set -")
# `{api_key, <<"X">>}.`: terms of Erlang
TERM = re.compile(r"""\{\s{0,8}([a-z][\w@]{0,60})\s{0,8},\s{0,8}(?:<<)?"([^"\n]{1,2000})\"""")
# How a channel of conda's has its token in the address
CHANNEL = re.compile(r"://[^\s/\"']{1,200}/t/([A-Za-z0-9_-]{16,100})(?=[/\s\"']|$)")
CURL = frozenset({".curlrc", "_curlrc", "curlrc"})
CONDA = frozenset({".condarc", "condarc", ".mambarc"})
OPTION = re.compile(r"(-[^\s-]|-{0,2}[A-Za-z][\w.-]{1,60})[ \t]{0,20}(?:[=:][ \t]{0,20}|[ \t])(.*)")


def read(text: str, path: PurePath) -> Read:
    """What the settings of a program hold, whatever their form."""
    name = original_name(path.name).casefold()
    if name in CURL:
        pairs = tuple(_options(text, path))
        return Read(pairs, leftover(text, pairs))
    found = reader(_form(text, name))(text, path)
    more = tuple(_channels(text, path)) if name in CONDA else tuple(_terms(text, path))
    return Read((*found.pairs, *more), leftover(found.loose, more), found.groups) if more else found


def _form(text: str, name: str) -> str:
    """The reader that the ending names, or the first line that is no comment."""
    told = ENDINGS.get(name.rpartition(".")[2]) if "." in name[1:] else None
    if told is not None:
        return told
    text = text[:HEAD].lstrip("\ufeff \t\r\n")
    if SCRIPT.match(text):
        return "assigned"
    start = COMMENTS.match(text)
    text = text[start.end() if start is not None else 0 :].lstrip()
    if text.startswith("<"):
        return "xml"
    if JSON.match(text):
        return "json"
    return "yaml" if YAML.match(text) else "ini"


def _options(text: str, path: PurePath) -> Iterator[Pair]:
    """What the settings of curl say, each of which is one of its options."""
    for number, line in enumerate(text.split("\n"), start=1):
        told = OPTION.match(line.strip())
        if told is None:
            continue
        option = told[1] if told[1].startswith("-") else f"--{told[1]}"
        for each in typed.said(f"curl {option} {told[2]}"):
            yield Pair(each.name, each.value, Evidence(path, number, each.name))


def _channels(text: str, path: PurePath) -> Iterator[Pair]:
    for found in CHANNEL.finditer(text):
        yield Pair("conda.token", found[1], Evidence(path, _line(text, found), None))


def _terms(text: str, path: PurePath) -> Iterator[Pair]:
    if not text.lstrip().startswith("{"):
        return
    for found in TERM.finditer(text):
        if found[1].startswith("encrypted"):
            continue
        name = name_of((path.stem, found[1]))
        yield Pair(name, found[2], Evidence(path, _line(text, found), name))


def _line(text: str, found: re.Match[str]) -> int:
    return text.count("\n", 0, found.start(1)) + 1
