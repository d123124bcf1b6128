"""A provider's token is in no report, wherever somebody has put it: as a name, a key, a part of an address."""

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
from tests.support import LAPTOP

SECRET = token("github-classic", "places")


def told(files, variables=None):
    texts = {path: written(content) for path, content in files.items()}
    machine = fake_machine(files=texts, env=variables or {}, workspace=APP)
    return repr(scan(machine, BUILTIN, Vault(TEST_KEY), Config(), contracts=(LAPTOP,))).encode()


@pytest.mark.parametrize("path", sorted(FILES))
def test_no_place_of_a_file_shows_a_token(path):
    shown = {}
    for number, (where, made) in enumerate(places(FILES[path])):
        manner = MANNERS[number % len(MANNERS)]
        if leaks(told(beside(path) | {path: made(SECRET, manner)}), [SECRET]):
            shown[where] = manner
    assert shown == {}


@pytest.mark.parametrize("manner", ["{}", "x-{}", "{}@x", "https://{}@git.example.com/x", "{}_TOKEN"])
@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_no_variable_shows_a_token(name, manner):
    text = manner.format(SECRET)
    assert leaks(told({}, {**VARIABLES, name: text}), [SECRET]) == []
    assert leaks(told({}, {**VARIABLES, text: VARIABLES[name]}), [SECRET]) == []


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
