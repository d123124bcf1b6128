"""The vault keeps what it is given, shows nothing of it, and finds it again in whatever encoding."""

import base64
import html
import json
import pickle
import re
import sys
import tracemalloc
from threading import Thread
from types import FrameType
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from scanner.masking import FEW, MASK, Index, Needle, encodings, needles, views
from scanner.tokens import FAMILIES, token
from scanner.vault import ROOM, WHOLE, Vault

KEY = b"armslength test fingerprint key!"
SECRET = 'CANARY/"+ é&%<CANARY>\\'


def vault(*values):
    made = Vault(KEY)
    for value in values:
        made.keep(value)
    return made


def basic(value, before="ada:", after=""):
    return base64.b64encode((before + value + after).encode("utf-8", "surrogatepass")).decode()


ENCODINGS = {
    "as it is": str,
    "percent": lambda value: quote(value, safe=""),
    "percent but for slashes": quote,
    "percent in lower case": lambda value: "".join(f"%{byte:02x}" for byte in value.encode()),
    "percent as a form": quote_plus,
    "percent twice": lambda value: quote(quote(value, safe=""), safe=""),
    "JSON": lambda value: json.dumps(value)[1:-1],
    "JSON with its letters": lambda value: json.dumps(value, ensure_ascii=False)[1:-1],
    "JSON with slashes escaped": lambda value: json.dumps(value)[1:-1].replace("/", r"\/"),
    "JSON with all escaped": lambda value: re.sub("(....)", r"\\u\1", value.encode("utf-16-be").hex()),
    "JSON in JSON": lambda value: json.dumps(json.dumps(value)[1:-1])[1:-1],
    "HTML": html.escape,
    "HTML by numbers": lambda value: "".join(f"&#{ord(char)};" for char in value),
    "JSON in HTML": lambda value: html.escape(json.dumps(value)[1:-1]),
    "base64": lambda value: basic(value, ""),
    "base64, a byte on": lambda value: basic(value, "1"),
    "base64, two bytes on": lambda value: basic(value, "12", "3"),
    "base64 for URLs": lambda value: basic(value).replace("+", "-").replace("/", "_").rstrip("="),
    "base64 in a URL": lambda value: quote(basic(value), safe=""),
}


def test_equal_secrets_have_equal_handles_and_fingerprints_under_one_key():
    one, two = vault(), Vault(b"another key of thirty-two bytes!")
    long = "CANARY-CANARY-CANARY"
    assert one.keep(long) == one.keep(long)
    assert one.keep(long).fingerprint.startswith(f"k{one.key_id}:")
    assert one.keep(long).fingerprint != two.keep(long).fingerprint
    assert one.value(one.keep(long)) == long


def test_what_could_be_guessed_has_no_fingerprint():
    assert vault().keep("CANARY-CANARY-CANARY", guessable=True).fingerprint is None
    assert vault().keep("fifteen letters").fingerprint is None
    assert vault().keep("sixteen letters!").fingerprint is not None


def test_a_vault_is_neither_printed_nor_pickled_and_wants_a_whole_key():
    made = vault("CANARY-CANARY")
    assert "CANARY" not in repr(made)
    assert "CANARY" not in repr(made.keep("CANARY-CANARY"))
    with pytest.raises(TypeError):
        pickle.dumps(made)
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(b"short")


def test_what_the_search_is_made_of_shows_nothing_either():
    index = Index()
    for needle in needles("CANARY-CANARY", 0):
        index.add(needle)
        assert "CANARY" not in repr(needle)
    made = [index, *views(b"%20CANARY", json=False, spaces=False)]
    assert "CANARY" not in repr(made)


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
def test_a_value_is_masked_whole_in_every_encoding(encode):
    stands = encode(SECRET)
    for before, after in (("", ""), ("token: ", " end"), ("xxxxxxx;", "\n"), ("é ", " é")):
        data = (before + stands + after).encode()
        assert vault(SECRET).mask(data) == ((before).encode() + MASK + after.encode(), 1)


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_a_token_of_every_family_is_masked(family):
    value = token(family, "seed")
    for encode in ENCODINGS.values():
        assert vault(value).mask(encode(value).encode()) == (MASK, 1)


