"""What the files of a checkout say of its server: CI, what it looks for, and who has to be asked about which code."""

import re
from collections.abc import Iterator

from probes.guardrails.clone import Clone, files_of, uncommented
from probes.guardrails.hooks import SCANNERS
from probes.guardrails.reads import CI, CONTAINERS, OWNERS
from scanner.host import Host, TextFile
from scanner.model import Evidence, Gap, Guardrail

SECRETS = re.compile(r"Secret-Detection(?:\.latest)?\.gitlab-ci|components/secret-detection", re.IGNORECASE)
CODE = re.compile(
    r"(?<![\w.-])(?:codeql-action|semgrep|snyk|sonar-scanner|sonarqube|sonarcloud|checkov|tfsec|trivy|bandit|gosec|brakeman|"
    r"zizmor|osv-scanner|grype)\b|\bSAST(?:\.latest)?\.gitlab-ci|components/sast",
    re.IGNORECASE,
)
OWNER = re.compile(r"^[^\s#\[][^\n]{0,400}?\s(?:@[\w-]|\S{1,100}@\S)", re.MULTILINE)


def server_side(host: Host, clone: Clone) -> Iterator[Guardrail | Gap]:
    """The CI of a checkout and its code owners; whether the server waits for either its files do not tell."""
    told: dict[str, Guardrail] = {}
    for file in files_of(host, clone.root, CI):
        if isinstance(file, Gap):
            yield file
            continue
        text = uncommented(file.text)
        if not text.strip():
            continue
        place = Evidence(file.path)
        told.setdefault("ci", Guardrail("ci", "CI is set up for the repository", place))
        if SCANNERS.search(text) or SECRETS.search(text):
            told.setdefault("secrets", Guardrail("secret-scan-ci", "CI looks for secrets", place))
        if CODE.search(text):
            told.setdefault("code", Guardrail("code-scanning-ci", "CI looks for weak code", place))
    yield from told.values()
    yield from _owners(host, clone)


def _owners(host: Host, clone: Clone) -> Iterator[Guardrail | Gap]:
    for file in files_of(host, clone.root, OWNERS):
        if isinstance(file, Gap):
            yield file
        elif OWNER.search(file.text):
            yield Guardrail("code-owners", "Owners are named for the code", Evidence(file.path))
            return


def containers(host: Host, clone: Clone) -> Iterator[Guardrail]:
    """A container that is described for the work, and a checkout of its own."""
    for file in files_of(host, clone.root, CONTAINERS):
        if isinstance(file, TextFile) and file.text.strip():
            yield Guardrail("devcontainer", "A dev container is described for the work", Evidence(file.path))
            break
    if clone.worktree:
        title = "The workspace is a worktree of its own: its files are, the repository's history is shared"
        yield Guardrail("worktree", title, Evidence(clone.root / ".git"))
