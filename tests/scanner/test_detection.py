"""What is found inside texts, and the traps of the library that finds part of it."""

import hashlib
import logging
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from pkgutil import iter_modules

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scanner import detection
from scanner.data.detectors import Part, detectors, dropped
from scanner.data.families import families
from scanner.data.kinds import kinds
from scanner.detection import BEFORE, BLANKS, OVERLAP, WINDOW, candidates, found_in, named_in, patterns, windows
from scanner.model import CredentialSeen, Evidence, Hint
from scanner.secrets import Silent, Told, judge, secrets_in_text, tellings
from scanner.shapes import Quiet
from scanner.testing import FakeHost
from scanner.tokens import ssh_private_key, token
from tests.support import FULL_SIZE

HEX = token("hex", "seed")
GITHUB = token("github-classic", "seed")
LONGER = GITHUB + "Zq9"  # as if tokens had grown
AWS = token("aws-secret", "seed")


def plugins():
    """Every plugin class that the installed library brings."""
    package = import_module("detect_secrets.plugins")
    base = import_module("detect_secrets.plugins.base")
    modules = [import_module(f"detect_secrets.plugins.{module.name}") for module in iter_modules(package.__path__)]
    members = {name: value for module in modules for name, value in vars(module).items() if isinstance(value, type)}
    found = {name: each for name, each in members.items() if issubclass(each, base.BasePlugin)}
    return {name: each for name, each in found.items() if not each.__abstractmethods__ and each.secret_type}


ALL = plugins()


def test_every_plugin_of_the_library_is_asked_or_dropped_with_a_reason():
    asked = {row.plugin for row in detectors()}
    assert asked | dropped().keys() == ALL.keys()
    assert not asked & dropped().keys()
    assert all(why.endswith(".") for why in dropped().values())
    assert patterns().keys() == asked
    assert {row.kind for row in detectors()} <= kinds().keys()


# --- each plugin that is asked tells what nothing else does


@pytest.mark.parametrize(
    ("plugin", "name", "value", "kind"),
    [
        ("GitHubTokenDetector", "X", LONGER, "github.token"),
        ("SlackDetector", "X", "xoxo-123456789-123456789-" + HEX[:24], "slack.user-token"),
        ("AWSKeyDetector", "AWS_PROD_KEY", AWS, "aws.access-key"),
        ("AzureStorageKeyDetector", "X", "see AccountKey=" + (HEX + HEX)[:86] + "== there", "azure.storage-key"),
        ("CloudantDetector", "CLOUDANT_KEY", HEX, "database.password"),
        ("IbmCloudIamDetector", "IBM_CLOUD_IAM_KEY", HEX[:42] + "_x", "ibm.key"),
        ("IbmCosHmacDetector", "COS_HMAC_SECRET_ACCESS_KEY", HEX[:48], "object-store.key"),
        ("SoftlayerDetector", "SOFTLAYER_API_KEY", HEX, "ibm.key"),
    ],
)
def test_a_plugin_that_is_asked_does_a_job(plugin, name, value, kind, monkeypatch):
    assert [each.told.kind for each in tellings(name, value)] == [kind]
    assert all(each.told.secret in value for each in tellings(name, value))
    monkeypatch.setattr(detection, "_detectors", lambda: ())
    detection._remembered.clear()
    without = tellings(name, value)
    assert not isinstance(without, tuple) or [each.told.kind for each in without] != [kind]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AWS_TOKEN_COMMIT", HEX[:40]),  # a commit has forty characters too
        ("X", "AKCX" + GITHUB[4:] + "gho_"),
        ("X", f"x{LONGER}"),  # in the middle of something longer
        ("X", "data:image/png;base64," + AWS + "ghp" + AWS),
        ("X", "ghp_this_is_where_your_own_token_would_be_written"),
        ("SOFTLAYER_KEY_SHA", HEX),
        ("CLOUDANT_KEY", "0" * 64),
    ],
)
def test_a_plugin_that_is_asked_is_not_believed_blindly(name, value):
    assert not isinstance(tellings(name, value), tuple)


