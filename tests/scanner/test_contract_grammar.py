"""Contracts that are wrong, and what is said of each: every fault, with its line and column; and what `extends` makes."""

# ruff: noqa: E501 - a row of a table is one line

import hashlib
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from probes.guardrails.reads import GATEWAYS
from scanner.contract import durations, places
from scanner.contract.documents import Document
from scanner.contract.forms import Reading, Record, did_you_mean
from scanner.contract.grammar import CONTRACT
from scanner.contract.reading import FAULT_LIMIT, FILE_LIMIT, ContractError, read
from scanner.data.clauses import guardrail_ids
from scanner.data.contracts import names
from scanner.errors import ScannerError
from scanner.model.contract import Where
from scanner.model.terms import Autonomy, Capability, Environment, Gate, Protection

TODAY = date(2026, 7, 1)
HEAD = "version: 1\nname: mine\n"


def contract(text, today=TODAY, **files):
    """The contract of a text; it may extend the files by their names."""
    documents = {
        name: Document(name, data if isinstance(data, bytes) else data.encode()) for name, data in files.items()
    }
    data = text if isinstance(text, bytes) else text.encode()
    return read(Document("c.yaml", data), lambda name, _: documents.get(name), today)


def faults(text, today=TODAY, **files):
    with pytest.raises(ContractError) as caught:
        contract(text, today, **files)
    return str(caught.value).split("\n")


def in_contract(body, **files):
    """The faults of a body, whose first line is line 3."""
    return [each.removeprefix("c.yaml:") for each in faults(HEAD + body, **files)]


