"""`armslength schema`: the form of the report, and the words it uses."""

import click

from scanner.cli.options import VERBOSE

SUBJECTS = ("report", "capabilities", "kinds")


@click.command("schema", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("subject", type=click.Choice(SUBJECTS), default="report")
@VERBOSE
def command(subject: str) -> int:
    """Print the JSON Schema of the report, or the capabilities or kinds of credentials with what they mean."""
    from scanner.cli import outputs

    match subject:
        case "capabilities":
            outputs.to_stdout(_capabilities().encode())
        case "kinds":
            outputs.to_stdout(_kinds().encode())
        case _:
            from reports.document import schema

            outputs.to_stdout(schema())
    return 0


def _capabilities() -> str:
    from scanner.data.capabilities import capabilities

    return "".join(f"{word}\n    {each.means}\n" for word, each in capabilities().classes.items())


def _kinds() -> str:
    from scanner.data.kinds import kinds

    return "".join(f"{kind.id}  {kind.title}\n    {kind.why}\n" for _, kind in sorted(kinds().items()))
