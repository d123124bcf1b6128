"""Where each agent keeps its MCP servers and the logins to them, and how it writes them: `mcp.toml`."""

from functools import cache

import msgspec
from msgspec import Struct, field

from scanner.data import files
from scanner.errors import DataError
from scanner.model import Gate


class Fields(Struct, frozen=True, forbid_unknown_fields=True, rename={"except_": "except"}):
    """The names under which a client writes a server's settings."""

    command: tuple[str, ...] = ("command",)
    args: tuple[str, ...] = ("args",)
    env: tuple[str, ...] = ("env",)
    env_names: tuple[str, ...] = ()
    url: tuple[str, ...] = ("url",)
    headers: tuple[str, ...] = ("headers",)
    header_variables: tuple[str, ...] = ()
    token_variable: tuple[str, ...] = ()
    enabled: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    approved: tuple[str, ...] = ()
    approve_all: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    except_: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()


class Source(Struct, frozen=True, forbid_unknown_fields=True):
    """Files of one scope, or a variable that holds such a text, and the keys that lead to the servers in them."""

    scope: str
    at: tuple[tuple[str, ...], ...]
    files: tuple[str, ...] = ()
    variable: str = ""
    format: str = "json"
    rank: int = 0
    repository: bool = False
    single: bool = False
    listed: bool = False
    where: tuple[str, ...] = ()
    servers: bool = True
    enabled: str = "yes"
    trusts: bool = True


class Client(Struct, frozen=True, forbid_unknown_fields=True):
    """One agent: how it writes servers, and where.

    `merge`: a server of one name in two scopes is replaced whole, or the two are put together, or neither is known.
    `bare_url` is the transport of an address without a type. `approval` is what stands before a tool that a server's
    own entry approves, None where the agent's rules hold that.
    """

    id: str
    title: str
    source: tuple[Source, ...]
    references: tuple[str, ...] = ()
    fields: Fields = field(default_factory=Fields)
    merge: str = ""
    bare_url: str = "http"
    approval: Gate | None = None


class Tokens(Struct, frozen=True, forbid_unknown_fields=True):
    """Files with records of access and refresh tokens, below the keys `at`.

    `providers`: the records stand under the names of model providers, each with a kind of its own, and each of their
    tokens is one credential; `kind` is that of any other provider.
    """

    kind: str
    files: tuple[str, ...]
    at: tuple[str, ...]
    asset: str = ""
    hashed: bool = False
    providers: dict[str, str] = {}


class Keys(Struct, frozen=True, forbid_unknown_fields=True, rename={"variable": "as"}):
    """Files with a key of a model provider, and the variable that would hold it; `text` is one that holds a file."""

    files: tuple[str, ...]
    at: tuple[str, ...]
    variable: str
    text: str = ""


class Copies(Struct, frozen=True, forbid_unknown_fields=True):
    """The copies, in one folder, that a client makes by itself of a file before it changes it."""

    files: str
    of: str


class Tables(Struct, frozen=True, forbid_unknown_fields=True):
    """Files in which a client is told, below the keys `at`, which variables to set for what it starts."""

    client: str
    files: tuple[str, ...]
    at: tuple[str, ...]


class ClientSecrets(Struct, frozen=True, forbid_unknown_fields=True):
    """Files in which a client keeps what it presents itself with to the sign-in of MCP servers, by their names."""

    client: str
    files: tuple[str, ...]
    at: tuple[str, ...]
    key: str


class SignIn(Struct, frozen=True, forbid_unknown_fields=True):
    """What tells that someone is signed in: a key that is set in a client's file."""

    client: str
    files: tuple[str, ...]
    at: tuple[str, ...]


class Vendor(Struct, frozen=True, forbid_unknown_fields=True):
    """A vendor that keeps connectors on its account, and the page that lists them."""

    id: str
    title: str
    page: str
    sign_in: tuple[SignIn, ...]
    off: str = ""


class McpData(Struct, frozen=True, forbid_unknown_fields=True):
    """All of `mcp.toml`; `settings` names the files that decide what runs, `large` those that grow by themselves."""

    version: str
    large: tuple[str, ...]
    bridges: tuple[str, ...]
    copies: tuple[Copies, ...]
    client: tuple[Client, ...]
    tokens: tuple[Tokens, ...]
    keys: tuple[Keys, ...]
    variables: tuple[Tables, ...]
    client_secrets: tuple[ClientSecrets, ...]
    vendor: tuple[Vendor, ...]
    settings: dict[str, tuple[str, ...]]


@cache
def mcp() -> McpData:
    """The data. Raises DataError where an entry is not whole."""
    try:
        return files.converted(files.table("mcp.toml"), McpData)
    except msgspec.ValidationError as error:
        raise DataError(f"mcp.toml: {error}") from error