@pytest.mark.parametrize("after", range(8))
@pytest.mark.parametrize("before", range(8))
def test_the_shortest_value_is_masked_wherever_it_stands(before, after):
    head, tail = b"x" * before, b"y" * after
    assert vault("CANARY-CANAR").mask(head + b"CANARY-CANAR" + tail) == (head + MASK + tail, 1)


def test_a_value_of_eleven_characters_and_a_word_of_ours_stay():
    assert vault("eleven char").mask(b"eleven char") == (b"eleven char", 0)
    assert vault("twelve chars").mask(b"twelve chars") == (MASK, 1)
    assert vault("twelve chars").mask(b"twelve chars", frozenset({"twelve chars"})) == (b"twelve chars", 0)


def test_a_part_of_a_word_of_ours_stays_too():
    """Else a file could blank the words that make a report one, and so prevent it."""
    assert vault("schema_versio").mask(b"schema_version", frozenset({"schema_version"})) == (b"schema_version", 0)


def test_a_time_in_a_document_stays_one():
    document = b'{"at": "2026-11-21T10:00:00.5Z", "why": "since 2026-11-21T10:00:00Z"}'
    masked = b'{"at": "2026-11-21T10:00:00.5Z", "why": "since [masked]:00:00Z"}'
    assert vault("2026-11-21T10").mask(document, json=True) == (masked, 1)


def test_values_that_overlap_are_masked_together():
    made = vault("CANARY-CANARY-1", "CANARY-1-CANARY", "CANARY-CANARY-1-CANARY-2")
    assert made.mask(b"<CANARY-CANARY-1-CANARY>") == (b"<[masked]>", 1)
    assert made.mask(b"<CANARY-CANARY-1-CANARY-2>") == (b"<[masked]>", 1)


def test_what_is_kept_after_a_mask_is_masked_by_the_next():
    made = vault("CANARY-CANARY")
    made.mask(b"")
    made.keep("CANARY-LATER")
    assert made.mask(b"CANARY-LATER, CANARY-CANARY")[1] == 2


def test_a_line_of_a_kept_key_is_masked_without_the_others_and_its_frame_is_not():
    body = base64.b64encode(b"CANARY" * 30).decode()
    made = vault(f"-----BEGIN PRIVATE KEY-----\n{body[:64]}\n{body[64:128]}\n-----END PRIVATE KEY-----\n")
    text = f"-----BEGIN PRIVATE KEY-----\r\n  {body[64:128]}"
    assert made.mask(text.encode())[0] == b"-----BEGIN PRIVATE KEY-----\r\n  [masked]"


def test_a_value_as_large_as_a_file_is_masked_too():
    value = "CANARY-\n" * 100_000
    assert vault(value).mask(json.dumps(value).encode(), json=True) == (b'"[masked]"', 1)


def test_the_mask_takes_text_too_even_with_half_a_surrogate():
    assert vault("CANARY-CANARY").mask_text("a CANARY-CANARY \ud800") == "a [masked] \ud800"
    assert vault("CANARY-\ud800-CANARY").mask_text("a CANARY-\ud800-CANARY") == "a [masked]"
    assert vault("CANARY-\udcff-CANARY").mask(b"CANARY-\xff-CANARY") == (MASK, 1)


def test_a_value_cannot_break_a_json_document():
    document = json.dumps([{"severity": "high", "why": "x", "n": 123456789012345}, {"severity": "low"}])
    for hostile in ('"severity": "', '"}, {"sever', '", "why": "x"', "123456789012345", '": "low"}]   '):
        assert vault(hostile).mask(document.encode(), json=True) == (document.encode(), 0)
    quoted = json.dumps({"why": 'a "severity": " b'})
    assert json.loads(vault('"severity": "').mask(quoted.encode(), json=True)[0]) == {"why": "a [masked] b"}


