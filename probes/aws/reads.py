"""What the AWS probe reads."""

CREDENTIALS = ("$AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")
CONFIG = ("$AWS_CONFIG_FILE", "~/.aws/config")
SSO_CACHE = "~/.aws/sso/cache/*.json"
ROLE_CACHES = ("~/.aws/cli/cache/*.json", "~/.aws/boto/cache/*.json")
LOGIN_CACHES = ("$AWS_LOGIN_CACHE_DIRECTORY/*.json", "~/.aws/login/cache/*.json")
BOTO = ("$BOTO_CONFIG", "~/.boto", "/etc/boto.cfg")
S3CMD = "~/.s3cfg"
LEGACY = (*BOTO, S3CMD)
FILES = (*CREDENTIALS, *CONFIG, SSO_CACHE, *ROLE_CACHES, *LOGIN_CACHES, *LEGACY)
TOKEN_FILE = "<web_identity_token_file>"  # noqa: S105 - the name of a read
POINTERS = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
VARIABLES = (
    *("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"),
    *("AWS_ACCESS_KEY_ID", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", *POINTERS),
    *("AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
)
