"""What the Azure probe reads."""


def _of_cli(name: str) -> tuple[str, ...]:
    """A file of the command line, in the folder that a variable names and in its own."""
    return (f"$AZURE_CONFIG_DIR/{name}", f"~/.azure/{name}")


PROFILE = _of_cli("azureProfile.json")
CONFIG = _of_cli("config")
TOKENS = _of_cli("msal_token_cache.json")
SEALED_TOKENS = (*_of_cli("msal_token_cache.bin"), *_of_cli("msal_token_cache.sig"))
PRINCIPALS = _of_cli("service_principal_entries.json")
SEALED_PRINCIPALS = (*_of_cli("service_principal_entries.bin"), *_of_cli("service_principal_entries.sig"))
LEGACY = _of_cli("accessTokens.json")

# azd keeps JSON where it cannot encrypt, and DPAPI's cipher text on Windows
AZD = ("$AZD_CONFIG_DIR", "~/.azd")
AZD_CONFIG = tuple(f"{folder}/config.json" for folder in AZD)
AZD_TOKENS = tuple(f"{folder}/auth/msal/cache*.json" for folder in AZD)
AZD_SECRETS = tuple(f"{folder}/auth/cred*.json" for folder in AZD)
AZD_SEALED_TOKENS = tuple(f"{folder}/auth/msal/cache*.bin" for folder in AZD)
AZD_SEALED_SECRETS = tuple(f"{folder}/auth/cred*.bin" for folder in AZD)

CONTEXTS = ("~/.Azure/AzureRmContext.json", "$APPDATA/Windows Azure Powershell/AzureRmContext.json")
OLD_TOKENS = ("~/.Azure/TokenCache.dat", "$APPDATA/Windows Azure Powershell/TokenCache.dat")
# the cache that Visual Studio, Az PowerShell and the SDKs share
SHARED_TOKENS = (
    *("~/.IdentityService/msal*.cache*", "~/.local/share/.IdentityService/msal*.cache*"),
    *("~/Library/Application Support/.IdentityService/msal*.cache*", "$LOCALAPPDATA/.IdentityService/msal*.cache*"),
)

FILES = (
    *(*PROFILE, *CONFIG, *TOKENS, *SEALED_TOKENS, *PRINCIPALS, *SEALED_PRINCIPALS, *LEGACY),
    *(*AZD_CONFIG, *AZD_TOKENS, *AZD_SECRETS, *AZD_SEALED_TOKENS, *AZD_SEALED_SECRETS),
    *(*CONTEXTS, *OLD_TOKENS, *SHARED_TOKENS),
)
CERTIFICATE = "<certificate>"
FEDERATED = "<federated_token_file>"

TENANT = ("AZURE_TENANT_ID", "ARM_TENANT_ID")
CLIENT = ("AZURE_CLIENT_ID", "ARM_CLIENT_ID")
SUBSCRIPTION = ("AZURE_SUBSCRIPTION_ID", "ARM_SUBSCRIPTION_ID")
CERTIFICATES = ("AZURE_CLIENT_CERTIFICATE_PATH", "ARM_CLIENT_CERTIFICATE_PATH")
TOKEN_FILES = ("AZURE_FEDERATED_TOKEN_FILE", "ARM_OIDC_TOKEN_FILE_PATH")
ENDPOINTS = ("IDENTITY_ENDPOINT", "MSI_ENDPOINT")
MARKS = (*CERTIFICATES, *TOKEN_FILES, *ENDPOINTS, *SUBSCRIPTION)
HIDDEN = ("IDENTITY_HEADER", "MSI_SECRET")
VARIABLES = (*TENANT, *CLIENT, *MARKS, *HIDDEN, "AZURE_CONFIG_DIR")
