"""Our own keys, each under its purpose in the operating system's keychain: never in a file, and nobody is asked."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import Enum
from itertools import islice
from secrets import token_bytes
from time import sleep
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from scanner.errors import ScannerError

if TYPE_CHECKING:
    from jeepney.io.blocking import DBusConnection  # type: ignore[import-untyped]  # has no types
    from keyring.backend import KeyringBackend
    from secretstorage import Collection, Item

SERVICE = "armslength"
KEY_BYTES = 32
SETTLING = 0.3  # seconds between making a key and taking the one that all runs agree on
ITEM_LIMIT = 100  # entries under one name that are looked at


class Purpose(Enum):
    """What a key is for; the keychain's entry has it as its account."""

    SEALED_REPORT = "sealed-report"
    ATTESTATION = "attestation"


class KeysError(ScannerError):
    """The keychain does not give a key, or does not take one."""


class NoKeychain(KeysError):
    """Nothing here is a keychain that could hold a key of ours."""


class Locked(KeysError):
    """The keychain would have to ask a person first."""


class Store(Protocol):
    """A keychain that holds texts under the names of accounts."""

    def read(self, account: str) -> str | None:
        """The text, None where there is none. Raises KeysError."""

    def write(self, account: str, text: str) -> None:
        """Keeps the text. Raises KeysError."""

    def remove(self, account: str) -> bool:
        """Removes what is kept, and says whether there was any. Raises KeysError."""


def key(purpose: Purpose) -> bytes:
    """The key for that purpose, made where there is none. Raises KeysError where the keychain cannot keep it."""
    saved = saved_key(purpose)
    if saved is not None:
        return saved
    _store().write(purpose.value, token_bytes(KEY_BYTES).hex())
    sleep(SETTLING)  # an entry that another run began before this one may show after it
    made = saved_key(purpose)  # not the one just written: of two runs that begin at once, one makes what both use
    if made is None:
        raise KeysError("the keychain took a key and does not give it back")
    return made


def saved_key(purpose: Purpose) -> bytes | None:
    """The key that was made before, None where there is none. Raises KeysError where that cannot be told."""
    text = _store().read(purpose.value)
    if text is None:
        return None
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != KEY_BYTES:
        raise KeysError(
            f"the keychain's entry {SERVICE}, {purpose.value} is no key of ours", "armslength state purge removes it"
        )
    return found


def forget(purpose: Purpose) -> bool:
    """Removes the key for that purpose, and says whether there was one. Raises KeysError where it stays."""
    return _store().remove(purpose.value)


def _store() -> Store:
    """The keychain of this platform. There is no other to fall back on, least of all a file."""
    return _System() if sys.platform in ("darwin", "win32") else _SecretService()


class _System(Struct, frozen=True):
    """The keychain of macOS or Windows."""

    def read(self, account: str) -> str | None:
        with _system() as keyring:
            return keyring.get_password(SERVICE, account)

    def write(self, account: str, text: str) -> None:
        with _system() as keyring:
            keyring.set_password(SERVICE, account, text)

    def remove(self, account: str) -> bool:
        from keyring.errors import PasswordDeleteError

        with _system() as keyring:
            try:
                keyring.delete_password(SERVICE, account)
            except PasswordDeleteError:  # either there is none, or it stays
                if keyring.get_password(SERVICE, account) is None:
                    return False
                raise
            return True


@contextmanager
def _system() -> Iterator["KeyringBackend"]:
    """The system's keychain, with what it raises turned into words of ours."""
    from keyring.errors import KeyringError

    from scanner.host.keyrings import failures, system_keyring

    try:
        yield system_keyring()
    except KeyringError:
        raise _locked() from None
    except failures():
        raise NoKeychain("the keychain does not answer in this session", "sign in at the desktop") from None


class _SecretService(Struct, frozen=True):
    """The desktop's secret service, by the attributes that keyring uses too.

    keyring's backend for it is not used: it unlocks what is locked, and makes a collection where there is none, and
    either asks a person.
    """

    def read(self, account: str) -> str | None:
        with _session() as connection:
            items = _items(connection, account)
            if items:
                return items[0].get_secret().decode()
            collection = _collection(connection)
            if collection is not None and collection.is_locked():  # some services do not tell what such a one holds
                raise _locked()
            return None

    def write(self, account: str, text: str) -> None:
        with _session() as connection:
            collection = _collection(connection)
            if collection is None:
                raise NoKeychain(
                    "the keychain has no default collection, and making one would ask for a password",
                    "sign in at the desktop once, or make one with the desktop's password manager",
                )
            collection.create_item(f"{SERVICE}: {account}", _attributes(account), text.encode())

    def remove(self, account: str) -> bool:
        with _session() as connection:
            items = _items(connection, account)
            for each in items:
                each.delete()
            return bool(items)


@contextmanager
def _session() -> Iterator["DBusConnection"]:
    """The session bus, with what the service on it raises turned into words of ours."""
    import secretstorage
    from jeepney import DBusErrorResponse  # type: ignore[import-untyped]  # has no types

    try:
        with closing(secretstorage.dbus_init()) as connection:
            yield connection
    except secretstorage.LockedException:
        raise _locked() from None
    except (secretstorage.SecretStorageException, DBusErrorResponse, OSError, ValueError):
        raise NoKeychain(
            "this session has no keychain that answers", "a desktop's session has one; over ssh there is none as a rule"
        ) from None


def _collection(connection: "DBusConnection") -> "Collection | None":
    """The collection that new entries go to; unlike the library's own function this makes none."""
    import secretstorage

    try:
        return secretstorage.Collection(connection)
    except secretstorage.ItemNotFoundException:
        return None


def _items(connection: "DBusConnection", account: str) -> list["Item"]:
    """The entries of that name, the oldest first: it is the one that counts."""
    import secretstorage

    found = list(islice(secretstorage.search_items(connection, _attributes(account)), ITEM_LIMIT))
    return sorted(found, key=lambda item: (item.get_created(), len(item.item_path), item.item_path))


def _attributes(account: str) -> dict[str, str]:
    return {"service": SERVICE, "username": account}


def _locked() -> Locked:
    return Locked("the keychain is locked, or would ask a person", "unlock it, as signing in at the desktop does")
