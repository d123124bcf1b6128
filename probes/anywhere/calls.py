"""Secrets in calls that take them by their place: `connect("host", "ada", "X")`, `Client("X")`, a key behind its id."""

import re
from collections.abc import Iterator

from probes.anywhere.likely import Manner, plausible
from probes.anywhere.typed import Said
from scanner.patterns import Pattern

LITERAL = r"""["']([^"'\n]{6,400})["']"""
ANY = r"""["'][^"'\n]{0,400}["']"""
# What calls of a text are looked at, told by a word before any expression is tried
WORDS = Pattern(
    r"(?i)mysqli?_connect|getConnection|\bPDO\b|Credentials?\(|BasicAuth|basic_auth|ftp_login|\.login\(|\.authenticate\("
    r"|Client|\.run\(|\bBot\(|hmac|\.connect\(|set_api_key|\bAC[0-9a-f]{32}|\b(?:AKIA|ASIA)[A-Z0-9]{16}|pg_connect"
)
# host, login, password: `mysqli_connect("localhost", "ada", "X")`, `getConnection("jdbc:...", "ada", "X")`
THIRD = Pattern(
    rf"(?i)(?:mysqli?_(?:p?connect|real_connect)|new\s{{1,4}}mysqli|getConnection|\bPDO|ftp_login)\(\s{{0,8}}"
    rf"(?:{ANY}|[$\w.>-]{{1,60}})\s{{0,4}},\s{{0,8}}(?:{ANY}|[$\w.>-]{{1,60}})\s{{0,4}},\s{{0,8}}{LITERAL}"
)
# realm, host, login, password: `Credentials("Nexus", "nexus.example.com", "ada", "X")`
FOURTH = Pattern(rf"\bCredentials\(\s{{0,8}}(?:{ANY}\s{{0,4}},\s{{0,8}}){{3}}{LITERAL}")
# login, password: `HTTPBasicAuth("ada", "X")`, `smtp.login("ada", "X")`
SECOND = Pattern(
    rf"(?i)(?:BasicAuth(?:Handler|Credentials)?|basic_?auth|NetworkCredential|UsernamePasswordCredentials|\.login|\.authenticate)"
    rf"\(\s{{0,8}}{ANY}\s{{0,4}},\s{{0,8}}{LITERAL}"
)
# A public id and behind it what it is the id of
BEHIND_ID = Pattern(
    r"""["'](AC[0-9a-f]{32}|(?:AKIA|ASIA)[A-Z0-9]{16})["']\s{0,4},\s{0,8}["']([A-Za-z0-9/+=]{32,64})["']"""
)
# The only thing that a client is made of, or signs with
LONE = Pattern(
    r"""(?:\b([A-Za-z]\w{1,40})(?:\.|::|->)(?:Client|AsyncClient|Bot|run|login|connect|set_api_key|configure)|\b(\w{1,40}Client|Bot))"""
    r"""(?:\.new|\.create|::new)?\(\s{0,8}["']([\w+/=.~:-]{24,200})["']\s{0,4}\)"""
)
SIGNS = Pattern(r"""(?i)\bhmac\w{0,20}\([^"'()\n]{0,60}["']([A-Za-z0-9+/=_-]{24,200})["']""")
DIGIT, LETTER = re.compile(r"\d"), re.compile(r"[A-Za-z]")


class Told(Said, frozen=True):
    """A name and a value, and where the value stands in the text."""

    at: int = 0


def calls(text: str) -> Iterator[Told]:
    """The secrets that calls of a text take by their place."""
    if WORDS.search(text) is None:
        return
    for pattern in (THIRD, FOURTH, SECOND):
        for match in pattern.finditer(text):
            if plausible("login.password", match[1], Manner.CODE):
                yield Told("login.password", match[1], match.start(1))
    for match in BEHIND_ID.finditer(text):
        name = "twilio_auth_token" if match[1].startswith("AC") else "aws_secret_access_key"
        yield Told(name, match[2], match.start(2))
    for match in LONE.finditer(text):
        if _is_drawn(match[3]):
            yield Told(f"{match[1] or match[2]}.api_key", match[3], match.start(3))
    for match in SIGNS.finditer(text):
        if _is_drawn(match[1]):
            yield Told("hmac.signing_key", match[1], match.start(1))


def _is_drawn(value: str) -> bool:
    return len(DIGIT.findall(value)) > 1 and LETTER.search(value) is not None and plausible("token", value, Manner.CODE)
