"""Renderers and sinks: from the report to what a reader or another program takes."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any

from msgspec import Struct

from reports.page import Page

Renderer = Callable[[Any, Page], bytes]  # of a document and the page that it is written on

__all__ = ["CHECKLIST", "DIFFERENCE", "EXTENSIONS", "RENDERERS", "REPORT", "Forms", "Page"]


class Forms(Struct, frozen=True):
    """The formats of one kind of document: renderers by name, which of them an ending asks for, the reader of its JSON.

    `json` names the module whose `load` reads back what the format `json` has written.
    """

    renderers: Mapping[str, Renderer]
    endings: Mapping[str, str]
    json: str = ""

    def check(self, data: bytes) -> None:
        """Raises ScannerError where these bytes are no such document."""
        import_module(self.json).load(data)


class _OnUse(Mapping[str, Renderer]):
    """A renderer by its name; its module is loaded when it is taken out, so that no command pays for the others."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = modules

    def __getitem__(self, name: str) -> Renderer:
        renderer: Renderer = import_module(self._modules[name]).render
        return renderer

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


RENDERERS: Mapping[str, Renderer] = _OnUse({"terminal": "reports.terminal", "json": "reports.document"})
EXTENSIONS: Mapping[str, str] = {".json": "json", ".txt": "terminal"}
REPORT = Forms(RENDERERS, EXTENSIONS, "reports.document")
CHECKLIST = Forms(
    _OnUse(
        {
            "terminal": "reports.checklist",
            "json": "reports.checklist_document",
            "markdown": "reports.markdown",
            "junit": "reports.junit",
        }
    ),
    {".json": "json", ".txt": "terminal", ".md": "markdown", ".junit.xml": "junit"},
    "reports.checklist_document",
)
DIFFERENCE = Forms(
    _OnUse(
        {
            "terminal": "reports.difference",
            "json": "reports.difference_document",
            "markdown": "reports.difference_markdown",
        }
    ),
    {".json": "json", ".txt": "terminal", ".md": "markdown"},
    "reports.difference_document",
)
