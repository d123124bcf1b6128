"""The lines of a contract as a joiner reads them."""

from datetime import timedelta

import pytest

from scanner.contract.grammar import BELOW, DEMANDED
from scanner.contract.plain import UNLESS, allowed, banned, some, span
from scanner.data.capabilities import capabilities
from scanner.model import Capability, Gate
from scanner.testing import NOW
from tests.contracts import contract


def line(text):
    [clause] = contract(text).allow or contract(text).never
    return allowed(clause) if text.startswith("allow") else banned(clause)


def does(capability):
    return capabilities().classes[Capability(capability)].does


LINES = [
    ("never: [{environment: production}]", "never do anything in production"),
    ("never: [{environment: [unknown, production]}]", "never do anything in production or unknown environments"),
    ("never: [{environment: unknown}]", "never do anything in unknown environments"),
    ("never: [{environment: workstation}]", "never do anything on this machine"),
    (
        "never: [{environment: [workstation, staging, shared]}]",
        "never do anything in staging, shared or workstation environments",
    ),
    ("never: [{capability: PUBLISH}]", f"never {does('PUBLISH')}"),
    ("never: [{capability: [PUBLISH, MONEY]}]", f"never {does('PUBLISH')} or {does('MONEY')}"),
    ("never: [{capability: PUBLISH, below: presence}]", f"never {does('PUBLISH')}, unless a person is there"),
    (
        'never: [{capability: MONEY, excluding: "model-api:*", environment: production, below: server}]',
        f"never {does('MONEY')}, model-api:* aside, in production, unless the other side asks for more",
    ),
    ('never: [{asset: ["host:a", "host:b", "host:c"]}]', "never do anything on host:a, host:b or host:c"),
    (
        'never: [{asset: ["host:a", "host:b", "host:c", "host:d"]}]',
        "never do anything on host:a, host:b, host:c or host:d",
    ),
    (
        'never: [{asset: ["host:a", "host:b", "host:c", "host:d", "host:e"]}]',
        "never do anything on host:a, host:b, host:c or 2 more",
    ),
    (
        'never: [{capability: MONEY, excluding: ["host:a", "host:b"]}]',
        f"never {does('MONEY')}, host:a and host:b aside",
    ),
    ("allow: [{capability: MONEY}]", f"may {does('MONEY')}"),
    ("allow: [{capability: MONEY, gate: none}]", f"may {does('MONEY')}"),
    ("allow: [{capability: MONEY, gate: prompt}]", f"only when a person says yes: {does('MONEY')}"),
    ('allow: [{asset: "host:a", gate: os-blocked}]', "only when the operating system stops it: do anything on host:a"),
]


@pytest.mark.parametrize(("text", "expected"), LINES)
def test_a_line_is_said_in_words(text, expected):
    assert line(text) == expected


@pytest.mark.parametrize("gate", BELOW)
def test_each_gate_that_a_ban_may_name_is_told(gate):
    told = line(f"never: [{{capability: MONEY, below: {gate}}}]")
    assert told == f"never {does('MONEY')}, unless {UNLESS[gate]}"


def test_the_words_of_gates_differ():
    assert set(UNLESS) == set(DEMANDED) - {Gate.NONE}
    assert len(set(UNLESS.values())) == len(UNLESS)


@pytest.mark.parametrize("capability", Capability)
def test_each_class_is_something_that_one_does(capability):
    told = line(f"never: [{{capability: {capability}}}]")
    assert told == f"never {does(capability)}"
    assert does(capability)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], ""),
        (["a"], "a"),
        (list("abcde"), "a, b, c, d, e"),
        (list("abcdef"), "a, b, c, d, e and 1 more"),
    ],
)
def test_of_many_names_the_first_five_are_told(names, expected):
    assert some(names) == expected


@pytest.mark.parametrize("text", ["30m", "1h", "12h", "36h", "1d", "7d", "90d"])
def test_a_length_of_time_is_told_as_it_is_written(text):
    [row] = contract(f"require: {{lifetime: {{production: {text}}}}}").require.lifetime
    assert span(row.longest) == text


@pytest.mark.parametrize(("hours", "expected"), [(73, "3d"), (71, "71h"), (8760, "365d"), (0.5, "30m")])
def test_a_long_time_is_told_in_days(hours, expected):
    assert span(timedelta(hours=hours)) == expected
    assert span(NOW + timedelta(hours=hours) - NOW) == expected
