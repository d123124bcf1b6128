"""Keys and certificates in files, as observations."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import PurePath

from msgspec.structs import replace

from probes.modes import readable_by_others
from probes.ssh.certificates import Certificate
from probes.ssh.keys import PrivateKey
from probes.ssh.opening import openings
from probes.ssh.stores import KeyFile, Signed, Stores
from probes.ssh.targets import KeyNames, Opened
from scanner.host import Host
from scanner.model import (
    OPEN,
    STATIC,
    Barrier,
    Confidence,
    CredentialSeen,
    CredentialState,
    Evidence,
    Fix,
    Gate,
    Grant,
    Guardrail,
    Identity,
    Observation,
    Platform,
    Protection,
    Step,
    Weakness,
)


def quoted(path: PurePath, platform: Platform) -> str:
    """A path for the shell that the platform's commands are for: PowerShell on Windows."""
    return "'" + str(path).replace("'", "''") + "'" if platform is Platform.WINDOWS else shlex.quote(str(path))


def key_seen(
    host: Host, file: KeyFile, stores: Stores, opened: Opened, keychain: Evidence | None
) -> Iterator[Observation]:
    """A private key with what it opens, what guards it and what does not; `keychain` says where UseKeychain is set."""
    key, shown = file.key, host.shown(file.path)
    evidence = Evidence(file.path, key.line)
    called = key.public.fingerprint if key.public is not None else shown
    opening = openings(opened, file.names, called)
    if opening.cut:
        yield opening.gap(shown)
    yield CredentialSeen(
        kind="ssh.private-key",
        evidence=evidence,
        secret=host.keep(key.body),
        public_id=key.public.fingerprint if key.public is not None else None,
        identity=Identity("ssh", called),
        grants=opening.grants,
        lifetime=STATIC,
        protection=protection(key),
        barrier=barrier(key, shown, keychain),
        names=_names(key, stores),
        undecided=opening.undecided,
    )
    yield from _guards(host, file, evidence)
    yield from readable_by_others(host, file.place)


def protection(key: PrivateKey) -> Protection:
    """What lies between a reader of the file and the key."""
    if key.hardware:
        return Protection.HARDWARE
    return Protection.PLAINTEXT if key.cipher is None else Protection.ENCRYPTED


def barrier(key: PrivateKey, shown: str, keychain: Evidence | None) -> Barrier:
    """What a person must do before the key signs."""
    if key.hardware and key.touch:
        return Barrier(Gate.PRESENCE, "touch")
    if key.cipher is None:
        return OPEN
    rule = f"passphrase: cipher {key.cipher} ({shown})"
    if keychain is not None and not key.putty:
        return Barrier(Gate.UNKNOWN, f"UseKeychain: the keychain may give the {rule}")
    return Barrier(Gate.PRESENCE, rule)


def _names(key: PrivateKey, stores: Stores) -> tuple[str, ...]:
    if key.public is None:
        return ()
    comment = key.comment or stores.comments.get(key.public.fingerprint, "")
    return (comment, key.public.label) if comment else (key.public.label,)


def _guards(host: Host, file: KeyFile, evidence: Evidence) -> Iterator[Observation]:
    """The protection that is in place, or the lack of one."""
    if file.key.hardware:
        yield Guardrail("ssh.key-in-hardware", "An SSH key lies in a security key", evidence)
    elif file.key.cipher is not None:
        yield Guardrail("ssh.key-with-passphrase", "An SSH key has a passphrase", evidence)
    else:
        path = quoted(file.path, host.platform)
        yield Weakness(
            rule="ssh.key-without-passphrase",
            title="An SSH private key without a passphrase",
            evidence=evidence,
            why="Whatever can read this file can sign in as you wherever the key is trusted; nothing asks, and the "
            "key never expires.",
            fix=Fix(
                "Give the key a passphrase and let an agent that confirms each use hold it, or make a new key in a "
                "security key.",
                (f"puttygen {path} -P" if file.key.putty else f"ssh-keygen -p -f {path}",),
            ),
        )


def certificate_seen(
    host: Host, signed: Signed, stores: Stores, opened: Opened, loaded: Mapping[str, Barrier]
) -> Iterator[Observation]:
    """A user's certificate; it opens what its key opens, and nothing where that key is not at hand.

    `loaded` tells what agents ask before they sign, by the fingerprint of the keys they hold.
    """
    told = signed.certificate
    if not told.user:
        return
    fingerprint = told.key.fingerprint
    files = [file for file in stores.keys if file.names.fingerprint == fingerprint]
    bearers = [_bearer(host, file) for file in files]
    if fingerprint in loaded:
        bearers.append((loaded[fingerprint], Protection.AGENT))
    bound, kept = min(bearers, key=lambda each: list(Gate).index(each[0].gate), default=(OPEN, Protection.REFERENCE))
    names = KeyNames(frozenset(file.path for file in files), fingerprint, any(file.default for file in files))
    opening = openings(opened, names, told.authority)
    ends = told.lifetime
    yield CredentialSeen(
        kind="ssh.certificate",
        evidence=Evidence(signed.path, 1),
        public_id=told.public_id,
        identity=Identity("ssh", told.authority, told.key_id),
        grants=_bound(opening.grants, told) if bearers else (),
        lifetime=ends,
        protection=kept,
        state=CredentialState.EXPIRED if ends.ended(host.now) else CredentialState.UNTESTED,
        barrier=bound,
        names=told.names(host.now) if bearers else (*told.names(host.now), "its private key is not on this machine"),
        undecided=_authority_step(told) if bearers and opening.undecided is not None else None,
    )


def _bearer(host: Host, file: KeyFile) -> tuple[Barrier, Protection]:
    return barrier(file.key, host.shown(file.path), None), protection(file.key)


def _bound(grants: tuple[Grant, ...], told: Certificate) -> tuple[Grant, ...]:
    """A certificate that only runs one command perhaps lets more happen, perhaps not."""
    if told.forced_command is None:
        return grants
    why = f"the certificate only runs {told.forced_command}"
    return tuple(replace(grant, confidence=Confidence.POSSIBLE, why=why) for grant in grants)


def _authority_step(told: Certificate) -> Step:
    return Step(
        "Which hosts trust the authority that signed this certificate is written on those hosts, not here.",
        f"Look for {told.authority} in the TrustedUserCAKeys of your hosts, or ask who runs that authority.",
    )
