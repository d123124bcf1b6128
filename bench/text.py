"""What looking for token shapes in text costs, as MB a CPU second and as a ratio to detect-secrets in the same run.

    python bench/text.py [--megabytes N] [--rounds N] [--profile]

The texts are made anew each time, from a seed: sources, logs and transcripts with a secret here and there, and dense
files, `.env` and JSON, in which each line is one. detect-secrets is 1.5 as a library: `scan_file` of each with all
default plugins and filters, nothing verified; it is so slow that it gets the first part of the files, as told.
Ours is what the sweep does with such a file: `met`, and `found_in` where something is met; for dense files the pairs'
names count too. CPU time of this process; medians.
"""

import argparse
import cProfile
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from detect_secrets import SecretsCollection  # noqa: E402
from detect_secrets.settings import default_settings  # noqa: E402

from scanner import anchors, detection  # noqa: E402
from scanner.prefilter import hyperscan_engine  # noqa: E402
from scanner.tokens import FAMILIES, PUBLIC, token  # noqa: E402

MEGABYTE = 1_000_000
SHAPED = sorted(FAMILIES.keys() - PUBLIC - {"dotenvx", "uuid", "hex", "password", "aws-secret"})
WORDS = """
    order invoice customer total price tax region handler client server request response error retry timeout queue
    worker batch commit branch merge config value result update create delete select where index token key secret
    password auth session user account service database core_api re_send info_log ssl_context cl_name awscli
""".split()  # noqa: SIM905 - as one reads it
TESTED = 0.03  # of the text, by detect-secrets, which takes a hundred times as long


@dataclass(frozen=True)
class Corpus:
    """Texts of one sort, and whether names of values count in them."""

    name: str
    texts: list[bytes]
    names: bool = False

    @property
    def size(self) -> float:
        return sum(map(len, self.texts)) / MEGABYTE


def words(random: Random, count: int) -> str:
    return " ".join(random.choices(WORDS, k=count))


def source(random: Random) -> str:
    name = "_".join(random.choices(WORDS, k=2))
    address = f"https://docs.example.com/{random.choice(WORDS)}/@acme/{name}?page={random.randrange(99)}"
    return random.choice(
        (
            f"def {name}(self, {random.choice(WORDS)}: str) -> None:  # {words(random, 6)}",
            f"    return self.{name}({random.choice(WORDS)}={random.randrange(999)}, key='{random.choice(WORDS)}')",
            f'    "{name}": "{random.randbytes(16).hex()}",  // see {address}',
            f"  const {name} = await fetch(`${{base}}/{name}`, {{ headers, retry: {random.randrange(9)} }});",
            "",
        )
    )


def log(random: Random) -> str:
    host = f"10.0.{random.randrange(255)}.{random.randrange(255)}"
    ending = f"id={random.randbytes(8).hex()} GET https://api.example.com/v1/{random.choice(WORDS)}?limit=50 200"
    return (
        f"2026-11-20T10:{random.randrange(60):02}:00.{random.randrange(999)}Z INFO [{host}] {words(random, 5)} {ending}"
    )


def transcript(random: Random) -> str:
    text = "\n".join(source(random) for _ in range(random.randrange(3, 60)))
    return json.dumps({"type": "assistant", "uuid": random.randbytes(16).hex(), "message": {"text": text}})


def planted(random: Random) -> str:
    return token(random.choice(SHAPED), str(random.random()))


def dotenv(random: Random) -> str:
    name = "_".join(random.choices(WORDS, k=2)).upper()
    return f"{name}_TOKEN={planted(random)}"


def document(random: Random) -> str:
    return json.dumps(
        {
            "name": random.choice(WORDS),
            "api_key": planted(random),
            "url": f"postgres://ada:{random.randbytes(9).hex()}@db/x",
        }
    )


