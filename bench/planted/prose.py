# ruff: noqa: E501  (templates keep the lines of the files that they make)
"""Plausible sources of several languages, made from word lists in bulk: chunks once, files by shuffling chunks."""

from random import Random

import msgspec

from .values import listed

NOUNS = listed("""
account address amount answer array batch branch bucket buffer button cache cart catalog channel chart client
clock cluster column command comment config context cookie counter course cursor customer date delivery device
dialog discount document draft edge element entry error event export feature field figure file filter folder
form frame graph group handler header history image index input invoice item job journal key label language
layer layout lease line link list loader locale lock log mail map margin member menu message meter method metric
mode model module month name node note notice number object offer option order outcome owner package page panel
parcel parser partner password path pattern payload payment period person picture plan player point policy pool
position price process product profile project promise property query queue quota range rate reader reason
record region release reply report request result review role route row rule sample schema scope score screen
search section segment sender service session setting shape sheet shop signal size slice slot socket source
stage state status step stock stream string supplier switch symbol table tag target task team template tenant
text theme thread ticket timer title token tool topic total track trade trigger type unit update upload user
value vector version view visit voucher warehouse watcher weight widget window worker writer zone
""")
VERBS = listed("""
accept add apply attach build cancel check clear close collect compare compute copy count create decode delete
describe detach draw drop emit encode ensure expand fetch fill filter find flush format get group handle hide
import insert join keep list load lock mark match measure merge move notify open order pack parse pause pick
print pull push queue read reduce refresh register release remove rename render repair replace report reset
resize resolve restore resume retry return save scan select send set share shift show skip sort split start stop
store submit sum swap sync take test toggle track trim unlock update upload validate verify wait walk watch wrap
write
""")
COMMENTS = (
    "keeps the order of what came in",
    "an empty list is a valid answer here",
    "the caller owns the buffer",
    "called once per request",
    "see the notes of the last release",
    "retries are up to the caller",
    "the old format had no version",
    "cheap enough to do every time",
    "a password is never kept here, only its hash",
    "the token was checked by the gateway",
    "rounds half to even, as accounting wants it",
    "works around a bug of older browsers",
)

