"""Gemini CLI on this machine: the agent with its policy, its settings, what is weak in them and what is not told."""

from collections.abc import Iterator
from pathlib import PurePath

from probes.agents.documents import Documents
from probes.agents.gemini.engine import Mode
from probes.agents.gemini.environment import of_commands, of_servers
from probes.agents.gemini.flags import Running, running
from probes.agents.gemini.here import here
from probes.agents.gemini.policies import allowed_servers, rules
from probes.agents.gemini.sandbox import confined
from probes.agents.gemini.settings import Settings, read
from probes.agents.gemini.told import Session, settings_seen, weaknesses
from probes.agents.gemini.tools import Basis, policy
from probes.agents.installed import Installed
from scanner.data.gates import gates
from scanner.host import Host
from scanner.model import Channel, Evidence, Gap, GapKind, Observation

MODES = {"default": Mode.DEFAULT, "auto_edit": Mode.EDIT, "plan": Mode.PLAN, "yolo": Mode.YOLO}
WEAKEST_FIRST = (Mode.YOLO, Mode.EDIT, Mode.DEFAULT, Mode.PLAN)
DEFAULT = "the default mode"
UNTRUSTED = "the default mode, since the folder is not trusted"
FOLDERS = 100
COMMAND = "x"  # stands for any command that no rule names


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """All that is seen of it."""
    documents = Documents(host)
    sessions = [_session(documents, run) for run in (*running(each.processes), None)]
    session = min(sessions, key=_asks) if len(sessions) > 1 else sessions[0]
    yield each.seen(host, policy(session.basis))
    yield from settings_seen(session)
    yield from weaknesses(session)
    yield from _unread(documents)
    yield from dict.fromkeys((*documents.gaps, *session.settings.layers.notes))


def _asks(session: Session) -> tuple[bool, int, int, float, bool]:
    """How much it asks: whether before any command, then by its mode, then by how much somebody has allowed it."""
    made = policy(session.basis).tools
    table = gates()
    commands = [table[tool.decide(COMMAND).effective] for tool in made if tool.channel is Channel.EXECUTE]
    rulings = (ruling for tool in made for ruling in (*(rule.ruling for rule in tool.rules), tool.otherwise))
    allowed = sum(table[each.effective].passable and each.evidence is not None for each in rulings)
    return (
        not any(each.passable for each in commands),
        WEAKEST_FIRST.index(session.basis.mode),
        -allowed,
        -max(each.factor for each in commands),
        session.process is None,
    )


def _session(documents: Documents, run: Running | None) -> Session:
    where = here(documents.host)
    settings = read(documents, where, run)
    mode, rule, place = _mode(settings)
    headless = run is not None and run.headless
    servers = allowed_servers(settings)
    basis = Basis(
        mode,
        rule,
        place,
        rules(settings, headless=headless),
        where.cwd,
        tuple(_folders(settings)),
        where.fold,
        settings.trusted,
        not headless,
        confined(settings, roams=mode is Mode.YOLO),
        tuple(each.node.text for each in servers) if servers else None,
        of_commands(settings),
        of_servers(settings),
    )
    return Session(settings, basis, run.process if run is not None else None)


def _mode(settings: Settings) -> tuple[Mode, str, Evidence | None]:
    """The mode, and what says so: an option, else the settings, which cannot switch off all questions."""
    run = settings.run
    if not settings.trusted:
        return Mode.DEFAULT, UNTRUSTED, settings.trusted_by
    if run is not None and run.mode in MODES:
        mode, evidence = MODES[run.mode], Evidence(process=run.process)
        if mode is not Mode.YOLO or not settings.layers.is_on("security", "disableYoloMode"):
            return mode, f"--approval-mode {run.mode} of the running {run.process}", evidence
    for keys in (("general", "defaultApprovalMode"), ("tools", "approvalMode")):
        found = settings.layers.word(*keys, known=MODES)
        if found is not None and found.node.text != "yolo":
            mode = MODES[found.node.text]
            if mode is Mode.PLAN and not settings.layers.is_on("general", "plan", "enabled", default=True):
                mode = Mode.DEFAULT
            return mode, found.words, found.evidence
    return Mode.DEFAULT, DEFAULT, None


def _folders(settings: Settings) -> Iterator[PurePath]:
    """The folders in which its own tools work: where it is started, those added, and its folder for drafts."""
    where = settings.here
    yield where.cwd
    yield where.config / "tmp"
    given = settings.run.listed("folders") if settings.run is not None else None
    texts = [found.node.text for found in settings.layers.entries("context", "includeDirectories")]
    for text in (*(given or ()), *texts)[:FOLDERS]:
        path = settings.host.resolve(text, where.cwd) if text else None
        if path is not None:
            yield path


def _unread(documents: Documents) -> Iterator[Gap]:
    """What decides too, and lies where nothing is read."""
    yield Gap(
        GapKind.REFUSED, "Gemini CLI's options", "options of its next start, such as --yolo, come before its files"
    )
    why = "what an organization sets for its accounts comes before every file, and lies on the vendor's server"
    yield Gap(GapKind.REFUSED, "Gemini CLI's admin settings", why)
