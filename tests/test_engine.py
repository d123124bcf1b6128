"""One broken probe takes no other down: what it did is a Gap, what the others saw stands."""

import time
from threading import Event
from time import monotonic, sleep

import pytest

from reports import RENDERERS, Page
from scanner import engine
from scanner.config import Config
from scanner.engine import scan
from scanner.host import FileKind
from scanner.model import CredentialSeen, Evidence, Gap, GapKind, Identity
from scanner.probe import probe
from scanner.testing import TEST_KEY, FakeFile, fake_machine
from scanner.vault import Vault

SECRET = "CANARY-CANARY-CANARY"
FILES = {"~/.good": f"token={SECRET}\n", "~/.other": "nothing"}


@probe(id="good", title="Reads one file", reads=("~/.good",))
def good(host):
    """Sees one credential."""
    for file in host.read("~/.good"):
        if isinstance(file, Gap):
            yield file
            continue
        yield CredentialSeen(
            "generic.token",
            Evidence(file.path, 1),
            host.keep(file.text.strip().partition("=")[2]),
            identity=Identity("example", "example.com", "ada"),
        )


def faulty(look, reads=("~/.good",), id="faulty"):
    return probe(id=id, title="Broken on purpose", reads=reads)(look)


def raises(host):
    """Quotes in its error what it read."""
    for file in host.read("~/.good"):
        raise ValueError(f"cannot parse {file.text}")
    yield


def raises_later(host):
    """Sees something first."""
    yield from good.look(host)
    raise RuntimeError(SECRET)


def asks_for_more(host):
    """Reads what it does not declare."""
    assert list(host.read("~/.good"))
    assert list(host.read("~/.other"))
    yield


def names_the_secret(host):
    """Reads a path that holds a secret, and does not declare it."""
    assert list(host.read(f"~/{SECRET}"))
    yield


def stops_the_interpreter(host):
    """Raises what no `except Exception` takes."""
    raise SystemExit(SECRET)
    yield


def recurses(host):
    """Never comes back, and runs out of stack."""
    yield from recurses(host)


def yields_what_is_none(host):
    """Says something that is no observation."""
    yield {"secret": SECRET}


def gaps_of(report, probe_id):
    return [(gap.kind, gap.why) for gap in report.gaps if gap.probe == probe_id]


def answered(report):
    return {each.probe: (each.answered, each.declared) for each in report.coverage.probes}


def looked(*probes, limit=60.0, files=FILES):
    return scan(fake_machine(files=files), probes, Vault(TEST_KEY), Config(), time_limit=limit)


def test_a_probe_that_comes_to_its_end_leaves_no_gap():
    report = looked(good)
    assert [credential.kind for credential in report.credentials] == ["generic.token"]
    assert report.gaps == ()
    assert report.coverage.percent == 100


