"""Laws of the grammar: what is written is read back, shreds raise nothing else, schema and reader agree."""

# ruff: noqa: E501

import json
from datetime import date, timedelta

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from scanner.contract.documents import Document
from scanner.contract.grammar import PROTECTIONS, parsed, schema
from scanner.contract.reading import ContractError, read
from scanner.contract.written import text_of
from scanner.data.clauses import guardrail_ids
from scanner.model.terms import Autonomy, Capability, Environment, Gate

TODAY = date(2026, 7, 1)
VALIDATOR = jsonschema.Draft202012Validator(schema(), format_checker=jsonschema.FormatChecker())

TRAPS = [
    "yes",
    "no",
    "null",
    "~",
    "12",
    "0x1f",
    "1.5",
    ".inf",
    "2026-01-01",
    "- a",
    "a: b",
    "a #b",
    "*",
    "&a",
    "!t",
    "%",
    "@",
    "`",
]
texts = st.one_of(
    st.text(min_size=1, max_size=20).filter(lambda text: text.strip(" \t\r\n")),
    st.sampled_from(
        [*TRAPS, "~/src/**", "[x]", "{x}", "'", '"', "\\", "\n", "\u202e", "\x85x", "a\tb", "---", "...", "é𝒳"]
    ).filter(lambda text: text.strip(" \t\r\n")),
)
assets = st.sampled_from(["database:x", "*:*", "github-*:acme/*", "aws-account:[0-9]*", "database: é", "database::"])
days = st.dates(date(2026, 7, 1)).map(str)
spans = st.tuples(st.integers(1, 999_999), st.sampled_from("mhd")).map(lambda each: f"{each[0]}{each[1]}")
environments = st.sampled_from([each.value for each in Environment])


def one_or_many(item):
    return st.one_of(item, st.lists(item, min_size=1, max_size=3))


def some(**optional):
    return st.fixed_dictionaries({}, optional=optional)


def staged(value):
    return st.dictionaries(environments, value, min_size=1, max_size=3)


def words(of):
    return st.sampled_from([each.value for each in of])


subject = {
    "capability": one_or_many(words(Capability)),
    "asset": one_or_many(assets),
    "environment": one_or_many(environments),
}
clauses = st.fixed_dictionaries({}, optional={**subject, "excluding": one_or_many(assets)}).filter(
    lambda clause: not subject.keys().isdisjoint(clause)
)
gates = [each.value for each in Gate if each is not Gate.UNKNOWN]
lists = st.lists(texts, max_size=3)
recovery = st.fixed_dictionaries({"asset": assets, "restore_tested": days, "owner": texts})
requires = some(
    autonomy=st.dictionaries(
        st.sampled_from([*Environment, "default", "isolated"]).map(str), words(Autonomy), min_size=1, max_size=4
    ),
    defaults=staged(st.booleans()),
    in_workspace=staged(st.booleans()),
    recovery=one_or_many(recovery),
    sandbox=st.booleans(),
    lifetime=staged(spans),
    protection=staged(words(PROTECTIONS)),
    guardrails=st.lists(st.sampled_from([*guardrail_ids(), "gateway.*", "*"]), max_size=3),
    private_keys=st.just("encrypted"),
    servers=some(pinned=st.booleans(), secrets=st.booleans(), floating_approval=st.booleans()),
    tokens=some(scoped=st.booleans(), lifetime=spans),
)
trees = st.fixed_dictionaries(
    {"version": st.just(1), "name": texts},
    optional={
        "for": some(role=texts, agents=st.lists(st.sampled_from(["codex", "claude-code"])), workspaces=lists),
        "until": days,
        "allow": st.lists(
            st.tuples(clauses, some(gate=st.sampled_from(gates))).map(lambda each: each[0] | each[1]), max_size=3
        ),
        "never": st.lists(
            st.tuples(clauses, some(below=st.sampled_from(gates[1:]))).map(lambda each: each[0] | each[1]), max_size=3
        ),
        "environment": lists,
        "files": some(read=lists, write=lists, ask=lists, never=lists),
        "commands": some(allow=lists, ask=lists, never=lists),
        "ticket": some(goal=texts, repositories=lists),
        "stop_if": lists,
        "network": lists,
        "mcp": st.dictionaries(texts, lists, max_size=2),
        "require": requires,
        "waivers": st.lists(
            st.fixed_dictionaries({"finding": texts, "owner": texts, "reason": texts, "until": st.dates().map(str)}),
            max_size=2,
        ),
    },
)


def in_effect(data):
    return read(Document("c", data), lambda name, _: None, TODAY)


def placeless(value):
    """The contract without where it stands: what its text means."""
    from msgspec import to_builtins

    def stripped(each):
        if isinstance(each, dict):
            return {key: stripped(below) for key, below in each.items() if key not in ("where", "mcp_where", "digest")}
        return [stripped(below) for below in each] if isinstance(each, list | tuple) else each

    return stripped(to_builtins(value, order="deterministic"))


def as_json(tree):
    """JSON is YAML but for its escapes of two halves and of DEL, and YAML wants no unseen character as itself."""
    text = json.dumps(tree, ensure_ascii=False)
    from scanner.text import printable

    return printable(text).encode()


@example({"version": 1, "name": "x", "mcp": {"yes": [], "~": []}})
@given(trees)
def test_any_tree_of_the_grammar_is_read_and_written_and_read_back_equal(tree):
    found = in_effect(as_json(tree))
    again = in_effect(text_of(found).encode())
    assert placeless(again) == placeless(found)
    assert text_of(replace(again, source="c")).count("\n") == text_of(found).count("\n")


