"""opencode's rules: the flat list that it makes of permissions, and what each is about for one of its tools.

Of the rules whose key and pattern both match, the last one decides. `*` and `?` in either cross every sign, `/` too,
and a pattern that ends with a blank and `*` also matches without anything behind. A file's path is matched relative to
the repository's root, or to `/` where there is none, so that no absolute pattern for `read` or `edit` ever matches.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice, product
from pathlib import PurePath

from msgspec import Struct

from probes.agents.opencode.merged import ALLOW, ASK, DENY, Permission, Said
from scanner.model import Command, Evidence, Gate, Name, Paths, Rule, Ruling

PATTERN = 1_000  # characters of one pattern
WAYS = 8  # globs that one pattern may need
ORDER = {ALLOW: 0, "unknown": 1, ASK: 2, DENY: 3}
STRENGTH = {Gate.NONE: 0, Gate.UNKNOWN: 1, Gate.PROMPT: 2, Gate.REFUSED: 3}
OTHERS = frozenset({"external_directory", "doom_loop", "plan_enter", "plan_exit"})  # keys that are no tool of a server
SPECIAL = re.compile(r"([*?\[])")


class Flat(Struct, frozen=True):
    """One rule of the list; `said` is None for what the vendor says."""

    key: str
    pattern: str
    action: str
    said: Said | None = None

    @property
    def words(self) -> str:
        """How a report names it."""
        if self.said is not None:
            return self.said.words
        about = self.key if self.pattern == "*" else f"{self.key} {self.pattern}"
        return f'{about} "{self.action}" by default'


class Answers(Struct, frozen=True):
    """How actions become gates; `unasked` is the running process that was told to approve all that is not denied."""

    unasked: str = ""

    def ruling(self, flat: Flat) -> Ruling:
        """What a rule puts before an act."""
        place = flat.said.evidence if flat.said is not None else None
        match flat.action:
            case "allow":
                return Ruling(Gate.NONE, flat.words, place)
            case "deny":
                return Ruling(Gate.REFUSED, flat.words, place)
            case "ask" if self.unasked:
                return Ruling(Gate.NONE, f"--auto of the running {self.unasked}", Evidence(process=self.unasked))
            case "ask":
                return Ruling(Gate.PROMPT, flat.words, place)
            case _:
                return Ruling(Gate.UNKNOWN, flat.words, place, Gate.NONE)


UNMATCHED = Flat("*", "*", ASK)


def flattened(permission: Permission, home: PurePath) -> Iterator[Flat]:
    """A permission as rules, in their order."""
    for key, value in permission.items():
        if isinstance(value, Said):
            yield Flat(key, "*", value.action, value)
            continue
        for pattern, said in value.items():
            yield Flat(key, _homed(pattern, home), said.action, said)


def _homed(pattern: str, home: PurePath) -> str:
    """A pattern with the home in place of what stands for it at its beginning."""
    for sign, length in (("~/", 1), ("$HOME", 5)):
        if pattern.startswith(sign):
            return home.as_posix() + pattern[length:]
    return home.as_posix() if pattern == "~" else pattern


def about(flats: Iterable[Flat], key: str) -> tuple[Flat, ...]:
    """The rules for one permission, in the order in which they decide; none behind one for everything."""
    found: list[Flat] = []
    for flat in reversed(tuple(flats)):
        if len(flat.pattern) <= PATTERN and fits(flat.key, key):
            found.append(flat)
            if is_all(flat.pattern):
                break
    return tuple(found)


def last(flats: Iterable[Flat], key: str, what: str) -> Flat:
    """The rule that decides about one thing."""
    return next((each for each in about(flats, key) if fits(each.pattern, what)), UNMATCHED)


def is_all(pattern: str) -> bool:
    """Whether a pattern is about everything."""
    return bool(pattern) and not pattern.strip("*")


@lru_cache(maxsize=4096)
def fits(pattern: str, text: str) -> bool:
    """Whether a text is meant, as opencode's own wildcards mean it."""
    pattern, text = pattern.replace("\\", "/"), text.replace("\\", "/")
    if "*" not in pattern and "?" not in pattern:
        return pattern == text
    return _wild(pattern, text) or (pattern.endswith(" *") and _wild(pattern[:-2], text))


def _wild(pattern: str, text: str) -> bool:
    """Whether the whole text matches; only the last star is ever gone back to, so that none takes long."""
    at = place = 0
    star, resume = -1, 0
    while at < len(text):
        if place < len(pattern) and pattern[place] == "*":
            star, resume = place, at
            place += 1
        elif place < len(pattern) and pattern[place] in {"?", text[at]}:
            place, at = place + 1, at + 1
        elif star >= 0:
            resume += 1
            place, at = star + 1, resume
        else:
            return False
    return not pattern[place:].strip("*")


# --- commands


