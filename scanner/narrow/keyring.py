"""The kernel's keyring: no namespace parts it, and what is started inherits it with all keys that the session holds."""

import ctypes
import errno
import os
import sys

# The number of keyctl(2), by machine; for a process of 32 bits on one of 64 it is another.
NUMBERS = {"x86_64": 250, "aarch64": 219, "riscv64": 219, "loongarch64": 219, "ppc64le": 271, "s390x": 280}
JOIN_SESSION_KEYRING = 1
# The kernel has no keyrings, or lets nobody have one: then nothing that is started from here has one either.
HARMLESS = (errno.ENOSYS, errno.EPERM, errno.EACCES)


def without_keyring() -> None:
    """Gives this process an empty keyring in place of its session's. Raises OSError where it keeps the old one."""
    number = NUMBERS.get(os.uname().machine) if sys.maxsize > 2**32 else None
    if number is None:
        raise OSError(errno.ENOSYS, "no number of keyctl is known for this machine")
    kernel = ctypes.CDLL(None, use_errno=True)
    if kernel.syscall(number, JOIN_SESSION_KEYRING, None) < 0 and ctypes.get_errno() not in HARMLESS:
        raise OSError(ctypes.get_errno(), "the keyring of the session cannot be left")
