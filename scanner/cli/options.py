"""Options that several commands share, and what they say as one value."""

import math
import shlex
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click
from msgspec import Struct
from msgspec.structs import fields

from scanner.cli.console import Console

if TYPE_CHECKING:
    from scanner.host.opening import Opening

Command = TypeVar("Command", bound=Callable[..., Any])
PLATFORMS = ("linux", "macos", "windows")
DEPTHS = ("quick", "standard", "deep")
SEVERITIES = ("never", "low", "medium", "high", "critical")
LONGEST = 86_400.0
NOT_REPEATED = frozenset({"time_limit", "now", "dry_run"})


class Looking(Struct, frozen=True):
    """What to look at and how: the machine's options, the choice of probes, depth, time, and the key's file.

    `baseline` names the contract that is held against it, `agent` the only agents that are judged.
    """

    home: tuple[str, ...] = ()
    root: str | None = None
    platform: str | None = None
    env_file: str | None = None
    no_env: bool = False
    workspace: tuple[str, ...] = ()
    probe: tuple[str, ...] = ()
    skip_probe: tuple[str, ...] = ()
    depth: str = "standard"
    time_limit: float = 60.0
    cross_mounts: bool = False
    fingerprint_key: str | None = None
    now: datetime | None = None
    live: str | None = None
    dry_run: bool = False
    keychain: tuple[str, ...] = ()
    baseline: str | None = None
    agent: tuple[str, ...] = ()

    @property
    def consents(self) -> tuple[str, ...]:
        """The options given that only a person may give, and only for this machine."""
        return (*(["--live"] if self.live is not None else []), *(["--keychain"] if self.keychain else []))

    @property
    def again(self) -> str:
        """These options as a shell takes them, for a command that is to see the same."""
        return " ".join(word for each in fields(Looking) for word in self._words(each.name))

    def _words(self, name: str) -> Iterator[str]:
        """One option with each of its values; nothing where it is as it would be without."""
        value, option = getattr(self, name), f"--{name.replace('_', '-')}"
        if name in NOT_REPEATED or value == getattr(Looking(), name):
            return
        if value is True:
            yield option
        elif name == "live":
            yield option if value == "all" else f"{option}={shlex.quote(value)}"
        else:
            yield from (f"{option} {shlex.quote(each)}" for each in ([value] if isinstance(value, str) else value))

    def opening(self) -> "Opening":
        """What the host is to open. Raises ScannerError for a login that no keychain is known to hold."""
        from scanner.cli.consent import keychain_services
        from scanner.host.opening import Opening
        from scanner.model import Platform

        return Opening(
            homes=self.home,
            root=self.root,
            platform=Platform(self.platform) if self.platform is not None else None,
            env_file=self.env_file,
            no_env=self.no_env,
            workspaces=self.workspace,
            now=self.now,
            keychain=keychain_services(self.keychain) if self.keychain else frozenset(),
        )


class Printing(Struct, frozen=True):
    """Where the report goes, in which form, whether it is kept, and what of it makes the run fail."""

    format: str | None = None
    output: tuple[str, ...] = ()
    fail_on: str = "never"
    quiet: bool = False
    no_color: bool = False
    keep: bool = False


def _seconds(context: click.Context, parameter: click.Parameter, value: float) -> float:
    if not (math.isfinite(value) and 0 < value <= LONGEST):
        raise click.BadParameter(f"seconds, more than 0 and at most {LONGEST:.0f}")
    return value


def _moment(context: click.Context, parameter: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise click.BadParameter("a time as 2026-11-21T10:00:00Z") from None


def _verbose(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    context.ensure_object(Console).verbose = value


LOOKING = (
    click.option("--home", multiple=True, metavar="DIR", help="A home to judge; the default is yours, live."),
    click.option("--root", metavar="DIR", help="A folder that holds another machine's files."),
    click.option("--platform", type=click.Choice(PLATFORMS), help="What an image is; told from its folders otherwise."),
    click.option("--env-file", metavar="FILE", help="The environment to judge, as `env -0` writes it."),
    click.option("--no-env", is_flag=True, help="Judge no environment variables."),
    click.option("--workspace", multiple=True, metavar="DIR", help="Where an agent would work; the current folder."),
    click.option("--probe", multiple=True, metavar="ID", help="Run only this probe."),
    click.option("--skip-probe", multiple=True, metavar="ID", help="Leave this probe out."),
    click.option("--agent", multiple=True, metavar="ID", help="Judge only this agent, such as claude-code."),
    click.option("--baseline", metavar="NAME|FILE", help="The contract to judge by; laptop."),
    click.option("--depth", type=click.Choice(DEPTHS), default="standard", show_default=True, help="How far to walk."),
    click.option("--cross-mounts", is_flag=True, help="Walk other disks and network folders below the home too."),
    click.option(
        *("--live",),
        is_flag=False,
        flag_value="all",
        metavar="[=PROVIDER,..]",
        help="Ask providers who credentials are: github, aws, kubernetes, docker; all without a name.",
    ),
    click.option("--keychain", multiple=True, metavar="NAME,..", help="Read these logins in the keychain, such as gh."),
    click.option("--fingerprint-key", metavar="FILE", help="A key of a fleet, at least 32 bytes."),
    click.option("--now", hidden=True, callback=_moment, help="The clock of this run."),
)
PRINTING = (
    click.option("--format", metavar="NAME", help="What stdout gets: terminal or json."),
    click.option(
        *("-o", "--output"), multiple=True, metavar="FILE", help="Also write this file; its ending names the format."
    ),
    click.option("--fail-on", type=click.Choice(SEVERITIES), default="never", help="End with 1 from this severity on."),
    click.option("--quiet", is_flag=True, help="Nothing on stdout."),
    click.option("--no-color", is_flag=True, help="No colour; NO_COLOR says the same."),
)
DRY_RUN = click.option("--dry-run", is_flag=True, help="With --live: say what would be asked, and ask nothing.")
KEEP = click.option(
    "--keep", is_flag=True, help="Keep this report, sealed with a key from the keychain; see explain --kept."
)
KEPT = click.option("--kept", is_flag=True, help="Take the report that scan --keep has kept.")
VERBOSE = click.option(
    *("-v", "--verbose"), is_flag=True, expose_value=False, callback=_verbose, help="Say where a defect lies."
)
Options = TypeVar("Options", Looking, Printing)


def looking(command: Command) -> Command:
    """Adds the options that say what to look at."""
    return _with(command, (*LOOKING, time_limit()))


def time_limit(seconds: float = Looking().time_limit) -> Callable[[Command], Command]:
    """The option that bounds the look, and how long it may take without."""
    told = f"Seconds to look; {seconds:g}."
    return click.option("--time-limit", type=float, callback=_seconds, default=seconds, metavar="S", help=told)


def printing(command: Command) -> Command:
    """Adds the options that say where the report goes."""
    return _with(command, PRINTING)


def taken(kind: type[Options], options: Mapping[str, Any]) -> Options:
    """Those of a command's options that this value holds."""
    return kind(**{each.name: options[each.name] for each in fields(kind) if each.name in options})


def composed(options: tuple[Callable[[Command], Command], ...]) -> Callable[[Command], Command]:
    """All these options as one decorator, in their order."""
    return lambda command: _with(command, options)


def _with(command: Command, options: tuple[Callable[[Command], Command], ...]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