def test_a_string_that_stands_often_in_a_document_is_masked_and_counted_wherever_it_stands():
    document = json.dumps([{"why": "a\nCANARY-CANARY"}] * 3 + [{"CANARY-CANARY": "CANARY-CANARY CANARY-CANARY"}, ", "])
    masked = document.replace("CANARY-CANARY", "[masked]")
    assert vault("CANARY-CANARY").mask(document.encode(), json=True) == (masked.encode(), 6)


def test_a_json_escape_is_never_cut_in_two():
    made = vault("nCANARY-CANARY", "CANARY-CANARY\\")
    for text in ("\nCANARY-CANARY", 'CANARY-CANARY"', "CANARY-CANARY\\"):
        json.loads(made.mask(json.dumps(text).encode(), json=True)[0])


SHREDS = st.sampled_from(
    [
        *"\"\\{}[]:,/+=%&;<>' ",
        "\n",
        "\t",
        "é",
        "€",
        "\U0001f600",
        "\x00",
        "\x1b",
        "CANARY",
        "a",
        "n",
        "u00",
        "41",
        "%2F",
    ]
)
VALUES = st.lists(SHREDS, min_size=3).map("".join).filter(lambda value: len(value) >= 12)
TEXTS = st.lists(SHREDS, max_size=6).map("".join)


@example("            ", "", "", "as it is")
@given(VALUES, TEXTS, TEXTS, st.sampled_from(sorted(ENCODINGS)))
def test_masked_bytes_hold_no_encoding_of_the_value(value, before, after, encoding):
    made = vault(value)
    masked, hits = made.mask(f"{before} {ENCODINGS[encoding](value)} {after}".encode())
    assert hits
    assert not [form for form in encodings(value) if form in masked]


@given(VALUES, TEXTS, TEXTS, st.sampled_from(sorted(ENCODINGS)), st.booleans())
def test_a_masked_json_document_is_still_one_and_holds_the_value_nowhere(value, before, after, encoding, ascii_only):
    document = {before: [1, before + ENCODINGS[encoding](value) + after, None], "k": {after: value}}
    masked, hits = vault(value).mask(json.dumps(document, ensure_ascii=ascii_only).encode(), json=True)
    assert hits
    strings = []

    def gathered(pairs):
        strings.extend(text for pair in pairs for text in pair if isinstance(text, str))
        return pairs

    whole = json.loads(masked, object_pairs_hook=gathered)
    strings += [each for key, item in whole if isinstance(item, list) for each in item if isinstance(each, str)]
    strings = [text.replace("[masked]", "\0") for text in strings]  # our own word may complete a value by chance
    assume(value not in before + "\0" + after)
    for form in encodings(value):
        assert not [text for text in strings if form in text.encode("utf-8", "surrogatepass")]


@given(st.lists(VALUES, max_size=4), st.binary(max_size=200) | TEXTS.map(str.encode))
def test_the_mask_takes_any_bytes(values, data):
    vault(*values).mask(data)
    vault(*values).mask(data, json=True)


ALIKE = st.text("AB", min_size=12, max_size=16)


@given(st.lists(ALIKE, min_size=FEW, max_size=3 * FEW), st.text("ABC", max_size=60), st.sets(st.integers(0, 9)))
def test_a_crowd_of_values_that_begin_alike_is_found_as_each_alone_is(values, text, spared):
    index = Index()
    for owner, value in enumerate(values):
        index.add(Needle(value.encode(), owner, spread=False))
    blanked = {at for start, end in index.find(text.encode(), spared) for at in range(start, end)}
    alone = {
        at
        for owner, value in enumerate(values)
        for start in range(len(text))
        if owner not in spared and text.startswith(value, start)
        for at in range(start, start + len(value))
    }
    assert blanked == alone


