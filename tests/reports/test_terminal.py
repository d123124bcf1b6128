"""The terminal page and the explanations: read as golden files, and held to laws on any report."""

import json
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from reports import EXTENSIONS, RENDERERS, Page, document, words
from reports.checklist import render as check
from reports.explain import explain
from reports.lookup import look_up
from reports.terminal import MARKS, STYLES, render
from reports.ways import ways
from reports.words import UNDONE, does
from scanner.checklist import checklist
from scanner.errors import ScannerError
from scanner.model.report import UndecidedStep
from scanner.model.terms import Capability, Confidence, Environment, GapKind, Gate, Reversibility, Severity, Tracking
from scanner.text import UNSAFE
from tests.reports import judged, samples
from tests.reports.strategies import REPORTS

GOLDEN = Path(__file__).parent / "golden"
ALL = samples.ALL | judged.ALL
PAGES = {
    "80": Page(80),
    "40": Page(40),
    "80-ascii": Page(80, unicode=False),
    "40-ascii": Page(40, unicode=False),
}
EXPLAINED = {
    "exposure": "e-awskeyprod01-account00001-06",
    "credential": "c-githubtoken1",
    "asset": "a-github00001",
    "identity": "i-prodadmin001",
    "finding": "f-excess000001",
    "principal": "any-agent",
    "server": "s-ordersdb0001",
}
JUDGED = {
    "agent": "claude-code",
    "absent": "cursor",
    "item": "f-github000001",
    "waived": "f-waived000001",
    "credential": samples.AWS_KEY.id,
    "exposure": judged.HUB,
    "clause": "allow.12",
}
CODES = re.compile(r"\x1b\[[0-9;]*m")
MANY = settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))


def golden(name, data):
    """Compares with the golden file; UPDATE_GOLDEN=1 in the environment writes it anew."""
    path = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    assert data.decode() == path.read_bytes().decode()


def held(data, page):
    """The laws of every page: no line wider than it, nothing in it that a terminal would obey, ASCII where asked."""
    text = data.decode()
    assert text.endswith("\n")
    assert page.color or not UNSAFE.search(text.replace("\n", ""))
    assert page.unicode or text.isascii()
    for line in CODES.sub("", text).split("\n"):
        assert cell_len(line) <= page.width
        assert line == line.rstrip(" ")
        assert not UNSAFE.search(line)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", ALL)
def test_a_page_reads_as_its_golden_file(name, page):
    if name != "crowded" or page == "80":  # which one page of that length is enough to read
        golden(f"{name}-{page}.txt", render(ALL[name], PAGES[page]))


@pytest.mark.parametrize("kind", EXPLAINED)
def test_an_explanation_reads_as_its_golden_file(kind):
    golden(f"explain-{kind}.txt", explain(samples.COMPLETE, EXPLAINED[kind], Page(80), score=True))


@pytest.mark.parametrize("kind", JUDGED)
def test_an_explanation_of_a_judged_report_reads_as_its_golden_file(kind):
    golden(f"explain-judged-{kind}.txt", explain(judged.JUDGED, JUDGED[kind], Page(80), score=True))


@pytest.mark.parametrize("name", ALL)
def test_a_saved_report_reads_as_the_one_that_was_just_made(name):
    assert render(document.load(document.render(ALL[name], Page())), Page(80)) == render(ALL[name], Page(80))


def test_a_weakness_is_read_in_a_file_and_no_other_side_said_so():
    text = explain(samples.COMPLETE, samples.WEAK[0].id, Page(80)).decode()
    assert "verified: it was read there" in text
    assert "the other side" not in text


