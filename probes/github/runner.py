"""A runner of GitHub Actions on this machine: the key that it fetches jobs with."""

from collections.abc import Iterator

from probes.git.addresses import address
from probes.git.forges import forge, repository
from probes.github.reads import RUNNER_KEYS, RUNNER_SETTINGS, RUNNER_TOKENS
from probes.objects import Fields, objects
from scanner.data.kinds import implied
from scanner.host import Host
from scanner.model import CredentialSeen, Evidence, Gap, Hint, Observation

KIND = "github.runner-key"


def runners(host: Host) -> Iterator[Observation]:
    """The keys of registered runners, and for which repository or organization each is."""
    settings: dict[object, Fields] = {}
    for found in objects(host, *RUNNER_SETTINGS):
        if isinstance(found, Gap):
            yield found
        else:
            settings[found.file.path.parent] = found
    for found in objects(host, *RUNNER_KEYS, *RUNNER_TOKENS):
        if isinstance(found, Gap):
            yield found
        else:
            yield from _runner(found, settings.get(found.file.path.parent), host)


def _runner(file: Fields, settings: Fields | None, host: Host) -> Iterator[CredentialSeen]:
    """The private exponent of the key, or a token of an older registration."""
    data = file.object("data")
    place = next(((each, name) for each, name in ((file, "d"), (data, "token")) if each.text(name)), None)
    if place is None:
        return
    holder, name = place
    url = settings.text("gitHubUrl") or settings.text("serverUrl") if settings is not None else ""
    parsed = address(url)
    at = forge(parsed.host).host if parsed is not None else "github.com"
    named = repository(parsed.host, parsed.path) if parsed is not None else None
    owner = named.asset.name if named is not None else ""
    label = settings.label("agentName") if settings is not None else ""
    yield CredentialSeen(
        kind=KIND,
        evidence=Evidence(file.file.path, key=holder.at(name).key),
        secret=host.keep(holder.text(name)),
        grants=implied(KIND, at, (Hint("repository", owner),) if owner else ()),
        names=tuple(text for text in (f"runner {label}" if label else "", owner) if text),
    )