# --- each plugin that is dropped is wrong, or knows nothing that ours does not


@pytest.mark.parametrize(
    ("plugin", "value"),
    [
        ("ArtifactoryDetector", "APACHEHTTPD"),
        ("Base64HighEntropyString", "sha512-" + "Zk3vT8q+XbN1cR/4mJ0wLhY7sDg2FuKe9PaOiVtMnB5xQyWz6C" + "=="),
        ("DiscordBotTokenDetector", None),
        ("HexHighEntropyString", HEX[:40]),
        ("IPPublicDetector", "8.8.8.8"),
        ("KeywordDetector", "see the handbook"),
        ("MailchimpDetector", "orders0archive0bucket0of0billing-us1"),
        ("PrivateKeyDetector", "it says BEGIN RSA PRIVATE KEY on top"),
        ("TelegramBotTokenDetector", "1700000000:" + HEX[:40]),
        ("TwilioKeyDetector", "AC" + HEX[:32]),
    ],
)
def test_a_dropped_plugin_raises_a_false_alarm_that_ours_does_not(plugin, value):
    if value is None:
        value = "M" + GITHUB[4:27] + ".Gabcde." + AWS.replace("/", "a").replace("+", "b")[:38]
        [told] = tellings("X", value)
        assert told.told.secret == value  # the plugin takes the first 59 characters
        [prefix] = ALL[plugin]().analyze_string(value)
        assert value.startswith(prefix)
        assert prefix != value
        return
    name = "app_password_policy" if plugin == "KeywordDetector" else "app"
    assert ALL[plugin]().analyze_line(filename="x.ini", line=f'{name} = "{value}"', line_number=1)
    assert not isinstance(tellings("APP_PASSWORD_POLICY" if "policy" in name else "APP", value), tuple)


SUPERSEDED = ["GitLabTokenDetector", "PypiTokenDetector", "SendGridDetector", "StripeDetector"]


@pytest.mark.parametrize("plugin", SUPERSEDED)
@settings(max_examples=25)
@given(data=st.data())
def test_what_a_dropped_plugin_finds_ours_finds_too(plugin, data):
    pattern = data.draw(st.sampled_from(list(ALL[plugin]().denylist)))
    value = data.draw(st.from_regex(pattern, fullmatch=True, alphabet=st.characters(codec="ascii")))
    told = judge("X", value)
    assert isinstance(told, Told) or told == Silent(Quiet.PLACEHOLDER)


# --- the lines and plugins that are asked are those of which the library alone tells something

# Of these each match holds an anchor. The others also match without a name that says whose it is: any 44 signs behind
# `key:` (IBM), 48 digits behind `secret_key:` (COS), an id of an access key (AWS), which is public, a webhook (Slack),
# which a family knows better; that is not asked for.
ALWAYS_ANCHORED = {
    "AzureStorageKeyDetector",
    "CloudantDetector",
    "GitHubTokenDetector",
    "SoftlayerDetector",
}


def told_alone(text):
    """What the library tells of each line by itself, less what holds none of the row's anchors."""
    lines = re.split(r"\r\n|\r|\n", text)
    asked = {row.plugin: (ALL[row.plugin](), row.anchors) for row in detectors()}
    return {
        (name, number)
        for number, line in enumerate(lines, start=1)
        for name, (plugin, anchors) in asked.items()
        if (list(plugin.analyze_string(line)) if name in ALWAYS_ANCHORED else anchored(plugin, anchors, line))
    }


def anchored(plugin, anchors, line):
    found = [match for pattern in plugin.denylist for match in pattern.finditer(line)]
    assert bool(found) == bool(list(plugin.analyze_string(line)))
    return [match for match in found if any(anchor in detection._small(match[0]) for anchor in anchors)]


