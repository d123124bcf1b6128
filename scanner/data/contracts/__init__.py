"""The contracts that come with the tool, as their readers see them: a YAML file each, named by the contract."""

from pathlib import Path

from scanner.errors import DataError

FOLDER = Path(__file__).parent
ENDING = ".yaml"
COMPILED = FOLDER / "compiled.json"  # the same contracts, read: a scan needs one, and no YAML (docs/adr/0016)


def names() -> list[str]:
    """The names of all contracts that come with the tool, sorted."""
    return sorted(path.stem for path in FOLDER.glob(f"*{ENDING}"))


def source(name: str) -> bytes:
    """The bytes of one of them. Raises DataError where it is not there."""
    return _bytes(FOLDER / f"{name}{ENDING}")


def compiled() -> bytes:
    """All of them as one document. Raises DataError where it is not there."""
    return _bytes(COMPILED)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path.name} is missing; install armslength again") from error
