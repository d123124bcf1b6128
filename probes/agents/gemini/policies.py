"""The rules that count: of policy files, of settings, of options, and what the vendor ships."""

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from probes.agents.documents import Document, Documents
from probes.agents.gemini.engine import BUT_PLAN, MCP, SHELL, SHELLS, SHIPPED, Decision, Mode, Told, ordered
from probes.agents.gemini.here import NAMED, files, system
from probes.agents.gemini.settings import Settings, parsed
from probes.agents.layers import COMMAND, ENTRIES, Found, layered
from probes.agents.shown import shown
from probes.agents.tree import Node
from scanner.host import FileKind, Place
from scanner.model import Evidence, Gap, GapKind
from scanner.patterns import Pattern
from scanner.text import printable

ADMIN, USER = 5, 4  # the tiers of files; the vendor's own are of the first
EXCLUDED_SERVER, EXCLUDED, CONFIRMED, ALLOWED, CORE = 4.9, 4.4, 4.35, 4.3, 4.25
TRUSTED_SERVER, ALLOWED_SERVER = 4.2, 4.1
LOWER = 0.01
PATHS = 50
WITH_ARGUMENTS = Pattern(r"([A-Za-z0-9_-]+)\((.*)\)")
MODES = frozenset(Mode)
TEXTS = ("subagent", "mcpName", "argsPattern", "commandRegex")
SWITCHES = ("interactive", "allowRedirection", "allow_redirection")


def rules(settings: Settings, *, headless: bool) -> tuple[Told, ...]:
    """All of them, in the order in which they are tried."""
    told = [*_of_files(settings), *_of_settings(settings, headless=headless), *SHIPPED]
    if settings.layers.is_on("security", "disableAlwaysAllow"):
        told = [each for each in told if not each.saved]
    return ordered(told)


# --- files


def _of_files(settings: Settings) -> Iterator[Told]:
    documents = settings.layers.documents
    machine = tuple(system(documents, "admin"))
    yield from _of_documents(documents, machine, ADMIN)
    if not machine:  # else what settings add to it is passed over
        yield from _of_documents(documents, _named(settings, "admin", "adminPolicyPaths"), ADMIN)
    named = _paths(settings, "policies", "policyPaths")
    theirs = _named(settings, "policies", "policyPaths") if named else files(documents, "policies")
    yield from _of_documents(documents, theirs, USER)


def _paths(settings: Settings, option: str, key: str) -> tuple[str, ...]:
    """What an option names, else the settings of all sources together."""
    given = settings.run.listed(option) if settings.run is not None else None
    if given is not None:
        return given[:PATHS]
    return tuple(found.node.text for found in settings.layers.entries(key) if found.node.text)[:PATHS]


def _named(settings: Settings, option: str, key: str) -> Iterator[Document]:
    """The policy files that settings or options name, one by one or by their folder."""
    host, documents = settings.host, settings.layers.documents
    for text in _paths(settings, option, key):
        path = host.resolve(text, settings.here.cwd)
        for each in _listed(settings, path) if path is not None else ():
            for file in host.read_named(NAMED, each):
                if isinstance(file, Gap):
                    documents.gaps.append(file)
                elif (document := parsed(documents, file, "toml")) is not None:
                    yield document


def _listed(settings: Settings, path: PurePath) -> Iterator[PurePath]:
    place = settings.host.place_named(NAMED, path)
    if isinstance(place, Place) and place.kind is FileKind.FOLDER:
        found = settings.host.matches_named(NAMED, path / "*.toml")
        yield from (each for each in found if isinstance(each, PurePath))
    elif path.suffix == ".toml":
        yield path


def _of_documents(documents: Documents, found: Iterable[Document], tier: int) -> Iterator[Told]:
    """The rules of the files; of one with a fault in any rule Gemini CLI takes none."""
    for layer in layered(documents, [("", found)]).layers:
        listed = layer.document.root.get("rule")
        if listed is None or not layer.whole:
            continue
        items = (listed.items or ())[:ENTRIES]
        faults = [fault for node in items if (fault := _fault(node))]
        if listed.items is None or faults:
            _note(
                documents,
                layer.document,
                listed.line,
                f"{faults[0] if faults else 'rule is no list'}: none of its rules count",
            )
            continue
        for node in items:
            yield from _of_rule(layer.document, node, tier)


