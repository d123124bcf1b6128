"""The prefilter tells the same by every engine, and what it calls clean is clean."""

import re
import sys
from itertools import product
from pathlib import PurePosixPath
from subprocess import run

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scanner.anchors import Met, met, name_groups, shape_groups, telling_phrases, telling_words
from scanner.data import files
from scanner.data.detectors import detectors
from scanner.data.families import families
from scanner.detection import found_in
from scanner.model import Evidence
from scanner.prefilter import (
    FOLDING,
    LONG,
    Group,
    Prefilter,
    folded,
    hyperscan_engine,
    long_words,
    portable_engine,
)
from scanner.secrets import Pair, secrets_in
from scanner.shapes import words_of
from scanner.testing import FakeHost
from scanner.tokens import FAMILIES, token

GROUPS = (*shape_groups(), *name_groups())
HEX = token("hex", "seed")
FOLDS = [sign.decode() for sign, _ in FOLDING]


def always(engine):
    """A prefilter that uses the engine from the first file on."""
    found = Prefilter(GROUPS, lambda groups: engine)
    found._judged = sys.maxsize
    found._engine = engine
    return found


PORTABLE = always(None)
HYPERSCAN = hyperscan_engine(GROUPS)
with_hyperscan = pytest.mark.skipif(HYPERSCAN is None, reason="hyperscan is not installed")


def naive(data: bytes) -> frozenset[str]:
    """What the words of `Group` say, by a loop over all groups."""
    found = set()
    for group in GROUPS:
        text = folded(data) if group.folded else data
        if group.long:
            signs = rb"[A-Za-z0-9_\-+/=.~%:]"
            text = b"\n".join(word for word in re.findall(signs + b"+", text) if len(word) >= LONG)
        anchored = any(literal in text for literal in group.literals)
        fits = not group.pattern or re.search(group.pattern, text)
        if anchored and fits and (group.confirm is None or group.confirm(text)):
            found.add(group.id)
    return frozenset(found)


LITERALS = sorted({literal for group in GROUPS for literal in group.literals})
SHREDS = st.one_of(
    st.sampled_from(LITERALS),
    st.sampled_from(sorted(token(name, "seed").encode() for name in FAMILIES)),
    st.sampled_from(
        [sign for sign, _ in FOLDING] + [b"A", b"a", b"_", b"\0", b"\xff", b"\xc5", b" ", b"\n", b"\r", b"="]
    ),
    st.sampled_from(
        [b"://", b"@", b":", b"?key=", b"&sig=", b"?%", b"/", b"eyJ", b".", b"a" * 16, HEX.encode(), b"'", b'"']
    ),
    st.sampled_from([b"-u", b"-p", b"curl ", b"PAT", b"Pat", b"\\u0041", b"\\x41", b"&#", b"%20", b"\\\n", b"Basic "]),
    st.binary(max_size=3),
)
TEXTS = st.lists(SHREDS, max_size=12).map(b"".join)


@with_hyperscan
@settings(max_examples=300)
@example(b"")
@example(b"\0")
@example("toKen DB_PAßWORD ſecret".encode())
@example(b"npm_" + HEX.encode()[:36] + b"npm_")
@given(TEXTS)
def test_hyperscan_tells_what_the_portable_way_tells(data):
    assert always(HYPERSCAN).met(data) == PORTABLE.met(data)


@settings(max_examples=200)
@given(TEXTS)
def test_a_file_meets_what_a_loop_over_all_groups_says(data):
    assert PORTABLE.met(data) == naive(data)


@pytest.mark.parametrize("engine", [None, pytest.param(HYPERSCAN, marks=with_hyperscan)], ids=("portable", "hyperscan"))
@pytest.mark.parametrize(("before", "behind"), list(product((b"", b"\0", b"\n"), repeat=2)))
def test_literals_count_at_both_ends_and_over_one_another(before, behind, engine):
    groups = tuple(Group(text.decode(), (text,)) for text in (b"abc", b"bcd", b"abcd", b"d", b"e"))
    made = hyperscan_engine(groups) if engine is not None else None
    prefilter = Prefilter(groups, lambda _: made)
    prefilter._judged = sys.maxsize
    prefilter._engine = made
    assert prefilter.met(before + b"abcd" + behind) == {"abc", "bcd", "abcd", "d"}