@given(trees)
def test_a_tree_says_what_stands_in_it(tree):
    found = in_effect(as_json(tree))
    assert found.name == tree["name"]
    assert len(found.allow) == len(tree.get("allow", []))
    assert (found.network is None) == ("network" not in tree)
    assert [each.owner for each in found.waivers] == [each["owner"] for each in tree.get("waivers", [])]
    assert found.mcp == ({key: tuple(tools) for key, tools in tree["mcp"].items()} if "mcp" in tree else None)
    lifetimes = {row.environment.value: row.longest for row in found.require.lifetime}
    units = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
    told = tree.get("require", {}).get("lifetime", {})
    assert lifetimes == {key: int(span[:-1]) * units[span[-1]] for key, span in told.items()}


@given(trees)
def test_the_schema_accepts_what_the_grammar_accepts(tree):
    assert VALIDATOR.is_valid(tree)


SCALARS = [
    None,
    True,
    0,
    1,
    2.5,
    "",
    " ",
    "x",
    "12h",
    "2026-02-30",
    "2026-12-31",
    "prompt",
    "full",
    "encrypted",
    "none",
]
LISTS = [[], ["x"], [1], [[]], [{}]]
MAPPINGS = [{}, {"x": 1}, {"production": "12h"}, {"production": True}, {"goal": "x"}, {"default": "full"}]
VALUES = st.sampled_from([*SCALARS, *LISTS, *MAPPINGS])


def places_of(tree, path=()):
    yield path
    below = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in below:
        yield from places_of(value, (*path, key))


def replaced(tree, path, value):
    if not path:
        return value
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[path[0]] = replaced(tree[path[0]], path[1:], value)
    return copy


@st.composite
def damaged(draw):
    """A tree of the grammar in which a value was replaced, a key added or one removed."""
    tree = draw(trees)
    path = draw(st.sampled_from(sorted(places_of(tree), key=str)))
    if draw(st.booleans()):
        return replaced(tree, path, draw(VALUES))
    at = tree
    for key in path:
        at = at[key]
    if isinstance(at, dict) and at and draw(st.booleans()):
        gone = draw(st.sampled_from(sorted(at)))
        return replaced(tree, path, {key: value for key, value in at.items() if key != gone})
    return replaced(
        tree,
        path,
        {**at, draw(st.sampled_from(["x", "gate", "below", "until"])): draw(VALUES)}
        if isinstance(at, dict)
        else draw(VALUES),
    )


@example({"version": 1, "name": "x", "require": {"guardrails": ["x"]}})  # only the data knows which there are
@given(damaged())
def test_the_schema_refuses_what_the_grammar_refuses(tree):
    faults = [fault for fault in parsed(Document("c", as_json(tree))).faults if not of_data(fault)]
    assert VALIDATOR.is_valid(tree) == (faults == []), faults


def of_data(fault):
    """Whether the fault lies in a name that only the data knows."""
    return any(words in fault.text for words in ("no agent", "no kind of asset", "no guardrail"))


WORDS = "version: 1\n|name: x\n|allow:|never:|capability|DATA_READ|asset|'database:*'|require|autonomy|production|full|until"
MORE = "2026-12-31|extends|self|mcp|waivers|lifetime|12h|0o7|7|~|true|on"
SIGNS = [
    "  - ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    ": ",
    "\n",
    "\n  ",
    "#",
    "&a ",
    "*a",
    "!t ",
    "|\n",
    ">-\n",
    "? ",
    "<<",
    "'",
    '"',
    "\\",
    "@",
    "`",
]
ODD = [
    "\t",
    "\r\n",
    "\r",
    "\ufeff",
    "---\n",
    "...",
    "%YAML 1.2\n",
    "\x00",
    "\x85",
    "é",
    "\ud800",
    "\\ud800",
    "\\U00110000",
]
SHREDS = st.sampled_from([*WORDS.split("|"), *MORE.split("|"), *SIGNS, *ODD])


@example('version: 1\nname: "\\ud800"')
@example("[" * 3000)
@example("- " * 3000)
@example("a: &a [*a]")
@example("{? {? {? a")
@given(st.lists(SHREDS, max_size=40).map("".join))
def test_shreds_raise_nothing_but_a_contract_error(text):
    data = text.encode("utf-8", "surrogatepass")
    try:
        read(Document("self", data), lambda name, _: Document(name, data), TODAY)
    except ContractError as error:
        for line in str(error).split("\n"):
            source, line_number, column, _ = line.split(":", 3)
            assert (source, line_number.isdigit(), column.isdigit()) == ("self", True, True)


@given(st.binary(max_size=60))
def test_bytes_raise_nothing_but_a_contract_error(data):
    with pytest.raises(ContractError):
        read(Document("c", data), lambda name, _: None, TODAY)


@given(
    st.sampled_from(["key", "value", "item"]),
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/", min_size=20, max_size=60),
)
def test_what_looks_like_a_secret_is_not_repeated(place, secret):
    secret = f"1{secret}"
    body = {
        "key": f'"{secret}": x',
        "value": f'never: [{{capability: "{secret}"}}]',
        "item": f'for: {{agents: ["{secret}"]}}',
    }[place]
    with pytest.raises(ContractError) as caught:
        in_effect(f"version: 1\nname: x\n{body}".encode())
    assert secret not in str(caught.value)