WORDS_OF_PLUGINS = [
    *(
        "aws",
        "AWS_",
        "cloudant",
        "clou",
        "cl",
        "CL-",
        "ibm",
        "ibm_cloud_iam",
        "iam",
        "cos",
        "hmac",
        "softlayer",
        "sl",
        "SL_",
    ),
    *(
        "api",
        "_",
        "-",
        "key",
        "KEY",
        "pwd",
        "pw",
        "password",
        "pass",
        "token",
        "secret",
        "access",
        "_key",
        "cl_pw",
        "sl_key",
    ),
    *(
        "=",
        ":",
        ":=",
        "=>",
        "::",
        " ",
        "   ",
        " " * BLANKS,
        "'",
        '"',
        "[",
        "]",
        "\n",
        "\r",
        "\r\n",
        "\x0b",
        "\u2028",
        "\x85",
    ),
    *(
        "ghp_",
        "gho_",
        "xoxb-",
        "xoxo-",
        "XOXB-",
        "1-",
        "\u0663-",
        "AccountKey=",
        "accountkey=",
        "AKIA" + "A1" * 8,
        "é",
        ".",
    ),
    *("\u017f", "\u212a", "\u0130", "\u0131", "cl_\u212aey", "\u017fl_key", "\u0131bm_key", "to\u212aen"),
    *(HEX, HEX[:48], HEX[:44], HEX[:43] + "_", "a" * 24, AWS, GITHUB, (HEX + HEX)[:86] + "==", HEX + HEX[:24]),
    *(
        "https://",
        "http://api.softlayer.com/soap/v3/",
        "ada:",
        "@",
        "acme.cloudant.com",
        "hooks.slack.com/services/T1/B1/x",
    ),
]
ASSIGNED = st.tuples(
    *(
        st.sampled_from(words)
        for words in (
            [
                "aws_",
                "AWS",
                "cloudant_",
                "cl-",
                "cl",
                "ibm_",
                "ibm-cloud_iam-",
                "cos_",
                "ibm_cos_hmac_",
                "sl_",
                "softlayer",
                "\u017fl-",
            ],
            ["", "api", "api_", "secret_access_"],
            ["key", "PWD", "pass", "password", "token", "to\u212aen"],
            [" = ", ":", "=>", "'] = '", "   ", " " * 9, '":"', ":= "],
            [HEX, HEX[:48], HEX[:43] + "_", "a" * 24, f"'{AWS}'", f'"{AWS}"', HEX[:40]],
        )
    )
).map("".join)


@settings(max_examples=400)
@example(f"cl_key={HEX}\rsl_key: {HEX}\r\n\nAccountKey={HEX}{HEX}")
@example(f"cl_to\u212aen={HEX} \u017fl_key={HEX}")
@example("xoxb-\u0663-a")
@example("slack https://hooks.slack.com/services/T1/B1/x")
@given(st.lists(st.one_of(st.sampled_from(WORDS_OF_PLUGINS), ASSIGNED), max_size=10).map("".join))
def test_the_plugins_tell_what_they_tell_of_each_line_alone(text):
    assert candidates(text) == told_alone(text)


def test_a_line_of_many_blanks_and_a_long_line_are_looked_at_in_pieces():
    told = f"cl_key = '{HEX}'"
    assert candidates(f"{' ' * 4000}{told}{' ' * 4000}") == {("CloudantDetector", 1)}
    assert candidates(f"{'x, ' * 9000}{told}{' ,x' * 9000}\n{told}") == {
        ("CloudantDetector", 1),
        ("CloudantDetector", 2),
    }
    assert candidates(f"cl_key{' ' * (BLANKS + 1)}{HEX} sl_key={HEX}") == {("SoftlayerDetector", 1)}
    assert told_alone(f"cl_key{' ' * (BLANKS + 1)}{HEX}")  # which the library tells in cubic time


# --- the traps


@pytest.mark.parametrize("plugin", ["GitHubTokenDetector", "GitLabTokenDetector", "StripeDetector", "JwtTokenDetector"])
def test_where_a_plugin_takes_a_prefix_the_whole_token_is_taken(plugin):
    value = {
        "GitHubTokenDetector": GITHUB,
        "GitLabTokenDetector": "glpat-" + HEX[:20] + ".01." + HEX[:9],
        "StripeDetector": token("stripe-live", "x") + HEX,
        "JwtTokenDetector": token("jwt", "x"),
    }[plugin]
    assert value not in set(ALL[plugin]().analyze_string(f'x = "{value}"'))
    [found] = found_in(f'x = "{value}"')
    assert found.secret == value


