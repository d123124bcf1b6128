r"""Text as it was before a program wrote it into a string: `\n` before a token would else be taken for a part of it."""

from pathlib import PurePath

from probes.anywhere.reading import Read
from scanner.patterns import Pattern

# A key's lines stay escaped: as such a block it is known to be the same key as in a file of its own.
KEY = Pattern(r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY[^-]{0,40}-----[^-]{0,20000}")
COLOUR = Pattern(r"\x1b\[[0-9;?]{0,30}[A-Za-z]")
CODE = Pattern(r"\\(?:u00|x)([0-9a-fA-F]{2})")
ESCAPES = (
    ("\\n", "\r"),
    ("\\r", "\r"),
    ("\\t", " "),
    ("\\b", " "),
    ("\\f", " "),
    ('\\"', '"'),
    ("\\'", "'"),
    ("\\/", "/"),
)


def read(text: str, path: PurePath) -> Read:
    """Nothing but what a shape tells: of transcripts, logs and whatever else may quote anything."""
    return Read(loose=plain(text))


def plain(text: str) -> str:
    """The text without escapes and colours, in as many lines: an escaped line end becomes a carriage return.

    Texts within texts (JSON in JSON) are escaped more than once, so that any number of backslashes counts as one.
    """
    if "\\" in text:
        while "\\\\" in text:
            text = text.replace("\\\\", "\\")
        text = "".join(_outside_keys(text))
    return COLOUR.sub("", text) if "\x1b[" in text else text


def _outside_keys(text: str) -> list[str]:
    """The text in pieces, unescaped where they are no key."""
    pieces: list[str] = []
    at = 0
    for key in KEY.finditer(text) if "PRIVATE KEY" in text else ():
        pieces += [_unescaped(text[at : key.start()]), _decoded(key[0])]
        at = key.end()
    return [*pieces, _unescaped(text[at:])]


def _unescaped(text: str) -> str:
    text = _decoded(text)
    for escape, sign in ESCAPES:
        text = text.replace(escape, sign)
    return text


def _decoded(text: str) -> str:
    if "\\u00" not in text and "\\x" not in text:
        return text
    return CODE.sub(lambda found: chr(int(found[1], 16)).replace("\n", "\r"), text)
