"""What judging a large machine costs: CPU seconds, the ratio to the bare interpreter, and the peak of memory.

    python bench/judgement.py [--rounds N] [--shape NAME] [--profile]

`large` is 500 credentials of real kinds with what their kinds imply, 120 cluster users with rights by role, role
chains three deep, 40 repositories within accounts, two agents with 30 rules each and the shipped contract: 20,000 edges
in the finished graph. `contract` is the same with forty principals, and all that a contract can demand. `escalating`
and `dense` are what nobody has and a hostile home may show: every right of every class on everything, and identities
that each become all others. Each round is a process of its own, in turn with the bare interpreter.

What counts is the CPU time of judging: graph, ways, verdicts, contract; beside it stands that of a whole check, with
what it loads, the sections of its report and the list that it prints, and that of writing and loading the report as a
document. Prints a table, and exits 1 where a shape is over its budget.
"""

import argparse
import cProfile
import gc
import json
import pstats
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from statistics import median
from typing import TypeVar

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import reports.checklist  # noqa: E402
from reports.document import load, render  # noqa: E402
from reports.page import Page  # noqa: E402
from scanner.checklist import checklist  # noqa: E402
from scanner.cli import YOUNG  # noqa: E402
from scanner.cli.contracts import chosen  # noqa: E402
from scanner.config import Config  # noqa: E402
from scanner.data.kinds import implied  # noqa: E402
from scanner.engine import scan  # noqa: E402
from scanner.host import Host  # noqa: E402
from scanner.judgement import judge_all  # noqa: E402
from scanner.model import (  # noqa: E402
    AgentSeen,
    Asset,
    AssetSeen,
    Barrier,
    Capability,
    Channel,
    Command,
    Confidence,
    CredentialSeen,
    Evidence,
    Gate,
    Grant,
    Hint,
    Identity,
    IdentityLink,
    Observation,
    Paths,
    Policy,
    Rule,
    Ruling,
    Tool,
)
from scanner.model.report import Report  # noqa: E402
from scanner.probe import probe  # noqa: E402
from scanner.testing import TEST_KEY, fake_machine  # noqa: E402
from scanner.vault import Vault  # noqa: E402

Result = TypeVar("Result")
HOME = PurePosixPath("/home/ada")
MACHINE = fake_machine(workspace="~/src/w0", neighbours=[f"~/src/w{number}" for number in (1, 2, 3)], named=3)
STAGES = ("prod", "staging", "dev", "acme", "shop", "orders")
OTHERS = (
    "npm.token",
    "database.password",
    "railway.account-token",
    "stripe.live-key",
    "slack.bot-token",
    "docker.registry-token",
    "sentry.token",
    "gcp.service-account-key",
    "vault.token",
    "openai.key",
)
READ = frozenset({Capability.DISCOVER, Capability.DATA_READ})
EDIT = READ | {Capability.DATA_WRITE, Capability.EXEC_REMOTE, Capability.INFRA_MODIFY}
CODE = frozenset({Capability.DATA_READ, Capability.CODE_WRITE})
ALLOWED = ("kubectl get", "git diff", "pytest", "aws sts", "gh pr view", "terraform plan", "docker ps", "npm test")
KEPT = ("~/.ssh", "~/.aws", "~/.kube", "**/.env", "**/*.pem")


@dataclass(frozen=True)
class Shape:
    """One machine, the contract that it is held against, and the most that judging it may cost."""

    name: str
    seen: Callable[[], Iterator[Observation]]
    seconds: float
    megabytes: float
    contract: str | None = None


def at(file: str, line: int) -> Evidence:
    return Evidence(HOME / file, line)


def large() -> Iterator[Observation]:
    yield from agents()
    yield from things()


def contract() -> Iterator[Observation]:
    """What the large machine holds, and 40 principals."""
    yield from many_agents()
    yield from things()


def things() -> Iterator[Observation]:
    """500 credentials, and 20,000 edges from them to what they open."""
    yield from clusters()
    yield from accounts()
    yield from forges()
    for number in range(280):
        kind = OTHERS[number % len(OTHERS)]
        name, stage = f"{kind.partition('.')[0]}-{number}", STAGES[number % len(STAGES)]
        yield CredentialSeen(
            kind, at(f"src/{name}/.env", 3), public_id=name, grants=implied(kind, name, (Hint("file", stage),))
        )


def clusters() -> Iterator[Observation]:
    """120 users of 12 clusters; a role of each lets it read in some namespaces and edit in others."""
    for number in range(120):
        cluster = f"k8s-{number % 12}.{STAGES[number % 3]}.example.com"
        user = Identity("kubernetes", cluster, f"user {number}")
        yield CredentialSeen("kubernetes.client-certificate", at(".kube/config", number), None, f"k{number}", user)
        for place in range(104):
            space = Asset("kubernetes-namespace", f"{cluster}/team-{place}", (Hint("namespace", STAGES[place % 6]),))
            yield Grant(space, EDIT if place % 8 == 0 else READ, Confidence.GRANTED, user, evidence=at("rbac", place))