ENVIRONMENTS = "production, staging, development, sandbox, shared, workstation, unknown"
KEYS = [
    ("nam: x", ["3:1: unknown key nam; did you mean name?"]),
    ("frobnicate: x", ["3:1: unknown key frobnicate"]),
    ("Allow: []", ["3:1: unknown key Allow; did you mean allow?"]),
    ("name: again", ["3:1: this key stands twice in one mapping; first in line 2"]),
    ("? [a]\n: b", ["3:3: a list is no key"]),
    ("? {a: 1}\n: b", ["3:3: a mapping is no key"]),
    ("<<: {a: 1}", ["3:1: unknown key of this name"]),
    ("for: {rolle: x}", ["3:7: for: unknown key rolle; did you mean role?"]),
    ("for: {x: 1}", ["3:7: for: unknown key x; it is one of role, agents, workspaces"]),
    ("AKIA0CANARY0CANARY0: x", ["3:1: unknown key of this name"]),
    (
        "files: {read: [a], red: [b], read: [c]}",
        [
            "3:20: files: unknown key red; did you mean read?",
            "3:30: this key stands twice in one mapping; first in line 3",
        ],
    ),
]
TYPES = [
    ("for: role", ["3:6: for: a mapping is expected, not a text"]),
    ("for:", ["3:5: for: a mapping is expected, not nothing"]),
    (
        "for: {role: 7}",
        ["3:13: for.role: a text is expected, not a number; a text that looks like one stands in quotes"],
    ),
    ("for: {role: ''}", ["3:13: for.role: is empty"]),
    ("for: {role: [x]}", ["3:13: for.role: a text is expected, not a list"]),
    ("for: {agents: codex}", ["3:15: for.agents: a list is expected, not a text"]),
    ("for: {agents: [codx]}", ["3:16: for.agents[0]: there is no agent codx; did you mean codex?"]),
    (
        "for: {agents: [codex, 4]}",
        ["3:23: for.agents[1]: a text is expected, not a number; a text that looks like one stands in quotes"],
    ),
    ("for: {agents: [unnamed]}", ["3:16: for.agents[0]: there is no agent unnamed"]),
    ("network:", ["3:9: network: a list is expected, not nothing; [] is an empty one"]),
    ("network: a", ["3:10: network: a list is expected, not a text"]),
    ("network: {a: b}", ["3:10: network: a list is expected, not a mapping"]),
    (
        "network: [true]",
        ["3:11: network[0]: a text is expected, not true or false; a text that looks like one stands in quotes"],
    ),
    ("network: [~]", ["3:11: network[0]: a text is expected, not nothing"]),
    ("stop_if: later", ["3:10: stop_if: a list is expected, not a text"]),
    (
        "ticket: {goal: 5}",
        ["3:16: ticket.goal: a text is expected, not a number; a text that looks like one stands in quotes"],
    ),
    ("mcp: {linear: all}", ["3:15: mcp: a list is expected, not a text"]),
    ("mcp: {7: []}", ["3:7: mcp: the name of a server is a text of at most 200 characters"]),
    ("mcp: [linear]", ["3:6: mcp: a mapping is expected, not a list"]),
    ("require: true", ["3:10: require: a mapping is expected, not true or false"]),
    ("waivers: {}", ["3:10: waivers: a list is expected, not a mapping"]),
]
CLAUSES = [
    ("allow: {}", ["3:8: allow: a list is expected, not a mapping"]),
    ("allow: [x]", ["3:9: allow[0]: a mapping is expected, not a text"]),
    ("allow: [{}]", ["3:9: allow[0]: at least one of capability, asset, environment is expected"]),
    ("allow: [{gate: none}]", ["3:9: allow[0]: at least one of capability, asset, environment is expected"]),
    ("never: [{excluding: 'database:x'}]", ["3:9: never[0]: at least one of capability, asset, environment is expected"]),
    ("allow: [{capability: DATA_RAED}]", ["3:22: allow[0].capability: there is no capability DATA_RAED; did you mean DATA_READ?"]),
    ("allow: [{capability: data read}]", ["3:22: allow[0].capability: there is no capability of this name; did you mean DATA_READ?"]),
    ("allow: [{capability: []}]", ["3:22: allow[0].capability: is an empty list"]),
    ("allow: [{capability: [PUBLISH, publish]}]", ["3:32: allow[0].capability[1]: there is no capability publish; did you mean PUBLISH?"]),
    ("allow: [{environment: prod}]", ["3:23: allow[0].environment: there is no environment prod; did you mean production?"]),
    ("allow: [{environment: xyz}]", [f"3:23: allow[0].environment: there is no environment xyz; it is one of {ENVIRONMENTS}"]),
    ("allow: [{environment: 1}]", [f"3:23: allow[0].environment: one of {ENVIRONMENTS} is expected, not a number"]),
    ("allow: [{asset: billing}]", ["3:17: allow[0].asset: no asset of the form kind:name, such as github-repository:acme/*"]),
    ("allow: [{asset: 'database:'}]", ["3:17: allow[0].asset: no asset of the form kind:name, such as github-repository:acme/*"]),
    ("allow: [{asset: 'githb-repository:x'}]", ["3:17: allow[0].asset: there is no kind of asset githb-repository; did you mean github-repository?"]),
    ("allow: [{asset: 'q*:x'}]", ["3:17: allow[0].asset: there is no kind of asset of this name"]),
    ("allow: [{asset: ['database:x', y]}]", ["3:32: allow[0].asset[1]: no asset of the form kind:name, such as github-repository:acme/*"]),
    ("allow:\n  - capability: PUBLISH\n    gate: promt", ["5:11: allow[0].gate: there is no gate promt; did you mean prompt?"]),
    ("allow: [{capability: PUBLISH, below: none}]", ["3:31: allow[0]: unknown key below; it is one of capability, asset, excluding, environment, gate"]),
    ("never: [{capability: PUBLISH, gate: none}]", ["3:31: never[0]: unknown key gate; it is one of capability, asset, excluding, environment, below"]),
    ("allow: [{capability: PUBLISH, gate: unknown}]", ["3:37: allow[0].gate: there is no gate unknown; it is one of none, classifier, rule-only, prompt, presence, server, refused, os-blocked"]),
    ("never: [{capability: PUBLISH, below: none}]", ["3:38: never[0].below: there is no gate none; it is one of classifier, rule-only, prompt, presence, server, refused, os-blocked"]),
]  # fmt: skip
REQUIRED = [
    ("require: {autonomy: {prod: full}}", ["3:22: require.autonomy: there is no environment prod; did you mean production?"]),
    ("require: {autonomy: {default: fulll}}", ["3:31: require.autonomy.default: there is no degree of autonomy fulll; did you mean full?"]),
    ("require: {autonomy: {}}", ["3:21: require.autonomy: is an empty mapping"]),
    ("require: {defaults: {default: false}}", [f"3:22: require.defaults: there is no environment default; it is one of {ENVIRONMENTS}"]),
    ("require: {defaults: {production: no}}", ["3:34: require.defaults.production: true or false is expected, not a text; did you mean false?"]),
    ("require: {sandbox: yes}", ["3:20: require.sandbox: true or false is expected, not a text; did you mean true?"]),
    ("require: {sandbox: 1}", ["3:20: require.sandbox: true or false is expected, not a number"]),
    ("require: {sandbox: 'true'}", ["3:20: require.sandbox: true or false is expected, not a text"]),
    ("require: {lifetime: {production: 12 hours}}", ["3:34: require.lifetime.production: no length of time; write it as 30m, 12h or 90d"]),
    ("require: {lifetime: {production: 12}}", ["3:34: require.lifetime.production: a length of time such as 12h is expected, not a number"]),
    ("require: {lifetime: {production: 0h}}", ["3:34: require.lifetime.production: no length of time; write it as 30m, 12h or 90d"]),
    ("require: {lifetime: {production: 1h30m}}", ["3:34: require.lifetime.production: no length of time; write it as 30m, 12h or 90d"]),
    ("require: {protection: {production: keychian}}", ["3:36: require.protection.production: there is no protection keychian; did you mean keychain?"]),
    ("require: {in_workspace: {production: maybe}}", ["3:38: require.in_workspace.production: true or false is expected, not a text"]),
    ("require: {private_keys: true}", ["3:25: require.private_keys: one of encrypted is expected, not true or false"]),
    ("require: {private_keys: encryptd}", ["3:25: require.private_keys: there is no protection of private keys encryptd; did you mean encrypted?"]),
    ("require: {servers: {pined: true}}", ["3:21: require.servers: unknown key pined; did you mean pinned?"]),
    ("require: {tokens: {lifetime: ever}}", ["3:30: require.tokens.lifetime: no length of time; write it as 30m, 12h or 90d"]),
    (
        "require: {guardrails: [nope, gateway.foo, ssh.*, '*', Protected-Default-Branch, 'gate[way', 'a b']}",
        [
            "3:24: require.guardrails[0]: there is no guardrail nope",
            "3:30: require.guardrails[1]: there is no guardrail gateway.foo; did you mean gateway.hoop?",
            "3:55: require.guardrails[4]: there is no guardrail Protected-Default-Branch; did you mean "
            "protected-default-branch?",
            "3:81: require.guardrails[5]: there is no guardrail of this name; did you mean gateway.hoop?",
            "3:93: require.guardrails[6]: there is no guardrail of this name",
        ],
    ),
    ("require: {guardrails: ci}", ["3:23: require.guardrails: a list is expected, not a text"]),
    (
        "require: {recovery: {asset: 'database:x', restore_tested: last week}}",
        [
            "3:21: require.recovery: owner is missing",
            "3:59: require.recovery.restore_tested: no date; write it as 2026-12-31",
        ],
    ),
    ("require: {recovery: []}", ["3:21: require.recovery: is an empty list"]),
]  # fmt: skip
DATES = [
    ("until: 2026-02-30", ["3:8: until: no date; write it as 2026-12-31"]),
    ("until: 31.12.2026", ["3:8: until: no date; write it as 2026-12-31"]),
    ("until: 20261231", ["3:8: until: a date such as 2026-12-31 is expected, not a number"]),
    ("until: 2026-12-31T00:00:00Z", ["3:8: until: no date; write it as 2026-12-31"]),
    ("until: ２０２６-12-31", ["3:8: until: no date; write it as 2026-12-31"]),
    ("until: 2026-W01-1", ["3:8: until: no date; write it as 2026-12-31"]),
    ("until: 2026-06-30", ["3:8: until: this contract ended on 2026-06-30"]),
    (
        "waivers: [{finding: f-1, until: soon}]",
        [
            "3:11: waivers[0]: owner is missing",
            "3:11: waivers[0]: reason is missing",
            "3:33: waivers[0].until: no date; write it as 2026-12-31",
        ],
    ),
]
YAML = [
    ("a: [b", ["4:1: a `,` or the `]` of a list is missing; it begins in line 3"]),
    ("a: {b: c", ["4:1: a `,` or the `}` of a mapping is missing; it begins in line 3"]),
    ("a: b: c", ["3:1: unknown key a", "3:5: a `:` that opens no value; is the line indented right, or a text unquoted?"]),
    ("word\nfor: {}", ["4:1: a line without the `:` of a key; it begins in line 3"]),
    ("a: 'b", ["3:6: a quoted text is not closed"]),
    ("a: 'b\nfor: {}", ["4:8: a quoted text is not closed; it begins in line 3"]),
    ('a: "\\q"', ["3:5: an escape that YAML does not know; single quotes take a text as it is"]),
    ("a: `b`", ["3:4: a text that begins with this character stands in quotes"]),
    ("allow:\n\t- x", ["4:1: a tab; YAML is indented with blanks"]),
    ("network: [*.example.com]", ["3:12: a text that begins with `*` or `&` stands in quotes"]),
    ("a: - b", ["3:4: a list cannot begin on this line"]),
    ("a: 'b' c", ["3:1: unknown key a", "3:8: this does not belong to the mapping above; is the line indented right?; it begins in line 1"]),
    ("network: [*all]", ["3:11: an alias is not read; a text that begins with `*` stands in quotes"]),
    ("network: [&all]", ["3:11: an anchor is not read; a text that begins with `&` stands in quotes"]),
    ("network: &all [a]", ["3:10: an anchor is not read; a text that begins with `&` stands in quotes"]),
    ("network: [!x a, ! b]", ["3:11: a tag is not read; a text that begins with `!` stands in quotes", "3:17: a tag is not read; a text that begins with `!` stands in quotes"]),
    ("for: !!python/object:os.system {}", ["3:6: a tag is not read; a text that begins with `!` stands in quotes"]),
    ("---\nversion: 1", ["3:1: a second document; a file holds one contract; the rest was not read"]),
    ("a: " + "[" * 21, ["3:23: nested deeper than 20; the rest was not read"]),
    ("a: [" + "b," * 100_000 + "]", ["3:199991: more than 100000 values; the rest was not read"]),
    ("a: x\u202ey", ["3:5: a character that cannot be seen, U+202E"]),
    ("a: x\x00y", ["3:5: a character that cannot be seen, U+0000"]),
    ("a: x\x85y", ["3:5: a character that cannot be seen, U+0085"]),
    ("a: x\ry", ["3:5: a carriage return without a line feed"]),
]  # fmt: skip
BROKEN = [*KEYS, *TYPES, *CLAUSES, *REQUIRED, *DATES, *YAML]


