"""The commands and their summaries; a command's module is loaded when it is called."""

from importlib import import_module

import click

from scanner.version import __version__

SUMMARIES = {
    "scan": "Look at this machine, judge what an agent could reach, and print it.",
    "check": "Hold this machine against its contract, clause by clause.",
    "diff": "Say what changed between two reports, or a report and now, and why.",
    "explain": "Explain one finding, exposure, credential, agent or asset, or list the ways to something.",
    "baseline": "Write, check or show a contract: what an agent may reach.",
    "label": "Settle the environment of an asset for every later scan.",
    "render": "Turn a saved report into another format.",
    "probes": "List what is looked at, or show one probe's handbook page.",
    "mcp-tools": "Start one MCP server in a sandbox, after consent, and list its tools.",
    "demo": "Judge a sample machine that comes with the tool.",
    "schema": "Print the JSON Schema of the report, or the words it uses.",
    "state": "Show or remove what armslength keeps on this machine.",
    "version": "Print the versions of the tool, its report and its data.",
}


class LazyGroup(click.Group):
    """A group whose commands are the modules of this package."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(SUMMARIES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in SUMMARIES:
            return None
        command: click.Command = import_module(f"scanner.cli.{cmd_name.replace('-', '_')}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in SUMMARIES and not args[0].startswith("-"):
            from scanner.config import did_you_mean

            ctx.fail(f"there is no command {args[0]}{did_you_mean(args[0], list(SUMMARIES))}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=False,
    help="What could an AI agent launched from this machine reach, how bad would that be, and what of it is too much?",
)
@click.version_option(__version__, prog_name="armslength", message="%(prog)s %(version)s")
def commands() -> None:
    """All commands."""
