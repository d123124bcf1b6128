"""What a workflow of GitHub Actions does when somebody pushes: the jobs of it that deploy."""

import re
from collections.abc import Iterator

from msgspec import Struct

from probes.yaml_text import Node, Text
from scanner.data.families import holds_token

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


def deploying(told: Text) -> list[Deployment]:
    """The jobs that deploy, none where a push does not start the workflow."""
    return list(_jobs(told.root)) if told.root is not None and _on_push(told.root) else []


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
        shown = environment if NAME.fullmatch(environment) and not holds_token(environment) else ""
        if environment or DEPLOYS.search(name) or DEPLOYS.search(job.said("uses")) or _steps(job):
            yield Deployment(job.line, shown)


def _steps(job: Node) -> bool:
    steps = job.get("steps")
    return any(
        DEPLOYS.search(step.said("run")) or DEPLOYS.search(step.said("uses")) or DEPLOYS.search(step.said("name"))
        for step in (steps.elements() if steps is not None else ())[:STEP_LIMIT]
    )
