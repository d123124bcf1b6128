"""Which programs act with a credential, where they find it, and what that has to reach."""

from fnmatch import fnmatchcase

import pytest

from scanner.data import files, uses
from scanner.data.kinds import asset_kinds, kinds
from scanner.data.uses import UNKNOWN, addressed, hosts_of, use_of
from scanner.errors import DataError


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_every_kind_has_its_use(kind):
    assert any(fnmatchcase(kind, glob) for use in uses.uses() for glob in use.kinds)
    assert use_of(kind) is not UNKNOWN


@pytest.mark.parametrize("row", range(len(uses.uses())))
def test_every_row_and_every_glob_of_it_is_the_first_for_some_kind(row):
    use = uses.uses()[row]
    mine = [kind for kind in kinds() if use_of(kind) is use]
    for glob in use.kinds:
        assert any(fnmatchcase(kind, glob) for kind in mine), glob


@pytest.mark.parametrize("kind", sorted(addressed()))
def test_every_kind_of_asset_in_the_data_is_one(kind):
    assert kind in asset_kinds()


@pytest.mark.parametrize("use", uses.uses(), ids=lambda use: use.kinds[0])
def test_places_and_hosts_are_written_as_they_are_compared(use):
    for place in use.places:
        assert place.startswith(("~/", "/", "$", "**/", "C:/")) or place == "keychain", place
    for host in use.hosts:
        assert not {"/", ":"} & set(host), host
        assert host == host.casefold()
    assert len(set(use.programs)) == len(use.programs)


def test_a_kind_that_is_not_in_the_data_is_used_by_nothing_known():
    assert use_of("acme.token") == UNKNOWN
    assert not use_of("acme.token").finds("~/.acme")


@pytest.mark.parametrize(
    ("kind", "program", "where"),
    [
        ("aws.access-key", "aws", "~/.aws/credentials"),
        ("aws.access-key", "terraform", "$AWS_SECRET_ACCESS_KEY"),
        ("aws.sso-session", "pulumi", "~/.aws/sso/cache/0c2b.json"),
        ("github.oauth-token", "gh", "~/.config/gh/hosts.yml"),
        ("github.oauth-token", "gh", "~/AppData/Roaming/GitHub CLI/hosts.yml"),
        ("github.oauth-token", "gh", "keychain entry gh:github.com"),
        ("github.fine-grained-token", "git", "~/src/billing/.git/config"),
        ("github.token", "gh", "$GH_TOKEN"),
        ("npm.token", "npm", "~/src/storefront/.npmrc"),
        ("kubernetes.client-certificate", "kubectl", "~/.kube/config"),
        ("kubernetes.token", "helm", "~/src/prod.kubeconfig"),
        ("database.password", "psql", "~/.pgpass"),
        ("database.password", "psql", "$PGPASSWORD"),
        ("docker.password", "docker pull", "~/.docker/config.json"),
        ("gcp.refresh-token", "gcloud", "~/.config/gcloud/credentials.db"),
        ("azure.refresh-token", "az", "~/.azure/msal_token_cache.json"),
        ("vault.token", "vault", "~/.vault-token"),
        ("ssh.private-key", "ssh", "~/.ssh/id_ed25519"),
        ("ssh.private-key", "git", "~/keys/deploy"),
        ("handle.ssh-agent", "ssh", "$SSH_AUTH_SOCK"),
        ("handle.container-socket", "docker", "/var/run/docker.sock"),
        ("terraform.token", "terraform", "~/.terraform.d/credentials.tfrc.json"),
    ],
)
def test_a_program_finds_what_lies_at_its_own_place(kind, program, where):
    use = use_of(kind)
    assert program in use.programs
    assert use.finds(where)


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        ("aws.access-key", "~/src/billing/.env"),
        ("aws.access-key", "~/.aws-backup/credentials"),
        ("github.classic-token", "~/.docker/config.json"),
        ("github.classic-token", "$GITHUB_PAT"),
        ("github.classic-token", "claude (pid 4200)"),
        ("npm.token", "~/src/landing-page/.env"),
        ("database.password", "~/src/orders/.env"),
        ("database.password", "$DATABASE_URL"),
        ("stripe.live-key", "~/src/billing/.env.production"),
        ("kubernetes.service-account", "$KUBE_TOKEN"),
        ("generic.secret", "~/.netrc"),
    ],
)
def test_what_lies_elsewhere_is_found_by_no_program(kind, where):
    assert not use_of(kind).finds(where)


