"""The github probe: what it is, and whether there is anything for it to read."""

from collections.abc import Iterator

from probes.github.reads import FILES, VARIABLES
from scanner.host import Host
from scanner.model import Observation
from scanner.probe import probe


@probe(
    id="github",
    title="Logins of gh and of other forges' command lines",
    reads=(*FILES, *(f"env:{name}" for name in VARIABLES)),
)
def github(host: Host) -> Iterator[Observation]:
    """Finds whom gh, hub, Copilot and GitHub Desktop are signed in as, runners of Actions, and glab, tea and Azure's.

    **Why it matters.** What `gh auth login` leaves pushes to every repository that the person can push to, and has no
    end. Where the keychain holds it, `gh auth token` prints it all the same, and nobody is asked.

    **What it cannot tell.** The scopes of a token stand on the forge's side; a live answer tells them.

    **What it never does.** It runs neither gh nor any other command line, and opens no keychain.

    **Narrow it.** Give an agent a fine-grained token for one repository that ends within a week (GH_TOKEN for its
    process alone), and keep the person's own login out of its reach.
    """
    # The readers cost more to load than a look at whether there is anything for them.
    if all(host.variable(name) is None for name in VARIABLES) and not any(True for _ in host.places(*FILES)):
        return
    from probes.github.flow import told

    met: set[Observation] = set()
    for seen in told(host):
        if seen not in met:
            met.add(seen)
            yield seen
