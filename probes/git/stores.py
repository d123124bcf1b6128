"""Files in which git's helpers keep logins: `store`, Git Credential Manager, cookies, client keys."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import PurePath

from probes.git.addresses import HOST, address
from probes.git.chains import Setting
from probes.git.forges import forge, git_hosts
from probes.git.logins import Login, halves, login_seen
from probes.git.reads import CLIENT_KEY, COOKIES, MANAGER, MANAGER_FILE, MANAGER_PASS, MANAGER_SEALED, STORES
from probes.modes import readable_by_others
from scanner.data.families import holds_token
from scanner.data.kinds import implied
from scanner.host import Host, TextFile
from scanner.model import (
    OPEN,
    Barrier,
    CredentialSeen,
    Evidence,
    Gap,
    GapKind,
    Gate,
    Grant,
    Identity,
    Lifetime,
    LifetimeKind,
    Observation,
    Protection,
)
from scanner.shapes import PRIVATE, label

LINE_LIMIT = 5000
NAMED_LIMIT = 50  # files that settings name
COOKIE_PARTS = 7


def store_logins(host: Host, named: Iterable[tuple[str, PurePath]]) -> Iterator[Observation]:
    """The logins of every store file, those that a helper's option names too."""
    seen: set[PurePath] = set()
    for file in _files(host, STORES, named):
        if isinstance(file, Gap):
            yield file
        elif file.path not in seen:
            seen.add(file.path)
            yield from _store(file, host)


def _files(host: Host, patterns: tuple[str, ...], named: Iterable[tuple[str, PurePath]]) -> Iterator[TextFile | Gap]:
    yield from host.read(*patterns)
    for declared, path in list(dict.fromkeys(named))[:NAMED_LIMIT]:
        yield from host.read_named(declared, path)


def _store(file: TextFile, host: Host) -> Iterator[Observation]:
    """One login a line; a line that is no address with a login is told by its number."""
    bad: list[int] = []
    found = False
    lines = file.text.split("\n")
    for number, line in enumerate(lines[:LINE_LIMIT], start=1):
        if not line.strip() or line.startswith("#"):
            continue
        parsed = address(line)
        pair = halves(parsed.user, parsed.password) if parsed is not None else None
        if parsed is None or pair is None:
            bad.append(number)
            continue
        raw = (line.strip().partition("://")[2].rpartition("@")[0].rpartition(":")[2],)
        login = Login(parsed.host, pair[0], pair[1], Evidence(file.path, number), parsed.path, raw=raw)
        for seen in login_seen(login, host):
            found = True
            yield seen
    if bad:
        told = ", ".join(map(str, bad[:10])) + (" and more" if len(bad) > 10 else "")
        yield Gap(GapKind.FAILED, host.shown(file.path), f"no address with a login in line {told}")
    if len(lines) > LINE_LIMIT:
        yield Gap(GapKind.LIMIT, host.shown(file.path), f"more than {LINE_LIMIT} lines; the rest was not judged")
    if found:
        yield from readable_by_others(host, file.place)


def manager_logins(host: Host, settings: Iterable[Setting]) -> Iterator[Observation]:
    """What Git Credential Manager keeps in files: in plain text, sealed for this user, or for a GPG key."""
    named = _manager_folders(host, settings)
    for file in _files(host, MANAGER, named):
        if isinstance(file, Gap):
            yield file
        else:
            yield from _manager(file, host)
    sealed = "Windows opens it for every process of this user"
    yield from _sealed(host, MANAGER_SEALED, Protection.KEYCHAIN, Barrier(rule=sealed))
    yield from _sealed(
        host, MANAGER_PASS, Protection.ENCRYPTED, Barrier(Gate.UNKNOWN, "gpg asks unless its agent has the passphrase")
    )


def _manager_folders(host: Host, settings: Iterable[Setting]) -> Iterator[tuple[str, PurePath]]:
    named = dict.fromkeys(each.value for each in settings if each.key == "credential.plaintextstorepath")
    for text in islice(named, NAMED_LIMIT):
        folder = host.resolve(text) if text and "\0" not in text else None
        if folder is not None and not any(sign in str(folder) for sign in "*?["):
            for path in host.matches_named(MANAGER_FILE, folder / "git/*/*/*.credential"):
                if not isinstance(path, Gap):
                    yield MANAGER_FILE, path


def _manager(file: TextFile, host: Host) -> Iterator[Observation]:
    """The first line is the secret; the folders above are scheme and host, the file's name is the account."""
    secret = file.text.partition("\n")[0].strip()
    at, user = _manager_place(file.path)
    if not secret or not at:
        return
    found = list(login_seen(Login(at, user, secret, Evidence(file.path, 1)), host))
    yield from found
    if found:
        yield from readable_by_others(host, file.place)


