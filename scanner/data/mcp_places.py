"""The files and variables that `mcp.toml` names: all of it that a start needs, and told without making the rest."""

from collections.abc import Iterable
from functools import cache

from scanner.data import files
from scanner.errors import DataError


@cache
def patterns() -> tuple[str, ...]:
    """Every file pattern of the data, each once. Raises DataError where the table is not whole."""
    told = files.table("mcp.toml")
    try:
        sources = [row for client in told["client"] for row in client["source"]]
        groups: list[Iterable[str]] = [row.get(name, ()) for name in ("files", "where") for row in sources]
        groups += [row["files"] for name in ("tokens", "keys", "variables", "client_secrets") for row in told[name]]
        groups += [row["files"] for vendor in told["vendor"] for row in vendor["sign_in"]]
        groups += told["settings"].values()
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(f"mcp.toml: {error}") from error
    return tuple(dict.fromkeys(pattern for group in groups for pattern in group))


@cache
def variables() -> tuple[str, ...]:
    """The variables whose text is read like a file. Raises DataError where the table is not whole."""
    try:
        sources = (row for client in files.table("mcp.toml")["client"] for row in client["source"])
        return tuple(row["variable"] for row in sources if row.get("variable"))
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(f"mcp.toml: {error}") from error
