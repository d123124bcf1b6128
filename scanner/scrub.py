"""A token that stands where a name belongs (a server's, a profile's, a bucket's) is blanked in the whole report."""

import re
from collections.abc import Iterator
from functools import cache

from msgspec import json

from scanner.data.families import families
from scanner.model.report import Report
from scanner.vault import Vault

REST = "[A-Za-z0-9_-]*"  # of a token whose pattern ends before it does, or that something was glued to
SIGNED = r"(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{8,400}\.eyJ[A-Za-z0-9_-]{2,40000}\.[A-Za-z0-9_-]{8,8000}"
LEAST = 16  # characters of any token
BEFORE = 256  # how far before its anchor a token may begin
BEYOND = 4096  # how far behind it a token may reach


def scrubbed(report: Report, vault: Vault) -> Report:
    """The report without any text that has the shape of a provider's token, each of which the vault keeps.

    Probes keep every secret that they know for one. This is for those that lie where nobody looks for a secret.
    """
    if not (report.credentials or report.servers or report.findings or report.gaps or report.guardrails or report.uses):
        return report
    found = sorted(set(tokens_in("\n".join(_texts(report)))), key=len, reverse=True)
    if not found:
        return report
    from scanner.masking import MASK  # loaded, as by the vault, when there is something to hide

    text = json.encode(report).decode()
    for token in found:
        vault.keep(token)
        text = text.replace(token, MASK.decode())
    return json.decode(text, type=Report)


def _texts(report: Report) -> set[str]:
    """Every text of a report that could hold a token, once: most stand in it often.

    Exposures and edges are nearly all of a large report, and all but a few words of each are ids and words of ours.
    """
    told: set[str] = set()
    for name in report.__struct_fields__:  # one after the other, so that no copy of the whole is in memory
        if name not in ("exposures", "edges"):
            written = json.encode(getattr(report, name)).decode()
            told.update(each for each in written.split('"') if len(each) >= LEAST)
    once: set[str | None] = {exposure.why for exposure in report.exposures}
    shared = {id(exposure.ways): exposure.ways for exposure in report.exposures}  # as many have them in common
    for way in {id(way): way for ways in shared.values() for way in ways.values()}.values():
        once.update((way.channel, way.rule))
    for edge in report.edges:
        once.update((edge.how, edge.rule))
        if edge.evidence is not None:
            once.update((edge.evidence.path, edge.evidence.variable, edge.evidence.process, edge.evidence.key))
    return told | {json.encode(each).decode() for each in once if each is not None and len(each) >= LEAST}


def tokens_in(text: str) -> Iterator[str]:
    """The texts in it that have the shape of a token of a known family, or of a signed one; public ids are none."""
    for anchors, pattern in _patterns():
        for start, stop in _windows(text, anchors):
            for match in _compiled(pattern).finditer(text, start, stop):
                yield match[0]


@cache
def _patterns() -> tuple[tuple[tuple[str, ...], str], ...]:
    told = (family for family in families() if not family.alone and not family.public)
    return (*((each.anchors, rf"(?<![A-Za-z0-9])(?:{each.pattern}){REST}") for each in told), (("eyJ",), SIGNED))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def _windows(text: str, anchors: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """The stretch around each anchor; those that lie close together share theirs."""
    for anchor in anchors:
        at = text.find(anchor)
        while at >= 0:
            stop = min(len(text), at + BEYOND)
            yield max(0, at - BEFORE), stop
            at = text.find(anchor, max(at + len(anchor), stop - BEYOND // 2))
