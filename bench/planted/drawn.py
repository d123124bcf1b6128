# ruff: noqa: E501  (templates keep the lines of the files that they make)
"""Settings files whose names and values are dealt: many formats, each in the places where developers have them."""

from random import Random

import msgspec

from . import formats as f
from .entries import LOOKALIKE, NEITHER, SECRET, Deck, Entry
from .ground import REPOSITORIES
from .paper import Sheet

R = "{repository}"


class Draw(msgspec.Struct, frozen=True):
    """How often a file is written and of how many secrets, look-alikes and other settings; `{repository}` is another each time."""

    times: int
    path: str
    place: str
    form: f.Format
    secrets: int
    lookalikes: int
    way: str = ""
    neither: int = 5


DRAWS = (
    # dotenv
    Draw(8, f"{R}/.env", "dotenv", f.dotenv, 3, 5),
    Draw(3, f"{R}/.env.local", "dotenv", f.dotenv, 2, 4),
    Draw(2, f"{R}/.env.production", "dotenv", f.dotenv, 3, 4),
    Draw(2, f"{R}/.env.staging", "dotenv", f.dotenv, 2, 4),
    Draw(1, f"{R}/apps/web/.env.development.local", "dotenv", f.dotenv, 2, 5),
    Draw(2, f"{R}/services/worker/.env", "dotenv", f.dotenv, 2, 4),
    Draw(1, f"{R}/config/prod.env", "dotenv", f.dotenv, 2, 4),
    Draw(1, f"{R}/deploy/secrets.env", "dotenv", f.dotenv, 3, 3),
    Draw(1, f"{R}/.envrc", "dotenv", f.shell, 2, 3),
    Draw(1, f"{R}/.flaskenv", "dotenv", f.dotenv, 1, 3),
    Draw(1, f"{R}/.dev.vars", "dotenv", f.dotenv, 2, 3),
    Draw(10, f"{R}/.env.example", "template", f.dotenv, 0, 7),
    Draw(3, f"{R}/.env.sample", "template", f.dotenv, 0, 7),
    Draw(2, f"{R}/.env.template", "template", f.dotenv, 0, 7),
    Draw(2, f"{R}/config/settings.dist.yml", "template", f.yaml_nested, 0, 8),
    Draw(2, f"{R}/config/config.example.json", "template", f.json_nested, 0, 7, "json"),
    # documents of settings
    Draw(3, f"{R}/config/application.yml", "yaml", f.spring_yaml, 2, 7),
    Draw(3, f"{R}/config/production.yaml", "yaml", f.yaml_nested, 2, 6),
    Draw(2, f"{R}/config/secrets.yml", "yaml", f.yaml_nested, 3, 4),
    Draw(2, f"{R}/settings/local.yaml", "yaml", f.yaml_nested, 2, 6),
    Draw(2, f"{R}/config/config.json", "json", f.json_nested, 2, 6, "json"),
    Draw(2, f"{R}/appsettings.Development.json", "json", f.appsettings, 1, 6, "json"),
    Draw(1, f"{R}/local.settings.json", "json", f.json_flat, 2, 5, "json"),
    Draw(1, f"{R}/serviceAccount/config.local.json", "json", f.json_flat, 2, 4, "json"),
    Draw(3, f"{R}/config.toml", "toml", f.toml, 2, 6),
    Draw(1, f"{R}/.streamlit/secrets.toml", "toml", f.toml, 3, 3),
    Draw(1, f"{R}/wrangler.toml", "toml", f.toml, 1, 5),
    Draw(2, f"{R}/conf/app.ini", "ini", f.ini, 2, 6),
    Draw(1, f"{R}/alembic.ini", "ini", f.ini, 1, 4),
    Draw(3, f"{R}/src/main/resources/application.properties", "properties", f.properties, 2, 7),
    Draw(2, f"{R}/local.properties", "properties", f.properties, 1, 5),
    Draw(2, f"{R}/web.config", "xml", f.xml_settings, 1, 5, "xml"),
    Draw(2, f"{R}/conf/settings.xml", "xml", f.xml_elements, 2, 5, "xml"),
    # what ships and runs
    Draw(5, f"{R}/docker-compose.yml", "compose", f.compose, 2, 5),
    Draw(2, f"{R}/docker-compose.override.yml", "compose", f.compose, 2, 4),
    Draw(1, f"{R}/compose.prod.yaml", "compose", f.compose, 2, 4),
    Draw(3, f"{R}/k8s/secret.yaml", "kubernetes", f.kubernetes_secret, 3, 3),
    Draw(2, f"{R}/k8s/deployment.yaml", "kubernetes", f.yaml_env, 2, 6),
    Draw(2, f"{R}/chart/values.yaml", "kubernetes", f.helm_values, 2, 7),
    Draw(3, f"{R}/.github/workflows/build.yml", "ci", f.actions, 1, 7),
    Draw(2, f"{R}/.gitlab-ci.yml", "ci", f.gitlab_ci, 1, 6),
    Draw(1, f"{R}/Jenkinsfile", "ci", f.jenkins, 1, 5),
    Draw(3, f"{R}/Dockerfile", "dockerfile", f.dockerfile, 1, 5),
    Draw(2, f"{R}/Makefile", "makefile", f.makefile, 1, 4),
    Draw(2, f"{R}/terraform/terraform.tfvars", "tfvars", f.tfvars, 3, 5),
    Draw(1, f"{R}/envs/prod.auto.tfvars", "tfvars", f.tfvars, 2, 4),
    Draw(2, f"{R}/terraform/main.tf", "terraform", f.hcl, 1, 5),
    Draw(2, f"{R}/group_vars/all.yml", "ansible", f.ansible, 2, 6),
    Draw(1, f"{R}/deploy/shop.service", "service-unit", f.systemd, 1, 5),
    Draw(1, f"{R}/deploy/crontab", "service-unit", f.crontab, 1, 3),
    # scripts
    Draw(4, f"{R}/scripts/deploy.sh", "script", f.shell, 2, 4),
    Draw(2, f"{R}/bin/backup", "script", f.shell, 1, 4),
    Draw(2, f"{R}/scripts/setup.ps1", "script", f.powershell, 2, 4),
    Draw(1, f"{R}/run-local.bat", "script", f.batch, 1, 4),
    # sources
    Draw(3, f"{R}/app/settings.py", "source", f.python, 1, 7),
    Draw(2, f"{R}/src/config/index.js", "source", f.script, 1, 7),
    Draw(2, f"{R}/src/lib/client.ts", "source", f.typescript, 1, 7),
    Draw(2, f"{R}/internal/config/config.go", "source", f.golang, 1, 7),
    Draw(2, f"{R}/src/main/java/Constants.java", "source", f.java, 1, 7),
    Draw(1, f"{R}/config/environments/production.rb", "source", f.ruby, 1, 6),
    Draw(1, f"{R}/wp-config.php", "source", f.php, 1, 6),
    Draw(1, f"{R}/Properties/Settings.cs", "source", f.csharp, 1, 6),
    # prose
    Draw(2, f"{R}/docs/setup.md", "docs", f.notes, 1, 6),
    Draw(3, f"{R}/docs/configuration.md", "docs", f.notes, 0, 8),
    Draw(1, f"{R}/docs/operations.rst", "docs", f.rst, 1, 5),
    # agents
    Draw(2, f"{R}/.mcp.json", "agent-config", f.mcp, 2, 3, "json", 0),
    Draw(1, f"{R}/.cursor/mcp.json", "agent-config", f.mcp, 1, 3, "json", 0),
    Draw(1, f"{R}/.vscode/mcp.json", "agent-config", f.mcp, 1, 2, "json", 0),
    Draw(1, ".cursor/mcp.json", "agent-config", f.mcp, 2, 2, "json", 0),
    Draw(1, ".gemini/settings.json", "agent-config", f.mcp, 2, 2, "json", 0),
    Draw(1, ".config/Claude/claude_desktop_config.json", "agent-config", f.mcp, 2, 2, "json", 0),
    Draw(1, ".codeium/windsurf/mcp_config.json", "agent-config", f.mcp, 1, 2, "json", 0),
    # elsewhere in the home
    Draw(1, ".bashrc", "shell-profile", f.shell, 2, 5),
    Draw(1, ".zshrc", "shell-profile", f.shell, 2, 5),
    Draw(1, ".zshenv", "shell-profile", f.shell, 1, 3),
    Draw(1, ".profile", "shell-profile", f.shell, 1, 3),
    Draw(1, ".config/environment.d/50-keys.conf", "shell-profile", f.dotenv, 2, 3),
    Draw(1, "bin/sync-shop", "script", f.shell, 2, 3),
    Draw(1, ".local/bin/tunnel", "script", f.shell, 1, 3),
    Draw(1, "Documents/setup/old-laptop.env", "dotenv", f.dotenv, 2, 3),
    Draw(1, "Downloads/env.txt", "dotenv", f.dotenv, 2, 3),
    Draw(1, "Desktop/keys.txt", "docs", f.dotenv, 3, 2),
    Draw(1, ".env", "dotenv", f.dotenv, 2, 4),
    # copies of what was there before
    Draw(1, f"{R}/.env.bak", "old-copy", f.dotenv, 2, 4),
    Draw(1, f"{R}/.env~", "old-copy", f.dotenv, 1, 3),
    Draw(1, f"{R}/.env.old", "old-copy", f.dotenv, 2, 3),
    Draw(1, f"{R}/.env.2025-11-02", "old-copy", f.dotenv, 1, 3),
    Draw(1, f"{R}/config/application.yml.orig", "old-copy", f.spring_yaml, 1, 4),
    Draw(1, f"{R}/config/config.json.save", "old-copy", f.json_nested, 1, 3, "json"),
    Draw(1, f"{R}/docker-compose.yml.bak", "old-copy", f.compose, 1, 3),
    Draw(1, f"{R}/terraform/terraform.tfvars.old", "old-copy", f.tfvars, 1, 3),
    Draw(1, f"{R}/wp-config.php.bak", "old-copy", f.php, 1, 2),
    Draw(1, f"{R}/#settings.py#", "old-copy", f.python, 1, 2),
    Draw(1, f"{R}/scripts/deploy (copy).sh", "old-copy", f.shell, 1, 2),
    # editors' histories
    Draw(2, ".config/Code/User/History/{hex}/{word}.env", "local-history", f.dotenv, 2, 3),
    Draw(1, ".config/Code/User/History/{hex}/{word}.yml", "local-history", f.yaml_nested, 1, 3),
    Draw(1, ".config/Cursor/User/History/{hex}/{word}.ts", "local-history", f.typescript, 1, 3),
    Draw(1, ".config/Code/Backups/{hex}/untitled/{word}", "local-history", f.dotenv, 1, 2),
    Draw(1, ".local/share/nvim/backup/%home%ada%code%shop-api%.env~", "local-history", f.dotenv, 1, 2),
    Draw(1, ".emacs.d/backups/!home!ada!work!acme!erp!settings.py~", "local-history", f.python, 1, 2),
    # packages and caches
    Draw(1, "code/shop-web/node_modules/{word}-kit/.env", "node_modules", f.dotenv, 1, 3),
    Draw(1, "work/acme/portal/node_modules/@acme/{word}/.env", "node_modules", f.dotenv, 1, 2),
    Draw(1, "code/shop-web/node_modules/{word}-sdk/config.json", "node_modules", f.json_flat, 1, 4, "json"),
    Draw(1, "code/shop-web/node_modules/{word}-client/lib/index.js", "node_modules", f.script, 1, 6),
    Draw(3, "work/acme/portal/node_modules/{word}-auth/lib/constants.js", "node_modules", f.script, 0, 8),
    Draw(2, "code/billing/.venv/lib/python3.11/site-packages/{word}/settings.py", "node_modules", f.python, 0, 7),
    Draw(1, ".cache/deploy/last-run.env", "cache", f.dotenv, 1, 3),
    Draw(1, ".cache/{word}/session.json", "cache", f.json_flat, 1, 3, "json"),
)  # fmt: skip


