"""No text breaks a reader, none takes it longer than its length is worth, and what it gives out stands in the text."""

import sys
from pathlib import PurePosixPath

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from probes.anywhere import (
    assigned,
    hcl,
    ini_lines,
    json_document,
    logins,
    notebooks,
    properties,
    toml_document,
    xml_text,
    yaml_document,
)

HOME = PurePosixPath("/home/ada")
READERS = {
    "x.yaml": yaml_document.read,
    "x.json": json_document.read,
    "x.toml": toml_document.read,
    "x.ini": ini_lines.read,
    "x.properties": properties.read,
    "x.xml": xml_text.read,
    "x.tf": hcl.read,
    "x.ipynb": notebooks.read,
    ".netrc": logins.read_netrc,
    ".pgpass": logins.read_pgpass,
    "x.py": assigned.read,
    "x.sh": assigned.read,
}
COMMON = (
    "password",
    "token",
    "api_key",
    "CANARY9x!",
    " ",
    "  ",
    "\n",
    "=",
    ":",
    ": ",
    '"',
    "'",
    ",",
    "#",
    "é",
    "\t",
    "a",
)
SHREDS = {
    "x.yaml": ("- ", "|\n", ">\n", "---\n", "&a ", "*a", "<<: ", "{", "}", "[", "]", "kind: Secret\ndata:\n", "!x "),
    "x.json": ("{", "}", "[", "]", "//", "/*", "*/", '"name":', '"value":', "null", "1e9", '"data"', '"kind":"Secret"'),
    "x.toml": ("[", "]", "[[", "{", "}", '"""', "'''", ".", "= ["),
    "x.ini": ("[", "]", ";", "//r/:_", "export "),
    "x.properties": ("!", ".", "spring."),
    "x.xml": ("<", ">", "</", "/>", "<!--", "-->", "<![CDATA[", "]]>", "<!DOCTYPE", "<a>", "</a>", "key=", "value="),
    "x.tf": ("{", "}", "[", "]", "<<EOT\n", "EOT\n", "variable ", "default", "/*", "*/", "//", "("),
    "x.ipynb": ('{"cells":[', '{"source":[', "]", "}", '"cell_type":"code"', '"image/png":"'),
    ".netrc": ("machine ", "login ", "password ", "default ", "account "),
    ".pgpass": ("h:1:d:u:", "*", "::::"),
    "x.py": ("(", ")", "{", "}", "=>", ":=", "`", "auth=(", "$", "str = ", "define("),
    "x.sh": ("export ", "--password ", "curl -u ", "mysql -p", "$(", ")", "`", "|", ";", "set -x ", "ENV "),
}  # fmt: skip


def texts(name: str) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from((*COMMON, *SHREDS[name])), max_size=30).map("".join)


@pytest.mark.parametrize("name", sorted(READERS))
@settings(max_examples=60)
@given(data=st.data())
def test_what_a_reader_gives_out_stands_in_the_text(name, data):
    text = data.draw(texts(name))
    read = READERS[name](text, HOME / name)
    lines = text.split("\n")
    assert read.loose.count("\n") == text.count("\n")
    for pair in read.pairs:
        assert pair.evidence.path == HOME / name
        assert 1 <= pair.evidence.line <= len(lines)
        assert pair.evidence.key == (pair.name or None)
        assert _spread(pair.value) in _spread("\n".join(lines[pair.evidence.line - 1 :]))


def _spread(text: str) -> str:
    """A text without what quotes, folds and joins lines."""
    return "".join(sign for sign in text if sign not in " \t\n\r\"'\\#")


@pytest.mark.parametrize("name", sorted(READERS))
@settings(max_examples=40)
@example(text="\x00")
@example(text="\ud800 password = \ud800x")
@example(text='password = "\\ud800\\u12"\r\n\u2028password: \x85a')
@given(text=st.text(st.characters(codec=None), max_size=60))
def test_no_signs_break_a_reader(name, text):
    READERS[name](text, HOME / name)


HOSTILE = {
    "x.yaml": ("a:\n- &a [", "[", "{a: ", "password: x\n", "- - ", "k: |\n password=a9x!b\n", "*a\n", "? "),
    "x.json": ("[", '{"a":', '"', "/*", "//", '{"password":"x9!yy"},', "\\", '"\\', ","),
    "x.toml": ("[", "a = [\n", "a.", '"""', "a = '''", "{", 'password = "x9!yy"\n', "a={b=", "[a.b]\n"),
    "x.ini": ("[", "=", ":", "password=x9!yy\n", "a ", " ;", "export "),
    "x.properties": ("\\", "\\\n", "a.", "=", "password=x9!yy\n", " ", "\\u"),
    "x.xml": ("<", "<!--", "<a ", "<![CDATA[", "]", "-", "<a>", "</a>", "<a b='", "<!", "&amp;", "<a><b>"),
    "x.tf": ("{", "[", "<<A\n", '"', "/*", "a = ", "a {\n", 'password = "x9!yy"\n', "a "),
    "x.ipynb": ("[", '{"cells":[', '"image/png":"', '"image/png":[', '{"source":["password = \'x9!yy\'\\n",'),
    ".netrc": ("machine a ", "machine ", "login a ", "default ", "password a\n", "\n"),
    ".pgpass": (":", "a:b:c:d:e\n", "\\", "\\:", "a"),
    "x.py": ("password", "password=", 'password="', "password='\\", "token: ", "auth=(", "secret,", "a_" * 40 + "key"),
    "x.sh": ("password ", "--password ", "curl -u ", "curl ", "mysql -p", "token=$", "'", "ENV ", "HOST=a\n", "-"),
}  # fmt: skip
CASES = [(name, piece) for name in sorted(HOSTILE) for piece in HOSTILE[name]]


@pytest.mark.parametrize(("name", "piece"), CASES)
def test_twice_the_text_takes_about_twice_the_steps(name, piece):
    """Steps are calls, also of what is written in C; what goes on within one expression is bounded by its own text."""
    small, large = (_steps(name, piece * (size // len(piece))) for size in (2_000, 8_000))
    assert large <= 6 * small + 2_000


def _steps(name: str, text: str) -> int:
    count = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += 1

    READERS[name](text[:200], HOME / name)  # what is loaded and remembered once is no step
    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        READERS[name](text, HOME / name)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("piece", ['"\\', "'\\", '"image/png":[', "/*"])
def test_what_is_never_closed_is_read_once(piece):
    """One expression that begins anew at every quote would take hours for this."""
    for name in ("x.json", "x.ipynb", "x.tf", "x.toml"):
        READERS[name]("a = " + piece * (300_000 // len(piece)), HOME / name)
