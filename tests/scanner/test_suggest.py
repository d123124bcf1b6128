"""The smallest contract that covers what was used: what it allows, and the laws that make it that."""

from datetime import date, timedelta
from pathlib import PurePosixPath

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from scanner import engine
from scanner.config import Config
from scanner.contract.documents import Document
from scanner.contract.drafted import text_of_suggestion
from scanner.contract.grammar import agents
from scanner.contract.reading import read
from scanner.contract.shipped import shipped
from scanner.judgement import judge_all
from scanner.listed import Called, Entry, Lists
from scanner.model import (
    Asset,
    Capability,
    Confidence,
    CredentialSeen,
    Environment,
    Evidence,
    Gate,
    Grant,
    Protection,
    ServerSeen,
    UseKind,
    UseSeen,
)
from scanner.probe import probe
from scanner.suggest import Allowed, Suggestion, Wanted, beginnings, refused, suggested
from scanner.testing import NOW, TEST_KEY, fake_machine
from scanner.vault import Vault
from tests.contracts import ASK, NO, RUN, agent, caller, command, fetcher, reader, shell, writer

HOME = PurePosixPath("/home/ada")
SHOP = "~/src/shop"
MACHINE = fake_machine(workspace=SHOP)
LAPTOP = shipped()["laptop"]
ALL = frozenset(
    {
        *(Capability.DISCOVER, Capability.DATA_READ, Capability.DATA_WRITE, Capability.DATA_DESTROY),
        *(Capability.CODE_WRITE, Capability.PUBLISH, Capability.INFRA_MODIFY, Capability.SECRETS_READ),
    }
)
STAGES = {"dev.example.com": "development", "prod.example.com": "production", "staging.example.com/shop": "staging"}
CONFIG = Config(
    labels={
        "kubernetes-cluster:dev.example.com": Environment.DEVELOPMENT,
        "kubernetes-cluster:prod.example.com": Environment.PRODUCTION,
        "database:staging.example.com/shop": Environment.STAGING,
    }
)


def credential(kind, place, asset, *names, **more):
    grants = (Grant(asset, ALL, Confidence.VERIFIED, **more),)
    return CredentialSeen(kind, place, names=names, grants=grants, protection=Protection.PLAINTEXT)


KUBE = HOME / ".kube/config"
PROD = credential(
    "kubernetes.token", Evidence(KUBE, 6), Asset("kubernetes-cluster", "prod.example.com"), "context prod"
)
PROD_NOW = replace(PROD, names=("context prod", "current context"))
DEV = credential(
    *("kubernetes.token", Evidence(KUBE, 9), Asset("kubernetes-cluster", "dev.example.com")),
    *("context dev", "current context"),
)
DATABASE = credential("database.password", Evidence(HOME / ".pgpass", 1), Asset("database", "staging.example.com/shop"))
CLONE = Evidence(HOME / "src/shop/.git/config", 4, key="remote.origin.url")
ORIGIN = credential(
    *("github.classic-token", Evidence(HOME / ".git-credentials", 1), Asset("github-repository", "acme/shop")),
    evidence=CLONE,
)
OTHER = credential(
    *("github.classic-token", Evidence(HOME / ".git-credentials", 2), Asset("github-repository", "acme/other")),
    evidence=replace(CLONE, path=HOME / "src/other/.git/config"),
)
EVERY = (PROD, DEV, DATABASE, ORIGIN, OTHER)
AWS = credential("aws.access-key", Evidence(HOME / ".aws/credentials", 2), Asset("aws-account", "1"), "profile dev")
CLOUD = credential("digitalocean.token", Evidence(HOME / ".config/doctl/config.yaml", 2), Asset("host", "cloud"))
SIGNED = replace(DEV, evidence=Evidence(HOME / ".aws/credentials", 9), kind="aws.session-key", names=())
SECOND = replace(DEV, evidence=Evidence(KUBE, 12), names=("context second",))
TOOLS = (reader(RUN), writer(ASK), fetcher(ASK), caller(ASK))
CODEX = agent(shell(ASK), *TOOLS, id="codex", title="Codex")
OPEN, ASKING, CLOSED = (agent(shell(each), *TOOLS, folder=None) for each in (RUN, ASK, NO))


MINE = Wanted("mine", timedelta(days=30))
MISSING = "work that is not in it may be missing"


