"""Traps in .env files of development: addresses of production, and names that the launching shell has set otherwise."""

import re
import shlex
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import PurePath

from scanner.data import files
from scanner.data.families import family_of
from scanner.data.kinds import kinds
from scanner.data.variables import spelled
from scanner.host import Host, TextFile
from scanner.model import (
    Asset,
    Environment,
    Evidence,
    Fix,
    Gap,
    GapKind,
    Hint,
    Observation,
    Platform,
    Staged,
    Weakness,
)
from scanner.secrets import SHOWABLE, Pair, Silent, Told, judge
from scanner.shapes import Quiet, Shape

PRODUCTION = frozenset({Environment.PRODUCTION})
OTHERWISE = frozenset(Environment) - PRODUCTION
OF_DEVELOPMENT = frozenset(
    {"", "env", "envrc", "flaskenv", "vars", "local", "dev", "develop", "development", "test", "testing"}
)
PLACE_LIMIT = 50  # places told of one file
PART_LIMIT = 8  # hosts of one value
VALUE_LIMIT = 4096
FOLDERS = 3  # above a file, whose names may say that it is of production after all

WORD = re.compile(r"[A-Za-z0-9]+")
ADDRESS = re.compile(r"(?:jdbc:)?([A-Za-z][A-Za-z0-9+.-]{1,40})://([^\s/?#;]{1,1024})(.*)", re.DOTALL)
HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?){0,10}", re.ASCII)
BARE = re.compile(r"([A-Za-z0-9._-]{1,253})(?::\d{1,5})?(?:/[\w./-]{0,400})?", re.ASCII)
SETTING = re.compile(
    r"(?i)(?:^|[;\s])(?:server|data source|host|addr|address|endpoint)\s?=\s?(?:tcp:|sb://|https://)?([\w.-]{1,253})"
)
ENDINGS = re.compile(r".*(?:^|_)(?:HOST|HOSTNAME|HOSTS|ENDPOINT|ENDPOINTS|SERVER|SERVERS|ADDR|ADDRESS|URL|URI|BROKERS)")
ALIASES = re.compile(r".*(?:^|_)(?:HOST|HOSTNAME|SERVER|ADDR)")
CHOICES = re.compile(
    r".*(?:^|_)(?:ENV|ENVIRONMENT|STAGE|PROFILE|WORKSPACE|PROJECT|CLUSTER|CONTEXT|NAMESPACE|BUCKET|DATABASE|SUBSCRIPTION)"
)
BUCKETS = frozenset({"s3", "s3a", "gs", "gcs"})
NO_HOSTS = frozenset({"file", "sqlite", "unix", "data", "app", "chrome-extension", "docker", "oci", "urn"})
# Where "live" is part of a public address and says nothing of a stage.
PUBLIC_LIVE = (".live", "live.com", "live.net")


def traps(file: TextFile, pairs: Iterable[Pair], host: Host) -> Iterator[Observation]:
    """What in a file of development leads to production; nothing for a file of another stage."""
    if not _is_of_development(file.path, host):
        return
    pairs = tuple(pairs)
    yield from _addresses(file, pairs, host)
    if not file.path.name.casefold().startswith(".envrc"):  # direnv sets what stands there, whatever was set before
        yield from _shadowed(pairs, host)


def _is_of_development(path: PurePath, host: Host) -> bool:
    if not OF_DEVELOPMENT.issuperset(path.name.casefold().split(".")):
        return False
    outer = [project for project in host.machine.projects if project in path.parents]
    inside = path.parent.relative_to(outer[0]).parts if outer else path.parent.parts
    return not any(_production_in(part) for part in inside[-FOLDERS:])


@cache
def _words() -> frozenset[str]:
    return frozenset(files.table("environments.toml")["words"]["production"])


def _production_in(text: str) -> bool:
    return not _words().isdisjoint(WORD.findall(text.casefold()))


def _addresses(file: TextFile, pairs: Iterable[Pair], host: Host) -> Iterator[Observation]:
    """One weakness for each place that the file names, should that be of production."""
    met: set[Asset] = set()
    for pair in pairs:
        for asset in places(pair.name, pair.value):
            if asset in met:
                continue
            if len(met) >= PLACE_LIMIT:
                why = f"names more than {PLACE_LIMIT} hosts; the rest was not judged"
                yield Gap(GapKind.LIMIT, host.shown(file.path), why)
                return
            met.add(asset)
            yield _weakness(pair, asset)


def _weakness(pair: Pair, asset: Asset) -> Weakness:
    name = _shown(pair.name) or "a variable"
    label = shlex.quote(f"{asset.kind}:{asset.name}")
    return Weakness(
        rule="dotenv.production-host",
        title="A development .env file names a place of production",
        evidence=_evidence(pair),
        why=f"{name} points to {asset.name}: whatever runs with this file, tests and agents too, acts there.",
        fix=Fix(
            f"Let {name} name a place of development; if this one is no production, say so.",
            (f"armslength label {label} ENVIRONMENT",),
        ),
        when=(Staged(asset, PRODUCTION),),
    )


