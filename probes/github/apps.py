"""Other programs that are signed in to GitHub: Copilot, GitHub Desktop, the editor that an agent was started in."""

from collections.abc import Iterator
from itertools import islice

from msgspec.structs import replace

from probes.git.helpers import push_grants
from probes.git.logins import Login, login_seen
from probes.github.accounts import ACCOUNT_LIMIT, in_keychain, is_host
from probes.github.reads import COPILOT, DESKTOP
from probes.modes import readable_by_others
from probes.objects import Fields, objects
from scanner.host import Host
from scanner.model import Confidence, CredentialSeen, Evidence, Gap, HandleSeen, Observation, Step


def copilot(host: Host) -> Iterator[Observation]:
    """The logins of Copilot's plug-ins, which are GitHub's own."""
    for found in objects(host, *COPILOT):
        if isinstance(found, Gap):
            yield found
            continue
        seen = list(_copilot(found, host))
        yield from seen
        if any(isinstance(each, CredentialSeen) for each in seen):
            yield from readable_by_others(host, found.file.place)


def _copilot(file: Fields, host: Host) -> Iterator[Observation]:
    for key in islice(file.values, ACCOUNT_LIMIT):
        name = key.partition(":")[0].lower()
        told = file.object(key)
        token = told.text("oauth_token")
        if not is_host(name) or not told.values:
            yield file.faulty("an entry", "no host with its login", host)
        elif token:
            evidence = Evidence(file.file.path, key=f"{name}.oauth_token")
            yield from login_seen(Login(name, told.label("user"), token, evidence, named="github.oauth-token"), host)


def desktop(host: Host) -> Iterator[CredentialSeen | Gap]:
    """GitHub Desktop, which keeps its login in the keychain; whether there is one its files do not tell."""
    for place in host.places(*DESKTOP):
        if isinstance(place, Gap):
            yield place
            continue
        step = Step(
            "GitHub Desktop is in use here, and its login lies in the keychain",
            "see in GitHub Desktop, under Options, Accounts, whether it is signed in",
        )
        seen = in_keychain(Login("github.com", "", "", Evidence(place.path)), "github.oauth-token", step)
        grants = tuple(replace(grant, confidence=Confidence.POSSIBLE) for grant in seen.grants)
        yield replace(seen, grants=grants, names=("GitHub Desktop",))


def editor(host: Host) -> Iterator[HandleSeen]:
    """A terminal of VS Code's: git asks the editor for logins there, and it answers with its own GitHub login."""
    socket = host.variable("VSCODE_GIT_IPC_HANDLE")
    if socket and host.variable("GIT_ASKPASS"):
        yield HandleSeen(
            kind="handle.git-credential-helper",
            evidence=Evidence(variable="VSCODE_GIT_IPC_HANDLE"),
            channel="execute git, which asks the editor through GIT_ASKPASS",
            grants=push_grants(["github.com"], "the editor answers git with the login that it has for GitHub"),
            names=("VS Code",),
            undecided=Step(
                "whether the editor is signed in to GitHub is not known from here",
                "see in VS Code, under Accounts, whether GitHub is signed in",
            ),
        )
