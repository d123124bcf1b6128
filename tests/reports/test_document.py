"""The JSON document: written, read back, held to its schema."""

import json
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from reports import Page
from reports.document import load, render, schema
from scanner.errors import ScannerError
from scanner.model.report import Report
from tests.reports import judged, samples
from tests.reports.strategies import REPORTS

HERE = Path(__file__).parent
FROZEN = HERE / "report-v1.json"
PUBLISHED = HERE.parents[1] / "docs" / "report.schema.json"
PAGE = Page()
ALL = samples.ALL | judged.ALL


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(REPORTS)
def test_there_and_back_is_equal_and_keeps_to_the_schema(report):
    document = render(report, PAGE)
    assert load(document) == report
    assert render(load(document), PAGE) == document
    VALIDATOR.validate(json.loads(document))


VALIDATOR = Draft202012Validator(json.loads(schema()))


@pytest.mark.parametrize("name", ALL)
def test_a_sample_comes_back_equal_and_keeps_to_the_schema(name):
    document = render(ALL[name], PAGE)
    assert load(document) == ALL[name]
    VALIDATOR.validate(json.loads(document))


def test_a_document_that_lacks_a_section_breaks_the_schema():
    told = json.loads(render(samples.LAPTOP, PAGE))
    del told["gaps"]
    assert not VALIDATOR.is_valid(told)


def test_a_report_of_format_1_loads_for_ever():
    """The frozen file is what users keep. Never regenerate it: a change that breaks this test breaks their files."""
    report = load(FROZEN.read_bytes())
    empty = [name for name in Report.__struct_fields__ if getattr(report, name) in ((), {}, None, "")]
    assert empty == ["what_if"]  # which came later, and is left out of what tells of a machine that is
    assert report.credentials[0].locations[0].path == "~/.aws/credentials"
    assert report.exposures[0].class_ == "IRRECOVERABLE"
    assert report.exposures[0].ways["any-agent"].terms.impact == 1.0
    assert report.host.judged_at.utcoffset() == timedelta(0)
    assert report.agents[0].channels["execute"] == "prompt"


def test_the_published_schema_is_the_one_that_the_code_has():
    """To renew it: armslength schema > docs/report.schema.json."""
    assert PUBLISHED.read_bytes() == schema()
    Draft202012Validator.check_schema(json.loads(schema()))


def test_the_document_is_indented_ends_with_a_newline_and_begins_with_its_version():
    lines = render(samples.LAPTOP, PAGE).decode().splitlines(keepends=True)
    assert lines[:2] == ["{\n", '  "schema_version": "1",\n']
    assert lines[-1] == "}\n"


def test_the_sections_stand_in_the_order_of_the_architecture():
    order = (
        "schema_version weights_version data_versions tool scan host verdicts figures principals agents servers "
        "credentials identities assets edges exposures findings contract waivers guardrails uses advice gaps coverage"
    )
    assert list(json.loads(render(samples.EMPTY, PAGE))) == order.split()


def test_the_order_of_a_mapping_does_not_change_the_bytes():
    one = msgspec.structs.replace(samples.EMPTY, data_versions={"a": "1", "b": "2"})
    other = msgspec.structs.replace(samples.EMPTY, data_versions={"b": "2", "a": "1"})
    assert render(one, PAGE) == render(other, PAGE)


def named(name):
    return msgspec.structs.replace(
        samples.EMPTY, host=msgspec.structs.replace(samples.EMPTY.host, name=name), data_versions={name: "1"}
    )


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("\u202egnp", r"\u202egnp"),
        ("\u2066\u2069", r"\u2066\u2069"),
        ("\x1b[2J", r"\u001b[2J"),
        ("\x9b2J", r"\u009b2J"),
        ("tag\U000e0041", r"tag\udb40\udc41"),
        ("two\nlines", r"two\nlines"),
        ("größe", "größe"),
    ],
)
def test_marks_that_a_screen_would_obey_are_escaped_and_come_back(name, written):
    document = render(named(name), PAGE)
    assert f'"name": "{written}"' in document.decode()
    assert load(document).host.name == name


def test_a_lone_surrogate_becomes_its_escape():
    report = named("caf\udce9")
    loaded = load(render(report, PAGE))
    assert loaded.host.name == "caf\\xe9"
    assert loaded.data_versions == {"caf\\xe9": "1"}
    assert loaded.scan == report.scan


def test_a_byte_order_mark_before_it_is_passed_over():
    assert load(b"\xef\xbb\xbf" + render(samples.LAPTOP, PAGE)) == samples.LAPTOP


def changed(**sections):
    return json.dumps({**json.loads(render(samples.LAPTOP, PAGE)), **sections}).encode()


BAD = [
    (b"", "not JSON"),
    (b"CANARY", "not JSON"),
    (b'{"schema_version": "1', "not JSON"),
    (b'"\xff"', "not JSON"),
    (b'{"a":' * 9000, "not JSON"),
    (b'["CANARY"]', "no armslength report"),
    (b'"CANARY"', "no armslength report"),
    (b'{"CANARY": 1}', "no armslength report"),
    (b'{"schema_version": 1}', "no armslength report"),
    (b'{"schema_version": "CANARY"}', "no armslength report"),
    (b'{"schema_version": "0"}', "no armslength report"),
    (b'{"schema_version": "\xd9\xa3"}', "no armslength report"),
    (b'{"schema_version": "2"}', "newer format"),
    (b'{"schema_version": "' + b"9" * 9000 + b'"}', "newer format"),
    (b'{"schema_version": "1"}', "does not keep to its schema"),
    (changed(host={"platform": "CANARY"}), "does not keep to its schema"),
    (changed(host=[], CANARY=[]), "at $.host"),
    (changed(gaps=[{"kind": "CANARY` - at `$.CANARY", "probe": "", "place": "", "why": ""}]), "at $.gaps[0].kind"),
    (changed(data_versions={"CANARY": 1}), "at $.data_versions[...]"),
]


@pytest.mark.parametrize(("data", "told"), BAD)
def test_what_is_no_report_is_named_without_quoting_it(data, told):
    with pytest.raises(ScannerError) as caught:
        load(data)
    assert told in str(caught.value)
    assert "CANARY" not in str(caught.value) + caught.value.hint
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@settings(deadline=None)
@given(st.integers(0, 400), st.binary(min_size=1, max_size=3))
def test_a_damaged_document_is_a_report_or_an_error_of_ours(at, shred):
    document = render(samples.EMPTY, PAGE)
    with suppress(ScannerError):
        load(document[:at] + shred + document[at + len(shred) :])
