"""The checklist for programs and for a lead: JSON there and back, JUnit's XML, and Markdown that obeys nobody."""

import json
import re
from xml.etree import ElementTree as Xml

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from reports import CHECKLIST, Page, checklist_document, junit, markdown
from scanner.checklist import checklist
from scanner.errors import ScannerError
from scanner.model.report import Clause, FixInfo
from scanner.text import printable
from tests.reports import judged, samples
from tests.reports.strategies import REPORTS
from tests.reports.test_terminal import MANY, golden

PAGE = Page(100)
LIST = checklist(judged.JUDGED)
ALL = samples.ALL | judged.ALL
WITHHELD = replace(judged.JUDGED, contract=None, host=replace(judged.JUDGED.host, withheld="because"))
HOSTILE = "<img src=x> | @ada #1 [a](http://b) `c` ``` ]]> &amp; *d* www.e.example \x00\x1b\ufffe\u202e"


def hostile(text):
    """A report in which every text that comes from a machine or a contract is this one."""
    fix = FixInfo(text, (text, text))
    findings = tuple(replace(each, title=text, way=text, fix=fix) for each in judged.JUDGED.findings)
    states = ("fail", "unknown", "pass")
    clauses = tuple(
        Clause(f"{state}.{text}", text, state, fix, text, text, tuple(each.id for each in findings)) for state in states
    )
    contract = replace(judged.JUDGED.contract, name=text, clauses=clauses, unused_allowance=(text,))
    waivers = tuple(replace(each, owner=text, reason=text) for each in judged.JUDGED.waivers)
    return checklist(replace(judged.JUDGED, contract=contract, findings=findings, waivers=waivers))


def test_every_format_has_a_renderer_and_an_ending():
    assert sorted(CHECKLIST.endings.values()) == sorted(CHECKLIST.renderers)
    assert all(CHECKLIST.renderers[name](LIST, PAGE) for name in CHECKLIST.renderers)


@pytest.mark.parametrize("name", ["terminal", "markdown"])
def test_a_waiver_has_the_title_of_its_finding_where_that_is_still_there(name):
    [waived] = [each for each in judged.JUDGED.findings if each.id == judged.JUDGED.waivers[0].finding]
    gone = replace(judged.JUDGED.waivers[0], finding="f-gone", reason="")
    told = checklist(replace(judged.JUDGED, waivers=(judged.JUDGED.waivers[0], gone)))
    text = " ".join(CHECKLIST.renderers[name](told, PAGE).decode().replace("`", "").split())
    assert f"f-waived000001 ({waived.title}): in force, ada until 2026-12-01: migrating" in text
    assert "f-gone: in force, ada" in text


# --- JSON


@pytest.mark.parametrize("name", ALL)
def test_a_document_there_and_back_is_equal(name):
    told = checklist(ALL[name])
    assert checklist_document.load(checklist_document.render(told, PAGE)) == told


def test_a_document_says_what_it_is_what_came_of_it_and_what_to_do_first():
    told = json.loads(checklist_document.render(LIST, PAGE))
    assert (told["document"], told["schema_version"], told["result"]) == ("checklist", "1", "fail")
    assert told["counts"] == {"passed": 1, "failed": 3, "unknown": 1}
    assert (told["next"], told["next"]["mend"]["command"]) == (told["steps"][0], "gh auth logout")
    [first] = [each for each in told["clauses"] if each["id"] == "never.1"]
    assert (first["state"], first["where"], first["steps"]) == ("fail", "laptop:91", [1])
    assert first["mend"] == {
        "summary": "Log it out.",
        "command": "gh auth logout",
        "more": ["gh auth login --scopes read:org"],
    }
    assert first["items"][0]["place"] == {"path": "~/.config/gh/hosts.yml", "line": 3, "key": "oauth_token"}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff", "no armslength checklist"),
        (b"[]", "no armslength checklist"),
        (b"[" * 100_000, "no armslength checklist"),
        (b'{"schema_version": "1", "document": "CANARY"}', "no armslength checklist"),
        (b'{"schema_version": "CANARY", "document": "checklist"}', "of another format than 1"),
        (b'{"schema_version": "1", "document": "checklist", "tool": "CANARY"}', r"schema at \$\.tool"),
    ],
)
def test_what_is_no_checklist_is_refused_and_not_quoted(data, said):
    with pytest.raises(ScannerError, match=said) as error:
        checklist_document.load(data)
    assert "CANARY" not in str(error.value)


def test_the_schema_names_every_part_of_the_document():
    told = json.loads(checklist_document.schema())
    assert told["$id"] == "urn:armslength:checklist:1"
    assert set(told["$defs"]["Checklist"]["properties"]) == set(json.loads(checklist_document.render(LIST, PAGE)))


# --- JUnit

# What Jenkins' schema (junit-10.xsd) lets each element have: attributes, and children.
ALLOWED = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname"},
        {"properties", "testcase", "system-out", "system-err"},
    ),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"name", "time", "classname"}, {"skipped", "failure", "system-out"}),
    "failure": ({"message", "type"}, set()),
    "skipped": ({"message"}, set()),
    "system-out": (set(), set()),
    "system-err": (set(), set()),
}


