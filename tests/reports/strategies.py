"""Reports of any shape, made by walking the types of the report's own structs."""

from datetime import UTC, timedelta, timezone

import msgspec.inspect as m
from hypothesis import strategies as st
from msgspec.structs import replace

from scanner.model.report import SCHEMA_VERSION, Report

# What a scanned name may hold: terminal codes, marks that reorder, markup, quotes, wide and joined characters.
HOSTILE = ["\x1b[31m", "\x9b", "\r", "\n", "\t", "\u202e", "\u200b", "\u2028", "\U000e0041", "[red]", "[/]", "\\", "\0"]
UNUSUAL = ["é", "漢字", "👩‍💻", "☺️", "e\u0301", " ", "  ", "~/src/", "/", "a-rather-long-name", ".env", "{", "%s", '"']
SHREDS = st.sampled_from([*HOSTILE, *UNUSUAL])
IDS = ("c-1", "c-2", "a-1", "e-1", "i-1", "any-agent", "codex")  # few, so that references often meet
KNOWN = ("yes", "likely", "none found", "undecided", "leak", "tamper", "contract", "fail", "pass")
# Made once a report, which has hundreds of texts: to draw each letter of each took most of the time of a test.
ANY = st.shared(st.lists(st.lists(SHREDS | st.text(max_size=4), max_size=6).map("".join), min_size=8, max_size=8))
TEXT = st.builds(lambda made, at: (*made, *IDS, *KNOWN)[at], ANY, st.integers(0, 7 + len(IDS) + len(KNOWN)))
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-11))])


def of_type(kind):
    """Values of one of msgspec's types."""
    match kind:
        case m.StrType():
            return TEXT
        case m.BoolType():
            return st.booleans()
        case m.IntType():
            return st.integers(-(2**63), 2**63 - 1) | st.integers(0, 200)
        case m.FloatType():
            return st.floats(allow_nan=False, allow_infinity=False)
        case m.DateTimeType():
            return st.datetimes(timezones=ZONES)
        case m.NoneType():
            return st.none()
        case m.EnumType(cls):
            return st.sampled_from(list(cls))
        case m.UnionType(types):
            return st.one_of([of_type(each) for each in types])
        case m.VarTupleType(item):
            return st.lists(of_type(item), max_size=3).map(tuple)
        case m.DictType(key_type, value_type):
            return st.dictionaries(of_type(key_type), of_type(value_type), max_size=3)
        case m.StructType(cls):
            return st.builds(cls, **{each.name: of_type(each.type) for each in kind.fields})
    raise TypeError(kind)


# Any report: references may dangle, as in a document that someone else wrote.
REPORTS = of_type(m.type_info(Report)).map(lambda report: replace(report, schema_version=SCHEMA_VERSION))
