"""What judging values costs, as a ratio to detect-secrets alone on the same pairs in the same run.

    python bench/detection.py [--rounds N]

The pairs are a working laptop's: names and values that tell nothing, lookalikes, and some secrets. detect-secrets alone
is `scan_line`, and every plugin's `analyze_line`, on each as a line of its own, nothing verified. Ours is `tellings`,
cold (nothing remembered) and warm. CPU time of this process counts. Prints a table and what each found of the planted.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class  # noqa: E402
from detect_secrets.core.scan import scan_line  # noqa: E402
from detect_secrets.settings import default_settings  # noqa: E402

from scanner import detection  # noqa: E402
from scanner.secrets import tellings  # noqa: E402
from scanner.tokens import FAMILIES, PUBLIC, token  # noqa: E402

NO_SECRET = {"dotenvx", "uuid", "hex", "password", "aws-secret"}
PLAIN = (
    ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"),
    ("LS_COLORS", "rs=0:di=01;34:ln=01;36:mh=00:pi=40;33:so=01;35:*.tar=01;31"),
    ("LANG", "en_US.UTF-8"),
    ("COMMIT_SHA", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ("JAVA_OPTS", "-Xmx2g -XX:+UseG1GC -Dfile.encoding=UTF-8"),
    ("IMAGE", "registry.example.com/shop/api@sha256:" + "0123456789abcdef" * 4),
    ("DATABASE_URL", "postgres://localhost:5432/orders"),
    ("EDITOR", "vim"),
)


@dataclass(frozen=True)
class Way:
    """One way to judge a pair: the secrets that it tells."""

    name: str
    judge: Callable[[str, str], set[str]]


def ours(name: str, value: str) -> set[str]:
    found = tellings(name, value)
    return {each.told.secret for each in found} if isinstance(found, tuple) else set()


def cold(name: str, value: str) -> set[str]:
    detection._remembered.clear()
    return ours(name, value)


def alone(name: str, value: str) -> set[str]:
    return {found.secret_value for found in scan_line(f'{name} = "{value}"') if found.secret_value is not None}


PLUGINS = [plugin() for plugin in get_mapping_from_secret_type_to_class().values()]


def by_plugins(name: str, value: str) -> set[str]:
    line = f'{name} = "{value}"'
    found = (secret for plugin in PLUGINS for secret in plugin.analyze_line(filename="x.ini", line=line, line_number=1))
    return {secret.secret_value for secret in found if secret.secret_value is not None}


WAYS = (
    Way("detect-secrets, scan_line", alone),
    Way("detect-secrets, plugins", by_plugins),
    Way("armslength, cold", cold),
    Way("armslength, warm", ours),
)


def pairs() -> tuple[list[tuple[str, str]], list[tuple[str, str, str]]]:
    """Pairs without a secret, and pairs with the secret that was planted."""
    plain = [(f"{name}_{number}", value) for number in range(25) for name, value in PLAIN]
    secret = [
        (family, token(family, str(seed)))
        for family in sorted(FAMILIES.keys() - PUBLIC - NO_SECRET)
        for seed in range(3)
    ]
    planted = [(f"X{number}", value, value) for number, (_, value) in enumerate(secret)]
    planted += [(f"ARGS{number}", f"run --token={value} -v", value) for number, (_, value) in enumerate(secret)]
    return plain, planted


def main() -> int:
    parser = argparse.ArgumentParser(description="What judging values costs, as a ratio to detect-secrets alone.")
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    plain, planted = pairs()
    with default_settings() as settings:
        settings.disable_filters("detect_secrets.filters.common.is_ignored_due_to_verification_policies")
        seconds: dict[Way, list[float]] = {way: [] for way in WAYS}
        for number in range(rounds + 1):
            for way in WAYS:
                start = time.process_time()
                for name, value in (*plain, *((name, value) for name, value, _ in planted)):
                    way.judge(name, value)
                if number:
                    seconds[way].append(time.process_time() - start)
        first = median(seconds[WAYS[0]])
        print(f"{'':28}{'CPU, ratio':>12}{'planted, whole':>18}{'false alarms':>14}")
        for way in WAYS:
            whole = sum(secret in way.judge(name, value) for name, value, secret in planted)
            false = sum(bool(way.judge(name, value)) for name, value in plain)
            cost = median(seconds[way]) / first
            print(f"{way.name:28}{cost:>12.3f}{whole:>12} of {len(planted)}{false:>8} of {len(plain)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