TEMPLATES: dict[str, tuple[str, ...]] = {
    "py": (
        '\n\ndef {v}_{n}({m}: list[str], limit: int = {i}) -> list[str]:\n    """{C}."""\n    found = []\n    for {o} in {m}:\n        if not {o} or len(found) >= limit:\n            continue\n        found.append({o}.strip().lower())\n    return found\n',
        "\n\nclass {N}{M}:\n    def __init__(self, {o}, {n}=None):\n        self.{o} = {o}\n        self.{n} = {n}\n\n    def {v}(self):\n        # {c}\n        return [self.{o}.{w}({m}) for {m} in self.{n} or ()]\n",
        "\n\ndef {v}_{m}({n}, *, {o}=None, timeout={i}):\n    if {o} is None:\n        raise ValueError('{n} without {o}')\n    with {n}.{w}(timeout=timeout) as {m}:\n        return {m}.{v}_{o}({o})\n",
        "\n{O}_{M} = {i}\n{N}_{O} = ({i}, {j}, {k})\n",
        "\n\ndef test_{v}_{n}_{w}s_{m}():\n    {o} = {N}({i})\n    assert {o}.{v}() == {j}\n    assert not {o}.{w}_{m}\n",
        "\n\n@dataclass\nclass {N}{O}:\n    {m}: str\n    {n}: int = {i}\n    {o}: tuple[str, ...] = ()\n",
    ),
    "js": (
        "\nfunction {v}{N}({m}, {o}) {{\n  if (!{m}) return {o};\n  const {n} = {m}.map(({k0}) => {k0}.{o} + {i});\n  return {n}.filter(Boolean);\n}}\n",
        "\nexports.{v}{M} = async function ({n}, options = {{}}) {{\n  const {{ {o} = {i}, {m} }} = options;\n  // {c}\n  const reply = await {n}.{w}({o});\n  return {m} ? reply[{m}] : reply;\n}};\n",
        "\nmodule.exports.{w}{O} = ({m}) => {{\n  switch ({m}.type) {{\n    case '{n}/{v}':\n      return {{ ...{m}, {o}: {i} }};\n    default:\n      return {m};\n  }}\n}};\n",
        "\nclass {N}{M} extends Base{O} {{\n  constructor({n}) {{\n    super({n});\n    this.{m} = new Map();\n    this.limit = {i};\n  }}\n\n  {v}({o}) {{\n    return this.{m}.get({o}.id) || null;\n  }}\n}}\n",
        "\nfor (let i = 0; i < {n}.length; i += {i}) {{\n  {m}.push({n}.slice(i, i + {i}).{w}());\n}}\n",
    ),
    "ts": (
        "\nexport interface {N}{M} {{\n  id: string;\n  {o}: number;\n  {n}?: {O}[];\n  readonly {m}: boolean;\n}}\n",
        "\nexport function {v}{N}({m}: {M}, {o}: {O}): {N} | undefined {{\n  // {c}\n  return {m}.{w}(({k0}) => {k0}.{n} === {o}.{n});\n}}\n",
        "\nexport const use{N}{O} = ({m}: string) => {{\n  const [{n}, set{N}] = useState<{N} | null>(null);\n  useEffect(() => {{\n    {v}{M}({m}).then(set{N});\n  }}, [{m}]);\n  return {n};\n}};\n",
        "\nexport type {M}{O} = '{n}' | '{m}' | '{o}' | '{v}-{w}';\n",
        "\n@Injectable()\nexport class {N}Service {{\n  constructor(private readonly {m}: {M}Repository) {{}}\n\n  async {v}({o}: string): Promise<{N}[]> {{\n    return this.{m}.{w}({{ {o}, take: {i} }});\n  }}\n}}\n",
    ),
    "go": (
        '\n// {V}{N} {c}.\nfunc {V}{N}({m} []{M}, limit int) ([]{M}, error) {{\n\tif len({m}) == 0 {{\n\t\treturn nil, errors.New("no {n}")\n\t}}\n\tif limit > {i} {{\n\t\tlimit = {i}\n\t}}\n\treturn {m}[:limit], nil\n}}\n',
        '\ntype {N}{O} struct {{\n\tID     string `json:"id"`\n\t{M} int    `json:"{m}"`\n\t{V}s []{O} `json:"{o},omitempty"`\n}}\n',
        "\nfunc (s *{N}) {V}{O}(ctx context.Context, {m} string) error {{\n\ts.mu.Lock()\n\tdefer s.mu.Unlock()\n\t// {c}\n\ts.{o}[{m}]++\n\treturn s.{w}(ctx)\n}}\n",
        '\nfunc Test{V}{N}(t *testing.T) {{\n\tfor _, c := range []struct{{ in, out int }}{{{{{i}, {j}}}, {{{j}, {k}}}}} {{\n\t\tif got := {v}(c.in); got != c.out {{\n\t\t\tt.Errorf("{n}: %d", got)\n\t\t}}\n\t}}\n}}\n',
    ),
    "rs": (
        "\n/// {C}.\npub fn {v}_{n}({m}: &[{M}], limit: usize) -> Option<&{M}> {{\n    {m}.iter().take(limit.min({i})).find(|{o}| {o}.{w}() > {j})\n}}\n",
        "\n#[derive(Debug, Clone, PartialEq)]\npub struct {N}{O} {{\n    pub {m}: String,\n    pub {n}: u64,\n    {o}: Vec<{M}>,\n}}\n",
        "\nimpl {N} {{\n    // {c}\n    pub fn {v}(&mut self, {m}: u32) -> Result<(), {O}Error> {{\n        self.{n} = self.{n}.checked_add({m}).ok_or({O}Error::Full)?;\n        Ok(())\n    }}\n}}\n",
    ),
    "java": (
        "\n    /** {C}. */\n    public List<{M}> {v}{N}(final {O} {o}, int limit) {{\n        return {o}.get{M}s().stream().limit(Math.min(limit, {i})).collect(Collectors.toList());\n    }}\n",
        "\n    private final Map<String, {N}> {n}By{M} = new HashMap<>({i});\n\n    public {N} {v}(String {m}) {{\n        return {n}By{M}.computeIfAbsent({m}, k -> new {N}(k, {j}));\n    }}\n",
        "\n    @Test\n    void {v}s{N}With{M}() {{\n        {O} {o} = new {O}({i});\n        assertEquals({j}, {o}.{w}{M}());\n    }}\n",
    ),
    "c": (
        "\n/* {c} */\nstatic int {v}_{n}(struct {m} *{o}, size_t count)\n{{\n\tsize_t at;\n\n\tfor (at = 0; at < count; at++)\n\t\tif ({o}[at].{n} > {i})\n\t\t\treturn -{j};\n\treturn 0;\n}}\n",
        "\nstruct {n}_{m} {{\n\tunsigned int {o};\n\tstruct {m} *{v};\n\tchar {w}[{i}];\n}};\n",
        "\n#define {O}_{M}_MAX {i}\n#define {O}_{M}_MIN {j}\n",
    ),
    "md": (
        "\n## {V} the {n}\n\n{C}. The {m} is {w}ed before the {o}; at most {i} of them are kept.\n\n- {v} every {n} of the {m}\n- {w} what is left of the {o}\n- mind the {n} limit of {j}\n",
        "\n### {N} and {m}\n\nA {n} without a {m} has no {o}. {C}, so that a {o} can be {v}ed twice.\n\n```sh\nmake {v}-{n} LIMIT={i}\n```\n",
        "\n| {n} | {m} | {o} |\n| --- | --- | --- |\n| {v} | {i} | {j} |\n| {w} | {k} | {i} |\n",
        "\nTo reset a password, open the {n} page and choose *{V} {m}*. The token in the mail is valid for {i} minutes.\n",
    ),
    "css": (
        "\n.{n}-{m} {{\n  display: flex;\n  margin: {i}px {j}px;\n  color: #{x};\n}}\n\n.{n}-{m}:hover .{o} {{\n  background: rgba({i}, {j}, {k}, 0.4);\n}}\n",
        "\n@media (max-width: {i}px) {{\n  .{o}__{n}--{v} {{ padding: 0 {j}px; border-color: #{x}; }}\n}}\n",
    ),
    "html": (
        '\n<section class="{n}-{m}" id="{o}{i}">\n  <h2>{V} {m}</h2>\n  <p>{C}.</p>\n  <a href="/{n}/{i}?{o}={j}">{w} {n}</a>\n</section>\n',
        '\n<form action="/{v}/{n}" method="post">\n  <label for="{m}">{M}</label>\n  <input type="text" name="{m}" id="{m}" maxlength="{i}">\n  <button type="submit">{V}</button>\n</form>\n',
    ),
    "json": (
        '    {{"id": {i}, "label": "{m} {v}", "{o}": {j}, "tags": ["{w}", "{n}"], "ok": true}},\n',
        '    {{"{n}": {{"{m}": {k}, "{o}": [{i}, {j}], "note": "{c}"}}}},\n',
    ),
    "sql": (
        "\nCREATE TABLE {n}_{m} (\n    id bigserial PRIMARY KEY,\n    {o} text NOT NULL,\n    {v}_count integer DEFAULT {i},\n    created_at timestamptz\n);\n",
        "\nINSERT INTO {n}_{m} ({o}, {v}_count) VALUES ('{w}', {i}), ('{m}', {j}), ('{o}', {k});\n",
        "\nSELECT {m}.{o}, count(*) FROM {n}_{m} AS {m} WHERE {m}.{v}_count > {i} GROUP BY {m}.{o} LIMIT {j};\n",
    ),
    "yaml": (
        "\n{n}:\n  {m}:\n    {o}: {i}\n    {v}: true\n    {w}_limit: {j}\n",
        "\n# {c}\n- name: {v} the {n}\n  {m}:\n    kind: {w}\n    retries: {i}\n",
    ),
    "sh": (
        '\n{v}_{n}() {{\n  local {m}="$1"\n  if [ -z "${m}" ]; then\n    echo "no {n}" >&2\n    return {i}\n  fi\n  {w} "${m}"\n}}\n',
        '\nfor {n} in "$@"; do\n  echo "{v} ${n}"  # {c}\ndone\n',
    ),
    "log": (
        "2026-03-{d} 10:{d}:{d},{k} INFO  [{n}-{i}] com.example.{m}.{O}Service - {V} {n} {i} in {j} ms\n",
        "2026-03-{d} 10:{d}:{d},{k} DEBUG [{n}-{i}] com.example.{m}.{O}Filter - {c}; {m}={j}\n",
        "2026-03-{d} 10:{d}:{d},{k} WARN  [main] com.example.{N} - {V} of {m} {x}{x} took {k} ms\n",
    ),
    "rb": (
        "\n  def {v}_{n}({m}, {o} = {i})\n    # {c}\n    {m}.select {{ |{k0}| {k0}.{n} > {o} }}.first({j})\n  end\n",
        "\n  scope :{v}ed, -> {{ where({n}: {i}).order(:{m}) }}\n  has_many :{o}s, dependent: :destroy\n",
    ),
}
HEADS: dict[str, str] = {
    "py": '"""{N} {i}: {c}."""\n\nimport {m}\nfrom .{n} import {O}, {N}\n',
    "js": "'use strict';\n// {n} {i}\n\nconst {m} = require('./{m}');\n",
    "ts": "// {n} {i}\nimport {{ {M}, {O} }} from './{n}';\n",
    "go": '// Package {n} {c}, part {i}.\npackage {n}\n\nimport (\n\t"context"\n\t"errors"\n)\n',
    "rs": "//! {C}, part {i}.\n\nuse crate::{n}::{{{M}, {O}}};\n",
    "java": "package com.example.{n}.p{i};\n\nimport java.util.*;\n\npublic class {N}{M} {{\n",
    "c": '/* {n} {i}: {c} */\n#include <stddef.h>\n#include "{m}.h"\n',
    "md": "# {N} {m} {i}\n",
    "css": "/* {n} {i} */\n",
    "html": "<!DOCTYPE html>\n<html><head><title>{N} {i}</title></head><body>\n",
    "json": '{{\n  "version": {i},\n  "{n}": [\n',
    "sql": "-- {n} {i}: {c}\n",
    "yaml": "# {n} {i}\nversion: 2\n",
    "sh": "#!/usr/bin/env bash\n# {n} {i}\nset -euo pipefail\n",
    "log": "",
    "rb": "# {n} {i}\nclass {N}{M} < Application{O}\n",
}
TAILS = {"java": "}\n", "json": '    {"end": true}\n  ]\n}\n', "html": "</body></html>\n", "rb": "end\n"}
CHUNKS = 300


