"""The keychains of macOS and Windows, through keyring's backend for each, and what that raises.

The backends are named here: keyring's search for one runs code that its settings file names.
"""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend


def system_keyring() -> "KeyringBackend":
    """The keychain of this system, which will not ask a person for anything."""
    if sys.platform == "darwin":
        import ctypes
        from ctypes.util import find_library

        from keyring.backends.macOS import Keyring as MacKeyring

        # From here on this process gets an error where the keychain would show a person its dialog.
        ctypes.CDLL(find_library("Security")).SecKeychainSetUserInteractionAllowed(ctypes.c_ubyte(0))
        return MacKeyring()  # type: ignore[no-untyped-call]  # has no types
    from keyring.backends.Windows import WinVaultKeyring

    keyring = WinVaultKeyring()  # type: ignore[no-untyped-call]  # has no types
    keyring.persist = "local machine"  # what is written stays here; keyring's own choice roams with the profile
    return keyring


def failures() -> tuple[type[Exception], ...]:
    """What a backend raises where the system's keychain does not answer, besides keyring's own errors."""
    if sys.platform == "win32":
        from win32ctypes.pywin32.pywintypes import error  # of Exception, not of OSError

        return error, RuntimeError, OSError, UnicodeDecodeError
    return RuntimeError, OSError, UnicodeDecodeError