@pytest.mark.parametrize("tracking", Tracking)
def test_how_git_stands_to_a_file_is_told_behind_its_place(tracking):
    first = samples.COMPLETE.credentials[0]
    place = replace(first.locations[1], git=tracking)
    changed = replace(first, locations=(place, *first.locations))
    report = replace(samples.COMPLETE, credentials=(changed, *samples.COMPLETE.credentials[1:]))
    told = f"{words.place(place)}, {words.GIT[tracking]}"
    for page in (explain(report, first.id, Page(200)), render(report, Page(200))):
        assert page.decode().count(told) == 1
        assert page.decode().count("by git") == 1


def test_what_cuts_a_way_is_said_once_though_an_advice_names_the_credential_too():
    step = replace(judged.JUDGED.advice[0], summary=f"GitHub token: {samples.GITHUB.narrow}")
    text = explain(replace(judged.JUDGED, advice=(step,)), judged.HUB, Page(400)).decode()
    assert text.count(samples.GITHUB.narrow) == 1


def test_a_mend_that_is_too_long_is_told_from_its_beginning():
    fix = replace(judged.ITEMS[0].fix, summary="Set the mode. " * 200)
    step = replace(judged.JUDGED.advice[0], summary=fix.summary)
    report = replace(judged.JUDGED, findings=(replace(judged.ITEMS[0], fix=fix),), advice=(step,))
    told = re.findall("(Set the mode.*)…", render(report, Page(600)).decode())
    assert len(told) == 2
    assert all(fix.summary.startswith(each) for each in told)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("laptop", "how far agents may reach; armslength baseline show laptop prints it\n"),
        ("my ticket.yaml", "how far agents may reach; armslength baseline show 'my ticket.yaml' prints it\n"),
        ("", "how far agents may reach\n"),
    ],
)
def test_the_command_that_shows_the_contract_names_it(source, told):
    contract = replace(judged.JUDGED.contract, source=source)
    assert told in render(replace(judged.JUDGED, contract=contract), Page(200)).decode()


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("width", [20, 24, 40, 59, 60, 80, 200])
@pytest.mark.parametrize("name", ALL)
def test_a_sample_keeps_to_its_page(name, width, color):
    page = Page(width, color=color)
    held(render(ALL[name], page), page)


@MANY
@given(REPORTS, st.builds(Page, st.integers(20, 120), st.booleans(), st.booleans()), st.booleans())
def test_any_report_keeps_to_its_page_and_can_be_explained(report, page, score):
    held(render(report, page), page)
    shown = replace(report, host=replace(report.host, withheld=None))
    clauses = report.contract.clauses if report.contract is not None else ()
    for part in (report.exposures, report.credentials, report.assets, report.identities, report.findings, clauses):
        for thing in part:
            held(explain(shown, thing.id, page, score=score), page)


# Keys of a document under which a text stands that a reader sees and nothing refers to.
HOSTILE = {
    *("title", "name", "mode", "rule", "channel", "way", "summary", "commands"),
    *("text", "why", "where", "reason", "owner", "until", "version", "key"),
}


def spoilt(value, key=""):
    """The same document with terminal codes, line ends and five thousand letters in every text that a reader sees."""
    match value:
        case dict():
            return {name: spoilt(each, name) for name, each in value.items()}
        case list():
            return [spoilt(each, key) for each in value]
        case str() if key in HOSTILE:
            return f"{samples.EVIL} {value} {samples.LONG}"
    return value


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_a_hostile_judged_report_keeps_to_its_page_and_its_answers_stay_on_the_first_screen(width, color):
    told = json.loads(document.render(judged.JUDGED, Page()))
    report = document.load(json.dumps({each: spoilt(told[each]) for each in told}).encode())
    page = Page(width, color=color)
    data = render(report, page)
    held(data, page)
    if width == 80:
        first = CODES.sub("", data.decode()).split("\n")[:24]
        assert sum(line.startswith("YES") for line in first) >= 1
    held(check(checklist(report), page), page)
    held(ways(report, Capability.CODE_WRITE, None, page), page)
    for node in (*JUDGED.values(), "codex"):
        held(explain(report, node, page, score=True), page)


