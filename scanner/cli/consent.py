"""What a person agrees to for one run: questions to providers, and entries of the keychain, each by name."""

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from scanner.errors import ScannerError
from scanner.text import printable

if TYPE_CHECKING:
    from probes.live.ask import Live
    from probes.live.question import Question
    from scanner.config import Config
    from scanner.host import Machine

ALL = "all"
LOCAL = "local"  # the word that lets servers of this machine be asked too
# The packages that shape the questions to a provider, and read the answers.
PACKAGES = {"aws": "botocore", "kubernetes": "kubernetes", "docker": "docker"}
INSTALL = "pip install 'armslength[live]'"


def keychain_services(named: Sequence[str]) -> frozenset[str]:
    """What the host may read for these names. Raises ScannerError for one that is not known."""
    from scanner.data.keychain import logins, services

    return services(_known(_split(named), list(logins()), "--keychain", "login in a keychain"))


def live(named: str | None, dry: bool) -> "Live | None":
    """What is asked of whom, None for nothing. Raises ScannerError for what cannot be asked."""
    if named is None:
        if dry:
            raise ScannerError("--dry-run says what --live would ask", "write --live --dry-run")
        return None
    from probes.live.ask import Live
    from probes.live.calls import Provider
    from probes.live.client import overrides

    every = [provider.value for provider in Provider]
    words = every if named == ALL else _known(_split([named]), [*every, LOCAL], "--live", "provider")
    if words == [LOCAL]:
        raise ScannerError("--live=local names nobody to ask", "write --live=kubernetes,local or --live=docker,local")
    for word in words if named != ALL else ():
        if word in PACKAGES and not _has(PACKAGES[word]):
            raise ScannerError(f"--live={word} needs {PACKAGES[word]}, which is not installed", INSTALL)
    asked = tuple(Provider(word) for word in words if word != LOCAL)
    return Live(asked, overrides(os.environ), dry, LOCAL in words)


def refuse(machines: "Iterable[Machine]", named: Sequence[str], agent: str | None) -> None:
    """Raises ScannerError where these options may not be used: on another machine, or started by an agent."""
    if not named:
        return
    options = " and ".join(named)
    if any(machine.source != "live" for machine in machines):
        raise ScannerError(
            f"{options}: only for this user on this machine",
            "leave --root and other homes out: credentials of another machine are not used",
        )
    if agent is not None:
        raise ScannerError(
            f"{agent} is among the programs that started this, and {options} is a person's to say",
            "run it in a terminal of your own, or set agents_may_read = true in config.toml",
        )


def plan(asked: "Live", machine: "Machine", config: "Config") -> str:
    """What would be asked, in words: each call, where to, and with which credential; never the secret."""
    from scanner.graph import build

    graph = build(asked.seen, machine, config)
    count = sum(len(list(put.requests())) for put in asked.plan)
    lines = [f"{count} question{'' if count == 1 else 's'} would be asked, and nothing was."]
    for put in asked.plan:
        node = next(node for node in graph.credentials.values() if _is_of(put, node.fingerprint, node.locations))
        known = [node.id, node.title, *([node.public_id] if node.public_id is not None else [])]
        for call, url, body in put.requests(asked.overrides.get(put.call.provider)):
            lines += ["", f"{call.method} {url}", *([f"  saying {body}"] if body else [])]
            lines += [f"  to learn {call.tells}", f"  with {', '.join(known)}", f"  at {_place(put, machine)}"]
    return "".join(f"{printable(line)}\n" for line in lines)


def _is_of(put: "Question", fingerprint: str | None, locations: Sequence[object]) -> bool:
    secret = put.seen.secret
    if secret is not None and secret.fingerprint is not None:
        return secret.fingerprint == fingerprint
    return put.evidence in locations


def _place(put: "Question", machine: "Machine") -> str:
    from scanner.host.paths import shown

    told = put.evidence
    if told.path is None:
        return told.variable or told.process or ""
    return shown(told.path, machine.home) + (f":{told.line}" if told.line is not None else "")


def _has(package: str) -> bool:
    from importlib.util import find_spec

    return find_spec(package) is not None


def _split(texts: Iterable[str]) -> list[str]:
    return [word.strip() for text in texts for word in text.split(",")]


def _known(words: Sequence[str], known: Sequence[str], option: str, what: str) -> list[str]:
    from scanner.config import did_you_mean

    for word in words:
        if word not in known:
            shown = printable(word) or "without a name"
            raise ScannerError(
                f"{option}: there is no {what} {shown}{did_you_mean(word, known)}", f"known are {', '.join(known)}"
            )
    return list(dict.fromkeys(words))
