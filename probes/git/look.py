"""The git probe: what it is, and whether there is anything for it to read."""

from collections.abc import Iterator

from probes.git.enclosing import enclosing
from probes.git.reads import FILES, NAMED, REPOSITORY, SYSTEM, WORKFLOWS
from probes.ssh.reads import INCLUDED as SSH_INCLUDED
from probes.ssh.reads import SPARE_CONFIGS, SYSTEM_CONFIGS, USER_CONFIG
from scanner.host import Host
from scanner.model import Observation
from scanner.probe import probe

TELLING = ("GIT_CONFIG", "GIT_ASKPASS", "GIT_SSH", "GIT_PROXY_COMMAND", "GIT_EXTERNAL_DIFF", "SSH_ASKPASS")
SSH = (USER_CONFIG, SPARE_CONFIGS, *SYSTEM_CONFIGS, SSH_INCLUDED)


@probe(
    id="git",
    title="Logins that git keeps, and what they push to",
    reads=(*SYSTEM, *FILES, REPOSITORY, WORKFLOWS, *NAMED, "<include.path>", *SSH, "env:*"),
)
def git(host: Host) -> Iterator[Observation]:
    """Reads git's settings of every scope, the logins in them and beside them, and the remotes of the clones here.

    **Why it matters.** A login that `git push` finds by itself is found by an agent as well: in `~/.git-credentials`,
    in the address of a remote, in a header that a job's checkout left, in `.netrc`, or behind a helper that answers
    every process of this user. Which repositories it writes to, the clones on this machine tell.

    **What it cannot tell.** Whether the other side lets this login push to a repository; it is `inferred` where a clone
    pushes there and `possible` for other remotes. What a keychain holds for a helper is not asked.

    **What it never does.** It runs no helper, no hook and no program that a setting names, and it asks no cache.

    **Narrow it.** Keep logins in a keychain behind a helper that asks, give an agent a token for one repository that
    ends within a week, and take logins out of addresses.
    """
    # The readers cost more to load than a look at whether there is anything for them.
    if not _anything(host):
        return
    from probes.git.flow import told

    met: set[Observation] = set()
    for seen in told(host):
        if seen not in met:
            met.add(seen)
            yield seen


def _anything(host: Host) -> bool:
    """Whether a file, a variable or a repository is there to be read."""
    if any(name.startswith(TELLING) for name in host.variables().values):
        return True
    return any(True for _ in host.places(REPOSITORY, *FILES, *SYSTEM)) or any(True for _ in enclosing(host))