def texts(line: Callable[[Random], str], size: float, each: int, secrets: int, random: Random) -> list[bytes]:
    """Files of about `each` bytes, and so many secrets in a thousand of them."""
    found, total = [], 0
    while total < size * MEGABYTE:
        lines, length = [], 0
        while length < each:
            lines.append(line(random))
            length += len(lines[-1]) + 1
        if random.randrange(1000) < secrets:
            lines.insert(random.randrange(len(lines)), f"export X={planted(random)}")
        found.append("\n".join(lines).encode())
        total += len(found[-1])
    return found


def corpora(size: float) -> list[Corpus]:
    random = Random("text")
    return [
        Corpus("sources", texts(source, size * 0.5, 14_000, 20, random)),
        Corpus("logs", texts(log, size * 0.25, 200_000, 100, random)),
        Corpus("transcripts", texts(transcript, size * 0.25, 200_000, 300, random)),
        Corpus(
            "dense", texts(dotenv, size * 0.03, 1_500, 0, random) + texts(document, size * 0.03, 3_000, 0, random), True
        ),
    ]


def by_us(corpus: Corpus) -> int:
    detection._remembered.clear()
    count = 0
    for data in corpus.texts:
        if detection.met(data, names=corpus.names):
            count += len(detection.found_in(data.decode("utf-8", "replace")))
    return count


def by_library(corpus: Corpus, folder: Path) -> tuple[float, int]:
    """The share of the texts that was read, and what was found."""
    secrets, read = SecretsCollection(), 0
    for number, data in enumerate(corpus.texts):
        if read > max(TESTED * corpus.size, 0.15) * MEGABYTE:
            break
        path = folder / f"{number}.{'env' if corpus.names else 'txt'}"
        path.write_bytes(data)
        secrets.scan_file(str(path))
        read += len(data)
    return read / MEGABYTE, len(list(secrets))


def use(engine: str) -> None:
    """Has all looks be taken by that engine from the first on."""
    for made, groups in (
        (anchors._shapes(), anchors.shape_groups()),
        (anchors._names(), anchors.name_groups()),
    ):
        made._engine = hyperscan_engine(groups) if engine == "hyperscan" else None
        made._judged = sys.maxsize


def seconds(corpus: Corpus) -> float:
    start = time.process_time()
    by_us(corpus)
    return time.process_time() - start


def main() -> int:
    parser = argparse.ArgumentParser(description="What looking for token shapes in text costs.")
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true", help="what the time of the dense files goes to")
    options = parser.parse_args()
    found = corpora(options.megabytes)
    detection.patterns()
    engines = ["hyperscan"] * (hyperscan_engine(anchors.shape_groups()) is not None) + ["portable"]
    print(f"load {os.getloadavg()[0]:.1f}; MB a CPU second, in brackets the ratio to detect-secrets")
    print(f"{'':13}{'MB':>6}{'files':>7}{'detect-secrets':>24}" + "".join(f"{engine:>20}" for engine in engines))
    with tempfile.TemporaryDirectory() as folder, default_settings() as settings:
        settings.disable_filters("detect_secrets.filters.common.is_ignored_due_to_verification_policies")
        for corpus in found:
            shares = []
            start = time.process_time()
            read, count = by_library(corpus, Path(folder))
            slow = read / (time.process_time() - start)
            for engine in engines:
                use(engine)
                shares.append(corpus.size / median([seconds(corpus) for _ in range(options.rounds)]))
            cells = "".join(f"{speed:>11.1f} ({speed / slow:>5.0f}x)" for speed in shares)
            head = f"{corpus.name:13}{corpus.size:>6.1f}{len(corpus.texts):>7}{slow:>12.2f} of {read:>5.2f} MB"
            print(f"{head}{cells}   found {count} and {by_us(corpus)}")
    if options.profile:
        use(engines[0])
        cProfile.runctx("by_us(corpus)", globals(), {"corpus": found[-1]}, sort="tottime")
    return 0


if __name__ == "__main__":
    sys.exit(main())
