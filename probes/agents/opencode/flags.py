"""Running opencodes: what their command lines say."""

from collections.abc import Iterable, Iterator
from itertools import islice

from msgspec import Struct

from scanner.host import Process

RUNNING = 50
ARGUMENTS = 200
UNASKED = frozenset({"--auto", "--yolo", "--dangerously-skip-permissions"})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
MDNS, HOSTNAME, AGENT = "--mdns", "--hostname", "--agent"


class Running(Struct, frozen=True):
    """One of them: whether it approves all that is not denied, the agent that was chosen, whether others reach it."""

    process: str
    unasked: bool = False
    agent: str = ""
    listens: bool = False


def running(processes: Iterable[Process]) -> tuple[Running, ...]:
    """What each of the processes was told."""
    return tuple(told(each) for each in islice(processes, RUNNING))


def told(process: Process) -> Running:
    """What a command line says; words that are no known option are passed over."""
    words = process.argv[1:ARGUMENTS]
    words = words[: words.index("--")] if "--" in words else words
    options = frozenset(word.removesuffix("=true") for word in words)
    host = next(_values(words, HOSTNAME), "")
    return Running(
        f"{process.name} (pid {process.pid})",
        unasked=not UNASKED.isdisjoint(options),
        agent=next(_values(words, AGENT), ""),
        listens=(bool(host) and host not in LOOPBACK) or (MDNS in options and not host),
    )


def _values(words: tuple[str, ...], option: str) -> Iterator[str]:
    for at, word in enumerate(words):
        if word == option and at + 1 < len(words):
            yield words[at + 1]
        elif word.startswith(f"{option}="):
            yield word.partition("=")[2]
