"""Data is first read by probes, which run side by side."""

import subprocess
import sys

RACE = """
import sys, threading
import msgspec
from scanner.data import files

sys.setswitchinterval(1e-6)
for number in range(60):
    inner = msgspec.defstruct("Inner", [(f"f{each}", dict[str, list[int]]) for each in range(30)])
    outer = msgspec.defstruct("Outer", [(f"g{each}", list[inner]) for each in range(20)])
    row = {f"f{each}": {"a": [1]} for each in range(30)}
    told = {f"g{each}": [row] for each in range(20)}
    gate = threading.Barrier(6)

    def read():
        gate.wait()
        files.converted(told, outer)

    threads = [threading.Thread(target=read) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
"""


def test_several_threads_may_meet_a_type_for_the_first_time():
    run = subprocess.run([sys.executable, "-c", RACE], capture_output=True, check=False, timeout=60)
    assert (run.returncode, run.stderr) == (0, b"")


def test_no_table_is_turned_into_values_in_another_way():
    from pathlib import Path

    folder = Path(__file__).parents[2] / "scanner" / "data"
    assert [path.name for path in sorted(folder.rglob("*.py")) if "msgspec.convert(" in path.read_text()] == [
        "files.py"
    ]
