"""The probe for secrets in files that no other probe knows by their place."""

from collections.abc import Iterator

from scanner.host import Host
from scanner.model import Observation
from scanner.probe import probe


@probe(id="anywhere", title="Secrets in other files", reads=("sweep",), last=True)
def anywhere(host: Host) -> Iterator[Observation]:
    """Reads the files of the home whose names tell that they may hold secrets: scripts, settings, histories, copies.

    **Why it matters.** An agent reads what its user may read. What was pasted into a script, stayed in a history or in
    the old copy of a file serves it as well as what stands in the file that everybody knows of.

    **Narrow it.** Revoke what is not needed any more and delete the copies; hand what is needed to the one command that
    needs it, from a keychain or a secret manager.
    """
    from probes.anywhere.flow import secrets

    yield from secrets(host)
