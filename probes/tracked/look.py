"""The probe that tells how git stands to files with secrets: what it is, and whether there is any such file."""

from collections.abc import Iterator

from probes.tracked.reads import READS
from scanner.host import Host
from scanner.model import CredentialSeen, Observation
from scanner.probe import probe


@probe(id="tracked", title="Files with secrets that git takes along", reads=READS, follows=True)
def tracked(host: Host) -> Iterator[Observation]:
    """Looks, for every file that another probe saw a secret in, whether git tracks it, ignores it, or neither.

    **Why it matters.** A secret in a file that git tracks is in the history, from where nobody takes it back, and goes
    wherever the repository is pushed and cloned. One that is neither tracked nor ignored goes there with the next
    `git add -A`, which is how agents add.

    **What it cannot tell.** Whether it was pushed, and whether the history holds a secret that is in no file now. Files
    that a filter such as git-crypt encrypts are told as tracked, and are no weakness.

    **What it never does.** It runs no git: the index and the rules of what is ignored are read as git reads them.

    **Narrow it.** Change a secret that was tracked, take its file out of the index, and name it in `.gitignore`.
    """
    # The readers cost more to load than a look at whether there is anything for them.
    if not any(isinstance(seen, CredentialSeen) and seen.evidence.path is not None for seen in host.seen):
        return
    from probes.tracked.flow import told

    yield from told(host)
