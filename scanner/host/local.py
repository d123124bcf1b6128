"""The live machine: its files, processes, agent sockets, keychain and Windows registry."""

import errno
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import PurePath
from stat import S_ISSOCK
from time import monotonic
from typing import TYPE_CHECKING

from msgspec import Struct

from scanner.host.disk import DiskFiles, complaint
from scanner.host.links import Viewer
from scanner.host.ports import Process
from scanner.host.unanswered import Unanswered
from scanner.model import Gap, GapKind
from scanner.text import printable

if TYPE_CHECKING:
    import socket

COMMAND_LIMIT = 128 * 1024
ENVIRONMENT_LIMIT = 4 * 1024 * 1024
CHUNK = 16 * 1024  # read at once: hardly a process has more to tell
NAME_SHOWN = 15  # the kernel cuts a program's name after so many bytes

# The one question an agent is asked (draft-ietf-sshm-ssh-agent, 3.5): a length of 1 and SSH_AGENTC_REQUEST_IDENTITIES.
LIST_REQUEST = b"\0\0\0\1\x0b"
ANSWER_LIMIT = 256 * 1024
ANSWER_SECONDS = 2.0

# The two questions of the Docker Engine API that a container engine is asked, on its unix socket alone.
ENGINE_QUESTIONS = ("version", "info")

ITEM_LIMIT = 100  # entries of one service that are looked at in a keychain


def local_files(viewer: Viewer | None = None) -> DiskFiles:
    """The files of this machine, with this user's rights or the viewer's."""
    return DiskFiles(LocalTree(viewer))


class LocalTree(Struct, frozen=True):
    """The tree that this machine itself sees."""

    viewer: Viewer | None = None
    whole: bool = True

    def status(self, spot: PurePath) -> os.stat_result:
        """What lies there, a link not followed."""
        return os.lstat(self.real(spot))

    def target(self, spot: PurePath) -> PurePath:
        """Where the link there leads, without the mark that Windows puts before it."""
        return type(spot)(os.readlink(self.real(spot)).removeprefix("\\\\?\\"))

    def real(self, spot: PurePath) -> str:
        """The path itself; one that names another machine is not touched, since that would ask the network."""
        if spot.drive.startswith("\\\\"):
            raise OSError(errno.EREMOTE, os.strerror(errno.EREMOTE))
        return str(spot)


class LocalProcesses(Struct, frozen=True):
    """The process table, from /proc where there is one."""

    proc: str = "/proc"

    def table(self) -> Sequence[Process] | Gap:
        """Every process that can be seen, by pid; one that ends meanwhile is left out."""
        if not os.path.isdir(f"{self.proc}/self"):
            return sorted(_psutil_table(), key=_by_pid)
        try:
            pids = sorted(int(name) for name in os.listdir(self.proc) if name.isdecimal())
        except OSError:
            return Gap(GapKind.REFUSED, "processes", "permission denied")
        return [process for pid in pids if (process := self._process(pid)) is not None]

    def variables(self, pid: int) -> Mapping[str, str] | Gap:
        """The environment a process was started with; empty once it has ended."""
        if not os.path.isdir(f"{self.proc}/self"):
            return _psutil_variables(pid)
        try:
            data = _head(f"{self.proc}/{pid}/environ", ENVIRONMENT_LIMIT)
        except (FileNotFoundError, ProcessLookupError):
            return {}
        except PermissionError:
            return _refused(pid)
        except OSError:
            return Gap(GapKind.FAILED, f"process {pid}", "its environment could not be read")
        pairs = (os.fsdecode(pair).partition("=") for pair in data.split(b"\0"))
        return {name: value for name, equals, value in pairs if equals and name}

    def _process(self, pid: int) -> Process | None:
        folder = f"{self.proc}/{pid}"
        try:
            mine = os.stat(folder).st_uid == os.geteuid()
            stat = os.fsdecode(_head(f"{folder}/stat", 4096))
            command = _head(f"{folder}/cmdline", COMMAND_LIMIT)
        except OSError:  # it has ended, or is hidden from this user
            return None
        name = stat[stat.find("(") + 1 : stat.rfind(")")]
        state = stat[stat.rfind(")") + 1 :].split()
        if len(state) < 2 or not state[1].isdecimal():
            return None
        argv = tuple(os.fsdecode(part) for part in command.removesuffix(b"\0").split(b"\0")) if command else ()
        return Process(pid, int(state[1]), _program(name, argv), argv, mine)


