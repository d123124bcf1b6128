"""The keychain probe: what it is, and whether there is anything for it to look at."""

from collections.abc import Iterator

from probes.keychain.reads import READS, STORES
from scanner.data.keychain import logins
from scanner.host import Host
from scanner.model import Observation
from scanner.probe import probe


@probe(id="keychain", title="Keychains, and logins in them that were named", reads=READS)
def keychain(host: Host) -> Iterator[Observation]:
    """Finds the stores in which this user's programs keep secrets, and tells whether anything stands before them.

    **Why it matters.** A keychain keeps a secret out of files and backups. It is no gate against a program that runs as
    the same user in the same session: while it is open, it answers whoever asks, and tools such as `gh auth token`
    print what they keep in it. A keyring with an empty password is a plain file.

    **What it reads.** That the stores exist, never what is in them. Files that look like a keychain and are none (a
    keyring without a password, keyring's plaintext backend) are read like any file. `--keychain gh` reads exactly the
    entries of that one program, and nobody is ever asked for a password: a locked keychain is a gap.

    **Narrow it.** Start agents without the session bus, let keychains lock after minutes, and keep what opens
    production where each use is confirmed.
    """
    named = [login for login in logins().values() if any(map(host.may_ask_keychain, login.services))]
    if not named and not [*host.places(*STORES)]:
        return
    from probes.keychain.named import of_login
    from probes.keychain.stores import stores

    yield from stores(host)
    for login in named:
        yield from of_login(login, host)
