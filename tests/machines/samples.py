"""The golden machines by name, laid out on a disk, and every secret that they hold."""

import base64
import html
import json
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from urllib.parse import quote, quote_plus

from scanner import demo
from scanner.host import Machine
from scanner.testing import database, load_machine
from scanner.tokens import fill, placeholders

FOLDER = Path(__file__).parent
NAMES = tuple(sorted(path.parent.name for path in FOLDER.glob("*/machine.toml")))
DEMO = Path(demo.__file__).parent / "machine"
CANARY = "CANARY"
SHOWN = 8  # characters of a token's beginning or end that already help a thief
ROOTS = {"windows": "C"}


def folder_of(name: str) -> Path:
    return DEMO if name == "demo" else FOLDER / name


def machine(name: str) -> Machine:
    return demo.machine() if name == "demo" else load_machine(FOLDER / name)


def _texts(folder: Path) -> Iterator[str]:
    yield (folder / "machine.toml").read_text(encoding="utf-8")
    for path in sorted((folder / "files").rglob("*")):
        if path.is_file():
            yield path.read_text(encoding="utf-8")


@cache
def secrets(name: str) -> dict[str, str]:
    """Each secret of the machine and its family, read from its placeholders and not from what the code found."""
    return {value: family for text in _texts(folder_of(name)) for family, value in placeholders(text, name)}


def laid_out(name: str, root: Path) -> list[str]:
    """Writes the machine below `root`, and says with which options a scan looks at it there."""
    folder = folder_of(name)
    told = tomllib.loads((folder / "machine.toml").read_text(encoding="utf-8"))
    for path in sorted((folder / "files").rglob("*")):
        if path.is_file():
            target = root / path.relative_to(folder / "files")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(fill(path.read_bytes().decode(), name).encode())  # with the line ends that it has
    known = machine(name)
    for at, text in told.get("texts", {}).items():
        _write(root, known, at, fill(text, name).encode())
    for at, statements in told.get("databases", {}).items():
        _write(root, known, at, database([fill(each, name) for each in statements]))
    variables = root.parent / f"{name}.env"
    variables.write_text("\0".join(f"{key}={fill(value, name)}" for key, value in told["env"].items()))
    options = ["--root", str(root), "--platform", told["platform"], "--env-file", str(variables), "--home"]
    options.append(known.home.as_posix())
    (root / Path(*known.home.parts[1:])).mkdir(parents=True, exist_ok=True)
    for project in known.projects:
        options += ["--workspace", project.as_posix()]
    return [*options, "--now", known.now.isoformat()]


def _write(root: Path, known: Machine, at: str, data: bytes) -> None:
    place = known.home / at[2:] if at.startswith("~/") else type(known.home)(at)
    target = root.joinpath(*(["C"] if place.drive else []), *place.parts[1:])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


# What the provider puts before every token of a family, and so tells nothing.
PREFIXES = (
    *("ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "npm_", "sk-ant-api03-", "sk-proj-", "xoxb-", "sk_live_"),
    *("sk_test_", "SG.", "dop_v1_", "hvs.", "hf_", "pypi-AgEIcHlwaS5vcmc", "IQoJb3JpZ2lu", "encrypted:"),
    *("ya29.a0", "1//0", "GOCSPX-", "1.AX", "lin_api_", "figd_", "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tC"),
)


def _parts(secret: str) -> list[str]:
    """What of a secret must not be seen: the lines of a key's block, else the whole."""
    if "PRIVATE" in secret and "\n" in secret:
        # The second line on: the first holds no more than the names of the ciphers.
        return [line for line in secret.splitlines()[2:-1] if len(line) > SHOWN]
    return [secret]


@cache
def _needles(secret: str) -> tuple[bytes, ...]:
    """All that no output may hold of a secret, made once for the hundreds of outputs that it is looked for in."""
    return tuple(_made(secret))


def _made(secret: str) -> Iterator[bytes]:
    for part in _parts(secret):
        yield from _forms(part)
        prefix = next((known for known in PREFIXES if part.startswith(known)), "")
        body = part.removeprefix(prefix)
        if part.count(".") == 2 and part.startswith("eyJ"):  # a JWT's head and claims are the same for many
            body = part.rpartition(".")[2]
        if len(body) >= 2 * SHOWN:
            yield body[:SHOWN].encode()
            yield body[-SHOWN:].rstrip("=").encode()


def _forms(text: str) -> set[bytes]:
    """The text as it is, and as percent-, base64-, JSON- and HTML-encoding write it."""
    raw = text.encode()
    forms = {
        raw,
        quote(raw, safe="").encode(),
        quote_plus(raw).encode(),
        json.dumps(text)[1:-1].encode(),
        html.escape(text).encode(),
        raw.hex().encode(),
        text[::-1].encode(),
    }
    for shift in range(3):
        core = base64.b64encode(b"\0" * shift + raw + b"\0\0")
        core = core[4 if shift else 0 :][: len(raw) * 4 // 3 - 6]
        forms |= {core, core.replace(b"+", b"-").replace(b"/", b"_")} if len(core) >= SHOWN else set()
    return forms


def leaks(output: bytes, values: Iterable[str]) -> list[str]:
    """Which of the values the output tells anything of; they are named by their number, never shown."""
    found = [
        f"secret number {at}" for at, value in enumerate(values) if any(each in output for each in _needles(value))
    ]
    return [*found, CANARY] if CANARY.encode() in output else found
