"""How OpenHands may act: its command line asks for each act unless it is told not to, its server does not.

Which of the two a person starts no file tells, nor whether the server's commands run in a container of its own.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from probes.agents.basis import Basis, asks_nothing, basis, by, environment, from_repository, of_option, of_workspace
from probes.agents.documents import Documents
from probes.agents.installed import ACTS, Installed
from probes.agents.layers import PROJECT, USER, Found, Layers, layered
from scanner.host import Host, Place
from scanner.model import Channel, Evidence, Gap, GapKind, Gate, Observation, Policy, Ruling, SettingSeen, Tool

APPROVE, JUDGE, HEADLESS = ("--always-approve", "--yolo", "-y"), ("--llm-approve",), ("--headless",)
ON, OFF = frozenset({"true", "1", "yes", "on"}), frozenset({"false", "0", "no", "off"})
KEY, VARIABLE = "confirmation_mode", "SECURITY_CONFIRMATION_MODE"
FIX = "Start openhands without --always-approve and --headless, so that a person sees each act."
PROJECT_FIX = "Look at config.toml and .openhands/setup.sh of a project before you have OpenHands work there."


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """It with its mode, and what a repository has it run or leave unasked."""
    read = _read(host, each)
    otherwise = _otherwise(read)
    tools = tuple(
        Tool(f"OpenHands {ACTS[channel]}", channel, otherwise) for channel in Channel if channel in each.row.default
    )
    yield each.seen(host, Policy(_mode(otherwise), tools))
    yield from read.seen(KEY, f"security.{KEY}", "runtime", "core.runtime", "sandbox.volumes")
    for option in read.options(*APPROVE, *JUDGE, *HEADLESS):
        yield SettingSeen(each.row.id, option.name, "set", "command line", option.evidence)
    if otherwise.gate is Gate.NONE:
        yield asks_nothing(read.title, otherwise, each.evidence, FIX)
    yield from _of_repository(read)
    why = "whether its server runs, in which nothing is asked, and in which runtime, no file tells"
    yield Gap(GapKind.REFUSED, f"{read.title}'s server", why)
    yield from read.gaps


def _read(host: Host, each: Installed) -> Basis:
    documents = Documents(host)
    project = tuple(one for one in documents.read(each.row.files["project"]) if one.project == host.workspace)
    user = tuple(of_workspace(host, documents.read(each.row.files["settings"])))
    layers: Layers = layered(documents, [(PROJECT, project), (USER, user)])
    variables = environment(host, [(VARIABLE, KEY), ("RUNTIME", "runtime")])
    return basis(host, each, replace(layers, layers=(*variables, *layers.layers)))


def _flags(read: Basis) -> Iterator[tuple[Found, bool]]:
    """What the sources say of its asking, highest first."""
    for layer in read.layers.layers:
        for keys in ((KEY,), ("security", KEY)):
            node = layer.document.root.at(*keys)
            if node is not None:
                found = Found(node, layer, ".".join(keys))
                if node.flag is not None or node.text.lower() in ON | OFF:
                    yield found, node.flag is True or node.text.lower() in ON
                else:
                    read.layers.note(found, "is no switch")


def _otherwise(read: Basis) -> Ruling:
    free = read.option(*APPROVE, *HEADLESS)
    if free is not None:
        return of_option(free, Gate.NONE)
    judged = read.option(*JUDGE)
    if judged is not None:
        return of_option(judged, Gate.CLASSIFIER)
    found = next(_flags(read), None)
    if found is None:
        return Ruling(Gate.UNKNOWN, "its command line asks, its server does not (default)", None, Gate.NONE)
    return by(found[0], Gate.PROMPT) if found[1] else by(found[0], Gate.UNKNOWN, Gate.NONE)


def _mode(otherwise: Ruling) -> str:
    match otherwise.gate:
        case Gate.NONE:
            return "always-approve"
        case Gate.CLASSIFIER:
            return "llm-approve"
        case Gate.PROMPT:
            return "confirm"
        case _:
            return "not known"


def _of_repository(read: Basis) -> Iterator[Observation]:
    for found, on in _flags(read):
        if found.layer.from_project and not on:
            yield from_repository(read.title, found.evidence, f"{found.key} in the project's config.toml", PROJECT_FIX)
    for place in read.host.places(*read.each.row.files["setup"]):
        if isinstance(place, Place) and place.path.parent.parent == read.host.workspace:
            here = Evidence(place.path)
            yield SettingSeen(read.each.row.id, ".openhands/setup.sh", "runs at its start", PROJECT, here)
            what = "A script of the project runs when OpenHands starts"
            yield from_repository(read.title, here, what, PROJECT_FIX)
