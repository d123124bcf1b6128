"""The report as a JSON document: written, read back, and described by a schema."""

import re
from inspect import cleandoc
from typing import Any

import msgspec

from reports.folding import folded, unfolded
from reports.page import Page
from scanner.errors import ScannerError
from scanner.model.report import SCHEMA_VERSION, Report
from scanner.patterns import Pattern
from scanner.text import UNSAFE, printable

# Where msgspec saw the fault, in names of our own fields and numbers. The rest of its message may quote the input.
INDENTED = 4_000_000  # bytes; indenting a longer one doubles what nobody reads by eye
DELETE = b"\x7f"
BEYOND = Pattern(rb"[\x7f-\xff]+")  # where unsafe characters can be: the encoder escapes those below by itself
FAULT = Pattern(r" - at `(\$[\w.\[\]]*)`$", re.ASCII)
REPORT = "report"


class Head(msgspec.Struct):
    """What tells documents of ours from other JSON, and from each other: a report does not say that it is one."""

    schema_version: str
    document: Any = None
    scan: msgspec.Raw = msgspec.Raw()


def render(report: Report, page: Page) -> bytes:
    """The document with a final newline, indented by two if it is short enough for that; the same for equal reports."""
    return encoded(folded(report))


def encoded(document: msgspec.Struct) -> bytes:
    """Any document as JSON, in the same form."""
    encoder = msgspec.json.Encoder(order="deterministic")
    try:
        data = encoder.encode_lines((document,))
    except UnicodeEncodeError:  # a lone surrogate, which no JSON can hold
        told = msgspec.to_builtins(document, order="deterministic", builtin_types=())
        data = encoder.encode_lines((_encodable(told),))
    if not _is_safe(data):
        data = BEYOND.sub(_shown, data)  # which takes the memory of two more documents
    return msgspec.json.format(data, indent=2) + b"\n" if len(data) <= INDENTED else data


def _encodable(told: Any) -> Any:
    """The same plain value with every text made printable."""
    match told:
        case str():
            return printable(told)
        case list() | tuple():
            return [_encodable(each) for each in told]
        case dict():
            return {_encodable(name): _encodable(value) for name, value in told.items()}
        case _:
            return told


def _is_safe(data: bytes) -> bool:
    if data.isascii():
        return DELETE not in data
    return not any(UNSAFE.search(match[0].decode()) for match in BEYOND.finditer(data))


def _shown(match: re.Match[bytes]) -> bytes:
    return UNSAFE.sub(_escape, match[0].decode()).encode()


def _escape(match: re.Match[str]) -> str:
    """A character as JSON writes it in ASCII: beyond the first plane, as a pair."""
    data = match[0].encode("utf-16-be")
    return "".join(f"\\u{data[at]:02x}{data[at + 1]:02x}" for at in range(0, len(data), 2))


def load(data: bytes) -> Report:
    """The report that a document holds. Raises ScannerError where it is none, and quotes nothing of it."""
    try:
        text = data.decode("utf-8-sig")
        head = msgspec.json.decode(text, type=Head)
    except msgspec.ValidationError:
        raise ScannerError("this JSON is no armslength report: it names no schema_version") from None
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError):
        raise ScannerError("this is no armslength report: it is not JSON") from None
    refuse_other(head, REPORT)
    if head.schema_version != SCHEMA_VERSION:
        raise _other_version(head.schema_version)
    try:
        return unfolded(msgspec.json.decode(text, type=Report))
    except msgspec.ValidationError as error:
        told = f"this report does not keep to its schema{fault(error)}"
        raise ScannerError(told, "armslength schema prints it") from None


def refuse_other(head: Head, wanted: str) -> None:
    """Raises ScannerError for a document of ours that is not the wanted one, with how to get that."""
    known = _kinds()
    kind = REPORT if head.document is None and bytes(head.scan) else head.document
    if isinstance(kind, str) and kind in known and kind != wanted:
        raise ScannerError(f"this is {known[kind][0]}, not {known[wanted][0]}", known[wanted][1])


def _kinds() -> dict[str, tuple[str, str]]:
    """The documents of ours, by what each says that it is: what it is called, and how one is written."""
    from scanner.model.checklist import CHECKLIST  # a report that is written needs neither
    from scanner.model.difference import DOCUMENT

    return {
        REPORT: ("a report", "armslength scan -o FILE.json writes a report"),
        CHECKLIST: ("a checklist", "armslength check -o FILE.json writes a checklist"),
        DOCUMENT: ("a difference of two reports", "armslength diff OLD NEW -o FILE.json writes a difference"),
    }


def fault(error: msgspec.ValidationError) -> str:
    """Where a document does not keep to its schema, without a word of it."""
    found = FAULT.search(str(error))
    return f" at {found[1]}" if found else ""


def _other_version(version: str) -> ScannerError:
    if version.isascii() and version.isdigit() and int(version[:9]) > int(SCHEMA_VERSION):
        return ScannerError(
            f"this report is of a newer format than {SCHEMA_VERSION}", "read it with a newer armslength"
        )
    return ScannerError("this JSON is no armslength report: its schema_version is none of ours")


def schema() -> bytes:
    """JSON Schema of the report, in the same form as the document."""
    return schema_of(Report, "report", SCHEMA_VERSION)


def schema_of(kind: type[msgspec.Struct], name: str, version: str) -> bytes:
    """JSON Schema of a kind of document."""
    told = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:armslength:{name}:{version}",
        "title": f"armslength {name}",
        **msgspec.json.schema(kind),
    }
    return msgspec.json.format(msgspec.json.encode(_cleaned(told)), indent=2) + b"\n"


def _cleaned(told: Any) -> Any:
    """The schema with its descriptions free of indentation, which Python keeps in docstrings before 3.13."""
    if isinstance(told, dict):
        return {
            key: cleandoc(value) if key == "description" and isinstance(value, str) else _cleaned(value)
            for key, value in told.items()
        }
    return [_cleaned(each) for each in told] if isinstance(told, list) else told