def use(subject, who="claude-code", *, what=UseKind.COMMAND, days=3, count=2, folder=SHOP):
    by = {"agent": who, "folder": folder, "sessions": count} if who else {"how": "you, in zsh"}
    where = Evidence(HOME / (".claude/s.jsonl" if who else ".zsh_history"))
    return UseSeen(subject, what, count, NOW - timedelta(days=days) if days else None, where, **by)


def looked(*seen):
    @probe(id="told", title="told", reads=())
    def told(_host):
        yield from seen

    return engine.look(MACHINE, (told,), Vault(TEST_KEY))


def made(*seen, include=(), since=30):
    """The suggestion, and the contract that it is."""
    subjects = [each.subject for each in seen if isinstance(each, UseSeen)]
    report = engine.tell(looked(*seen), Vault(TEST_KEY), engine.Judging(CONFIG, commands=beginnings(subjects)))
    told = suggested(report, Wanted("mine", timedelta(days=since), include), agents())
    return told, told and contract(text_of_suggestion(told, LAPTOP))


def contract(text):
    return read(Document("mine.yaml", text.encode()), lambda name, source: None, date(2026, 1, 1))


def allowed(*seen, **more):
    """The lines of `allow` in short: classes on assets, past which gate."""
    told, _ = made(*seen, **more)
    return {(" ".join(each.capabilities), " ".join(each.assets), each.gate) for each in told.allow}


DEV_READ = ("DISCOVER DATA_READ", "kubernetes-cluster:dev.example.com")
LINES = {
    "what ran unasked is allowed as it is": ((OPEN, DEV, use("kubectl get pods")), {(*DEV_READ, None)}),
    "what a person said yes to stays behind one": ((ASKING, DEV, use("kubectl get pods")), {(*DEV_READ, Gate.PROMPT)}),
    "what only a person did is behind one": ((OPEN, DEV, use("kubectl get pods", "")), {(*DEV_READ, Gate.PROMPT)}),
    "what an agent and a person did is as the agent did": (
        (OPEN, DEV, use("kubectl get pods", ""), use("kubectl get pods")),
        {(*DEV_READ, None)},
    ),
    "what settings refuse by now is not there": ((CLOSED, DEV, use("kubectl get pods")), set()),
    "production is left out": ((OPEN, PROD, use("kubectl get pods --context prod")), set()),
    "a context that is named is the one that is meant": (
        (OPEN, PROD, DEV, use("kubectl get pods --context dev")),
        {(*DEV_READ, None)},
    ),
    "a context that is not told is none": ((OPEN, PROD, DEV, use("kubectl get pods --context *", "")), set()),
    "a push is about the repository of its folder": (
        (OPEN, ORIGIN, OTHER, use("git push")),
        {("DATA_READ CODE_WRITE", "github-repository:acme/shop", None)},
    ),
    "what needs no login needs nothing": ((OPEN, ORIGIN, use("git status"), use("pytest")), set()),
    "what two agents did is as the one did that asks less": (
        (OPEN, CODEX, DEV, use("kubectl get pods"), use("kubectl get pods", "codex")),
        {(*DEV_READ, None)},
    ),
    "what two logins were used for is as the one was that asks less": (
        *((OPEN, CODEX, DEV, SECOND, use("kubectl get pods", "codex"), use("kubectl get pods --context second")),),
        {(*DEV_READ, None)},
    ),
    "what an agent may no longer is not there for another": (
        (OPEN, replace(CLOSED, agent="codex"), DEV, use("kubectl get pods", "codex"), use("ls")),
        set(),
    ),
    "without a name it is the current context": ((OPEN, PROD_NOW, SIGNED, use("kubectl get pods")), set()),
    "a name that no login has may be one of a cloud's": (
        (OPEN, PROD_NOW, SIGNED, use("kubectl get pods --context dev")),
        {(*DEV_READ, None)},
    ),
    "a program that has one login used it": (
        (OPEN, AWS, use("terraform plan")),
        {("DISCOVER DATA_READ", "aws-account:1", None)},
    ),
    "a program that has two providers' logins does not say which": ((OPEN, AWS, CLOUD, use("terraform plan")), set()),
    "a database that a client finds": (
        (ASKING, DATABASE, use("psql")),
        {("DISCOVER DATA_READ", "database:staging.example.com/shop", Gate.PROMPT)},
    ),
    "what says which it was not explains nothing": ((OPEN, DEV, DATABASE, ORIGIN, use("unheard-of")), set()),
}