class Language(msgspec.Struct, frozen=True):
    """Chunks of one language as bytes, heads to tell files apart, and the mean size of a chunk."""

    heads: list[bytes]
    chunks: list[bytes]
    tail: bytes
    mean: int


def words(random: Random) -> dict[str, object]:
    """What a template's letters stand for: nouns, their titles, verbs, numbers, comments."""
    n, m, o = random.sample(NOUNS, 3)
    v, w = random.sample(VERBS, 2)
    comment = random.choice(COMMENTS)
    return {
        "n": n, "m": m, "o": o, "N": n.title(), "M": m.title(), "O": o.title(), "v": v, "w": w, "V": v.title(), "c": comment,
        "C": comment.capitalize(), "i": random.randint(2, 990), "j": random.randint(2, 99), "k": random.randint(100, 999),
        "k0": n[0], "x": random.randbytes(3).hex(), "d": random.randint(10, 28),
    }  # fmt: skip


def language(name: str, random: Random) -> Language:
    templates = TEMPLATES[name]
    chunks = [random.choice(templates).format_map(words(random)).encode() for _ in range(CHUNKS)]
    heads = [HEADS[name].format_map(words(random)).encode() for _ in range(CHUNKS)]
    return Language(heads, chunks, TAILS.get(name, "").encode(), sum(map(len, chunks)) // CHUNKS)


class Library:
    """Files of any size in each language; equal seeds write equal files."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.languages = {name: language(name, random) for name in TEMPLATES}
        self.noise = random.randbytes(1 << 23)
        self.minified = self.squeezed()

    def source(self, name: str, size: int) -> bytes:
        kind = self.languages[name]
        choices = self.random.choices
        return b"".join((choices(kind.heads)[0], *choices(kind.chunks, k=1 + size // kind.mean), kind.tail))

    def binary(self, size: int, magic: bytes = b"") -> bytes | memoryview:
        start = int(self.random.random() * (len(self.noise) - min(size, 1 << 22)))
        if size > 1 << 22:
            return magic + self.noise[: 1 << 22] * (size >> 22)
        if magic:
            return magic + self.noise[start : start + size]
        return memoryview(self.noise)[start : start + size]

    def squeezed(self) -> bytes:
        """Half a megabyte of script without a line's end, as a bundler leaves it."""
        letters = "abcdefghijklmnopqrstuvwxyz"
        pieces = []
        for _ in range(9000):
            a, b, c = self.random.choices(letters, k=3)
            n, m = self.random.sample(NOUNS, 2)
            pieces.append(f'function {a}{b}({c}){{return {c}.{n}&&{c}.{m}({self.random.randint(0, 9999)})||"{n}"}}')
        return "".join(pieces).encode()

    def bundle(self, size: int) -> bytes:
        start = int(self.random.random() * (len(self.minified) - size))
        return b"!function(){" + self.minified[start : start + size] + b"}();\n"