def test_case_counts_but_for_folded_groups_and_what_folds_is_its_letter():
    prefilter = Prefilter((Group("one", (b"Ab",)), Group("any", (b"sik",), folded=True)), portable_engine)
    assert prefilter.met(b"Ab SIK") == {"one", "any"}
    assert prefilter.met(b"ab sik") == {"any"}
    assert prefilter.met("\u017f\u0131\u212a".encode()) == {"any"}
    assert folded("PAßẞİ".encode()) == b"passssi"


def test_a_group_of_long_words_is_met_in_a_long_word_alone():
    prefilter = Prefilter((Group("long", (b"ab_",), long=True),), portable_engine)
    assert prefilter.met(b"x ab_" + b"c" * (LONG - 3)) == {"long"}
    assert not prefilter.met(b"x ab_" + b"c" * (LONG - 4))
    assert long_words(b"a" * LONG + b" b," + b"c" * (LONG + 1)) == b"a" * LONG + b"\n" + b"c" * (LONG + 1)


def test_an_engine_is_made_once_it_pays(monkeypatch):
    made = []
    prefilter = Prefilter((Group("a", (b"a",)),), made.append)
    monkeypatch.setattr("scanner.prefilter.PAYS", 10)
    assert prefilter.met(b"a" * 9)
    assert not made
    assert prefilter.met(b"a")
    assert len(made) == 1


def test_hyperscan_is_not_loaded_for_a_few_files():
    code = "import sys; from scanner.anchors import met; met(b'a', names=True); print('hyperscan' in sys.modules)"
    assert run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == ["False"]


# --- the groups are necessary


@pytest.mark.parametrize("family", [each for each in families() if not each.public], ids=lambda each: each.id)
@settings(max_examples=8)
@given(data=st.data())
def test_every_token_of_a_family_meets_its_group(family, data):
    value = data.draw(st.from_regex(family.pattern, fullmatch=True, alphabet=st.characters(codec="ascii")))
    assert ("alone:" if family.alone else "family:") + family.id in PORTABLE.met(value.encode())


@pytest.mark.parametrize("row", detectors(), ids=lambda row: row.plugin)
def test_a_lead_has_an_anchor_and_is_no_group(row):
    assert re.compile(row.lead.encode()).groups == 0
    assert row.lead == row.lead.replace("(?i)", "")


AROUND = st.sampled_from([*" \n\"'=,;:@/?&<>{}[]().-_\\#aZ0", "\r", "\x0b", "\u2028", "é", "\x00"])
SHAPED = st.one_of(
    AROUND,
    st.sampled_from(sorted(token(name, "seed") for name in FAMILIES)),
    st.sampled_from(["https://", "postgres://", "ada:", "p@", "@h", "?sig=CANARY", "&token=CANARY", "?%73ig=CANARY"]),
    st.sampled_from(["eyJhbGciOiJIUzI1NiJ9", "-----BEGIN ", "RSA PRIVATE KEY-----", "-----END X-----", HEX, "a" * 30]),
    st.sampled_from(
        ["aws_key='", "cl_pw = ", "ibm_key: ", "cos_secret_key=", "sl_key ", "AccountKey=", "xoxb-1-", *FOLDS]
    ),
)


@settings(max_examples=300)
@given(st.lists(SHAPED, max_size=14).map("".join))
def test_nothing_is_found_in_a_text_without_shapes(text):
    if not met(text.encode(), names=False):
        assert not everything_in(text)


def everything_in(text: str) -> tuple[str, ...]:
    """What the sources and plugins find in a text when nothing narrows them down."""
    from scanner.detection import _detectors, _places, _plugin_places, _shape, _small, _sources

    met = {*_places(text, _sources()), *_plugin_places(text, _small(text), _detectors())}
    return tuple(text[place.start : place.end] for place in met if _shape(text, place) is not None)