@pytest.mark.parametrize("case", sorted(LINES))
def test_what_was_used_is_what_is_allowed(case):
    seen, expected = LINES[case]
    found = {
        (classes.replace("DISCOVER DATA_READ CODE_WRITE", "DATA_READ CODE_WRITE"), *rest)
        for classes, *rest in allowed(*seen)
    }
    assert found == expected


@pytest.mark.parametrize("named", ["production", "kubernetes-cluster:prod.*"])
def test_production_that_is_named_is_allowed(named):
    used = use("kubectl get pods --context prod")
    assert allowed(OPEN, PROD, used, include=(named,)) == {
        ("DISCOVER DATA_READ", "kubernetes-cluster:prod.example.com", None)
    }


def test_what_is_left_out_says_how_it_is_named():
    told, _ = made(OPEN, PROD, DEV, use("kubectl get pods --context prod"), use("kubectl get pods"))
    [left] = told.left_out
    assert left.include == "kubernetes-cluster:prod.example.com"
    assert left.sure
    assert "used 2 times, last 2026-11-18, by Claude Code" in left.why


def test_what_was_used_before_the_period_is_not_there():
    assert allowed(OPEN, DEV, use("kubectl get pods", days=40), use("ls")) == set()
    assert allowed(OPEN, DEV, use("kubectl get pods", days=40), since=90) == {(*DEV_READ, None)}


def test_without_any_use_there_is_no_suggestion():
    assert made(OPEN, DEV) == (None, None)
    assert made(OPEN, DEV, use("kubectl get", days=40)) == (None, None)


def test_how_little_was_seen_is_said():
    assert f"only 2 sessions of agents in that time: {MISSING}" in made(OPEN, DEV, use("kubectl get pods"))[0].warnings
    assert f"no session of agents in that time: {MISSING}" in made(OPEN, DEV, use("kubectl get pods", ""))[0].warnings


def test_it_is_for_whoever_was_seen_where():
    told, read_back = made(OPEN, agent(shell(RUN), id="codex", title="Codex"), DEV, use("ls"))
    assert (read_back.for_agents, read_back.for_workspaces) == (("claude-code",), (SHOP,))
    assert "here and not seen in use, so that the contract is not about them: Codex" in told.warnings


def test_what_was_named_and_not_used_is_said():
    told, _ = made(OPEN, DEV, use("kubectl get pods"), include=("production", "development"))
    assert [each for each in told.warnings if "--include" in each] == ["--include production: nothing of it was used"]


COMMANDS = {
    "git diff": "allow",
    "pytest": "allow",
    "npm test": "allow",
    "git push": "ask",  # it has options that run anything
    "python": "ask",
    "bash": "ask",
    "rm": "ask",
    "kubectl delete": "ask",
    "terraform destroy": "ask",
}


@pytest.mark.parametrize("line", sorted(COMMANDS))
def test_a_command_that_ran_unasked_may_unless_it_runs_anything_or_destroys(line):
    _, found = made(OPEN, use(line))
    listed = {"allow": found.commands.allow, "ask": found.commands.ask}
    assert [key for key, each in listed.items() if each is not None and line in each.items] == [COMMANDS[line]]


def test_a_command_that_a_person_was_asked_about_is_asked_about():
    policy = agent(shell(RUN, command("pytest", ASK), command("mypy", NO)), *TOOLS)
    _, found = made(policy, use("pytest"), use("ruff"), use("mypy"))
    assert (found.commands.allow.items, found.commands.ask.items) == (("ruff",), ("pytest",))


def test_a_command_that_only_ran_on_production_is_asked_about():
    _, found = made(OPEN, PROD, DEV, use("kubectl logs --context prod"), use("kubectl get pods --context dev"))
    assert (found.commands.allow.items, found.commands.ask.items) == (("kubectl get pods",), ("kubectl logs",))


