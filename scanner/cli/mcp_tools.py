"""`armslength mcp-tools`: starts one MCP server in a sandbox, after consent, and lists its tools."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct

from scanner.cli.console import Console
from scanner.cli.options import VERBOSE
from scanner.errors import ScannerError
from scanner.text import printable

if TYPE_CHECKING:
    from probes.agents.mcp.entries import Entry
    from probes.agents.mcp.starting import Starting
    from scanner.host import Host, Machine
    from scanner.narrow.asking import Listed, ToolTold
    from scanner.narrow.installed import Needed

FORMATS = ("text", "json")
LEAST = 6  # characters of a value from which on it is taken out of what a server says
LINE = 12  # characters of a line of a secret, such as a key's, from which on it is one by itself
LONGEST = 300.0
WIDE, NARROW = 1000, 100  # characters of a description in JSON, and on a line


class Chosen(Struct, frozen=True):
    """A configured server, its name in full, and how it would be started; `secrets` are shown nowhere."""

    entry: "Entry"
    name: str
    starting: "Starting"
    command: str
    secrets: tuple[str, ...]


@click.command("mcp-tools", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("server")
@click.option("--workspace", metavar="DIR", help="Where an agent would work; the current folder.")
@click.option("--network", is_flag=True, help="Let the server into the network, and fetch itself anew.")
@click.option("--yes", is_flag=True, help="Start it without asking; needed where there is no terminal.")
@click.option(
    *("--time-limit",), type=click.FloatRange(1, LONGEST), default=30.0, metavar="S", help="Seconds to listen; 30."
)
@click.option("--format", type=click.Choice(FORMATS), default="text", help="Text for people, or json.")
@VERBOSE
@click.pass_obj
def command(console: Console, /, server: str, **options: Any) -> int:
    """Start the configured MCP server of that name in a sandbox, list its tools, and end it.

    SERVER is its name, or CLIENT:SCOPE:NAME where several bear it. The sandbox has a system that cannot be changed, an
    empty home, the variables that the server's own entry declares and no network. What a server says of its tools is
    its own word; nothing checks it.
    """
    from scanner.cli import outputs
    from scanner.narrow.bubblewrap import found

    machine = _machine(options["workspace"])
    _refuse(console)
    chosen = _chosen(server, machine, console)
    found()
    needed = _needed(chosen, machine, network=options["network"])
    _agreed(console, chosen, needed, yes=options["yes"])
    told = _listed(chosen, needed, options["time_limit"], console)
    data = _json(chosen, told) if options["format"] == "json" else _text(chosen, told)
    outputs.to_stdout(_masked(data, chosen, console))
    return 0


def _machine(workspace: str | None) -> "Machine":
    from scanner.host.opening import Opening, open_machines

    return open_machines(Opening(workspaces=(workspace,) if workspace is not None else ()))[0]


def _refuse(console: Console) -> None:
    """Raises ScannerError where an agent started us, and no person lets it."""
    from scanner import config
    from scanner.cli import guard

    agent = guard.unlifted(console.facts, config.load(config.default_path()))
    if agent is not None:
        raise ScannerError(
            f"{agent} is among the programs that started this, and to start a server is a person's to say",
            "run it in a terminal of your own, or set agents_may_read = true in config.toml",
        )


# --- which one


def _chosen(name: str, machine: "Machine", console: Console) -> Chosen:
    """The configured server of that name. Raises ScannerError where there is none, several, or one at an address."""
    from probes.agents.mcp.flow import configured
    from probes.agents.mcp.seen import scope_of
    from scanner.host import Host
    from scanner.vault import KEY_BYTES, Vault

    console.vault = Vault(os.urandom(KEY_BYTES))
    host = Host(machine, console.vault)
    known = {f"{each.client.id}:{scope_of(each, host)}:{each.label}": each for each in configured(host)}
    fitting = {full: each for full, each in known.items() if name in {full, each.label}}
    if not fitting:
        raise ScannerError(f"no configured server is called {printable(name)}", _names(sorted(known)))
    if len(fitting) > 1:
        raise ScannerError(f"several servers are called {printable(name)}", _names(sorted(fitting)))
    [(full, entry)] = fitting.items()
    return _startable(full, entry, host)


def _startable(full: str, entry: "Entry", host: "Host") -> Chosen:
    from probes.agents.mcp.seen import secrets_of
    from probes.agents.mcp.starting import starting

    if entry.launch is None:
        raise ScannerError(f"{full} is at an address: to ask it is to sign in there, which mcp-tools does not do")
    inside = str(host.workspace or host.home)
    folders = {"workspaceFolder": inside, "userHome": str(host.home), "HOME": str(host.home), "/": "/"}
    found = starting(entry, host.machine.launch.values, {**folders, "pathSeparator": "/"})
    if found is None:
        raise ScannerError(f"{full} says nothing that could be started")
    secrets = (*secrets_of(entry, host).secrets, *found.environment.values())
    secrets += tuple(line for each in secrets if "\n" in each for line in each.splitlines() if len(line) >= LINE)
    for each in secrets:
        host.keep(each)
    return Chosen(entry, full, found, found.told(secrets), tuple(each for each in secrets if len(each) >= LEAST))


def _names(names: Sequence[str]) -> str:
    if not names:
        return "no agent here has a server configured"
    more = f" and {len(names) - 20} more" if len(names) > 20 else ""
    return f"name one of: {', '.join(map(printable, names[:20]))}{more}"


# --- consent


def _needed(chosen: Chosen, machine: "Machine", *, network: bool) -> "Needed":
    from msgspec.structs import replace

    from scanner.narrow.installed import Command, needed

    home = Path(machine.home)
    folder = Path(chosen.starting.folder or machine.workspace or home)
    search = machine.launch.values.get("PATH", "")
    found = needed(Command(chosen.starting.words, folder, home, search), network=network)
    box = replace(found.box, environment={**found.box.environment, **chosen.starting.environment})
    return replace(found, box=box)


def _agreed(console: Console, chosen: Chosen, needed: "Needed", *, yes: bool) -> None:
    """Says what will be started. Raises ScannerError where no person agrees."""
    names = ", ".join(sorted(chosen.starting.environment)) or "none"
    console.say(f"{chosen.name} will be started in a sandbox: {chosen.command}")
    console.say(f"  its variables: {names}")
    if chosen.starting.unfilled:
        console.say(f"  left empty: {', '.join(chosen.starting.unfilled)}")
    console.say(f"  it can read: {', '.join(map(str, needed.box.readable)) or 'the system alone'}")
    console.say(f"  network: {'that of this machine, its own addresses too' if needed.box.network else 'none'}")
    if yes:
        return
    if sys.stdin is None or not (sys.stdin.isatty() and console.terminal):
        raise ScannerError(
            "there is no terminal to ask on, so nothing was started", "add --yes to start it all the same"
        )
    console.write("Start it? Type yes: ")
    if sys.stdin.readline(64).strip() != "yes":
        raise ScannerError("nothing was started")


# --- what it says


def _listed(chosen: Chosen, needed: "Needed", seconds: float, console: Console) -> "Listed":
    """The tools. Raises Stopped, with the server's own last words beside it, where it does not answer."""
    from scanner.narrow.asking import listed
    from scanner.narrow.running import Stopped, started

    with started(needed.box, needed.words, seconds) as running:
        try:
            return _without_secrets(listed(running), chosen, console)
        except Stopped:
            running.listen(0.5)
            for line in _told(running.said, chosen, console).splitlines()[-5:]:
                console.say(f"  the server: {line[:200]}")
            raise


