"""Git's path patterns: `*` within a folder, `**` across folders, for conditions of includes."""

import re
from functools import lru_cache

PATTERN_LIMIT = 400  # signs of a pattern that is tried
STAR_LIMIT = 12  # wildcards in it: more could take a name apart in too many ways


@lru_cache(maxsize=512)
def _form(pattern: str, fold: bool) -> re.Pattern[str] | None:
    """The expression for a pattern, None for one that is no pattern or too much of one."""
    pattern = re.sub(r"\*{3,}", "**", re.sub(r"(?:\*\*/)+", "**/", pattern))
    if len(pattern) > PATTERN_LIMIT or pattern.count("*") > 2 * STAR_LIMIT:
        return None
    found: list[str] = []
    at = 0
    while at < len(pattern):
        text, at = _piece(pattern, at)
        found.append(text)
    try:
        return re.compile("".join(found), re.DOTALL | (re.IGNORECASE if fold else 0))
    except re.error:
        return None


def _piece(pattern: str, at: int) -> tuple[str, int]:
    """The expression for the sign or wildcard at a place, and where the next one begins."""
    folder_begins = at == 0 or pattern[at - 1] == "/"
    if folder_begins and pattern.startswith("**/", at):
        return "(?:.*/)?", at + 3
    if folder_begins and pattern[at:] == "**":
        return ".*", at + 2
    match pattern[at]:
        case "*":
            end = at + 2 if pattern.startswith("**", at) else at + 1
            return "[^/]*", end
        case "?":
            return "[^/]", at + 1
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
    return f"(?!/)[{'^' if denied else ''}{signs}]", end + 1


def matches(pattern: str, path: str, *, fold: bool = False) -> bool:
    """Whether a pattern means the whole path."""
    form = _form(pattern, fold)
    return form is not None and form.fullmatch(path) is not None
