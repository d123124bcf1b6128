"""Each contract that comes with the tool against small machines: what is beyond it, and what it lets be."""

import re
from datetime import date, timedelta

import pytest

from scanner.cli.contracts import chosen, found
from scanner.contract.documents import Document
from scanner.contract.match import matches, strong_enough
from scanner.contract.reading import read
from scanner.contract.union import united
from scanner.data import contracts
from scanner.data.gates import gates
from scanner.judgement import judge_all
from scanner.model import (
    Barrier,
    Capability,
    Environment,
    Evidence,
    Gate,
    HandleSeen,
    Lifetime,
    LifetimeKind,
    Protection,
)
from scanner.testing import NOW
from tests.contracts import (
    ASK,
    BOX,
    HERE,
    HOME,
    LABELS,
    MACHINE,
    NO,
    RUN,
    agent,
    files,
    grant,
    key,
    reader,
    shell,
    writer,
)

TODAY = date(2026, 7, 1)
NAMES = contracts.names()
FORBIDDEN = ("**/.env", "**/.env.*", "~/.ssh/**", "~/.aws/**", "~/.kube/**", "~/.config/gcloud/**")

UNASKED, ASKED, DENIED = agent(shell(RUN)), agent(shell(ASK)), agent(shell(NO))
TOUCH, SECOND_PERSON = Barrier(Gate.PRESENCE, "wants a touch"), Barrier(Gate.SERVER, "wants a second person")


def ends_in(**time):
    return Lifetime(LifetimeKind.EXPIRES, expires_at=NOW + timedelta(**time))


def login(capability, where, kind="aws-account", **more):
    """A credential that is kept well and ends soon, so that nothing but what it opens can be beyond a contract."""
    told = {"lifetime": ends_in(minutes=30), "protection": Protection.KEYCHAIN} | more
    return key("K", grant(capability, where, kind=kind), **told)


def held(contract, *observations):
    return judge_all(observations, MACHINE, LABELS, (contract,)).judgement


def families(items):
    """The clauses that these items break; which line of `allow` or of `never` it is does not matter here."""
    return {re.sub(r"\.\d+$", "", clause) for item in items for clause in item.clauses}


def of_logins(name, *observations):
    judgement = held(chosen(name, TODAY), *observations)
    return families(item for item in judgement.items if item.credential is not None)


def of_agents(name, *observations):
    judgement = held(chosen(name, TODAY), *observations)
    return families(item for item in judgement.items if item.credential is None)


def row(contract, fact, who, *what, beyond="", **more):
    return pytest.param(contract, who, login(*what, **more), set(beyond.split()), id=f"{contract}: {fact}")


PROPOSED = "require.autonomy.production"  # a change of production that no person is there for
SOURCE = "github-repository"

