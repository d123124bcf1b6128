"""The Google Cloud probe: what it is, and whether there is anything for it to read."""

from collections.abc import Iterator

from probes.gcloud.reads import FILES, FOLDERS, KEYS, ROAMING, VARIABLES
from scanner.host import Host
from scanner.model import Observation
from scanner.probe import probe


@probe(
    id="gcloud",
    title="Google Cloud sign-ins, service accounts and defaults",
    reads=(*FILES, *(f"env:{name}" for name in (*VARIABLES, ROAMING))),
)
def gcloud(host: Host) -> Iterator[Observation]:
    """Finds what gcloud and Google's libraries would act with: sign-ins, keys, cached tokens, and whom they become.

    **Why it matters.** A sign-in of gcloud is a refresh token in a plain file: it opens every project of its account
    until someone revokes it. A key of a service account has no end at all. The default project decides what a command
    without `--project` meets. None of these asks anybody.

    **What it cannot tell.** Roles stand in policies on Google's side. Each class is `possible` until scopes, a label
    or a live answer say more.

    **What it never does.** It runs no `executable` of a credential source, asks no metadata server and no address, and
    renews no token. The databases of gcloud are read from memory; what SQLite still keeps in a file beside them is
    said and not read.

    **Narrow it.** `gcloud auth revoke` and `gcloud auth application-default revoke` after use; for agents a service
    account with one narrow role, impersonated and without a key; a configuration of its own for each stage.
    """
    # The readers cost more to load than a look at whether there is anything for them.
    if not [*host.places(*FOLDERS, *KEYS)] and not any(map(host.variable, VARIABLES)):
        return
    from probes.gcloud.flow import told
    from probes.gcloud.near import Near

    met: set[Observation] = set()
    for seen in told(Near(host)):
        if seen not in met:
            met.add(seen)
            yield seen
