"""The classes of capability: whole, sound, and their technique ids real."""

from pathlib import Path

import pytest

from scanner.data.capabilities import capabilities
from scanner.data.severities import weaknesses
from scanner.model import Capability, Severity

PINNED = Path(__file__).parent.parent / "data" / "attack-17-technique-ids.txt"


def test_every_technique_id_is_one_of_the_release_named():
    known = set(PINNED.read_text().split())
    assert capabilities().attack_release == "17"
    for word, row in capabilities().classes.items():
        assert row.techniques, word
        assert set(row.techniques) <= known, word


def test_every_implication_gives_its_reason_and_leads_to_another_class():
    for rule in capabilities().implications:
        assert rule.why
        assert rule.targets - {rule.source}


@pytest.mark.parametrize("capability", Capability)
def test_every_class_says_what_it_means(capability):
    assert capabilities().classes[capability].means


def test_what_is_only_file_mode_is_never_above_medium():
    assert weaknesses()["file.readable-by-others"].rank <= Severity.MEDIUM.rank
