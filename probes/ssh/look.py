"""The SSH probe: what it is, and whether there is anything for it to read."""

import re
from collections.abc import Iterator

from probes.ssh.reads import AGENT_VARIABLE, INCLUDED, LISTED, PIPES, READS, SOCKETS, SYSTEM_CONFIGS
from scanner.host import Host, Place, TextFile
from scanner.model import Observation
from scanner.patterns import Pattern
from scanner.probe import probe

# What a distribution's own configuration leaves unsaid; all else in it matters only beside a key, an agent or a host.
TELLING = Pattern(
    r"^[ \t]*(?:identity|certificatefile|control|forwardagent|proxy|localcommand|host[ \t]+[^*\s]|match)",
    re.IGNORECASE | re.MULTILINE,
)
INCLUDE = Pattern(r"^[ \t]*include[ \t=]+(.*)", re.IGNORECASE | re.MULTILINE)


@probe(id="ssh", title="SSH keys, agents and the hosts they open", reads=READS)
def ssh(host: Host) -> Iterator[Observation]:
    """Reads private keys, certificates and the client's configuration, and asks running agents which keys they hold.

    **Why it matters.** A key without a passphrase, a key in an agent and an open connection all sign in elsewhere
    with nobody asked. Which hosts a key opens is written on those hosts; here only the configuration and
    `known_hosts` tell. No host is contacted, and no program that the configuration names is started.

    **Narrow it.** Keep keys in a security key or behind a passphrase, load them with `ssh-add -c`, give each
    purpose a key of its own with IdentitiesOnly, prefer certificates that expire, and start agents without
    SSH_AUTH_SOCK.
    """
    # The readers cost more to load than a look at whether there is anything for them.
    if _anything(host):
        from probes.ssh.flow import told

        yield from told(host)


def _anything(host: Host) -> bool:
    """Whether a key, a setting or an agent may be there."""
    if host.variable(AGENT_VARIABLE.removeprefix("env:")) is not None or [*host.places(LISTED, *SOCKETS)]:
        return True
    if any(isinstance(found, Place) for found in host.places(*PIPES)):
        return True
    return any(not isinstance(found, TextFile) or _tells(found, host) for found in host.read(*SYSTEM_CONFIGS))


def _tells(config: TextFile, host: Host) -> bool:
    """Whether a configuration of the whole machine says anything, itself or by a file that it includes."""
    if TELLING.search(config.text) is not None:
        return True
    for match in INCLUDE.finditer(config.text):
        named = [host.resolve(word, config.path.parent) for word in match[1].split()]
        if any(path is None or any(True for _ in host.matches_named(INCLUDED, path)) for path in named):
            return True
    return False
