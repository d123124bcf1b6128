"""Which logins programs keep in the keychain, and under which names: `keychain.toml`."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from msgspec import Struct

from scanner.data import files
from scanner.errors import DataError
from scanner.model import Platform


class Entry(Struct, frozen=True):
    """One entry as the keychain knows it; `{...}` stands for what the machine tells."""

    service: str
    account: str
    windows: str

    def name(self, platform: Platform) -> str:
        """The name to ask for: the service, on Windows the entry's target."""
        return self.windows if platform is Platform.WINDOWS else self.service


class Login(Struct, frozen=True):
    """A program's login: its entries, and the variables by which a value, or each field of one, is judged."""

    id: str
    title: str
    platforms: frozenset[Platform]
    entries: tuple[Entry, ...]
    variable: str
    fields: tuple[tuple[str, str], ...]
    variables: bool

    @property
    def services(self) -> frozenset[str]:
        """The words by which the host knows that a person has named this login."""
        return frozenset(_word(name) for entry in self.entries for name in (entry.service, entry.windows))


REQUIRED = {"id", "title", "entries"}
OPTIONAL = {"platforms", "variable", "fields", "variables"}


@cache
def logins() -> dict[str, Login]:
    """Every known login by id. Raises DataError for a faulty row."""
    found = [_login(row) for row in files.table("keychain.toml")["login"]]
    return {login.id: login for login in found}


def services(ids: Iterable[str]) -> frozenset[str]:
    """What the host may read for these logins. Raises KeyError for one that is not known."""
    return frozenset(service for each in ids for service in logins()[each].services)


def entry_name(service: str, account: str) -> str:
    """An entry as a report names it; one that a file refers to and one that was read are the same credential by it."""
    return f"keychain {service} {account}"


def _word(name: str) -> str:
    """A name as it is, or what stands before its first colon where the machine fills in the rest."""
    return name.partition(":")[0] if "{" in name else name


def _login(row: dict[str, Any]) -> Login:
    place = f"keychain.toml: login {row.get('id', '?')}"
    wrong = (REQUIRED - row.keys()) | (row.keys() - REQUIRED - OPTIONAL)
    if wrong or sum(key in row for key in ("variable", "fields", "variables")) != 1:
        told = f"missing or unknown {', '.join(sorted(wrong))}" if wrong else "has one of variable, fields, variables"
        raise DataError(f"{place}: {told}")
    try:
        return Login(
            id=str(row["id"]),
            title=str(row["title"]),
            platforms=frozenset(Platform(each) for each in row.get("platforms", list(Platform))),
            entries=tuple(
                Entry(str(each["service"]), str(each["account"]), str(each.get("windows", each["service"])))
                for each in row["entries"]
            ),
            variable=str(row.get("variable", "")),
            fields=tuple((str(path), str(name)) for path, name in row.get("fields", ())),
            variables=bool(row.get("variables", False)),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{place}: {error}") from error
