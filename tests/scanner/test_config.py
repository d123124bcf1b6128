import tomllib
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from scanner.config import Config, ConfigError, did_you_mean, is_asset, labelled, load, parse, text_of
from scanner.model import Environment

PATH = Path("config.toml")
FULL = """\
# what I settled
agents_may_read = true
crown_jewels = ["database:orders", "s3-bucket:acme-*"]

[labels]
"aws-account:*" = "development"
"aws-account:123456789012" = "production"  # the old one

[[environment_rules]]
match = "*.corp.example.com"
environment = "production"

[[environment_rules]]
match = "scratch-*"
environment = "sandbox"

[plugins]
allow = ["acme-probes"]
"""


def faults(text):
    with pytest.raises(ConfigError) as caught:
        parse(text, PATH)
    return str(caught.value).splitlines()


def test_every_key_arrives():
    config = parse(FULL, PATH)
    assert config.agents_may_read
    assert config.crown_jewels == ("database:orders", "s3-bucket:acme-*")
    assert config.plugins == ("acme-probes",)
    assert [(rule.match, rule.environment.value, rule.line) for rule in config.environment_rules] == [
        ("*.corp.example.com", "production", 9),
        ("scratch-*", "sandbox", 13),
    ]


def test_an_exact_label_stands_before_a_glob():
    assert list(parse(FULL, PATH).labels) == ["aws-account:123456789012", "aws-account:*"]


def test_no_file_is_an_empty_configuration(tmp_path):
    assert load(tmp_path / "config.toml") == Config()


def test_all_faults_are_named_at_once_with_their_lines():
    text = """\
lables = {}
agents_may_read = "yes"
crown_jewels = ["orders"]

[labels]
"aws-account:1" = "prodction"
plain = "staging"

[plugins]
alow = []

[[environment_rules]]
match = ""
environment = "nowhere-near"

[[environment_rules]]
enviroment = "staging"
"""
    assert faults(text) == [
        "config.toml:1: unknown key lables; did you mean labels?",
        "config.toml:2: agents_may_read is true or false",
        "config.toml:3: crown_jewels[0] is no asset of the form kind:name",
        "config.toml:6: labels: aws-account:1: unknown environment prodction; did you mean production?",
        "config.toml:7: labels: plain is no asset of the form kind:name",
        "config.toml:10: plugins: unknown key alow; did you mean allow?",
        "config.toml:13: environment_rules[0]: match is a text with a glob in it",
        "config.toml:14: environment_rules[0]: unknown environment nowhere-near; it is one of production, staging, "
        "development, sandbox, shared, workstation, unknown",
        "config.toml:16: environment_rules[1]: match is missing",
        "config.toml:16: environment_rules[1]: environment is missing",
        "config.toml:17: environment_rules[1]: unknown key enviroment; did you mean environment?",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("labels = 1", 1),
        ("\n\nplugins = []", 3),
        ("environment_rules = {}", 1),
        ("environment_rules = [1]", 1),
        ('crown_jewels = "database:orders"', 1),
        ("crown_jewels = [\n1\n]", 1),
        ("[plugins]\nallow = [1]", 2),
        ('[labels]\n"a:b" = 1', 2),
        ('[labels]\n"a:b".c = "production"', 2),
        ('[[environment_rules]]\nmatch = 1\nenvironment = "staging"', 2),
        ("[[environment_rules]]\nmatch = 'x'\nenvironment = 1", 3),
    ],
)
def test_a_wrong_type_is_a_fault_on_its_line(text, line):
    [fault] = faults(text)
    assert fault.startswith(f"config.toml:{line}: ")


def test_a_syntax_error_has_line_and_column_and_quotes_nothing():
    with pytest.raises(ConfigError) as caught:
        parse('[labels]\naws-account:CANARY = "production"\n', PATH)
    assert str(caught.value) == "config.toml:2:12: not valid TOML"
    assert "quotes" in caught.value.hint


def test_a_name_with_control_codes_is_escaped_in_its_error():
    assert faults('"a\\u001b[2J" = 1') == ["config.toml:1: unknown key a\\x1b[2J"]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"#" * (1024 * 1024 + 1)])
def test_a_file_that_is_no_configuration_is_refused(tmp_path, content):
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError):
        load(path)


def test_a_folder_in_its_place_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="not a file"):
        load(tmp_path)


def test_depth_is_no_way_to_break_it():
    assert faults("x = " + "[" * 5000) == ["config.toml: nested too deep"]


def test_a_number_of_any_length_is_no_way_to_break_it_either():
    assert faults("x = " + "9" * 5000) == ["config.toml: a number is too long"]


