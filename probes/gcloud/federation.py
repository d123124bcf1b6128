"""Tokens that come from elsewhere: a file, an address or a program hands them out; neither of the last is asked."""

import re
import shlex
from collections.abc import Iterator

from probes.gcloud.near import Fields, Near
from probes.gcloud.reads import SUBJECT_TOKEN_FILE
from probes.gcloud.who import Actor, roles_step
from probes.modes import readable_by_others
from scanner.host import TextFile
from scanner.model import (
    CredentialSeen,
    Evidence,
    Gap,
    Grant,
    Lifetime,
    LifetimeKind,
    Observation,
    Platform,
    Protection,
)
from scanner.shapes import Shape, host_of, label, shape_of

PROGRAM = re.compile(r"[\w.+-]{1,64}", re.ASCII)


def subject(found: Fields, who: Actor, names: tuple[str, ...], near: Near) -> Iterator[Observation]:
    """Where a federation takes its token from; the token itself where it lies in a file."""
    source = found.object("credential_source")
    if source is None:
        yield near.failed(found.of("credential_source"), "is missing, or is no object")
        return
    executable = source.object("executable")
    path = source.text("file")
    yield CredentialSeen(
        kind="gcp.external-account",
        evidence=found.of("credential_source"),
        identity=who.identity,
        grants=_direct("gcp.external-account", found, who),
        lifetime=Lifetime(LifetimeKind.SESSION),
        protection=Protection.REFERENCE,
        names=(*names, _origin(source, executable, near.host.platform)),
        undecided=roles_step(who),
    )
    if path is not None:
        yield from _token_file(path, found, who, near)


def _direct(kind: str, found: Fields, who: Actor) -> tuple[Grant, ...]:
    """What the pool's members may do themselves; where they impersonate a service account, that one tells it."""
    return who.grants(kind) if found.text("service_account_impersonation_url") is None else ()


def _origin(source: Fields, executable: Fields | None, platform: Platform) -> str:
    if executable is not None:
        return program(executable.text("command") or "", platform)
    url = source.text("url")
    if (source.text("environment_id") or "").startswith("aws"):
        return "made of the AWS keys of these surroundings"
    if url is not None:
        return f"served by {host_of(url) or 'an address that cannot be named'}"
    if source.text("file") is not None:
        return "a token that lies in a file"
    return "a certificate of this machine" if source.object("certificate") is not None else "of an unknown source"


def program(command: str, platform: Platform) -> str:
    """A command's program without its folder, and how many arguments it is given."""
    text = command.replace("\\", "/") if platform is Platform.WINDOWS else command
    try:
        words = shlex.split(text)
    except ValueError:  # a quotation that never ends
        words = text.split()
    name = words[0].rpartition("/")[2] if words and "=" not in words[0] else ""
    count = max(len(words) - 1, 0)
    shown = name if PROGRAM.fullmatch(name) else "that cannot be named"
    return f"program {shown}, {count} argument{'' if count == 1 else 's'}"


def _token_file(text: str, federation: Fields, who: Actor, near: Near) -> Iterator[Observation]:
    at = federation.of("credential_source")
    path = near.host.resolve(text, at.path.parent if at.path is not None else None)
    if path is None:
        yield near.failed(at, "names a file by a path that leads nowhere from here")
        return
    for found in near.host.read_named(SUBJECT_TOKEN_FILE, path):
        match found:
            case Gap():
                yield found
            case TextFile():
                yield from _token(found, federation, who, near)


def _token(file: TextFile, federation: Fields, who: Actor, near: Near) -> Iterator[Observation]:
    source = federation.object("credential_source")
    form = source.object("format") if source is not None else None
    token: str | None = file.text.strip()
    if form is not None and form.text("type") == "json":
        held = [each for each in near.parsed(file.text, Evidence(file.path)) if not isinstance(each, Gap)]
        token = held[0].text(form.text("subject_token_field_name") or "") if held else None
    if not token:
        yield near.failed(Evidence(file.path), "holds no token for the federation that names it")
        return
    shape = shape_of(token)
    lifetime = shape.lifetime if isinstance(shape, Shape) else Lifetime()
    subject_named = label(shape.user) if isinstance(shape, Shape) else ""
    yield CredentialSeen(
        kind="gcp.subject-token",
        evidence=Evidence(file.path),
        secret=near.host.keep(token),
        identity=who.identity,
        grants=_direct("gcp.subject-token", federation, who),
        lifetime=lifetime,
        state=near.state(lifetime),
        names=(f"of {subject_named}",) if subject_named else (),
    )
    yield from readable_by_others(near.host, file.place)
