"""The files that may hold SSH keys, read once: private keys, public halves, certificates."""

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import PurePath

from msgspec import Struct, field
from msgspec.structs import replace

from probes.ssh.certificates import Certificate, certificate
from probes.ssh.keys import Damaged, PrivateKey, derived, private_keys, private_text
from probes.ssh.reads import KEY_FILE, LISTED, NAMED_KEY
from probes.ssh.targets import DEFAULT_NAMES, KeyNames
from probes.ssh.wire import Malformed, PublicKey, public_key, public_line
from scanner.host import FileKind, Host, Place, TextFile
from scanner.model import Gap, GapKind, Platform

FILE_LIMIT = 500
PUBLIC = re.compile(r"\s*(?:ssh|ecdsa|sk|rsa)-\S{1,60} AAAA")
NO_KEYS = ("known_hosts*", "authorized_keys*", "config", "config.*", "rc", "environment")


class KeyFile(Struct, frozen=True):
    """A private key and the file it lies in."""

    path: PurePath
    place: Place
    key: PrivateKey
    default: bool

    @property
    def names(self) -> KeyNames:
        """What the configuration may call it."""
        public = self.key.public
        return KeyNames(frozenset({self.path}), public.fingerprint if public else None, self.default)


class Signed(Struct, frozen=True):
    """A certificate and the file it lies in."""

    path: PurePath
    certificate: Certificate


class Stores(Struct):
    """What the files hold; `halves` are public keys by the path of the file they lie in or belong to."""

    keys: list[KeyFile] = field(default_factory=list)
    certificates: list[Signed] = field(default_factory=list)
    halves: dict[PurePath, PublicKey] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)


def read_stores(host: Host, named: Iterable[PurePath]) -> Iterator[Gap | Stores]:
    """Reads ~/.ssh and the named key files with what lies beside them; the last item is what they hold."""
    stores = Stores()
    waiting: list[TextFile] = []
    for found in _texts(host, named, stores):
        if isinstance(found, Gap):
            yield found
        elif private_text(found.text):
            waiting.append(found)
        elif found.path.name.lower().endswith(".pub") or PUBLIC.match(found.text):
            yield from _public(host, found, stores)
    for file in waiting:  # after the public halves, which some formats need
        yield from _private(host, file, stores)
    yield stores


def _texts(host: Host, named: Iterable[PurePath], stores: Stores) -> Iterator[TextFile | Gap]:
    count = 0
    for place in host.places(LISTED):
        if isinstance(place, Gap):
            yield place
        elif place.kind is FileKind.FILE and not any(fnmatchcase(place.path.name.lower(), each) for each in NO_KEYS):
            count += 1
            if count > FILE_LIMIT:
                yield Gap(GapKind.LIMIT, "~/.ssh", f"more than {FILE_LIMIT} files; the rest was not read", read=LISTED)
                break
            yield from _once(host, KEY_FILE, place.path, stores)
    for path in named:
        if not path.name:
            continue
        for ending in ("", ".pub", "-cert.pub"):
            yield from _once(host, NAMED_KEY, path.parent / (path.name + ending), stores)


def _once(host: Host, declared: str, path: PurePath, stores: Stores) -> Iterator[TextFile | Gap]:
    name = str(path) if host.platform is Platform.LINUX else str(path).casefold()
    if name not in stores.seen:
        stores.seen.add(name)
        yield from host.read_named(declared, path)


def _public(host: Host, file: TextFile, stores: Stores) -> Iterator[Gap]:
    try:
        line = public_line(file.text)
        if line is None:
            return
        blob, comment = line
        signed, key = certificate(blob), public_key(blob)
    except Malformed:
        yield Gap(GapKind.FAILED, host.shown(file.path), "a damaged public key or certificate")
        return
    if signed is not None:
        stores.certificates.append(Signed(file.path, signed))
    stores.halves[file.path] = key
    if signed is None and file.path.suffix.lower() == ".pub":
        stores.halves.setdefault(file.path.with_suffix(""), key)
    if comment:
        stores.comments.setdefault(key.fingerprint, comment)


def _private(host: Host, file: TextFile, stores: Stores) -> Iterator[Gap]:
    default = file.path.parent == host.home / ".ssh" and file.path.name in DEFAULT_NAMES
    for found in private_keys(file.text):
        if isinstance(found, Damaged):
            yield Gap(found.kind, host.shown(file.path), f"line {found.line}: {found.why}")
            continue
        key = found if found.public is not None else replace(found, public=_half(file.path, found, stores))
        if key.public is not None:
            stores.halves[file.path] = key.public
        stores.keys.append(KeyFile(file.path, file.place, key, default))


def _half(path: PurePath, key: PrivateKey, stores: Stores) -> PublicKey | None:
    """The public half that lies beside a key which hides it, else worked out from the key itself."""
    beside = stores.halves.get(path)
    if beside is not None or key.cipher is not None:
        return beside
    return derived(key)
