"""Sources, read only at the depth deep: of most of them one look tells that they assign nothing to a secret's name."""

from functools import cache
from pathlib import PurePath

from probes.anywhere import assigned
from probes.anywhere.plain import plain
from probes.anywhere.reading import Read
from scanner.prefilter import Group, Prefilter

WORDS = (b"pass", b"pwd", b"secret", b"token", b"key", b"auth", b"cred", b"salt", b"dsn", b"connection", b"pat", b"url")
# A name with such a word, what joins it to a value, and a literal that has more than letters in it
ASSIGNED = (
    rb"(?:pass|pwd|secret|token|key|auth|cred|salt|dsn|connection|pat|url)[a-z0-9_.-]{0,40}[\\]?[\"'`]?\]?\)?[ \t]{0,8}"
    rb"(?::[ \t]?[&a-z<>\[\]|?' ]{1,30}|(?:string|str)[ \t])?(?:=>|[:?|]{0,2}=|:|,|\(|convertto-securestring)?"
    rb"[ \t\r\n]{0,20}\(?[a-z@$]{0,3}"
    rb"[\\]?[\"'`][^\"'`\n]{0,60}[0-9!?*%&#+=~^$@]"
)
# `auth=("ada", "X")`, and `Password=X;` within a string
WITHIN = (
    rb"auth[ \t]{0,2}=?[ \t]{0,2}\([ \t]{0,2}[\"'][^\"'\n]{1,100}[\"'],"
    rb"|[;\"' ](?:[a-z_-]{0,30}(?:pass|pwd|secret|token|key|cred)[a-z_-]{0,30})=[^\s;\"'&,{}$<>]{6,200}[;\"']"
)
CALLS = (b"mysql", b"pdo(", b"client", b"hmac", b"bot(", b".run(", b".connect(", b".login(", b"credentials(", b"auth(")
CALLED = (
    rb"(?:mysqli?_(?:real_)?connect|mysqli|getconnection|pdo|ftp_login|credentials|basic_?auth|\.login|\.authenticate|client|new|bot"
    rb"|\.run|\.connect|set_api_key|hmac[a-z0-9_]{0,20})\([^()\n]{0,200}[\"'][^\"'\n]{6}"
)


def read(text: str, path: PurePath) -> Read:
    """What a source assigns, where it could assign a secret; of any other only shapes count."""
    if _assigns().is_met(text.encode("utf-8", "surrogatepass")):
        return assigned.read(text, path)
    return Read(loose=plain(text))


@cache
def _assigns() -> Prefilter:
    return Prefilter(
        (
            Group("assigned", WORDS, ASSIGNED, folded=True, gate=(ASSIGNED,)),
            Group("within", WORDS, WITHIN, folded=True, gate=(WITHIN,)),
            Group("called", CALLS, CALLED, folded=True, gate=(CALLED,)),
        )
    )
