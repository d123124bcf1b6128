"""The first screen of a report: who can do what, by which shortest way, what stands before it, and the one mend."""

from collections.abc import Callable, Sequence
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace

from reports import words
from reports.answers import ANSWERS, UNCLEAR, Answers, Block, asks
from reports.lookup import Lookup
from reports.page import Page
from reports.sheet import Sheet, Styled, Words
from scanner.model.report import Before, Credential, Location, Report, Verdict, Way

SCREEN = (80, 24)  # what must hold every answer that matters
NAME = 60
TEXT = 120
ASKED = 8  # questions in one line, which is all of ours
FEW = 2  # principals beside an answer
COLUMN = 13  # of the answers
NARROW = 60  # columns below which what belongs to an answer stands below it
SAYS = {
    "yes": ("YES", "bold red"),
    "likely": ("LIKELY", "red"),
    UNCLEAR: ("UNCLEAR", "red"),
    "if approved": ("IF APPROVED", "yellow"),
    "undecided": ("UNDECIDED", "cyan"),
}


class Telling(Struct, frozen=True):
    """What a block's lines are made from."""

    report: Report
    found: Lookup
    told: Answers
    page: Page


def verdicts(sheet: Sheet, report: Report, found: Lookup, told: Answers) -> None:
    """All answers within the first screen: the gravest with their ways, the others as short as need be."""
    telling = Telling(report, found, told, sheet.page)
    end = Sheet(sheet.page)
    _end(end, telling)
    width, height = SCREEN
    room = (height if sheet.width >= width else height * width // sheet.width) - len(sheet.lines) - len(end.lines) - 1
    for number, part in enumerate(_fitted(telling, room)):
        if part.spaced or not number:
            sheet.gap()
        sheet.paste(part.sheet)
    if end.lines:
        sheet.gap()
        sheet.paste(end)


def _fitted(telling: Telling, room: int) -> list["Part"]:
    """Each block drawn: all in the shortest form, then in fuller ones, the gravest first, as far as there is room."""
    blocks = telling.told.blocks
    forms: list[Form] = [_in_a_line for _ in blocks]
    for form, answers in STAGES:
        for number, block in enumerate(blocks):
            if block.answer in answers and FORMS.index(form) > FORMS.index(forms[number]):
                tried = [*forms[:number], form, *forms[number + 1 :]]
                forms = tried if _height(_drawn(tried, telling)) <= room else forms
    return _held(_drawn(forms, telling), telling, room)


def _held(parts: list["Part"], telling: Telling, room: int) -> list["Part"]:
    """What there is room for even so, and how many answers are left: a document may ask more than we do."""
    if _height(parts) <= room:
        return parts
    kept = [part for number, part in enumerate(parts) if _height(parts[: number + 1]) < room] or parts[:1]
    shown = sum(len(part.asks) for part in kept)
    left = [asked for part in parts[len(kept) :] for asked in part.asks]
    grave = sum(answer in GRAVE for answer in left)
    more = Sheet(telling.page)
    more.line(f"and {len(left)} answers more after these {shown}, {grave} of them as grave; each agent's are below")
    return [*kept, Part(more, False)]


def _height(drawn: Sequence["Part"]) -> int:
    """The lines that they take, with an empty one before each that has parts of its own."""
    return sum(len(each.sheet.lines) + each.spaced for each in drawn) + 1


class Part(Struct, frozen=True):
    """Blocks as they are drawn, whether an empty line goes before them, and the answers that they give."""

    sheet: Sheet
    spaced: bool
    asks: tuple[str, ...] = ()


def _drawn(forms: Sequence["Form"], telling: Telling) -> list[Part]:
    """The blocks in their forms; of those that get no more than a line, neighbours may share it."""
    parts: list[Part] = []
    for (form, _, _), group in groupby(zip(forms, telling.told.blocks, strict=True), key=_folds):
        blocks = [block for _, block in group]
        for block in [_together(blocks)] if form is _in_a_line else blocks:
            parts.append(Part(Sheet(telling.page), form is not _in_a_line, (block.answer,) * len(block.verdicts)))
            form(parts[-1].sheet, block, telling)
    return parts


def _folds(drawn: tuple["Form", Block]) -> tuple["Form", str, tuple[str, ...]]:
    form, block = drawn
    return form, block.answer, block.principals


def _together(blocks: Sequence[Block]) -> Block:
    first, *_ = blocks
    return Block(first.answer, tuple(each for block in blocks for each in block.verdicts), first.principals)


def _end(sheet: Sheet, telling: Telling) -> None:
    """What nothing was found for, what is not told, and whose answers are only an upper bound."""
    gaps = len(telling.report.gaps)
    looked = f" (but {words.count(gaps, 'place')} not looked at)" if gaps else ""
    if telling.told.none:
        _answer(sheet, Styled("none found", "dim"), f"{_listed(telling.told.none)}{looked}")
    if telling.told.untold:
        _answer(sheet, Styled("not told", "dim"), _listed(telling.told.untold))
    if telling.told.unjudged:
        names = words.some(words.once(words.titled(each) for each in telling.told.unjudged), 3)
        sheet.line(f"Of {names} alone this report tells nothing: what any process could do counts for them.")


def _listed(verdicts: Sequence[str]) -> str:
    shown = [asks(each) for each in verdicts[:ASKED]]
    return "; ".join([*shown, f"and {len(verdicts) - ASKED} more"] if len(verdicts) > ASKED else shown)


def _answer(sheet: Sheet, said: Styled, *told: Words) -> None:
    """An answer and what it is an answer to."""
    if sheet.width < NARROW:
        sheet.line(said)
        sheet.line(*told, indent=2)
    else:
        sheet.line(Styled(f"{said.text:<{COLUMN}}", said.style), *told, hang=COLUMN)


def _said(block: Block) -> Styled:
    return Styled(*SAYS[block.answer])


# --- the forms of a block, shortest first


def _in_a_line(sheet: Sheet, block: Block, telling: Telling) -> None:
    """What, and by whom."""
    who = telling.told.names(block.principals, FEW)
    _answer(sheet, _said(block), _listed([each.verdict for each in block.verdicts]), Styled(f"  {who}", "dim"))


def _with_its_place(sheet: Sheet, block: Block, telling: Telling) -> None:
    """What, by whom, and through what."""
    _in_a_line(sheet, block, telling)
    _by(sheet, block, telling, whole=False)


def _in_rows(sheet: Sheet, block: Block, telling: Telling) -> None:
    """Everything, what is long cut off; a command never is."""
    _answer(sheet, _said(block), Styled(_listed([each.verdict for each in block.verdicts]), "bold"))
    _who(sheet, block, telling, whole=False)
    _by(sheet, block, telling, whole=False)
    _mend(sheet, block, telling, whole=False)


def _in_full(sheet: Sheet, block: Block, telling: Telling) -> None:
    """Everything."""
    _answer(sheet, _said(block), Styled(_listed([each.verdict for each in block.verdicts]), "bold"))
    _who(sheet, block, telling, whole=True)
    _by(sheet, block, telling, whole=True)
    _mend(sheet, block, telling, whole=True)


Form = Callable[[Sheet, Block, Telling], None]
FORMS: tuple[Form, ...] = (_in_a_line, _with_its_place, _in_rows, _in_full)

# Who is given room, in this order.
GRAVE = ("yes", "likely", UNCLEAR)
STAGES: tuple[tuple[Form, tuple[str, ...]], ...] = (
    (_in_rows, GRAVE),
    (_with_its_place, ANSWERS),
    (_in_rows, ANSWERS),
    (_in_full, ANSWERS),
)


def _part(sheet: Sheet, label: str, *told: Words, whole: bool) -> None:
    """A labelled part below an answer; wrapped as a whole, else one row of it."""
    indent, column = (2, 7) if sheet.width < NARROW else (2, COLUMN - 2)
    if whole:
        sheet.field(label, *told, indent=indent, column=column)
    else:
        sheet.row(Styled(f"{label:<{column}}", "dim"), *told, indent=indent)


def _who(sheet: Sheet, block: Block, telling: Telling, *, whole: bool) -> None:
    """Who, what stands before it, and how much it is about."""
    gate = _before(block, telling) if block.answer != "undecided" else ""
    ways, assets = max(each.ways for each in block.verdicts), max(each.assets for each in block.verdicts)
    reach = [words.count(ways, "way") if ways > 1 else "", words.count(assets, "production asset") if assets else ""]
    unclear = f'the report says "{words.clipped(block.first.answer, NAME)}"' if block.answer == UNCLEAR else ""
    parts = [unclear, f"{telling.told.names(block.principals)}{': ' if gate else ''}{gate}", *reach]
    _part(sheet, "who", "; ".join(part for part in parts if part), whole=whole)


def _before(block: Block, telling: Telling) -> str:
    """What stands before it, of the first of its principals."""
    gate = block.first.gate
    if gate is None:
        return ""
    way = _decided(block.first, telling)
    return words.before(gate, way.stands_for if way is not None else None)


def _decided(verdict: Verdict, telling: Telling) -> Way | Before | None:
    """The way, or the reading, that a verdict rests on."""
    exposure = telling.found.by_exposure.get(verdict.exposure or "")
    if exposure is not None:
        return exposure.ways.get(verdict.principal)
    credential = telling.found.by_id.get(verdict.credential or "")
    return credential.readings.get(verdict.principal) if credential is not None else None


def _by(sheet: Sheet, block: Block, telling: Telling, *, whole: bool) -> None:
    """The shortest way: the place of the credential, what it is, and where it leads."""
    credential = telling.found.by_id.get(block.first.credential or "")
    exposure = telling.found.by_exposure.get(block.first.exposure or "")
    if credential is None and exposure is not None:
        credential = telling.found.by_id.get(exposure.credential)
    if credential is None:
        return
    asset = telling.found.assets.get(exposure.asset) if exposure is not None else None
    leads = f" → {words.clipped(words.asset(asset), NAME)}" if asset is not None else ""
    place, title = _place(credential.locations, whole=whole), words.clipped(credential.title, NAME)
    if not whole and COLUMN + len(place) + 2 + len(title) + len(leads) > sheet.width:
        leads = ""  # half an asset's name tells nobody anything
    _part(sheet, "by", Styled(place, "bold"), f"  {title}{leads}", whole=whole)


def _place(locations: Sequence[Location], *, whole: bool) -> str:
    if not locations:
        return "somewhere"
    return words.clipped(words.place(locations[0] if whole else replace(locations[0], key=None)), TEXT if whole else 48)


def _mend(sheet: Sheet, block: Block, telling: Telling, *, whole: bool) -> None:
    """The one command that mends it, or the one step that would decide it, else what to do in words."""
    step = block.first.step
    if block.answer == "undecided" and step is not None:
        _part(sheet, "decide", Styled(words.clipped(step.action, 2 * TEXT), "cyan"), whole=True)
        return
    credential = telling.found.by_id.get(block.first.credential or "")
    if credential is None:
        return
    told = _first_step(credential)
    _part(sheet, "mend", *told, whole=whole or isinstance(told[0], Styled))


def _first_step(credential: Credential) -> list[Words]:
    """A credential's mend: its first command and how many follow, else what to do in words."""
    if credential.mend is None or not credential.mend.commands:
        return [words.clipped(credential.narrow or "take it off this machine", 2 * TEXT)]
    first, *others = credential.mend.commands
    rest: list[Words] = [Styled(f"  then {len(others)} more, below", "dim")] if others else []
    return [Styled(f"$ {first}", "cyan"), *rest]
