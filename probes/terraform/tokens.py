"""Tokens of HCP Terraform and its kin: in its credentials file, in settings files and in variables."""

import re
from collections.abc import Iterator

from probes.modes import readable_by_others
from probes.objects import Fields, objects, once, parsed
from probes.terraform.blocks import Block, read
from probes.terraform.reads import SETTINGS, TOKEN_VARIABLE, TOKENS
from scanner.data.kinds import implied
from scanner.host import Host, TextFile
from scanner.model import (
    CredentialSeen,
    Evidence,
    Gap,
    GapKind,
    Lifetime,
    LifetimeKind,
    Observation,
    Protection,
)
from scanner.secrets import Silent, judge
from scanner.shapes import filler, label

HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::\d{1,5})?")
BLOCK_LIMIT = 1_000
PROGRAM = re.compile(r"[\w.+-]{1,64}", re.ASCII)


def tokens(host: Host) -> Iterator[Observation]:
    """Every token, with the host that it is for."""
    for found in objects(host, *TOKENS):
        yield from [found] if isinstance(found, Gap) else _in_json(found, host)
    for file in once(host.read(*SETTINGS)):
        if isinstance(file, Gap):
            yield file
        elif file.text.lstrip("\ufeff \t\r\n").startswith("{"):
            for found in parsed(file, host):
                yield from [found] if isinstance(found, Gap) else _in_json(found, host)
        else:
            yield from _in_settings(file, host)
    yield from _in_variables(host)


def _in_json(found: Fields, host: Host) -> Iterator[Observation]:
    told = found.values.get("credentials", {})
    if not isinstance(told, dict):
        yield found.faulty("credentials", "is no object", host)
        return
    any_token = False
    for name, row in zip(told, found.members("credentials", host), strict=False):
        if isinstance(row, Gap):
            yield row
        elif not row.text("token"):
            yield row.faulty("token", "is no text", host)
        else:
            seen = list(_token(row.text("token"), name, row.at("token"), host))
            any_token = any_token or bool(seen)
            yield from seen
    if any_token:
        yield from readable_by_others(host, found.file.place)


def _in_settings(file: TextFile, host: Host) -> Iterator[Observation]:
    told = read(file.text)
    if told.broken is not None:
        why = f"line {told.broken} is not what terraform reads; what stands before was read"
        yield Gap(GapKind.FAILED, host.shown(file.path), why)
    seen: list[Observation] = []
    if len(told.blocks) > BLOCK_LIMIT:
        yield Gap(GapKind.LIMIT, host.shown(file.path), f"more than {BLOCK_LIMIT} blocks; the rest was not judged")
    for block in told.blocks[:BLOCK_LIMIT]:
        token = block.get("token")
        name = block.labels[0] if block.labels else ""
        if block.type == "credentials" and token is not None:
            shown = f"credentials.{name}.token" if HOST.fullmatch(name) else "credentials.token"
            evidence = Evidence(file.path, token.line, shown)
            seen.extend(_token(token.text, name, evidence, host))
        elif block.type == "credentials_helper":
            yield _helper(block, name, Evidence(file.path, block.line, "credentials_helper"))
    yield from seen
    if seen:
        yield from readable_by_others(host, file.place)


def _in_variables(host: Host) -> Iterator[Observation]:
    """TF_TOKEN_app_terraform_io: `_` stands for a dot and `__` for a hyphen."""
    for name, value in host.variables().values.items():
        if name.startswith(TOKEN_VARIABLE) and not isinstance(judge(name, value), Silent):
            spelled = name.removeprefix(TOKEN_VARIABLE).replace("__", "-").replace("_", ".")
            yield from _token(value.strip(), spelled, Evidence(variable=name), host)


def _token(secret: str, name: str, evidence: Evidence, host: Host) -> Iterator[CredentialSeen]:
    if filler(secret) is not None:
        return
    server = name.casefold() if HOST.fullmatch(name.casefold()) else "of an unnamed host"
    yield CredentialSeen(
        kind="terraform.token",
        evidence=evidence,
        secret=host.keep(secret),
        grants=implied("terraform.token", server),
        names=(server,),
    )


def _helper(block: Block, name: str, evidence: Evidence) -> CredentialSeen:
    """A program that is named and never started; of its arguments only the count is told."""
    shown = name if PROGRAM.fullmatch(name) else "that cannot be named"
    count = block.arguments
    return CredentialSeen(
        kind="terraform.credentials-helper",
        evidence=evidence,
        grants=implied("terraform.credentials-helper", f"of helper {label(shown)}"),
        lifetime=Lifetime(LifetimeKind.SESSION),
        protection=Protection.REFERENCE,
        names=(f"program terraform-credentials-{shown}, {count} argument{'' if count == 1 else 's'}",),
    )
