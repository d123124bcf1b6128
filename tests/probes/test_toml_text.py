"""TOML of strangers."""

import pytest

from probes.toml_text import NoToml, toml_of


def test_what_a_text_holds():
    assert toml_of('[engine]\nactive_service = "a.b.c"\n') == {"engine": {"active_service": "a.b.c"}}


@pytest.mark.parametrize("text", ["a = ", "[" * 100_000, "a = " + "[" * 100_000, "\x00", "a = 1\na = 2"])
def test_what_is_no_toml_is_said_without_its_text(text):
    with pytest.raises(NoToml) as told:
        toml_of(text)
    assert str(told.value) == ""
    assert told.value.__cause__ is None


@pytest.mark.parametrize("text", ["a{0} = 1", "[a{0}]", "x = {{a{0} = 1}}", '"a"{0} = 1'])
def test_a_key_of_very_many_parts_is_not_read(text):
    """Python's reader would take hours for it."""
    with pytest.raises(NoToml):
        toml_of(text.format(".a" * 500_000))
