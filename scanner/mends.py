"""How to take away what a credential has too much of: in words, and where there are any by exact commands."""

import re
import shlex
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import PurePath

from scanner.data.clauses import CredentialMend, demanded_mend, is_job, unattended_mend
from scanner.data.kinds import Mend, kinds
from scanner.graph import CredentialNode
from scanner.host import Machine
from scanner.host.paths import shown, within
from scanner.model import Evidence, Fix, Identity, Platform
from scanner.patterns import Pattern
from scanner.text import UNSAFE

PLACEHOLDER = Pattern(r"\{(\w+)\}")
# `user` is who uses this machine, `account` and `login` the identity's, `registry` the account as docker names it.
PLACEHOLDERS = {"path", "line", "variable", "public_id", "name", "account", "login", "registry", "user"}
# Names behind the word that probes write before them ("profile prod"), for programs that take the name alone.
LABELS = {"profile": "profile ", "cluster_user": "user "}
VARIABLE = Pattern(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
# PowerShell takes each of these for a quote that ends a text between single ones, or between double ones.
SINGLE = Pattern("['\u2018\u2019\u201a\u201b]")
DOUBLE = Pattern('["\u201c\u201d\u201e`$]')
DOCKER_HUB = "https://index.docker.io/v1/"  # the name under which docker keeps the login to docker.io

# Of what an outside probe found and no table knows.
UNNAMED = "Give agents one that opens less and ends soon, and take this one out of where it lies."


def mend_of(node: CredentialNode, machine: Machine, identity: Identity | None = None, *, job: bool = False) -> Fix:
    """The mend of a credential on that machine; commands that name an account need the identity that it proves.

    In a `job`, which the machine's variables tell as well, nobody can sign in.
    """
    told = unattended_mend(node.kind) if job or is_job(machine.launch.values, ()) else None
    if told is not None:
        return _by_demand(told, Fix(""), node, machine)[0]
    kind = kinds().get(node.kind)
    found = [_command(mend, node, machine, identity) for mend in (kind.mend if kind is not None else ())]
    commands = tuple(command for command in found if command is not None)
    return Fix(node.narrow or UNNAMED, commands or _forgotten(node, machine))


def mend_for(
    node: CredentialNode, machine: Machine, identity: Identity | None, demands: Sequence[str], *, job: bool
) -> Fix:
    """The mend of a credential by the demands that it breaks; by its kind where it breaks more, or none is told."""
    own = mend_of(node, machine, identity, job=job)
    rows = [demanded_mend(each, node.kind) for each in dict.fromkeys(demands)]
    if not rows or None in rows:
        return own
    fixes = [fix for row in rows if row is not None for fix in _by_demand(row, own, node, machine)]
    summaries = dict.fromkeys(each.summary for each in fixes if each.summary)
    return Fix(" ".join(summaries), tuple(dict.fromkeys(command for each in fixes for command in each.commands)))


def _by_demand(row: CredentialMend, own: Fix, node: CredentialNode, machine: Machine) -> list[Fix]:
    commands = [_command(Mend(run), node, machine, None) for run in row.commands]
    told = Fix(row.summary, tuple(each for each in commands if each is not None))
    return [told, own] if row.own else [told]


def quoted(value: str, platform: Platform) -> str | None:
    """A value as one word of the machine's shell; None where no quotes make it one, or it looks like an option."""
    if not value or UNSAFE.search(value) or value.startswith("-"):
        return None
    if platform is not Platform.WINDOWS:
        return shlex.quote(value)
    if '"' in value:  # PowerShell hands it to a program with its meaning changed
        return None
    return "'" + SINGLE.sub(r"\g<0>\g<0>", value) + "'"


def quoted_path(path: PurePath, machine: Machine) -> str | None:
    """A path as one word of the machine's shell, below the home by what the shell calls that."""
    platform = machine.platform
    if path == machine.home or not within(path, machine.home):
        return quoted(str(path), platform)
    inner = path.relative_to(machine.home)
    if UNSAFE.search(str(inner)):
        return None
    if platform is not Platform.WINDOWS:
        return "~/" + shlex.quote(inner.as_posix())
    return '"$HOME\\' + DOUBLE.sub(r"`\g<0>", str(inner)) + '"'


def _command(mend: Mend, node: CredentialNode, machine: Machine, identity: Identity | None) -> str | None:
    """The command with its values; None where it is not right here, or a value is missing."""
    if mend.platforms and machine.platform not in mend.platforms:
        return None
    if mend.protection and node.protection not in mend.protection:
        return None
    place = _place(mend, node, machine)
    if mend.within and place is None:
        return None
    values = _values(node, machine, identity, place)
    words = {name: values.get(name) for name in PLACEHOLDER.findall(mend.run)}
    if any(word is None for word in words.values()):
        return None
    return PLACEHOLDER.sub(lambda match: words[match[1]] or "", mend.run)


def _place(mend: Mend, node: CredentialNode, machine: Machine) -> Evidence | None:
    """The first file it lies in, of those that the mend is for."""
    lying = (each for each in node.locations if each.path is not None)
    return next((each for each in lying if _is_meant(mend.within, each, machine)), None)


def _is_meant(globs: tuple[str, ...], place: Evidence, machine: Machine) -> bool:
    if place.path is None:
        return False
    path = shown(place.path, machine.home).replace("\\", "/").casefold()
    but = any(fnmatchcase(path, glob[1:].casefold()) for glob in globs if glob.startswith("!"))
    meant = [glob.casefold() for glob in globs if not glob.startswith("!")]
    return not but and (not meant or any(fnmatchcase(path, glob) for glob in meant))


def _values(
    node: CredentialNode, machine: Machine, identity: Identity | None, place: Evidence | None
) -> dict[str, str | None]:
    """What each placeholder stands for, quoted; None where the machine does not tell."""
    # With a blank it is our own word for an account that is not shown, and nothing that a command takes.
    account = identity.account if identity is not None and " " not in identity.account else ""
    plain = {
        "line": str(place.line or "") if place is not None else "",
        "variable": next((each.variable for each in node.locations if each.variable), ""),
        "public_id": node.public_id or "",
        "name": next((name for name in node.names[:1] if " " not in name), ""),
        **{word: _labelled(node.names, label) for word, label in LABELS.items()},
        "account": account,
        "login": identity.name if identity is not None else "",
        "registry": DOCKER_HUB if account == "docker.io" else account,
        "user": machine.user,
    }
    path = quoted_path(place.path, machine) if place is not None and place.path is not None else None
    return {"path": path, **{name: quoted(value, machine.platform) for name, value in plain.items()}}


def _labelled(names: tuple[str, ...], label: str) -> str:
    return next((name.removeprefix(label) for name in names if name.startswith(label)), "")


def _forgotten(node: CredentialNode, machine: Machine) -> tuple[str, ...]:
    """What keeps a credential that lies in variables alone from what is started from this shell."""
    names = [each.variable for each in node.locations if each.variable]
    if not names or len(names) != len(node.locations) or not all(map(VARIABLE.fullmatch, names)):
        return ()
    if machine.platform is Platform.WINDOWS:
        return tuple(f"Remove-Item Env:{name}" for name in dict.fromkeys(names))
    return ("unset " + " ".join(dict.fromkeys(names)),)
