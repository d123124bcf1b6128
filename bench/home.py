"""Makes a developer's home to scan: as many files as asked for, always the same secrets and look-alikes in it.

    python bench/home.py DIR --files 300000 [--seed N] [--key KEY.jsonl] [--owner UID]

The key is written beside the home and never into it, for its owner alone: one JSON document a line, one line a planted
thing, `bench/planted/paper.py` has the fields. Every value is made up; equal seeds make equal homes and keys.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from random import Random

import msgspec

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench.planted import ground as filler  # noqa: E402
from bench.planted.odd import odd  # noqa: E402
from bench.planted.paper import Press, Row  # noqa: E402
from bench.planted.plan import plan  # noqa: E402


def grown(home: Path, files: int, seed: int) -> list[Row]:
    """Writes the home and tells what was planted, in the order of paths and lines."""
    press = Press(seed)
    sheets = plan(Random(seed + 1))
    printed = [(sheet, *press.printed(sheet)) for sheet in sheets]
    ground = filler.Ground(str(home), Random(seed + 2))
    filler.settled(ground, files, sheets)
    for sheet, data, _ in printed:
        ground.sheet(sheet, data)
    odd(ground)
    print(f"{ground.files} files, {len(ground.folders)} folders, {ground.bytes >> 20} MB", file=sys.stderr)
    rows = [row for _, _, found in printed for row in found]
    return sorted(rows, key=lambda row: (row.path, row.line, row.kind, row.value_sha256))


def as_owner(owner: int) -> None:
    """From here on what is made belongs to somebody without privileges."""
    os.setegid(owner)
    os.seteuid(owner)


def written(key: Path, rows: list[Row]) -> None:
    """The key, for its owner alone; names that are no text keep their bytes as surrogates."""
    handle = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as lines:
        for row in rows:
            lines.write(line(row) + "\n")


def line(row: Row) -> str:
    """A row as JSON in ASCII, because its path may hold what UTF-8 has no bytes for."""
    return json.dumps(msgspec.to_builtins(row))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--key", type=Path, help="where the key goes; default: beside the home")
    parser.add_argument("--owner", type=int, help="the user id whom the home shall belong to; needs root")
    asked = parser.parse_args()
    home = asked.home.absolute()
    key = (asked.key or home.with_name(home.name + ".key.jsonl")).absolute()
    if key.is_relative_to(home):
        parser.error("the key may not lie in the home")
    home.mkdir(parents=True)
    began = time.monotonic()
    if asked.owner is not None:
        os.chown(home, asked.owner, asked.owner)
        as_owner(asked.owner)
    rows = grown(home, asked.files, asked.seed)
    if asked.owner is not None:
        os.seteuid(0)
        os.setegid(0)
    written(key, rows)
    secrets = sum(row.secret for row in rows)
    print(f"{secrets} secrets, {len(rows) - secrets} look-alikes, {time.monotonic() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