def _cleaned(text: str, secrets: Sequence[str]) -> str:
    """Text of a server without what it was handed."""
    for each in secrets:
        text = text.replace(each, "*")
    return text


def _told(text: str, chosen: Chosen, console: Console) -> str:
    """Text of a server as it came, not cut yet, without any secret: half of one would not be known for it."""
    from scanner.scrub import tokens_in

    text = _cleaned(text, chosen.secrets)
    if console.vault is None or not text:
        return text
    for token in set(tokens_in(text)):  # of a file that it found where it was let in
        console.vault.keep(token)
    return console.vault.mask_text(text)


def _without_secrets(listed: "Listed", chosen: Chosen, console: Console) -> "Listed":
    """What the server told, every text of it without secrets."""
    from msgspec.structs import replace

    def clean(text: str | None) -> str | None:
        return _told(text, chosen, console) if text is not None else None

    def tool(each: "ToolTold") -> "ToolTold":
        claims = replace(each.annotations, title=clean(each.annotations.title)) if each.annotations else None
        name = _told(each.name, chosen, console)
        return replace(
            each, name=name, title=clean(each.title), description=clean(each.description), annotations=claims
        )

    server = replace(
        listed.server,
        name=_told(listed.server.name, chosen, console),
        version=_told(listed.server.version, chosen, console),
    )
    return replace(listed, server=server, tools=tuple(map(tool, listed.tools)))