@pytest.mark.parametrize("name", ALL)
def test_colour_changes_no_word(name):
    coloured = render(ALL[name], Page(color=True)).decode()
    assert "\x1b[" in coloured
    assert CODES.sub("", coloured) == render(ALL[name], Page()).decode()


def joined(data):
    """The text with its line breaks and indents taken out."""
    return re.sub(r"\n *", "", data.decode())


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("name", ["laptop", "crowd"])
def test_each_of_the_first_twelve_is_there_with_id_title_and_mend(name, width):
    report = samples.ALL[name]
    text = joined(render(report, Page(width))).replace(" ", "")
    for credential in look_up(report).credentials[:12]:
        assert credential.id in text
        assert credential.title.replace(" ", "") in text
        assert credential.narrow.replace(" ", "") in text


@pytest.mark.parametrize("width", [40, 80])
def test_a_very_long_path_keeps_its_file_and_line(width):
    text = joined(render(samples.HOSTILE, Page(width)))
    assert "the-file-that-matters.env:77(KEY)" in text.replace(" ", "")
    assert "Geheimnis.txt:5" in text


def test_the_first_screen_of_80_by_24_holds_the_answer_and_the_worst():
    screen = render(samples.LAPTOP, Page(80)).decode().split("\n")[:24]
    assert "An unrestricted agent started here could use 5 credentials: 2 reach production," in screen
    assert sum(samples.GITHUB.title in line for line in screen) >= 1
    assert sum(samples.AWS_KEY.title in line for line in screen) >= 1


def test_two_hundred_credentials_are_folded():
    text = render(samples.CROWD, Page(80)).decode()
    assert "192 more below" in text
    assert len(text.splitlines()) < 320
    assert "and 148 more; -o ~/report.json holds them all" in text


def test_what_is_shown_in_short_has_its_place_and_its_id():
    text = render(samples.CROWD, Page(80)).decode()
    above, below = text.split("\n 13 ")[1].split("\n 14 ")[:2]
    assert "database.yml:1  and 2 more  c-000000000068" in above
    assert len(above.splitlines()) == 2
    assert "c-000000000076" in below
    shown = text.partition("\nand 148 more")[0]
    assert sum(credential.id in shown for credential in samples.CROWD.credentials) >= 52


def test_credentials_of_one_title_are_told_apart_by_what_they_open():
    plain = replace(samples.GITHUB, names=(), public_id=None)
    [exposure, *_] = [each for each in samples.LAPTOP.exposures if each.credential == plain.id]
    [asset] = [each for each in samples.LAPTOP.assets if each.id == exposure.asset]
    others = tuple(each for each in samples.LAPTOP.credentials if each.id != plain.id)
    twin = replace(plain, id="c-twin")
    alone = render(replace(samples.LAPTOP, credentials=(*others, plain)), Page(120)).decode()
    both = render(replace(samples.LAPTOP, credentials=(*others, plain, twin)), Page(120)).decode()
    assert f"{plain.title}, {words.clipped(asset.name, 24)}" not in alone
    assert f"{plain.title}, {words.clipped(asset.name, 24)}" in both


def test_a_credential_in_a_hundred_places_is_folded_and_says_how_to_see_all():
    [credential] = [each for each in samples.CROWD.credentials if len(each.locations) == 100]
    report = replace(samples.CROWD, credentials=(credential,))
    text = render(report, Page(80)).decode()
    assert f"and 96 more; armslength explain {credential.id}" in text
    assert explain(report, credential.id, Page(80)).decode().count("database.yml") == 100


class Counted(tuple):
    """A tuple that counts how often it was gone through."""

    rounds = 0

    def __iter__(self):
        Counted.rounds += 1
        return super().__iter__()


