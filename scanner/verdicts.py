"""The first lines a person reads: what each principal can do, whether anyone is asked, and the shortest way to it."""

from collections.abc import Iterator, Mapping, Sequence, Set
from enum import StrEnum

from msgspec import Struct, field

from scanner.data.gates import gates
from scanner.data.verdicts import Question, questions
from scanner.graph import AssetNode, CredentialNode, Graph
from scanner.model import Capability, Confidence, CredentialState, Environment, Gate
from scanner.model.report import Before, Exposure, UndecidedStep, Verdict, Way

OUTSIDE = frozenset({Environment.DEVELOPMENT, Environment.SANDBOX})
MAYBE = frozenset({Environment.PRODUCTION, Environment.UNKNOWN})
SURE = frozenset({Confidence.GRANTED, Confidence.VERIFIED})
ENDED = frozenset({CredentialState.EXPIRED, CredentialState.REVOKED})


class Answer(StrEnum):
    """What a verdict can say, gravest first."""

    YES = "yes"
    LIKELY = "likely"
    IF_APPROVED = "if approved"
    UNDECIDED = "undecided"
    NONE_FOUND = "none found"


DEGREES = {confidence: index for index, confidence in enumerate(Confidence)}
GRAVITY = {answer: index for index, answer in enumerate(Answer)}


class Crowd(Struct, frozen=True):
    """Exposures that say the same of every principal, the `first` of them by the order of an answer's ways.

    `known`: their environment is, or does not matter. `production` are the assets among theirs that lie there.
    """

    known: bool
    first: Exposure
    order: tuple[object, ...]
    members: Sequence[Exposure]
    ids: Set[str]
    production: Set[str]


class Told(Struct, frozen=True):
    """The part in an answer of exposures that say the same, or of one secret with what it opens.

    `credential`, `asset` and `exposure` are those of the first.
    """

    answer: Answer
    gate: Gate
    asset: str
    credential: str
    exposure: str | None
    order: tuple[object, ...]
    members: Sequence[Exposure]
    ids: Set[str]
    production: Set[str]


class Read(Struct, frozen=True):
    """All that an answer is made of.

    `by_class` and `opened` are the exposures by class and by credential; `readings`, by credential, who reads its
    text; `steps` what would decide. `counted`, by question, and `worth`, by credential, are kept for all principals.
    """

    graph: Graph
    by_class: Mapping[Capability, Sequence[Exposure]]
    opened: Mapping[str, Sequence[Exposure]]
    readings: Mapping[str, Mapping[str, Before]]
    steps: Mapping[str, UndecidedStep]
    counted: dict[str, list[Crowd]] = field(default_factory=dict)
    worth: dict[str, tuple[Exposure, int] | None] = field(default_factory=dict)


def verdicts(read: Read, principal: str) -> list[Verdict]:
    """The answer to each question about one principal, in the order of the questions."""
    return [_verdict(question, read, principal) for question in questions().rows]


def said(answers: Sequence[Verdict], *wanted: Answer) -> tuple[str, ...]:
    """The ids of the verdicts with one of these answers."""
    return tuple(each.verdict for each in answers if each.answer in wanted)


def _verdict(question: Question, read: Read, principal: str) -> Verdict:
    told = [*_of_exposures(question, read, principal)]
    if question.secrets:
        told += _of_secrets(read, principal)
    if not told:
        return Verdict(principal, question.id, Answer.NONE_FOUND, 0, None)
    gravest = min(told, key=lambda each: GRAVITY[each.answer]).answer
    those = [each for each in told if each.answer is gravest]
    best = min(those, key=lambda each: each.order)
    return Verdict(
        principal=principal,
        verdict=question.id,
        answer=gravest,
        assets=len(set().union(*(each.production for each in those))),
        exposure=best.exposure,
        credential=best.credential,
        gate=best.gate,
        ways=len(set().union(*(each.ids for each in those))),
        step=_step(those, read) if gravest is Answer.UNDECIDED else None,
    )


def _step(told: Sequence[Told], read: Read) -> UndecidedStep | None:
    """What would decide the first of them for which there is such a step."""
    found = [row for each in told for row in _decidable(each, read)]
    return read.steps[min(found)[1]] if found else None


def _of_exposures(question: Question, read: Read, principal: str) -> list[Told]:
    """The gravest that exposures say: a large machine has many, and an answer rests on those alone."""
    if question.id not in read.counted:
        read.counted[question.id] = _crowds(question, read)
    found = []
    for crowd in read.counted[question.id]:
        way = crowd.first.ways.get(principal)
        answer = _answer(crowd.first.confidence, way, known=crowd.known) if way is not None else None
        if way is not None and answer is not None:
            found.append((answer, crowd, way))
    gravest = min((GRAVITY[answer] for answer, _, _ in found), default=0)
    return [_told(*each) for each in found if GRAVITY[each[0]] == gravest]


