"""The contracts that come with the tool, as they were read when it was made: a scan needs no YAML for its default."""

from functools import cache

import msgspec

from scanner.contract.documents import Document
from scanner.data import contracts
from scanner.errors import DataError
from scanner.model.contract import Contract


@cache
def shipped() -> dict[str, Contract]:
    """Each by its name. Raises DataError where the file is not whole."""
    try:
        return msgspec.json.decode(contracts.compiled(), type=dict[str, Contract])
    except msgspec.DecodeError as error:
        raise DataError(f"{contracts.COMPILED.name} is damaged; install armslength again") from error


def document(name: str) -> Document | None:
    """One of them as its reader sees it, None where none has that name."""
    return Document(name, contracts.source(name)) if name in contracts.names() else None
