"""A provider's token is in no report, wherever somebody has put it: as a name, a key, a part of an address.

A few files of different subjects hold one at once; with FULL_SIZE=1 in the environment each file is by itself.
"""

from itertools import zip_longest

import pytest

from probes import BUILTIN
from scanner.config import Config
from scanner.engine import scan
from scanner.scrub import tokens_in
from scanner.testing import TEST_KEY, fake_machine
from scanner.tokens import token
from scanner.vault import Vault
from tests.machines.places import APP, FILES, MANNERS, TENANT, VARIABLES, beside, places, written
from tests.machines.samples import leaks
from tests.support import FULL_SIZE, LAPTOP, together

AT_ONCE = 6  # files, or variables, that hold a token in one scan


def told(files, variables=None):
    texts = {path: written(content) for path, content in files.items()}
    machine = fake_machine(files=texts, env=variables or {}, workspace=APP)
    return repr(scan(machine, BUILTIN, Vault(TEST_KEY), Config(), contracts=(LAPTOP,))).encode()


def secret_of(name):
    """A token for that file or variable alone: what masks another one does not mask it."""
    return token("github-classic", f"places {name}")


def subject(path):
    """What the file is read together with: its folder, unless that holds files of everybody."""
    folder = path.rpartition("/")[0]
    return path if folder in {"~", APP} else folder.removesuffix("/.terraform")


def groups():
    """The files in groups that one scan serves: of about as many places, since the largest makes the others wait."""
    if FULL_SIZE:
        return together(sorted(FILES), 1)
    made = []
    for path in sorted(FILES, key=lambda path: (-len(list(places(FILES[path]))), path)):
        free = (each for each in made if len(each) < AT_ONCE and subject(path) not in map(subject, each))
        into = next(free, None)
        if into is None:
            made.append(into := [])
        into.append(path)
    return [tuple(each) for each in made]


def planted(paths):
    """For each scan the files in which there is a token, with the place in each; of a file one place at a time."""
    for number, row in enumerate(zip_longest(*(places(FILES[path]) for path in paths))):
        manner = MANNERS[number % len(MANNERS)]
        at = {path: place for path, place in zip(paths, row, strict=True) if place is not None}
        yield (
            {path: f"{where} {manner}" for path, (where, _) in at.items()},
            {path: made(secret_of(path), manner) for path, (_, made) in at.items()},
        )


@pytest.mark.parametrize("paths", groups(), ids=" ".join)
def test_no_place_of_a_file_shows_a_token(paths):
    shown = []
    for where, files in planted(paths):
        around = {other: content for path in files for other, content in beside(path).items()}
        said = told(around | files)
        shown += [(path, where[path]) for path in files if leaks(said, [secret_of(path)])]
    assert shown == []


def test_every_place_of_a_file_is_planted_once():
    assert sorted(path for paths in groups() for path in paths) == sorted(FILES)
    for paths in groups():
        held = [(path, where) for told_of, _ in planted(paths) for path, where in told_of.items()]
        assert len(held) == len(set(held)) == sum(len(list(places(FILES[path]))) for path in paths)


@pytest.mark.parametrize("manner", ["{}", "x-{}", "{}@x", "https://{}@git.example.com/x", "{}_TOKEN"])
@pytest.mark.parametrize("names", together(sorted(VARIABLES), AT_ONCE), ids=" ".join)
def test_no_variable_shows_a_token(names, manner):
    texts = {name: manner.format(secret_of(name)) for name in names}
    assert leaks(told({}, VARIABLES | texts), map(secret_of, names)) == []
    assert leaks(told({}, VARIABLES | {texts[name]: VARIABLES[name] for name in names}), map(secret_of, names)) == []


@pytest.mark.parametrize(
    "family", ["github-classic", "gitlab", "npm", "anthropic", "stripe-live", "sendgrid", "jwt", "vault"]
)
@pytest.mark.parametrize("manner", ["{}", "a b {} c", "server-{}", "{}-2", "NAME_{}", "/srv/{}/x", "https://ada:{}@h"])
def test_a_token_is_told_within_other_text(family, manner):
    secret = token(family, "places")
    assert any(secret in each for each in tokens_in(manner.format(secret)))


@pytest.mark.parametrize(
    "text",
    [
        *("~/src/task-runner-for-the-whole-of-our-company-and-more", "gh-cli", "sk-learn", "eyJ", "AKIA" + "A" * 16),
        *(TENANT, "k123456:0123456789abcdef0123456789abcdef", "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"),
    ],
)
def test_what_is_no_token_is_none(text):
    assert list(tokens_in(text)) == []


@pytest.mark.parametrize("text", ["ghp_", "eyJ", "sk-", "SG.", "xoxb-", "_eyJ"])
def test_a_text_made_of_beginnings_costs_what_its_length_costs(text):
    assert list(tokens_in((text * 400_000)[:1_000_000])) is not None
