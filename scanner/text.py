"""Text from elsewhere made safe for a terminal: control codes and marks that reorder or hide what is read."""

import re

from scanner.patterns import Pattern

# C0, DEL and C1 (a terminal obeys them); Arabic letter mark, zero-width and bidirectional marks, line and paragraph
# separators, byte order mark and tag characters (they hide or reorder text); surrogates (no output takes them).
UNSAFE = Pattern(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)


def printable(text: str) -> str:
    r"""The text with every unsafe character written as its escape: `\x1b`, `\u202e`.

    A byte of a file name that is no UTF-8 (a lone surrogate in Python) is written as that byte.
    """
    if text.isascii() and text.isprintable():
        return text
    return UNSAFE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:  # how os.fsdecode keeps a byte that is no UTF-8
        code -= 0xDC00
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
