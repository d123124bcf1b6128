"""The difference of two reports as a JSON document: written, read back, and described by a schema."""

import msgspec

from reports.document import Head, encoded, refuse_other, schema_of
from reports.page import Page
from scanner.errors import ScannerError
from scanner.model.difference import DOCUMENT, SCHEMA_VERSION, Difference


def render(difference: Difference, page: Page) -> bytes:
    """The document with a final newline; the same for equal differences."""
    return encoded(difference)


def load(data: bytes) -> Difference:
    """The difference that a document holds. Raises ScannerError where it is none, and quotes nothing of it."""
    try:
        text = data.decode("utf-8-sig")
        refuse_other(msgspec.json.decode(text, type=Head), DOCUMENT)
        found = msgspec.json.decode(text, type=Difference)
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError):  # of which one that breaks its schema is one
        raise ScannerError("this is no difference of two reports", "armslength schema difference prints it") from None
    if (found.document, found.schema_version) != (DOCUMENT, SCHEMA_VERSION):
        raise ScannerError("this is no difference of two reports that this version reads")
    return found


def schema() -> bytes:
    """JSON Schema of the document, in the same form as the document."""
    return schema_of(Difference, DOCUMENT, SCHEMA_VERSION)
