"""How the sweep's bench holds a tool against the key of a home, and how it runs one."""

import json
import os
import sys
from pathlib import Path

import pytest

from bench import peers
from bench.peers import Tool
from bench.running import Bench, Cost, Failed, Row, Turns, claims, repository, run
from bench.scoring import Claim, Planted, by, elsewhere, key, scored, shared
from bench.tables import Looked, misses, ratio, section

HOME = Path("/home/ada")
SECRET = "CANARY-CANARY-CANARY"


def planted(path: str = "a/.env", line: int | None = 3, secret: bool = True, **more: object) -> Planted:
    given = {"kind": "token", "provider": "", "place": "dotenv", "value": SECRET, **more}
    return Planted(path=path, line=line, secret=secret, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        (Claim("a/.env", 3), True),
        (Claim("a/.env", 2), False),
        (Claim("a/.env", 1, 3), True),
        (Claim("a/.env", 4, 9), False),
        (Claim("b/.env", 3), False),
        (Claim("a/.env"), False),
        (Claim("b/.env", 7, value=SECRET), True),
        (Claim("a/.env", 7, value=f"KEY={SECRET}"), True),
        (Claim("a/.env", 7, value="CANARY"), False),  # too short a part to tell which secret it means
    ],
)
def test_a_secret_is_found_by_its_line_or_its_value(claim, found):
    assert bool(scored([planted()], [claim]).found) is found


@pytest.mark.parametrize(("line", "found"), [(1, False), (2, True), (4, True), (5, False)])
def test_any_line_of_a_key_of_many_lines_is_one_of_its(line, found):
    for secret in (planted(line=2, end_line=4), planted(line=2, value="a\nb\nc\n")):
        assert bool(scored([secret], [Claim("a/.env", line)]).found) is found


def test_a_secret_that_is_a_whole_file_is_found_by_the_file():
    assert scored([planted(line=None)], [Claim("a/.env")]).recall() == 1
    assert scored([planted(line=None)], [Claim("a/.env", 9)]).recall() == 1


def test_a_file_named_without_a_line_is_a_miss_that_is_told_apart():
    result = scored([planted()], [Claim("a/.env")])
    assert result.missed == result.unplaced == (planted(),)


def test_a_lookalike_is_flagged_by_its_line_and_not_by_a_value_that_stands_anywhere():
    alike = planted("b/.env", 1, secret=False, value="changeme")
    assert scored([alike], [Claim("b/.env", 1)]).alarms() == 1
    assert scored([alike], [Claim("c/.env", 1, value="changeme")]).false == ()


def test_a_lookalike_on_the_line_of_a_secret_is_no_false_alarm():
    alike = planted(secret=False, value="x")
    result = scored([planted(), alike], [Claim("a/.env", 3)])
    assert result.beside == (alike,)
    assert result.false == result.silent == ()


def test_claims_of_which_the_key_knows_nothing_are_each_counted_once():
    claimed = [Claim("z", 1), Claim("a/.env", 3), Claim("a/.env", 9), Claim("z", 1), Claim("q", 2, value=SECRET)]
    assert [claim.place() for claim in elsewhere([planted()], claimed)] == [("a/.env", 9), ("z", 1)]


def test_a_claim_on_a_whole_file_of_the_key_is_none_elsewhere():
    assert elsewhere([planted()], [Claim("a/.env"), Claim("b/.env")]) == (Claim("b/.env"),)


def test_a_name_that_our_report_escapes_is_the_same_file():
    secret = planted("odd\udce9\n\u202e/.env")
    assert scored([secret], [Claim("odd\\xe9\\x0a\\u202e/.env", 3)]).found == (secret,)


def test_two_tools_are_compared_where_both_found_something():
    key = [planted(), planted(line=4), planted("log", 1, place="log"), planted("src", 1, place="source")]
    ours = scored(key, [Claim("a/.env", 3), Claim("src", 1)])
    theirs = scored(key, [Claim("a/.env", 3, 4), Claim("log", 1)])
    assert shared(ours, theirs) == (2, 1, 2)


def test_places_are_counted_in_order():
    assert by([planted(place="b"), planted(place="a"), planted(place="b")], lambda each: each.place) == {"a": 1, "b": 2}


def test_a_key_with_odd_names_is_read(tmp_path):
    line = {"path": "odd\udce9", "line": 1, "kind": "k", "provider": "p", "place": "x", "secret": False, "more": 1}
    written = tmp_path / "key"
    written.write_text(json.dumps(line) + "\n")
    assert key(written)[0].path == "odd\udce9"


REPORTS = {
    "agent_bom": {"findings": [{"file": "x", "line": 2, "category": "credential"}, {"file": "y", "category": "pii"}]},
    "betterleaks": {
        "findings": [
            {"location": {"path": "/home/ada/x", "start_line": 2, "end_line": 4}, "match": {"value": SECRET}},
        ]
    },
    "detect_secrets": {"results": {"./x": [{"line_number": 2}]}},
    "gitleaks": [{"File": "/home/ada/x", "StartLine": 2, "EndLine": 2, "Secret": SECRET}],
    "kingfisher": {"findings": [{"finding": {"path": "/home/ada/x", "line": 2}}]},
}


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_a_peers_report_is_read_as_claims_below_the_home(name):
    [claim] = getattr(peers, name)(json.dumps(REPORTS[name]).encode(), HOME)
    assert claim.place() == ("x", 2)


