"""Ends, places and numbers in words."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from reports.words import clipped, count, lifetime, listed, place, span
from scanner.model.moments import utc
from scanner.model.report import LifetimeInfo, Location
from scanner.model.terms import CredentialState, LifetimeKind

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
ENDS = LifetimeKind.EXPIRES
RENEWS = LifetimeKind.REFRESHABLE


@pytest.mark.parametrize(
    ("info", "told"),
    [
        (LifetimeInfo(LifetimeKind.STATIC), "no end"),
        (LifetimeInfo(LifetimeKind.SESSION), "as long as its session"),
        (LifetimeInfo(LifetimeKind.UNKNOWN), "not known"),
        (LifetimeInfo(ENDS), "ends; when is not known"),
        (LifetimeInfo(ENDS, NOW + timedelta(hours=3)), "ends in 3 h"),
        (LifetimeInfo(ENDS, NOW - timedelta(days=2)), "expired 2 days ago"),
        (LifetimeInfo(ENDS, NOW), "expired less than a minute ago"),
        (LifetimeInfo(ENDS, datetime(2026, 11, 21, 13, 0)), "ends in 3 h"),
        (LifetimeInfo(RENEWS), "renews itself, no end known"),
        (LifetimeInfo(RENEWS, NOW + timedelta(minutes=40)), "ends in 40 min; renews itself, no end known"),
        (
            LifetimeInfo(RENEWS, NOW - timedelta(days=2), NOW + timedelta(days=40)),
            "expired 2 days ago; renews until 2026-12-31",
        ),
        (
            LifetimeInfo(RENEWS, NOW - timedelta(days=2), NOW - timedelta(days=1)),
            "expired 2 days ago; renewal ended on 2026-11-20",
        ),
    ],
)
def test_a_lifetime_is_told_in_words(info, told):
    assert lifetime(info, CredentialState.UNTESTED, NOW) == told


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (CredentialState.REVOKED, "revoked"),
        (CredentialState.EXPIRED, "expired"),
        (CredentialState.LIVE, "no end; its provider says that it works"),
    ],
)
def test_what_is_known_of_its_state_is_said(state, told):
    assert lifetime(LifetimeInfo(LifetimeKind.STATIC), state, NOW) == told


@pytest.mark.parametrize(
    ("stretch", "told"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=119), "119 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=47), "47 h"),
        (timedelta(hours=48), "2 days"),
        (timedelta(days=-59), "59 days"),
        (timedelta(days=60), "2 months"),
        (timedelta(days=730), "2 years"),
        (timedelta(days=3660), "10 years"),
    ],
)
def test_a_length_of_time_has_its_own_unit(stretch, told):
    assert span(stretch) == told


@pytest.mark.parametrize(
    ("location", "told"),
    [
        (Location(path="~/.npmrc"), "~/.npmrc"),
        (Location(path="~/.npmrc", line=3, key="_authToken"), "~/.npmrc:3 (_authToken)"),
        (Location(variable="GH_TOKEN"), "$GH_TOKEN"),
        (Location(process="node (7)", key="GH_TOKEN"), "process node (7) (GH_TOKEN)"),
        (Location(), "a place without a name"),
    ],
)
def test_a_place_is_written_as_one_would_type_it(location, told):
    assert place(location) == told


def test_a_long_name_loses_its_middle_and_no_more_than_needed():
    assert clipped("abcdefghij", 10) == "abcdefghij"
    assert clipped("abcdefghijk", 10) == "abc…fghijk"


def test_numbers_and_lists_read_as_a_sentence():
    assert [count(1, "weakness", "weaknesses"), count(0, "gap"), count(2, "gap")] == ["1 weakness", "0 gaps", "2 gaps"]
    assert [listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_the_ends_of_the_calendar_in_another_zone_are_no_error():
    assert utc(datetime.min.replace(tzinfo=timezone(timedelta(hours=11)))).year == 1
