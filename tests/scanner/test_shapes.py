"""What is asked before an expression is tried holds for all that the expression matches."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.shapes import ASKING, FILLER_WORD, STANDS_FOR, Quiet, filler, stand_in

ASCII = st.characters(codec="ascii")


@pytest.mark.parametrize("told", STANDS_FOR, ids=lambda told: told.reason.name)
@settings(max_examples=200)
@given(st.data())
def test_a_text_that_stands_for_another_begins_with_one_of_its_signs(told, data):
    text = data.draw(st.from_regex(told.pattern.compiled, fullmatch=True, alphabet=ASCII))
    assert text[0] in told.begins
    assert stand_in(text) is not None


@given(st.from_regex(FILLER_WORD.compiled, alphabet=ASCII))
def test_a_text_that_asks_for_another_has_one_of_the_words(text):
    assert any(word in text.casefold() for word in ASKING)


@pytest.mark.parametrize(
    "text", ["YOUR_KEY_HERE", "put-your-token-here", "an example", "KEYEXAMPLE", "goes here", "<change me>", "dummy"]
)
def test_a_filler_is_no_secret(text):
    assert filler(text) in {Quiet.PLACEHOLDER, Quiet.TEMPLATE}


@pytest.mark.parametrize("text", ["yourself", "counterexamples", "unfilled-form", "hunter2"])
def test_a_word_that_only_holds_one_of_a_filler_is_left_alone(text):
    assert filler(text) is None
