"""Sockets of connections that stay open: whoever reaches one is let in without a key."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from probes.ssh.client_config import Setting, globbed
from probes.ssh.reads import CONTROL_NAMED
from probes.ssh.targets import SHELL, Target, named_path, tokens
from scanner.host import FileKind, Host
from scanner.model import Asset, Confidence, Evidence, Gap, Grant, HandleSeen

VARIABLE = "hnkprCj"
HOST_NAME = "[A-Za-z0-9._-]+"
FORMS = {"%h": HOST_NAME, "%n": HOST_NAME, "%p": "[0-9]+", "%r": "[^@:/]+"}
TOKEN_LIMIT = 3  # more could take a name apart in too many ways


def control_sockets(host: Host, settings: Iterable[Setting], targets: list[Target]) -> Iterator[HandleSeen | Gap]:
    """Every control socket that lies where the configuration puts them."""
    expected = _expected(host, targets)
    seen: set[PurePath] = set()
    templates: set[str] = set()
    for setting in settings:
        if setting.keyword != "controlpath" or setting.first in templates:
            continue
        templates.add(setting.first)
        pattern = named_path(host, setting.first, tokens(host) | dict.fromkeys(VARIABLE, "*"))
        if pattern is None:
            continue
        for path in globbed(host, CONTROL_NAMED, pattern):
            if isinstance(path, Gap):
                yield path
            elif path not in seen:
                seen.add(path)
                yield from _socket(host, path, expected.get(path) or _told(path, setting, host))


def _socket(host: Host, path: PurePath, target: Target | None) -> Iterator[HandleSeen | Gap]:
    place = host.place_named(CONTROL_NAMED, path)
    if place is None or isinstance(place, Gap):
        yield from [place] if place is not None else []
        return
    if place.kind is not FileKind.SOCKET or not place.writable:
        return
    evidence = Evidence(path)
    why = "an open connection lets in whoever reaches its socket"
    grant = (
        target.grant(Confidence.GRANTED, evidence, why)
        if target is not None
        else Grant(Asset("ssh-host", f"host behind {host.shown(path)}"), SHELL, Confidence.GRANTED, why=why)
    )
    yield HandleSeen(
        kind="handle.ssh-control-socket",
        evidence=evidence,
        channel=f"connect unix:{path}",
        grants=(grant,),
        names=(f"{target.login}@{target.hostname}" if target is not None else path.name,),
    )


def _expected(host: Host, targets: list[Target]) -> dict[PurePath, Target]:
    """The socket of each host that is named, so that a hash in the name can be understood."""
    found: dict[PurePath, Target] = {}
    general = tokens(host)
    for target in (each for each in targets if each.control):
        values = {"h": target.hostname, "n": target.alias, "k": target.alias, "p": target.port, "r": target.login}
        for jump in dict.fromkeys(("", target.jump)):  # newer versions hash the jump host too
            hashed = "".join((general["l"], target.hostname, target.port, target.login, jump))
            digest = hashlib.sha1(hashed.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
            path = named_path(host, target.control, general | values | {"j": target.jump, "C": digest})
            if path is not None:
                found.setdefault(path, target)
    return found


def _told(path: PurePath, setting: Setting, host: Host) -> Target | None:
    """The host that the socket's own name tells, None where its parts cannot be told apart."""
    template = re.split(r"[/\\]", setting.first)[-1]
    pieces = re.split("(%.)", template)
    variable = [piece for piece in pieces if piece in FORMS]
    if not {"%h", "%n"} & set(variable) or len(variable) != len(set(variable)) or len(variable) > TOKEN_LIMIT:
        return None
    general = tokens(host)
    form = ""
    for piece in pieces:
        if piece in FORMS:
            form += f"(?P<{piece[1]}>{FORMS[piece]})"
        elif piece.startswith("%") and len(piece) == 2:
            form += re.escape(general.get(piece[1], "\0"))
        else:
            form += re.escape(piece)
    match = re.fullmatch(form, path.name)
    if match is None:
        return None
    parts = match.groupdict()
    name = parts.get("h") or parts["n"]
    return Target(name, name, parts.get("r") or host.machine.user, parts.get("p") or "22", Evidence(path))
