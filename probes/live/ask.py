"""From what was seen to questions, and from answers to observations: what `--live` runs after all other probes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from msgspec import Struct, field
from msgspec.structs import replace

from probes.live import aws, clusters, engines, github
from probes.live.calls import Provider
from probes.live.client import NEAR, PATIENCE, Asked, Client, Place
from probes.live.question import Question, where
from scanner.host import Host
from scanner.model import CredentialSeen, Gap, GapKind, Observation
from scanner.probe import Probe

SECONDS = 30.0
WORKERS = 4
QUESTION_LIMIT = 100


class Asker(Struct, frozen=True):
    """How one provider is asked: of which kinds of credential, which questions, and what the answers mean.

    `reads` are what it must read to know whom to ask.
    """

    kinds: frozenset[str]
    questions: Callable[[Iterable[tuple[CredentialSeen, ...]], Host], Iterator[Question | Gap]]
    answered: Callable[[Question, Client, Host], Iterator[Observation]]
    reads: tuple[str, ...] = ()


ASKERS = {
    Provider.GITHUB: Asker(github.KINDS, github.questions, github.answered),
    Provider.AWS: Asker(aws.KINDS, aws.questions, aws.answered),
    Provider.KUBERNETES: Asker(clusters.KINDS, clusters.questions, clusters.answered, clusters.READS),
    Provider.DOCKER: Asker(engines.KINDS, engines.questions, engines.answered, engines.READS),
}


class Live(Struct, frozen=True):
    """What a person asked for: which providers, and whether only to say what would be asked.

    `local` lets it ask servers on this machine. `record` is filled with what really went out; `seen` and `plan`, of a
    dry run, with what would and of what.
    """

    providers: tuple[Provider, ...]
    overrides: Mapping[Provider, Place] = field(default_factory=dict)
    dry: bool = False
    local: bool = False
    record: list[Asked] = field(default_factory=list)
    seen: list[Observation] = field(default_factory=list)
    plan: list[Question] = field(default_factory=list)

    @property
    def asked(self) -> tuple[str, ...]:
        """The providers to whom a question really went."""
        told = {each.provider for each in self.record}
        return tuple(provider.value for provider in Provider if provider in told)

    def __call__(self, observations: Sequence[Observation]) -> Probe:
        """The probe that puts the questions about these observations."""

        def look(host: Host) -> Iterator[Observation]:
            """Asks each provider that was named who a credential is and what it may do, by read-only calls."""
            questions: list[Question] = []
            for found in planned(self.providers, observations, host, local=self.local):
                if isinstance(found, Gap):
                    yield found
                else:
                    questions.append(found)
            if self.dry:
                self.seen.extend(observations)
                self.plan.extend(questions)
            else:
                yield from self._answers(questions, host)

        reads = tuple(dict.fromkeys(read for provider in self.providers for read in ASKERS[provider].reads))
        return Probe("live", "Live questions", reads, look, look.__doc__ or "")

    def _answers(self, questions: list[Question], host: Host) -> Iterator[Observation]:
        deadline = min(host.deadline or float("inf"), monotonic() + SECONDS)
        client = Client(deadline, self.overrides, local=self.local)
        try:
            yield from _side_by_side(questions, client, host, deadline)
        finally:
            self.record.extend(client.record)


def planned(
    providers: Iterable[Provider], observations: Sequence[Observation], host: Host, *, local: bool = False
) -> Iterator[Question | Gap]:
    """One question for each secret of a provider, in a fixed order, however often it was seen."""
    count = 0
    for provider in providers:
        asker = ASKERS[provider]
        for found in asker.questions(_by_secret(observations, asker.kinds), host):
            if isinstance(found, Gap):
                yield found
                continue
            if count == QUESTION_LIMIT:
                why = f"more than {QUESTION_LIMIT} credentials to ask about; the rest was not asked"
                yield Gap(GapKind.LIMIT, provider.value, why)
                return
            count += 1
            yield from _allowed(found, local)


def _allowed(put: Question, local: bool) -> Iterator[Question | Gap]:
    """The question without the servers of this machine, unless a person named those too."""
    near = [aim for aim in put.aims if aim.local and not local]
    for aim in near:
        yield Gap(GapKind.REFUSED, aim.place.url, NEAR)
    if not near:
        yield put
    elif len(near) < len(put.aims):
        yield replace(put, aims=tuple(aim for aim in put.aims if aim not in near))


def _by_secret(observations: Sequence[Observation], kinds: frozenset[str]) -> list[tuple[CredentialSeen, ...]]:
    groups: dict[int, list[CredentialSeen]] = {}
    for seen in observations:
        if isinstance(seen, CredentialSeen) and seen.kind in kinds and seen.secret is not None:
            groups.setdefault(seen.secret.index, []).append(seen)
    return sorted((tuple(sorted(group, key=where)) for group in groups.values()), key=lambda group: where(group[0]))


def _side_by_side(questions: Sequence[Question], client: Client, host: Host, deadline: float) -> Iterator[Observation]:
    """The answers in the order of the questions; one that does not come in time is a Gap."""
    stopped: set[Provider] = set()
    pool = ThreadPoolExecutor(WORKERS, "live question")
    try:
        waiting = [pool.submit(_asked, put, client, host, stopped) for put in questions]
        for put, answer in zip(questions, waiting, strict=True):
            try:
                yield from answer.result(max(0.0, deadline - monotonic()))
            except TimeoutError:
                yield Gap(GapKind.LIMIT, put.host, "no answer in time")
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _asked(put: Question, client: Client, host: Host, stopped: set[Provider]) -> list[Observation]:
    """One answer; a provider that wants no more questions gets none."""
    provider = put.call.provider
    if provider in stopped:
        return [Gap(GapKind.LIMIT, put.host, PATIENCE)]
    answer = list(ASKERS[provider].answered(put, client, host))
    if any(isinstance(each, Gap) and each.kind is GapKind.LIMIT and each.why == PATIENCE for each in answer):
        stopped.add(provider)
    return answer
