"""Helpers that several test modules share; import them with `from tests.support import ...`."""

import ctypes
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any, TypeVar

import pytest

from scanner.cli.contracts import chosen

Result = TypeVar("Result")

FULL_SIZE = bool(os.environ.get("FULL_SIZE"))  # heavy tables case by case: `FULL_SIZE=1 pytest tests/test_every_*.py`

LAPTOP = chosen(None, date(2026, 11, 21))  # the contract that a scan is held against without another

CAPABILITY_VERSION = 0x20080522  # _LINUX_CAPABILITY_VERSION_3, with two words for each set
DAC_OVERRIDE, DAC_READ_SEARCH = 1, 2


def together(items: Sequence[Result], number: int) -> list[tuple[Result, ...]]:
    """The items, that many to a group, of which one scan serves all; with FULL_SIZE each by itself.

    What stands side by side, as the files of one subject do, comes into groups of its own.
    """
    groups = len(items) if FULL_SIZE else -(-len(items) // number)
    return [tuple(items[first::groups]) for first in range(groups)]


def dropped(call: Callable[..., Result], *arguments: Any) -> Result:
    """What the call returns where file permissions bind; run as root, it loses the right to ignore them first.

    On Linux each thread has capabilities of its own, so a thread is enough. Skips the test on a root of another
    system, who cannot be so bound.
    """
    if os.name != "posix" or os.geteuid() != 0:
        return call(*arguments)
    if sys.platform != "linux":
        pytest.skip("root ignores permissions here")
    with ThreadPoolExecutor(1, initializer=_give_up_capabilities) as thread:
        return thread.submit(call, *arguments).result()


def _give_up_capabilities() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; then their upper words
    if libc.capget(header, sets) != 0:
        raise OSError(ctypes.get_errno(), "capget")
    for word in range(3):
        sets[word] &= ~(1 << DAC_OVERRIDE | 1 << DAC_READ_SEARCH)
    if libc.capset(header, sets) != 0:
        raise OSError(ctypes.get_errno(), "capset")
