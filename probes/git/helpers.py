"""What git asks for logins: helpers that answer any process of this user, and programs that it starts."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import PurePath

from msgspec import Struct

from probes.git.addresses import address
from probes.git.chains import Setting
from probes.git.forges import forge, git_hosts
from probes.git.reads import CACHE_SOCKET, SOCKETS, STORE_FILE
from probes.ssh.certificates import program
from scanner.data.families import holds_token
from scanner.host import FileKind, Host, Place
from scanner.model import Capability, Confidence, Evidence, Gap, Grant, HandleSeen, Step, UseKind, UseSeen

PUSH = frozenset({Capability.DATA_READ, Capability.CODE_WRITE})
HOST_LIMIT = 50
PROGRAM_LIMIT = 100
HELPER_LIMIT = 200  # helpers of one repository, or of one machine's settings, that are looked at
WORD_LIMIT = 4096
# Helpers that hand out what the platform's keychain holds, by the name git knows them under.
KEYCHAINS = {
    "osxkeychain": "the macOS keychain",
    "manager": "Git Credential Manager",
    "manager-core": "Git Credential Manager",
    "manager-ui": "Git Credential Manager",
    "wincred": "the Windows Credential Manager",
    "winstore": "the Windows Credential Manager",
    "libsecret": "the desktop's keyring",
    "gnome-keyring": "the desktop's keyring",
    "gnome-libsecret": "the desktop's keyring",
    "oauth": "git-credential-oauth",
}
ASKED = "git asks it for logins (credential.helper)"
STARTED = {
    "core.sshcommand": "git reaches hosts through it (core.sshCommand)",
    "core.askpass": "git asks it for passwords (core.askPass)",
    "core.fsmonitor": "git starts it on nearly every command (core.fsmonitor)",
    "core.gitproxy": "git reaches hosts through it (core.gitProxy)",
    "gpg.program": "git signs with it (gpg.program)",
    "diff.external": "git starts it for every diff (diff.external)",
    "filter.clean": "git starts it on files it takes in (filter.clean)",
    "filter.smudge": "git starts it on files it checks out (filter.smudge)",
    "filter.process": "git starts it on files it reads (filter.process)",
}
USUAL = frozenset({"git-lfs", "git", "true", "false", "1", "0", "yes", "no", "ssh", "gpg", "gpg2"})
STARTED_BY_VARIABLE = (
    "GIT_ASKPASS",
    "SSH_ASKPASS",
    "GIT_SSH_COMMAND",
    "GIT_SSH",
    "GIT_PROXY_COMMAND",
    "GIT_EXTERNAL_DIFF",
)


class Helper(Struct, frozen=True):
    """One helper: its name as git knows it (empty for a command), and its options."""

    name: str
    command: str
    options: tuple[str, ...] = ()

    def option(self, name: str) -> str:
        """The value of `--name value` or `--name=value`."""
        for at, word in enumerate(self.options):
            if word == f"--{name}" and at + 1 < len(self.options):
                return self.options[at + 1]
            if word.startswith(f"--{name}="):
                return word.partition("=")[2]
        return ""


def helper(text: str) -> Helper:
    """What a `credential.helper` says: a name with options, a path, or a command behind `!`."""
    text = text.strip()
    words = _words(text.removeprefix("!"))
    shown = _name(words[0]) if words else ""
    if text.startswith("!"):
        is_gh = words[1:3] == ["auth", "git-credential"]
        return Helper("gh" if is_gh and shown.removesuffix(".exe") == "gh" else "", shown)
    name = shown.removesuffix(".exe").removeprefix("git-credential-")
    return Helper(name, shown, tuple(words[1:]))


def _name(word: str) -> str:
    """The name of a program without its folder; an assignment before it may hold a secret."""
    return "" if "=" in word else word.replace("\\", "/").rpartition("/")[2]


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text[:WORD_LIMIT])
    except ValueError:  # a quote that does not end
        return text[:WORD_LIMIT].split()


def of_helpers(settings: Iterable[Setting]) -> tuple[Setting, ...]:
    """The settings that name helpers, as many as are looked at."""
    return tuple(islice((each for each in settings if each.key == "credential.helper"), HELPER_LIMIT))


def with_hosts(settings: Iterable[Setting]) -> list[tuple[Setting, str | None]]:
    """Each helper's setting with the host that it is for, None where it is for all."""
    return [(each, _host_of(each.subsection) if each.subsection is not None else None) for each in settings]


def helping(named: Iterable[tuple[Setting, str | None]], at: str) -> list[Setting]:
    """The helpers that git asks for a host, in order; an empty one drops those before it."""
    found: list[Setting] = []
    for setting, wanted in named:
        if not _is_for(wanted, at):
            continue
        if setting.value.strip():
            found.append(setting)
        else:
            found.clear()
    return found


def _is_for(wanted: str | None, at: str) -> bool:
    """Whether a setting of `credential` is for a host; one without an address is for all."""
    if wanted is None:
        return True
    return bool(at) and (wanted == at or (wanted.startswith("*.") and at.endswith(wanted[1:])))


def _host_of(subsection: str) -> str:
    found = address(subsection)
    if found is not None:
        return found.host
    return re.split("[/:]", subsection.partition("://")[2] or subsection)[0].rpartition("@")[2].lower()


