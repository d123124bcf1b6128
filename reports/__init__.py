"""Renderers and sinks: from the report to what a reader or another program takes."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from reports.page import Page

if TYPE_CHECKING:
    from scanner.model.report import Report

    Renderer = Callable[[Report, Page], bytes]

__all__ = ["EXTENSIONS", "RENDERERS", "Page"]


class _OnUse(Mapping[str, "Renderer"]):
    """A renderer by its name; its module is loaded when it is taken out, so that no command pays for the others."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = modules

    def __getitem__(self, name: str) -> "Renderer":
        renderer: Renderer = import_module(self._modules[name]).render
        return renderer

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


RENDERERS: Mapping[str, "Renderer"] = _OnUse({"terminal": "reports.terminal", "json": "reports.document"})
EXTENSIONS: Mapping[str, str] = {".json": "json", ".txt": "terminal"}