@pytest.mark.parametrize(
    ("look", "kind", "why"),
    [
        (raises, GapKind.FAILED, "a defect: ValueError at test_engine.py:"),
        (raises_later, GapKind.FAILED, "a defect: RuntimeError at test_engine.py:"),
        (recurses, GapKind.FAILED, "a defect: RecursionError at test_engine.py:"),
        (asks_for_more, GapKind.FAILED, "a defect: it asked for what it does not declare"),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_defect_is_a_gap_and_the_others_still_report(look, kind, why, first):
    broken = faulty(look, reads=("~/.good", "~/.never"))
    report = looked(*((broken, good) if first else (good, broken)))
    assert "generic.token" in {credential.kind for credential in report.credentials}
    [(gap_kind, gap_why)] = gaps_of(report, "faulty")
    assert gap_kind is kind
    assert gap_why.startswith(why)
    assert gaps_of(report, "good") == []
    assert answered(report)["good"] == (1, 1)
    assert answered(report)["faulty"][0] < 2
    assert report.coverage.percent < 100


@pytest.mark.parametrize("look", [raises, raises_later, names_the_secret, stops_the_interpreter, yields_what_is_none])
def test_what_a_defect_says_never_appears(look, capfd):
    report = looked(good, faulty(look))
    assert SECRET.encode() not in RENDERERS["json"](report, Page())
    assert SECRET not in repr(report)
    assert SECRET not in "".join(capfd.readouterr())


@pytest.mark.parametrize("look", [stops_the_interpreter, yields_what_is_none])
def test_what_is_no_ordinary_error_is_a_gap_too(look):
    report = looked(good, faulty(look))
    assert [kind for kind, _ in gaps_of(report, "faulty")] == [GapKind.FAILED]
    assert answered(report)["good"] == (1, 1)


def test_what_a_broken_probe_saw_before_it_broke_stands():
    [credential] = looked(faulty(raises_later)).credentials
    assert credential.kind == "generic.token"


def test_a_file_that_may_not_be_read_is_a_gap_and_lowers_coverage():
    report = looked(good, files={"~/.good": FakeFile(None)})
    assert gaps_of(report, "good") == [(GapKind.REFUSED, "permission denied")]
    assert report.coverage.percent == 0


def test_a_probe_that_reads_past_the_deadline_is_stopped_at_its_next_read():
    def slow(host):
        """Reads again and again."""
        while True:
            assert list(host.read("~/.good"))
            time.sleep(0.01)
        yield

    begun = monotonic()
    report = looked(good, faulty(slow), limit=0.3)
    assert monotonic() - begun < 0.3 + engine.GRACE
    assert gaps_of(report, "faulty") == [(GapKind.LIMIT, "the time was spent")]
    assert gaps_of(report, "good") == []


def test_a_probe_that_sleeps_past_its_deadline_is_left_behind(monkeypatch):
    monkeypatch.setattr(engine, "GRACE", 0.2)
    woken = Event()

    def asleep(host):
        """Waits for nothing."""
        yield from good.look(host)
        woken.wait(30)

    begun = monotonic()
    report = looked(faulty(asleep), good, limit=0.2)
    woken.set()
    assert monotonic() - begun < 10
    assert gaps_of(report, "faulty") == [(GapKind.LIMIT, "it did not come back in time")]
    assert len(report.credentials) == 1
    assert answered(report)["good"] == (1, 1)


def endless(host):
    """Sees the same thing for ever and never reads again."""
    while True:
        yield Gap(GapKind.FAILED, "~/somewhere", "again")


def test_an_endless_probe_ends_with_the_time():
    def restful(host):
        """Sees the same thing for ever, and leaves the others their turn."""
        for seen in endless(host):
            sleep(0.001)
            yield seen

    report = looked(faulty(restful), good, limit=1.0)
    assert (GapKind.LIMIT, "the time was spent") in gaps_of(report, "faulty")
    assert answered(report)["faulty"][0] == 0
    assert answered(report)["good"] == (1, 1)


def test_an_endless_probe_does_not_eat_the_memory(monkeypatch):
    monkeypatch.setattr(engine, "OBSERVATION_LIMIT", 1000)
    report = looked(faulty(endless), good)
    assert (GapKind.LIMIT, "it saw more than 1000 things") in gaps_of(report, "faulty")
    assert [run.observations for run in report.scan.probes] == [1001, 1]
    assert answered(report)["faulty"][0] == 0


def test_many_probes_run_side_by_side():
    def waits(host):
        """Takes its time."""
        time.sleep(0.05)
        yield from host.read("~/.nothing")

    probes = [faulty(waits, ("~/.nothing",), f"p{number:03}") for number in range(100)]
    begun = monotonic()
    report = looked(*probes)
    assert monotonic() - begun < 0.05 * len(probes)
    assert [run.id for run in report.scan.probes] == [each.id for each in probes]
    assert report.coverage.percent == 100


def test_no_probe_is_started_when_no_time_is_left_for_a_read():
    report = looked(good, limit=0.0)
    assert gaps_of(report, "good") == [(GapKind.LIMIT, "the time was spent")]
    assert report.coverage.percent == 0
    assert report.credentials == ()


def test_a_walk_that_left_something_out_has_not_answered_what_it_was_to_find():
    @probe(id="names", title="Names", reads=("**/.env", "~/.netrc"))
    def names(host):
        yield from (found for found in host.read("**/.env", "~/.netrc") if isinstance(found, Gap))

    locked = FakeFile(None, kind=FileKind.FOLDER)
    files = {"~/src/shop/.env": "A=1\n", "~/src/shop/private": locked, "~/src/shop/private/.env": "B=2\n"}
    machine = fake_machine(files=files, workspace="~/src/shop")
    report = scan(machine, [names], Vault(TEST_KEY), Config())
    assert [(gap.probe, gap.place) for gap in report.gaps] == [("walk", "~/src/shop/private")]
    assert report.coverage.percent == 50
    assert report.coverage.probes[0].unanswered == ("**/.env",)


def test_a_walk_finds_what_is_asked_for_without_a_project_too():
    @probe(id="names", title="Names", reads=("**/.env", "~/.netrc"))
    def names(host):
        yield from (found for found in host.read("**/.env", "~/.netrc") if isinstance(found, Gap))

    report = scan(fake_machine(), [names], Vault(TEST_KEY), Config())
    assert report.coverage.probes[0].unanswered == ()
