import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.text import UNSAFE, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("größe €", "größe €"),
        ("C:\\Users\\ada", "C:\\Users\\ada"),
        ("a\x1b[2Jb", "a\\x1b[2Jb"),
        ("two\nlines\ttab", "two\\x0alines\\x09tab"),
        ("\x7f\x9b", "\\x7f\\x9b"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\u2066\u2069\u200e\u200f\u061c", "\\u2066\\u2069\\u200e\\u200f\\u061c"),
        ("hidden\U000e0041", "hidden\\U000e0041"),
        (b"caf\xe9".decode("utf-8", "surrogateescape"), "caf\\xe9"),
        ("\ud800", "\\ud800"),
    ],
)
def test_what_a_terminal_would_obey_is_written_as_its_escape(text, shown):
    assert printable(text) == shown


@given(st.text(st.characters() | st.sampled_from("\x1b\x9b\u202e\udce9\ud800\u2028")))
def test_any_text_becomes_one_safe_line_that_can_be_encoded(text):
    shown = printable(text)
    shown.encode()
    assert not UNSAFE.search(shown)
    assert len(shown.splitlines()) <= 1
    assert printable(shown) == shown
