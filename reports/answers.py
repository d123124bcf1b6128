"""Who was judged and what each answer is, read so that nothing unknown ever passes for "could do nothing"."""

from collections.abc import Sequence

from msgspec import Struct

from reports import words
from scanner.data.verdicts import questions
from scanner.model.report import ANY_AGENT, Principal, Report, Verdict

NAMES = 3  # principals in one list
CAN = 3  # questions in the headline
TEXT = 120
NONE_FOUND = "none found"
UNCLEAR = "unclear"  # an answer that is none of ours
ANSWERS = ("yes", "likely", UNCLEAR, "if approved", "undecided")  # gravest first
GRAVITY = {answer: index for index, answer in enumerate(ANSWERS)}
UNRESTRICTED = Principal(ANY_AGENT, "any process of yours")


class Block(Struct, frozen=True):
    """Questions that are answered alike, of the same principals and by the same credential."""

    answer: str
    verdicts: tuple[Verdict, ...]
    principals: tuple[str, ...]

    @property
    def first(self) -> Verdict:
        """The one whose way is shown."""
        return self.verdicts[0]


class Answers(Struct, frozen=True):
    """The answers, gravest first, of those who were judged.

    `unjudged` are agents of whom the report says nothing by themselves; `none` the questions for which nothing was
    found, `untold` those that it does not answer.
    """

    judged: tuple[Principal, ...]
    unjudged: tuple[Principal, ...]
    blocks: tuple[Block, ...]
    none: tuple[str, ...]
    untold: tuple[str, ...]

    def names(self, principals: Sequence[str], most: int = NAMES) -> str:
        """Principals by their titles, a long list folded."""
        titles = {each.id: words.titled(each) for each in self.judged}
        return words.some(words.once(titles.get(each, words.clipped(each, TEXT)) for each in principals), most)


def answers(report: Report) -> Answers:
    """The report's answers over its agents; over an unrestricted process too where an agent was not judged."""
    judged, unjudged = agents_of(report)
    ids = {each.id for each in judged}
    told: dict[str, list[Verdict]] = {row.id: [] for row in questions().rows}
    for verdict in report.verdicts:
        if verdict.principal in ids:
            told.setdefault(verdict.verdict, []).append(verdict)
    blocks = _blocks(told)
    whole = {each for each, found in told.items() if ids <= {verdict.principal for verdict in found}}
    answered = {each.verdict for block in blocks for each in block.verdicts}
    return Answers(
        judged=tuple(judged),
        unjudged=tuple(unjudged),
        blocks=tuple(blocks),
        none=tuple(each for each in told if each in whole and each not in answered),
        untold=tuple(each for each in told if each not in whole and each not in answered),
    )


def agents_of(report: Report) -> tuple[list[Principal], list[Principal]]:
    """Those whose answers are shown, and the agents that have none of their own.

    An older document, or one that someone else wrote, may answer for any-agent alone, or for someone that it does not
    list: then the upper bound counts, or the stranger is shown by its id.
    """
    answered = dict.fromkeys(each.principal for each in report.verdicts)
    listed = {each.id: each for each in report.principals}
    agents = dict.fromkeys([*listed, *(each.id for each in report.agents)])
    unjudged = [each for each in agents if each != ANY_AGENT and each not in answered]
    judged = [listed.get(each) or Principal(each, each) for each in answered if each != ANY_AGENT]
    judged.sort(key=lambda each: list(agents).index(each.id) if each.id in agents else len(agents))
    titles = {each.id: each.title for each in report.agents}
    if unjudged or not judged:
        judged.append(UNRESTRICTED)
    return judged, [listed.get(each) or Principal(each, titles.get(each, each)) for each in unjudged]


def kind_of(verdict: Verdict) -> str:
    """An answer as one of those we know; every other is unclear, and never none."""
    if verdict.answer.startswith(NONE_FOUND):
        return NONE_FOUND
    return verdict.answer if verdict.answer in GRAVITY else UNCLEAR


def asks(verdict: str) -> str:
    """What a verdict is about, as what one can do."""
    known = any(row.id == verdict for row in questions().rows)
    return questions().asks(verdict) if known else f"{words.clipped(verdict, 40)} (not known to this version)"


def _blocks(told: dict[str, list[Verdict]]) -> list[Block]:
    """Each question by its gravest answer; those with the same answer, by the same way, of the same share a block."""
    alike: dict[tuple[str, str | None, tuple[str, ...]], list[Verdict]] = {}
    for found in told.values():
        grave = [(kind_of(each), each) for each in found if kind_of(each) in GRAVITY]
        if not grave:
            continue
        gravest = min((kind for kind, _ in grave), key=GRAVITY.__getitem__)
        same = [each for kind, each in grave if kind == gravest]
        who = tuple(dict.fromkeys(each.principal for each in same))
        alike.setdefault((gravest, same[0].credential, who), []).append(same[0])
    blocks = [Block(answer, tuple(group), who) for (answer, _, who), group in alike.items()]
    return sorted(blocks, key=lambda each: GRAVITY[each.answer])


def headline(told: Answers) -> str:
    """The gravest answers in a sentence."""
    if not told.blocks:
        who = told.names([each.id for each in told.judged])
        if told.untold:
            return f"This report does not say what {who} could do."
        return f"Nothing was found by which {who} could do harm here."
    first = told.blocks[0]
    gravest = [block for block in told.blocks if (block.answer, block.principals) == (first.answer, first.principals)]
    can = words.some([asks(each.verdict) for block in gravest for each in block.verdicts], CAN)
    return _said(first.answer, _who(first, told), can)


def _who(block: Block, told: Answers) -> str:
    """The subject of the headline; of agents that are all only supposed, said once."""
    shown = [each for each in told.judged if each.id in block.principals]
    if shown and all(each.notional for each in shown):
        names = words.some(words.once(words.clipped(each.title, 60) for each in shown), NAMES)
        return f"If you installed {names} today, {'it' if len(shown) == 1 else 'they'}"
    names = told.names(block.principals)
    return names[:1].upper() + names[1:]


def _said(answer: str, who: str, can: str) -> str:
    match answer:
        case "yes":
            return f"{who} can {can}, and no person is asked."
        case "likely":
            return f"{who} can probably {can}, and no person is asked."
        case "if approved":
            return f"{who} can {can} once a person says yes."
        case "undecided":
            return f"{who} may be able to {can}: that is not decided."
        case _:
            return f"{who} may be able to {can}: the answer is one that this version does not know."
