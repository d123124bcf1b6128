"""What the contract `laptop` raises on twelve laptops is what a senior colleague would raise, and no more."""

import pytest

from scanner.model.report import Credential, Finding, Report
from tests.test_laptops import NAMES, judged, place, table, words


def raised_by_the_tool(report: Report) -> list[Finding]:
    """What goes beyond the contract."""
    return [each for each in report.findings if "contract" in each.tags]


def cause(finding: Finding, report: Report) -> Credential | None:
    """The credential that the finding is about."""
    exposure = next((each for each in report.exposures if each.id == finding.exposure), None)
    wanted = finding.credential or (exposure.credential if exposure is not None else None)
    return next((each for each in report.credentials if each.id == wanted), None)


# What the paper calls a point, where the clause has a name of its own.
CALLED = {
    "require.autonomy": {"autonomy", "sandbox"},
    "require.sandbox": {"autonomy", "sandbox"},
    "require.defaults": {"defaults"},
    "require.private_keys": {"ssh.key-without-passphrase", "ssh.forward-agent", "ssh.agent-forwarded"},
    "require.servers.pinned": {"mcp.floating-version"},
    "require.servers.secrets": {"mcp.secret-in-file"},
    "require.servers.floating_approval": {"mcp.auto-approved"},
}


def called(finding: Finding) -> set[str]:
    """The paper's words for the clause that a finding is about."""
    return {word for rule, those in CALLED.items() if finding.rule.startswith(rule) for word in those}


def fits(row: dict, finding: Finding, report: Report) -> bool:
    """Whether the finding is this point: in its words, at one of its places, and of its key."""
    credential = cause(finding, report)
    locations = (finding.evidence, *(credential.locations if credential else ()))
    told = {finding.rule, *finding.tags, *called(finding), *([credential.kind] if credential else [])}
    named = [*((each.key or "") for each in locations), *(credential.names if credential else ())]
    keyed = "key" not in row or any(row["key"] in each for each in named)
    # One finding of a clause about servers may stand for several of a kind, and names the first.
    several = "more of the kind" in finding.title
    placed = several or not row["where"] or not {place(each) for each in locations}.isdisjoint(words(row, "where"))
    return keyed and placed and not told.isdisjoint(words(row, "about"))


def is_undecided(row: dict, report: Report) -> bool:
    """Whether it is told as a credential of which nobody knows what it opens, with the step that would tell."""
    steps = {step.subject for step in report.figures.undecided.steps}
    return any(
        credential.id in steps
        and credential.kind in words(row, "about")
        and not {place(each) for each in credential.locations}.isdisjoint(words(row, "where"))
        for credential in report.credentials
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_point_is_raised_and_nothing_else(name):
    report = judged(name)
    found = raised_by_the_tool(report)
    rows = table(name, "raised.toml").get("raised", ())
    missed = [row for row in rows if not any(fits(row, each, report) for each in found)]
    missed = [row for row in missed if not is_undecided(row, report)]
    more = [each.title for each in found if not any(fits(row, each, report) for row in rows)]
    assert (missed, more) == ([], [])


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_raised_that_a_colleague_would_not(name):
    report = judged(name)
    rows, points = table(name, "raised.toml")["not_raised"], table(name, "raised.toml").get("raised", ())
    wrong = [
        (each.title, row["why"])
        for each in raised_by_the_tool(report)
        for row in rows
        if fits(row, each, report) and not any(fits(point, each, report) for point in points)
    ]
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_the_number_is_three_to_fifteen(name):
    assert len(raised_by_the_tool(judged(name))) in (range(1) if name == "hardened" else range(3, 16))
