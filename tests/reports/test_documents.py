"""Documents of ours that are taken for one another."""

import re

import pytest

from reports import checklist_document, difference_document, document
from reports.page import Page
from scanner.checklist import checklist
from scanner.diff import compared
from scanner.errors import ScannerError
from tests.reports import samples

PAGE = Page()
LOADERS = {"report": document, "checklist": checklist_document, "difference": difference_document}
WRITTEN = {
    "report": document.render(samples.EMPTY, PAGE),
    "checklist": checklist_document.render(checklist(samples.EMPTY), PAGE),
    "difference": difference_document.render(compared(samples.EMPTY, samples.EMPTY), PAGE),
}


@pytest.mark.parametrize(
    ("given", "wanted", "said", "how"),
    [
        ("checklist", "report", "this is a checklist, not a report", "armslength scan -o"),
        ("difference", "report", "this is a difference of two reports, not a report", "armslength scan -o"),
        ("report", "checklist", "this is a report, not a checklist", "armslength check -o"),
        ("difference", "checklist", "this is a difference of two reports, not a checklist", "armslength check -o"),
        ("report", "difference", "this is a report, not a difference of two reports", "armslength diff OLD NEW -o"),
        ("checklist", "difference", "this is a checklist, not a difference of two reports", "armslength diff OLD"),
    ],
)
def test_one_document_taken_for_another_is_told_apart_with_how_to_get_that(given, wanted, said, how):
    with pytest.raises(ScannerError, match=f"^{re.escape(said)}$") as error:
        LOADERS[wanted].load(WRITTEN[given])
    assert error.value.hint.startswith(how)


@pytest.mark.parametrize("kind", sorted(LOADERS))
def test_each_still_reads_its_own(kind):
    assert LOADERS[kind].render(LOADERS[kind].load(WRITTEN[kind]), PAGE) == WRITTEN[kind]