def commands(flats: Iterable[Flat], answers: Answers) -> tuple[tuple[Rule, ...], Ruling]:
    """The rules for commands, and what holds otherwise."""
    rules: list[Rule] = []
    for flat in about(flats, "bash"):
        if is_all(flat.pattern):
            return tuple(rules), answers.ruling(flat)
        pattern = command(flat)
        if pattern is not None:
            rules.append(Rule(pattern, answers.ruling(flat)))
    return tuple(rules), answers.ruling(UNMATCHED)


def command(flat: Flat) -> Command | None:
    """The commands that a rule is about. What `?` stands for is not told apart: it widens what is allowed or asked."""
    from probes.agents.shown import holds_secret  # of no use where nobody wrote a rule

    text = flat.pattern
    if holds_secret(text):  # a pattern is told as the way that it opens: of such a one its program is
        word = text.partition(" ")[0]
        begun = Command("*") if holds_secret(word) else Command(word, open=True)
        return None if flat.action in {ASK, DENY} else begun
    if "?" in text:
        if flat.action == DENY:
            return None
        text = text.replace("?", "*")
    return Command(text[:-2], open=True) if text.endswith(" *") else Command(text)


# --- files


class Files(Struct, frozen=True):
    """Where paths are reckoned from: the folder that the agent works in, and the repository's root if it has one."""

    home: PurePath
    folder: PurePath
    root: PurePath | None
    fold: bool = False

    @property
    def inside(self) -> PurePath:
        """The folder whose files need no leave of `external_directory`."""
        return self.root or self.folder

    def paths(self, glob: str) -> Paths:
        """Files as patterns mean them."""
        return Paths(glob, self.fold)

    def seen_from(self, folder: PurePath) -> str:
        """What stands before the name of a file in that folder, where it is reckoned from the root."""
        if self.root is None:
            return folder.as_posix().lstrip("/") + "/"
        up, at = 0, self.root
        while at != folder and at not in folder.parents and at != at.parent:
            up, at = up + 1, at.parent
        down = folder.relative_to(at).as_posix() if at in (folder, *folder.parents) else ""
        return "../" * up + (f"{down}/" if down not in {"", "."} else "")


def files(flats: tuple[Flat, ...], key: str, where: Files, answers: Answers) -> tuple[tuple[Rule, ...], Ruling]:
    """The rules of a tool for files, and what holds otherwise: outside, leave for the folder is needed as well."""
    own = about(flats, key)
    rest = own[-1] if own and is_all(own[-1].pattern) else UNMATCHED
    return outside(flats, (*(each for each in own if each is not rest), rest), where, answers)


def outside(
    flats: tuple[Flat, ...], own: tuple[Flat, ...], where: Files, answers: Answers
) -> tuple[tuple[Rule, ...], Ruling]:
    """A tool's own rules, the last of them for all else, together with those for folders outside."""
    rules = [
        Rule(where.paths(glob), answers.ruling(each)) for each in own for glob in _within(where, where.inside, each)
    ]
    for outer in about(flats, "external_directory"):
        if is_all(outer.pattern):
            rules += (
                Rule(where.paths(glob), _both(outer, each, answers))
                for each in own[:-1]
                for glob in _anywhere(where, each)
            )
            return tuple(rules), _both(outer, own[-1], answers)
        rules += _region(where, outer, own, answers)
    return tuple(rules), _both(UNMATCHED, own[-1], answers)


def _region(where: Files, outer: Flat, own: tuple[Flat, ...], answers: Answers) -> Iterator[Rule]:
    """The rules for what one of those for folders outside is about; it is asked for with "/*" at its end."""
    stem = outer.pattern.rstrip("*")
    if not outer.pattern.endswith("*") or not stem:
        return
    if stem.endswith("/") and SPECIAL.search(stem) is None:
        folder = type(where.folder)(stem)
        for each in own:
            for glob in _within(where, folder, each):
                yield Rule(where.paths(glob), _both(outer, each, answers))
        return
    for glob in globs("", stem.rstrip("/") + ("" if stem.endswith("/") else "*")):
        yield Rule(where.paths(glob), _both(outer, own[-1], answers))


def _both(one: Flat, other: Flat, answers: Answers) -> Ruling:
    """What two rules put before an act that needs leave of both."""
    rulings = answers.ruling(one), answers.ruling(other)
    return max(reversed(rulings), key=lambda each: STRENGTH[each.gate])


def _within(where: Files, folder: PurePath, flat: Flat) -> tuple[str, ...]:
    """The globs of what a rule is about in one folder."""
    base = escaped(folder.as_posix().rstrip("/")) + "/"
    if is_all(flat.pattern):
        return (base,)
    found = (glob for rest in behind(flat.pattern, where.seen_from(folder)) for glob in globs(base, rest))
    return tuple(islice(dict.fromkeys(found), WAYS))


