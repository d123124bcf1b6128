"""The terraform probe: what it is, and whether there is anything for it to read."""

from collections.abc import Iterator

from probes.terraform.reads import (
    BACKEND_FILE,
    HERE,
    ROOTS,
    SETTINGS,
    STATE_FILE,
    TOKEN_VARIABLE,
    TOKENS,
    WORKSPACE_FILE,
)
from scanner.host import Host
from scanner.model import Observation
from scanner.probe import probe


@probe(
    id="terraform",
    title="Terraform states, workspaces and tokens",
    reads=(*ROOTS, *HERE, *TOKENS, *SETTINGS, WORKSPACE_FILE, BACKEND_FILE, STATE_FILE, "env:*"),
)
def terraform(host: Host) -> Iterator[Observation]:
    """Finds which states and workspaces a command of terraform would act on from here, and the tokens it would use.

    **Why it matters.** `terraform apply` and `destroy` act on the workspace that was selected last; nothing in the
    prompt or the code says which one that is. A state holds every password of its resources in plain text, and the
    keys of its backend lie in the folder once terraform was initialised with them.

    **What it never does.** It starts neither terraform nor a credentials helper, and asks no backend.

    **Narrow it.** Select a workspace of development, give production a folder and a sign-in of its own, and let
    agents plan with a role that can only read.
    """
    # The readers cost more to load than a look at whether there is anything for them.
    marked = any(name.startswith((TOKEN_VARIABLE, "TF_WORKSPACE", "TF_DATA_DIR")) for name in host.variables().values)
    if not marked and next(host.places(*ROOTS, *HERE, *TOKENS, *SETTINGS), None) is None:
        return
    from probes.terraform.flow import told

    met: set[Observation] = set()
    for seen in told(host):
        if seen not in met:
            met.add(seen)
            yield seen