def drawn(random: Random) -> list[Sheet]:
    """The files of the table; each time of a path lies in another repository."""
    decks = tuple(Deck(text, random) for text in (SECRET, LOOKALIKE, NEITHER))
    sheets = []
    for draw in DRAWS:
        roots = random.sample(REPOSITORIES, len(REPOSITORIES))
        sheets += [one(draw, roots.pop(), decks, random) for _ in range(draw.times)]
    return sheets


def one(draw: Draw, root: str, decks: tuple[Deck, ...], random: Random) -> Sheet:
    taken: set[str] = set()
    counts = (draw.secrets, draw.lookalikes, draw.neither)
    entries = [entry for deck, count in zip(decks, counts, strict=True) for entry in deck.deal(count, taken)]
    random.shuffle(entries)
    entries = [each for entry in entries for each in with_mate(entry, taken)]
    path = draw.path.format(repository=root, hex=f"-{random.randbytes(4).hex()}", word=f"w{random.randbytes(3).hex()}")
    return Sheet(path, draw.place, draw.form(random, entries), draw.way)


def with_mate(entry: Entry, taken: set[str]) -> list[Entry]:
    """A secret whose program wants an id beside it comes with that id."""
    if entry[0] == "AWS_SECRET_ACCESS_KEY" and entry[1].startswith("«aws") and "AWS_ACCESS_KEY_ID" not in taken:
        return [("AWS_ACCESS_KEY_ID", "«&aws-access-key-id»"), entry]
    return [entry]
