"""Programs that kubectl would run for a token: read and never run. Their arguments tell whose sign-in they use."""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import ClassVar

from msgspec import Struct

from probes.kubernetes.accounts import Clouds, aws_identity, aws_role, azure_application, google_identity
from probes.kubernetes.kubeconfig import Entry
from probes.yaml_text import Node
from scanner.host import Host
from scanner.model import OPEN, Barrier, CredentialSeen, Evidence, Gap, GapKind, Gate, Identity
from scanner.model.value import Value
from scanner.secrets import Pair, secrets_in
from scanner.shapes import host_of, label

ARGUMENT_LIMIT = 200
PROGRAM = re.compile(r"[\w.+-]{1,64}", re.ASCII)
VALUE = re.compile(r"[\w.@:/+=,-]{1,200}", re.ASCII)
LONG = {"-i": "--cluster-id", "-r": "--role", "-l": "--login", "-t": "--tenant-id"}
SHOWN = {
    "--cluster-name": "cluster",
    "--cluster-id": "cluster",
    "--role-arn": "role",
    "--role": "role",
    "--profile": "profile",
    "--region": "region",
    "--login": "mode",
    "--kube-cluster": "cluster",
    "--oidc-issuer-url": "issuer",
    "--context": "context",
}
ASKS = frozenset({"devicecode", "interactive"})
OIDC_ASKS = frozenset({"", "auto", "authcode", "authcode-browser", "authcode-keyboard", "device-code"})
OWN_SIGN_IN = {
    "doctl": "doctl's",
    "oci": "oci's",
    "ibmcloud": "ibmcloud's",
    "vault": "Vault's",
    "tsh": "Teleport's",
    "gcloud": "gcloud's",
    "aws": "AWS's",
}


class Command(Value, frozen=True):
    """What kubectl would run: the program without its folder, its words and flags, and the variables it is given."""

    concealed: ClassVar[frozenset[str]] = frozenset({"words", "flags", "variables"})

    program: str
    words: tuple[str, ...]
    flags: Mapping[str, str]
    variables: Mapping[str, str]
    count: int

    def flag(self, *names: str) -> str:
        """The value of the first of these flags that is there and may be shown."""
        return next((text for text in (self.flags.get(name, "") for name in names) if _fit(text)), "")

    def variable(self, name: str) -> str:
        """The value of a variable if it may be shown."""
        text = self.variables.get(name, "")
        return text if _fit(text) else ""

    @property
    def oidc(self) -> bool:
        """Whether it is the plug-in that signs in to an OpenID provider, under whichever of its names."""
        return "oidc-login" in (self.program, *self.words[:1]) or "--oidc-issuer-url" in self.flags


class Backing(Struct, frozen=True):
    """Whose sign-in a plug-in uses: the identities, as far as they are known; else what stands before it.

    `through` are the roles that each of them assumes on the way.
    """

    sources: tuple[Identity, ...] = ()
    through: tuple[Identity, ...] = ()
    barrier: Barrier = OPEN


def command(user: Entry) -> Command | None:
    """What the `exec` of a user runs, None where it has none."""
    node = user.body.get("exec")
    if node is None or not node.is_mapping:
        return None
    name = re.split(r"[/\\]", node.said("command"))[-1]
    name = name.removesuffix(".exe").removesuffix(".EXE")
    arguments = [each.text for each in (node.get("args") or _none(node)).elements()[:ARGUMENT_LIMIT]]
    count = len(arguments)
    if name == "aws-vault" and "--" in arguments:  # it hands one profile's keys to the command behind the dashes
        profile = arguments[1] if len(arguments) > 1 else ""
        name, *arguments = arguments[arguments.index("--") + 1 :] or [name]
        arguments += ["--profile", profile]
    words, flags = _parsed(arguments)
    variables = {each.said("name"): each.said("value") for each in (node.get("env") or _none(node)).elements()}
    return Command(label(name) if PROGRAM.fullmatch(name) else "", words, flags, variables, count)


def _none(node: Node) -> Node:
    return Node(node.line, ())


