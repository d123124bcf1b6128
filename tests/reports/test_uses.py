"""What a report says of what agents really used."""

from datetime import timedelta

from msgspec.structs import replace

from reports.page import Page
from reports.terminal import render
from scanner.model.report import Location, Use
from scanner.model.terms import UseKind
from tests.reports import judged

NOW = judged.JUDGED.host.judged_at
LOG = Location("~/.claude/projects/x/s.jsonl")


def told(*uses, head="What agents used, by their own records\n"):
    """The section, as it stands on a page of 80 columns."""
    text = render(replace(judged.JUDGED, uses=uses), Page(80)).decode()
    return text.partition(head)[2].partition("\n\n")[0].splitlines() if head in text else None


def use(subject, count, what=UseKind.COMMAND, **more):
    return Use(subject, what, count, NOW - timedelta(days=3), LOG, "claude-code", **more)


def test_what_was_used_most_comes_first():
    assert told(use("git push", 3), use("kubectl delete", 14)) == [
        "  kubectl delete: 14 times, last 3 days ago, by Claude Code",
        "  git push: 3 times, last 3 days ago, by Claude Code",
    ]


def test_of_very_many_the_first_are_told():
    lines = told(*(use(f"prog{number:02}", 100 - number) for number in range(20)))
    assert len(lines) == 9
    assert lines[-1] == "  and 12 more"


def test_how_a_person_answered_is_told_where_it_is_known():
    lines = told(
        use("execute", 60, UseKind.PROMPT, approved=58, sessions=7), use("call", 9, UseKind.PROMPT, approved=None)
    )
    assert lines == ["  Claude Code asked about commands 60 times; a person said yes 58 times"]


def test_how_much_of_the_records_was_left_out_is_told():
    lines = told(use("~/.claude/projects", 40, UseKind.RECORDS, how="3 older files were not read"))
    assert lines == ["  ~/.claude/projects: 3 older files were not read"]


def test_without_records_there_is_no_such_section():
    assert told() is None


def test_what_you_ran_is_told_as_yours():
    yours = replace(use("git push", 9), agent="", how="you, in zsh")
    head = "What agents and you used, by their records and your shells\n"
    assert told(use("git push", 3), yours, head=head) == [
        "  git push: 9 times, last 3 days ago, by you, in zsh",
        "  git push: 3 times, last 3 days ago, by Claude Code",
    ]