REACHED = [
    row("agent-readonly", "it reads staging", UNASKED, "DATA_READ", "staging"),
    row("agent-readonly", "it changes staging unasked", UNASKED, "DATA_WRITE", "staging", beyond="allow"),
    row("agent-readonly", "a person lets it change staging", ASKED, "DATA_WRITE", "staging"),
    row("agent-readonly", "it reads production once asked", ASKED, "DATA_READ", "production", beyond="allow"),
    row("agent-readonly", "it is denied production", DENIED, "DATA_READ", "production"),
    row("agent-readonly", "it reads source", UNASKED, "DATA_READ", "acme/billing", SOURCE),
    row("agent-readonly", "it pushes unasked", UNASKED, "CODE_WRITE", "acme/billing", SOURCE, beyond="allow"),
    row("agent-readonly", "a person lets it push", ASKED, "CODE_WRITE", "acme/billing", SOURCE),
    row("agent-readonly", "it reads secrets of staging", ASKED, "SECRETS_READ", "staging", beyond="allow"),
    row("agent-readonly", "it reads logs", UNASKED, "DATA_READ", "acme", "monitoring"),
    row("agent-readonly", "it writes logs", UNASKED, "DATA_WRITE", "acme", "monitoring", beyond="allow"),
    row("agent-readonly", "any process spends", DENIED, "MONEY", "acme", "stripe-account", beyond="never"),
    row("agent-ticket", "it changes staging", UNASKED, "DATA_WRITE", "staging"),
    row("agent-ticket", "it deletes in staging unasked", UNASKED, "DATA_DESTROY", "staging", beyond="allow"),
    row("agent-ticket", "a person lets it delete in staging", ASKED, "DATA_DESTROY", "staging"),
    row("agent-ticket", "it deletes in development", UNASKED, "DATA_DESTROY", "development"),
    row("agent-ticket", "it pushes anywhere unasked", UNASKED, "CODE_WRITE", "acme/web", SOURCE, beyond="allow"),
    row("agent-ticket", "a person lets it push", ASKED, "CODE_WRITE", "acme/web", SOURCE),
    row("agent-ticket", "it reads production once asked", ASKED, "DATA_READ", "production", beyond="allow"),
    row("agent-ticket", "a touch opens production", ASKED, "DATA_READ", "production", barrier=TOUCH, beyond="allow"),
    row("agent-ticket", "it reads the ticket", UNASKED, "DATA_READ", "acme", "work-tracker"),
    row("agent-ticket", "it answers the ticket unasked", UNASKED, "COMMS", "acme", "work-tracker", beyond="allow"),
    row("data", "it reads a warehouse unasked", UNASKED, "DATA_READ", "acme", "snowflake-account", beyond="allow"),
    row("data", "a person has seen the query", ASKED, "DATA_READ", "production"),
    row("data", "it writes production once asked", ASKED, "DATA_WRITE", "production", beyond=f"allow {PROPOSED}"),
    row("data", "a person is there to write production", ASKED, "DATA_WRITE", "production", barrier=TOUCH),
    row("data", "it runs cells of a notebook", UNASKED, "EXEC_REMOTE", "localhost", "notebook-server"),
    row("data", "it keeps a run", UNASKED, "DATA_WRITE", "acme", "model-registry"),
    row("data", "it reads secrets of production", ASKED, "SECRETS_READ", "production", beyond=f"allow {PROPOSED}"),
    row(
        *("data", "it changes infrastructure though a person is there", ASKED, "INFRA_MODIFY", "production"),
        barrier=TOUCH,
        beyond="never",
    ),
    row("sre", "it changes staging", UNASKED, "DATA_WRITE", "staging"),
    row("sre", "it reads production unasked", UNASKED, "DATA_READ", "production", beyond="allow"),
    row("sre", "a person lets it read production", ASKED, "DATA_READ", "production"),
    row("sre", "it reads logs of production", UNASKED, "DATA_READ", "production", "monitoring"),
    row("sre", "a yes lets it change production", ASKED, "INFRA_MODIFY", "production", beyond=f"allow {PROPOSED}"),
    row("sre", "a touch lets it change production", ASKED, "INFRA_MODIFY", "production", barrier=TOUCH),
    row("sre", "a touch switches off alarms", DENIED, "DEFENSE_IMPAIR", "production", barrier=TOUCH, beyond="never"),
    row("sre", "a second person switches off alarms", ASKED, "DEFENSE_IMPAIR", "production", barrier=SECOND_PERSON),
    row(
        *("sre", "even a second person deletes no backup", DENIED, "RECOVERY_DESTROY", "production"),
        barrier=SECOND_PERSON,
        beyond="never",
    ),
    row("contractor", "it changes development", UNASKED, "DATA_WRITE", "development"),
    row("contractor", "it changes staging unasked", UNASKED, "DATA_WRITE", "staging", beyond="allow"),
    row("contractor", "a person lets it change staging", ASKED, "DATA_WRITE", "staging"),
    row("contractor", "any process lists production", DENIED, "DISCOVER", "production", barrier=TOUCH, beyond="never"),
    row(
        *("contractor", "no second person opens production", DENIED, "DATA_READ", "production"),
        barrier=SECOND_PERSON,
        beyond="never",
    ),
    row("contractor", "any process reads secrets of staging", DENIED, "SECRETS_READ", "staging", beyond="never"),
    row("contractor", "the keychain is there", UNASKED, "SECRETS_READ", "login", "keychain"),
    row("contractor", "it pushes unasked", UNASKED, "CODE_WRITE", "acme/web", SOURCE, beyond="allow"),
    row("contractor", "it reads errors of customers", ASKED, "DATA_READ", "acme", "error-tracker", beyond="allow"),
    row(
        *("contractor", "a touch publishes", DENIED, "PUBLISH", "acme", "package-registry"),
        barrier=TOUCH,
        beyond="never",
    ),
    row("ci-runner", "it deploys to staging", UNASKED, "INFRA_MODIFY", "staging"),
    row("ci-runner", "nobody answers a prompt", ASKED, "DATA_WRITE", "production", beyond=f"allow {PROPOSED}"),
    row("ci-runner", "nobody touches a key", ASKED, "DATA_WRITE", "production", barrier=TOUCH, beyond="allow"),
    row("ci-runner", "a reviewer lets it deploy", UNASKED, "INFRA_MODIFY", "production", barrier=SECOND_PERSON),
    row("ci-runner", "a token publishes", DENIED, "PUBLISH", "acme", "package-registry", beyond="never"),
    row(
        *("ci-runner", "a reviewer lets it publish", UNASKED, "PUBLISH", "acme", "package-registry"),
        barrier=SECOND_PERSON,
    ),
    row("ci-runner", "it pushes to the repository of the job", UNASKED, "CODE_WRITE", "acme/web", SOURCE),
    row("ci-runner", "it comments on a change", UNASKED, "COMMS", "acme/web", SOURCE),
    row("ci-runner", "it reads the issues of people", UNASKED, "DATA_READ", "acme", "work-tracker", beyond="allow"),
]


