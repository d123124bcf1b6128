"""Permission rules: read from the settings in the order deny, ask, allow, and made patterns over what is reached."""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import PurePath

from msgspec import Struct
from msgspec.structs import replace

from probes.agents.claude.here import Here
from probes.agents.claude.settings import Found, Scope, Settings, Source
from probes.agents.claude.vendor import literal
from scanner.host.paths import pure, within
from scanner.model import Command, Everything, Evidence, Name, Paths, Pattern, Platform

TEXT_LIMIT = 4_096
RULE = re.compile(r"(?P<tool>[^()\s]+)(?:\((?P<spec>.+)\))?", re.DOTALL)
WHOLE = {"Bash": frozenset({"*", "**"}), "PowerShell": frozenset({"*", "**"})}
DRIVE = re.compile(r"/([A-Za-z])(?=/|$)")


class Kind(StrEnum):
    """What a rule says, in the order in which Claude Code tries them."""

    DENY = "deny"
    ASK = "ask"
    ALLOW = "allow"


class Listed(Struct, frozen=True):
    """One rule as it stands in a list: the tool, what of it (None: all), and how and where a report shows it.

    `secret`: it holds something that may not be shown, so that no pattern may hold it either. `managed`: the
    organization's. `taken`: another rule of its list takes back some of what it denies.
    """

    kind: Kind
    tool: str
    spec: str | None
    words: str
    base: PurePath
    evidence: Evidence
    secret: bool = False
    managed: bool = False
    taken: bool = False


class Rules(Struct, frozen=True):
    """The rules that count, by kind."""

    deny: tuple[Listed, ...] = ()
    ask: tuple[Listed, ...] = ()
    allow: tuple[Listed, ...] = ()


def listed(settings: Settings, *, trusted: bool) -> Rules:
    """The rules of all sources; a project may take rights, and gives some only where its folder is trusted."""
    among = settings.sources
    if settings.is_on("allowManagedPermissionRulesOnly", among=settings.of(Scope.MANAGED)):
        among = settings.of(Scope.MANAGED)
    allowing = tuple(each for each in among if trusted or not each.needs_trust)
    holding = tuple(each for each in among if each.sure)
    return Rules(
        tuple(_taken_back(_listed(settings, Kind.DENY, holding))),
        tuple(_taken_back(_listed(settings, Kind.ASK, holding))),
        tuple(_listed(settings, Kind.ALLOW, allowing)),
    )


def _listed(settings: Settings, kind: Kind, among: Iterable[Source]) -> Iterator[Listed]:
    for found in settings.entries("permissions", kind, among=among):
        rule = rule_of(kind, found)
        if rule is not None:
            yield rule


def _taken_back(rules: Iterable[Listed]) -> Iterator[Listed]:
    """The rules of a list; one that begins with `!` takes back what those beside it say of the start folder."""
    told = list(rules)
    takers = {(rule.evidence.path, rule.tool) for rule in told if (rule.spec or "").startswith("!")}
    for rule in told:
        near = rule.spec is not None and not rule.spec.startswith(("//", "~"))
        yield replace(rule, taken=True) if near and (rule.evidence.path, rule.tool) in takers else rule


def rule_of(kind: Kind, found: Found) -> Listed | None:
    """A rule from its text, None where the text is none."""
    from probes.agents.claude.hiding import holds_secret, shown  # not needed for the vendor's defaults

    text = found.node.text.strip()
    if len(text) > TEXT_LIMIT and kind is Kind.ALLOW:
        text = text.partition("(")[0][:TEXT_LIMIT]  # wider than it is
    match = RULE.fullmatch(text) if len(text) <= TEXT_LIMIT else None
    if match is None:
        return None
    spec = match["spec"]
    if spec in WHOLE.get(match["tool"], frozenset()):
        spec = None
    told = shown(text)
    secret = told is None and holds_secret(text)
    words = found.source.said(found.key, told)
    managed = found.source.scope is Scope.MANAGED
    return Listed(kind, match["tool"], spec, words, found.source.base, found.evidence, secret, managed)


# --- commands


def command(rule: Listed) -> Pattern | None:
    """The command lines that a rule of Bash or PowerShell names; None where it names none."""
    if rule.spec is None:
        return Everything()
    text, opened = rule.spec.strip(), False
    if rule.secret:
        return _first_word(text) if rule.kind is Kind.ALLOW else None
    for end in (":*", " *"):
        if text.endswith(end):
            text, opened = text[: -len(end)].rstrip(), True
            break
    if not text:
        return None
    return _escaped(Command(text, opened), rule.kind)