@pytest.mark.parametrize(("body", "said"), BROKEN)
def test_what_is_wrong_is_said_with_its_place(body, said):
    assert in_contract(body) == said


WHOLE = [
    ("", ["1:1: is empty; a contract begins with version: 1"]),
    ("# nothing\n", ["1:1: is empty; a contract begins with version: 1"]),
    ("~", ["1:1: is empty; a contract begins with version: 1"]),
    ("[]", ["1:1: a mapping is expected, not a list"]),
    ("CANARY", ["1:1: a mapping is expected, not a text"]),
    ("{}", ["1:1: version is missing", "1:1: name is missing"]),
    ("name: x", ["1:1: version is missing"]),
    ("version: 2\nname: x", ["1:10: version: only 1 is known to this armslength"]),
    ("version: '1'\nname: x", ["1:10: version: the number 1 is expected, not a text"]),
    ("version: 0x1f\nname: x", ["1:10: version: only 1 is known to this armslength"]),
    (b"\xff\xfev\0", ["1:1: UTF-16 text; a contract is UTF-8"]),
    (b"version: 1\nname: \xff", ["2:7: no UTF-8 text"]),
    (b"#" * (1024 * 1024 + 1), ["1:1: larger than 1 MiB"]),
    ("%YAML 1.1\n---\nversion: 1\nname: x", ["1:1: a directive is not read; contracts are YAML 1.2"]),
    ("%FOO\n---\nversion: 1\nname: x", ["1:5: a directive is not read"]),
    ("[default]\naws_access_key_id = CANARY", ["2:1: what follows belongs to nothing above"]),
]


