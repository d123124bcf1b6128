"""VS Code's agent mode: in which editors it is, what it does unasked in each, and what cannot be told of it.

Copilot's chat comes with VS Code, so that the editor's being here says little: it is judged where its extension was
installed, or has left its own folder among what the editor keeps, which is there from its first start on.
"""

from collections.abc import Iterator, Mapping

from probes.agents.documents import Documents
from probes.agents.editors.database import Kept, kept
from probes.agents.editors.laxest import laxest
from probes.agents.editors.seats import CODE, INSIDERS, editors_with, seats
from probes.agents.installed import Installed
from probes.agents.vscode import keys
from probes.agents.vscode.policy import Approved, Judged, judged
from probes.agents.vscode.told import hooks, settings_seen, weaknesses
from scanner.host import Host
from scanner.model import Evidence, Gap, GapKind, Gate, Name, Observation, Platform, Rule, Ruling, SettingSeen
from scanner.text import printable

HERE = (CODE, INSIDERS)  # no other editor may run the extension
TOOLS = 500
MCP = "mcp_"
POLICY = "what an administrator decides lies in the registry and is not read"
POLICY_MACOS = "what an administrator decides lies in a configuration profile and is not read"


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """The agent in the editor in which it does most unasked, with that editor's settings, and every gap once."""
    documents = Documents(host)
    files = each.row.files
    among = tuple(name for name in editors_with(each.signs) if name in HERE) or (CODE,)
    gaps: list[Gap] = []
    approved = _approved(host, files["state"], gaps)
    found = [
        judged(seat, documents, files, approved.get(seat.folder, Approved()))
        for seat in seats(documents, files, keys.ASKED, among)
    ]
    chosen, policy = laxest([(one, one.policy) for one in found])
    yield each.seen(host, policy)
    if len(found) > 1:
        yield _editor(each, chosen, found)
    yield from dict.fromkeys([*settings_seen(chosen), *hooks(documents, files)])
    yield from _told_approved(approved.get(chosen.seat.folder, Approved()))
    yield from weaknesses(chosen)
    notes = [note for one in found for layers in (one.seat.wide, one.seat.own) for note in layers.notes]
    yield from dict.fromkeys([*documents.gaps, *gaps, *notes, *_elsewhere(host)])


def _editor(each: Installed, chosen: Judged, found: list[Judged]) -> SettingSeen:
    others = "one other is" if len(found) == 2 else f"{len(found) - 1} others are"
    value = f"{chosen.seat.title}, where it does most unasked; {others} here"
    return SettingSeen(keys.AGENT, "editor", printable(value), "in force", each.evidence)


def _elsewhere(host: Host) -> Iterator[Gap]:
    """What decides too, and lies where nothing is read."""
    why = "the level that each session had last, and what was approved for one workspace, lie in its databases"
    yield Gap(GapKind.REFUSED, f"{keys.TITLE}'s sessions", why)
    yield Gap(GapKind.REFUSED, f"{keys.TITLE}'s organisation", "what an organisation sets lies on the vendor's server")
    if host.platform is Platform.WINDOWS:
        yield Gap(GapKind.REFUSED, "VS Code's policies", POLICY)
    elif host.platform is Platform.MACOS:
        yield Gap(GapKind.REFUSED, "VS Code's policies", POLICY_MACOS)


# --- what people have approved


def _approved(host: Host, patterns: tuple[str, ...], gaps: list[Gap]) -> Mapping[str, Approved]:
    """What the database of each editor keeps; an editor whose database was not read is left out."""
    found: dict[str, Approved] = {}
    for entry in kept(host, patterns, keys.ACCEPTED, keys.SERVERS, keys.TOOLS):
        if isinstance(entry, Gap):
            gaps.append(entry)
            continue
        known = found.get(entry.editor, Approved())
        if entry.evidence.key == keys.ACCEPTED:
            found[entry.editor] = Approved(_is_true(entry), known.called)
        else:
            found[entry.editor] = Approved(known.rules, (*known.called, *_called(entry)))
    return found


def _is_true(entry: Kept) -> bool | None:
    """Whether a switch is on; one that is not there is off."""
    if entry.parsed is None:
        return False
    return None if entry.parsed.root is None else entry.parsed.root.flag is True or entry.parsed.root.text == "true"


def _called(entry: Kept) -> Iterator[Rule]:
    root = entry.parsed.root if entry.parsed is not None else None
    for node in (root.items or () if root is not None else ())[:TOOLS]:
        if entry.evidence.key == keys.SERVERS and node.text:
            server = node.text.rpartition(".")[2]
            yield Rule(Name(f"{_plain(server)}/*"), Ruling(Gate.NONE, "always allowed", entry.evidence))
        elif node.text.startswith(MCP):  # the names of server and tool in one, and no telling where one ends
            tool = node.text[len(MCP) :].partition("_")[2]
            yield Rule(Name(f"*/{_plain(tool)}"), Ruling(Gate.UNKNOWN, "always allowed", entry.evidence, Gate.NONE))


def _plain(text: str) -> str:
    return text.replace("[", "[[]").replace("*", "[*]").replace("?", "[?]")


def _told_approved(approved: Approved) -> Iterator[SettingSeen]:
    places: dict[Evidence, int] = {}
    for rule in approved.called:
        if rule.ruling.evidence is not None:
            places[rule.ruling.evidence] = places.get(rule.ruling.evidence, 0) + 1
    for evidence, count in places.items():
        value = f"{count} always allowed"
        yield SettingSeen(keys.AGENT, evidence.key or "", value, "user", evidence)