def cases(told):
    root = Xml.fromstring(junit.render(told, PAGE))
    return {case.get("name").partition(":")[0]: case for case in root.iter("testcase")}


@pytest.mark.parametrize("name", [*ALL, "withheld", "hostile"])
def test_the_xml_keeps_to_the_schema_of_jenkins(name):
    told = {"withheld": checklist(WITHHELD), "hostile": hostile(HOSTILE)}.get(name) or checklist(ALL[name])
    root = Xml.fromstring(junit.render(told, PAGE))
    for element in root.iter():
        attributes, children = ALLOWED[element.tag]
        assert set(element.attrib) <= attributes
        assert {child.tag for child in element} <= children
    [suite] = root
    found = list(suite.iter("testcase"))
    counted = [len(found), len(list(suite.iter("failure"))), len(list(suite.iter("skipped")))]
    assert [int(suite.get(each)) for each in ("tests", "failures", "skipped")] == counted


def test_each_clause_is_one_case():
    told = cases(LIST)
    assert set(told) == {each.id for each in LIST.clauses}
    assert {case.get("classname") for case in told.values()} == {"laptop"}
    failure = told["never.1"].find("failure")
    assert (failure.get("type"), failure.get("message")) == ("critical", "1 item; mend: Log it out.")
    assert "~/.config/gh/hosts.yml:3 (oauth_token) (f-github000001, step 1)" in failure.text
    assert "$ gh auth logout" in told["never.1"].find("system-out").text
    assert "the rights of 1 credential are not known" in told["never.2"].find("skipped").get("message")
    assert [child.tag for child in told["require.sandbox"]] == ["system-out"]


def test_what_was_not_looked_at_stands_beside_the_cases():
    text = Xml.fromstring(junit.render(LIST, PAGE)).find("testsuite/system-err").text
    assert text.count("not looked at: ") == len(judged.JUDGED.gaps)


@MANY
@given(REPORTS)
def test_any_checklist_is_xml_of_characters_that_xml_has(report):
    data = junit.render(checklist(report), PAGE)
    Xml.fromstring(data)
    assert not re.search("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]", data.decode())


# --- Markdown

SHREDS = st.sampled_from(
    [*"`*_[]()<>#+-.!|~&$@\\:/ =^1aA\t\n", "@ada", "http://", "www.", "<b>", "- [x] ", "1. ", "&lt;", "```", "\u202e"]
)


def html(text):
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text)


def shown(text):
    """The text of a page, without its tags."""
    told = re.sub(r"<[^>]*>", "", html(text))
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        told = told.replace(entity, sign)
    return told.replace("\u200b", "").strip()


def test_a_lead_reads_it_as_its_golden_file():
    golden("check.md", markdown.render(LIST, PAGE))


def test_every_clause_is_a_task_and_only_what_is_kept_is_done():
    text = markdown.render(LIST, PAGE).decode()
    tasks = {clause: done for done, clause in re.findall(r"- \[([ x])\] .*?\(`([^`]+)`", text)}
    assert tasks == {each.id: "x" if each.state == "pass" else " " for each in LIST.clauses}


@example("1. a")
@example("- a")
@example("=")
@given(st.lists(SHREDS, min_size=1, max_size=12).map("".join).filter(str.strip))
def test_any_text_is_shown_as_it_is_and_obeyed_by_no_page(text):
    told = markdown.plain(text)
    page = html(f"- [ ] {told}") + html(told)
    assert set(re.findall(r"<(/?\w+)", page)) <= {"ul", "/ul", "li", "/li", "p", "/p"}
    assert "://" not in told
    assert not re.search(r"@\w|#\d|(?i:www\.)", page.replace("&#", ""))
    assert shown(told) == printable(text).strip()


@example("`` ` ")
@given(st.lists(SHREDS, min_size=1, max_size=8).map("".join).filter(str.strip))
def test_any_name_stands_as_code(text):
    page = html(f"a {markdown.code(text)} b")
    assert re.fullmatch(r"<p>a <code>[^<]*</code> b</p>\n", page)


@given(st.lists(st.lists(SHREDS, max_size=6).map("".join), max_size=3))
def test_no_command_closes_its_fence(commands):
    page = html("\n".join([*markdown.fenced(commands), "", "after"]))
    assert page.endswith("<p>after</p>\n")
    assert page.count("<code") == (1 if any(commands) else 0)


def test_a_hostile_machine_writes_no_markup():
    page = html(markdown.render(hostile(HOSTILE), PAGE).decode())
    allowed = {"h1", "h2", "p", "ol", "ul", "li", "strong", "code", "pre"}
    assert {tag.lstrip("/") for tag in re.findall(r"<(/?\w+)", page)} <= allowed


@pytest.mark.parametrize("form", ["terminal", "markdown", "junit", "json"])
def test_a_withheld_checklist_has_numbers_alone_in_every_format(form):
    text = CHECKLIST.renderers[form](checklist(WITHHELD), PAGE).decode()
    assert "because" in text
    assert not any(word in text for word in ("f-github", "hosts.yml", "laptop:", "gh auth"))
