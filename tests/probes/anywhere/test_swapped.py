"""Swap files: lines of a text among signs that are none."""

from pathlib import PurePosixPath

from hypothesis import given
from hypothesis import strategies as st

from probes.anywhere.look import anywhere
from probes.anywhere.swapped import read
from scanner.model import CredentialSeen
from scanner.testing import FakeHost, observe
from scanner.tokens import token

DRAWN = token("password", "swapped")
SHAPED = token("github-classic", "swapped")


def test_what_stood_in_a_file_of_variables_is_told_from_its_swap_file():
    data = b"b0VIM 9.1\0\0\0\x10" + f"# end\0DB_PASSWORD={DRAWN}\0A=1\0".encode() + b"\xff\xfe\0" + SHAPED.encode()
    seen = [
        each
        for each in observe(anywhere, FakeHost(files={"~/src/..env.swp": data}))
        if isinstance(each, CredentialSeen)
    ]
    assert {(each.kind, each.evidence.path.name, each.evidence.key) for each in seen} == {
        ("database.password", "..env.swp", "DB_PASSWORD"),
        ("github.classic-token", "..env.swp", None),
    }


SHREDS = st.sampled_from(["\0", "\x10", "\ufffd", "DB_PASSWORD=", DRAWN, "\n", "'", "é", "b0VIM", " "])


@given(st.lists(SHREDS, max_size=15).map("".join))
def test_any_text_keeps_its_lines(text):
    found = read(text, PurePosixPath("/home/ada/.x.swp"))
    assert found.loose.count("\n") == text.count("\n")
    assert all(each.evidence.line is None for each in found.pairs)
