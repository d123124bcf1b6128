"""What editors keep of a text while it is edited: its lines, with signs between them that are no text."""

import re
from pathlib import PurePath

from msgspec.structs import replace

from probes.anywhere import assigned
from probes.anywhere.plain import plain
from probes.anywhere.reading import Read
from scanner.originals import original_name
from scanner.patterns import Pattern

BETWEEN = Pattern(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffd]+", re.DOTALL)


def read(text: str, path: PurePath) -> Read:
    """The secrets in the lines; in which line of the text one stood, such a file does not say."""
    found = assigned.read(BETWEEN.sub("\n", text), path.with_name(original_name(path.name)))
    pairs = tuple(replace(each, evidence=replace(each.evidence, path=path, line=None)) for each in found.pairs)
    return Read(pairs, plain(text))
