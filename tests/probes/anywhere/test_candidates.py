"""Which files are read at which depth, by their names and places."""

import pytest

from probes.anywhere.readers import reader
from scanner.data.sweep import groups, rules
from scanner.sweep.names import Names, Wish
from scanner.sweep.walk import NOT_READ

PLACED = {
    **dict.fromkeys(["src/.netrc", "old/_netrc"], "netrc"),
    **dict.fromkeys([".pgpass", "AppData/pgpass.conf"], "pgpass"),
    **dict.fromkeys(["keys/server.pem", "a/deploy_rsa", "a/tls.key", "backup/id_ed25519"], "shapes"),
    **dict.fromkeys(["a/x.ppk", ".vault-token", ".config/supabase/access-token", "a/config/master.key"], "lone"),
    **dict.fromkeys([".ansible/vault-pass.txt", "a/vpn/login.txt", ".ansible_become_pass"], "lone"),
    **dict.fromkeys(["a/prod.auto.tfvars", "a/main.tf", "a/x.pkr.hcl"], "hcl"),
    **dict.fromkeys(["a/terraform.tfstate", "a/appsettings.Production.json", ".vscode/launch.json"], "json"),
    **dict.fromkeys(["a/prod.tfvars.json", "a/x.postman_collection.json", "a/auth.json", "a/x.code-workspace"], "json"),
    **dict.fromkeys(["a/docker-compose.yml", "a/compose.prod.yaml", "k8s/web.yaml", ".github/workflows/x.yml"], "yaml"),
    **dict.fromkeys([".gitlab-ci.yml", "a/application-prod.yml", "a/values.yaml", "config/database.yml"], "yaml"),
    **dict.fromkeys(["group_vars/all", "chart/values-prod.yaml", "a/my-secret.yaml"], "yaml"),
    **dict.fromkeys(["a/config.toml", ".streamlit/secrets.toml", "a/wrangler.toml"], "toml"),
    **dict.fromkeys([".npmrc", ".my.cnf", ".pypirc", "a/rclone.conf", "a/app.ini", ".fetchmailrc"], "ini"),
    **dict.fromkeys(["a/credentials", "a/web.config", ".nuget/NuGet/NuGet.Config", ".bundle/config"], "settings"),
    **dict.fromkeys(
        [".curlrc", ".databrickscfg", ".oci/config", ".config/linode-cli", ".config/wandb/settings"], "settings"
    ),
    **dict.fromkeys(["Library/Application Support/Tool/other.yml", "AppData/Roaming/Tool/config"], "settings"),
    **dict.fromkeys(["a/gradle.properties", "a/application.properties"], "properties"),
    **dict.fromkeys([".m2/settings.xml", ".idea/dataSources.xml", "config/webhooks.xml"], "xml"),
    **dict.fromkeys(["bin/deploy.sh", "a/Makefile", "a/Dockerfile.prod", ".zshrc", "a/x.ps1", "a/x.http"], "assigned"),
    **dict.fromkeys(["a/settings.py", "a/settings_prod.py", "a/config.prod.js", "a/wp-config.php"], "assigned"),
    **dict.fromkeys(["a/knexfile.js", "a/constants.ts", "a/build.gradle", "a/bin/backup"], "assigned"),
    **dict.fromkeys(["a/passwords.txt", "Documents/a/b/meeting.md", "a/docs/setup.md", "README.md"], "notes"),
    "AGENTS.md": "instructions",
    **dict.fromkeys(["a/logs/app.log", ".local/state/x/y.log", "a/requirements-dev.txt"], "shapes"),
    "a/train.ipynb": "notebook",
}
ONLY_DEEP = (
    *("a/package.json", "a/package-lock.json", "a/tsconfig.json", "a/yarn.lock", "a/history.md"),
    *("a/main.py", "src/index.js", "a/app.log", "i18n/en.json", "a/openapi.yaml", "a/data.csv"),
)


def reader_of(path: str, depth: str) -> str | None:
    """The reader of the first group that wants the file."""
    wishes = [(group, glob) for group in groups(depth) for glob in group.names]
    names = Names([Wish(glob, fold=True) for _, glob in wishes])
    folder, _, name = path.rpartition("/")
    found = min(names.of_name(name, names.of_folder(folder, home=True)), default=None)
    return wishes[found][0].reader if found is not None else None


@pytest.mark.parametrize(("path", "wanted"), sorted(PLACED.items()))
def test_a_file_that_may_hold_secrets_is_read_as_what_it_is(path, wanted):
    assert reader_of(path, "standard") == wanted


@pytest.mark.parametrize("path", ONLY_DEEP)
def test_a_file_that_hardly_holds_one_is_read_at_the_depth_deep(path):
    assert reader_of(path, "standard") is None
    assert reader_of(path, "deep") is not None


@pytest.mark.parametrize("path", [".ssh/id_rsa", ".aws/credentials", ".kube/config", "a/.env", ".netrc"])
def test_what_another_probe_reads_is_left_to_it(path):
    assert reader_of(path, "standard") == NOT_READ


def test_every_group_has_a_reader():
    told = {group.reader for group in rules().group if group.reader != NOT_READ}
    assert all(callable(reader(name)) for name in told)
