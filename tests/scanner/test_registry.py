import subprocess
import sys

import pytest

from scanner.config import Config
from scanner.errors import ScannerError
from scanner.probe import Probe
from scanner.registry import PluginError, chosen, probes

OURS = (Probe("a.one", "One", (), lambda host: iter(()), ""), Probe("b.two", "Two", (), lambda host: iter(()), ""))
MODULE = """
from scanner.probe import probe

@probe(id="acme.vault", title="Acme vault", reads=("~/.acme",))
def acme_vault(host):
    yield from ()

pair = (acme_vault, acme_vault)
taken = probe(id="a.one", title="Taken", reads=())(lambda host: iter(()))
nothing = 7
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A package beside us, as pip leaves it, with these entry points."""

    def install(points, name="acme-probes"):
        info = tmp_path / f"{name.replace('-', '_')}-2.1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 2.1\n")
        lines = [f"{key} = {value}" for key, value in points.items()]
        (info / "entry_points.txt").write_text("\n".join(["[armslength.probes]", *lines]))
        (tmp_path / "acme_probes.py").write_text(MODULE)
        monkeypatch.syspath_prepend(tmp_path)

    yield install
    sys.modules.pop("acme_probes", None)


def test_an_outside_probe_runs_only_when_named(installed):
    installed({"vault": "acme_probes:acme_vault"})
    assert probes(Config(), OURS) == OURS
    assert "acme_probes" not in sys.modules


@pytest.mark.parametrize("name", ["vault", "acme-probes", "Acme_Probes"])
def test_an_outside_probe_says_where_it_comes_from(installed, name):
    installed({"vault": "acme_probes:acme_vault"})
    [*_, last] = probes(Config(plugins=(name,)), OURS)
    assert (last.id, last.distribution) == ("acme.vault", "acme-probes 2.1")


def test_only_the_named_entry_point_of_a_package_is_loaded(installed):
    installed({"vault": "acme_probes:acme_vault", "broken": "no_such_module:x"})
    assert len(probes(Config(plugins=("vault",)), OURS)) == 3


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("acme_probes:acme_vault", "other"),
        ("no_such_module:x", "vault"),
        ("acme_probes:missing", "vault"),
        ("acme_probes:nothing", "vault"),
        ("acme_probes:taken", "vault"),
        ("acme_probes:pair", "vault"),
    ],
)
def test_a_named_one_that_is_missing_broken_or_clashes_stops_the_run(installed, target, name):
    installed({"vault": target})
    with pytest.raises(PluginError) as caught:
        probes(Config(plugins=(name,)), OURS)
    assert caught.value.code == 2


def test_a_choice_keeps_the_order_of_the_run():
    assert chosen(OURS, ("b.two", "a.one"), ()) == OURS
    assert chosen(OURS, (), ("a.one",)) == OURS[1:]


@pytest.mark.parametrize(("only", "skipped"), [(("a.on",), ()), ((), ("a.on",))])
def test_an_unknown_probe_is_refused_with_a_guess(only, skipped):
    with pytest.raises(ScannerError, match=r"did you mean a\.one"):
        chosen(OURS, only, skipped)


def test_without_a_name_no_metadata_is_read():
    code = (
        "import sys; from scanner.registry import probes; from scanner.config import Config; probes(Config());"
        "assert 'importlib.metadata' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_choice_that_leaves_no_probe_is_an_error():
    with pytest.raises(ScannerError, match="no probe is left to run") as raised:
        chosen(OURS, ["a.one"], ["a.one"])
    assert "--skip-probe" in raised.value.hint
    with pytest.raises(ScannerError, match="no probe is left"):
        chosen(OURS, [], ["a.one", "b.two"])