def _claims(tool: "ToolTold") -> list[str]:
    """What a server claims of a tool, in words."""
    told = tool.annotations
    if told is None:
        return []
    words = {
        "only reads": told.readOnlyHint is True,
        "changes things": told.readOnlyHint is False,
        "may destroy": told.destructiveHint is True,
        "destroys nothing": told.destructiveHint is False,
        "reaches outside": told.openWorldHint is True,
    }
    return [word for word, holds in words.items() if holds]


def _known(chosen: Chosen) -> dict[str, str]:
    """What is known of the tools of this server, by name."""
    from scanner.data.known_servers import servers, table

    known = servers().get(chosen.entry.known) if chosen.entry.known else None
    return {name: table().words[act] for act, names in known.tools.items() for name in names} if known else {}


def _text(chosen: Chosen, told: "Listed") -> bytes:
    count = len(told.tools)
    known = _known(chosen)
    lines = [f"{chosen.name}: {count} {'tool' if count == 1 else 'tools'}{', and more' if told.cut else ''}"]
    lines.append("What stands behind a name is the server's own word; in brackets what armslength knows of the tool.")
    for tool in told.tools:
        own = f" [{known[tool.name]}]" if tool.name in known else ""
        claims = ", ".join(_claims(tool)) or "claims nothing"
        words = " ".join((tool.description or tool.title or "").split())[:NARROW]
        lines.append(f"  {tool.name[:NARROW]}{own}: {claims}" + (f"; {words}" if words else ""))
    return "".join(printable(_cleaned(line, chosen.secrets)) + "\n" for line in lines).encode("utf-8", "replace")


def _json(chosen: Chosen, told: "Listed") -> bytes:
    import json

    known = _known(chosen)
    document = {
        "server": chosen.name,
        "client": chosen.entry.client.id,
        "command": chosen.command,
        "variables": sorted(chosen.starting.environment),
        "calls_itself": {"name": told.server.name[:NARROW], "version": told.server.version[:NARROW]},
        "known_as": chosen.entry.known or None,
        "cut": told.cut,
        "tools": [
            {
                "name": tool.name[:WIDE],
                "known": known.get(tool.name),
                "claims": {
                    "title": (tool.title or (tool.annotations.title if tool.annotations else None) or "")[:WIDE]
                    or None,
                    "description": (tool.description or "")[:WIDE] or None,
                    "read_only": tool.annotations.readOnlyHint if tool.annotations else None,
                    "destructive": tool.annotations.destructiveHint if tool.annotations else None,
                    "idempotent": tool.annotations.idempotentHint if tool.annotations else None,
                    "open_world": tool.annotations.openWorldHint if tool.annotations else None,
                },
            }
            for tool in told.tools
        ],
    }
    return json.dumps(_clean(document, chosen.secrets), indent=2).encode() + b"\n"


def _clean(value: Any, secrets: Sequence[str]) -> Any:
    """Every text of a document without what the server was handed, and safe for a terminal."""
    match value:
        case str():
            return printable(_cleaned(value, secrets))
        case list():
            return [_clean(each, secrets) for each in value]
        case dict():
            return {name: _clean(each, secrets) for name, each in value.items()}
        case _:
            return value


def _masked(data: bytes, chosen: Chosen, console: Console) -> bytes:
    """The last look at what is printed: no value that this run met."""
    if console.vault is None:
        return data
    return console.vault.mask(data, frozenset({chosen.name}))[0]