def asked(settings: Iterable[Setting], hosts: Iterable[str]) -> dict[Setting, list[str]]:
    """Each helper that git asks, with the hosts it is asked for."""
    named = with_hosts(settings)
    every = dict.fromkeys([*hosts, *(wanted for _, wanted in named if wanted)])
    shown = islice((at for at in every if re.fullmatch(r"[a-z0-9.-]{1,253}", at)), HOST_LIMIT)
    found: dict[int, tuple[Setting, list[str]]] = {id(each): (each, []) for each in helping(named, "")}
    for at in shown:
        for setting in helping(named, at):
            found.setdefault(id(setting), (setting, []))[1].append(at)
    return dict(found.values())


def helpers_seen(found: Mapping[Setting, list[str]]) -> Iterator[HandleSeen | UseSeen]:
    """A handle for each helper that hands out what a keychain holds, a use for each program."""
    told: set[tuple[str, str]] = set()
    for setting, hosts in found.items():
        known = helper(setting.value)
        if known.name in KEYCHAINS:
            yield _handle(setting, known, hosts)
        elif known.name not in ("store", "cache") and _is_shown(known.command):
            key = ("credential.helper", known.command)
            if key not in told:
                told.add(key)
                yield UseSeen(known.command, UseKind.START, 1, None, setting.evidence, how=ASKED)


def _is_shown(command: str) -> bool:
    return bool(command) and not holds_token(command)


def _handle(setting: Setting, known: Helper, hosts: list[str]) -> HandleSeen:
    where = KEYCHAINS[known.name]
    return HandleSeen(
        kind="handle.git-credential-helper",
        evidence=setting.evidence,
        channel="execute git, which asks its credential helper",
        grants=push_grants(hosts, f"git gets logins for it from {where}, if it holds one, and nothing asks"),
        names=(known.name,),
        undecided=Step(
            f"which logins {where} holds is not known from here",
            _step(known.name, hosts),
        ),
    )


def _step(name: str, hosts: list[str]) -> str:
    """What shows whom the helper signs in, and no password; `--keychain git` knows one helper's entry alone."""
    at = "github.com" if "github.com" in hosts or not hosts else hosts[0]
    if name.startswith("manager") and at == "github.com":
        return "armslength scan --keychain git --live=github"
    if name == "osxkeychain":
        return f"security find-internet-password -s {at}"
    if name in ("wincred", "winstore"):
        return f"cmdkey /list | findstr git:https://{at}"
    if name == "oauth":
        return f"see in the account's settings on {at} what git-credential-oauth was granted"
    asked = f"printf 'protocol=https\\nhost={at}\\n\\n' | GIT_ASKPASS=true GIT_TERMINAL_PROMPT=0 git credential fill"
    return f"{asked} | grep ^username"


def push_grants(hosts: Iterable[str], why: str) -> tuple[Grant, ...]:
    """What a login for each host may do, as far as one exists."""
    assets = dict.fromkeys(asset for at in hosts for asset in git_hosts(forge(at)))
    return tuple(Grant(asset, PUSH, Confidence.POSSIBLE, why=why) for asset in assets)


def caches(host: Host, settings: Iterable[Setting], hosts: list[str]) -> Iterator[HandleSeen | Gap]:
    """The sockets of git's credential cache, which hands every login it remembers to whoever connects."""
    named = [known.option("socket") for known in map(helper, _values(settings)) if known.name == "cache"]
    seen: set[PurePath] = set()
    for found in [*host.places(*SOCKETS), *(_named(host, text) for text in dict.fromkeys(named))]:
        if isinstance(found, Gap):
            yield found
        elif found is not None and found.kind is FileKind.SOCKET and found.writable and found.path not in seen:
            seen.add(found.path)
            yield HandleSeen(
                kind="handle.git-credential-cache",
                evidence=Evidence(found.path),
                channel=f"connect unix:{found.path}",
                grants=push_grants(hosts, "the cache hands out the logins that it remembers, and nothing asks"),
                names=("git credential cache",),
            )


def _named(host: Host, text: str) -> Place | Gap | None:
    path = host.resolve(text) if text and "\0" not in text else None
    return host.place_named(CACHE_SOCKET, path) if path is not None else None


def _values(settings: Iterable[Setting]) -> Iterator[str]:
    for setting in settings:
        yield setting.value


def store_files(host: Host, settings: Iterable[Setting]) -> Iterator[tuple[str, PurePath]]:
    """The files that `store --file` names, also those of a helper that another setting puts out of use."""
    for known in map(helper, _values(settings)):
        text = known.option("file") if known.name == "store" else ""
        path = host.resolve(text) if text and "\0" not in text else None
        if path is not None:
            yield STORE_FILE, path


def programs(settings: Iterable[Setting], variables: Mapping[str, str]) -> Iterator[UseSeen]:
    """The programs that git starts by itself, by their names only, and of any number the first."""
    told: set[tuple[str, str]] = set()
    for setting in settings:
        what = STARTED.get(setting.key) if len(told) < PROGRAM_LIMIT else None
        name = program(setting.value) if what is not None else ""
        if what is not None and _is_shown(name) and name.casefold() not in USUAL and (setting.key, name) not in told:
            told.add((setting.key, name))
            yield UseSeen(name, UseKind.START, 1, None, setting.evidence, how=what)
    for variable in STARTED_BY_VARIABLE:
        name = program(variables.get(variable, ""))
        if _is_shown(name) and name.casefold() not in USUAL:
            yield UseSeen(name, UseKind.START, 1, None, Evidence(variable=variable), how=f"git starts it ({variable})")