@pytest.mark.parametrize(("contract", "who", "what", "beyond"), REACHED)
def test_what_is_reached(contract, who, what, beyond):
    assert of_logins(contract, who, what) == beyond


@pytest.mark.parametrize("contract", NAMES)
def test_each_contract_is_held_against_at_least_six_machines(contract):
    count = sum(param.values[0] == contract for param in REACHED)
    assert count >= 6 or contract == "laptop"


# --- demands on agents

READS = "files.never"
LOOSE = "require.autonomy.default require.sandbox"
READER = agent(
    shell(NO), reader(RUN, *(files(glob.replace("~", str(HOME)), NO) for glob in FORBIDDEN)), writer(NO), title="Reader"
)
KEEPS_TO_IT = agent(shell(ASK), reader(ASK, files(f"{HERE}/**", RUN)), writer(ASK, files(f"{HERE}/**", RUN)))
WANDERS = agent(shell(ASK), reader(RUN), writer(RUN))
SOCKET = HandleSeen(
    "handle.container-socket",
    Evidence(HOME / "docker.sock"),
    "connect unix:/home/ada/docker.sock",
    grants=(grant("HOST_ROOT", "ada", kind="this-machine"),),
)

ACTING = [
    ("agent-readonly", "it can only read, and no secrets", READER, ""),
    ("agent-readonly", "it asks before it acts", agent(shell(ASK), reader(NO)), f"require.autonomy.default {READS}"),
    ("agent-readonly", "it acts unasked", UNASKED, f"{LOOSE} {READS}"),
    ("agent-readonly", "it only reads, secrets too", agent(shell(NO), reader(RUN)), READS),
    (
        "agent-readonly",
        "a container makes no reader of it",
        agent(shell(RUN), isolated="devcontainer"),
        f"require.autonomy.isolated {READS}",
    ),
    ("agent-ticket", "it asks, and edits where it works", KEEPS_TO_IT, ""),
    ("agent-ticket", "it edits anywhere", WANDERS, "files.write"),
    ("agent-ticket", "it acts unasked in a container", agent(shell(RUN), isolated="devcontainer"), "files.write"),
    ("data", "it asks, and edits anywhere", WANDERS, ""),
    ("data", "it acts unasked", UNASKED, LOOSE),
    ("sre", "it asks, and edits anywhere", WANDERS, ""),
    ("sre", "it acts unasked in a sandbox", agent(shell(RUN, sandbox=BOX)), ""),
    ("contractor", "it asks, and keeps to the folder", KEEPS_TO_IT, ""),
    ("contractor", "it reads and edits anywhere", WANDERS, "files.read files.write"),
    ("ci-runner", "it acts unasked in a container", agent(shell(RUN), isolated="container"), ""),
    ("ci-runner", "nobody answers outside of one", ASKED, "require.autonomy.default"),
    ("ci-runner", "it only reads outside of one", DENIED, ""),
]


@pytest.mark.parametrize(
    ("contract", "fact", "who", "beyond"), ACTING, ids=lambda each: each if str(each) == each else ""
)
def test_how_freely_agents_act(contract, fact, who, beyond):
    assert of_agents(contract, who) == set(beyond.split())


# --- demands on credentials


def token(**time):
    return key(
        "T", grant("DATA_READ", "acme/web", kind=SOURCE), kind="github.fine-grained-token", lifetime=ends_in(**time)
    )


KEPT = [
    ("sre", login("DATA_READ", "production", lifetime=ends_in(hours=10)), "require.lifetime.production"),
    ("sre", login("DATA_READ", "production", lifetime=ends_in(hours=7)), ""),
    ("sre", login("DATA_READ", "production", protection=Protection.ENCRYPTED), "require.protection.production"),
    ("data", login("DATA_READ", "production", lifetime=ends_in(hours=13)), "require.lifetime.production"),
    ("data", login("DATA_READ", "production", lifetime=ends_in(hours=11), protection=Protection.ENCRYPTED), ""),
    ("data", login("DATA_READ", "staging", at=HERE / ".env"), ""),
    ("agent-readonly", login("DATA_READ", "staging", at=HERE / ".env"), ""),
    ("agent-ticket", token(days=20), ""),
    ("agent-ticket", token(days=60), "require.tokens.lifetime"),
    ("agent-readonly", token(days=60), ""),
    ("contractor", token(days=60), "require.tokens.lifetime"),
    ("contractor", login("DATA_READ", "staging", at=HERE / ".env"), "require.in_workspace.staging"),
    ("contractor", login("DATA_READ", "staging", protection=Protection.PLAINTEXT), "require.protection.staging"),
    ("ci-runner", token(hours=10), ""),
    ("ci-runner", token(days=2), "require.tokens.lifetime"),
    ("ci-runner", login("DATA_READ", "staging", protection=Protection.PLAINTEXT), ""),
    ("ci-runner", SOCKET, "allow never"),
    ("laptop", SOCKET, ""),
]


