"""Secrets in calls that take them by their place: `connect("host", "ada", "X")`, `Client("X")`, a key behind its id.

The names of the calls are looked for as plain texts, so that a long file without them costs next to nothing.
"""

import re
from collections.abc import Iterator

from probes.anywhere.likely import Manner, plausible
from probes.anywhere.typed import Said
from scanner.patterns import Pattern

LITERAL = r"""["']([^"'\n]{6,400})["']"""
ANY = r"""(?:["'][^"'\n]{0,400}["']|[$\w.>-]{1,60})\s{0,4},\s{0,8}"""
MOST = 500  # calls of one name
BEFORE = 60  # characters in which the name before a call stands
SECOND = Pattern(rf"\s{{0,8}}{ANY}{LITERAL}")
THIRD = Pattern(rf"\s{{0,8}}(?:{ANY}){{2}}{LITERAL}")
FOURTH = Pattern(rf"\s{{0,8}}(?:{ANY}){{3}}{LITERAL}")
LONE = Pattern(r"""\s{0,8}["']([\w+/=.~:-]{24,200})["']\s{0,4}\)""")
SIGNS = Pattern(r"""\w{0,20}\([^"'()\n]{0,60}["']([A-Za-z0-9+/=_-]{24,200})["']""")
# Calls by what they take behind their bracket, in small letters
TAKING = (
    (SECOND, ("basicauth(", "basic_auth(", "networkcredential(", "passwordcredentials(", ".login(", ".authenticate(")),
    (THIRD, ("mysql_connect(", "mysqli_connect(", "mysqli(", "getconnection(", "pdo(", "ftp_login(")),
    (FOURTH, ("credentials(",)),
)
CLIENTS = ("client(", "client.new(", "client::new(", "bot(", ".run(", ".connect(", ".login(", "set_api_key(")
CALLER = re.compile(r"([A-Za-z]\w{1,40})(?:\.|::|->)?\Z")
# A public id and behind it what it is the id of
IDS = ('"AC', "'AC", '"AKIA', "'AKIA", '"ASIA', "'ASIA")
BEHIND_ID = Pattern(
    r"""["'](AC[0-9a-f]{32}|(?:AKIA|ASIA)[A-Z0-9]{16})["']\s{0,4},\s{0,8}["']([A-Za-z0-9/+=]{32,64})["']"""
)
DIGIT, LETTER = re.compile(r"\d"), re.compile(r"[A-Za-z]")


class Told(Said, frozen=True):
    """A name and a value, and where the value stands in the text."""

    at: int = 0


def calls(text: str) -> Iterator[Told]:
    """The secrets that calls of a text take by their place."""
    low = text.lower() if text.isascii() else text
    for pattern, names in TAKING:
        for _, end in _found(low, names):
            match = pattern.match(text, end)
            if match is not None and plausible("login.password", match[1], Manner.CODE):
                yield Told("login.password", match[1], match.start(1))
    for start, end in _found(low, CLIENTS):
        match = LONE.match(text, end)
        if match is not None and _is_drawn(match[1]):
            yield Told(_of_client(text, start), match[1], match.start(1))
    for _, end in _found(low, ("hmac",)):
        match = SIGNS.match(text, end)
        if match is not None and _is_drawn(match[1]):
            yield Told("hmac.signing_key", match[1], match.start(1))
    for start, _ in _found(text, IDS):
        match = BEHIND_ID.match(text, start)
        if match is not None:
            name = "twilio_auth_token" if match[1].startswith("AC") else "aws_secret_access_key"
            yield Told(name, match[2], match.start(2))


def _found(text: str, names: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Where the names begin and end."""
    for name in names:
        at = text.find(name)
        count = 0
        while at >= 0 and count < MOST:
            yield at, at + len(name)
            at = text.find(name, at + len(name))
            count += 1


def _of_client(text: str, start: int) -> str:
    """What the key of a client is called, by what the client is of."""
    caller = CALLER.search(text, max(0, start - BEFORE), start)
    return f"{caller[1] if caller is not None else 'client'}.api_key"


def _is_drawn(value: str) -> bool:
    return len(DIGIT.findall(value)) > 1 and LETTER.search(value) is not None and plausible("token", value, Manner.CODE)
