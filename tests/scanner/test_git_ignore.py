"""What is ignored is what `git check-ignore` says; the rules that decide one by one."""

import os
import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scanner.git import ignore
from scanner.git.ignore import Ignoring, TooLong, read_rules

NAMES = ("a", "b", "foo", ".env", "x.env", "AB", "é", "a b", "-", "]")
FOLDERS = ("", "a", "a/b", "foo", "foo/AB", "foo/AB/a")
PATHS = [f"{folder}/{name}".lstrip("/") for folder in FOLDERS for name in NAMES]
FILES = sorted(set(PATHS) - set(FOLDERS))
SHREDS = (
    *("*", "**", "/", "**/", "/**", "/**/", "a", "b", "foo", ".env", "*.env", "AB", "é", "?", " ", "\\ ", "\t", "\r"),
    *(
        "!",
        "#",
        "\\",
        "\\*",
        "[",
        "]",
        "-",
        "[ab]",
        "[!a]",
        "[a-z]",
        "[A-Z]",
        "[[:upper:]]",
        "[[:no:]]",
        "[]-a]",
        "***",
    ),
)
LINES = st.lists(st.lists(st.sampled_from(SHREDS), min_size=1, max_size=6).map("".join), max_size=4).map("\n".join)
PLACES = (".gitignore", "a/.gitignore", "foo/AB/.gitignore", ".git/info/exclude", "../everywhere")


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A work tree with every path in it."""
    top = tmp_path_factory.mktemp("ignore") / "tree"
    subprocess.run(["git", "init", "-q", top], check=True)
    for path in FILES:
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).touch()
    return top


def ignoring(texts, *, fold=False):
    """The rules of these files, as they lie in a work tree; `everywhere` is what `core.excludesFile` names."""

    def own(folder):
        text = texts.get(f"{folder.decode()}.gitignore")
        return None if text is None else read_rules(text.encode(), folder)

    wide = [read_rules(texts.get(place, "").encode()) for place in ("../everywhere", ".git/info/exclude")]
    return Ignoring(tuple(wide), own, fold)


def by_git(tree, texts, *, fold):
    """The line that git names for each path, None for one that it does not ignore."""
    for place in PLACES:
        (tree / place).write_bytes(texts.get(place, "").encode())
    settings = [f"core.ignorecase={str(fold).lower()}", f"core.excludesFile={tree.parent / 'everywhere'}"]
    words = ["check-ignore", "--no-index", "--verbose", "--non-matching", "-z", "--stdin"]
    ran = subprocess.run(
        ["git", *(part for each in settings for part in ("-c", each)), *words],
        cwd=tree,
        input="\0".join(FILES).encode() + b"\0",
        capture_output=True,
        check=False,  # 1 says that none is ignored
        env=os.environ | {"GIT_CONFIG_NOSYSTEM": "1"},
    )
    told = ran.stdout.decode().split("\0")
    rows = zip(told[1::4], told[2::4], told[3::4], strict=True)
    return {path: int(line) if line and not rule.startswith("!") else None for line, rule, path in rows}


@settings(max_examples=40)
@example({".gitignore": "foo**/a\n"}, False)  # the literal beginning is taken off first, so that `**` stands alone
@example({".gitignore": "/**/a\n"}, False)  # whose last slash may mean nothing
@example({".gitignore": "*.env\n!x.env\nfoo/\n!foo/AB/.env\n"}, False)
@example({".gitignore": "[A]B\n\\AB\nfOO/ab/a\n"}, True)
@given(st.fixed_dictionaries(dict.fromkeys(PLACES, LINES)), st.booleans())
def test_the_same_is_ignored_as_by_git_and_for_the_same_line(tree, texts, fold):
    rules = ignoring(texts, fold=fold)
    told = {path: rules.ignored(path.encode()) for path in FILES}
    assert {path: rule and rule.line for path, rule in told.items()} == by_git(tree, texts, fold=fold)


RULES = [
    (".env", {".env": True, "app/.env": True, ".env.local": False}),
    ("/.env", {".env": True, "app/.env": False}),
    (".env*\n!.env.example", {".env.example": False, ".env.local": True}),
    ("secrets/\n!secrets/public.txt", {"secrets/public.txt": True, "secrets": False}),  # nothing brings it back
    ("secrets/*\n!secrets/public.txt", {"secrets/public.txt": False, "secrets/key": True}),
    ("app/*.json", {"app/key.json": True, "app/deep/key.json": False, "web/app/key.json": False}),
    ("app/**/key.json", {"app/key.json": True, "app/very/deep/key.json": True}),
    ("**/keys/**", {"keys/a": True, "app/keys/a/b": True, "keys": False}),
    ("# .env", {".env": False, "# .env": False}),
    ("\\#env\n\\!env", {"#env": True, "!env": True}),
    (".env  \nkey\\ ", {".env": True, "key ": True, "key": False}),
    (".env\r\nkey\r\n", {".env": True, "key": True}),
    ("\ufeff.env", {".env": True}),
    ("key[0-9].pem", {"key1.pem": True, "keyx.pem": False}),
    ("key[.pem\nkey\\", {"key[.pem": False, "key\\": False}),  # a group without an end fits nothing
    ("", {".env": False}),
]


@pytest.mark.parametrize(("text", "paths"), RULES)
def test_a_rule_means(text, paths):
    rules = ignoring({".gitignore": text})
    assert {path: rules.ignored(path.encode()) is not None for path in paths} == paths


def test_no_gitignore_in_an_ignored_folder_is_asked():
    asked = []
    rules = Ignoring((read_rules(b"vendor/"),), asked.append)
    assert rules.ignored(b"vendor/deep/key.pem").line == 1
    assert asked == [b""]


@pytest.mark.parametrize(
    "text", ["*" + "a*" * 300 + "b", "**/" + "*/" * 300 + "b", "[" * 5000, "?" * 5000, "a\\" * 2000]
)
def test_no_rule_takes_long(text):
    rules = ignoring({".gitignore": text})
    assert rules.ignored(b"a/" * 40 + b"a" * 255) is None


def test_rules_that_would_take_too_long_together_are_given_up():
    rules = ignoring({".gitignore": "**/*a*/**/*a*a[b]\n" * 30})
    rules.left = 10_000
    with pytest.raises(TooLong):
        rules.ignored(b"a/" * 200 + b"a" * 255)


def test_of_a_file_with_too_many_rules_the_first_are_taken():
    rules = read_rules(b".env\n" * (ignore.RULE_LIMIT + 1))
    assert (len(rules.rules), rules.cut) == (ignore.RULE_LIMIT, True)
