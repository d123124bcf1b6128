"""What `armslength check` attests, and how that is verified: options, files and keys around scanner.attestation."""

import hashlib
import os
import shlex
import stat
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource
from msgspec import Struct
from msgspec.structs import fields

from scanner.cli.console import Console, ExitCode
from scanner.errors import ScannerError
from scanner.text import printable

if TYPE_CHECKING:
    from scanner.attestation import Aside, Earlier, Terms
    from scanner.cli.judging import Task
    from scanner.model.attestation import Predicate, Statement
    from scanner.model.report import Report
    from scanner.signing import Signer

Command = TypeVar("Command", bound=Callable[..., Any])
LONGEST = 30  # days
NONCE = 128
KEY_LIMIT = 16 * 1024
OPEN_TO_OTHERS = 0o077
READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
WITH_VERIFY = frozenset({"verify", "nonce", "signer", "baseline", "now", "no_color", "verbose"})
WITH_KEY = "--signing-key FILE signs with a key of yours"

OPTIONS = (
    click.option("--attest", metavar="FILE", help="Write a signed attestation of this check, without names or paths."),
    click.option("--nonce", metavar="N", help="What the verifier gave: put into --attest, and compared by --verify."),
    click.option("--valid", type=click.IntRange(1, LONGEST), metavar="DAYS", help="How long it holds; 30, the most."),
    click.option("--after", metavar="FILE", help="With --attest: an earlier attestation, and what changed since."),
    click.option("--signing-key", metavar="FILE", help="An ed25519 key (PEM), where no keychain holds one."),
    click.option("--verify", metavar="FILE", help="Verify an attestation, and look at nothing here."),
    click.option("--signer", metavar="KEYID", help="With --verify: the key that must have signed it, k-..."),
)


class Asked(Struct, frozen=True):
    """What the options say of attestations; `baseline`, `output` and `now` are those of the look."""

    attest: str | None = None
    nonce: str | None = None
    valid: int | None = None
    after: str | None = None
    signing_key: str | None = None
    verify: str | None = None
    signer: str | None = None
    baseline: str | None = None
    output: tuple[str, ...] = ()
    now: datetime | None = None

    @property
    def clock(self) -> datetime:
        """The time of this run."""
        return self.now or datetime.now(UTC)


def options(command: Command) -> Command:
    """Adds the options of attestations."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def asked(told: Mapping[str, Any]) -> Asked:
    """What a command's options say of attestations. Raises ScannerError for what means nothing together."""
    found = Asked(**{each.name: told[each.name] for each in fields(Asked) if each.name in told})
    if found.attest is not None and found.verify is not None:
        raise ScannerError("--attest and --verify are two runs", "leave one of them out")
    attesting = {"--valid": found.valid, "--after": found.after, "--signing-key": found.signing_key}
    needs = [name for name, value in attesting.items() if value is not None and found.attest is None]
    needs += ["--nonce"] if found.nonce is not None and found.attest is None and found.verify is None else []
    if needs:
        raise ScannerError(f"{needs[0]} means nothing without --attest", "--attest FILE writes an attestation")
    if found.signer is not None and found.verify is None:
        raise ScannerError("--signer means nothing without --verify", "--verify FILE verifies an attestation")
    _check_nonce(found.nonce)
    return found


def _check_nonce(nonce: str | None) -> None:
    if nonce is not None and not (nonce.isprintable() and printable(nonce) == nonce and 0 < len(nonce) <= NONCE):
        raise ScannerError(f"--nonce takes 1 to {NONCE} printable characters")


# --- before the look


class Attesting(Struct, frozen=True):
    """All that it takes to attest once the check is finished."""

    asked: Asked
    path: Path
    signer: "Signer"
    aside: "Aside"
    console: Console
    task: "Task"
    earlier: "Earlier | None" = None

    def write(self, report: "Report", now: datetime) -> str:
        """Signs what the check came to and writes it; the line that says so. Raises ScannerError."""
        from reports.attested import remarks
        from scanner import atomic, signing
        from scanner.attestation import PAYLOAD, stated, written

        statement = stated(report, self.aside, self._terms(now))
        payload = written(statement)
        document = signing.signed(PAYLOAD, payload, self.signer)
        if len(document) > signing.SIZE_LIMIT:
            raise ScannerError("--attest: the contract has more clauses than an attestation holds")
        if any(self.task.mask.over(data, "attestation")[1] for data in (payload, document)):
            raise ScannerError(
                "--attest: a secret of this machine would stand in it, so nothing was written",
                "look at the nonce and at the names of host and contract",
            )
        try:
            atomic.replace(self.path, document)
        except OSError as error:
            raise _unusable("--attest", str(self.path), error) from None
        for line in remarks(statement.predicate):
            self.console.say(line)
        until = f"{statement.predicate.expires:%Y-%m-%d}"
        return f"{printable(str(self.path))} attests this check until {until}, signed by {self.signer.keyid}"

    def _terms(self, now: datetime) -> "Terms":
        from scanner.attestation import Terms
        from scanner.model.attestation import Key
        from scanner.signing import public_text

        return Terms(
            key=Key(self.signer.keyid, public_text(self.signer.public)),
            signed_at=now,
            days=self.asked.valid or LONGEST,
            nonce=self.asked.nonce or "",
            earlier=self.earlier,
        )


