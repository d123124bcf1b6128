"""Git's rules of what is ignored, read and matched as git's own dir.c and wildmatch.c do.

All is bytes, as git compares bytes: `?` stands for one of them. Rules are tried without a regular expression, since
most are met once or never, and the making of one costs more than the trial.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

from msgspec import Struct, field

RULE_LIMIT = 20_000  # taken of one file
STEPS = 1_000_000  # signs of names that rules are held against in one work tree
WILD = re.compile(rb"[*?\[\\]")
SLASH = 0x2F
# A form holds bytes, sets of bytes (a bit for each, below the bit SET), and these: `*`, `**`, `**/`, what fits nothing.
ANY, ALL, FOLDERS, NEVER = -1, -2, -3, -4
SET = 1 << 256
EVERY = SET - 2  # but NUL


def _set(signs: Iterable[int]) -> int:
    found = 0
    for sign in signs:
        found |= 1 << sign
    return found


UPPER, LOWER, DIGIT = _set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"), _set(b"abcdefghijklmnopqrstuvwxyz"), _set(b"0123456789")
GRAPH = _set(range(0x21, 0x7F))
CLASSES: Mapping[bytes, int] = {
    b"alnum": UPPER | LOWER | DIGIT,
    b"alpha": UPPER | LOWER,
    b"blank": _set(b" \t"),
    b"cntrl": _set((*range(0x20), 0x7F)),
    b"digit": DIGIT,
    b"graph": GRAPH,
    b"lower": LOWER,
    b"print": GRAPH | _set(b" "),
    b"punct": GRAPH & ~(UPPER | LOWER | DIGIT),
    b"space": _set(b" \t\n\v\f\r"),
    b"upper": UPPER,
    b"xdigit": DIGIT | _set(b"abcdefABCDEF"),
}

Form = tuple[int, ...]


class Rule(Struct, frozen=True, dict=True):
    """One line: `text` is what is left of it without `!` and the slash at its end, `plain` how much of that is literal.

    `folders`: it means folders alone. `anywhere`: no slash is in it, so that it means names in any folder. `suffix`: it
    is a star and literal text; `tail` is the literal end of any other.
    """

    text: bytes
    line: int
    negated: bool
    folders: bool
    anywhere: bool
    plain: int
    suffix: bool
    tail: bytes = b""

    @cached_property
    def form(self) -> Form:
        """What stands behind the literal beginning, ready for a trial."""
        return form(self.text[self.plain :], slashes=not self.anywhere, fold=False)

    @cached_property
    def folded(self) -> Form:
        """The same for trials that take upper and lower case for the same."""
        return form(self.text[self.plain :], slashes=not self.anywhere, fold=True)


class Rules(Struct, frozen=True):
    """The rules of one file, in its order, which hold below `base`: a folder with its slash, empty for the top."""

    rules: tuple[Rule, ...]
    base: bytes = b""
    cut: bool = False


def read_rules(data: bytes, base: bytes = b"") -> Rules:
    """The rules that stand in a file; `cut` where it has more than are taken."""
    found: list[Rule] = []
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if line and not line.startswith(b"#"):
            if len(found) == RULE_LIMIT:
                return Rules(tuple(found), base, cut=True)
            found.append(_rule(_trimmed(line.removesuffix(b"\r").partition(b"\0")[0]), number))
    return Rules(tuple(found), base)


def _trimmed(line: bytes) -> bytes:
    """The line without the blanks at its end; one behind a backslash stays, and all before it."""
    kept = line.rstrip(b" ")
    if kept == line:
        return line
    slashes = len(kept) - len(kept.rstrip(b"\\"))
    return line[: len(kept) + 1] if slashes % 2 else kept


def _rule(text: bytes, line: int) -> Rule:
    negated = text.startswith(b"!")
    text = text[negated:]
    folders = text.endswith(b"/")
    text = text[: len(text) - folders]
    if text.startswith(b"**/") and b"/" not in text[3:]:  # which says what a name alone says too
        text = text[3:]
    wild = WILD.search(text)
    if wild is None:
        return Rule(text, line, negated, folders, b"/" not in text, len(text), suffix=False)
    suffix = text.startswith(b"*") and WILD.search(text, 1) is None
    tail = b"" if b"[" in text or b"\\" in text else text[max(text.rfind(b"*"), text.rfind(b"?")) + 1 :]
    tail = tail.removeprefix(b"/")  # which behind `**` may mean nothing
    return Rule(text, line, negated, folders, b"/" not in text, wild.start(), suffix, tail)


class Sorted(Struct, frozen=True):
    """The rules of one file by how they are held against a name: `names` by their text, `endings` by their suffixes."""

    base: int
    names: Mapping[bytes, list[Rule]]
    suffixes: tuple[bytes, ...]
    endings: tuple[Rule, ...]
    others: tuple[Rule, ...]


def _sorted(rules: Rules, fold: bool) -> Sorted:
    names: dict[bytes, list[Rule]] = {}
    endings, others = list[Rule](), list[Rule]()
    for rule in reversed(rules.rules):  # the last one that fits decides
        if rule.anywhere and rule.plain == len(rule.text):
            names.setdefault(rule.text.lower() if fold else rule.text, []).append(rule)
        elif rule.anywhere and rule.suffix:
            endings.append(rule)
        else:
            others.append(rule)
    suffixes = tuple({rule.text[1:].lower() if fold else rule.text[1:] for rule in endings})
    return Sorted(len(rules.base), names, suffixes, tuple(endings), tuple(others))


class TooLong(Exception):
    """To hold the rules of a work tree against its paths would take longer than any set of rules is worth."""


class Ignoring(Struct):
    """The rules of one work tree, of which each folder is judged once.

    `wide` hold everywhere, the weakest first: `core.excludesFile`, then `info/exclude`. `own` hands out the rules of
    the `.gitignore` in a folder, which is named with its slash, and the top with nothing. `fold` takes upper and lower
    case for the same, as git does where `core.ignorecase` is set.
    """

    wide: tuple[Rules, ...]
    own: Callable[[bytes], Rules | None]
    fold: bool = False
    left: int = STEPS
    _known: dict[bytes, "Rule | tuple[Sorted, ...]"] = field(default_factory=dict)

    def ignored(self, path: bytes) -> Rule | None:
        """The rule that makes git ignore the path of a file, None where none does. Raises TooLong.

        A folder that is ignored takes all below it along: no rule brings back what stands in it, and no `.gitignore`
        in it is asked.
        """
        lists = self._holding(path.rpartition(b"/")[0])
        return lists if isinstance(lists, Rule) else self._ignoring(path, lists, folder=False)

    def deciding(self, path: bytes) -> Rule | None:
        """The last rule of `wide` that means this very path of a file, whatever folders it lies in. Raises TooLong."""
        return self._ignoring(path, tuple(_sorted(each, self.fold) for each in self.wide), folder=False)

    def _holding(self, folder: bytes) -> "Rule | tuple[Sorted, ...]":
        """The rules that hold in a folder, the weakest first; where it is ignored itself, the rule that does it."""
        if b"" not in self._known:
            self._known[b""] = self._with_own(tuple(_sorted(each, self.fold) for each in self.wide), b"")
        lists, at = self._known[b""], 0
        while folder and at <= len(folder) and not isinstance(lists, Rule):
            end = folder.find(b"/", at)
            end = len(folder) if end < 0 else end
            here, at = folder[:end], end + 1
            if here not in self._known:
                rule = self._ignoring(here, lists, folder=True)
                self._known[here] = rule if rule is not None else self._with_own(lists, here + b"/")
            lists = self._known[here]
        return lists

    def _with_own(self, lists: tuple[Sorted, ...], folder: bytes) -> tuple[Sorted, ...]:
        own = self.own(folder)
        return lists if own is None or not own.rules else (*lists, _sorted(own, self.fold))

    def _ignoring(self, path: bytes, lists: tuple[Sorted, ...], *, folder: bool) -> Rule | None:
        """The last rule of the strongest file that means this very path, unless it says that it is not ignored."""
        path = path.lower() if self.fold else path
        for rules in reversed(lists):
            rule = self._last(rules, path, folder)
            if rule is not None:
                return None if rule.negated else rule
        return None

    def _last(self, rules: Sorted, path: bytes, folder: bool) -> Rule | None:
        """The last rule of one file that means a path."""
        name, found = path[path.rfind(b"/") + 1 :], None
        for rule in rules.names.get(name, ()):
            if folder or not rule.folders:
                found = rule
                break
        for rule in rules.endings if rules.suffixes and name.endswith(rules.suffixes) else ():
            if found is not None and rule.line < found.line:
                break
            if (folder or not rule.folders) and self._is_meant(rule, name):
                found = rule
                break
        inner = path[rules.base :]
        for rule in rules.others:
            if found is not None and rule.line < found.line:
                break
            if (folder or not rule.folders) and self._is_meant(rule, name if rule.anywhere else inner):
                return rule
        return found

    def _is_meant(self, rule: Rule, name: bytes) -> bool:
        """Whether a rule with a wildcard or a slash means a name, or a path below the folder of its file."""
        self.left -= 1
        text, tail = (rule.text.lower(), rule.tail.lower()) if self.fold else (rule.text, rule.tail)
        slash = text.startswith(b"/")  # which stands for the folder of the file
        if not name.endswith(tail) or not name.startswith(text[slash : rule.plain]):
            return False
        if rule.suffix and rule.anywhere:
            return True
        rest = name[rule.plain - slash :] if rule.plain else name
        return not rest if rule.plain == len(text) else self._fits(rule.folded if self.fold else rule.form, rest)

    def _fits(self, pieces: Form, text: bytes) -> bool:
        """Whether the pieces mean the whole text. Raises TooLong.

        Of several wildcards only the last one met is ever given more, and where it may take no slash the last one that
        may: what stood before it fits already.
        """
        at = to = 0
        star = many = (-1, 0)  # the piece behind a wildcard, and from which byte on it is tried
        while at < len(pieces) or to < len(text):
            self.left -= 1
            if self.left < 0:
                raise TooLong
            piece = pieces[at] if at < len(pieces) else NEVER
            if piece == ANY:
                at, star = at + 1, (at + 1, to)
            elif piece in (ALL, FOLDERS):
                at, many, star = at + 1, (at + 1, to), (-1, 0)
            elif to < len(text) and (text[to] == piece or (piece >= SET and piece >> text[to] & 1)):
                at, to = at + 1, to + 1
            elif star[0] >= 0 and star[1] < len(text) and text[star[1]] != SLASH:
                star = (star[0], star[1] + 1)
                at, to = star
            elif many[0] >= 0 and (to := _further(pieces[many[0] - 1], text, many[1])) >= 0:
                at, many, star = many[0], (many[0], to), (-1, 0)
            else:
                return False
        return True


# --- wildcards


def form(pattern: bytes, *, slashes: bool, fold: bool) -> Form:
    """A pattern in pieces; with `slashes` they mean a path, of which only `**` between two takes more than a name."""
    pieces: list[int] = []
    at = 0
    while at < len(pattern):
        match pattern[at : at + 1]:
            case b"*":
                piece, at = _stars(pattern, at, slashes)
            case b"?":
                piece, at = SET | EVERY & ~(slashes << SLASH), at + 1
            case b"[":
                piece, at = _group(pattern, at + 1, fold)
                piece &= ~(slashes << SLASH) if piece > 0 else -1
            case b"\\":  # behind the last one there is nothing that could fit
                piece, at = pattern[at + 1] if at + 1 < len(pattern) else NEVER, at + 2
            case sign:
                piece, at = (sign.lower() if fold else sign)[0], at + 1
        pieces.append(piece)
    return tuple(pieces)


def _stars(pattern: bytes, at: int, slashes: bool) -> tuple[int, int]:
    end = at
    while pattern[end : end + 1] == b"*":
        end += 1
    if not slashes:
        return ALL, end
    if end - at < 2 or pattern[max(at - 1, 0) : at] not in (b"", b"/"):
        return ANY, end
    after = pattern[end : end + 2]
    if after.startswith(b"/"):
        return FOLDERS, end + 1
    return (ALL if after in (b"", b"\\/") else ANY), end


def _group(pattern: bytes, at: int, fold: bool) -> tuple[int, int]:
    """The set that `[...]` means; one that does not end, or names a class that there is not, fits nothing."""
    negated = pattern[at : at + 1] in (b"!", b"^")
    at += negated
    first, found, before = at, 0, 0
    while pattern[at : at + 1] != b"]" or at == first:
        step = _member(pattern, at, before, fold)
        if step is None:
            return NEVER, len(pattern)
        signs, before, at = step
        found |= signs
    return SET | (EVERY & ~found if negated else found), at + 1


def _member(pattern: bytes, at: int, before: int, fold: bool) -> tuple[int, int, int] | None:
    """One part of a group: its set, the byte that a range may begin with, and where the next part begins."""
    two = pattern[at : at + 2]
    if two == b"[:":
        end = pattern.find(b"]", at + 2)
        if end < 0:
            return None
        if end > at + 2 and pattern[end - 1 : end] == b":":
            known = CLASSES.get(pattern[at + 2 : end - 1])
            return (known | (LOWER if fold and known == UPPER else 0), 0, end + 1) if known is not None else None
    ranged = before > 0 and len(two) == 2 and two.startswith(b"-") and two != b"-]"
    at += ranged
    at += pattern[at : at + 1] == b"\\"
    if at >= len(pattern):
        return None
    if not ranged:
        return 1 << pattern[at], pattern[at], at + 1
    found = _set(range(before, pattern[at] + 1))
    return found | ((found & UPPER) << 0x20 if fold else 0), 0, at + 1


def _further(wildcard: int, text: bytes, at: int) -> int:
    """From where the rest is tried next: one byte further, or behind the next slash; -1 where there is no more."""
    if wildcard == FOLDERS:
        return text.find(b"/", at) + 1 or -1
    return at + 1 if at < len(text) else -1
