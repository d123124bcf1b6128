"""The probe of observed use: what it is, and whether there is anything for it to read."""

from collections.abc import Iterator

from scanner.data.records import patterns
from scanner.host import Host
from scanner.model import Observation
from scanner.probe import probe


@probe(id="uses", title="What agents really used", reads=patterns())
def uses(host: Host) -> Iterator[Observation]:
    """Reads agents' own transcripts for what they used: commands, files that hold credentials, hosts, tools.

    **Why it matters.** What was used fourteen times this week is needed, and what was never used can be taken away
    without anybody missing it. Where a person said yes to nearly every question, the question holds nothing back.

    **What it tells.** Programs with their sub-commands, names of hosts, tools of MCP servers, paths of files that may
    hold credentials; how often, in how many sessions, first and last. Never an argument, a value, or what anybody
    wrote. A command that was refused was not used.

    **What it cannot tell.** What lies beyond its bounds: it reads the newest 64 MiB of all records, 16 MiB of one
    file, and says where it stopped. Questions that a person answered with yes are kept by a few agents only.
    """
    # The readers cost more to load than a look at whether there is anything for them.
    from probes.uses.places import newest

    found = newest(host)
    if not found.files:
        yield from found.gaps
        return
    from probes.uses.flow import told

    yield from told(host, found)