def _crowds(question: Question, read: Read) -> list[Crowd]:
    """The exposures that a question is about, whoever it is about; many share their ways."""
    together: dict[tuple[int, Confidence, bool], list[Exposure]] = {}
    for exposure in (each for class_ in question.classes for each in read.by_class.get(class_, ())):
        asset, credential = read.graph.assets[exposure.asset], read.graph.credentials[exposure.credential]
        if _counts(question, exposure, asset, credential):
            known = exposure.environment is not Environment.UNKNOWN or credential.account_wide
            together.setdefault((id(exposure.ways), exposure.confidence, known), []).append(exposure)
    return [_crowd(members, read, known=known) for (_, _, known), members in together.items()]


def _crowd(members: Sequence[Exposure], read: Read, *, known: bool) -> Crowd:
    first = min(members, key=lambda each: _order(each, read))
    production = {each.asset for each in members if each.environment is Environment.PRODUCTION}
    return Crowd(known, first, _order(first, read), members, {each.id for each in members}, production)


def _counts(question: Question, exposure: Exposure, asset: AssetNode, credential: CredentialNode) -> bool:
    """Whether a question is about that exposure at all; of secrets it is about those of any asset that matters."""
    if credential.state in ENDED or asset.asset.kind in questions().aside:
        return False
    environment = asset.judged.environment
    of_secrets = question.secrets and exposure.class_ is Capability.SECRETS_READ
    return environment in MAYBE if question.production and not of_secrets else environment not in OUTSIDE


def _answer(confidence: Confidence, way: Way, *, known: bool) -> Answer | None:
    """What an exposure says whose environment is `known`, or does not matter; None where the way is shut."""
    if gates()[way.effective].factor == 0:
        return None
    if confidence is Confidence.POSSIBLE:
        return Answer.UNDECIDED
    if not gates()[way.effective].passable:
        return Answer.UNDECIDED if way.gate is Gate.UNKNOWN else Answer.IF_APPROVED
    return Answer.YES if known and confidence in SURE and way.gate is not Gate.UNKNOWN else Answer.LIKELY


def _told(answer: Answer, crowd: Crowd, way: Way) -> Told:
    first = crowd.first
    order = (-gates()[way.effective].factor, *crowd.order)
    return Told(
        answer, way.gate, first.asset, first.credential, first.id, order, crowd.members, crowd.ids, crowd.production
    )


def _order(exposure: Exposure, read: Read) -> tuple[object, ...]:
    """The place of an exposure among the ways of an answer, behind what its gate says."""
    return (
        exposure.environment is not Environment.PRODUCTION,
        not read.graph.assets[exposure.asset].crown_jewel,
        -exposure.severity.rank,
        DEGREES[exposure.confidence],
        len(exposure.path),
        exposure.id,
    )


def _decidable(told: Told, read: Read) -> Iterator[tuple[tuple[object, ...], str]]:
    """What steps there are for: the exposures, or the secret, each with its place among the ways."""
    for each in told.members:
        subject = _subject(each.credential, each.asset, read)
        if subject is not None:
            yield (told.order[0], *_order(each, read)), subject
    subject = _subject(told.credential, told.asset, read) if not told.members else None
    if subject is not None:
        yield told.order, subject


def _subject(credential: str, asset: str, read: Read) -> str | None:
    return next((each for each in (credential, asset) if each in read.steps), None)


def _of_secrets(read: Read, principal: str) -> list[Told]:
    """The secrets whose text the principal can take in, and so hand on: its model is elsewhere."""
    found = []
    for node, readings in read.readings.items():
        before = readings.get(principal)
        worth = _worth(node, read)
        answer = _of_reading(before) if before is not None and worth is not None else None
        if before is not None and worth is not None and answer is not None:
            worst, rank = worth
            production = {worst.asset} if worst.environment is Environment.PRODUCTION else set()
            order = _of_secret(before, worst, rank)
            found.append(Told(answer, before.gate, worst.asset, node, None, order, (), {node}, production))
    return found


def _worth(node: str, read: Read) -> tuple[Exposure, int] | None:
    """What a secret opens that matters: in production where anything is, and how bad the worst of it is."""
    if node not in read.worth:
        opened = [each for each in read.opened.get(node, ()) if _matters(read.graph.assets[each.asset])]
        if read.graph.credentials[node].state in ENDED or not opened:
            read.worth[node] = None
        else:
            worst = min(opened, key=lambda each: (each.environment is not Environment.PRODUCTION, each.id))
            read.worth[node] = (worst, max(each.severity.rank for each in opened))
    return read.worth[node]


def _matters(asset: AssetNode) -> bool:
    return asset.judged.environment not in OUTSIDE and asset.asset.kind not in questions().aside


def _of_secret(before: Before, worst: Exposure, rank: int) -> tuple[object, ...]:
    """The place of a secret among the ways of an answer, by the same order as that of exposures."""
    return (
        -gates()[before.effective].factor,
        worst.environment is not Environment.PRODUCTION,
        False,
        -rank,
        0,
        0,
        worst.credential,
    )


def _of_reading(before: Before) -> Answer | None:
    told = gates()[before.effective]
    if told.factor == 0:
        return None
    if before.gate is Gate.UNKNOWN:
        return Answer.LIKELY if told.passable else Answer.UNDECIDED
    return Answer.YES if told.passable else Answer.IF_APPROVED
