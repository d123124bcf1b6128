"""Which of many wanted names a file has: the same as trying each pattern by itself, only faster."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.host.paths import braces
from scanner.sweep.names import Names, Wish

GLOBS = (
    *("*.sh", ".env", ".env.*", "*.env", "Dockerfile*", "*secret*.json", "*~", "*_history", "*secret*", "a?c.[xy]m"),
    *("*.{yml,yaml}", "README", "*.tf.json", "[!a]b.c", "*", "x.*.y"),
)
NAMES = st.text("abcxyDSEenv._~sRh]", max_size=4).flatmap(
    lambda text: st.sampled_from(
        [text, f"{text}.sh", f".env{text}", f"{text}.env", f"Dockerfile{text}", f"my-secret{text}.json", f"{text}~"]
    )
)


def wanted(globs, name, fold, folder=()):
    return sorted(Names([Wish(glob, fold) for glob in globs]).of_name(name, folder))


@given(st.lists(st.sampled_from(GLOBS), max_size=6, unique=True), NAMES, st.booleans())
def test_a_name_is_wanted_as_by_each_pattern_alone(globs, name, fold):
    shown = name.lower() if fold else name
    expected = [
        number
        for number, glob in enumerate(globs)
        if any(fnmatchcase(shown, each.lower() if fold else each) for each in braces(glob))
    ]
    assert wanted(globs, name, fold) == expected


PLACED = [
    (".git/hooks/*", "src/.git/hooks", "pre-push", True),
    (".git/hooks/*", ".git/hooks", "pre-push", True),
    (".git/hooks/*", "src/x.git/hooks", "pre-push", False),
    (".git/hooks/*", "src/.git/hooks/more", "pre-push", False),
    ("~/.config/Code/User/History/*/*", ".config/Code/User/History/1a", "x.py", True),
    ("~/.config/Code/User/History/*/*", "old/.config/Code/User/History/1a", "x.py", False),
    ("~/.config/Code/User/History/*/*", ".config/Code/User/History/1a/b", "x.py", False),
    ("~/.claude/projects/**/*.jsonl", ".claude/projects", "a.jsonl", True),
    ("~/.claude/projects/**/*.jsonl", ".claude/projects/a/b", "a.jsonl", True),
    ("~/.claude/projects/**/*.jsonl", ".claude/projects2/a", "a.jsonl", False),
    ("~/.claude/projects/**/*.jsonl", ".claude/projects/a", "a.json", False),
    ("~/.psql_history", "", ".psql_history", True),
    ("~/.psql_history", "x", ".psql_history", False),
    ("~/*/x.txt", "any", "x.txt", True),
    ("k8s/**/*.yaml", "src/K8s/base/app", "a.YAML", True),
    ("k8s/**/*.yaml", "k8s", "a.yaml", True),
    ("~/**/n.txt", "", "n.txt", True),
    ("~/**/n.txt", "a/b", "n.txt", True),
]


@pytest.mark.parametrize(("glob", "below", "name", "expected"), PLACED)
def test_a_name_in_a_folder_is_wanted_where_that_lies(glob, below, name, expected):
    names = Names([Wish(glob, fold=True)])
    assert bool(names.of_name(name, names.of_folder(below, home=True))) is expected


def test_what_is_told_from_the_home_counts_in_no_other_root():
    names = Names([Wish("~/.psql_history", fold=True)])
    assert names.of_name(".psql_history", names.of_folder("", home=False)) == ()


COPIES = ["config.json.bak", "config.json~", "config copy.json", "Copy of config.json", "config.json.2024-01-02"]


@pytest.mark.parametrize("name", COPIES)
def test_an_old_copy_is_wanted_as_its_original(name):
    names = Names([Wish("config.json", fold=False), Wish("config.json", fold=True)], copied=1)
    assert list(names.of_name(name)) == [1]


@pytest.mark.parametrize("original", ["credentials", ".netrc", "id_rsa", "x.pem", "Dockerfile.prod"])
@pytest.mark.parametrize("copy", ["{}.bak", "{}~", "Copy of {}", "{}.old", "#{}#", ".{}.swp", "{}.20240102"])
def test_a_copy_of_any_wish_is_wanted(original, copy):
    names = Names([Wish(glob, fold=True) for glob in ("credentials", ".netrc", "id_rsa", "*.pem", "Dockerfile*")])
    assert list(names.of_name(copy.format(original))) == list(names.of_name(original)) != []
