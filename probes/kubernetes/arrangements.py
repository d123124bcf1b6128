"""Arrangements of kubeconfigs that are bad by themselves: unverified servers, production by default, two of a name."""

from collections.abc import Iterable, Iterator

from probes.kubernetes.clusters import Cluster, cluster
from probes.kubernetes.kubeconfig import Entry, Kubeconfig, View
from probes.kubernetes.rights import Reach, quoted
from scanner.data import files
from scanner.host import Host
from scanner.model import Environment, Fix, Observation, Staged, Weakness
from scanner.shapes import label

PRODUCTION = frozenset({Environment.PRODUCTION})
NAME_LIMIT = 20  # contexts of one name that are told


def arrangements(view: View, host: Host) -> Iterator[Observation]:
    """What is wrong with the clusters of a view and with its current context."""
    for entry in view.clusters.values():
        found = cluster(entry, host)
        if found.address is not None and not found.address.loopback:
            yield from _unverified(entry, found, host)
    if view.active:
        yield from production_default(view, host)


def _unverified(entry: Entry, found: Cluster, host: Host) -> Iterator[Weakness]:
    name = quoted(entry.name, host) if entry.shown else "NAME"
    skipped = entry.body.get("insecure-skip-tls-verify")
    if skipped is not None and skipped.flag:
        yield Weakness(
            rule="kubernetes.tls-not-verified",
            title="kubectl does not check which server it talks to",
            evidence=entry.evidence("insecure-skip-tls-verify"),
            why="Whoever stands between this machine and the server receives the token or the password that is sent.",
            fix=Fix(
                "Give the cluster's certificate authority instead.",
                (f"kubectl config set-cluster {name} --insecure-skip-tls-verify=false --certificate-authority CA",),
            ),
        )
    if found.address is not None and found.address.scheme == "http":
        yield Weakness(
            rule="kubernetes.plain-http",
            title="kubectl talks to a cluster without encryption",
            evidence=entry.evidence("server"),
            why="Whoever stands between this machine and the server reads and changes what is sent.",
            fix=Fix("Use the server's https address.", (f"kubectl config set-cluster {name} --server https://HOST",)),
        )


def production_default(view: View, host: Host) -> Iterator[Weakness]:
    """A current context on production: every command without a context then acts there."""
    context = view.contexts.get(view.current)
    entry = view.clusters.get(context.body.said("cluster")) if context is not None else None
    if context is None or entry is None or view.named_at is None:
        return
    reach = Reach(context, cluster(entry, host), label(context.body.said("namespace")), current=True)
    other = next((each for each in view.contexts.values() if each is not context and _harmless(each, view, host)), None)
    commands = ["kubectl config unset current-context"]
    if other is not None:
        commands.append(f"kubectl config use-context {quoted(other.name, host)}")
    staged = [reach.asset, *(inner.asset for inner in reach.inner())]
    for asset in staged:
        yield Weakness(
            rule="kubernetes.production-default",
            title="kubectl's current context is production",
            evidence=view.named_at,
            why="A command that names no context acts on production, also one that was meant for a test cluster.",
            fix=Fix(
                "Leave no context current, or a harmless one, and name production where it is meant.", tuple(commands)
            ),
            when=(Staged(asset, PRODUCTION),),
        )


def _harmless(context: Entry, view: View, host: Host) -> bool:
    """Whether a context leads to a cluster of this machine, or says itself that it is for development."""
    entry = view.clusters.get(context.body.said("cluster"))
    if entry is None or not context.shown:
        return False
    words = files.table("environments.toml")["words"]
    told = set(context.name.casefold().replace("_", "-").replace("/", "-").replace(":", "-").split("-"))
    if told & set(words["production"]):
        return False
    return cluster(entry, host).local or bool(told & {*words["development"], *words["sandbox"]})


def contexts_of_two_clusters(configs: Iterable[Kubeconfig], host: Host) -> Iterator[Weakness]:
    """A name that stands for one cluster in one file and for another in the next."""
    first: dict[str, tuple[str, Entry]] = {}
    told: set[str] = set()
    for config in configs:
        known = {entry.name: entry for entry in config.clusters}
        for context in config.contexts:
            entry = known.get(context.body.said("cluster"))
            if entry is None or context.name in told or not context.shown or len(told) >= NAME_LIMIT:
                continue
            leads = cluster(entry, host).asset.name
            before, where = first.setdefault(context.name, (leads, context))
            if before != leads:
                told.add(context.name)
                yield _twice(context, where, host)


def _twice(context: Entry, before: Entry, host: Host) -> Weakness:
    name = quoted(context.name, host)
    return Weakness(
        rule="kubernetes.context-of-two-clusters",
        title="One context name leads to two clusters",
        evidence=context.evidence(),
        why=f"Which cluster it is depends on the file in use; {host.shown(before.file.path)} has another of that name.",
        fix=Fix(
            "Give one of them a name of its own.",
            (f"kubectl config rename-context {name} NEW_NAME --kubeconfig {quoted(str(context.file.path), host)}",),
        ),
    )
