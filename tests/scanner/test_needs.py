"""What a use needs at least, and what each program acts on."""

from fnmatch import fnmatchcase

import pytest

from scanner.data.kinds import asset_kinds
from scanner.data.needs import acts_on, needed_by, needed_by_tool, table
from scanner.data.verbs import opened_by

NEEDED = {
    "git push": "DISCOVER DATA_READ CODE_WRITE",
    "git status": "",
    "gh run view": "DISCOVER DATA_READ",
    "gh pr create": "DISCOVER DATA_READ DATA_WRITE COMMS CODE_WRITE",
    "kubectl get pods": "DISCOVER DATA_READ",
    "kubectl get secret": "DISCOVER DATA_READ SECRETS_READ",
    "kubectl delete pod": "DISCOVER DATA_DESTROY",
    "kubectl config use-context": "",
    "terraform apply": "DISCOVER DATA_READ DATA_WRITE INFRA_MODIFY",
    "terraform destroy": "DISCOVER DATA_READ DATA_WRITE INFRA_MODIFY DATA_DESTROY",
    "npm test": "",
    "npm install": "DISCOVER DATA_READ",
    "npm publish": "DISCOVER PUBLISH",
    "psql": "DISCOVER DATA_READ",
    "ssh": "DISCOVER DATA_READ EXEC_REMOTE",
    "helm upgrade": "DISCOVER DATA_READ INFRA_MODIFY",
    "docker push": "DISCOVER DATA_READ PUBLISH",
    "helm frobnicate": "DISCOVER DATA_READ",  # a word that is not known
}


@pytest.mark.parametrize("line", sorted(NEEDED))
def test_a_use_needs_the_least_of_its_sub_command(line):
    program, *words = line.split(" ")
    assert needed_by(program, words) == frozenset(NEEDED[line].split())


@pytest.mark.parametrize("line", sorted(NEEDED))
def test_it_needs_no_more_than_an_allowance_opens(line):
    program, *words = line.split(" ")
    opened = opened_by(program, words)
    assert opened is None or needed_by(program, words) <= opened


def test_a_tool_needs_what_its_name_says():
    assert needed_by_tool("list_issues") == {"DISCOVER", "DATA_READ"}
    assert needed_by_tool("create_issue") == {"DISCOVER", "DATA_READ", "DATA_WRITE"}
    assert needed_by_tool("frobnicate") == frozenset()


def test_every_glob_fits_a_kind_of_asset():
    globs = {glob for row in table().about for glob in row.assets}
    assert [glob for glob in sorted(globs) if not any(fnmatchcase(kind, glob) for kind in asset_kinds())] == []


def test_no_program_stands_twice():
    programs = [name for row in table().about for name in row.programs]
    assert len(programs) == len(set(programs))


def test_a_program_acts_on_its_own_kind():
    assert acts_on("kubectl", "kubernetes-cluster")
    assert not acts_on("kubectl", "aws-account")
    assert acts_on("terraform", "aws-account")
    assert not acts_on("curl", "host")
