"""The closed sets of the model: every word that a report may use for a kind, a class or a degree."""

from enum import StrEnum


class Platform(StrEnum):
    """The operating system family whose path rules a machine follows."""

    LINUX = "linux"
    MACOS = "macos"
    WINDOWS = "windows"


class Capability(StrEnum):
    """One class of what an identity may do on an asset; definitions and weights lie in `data/capabilities.toml`."""

    DISCOVER = "DISCOVER"
    DATA_READ = "DATA_READ"
    SECRETS_READ = "SECRETS_READ"
    DATA_WRITE = "DATA_WRITE"
    DATA_DESTROY = "DATA_DESTROY"
    RECOVERY_DESTROY = "RECOVERY_DESTROY"
    IRRECOVERABLE = "IRRECOVERABLE"
    IAM_ESCALATE = "IAM_ESCALATE"
    CODE_WRITE = "CODE_WRITE"
    PUBLISH = "PUBLISH"
    EXEC_REMOTE = "EXEC_REMOTE"
    HOST_ROOT = "HOST_ROOT"
    INFRA_MODIFY = "INFRA_MODIFY"
    DEFENSE_IMPAIR = "DEFENSE_IMPAIR"
    COMMS = "COMMS"
    MONEY = "MONEY"
    PERSIST = "PERSIST"


class Confidence(StrEnum):
    """How sure a capability is, surest first."""

    VERIFIED = "verified"  # the provider said so now
    GRANTED = "granted"  # a policy or scope that we read says so
    INFERRED = "inferred"  # the kind of credential implies it
    POSSIBLE = "possible"

    @property
    def one_lower(self) -> "Confidence":
        """The next weaker degree; `possible` stays what it is."""
        order = list(Confidence)
        return order[min(order.index(self) + 1, len(order) - 1)]


class Environment(StrEnum):
    """What an asset is for; the rule that said so travels with it."""

    PRODUCTION = "production"
    STAGING = "staging"
    DEVELOPMENT = "development"
    SANDBOX = "sandbox"
    SHARED = "shared"
    WORKSTATION = "workstation"
    UNKNOWN = "unknown"


class Channel(StrEnum):
    """How an agent acts."""

    READ = "read"  # a path
    WRITE = "write"  # a path
    EXECUTE = "execute"  # a command
    CONNECT = "connect"  # to a host or a unix socket
    CALL = "call"  # a tool of an MCP server


class UseKind(StrEnum):
    """What was used, as an agent's records or a configuration tell."""

    START = "start"  # a program that another one starts by itself
    COMMAND = "command"
    FILE = "file"
    HOST = "host"
    TOOL = "tool"
    PROMPT = "prompt"
    RECORDS = "records"  # files of them that were read


class Gate(StrEnum):
    """What stands between wish and act; factors lie in `data/gates.toml`, weakest first here."""

    NONE = "none"
    CLASSIFIER = "classifier"
    RULE_ONLY = "rule-only"
    UNKNOWN = "unknown"
    PROMPT = "prompt"
    PRESENCE = "presence"
    SERVER = "server"
    REFUSED = "refused"
    OS_BLOCKED = "os-blocked"


class Autonomy(StrEnum):
    """How much an agent does unasked, least first."""

    RESTRICTED = "restricted"  # it reads and suggests
    SUPERVISED = "supervised"  # it asks a person
    FULL = "full"  # it runs, writes and connects unasked

    @property
    def rank(self) -> int:
        """0 for restricted to 2 for full."""
        return _AUTONOMIES[self]


class LifetimeKind(StrEnum):
    """How a credential ends: never by itself, renewed by a refresh token, or at a time."""

    STATIC = "static"
    REFRESHABLE = "refreshable"
    EXPIRES = "expires"
    SESSION = "session"
    UNKNOWN = "unknown"


class Protection(StrEnum):
    """What lies between a reader of the place and the secret itself."""

    PLAINTEXT = "plaintext"
    OBFUSCATED = "obfuscated"
    ENCRYPTED = "encrypted"
    KEYCHAIN = "keychain"
    HARDWARE = "hardware"
    AGENT = "agent"
    REFERENCE = "reference"  # a pointer to a credential kept elsewhere


class CredentialState(StrEnum):
    """What is known of a credential's life."""

    UNTESTED = "untested"
    LIVE = "live"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Reversibility(StrEnum):
    """Who can undo what the exposure allows."""

    ACTOR = "actor"
    OWNER = "owner"
    NO = "no"


class Severity(StrEnum):
    """How bad it would be, mildest first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for low to 3 for critical."""
        return _SEVERITIES[self]


class Tracking(StrEnum):
    """How git stands to a file in one of its work trees."""

    TRACKED = "tracked"  # it is in the index: in the history, or in it with the next commit
    IGNORED = "ignored"  # a rule keeps it out
    UNTRACKED = "untracked"  # the next `git add -A` takes it


class GapKind(StrEnum):
    """Why a place was not looked at."""

    REFUSED = "refused"  # a permission or privacy control
    FAILED = "failed"  # a defect, ours or the file's
    LIMIT = "limit"  # time, size or depth


_SEVERITIES = {severity: rank for rank, severity in enumerate(Severity)}
_AUTONOMIES = {autonomy: rank for rank, autonomy in enumerate(Autonomy)}
