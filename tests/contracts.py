"""Small machines and contracts of a few lines, for tests of what a contract says of a machine."""

from datetime import date
from pathlib import PurePosixPath

from scanner.advice import advised
from scanner.answers import contract as told
from scanner.config import Config
from scanner.contract.documents import Document
from scanner.contract.reading import read
from scanner.judgement import judge_all
from scanner.model import (
    AgentSeen,
    Asset,
    Capability,
    Channel,
    Command,
    Confidence,
    CredentialSeen,
    Environment,
    Evidence,
    Gate,
    Grant,
    Name,
    Paths,
    Policy,
    Protection,
    Rule,
    Ruling,
    Sandbox,
    Tool,
)
from scanner.testing import fake_machine

HOME = PurePosixPath("/home/ada")
HERE = HOME / "src" / "app"
SETTINGS = Evidence(HOME / ".agent" / "settings.json", 3)
MACHINE = fake_machine(
    workspace="~/src/app", neighbours=["~/src/other"], env={"PATH": "/bin", "GITHUB_TOKEN": "CANARY"}
)
LABELS = Config(labels={f"aws-account:{each}": each for each in Environment if each is not Environment.UNKNOWN})

RUN = Ruling(Gate.NONE, "runs it", SETTINGS)
ASK = Ruling(Gate.PROMPT, "asks", SETTINGS)
NO = Ruling(Gate.REFUSED, "denies it", SETTINGS)
UNSURE = Ruling(Gate.UNKNOWN, "not set", stand_in=Gate.PROMPT)
UNSURE_NO = Ruling(Gate.UNKNOWN, "not set", stand_in=Gate.REFUSED)

BOX = Sandbox("bubblewrap", writable=(Paths(str(HERE)),))


def shell(otherwise, *rules, sandbox=None):
    return Tool("Bash", Channel.EXECUTE, otherwise, rules, sandbox)


def reader(otherwise, *rules):
    return Tool("Read", Channel.READ, otherwise, rules)


def writer(otherwise, *rules):
    return Tool("Edit", Channel.WRITE, otherwise, rules)


def fetcher(otherwise, *rules):
    return Tool("WebFetch", Channel.CONNECT, otherwise, rules)


def caller(otherwise, *rules):
    return Tool("MCP tools", Channel.CALL, otherwise, rules)


def command(text, ruling):
    return Rule(Command(text, open=True), ruling)


def files(glob, ruling):
    return Rule(Paths(glob), ruling)


def name(glob, ruling):
    return Rule(Name(glob), ruling)


def agent(*tools, id="claude-code", title="Claude Code", folder=None, **more):
    """An agent of these tools; `rules=None` leaves out what decides."""
    policy = None if more.pop("rules", "") is None else Policy("by hand", tools, **more.pop("policy", {}))
    return AgentSeen(id, Evidence(HOME / ".agent" / id, 1), title=title, folder=folder, policy=policy, **more)


def grant(capability="DATA_DESTROY", where="production", confidence=Confidence.VERIFIED, kind="aws-account"):
    return Grant(Asset(kind, where), frozenset({Capability(capability)}), confidence)


def key(public_id="K", *grants, kind="test.key", at=HOME / ".keys", protection=Protection.PLAINTEXT, **more):
    """A credential, which opens the data of production unless `grants` say otherwise."""
    place = Evidence(variable=at[1:]) if isinstance(at, str) else Evidence(at, 1)
    return CredentialSeen(kind, place, public_id=public_id, grants=grants or (grant(),), protection=protection, **more)


def contract(text):
    """The contract of these lines."""
    data = f"version: 1\nname: test\n{text}\n".encode()
    return read(Document("test.yaml", data), lambda name, source: None, date(2026, 1, 1))


def whole(text, *observations, machine=MACHINE, config=LABELS):
    """All that is made of a machine that is held against the contract."""
    return judge_all(observations, machine, config, (contract(text),))


def judged(text, *observations, machine=MACHINE, config=LABELS):
    """The machine held against the contract."""
    return whole(text, *observations, machine=machine, config=config).judgement


def plan_of(text, *observations, machine=MACHINE, config=LABELS):
    """The steps that are advised."""
    return advised(whole(text, *observations, machine=machine, config=config))


def clauses(text, *observations, **more):
    """What a report says of each clause, by its id."""
    return {each.id: each for each in told(judged(text, *observations, **more)).clauses}


def state(clause, text, *observations, **more):
    """The state of one clause and why."""
    found = clauses(text, *observations, **more)[clause]
    return found.state, found.why
