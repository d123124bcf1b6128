"""The demands of a contract on the machine and its agents: each clause of `require`, and the lists beside it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from fnmatch import fnmatchcase

from msgspec.structs import replace

from scanner.contract.exposures import ENDED, place
from scanner.contract.subject import Broken, Held, Subject
from scanner.data.clauses import agent_mend, demands
from scanner.data.gates import gates
from scanner.data.verdicts import questions
from scanner.data.weights import weights
from scanner.graph import CredentialNode
from scanner.host.paths import within
from scanner.model import (
    Autonomy,
    Capability,
    Channel,
    Confidence,
    Environment,
    Evidence,
    Fix,
    Gate,
    LifetimeKind,
    Protection,
    Weakness,
)
from scanner.model.contract import Autonomies, ByEnvironment, Contract, Listed
from scanner.model.report import Exposure
from scanner.principals import ANY_AGENT, Acting

# How well a secret is kept, by what lies between a reader of the place and itself.
KEPT = {
    Protection.PLAINTEXT: 0,
    Protection.OBFUSCATED: 0,
    Protection.ENCRYPTED: 1,
    Protection.AGENT: 1,
    Protection.KEYCHAIN: 2,
    Protection.HARDWARE: 3,
    Protection.REFERENCE: 3,
}
HARMLESS = frozenset({Capability.DISCOVER, Capability.DATA_READ})
SHOWN = 5
SAMPLE = "x"


def held(contract: Contract, subject: Subject) -> Iterator[Held]:
    """What came of each demand, in the order in which the grammar lists them."""
    yield from _autonomy(contract, subject)
    yield from _defaults(contract, subject)
    yield from _recovery(contract)
    yield from _sandbox(contract, subject)
    for row in contract.require.lifetime:
        yield _of_credentials("lifetime", row, subject, _lives_too_long, f"end within {_span(row.longest)}")
    for row in contract.require.protection:
        yield _of_credentials("protection", row, subject, _kept_badly, f"are kept at least {row.protection}")
    for row in contract.require.in_workspace:
        if row.allowed is False:
            yield _of_credentials("in_workspace", row, subject, _in_workspace, "lie outside every workspace")
    yield from _guardrails(contract, subject)
    yield from _private_keys(contract, subject)
    yield from _servers(contract, subject)
    yield from _tokens(contract, subject)
    yield from _environment(contract, subject)
    yield from _files(contract, subject)
    yield from _commands(contract, subject)
    yield from _network(contract, subject)
    yield from _mcp(contract, subject)


# --- agents


def _autonomy(contract: Contract, subject: Subject) -> Iterator[Held]:
    demand = contract.require.autonomy
    if demand is None:
        return
    where = place(demand.where)
    if demand.default is not None:
        name = "require.autonomy.default"
        beyond = [each for each in _installed(subject) if each.autonomy.rank > _most(demand, each).rank]
        broken = [
            Broken(
                name,
                each.id,
                f"{each.title} {_doing(each.autonomy)}{_as_shipped(each)}",
                principal=each.id,
                evidence=(_deciding(each),),
                fix=agent_mend(each.seen.agent, "ask"),
            )
            for each in beyond
        ]
        yield Held(name, f"agents are at most {demand.default}", where, tuple(broken))
    for environment, most in demand.by_environment.items():
        name = f"require.autonomy.{environment}"
        text = f"agents are at most {most} on {environment}"
        yield Held(name, text, where, tuple(_beyond(name, text, environment, most, subject)))


def _beyond(name: str, text: str, environment: Environment, most: Autonomy, subject: Subject) -> Iterator[Broken]:
    """The changes in an environment that an agent gets to with less in the way than its autonomy there allows."""
    least = {Autonomy.RESTRICTED: Gate.PRESENCE, Autonomy.SUPERVISED: Gate.PROMPT, Autonomy.FULL: Gate.NONE}[most]
    for exposure in subject.exposures:
        if exposure.environment is not environment or exposure.class_ in HARMLESS:
            continue
        if exposure.confidence is Confidence.POSSIBLE or not _counts(exposure, subject):
            continue
        for principal in subject.judged:
            way = exposure.ways.get(principal)
            factor = gates()[way.effective].factor if way is not None else 0
            if way is not None and factor > gates()[least].factor:
                yield Broken(name, exposure.credential, text, exposure, principal, way.gate)
                break


def _doing(autonomy: Autonomy) -> str:
    return {
        Autonomy.FULL: "runs commands and connects unasked",
        Autonomy.SUPERVISED: "runs commands once a person says yes",
        Autonomy.RESTRICTED: "reads and suggests",
    }[autonomy]


def _installed(subject: Subject) -> list[Acting]:
    """The agents that are here; one that is only thought of has no settings to mend."""
    return [each for each in subject.acting if not each.seen.notional]


def _deciding(each: Acting) -> Evidence:
    """Where it stands that an agent asks so little; where nothing stands, the agent itself."""
    told = min((lane.ruling for lane in each.judge.lanes), key=lambda ruling: -gates()[ruling.effective].factor)
    return told.evidence or each.seen.evidence


def _most(demand: Autonomies, each: Acting) -> Autonomy:
    """The most that an agent may be by default, or where it is isolated."""
    default = demand.default or Autonomy.FULL
    return demand.isolated or default if each.seen.isolated else default


def _as_shipped(each: Acting) -> str:
    """What is to be added where no setting says so."""
    return "" if each.judge.is_sure() else ", as far as its vendor's default goes: nothing here sets its mode"


def _sandbox(contract: Contract, subject: Subject) -> Iterator[Held]:
    demand = contract.require.sandbox
    if demand is None or not demand.on:
        return
    name = "require.sandbox"
    loose = [each for each in _installed(subject) if not each.seen.isolated and _is_loose(each)]
    broken = [
        Broken(
            name,
            each.id,
            f"{each.title} runs commands unasked and outside of any sandbox",
            principal=each.id,
            evidence=(_deciding(each),),
            fix=agent_mend(each.seen.agent, "sandbox"),
        )
        for each in loose
    ]
    text = "what agents run unasked runs in a sandbox that really starts"
    yield Held(name, text, place(demand.where), tuple(broken))


def _is_loose(each: Acting) -> bool:
    """Whether commands run unasked and outside of any sandbox."""
    return any(lane.sandbox is None and gates()[lane.ruling.effective].passable for lane in each.judge.lanes)


# --- credentials


def _counts(exposure: Exposure, subject: Subject) -> bool:
    kind = subject.graph.assets[exposure.asset].asset.kind
    return subject.graph.credentials[exposure.credential].state not in ENDED and kind not in questions().aside


def _opens(credential: CredentialNode, environment: Environment, subject: Subject, *, sure: bool) -> list[Exposure]:
    """What a credential opens in an environment; what cannot be undone counts as production where that is unknown.

    What is only possible counts where it is known to be there, unless only what is `sure` is asked for.
    """
    return [
        each
        for each in subject.opened.get(credential.id, ())
        if each.class_ is not Capability.DISCOVER
        and not demands().is_source(subject.graph.assets[each.asset].asset.kind)
        and (
            (each.environment is environment and not (sure and each.confidence is Confidence.POSSIBLE))
            or (
                environment is Environment.PRODUCTION
                and each.environment is Environment.UNKNOWN
                and each.class_ in weights().unknown_is_production
                and each.confidence is not Confidence.POSSIBLE
            )
        )
        and _counts(each, subject)
    ]


def _of_credentials(
    demand: str,
    row: ByEnvironment,
    subject: Subject,
    wrong: Callable[[CredentialNode, ByEnvironment, Subject], str],
    text: str,
) -> Held:
    """A demand on every credential that opens something in an environment."""
    name = f"require.{demand}.{row.environment}"
    broken = []
    for credential in subject.graph.credentials.values():
        if credential.kind.startswith("handle.") or credential.state in ENDED:
            continue
        why = wrong(credential, row, subject)
        opened = _opens(credential, row.environment, subject, sure=demand != "lifetime") if why else []
        if opened:
            broken.append(Broken(name, credential.id, why, max(opened, key=_gravity)))
    return Held(name, f"credentials that open {row.environment} {text}", place(row.where), tuple(broken))


def _lives_too_long(credential: CredentialNode, row: ByEnvironment, subject: Subject) -> str:
    return _outlives(credential, row.longest, subject)


def _outlives(credential: CredentialNode, longest: timedelta | None, subject: Subject) -> str:
    """Why a credential lives too long, empty where it does not; what a person must be there for needs no end."""
    if longest is None or _is_guarded(credential):
        return ""
    if credential.lifetime.kind in {LifetimeKind.SESSION, LifetimeKind.UNKNOWN}:
        return ""
    end = credential.lifetime.ends()
    if end is None:
        known = credential.lifetime.kind is LifetimeKind.EXPIRES
        return "" if known else "it has no end"
    left = end - subject.machine.now
    return f"it ends in {_span(left)}" if left > longest else ""


def _lasts(credential: CredentialNode, longest: timedelta, subject: Subject) -> str:
    """The same for a token, of which some kinds do not tell their end, which is far off as a rule."""
    if credential.lifetime.kind is LifetimeKind.EXPIRES and credential.lifetime.ends() is None:
        return "its end is not told, and far off as a rule" if demands().is_lasting(credential.kind) else ""
    return _outlives(credential, longest, subject)


def _is_guarded(credential: CredentialNode) -> bool:
    """Whether its use needs a person each time, or a thing that nobody can copy."""
    return credential.protection is Protection.HARDWARE or not gates()[credential.barrier.gate].passable


def _kept_badly(credential: CredentialNode, row: ByEnvironment, subject: Subject) -> str:
    if row.protection is None or KEPT[credential.protection] >= KEPT[row.protection]:
        return ""
    return f"it lies in {credential.protection}"


def _in_workspace(credential: CredentialNode, row: ByEnvironment, subject: Subject) -> str:
    projects = subject.machine.projects
    inside = next(
        (
            told.path
            for told in credential.locations
            if told.path is not None and any(within(told.path, folder) for folder in projects)
        ),
        None,
    )
    return "it lies in a workspace" if inside is not None else ""


def _tokens(contract: Contract, subject: Subject) -> Iterator[Held]:
    demand = contract.require.tokens
    if demand is None:
        return
    tokens = [
        each
        for each in subject.graph.credentials.values()
        if demands().is_token(each.kind)
        and each.state not in ENDED
        and any(_counts(exposure, subject) for exposure in subject.opened.get(each.id, ()))
    ]
    if demand.scoped:
        yield Held(
            "require.tokens.scoped",
            "tokens are bound to chosen repositories, packages or zones",
            place(demand.where),
            tuple(
                _of_token("require.tokens.scoped", each, "it is bound to no repository", subject)
                for each in tokens
                if demands().is_unscoped(each.kind)
            ),
        )
    if demand.longest is not None:
        yield Held(
            "require.tokens.lifetime",
            f"tokens of forges, registries and clouds end within {_span(demand.longest)}",
            place(demand.where),
            tuple(
                _of_token("require.tokens.lifetime", each, why, subject)
                for each in tokens
                if (why := _lasts(each, demand.longest, subject))
            ),
        )


def _of_token(name: str, credential: CredentialNode, why: str, subject: Subject) -> Broken:
    return Broken(name, credential.id, why, _worst(credential, subject))


# --- what the probes found to be wrong by itself


def _defaults(contract: Contract, subject: Subject) -> Iterator[Held]:
    for row in contract.require.defaults:
        if row.allowed is False and row.environment is Environment.PRODUCTION:
            text = "no default (context, profile, project, workspace) points to production"
            yield _of_weaknesses("defaults", text, place(row.where), subject, apart=True)


def _private_keys(contract: Contract, subject: Subject) -> Iterator[Held]:
    demand = contract.require.private_keys
    if demand is not None and demand.on:
        held = _of_weaknesses("private_keys", "private keys stay where they are", place(demand.where), subject)
        bare = [
            Broken(held.id, each.id, "it has no passphrase", _worst(each, subject))
            for each in subject.graph.credentials.values()
            if demands().is_key(each.kind) and KEPT[each.protection] == 0
        ]
        text = "private keys have a passphrase or lie in hardware, and are lent to no other machine"
        yield replace(held, text=text, broken=(*bare, *held.broken))


def _worst(credential: CredentialNode, subject: Subject) -> Exposure | None:
    """The worst that a credential opens, None for one that opens nothing known."""
    return max(subject.opened.get(credential.id, ()), key=_gravity, default=None)


def _gravity(exposure: Exposure) -> tuple[int, float, str]:
    """Sort key: how bad it would be, and of the equally bad what an unrestricted process has most of."""
    return (exposure.severity.rank, exposure.ways[ANY_AGENT].score, exposure.id)


def _servers(contract: Contract, subject: Subject) -> Iterator[Held]:
    demand = contract.require.servers
    if demand is None:
        return
    where = place(demand.where)
    if demand.pinned:
        yield _of_weaknesses("servers.pinned", "MCP servers are fetched in a fixed version", where, subject)
    if not demand.secrets:
        yield _of_weaknesses("servers.secrets", "no secret is written out in an MCP server's file", where, subject)
    if not demand.floating_approval:
        text = "no MCP server is approved before anyone has seen it"
        yield _of_weaknesses("servers.floating_approval", text, where, subject)


def _of_weaknesses(demand: str, text: str, where: str, subject: Subject, *, apart: bool = False) -> Held:
    """A demand that certain weaknesses break: all of them one cause, since one habit mends them, or each `apart`."""
    name = f"require.{demand}"
    rules = demands().weaknesses[demand]
    found = sorted(
        (each for each in subject.graph.weaknesses if each.rule in rules),
        key=lambda each: (each.rule, str(each.evidence)),
    )
    groups = [[each] for each in found] if apart else [found] if found else []
    return Held(name, text, where, tuple(_of_group(name, group, apart=apart) for group in groups))


def _of_group(name: str, group: Sequence[Weakness], *, apart: bool) -> Broken:
    first = group[0]
    commands = dict.fromkeys(command for each in group for command in each.fix.commands)
    why = first.title if len(group) == 1 else f"{first.title}, and {len(group) - 1} more of the kind"
    cause = f"{name} {first.rule} {first.evidence.path or first.evidence.variable}" if apart else name
    fix = Fix(first.fix.summary, tuple(commands)[:SHOWN])
    return Broken(name, cause, why, evidence=tuple(each.evidence for each in group), fix=fix)


def _guardrails(contract: Contract, subject: Subject) -> Iterator[Held]:
    demand = contract.require.guardrails
    seen = {each.rule for each in subject.guardrails}
    for item in demand.items if demand is not None else ():
        there = any(fnmatchcase(rule, item) for rule in seen)
        missing = "" if there else f"whether there is a {item} was not seen from here"
        yield Held(
            f"require.guardrails.{item}", f"there is a {item}", place(demand.where) if demand else "", (), missing
        )


def _recovery(contract: Contract) -> Iterator[Held]:
    for row in contract.require.recovery:
        text = f"{row.asset} can be restored: tested on {row.restore_tested}, says {row.owner}; declared, not checked"
        yield Held(f"require.recovery.{row.asset}", text, place(row.where))


# --- lists


def _environment(contract: Contract, subject: Subject) -> Iterator[Held]:
    listed = contract.environment
    if listed is None:
        return
    fold = str.upper
    names = sorted(subject.machine.launch.values)
    beyond = [name for name in names if not any(fnmatchcase(fold(name), fold(item)) for item in listed.items)]
    passed = [name for name in beyond if any(each.judge.policy.commands.passes(name) for each in subject.acting)]
    broken: tuple[Broken, ...] = ()
    if passed:
        why = f"agents inherit {_some(passed)}"
        fix = Fix("Start agents from a shell that does not set them.")
        broken = (Broken("environment", "environment", why, evidence=(Evidence(variable=passed[0]),), fix=fix),)
    yield Held("environment", f"agents inherit only {_some(listed.items)}", place(listed.where), broken)


def _files(contract: Contract, subject: Subject) -> Iterator[Held]:
    never = contract.files.never
    if never is not None:
        yield _unreachable("files.never", never, subject)
    for name, listed, channel in (
        ("files.read", contract.files.read, Channel.READ),
        ("files.write", contract.files.write, Channel.WRITE),
    ):
        if listed is not None:
            yield _confined(name, listed, channel, subject)
    if contract.files.ask is not None:
        yield _asked("files.ask", contract.files.ask, Channel.WRITE, subject)


def _unreachable(name: str, listed: Listed, subject: Subject) -> Held:
    """No file that is meant may be read, with or without asking."""
    broken = []
    for each in subject.acting:
        for item in listed.items:
            found = each.judge.decide(Channel.READ, _sample_path(item, subject))
            if gates()[found.effective].factor > 0:
                why = f"{each.title} reads {item}: gate {found.gate}, {found.rule}"
                broken.append(_of_agent(name, each, why))
                break
    return Held(name, f"agents never read {_some(listed.items)}", place(listed.where), tuple(broken))


def _confined(name: str, listed: Listed, channel: Channel, subject: Subject) -> Held:
    """Nothing outside of what is listed may be read or written unasked."""
    outside = str(subject.machine.home / ".config" / SAMPLE / SAMPLE)
    broken = []
    for each in subject.acting:
        found = each.judge.decide(channel, outside)
        if found.passable:
            why = f"{each.title} may {channel} elsewhere too: gate {found.gate}, {found.rule}"
            broken.append(_of_agent(name, each, why))
    return Held(name, f"agents {channel} only {_some(listed.items)}", place(listed.where), tuple(broken))


def _asked(name: str, listed: Listed, channel: Channel, subject: Subject) -> Held:
    broken = []
    for each in subject.acting:
        for item in listed.items:
            target = item if channel is Channel.EXECUTE else _sample_path(item, subject)
            found = each.judge.decide(channel, target)
            if found.passable:
                why = f"{each.title} does not ask for {item}: gate {found.gate}, {found.rule}"
                broken.append(_of_agent(name, each, why))
                break
    return Held(name, f"agents ask before {_some(listed.items)}", place(listed.where), tuple(broken))


def _commands(contract: Contract, subject: Subject) -> Iterator[Held]:
    rules = contract.commands
    if rules.ask is not None:
        yield _asked("commands.ask", rules.ask, Channel.EXECUTE, subject)
    if rules.never is not None:
        yield _refused(rules.never, subject)
    if rules.allow is not None:
        broken = [
            _of_agent("commands.allow", each, f"{each.title} runs any command: gate {found.gate}, {found.rule}")
            for each in subject.acting
            if (found := each.judge.decide(Channel.EXECUTE, SAMPLE)).passable
        ]
        text = f"agents run unasked only {_some(rules.allow.items)}"
        yield Held("commands.allow", text, place(rules.allow.where), tuple(broken))


def _refused(listed: Listed, subject: Subject) -> Held:
    broken = []
    for each in subject.acting:
        for item in listed.items:
            found = each.judge.decide(Channel.EXECUTE, f"{item} {SAMPLE}")
            if gates()[found.effective].factor > 0:
                why = f"{each.title} can run {item}: gate {found.gate}, {found.rule}"
                broken.append(_of_agent("commands.never", each, why))
                break
    return Held("commands.never", f"agents never run {_some(listed.items)}", place(listed.where), tuple(broken))


def _network(contract: Contract, subject: Subject) -> Iterator[Held]:
    listed = contract.network
    if listed is None:
        return
    broken = []
    for each in subject.acting:
        for lane in each.judge.lanes:
            if not gates()[lane.ruling.effective].passable:
                continue
            beyond = (
                ["any host"]
                if lane.sandbox is None
                else [
                    host.glob
                    for host in lane.sandbox.hosts
                    if not any(fnmatchcase(host.glob, item) for item in listed.items)
                ]
            )
            if beyond:
                broken.append(_of_agent("network", each, f"{each.title} connects to {_some(beyond)} unasked"))
                break
    yield Held("network", f"agents connect only to {_some(listed.items)}", place(listed.where), tuple(broken))


def _mcp(contract: Contract, subject: Subject) -> Iterator[Held]:
    if contract.mcp is None:
        return
    judged = {each.seen.agent for each in subject.acting}
    beyond = [each for each in subject.servers if each.enabled is not False and each.client in judged]
    beyond = [each for each in beyond if each.name not in contract.mcp]
    names = sorted({each.name for each in beyond})
    broken: tuple[Broken, ...] = ()
    if names:
        fix = Fix(f"Take {_some(names)} out of the files that name them.")
        evidence = tuple(each.evidence for each in beyond)
        broken = (Broken("mcp", "mcp", f"further servers are set up: {_some(names)}", evidence=evidence, fix=fix),)
    where = place(contract.mcp_where) if contract.mcp_where is not None else contract.source
    yield Held("mcp", f"MCP servers are only {_some(sorted(contract.mcp)) or 'none'}", where, broken)


def _of_agent(clause: str, each: Acting, why: str) -> Broken:
    fix = agent_mend(each.seen.agent, "ask")
    return Broken(clause, each.id, why, principal=each.id, evidence=(each.seen.evidence,), fix=fix)


def _sample_path(glob: str, subject: Subject) -> str:
    """A path that a glob of files means."""
    base = subject.machine.workspace or subject.machine.home
    text = glob.replace("**/", f"{SAMPLE}/").replace("**", SAMPLE).replace("*", SAMPLE)
    if text.startswith("~"):
        return str(subject.machine.home / text.lstrip("~/\\"))
    return str(base / text)


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:SHOWN])
    return f"{shown} and {len(names) - SHOWN} more" if len(names) > SHOWN else shown


def _span(length: timedelta | None) -> str:
    """A length of time in the contract's own words: 12h, 7d."""
    if length is None:
        return "any time"
    hours = int(length.total_seconds() // 3600)
    if hours < 1:
        return f"{int(length.total_seconds() // 60)}m"
    return f"{hours // 24}d" if hours % 24 == 0 or hours > 72 else f"{hours}h"
