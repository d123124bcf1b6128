"""Whether one pattern contains another: what is claimed is so for every target, and the plain cases are seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.hygiene.cover import covers
from scanner.model import Command, Everything, Name, Paths

ALL = Everything()

CONTAINED = [
    (ALL, Command("git push", open=True)),
    (ALL, Paths("/home/ada/**")),
    (Command("git", open=True), Command("git push", open=True)),
    (Command("git", open=True), Command("git")),
    (Command("git push"), Command("git push")),
    (Command("git *"), Command("git push origin *")),
    (Command("*"), Command("kubectl", open=True)),
    (Command("npm run *"), Command("npm run test")),
    (Command("git", open=True, chained=True), Command("git", open=True)),
    (Paths("/home/ada"), Paths("/home/ada/.ssh/**")),
    (Paths("/home/ada/**"), Paths("/home/ada/src/*.py")),
    (Paths("**/.env"), Paths("/home/ada/src/.env")),
    (Paths("/home/ada/**/.env", fold=True), Paths("/home/ada/src/**/.env")),
    (Paths("**"), Paths("**/.env.*")),
    (Paths("/a/[[]x]"), Paths("/a/[[]x]")),
    (Name("*"), Name("docs.example.com")),
    (Name("*.example.com"), Name("docs.example.com")),
    (Name("linear/*"), Name("LINEAR/list_issues")),
    (Name("my[!A-Za-z0-9-]server/*"), Name("my[!A-Za-z0-9-]server/*")),
]
APART = [
    (Command("git push", open=True), Command("git", open=True)),
    (Command("git"), Command("git", open=True)),
    (Command("git", open=True), Command("gitk", open=True)),
    (Command("git * --force"), Command("git push *")),
    (Command("git", open=True), Command("git", open=True, chained=True)),
    (Command("git", open=True), ALL),
    (Paths("/home/ada/*"), Paths("/home/ada/**")),
    (Paths("/home/ada/src"), Paths("/home/ada")),
    (Paths("/home/ada/.ENV", fold=False), Paths("/home/ada/.env", fold=True)),
    (Paths("/x/*/y"), Paths("/x/**/y")),
    (Name("docs.example.com"), Name("*.example.com")),
    (Name("?"), Name("*")),
    (Paths("/home/?"), Paths("/home/*")),
    (Name("my[!a-z]server/*"), Name("my[!0-9]server/*")),
    (Paths("/home/ada"), Command("/home/ada")),
]


@pytest.mark.parametrize(("one", "other"), CONTAINED)
def test_a_wider_pattern_contains_a_narrower_one(one, other):
    assert covers(one, other)


@pytest.mark.parametrize(("one", "other"), APART)
def test_a_pattern_contains_nothing_that_is_wider_or_another_s(one, other):
    assert not covers(one, other)


WORDS = st.sampled_from(["git", "push", "*", " ", "a", "g"])
PARTS = st.sampled_from(["a", "b", "*", "**", "a*", "?", "[ab]"])
COMMANDS = st.builds(Command, st.lists(WORDS, max_size=5).map("".join), st.booleans(), st.booleans())
GLOBS = st.builds(
    Paths, st.lists(PARTS, min_size=1, max_size=5).map(lambda parts: "/" + "/".join(parts)), st.booleans()
)
NAMES = st.builds(Name, st.lists(st.sampled_from(["a", "B", "*", ".", "?", "[ab]"]), max_size=5).map("".join))
LINES = st.lists(st.sampled_from(["git", "push", " ", "a", "g", "x"]), max_size=6).map("".join)
FILES = st.lists(st.sampled_from(["a", "b", "ab", "c"]), min_size=1, max_size=6).map(
    lambda parts: "/" + "/".join(parts)
)
HOSTS = st.lists(st.sampled_from(["a", "b", "B", ".", "c"]), max_size=6).map("".join)


@given(COMMANDS, COMMANDS, st.lists(LINES, min_size=1, max_size=20))
def test_what_a_contained_command_means_its_container_means(one, other, lines):
    if covers(one, other):
        assert [line for line in lines if other.matches(line) and not one.matches(line)] == []


@given(GLOBS, GLOBS, st.lists(FILES, min_size=1, max_size=20))
def test_what_a_contained_path_means_its_container_means(one, other, paths):
    if covers(one, other):
        assert [path for path in paths if other.matches(path) and not one.matches(path)] == []


@given(NAMES, NAMES, st.lists(HOSTS, min_size=1, max_size=20))
def test_what_a_contained_name_means_its_container_means(one, other, names):
    if covers(one, other):
        assert [name for name in names if other.matches(name) and not one.matches(name)] == []
