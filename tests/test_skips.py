"""A skip is allowed by the one list or it is a failure."""

import pytest

from tests.skips import may_skip

pytest_plugins = ["pytester"]


@pytest.mark.parametrize(
    ("reason", "in_ci", "expected"),
    [
        ("reads /proc", True, True),
        ("Skipped: this machine lets nobody be traced: strace: ptrace refused", True, True),
        ("strace is not installed", False, True),
        ("strace is not installed", True, False),
        ("it is slow", False, False),
        ("reads /proc, and is slow", False, False),
    ],
)
def test_only_listed_reasons_count(reason, in_ci, expected):
    assert may_skip(reason, in_ci) is expected


def test_another_reason_fails_the_run(pytester):
    pytester.makeconftest("from tests.conftest import pytest_runtest_makereport")
    pytester.makepyfile(
        """
        import pytest

        def test_one():
            pytest.skip("it is slow")

        @pytest.mark.skip(reason="reads /proc")
        def test_two():
            pass
        """
    )
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(failed=1, skipped=1)