def _by_pid(process: Process) -> int:
    return process.pid


def _program(name: str, argv: tuple[str, ...]) -> str:
    """The program's name: the kernel's, or the first argument's where the kernel's was cut."""
    called = argv[0].rpartition("/")[2].removeprefix("-") if argv else ""
    return called if len(name.encode("utf-8", "surrogateescape")) >= NAME_SHOWN and called.startswith(name) else name


def _head(path: str, most: int) -> bytes:
    """The first bytes of a file of /proc, which most often are all of it; there are several for each process."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        data = b""
        while len(data) < most and (more := os.read(descriptor, min(most - len(data), CHUNK))):
            data += more
        return data
    finally:
        os.close(descriptor)


def _refused(pid: int) -> Gap:
    return Gap(GapKind.REFUSED, f"process {pid}", "permission denied")


def _psutil_table() -> Iterator[Process]:
    import psutil

    me = psutil.Process().username()
    for each in psutil.process_iter():
        try:
            with each.oneshot():
                parent = each.ppid()
                name = each.name()
                mine = each.username() == me
        except psutil.Error:
            continue
        try:
            argv = tuple(each.cmdline())
        except (psutil.Error, OSError):  # another user's, or the system's
            argv = ()
        yield Process(each.pid, parent, name, argv, mine)


def _psutil_variables(pid: int) -> Mapping[str, str] | Gap:
    import psutil

    try:
        return dict(psutil.Process(pid).environ())
    except psutil.NoSuchProcess:
        return {}
    except (psutil.AccessDenied, PermissionError):
        return _refused(pid)
    except (psutil.Error, OSError):
        return Gap(GapKind.FAILED, f"process {pid}", "its environment could not be read")


class LocalSockets(Struct, frozen=True):
    """Local sockets of ssh-agents and container engines."""

    seconds: float = ANSWER_SECONDS

    def agent_identities(self, path: PurePath) -> bytes | Gap:
        """The agent's answer to the list request; only a socket of this user or of root is asked, and nothing else."""
        return self._answer(path, _asked)

    def engine(self, path: PurePath, question: str) -> bytes | Gap:
        """The body of the engine's answer to `GET /version` or `GET /info`; only a socket of this user or of root."""
        if question not in ENGINE_QUESTIONS:
            raise ValueError("an engine is asked for version or info only")

        def got(engine: "socket.socket", path: str, deadline: float) -> bytes:
            return _got(engine, path, question, deadline)

        return self._answer(path, got)

    def _answer(self, path: PurePath, ask: "Callable[[socket.socket, str, float], bytes]") -> bytes | Gap:
        import socket

        place = printable(str(path))
        if not hasattr(socket, "AF_UNIX"):
            return Gap(GapKind.REFUSED, place, "no unix sockets on this machine")
        try:
            status = os.stat(path)
            if not S_ISSOCK(status.st_mode):
                return Gap(GapKind.REFUSED, place, "not a socket")
            if status.st_uid not in (os.geteuid(), 0):
                return Gap(GapKind.REFUSED, place, "the socket of another user")
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as opened:
                return ask(opened, str(path), monotonic() + self.seconds)
        except TimeoutError:
            return Gap(GapKind.LIMIT, place, f"no answer within {self.seconds:g} seconds")
        except Unanswered as error:
            return Gap(error.kind, place, str(error))
        except ConnectionRefusedError:
            return Gap(GapKind.FAILED, place, "nothing listens there")
        except OSError as error:
            if error.errno is None:
                return Gap(GapKind.LIMIT, place, "the path is too long for a socket")
            return complaint(path, error) or Gap(GapKind.FAILED, place, "nothing there")
        except ValueError as error:
            return complaint(path, error) or Gap(GapKind.FAILED, place, "nothing there")


def _asked(agent: "socket.socket", path: str, deadline: float) -> bytes:
    agent.settimeout(max(deadline - monotonic(), 0.001))
    agent.connect(path)
    agent.sendall(LIST_REQUEST)
    length = int.from_bytes(_received(agent, 4, deadline), "big")
    if not 0 < length <= ANSWER_LIMIT:
        raise Unanswered("its answer has no length that an agent's has")
    return _received(agent, length, deadline)


