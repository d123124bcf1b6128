"""The history of Aider, kept as text in the repository, by its source (io.py, base_coder.py).

What the model proposes to run needs a yes each time, which is written behind the question; `--yes-always` does not
count for it. The time of a session is written without a zone, and is taken as UTC.
"""

import re
from collections.abc import Iterator

from probes.uses import tools
from probes.uses.acts import TICK, Act, Record
from probes.uses.times import moment

STARTED = "# aider chat started at "
RUNNING = "> Running "
QUESTION = re.compile(r"> Run shell commands?\? .{0,80}\]: (?P<said>[a-z])\s*")


def acts(record: Record) -> Iterator[Act]:
    """The commands that were run, and what was said to each question."""
    session, when = "", record.changed
    for number, line in enumerate(record.data.decode("utf-8", "replace").split("\n")):
        if number % TICK == 0:
            record.tick()
        if line.startswith(STARTED):
            session = line.strip()
            when = moment(session.removeprefix(STARTED))
        elif line.startswith(RUNNING):
            command = {"command": line.removeprefix(RUNNING).strip()}
            yield from tools.acts("shell", command, when, session, record.folder)
        elif found := QUESTION.fullmatch(line):
            said = found["said"] == "y"
            yield tools.question("shell", approved=said, when=when, session=session, folder=record.folder)
