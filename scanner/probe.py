"""What a probe is: an id, a title, the reads it declares, and a function from a host to observations."""

from collections.abc import Callable, Iterator

from msgspec import Struct

from scanner.host import Host
from scanner.model import Observation

Look = Callable[[Host], Iterator[Observation]]


class Probe(Struct, frozen=True):
    """A probe, ready to run.

    `reads` is a promise, and the host holds it to that: file patterns (`~/.aws/config`, `./x` of each project,
    `$KUBECONFIG`, `**/.env`), `<Name>` for files that another file names, `env:NAME`, `env:*`, `processes`,
    `socket:ssh-agent`, `socket:container-engine`, `keychain`, `registry:KEY`, and `sweep` for
    the files that the walk of the home chose. `handbook` is the docstring of the function; `distribution` names the
    package of a probe from outside. One that is `last` runs after the others, and what they told is not told again;
    one that `follows` runs behind all of them, and finds in its host what they saw.
    """

    id: str
    title: str
    reads: tuple[str, ...]
    look: Look
    handbook: str
    distribution: str | None = None
    last: bool = False
    follows: bool = False


def probe(
    *, id: str, title: str, reads: tuple[str, ...], last: bool = False, follows: bool = False
) -> Callable[[Look], Probe]:
    """Makes a look function a probe; its docstring becomes the handbook page."""

    def made(look: Look) -> Probe:
        return Probe(id, title, reads, look, look.__doc__ or "", last=last, follows=follows)

    return made
