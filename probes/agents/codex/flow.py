"""Codex's answer, from the layers of its settings to one agent with its policy."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import PurePath

from msgspec import Struct, field

from probes.agents.codex import flags
from probes.agents.codex.confinement import Ground
from probes.agents.codex.hooks import Hook, answering, beside
from probes.agents.codex.layers import Found, Layer, Settings, layers_of, stopped
from probes.agents.codex.look import (
    CLOUD,
    CONFIG,
    HOOKS,
    MANAGED,
    NAMED_PACKAGE,
    PACKAGES,
    PREFERENCES,
    PROFILES,
    PROGRAMS,
    PROJECT_FILE,
    REQUIREMENTS,
    RULES,
    SIGNS,
    SYSTEM,
    SYSTEM_HOOKS,
    SYSTEM_RULES,
)
from probes.agents.codex.policy import Judged, doubted, judged
from probes.agents.codex.project import (
    Project,
    brought,
    project,
    project_file,
    strangers,
    trust,
    trusted_folders,
    trusts_itself,
)
from probes.agents.codex.settings import settings_seen
from probes.agents.codex.starlark import WORDS, PrefixRule, Unread, prefix_rule, rules
from probes.agents.codex.told import AGENT, Session, ignored, weaknesses
from probes.agents.tree import Node
from probes.agents.versions import of_package, of_program
from scanner.host import FileKind, Host, Place, TextFile
from scanner.model import (
    AgentSeen,
    Evidence,
    Gap,
    GapKind,
    Gate,
    Observation,
    Platform,
    Policy,
)

TITLE = "OpenAI Codex"
RULE_FILES = 200
BY_ITSELF = "the IDE extension and the app trust a folder by themselves where a sandbox that may write is set"


class Files(Struct):
    """What does not depend on how Codex is started: the layers of files, the rules, what was wrong with any of them."""

    inside: Project
    managed: tuple[Layer, ...] = ()
    own: tuple[Layer, ...] = ()  # what the trusted project brings, or one that is trusted by itself
    before: tuple[Layer, ...] | None = None  # the same before it is so
    user: tuple[Layer, ...] = ()
    system: tuple[Layer, ...] = ()
    requirements: Settings = field(default_factory=lambda: Settings(()))
    rules: list[PrefixRule] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    unread: list[Gap] = field(default_factory=list)  # of rules
    hidden: list[Gap] = field(default_factory=list)  # of what the project brings: it may be anything
    passed_over: list[Gap] = field(default_factory=list)  # by Codex as well
    heeded: tuple[PurePath, ...] = ()  # the folders of the project whose files count


class Told(Struct, frozen=True):
    """One way in which Codex is or would be started here, and what it makes of the settings."""

    judged: Judged
    settings: Settings
    trusted: Found | None
    hook: Hook | None = None


def told(host: Host) -> Iterator[Observation]:
    """The agent, its settings, and what could not be read of them.

    Of the running processes and the next start the loosest is told: that is what an agent may do here.
    """
    files = _files(host)
    running = list(flags.launches(host))
    launches = [each for each in running if isinstance(each, flags.Launch)]
    here = [None, *(each for each in launches if not flags.elsewhere(each, host))]
    starts = [_started(host, files, each, files.own) for each in here]
    starts += [_started(host, files, each, files.before) for each in here if files.before is not None]
    loosest = max(starts, key=lambda each: each.judged.rank)
    files.gaps.extend((*stopped(loosest.settings, host), *stopped(files.requirements, host)))
    away = list(_elsewhere(host))
    yield from dict.fromkeys(
        (
            *(*files.gaps, *files.hidden, *files.unread, *files.passed_over, *away),
            *(each for each in running if isinstance(each, Gap)),
        )
    )
    policy = _certain(files, away, loosest.judged)
    yield AgentSeen(
        AGENT,
        _evidence(host),
        running=bool(launches),
        title=TITLE,
        version=_version(host),
        folder=host.shown(host.workspace) if host.workspace is not None else None,
        policy=policy,
    )
    yield from settings_seen(AGENT, loosest.settings, files.requirements, loosest.trusted, files.rules)
    folders = strangers(host, files.inside)
    yield from ignored(host, folders, files.heeded)
    yield from weaknesses(host, Session(loosest.judged, loosest.settings, loosest.hook, files.rules, folders))


def _started(host: Host, files: Files, launch: flags.Launch | None, own: tuple[Layer, ...]) -> Told:
    """What the settings come to for one command line, or for the next start without any."""
    given = launch.layers if launch is not None else ()
    named = _profile(host, files, launch.profile) if launch is not None and launch.profile else ()
    settings = Settings((*files.managed, *given, *own, *named, *files.user, *files.system))
    settings = _with_legacy_profile(settings, launch.profile if launch is not None and not named else None)
    folders = files.inside.folders
    trusted = trust(settings, folders[0], files.inside) if folders else None
    writes: Evidence | bool = trusted.evidence if trusted is not None else files.inside.versioned
    hook = answering(settings, files.requirements, unread=launch is not None and launch.unread)
    ground = Ground(settings, files.requirements, writes, launch.roots if launch is not None else (), hook)
    return Told(judged(host, ground, trusted, files.rules), settings, trusted, hook)


def _certain(files: Files, away: list[Gap], found: Judged) -> Policy:
    """The policy, unknown where a file that counts could not be read, or Codex does not start with what it says."""
    policy = found.policy
    defaults = found.approval.evidence is None or found.confinement.evidence is None
    if files.hidden:
        policy = doubted(policy, _place(files.hidden[0]), stand_in=Gate.NONE)
    elif files.gaps:
        policy = doubted(policy, _place(files.gaps[0]))
    elif files.before is not None:
        policy = doubted(policy, BY_ITSELF)
    elif away and (defaults or any(each.place.endswith(".plist") for each in away)):
        policy = doubted(policy, _place(away[0]))
    elif files.unread:
        policy = doubted(policy, _place(files.unread[0]), commands_only=True)
    return policy


def _place(gap: Gap) -> str:
    return f"{gap.place} {gap.why}"


# --- files


def _files(host: Host) -> Files:
    windows = host.platform is Platform.WINDOWS
    found = Files(project(host))
    found.managed = _layers(host, found, MANAGED[1:] if windows else MANAGED[:1], "managed")
    found.user = _layers(host, found, _own(host, CONFIG), "user")
    found.user += _hooks(host, found, host.read(*_own(host, HOOKS)), "user")
    found.system = _layers(host, found, SYSTEM, "system")
    found.system += _hooks(host, found, host.read(*SYSTEM_HOOKS), "system")
    found.requirements = Settings(_layers(host, found, REQUIREMENTS, "requirements"))
    base = Settings((*found.managed, *found.user, *found.system))
    for file in islice(host.read(*_own(host, RULES), *SYSTEM_RULES), RULE_FILES):
        _take(found, file, host)
    _bring(found, base, host)
    found.rules.extend(_required(found.requirements))
    return found


def _bring(files: Files, base: Settings, host: Host) -> None:
    """Takes what the project brings: of one that is trusted by itself only what may let more through."""
    alone = trusts_itself(base, files.inside)
    folders = strangers(host, files.inside) if alone else trusted_folders(host, base, files.inside)
    brings = brought(host, folders)
    files.hidden.extend(brings.gaps)
    hooks = (file for folder in folders for file in project_file(host, folder, ".codex/hooks.json"))
    files.own = (*brings.layers, *_hooks(host, files, hooks, "project"))
    files.heeded = tuple(folders)
    known = len(files.rules)
    for file in islice(_rule_files(host, folders), RULE_FILES):
        _take(files, file, host)
    if alone:
        files.rules[known:] = [rule for rule in files.rules[known:] if rule.decision == "allow"]
        files.before = () if files.own or len(files.rules) > known else None


def _layers(host: Host, files: Files, patterns: Sequence[str], scope: str) -> tuple[Layer, ...]:
    read = layers_of(host, host.read(*patterns), scope)
    files.gaps.extend(read.gaps)
    return read.layers


def _hooks(host: Host, files: Files, texts: Iterable[TextFile | Gap], scope: str) -> tuple[Layer, ...]:
    """Files of hooks. Codex passes over a broken one; of one that is not read in full nobody knows what it holds."""
    layers: list[Layer] = []
    for each in beside(host, texts, scope):
        if isinstance(each, Layer):
            layers.append(each)
        elif each.kind is GapKind.FAILED:
            files.passed_over.append(each)
        else:
            (files.hidden if scope == "project" else files.gaps).append(each)
    return tuple(layers)


def _own(host: Host, patterns: tuple[str, str]) -> tuple[str]:
    """Codex has one folder: the one that the variable names, else the usual one."""
    return (patterns[0] if host.variable("CODEX_HOME") else patterns[1],)


def _profile(host: Host, files: Files, name: str) -> tuple[Layer, ...]:
    wanted = f"{name}.config.toml"
    texts = [
        each for each in host.read(*_own(host, PROFILES)) if isinstance(each, TextFile) and each.path.name == wanted
    ]
    read = layers_of(host, texts, "profile")
    files.gaps.extend(read.gaps)
    return read.layers


def _with_legacy_profile(settings: Settings, named: str | None) -> Settings:
    """A profile as a table of the settings: older releases lay it over the rest, 0.169 does not start with it."""
    chosen = settings.find("profile")
    name = named or (chosen.node.text if chosen is not None else "")
    table = settings.find("profiles", name) if name else None
    if table is None and chosen is None:
        return settings
    at = next((index for index, each in enumerate(settings.layers) if each.scope in ("user", "system")), 0)
    layers = list(settings.layers)
    if table is not None:
        layers.insert(at, Layer("profile", table.node, table.layer.path))
    made = Settings(tuple(layers))
    if chosen is not None:
        made.refuse(chosen, "is of older releases")
    return made


def _take(files: Files, file: TextFile | Gap, host: Host) -> None:
    """Takes the rules of a file."""
    if isinstance(file, Gap):
        files.unread.append(file)
        return
    for each in rules(file.text, file.path):
        match each:
            case PrefixRule():
                files.rules.append(each)
            case Unread():
                files.unread.append(Gap(GapKind.FAILED, f"{host.shown(file.path)}, line {each.line}", each.why))


def _rule_files(host: Host, folders: Sequence[PurePath]) -> Iterator[TextFile | Gap]:
    """The files of rules of a project."""
    for folder in folders:
        for path in host.matches_named(PROJECT_FILE, folder / ".codex" / "rules" / "*.rules"):
            if isinstance(path, Gap):
                yield path
            else:
                yield from project_file(host, folder, path.relative_to(folder).as_posix())


def _required(requirements: Settings) -> Iterator[PrefixRule]:
    """Rules of the machine's owner: they may ask or forbid, not allow."""
    listed = requirements.find("rules", "prefix_rules")
    if listed is None:
        return
    for node in (listed.node.items or ())[:RULE_FILES]:
        decision = {"prompt-user": "prompt"}.get(node.said("decision"), node.said("decision"))
        words = _words(node)
        if not words or not all(words) or decision not in {"prompt", "forbidden"}:
            requirements.refuse(listed, "holds a rule that is none")
            continue
        rule = prefix_rule(words, decision, listed.evidence)
        if rule is not None:
            yield rule


