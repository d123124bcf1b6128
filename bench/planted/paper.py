"""A template becomes a file and the rows of the key that tell what was planted on which line.

In a template `«kind»` is a secret of that kind and `«kind|way»` the same in an encoding; `«&kind»` stands beside the
secret it belongs to (the id of a key pair); `«-kind»` is a made look-alike, `«=why:text»` a look-alike that is written
out, and `«~thing»` is filler that means nothing.
"""

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Callable
from random import Random
from urllib.parse import quote
from xml.sax.saxutils import escape

import msgspec

from .values import ALNUM, HEX, LOOKALIKES, LOWER, SECRETS, drawn, listed

MARKER = re.compile("«([-=&~]?)([^»|]+)(?:\\|([a-z0-9]+))?»")
WHY = {
    "ref": ("reference", "a reference"),
    "holder": ("placeholder", "a placeholder"),
    "ui": ("interface-text", "text of an interface"),
    "const": ("constant", "a name in the program"),
    "set": ("setting", "a setting about secrets, none itself"),
    "code": ("expression", "an expression of the program"),
    "type": ("type", "a type or schema"),
    "test": ("fixture", "a fixture of a test"),
    "docs": ("documentation", "an example of the documentation"),
    "path": ("path", "the place of a secret, not the secret"),
    "hash": ("hash", "a hash of a file"),
    "id": ("identifier", "an identifier, not a credential"),
    "tmpl": ("template", "a file that is a template"),
    "prose": ("prose", "a sentence"),
}
HOSTS = listed("""
api auth billing cache db gateway grafana jenkins ldap mail metrics orders queue search sftp storage vpn wiki
""")
THINGS = listed("""
orders invoices users carts payments events reports sessions catalog shipping labels stock prices reviews audits
""")
PEOPLE = listed("""
ada deploy ci backup readonly service reporting admin app root migrate exporter
""")


class Row(msgspec.Struct, frozen=True, omit_defaults=True):
    """One planted thing, as a line of the key has it; `value` is made up."""

    path: str
    line: int
    kind: str
    provider: str
    place: str
    secret: bool
    value: str
    value_sha256: str
    written: str
    end_line: int = 0
    why: str = ""
    also: tuple[str, ...] = ()


class Sheet(msgspec.Struct, frozen=True):
    """One file to be written: where, what sort of place it is, its template, and how its text is encoded."""

    path: str
    place: str
    text: str
    way: str = ""
    encoding: str = "utf-8"
    mode: int = 0o644
    raw: bool = False  # the lines of a binary file tell nothing


def base64_wrapped(value: str) -> str:
    return b64encode(value.encode()).decode()


WAYS: dict[str, Callable[[str], str]] = {
    "": lambda value: value,
    "json": lambda value: json.dumps(value)[1:-1],
    "url": lambda value: quote(value, safe=""),
    "xml": escape,
    "b64": base64_wrapped,
    "indent": lambda value: value.replace("\n", "\n    "),
    "escaped": lambda value: value.replace("\n", "\\n"),
}
FILLERS: dict[str, Callable[[Random], str]] = {
    "host": lambda random: (
        f"{random.choice(HOSTS)}{random.randint(1, 40)}.example.{random.choice(('com', 'org', 'net'))}"
    ),
    "port": lambda random: str(random.randint(1024, 49151)),
    "thing": lambda random: random.choice(THINGS),
    "user": lambda random: random.choice(PEOPLE),
    "int": lambda random: str(random.randint(1, 900)),
    "id": lambda random: drawn(random, LOWER, 8),
    "hex": lambda random: drawn(random, HEX, 8),
    "ip": lambda random: f"10.{random.randint(0, 40)}.{random.randint(0, 255)}.{random.randint(2, 250)}",
    "day": lambda random: f"2026-{random.randint(1, 10):02}-{random.randint(1, 28):02}",
    "time": lambda random: f"{random.randint(0, 23):02}:{random.randint(0, 59):02}:{random.randint(0, 59):02}",
    "epoch": lambda random: str(random.randint(1_690_000_000, 1_790_000_000)),
    "word": lambda random: drawn(random, ALNUM, 5).lower(),
}


class Press:
    """Fills templates from a seed; no secret is made twice."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.made: set[str] = set()

    def fresh(self, kind: str) -> str:
        make = SECRETS[kind][1]
        value = make(self.random)
        while value in self.made:
            value = make(self.random)
        self.made.add(value)
        return value

    def printed(self, sheet: Sheet) -> tuple[bytes, list[Row]]:
        """The bytes of a file and what stands in it."""
        pieces: list[str] = []
        rows: list[Row] = []
        beside: list[str] = []
        line, end = 1, 0
        for marker in MARKER.finditer(sheet.text):
            before = sheet.text[end : marker.start()]
            end = marker.end()
            line += before.count("\n")
            sign, body, way = marker[1], marker[2], marker[3] or sheet.way
            value = self.value(sign, body)
            written = WAYS[way](value) if sign != "~" else value
            pieces += (before, written)
            if sign == "&":
                beside.append(value)
            elif sign != "~":
                rows.append(row(sheet, 0 if sheet.raw else line, sign + body, (value, written)))
            line += written.count("\n")
        text = "".join((*pieces, sheet.text[end:]))
        return text.encode(sheet.encoding, "surrogateescape"), paired(rows, beside)

    def value(self, sign: str, body: str) -> str:
        match sign:
            case "" | "&":
                return self.fresh(body)
            case "-":
                return LOOKALIKES[body][1](self.random)
            case "=":
                return body.partition(":")[2]
            case _:
                return FILLERS[body](self.random)


def row(sheet: Sheet, line: int, marked: str, texts: tuple[str, str]) -> Row:
    """The key's row for a marker, from its sign and body."""
    value, written = texts
    kind, provider, why = named(marked)
    return Row(
        path=sheet.path,
        line=line,
        kind=kind,
        provider=provider,
        place=sheet.place,
        secret=not why,
        value=value,
        value_sha256=hashlib.sha256(value.encode()).hexdigest(),
        written=written,
        end_line=line + written.count("\n") if line else 0,
        why=why,
    )


def named(marked: str) -> tuple[str, str, str]:
    """Kind, provider and why it is no secret."""
    match marked[0]:
        case "-":
            return marked[1:], "", LOOKALIKES[marked[1:]][0]
        case "=":
            kind, why = WHY[marked[1:].partition(":")[0]]
            return kind, "", why
        case _:
            return marked, SECRETS[marked][0], ""


def paired(rows: list[Row], beside: list[str]) -> list[Row]:
    """A key's id goes with the secret of its pair, in the order they stand in the file."""
    waiting = iter(beside)
    pairs = {"aws-secret-access-key", "twilio-auth-token", "twilio-api-secret", "alibaba-secret"}
    return [
        msgspec.structs.replace(row, also=(mate,)) if row.kind in pairs and (mate := next(waiting, "")) else row
        for row in rows
    ]