def _got(engine: "socket.socket", path: str, question: str, deadline: float) -> bytes:
    from scanner.host.engines import answer

    engine.settimeout(max(deadline - monotonic(), 0.001))
    engine.connect(path)
    return answer(engine, question, deadline)


def _received(agent: "socket.socket", length: int, deadline: float) -> bytes:
    data = b""
    while len(data) < length:
        left = deadline - monotonic()
        if left <= 0:
            raise TimeoutError
        agent.settimeout(left)
        more = agent.recv(length - len(data))
        if not more:
            raise Unanswered("it closed without a whole answer")
        data += more
    return data


class LocalKeychain(Struct, frozen=True):
    """The operating system's secret store; `consented` holds services, or what stands before their first colon."""

    consented: frozenset[str] = frozenset()

    def consents(self, service: str) -> bool:
        """Whether a person has named that service."""
        return service in self.consented or service.partition(":")[0] in self.consented

    def entry(self, service: str, account: str) -> str | Gap | None:
        """The value under that name, after consent, and without ever asking a person for a password."""
        place = f"keychain entry {printable(service)}"
        if not self.consents(service):
            return Gap(GapKind.REFUSED, place, "needs consent")
        if sys.platform in ("darwin", "win32"):
            return _system_entry(service, account, place)
        return _secret_service_entry(service, account, place)


def _system_entry(service: str, account: str, place: str) -> str | Gap | None:
    from keyring.errors import KeyringError

    from scanner.host.keyrings import failures, system_keyring

    try:
        value = system_keyring().get_password(service, account)
    except KeyringError:
        return Gap(GapKind.REFUSED, place, "the keychain is locked, or would ask a person")
    except failures():
        return Gap(GapKind.FAILED, place, "the keychain did not answer")
    return value if value is None or sys.platform != "win32" else as_written(value)


def as_written(value: str) -> str:
    """A value of the Windows store that was written as UTF-8 and taken for UTF-16, as keyring does where it can."""
    try:
        return value if value.isascii() else value.encode("utf-16-le").decode("ascii")
    except UnicodeError:
        return value


def _secret_service_entry(service: str, account: str, place: str) -> str | Gap | None:
    """From the desktop's secret service, without a prompt and without making a collection where there is none."""
    import secretstorage
    from jeepney import DBusErrorResponse  # type: ignore[import-untyped]  # has no types

    try:
        with closing(secretstorage.dbus_init()) as connection:
            items = list(islice(secretstorage.search_items(connection, {"service": service}), ITEM_LIMIT))
            open_items = [(item.get_attributes(), item) for item in items if not item.is_locked()]
            named = [item for told, item in open_items if told.get("username", told.get("account", "")) == account]
            # Some tools write an account that no file tells; no account then means whichever there is.
            fitting = named or ([] if account else [item for _, item in open_items])
            if fitting:
                return fitting[0].get_secret().decode()
            locked = len(open_items) < len(items) or any(
                collection.is_locked() for collection in secretstorage.get_all_collections(connection)
            )
    except secretstorage.SecretServiceNotAvailableException:
        return Gap(GapKind.REFUSED, place, "there is no keychain in this session")
    except (secretstorage.SecretStorageException, DBusErrorResponse, OSError, ValueError):
        return Gap(GapKind.FAILED, place, "the keychain did not answer")
    return Gap(GapKind.REFUSED, place, "the keychain is locked") if locked else None


class LocalRegistry(Struct, frozen=True):
    """The Windows registry, empty elsewhere."""

    def values(self, key: str) -> Mapping[str, str] | Gap:
        """The string values under a key such as `HKCU/Environment`."""
        if sys.platform == "win32":
            import winreg

            hives = {"HKCU": winreg.HKEY_CURRENT_USER, "HKLM": winreg.HKEY_LOCAL_MACHINE}
            hive, _, path = key.partition("/")
            try:
                with winreg.OpenKey(hives[hive], path.replace("/", "\\")) as opened:
                    found = [winreg.EnumValue(opened, number) for number in range(winreg.QueryInfoKey(opened)[1])]
            except FileNotFoundError:
                return {}
            except OSError:
                return Gap(GapKind.REFUSED, key, "permission denied")
            return {name: value for name, value, kind in found if kind in (winreg.REG_SZ, winreg.REG_EXPAND_SZ)}
        return {}