def test_line_ends_and_a_byte_order_mark_stay(tmp_path):
    path = tmp_path / "config.toml"
    path.write_bytes(b'\xef\xbb\xbf[labels]\r\n"a:b" = "shared" # why\r\n')
    text = labelled(text_of(path), "a:c", Environment.SANDBOX)
    assert text == '\ufeff[labels]\r\n"a:b" = "shared" # why\r\n"a:c" = "sandbox"\r\n'
    assert parse(text, PATH).labels == {"a:b": "shared", "a:c": "sandbox"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", '[labels]\n"a:b" = "staging"\n'),
        ("# mine", '# mine\n\n[labels]\n"a:b" = "staging"\n'),
        ("[labels] # mine", '[labels] # mine\n"a:b" = "staging"\n'),
        ("[ 'labels' ]\n\n[plugins]\n", '[ \'labels\' ]\n"a:b" = "staging"\n\n[plugins]\n'),
        ("[labels]\n'a:b'='shared'#x\n", "[labels]\n'a:b'=\"staging\"#x\n"),
        ('[labels]\n"a:b" = """shared"""', '[labels]\n"a:b" = "staging"'),
        ("labels.'a:b' = 'shared'\nx.y = 1\n", "labels.'a:b' = \"staging\"\nx.y = 1\n"),
        ("labels.'a:c' = 'shared'\n[x]\n", "labels.'a:c' = 'shared'\nlabels.\"a:b\" = \"staging\"\n[x]\n"),
        ("[labels]\n'a:c' = 'shared'\n# end\n[x]\n", "[labels]\n'a:c' = 'shared'\n\"a:b\" = \"staging\"\n# end\n[x]\n"),
        ("x = '''\n[labels]\n'''\n", "x = '''\n[labels]\n'''\n\n[labels]\n\"a:b\" = \"staging\"\n"),
    ],
)
def test_a_label_changes_one_line(before, after):
    assert labelled(before, "a:b", Environment.STAGING) == after
    assert tomllib.loads(after)["labels"]["a:b"] == "staging"


def test_labels_in_braces_are_left_to_the_user():
    with pytest.raises(ConfigError, match="line 2"):
        labelled("\nlabels = {'a:b' = 'shared'}", "a:b", Environment.STAGING)


NAMES = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("\"'\\.=#[]\n\r\t\x7f\x00 é\u202e😀"), min_size=1
)
ASSETS = NAMES.map(lambda name: f"kind:{name}")
SHREDS = st.sampled_from(
    [
        *("[labels]\n", "[plugins]\n", "allow = ['x', # [\n 'y' ]\n", "[[environment_rules]]\n", "# [labels]\n", "\n"),
        *("match = 'a#]'\n", 'environment = "staging"\n', '"kind:a" = "shared" # "x"\n', "'kind:b'='sandbox'\r\n"),
        *(
            "crown_jewels = [\n 'a:b', # c\n]\n",
            'z = """\n[labels]\n"""""\n',
            "agents_may_read = true",
            "labels.'kind:c'",
        ),
        *(" = 'production'\n", "y = { a = '}', b = [1] }\n", "w = '''''\\'''\n", "k = 1979-05-27T07:32:00Z\n"),
    ]
)


@example("[labels]", "kind:\x7f", Environment.SHARED)
@given(st.lists(SHREDS, max_size=12).map("".join), ASSETS, st.sampled_from(Environment))
def test_a_label_comes_back_and_the_rest_is_unchanged(text, asset, environment):
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assume(False)
    after = labelled(text, asset, environment)
    told = tomllib.loads(after)
    assert told["labels"].pop(asset) == environment
    before.setdefault("labels", {}).pop(asset, None)
    assert told == before
    assert labelled(after, asset, environment) == after


@given(st.lists(SHREDS, max_size=12).map("".join))
def test_any_text_is_a_configuration_or_a_clear_error(text):
    said = ""
    try:
        parse(text, PATH)
    except ConfigError as error:
        said = str(error)
    assert all(line.startswith("config.toml") for line in said.splitlines())


@pytest.mark.parametrize(
    ("name", "right"),
    [("aws-account:1", True), ("*:prod-*", True), ("orders", False), (":x", False), ("a:", False), ("a b:c", False)],
)
def test_an_asset_is_kind_and_name(name, right):
    assert is_asset(name) is right


def test_a_near_word_is_offered_and_a_far_one_is_not():
    assert did_you_mean("prod", ["production", "staging"]) == "; did you mean production?"
    assert did_you_mean("zzz", ["production", "staging"]) == ""