@pytest.mark.parametrize(("contract", "what", "beyond"), KEPT)
def test_how_credentials_are_kept(contract, what, beyond):
    assert of_logins(contract, ASKED, what) == set(beyond.split())


# --- one of your own that starts from it

OWN = b"""\
version: 1
name: T-123
extends: [agent-ticket]
until: 2026-12-31
ticket: {goal: stop duplicate invoices, repositories: [acme/billing]}
allow: [{capability: [DATA_READ, CODE_WRITE], asset: "github-repository:acme/billing"}]
"""


def own():
    return read(Document("T-123.yaml", OWN), found, TODAY)


@pytest.mark.parametrize(
    ("fact", "who", "what", "beyond"),
    [
        ("its repository is pushed to", UNASKED, login("CODE_WRITE", "acme/billing", SOURCE), set()),
        ("another is not", UNASKED, login("CODE_WRITE", "acme/web", SOURCE), {"allow"}),
        ("but where a person says so", ASKED, login("CODE_WRITE", "acme/web", SOURCE), set()),
        ("it speaks there as nobody", UNASKED, login("COMMS", "acme/billing", SOURCE), {"allow"}),
        ("staging stays allowed", UNASKED, login("DATA_WRITE", "staging"), set()),
        ("production stays closed", ASKED, login("DATA_READ", "production"), {"allow"}),
        ("so does what it bans", DENIED, login("IAM_ESCALATE", "production"), {"never"}),
    ],
)
def test_a_ticket_of_six_lines_opens_its_repository_and_nothing_else(fact, who, what, beyond):
    items = held(own(), who, what).items
    assert families(item for item in items if item.credential is not None) - {PROPOSED} == beyond


def test_a_ticket_of_six_lines_is_told_with_what_it_extends():
    contract = own()
    assert (contract.name, contract.until, contract.ticket.repositories) == (
        "T-123",
        date(2026, 12, 31),
        ("acme/billing",),
    )
    assert contract.stop_if == chosen("agent-ticket", TODAY).stop_if
    clauses = {each.id: each for each in held(contract, ASKED).held}
    assert "stop duplicate invoices" in clauses["ticket"].text
    assert clauses["ticket"].open


# --- laws over all of them

SAMPLES = ("aws-account:x", "package-registry:x", "keychain:x", "model-api:x")


def banned(contract, capability, asset, environment):
    """The weakest gate at which no line of `never` counts any more, REFUSED where one always does, None where none."""
    found = [each.gate or Gate.REFUSED for each in contract.never if matches(each, capability, asset, environment)]
    return min(found, key=lambda gate: gates()[gate].factor, default=None)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("environment", Environment)
def test_no_contract_bans_less_than_laptop(name, environment):
    laptop, other = chosen("laptop", TODAY), chosen(name, TODAY)
    for capability in Capability:
        for asset in SAMPLES:
            least = banned(laptop, capability, asset, environment)
            if least is not None:
                most = banned(other, capability, asset, environment)
                assert most is not None, (capability, asset)
                assert strong_enough(most, least), (capability, asset)


# Where one demands less than `laptop`, for the reason that stands in docs/shipped-contracts.md.
LESS = {
    "ci-runner": {"defaults", "protection"},
    "contractor": {"lifetime", "protection"},  # production is closed altogether
}


@pytest.mark.parametrize("name", NAMES)
def test_a_contract_demands_no_less_than_laptop_but_where_it_says_why(name):
    other = chosen(name, TODAY)
    both = united([chosen("laptop", TODAY), other]).require
    less = {key for key in both.__struct_fields__ if plain(getattr(both, key)) != plain(getattr(other.require, key))}
    assert less - LESS.get(name, set()) == set()


def plain(demand):
    """A demand without the line on which it stands."""
    return re.sub(r"where=Where\([^)]*\)", "", repr(demand))


def test_no_line_for_a_runner_rests_on_a_person():
    assert {each.gate for each in chosen("ci-runner", TODAY).allow} == {None, Gate.SERVER}
