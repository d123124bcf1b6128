"""The address of a server: what of it may be shown, and the secrets that stand in it."""

import re
from typing import ClassVar
from urllib.parse import parse_qsl, unquote

from probes.agents.mcp.hiding import HIDDEN, UUID, is_drawn, is_telling
from probes.agents.mcp.references import filled, starred
from scanner.model.value import Value
from scanner.shapes import host_of

ADDRESS = re.compile(
    r"(?P<scheme>https?|wss?|sse)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?", re.I
)
SEGMENT = re.compile(r"[A-Za-z0-9._~!$&'()*+,;:@%-]{0,100}")
HOST = re.compile(r"[A-Za-z0-9.*_:-]{1,255}")
PORT = re.compile(r":([0-9]{1,5})$")
BEFORE_TOKEN = frozenset({"s", "t", "token", "key", "secret", "k", "u"})
LOCAL = re.compile(r"localhost|.*\.localhost|127\.[0-9.]+|::1|0\.0\.0\.0|host\.docker\.internal", re.I)
FIELDS = 64


class Address(Value, frozen=True):
    """`shown` has no user, query or token; `host` is empty where it is filled in; `pairs` are (name, value)."""

    concealed: ClassVar[frozenset[str]] = frozenset({"pairs"})

    shown: str
    host: str
    scheme: str
    pairs: tuple[tuple[str, str], ...]
    variables: tuple[str, ...]

    @property
    def is_plain(self) -> bool:
        """Whether what is sent there can be read on the way."""
        return self.scheme in {"http", "ws"} and bool(self.host) and LOCAL.fullmatch(self.host) is None


def address(text: str, references: tuple[str, ...]) -> Address | None:
    """The parts of a web address, None for what is none."""
    told = filled(text.strip(), references)
    seen = ADDRESS.match(starred(text.strip(), references))
    if seen is None:
        return None
    host = host_of("//" + seen["authority"])
    scheme = seen["scheme"].casefold()
    port = PORT.search(seen["authority"].rpartition("@")[2])
    path, tokens = _path(seen["path"])
    pairs = [("MCP_URL_TOKEN", token) for token in tokens]
    plain = ADDRESS.match(told.rest)
    if plain is not None:
        pairs.extend(_query(plain["query"] or ""))
        if "@" in plain["authority"]:
            pairs.append(("MCP_URL", f"{plain['scheme']}://{plain['authority']}"))
    where = f"[{host}]" if ":" in host else host
    shown_host = where if HOST.fullmatch(host) and not is_telling(host) else HIDDEN
    return Address(
        shown=f"{scheme}://{shown_host}{port[0] if port else ''}{path}",
        host=host if HIDDEN not in shown_host else "",
        scheme=scheme,
        pairs=tuple(pairs),
        variables=told.variables,
    )


def _path(text: str) -> tuple[str, list[str]]:
    """The path with a star for each part that could be a secret, and those that are likely one."""
    parts, tokens, before = [], [], ""
    for part in text.split("/")[:FIELDS]:
        clear = unquote(part)
        secret = _is_token(clear, before)
        if secret and UUID.fullmatch(clear) is None:
            tokens.append(clear)
        parts.append(HIDDEN if secret or SEGMENT.fullmatch(part) is None or is_telling(clear) else part)
        before = clear.casefold()
    return "/".join(parts), tokens


def _is_token(part: str, before: str) -> bool:
    return is_drawn(part) or is_telling(part) or (before in BEFORE_TOKEN and len(part) >= 12)


def _query(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, max_num_fields=FIELDS)
    except ValueError:
        return []
