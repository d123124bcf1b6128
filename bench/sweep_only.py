"""The walk alone, as its own process: `python bench/sweep_only.py HOME [quick|standard|deep]` prints what it met."""

import sys
from pathlib import PurePosixPath
from time import perf_counter, process_time

from scanner.data.sweep import groups
from scanner.host.opening import Opening, open_machines
from scanner.sweep.walk import Search, walk

PATTERNS = ("**/.env", "**/.env.*", "**/*.env", "**/.envrc", "**/.git/config", "**/*.tfstate", "**/kubeconfig")


def main() -> None:
    """Walks the home that is named, and prints names, folders, files to read and seconds of the walk."""
    depth = sys.argv[2] if len(sys.argv) > 2 else "standard"
    [machine] = open_machines(Opening(homes=(sys.argv[1],)))
    begun, used = perf_counter(), process_time()
    search = Search(PATTERNS, groups(depth), whole=depth == "deep")
    walked = walk(machine, search, [PurePosixPath(sys.argv[1])], None)
    found = sum(map(len, walked.matches.values()))
    taken = f"{perf_counter() - begun:.3f} s of wall, {process_time() - used:.3f} of CPU"
    print(
        f"{walked.entries} names, {walked.folders} folders, {walked.pruned} left out, {walked.chosen} to read, "
        f"{found} found, {len(walked.gaps)} gaps, {taken}"
    )


if __name__ == "__main__":
    main()
