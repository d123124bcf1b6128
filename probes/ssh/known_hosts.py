"""Hosts that this user has connected to, as far as `known_hosts` names them."""

import re
from collections.abc import Iterator
from ipaddress import ip_address

from msgspec import Struct

from scanner.host import TextFile
from scanner.model import Evidence

NAME = re.compile(r"[A-Za-z0-9._:*?-]{1,255}")
BRACKETED = re.compile(r"\[([^\]]*)\](?::[0-9]+)?")


class Known(Struct, frozen=True):
    """One host name, or a pattern with `*` in it, and the line that names it."""

    name: str
    evidence: Evidence


def known_names(file: TextFile) -> Iterator[Known]:
    """One name for each line: the first that is no address, else the first; hashed lines name nobody."""
    for number, line in enumerate(file.text.split("\n"), start=1):
        fields = line.split()
        if fields and fields[0] == "@cert-authority":
            fields = fields[1:]
        if len(fields) < 3 or fields[0].startswith(("#", "|", "@")):
            continue
        names = [name for each in fields[0].split(",") if (name := _bare(each))]
        if names:
            yield Known(next((name for name in names if not address(name)), names[0]), Evidence(file.path, number))


def _bare(text: str) -> str:
    """A name without brackets and port; empty for an exclusion, for everyone and for what is no name."""
    bracketed = BRACKETED.fullmatch(text)
    name = bracketed[1] if bracketed else text
    return name if NAME.fullmatch(name) and name.strip("*?.") else ""


def address(name: str) -> bool:
    """Whether a name is an IP address."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