def ready(asked: Asked, console: Console, task: "Task") -> Attesting:
    """Tries all that can be tried before the look, so that nobody waits for nothing. Raises ScannerError."""
    if asked.attest is None:
        raise ScannerError("--attest names no file")
    _by_a_person(console, task)
    path = _writable(asked.attest, (*asked.output, asked.after or "", asked.signing_key or ""))
    earlier = _earlier(asked.after, task, asked.clock) if asked.after is not None else None
    return Attesting(asked, path, _signer(asked.signing_key), _aside(task), console, task, earlier)


def _by_a_person(console: Console, task: "Task") -> None:
    """Refused where an agent started us: it would vouch for itself."""
    from scanner.cli import guard

    agent = task.agent if task.guarded else guard.unlifted(console.facts, task.config)
    if agent is not None:
        raise ScannerError(
            f"{agent} is among the programs that started this, and --attest is a person's to say",
            "run it in a terminal of your own, or set agents_may_read = true in config.toml",
        )


def _writable(text: str, others: tuple[str, ...]) -> Path:
    """The path, after a file was made beside it and removed again."""
    from scanner import atomic

    path = Path(text)
    if os.path.lexists(path) and not path.is_symlink() and not path.is_file():
        raise ScannerError(f"--attest {printable(text)}: is no plain file")
    if any(each and _place(each) == _place(text) for each in others):
        raise ScannerError(f"--attest {printable(text)}: another option names the same file")
    try:
        atomic.remove(atomic.beside(path, b""))
    except OSError as error:
        raise _unusable("--attest", text, error) from None
    return path


def _place(text: str) -> str:
    path = Path(text)
    return os.path.normcase(os.path.join(os.path.realpath(path.parent), path.name))


def _signer(named: str | None) -> "Signer":
    """The key that signs: of the file, else of the keychain, which makes one. Raises ScannerError."""
    from scanner import keys, signing

    if named is not None:
        data = _content("--signing-key", named, KEY_LIMIT, private=True)
        try:
            return signing.from_pem(data)
        except signing.SigningError as error:
            raise ScannerError(f"--signing-key {printable(named)}: {error}", error.hint) from None
    try:
        return signing.from_seed(keys.key(keys.Purpose.ATTESTATION))
    except keys.KeysError as error:
        raise ScannerError(f"--attest: {error}", "; ".join(filter(None, (error.hint, WITH_KEY)))) from None


def _aside(task: "Task") -> "Aside":
    """What the options left out."""
    from probes import BUILTIN
    from probes.live.calls import Provider
    from scanner.attestation import Aside

    return Aside(
        probes=frozenset(each.id for each in BUILTIN),
        ran=frozenset(each.id for each in task.probes),
        environment=bool(task.machines[0].launch.values),
        providers=tuple(sorted(Provider)),
        agents=task.agents,
    )


def _earlier(named: str, task: "Task", now: datetime) -> "Earlier":
    """The attestation that the new one comes after; it may have expired. Raises ScannerError."""
    from scanner.attestation import AttestationError, Earlier, account, timely

    data = _content("--after", named, _size_limit())
    statement = _believed("--after", named, data)
    machine = task.machines[0]
    host = statement.predicate.host
    try:
        timely(statement.predicate, now, ended=True)
        if host.account != account(machine.name, machine.user, str(machine.home)):
            raise AttestationError("it is of another machine or another user, and nothing can be compared")
    except AttestationError as error:
        raise _about("--after", named, error) from None
    return Earlier(statement, _digest(data))


# --- verifying


def verifying_alone(context: click.Context) -> None:
    """Raises UsageError where --verify stands with an option that would mean nothing: what says what to look at."""
    for each in context.command.params:
        given = each.name is not None and context.get_parameter_source(each.name) is ParameterSource.COMMANDLINE
        if given and each.name not in WITH_VERIFY:
            told = f"{max(each.opts, key=len)} means nothing with --verify, which looks at nothing here;"
            raise click.UsageError(f"{told} with it go --nonce, --signer and --baseline.")


