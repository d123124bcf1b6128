"""Lines of styled text on a page: wrapped to its width, made safe for its terminal."""

from collections.abc import Iterator, Sequence
from functools import cache

from msgspec import Struct, field

from reports.page import Page
from scanner.text import printable

NARROWEST = 20
LABEL = 10  # columns of a field's name
ASCII = {
    "…": "...",
    "·": "-",
    "→": "->",
    "×": "x",
    "◆": "#",
    "▲": "^",
    "●": "*",
    "○": "o",
    "─": "-",
    "✗": "x",
    "✓": "+",
}


class Styled(Struct, frozen=True):
    """Text in one of rich's styles; a plain str is text without one."""

    text: str
    style: str = ""


Words = str | Styled


class Sheet(Struct):
    """What was written so far, a line each; nothing on it is wider than the page."""

    page: Page
    lines: list[tuple[Styled, ...]] = field(default_factory=list)

    @property
    def width(self) -> int:
        """The page's columns; a page narrower than 20 is taken for one of 20."""
        return max(self.page.width, NARROWEST)

    def gap(self) -> None:
        """An empty line, unless the last is empty or there is none."""
        if self.lines and self.lines[-1]:
            self.lines.append(())

    def head(self, text: str) -> None:
        """A heading, with an empty line before it."""
        self.gap()
        self.line(Styled(text, "bold"))

    def line(self, *words: Words, indent: int = 0, hang: int = 0) -> None:
        """Text from `indent` on, what does not fit on further lines, `hang` columns deeper."""
        spans = self._safe(words)
        plain = "".join(span.text for span in spans).rstrip(" ")
        for number, (start, end) in enumerate(_pieces(plain, self.width - indent, hang)):
            margin = " " * (indent + hang if number else indent)
            self.lines.append((Styled(margin), *_cut(spans, start, end)))

    def row(self, *words: Words, indent: int = 0) -> None:
        """One line; what does not fit is left off, and a sign says so."""
        spans = self._safe(words)
        plain = "".join(span.text for span in spans)
        room = self.width - indent
        if _cells(plain) <= room:
            self.lines.append((Styled(" " * indent), *spans))
            return
        sign = self._sign("…")
        end = _fitting(plain, 0, room - len(sign))
        self.lines.append((Styled(" " * indent), *_cut(spans, 0, end), Styled(sign)))

    def field(self, label: str, *words: Words, indent: int = 4, column: int = LABEL) -> None:
        """A label, and beside it what belongs to it."""
        self.line(Styled(f"{label:<{column}}", "dim"), *words, indent=indent, hang=column)

    def paste(self, other: "Sheet") -> None:
        """The lines of another sheet of the same page."""
        self.lines += other.lines

    def written(self) -> bytes:
        """The bytes for the terminal; without colour there is no control byte in them but the newline."""
        lines = [_trimmed(line) for line in self.lines]
        shown = _coloured if self.page.color else _plain
        return "".join("".join(map(shown, line)) + "\n" for line in lines).encode()

    def _safe(self, words: Sequence[Words]) -> list[Styled]:
        """The words with nothing in them that a terminal would obey or could not show."""
        spans = [Styled(each) if isinstance(each, str) else each for each in words]
        return [Styled(self._sign(printable(span.text)), span.style) for span in spans]

    def _sign(self, text: str) -> str:
        if self.page.unicode or text.isascii():
            return text
        for sign, plain in ASCII.items():
            text = text.replace(sign, plain)
        return text.encode("ascii", "backslashreplace").decode()


def _plain(span: Styled) -> str:
    return span.text


def _coloured(span: Styled) -> str:
    """The text between the codes of its style. Whether a terminal takes them, who made the page has judged."""
    from rich.color import ColorSystem
    from rich.style import Style

    return Style.parse(span.style).render(span.text, color_system=ColorSystem.STANDARD)


@cache
def _cell(character: str) -> int:
    """The columns of a character, at the most: a variation selector may widen the one before it."""
    from rich.cells import get_character_cell_size

    return 1 if character == "\ufe0f" else get_character_cell_size(character)


def _cells(text: str) -> int:
    return len(text) if text.isascii() else sum(map(_cell, text))


def _pieces(text: str, room: int, hang: int) -> Iterator[tuple[int, int]]:
    """Where each line begins and ends in the text; what stands in the first `hang` columns is not parted."""
    start, floor = 0, hang
    while (end := _fitting(text, start, room)) < len(text):
        stop = _break(text, start + floor, max(end, start + 1))
        yield start, stop
        if not start:
            room, floor = room - hang, 0
        start = stop
        while start < len(text) and text[start] == " ":
            start += 1
    yield start, len(text)


def _fitting(text: str, start: int, room: int) -> int:
    """The end of what fits into so many columns from `start` on; one character at the least."""
    used = 0
    for at in range(start, len(text)):
        used += _cell(text[at])
        if used > room:
            return max(at, start + 1)
    return len(text)


def _break(text: str, floor: int, end: int) -> int:
    """The best place to break a line that may reach to `end`: at a blank, else after a slash, else there."""
    blank = end if text[end] == " " else text.rfind(" ", floor, end)
    if blank > floor and text[floor:blank].strip():
        return blank
    # After a slash; before a backslash, which may begin the escape of a character.
    slash = max(text.rfind("/", floor, end) + 1, text.rfind("\\", floor, end))
    return slash if slash > floor + (end - floor) // 3 else end


def _cut(spans: Sequence[Styled], start: int, end: int) -> Iterator[Styled]:
    """The part of the text between two places, each bit in its own style."""
    at = 0
    for span in spans:
        bit = span.text[max(0, start - at) : max(0, end - at)]
        at += len(span.text)
        if bit:
            yield Styled(bit, span.style)


def _trimmed(line: Sequence[Styled]) -> list[Styled]:
    """The line without blanks at its end."""
    kept = list(line)
    while kept and not kept[-1].text.rstrip(" "):
        kept.pop()
    if kept:
        kept[-1] = Styled(kept[-1].text.rstrip(" "), kept[-1].style)
    return kept
