"""`.netrc`: machines with their logins, as curl, git, pip and many others read it."""

from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct

from probes.git.addresses import HOST
from probes.git.forges import forge
from probes.git.logins import Login, login_seen
from probes.modes import readable_by_others
from scanner.data import files
from scanner.data.families import holds_token
from scanner.host import Host, TextFile
from scanner.model import CredentialSeen, Evidence, Gap, GapKind, Observation
from scanner.model.value import Value

MACHINE_LIMIT = 2000
ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


class Machine(Value, frozen=True):
    """One `machine` with what stands below it; `name` is empty for `default`. The line is the password's."""

    concealed: ClassVar[frozenset[str]] = frozenset({"login", "password"})

    name: str
    login: str
    password: str
    line: int


class Netrc(Struct, frozen=True):
    """The machines of a file, the lines that are no netrc, and whether there were too many."""

    machines: tuple[Machine, ...]
    broken: tuple[int, ...]
    cut: bool = False


class Token(Value, frozen=True):
    """One word of the file and its line; a quote that does not end makes it `whole` no more."""

    concealed: ClassVar[frozenset[str]] = frozenset({"text"})

    text: str
    line: int
    quoted: bool = False
    whole: bool = True


def parse(text: str) -> Netrc:
    """The machines in a text. Nothing raises: a word that is in no place is noted by its line."""
    reading = _Reading(text)
    machines: list[Machine] = []
    for machine in reading.machines():
        if len(machines) == MACHINE_LIMIT:
            return Netrc(tuple(machines), tuple(dict.fromkeys(reading.broken)), cut=True)
        machines.append(machine)
    return Netrc(tuple(machines), tuple(dict.fromkeys(reading.broken)))


class _Reading:
    """How far a file has been read."""

    def __init__(self, text: str) -> None:
        self.lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self.line = 0
        self.at = 0
        self.broken: list[int] = []

    def machines(self) -> Iterator[Machine]:
        name: str | None = None
        told: dict[str, Token] = {}
        while (token := self._token(comments=True)) is not None:
            word = "" if token.quoted else token.text
            match word:
                case "machine" | "default":
                    yield from _machine(name, told)
                    told = {}
                    following = self._token() if word == "machine" else Token("", token.line)
                    if following is None:
                        self.broken.append(token.line)
                        return
                    name = following.text
                case "login" | "user" | "password" | "account" | "port":
                    value = self._token()
                    if value is None or not value.whole or name is None:
                        self.broken.append(token.line)
                    if value is not None:
                        told["login" if word == "user" else word] = value
                case "macdef":
                    self._macro()
                case _:
                    self.broken.append(token.line)
        yield from _machine(name, told)

    def _macro(self) -> None:
        """Passes a macro: its name, and every line up to an empty one."""
        self.line, self.at = self.line + 1, 0
        while self.line < len(self.lines) and self.lines[self.line].strip():
            self.line += 1

    def _token(self, *, comments: bool = False) -> Token | None:
        """The next word, None at the end. A `#` begins a comment where a keyword would stand."""
        while self.line < len(self.lines):
            line = self.lines[self.line]
            while self.at < len(line) and line[self.at].isspace():
                self.at += 1
            if self.at < len(line) and not (comments and line[self.at] == "#"):
                return self._quoted(line) if line[self.at] == '"' else self._plain(line)
            self.line, self.at = self.line + 1, 0
        return None

    def _plain(self, line: str) -> Token:
        begun = self.at
        while self.at < len(line) and not line[self.at].isspace():
            self.at += 1
        return Token(line[begun : self.at], self.line + 1)

    def _quoted(self, line: str) -> Token:
        found: list[str] = []
        at = self.at + 1
        while at < len(line) and line[at] != '"':
            if line[at] == "\\" and at + 1 < len(line):
                at += 1
                found.append(ESCAPES.get(line[at], line[at]))
            else:
                found.append(line[at])
            at += 1
        self.at = at + 1
        return Token("".join(found), self.line + 1, quoted=True, whole=at < len(line))


def _machine(name: str | None, told: dict[str, Token]) -> Iterator[Machine]:
    password, login = told.get("password"), told.get("login")
    if password is not None and name is not None:
        yield Machine(name, login.text if login is not None else "", password.text, password.line)


def netrc_seen(file: TextFile, host: Host, pushed: frozenset[str]) -> Iterator[Observation]:
    """The logins of a file; those for hosts that repositories here push to are git's too."""
    told = parse(file.text)
    place = host.shown(file.path)
    if told.broken:
        lines = ", ".join(map(str, told.broken[:10])) + (" and more" if len(told.broken) > 10 else "")
        yield Gap(GapKind.FAILED, place, f"not netrc's format in line {lines}")
    if told.cut:
        yield Gap(GapKind.LIMIT, place, f"more than {MACHINE_LIMIT} machines; the rest was not judged")
    found = False
    for machine in told.machines:
        host.check_time()
        for seen in _logins(machine, file, host, pushed):
            found = True
            yield seen
    if found:
        yield from readable_by_others(host, file.place)


def _logins(machine: Machine, file: TextFile, host: Host, pushed: frozenset[str]) -> Iterator[CredentialSeen]:
    name = machine.name.lower().rstrip(".")
    if name and (HOST.fullmatch(name) is None or holds_token(machine.name)):
        host.keep(machine.password)
        return
    kind = "git.password" if forge(name).host in pushed else "netrc.password"
    login = Login(
        name or "every other host",
        machine.login,
        machine.password,
        Evidence(file.path, machine.line, f"machine {name}" if name else "default"),
        named=files.table("machines.toml")["kinds"].get(name, ""),
        fallback=kind,
    )
    yield from login_seen(login, host)