def verify(path: str, asked: Asked, console: Console) -> int:
    """Says whether an attestation holds and what it says; the exit code is that of the check. Raises ScannerError."""
    from reports.attested import Verifier, summary
    from scanner.attestation import AttestationError, timely
    from scanner.cli import outputs

    statement = _believed("--verify", path, _content("--verify", path, _size_limit()))
    try:
        timely(statement.predicate, asked.clock)
        _expected(statement.predicate, asked)
    except AttestationError as error:
        raise _about("--verify", path, error) from None
    by = Verifier(path, asked.signer is not None, asked.nonce is not None, asked.baseline is not None)
    outputs.to_stdout("".join(f"{printable(line)}\n" for line in summary(statement, by)).encode())
    if statement.failed:
        return ExitCode.BOTH if statement.incomplete else ExitCode.FINDINGS
    return ExitCode.INCOMPLETE if statement.incomplete else ExitCode.FINE


def _believed(option: str, named: str, data: bytes) -> "Statement":
    """What was signed, once the signature holds. Raises ScannerError."""
    from scanner import attestation, signing

    try:
        envelope = signing.opened(data)
        if envelope.kind != attestation.PAYLOAD:
            raise signing.SigningError("this is no attestation: what was signed is of another type")
        key = attestation.key_in(envelope.payload)
        signing.check(envelope, signing.public_of(key.public))
        statement = attestation.read(envelope.payload)
    except (signing.SigningError, attestation.AttestationError) as error:
        raise _about(option, named, error) from None
    if statement.predicate.key.keyid != envelope.keyid:
        raise ScannerError(f"{option} {printable(named)}: it names two keys")
    return statement


def _expected(predicate: "Predicate", asked: Asked) -> None:
    """Raises AttestationError where it is of another key, nonce or contract than the verifier named."""
    from scanner.attestation import AttestationError
    from scanner.cli import contracts
    from scanner.signing import KEY_ID

    if asked.signer is not None and KEY_ID.fullmatch(asked.signer) is None:
        raise ScannerError(f"--signer {printable(asked.signer)}: no id of a key", "it is k- and 32 letters and digits")
    if asked.signer is not None and asked.signer != predicate.key.keyid:
        raise AttestationError(f"it was signed by {predicate.key.keyid}, which is not the key that --signer names")
    if asked.nonce is not None and asked.nonce != predicate.nonce:
        raise AttestationError("it has another nonce than --nonce, or none", "ask for an attestation of your nonce")
    if asked.baseline is not None:
        digest = contracts.chosen(asked.baseline, asked.clock.date()).digest
        if digest not in _contracts(predicate):
            raise AttestationError(f"it is of another contract than --baseline {printable(asked.baseline)}")


def _contracts(predicate: "Predicate") -> set[str]:
    """The digests of the contracts that hold for the whole machine; one of a repository holds for its folder only."""
    layers = predicate.contract.layers
    return {predicate.contract.digest, *(each.digest for each in layers if each.scope in {"managed", "user"})}


def _size_limit() -> int:
    from scanner.signing import SIZE_LIMIT

    return SIZE_LIMIT


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _about(option: str, named: str, error: ScannerError) -> ScannerError:
    return ScannerError(f"{option} {printable(named)}: {error}", error.hint)


# --- files


def _content(option: str, named: str, limit: int, *, private: bool = False) -> bytes:
    """The bytes of a plain file. Raises ScannerError, also for a `private` one that others can read."""
    shown = f"{option} {printable(named)}"
    try:
        with open(named, "rb", opener=lambda path, _: os.open(path, READ)) as stream:
            info = os.fstat(stream.fileno())
            if not stat.S_ISREG(info.st_mode):
                raise ScannerError(f"{shown}: is no plain file")
            if private and os.name == "posix" and info.st_mode & OPEN_TO_OTHERS:
                raise ScannerError(f"{shown}: others can read the key", f"chmod 600 {shlex.quote(printable(named))}")
            data = stream.read(limit + 1)
    except (OSError, ValueError) as error:
        raise _unusable(option, named, error) from None
    if len(data) > limit:
        raise ScannerError(f"{shown}: is larger than {limit // 1024} KiB")
    return data


def _unusable(option: str, named: str, error: Exception) -> ScannerError:
    why = error.strerror if isinstance(error, OSError) else None
    return ScannerError(f"{option} {printable(named)}: {why or 'cannot be used'}")
