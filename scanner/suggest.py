"""The smallest contract that covers what was used in a period: what it allows and why, what it leaves out and loses.

Production is left out unless it is named. What an agent was asked for stays behind a question, and what only a person
did themselves an agent gets behind one.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from msgspec import Struct

from scanner.contract.judge import Judgement
from scanner.contract.match import fits
from scanner.data.gates import gates
from scanner.data.kinds import asset_kinds
from scanner.data.weights import weights
from scanner.listed import Ground, Lists, beginning, lists, why
from scanner.model import Capability, Confidence, Environment, Gate
from scanner.model.report import AssetInfo, Exposure, Principal, Report, Use, Used
from scanner.model.terms import UseKind
from scanner.needed import Needs

VALID = timedelta(days=90)  # a suggestion is to be made anew, from what is used by then
FEW = 5  # sessions
TOLD = 8  # things of a list for the reader
STAGES = frozenset({Environment.UNKNOWN, Environment.SHARED})
RECORDING = frozenset({"uses", "history"})  # probes that read records


class Wanted(Struct, frozen=True):
    """What is asked for: the contract's name, the period until now, and which production is to be in it.

    `include` holds globs over `kind:name` and names of environments.
    """

    name: str
    since: timedelta
    include: tuple[str, ...] = ()

    def names(self, asset: AssetInfo) -> bool:
        """Whether an asset was named."""
        return any(each == asset.environment or fits(each, f"{asset.kind}:{asset.name}") for each in self.include)


class Allowed(Struct, frozen=True):
    """One line of `allow`: classes on assets past at least a gate, and why."""

    capabilities: tuple[Capability, ...]
    assets: tuple[str, ...]
    gate: Gate | None
    why: str


class LeftOut(Struct, frozen=True):
    """Something of production that was used, or may have been: what, by what, and the name that puts it in."""

    what: str
    why: str
    include: str
    sure: bool = True


class Suggestion(Struct, frozen=True):
    """A contract in its parts, and what to know of it before it is used.

    `covered` are the exposures that it was made to allow, each with the agents that were seen to use it.
    """

    name: str
    until: date
    agents: tuple[str, ...]
    workspaces: tuple[str, ...]
    allow: tuple[Allowed, ...]
    lists: Lists
    covered: dict[str, frozenset[str]]
    left_out: tuple[LeftOut, ...]
    lost: tuple[str, ...]
    warnings: tuple[str, ...]
    seen: str


def beginnings(subjects: Iterable[str]) -> tuple[str, ...]:
    """The beginnings of command lines that uses tell, to ask agents about."""
    return tuple(sorted({beginning(each) for each in subjects}))


def suggested(report: Report, wanted: Wanted, known_agents: Iterable[str]) -> Suggestion | None:
    """The suggestion, None where nothing was used in the period; the order of the uses does not matter.

    `report` was told with the `beginnings` of its uses; `known_agents` are the ids that a contract may name.
    """
    now = report.host.judged_at
    uses = [each for each in report.uses if _is_use(each) and (each.last is None or each.last >= now - wanted.since)]
    if not uses:
        return None
    return _Making(report, wanted, uses, frozenset(known_agents)).made()


def refused(told: Suggestion, judgement: Judgement) -> frozenset[str]:
    """The covered exposures that a judgement by the suggestion still finds beyond it, by who was seen to use them.

    What `never` bans stays banned, so that of what was named something may be among them.
    """
    agents = {each.id: each.seen.agent for each in judgement.judged}
    return frozenset(
        each.exposure.id
        for item in judgement.items
        for each in item.broken
        if each.exposure is not None
        and each.clause.startswith(("allow", "never"))
        and agents.get(each.principal or "") in told.covered.get(each.exposure.id, ())
    )


def _is_use(use: Use) -> bool:
    return use.what not in {UseKind.PROMPT, UseKind.RECORDS, UseKind.START}


class _Needed(Struct, frozen=True):
    """What is needed of one class on one asset: by which uses, and the weakest gate that they pass.

    `exposures` are those that are used so, each with the agents that do.
    """

    asset: AssetInfo
    class_: Capability
    gate: Gate
    uses: tuple[Use, ...]
    exposures: tuple[tuple[str, frozenset[str]], ...]


class _Making:
    """One suggestion as it is made."""

    def __init__(self, report: Report, wanted: Wanted, uses: Sequence[Use], known: frozenset[str]) -> None:
        self.report = report
        self.wanted = wanted
        self.uses = uses
        self.needs = Needs(report, uses)
        self.titles = {each.agent: each.title for each in report.principals if each.agent is not None}
        self.agents = tuple(sorted({each.agent for each in uses} & known))
        self.folders = tuple(sorted({each.folder for each in uses if each.folder and each.agent in self.agents}))
        self.judged = _judged(report.principals, self.agents, self.folders)
        self.rows = self._needed()

    def made(self) -> Suggestion:
        """The whole of it."""
        kept = [each for each in self.rows if not self._is_kept_back(each)]
        back = [each for each in self.rows if self._is_kept_back(each)]
        covered = {name: frozenset(agents) for each in kept for name, agents in each.exposures}
        return Suggestion(
            name=self.wanted.name,
            until=(self.report.host.judged_at + VALID).date(),
            agents=self.agents,
            workspaces=self.folders,
            allow=tuple(self._allowed(kept)),
            lists=self._lists(kept, back),
            covered=covered,
            left_out=tuple(self._left_out(kept, back)),
            lost=tuple(self._lost(frozenset(covered))),
            warnings=tuple(self._warnings()),
            seen=self._seen(),
        )

    # --- what is needed

    def _needed(self) -> list[_Needed]:
        """What the uses need, a row for each class and asset, in a settled order."""
        rows: dict[tuple[str, Capability], list[tuple[Exposure, Gate, tuple[Use, ...]]]] = {}
        kinds = asset_kinds()
        for exposure in self.report.exposures:
            if not self.needs.counts(exposure) or self.needs.assets[exposure.asset].kind not in kinds:
                continue
            uses = self.needs.of(exposure)
            gate = self._passed(exposure, uses) if uses else None
            if gate is not None:
                rows.setdefault((exposure.asset, exposure.class_), []).append((exposure, gate, uses))
        found = [self._row(asset, class_, row) for (asset, class_), row in rows.items()]
        return sorted(found, key=lambda each: (each.asset.kind, each.asset.name, each.class_))

    def _row(self, asset: str, class_: Capability, row: Sequence[tuple[Exposure, Gate, tuple[Use, ...]]]) -> _Needed:
        return _Needed(
            asset=self.needs.assets[asset],
            class_=class_,
            gate=max((gate for _, gate, _ in row), key=_openness),
            uses=tuple(dict.fromkeys(use for _, _, uses in row for use in uses)),
            exposures=tuple(
                (exposure.id, frozenset(use.agent for use in uses if use.agent)) for exposure, _, uses in row
            ),
        )

    def _passed(self, exposure: Exposure, uses: Sequence[Use]) -> Gate | None:
        """The weakest gate that who used it passes; a question where only a person did; None where no agent gets there.

        Agents that are about to be judged are asked alone, each by all its folders.
        """
        users = {each.agent for each in uses}
        ways = {each.id: exposure.ways[each.id].effective for each in self.judged if each.id in exposure.ways}
        open_ = {name: gate for name, gate in ways.items() if gates()[gate].factor}
        mine = [open_[each.id] for each in self.judged if each.id in open_ and each.agent in users]
        if mine:
            return max(mine, key=_openness)
        if "" not in users or not open_:
            return None
        return min((Gate.PROMPT, max(open_.values(), key=_openness)), key=_openness)

    def _is_kept_back(self, needed: _Needed) -> bool:
        """Whether it is of production, or cannot be undone where that is not known, and was not named."""
        at = needed.asset.environment
        production = at is Environment.PRODUCTION or (at in STAGES and needed.class_ in weights().unknown_is_production)
        return production and not self.wanted.names(needed.asset)

    # --- lines of `allow`

    def _allowed(self, kept: Sequence[_Needed]) -> Iterator[Allowed]:
        """As few lines as say it: of one asset the classes past one gate together, then assets that are alike."""
        by_asset: dict[tuple[str, Gate], list[_Needed]] = {}
        for each in kept:
            by_asset.setdefault((_glob(each.asset), each.gate), []).append(each)
        alike: dict[tuple[int, Gate, tuple[Capability, ...]], list[str]] = {}
        for (asset, gate), row in by_asset.items():
            classes = tuple(each for each in Capability if any(each is one.class_ for one in row))
            alike.setdefault((-gates()[gate].factor, gate, classes), []).append(asset)  # type: ignore[arg-type]
        for (_, gate, classes), assets in sorted(alike.items(), key=lambda each: (each[0][0], each[1], each[0][2])):
            rows = [one for asset in assets for one in by_asset[asset, gate]]
            told = why([use for one in rows for use in one.uses], self.report)
            yield Allowed(classes, tuple(sorted(assets)), None if gates()[gate].factor == 1 else gate, told)

    def _lists(self, kept: Sequence[_Needed], back: Sequence[_Needed]) -> Lists:
        ground = Ground(
            report=self.report,
            needs=self.needs,
            uses=self.uses,
            agents=frozenset(self.agents),
            kept=frozenset(use for each in kept for use in each.uses),
            back=frozenset(use for each in back for use in each.uses),
            open_=[each.asset for each in kept if gates()[each.gate].passable],
            is_kept_back=lambda asset: asset.environment is Environment.PRODUCTION and not self.wanted.names(asset),
        )
        return lists(ground)

    # --- what to know of it

    def _left_out(self, kept: Sequence[_Needed], back: Sequence[_Needed]) -> Iterator[LeftOut]:
        """What of production was used, by asset; where something else may have been meant as well it is not sure."""
        elsewhere = {(use, each.class_) for each in kept for use in each.uses}
        rows: dict[str, list[_Needed]] = {}
        for each in back:
            rows.setdefault(each.asset.id, []).append(each)
        for row in sorted(rows.values(), key=lambda each: (each[0].asset.kind, each[0].asset.name)):
            asset = row[0].asset
            name, classes = f"{asset.kind}:{asset.name}", ", ".join(each.class_ for each in row)
            uses = [use for each in row for use in each.uses]
            sure = any((use, each.class_) not in elsewhere for each in row for use in each.uses)
            yield LeftOut(f"{classes} on {name} ({asset.environment})", why(uses, self.report), _glob(asset), sure)

    def _lost(self, covered: frozenset[str]) -> Iterator[str]:
        """What the agents get to today, and is not in it, by environment; and what of it nobody was seen to use."""
        ids = {each.id for each in self.judged}
        reached = [each for each in self.report.exposures if self.needs.counts(each) and _is_open(each, ids)]
        beyond = [each for each in reached if each.id not in covered]
        for environment in Environment:
            row = [each for each in beyond if each.environment is environment]
            if row:
                assets = len({each.asset for each in row})
                yield f"{environment}: {len(row)} ways to {assets} {'asset' if assets == 1 else 'assets'}"
        idle = self._idle({each.credential for each in reached})
        if idle:
            yield f"never seen in use, and could be taken away: {_listed(idle)}"
        opened: dict[str, dict[str, None]] = {}
        for each in reached:
            asset = self.needs.assets[each.asset]
            opened.setdefault(each.credential, {})[f"{asset.kind}:{asset.name} ({asset.environment})"] = None
        for credential in self.needs.unexplained():
            if credential.id in opened and credential.used is not None and self._is_of_then(credential.used):
                what = _listed(list(opened[credential.id]))
                yield f"{credential.title}, {credential.used.how}: what for is not known; nothing on {what} is allowed"

    def _is_of_then(self, used: Used) -> bool:
        """Whether it was used in the period, as far as is known."""
        return used.last is None or used.last >= self.report.host.judged_at - self.wanted.since

    def _idle(self, reached: set[str]) -> list[str]:
        return [each.title for each in self.report.credentials if each.id in reached and each.used is None]

    def _seen(self) -> str:
        """How much was observed: sessions by agent, what shells tell, and the first and last day."""
        told = [f"{count} {_sessions(count)} of {self.titles.get(agent, agent)}" for agent, count in self._sessions()]
        told += sorted({each.how.removeprefix("you, in ") for each in self.uses if not each.agent})
        days = [day for each in self.uses for day in (each.first, each.last) if day is not None]
        span = list(dict.fromkeys(f"{day:%Y-%m-%d}" for day in (min(days), max(days)))) if days else []
        return ", ".join(filter(None, (*told, " to ".join(span))))

    def _sessions(self) -> list[tuple[str, int]]:
        """The sessions of each agent, as far as told: in each folder as many as the thing that most of them used."""
        most: dict[tuple[str, str], int] = {}
        for each in self.uses:
            if each.agent:
                key = (each.agent, each.folder or "")
                most[key] = max(most.get(key, 0), each.sessions)
        agents = sorted({agent for agent, _ in most})
        return [(agent, sum(count for (each, _), count in most.items() if each == agent)) for agent in agents]

    def _warnings(self) -> Iterator[str]:
        """What makes it less sure: little that was seen, records that were not read, agents that it is not about."""
        count = sum(count for _, count in self._sessions())
        if count < FEW:
            few = f"only {count} {_sessions(count)}" if count else "no session"
            yield f"{few} of agents in that time: work that is not in it may be missing"
        timeless = sum(each.last is None for each in self.uses)
        if timeless:
            yield f"of {timeless} uses it is not known when they were; they count"
        for each in self.report.uses:
            if each.what == UseKind.RECORDS:
                yield f"{each.subject}: {each.how}"
        yield from (f"{gap.place}: {gap.why}" for gap in self.report.gaps if gap.probe in RECORDING)
        here = {each.agent for each in self.report.principals if each.agent is not None and not each.notional}
        absent = [self.titles[agent] for agent in sorted(here - set(self.agents))] if self.agents else []
        if absent:
            yield f"here and not seen in use, so that the contract is not about them: {', '.join(absent)}"
        for name in self.wanted.include:
            if not any(Wanted("", VALID, (name,)).names(each.asset) for each in self.rows):
                yield f"--include {name}: nothing of it was used"


def _judged(principals: Sequence[Principal], agents: Sequence[str], folders: Sequence[str]) -> tuple[Principal, ...]:
    """The principals that the contract is about, as `judge.judged` takes them."""
    every = [each for each in principals if each.agent is not None]
    named = [each for each in every if not agents or each.agent in agents]
    there = [each for each in named if not folders or (each.workspace or "~") in folders]
    return tuple(there or named or every)


def _openness(gate: Gate) -> tuple[float, str]:
    """How little a gate holds back, and one order among equals."""
    return (gates()[gate].factor, gate)


def _is_open(exposure: Exposure, principals: set[str]) -> bool:
    """Whether one of them surely gets there."""
    ways = (way for name, way in exposure.ways.items() if name in principals)
    return exposure.confidence is not Confidence.POSSIBLE and any(gates()[way.effective].factor for way in ways)


def _glob(asset: AssetInfo) -> str:
    """The glob that means one asset."""
    return f"{asset.kind}:" + "".join(f"[{char}]" if char in "*?[" else char for char in asset.name)


def _listed(names: Sequence[str]) -> str:
    """The first few names, each once with how often it stands there, and how many more there are."""
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    shown = [name if count == 1 else f"{name} ({count})" for name, count in counts.items()]
    more = f" and {len(shown) - TOLD} more" if len(shown) > TOLD else ""
    return f"{', '.join(shown[:TOLD])}{more}"


def _sessions(count: int) -> str:
    return "session" if count == 1 else "sessions"