def _parsed(arguments: list[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """The words and the flags; a flag takes the word behind it, unless that is a flag too."""
    words: list[str] = []
    flags: dict[str, str] = {}
    behind = ""
    for argument in arguments:
        if argument.startswith("-"):
            flag, equals, value = argument.partition("=")
            behind = "" if equals else LONG.get(flag, flag)
            flags.setdefault(LONG.get(flag, flag), value)
        elif behind:
            flags[behind] = flags[behind] or argument
            behind = ""
        else:
            words.append(argument)
    return tuple(words), flags


def _fit(text: str) -> bool:
    return VALUE.fullmatch(text) is not None and label(text) != ""


def described(found: Command) -> tuple[str, ...]:
    """The program and what its arguments say that may be shown."""
    plural = "" if found.count == 1 else "s"
    told = [f"runs {found.program or 'a program that cannot be named'}, {found.count} argument{plural}"]
    for flag, name in SHOWN.items():
        text = found.flag(flag)
        if text:
            told.append(f"{name} {host_of(text) if '://' in text else text}")
    return tuple(dict.fromkeys(told))


def inner_cluster(found: Command | None) -> str:
    """The cluster that Teleport's plug-in picks: one proxy serves all of them at one address."""
    return found.flag("--kube-cluster") if found is not None and found.program == "tsh" else ""


def secrets(user: Entry, found: Command, host: Host) -> Iterator[CredentialSeen | Gap]:
    """Secrets in the variables and the flags of a plug-in."""
    pairs = [
        Pair(name, value, Evidence(user.file.path, user.evidence("exec").line, f"exec {name}"))
        for name, value in (*found.variables.items(), *((flag.lstrip("-"), text) for flag, text in found.flags.items()))
        if name and value
    ]
    yield from secrets_in(islice(pairs, ARGUMENT_LIMIT), host)


def backing(user: Entry, found: Command, clouds: Clouds) -> Iterator[Backing | Gap]:
    """Whose sign-in the plug-in uses."""
    match found.program:
        case _ if found.oidc:
            yield Backing(barrier=_oidc_barrier(found))
        case "aws" if found.words[:2] == ("eks", "get-token"):
            yield from _aws(user, found, clouds)
        case "aws-iam-authenticator" | "heptio-authenticator-aws":
            yield from _aws(user, found, clouds)
        case "gke-gcloud-auth-plugin" | "gcloud":
            who = google_identity(found.variable("CLOUDSDK_CORE_ACCOUNT"), found.variables, clouds)
            yield Backing((who,)) if who is not None else Backing(barrier=_own("gcloud"))
        case "kubelogin":
            yield _azure(found)
        case _ if _always_asks(user):
            yield Backing(barrier=Barrier(Gate.PRESENCE, "interactiveMode Always: the program asks a person"))
        case _:
            yield Backing(barrier=_own(found.program))


def _always_asks(user: Entry) -> bool:
    return user.body.said("exec", "interactiveMode") == "Always"


def _own(program: str) -> Barrier:
    whose = OWN_SIGN_IN.get(program, "its own")
    return Barrier(Gate.UNKNOWN, f"the program works where {whose} sign-in is live, which is not known from here")


def _aws(user: Entry, found: Command, clouds: Clouds) -> Iterator[Backing | Gap]:
    """The identity behind the profile or the keys that AWS's tools would pick, and the role they then assume."""
    sources = list(aws_identity(found.flag("--profile"), found.variables, clouds))
    named = found.flag("--role-arn", "--role")
    role = aws_role(named)
    if named and role is None:
        yield Gap(GapKind.FAILED, where(user, clouds.host), "the plug-in is given a role that is no ARN of one")
    through = (role,) if role is not None else ()
    yield Backing(tuple(sources), through) if sources else Backing(barrier=_own("aws"))


def where(user: Entry, host: Host) -> str:
    """The place of a user's plug-in as a sentence names it."""
    return f"{host.shown(user.file.path)}:{user.evidence('exec').line}"


def _azure(found: Command) -> Backing:
    mode = found.flag("--login") or found.variable("AAD_LOGIN_METHOD") or "devicecode"
    if mode in ASKS:
        return Backing(barrier=Barrier(Gate.PRESENCE, f"kubelogin {mode}: needs a sign-in unless a token is cached"))
    client = found.flag("--client-id") or found.variable("AAD_SERVICE_PRINCIPAL_CLIENT_ID")
    tenant = found.flag("--tenant-id") or found.variable("AZURE_TENANT_ID")
    if mode == "spn" and client:
        return Backing((azure_application(tenant, client),))
    whose = "az's" if mode == "azurecli" else f"the {mode}"
    return Backing(barrier=Barrier(Gate.UNKNOWN, f"works where {whose} sign-in is live, which is not known from here"))


def _oidc_barrier(found: Command) -> Barrier:
    if found.flag("--grant-type") in OIDC_ASKS:
        return Barrier(Gate.PRESENCE, "needs a sign-in in the browser unless a token is cached")
    return OPEN