def _shadowed(pairs: Iterable[Pair], host: Host) -> Iterator[Weakness]:
    """Names of the file that the launching shell exports for production: loaders leave those as they are."""
    exported = host.variables().values
    told = {pair.name: pair for pair in pairs if pair.name in exported and _shown(pair.name)}
    for name, pair in told.items():
        ours, theirs = _reached(name, pair.value), _reached(name, exported[name])
        if ours is None or theirs is None or ours == theirs:
            continue
        command = f"Remove-Item Env:{name}" if host.platform is Platform.WINDOWS else f"unset {name}"
        yield Weakness(
            rule="dotenv.shadowed-by-production",
            title="A variable of production hides the one of a development .env file",
            evidence=_evidence(pair),
            why=f"The shell exports {name} for production, and loaders of .env files leave what is exported.",
            fix=Fix("Take the variable out of the shell, and hand it to the one command that needs it.", (command,)),
            when=(Staged(theirs, PRODUCTION), Staged(ours, OTHERWISE)),
        )


def _reached(name: str, value: str) -> Asset | None:
    """What a value leads to: a place, or the choice of a stage, profile or workspace by name."""
    found = places(name, value, alone=True)
    if found:
        return found[0]
    value = value.strip()
    chosen = CHOICES.fullmatch(spelled(name)) and SHOWABLE.fullmatch(value) and len(value) <= 60
    if not chosen or not isinstance(judge(name, value), Silent):
        return None
    return Asset("setting", f"{name}={value}", (Hint("stage", value),))


def places(name: str, value: str, *, alone: bool = False) -> tuple[Asset, ...]:
    """The hosts, databases and buckets that a value names, secrets left out.

    A single word is a host only where `alone` says so: `redis://cache` tells nothing of a stage.
    """
    value = value.strip()
    if len(value) > VALUE_LIMIT or not ("://" in value or "=" in value or ENDINGS.fullmatch(spelled(name))):
        return ()
    address = ADDRESS.match(value)
    if address is not None and "@" in address[3]:
        return ()  # perhaps a password with `/` in it: where the host begins is not sure
    match judge(name, value):
        case Told(shape=Shape() as shape, kind=kind):
            return _of_login(kind, shape)
        case Silent(reason) if reason not in {Quiet.TEMPLATE, Quiet.EMPTY, Quiet.ENCRYPTED}:
            found = dict.fromkeys(_named(name, value, alone=alone))
            return tuple(asset for asset in found if not _is_public_live(asset.name))
        case _:
            return ()


def _of_login(kind: str, shape: Shape) -> tuple[Asset, ...]:
    """What an address with a login leads to, called as the credential in it calls it."""
    secret = shape.secret.casefold()
    hints = tuple(hint for hint in shape.hints if hint.text and secret not in hint.text.casefold())
    server = next((hint.text for hint in hints if hint.what == "host"), "")
    if not server or _is_public_live(server) or HOST.fullmatch(server) is None:
        return ()
    granted = kinds()[kind].grants
    if shape.account and granted and secret not in shape.account.casefold():
        return (Asset(granted[0].asset, shape.account, hints),)
    return (Asset("host", server, hints),)


def _named(name: str, value: str, *, alone: bool) -> Iterator[Asset]:
    address = ADDRESS.match(value)
    if address is not None:
        scheme = address[1].casefold().split("+")[0]
        if scheme in NO_HOSTS:
            return
        kind = "bucket" if scheme in BUCKETS else "host"
        for part in address[2].rpartition("@")[2].split(",")[:PART_LIMIT]:
            yield from _asset(kind, part.partition(":")[0], alone=alone)
    elif ENDINGS.fullmatch(spelled(name)):
        for part in value.split(",")[:PART_LIMIT]:
            bare = BARE.fullmatch(part.strip())
            if bare is not None and (alone or "." in bare[1] or ALIASES.fullmatch(spelled(name))):
                yield from _asset("host", bare[1], alone=alone)
    elif "=" in value:
        for match in list(SETTING.finditer(value))[:PART_LIMIT]:
            yield from _asset("host", match[1], alone=alone)


def _asset(kind: str, text: str, *, alone: bool) -> Iterator[Asset]:
    host = text.casefold().rstrip(".")
    of_parts = any(sign in host for sign in ".-_")
    if (
        HOST.fullmatch(host)
        and (of_parts or alone)
        and any(sign.isalpha() for sign in host)
        and family_of(text) is None
    ):
        yield Asset(kind, host, (Hint(kind, host),))


def _is_public_live(name: str) -> bool:
    host = name.partition("/")[0]
    end = next((end for end in PUBLIC_LIVE if host.endswith(end)), None)
    return end is not None and not _production_in(host.removesuffix(end))


def _shown(name: str) -> str:
    return name if SHOWABLE.fullmatch(name) and family_of(name) is None else ""


def _evidence(pair: Pair) -> Evidence:
    return Evidence(pair.evidence.path, pair.evidence.line, _shown(pair.name) or None)
