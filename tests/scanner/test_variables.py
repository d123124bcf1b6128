"""How names of variables find their rows."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scanner.data.variables import globs_of, quiet_reason, row_of, spelled

SHREDS = st.lists(st.sampled_from(["A", "B", "AB", "_"]), max_size=6).map("".join)
GLOBS = st.lists(st.sampled_from(["A", "B", "AB", "_", "*"]), min_size=1, max_size=6).map("".join)


@example(["A*A"], "A")  # the two ends of a glob never share a letter
@example(["A*B*A"], "ABA")
@example(["*_KEY_*"], "_KEY_")
@given(st.lists(GLOBS, max_size=4), SHREDS)
def test_a_glob_stands_for_what_its_expression_matches(globs, name):
    expressions = (".*".join(map(re.escape, glob.split("*"))) for glob in globs)
    assert globs_of(globs).match(name) == any(re.fullmatch(each, name) for each in expressions)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("GITHUB_TOKEN", "github.token"),
        ("staging.github.token", "github.token"),
        ("TF_TOKEN_app_terraform_io", "terraform.token"),
        ("MY_TF_TOKEN_app_terraform_io", "terraform.token"),
        ("HOME", None),
    ],
)
def test_a_name_finds_its_row(name, kind):
    found = row_of(spelled(name))
    assert (found.row.kind if found is not None else None) == kind


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("PWD", "not a secret by its name"),
        ("XDG_RUNTIME_DIR", "not a secret by its name"),
        ("MY_PUBLIC_KEY_PEM", "public key"),
        ("APP_SECRET_NAME", "public identifier"),
        ("APP_SECRET", None),
    ],
)
def test_a_quiet_name_has_its_reason(name, reason):
    assert quiet_reason(spelled(name)) == reason
