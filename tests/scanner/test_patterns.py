"""Patterns match as the expressions of the standard library do, and each of the tool's own is one."""

import gc
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from scanner.patterns import Pattern

ROOT = Path(__file__).parent.parent.parent
BROKEN = Pattern("(")
TEXTS = ("", "a", "ab12", "x ab12 c3\nd4", "12", "é9")


def spans(found):
    return [match.span() for match in found]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("flags", [re.NOFLAG, re.MULTILINE])
@pytest.mark.parametrize("expression", ["[a-z]+[0-9]", "^[a-z]?", "[0-9]$"])
def test_it_matches_as_the_standard_library_does(expression, flags, text):
    ours, theirs = Pattern(expression, flags), re.compile(expression, flags)
    for name in ("match", "fullmatch", "search"):
        for start, end in ((0, len(text)), (1, 4)):
            found = [getattr(each, name)(text, start, end) for each in (ours, theirs)]
            assert [match and match.span() for match in found] == [found[1] and found[1].span()] * 2
    assert spans(ours.finditer(text)) == spans(theirs.finditer(text))
    assert spans(ours.finditer(text, 1, 4)) == spans(theirs.finditer(text, 1, 4))
    assert ours.findall(text, 1) == theirs.findall(text, 1)
    assert ours.sub(lambda match: f"<{match[0]}>", text) == theirs.sub(lambda match: f"<{match[0]}>", text)
    assert [ours.split(text), ours.split(text, 1)] == [theirs.split(text), theirs.split(text, maxsplit=1)]


def test_it_is_compiled_when_it_is_first_used():
    with pytest.raises(re.error):
        BROKEN.match("")


def users():
    """The modules that make patterns."""
    for room in ("scanner", "probes"):
        for path in sorted((ROOT / room).rglob("*.py")):
            if "import Pattern\n" in path.read_text(encoding="utf-8"):
                yield ".".join(path.relative_to(ROOT).with_suffix("").parts)


def test_every_pattern_of_the_tool_can_be_compiled():
    for name in users():
        import_module(name)
    gc.unfreeze()  # what was imported before the first test is kept from the collector, and so from this list
    made = [each for each in gc.get_objects() if type(each) is Pattern and each is not BROKEN]
    gc.freeze()
    assert len(made) > 50
    for each in made:
        assert each.compiled.pattern


def test_a_scan_of_an_empty_home_does_not_compile_them_all(home, tmp_path):
    told = (
        "import gc, sys; sys.argv[1:] = ['scan', '--quiet']\n"
        "from scanner.cli import main\n"
        "from scanner.patterns import Pattern\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "gc.unfreeze()\n"
        "ours = [each for each in gc.get_objects() if type(each) is Pattern]\n"
        "print(len(ours), sum('compiled' in vars(each) for each in ours))"
    )
    environment = {"HOME": str(home), "ARMSLENGTH_STATE": str(tmp_path / "state"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", told], cwd=home, env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    made, compiled = map(int, done.stdout.split())
    assert made > 40
    assert compiled < made / 2
