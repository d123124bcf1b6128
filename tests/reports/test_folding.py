"""What a document says once for an agent that stands the same in all its folders."""

from msgspec.structs import replace

from reports.document import load, render
from reports.folding import folded, unfolded
from reports.page import Page
from scanner.model import Gate
from scanner.model.report import Principal, Way
from tests.reports import judged

EVERYWHERE = Way(Gate.PROMPT, "uses ~/.aws/credentials with any command of Bash", "default", 0.5)
ELSEWHERE = Way(Gate.NONE, "uses ~/.aws/credentials with any command of Bash", "permissions.allow", 0.9)


def in_folders(*ways):
    """A report with one agent in as many folders, each with one of the ways to every exposure."""
    report = judged.JUDGED
    ids = tuple(f"agent@~/src/{number}" for number in range(len(ways)))
    return replace(
        report,
        principals=(*report.principals, *(Principal(each, "Agent", "agent") for each in ids)),
        exposures=tuple(
            replace(each, ways={**each.ways, **dict(zip(ids, ways, strict=True))}) for each in report.exposures
        ),
    )


def test_the_same_way_in_every_folder_is_written_once_under_the_agent():
    report = in_folders(EVERYWHERE, EVERYWHERE, EVERYWHERE)
    for exposure in folded(report).exposures:
        assert exposure.ways["agent"] == EVERYWHERE
        assert not any(name.startswith("agent@") for name in exposure.ways)


def test_where_one_folder_differs_each_is_written():
    report = in_folders(EVERYWHERE, ELSEWHERE)
    assert folded(report).exposures == report.exposures


def test_an_agent_that_is_judged_in_one_folder_alone_is_left_as_it_is():
    report = in_folders(EVERYWHERE)
    assert folded(report) is report


def test_what_is_read_back_is_what_was_written():
    for ways in ((EVERYWHERE, EVERYWHERE), (EVERYWHERE, ELSEWHERE), (EVERYWHERE,), ()):
        report = in_folders(*ways)
        assert unfolded(folded(report)) == report
        assert load(render(report, Page())) == report