def _note(documents: Documents, document: Document, line: int, why: str) -> None:
    path = documents.host.shown(document.path) if document.path is not None else "a policy"
    gap = Gap(GapKind.FAILED, f"{path}, line {line}", printable(why))
    if gap not in documents.gaps:
        documents.gaps.append(gap)


def _fault(node: Node) -> str:
    """What is wrong with a rule, empty where nothing is."""
    priority = node.get("priority")
    number = priority.value if priority is not None else None
    if node.members is None or not _words(node.get("toolName")) or "" in _words(node.get("toolName")):
        return "a rule names no tool"
    if node.said("decision") not in set(Decision):
        return "a rule has no decision that is known"
    if isinstance(number, bool) or not isinstance(number, float) or not number.is_integer() or not 0 <= number <= 999:
        return "a rule has no priority from 0 to 999"
    modes = node.get("modes")
    if modes is not None and (modes.items is None or not MODES.issuperset(each.text for each in modes.items)):
        return "a rule names a mode that is not known"
    if any((inner := node.get(key)) is not None and not isinstance(inner.value, str) for key in TEXTS):
        return "a rule holds something that is no text"
    if any((inner := node.get(key)) is not None and inner.flag is None for key in SWITCHES):
        return "a rule holds something that is no switch"
    return ""


