"""From files that the walk chose to credentials: what the prefilter lets through is read by what the file is."""

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from msgspec import Struct
from msgspec.structs import replace

from probes.anywhere.readers import reader
from probes.anywhere.reading import Read
from scanner.host import Host, Place
from scanner.host.machine import SWEEP, decoded
from scanner.host.swept import Swept
from scanner.model import CredentialSeen, Evidence, Gap, Hint, Observation
from scanner.originals import original_name
from scanner.secrets import Pair, secrets_in, secrets_in_text

# What the name of an example says; of its values only those count that are tokens beyond doubt.
TEMPLATES = frozenset({"example", "sample", "template", "dist", "defaults", "tmpl", "tpl", "schema"})

LINE_BY_LINE = frozenset({"shapes", "history"})  # readers that need no beginning
# Those whose secrets may stand by no name that the prefilter knows
UNNAMED = frozenset({"history", "netrc", "pgpass", "lone", "logins", "instructions", "hooks"})


class _State(Struct):
    """How far the reading is, and whether the file that is read has held nothing up to here."""

    files: int = 0
    found: int = 0
    folder: PurePath | None = None
    clean: bool = True


def secrets(host: Host) -> Iterator[Observation]:
    """The credentials in the files that the walk chose, and the Gaps of those that could not be read."""
    state = _State()
    for piece in host.swept():
        if isinstance(piece, Gap):
            yield piece
            continue
        _tell(piece, state, host)
        seen = _seen(piece, host)
        yield from seen
        state.clean = state.clean and not seen
        state.found += len(seen)
        if not piece.last:
            continue
        state.files += 1
        is_clean, state.clean = state.clean, True
        if not is_clean:
            yield from _open_to_others(piece.path, host)
        elif piece.stamp is not None:
            host.clean.add(piece.stamp, piece.group.id, str(piece.path))


def _tell(piece: Swept, state: _State, host: Host) -> None:
    if piece.path.parent != state.folder:
        state.folder = piece.path.parent
        host.progress.reading(str(state.folder), state.files, state.found)


def _seen(piece: Swept, host: Host) -> list[CredentialSeen | Gap]:
    """What one piece of a file holds."""
    from scanner.anchors import Met, met

    name = piece.group.reader
    groups = met(piece.data, names=name != "shapes") if name not in UNNAMED else Met(names=True)
    if not groups:
        return []
    text, _ = decoded(piece.data)
    read = _read(text, piece, named=groups.names)
    hints, is_template = _hints(piece.path), _is_template(piece.path.name)
    found: list[CredentialSeen | Gap] = []
    for group in filter(None, (read.pairs, *read.groups)):
        found += secrets_in(_placed(group, piece.lines), host, hints, only_shapes=is_template)
    told = {each.secret.index for each in found if isinstance(each, CredentialSeen) and each.secret is not None}
    line = piece.lines + 1 if piece.lines is not None else None
    for each in secrets_in_text(read.loose, Evidence(piece.path, line), host, hints, only_shapes=is_template):
        if each.secret is None or each.secret.index not in told:
            found.append(each)
            if name in LINE_BY_LINE and each.secret is not None:
                told.add(each.secret.index)  # an agent that meets a token says it a thousand times
    return found


def _read(text: str, piece: Swept, *, named: bool) -> Read:
    """What the reader of the group makes of a file that may name a secret.

    Of what names none, and of what follows the first piece, only what goes line by line.
    """
    name = piece.group.reader
    return reader(name if (named and piece.lines == 0) or name in LINE_BY_LINE else "shapes")(text, piece.path)


def _placed(pairs: Iterable[Pair], before: int | None) -> Iterable[Pair]:
    """The pairs of a piece with their lines counted from the beginning of the file, None where that is not known."""
    if before == 0:
        return pairs
    return (replace(each, evidence=replace(each.evidence, line=_line(each, before))) for each in pairs)


def _line(pair: Pair, before: int | None) -> int | None:
    return None if before is None or pair.evidence.line is None else pair.evidence.line + before


def _open_to_others(path: PurePath, host: Host) -> Iterator[Observation]:
    from probes.modes import readable_by_others

    place = host.place_named(SWEEP, path)
    if isinstance(place, Place):
        yield from readable_by_others(host, place)


def _is_template(name: str) -> bool:
    return not TEMPLATES.isdisjoint(re.split(r"[._-]", original_name(name).casefold()))


def _hints(path: PurePath) -> tuple[Hint, ...]:
    """What folder and file say: `shop/values.production.yaml` is of "shop" and "production"."""
    words = [word for word in re.split(r"[._-]", path.name) if len(word) > 2 and not word.isdecimal()]
    return (*((Hint("folder", path.parent.name),) if path.parent.name else ()), *(Hint("file", word) for word in words))
