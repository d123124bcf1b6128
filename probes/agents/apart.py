"""One agent's reader never takes the others down: its defect is a Gap, and something else is told in its place."""

from collections.abc import Callable, Iterable, Iterator

from scanner.errors import place_of
from scanner.host import DeadlinePassed
from scanner.model import Gap, GapKind, Observation

Telling = Callable[[], Iterable[Observation]]


def apart(title: str, telling: Telling, instead: Telling) -> Iterator[Observation]:
    """All that a reader tells of an agent; where it has a defect, what is told `instead`. Raises DeadlinePassed."""
    try:
        found = list(telling())
    except DeadlinePassed:
        raise
    except Exception as error:  # whatever a reader stumbles over in a stranger's file
        yield Gap(GapKind.FAILED, title, f"a defect: {place_of(error)}; it is not judged by its own settings")
        found = list(instead())
    yield from found
