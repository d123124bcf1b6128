"""Claude Code on this machine: the agent with its policy, its settings, what is weak in them and what is not told."""

from collections.abc import Iterator
from pathlib import PurePath

from msgspec import Struct
from msgspec.structs import replace

from probes.agents.claude.editors import Asked, asked_of_editors, has_extension
from probes.agents.claude.environment import account, baselines, of_commands, of_servers, plan_of, scrubs
from probes.agents.claude.flags import Running, running
from probes.agents.claude.here import Here, here
from probes.agents.claude.hiding import showable
from probes.agents.claude.hooks import hooks_of, skills_of
from probes.agents.claude.modes import WEAKEST_FIRST, Account, Mode, Start, mode_of
from probes.agents.claude.reads import (
    EXTENSIONS,
    NAMED_PACKAGE,
    PACKAGES,
    PROGRAMS,
    REMOTE,
    SIGNS,
    STATE,
    VERSIONS,
)
from probes.agents.claude.rules import listed
from probes.agents.claude.sandbox import blocks_reads, blocks_writes, silent, wanted
from probes.agents.claude.settings import Scope, Settings, Source
from probes.agents.claude.shipped import folder
from probes.agents.claude.sources import Reader
from probes.agents.claude.surfaces import brought, wrapped
from probes.agents.claude.told import Session, settings_seen, weaknesses
from probes.agents.claude.tools import Basis, policy
from probes.agents.claude.vendor import AGENT, TITLE
from probes.agents.documents import Documents
from probes.agents.versions import highest, of_extension, of_package, of_program
from scanner.data.gates import gates
from scanner.host import Host, Place
from scanner.model import AgentSeen, Channel, Evidence, Gap, GapKind, Observation

FOLDERS = 100
COMMAND = "x"  # stands for any command that no rule names


class Look(Struct, frozen=True):
    """What is known before any session: where, the files read, and what runs."""

    host: Host
    here: Here
    reader: Reader
    settings: Settings
    account: Account
    documents: Documents
    trusted: bool


def told(host: Host) -> Iterator[Observation]:
    """All that is seen of it."""
    where = here(host)
    documents = Documents(host, frozenset(STATE))
    trusted = trusts(documents, where)
    reader = Reader(host, where, unread=[gap.place for gap in documents.gaps])
    settings = reader.settings()
    look = Look(host, where, reader, settings, account(documents, where, settings), documents, trusted)
    found = list(running(host))
    runs = [each for each in found if isinstance(each, Running)]
    reader.gaps += (each for each in found if isinstance(each, Gap))
    session = _weakest(look, runs)
    yield AgentSeen(
        AGENT,
        _evidence(host, session),
        running=bool(runs),
        title=TITLE,
        version=_version(host),
        folder=folder(host),
        policy=policy(session.basis),
    )
    yield from settings_seen(session)
    yield from brought(host, where)
    yield from wrapped(host)
    yield from weaknesses(session)
    yield from _unsent(look)
    yield from dict.fromkeys((*reader.gaps, *documents.gaps))


def trusts(documents: Documents, where: Here) -> bool:
    """Whether a person has trusted the folder: it stands under the root of its repository, or of a worktree's."""
    folders = documents.folders(where.in_use(STATE), "projects")
    known = [each for root in (where.root, where.main) if root is not None for each in folders.get(root, ())]
    return any((node := each.get("hasTrustDialogAccepted")) is not None and node.flag is True for each in known)


def _weakest(look: Look, runs: list[Running]) -> Session:
    """The session that asks least, of those that run now and the next one; of equals one that runs."""
    following = _session(look, None)
    if not runs:
        return following
    return min((*(_session(look, each) for each in runs), following), key=_asks)


def _asks(session: Session) -> tuple[float, int, int, bool]:
    """How much it asks: first before any command, then by its mode, last by how many of its rules let things pass."""
    tools = policy(session.basis).tools
    table = gates()
    commands = [tool.decide(COMMAND).effective for tool in tools if tool.channel is Channel.EXECUTE]
    loosest = max((table[gate].factor for gate in commands), default=0.0)
    passing = sum(table[rule.ruling.effective].passable for tool in tools for rule in tool.rules)
    return (-loosest, WEAKEST_FIRST.index(session.basis.mode.name), -passing, session.process is None)