def _words(node: Node) -> list[tuple[str, ...]]:
    """The words of a pattern, each with its alternatives."""
    pattern = node.get("pattern")
    words = []
    for each in (pattern.items or ())[:WORDS] if pattern is not None else ():
        choices = each.get("any_of")
        words.append(choices.texts() if choices is not None else tuple(filter(None, (each.said("token"),))))
    return words


# --- what is said of it


def _elsewhere(host: Host) -> Iterator[Gap]:
    """Settings that count and lie where this does not look."""
    for place in host.places(*PREFERENCES):
        if isinstance(place, Gap):
            yield place
        else:
            yield Gap(GapKind.REFUSED, host.shown(place.path), "settings of the device's management are not read")
    for place in host.places(*_own(host, CLOUD)):
        if isinstance(place, Place):
            yield Gap(
                GapKind.REFUSED, host.shown(place.path), "settings that the account's organisation sends are not read"
            )


def _evidence(host: Host) -> Evidence:
    """The user's own settings, else the first sign of it."""
    for place in (*host.places(*_own(host, CONFIG)), *host.places(*SIGNS)):
        if isinstance(place, Place) and (place.kind is FileKind.FILE or place.kind is FileKind.FOLDER):
            return Evidence(place.path)
    return Evidence(host.home / ".codex")


def _version(host: Host) -> str | None:
    """The version of the program. `version.json` names the newest there is, an extension's folder its own."""
    programs = [each for each in host.places(*PROGRAMS) if isinstance(each, Place)]
    return of_program(host, NAMED_PACKAGE, programs) or of_package(host.read(*PACKAGES), host)