@pytest.mark.parametrize(("text", "said"), WHOLE)
def test_what_is_no_contract_is_said_with_its_place(text, said):
    assert [each.removeprefix("c.yaml:") for each in faults(text)] == said


def test_all_faults_of_all_files_come_at_once_in_the_order_of_places():
    bodies = [body for body, _ in (*KEYS[:3], *CLAUSES[1:6], *REQUIRED[:6])]
    merged = {}
    for body in bodies:
        key, _, rest = body.partition(":")
        merged.setdefault(key, rest)
    text = HEAD + "".join(f"{key}:{rest}\n" for key, rest in merged.items()) + "extends: [base, none]\n"
    said = faults(text, base="version: 3\nnme: x\n")
    own, base = said[:-3], said[-3:]
    places = [tuple(map(int, each.split(":")[1:3])) for each in own]
    assert len(own) == len(merged) + 1
    assert places == sorted(places)
    known = ", ".join(names())
    assert own[-1].endswith(
        f"extends: there is no contract none, neither shipped nor beside this file; it is one of {known}"
    )
    assert base == [
        "base:1:1: name is missing",
        "base:1:10: version: only 1 is known to this armslength",
        "base:2:1: unknown key nme; did you mean name?",
    ]


def test_of_very_many_faults_the_first_are_told_and_the_rest_counted():
    said = in_contract("".join(f"k{'a' * index}: 1\n" for index in range(FAULT_LIMIT + 7)))
    assert len(said) == FAULT_LIMIT + 1
    assert said[-1] == "and 7 more faults"


