"""The probes of observed use, by agents and by you: what they are, and whether there is anything for them to read."""

from collections.abc import Iterator

from scanner.data.records import histories, patterns
from scanner.host import Host
from scanner.model import Gap, Observation
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


@probe(id="history", title="What you ran in your shells", reads=histories())
def history(host: Host) -> Iterator[Observation]:
    """Reads the histories of your shells for the programs that act with a login.

    **Why it matters.** What you use every day cannot be taken away, and what neither you nor an agent uses can.

    **What it tells.** Names of programs that are known to act with a login, with known sub-commands: `git push`,
    `kubectl get`; how often, first and last where the shell keeps times. Never an argument, a variable or a name that
    is not known: a secret that was pasted into a prompt stays where it is.

    **What it cannot tell.** Which account or context was named, and what a script ran.
    """
    found = [each for each in host.places(*histories()) if isinstance(each, Gap) or each.size or not each.readable]
    if all(isinstance(each, Gap) for each in found):
        yield from (each for each in found if isinstance(each, Gap))
        return
    # The readers cost more to load than a look at whether there is anything for them.
    from probes.uses.shells import told

    yield from told(host)