def _words(node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ()
    if isinstance(node.value, str):
        return (node.value,)
    return tuple(each.text for each in node.items or ())


def _of_rule(document: Document, node: Node, tier: int) -> Iterator[Told]:
    """One rule as as many as it names tools and beginnings of commands."""
    prefixes = [each for each in _words(node.get("commandPrefix")) if each]
    server = node.said("mcpName") or None
    priority = node.get("priority")
    number = priority.value if priority is not None and isinstance(priority.value, float) else 0.0
    modes = node.get("modes")
    interactive = node.get("interactive")
    for prefix in prefixes or (None,):
        for tool in _words(node.get("toolName")):
            limited = prefix is not None or bool(node.said("commandRegex"))
            yield Told(
                tool=f"{MCP}{server}_{tool}" if server not in {None, "*"} else tool,
                decision=Decision(node.said("decision")),
                priority=tier + number / 1000,
                words=_said(node, tool, prefix),
                evidence=document.at("rule", node.line),
                server=server,
                prefix=prefix,
                command=node.said("commandRegex") or None if prefix is None else None,
                arguments=None if limited else node.said("argsPattern") or None,
                modes=frozenset(modes.texts()) if modes is not None else frozenset(),
                interactive=interactive.flag if interactive is not None else None,
                claims=node.get("toolAnnotations") is not None,
                subagent=node.get("subagent") is not None,
                redirects=any(_is_on(node, key) for key in SWITCHES[1:]),
            )


def _is_on(node: Node, key: str) -> bool:
    inner = node.get(key)
    return inner is not None and inner.flag is True


def _said(node: Node, tool: str, prefix: str | None) -> str:
    """A rule as a report words it."""
    about = prefix or node.said("commandRegex") or node.said("argsPattern")
    told = shown(about) if about else None
    named = shown(tool) or "a tool"
    return f"rule: {node.said('decision')} {named}" + (f' "{told}"' if told is not None else " (part)" if about else "")


# --- settings


def _of_settings(settings: Settings, *, headless: bool) -> Iterator[Told]:
    """What the settings say of tools and servers, as rules of the user's tier."""
    yield from _servers(settings, headless=headless)
    for found in (*settings.layers.entries("tools", "exclude"), *_given(settings, "excluded", "tools.exclude")):
        if found.node.text:  # with arguments it is the name of no tool, and refuses nothing
            yield _of_found(found, found.node.text, Decision.DENY, EXCLUDED)
    yield from _narrowed(_listed_by(settings, "allowed", "allowed") or (), ALLOWED, narrows=True)
    for found in settings.listed("tools", "confirmationRequired") or ():
        if found.node.text:
            yield _of_found(found, _own(found.node.text), Decision.ASK, CONFIRMED)
    core = _listed_by(settings, "core", "core")
    if core is not None:
        yield from _narrowed(core, CORE, modes=BUT_PLAN)
        yield Told("*", Decision.DENY, CORE - LOWER, "tools.core does not name it", _place(settings), modes=BUT_PLAN)


def _listed_by(settings: Settings, option: str, key: str) -> tuple[Found, ...] | None:
    """A list of tools: an option stands in place of the setting."""
    given = _given(settings, option, f"tools.{key}")
    return given or settings.listed("tools", key)


def _given(settings: Settings, option: str, key: str) -> tuple[Found, ...]:
    """The values of an option of a running agent, in the form of settings."""
    run = settings.run
    texts = run.listed(option) if run is not None else None
    if run is None or not texts:
        return ()
    return tuple(of_option(settings, run.process, key, text) for text in texts)


def of_option(settings: Settings, process: str, key: str, text: str) -> Found:
    """One value of an option, as if it stood in a file."""
    [layer] = layered(settings.layers.documents, [(COMMAND, [Document(Node(1), variable=process)])]).layers
    return Found(Node(1, text), layer, key)


def evidence_of(found: Found) -> Evidence:
    """Where a setting stands, or the process that was given it."""
    if found.layer.scope == COMMAND:
        return Evidence(process=found.layer.document.variable, key=found.key)
    return found.evidence


def _place(settings: Settings) -> Evidence | None:
    found = next(iter(settings.layers.each("tools", "core")), None)
    return found.evidence if found is not None else None


def _narrowed(
    entries: Iterable[Found], priority: float, modes: frozenset[str] = frozenset(), *, narrows: bool = False
) -> Iterator[Told]:
    """Tools that are allowed; one command of the shell among them refuses all others, where the list `narrows`."""
    first: Found | None = None
    for found in entries:
        text = found.node.text
        match = WITH_ARGUMENTS.fullmatch(text)
        tool = _own(match[1] if match is not None else text)
        if match is None or tool != SHELL:
            if text:
                yield _of_found(found, tool, Decision.ALLOW, priority, modes=modes)
            continue
        first = first or found
        if match[2]:
            yield _of_found(found, tool, Decision.ALLOW, priority, prefix=match[2], modes=modes)
    if narrows and first is not None:
        told = _of_found(first, SHELL, Decision.DENY, priority - LOWER)
        yield Told(
            SHELL,
            told.decision,
            told.priority,
            f"{first.key} names other commands alone, and 0.61 refuses the rest",
            told.evidence,
        )


def _own(tool: str) -> str:
    return SHELL if tool in SHELLS else tool


def _of_found(
    found: Found,
    tool: str,
    decision: Decision,
    priority: float,
    *,
    prefix: str | None = None,
    modes: frozenset[str] = frozenset(),
) -> Told:
    unsure = "$" in found.node.text
    return Told(
        tool,
        decision,
        priority,
        found.words,
        evidence_of(found),
        prefix=prefix,
        modes=modes,
        unsure=unsure and prefix is not None,
    )


def _servers(settings: Settings, *, headless: bool) -> Iterator[Told]:
    """What is said of whole servers; one that is listed as allowed is not only started but asks nobody either."""
    for found in settings.listed("mcp", "excluded") or ():
        yield _of_server(found, found.node.text, Decision.DENY, EXCLUDED_SERVER)
    for name, found in settings.servers():
        trusts = found.node.get("trust")
        if trusts is not None and trusts.flag:
            given = Found(trusts, found.layer, f"{found.key}.trust")
            yield _of_server(given, name, Decision.ALLOW, TRUSTED_SERVER, BUT_PLAN)
    for found in allowed_servers(settings) or ():
        yield _of_server(found, found.node.text, Decision.ALLOW, ALLOWED_SERVER, BUT_PLAN)
    alone = settings.layers.flag("mcp", "autoAllowInHeadless")
    if headless and alone is not None and alone.node.flag:
        yield _of_server(alone, "*", Decision.ALLOW, ALLOWED_SERVER, BUT_PLAN)


def allowed_servers(settings: Settings) -> tuple[Found, ...] | None:
    """The servers that may be started, None where all may."""
    return _given(settings, "servers", "mcp.allowed") or settings.listed("mcp", "allowed")


def _of_server(
    found: Found, name: str, decision: Decision, priority: float, modes: frozenset[str] = frozenset()
) -> Told:
    return Told(f"{MCP}{name}_*", decision, priority, found.words, evidence_of(found), server=name or None, modes=modes)
