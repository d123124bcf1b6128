"""The checklist as a JSON document: written, read back, and described by a schema."""

import msgspec

from reports.document import Head, encoded, fault, refuse_other, schema_of
from reports.page import Page
from scanner.errors import ScannerError
from scanner.model.checklist import CHECKLIST, CHECKLIST_VERSION, Checklist


def render(checklist: Checklist, page: Page) -> bytes:
    """The document with a final newline; the same for equal checklists."""
    return encoded(checklist)


def load(data: bytes) -> Checklist:
    """The checklist that a document holds. Raises ScannerError where it is none, and quotes nothing of it."""
    try:
        text = data.decode("utf-8-sig")
        head = msgspec.json.decode(text, type=Head)
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError):
        raise ScannerError("this is no armslength checklist") from None
    refuse_other(head, CHECKLIST)
    if head.document != CHECKLIST:
        raise ScannerError("this is no armslength checklist")
    if head.schema_version != CHECKLIST_VERSION:
        raise ScannerError(f"this checklist is of another format than {CHECKLIST_VERSION}")
    try:
        return msgspec.json.decode(text, type=Checklist)
    except msgspec.ValidationError as error:
        hint = "armslength schema check prints it"
        raise ScannerError(f"this checklist does not keep to its schema{fault(error)}", hint) from None


def schema() -> bytes:
    """JSON Schema of the document."""
    return schema_of(Checklist, "checklist", CHECKLIST_VERSION)
