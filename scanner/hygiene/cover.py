"""Whether one pattern means all that another means; where that is not told for sure the answer is no."""

from itertools import product

from scanner.model import Command, Everything, Name, Paths, Pattern

OPAQUE = "\x01"  # stands for what nobody can have written in a rule
LONG = OPAQUE * 9  # no row of `?` means this and nothing as well
MANY = 2  # a `**` is tried as no part, and as several
STARS = 5  # of one glob that are tried


def covers(one: Pattern, other: Pattern) -> bool:
    """Whether whatever the other means the one means as well."""
    match one, other:
        case Everything(), _:
            return True
        case Command(), Command():
            return _commands(one, other)
        case Paths(), Paths():
            return one == other or _paths(one, other)
        case Name(), Name():
            return _names(one.glob, other.glob)
        case _:
            return False


def _commands(one: Command, other: Command) -> bool:
    """A star of the other stands for a sign that only a star of the one can stand for too."""
    if other.chained and not one.chained:  # it lets more follow
        return False
    goes_on = one.open or one.text.endswith("*")
    if one.open and "*" in one.text[:-1]:  # where it ends is sought from the left, and may be sought elsewhere
        return (one.text, one.open) == (other.text, other.open)
    return (goes_on or not other.open) and one.matches(other.text.replace("*", OPAQUE))


def _paths(one: Paths, other: Paths) -> bool:
    if (other.fold and not one.fold) or "[" in other.glob or other.glob.count("*") > STARS:
        return False
    return all(one.matches(path) for path in _instances(other.glob))


def _instances(glob: str) -> list[str]:
    """Paths that a glob means, the shortest and longer ones, in signs that only a star can stand for."""
    parts = glob.replace("\\", "/").rstrip("/").split("/")
    choices = [_several(part) for part in parts]
    return ["/".join(each for some in chosen for each in some) for chosen in product(*choices)]


def _several(part: str) -> list[list[str]]:
    """What stands for one part: of `**` no part or several, of a star no sign or many."""
    if part == "**":
        return [[], [LONG] * MANY]
    if "*" not in part:
        return [[part.replace("?", OPAQUE)]]
    least = OPAQUE if part == "*" else ""
    return [[part.replace("*", text).replace("?", OPAQUE)] for text in (least, LONG)]


def _names(one: str, other: str) -> bool:
    if one.casefold() == other.casefold():
        return True
    if "[" in one or "[" in other:  # one sign of several: only what stands before a last star is compared
        head = one.removesuffix("*")
        return head != one and not set("*?") & set(head) and other.casefold().startswith(head.casefold())
    return all(Name(one).matches(other.replace("*", text).replace("?", OPAQUE)) for text in ("", LONG))