def _session(look: Look, run: Running | None) -> Session:
    settings = _with(look, run)
    scrub = scrubs(look.host, settings.sure, trusted=look.trusted)
    forced = scrub is not None and scrub.evidence is not None and scrub.evidence.variable is not None
    mode = _mode(look, settings, run, forced=forced)
    editor = None if run is not None or forced else _weaker(mode, asked_of_editors(look.host, look.reader, settings))
    rules = listed(settings, trusted=look.trusted)
    folders = tuple(_folders(look, settings))
    basis = Basis(
        look.here,
        replace(mode, name=editor.name, rule=editor.rule, evidence=editor.evidence) if editor is not None else mode,
        rules,
        wanted(look.host, look.here, settings, rules, folders),
        folders,
        blocks_reads(settings),
        settings.unread,
        of_commands(scrub),
        of_servers(scrub, baselines(look.host, settings.sure, trusted=look.trusted)),
        blocks_writes(settings),
        silent(settings),
        (*hooks_of(settings), *skills_of(look.host, look.here, rules.allow)),
        settings.cut,
    )
    return Session(basis, settings, look.account, look.trusted, run.process if run is not None else None)


def _mode(look: Look, settings: Settings, run: Running | None, *, forced: bool) -> Mode:
    """The mode that asks least, of those that the start may have.

    A source that is not sure may be passed over, and the extension for editors takes no project's word for the mode.
    """
    starts = [settings]
    if len(settings.sure.sources) < len(settings.sources):
        starts.append(settings.sure)
    if run is None and not forced and has_extension(look.host):
        starts.append(replace(settings, sources=settings.trusted_ones))
    modes = (mode_of(Start(each, look.here, look.account, run, scrubbed=forced)) for each in starts)
    return min(modes, key=lambda mode: WEAKEST_FIRST.index(mode.name))


def _weaker(mode: Mode, asked: Asked | None) -> Asked | None:
    """What sessions in an editor start in, where that asks less than the terminal's."""
    if asked is None or WEAKEST_FIRST.index(asked.name) >= WEAKEST_FIRST.index(mode.name):
        return None
    return asked


def _with(look: Look, run: Running | None) -> Settings:
    """The settings as a running agent reads them: its own options stand below the organization's alone."""
    if run is None:
        return look.settings
    rest = [each for each in look.settings.sources if each.scope is not Scope.MANAGED]
    if run.sources is not None:
        rest = [each for each in rest if each.scope in run.sources]
    lists = {"allow": run.allow, "deny": run.deny, "additionalDirectories": run.folders}
    own = [look.reader.options(run.process, {key: texts for key, texts in lists.items() if texts})]
    for text in run.settings[:4]:
        own += _given(look, run, text)
    unread = tuple(dict.fromkeys((*look.settings.unread, *look.reader.unread)))
    return Settings((*look.settings.of(Scope.MANAGED), *own, *rest), unread, look.settings.cut or look.reader.cut)


def _given(look: Look, run: Running, text: str) -> list[Source]:
    """What --settings names: a file, or settings themselves."""
    if text.lstrip().startswith("{"):
        return list(look.reader.inline(text, run.process))
    path = look.host.resolve(text)
    if path is None:
        look.reader.missing(f"--settings of {run.process}", "a file named from a folder that is not known")
        return []
    return list(look.reader.named(path, run.process))


def _folders(look: Look, settings: Settings) -> Iterator[PurePath]:
    """The folders in which it works: where it is started, and those added; a project adds some once it is trusted."""
    yield look.here.cwd
    count = 0
    for found in showable(settings.entries("permissions", "additionalDirectories")):
        path = look.host.resolve(found.node.text, look.here.cwd)
        if path is not None and (look.trusted or not found.source.needs_trust) and count < FOLDERS:
            count += 1
            yield path


def _evidence(host: Host, session: Session) -> Evidence:
    place = next((each for each in host.places(*PROGRAMS, *SIGNS) if isinstance(each, Place)), None)
    if place is not None:
        return Evidence(place.path)
    return Evidence(process=session.process) if session.process is not None else Evidence(session.basis.here.config)


def _version(host: Host) -> str | None:
    """The version in use: where the program's link leads, else the newest that is kept, a package, or an extension."""
    programs = [each for each in host.places(*PROGRAMS) if isinstance(each, Place)]
    kept = (each.path.name for each in host.places(VERSIONS) if isinstance(each, Place))
    extensions = (each for each in host.places(EXTENSIONS) if isinstance(each, Place))
    return (
        of_program(host, NAMED_PACKAGE, programs)
        or highest(kept)
        or of_package(host.read(*PACKAGES), host)
        or of_extension(extensions)
    )


def _unsent(look: Look) -> Iterator[Gap]:
    """A policy of the organization may lie on the vendor's server, where no copy of it is kept here."""
    if (
        plan_of(look.documents, look.here) in {"team", "enterprise"}
        and next(look.host.places(*look.here.in_use(REMOTE)), None) is None
    ):
        yield Gap(GapKind.REFUSED, "claude.ai, admin settings", "a policy that its server may send was not kept here")
