"""Workflows in a clone that deploy when somebody pushes: what changes the code changes what runs."""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath

from msgspec import Struct

from probes.git.reads import WORKFLOWS
from probes.yaml_text import Node, parse
from scanner.data.families import family_of
from scanner.host import Host, TextFile
from scanner.model import Asset, AssetSeen, Capability, Confidence, Evidence, Gap, GapKind, Hint

FILE_LIMIT = 200
JOB_LIMIT = 200
STEP_LIMIT = 500
NAME = re.compile(r"[\w. /-]{1,80}")
DEPLOYS = re.compile(
    r"\b(?:deploy(?:s|ment|ing)?|kubectl\s+(?:apply|set|rollout)|helm\s+(?:upgrade|install)|terraform\s+apply|"
    r"tofu\s+apply|pulumi\s+up|cdk\s+deploy|ansible-playbook|eb\s+deploy|wrangler\s+(?:deploy|publish)|"
    r"vercel\s[^\n]{0,200}--prod|railway\s+up)\b",
    re.IGNORECASE,
)


class Deployment(Struct, frozen=True):
    """A job that a push starts and that deploys: its line, and the environment that it names."""

    line: int
    environment: str


def deployments(host: Host, clones: Mapping[PurePath, Asset]) -> Iterator[AssetSeen | Gap]:
    """What pushes to the repositories deploy by themselves; `clones` are the repositories by their top folder."""
    count = 0
    for file in host.read(WORKFLOWS):
        if isinstance(file, Gap):
            yield file
            continue
        count += 1
        if count > FILE_LIMIT:
            yield Gap(
                GapKind.LIMIT, host.shown(file.path), f"more than {FILE_LIMIT} workflows; the rest was not judged"
            )
            return
        repository = clones.get(file.path.parent.parent.parent)
        if repository is not None and "push" in file.text and ("environment" in file.text or DEPLOYS.search(file.text)):
            yield from _file(file, repository, host)


def _file(file: TextFile, repository: Asset, host: Host) -> Iterator[AssetSeen | Gap]:
    told = parse(file.text)
    yield from told.gaps(host.shown(file.path))
    if told.root is None or not _on_push(told.root):
        return
    found = list(_jobs(told.root))
    if not found:
        return
    environments = dict.fromkeys(each.environment for each in found if each.environment)
    name = file.path.name if NAME.fullmatch(file.path.name) and family_of(file.path.stem) is None else "a workflow"
    yield AssetSeen(
        asset=Asset(
            "deployment", f"{repository.name}/{name}", tuple(Hint("environment", each) for each in environments)
        ),
        within=(repository,),
        carries=frozenset({Capability.CODE_WRITE, Capability.INFRA_MODIFY}),
        evidence=Evidence(file.path, found[0].line),
        confidence=Confidence.POSSIBLE,
        why="a push starts this workflow, and it deploys; a reviewer may be asked first, which the clone does not tell",
    )


def _on_push(root: Node) -> bool:
    """Whether a push starts it: `on: push`, a list with it, or its settings."""
    on = root.get("on")
    if on is None:
        return False
    return on.text == "push" or on.get("push") is not None or any(each.text == "push" for each in on.elements())


def _jobs(root: Node) -> Iterator[Deployment]:
    jobs = root.get("jobs")
    for name, job in list(jobs.items() if jobs is not None else ())[:JOB_LIMIT]:
        environment = job.said("environment") or job.said("environment", "name")
        shown = environment if NAME.fullmatch(environment) and family_of(environment) is None else ""
        if environment or DEPLOYS.search(name) or DEPLOYS.search(job.said("uses")) or _steps(job):
            yield Deployment(job.line, shown)


def _steps(job: Node) -> bool:
    steps = job.get("steps")
    return any(
        DEPLOYS.search(step.said("run")) or DEPLOYS.search(step.said("uses")) or DEPLOYS.search(step.said("name"))
        for step in (steps.elements() if steps is not None else ())[:STEP_LIMIT]
    )