def test_a_thing_that_many_credentials_open_is_explained_in_few_rounds():
    """Counted, not timed: a home with many passwords of one server must not hold an explanation up for minutes."""
    first = samples.LAPTOP.exposures[0]
    opened = next(each for each in samples.LAPTOP.credentials if each.id == first.credential)
    report = replace(
        samples.LAPTOP,
        credentials=Counted(replace(opened, id=f"c-{n}") for n in range(300)),
        exposures=Counted(replace(first, id=f"x-{n}", credential=f"c-{n}") for n in range(300)),
    )
    Counted.rounds = 0
    told = explain(report, first.asset, Page(80)).decode()
    assert told.count("Through ") == 300
    assert Counted.rounds < 20


def test_credentials_are_sorted_by_urgent_severity_gate_and_confidence():
    found = look_up(samples.CROWD)
    worst = [found.opened(each)[0] for each in found.credentials if found.opened(each)]
    keys = [
        (
            not each.urgent,
            -each.severity.rank,
            list(Gate).index(each.ways["any-agent"].gate),
            list(Confidence).index(each.confidence),
        )
        for each in worst
    ]
    assert all(one <= other for one, other in pairwise(keys))
    assert not any(found.opened(each) for each in found.credentials[len(worst) :])


def test_nothing_found_says_so_and_points_at_the_demo():
    text = render(samples.EMPTY, Page(80)).decode()
    assert "Nothing was found in what was looked at" in text
    assert "armslength demo" in text


@pytest.mark.parametrize("name", ["complete", "judged", "notional", "hostile"])
def test_a_withheld_report_shows_no_name_path_or_id_even_where_it_still_holds_them(name):
    report = ALL[name]
    withheld = replace(report, host=replace(report.host, withheld="because"))
    stranger = samples.Verdict("p-CANARY", "v-CANARY", "CANARY", 3, "e-CANARY", "c-CANARY")
    withheld = replace(withheld, verdicts=(*withheld.verdicts, stranger))
    text = render(withheld, Page(200)).decode()
    assert "Details are withheld: because" in text
    assert "another question" in text
    assert "unclear" in text
    for word in ("GitHub", "AWS", "billing", "~", "c-", "e-", ".aws", "chmod", "label", "ada", "Bash", "CANARY"):
        assert word not in text, word


def test_a_withheld_report_tells_each_answer_and_how_many_items():
    withheld = replace(judged.JUDGED, host=replace(judged.JUDGED.host, withheld="because"))
    text = render(withheld, Page(200)).decode()
    assert "Cursor (if installed)" in text
    assert re.search("leak secrets or production data +yes .1 production asset.", text)
    assert "3 items beyond the contract" in text


def sentence(report):
    return next(line for line in render(report, Page(200)).decode().split("\n") if line.startswith("An unrestricted"))


def one(capability, environment, confidence, steps=()):
    asset = samples.AssetInfo("a-1", "database", "orders", environment, "", False)
    return replace(
        samples.EMPTY,
        credentials=(samples.STAGING,),
        assets=(asset,),
        exposures=samples.exposures(samples.STAGING, asset, [capability], confidence),
        figures=replace(samples.EMPTY.figures, undecided=samples.Undecided(len(steps), steps)),
    )


STEP = UndecidedStep(samples.STAGING.id, "why", "action")
READ = Capability.DATA_READ


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (one(READ, Environment.PRODUCTION, Confidence.INFERRED), "1 credential: it reaches production."),
        (one(READ, Environment.PRODUCTION, Confidence.POSSIBLE), "1 credential: it may or may not reach production."),
        (one(READ, Environment.UNKNOWN, Confidence.GRANTED), "1 credential: it may or may not reach production."),
        (one(READ, Environment.STAGING, Confidence.GRANTED), "1 credential: it stays outside production."),
        (
            one(READ, Environment.STAGING, Confidence.GRANTED, (STEP,)),
            "1 credential: it stays outside production.",
        ),
        (samples.LAPTOP, "5 credentials: 2 reach production, 2 may or may not and 1 stays outside production."),
    ],
)
def test_the_answer_counts_what_reaches_production_what_may_and_what_does_not(report, told):
    assert sentence(report).endswith(f"could use {told}")


