"""Git's path patterns: `*` within a folder, `**` across folders, for conditions of includes."""

import re
from functools import lru_cache

PATTERN_LIMIT = 400  # signs of a pattern that is tried
PATH_LIMIT = 1024  # and of what it is tried on


def matches(pattern: str, path: str, *, fold: bool = False) -> bool:
    """Whether a pattern means the whole path.

    Folder by folder, and of several `**` only the last one met is ever given more: what stood before it fits already,
    so that no pattern takes longer than its folders times those of the path.
    """
    if len(pattern) > PATTERN_LIMIT or len(path) > PATH_LIMIT:
        return False
    wanted, parts = pattern.split("/"), path.split("/")
    at = to = 0
    many, given = -1, 0  # where the last `**` stands, and up to which folder it reaches
    while to < len(parts):
        if at < len(wanted) and wanted[at] == "**":
            many, given, at = at, to, at + 1
            if at == len(wanted):
                return True
        elif at < len(wanted) and _is_meant(wanted[at], parts[to], fold):
            at, to = at + 1, to + 1
        elif many >= 0:
            given += 1
            at, to = many + 1, given
        else:
            return False
    return at == len(wanted)


def _is_meant(pattern: str, part: str, fold: bool) -> bool:
    form = _form(pattern, fold)
    return form is not None and form.fullmatch(part) is not None


@lru_cache(maxsize=512)
def _form(pattern: str, fold: bool) -> re.Pattern[str] | None:
    """The expression for one folder's pattern, None for one that is no pattern.

    What stands between two wildcards is taken where it first fits and never elsewhere (an atomic group), as that is
    enough: else twelve wildcards would try a name in more ways than there is time for.
    """
    runs: list[list[str]] = [[]]
    at = 0
    while at < len(pattern):
        if pattern[at] == "*":
            runs.append([])
            at += 1
        else:
            text, at = _piece(pattern, at)
            runs[-1].append(text)
    first, *between = ["".join(run) for run in runs]
    last = f".*{between.pop()}" if between else ""
    try:
        text = first + "".join(f"(?>.*?{run})" for run in between if run) + last
        return re.compile(text, re.DOTALL | (re.IGNORECASE if fold else 0))
    except re.error:
        return None


def _piece(pattern: str, at: int) -> tuple[str, int]:
    """The expression for the sign at a place, and where the next one begins."""
    match pattern[at]:
        case "?":
            return ".", at + 1
        case "[":
            return _group(pattern, at)
        case "\\" if at + 1 < len(pattern):
            return re.escape(pattern[at + 1]), at + 2
        case sign:
            return re.escape(sign), at + 1


def _group(pattern: str, at: int) -> tuple[str, int]:
    """A group such as `[a-z]` or `[!a]`; one that does not end stands for its own sign."""
    end = pattern.find("]", at + 2 + (pattern[at + 1 : at + 2] in ("!", "^")))
    if end < 0:
        return re.escape("["), at + 1
    inner = pattern[at + 1 : end]
    denied = inner[:1] in ("!", "^")
    signs = re.sub(r"([\\\[\]^&~|])", r"\\\1", inner[denied:])
    return f"[{'^' if denied else ''}{signs}]", end + 1
