"""What the terraform probe reads."""

ROOTS = ("**/*.tf", "**/*.tf.json", "**/*.tofu")
HERE = ("./.terraform/environment", "./.terraform/terraform.tfstate")
WORKSPACE_FILE = "<.terraform/environment>"
BACKEND_FILE = "<.terraform/terraform.tfstate>"
STATE_FILE = "<terraform.tfstate>"
TOKENS = (
    *("~/.terraform.d/credentials.tfrc.json", "$APPDATA/terraform.d/credentials.tfrc.json"),
    "$XDG_CONFIG_HOME/opentofu/credentials.tfrc.json",
)
SETTINGS = (
    *("$TF_CLI_CONFIG_FILE", "~/.terraformrc", "$APPDATA/terraform.rc"),
    *("~/.tofurc", "$XDG_CONFIG_HOME/opentofu/tofurc", "$APPDATA/tofu.rc"),
)
TOKEN_VARIABLE = "TF_TOKEN_"  # noqa: S105 - the beginning of a name
