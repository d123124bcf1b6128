"""What the readers of records say: what an agent did, in words that still hold values, and so go no further."""

from collections.abc import Callable, Iterator
from typing import ClassVar

import msgspec
from msgspec import Struct, field

from scanner.model import UseKind
from scanner.model.value import Value

TICK = 256  # lines between two looks at the clock
REFUSED_LIMIT = 400  # characters of an answer that may begin a refusal
DEPTH = 6  # of the parts of an answer


class Act(Value, frozen=True):
    """One thing that an agent did: a command line, a path, an address, a tool ("server/tool"), or a question.

    Of a question `text` is the channel that it is about, and `approved` whether a person said yes, None where the
    records do not tell. `at` is in seconds since 1970.
    """

    concealed: ClassVar[frozenset[str]] = frozenset({"text"})

    what: UseKind
    text: str
    at: float | None = None
    session: str = ""
    folder: str = ""
    approved: bool | None = None


class Record(Struct):
    """One file of records, and how much of it made no sense.

    `folder` is the one that a file beside it names, `log` that of a database, `changed` when the file last was.
    """

    data: bytes
    name: str
    tick: Callable[[], None]
    line_limit: int
    folder: str = ""
    log: bytes = b""
    changed: float | None = None
    broken: int = 0
    long: int = 0
    cut: bool = False

    def __repr__(self) -> str:  # a transcript shows nowhere
        return f"Record({self.name!r})"

    def lines(self, *wanted: bytes) -> Iterator[object]:
        """Each line of JSON in which any of these bytes stand; what else the line holds is not decoded."""
        for number, (start, end) in enumerate(self._told(wanted), start=1):
            if number % TICK == 0:
                self.tick()
            whole = end >= 0
            line = self.data[start : end if whole else len(self.data)]
            if len(line) > self.line_limit:
                self.long += 1
            elif (value := decoded(line)) is not None:
                yield value
            elif whole:  # the last line may be half written, or cut
                self.broken += 1

    def _told(self, wanted: tuple[bytes, ...]) -> Iterator[tuple[int, int]]:
        """Where each line begins and ends in which any of these bytes stand; -1 where no line end follows."""
        data, end = self.data, 0
        following = {each: data.find(each) for each in wanted}
        while end >= 0:
            following = {each: data.find(each, end) if at < end else at for each, at in following.items() if at >= 0}
            first = min((at for at in following.values() if at >= 0), default=-1)
            if first < 0:
                return
            start, end = data.rfind(b"\n", 0, first) + 1, data.find(b"\n", first)
            yield start, end

    def document(self) -> object:
        """The whole file as one JSON document; None where it was cut."""
        found = None if self.cut else decoded(self.data)
        self.broken += found is None and not self.cut
        return found


class Calls(Struct):
    """The calls of one session, and those among them that were refused: what was refused was not used."""

    acts: dict[str, list[Act]] = field(default_factory=dict)

    def add(self, name: str, acts: list[Act]) -> None:
        """Takes the acts of one call; a call that is told again, with its outcome, stands for both."""
        if acts:
            self.acts[name or f"#{len(self.acts)}"] = acts

    def drop(self, name: str) -> list[Act]:
        """Takes a call back that was refused."""
        return self.acts.pop(name, [])

    def all(self) -> Iterator[Act]:
        """Every call that was not refused."""
        for acts in self.acts.values():
            yield from acts


def decoded(line: bytes) -> object:
    """A line as JSON, None where it is none, or nested deeper than anything an agent writes."""
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


def at(value: object, *keys: str) -> object:
    """What stands under a key under a key, None where nothing does."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def text(value: object, *keys: str) -> str:
    """The text there, empty where there is none."""
    found = at(value, *keys)
    return found if isinstance(found, str) else ""


def items(value: object, *keys: str) -> list[object]:
    """The list there, empty where there is none."""
    found = at(value, *keys)
    return found if isinstance(found, list) else []


def words(value: object, depth: int = 0) -> str:
    """The beginning of an answer, whether it is one text or parts of texts."""
    if isinstance(value, str):
        return value[:REFUSED_LIMIT]
    if isinstance(value, list) and depth < DEPTH:
        return "\n".join(words(each, depth + 1) for each in value[:DEPTH])[:REFUSED_LIMIT]
    if isinstance(value, dict) and depth < DEPTH:
        return next((found for key in ("text", "content", "error") if (found := words(value.get(key), depth + 1))), "")
    return ""
