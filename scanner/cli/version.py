"""`armslength version`: the versions of all that a figure depends on."""

import click

from scanner.cli.options import VERBOSE


@click.command("version", context_settings={"help_option_names": ["-h", "--help"]})
@VERBOSE
def command() -> int:
    """Print the versions of the tool, its report, the weights of the score, and the data."""
    from scanner.cli import outputs
    from scanner.data import files
    from scanner.model.report import SCHEMA_VERSION
    from scanner.version import __version__

    versions = {name.removesuffix(".toml"): files.table(name).get("version") for name in files.names()}
    lines = [f"armslength {__version__}", f"report schema {SCHEMA_VERSION}"]
    lines += [f"{name} {version}" for name, version in versions.items() if version is not None]
    outputs.to_stdout("".join(f"{line}\n" for line in lines).encode())
    return 0
