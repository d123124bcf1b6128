"""Hooks that look for secrets before a commit or a push: configured, and really installed in this clone."""

import re
from collections.abc import Iterator
from pathlib import PurePath

from probes.agents.tree import Node, parse
from probes.guardrails.clone import Clone, can_run, files_of, text_of, uncommented
from probes.guardrails.reads import HOOK, HOOKS, HUSKY, LEFTHOOK, PRE_COMMIT
from scanner.host import FileKind, Host, Place, TextFile
from scanner.model import Evidence, Gap, GapKind, Guardrail

SCANNERS = re.compile(
    r"(?<![\w.-])(?:gitleaks|betterleaks|detect-secrets(?:-hook)?|trufflehog|ggshield|git-secrets|git\s{1,4}secrets|"
    r"talisman|ripsecrets|secretlint|noseyparker|kingfisher|whispers)(?![\w.-]*\.(?:toml|ya?ml|json|md|baseline))\b"
)
MANAGERS = {
    "pre-commit": re.compile(r"\bhook-impl\b|-m\s?pre_commit\b|(?<![\w/.-])(?:pre-commit|prek)\s{1,4}run\b"),
    "husky": re.compile(r"\bhusky\b|_/h\b|/h\"?$", re.MULTILINE),
    "lefthook": re.compile(r"\blefthook\b"),
}
RULE = "secret-scan-hook"
BLOCKS = 500  # of one configuration


def hooks(host: Host, clone: Clone) -> Iterator[Guardrail | Gap]:
    """Whether a hook looks for secrets; one that is configured alone is told as that."""
    configured: dict[str, Evidence] = {}
    for manager, found in _configured(host, clone):
        if isinstance(found, Gap):
            yield found
        else:
            configured.setdefault(manager, found)
    installed = next(_installed(host, clone, configured), None)
    if installed is not None:
        yield Guardrail(RULE, "A hook looks for secrets before they are committed or pushed", installed)
        return
    for manager, place in configured.items():
        title = f"A hook that looks for secrets is configured ({manager}), and not installed in this clone"
        yield Guardrail(RULE, title, place, in_force=False)
        return


def _installed(host: Host, clone: Clone, configured: dict[str, Evidence]) -> Iterator[Evidence]:
    """The hooks that git runs here and that look for secrets, by themselves or by the manager that they call."""
    if clone.hooks is None:
        return
    for name in HOOKS:
        path = clone.hooks / name
        place = host.place_named(HOOK, path)
        if not isinstance(place, Place) or place.kind is not FileKind.FILE or not can_run(host, place):
            continue
        text = uncommented(text_of(host, HOOK, path))
        if SCANNERS.search(text):
            yield Evidence(path)
        for manager, named in configured.items():
            if _calls(manager, text, clone.hooks):
                yield named if manager == "husky" else Evidence(path)


def _calls(manager: str, text: str, folder: PurePath) -> bool:
    """Whether a hook hands on to a manager; husky's own hooks all lie in its folder."""
    return MANAGERS[manager].search(text) is not None or (manager == HUSKY.removeprefix(".") and HUSKY in folder.parts)


# --- what is configured


def _configured(host: Host, clone: Clone) -> Iterator[tuple[str, Evidence | Gap]]:
    for file in files_of(host, clone.root, PRE_COMMIT):
        for told in _tree(file, host):
            yield "pre-commit", told
    for file in files_of(host, clone.root, LEFTHOOK):
        if isinstance(file, TextFile) and SCANNERS.search(uncommented(file.text)):
            yield "lefthook", Evidence(file.path)
    for file in files_of(host, clone.root, tuple(f"{HUSKY}/{name}" for name in HOOKS)):
        if isinstance(file, TextFile) and SCANNERS.search(uncommented(file.text)):
            yield "husky", Evidence(file.path)


def _tree(file: TextFile | Gap, host: Host) -> Iterator[Evidence | Gap]:
    """Where a configuration of pre-commit names a hook that looks for secrets."""
    if isinstance(file, Gap):
        yield file
        return
    parsed = parse(file.text, "yaml", host.check_time)
    for fault in parsed.faults:
        yield Gap(fault.kind, host.shown(file.path), f"line {fault.line} {fault.why}")
    if parsed.root is None:
        if file.text.strip() and not parsed.faults:
            yield Gap(GapKind.FAILED, host.shown(file.path), "is no YAML")
        return
    node = next(_scanning(parsed.root), None)
    if node is not None:
        yield Evidence(file.path, node.line)


def _scanning(root: Node) -> Iterator[Node]:
    repositories = root.get("repos")
    for repository in (repositories.items or () if repositories is not None else ())[:BLOCKS]:
        listed = repository.get("hooks")
        for hook in (listed.items or () if listed is not None else ())[:BLOCKS]:
            if SCANNERS.search(f"{hook.said('id')} {hook.said('entry')}"):
                yield hook