def test_a_thousand_values_that_begin_alike_cost_no_more_than_others():
    """Counted, not timed: a file of such values must not hold the report up for hours."""
    values = [f"CANARY-CANARY-CANARY-CANARY-{number:04}" for number in range(1000)]
    made = vault(*values)
    data = b"CANARY-CANARY-CANARY-CANARY-x " * 1000
    made.mask(b"")
    made.mask(b"CANARY-CANARY-CANARY-CANARY-x ")  # sorts them
    compared = 0

    def count(frame: FrameType, event: str, called: object) -> None:
        nonlocal compared
        compared += event == "c_call" and getattr(called, "__name__", "") == "startswith"

    sys.setprofile(count)
    try:
        assert made.mask(data) == (data, 0)
    finally:
        sys.setprofile(None)
    assert compared < 100 * 1000


def test_base64_of_a_long_value_is_masked_whole():
    value = "CANARY-" * 1000
    assert vault(value).mask(b"key: " + base64.b64encode(value.encode()) + b" end") == (b"key: [masked] end", 1)


LONGEST = " / ".join(f"CANARY {number}" for number in range(6000))


def full_vault():
    """One whose room is all taken."""
    return vault(*(f"{number:04}" + "x" * (WHOLE - 4) for number in range(ROOM // WHOLE)))


@pytest.mark.parametrize("made", [vault(), full_vault()], ids=["empty", "full"])
@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
def test_a_value_that_is_not_held_whole_is_masked_whole(made, encode):
    made.keep(LONGEST)
    assert made.mask(f"({encode(LONGEST)})".encode()) == (b"([masked])", 1)


def test_the_beginning_of_a_value_that_is_not_held_whole_is_masked_alone():
    head = LONGEST[:1024]
    assert vault(LONGEST).mask(f"{head};rest".encode()) == (b"[masked];rest", 1)


def test_many_values_that_begin_alike_and_are_not_held_whole_are_masked_whole():
    values = [LONGEST + "z" * number for number in range(2 * FEW)]
    for value in values:
        assert vault(*values).mask(f"<{value}>".encode()) == (b"<[masked]>", 1)


def test_a_value_that_is_not_held_whole_has_the_fingerprint_it_would_have():
    value = "CANARY-" * 1000
    held, made = vault(), full_vault()
    assert held.value(held.keep(value)) == value
    assert made.value(made.keep(value)) is None
    assert made.keep(value) == made.keep(value)
    assert made.keep(value).fingerprint == held.keep(value).fingerprint
    assert made.keep(value).index != made.keep(value + "-").index
    short = "CANARY-CANARY"
    assert made.value(made.keep(short)) == short


def test_what_a_run_holds_does_not_grow_with_the_length_of_its_values():
    made = full_vault()
    tracemalloc.start()
    try:
        for number in range(400):
            made.keep(f"{number}" + "CANARY" * 10_000)
        made.mask(b"nothing")
        assert tracemalloc.get_traced_memory()[0] < ROOM * 4
    finally:
        tracemalloc.stop()


def test_values_kept_side_by_side_are_all_kept():
    held = Vault(KEY)
    words = [[f"CANARY-{worker}-{number:04}-CANARY" for number in range(2000)] for worker in range(4)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [Thread(target=lambda row=row: [held.keep(word) for word in row]) for row in words]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert all(held.value(held.keep(word)) == word for row in words for word in row)


def test_a_long_run_of_base64_is_measured_once():
    """Counted, not timed: a value that repeats itself stands in its own encoding thousands of times."""

    class Watched(bytes):
        looks = 0

        def __getitem__(self, place):
            Watched.looks += isinstance(place, int)
            return super().__getitem__(place)

    data = Watched(base64.b64encode(b"A" * 30_000))
    index = Index()
    for needle in needles("A" * 30, 0):
        index.add(needle)
    assert {*index.find(data, frozenset())} == {(0, len(data))}
    assert Watched.looks < 2 * len(data)
