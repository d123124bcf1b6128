"""The command line: one module a verb, loaded when it is called; the only room that picks an exit code."""

import gc
import sys

from scanner.cli import guard

YOUNG = 50_000  # objects made before the collector looks: a start makes many that stay


def main() -> None:
    """The entry point of `armslength`."""
    gc.set_threshold(YOUNG)
    facts = guard.collected()  # before anything else is imported: what started us may be gone by then
    try:
        from scanner.cli.running import run

        code = run(sys.argv[1:], facts)
        gc.freeze()  # all that was made ends with the process, and needs no search on the way out
        sys.exit(code)
    except KeyboardInterrupt:  # in the moment before or after the run itself
        sys.exit(130)
