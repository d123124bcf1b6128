"""What the files of all these command lines share: a host, whom one is signed in as there, and a token or none."""

from collections.abc import Iterator
from pathlib import PurePath

from probes.git.addresses import HOST
from probes.git.forges import forge
from probes.git.logins import Login, shown_user
from probes.modes import readable_by_others
from probes.yaml_text import Node, parse
from scanner.data.families import holds_token
from scanner.data.kinds import implied, kinds
from scanner.host import Host, TextFile
from scanner.model import CredentialSeen, Gap, Identity, Observation, Protection, Step

ACCOUNT_LIMIT = 200


def documents(host: Host, *patterns: str) -> Iterator[tuple[TextFile, Node] | Gap]:
    """The YAML of each file, once however many patterns name it."""
    seen: set[PurePath] = set()
    for file in host.read(*patterns):
        if isinstance(file, Gap):
            yield file
        elif file.path not in seen:
            seen.add(file.path)
            told = parse(file.text)
            yield from told.gaps(host.shown(file.path))
            if told.root is not None:
                yield file, told.root


def is_host(name: str) -> bool:
    """Whether a key may be taken for a host and shown as one."""
    return HOST.fullmatch(name) is not None and not holds_token(name)


def held(host: Host, file: TextFile, seen: Iterator[CredentialSeen]) -> Iterator[Observation]:
    """The credentials of a file, and whether others may read it."""
    found = list(seen)
    yield from found
    if found:
        yield from readable_by_others(host, file.place)


def in_keychain(login: Login, kind: str, step: Step) -> CredentialSeen:
    """A login whose secret the keychain holds; it is no gate, since the program that put it there prints it."""
    at, user = forge(login.host).host, shown_user(login)
    return CredentialSeen(
        kind=kind,
        evidence=login.evidence,
        identity=Identity(kinds()[kind].provider, at, user) if user else None,
        grants=implied(kind, at),
        protection=Protection.KEYCHAIN,
        names=(f"{user} at {at}" if user else at,),
        undecided=step,
    )
