"""The first lines a person reads: what each principal can do, whether anyone is asked, and the shortest way to it."""

from collections.abc import Iterator, Mapping, Sequence
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


class Told(Struct, frozen=True):
    """One exposure's or one secret's part in an answer."""

    answer: Answer
    gate: Gate
    asset: str | None
    credential: str
    exposure: str | None
    order: tuple[object, ...]


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
    counted: dict[str, list[tuple[Exposure, AssetNode, CredentialNode]]] = field(default_factory=dict)
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
    those = sorted((each for each in told if each.answer is gravest), key=lambda each: each.order)
    best = those[0]
    production = {
        each.asset
        for each in those
        if each.asset is not None and read.graph.assets[each.asset].judged.environment is Environment.PRODUCTION
    }
    return Verdict(
        principal=principal,
        verdict=question.id,
        answer=gravest,
        assets=len(production),
        exposure=best.exposure,
        credential=best.credential,
        gate=best.gate,
        ways=len({each.exposure or each.credential for each in those}),
        step=_step(those, read.steps) if gravest is Answer.UNDECIDED else None,
    )


def _step(told: Sequence[Told], steps: Mapping[str, UndecidedStep]) -> UndecidedStep | None:
    """What would decide the first of them for which there is such a step."""
    subjects = (subject for each in told for subject in (each.credential, each.asset) if subject is not None)
    return next((steps[subject] for subject in subjects if subject in steps), None)


def _of_exposures(question: Question, read: Read, principal: str) -> list[Told]:
    """The gravest that exposures say: a large machine has many, and an answer rests on those alone."""
    if question.id not in read.counted:
        read.counted[question.id] = list(_counted(question, read))
    found = []
    answers: dict[tuple[int, Confidence, bool], Answer | None] = {}  # many exposures share their ways
    for exposure, asset, credential in read.counted[question.id]:
        way = exposure.ways.get(principal)
        if way is None:
            continue
        known = exposure.environment is not Environment.UNKNOWN or credential.account_wide
        key = (id(way), exposure.confidence, known)
        if key not in answers:
            answers[key] = _answer(exposure.confidence, way, known=known)
        answer = answers[key]
        if answer is not None:
            found.append((answer, exposure, way, asset))
    gravest = min((GRAVITY[each[0]] for each in found), default=0)
    return [_told(*each) for each in found if GRAVITY[each[0]] == gravest]


def _counted(question: Question, read: Read) -> Iterator[tuple[Exposure, AssetNode, CredentialNode]]:
    """The exposures that a question is about, whoever it is about."""
    for exposure in (each for class_ in question.classes for each in read.by_class.get(class_, ())):
        asset, credential = read.graph.assets[exposure.asset], read.graph.credentials[exposure.credential]
        if _counts(question, exposure, asset, credential):
            yield exposure, asset, credential


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


def _told(answer: Answer, exposure: Exposure, way: Way, asset: AssetNode) -> Told:
    order = (
        -gates()[way.effective].factor,
        asset.judged.environment is not Environment.PRODUCTION,
        not asset.crown_jewel,
        -exposure.severity.rank,
        DEGREES[exposure.confidence],
        len(exposure.path),
        exposure.id,
    )
    return Told(answer, way.gate, exposure.asset, exposure.credential, exposure.id, order)


def _of_secrets(read: Read, principal: str) -> list[Told]:
    """The secrets whose text the principal can take in, and so hand on: its model is elsewhere."""
    found = []
    for node, readings in read.readings.items():
        before = readings.get(principal)
        worth = _worth(node, read)
        answer = _of_reading(before) if before is not None and worth is not None else None
        if before is not None and worth is not None and answer is not None:
            found.append(Told(answer, before.gate, worth[0].asset, node, None, _of_secret(before, *worth)))
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