def _escaped(pattern: Command, kind: Kind) -> Pattern | None:
    r"""A pattern knows no `\*`: an allowance is taken wider, and nothing else is."""
    if "\\*" not in pattern.text:
        return pattern
    return Command(pattern.text.replace("\\*", "*"), pattern.open) if kind is Kind.ALLOW else None


def _first_word(text: str) -> Pattern | None:
    """What is left of an allowance that holds a secret, wider than it is."""
    from probes.agents.claude.hiding import holds_secret

    word = text.split(maxsplit=1)[0] if text.split() else ""
    return Command("*") if not word or holds_secret(word) else Command(word, open=True)


# --- paths


def paths(rule: Listed, here: Here) -> Pattern | None:
    """The files that a rule of Read or Edit names, as a glob over whole paths; None where it names none.

    Claude Code tells no letters apart here, on any platform.
    """
    if rule.spec is None:
        return Everything()
    if rule.secret:
        return Everything() if rule.kind is Kind.ALLOW else None
    spec = rule.spec.strip()
    if "\\" in spec and here.platform is not Platform.WINDOWS:  # an escape, which no glob here knows
        if rule.kind is not Kind.ALLOW:
            return None
        spec = spec.replace("\\", "*")
    glob = path_glob(spec, rule.base, here)
    return Paths(glob, fold=True) if glob is not None else None


def path_glob(spec: str, base: PurePath, here: Here) -> str | None:
    """A pattern in the way of gitignore as one over whole paths: `//` from the root, `/` from the settings' folder."""
    text = spec.replace("\\", "/") if here.platform is Platform.WINDOWS else spec
    if not text or text.startswith("!"):
        return None
    if text.startswith("//"):
        return absolute("/" + text.lstrip("/"), here)
    if text == "~" or text.startswith("~/"):
        return _joined(here.home, text[2:])
    if text.startswith("/"):
        return _joined(base, text[1:])
    if pure(here.platform, text).is_absolute():
        return text
    text = text.removeprefix("./") if text.startswith("./") else _anywhere(text)
    return _joined(here.cwd, text)


def absolute(text: str, here: Here) -> str:
    """A path from the root; on Windows `/c/x` is `C:/x`."""
    drive = DRIVE.match(text) if here.platform is Platform.WINDOWS else None
    return f"{drive[1].upper()}:{text[2:]}" if drive is not None else text


def _anywhere(text: str) -> str:
    """A bare name is meant at any depth."""
    return text if "/" in text.rstrip("/") else f"**/{text}"


def _joined(folder: PurePath, text: str) -> str:
    """A glob below a folder whose own name is taken as it is written."""
    parts: list[str] = []
    for part in text.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in {"", ".", ".."}:
            parts.append(part)
        elif part == ".." and not parts:
            folder = folder.parent
    return "/".join([literal(folder), *parts])


def below(folder: PurePath, here: Here) -> Paths:
    """A folder and all in it."""
    return Paths(literal(folder), here.fold)


def is_in(path: PurePath, folders: Iterable[PurePath]) -> bool:
    """Whether a path lies in any of the folders."""
    return any(within(path, folder) for folder in folders)


# --- hosts and tools


def host(rule: Listed) -> Pattern | None:
    """The hosts that a rule of WebFetch names."""
    if rule.spec is None:
        return Everything()
    head, _, domain = rule.spec.partition(":")
    return Name(domain.strip()) if head.strip() == "domain" and domain.strip() and not rule.secret else None


TOOL = re.compile(r"mcp__(?P<server>.+?)(?:__(?P<tool>.+))?")


def server_tool(rule: Listed) -> Pattern | None:
    """The tools of MCP servers that a rule names; an allowance has to name its server."""
    match = TOOL.fullmatch(rule.tool)
    if match is None or rule.spec is not None or rule.secret:
        return None
    server, tool = match["server"], match["tool"] or "*"
    if rule.kind is Kind.ALLOW and any(sign in server for sign in "*?["):
        return None
    if server == "*" and tool == "*":
        return Everything()
    return Name(f"{_plain(server)}/{tool}")


def _plain(server: str) -> str:
    """A server's name in a rule; where it has a sign that no tool's name may have, an underscore stands there."""
    return server.replace("_", "[!A-Za-z0-9-]")
