"""`armslength schema`: the form of our documents and of a contract, and the words they use."""

import click

from scanner.cli.options import VERBOSE

SUBJECTS = ("report", "check", "difference", "contract", "capabilities", "kinds")


@click.command("schema", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("subject", type=click.Choice(SUBJECTS), default="report")
@VERBOSE
def command(subject: str) -> int:
    """Print the JSON Schema of a report, a check or a contract, or explain the capabilities or kinds of credentials."""
    from scanner.cli import outputs

    match subject:
        case "capabilities":
            outputs.to_stdout(_capabilities().encode())
        case "kinds":
            outputs.to_stdout(_kinds().encode())
        case "difference":
            outputs.to_stdout(_difference())
        case "contract":
            outputs.to_stdout(_contract())
        case "check":
            from reports.checklist_document import schema as checklist

            outputs.to_stdout(checklist())
        case _:
            from reports.document import schema

            outputs.to_stdout(schema())
    return 0


def _difference() -> bytes:
    from reports.difference_document import schema

    return schema()


def _contract() -> bytes:
    import json

    from scanner.contract.grammar import schema

    return json.dumps(schema(), indent=2).encode() + b"\n"


def _capabilities() -> str:
    from scanner.data.capabilities import capabilities

    return "".join(f"{word}\n    {each.means}\n" for word, each in capabilities().classes.items())


def _kinds() -> str:
    from scanner.data.kinds import kinds

    return "".join(f"{kind.id}  {kind.title}\n    {kind.why}\n" for _, kind in sorted(kinds().items()))