def test_folders_that_were_worked_in_may_be_read_and_what_opens_production_there_never():
    secret = replace(PROD, evidence=Evidence(HOME / "src/shop/.env.production", 1), kind="generic.key")
    _, found = made(ASKING, secret, use("ls"), use("ls", folder="~/src/shop/web"), use("ls", folder="~/src/[x]"))
    assert found.files.read.items == ("~/src/?x?/**", "~/src/shop/**")
    assert found.files.ask.items == found.files.read.items
    assert found.files.never.items == ("~/src/shop/.env.production",)
    assert made(OPEN, use("ls"))[1].files.write.items == ("~/src/shop/**",)


def test_a_server_that_was_called_is_there_and_its_tools_where_they_ask_nobody():
    place = Evidence(HOME / ".claude.json", key="mcpServers.linear")
    server = ServerSeen("linear", "claude-code", "user", "stdio", "npx", place, approved=("list_issues",))
    idle = replace(server, name="idle", evidence=replace(place, key="mcpServers.idle"))
    calls = [use(f"linear/{tool}", what=UseKind.TOOL) for tool in ("list_issues", "create_issue")]
    assert made(OPEN, server, idle, *calls)[1].mcp == {"linear": ("list_issues",)}


def test_hosts_are_those_that_were_reached_unasked():
    fetching = agent(shell(ASK), reader(RUN), fetcher(RUN))
    hosts = [use(host, what=UseKind.HOST) for host in ("docs.example.com", "prod.example.com")]
    assert made(fetching, PROD, *hosts)[1].network.items == ("docs.example.com",)
    assert made(ASKING, *hosts)[1].network is None


def test_a_host_that_only_a_command_reached_is_there_where_the_command_runs_unasked():
    fetching = agent(shell(RUN, command("curl", ASK)), reader(RUN), fetcher(RUN))
    hosts = [
        replace(use(host, what=UseKind.HOST), how=how)
        for host, how in (("slack.com", "curl"), ("git.example.com", "git"), ("x.example.com", "a command"))
    ]
    found = made(fetching, use("curl"), use("git diff"), *hosts)[1]
    assert (found.commands.ask.items, found.network.items) == (("curl",), ("git.example.com",))


def test_a_login_that_was_used_before_the_period_is_not_told_as_unexplained():
    key = replace(DATABASE, evidence=Evidence(HOME / "src/shop/.env", 3), kind="sendgrid.key")
    told, _ = made(OPEN, key, use("ls"), use("~/src/shop/.env", what=UseKind.FILE, days=40))
    assert not [each for each in told.lost if "what for is not known" in each]


def test_a_file_that_was_read_is_told_and_nothing_is_allowed_for_it():
    key = replace(DATABASE, evidence=Evidence(HOME / "src/shop/.env", 3), kind="sendgrid.key")
    told, _ = made(OPEN, key, use("~/src/shop/.env", what=UseKind.FILE))
    assert told.allow == ()
    assert any("what for is not known; nothing on database:staging" in each for each in told.lost)


def test_what_laptop_bans_and_demands_is_there_and_what_it_allows_is_not():
    _, found = made(OPEN, DEV, use("kubectl get pods"))
    assert [replace(each, where=None) for each in found.never] == [replace(each, where=None) for each in LAPTOP.never]
    assert found.require.autonomy.by_environment == LAPTOP.require.autonomy.by_environment
    assert len(found.allow) == 1
    assert found.until == (NOW + timedelta(days=90)).date()


# laws

USES = st.builds(
    use,
    st.sampled_from(
        [
            *(
                "kubectl get pods",
                "kubectl delete pod --context dev",
                "kubectl apply --context prod",
                "git push",
                "psql",
            ),
            *("kubectl get secret --context *", "git pull", "terraform plan", "ls", "gh pr create", "helm upgrade"),
        ]
    ),
    st.sampled_from(["claude-code", "codex", ""]),
    folder=st.sampled_from([SHOP, "~/src/other", None]),
    days=st.sampled_from([0, 3, 40]),
)
POLICIES = st.sampled_from([RUN, ASK, NO]).map(lambda each: (shell(each), *TOOLS))
MACHINES = st.tuples(
    POLICIES.map(lambda each: agent(*each)),
    POLICIES.map(lambda each: agent(*each, id="codex", title="Codex")),
    st.lists(st.sampled_from(EVERY), unique=True, max_size=5),
    st.lists(USES, min_size=1, max_size=6, unique_by=lambda each: (each.subject, each.agent, each.folder)),
).map(lambda parts: (parts[0], parts[1], *parts[2], *parts[3]))