def test_a_fault_cannot_write_to_a_terminal():
    [said] = in_contract('"\\e[2J": 1')
    assert said == "3:1: unknown key of this name"
    with pytest.raises(ContractError) as caught:
        read(Document("\x1b[2J", b"[]"), lambda name, _: None, TODAY)
    assert str(caught.value).startswith("\\x1b[2J:1:1:")


@pytest.mark.parametrize(
    "body", ["name: x\r\nversion: 1\r\n", "\ufeffversion: 1\nname: x", "%YAML 1.2\n---\nversion: 1\nname: x\n..."]
)
def test_line_ends_a_byte_order_mark_and_the_right_version_are_no_fault(body):
    assert contract(body).name == "x"


def test_lines_and_columns_are_as_an_editor_counts_them():
    assert faults('version: 1\r\n# é 𝒳\r\n"name": é𝒳\r\nfor: {é: 1}\r\n')[0].startswith("c.yaml:4:7: for: unknown key")


SCALARS = [
    ("yes", "a text"), ("on", "a text"), ("No", "a text"), ("y", "a text"), ("2026-12-31", "a text"), ("12:30:45", "a text"),
    ("1_000", "a text"), ("true", "true or false"), ("FALSE", "true or false"), ("tRUE", "a text"), ("~", "nothing"),
    ("", "nothing"), ("Null", "nothing"), ("nULL", "a text"), ("012", "a number"), ("0o17", "a number"), ("0o19", "a text"),
    ("0x1F", "a number"), ("1.5e-3", "a number"), ("1.", "a number"), (".5", "a number"), (".", "a text"),
    ("-.inf", "a number"), (".NaN", "a number"), ("+12", "a number"), ("=", "a text"), ("0b1", "a text"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind"), SCALARS)
def test_a_plain_scalar_is_what_yaml_1_2_takes_it_for(text, kind):
    assert places.Scalar(1, 1, text, plain=True).kind == kind
    assert places.Scalar(1, 1, text).kind == "a text"


@pytest.mark.parametrize(
    ("text", "number"), [("012", 12), ("0o17", 15), ("0x1F", 31), ("9" * 5000, float("inf")), ("-.inf", float("-inf"))]
)
def test_a_number_is_what_it_says(text, number):
    assert places.Scalar(1, 1, text, plain=True).number == number


@pytest.mark.parametrize(
    ("text", "length"), [("30m", timedelta(minutes=30)), ("12h", timedelta(hours=12)), ("90d", timedelta(days=90))]
)
def test_a_length_of_time_is_read_and_written(text, length):
    assert durations.duration(text) == length
    assert durations.written(length) == text


@pytest.mark.parametrize("text", ["", "h", "0d", "012h", "1 h", "1.5h", "12H", "1w", "１h", "9999999d", "12h\n"])
def test_what_is_no_length_of_time_is_none(text):
    assert durations.duration(text) is None


def test_a_contract_says_what_it_says():
    found = contract(
        HEAD + "for: {role: backend, agents: [codex], workspaces: [~/src]}\n"
        "until: 2026-07-01\n"
        "allow:\n"
        "  - {capability: [DATA_READ, PUBLISH], asset: 'database:*', excluding: 'database:x', environment: staging, gate: prompt}\n"
        "never:\n"
        "  - {capability: MONEY}\n"
        "  - {capability: MONEY, below: server}\n"
        "environment: []\n"
        "require:\n"
        "  autonomy: {production: restricted, default: full}\n"
        "  lifetime: {production: 12h}\n"
        "  tokens: {lifetime: 90d}\n"
    )
    assert (found.role, found.for_agents, found.for_workspaces) == ("backend", ("codex",), ("~/src",))
    assert found.until == TODAY
    [allowed] = found.allow
    assert allowed.where == Where("c.yaml", 6)
    assert allowed.capabilities == {Capability.DATA_READ, Capability.PUBLISH}
    assert (allowed.assets, allowed.excluding) == (("database:*",), ("database:x",))
    assert (allowed.environments, allowed.gate) == ({Environment.STAGING}, Gate.PROMPT)
    assert allowed.text == "allow DATA_READ, PUBLISH on database:* but database:x in staging with at least prompt"
    assert [(each.gate, each.text) for each in found.never] == [
        (None, "never MONEY"),
        (Gate.SERVER, "never MONEY below server"),
    ]
    assert found.environment.items == ()
    assert (found.network, found.mcp, found.ticket) == (None, None, None)
    assert found.require.autonomy.default is Autonomy.FULL
    assert found.require.autonomy.isolated is None
    assert [row.longest for row in found.require.lifetime] == [timedelta(hours=12)]
    assert found.require.tokens.longest == timedelta(days=90)
    assert not found.require.tokens.scoped


def test_a_contract_is_valid_on_its_last_day_and_no_longer():
    assert contract(HEAD + "until: 2026-07-01").until == TODAY
    assert faults(HEAD + "until: 2026-07-01", TODAY + timedelta(days=1)) == [
        "c.yaml:3:8: until: this contract ended on 2026-07-01"
    ]


def test_a_waiver_that_has_ended_is_no_fault():
    [waiver] = contract(HEAD + "waivers: [{finding: f-1, owner: ada, reason: why, until: 2020-01-01}]").waivers
    assert waiver.until < TODAY


BASE = """\
version: 1
name: base
until: 2026-09-01
allow: [{capability: DISCOVER}]
never: [{capability: MONEY}]
environment: [PATH, HOME]
files: {read: ["~/**"], never: [a]}
commands: {allow: [x], never: [y]}
stop_if: [one]
network: [example.com]
mcp: {linear: [a]}
require:
  autonomy: {production: supervised, default: restricted}
  defaults: {production: false}
  lifetime: {production: 12h, staging: 7d}
  protection: {production: keychain}
  sandbox: true
  servers: {pinned: true}
  tokens: {lifetime: 30d}
  guardrails: [ci]
waivers: [{finding: f-1, owner: ada, reason: why, until: 2026-08-01}]
"""
OWN = """\
version: 1
name: own
extends: [base]
until: 2026-12-31
allow: [{capability: PUBLISH}]
never: [{capability: MONEY, below: server}]
environment: [PATH]
files: {read: ["~/src/**"], never: [b]}
commands: {ask: [z]}
stop_if: [two, one]
require:
  autonomy: {production: full, default: full, isolated: full}
  defaults: {production: true, staging: false}
  lifetime: {production: 7d, staging: 12h}
  protection: {production: encrypted}
  sandbox: false
  servers: {pinned: false, secrets: false}
  tokens: {scoped: true, lifetime: 90d}
  guardrails: [secret-scan-hook]
waivers: [{finding: f-2, owner: ada, reason: why, until: 2026-08-01}]
"""


def test_what_is_extended_unites_and_the_strictest_counts():
    found = contract(OWN, base=BASE)
    assert (found.name, found.source, found.until) == ("own", "c.yaml", date(2026, 9, 1))
    assert [each.text for each in found.allow] == ["allow DISCOVER", "allow PUBLISH"]
    assert [each.text for each in found.never] == ["never MONEY", "never MONEY below server"]
    assert [each.where.file for each in found.never] == ["base", "c.yaml"]
    assert found.stop_if == ("one", "two")
    assert [each.finding for each in found.waivers] == ["f-1", "f-2"]
    require = found.require
    assert require.autonomy.by_environment == {Environment.PRODUCTION: Autonomy.SUPERVISED}
    assert (require.autonomy.default, require.autonomy.isolated) == (Autonomy.RESTRICTED, Autonomy.FULL)
    assert {row.environment: row.allowed for row in require.defaults} == {"production": False, "staging": False}
    assert [(row.longest, row.where.file) for row in require.lifetime] == [
        (timedelta(hours=12), "base"),
        (timedelta(hours=12), "c.yaml"),
    ]
    assert [row.protection for row in require.protection] == [Protection.KEYCHAIN]
    assert require.sandbox.on
    assert require.sandbox.where.file == "base"
    assert (require.servers.pinned, require.servers.secrets) == (True, False)
    assert (require.tokens.scoped, require.tokens.longest) == (True, timedelta(days=30))
    assert require.guardrails.items == ("ci", "secret-scan-hook")


def test_a_list_of_the_one_that_extends_stands_where_it_is_written():
    found = contract(OWN, base=BASE)
    assert found.environment.items == ("PATH",)
    assert found.network.items == ("example.com",)
    assert found.files.read.items == ("~/src/**",)
    assert found.files.never.items == ("a", "b")
    assert (found.commands.allow.items, found.commands.ask.items, found.commands.never.items) == (
        ("x",),
        ("z",),
        ("y",),
    )
    assert (found.mcp, found.mcp_where.file) == ({"linear": ("a",)}, "base")
    assert contract(OWN + "mcp: {}", base=BASE).mcp == {}


def demands(require):
    """What is demanded, without where it stands."""
    return {
        "autonomy": (require.autonomy.by_environment, require.autonomy.default, require.autonomy.isolated),
        "rows": {
            (row.environment, row.longest, row.protection, row.allowed)
            for rows in (require.defaults, require.lifetime, require.protection, require.in_workspace)
            for row in rows
        },
        "flags": (require.sandbox.on, require.servers.pinned, require.servers.secrets, require.tokens.scoped),
        "longest": require.tokens.longest,
        "guardrails": set(require.guardrails.items),
    }


def test_the_order_of_two_that_are_extended_changes_no_demand():
    files = {"base": BASE, "own": OWN.replace("extends: [base]\n", "")}
    one = contract(HEAD + "extends: [base, own]", **files)
    other = contract(HEAD + "extends: [own, base]", **files)
    assert demands(one.require) == demands(other.require)
    assert {each.text for each in one.never} == {each.text for each in other.never}
    assert one.until == other.until


def test_of_several_that_are_extended_the_last_list_stands():
    files = {"a": f"{HEAD}network: [a]", "b": f"{HEAD}network: [b]"}
    assert contract(HEAD + "extends: [a, b]", **files).network.items == ("b",)
    assert contract(HEAD + "extends: [b, a]", **files).network.items == ("a",)


def test_the_end_of_what_is_extended_counts():
    assert faults(OWN, date(2026, 9, 2), base=BASE) == ["base:3:8: until: this contract ended on 2026-09-01"]


def test_a_circle_is_said_where_it_closes():
    files = {"a": f"{HEAD}extends: [b]", "b": f"{HEAD}extends:\n  - a"}
    assert in_contract("extends: [a]", **files) == ["b:4:5: extends: goes around in a circle: a -> b -> a"]


def test_a_contract_that_two_extend_is_read_once():
    files = {"a": f"{HEAD}extends: [base]", "b": f"{HEAD}extends: [base]", "base": BASE}
    assert [each.text for each in contract(HEAD + "extends: [a, b]", **files).never] == ["never MONEY"]


def test_a_long_chain_ends():
    files = {f"f{index}": f"{HEAD}extends: [f{index + 1}]" for index in range(FILE_LIMIT + 5)}
    assert in_contract("extends: [f0]", **files) == [
        f"f{FILE_LIMIT - 2}:3:11: extends: more than {FILE_LIMIT} files in all"
    ]


def test_the_circle_is_told_though_the_file_has_other_faults():
    assert (
        faults("extends: [a]\nname: 7", a=f"{HEAD}extends: [a]")[-1]
        == "a:3:11: extends: goes around in a circle: a -> a"
    )


def test_what_cannot_be_read_is_told_where_it_is_named():
    def refusing(name, source):
        raise ScannerError("base.yaml: Permission denied")

    with pytest.raises(ContractError, match=r"^c:3:11: extends: base.yaml: Permission denied$"):
        read(Document("c", f"{HEAD}extends: [base]".encode()), refusing, TODAY)


def test_the_digest_is_of_the_bytes_of_all_files_in_the_order_of_reading():
    assert contract(HEAD).digest == "sha256:" + hashlib.sha256(HEAD.encode()).hexdigest()
    assert contract(OWN, base=BASE).digest == "sha256:" + hashlib.sha256((OWN + BASE).encode()).hexdigest()
    assert contract(HEAD).digest != contract(HEAD + "# a comment").digest


def test_a_word_is_suggested_only_where_one_is_near():
    assert did_you_mean("promt", ("prompt", "server")) == "; did you mean prompt?"
    assert did_you_mean("x" * 1_000_000, tuple(map(str, range(20)))) == ""
    assert did_you_mean("", ()) == ""


def test_a_faulty_part_is_none_and_never_a_default():
    tree = places.tree(b"version: 1\nname: x\nnever: [{capability: X}]")
    assert isinstance(CONTRACT, Record)
    assert CONTRACT.read(tree.root, "", Reading("x")) is None


# --- the ids of guardrails


def test_a_contract_can_ask_for_each_guardrail_that_a_probe_tells_of_and_the_docs_name_them_all():
    sources = [path.read_text() for room in ("probes", "scanner/hygiene") for path in sorted(Path(room).rglob("*.py"))]
    told = {
        name for text in sources for name in re.findall(r'(?:Guardrail\(\s*|^RULE = )"([a-z.-]+)"', text, re.MULTILINE)
    }
    leading = {f"gateway.{name}" for name, _, _, kinds in GATEWAYS if kinds}  # of the others nothing is in force
    known, text = set(guardrail_ids()), Path("docs/contract.md").read_text()
    assert len(told) > 10
    assert told <= known
    assert leading <= known
    assert [name for name in sorted(known) if f"`{name.removeprefix('gateway.')}`" not in text] == []


# --- what stands before a place where the YAML breaks


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "version: 2\nallowed: []\nallow:\n  - {gate: nope, asset: x}\nnever: [a\nrequire: {}\n",
            [
                "c.yaml:1:10: version: only 1 is known to this armslength",
                "c.yaml:2:1: unknown key allowed; did you mean allow?",
                "c.yaml:4:12: allow[0].gate: there is no gate nope",
                "c.yaml:4:25: allow[0].asset: no asset of the form kind:name, such as github-repository:acme/*",
                "c.yaml:6:8: a `,` or the `]` of a list is missing; it begins in line 5",
            ],
        ),
        ("allow: [\n", ["c.yaml:2:1: "]),  # neither version nor name is said to be missing: they may follow
        ("never:\n  - {asset: x, capability: [\n", ["c.yaml:3:1: "]),  # nor is an unfinished part judged
    ],
)
def test_what_stands_before_broken_yaml_is_told_too(text, said):
    with pytest.raises(ContractError) as error:
        contract(text)
    lines = str(error.value).split("\n")
    assert len(lines) == len(said)
    assert all(line.startswith(each) for line, each in zip(lines, said, strict=True)), lines