def _manager_place(path: PurePath) -> tuple[str, str]:
    """The host and the account that a path of the manager tells."""
    parts = path.parts
    start = max((at for at, part in enumerate(parts) if part == "git"), default=-1)
    at = parts[start + 2] if 0 <= start < len(parts) - 3 else ""
    at = re.sub(r"[-_:][0-9]{1,5}$", "", at)
    return (at.lower() if HOST.fullmatch(at) and not holds_token(at) else ""), label(path.stem)


def _sealed(host: Host, patterns: tuple[str, ...], protection: Protection, barrier: Barrier) -> Iterator[Observation]:
    for place in host.places(*patterns):
        if isinstance(place, Gap):
            yield place
            continue
        at, user = _manager_place(place.path)
        if at:
            yield CredentialSeen(
                kind="git.password",
                evidence=Evidence(place.path),
                identity=Identity(forge(at).provider or "git", forge(at).host, user) if user else None,
                grants=_push(at),
                protection=protection,
                barrier=barrier if barrier.gate is not Gate.NONE else OPEN,
                names=(f"{user} at {at}" if user else at,),
            )


def _push(at: str) -> tuple[Grant, ...]:
    return implied("git.password", git_hosts(forge(at))[0].name)


def cookies(host: Host, settings: Iterable[Setting]) -> Iterator[Observation]:
    """The cookies of `http.cookieFile`, which sign in to hosts such as googlesource.com."""
    for file in _files(host, (), _paths(host, settings, "http.cookiefile", COOKIES)):
        if isinstance(file, Gap):
            yield file
            continue
        found = [
            seen
            for number, line in enumerate(file.text.split("\n")[:LINE_LIMIT], start=1)
            for seen in _cookie(file, number, line, host)
        ]
        yield from found
        if found:
            yield from readable_by_others(host, file.place)


def _cookie(file: TextFile, number: int, line: str, host: Host) -> Iterator[CredentialSeen]:
    parts = line.rstrip("\r").removeprefix("#HttpOnly_").split("\t")
    if len(parts) != COOKIE_PARTS or line.startswith("# "):
        return
    at, secret = parts[0].lstrip(".").lower(), parts[6]
    if HOST.fullmatch(at) is None or len(secret) < 8:
        return
    end = int(parts[4]) if re.fullmatch("[0-9]{1,11}", parts[4]) else 0
    try:
        ends = datetime.fromtimestamp(end, UTC) if end else None
    except (ValueError, OverflowError, OSError):
        ends = None
    lifetime = Lifetime(LifetimeKind.EXPIRES, ends) if ends is not None else Lifetime(LifetimeKind.SESSION)
    login = Login(at, "", secret, Evidence(file.path, number), named="git.cookie", lifetime=lifetime)
    yield from login_seen(login, host)


def client_keys(host: Host, settings: Iterable[Setting]) -> Iterator[Observation]:
    """The private keys of `http.sslKey`, which sign in to a host by certificate."""
    named = (each for each in settings if each.key == "http.sslkey")
    for setting in islice(named, NAMED_LIMIT):
        parsed = address(setting.subsection or "")
        for declared, path in _paths(host, [setting], "http.sslkey", CLIENT_KEY):
            for file in host.read_named(declared, path):
                if isinstance(file, Gap):
                    yield file
                else:
                    yield from _client_key(file, parsed.host if parsed is not None else "", host)


def _client_key(file: TextFile, at: str, host: Host) -> Iterator[Observation]:
    head = PRIVATE.search(file.text)
    if head is None:
        return
    closed = "ENCRYPTED" in head[1] or "Proc-Type: 4,ENCRYPTED" in file.text
    at = forge(at).host if at else "a host that asks for a certificate"
    yield CredentialSeen(
        kind="git.client-key",
        evidence=Evidence(file.path, file.text.count("\n", 0, head.start()) + 1),
        secret=host.keep(file.text[head.start() :].strip()),
        grants=implied("git.client-key", at),
        protection=Protection.ENCRYPTED if closed else Protection.PLAINTEXT,
        barrier=Barrier(Gate.PRESENCE, "the key's passphrase") if closed else OPEN,
        names=(at,),
    )
    yield from readable_by_others(host, file.place)


def _paths(host: Host, settings: Iterable[Setting], key: str, declared: str) -> Iterator[tuple[str, PurePath]]:
    """The files that settings name under a key."""
    for setting in settings:
        if setting.key == key and setting.value and "\0" not in setting.value:
            beside = setting.file.path.parent if setting.file is not None else None
            path = host.resolve(setting.value, beside)
            if path is not None:
                yield declared, path