def beyond(found, seen):
    """The exposures that nothing allows."""
    judgement = judge_all(looked(*seen).observations, MACHINE, CONFIG, (found,)).judgement
    broken = [each for item in judgement.items for each in item.broken if each.exposure is not None]
    return judgement, {each.exposure.id for each in broken if each.clause == "allow"}


@settings(max_examples=25)
@given(MACHINES)
def test_it_covers_what_was_used_and_no_line_can_be_spared(seen):
    told, found = made(*seen)
    if told is None:
        return
    judgement, rest = beyond(found, seen)
    assert refused(told, judgement) == frozenset()
    assert rest.isdisjoint(told.covered)
    for number in range(len(found.allow)):
        less = replace(found, allow=found.allow[:number] + found.allow[number + 1 :])
        assert beyond(less, seen)[1] & set(told.covered)


@settings(max_examples=25)
@given(MACHINES, st.randoms())
def test_production_is_never_in_it_and_order_does_not_matter(seen, random):
    told, found = made(*seen)
    if told is None:
        return
    report = engine.tell(looked(*seen), Vault(TEST_KEY), engine.Judging(CONFIG))
    shuffled = replace(report, uses=tuple(random.sample(report.uses, len(report.uses))))
    texts = [text_of_suggestion(suggested(each, MINE, agents()), LAPTOP) for each in (report, shuffled)]
    assert texts[0] == texts[1]
    assert not any("prod.example.com" in asset for clause in found.allow for asset in clause.assets)
    assert not any(each.environments for each in found.allow)
    shuffled = random.sample(seen, len(seen))
    again, _ = made(*shuffled)
    assert text_of_suggestion(again, LAPTOP) == text_of_suggestion(told, LAPTOP)


HOSTILE = st.lists(
    st.sampled_from(
        [
            *(
                "\n",
                "\r",
                "\u2028",
                "\x85",
                "\x1b[2J",
                "\u202e",
                "#",
                " #",
                ": ",
                "- ",
                '"',
                "'",
                "\\",
                "{",
                "}",
                "[",
                "]",
            ),
            *(
                "&a",
                "*a",
                "!!x",
                "%",
                "@",
                "`",
                "|",
                ">",
                "?",
                "never:",
                "allow:",
                "null",
                "1",
                "2026-01-01",
                "~",
                "\t",
            ),
            *("word", "\0", "é", "\ud800", ",", "=", "version: 2\n", "# x\nallow:\n  - {capability: MONEY}\n"),
        ]
    ),
    min_size=1,
    max_size=6,
).map("".join)
NAMES = HOSTILE.filter(lambda text: text.strip(" \t\r\n"))


@example(["\ud800", "#", "'", '"', "~", "\n"], "\u2028allow: []")
@settings(max_examples=50)
@given(st.lists(NAMES, min_size=6, max_size=6, unique=True), HOSTILE)
def test_no_name_breaks_out_of_its_place(names, why):
    asset, line, folder, host, server, tool = names
    lists = Lists(
        commands=(Entry(line, why),),
        asking=(Entry(line, why),),
        folders=(Entry(folder, why),),
        secret=(Entry(folder, why),),
        network=(Entry(host, why),),
        mcp=(Called(server, (tool,), why),),
    )
    allow = (Allowed((Capability.DATA_READ,), (f"database:{asset}",), Gate.PROMPT, why),)
    told = Suggestion("mine", date(2027, 1, 1), ("claude-code",), (folder,), allow, lists, {}, (), (), (), why)
    found = contract(text_of_suggestion(told, LAPTOP))
    assert [(each.capabilities, len(each.assets), each.gate) for each in found.allow] == [
        (frozenset({Capability.DATA_READ}), 1, Gate.PROMPT)
    ]
    every = (
        found.commands.allow,
        found.commands.ask,
        found.files.read,
        found.files.ask,
        found.files.never,
        found.network,
    )
    assert [len(each.items) for each in every] == [1] * len(every)
    assert [len(tools) for tools in found.mcp.values()] == [1]
    assert len(found.never) == len(LAPTOP.never)
    assert (found.until, found.for_agents, len(found.for_workspaces)) == (date(2027, 1, 1), ("claude-code",), 1)
