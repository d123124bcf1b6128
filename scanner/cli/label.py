"""`armslength label`: settle what an asset is for, with one line in the configuration."""

import os
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.cli.console import Console, Defect
from scanner.cli.options import VERBOSE
from scanner.errors import ScannerError
from scanner.text import printable

if TYPE_CHECKING:
    from scanner.config import Config
    from scanner.model import Environment


@click.command("label", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("asset", metavar="ASSET")
@click.argument("environment", metavar="ENVIRONMENT")
@VERBOSE
@click.pass_obj
def command(console: Console, /, asset: str, environment: str) -> int:
    """Settle that ASSET (kind:name, globs allowed) is of this ENVIRONMENT, for every later scan.

    ENVIRONMENT is production, staging, development, sandbox, shared, workstation or unknown.
    """
    from scanner import config
    from scanner.cli import guard, outputs
    from scanner.data.kinds import asset_kinds

    word = _environment(environment)
    if not config.is_asset(asset):
        raise ScannerError(f"{printable(asset)} is no asset of the form kind:name", "such as aws-account:123456789012")
    path = config.default_path()
    agent = guard.unlifted(console.facts, config.load(path))
    if agent is not None:
        raise ScannerError(
            f"{agent} is among the programs that started this, and what an asset is for is a person's to say",
            "run it in a terminal of your own, or set agents_may_read = true in config.toml",
        )
    settled = _written(path, asset, word)
    outputs.to_stdout(f"{printable(asset)} is {word} from now on, as {printable(str(path))} says.\n".encode())
    kind = asset.partition(":")[0]
    known = asset_kinds()
    if kind not in known and (mean := config.did_you_mean(kind, sorted(known))):
        console.say(f"warning: nothing is a {printable(kind)}{mean}")
    first = _first_match(settled, asset)
    if first != asset:
        console.say(f"warning: {printable(first)} stands before it in that file and decides where both match")
    return 0


def _environment(word: str) -> "Environment":
    from scanner.config import did_you_mean
    from scanner.model import Environment

    words = [each.value for each in Environment]
    if word not in words:
        mean = did_you_mean(word, words)
        raise ScannerError(f"there is no environment {printable(word)}{mean}", f"one of {', '.join(words)}")
    return Environment(word)


def _written(path: Path, asset: str, environment: "Environment") -> "Config":
    """The configuration with the label, after it was written; a link of the user's own stays a link."""
    from scanner import atomic, config

    text = config.text_of(path)
    before = config.parse(text, path)
    try:
        after = config.labelled(text, asset, environment)
        settled = config.parse(after, path)
    except config.ConfigError as error:
        raise ScannerError(f"{printable(str(path))}: {error}", error.hint) from None
    except ValueError:
        raise ScannerError(f"{printable(asset)} cannot be written: it is not Unicode text") from None
    if settled.labels != {**before.labels, asset: environment}:
        raise Defect("the label would have changed more than its line; nothing was written")
    real = Path(os.path.realpath(path))
    try:
        real.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        atomic.replace(real, after.encode())
    except OSError as error:
        raise ScannerError(f"{printable(str(path))}: {error.strerror}") from None
    return settled


def _first_match(settled: "Config", asset: str) -> str:
    """The label that decides for this name."""
    return next(each for each in settled.labels if each == asset or fnmatchcase(asset, each))
