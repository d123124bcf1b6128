"""A command line of a shell taken apart into simple commands, as careful agents do before they judge it."""

from collections.abc import Iterator

LIMIT = 20_000  # characters of a line
DEEP = 8  # substitutions within one another
BREAKS = ";|&\n"
BLANKS = " \t\r"


def simple_commands(line: str) -> tuple[str, ...] | None:
    """The simple commands of a line, those of its substitutions too, each once; None where it cannot be told.

    Lists (`a; b`, `a && b`), pipes, background jobs, subshells, groups, `$(...)`, `<(...)` and backticks are taken
    apart. What stands in single quotes is no command, and what follows a `#` is a comment.
    """
    if len(line) > LIMIT:
        return None
    reader = _Reader(line)
    found = tuple(dict.fromkeys(reader.commands("", 0)))
    return None if reader.broken else found


class _Reader:
    """Reads from left to right; `broken` where a quote or a bracket is never closed."""

    def __init__(self, line: str) -> None:
        self._line = line
        self._at = 0
        self.broken = False

    def commands(self, end: str, depth: int) -> Iterator[str]:
        """The commands up to the sign that ends them, and those within each before it."""
        words = ""
        while self._at < len(self._line):
            sign = self._line[self._at]
            if end and sign == end:
                self._at += 1
                yield from _told(words)
                return
            if sign in BREAKS and not self._redirects(words):
                yield from _told(words)
                words = ""
                self._at += 1
            elif sign == "#" and (not words or words[-1] in BLANKS):
                self._at = self._line.find("\n", self._at) % (len(self._line) + 1)
            elif sign == "(" and not words.strip():
                self._at += 1
                yield from self._inside(")", depth)
            else:
                begun = self._at
                yield from self._word(depth)
                words += self._line[begun : self._at]
        yield from _told(words)
        self.broken = self.broken or bool(end)

    def _redirects(self, words: str) -> bool:
        """Whether an ampersand belongs to a redirection: `2>&1`, `&>file`."""
        after = self._line[self._at + 1 : self._at + 2]
        return self._line[self._at] == "&" and (words.endswith((">", "<")) or after == ">")

    def _word(self, depth: int) -> Iterator[str]:
        """Passes over one sign, or a whole quote or substitution; yields the commands in it."""
        sign, after = self._line[self._at], self._line[self._at + 1 : self._at + 2]
        if sign == "\\":
            self._at += 2
        elif sign == "'":
            self._at = self._behind("'")
        elif sign == '"':
            self._at += 1
            yield from self._quoted(depth)
        elif sign == "`":
            self._at += 1
            yield from self._inside("`", depth)
        elif sign in "$<>" and after == "(":
            self._at += 2
            yield from self._inside(")", depth)
        else:
            self._at += 1

    def _quoted(self, depth: int) -> Iterator[str]:
        """The commands of substitutions within double quotes."""
        while self._at < len(self._line):
            sign = self._line[self._at]
            if sign == '"':
                self._at += 1
                return
            if sign == "\\":
                self._at += 2
            elif sign == "`" or self._line.startswith("$(", self._at):
                self._at += 1 if sign == "`" else 2
                yield from self._inside("`" if sign == "`" else ")", depth)
            else:
                self._at += 1
        self.broken = True

    def _inside(self, end: str, depth: int) -> Iterator[str]:
        if depth >= DEEP:
            self.broken = True
            self._at = len(self._line)
            return
        yield from self.commands(end, depth + 1)

    def _behind(self, quote: str) -> int:
        end = self._line.find(quote, self._at + 1)
        self.broken = self.broken or end < 0
        return end + 1 if end >= 0 else len(self._line)


def _told(words: str) -> Iterator[str]:
    """A simple command without the signs of a group around it."""
    text = " ".join(words.split())
    while text.startswith(("{ ", "! ")):
        text = text[2:]
    if text and text != "}":
        yield text