def _anywhere(where: Files, flat: Flat) -> tuple[str, ...]:
    """The globs of what a rule is about wherever it lies; one that begins with a name is reckoned from the root."""
    if flat.pattern.startswith("*"):
        return globs("", flat.pattern)
    if where.root is None:
        return globs("/", flat.pattern)
    folder, pattern = where.root, flat.pattern
    while pattern.startswith("../"):
        folder, pattern = folder.parent, pattern[3:]
    return globs(f"{escaped(folder.as_posix().rstrip('/'))}/", pattern) if pattern != flat.pattern else ()


def behind(pattern: str, prefix: str) -> tuple[str, ...]:
    """What is left of a pattern when it has matched the beginning of a text: several where a star may end or go on."""
    places = _stars({0}, pattern)
    for sign in prefix:
        places = _stars({step for place in places for step in _steps(pattern, place, sign)}, pattern)
    return tuple(pattern[place:] for place in sorted(places) if not place or pattern[place - 1] != "*")


def _steps(pattern: str, place: int, sign: str) -> Iterator[int]:
    if place < len(pattern):
        if pattern[place] == "*":
            yield place
        elif pattern[place] in {"?", sign}:
            yield place + 1


def _stars(places: set[int], pattern: str) -> set[int]:
    """The places, and those behind each star, which may stand for nothing more."""
    for place in sorted(places):
        after = place
        while after < len(pattern) and pattern[after] == "*":
            after += 1
            places.add(after)
    return places


def globs(base: str, pattern: str) -> tuple[str, ...]:
    """A pattern whose stars cross folders, as globs whose stars do not."""
    text = re.sub(r"\*+", "*", pattern.removesuffix(" *"))
    if not text:
        return ()
    *before, end = text.split("/")
    parts = [*(tuple(_part(part, ends=False)) for part in before), tuple(_part(end, ends=True))]
    return tuple(base + "/".join(each) for each in islice(product(*parts), WAYS))


def _part(part: str, *, ends: bool) -> Iterator[str]:
    """The ways to write one part: a star in it may stand for folders as well."""
    if part == "*":
        yield "**"
        return
    text = part.replace("[", "[[]")
    head = "**/" if text.startswith("*") else ""
    tail = "/**" if text.endswith("*") and not ends else ""
    yield head + text + tail
    core = text.strip("*")
    if "*" in core:
        yield head + text.replace(core, core.replace("*", "*/**/*")) + tail


def escaped(path: str) -> str:
    """A path as a glob that means it alone."""
    return SPECIAL.sub(r"[\1]", path)


# --- tools of servers, and addresses


def tools_of_servers(
    flats: Iterable[Flat], servers: Iterable[str], answers: Answers
) -> tuple[tuple[Rule, ...], Ruling]:
    """The rules for tools of MCP servers, which are permissions by name, and what holds otherwise."""
    known = tuple(servers)
    rules: list[Rule] = []
    for flat in reversed(tuple(flats)):
        if not fits(flat.pattern, "*"):
            continue
        if is_all(flat.key):
            return tuple(rules), answers.ruling(flat)
        rules += (Rule(Name(glob), answers.ruling(flat)) for glob in named(flat.key, known))
    return tuple(rules), answers.ruling(UNMATCHED)


def named(key: str, servers: Iterable[str]) -> Iterator[str]:
    """The tools of servers that a key may be about, as "server/tool": opencode joins both with an underscore."""
    if len(key) > PATTERN or key in OTHERS or not ("_" in key or "*" in key):
        return
    found = False
    for server in servers:
        prefix = re.sub(r"[^a-zA-Z0-9_-]", "_", server) + "_"
        if key.startswith(prefix):
            found = True
            yield f"{escaped(server)}/{key.removeprefix(prefix).replace('[', '[[]')}"
    if not found:
        yield key.replace("[", "[[]").replace("_", "[!a-zA-Z0-9-]")


def addresses(flats: Iterable[Flat], answers: Answers) -> tuple[tuple[Rule, ...], Ruling]:
    """The rules for fetching pages, and what holds otherwise."""
    rules: list[Rule] = []
    for flat in about(flats, "webfetch"):
        if is_all(flat.pattern):
            return tuple(rules), answers.ruling(flat)
        host = re.fullmatch(r"(?:\*|https?:)//([^/*?]+)(?:/.*)?", flat.pattern)
        if host is not None:
            rules.append(Rule(Name(host[1]), answers.ruling(flat)))
    return tuple(rules), answers.ruling(UNMATCHED)


def laxest(flats: Iterable[Flat], key: str) -> Flat:
    """The weakest rule that a tool can be made to meet, where what is matched is the agent's own choice."""
    return min(about(flats, key), key=lambda each: ORDER[each.action], default=UNMATCHED)