@pytest.mark.parametrize(
    ("asset", "name", "kind", "hosts"),
    [
        ("kubernetes-cluster", "k8s.prod.example.com:6443", "kubernetes.token", ("k8s.prod.example.com",)),
        ("kubernetes-namespace", "k8s.example.com:6443/billing", "kubernetes.token", ("k8s.example.com",)),
        ("kubernetes-cluster", "[2001:db8::1]:6443", "kubernetes.token", ("2001:db8::1",)),
        ("kubernetes-cluster", "kind-billing on ada-thinkpad", "kubernetes.token", ("localhost", "127.0.0.1")),
        ("kubernetes-cluster", "of an unnamed entry", "kubernetes.token", ()),
        ("database", "db.prod.example.com:5432/billing", "database.password", ("db.prod.example.com",)),
        ("database", "db/orders", "database.password", ("db",)),
        ("database", "localhost/billing", "database.password", ("localhost",)),
        ("database", "POSTGRES_PASSWORD", "database.password", ()),
        ("ssh-host", "bastion.prod.example.com", "ssh.private-key", ("bastion.prod.example.com",)),
        ("ssh-host", "build", "ssh.private-key", ("build",)),
        ("ssh-host", "hosts that trust SHA256:abc", "ssh.private-key", ()),
        ("git-host", "gitlab.example.com", "git.password", ("gitlab.example.com",)),
        ("github-account", "github.com", "github.token", ("github.com", "api.github.com", "ssh.github.com")),
        ("github-repository", "acme/billing", "git.password", ("github.com", "api.github.com", "ssh.github.com")),
        ("github-repository", "ghe.example.com/acme/billing", "github.token", ("ghe.example.com",)),
        ("gitlab-project", "gitlab.example.com/shop/storefront", "gitlab.token", ("gitlab.example.com",)),
        ("git-repository", "dev.azure.com/acme/B/B", "azure-devops.token", ("dev.azure.com", "ssh.dev.azure.com")),
        ("container-registry", "registry.example.com:5000", "docker.password", ("registry.example.com",)),
        ("container-host", "build-2.example.com", "docker.client-key", ("build-2.example.com",)),
        ("vault", "https://vault.staging.example.com:8200", "vault.token", ("vault.staging.example.com",)),
        ("package-registry", "registry.example.com", "npm.token", ("registry.example.com",)),
        ("mcp-server", "linear", "mcp.token", ()),
        ("unknown-service", "billing/SECRET", "generic.secret", ()),
        ("this-machine", "ada-thinkpad", "handle.container-socket", ()),
    ],
)
def test_the_host_is_taken_from_the_name_of_the_asset(asset, name, kind, hosts):
    assert hosts_of(asset, name, kind) == hosts


@pytest.mark.parametrize(
    ("asset", "name", "kind", "host"),
    [
        ("aws-account", "123456789012", "aws.access-key", "sts.amazonaws.com"),
        ("gcp-project", "acme-prod-4712", "gcp.refresh-token", "*.googleapis.com"),
        ("azure-tenant", "7f0e1a52", "azure.refresh-token", "management.azure.com"),
        ("stripe-account", "live", "stripe.live-key", "api.stripe.com"),
        ("model-api", "anthropic", "anthropic.key", "api.anthropic.com"),
        ("terraform-workspace", "billing-prod", "terraform.token", "app.terraform.io"),
        ("supabase-project", "billing/SUPABASE_SERVICE_ROLE_KEY", "supabase.service-role", "*.supabase.co"),
    ],
)
def test_where_the_name_tells_no_host_the_kind_does(asset, name, kind, host):
    assert host in hosts_of(asset, name, kind)


@pytest.mark.parametrize(
    "kind",
    ["handle.container-socket", "handle.keychain", "handle.connectors", "age.secret-key", "terraform.local-state"],
)
def test_what_needs_no_network_has_no_hosts(kind):
    assert use_of(kind).local
    assert use_of(kind).hosts == ()


@pytest.mark.parametrize("kind", ["handle.ssh-agent", "handle.container-address", "aws.access-key", "vault.token"])
def test_what_acts_on_another_machine_is_not_local(kind):
    assert not use_of(kind).local


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({}, r"\[\[use\]\] is missing"),
        ({"use": [1]}, r"\[\[use\]\] is missing"),
        ({"use": [{"programs": ["gh"]}]}, "needs kinds"),
        ({"use": [{"kinds": ["a.*"], "progams": ["gh"]}]}, "unknown progams"),
        ({"use": [{"kinds": "a.*"}]}, "kinds is a list"),
        ({"use": [{"kinds": ["a.*"], "hosts": [""]}]}, "hosts is a list"),
        ({"use": [{"kinds": ["a.*"], "local": "yes"}]}, "local is true or false"),
        ({"use": [{"kinds": ["a.*"], "local": True, "hosts": ["example.com"]}]}, "no hosts where it is local"),
        ({"use": [{"kinds": ["a.*"], "places": ["~/.a"]}]}, "programs where it has places"),
    ],
)
def test_a_faulty_row_of_uses_is_an_error_that_names_it(table, why, monkeypatch):
    monkeypatch.setattr(files, "table", lambda name: table)
    with pytest.raises(DataError, match=why):
        uses.uses.__wrapped__()


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({}, r"\[\[asset\]\] is missing"),
        ({"asset": [{"kinds": ["host"], "port": 1}]}, "unknown port"),
        ({"asset": [{"kinds": []}]}, "needs kinds"),
        ({"asset": [{"kinds": ["host"], "others": ["a"]}]}, "others as a table"),
        ({"asset": [{"kinds": ["host"], "others": {"a": "b"}}]}, "a is a list"),
        ({"asset": [{"kinds": ["host"], "bare": 1}]}, "bare is true or false"),
        ({"asset": [{"kinds": ["host"]}, {"kinds": ["host"]}]}, "asset host stands twice"),
    ],
)
def test_a_faulty_row_of_assets_is_an_error_that_names_it(table, why, monkeypatch):
    monkeypatch.setattr(files, "table", lambda name: table)
    with pytest.raises(DataError, match=why):
        addressed.__wrapped__()