@pytest.mark.parametrize(("name", "nothing"), [("betterleaks", {"findings": None}), ("gitleaks", None)])
def test_a_peer_that_found_nothing_claims_nothing(name, nothing):
    assert not list(getattr(peers, name)(json.dumps(nothing).encode(), HOME))


def test_our_report_claims_where_credentials_lie_and_what_one_causes():
    report = {
        "credentials": [
            {"kind": "x.token", "locations": [{"path": "~/x", "line": 2}, {"variable": "X"}, {"path": "/etc/x"}]},
            {"kind": "handle.keychain", "locations": [{"path": "~/handle", "line": 1}]},
        ],
        "findings": [
            {"credential": "c-x", "evidence": {"path": "~/y", "line": 5}},
            {"evidence": {"path": "~/unpinned", "line": 6}},
        ],
    }
    claimed = [claim.place() for claim in peers.armslength(json.dumps(report).encode(), HOME)]
    assert claimed == [("x", 2), ("/etc/x", None), ("y", 5)]


@pytest.mark.parametrize("tool", [tool for tool in peers.PEERS if tool.reads], ids=lambda tool: tool.name)
def test_no_peer_is_run_in_a_way_that_asks_a_provider(tool):
    arguments = set(tool.arguments)
    wanted = {"kingfisher": {"--no-validate", "--redact"}, "agent-bom": {"--offline"}}
    assert wanted.get(tool.programs[0], set()) <= arguments
    assert not arguments & {"--validate", "--analyze", "-v", "-a", "--validate-credentials"}


def bench(home: Path, most: float = 60) -> Bench:
    (home / "work").mkdir()
    return Bench(
        home=home,
        work=home / "work",
        source=home,
        python=sys.executable,
        path=os.environ["PATH"],
        folder=home,
        ids=(os.getuid(), os.getgid()),
        most=most,
        apart=False,
    )


def script(code: str, **more: object) -> Tool:
    return Tool(name="it", programs=("{python}",), arguments=("-I", "-S", "-c", code), **more)  # type: ignore[arg-type]


def test_a_run_that_ends_as_it_should_has_a_cost_and_claims(tmp_path):
    where = bench(tmp_path)
    tool = script("print('{}')", reads=lambda report, home: [Claim(report.decode().strip())])
    cost = run(tool, where)
    assert cost.code == 0
    assert cost.wall > 0
    assert cost.peak_kb > 0
    assert claims(tool, where) == (Claim("{}"),)


def test_a_run_that_ends_otherwise_or_tells_nothing_readable_is_no_time(tmp_path):
    where = bench(tmp_path)
    turns = Turns([script("raise SystemExit('broken')", reads=peers.kingfisher)], where)
    turns.round(0)
    assert list(turns.rows()) == []
    assert "ended with 1" in turns.failures[0]
    assert "broken" in turns.failures[0]
    where.output().write_text('{"findings": [{}]}')
    with pytest.raises(Failed, match="cannot be read"):
        claims(script("", reads=peers.kingfisher), where)


def test_the_first_repository_by_depth_is_where_an_agent_would_work(tmp_path):
    for name in ("deep/er/er/.git", "src/b/.git", "src/a/.git", ".hidden/x/.git"):
        (tmp_path / name).mkdir(parents=True)
    assert repository(tmp_path) == tmp_path / "src/a"


def row(name: str, *walls: float, claimed: tuple[Claim, ...] | None = None) -> Row:
    return Row(Tool(name, (), ()), tuple(Cost(wall, wall, 1024, 0) for wall in walls), claimed)


def test_a_ratio_is_the_median_of_the_rounds_of_both():
    assert ratio(row("us", 1, 8, 3), row("fd", 1, 2, 3), "wall") == 1
    assert ratio(row("us", 6), row("fd", 1, 2, 3), "wall") == 3
    assert ratio(row("us"), row("fd", 1), "wall") is None


def test_tables_tell_times_and_scores_and_misses_tell_no_value():
    rows = (row("fd -u", 1.0), row("armslength standard", 2.5, claimed=(Claim("a/.env", 3), Claim("z", 1))))
    looked = Looked(HOME, 7, 2, rows, ("peer: ended with 9",), (), (planted(), planted("b", 1)))
    told = "\n".join(section(looked, kinds=True))
    assert "| armslength standard / fd -u | 2.000 | 2.500 | 2.500 | **no** |" in told
    assert "| armslength standard | 1 | 2 | 50.0% | 0 | 0 | 0 | 0.0% | 1 |" in told
    assert "FAILED: peer: ended with 9" in told
    assert "- 'z', line 1" in told
    assert "| token | 2 | 1 |" in told
    [missed] = misses([looked])
    assert json.loads(missed)["path"] == "b"
    assert SECRET not in told + missed


def test_a_run_that_takes_too_long_is_ended(tmp_path):
    with pytest.raises(Failed, match="ended with -9"):
        run(script("import time; time.sleep(60)"), bench(tmp_path, most=0.1))
