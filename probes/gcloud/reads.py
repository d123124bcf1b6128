"""What the Google Cloud probe reads."""

# CLOUDSDK_CONFIG moves the folder; the usual one may be there all the same. APPDATA has a default on Windows alone.
FOLDERS = ("$CLOUDSDK_CONFIG", "~/.config/gcloud", "$APPDATA/gcloud")


def in_each(name: str) -> tuple[str, ...]:
    """A path below each of the folders that may be gcloud's."""
    return tuple(f"{folder}/{name}" for folder in FOLDERS)


ACTIVE = in_each("active_config")
CONFIGURATIONS = in_each("configurations/config_*")
LEGACY_PROPERTIES = in_each("properties")
CREDENTIALS = in_each("credentials.db")
TOKENS = in_each("access_tokens.db")
PENDING = in_each("{credentials,access_tokens}.db{-wal,-journal}")
LEGACY = in_each("legacy_credentials/*/adc.json")
ON_GCE = in_each("gce")
DEFAULT = in_each("application_default_credentials.json")
NAMED = ("$GOOGLE_APPLICATION_CREDENTIALS", "$CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE", "$GOOGLE_GHA_CREDS_PATH")
TOKEN_FILE = "$CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"  # noqa: S105 - the name of a read

# The console names a key after its project and twelve digits of its id.
KEY_ID_END = "[0-9a-f]" * 12
KEYS = (  # few and loose, since each glob costs the walk of every name; what a file holds decides
    "**/*service*ccount*.json",
    "**/*firebase-adminsdk*.json",
    "**/*credentials.json",
    "**/gc[pl]*.json",
    "**/*-sa.json",
    "**/{key,keys,keyfile,sa,sa-key,sa_key}.json",  # exact names cost the walk nothing
    f"**/*-{KEY_ID_END}.json",
)

CREDENTIAL_FILE = "<credential_file_override>"
KEY_FILE = "<key file>"
ACCESS_TOKEN_FILE = "<access_token_file>"  # noqa: S105 - the name of a read
SUBJECT_TOKEN_FILE = "<credential_source>"  # noqa: S105 - the name of a read

METADATA = ("GCE_METADATA_HOST", "GCE_METADATA_ROOT", "GCE_METADATA_IP")
GCLOUD_PROJECTS = ("CLOUDSDK_CORE_PROJECT",)
LIBRARY_PROJECTS = ("GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT")
QUOTA_PROJECTS = ("CLOUDSDK_BILLING_QUOTA_PROJECT", "GOOGLE_CLOUD_QUOTA_PROJECT")
CHOICE = "CLOUDSDK_ACTIVE_CONFIG_NAME"
ACCOUNT = "CLOUDSDK_CORE_ACCOUNT"
IMPERSONATION = "CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT"
VARIABLES = (
    *METADATA,
    *GCLOUD_PROJECTS,
    *LIBRARY_PROJECTS,
    *QUOTA_PROJECTS,
    *(CHOICE, ACCOUNT, IMPERSONATION),
    *("CLOUDSDK_CONFIG", "GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE"),
    *("GOOGLE_GHA_CREDS_PATH", "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE"),
)
ROAMING = "APPDATA"
FILES = (
    *(*FOLDERS, *ACTIVE, *CONFIGURATIONS, *LEGACY_PROPERTIES, *CREDENTIALS, *TOKENS, *PENDING, *LEGACY, *ON_GCE),
    *(*DEFAULT, *NAMED, TOKEN_FILE, *KEYS, KEY_FILE, CREDENTIAL_FILE, ACCESS_TOKEN_FILE, SUBJECT_TOKEN_FILE),
)
