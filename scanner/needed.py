"""Which exposures the uses of a report show to be needed: the least that explains what was seen.

`usage.py` says what a use could open at most, for whoever judges an allowance. This says what it needs at least, on the
asset that it can have been about: a push in a folder is about the repository whose remote that folder has.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct, field

from scanner.data.known_servers import classes_of, servers
from scanner.data.needs import acts_anywhere, acts_on, needed_by, needed_by_tool
from scanner.data.verdicts import questions
from scanner.model import Capability, CredentialState
from scanner.model.report import AssetInfo, Credential, Exposure, Location, Report, Server, Use
from scanner.model.terms import UseKind
from scanner.usage import CURRENT, is_named, is_of, plain, programs_that_find

ENDED = frozenset({CredentialState.EXPIRED, CredentialState.REVOKED})
CLONE = "/.git/config"
ORIGIN = "remote.origin."
IN_PROFILE = re.compile(r"\[profile ([^\]]{1,200})\]")
UNTOLD = "*"  # a name that was given, and is not told
PROJECT, NAMESPACE, PROFILE = "--project", "--namespace", "--profile"


class Needs(Struct):
    """The report's uses, ready to be asked what they need of each exposure."""

    report: Report
    uses: Sequence[Use]
    credentials: Mapping[str, Credential] = field(default_factory=dict)
    assets: Mapping[str, AssetInfo] = field(default_factory=dict)
    _clones: dict[str, list[Location]] = field(default_factory=dict)
    _folders: set[str] = field(default_factory=set)
    _nearest: dict[str, str] = field(default_factory=dict)
    _origins: set[str] = field(default_factory=set)
    _names: set[str] = field(default_factory=set)
    _profiles: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    _vague: dict[str, bool] = field(default_factory=dict)
    _programs: dict[str, list[Use]] = field(default_factory=dict)
    _calls: dict[str, list[Use]] = field(default_factory=dict)
    _commands: dict[str, list[Use]] = field(default_factory=dict)
    _tools: dict[str, list[tuple[Use, frozenset[Capability]]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.credentials = {each.id: each for each in self.report.credentials}
        self.assets = {each.id: each for each in self.report.assets}
        self._names = {name for each in self.report.credentials for name in each.names}
        for edge in self.report.edges:
            place = edge.evidence
            profile = IN_PROFILE.match(place.key or "") if place is not None else None
            if profile is not None:
                self._profiles.setdefault((edge.source, edge.target), set()).add(profile[1])
            if place is not None and (place.path or "").endswith(CLONE):
                self._clones.setdefault(edge.target, []).append(place)
                self._folders.add(_folder(place))
                if (place.key or "").startswith(ORIGIN):
                    self._origins.add(_folder(place))
        for each in self.uses:
            if each.what == UseKind.COMMAND:
                self._programs.setdefault(each.subject.partition(" ")[0], []).append(each)
            elif each.what == UseKind.TOOL:
                self._calls.setdefault(plain(each.subject.partition("/")[0]), []).append(each)

    def counts(self, exposure: Exposure) -> bool:
        """Whether an exposure is one that a contract judges: of what has not ended, and not what agents run on."""
        asset, credential = self.assets.get(exposure.asset), self.credentials.get(exposure.credential)
        gone = credential is None or credential.state in ENDED
        return asset is not None and not gone and asset.kind not in questions().aside

    def of(self, exposure: Exposure) -> tuple[Use, ...]:
        """The uses that need an exposure."""
        credential, asset = self.credentials[exposure.credential], self.assets[exposure.asset]
        found = [
            each
            for each in self._by_programs(credential)
            if exposure.class_ in _needed(each.subject) and self._is_about(each, exposure, asset)
        ]
        found += [each for each, classes in self._by_tools(credential) if exposure.class_ in classes]
        return tuple(dict.fromkeys(found))

    def unexplained(self) -> Iterator[Credential]:
        """Credentials that were used, and by nothing that tells what for: a file that was read, a host."""
        for each in self.report.credentials:
            clear = any(not self.is_vague(use) for use in self._by_programs(each))
            if each.used is not None and not clear and not any(classes for _, classes in self._by_tools(each)):
                yield each

    def _by_programs(self, credential: Credential) -> list[Use]:
        if credential.id not in self._commands:
            places = [_where(each) for each in credential.locations]
            self._commands[credential.id] = [
                each
                for program in programs_that_find(credential.kind, places)
                for each in self._programs.get(program.partition(" ")[0], ())
                if is_of(program, each.subject) and is_named(credential.names, each.subject)
            ]
        return self._commands[credential.id]

    def _by_tools(self, credential: Credential) -> list[tuple[Use, frozenset[Capability]]]:
        """Calls of the tools of a known server in whose entry the credential stands, with what each needs."""
        if credential.id not in self._tools:
            mine = [each for each in self.report.servers if any(_stands_in(one, each) for one in credential.locations)]
            self._tools[credential.id] = [told for each in mine for told in self._called(each)]
        return self._tools[credential.id]

    def _called(self, server: Server) -> Iterator[tuple[Use, frozenset[Capability]]]:
        known = next((each for each in servers().values() if each.title == server.known), None)
        acts = {name: act for act, names in known.tools.items() for name in names} if known is not None else {}
        for each in self._calls.get(plain(server.name), ()):
            if each.agent == server.client:
                tool = each.subject.partition("/")[2]
                yield each, classes_of([acts[tool]]) if tool in acts else needed_by_tool(tool)

    def _is_about(self, use: Use, exposure: Exposure, asset: AssetInfo) -> bool:
        """Whether a use can have been about an asset, as far as folder and options tell."""
        program = use.subject.partition(" ")[0]
        if not acts_on(program, asset.kind) or self.is_vague(use):
            return False
        named, profiles = _option(use.subject, PROFILE), self._through(exposure)
        if named and profiles and named not in profiles:
            return False
        if asset.kind.startswith("kubernetes-") and not self._is_context(use, exposure.credential):
            return False
        named = _option(use.subject, PROJECT)
        if named and asset.kind == "gcp-project":
            return named == asset.name
        named = _option(use.subject, NAMESPACE)
        if named and asset.kind == "kubernetes-namespace":
            return asset.name.endswith(f"/{named}")
        clones = self._clones.get(asset.id)
        if clones is not None:
            return any(self._is_clone(each, use) for each in clones)
        return not (_is_of_forge(asset) and self._clone_of(use))

    def is_vague(self, use: Use) -> bool:
        """Whether a program may have used the login of several providers, and does not say which."""
        program = use.subject.partition(" ")[0]
        if program not in self._vague:
            mine = {each.id for each in self.report.credentials if use in self._by_programs(each)}
            kinds = {self.assets[each.asset].kind for each in self.report.exposures if each.credential in mine}
            self._vague[program] = acts_anywhere(program) and len({kind.partition("-")[0] for kind in kinds}) > 1
        return self._vague[program]

    def _is_context(self, use: Use, credential: str) -> bool:
        """Whether a credential is that of the context that a use names, or of the current one, or of none by name."""
        said = _option(use.subject, "--context") or _option(use.subject, "--kube-context")
        name = f"context {said}" if said else CURRENT
        return name in self.credentials[credential].names or (said != UNTOLD and name not in self._names)

    def _through(self, exposure: Exposure) -> set[str]:
        """The profiles whose role the last step of a path takes, as far as the configuration names them."""
        steps = list(pairwise(exposure.path))
        return next((self._profiles[step] for step in reversed(steps) if step in self._profiles), set())

    def _is_clone(self, place: Location, use: Use) -> bool:
        """Whether a use was in the folder of a remote; where a folder has several, that of its origin is meant."""
        folder = _folder(place)
        if folder in self._origins and not (place.key or "").startswith(ORIGIN):
            return False
        return folder == self._clone_of(use)

    def _clone_of(self, use: Use) -> str:
        """The nearest folder with a remote that a use was in; what a shell ran was in the workspace, as far as told."""
        at = use.folder or self.report.host.workspace or ""
        if at not in self._nearest:
            around = [each for each in self._folders if at == each or at.startswith(f"{each}/")]
            self._nearest[at] = max(around, key=len, default="")
        return self._nearest[at]


@lru_cache(maxsize=4096)
def _needed(subject: str) -> frozenset[Capability]:
    program, *words = subject.partition(" --")[0].split(" ")
    return needed_by(program, words)


def _option(subject: str, option: str) -> str:
    return subject.partition(f" {option} ")[2].partition(" ")[0]


def _is_of_forge(asset: AssetInfo) -> bool:
    return asset.kind.startswith(("git", "bitbucket-", "azure-devops-"))


def _folder(place: Location) -> str:
    return (place.path or "").removesuffix(CLONE)


def _where(place: Location) -> str:
    """A place as the table of uses writes it."""
    return place.path or (f"${place.variable}" if place.variable is not None else place.process or "")


def _stands_in(place: Location, server: Server) -> bool:
    """Whether a place is within the entry of a server."""
    key, entry = place.key or "", server.evidence
    return place.path is not None and place.path == entry.path and f"{key}.".startswith(f"{entry.key}.")