def accounts() -> Iterator[Observation]:
    """40 keys; the user of each becomes a role, that another, and that a third, some behind a second factor."""
    for number in range(40):
        account, user = f"{number:012}", Identity("aws", f"{number:012}", f"user/u{number}")
        grants = implied("aws.access-key", account, (Hint("profile", STAGES[number % 6]),))
        yield CredentialSeen("aws.access-key", at(".aws/credentials", number), None, f"AKIA{number}", user, grants)
    for number in range(40):
        source = Identity("aws", f"{number:012}", f"user/u{number}")
        for depth in range(3):
            target = Identity("aws", f"{(number + depth) % 40:012}", f"role/r{depth}-{number // 2}")
            barrier = Barrier(Gate.PRESENCE, "mfa_serial") if (number + depth) % 5 == 0 else Barrier()
            yield IdentityLink(source, target, "assumes", at(".aws/config", number), Confidence.GRANTED, barrier)
            for place in range(40):
                bucket = Asset("aws-account", f"{place:012}/{depth}", (Hint("profile", STAGES[place % 6]),))
                rights = EDIT if place % 8 == depth else READ
                yield Grant(bucket, rights, Confidence.INFERRED, target, evidence=at(".aws/config", place))
            source = target


def forges() -> Iterator[Observation]:
    """60 tokens of a forge, and 40 repositories that lie within its accounts."""
    kinds = ("github.classic-token", "gitlab.token", "github.fine-grained-token")
    hosts = {"github": "github.com", "gitlab": "gitlab.example.com"}
    for number in range(60):
        kind = kinds[number % 3]
        host = hosts[kind.partition(".")[0]]
        yield CredentialSeen(kind, at(".config/gh/hosts.yml", number), None, f"t{number}", grants=implied(kind, host))
    for number in range(40):
        forge = "github" if number % 3 else "gitlab"
        wider = tuple(
            dict.fromkeys(each.asset for kind in kinds if kind[:6] == forge for each in implied(kind, hosts[forge]))
        )
        inner = Asset(f"{forge}-repository", f"acme/{STAGES[number % 6]}-{number}")
        yield AssetSeen(inner, wider, CODE, at(f"src/{number}/.git/config", 7))


def principals() -> Iterator[Observation]:
    """40 principals, and some 3,000 exposures."""
    yield from many_agents()
    for number in range(242):
        kind = OTHERS[number % len(OTHERS)]
        name, stage = f"{kind.partition('.')[0]}-{number}", STAGES[number % len(STAGES)]
        yield CredentialSeen(
            kind, at(f"src/{name}/.env", 3), public_id=name, grants=implied(kind, name, (Hint("file", stage),))
        )
    for number in range(25):
        user = Identity("kubernetes", "k8s.prod.example.com", f"user {number}")
        yield CredentialSeen("kubernetes.client-certificate", at(".kube/config", number), None, f"k{number}", user)
        for place in range(24):
            space = Asset("kubernetes-namespace", f"k8s.prod.example.com/team-{place}")
            yield Grant(space, EDIT if place % 8 == 0 else READ, Confidence.GRANTED, user, evidence=at("rbac", place))


def many_agents() -> Iterator[Observation]:
    """Ten agents in four workspaces each, none with the rules of another."""
    for number in range(40):
        yield from agents((f"agent-{number % 10}",), f"~/src/w{number // 10}")


def agents(names: tuple[str, ...] = ("claude-code", "codex"), folder: str | None = None) -> Iterator[Observation]:
    for name in names:
        settings = at(f"{folder}/{name}.json" if folder else f"{name}.json", 7)
        ask, deny = Ruling(Gate.PROMPT, "default"), Ruling(Gate.REFUSED, "permissions.deny", settings)
        allow = Ruling(Gate.NONE, "permissions.allow", settings)
        programs = [
            Rule(Command(f"{each} {number}".rstrip(" 0"), True), allow) for number in (0, 1) for each in ALLOWED
        ]
        files = [Rule(Paths(f"{place}/{number}/**"), deny) for number in (0, 1) for place in KEPT]
        tools = (
            Tool(
                "Bash", Channel.EXECUTE, ask, (*programs, *(Rule(Command(each, True), deny) for each in ("aws", "rm")))
            ),
            Tool("Read", Channel.READ, Ruling(Gate.NONE, "default"), tuple(files)),
            Tool("Edit", Channel.WRITE, ask),
        )
        here = Evidence(PurePosixPath(f"/usr/bin/{name}"))
        yield AgentSeen(name, here, title=name, folder=folder, policy=Policy("default", tools))


def escalating() -> Iterator[Observation]:
    """Some 1,000 identities with 60 rights each of any class on 3,000 assets."""
    rng, classes = random.Random(3), list(Capability)
    yield from agents()
    assets = [Asset("aws-account", f"{number:012}", (Hint("profile", rng.choice(STAGES)),)) for number in range(3000)]
    for number in range(1000):
        grants = tuple(
            Grant(rng.choice(assets), frozenset(rng.sample(classes, 3)), rng.choice(list(Confidence)))
            for _ in range(60)
        )
        user = Identity("aws", f"{number % 300}")
        yield CredentialSeen("aws.access-key", at(f"c{number}", 1), None, f"id{number}", user, grants)