@pytest.mark.parametrize(
    "silencer",
    [
        *("# pragma: allowlist secret", "// pragma: allowlist secret", "<!-- pragma: allowlist secret -->"),
        *("# gitleaks:allow", "# betterleaks:allow", "# nosec", "# noqa", "#trufflehog:ignore", "kingfisher:ignore"),
    ],
)
@pytest.mark.parametrize(
    "secret",
    [GITHUB, token("jwt", "x"), f"postgres://app:{HEX}@db/orders", LONGER],
    ids=("token", "jwt", "url", "plugin"),
)
def test_no_comment_silences(silencer, secret):
    [plain] = tellings("X", secret)
    assert [plain.told.secret] == [each.told.secret for each in tellings("X", f"{secret} {silencer}")]
    assert [plain.told.secret] == [each.secret for each in found_in(f"{silencer}\n{secret} {silencer}\n")]


HOSTILE = [
    *(f"{row.anchors[0]}" * 8 for row in detectors()),
    *(
        "eyJ",
        "eyJaaaaaaaa.",
        "-eyJaaaaaaaa",
        "-----BEGIN RSA PRIVATE KEY-----",
        "-----BEGIN ",
        "://",
        "a://",
        "://a:",
        "//",
    ),
    *(
        "sk-",
        "sk-T3BlbkFJ",
        "T3BlbkFJ",
        "ghp_a",
        "AKIA",
        "xoxb-1-",
        ",a=",
        "--password ",
        "' \"",
        '"',
        "{",
        "[",
        "\\",
        "a b",
    ),
    *(
        "aws",
        "aws_key='",
        "accountkey=",
        "ibm_key=",
        "=",
        ";pwd=",
        "user:",
        "%20",
        "a=%20,",
        "Bearer ",
        "Basic ",
        "\n",
        "-",
    ),
    *(family.anchors[0] for family in families()),
]


LENGTH = (64 if FULL_SIZE else 16) * 1024  # many windows either way


