"""Rules of agents as they may be shown: a rule is a command line or a path, and people leave passwords in both."""

import re
from hashlib import blake2b
from secrets import token_bytes

from probes.agents.mcp.hiding import is_telling
from probes.agents.mcp.words import Word, arguments, split
from scanner.patterns import Pattern
from scanner.secrets import Told, judge, tellings
from scanner.text import printable

SHOWN = 120
LOOKED_AT = 4096  # characters of a rule in which a password may be told by what stands around it
# The tool that a rule is about, and what begins an expression: behind them no program and no variable is told.
CALL = re.compile(r"^(?:[\w.-]{1,60}[(:]|/?\^)")
REST = re.compile(r"[\s:*]{0,20}\)?$|/[a-z]{0,4}$")  # of a call or an expression behind its command
# Without these nothing tells a secret.
LEADING = ("=", "@", "://", " -", "earer ", "asic ", "pass", "token", "secret", "key", "cookie", "login")
# What tells a password that stands under no name: a login, one that is handed on, a setting, a user part.
WRITTEN = Pattern(
    "|".join(
        (
            r"\blogin\b.{0,200}? -{1,2}p(?:assword)?[ =][ ]{0,8}[^\s*)$]",
            r"\bvault login (?![-*$])\S",
            r"(?:\b(?:echo|printf)\b|<<<).{1,500}?-{1,2}(?:\w{1,20}-)?(?:stdin|with-token)\b",
            r"-{1,2}(?:\w{1,20}-)?(?:stdin|with-token)\b.{0,200}?<<<",
            r"\bset\s[^=]{0,200}?(?:secret|passw|token|api_?key)[^\s=]{0,40}[ =][ ]{0,8}[^\s*)$-]",
            r"authorization['\"]?[ ]{0,8}[:=][ '\"]{0,8}(?:(?:basic|bearer|token) {1,8})(?=[^\s*)$'\"])",
            r"authorization['\"]?[ ]{0,8}[:=][ '\"]{0,8}(?!(?:basic|bearer|token) )[^\s*)$'\"]",
            r"\bbearer {1,8}[^\s*)$'\"]{6}",
            r"\bopenssl\b.{0,500}? -(?:k|pass|passin|passout) {1,8}[^\s*)$]",
            r"\b(?:api_?key|cookie|pass) {0,8}[:=] {0,8}[^\s*)$]",
            r"\bcurl\b.{0,500}? (?:-b|--cookie) {0,8}\w{1,60}=[^\s*)$]",
            r"\bhttps?\b.{0,200}? (?:-a|--auth)[ =]{1,8}[^\s*)$-]",
            r"-command[ =]['\"]{0,2}(?:echo|printf) [^\s*)$]",
            r"-U {0,8}\w{1,60}%[^\s*)$]",
            r"://(?!(?:git|hg|svn)?@)[^\s/@*$]{1,300}@",
        )
    ),
    re.IGNORECASE,
)

# What was said of a text, by its keyed digest: a rule is asked about several times. No text is held here, and the key
# ends with the process.
SALT, MEMORY = token_bytes(32), 20_000
_said: dict[bytes, bool] = {}


def holds_secret(text: str) -> bool:
    """Whether a text could be a secret, or hold one: by its shape, or as the value of an option or a variable."""
    key = blake2b(text.encode("utf-8", "surrogatepass"), key=SALT).digest()
    told = _said.get(key)
    if told is None:
        if len(_said) >= MEMORY:
            _said.clear()
        told = _said[key] = _holds_secret(text)
    return told


def _holds_secret(text: str) -> bool:
    if is_telling(text):
        return True
    folded = f" {text.casefold()}"
    if not any(sign in folded for sign in LEADING):
        return False
    command = REST.sub("", CALL.sub("", text))
    named = arguments(split(Word(command, "", 0))).named
    return (
        any(isinstance(judge(each.name, each.value), Told) for each in named)
        or isinstance(tellings("", command), tuple)
        or WRITTEN.search(text[:LOOKED_AT]) is not None
    )


def shown(text: str) -> str | None:
    """The text as a report may show it, None where it may not; a long one is left out too."""
    return None if len(text) > SHOWN or holds_secret(text) else printable(text)