def dense() -> Iterator[Observation]:
    """500 identities, 20,000 links among them with all gates and degrees, and a right at the end of each."""
    rng = random.Random(5)
    yield from agents()
    who = [Identity("aws-role", str(number)) for number in range(500)]
    for number, each in enumerate(who):
        yield CredentialSeen("aws.access-key", at(f"c{number}", 1), None, f"id{number}", each)
        account = Asset("aws-account", f"{number:012}", (Hint("profile", rng.choice(STAGES)),))
        yield Grant(account, frozenset({Capability.IAM_ESCALATE}), rng.choice(list(Confidence)), each)
    for number in range(20_000):
        barrier = Barrier(rng.choice([Gate.NONE, Gate.PROMPT, Gate.PRESENCE, Gate.SERVER]), f"rule {number}")
        source, target = rng.sample(who, 2)
        yield IdentityLink(source, target, "assumes", at("x", number), rng.choice(list(Confidence)), barrier)


SHAPES = {
    shape.name: shape
    for shape in (
        Shape("large", large, 2.0, 300),
        Shape("principals", principals, 3.0, 300),
        Shape("contract", contract, 2.0, 300, str(ROOT / "bench" / "contract.yaml")),
        Shape("escalating", escalating, 4.0, 600),
        Shape("dense", dense, 4.0, 600),
    )
}


def judged(shape: Shape, *, profile: bool) -> None:
    """Judges one shape in this process, and prints what it cost as one line of JSON."""
    observations = list(shape.seen())

    @probe(id="bench.machine", title="A machine", reads=())
    def machine(host: Host) -> Iterator[Observation]:
        """Says what the shape is."""
        yield from observations

    def check() -> Report:
        found = scan(MACHINE, [machine], Vault(TEST_KEY), Config(), contracts=held)
        reports.checklist.render(checklist(found), Page())
        return found

    gc.set_threshold(YOUNG)  # as the command line does
    held = (chosen(shape.contract, date(2026, 11, 21)),)
    judge_all(observations[:50], MACHINE, Config(), held)  # which loads the data
    seconds, _ = timed(lambda: judge_all(observations, MACHINE, Config(), held))
    whole, found = timed(lambda: profiled(check) if profile else check())
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    writing, document = timed(lambda: render(found, Page()))
    loading, _ = timed(lambda: load(document))
    cost = {
        "seconds": seconds,
        "whole": whole,
        "writing": writing,
        "loading": loading,
        "megabytes": megabytes,
        "edges": len(found.edges),
        "exposures": len(found.exposures),
        "gaps": len(found.gaps),
        "written": len(document) / 1e6,
    }
    print(json.dumps(cost))


def timed(call: Callable[[], Result]) -> tuple[float, Result]:
    """CPU seconds that a call took, and what it gave."""
    start = time.process_time()
    found = call()
    return time.process_time() - start, found


def profiled(report: Callable[[], Report]) -> Report:
    profile = cProfile.Profile()
    found = profile.runcall(report)
    pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(30)
    return found


def cost_of(shape: Shape) -> dict[str, float]:
    """One round in a process of its own, with what the bare interpreter cost beside it."""
    command = [sys.executable, __file__, "--inside", "--shape", shape.name]
    cost: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    bare = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {**cost, "ratio": cost["seconds"] / bare}


def main() -> int:
    parser = argparse.ArgumentParser(description="What judging a large machine costs.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--shape", choices=SHAPES, help="this one alone")
    parser.add_argument("--profile", action="store_true", help="where the time of one shape goes")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    shapes = [SHAPES[options.shape]] if options.shape else list(SHAPES.values())
    if options.inside or options.profile:
        for shape in shapes:
            judged(shape, profile=options.profile)
        return 0
    print(
        "| shape      |  edges | exposures | CPU s | ratio | budget | check | write | load | MB peak | most | MB out |"
    )
    print(
        "| ---------- | -----: | --------: | ----: | ----: | -----: | ----: | ----: | ---: | ------: | ---: | -----: |"
    )
    over = False
    for shape in shapes:
        rounds = [cost_of(shape) for _ in range(options.rounds)]
        cost = {name: median(each[name] for each in rounds) for name in rounds[0]}
        over = over or cost["seconds"] > shape.seconds or cost["megabytes"] > shape.megabytes
        print(
            f"| {shape.name:10} | {cost['edges']:6.0f} | {cost['exposures']:9.0f}"
            f" | {cost['seconds']:5.2f} | {cost['ratio']:5.0f} | {shape.seconds:6.1f} | {cost['whole']:5.2f}"
            f" | {cost['writing']:5.2f} | {cost['loading']:4.2f} | {cost['megabytes']:7.0f} | {shape.megabytes:4.0f}"
            f" | {cost['written']:6.1f} |"
        )
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