@pytest.mark.parametrize("shred", HOSTILE)
def test_the_text_that_patterns_see_is_bounded_by_the_text(shred):
    text = (shred * (LENGTH // len(shred) + 1))[:LENGTH]
    for source in (*detection._sources(), *detection._detectors()):
        anchors = source.anchors if isinstance(source, detection._Source) else source.row.anchors
        spans = list(windows(text, anchors))
        assert all(0 <= start < stop <= len(text) and stop - start <= WINDOW for start, stop in spans)
        assert sum(stop - start for start, stop in spans) <= len(text) * WINDOW / (WINDOW - BEFORE - OVERLAP) + WINDOW
    found_in(text)
    tellings("X", text)


@given(st.text(alphabet="ab.", max_size=9000), st.lists(st.integers(0, 9000), max_size=5))
def test_windows_hold_every_anchor_with_what_stands_around_it(text, places):
    for at in places:
        text = text[:at] + "ghp_" + text[at:]
    spans = list(windows(text, ("ghp_", "b.b")))
    for anchor in ("ghp_", "b.b"):
        at = text.find(anchor)
        while at >= 0:
            before, after = max(0, at - BEFORE), min(len(text), at + OVERLAP)
            assert any(start <= before and after <= stop for start, stop in spans)
            at = text.find(anchor, at + 1)


@pytest.fixture
def connections():
    """What was opened, looked up or connected since; an audit hook cannot be taken away, so it is muted."""
    seen = []
    listening = [True]
    sys.addaudithook(lambda event, _: seen.append(event) if listening[0] and event.startswith("socket.") else None)
    yield seen
    listening[0] = False


def everything():
    """All that this module plants, judged and searched."""
    texts = [
        GITHUB,
        LONGER,
        f"a {LONGER} b",
        token("stripe-live", "x"),
        f'aws_prod_key = "{AWS}"',
        f"AccountKey={HEX}{HEX}",
    ]
    return [found_in(text) for text in texts], [tellings("AWS_PROD_KEY", text) for text in (*texts, AWS)]


def test_nothing_asks_a_provider_even_where_another_user_of_the_library_lets_it(connections):
    from detect_secrets.settings import transient_settings

    verifies = {"path": "detect_secrets.filters.common.is_ignored_due_to_verification_policies", "min_level": 2}
    with transient_settings({"plugins_used": [{"name": "StripeDetector"}], "filters_used": [verifies]}):
        detection._remembered.clear()
        everything()
    assert connections == []


def test_the_settings_of_another_user_of_the_library_are_as_they_were():
    from detect_secrets.core.scan import scan_line
    from detect_secrets.settings import default_settings, get_settings

    def told():
        return sorted((each.type, each.secret_value) for each in scan_line(f'x = "{GITHUB}"'))

    with default_settings():
        before, settings_before = told(), get_settings()
        detection._remembered.clear()
        everything()
        assert get_settings() is settings_before
        assert told() == before != []


def test_nothing_is_hashed_with_sha1(monkeypatch):
    def refused(*_: object, **__: object) -> None:
        raise AssertionError("SHA-1 of a secret")

    patterns()
    monkeypatch.setattr(hashlib, "sha1", refused)
    detection._remembered.clear()
    assert any(found for (found,) in [(each,) for each in everything()[0]])


def test_no_digest_of_a_secret_is_shown(caplog):
    caplog.set_level(logging.DEBUG)
    digests = {hashlib.new(name, GITHUB.encode()).hexdigest() for name in ("sha1", "sha256", "md5")}
    shown = repr(found_in(f"a {GITHUB}")) + repr(tellings("X", f"a {GITHUB}")) + caplog.text
    assert not [each for each in (*digests, GITHUB) if each in shown]


def test_many_threads_tell_what_one_does():
    texts = [
        f"{name} {token(name, str(seed))} {LONGER}{seed}" for seed in range(40) for name in ("gitlab", "npm", "jwt")
    ]
    alone = [[(each.kind, each.secret) for each in found_in(text)] for text in texts]
    detection._remembered.clear()
    patterns.cache_clear()
    detection._compiled.cache_clear()
    with ThreadPoolExecutor(16) as pool:
        for _ in range(3):
            assert alone == [[(e.kind, e.secret) for e in each] for each in pool.map(found_in, texts)]
            detection._remembered.clear()


def test_what_is_remembered_holds_no_text():
    detection._remembered.clear()
    found_in(f"export X={GITHUB} and {LONGER}")
    held = repr(detection._remembered)
    assert detection._remembered
    assert GITHUB not in held
    assert LONGER not in held


def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(detection, "MEMORY", 3)
    detection._remembered.clear()
    for seed in range(10):
        assert found_in(f"x {token('npm', str(seed))}")
        assert len(detection._remembered) <= 3


def test_detect_secrets_is_loaded_only_for_a_literal_of_its_plugins():
    import subprocess

    code = (
        "import sys; from scanner.secrets import tellings\n"
        "tellings('X', 'a b ' + sys.argv[1]); tellings('PATH', '/usr/bin:/bin'); tellings('MY_KEY', 'aB3' * 14)\n"
        "assert 'detect_secrets' not in sys.modules; tellings('X', 'a ' + sys.argv[2])\n"
        "assert 'detect_secrets' in sys.modules"
    )
    root = Path(__file__).parents[2]
    run = [sys.executable, "-c", code, token("npm", "x"), LONGER]
    done = subprocess.run(run, cwd=root, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


# --- free text


def test_secrets_in_a_text_are_told_with_their_lines():
    key = ssh_private_key("plain-ed25519", "seed")
    text = (
        f"#!/bin/sh\n# old: {GITHUB}\nexport A='{token('npm', 'x')}'; psql postgres://a:{HEX}@db/orders.\n\n{key}\nend"
    )
    found = found_in(text)
    assert [(each.kind, each.line) for each in found] == [
        ("github.classic-token", 2),
        ("npm.token", 3),
        ("database.password", 3),
        ("generic.private-key", 5),
    ]
    assert [each.secret for each in found] == [GITHUB, token("npm", "x"), HEX, key]
    assert HEX not in repr(found)
    assert key not in str(found)


def test_a_text_is_a_place_with_lines_for_its_credentials():
    evidence = Evidence(Path("/home/ada/run.sh"), 10)
    [one] = secrets_in_text(f"first\ncurl -H {GITHUB}", evidence, FakeHost(), (Hint("folder", "shop"),))
    assert isinstance(one, CredentialSeen)
    assert one.evidence == Evidence(Path("/home/ada/run.sh"), 11)
    assert Hint("folder", "shop") not in one.grants[0].asset.hints or one.kind == "github.classic-token"
    [inherited] = secrets_in_text(f"a\n{GITHUB}", Evidence(variable="X"), FakeHost())
    assert inherited.evidence == Evidence(variable="X")


AROUND = ["a {} b", "x='{}'", '{{"a":"{}"}}', "k={},b", "({})", "{}\n"]


@pytest.mark.parametrize("family", [f for f in families() if not f.public and not f.alone], ids=lambda f: f.id)
@settings(max_examples=6)
@given(data=st.data())
def test_every_family_is_found_whole_inside_a_text(family, data):
    value = data.draw(st.from_regex(family.pattern, fullmatch=True, alphabet=st.characters(codec="ascii")))
    if len(set(value)) < 12 or not isinstance(judge("X", value), Told) or not value[-1].isalnum() or "," in value:
        return
    found = {around: {each.secret for each in found_in(around.format(value))} for around in AROUND}
    assert [around for around in AROUND if value not in found[around]] == []


def test_a_token_longer_than_a_window_is_taken_whole():
    long = "fm2_" + HEX * 60
    [found] = found_in(f"{'x ' * 2000}{long} {'y ' * 2000}")
    assert found.secret == long


@pytest.mark.parametrize("at", range(WINDOW - OVERLAP - 60, WINDOW + 60, 7))
def test_a_token_on_the_edge_of_a_window_is_found(at):
    text = "ghp_ " + "x" * (at - 5) + f" {GITHUB} "
    assert [each.secret for each in found_in(text)] == [GITHUB]


SHREDS = st.sampled_from(
    [
        *("ghp_", GITHUB, LONGER, "eyJ", "://", "a:b@", "-----BEGIN ", "RSA PRIVATE KEY-----", "-----END X-----"),
        *("AccountKey=", HEX, AWS, "'", '"', " ", "\n", ",", ";", "=", "\\", "é", "İ", "\ud800", "\x00", "cl_pw = "),
        *("xoxb-1-", "aws_key='"),
    ]
)


@example("İ" * 50 + " " + LONGER)  # whose small letter is longer than itself
@given(st.lists(SHREDS, max_size=30).map("".join))
def test_no_text_breaks_it_and_none_is_shown(text):
    found = found_in(text)
    assert HEX not in repr(found)
    assert GITHUB not in str(found)
    assert [each.start for each in found] == sorted(each.start for each in found)
    assert all(left.end <= right.start for left, right in pairwise(found))
    assert all(each.line == text[: each.start].count("\n") + 1 for each in found)


@given(SHREDS, SHREDS)
def test_no_name_and_value_break_it(name, value):
    told = named_in(name, value)
    assert told is None or told.secret == value


def test_a_value_in_its_own_quotes_is_not_told_by_its_name():
    assert named_in("AWS_KEY", f'{AWS}"') is None
    assert named_in("AWS_KEY", AWS).kind == "aws.access-key"
    assert named_in("AWS_KEY", HEX[:40]) is None  # the name of a commit
    assert {row.part for row in detectors()} == set(Part)


def test_the_plugins_are_loaded_without_what_talks_to_providers():
    """Loading urllib3 opens a socket; who has a plugin ask gets `requests` then."""
    told = (
        "import sys, scanner.detection as d; d.patterns(); print('urllib3' in sys.modules, 'requests' in sys.modules);"
        "from detect_secrets.plugins import base; print(base.requests.exceptions.RequestException.__module__)"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "requests.exceptions"]