def test_what_is_expired_or_opens_nothing_is_not_counted_as_usable():
    report = replace(samples.LAPTOP, credentials=(samples.SESSION, samples.CLIENT))
    assert sentence(report).endswith("could use no credential that opens anything.")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("live", f"armslength explain {samples.GITHUB.id}\n"),
        ("sample", f"armslength explain {samples.GITHUB.id} ~/report.json\n"),
        ("image", f"armslength explain {samples.GITHUB.id} ~/report.json\n"),
    ],
)
def test_what_to_run_next_fits_what_was_judged(source, told):
    report = replace(samples.LAPTOP, host=replace(samples.LAPTOP.host, source=source))
    assert told in render(report, Page(80)).decode()


def test_every_class_severity_and_degree_has_its_words():
    assert all(does(each) for each in Capability)
    assert set(UNDONE) == set(Reversibility)
    assert set(MARKS) == set(STYLES) == set(Severity)
    assert len(GapKind) == 3


@pytest.mark.parametrize(
    ("prefix", "told"),
    [("c-", "7 ids begin with c-"), ("zzz", "begins with zzz"), ("", "nothing in this report")],
)
def test_an_unknown_or_ambiguous_id_lists_up_to_five_candidates(prefix, told):
    with pytest.raises(ScannerError, match=told) as caught:
        explain(samples.LAPTOP, prefix, Page(80))
    assert caught.value.hint.count("c-") == 5


def test_a_whole_id_is_found_though_another_begins_with_it():
    longer = replace(samples.GITHUB, id=samples.GITHUB.id + "x", title="the longer one")
    report = replace(samples.LAPTOP, credentials=(longer, *samples.LAPTOP.credentials))
    assert b"the longer one" not in explain(report, samples.GITHUB.id, Page(80))


def test_an_asset_is_explained_by_the_name_it_is_shown_with():
    asset = samples.LAPTOP.assets[2]
    shown = f"{asset.kind}:{asset.name}"
    told = explain(samples.LAPTOP, asset.id, Page(80))
    assert explain(samples.LAPTOP, shown, Page(80)) == told
    assert explain(samples.LAPTOP, asset.id[:-1], Page(80)) == told


def test_an_empty_report_explains_nothing():
    with pytest.raises(ScannerError) as caught:
        explain(replace(samples.EMPTY, principals=()), "c-1", Page(80))
    assert caught.value.hint == "the report is empty"


def test_a_withheld_report_is_not_explained():
    withheld = replace(samples.LAPTOP, host=replace(samples.LAPTOP.host, withheld="because"))
    with pytest.raises(ScannerError, match="because"):
        explain(withheld, samples.GITHUB.id, Page(80))


def test_a_score_is_written_with_every_term():
    text = joined(explain(samples.LAPTOP, EXPLAINED["exposure"], Page(80), score=True)).replace(" ", "")
    wanted = "IRRECOVERABLE 70 = impact 1.00 x environment production 1.00 x gate none 1.00 x lifetime 1.00"
    assert (wanted + " x confidence inferred 0.70").replace(" ", "") in text


def test_the_renderers_are_loaded_when_they_are_used():
    program = (
        "import sys, reports\n"
        "heavy = {'rich', 'scanner.model.report'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "assert set(reports.RENDERERS) == {'terminal', 'json'} and len(reports.RENDERERS) == 2\n"
        "reports.RENDERERS['json'], reports.RENDERERS['terminal']\n"
        "assert 'rich' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_every_extension_names_a_renderer():
    assert set(EXTENSIONS.values()) <= set(RENDERERS)
    assert RENDERERS["terminal"] is render


def test_an_unknown_renderer_is_a_key_error():
    with pytest.raises(KeyError):
        RENDERERS["papyrus"]
