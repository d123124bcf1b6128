"""What of a configuration may be shown: names and paths as they are, nothing that could be a secret."""

import math
import re
from collections import Counter
from collections.abc import Iterable

from scanner.data.families import SHORTEST, family_of
from scanner.shapes import Shape, shape_of

HIDDEN = "*"
NAME_LIMIT = 120
PIECE = re.compile(r"[^\s/\\:=@,;&?#]+")
UUID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.()-]{0,127}")
HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
RANDOM_LENGTH, LEAST_BITS = 16, 3.2


def is_random(text: str) -> bool:
    """Whether a text of one piece looks drawn at random: long, letters and digits, many different signs."""
    if len(text) < RANDOM_LENGTH or not any(sign.isdigit() for sign in text) or not any(map(str.isalpha, text)):
        return False
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values()) >= LEAST_BITS


def is_drawn(text: str) -> bool:
    """Whether it looks drawn at random, and is not made of words and numbers either."""
    return is_random(text) and not _is_worded(text)


def is_telling(text: str) -> bool:
    """Whether a text could be a secret, or hold one in one of its pieces."""
    if isinstance(shape_of(text), Shape):
        return True
    rest = DIGEST.sub("", text)
    return any(
        UUID.fullmatch(piece) is not None or _is_token(piece) or is_drawn(piece) for piece in PIECE.findall(rest[:4096])
    )


def shown(text: str, secrets: Iterable[str] = (), limit: int = NAME_LIMIT) -> str:
    """The text, or a star in its place where it is long, could be a secret or holds one of those given."""
    if len(text) > limit or is_telling(text) or any(len(each) >= 4 and each in text for each in secrets):
        return HIDDEN
    return text


def variable_name(text: str) -> str:
    """The name of a variable as it may be shown, empty for what is no such name."""
    return text if VARIABLE.fullmatch(text) and family_of(text) is None and not is_drawn(text) else ""


def header_name(text: str) -> str:
    """The name of a header as it may be shown, empty for what is no such name."""
    return text if HEADER.fullmatch(text) and family_of(text) is None and not is_drawn(text) else ""


def key_name(text: str) -> str:
    """A key as a place may tell it, a star for one that could be a secret."""
    return variable_name(text) or header_name(text) or HIDDEN


def _is_token(piece: str) -> bool:
    family = family_of(piece) if len(piece) >= SHORTEST else None
    return family is not None and not family.public


def _is_worded(piece: str) -> bool:
    """Whether it is made of words and short numbers: server-filesystem-2025, not q7Zt19xK."""
    words = re.split(r"[-_.+~^()]", piece)
    return len(words) > 1 and all(
        re.fullmatch(r"[A-Za-z]{0,20}[0-9]{0,8}|[0-9]{1,4}[A-Za-z]{1,3}", word) for word in words
    )
