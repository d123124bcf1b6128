"""The names and values of an entry as pairs to judge, without what the client fills in."""

import base64
import re
from collections.abc import Iterable, Iterator

from probes.agents.mcp.entries import Entry
from probes.agents.mcp.references import filled
from probes.agents.mcp.words import Named
from scanner.model import Evidence
from scanner.secrets import Pair
from scanner.shapes import Shape, shape_of
from scanner.text import printable

LAUNCHING = frozenset({"command", "args", "env", "url", "headers"})
SCHEME = re.compile(r"(?P<scheme>Bearer|Basic|Token|ApiKey|Api-Key|Key|Digest)(?:\s+|$)", re.I)
# Names of headers that carry a secret without saying so.
SAYS = {
    "AUTHORIZATION": "AUTHORIZATION_TOKEN",
    "PROXY-AUTHORIZATION": "PROXY_AUTHORIZATION_TOKEN",
    "COOKIE": "COOKIE_SECRET",
}


def pairs_of(entry: Entry, named: Iterable[Named]) -> Iterator[Pair]:
    """What of an entry is to be judged."""
    for each in named:
        value = _written(each.value, entry.client.references)
        if value is None:
            continue
        evidence = _place(entry, each)
        if each.header:
            yield from _header(each.name, value, evidence)
        else:
            yield Pair(each.name, value, evidence)


def _written(text: str, references: tuple[str, ...]) -> str | None:
    """What is written out in a value, None where nothing of it can be a secret."""
    told = filled(text, references)
    rest = told.rest.strip()
    if not told.any:
        return text
    scheme = SCHEME.match(rest)
    if not (scheme["scheme"] and rest[scheme.end() :] if scheme else rest):
        return None
    return rest if told.defaults or isinstance(shape_of(rest), Shape) else None


def _place(entry: Entry, each: Named) -> Evidence:
    line = each.line if entry.document.path is not None else None
    inside = entry.within and re.split(r"[.\[]", each.key)[0] in LAUNCHING
    key = f"{entry.key}.{entry.within}.{each.key}" if inside else f"{entry.key}.{each.key}"
    return Evidence(entry.document.path, line, printable(key), entry.document.variable)


def _header(name: str, value: str, evidence: Evidence) -> Iterator[Pair]:
    """The value of a header without its scheme; of a login its password."""
    said = SAYS.get(name.upper(), name)
    scheme = SCHEME.match(value)
    rest = value[scheme.end() :].strip() if scheme is not None else value
    if scheme is not None and scheme["scheme"].casefold() == "basic":
        login = _login(rest)
        if login:
            user, _, password = login.partition(":")
            yield Pair("AUTHORIZATION_PASSWORD" if password else said, password or user, evidence)
            return
    yield Pair(
        said if scheme is None else SAYS["AUTHORIZATION"] if name.upper() == "AUTHORIZATION" else name, rest, evidence
    )


def _login(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except ValueError:
        return ""