NAMES = st.lists(
    st.sampled_from(
        [
            *("DB", "db", "My", "x", "_", "-", ".", "PATH", "path", "2", "prod", "user", "host", "Monk", "compat"),
            *("Key", "pat", "Pat", "PAT", "pw", "PW", "auth", "token", "pass", "JWT", "Cookie", "ſecret", "to\u212aen"),
            *(part for phrase in telling_phrases() for part in phrase),
            *("aws", "ibm", "cloudant"),
        ]
    ),
    min_size=1,
    max_size=4,
).map("".join)
VALUES = st.lists(
    st.one_of(
        SHAPED,
        st.sampled_from(["Basic ", "bot ", "pat ", "splunk\t", "ssws ", "Bearer ", "key ", "YWRhOnBhc3N3b3Jk"]),
        st.sampled_from(
            ["curl -u ", "http --user ", "mysql -p", "zip -P ", "7z -p", "redis-cli -a ", "--x=", "sqlcmd -P"]
        ),
        st.sampled_from(["Server=db;", "PWD=CANARY", "paßword=CANARY", "X: ", "LS0tLS1CRUdJTi", "cio" + HEX[:32]]),
        st.sampled_from(sorted(words_of("published"))),
    ),
    max_size=6,
).map("".join)


@settings(max_examples=500)
@example(["X"], ["curl -uada:CANARY-1"])
@example(["adoPat"], ["CANARY-CANARY-1"])
@example(["ADO_PAT2"], [HEX])
@example(["BUNDLE_GEMS__EXAMPLE__COM"], ["ada:CANARY"])
@example(["pip.index-url"], ["CANARY-1"])
@example(["X"], ["Server=a;paßword=CANARY"])
@example(["X"], ["postgres://ada:p w@db/x"])
@example(["X"], ["Basic YWRhOnBhc3N3b3Jk"])
@example(["X"], ["asana 1/1234567890123:" + HEX[:32]])
@given(st.lists(NAMES, min_size=1, max_size=2), st.lists(VALUES, min_size=1, max_size=2))
def test_a_file_that_meets_nothing_has_no_pair_that_tells(names, values):
    pairs = list(zip(names, values, strict=False))
    text = "\n".join(f"{name} = {value}" for name, value in pairs)
    if not met(text.encode(), names=True):
        told = [Pair(name, value, Evidence(PurePosixPath("/x"), 1)) for name, value in pairs]
        assert not list(secrets_in(told, FakeHost()))
        assert not found_in(text)


def test_every_word_that_tells_by_name_is_met():
    names = [name.replace("*", "X") for row in files.table("variables.toml")["variable"] for name in row["names"]]
    said = {word for group in ("says_password", "says_secret", "says_perhaps") for word in words_of(group)}
    names += [f"MY_{word}" for word in sorted(said)]
    spellings = [spell for name in names for spell in (name, name.lower(), name.replace("_", "-"), camel(name))]
    assert [name for name in spellings if not met(f"{name}: CANARY".encode(), names=True).names] == []
    assert all(word == word.upper() for word in telling_words())


def camel(name: str) -> str:
    first, *others = name.split("_")
    return first.lower() + "".join(word.capitalize() for word in others)


@pytest.mark.parametrize(
    "text",
    [
        *("port: 8080\nhost: db.example.com\npath: /usr/lib\nrobot = true", "compat: 1\nspatial: yes", ""),
        *("see https://registry.example.com/@scope/name?page=2", "basics: 1"),
        *("curl https://example.com/x", "zip it\nmysql\n", "caf\\u00e9", "100% of it\\nthen"),
    ],
)
def test_an_ordinary_file_meets_nothing(text):
    assert met(text.encode(), names=True) == Met()
    assert not met(text.encode(), names=True)


@pytest.mark.parametrize(
    "text",
    [
        *('{"\\u0070w": "CANARY"}', "&#112;w: CANARY", "X=a%20Bearer", "X: gh\\\n  p_CANARY", '"\\x70w": CANARY'),
        *('{"X": "postgres:\\/\\/ada:CANARY@db"}', "X: LS0tLS1CRUdJTi", "X: eyJ0eXBlIjoi", 'X = "\\teyJ0eXBlIjoi"'),
    ],
)
def test_what_hides_its_letters_is_read(text):
    assert met(text.encode(), names=True).names


def test_text_of_two_bytes_a_sign_is_looked_at_as_text():
    text = f"$env:X = '{token('github-classic', 'seed')}'\r\n"
    for encoding in ("utf-16", "utf-8-sig"):
        assert met(text.encode(encoding), names=False).shapes >= {"family:github-classic"}
    assert not met("nothing here".encode("utf-16"), names=True)


def test_an_address_without_a_password_is_no_shape():
    for text in ("ssh://git@github.com/acme/shop", "https://example.com/a?b=c&d=e", "https://example.com:8080/a"):
        assert not met(text.encode(), names=False)
