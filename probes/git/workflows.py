"""Workflows in a clone that deploy when somebody pushes: what changes the code changes what runs."""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath

from probes.git.reads import WORKFLOWS
from scanner.data.families import holds_token
from scanner.host import Host, TextFile
from scanner.model import Asset, AssetSeen, Capability, Confidence, Evidence, Gap, GapKind, Hint

FILE_LIMIT = 200
NAME = re.compile(r"[\w. /-]{1,80}")


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
        if repository is not None and "push" in file.text:
            yield from _file(file, repository, host)


def _file(file: TextFile, repository: Asset, host: Host) -> Iterator[AssetSeen | Gap]:
    from probes.git.deploys import deploying  # its YAML reader costs more to load than all the rest
    from probes.yaml_text import parse

    told = parse(file.text)
    yield from told.gaps(host.shown(file.path))
    found = deploying(told)
    if not found:
        return
    environments = dict.fromkeys(each.environment for each in found if each.environment)
    name = file.path.name if NAME.fullmatch(file.path.name) and not holds_token(file.path.stem) else "a workflow"
    yield AssetSeen(
        asset=Asset(
            "deployment", f"{repository.name}/{name}", tuple(Hint("environment", each) for each in environments)
        ),
        within=(repository,),
        carries=frozenset({Capability.CODE_WRITE}),
        gives=frozenset({Capability.INFRA_MODIFY}),
        evidence=Evidence(file.path, found[0].line),
        confidence=Confidence.POSSIBLE,
        why="a push starts this workflow, and it deploys; a reviewer may be asked first, which the clone does not tell",
    )
