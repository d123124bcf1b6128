"""Laws of differences, for any two small machines."""

from collections import Counter
from functools import reduce
from operator import add

from hypothesis import given, settings
from hypothesis import strategies as st

from reports import Page
from reports.difference_document import load, render
from scanner.config import Config
from scanner.diff import compared
from scanner.diffing.pairs import pairs
from scanner.diffing.ways import met, moved
from scanner.engine import scan
from scanner.model import AgentSeen, Evidence
from scanner.model.difference import Move, Subject, Tally
from scanner.probe import probe
from scanner.testing import TEST_KEY
from scanner.vault import Vault
from tests.reports.strategies import REPORTS
from tests.scanner.test_judgement_laws import ACCESS, HERE, LAPTOP, MACHINE, POLICIES, SEEN

BACK = {Move.CAME: Move.WENT, Move.ROSE: Move.FELL, Move.SEEN: Move.UNSEEN}
BACK |= {other: one for one, other in BACK.items()}
UP, DOWN = {Move.CAME, Move.ROSE}, {Move.WENT, Move.FELL}
MACHINES = st.tuples(SEEN, POLICIES)


def report(observations, policy):
    @probe(id="test.machine", title="A machine", reads=())
    def machine(host):
        """Says what was drawn."""
        yield from observations
        yield AgentSeen("agent-0", Evidence(HERE.path), title="A", policy=policy)

    return scan(MACHINE, [machine], Vault(TEST_KEY), Config(), contracts=(LAPTOP,))


def ways(found):
    """What moved: (class, asset, principal) and how; a credential may have another id in the other report."""
    return Counter(
        (way.class_, way.asset, name, way.move)
        for cause in found.causes
        for way in cause.ways
        for name in way.principals
    )


def things(found, *subjects):
    return [each for cause in found.causes for each in cause.changes if each.subject in subjects]


@settings(max_examples=40, deadline=None)
@given(MACHINES, MACHINES)
def test_what_came_one_way_went_the_other(one, other):
    first, second = report(*one), report(*other)
    there, back = compared(first, second), compared(second, first)
    assert ways(there) == Counter({(*key, BACK[move]): many for (*key, move), many in ways(back).items()})
    subjects = (Subject.CREDENTIAL, Subject.ITEM, Subject.WEAKNESS)
    told = Counter((each.subject, each.move) for each in things(there, *subjects))
    assert told == Counter((each.subject, BACK.get(each.move, each.move)) for each in things(back, *subjects))


@settings(max_examples=25, deadline=None)
@given(MACHINES)
def test_a_machine_is_as_it_is(drawn):
    one, other = report(*drawn), report(*drawn)
    found = compared(one, other)
    assert (found.causes, found.increases, found.notes) == ((), (), ())


@settings(max_examples=60, deadline=None)
@given(SEEN, ACCESS, POLICIES)
def test_more_access_takes_nothing_away_and_less_brings_nothing(observations, more, policy):
    less, whole = report(observations, policy), report([*observations, more], policy)
    for found, wrong in ((compared(less, whole), DOWN), (compared(whole, less), UP)):
        assert not {key[-1] for key in ways(found)} & wrong
        assert not {each.move for each in things(found, Subject.VERDICT, Subject.AGENT)} & wrong
    assert not compared(whole, less).increases


@settings(max_examples=40, deadline=None)
@given(MACHINES, MACHINES)
def test_every_way_that_moved_stands_under_exactly_one_cause_and_the_sums_are_the_totals(one, other):
    old, new = report(*one), report(*other)
    found = compared(old, new)
    sides = pairs(old, new)
    ways = [each for exposure in met(sides) for each in moved(exposure, sides.named)]
    told = Counter((way.exposure, name) for cause in found.causes for way in cause.ways for name in way.principals)
    assert told == Counter((each.exposure.id, each.principal) for each in ways)
    assert set(told.values()) <= {1}
    assert reduce(add, (cause.tally for cause in found.causes), Tally()) == found.tally
    assert found.tally.ways == sum(len(cause.ways) for cause in found.causes)
    assert all(cause.title for cause in found.causes)


@settings(max_examples=25, deadline=None)
@given(MACHINES, MACHINES)
def test_a_difference_is_read_back_as_it_was_written(one, other):
    found = compared(report(*one), report(*other))
    assert load(render(found, Page())) == found


@settings(max_examples=15, deadline=None)
@given(REPORTS, REPORTS)
def test_any_two_documents_can_be_compared(one, other):
    found = compared(one, other)
    assert load(render(found, Page())) is not None
    assert compared(one, one).causes == ()
