"""Files that look like a keychain and hide nothing: keyrings with an empty password, keyring's plaintext backend."""

import binascii
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import ClassVar

from msgspec.structs import replace

from probes.ini import Section, parse
from scanner.data.keychain import logins
from scanner.data.kinds import implied
from scanner.host import Host, TextFile
from scanner.model import CredentialSeen, Evidence, Fix, Gap, GapKind, Observation, Protection, Weakness
from scanner.model.value import Value
from scanner.secrets import Pair, secrets_in

ITEM_LIMIT = 2_000
ITEM = re.compile(r"[0-9]{1,9}", re.ASCII)
ATTRIBUTE = re.compile(r"([0-9]{1,9}):attribute[0-9]{1,9}", re.ASCII)
ESCAPED = re.compile("_([0-9A-F]{2})")
WEAK = re.compile(r"(?i)plaintext|file\.(?:encrypted)?keyring|null|fail")
NATIVE = re.compile(r"keyring\.backends\.(?:SecretService|kwallet|libsecret|macOS|OS_X|Windows|chainer)\.\w{1,40}")


class Item(Value, frozen=True):
    """One secret of such a file: the service it is for, where the file says so, and its line."""

    concealed: ClassVar[frozenset[str]] = frozenset({"secret"})

    service: str
    secret: str
    line: int


def gnome_text(file: TextFile, host: Host) -> Iterator[Observation]:
    """A GNOME keyring with an empty password, which its daemon writes as plain text."""
    sections = parse(file.text).merged()
    services = dict(_services(sections.values()))
    items = [
        Item(services.get(name, ""), _unescaped(entry.value), entry.line)
        for name, section in sections.items()
        if ITEM.fullmatch(name) and (entry := section.entry("secret")) is not None and entry.value
    ]
    yield _open_file(file, "Give the keyring a password: it is written anew, encrypted.", "the keyring has no password")
    yield from _credentials(items, file, host, Protection.PLAINTEXT)


def _services(sections: Iterable[Section]) -> Iterator[tuple[str, str]]:
    """Which item is for which service, by the attributes below it."""
    for section in sections:
        match = ATTRIBUTE.fullmatch(section.name)
        name, value = section.entry("name"), section.entry("value")
        if match and name is not None and value is not None and name.value == "service":
            yield match[1], value.value


def _unescaped(text: str) -> str:
    """A value of a key file, without the escapes that its writer puts in (GLib's key file format)."""
    signs = {"s": " ", "n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
    return re.sub(r"\\([sntr\\])", lambda match: signs[match[1]], text)


def python_plain(file: TextFile, host: Host) -> Iterator[Observation]:
    """What the plaintext backend of Python's keyring keeps: base64, which anyone turns back."""
    items: list[Item] = []
    for section, line, text in islice(_values(file.text), ITEM_LIMIT + 1):
        try:
            secret = b64decode(text, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            yield Gap(GapKind.FAILED, f"{host.shown(file.path)}:{line}", "is no value of keyring's plaintext backend")
            continue
        if secret:
            items.append(Item(_name(section), secret, line))
    if items:
        yield _open_file(
            file, "Use the system's own keychain as keyring's backend.", "it is base64, which hides nothing"
        )
    yield from _credentials(items, file, host, Protection.OBFUSCATED)


def _values(text: str) -> Iterator[tuple[str, int, str]]:
    """Section, line and value of each entry; a value goes on over the indented lines below."""
    section, begun, held = "", 0, ""
    for number, line in enumerate(text.split("\n"), start=1):
        if begun and line[:1] in (" ", "\t"):
            held += line.strip()
            continue
        if begun:
            yield section, begun, held
        begun, held = 0, ""
        if line.startswith("[") and "]" in line:
            section = line[1 : line.index("]")]
        elif "=" in line and section and not section.startswith("keyring"):
            begun, held = number, line.partition("=")[2].strip()
    if begun:
        yield section, begun, held


def _name(section: str) -> str:
    """A section's name without the escapes of keyring (`_2E` is a dot)."""
    data = ESCAPED.sub(lambda match: chr(int(match[1], 16)), section)
    return data.encode("latin-1", "replace").decode("utf-8", "replace")


def python_settings(file: TextFile, host: Host) -> Iterator[Observation]:
    """Settings of Python's keyring that choose a weak backend, or that make it run code from a folder."""
    for section in parse(file.text).merged().values():
        if section.name != "backend":
            continue
        path, chosen = section.entry("keyring-path"), section.entry("default-keyring")
        if path is not None and path.value:
            yield Weakness(
                rule="keychain.backend-code",
                title="Every use of Python's keyring runs code from a folder",
                evidence=Evidence(file.path, path.line, "keyring-path"),
                why="Whoever writes into the folder that keyring-path names runs code in each tool that uses keyring.",
                fix=Fix("Remove keyring-path, and install the backend as a package."),
            )
        if chosen is not None and chosen.value and not NATIVE.fullmatch(chosen.value) and WEAK.search(chosen.value):
            yield Weakness(
                rule="keychain.weak-backend",
                title="Python's keyring is told to keep secrets in a weak store",
                evidence=Evidence(file.path, chosen.line, "default-keyring"),
                why="Tools that believe they use the system's keychain write their logins into a plain file.",
                fix=Fix("Remove default-keyring, so that the system's own keychain is used."),
            )


def _open_file(file: TextFile, summary: str, why: str) -> Weakness:
    return Weakness(
        rule="keychain.plaintext",
        title="A keychain file keeps its secrets in the open",
        evidence=Evidence(file.path),
        why=f"Whoever reads the file has every secret in it: {why}.",
        fix=Fix(summary),
    )


def _credentials(items: list[Item], file: TextFile, host: Host, protection: Protection) -> Iterator[Observation]:
    for item in items[:ITEM_LIMIT]:
        yield from _credential(item, file, host, protection)
    if len(items) > ITEM_LIMIT:
        yield Gap(GapKind.LIMIT, host.shown(file.path), f"more than {ITEM_LIMIT} entries; the rest was not judged")


def _credential(item: Item, file: TextFile, host: Host, protection: Protection) -> Iterator[Observation]:
    """What an item is by its service or its shape, else a secret of which only its place is told."""
    variable = variable_of(item.service)
    evidence = Evidence(file.path, item.line, item.service if variable else None)
    told = [*secrets_in((Pair(variable or "SECRET", item.secret, evidence),), host)]
    for seen in told:
        if isinstance(seen, Gap):
            yield seen
        elif variable or not seen.kind.startswith("generic."):
            yield replace(seen, protection=protection)
            return
    yield CredentialSeen(
        kind="keychain.entry",
        evidence=evidence,
        secret=host.keep(item.secret, guessable=True),
        grants=implied("keychain.entry", file.path.stem),
        protection=protection,
    )


def variable_of(service: str) -> str:
    """The variable that holds what a known program keeps under this service, empty for any other."""
    for login in logins().values():
        for entry in login.entries:
            fits = service.partition(":")[0] in login.services if "{" in entry.service else service == entry.service
            if login.variable and fits:
                return login.variable
    return ""
