"""Which forge a host is, and what its accounts and repositories are called as assets."""

import re

from msgspec import Struct

from probes.ssh.targets import FORGES as SSH_NAMES
from scanner.data.families import holds_token
from scanner.model import Asset

# Other names of a forge's one host: for its interface, its packages, its gists.
ALIASES = {
    "www.github.com": "github.com",
    "api.github.com": "github.com",
    "uploads.github.com": "github.com",
    "gist.github.com": "github.com",
    "raw.githubusercontent.com": "github.com",
    "api.bitbucket.org": "bitbucket.org",
    "ssh.dev.azure.com": "dev.azure.com",
    "vs-ssh.visualstudio.com": "dev.azure.com",
}
HOSTS = {
    "github.com": "github",
    "gitlab.com": "gitlab",
    "bitbucket.org": "bitbucket",
    "codeberg.org": "gitea",
    "gitea.com": "gitea",
    "dev.azure.com": "azure-devops",
}
# A server of one's own says by its first word what it runs.
FIRST_WORDS = {
    "github": "github",
    "ghe": "github",
    "gitlab": "gitlab",
    "bitbucket": "bitbucket",
    "stash": "bitbucket",
    "gitea": "gitea",
    "forgejo": "gitea",
}
ACCOUNTS = {
    "github": "github-account",
    "gitlab": "gitlab-account",
    "bitbucket": "bitbucket-account",
    "gitea": "gitea-account",
    "azure-devops": "azure-devops-organization",
}
REPOSITORIES = {"github": "github-repository", "gitlab": "gitlab-project"}
PART = re.compile(r"[\w.~+@ -]{1,100}")
PART_LIMIT = 20


class Forge(Struct, frozen=True):
    """A host that takes pushes: its one name, and what runs there, empty where that is not known."""

    host: str
    provider: str

    @property
    def accounts(self) -> tuple[Asset, ...]:
        """The accounts on it that a token may act for; of each provider where it is not known what runs there."""
        kinds = [ACCOUNTS[self.provider]] if self.provider else ACCOUNTS.values()
        return tuple(Asset(kind, self.host) for kind in kinds)


class Repository(Struct, frozen=True):
    """A repository on a forge, and the wider assets that open it."""

    asset: Asset
    within: tuple[Asset, ...]


def forge(host: str) -> Forge:
    """The forge of a host, whatever it is called there: `ssh.github.com` is github.com."""
    host = host.lower().rstrip(".")
    if host.endswith(".visualstudio.com"):
        return Forge("dev.azure.com", "azure-devops")
    host = ALIASES.get(host) or SSH_NAMES.get(host, host)
    if host.startswith("api.") and host.endswith(".ghe.com"):
        host = host.removeprefix("api.")
    if host.endswith(".ghe.com"):
        return Forge(host, "github")
    first = re.split("[.-]", host, maxsplit=1)[0] if "." in host else ""
    return Forge(host, HOSTS.get(host) or FIRST_WORDS.get(first, ""))


def repository(host: str, path: str) -> Repository | None:
    """The repository that an address names; None where it names none, or a secret stands in its path."""
    parts = path.strip("/").removesuffix(".git").rstrip("/").split("/")
    if len(parts) > PART_LIMIT or not all(_is_name(part) for part in parts):
        return None
    at = forge(host)
    within = (*git_hosts(at), *at.accounts)
    match at.provider:
        case "github" if len(parts) == 2 and host != "gist.github.com":
            parts[1] = parts[1].removesuffix(".wiki")
            return Repository(Asset("github-repository", _name(at, parts, "github.com")), within)
        case "gitlab" if len(parts) >= 2:
            return Repository(Asset("gitlab-project", _name(at, parts, "gitlab.com")), within)
        case "azure-devops" if len(parts := _azure(host, parts)) >= 2:
            owner = Asset(ACCOUNTS[at.provider], parts[0])
            return Repository(Asset("git-repository", "/".join([at.host, *parts])), (*within, owner))
        case _:
            return Repository(Asset("git-repository", "/".join([at.host, *parts])), within)


def git_hosts(at: Forge) -> tuple[Asset, ...]:
    """The host as logins and SSH keys name it; Azure has one for either."""
    names = (
        dict.fromkeys([at.host, SSH_NAMES.get("ssh.dev.azure.com", "")]) if at.host == "dev.azure.com" else [at.host]
    )
    return tuple(Asset("git-host", name) for name in names)


def organization(host: str, path: str) -> str:
    """The organization of Azure DevOps that an address names, else the host: its user may be anyone's name."""
    if host.endswith(".visualstudio.com") and host != "vs-ssh.visualstudio.com":
        return host.partition(".")[0]
    first = path.strip("/").partition("/")[0]
    return first if first and _is_name(first) else "dev.azure.com"


def _name(at: Forge, parts: list[str], well_known: str) -> str:
    return "/".join(parts if at.host == well_known else [at.host, *parts])


def _azure(host: str, parts: list[str]) -> list[str]:
    """`organization/project/repository`, of the three ways in which Azure writes it."""
    parts = [part for part in parts if part not in ("_git", "_ssh", "v3", "DefaultCollection")]
    if host.endswith(".visualstudio.com") and host != "vs-ssh.visualstudio.com":
        parts = [host.partition(".")[0], *parts]
    return parts


def _is_name(part: str) -> bool:
    return PART.fullmatch(part) is not None and part not in (".", "..") and not holds_token(part)
