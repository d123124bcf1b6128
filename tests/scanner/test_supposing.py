"""What is meant by an id: each kind of thing that a report names, thought away."""

import pytest

from scanner import assembly
from scanner.advice import advised
from scanner.answers import findings
from scanner.graph import identity_id
from scanner.model import CredentialSeen, Evidence, Fix, Identity, ServerSeen, Weakness
from scanner.supposing import supposed
from scanner.whatif import (
    AgentGone,
    AgentMended,
    CredentialGone,
    IdentityGone,
    Mended,
    RightGone,
    ServerGone,
    applied,
)
from tests.contracts import HOME, MACHINE, RUN, agent, grant, shell, whole

ADA = Identity("aws", "1", "user/ada")
KEY = CredentialSeen("test.key", Evidence(HOME / ".k", 1), public_id="K", identity=ADA, grants=(grant(),))
SERVER = ServerSeen(
    *("jira", "claude-code", "user", "stdio", "npx"), Evidence(HOME / ".claude.json", 3, key="mcpServers.jira")
)
WEAK = Weakness("ssh.forward-agent", "ssh forwards", Evidence(HOME / ".ssh" / "config", 2), "w", Fix("f"))
TEXT = "require: {autonomy: {default: supervised}, sandbox: true, private_keys: encrypted}"
JUDGED = whole(TEXT, agent(shell(RUN)), KEY, SERVER, WEAK)
CREDENTIAL = next(iter(JUDGED.graph.credentials))
ASSET = next(iter(JUDGED.graph.assets))
ITEMS = {item.clauses[0]: item.id for item in JUDGED.judgement.items}
PLACES = (WEAK.evidence,)
CAUSE = "require.private_keys"
[SEEN] = assembly.findings([WEAK], MACHINE)
[CONFIGURED] = assembly.servers([SERVER], MACHINE)

ROWS = {
    "credential": (CREDENTIAL, [CredentialGone(CREDENTIAL)]),
    "identity": (identity_id(ADA), [IdentityGone(identity_id(ADA))]),
    "asset": (ASSET, [RightGone(CREDENTIAL, ASSET)]),
    "exposure": (JUDGED.exposures[0].id, [RightGone(CREDENTIAL, ASSET)]),
    "agent": ("claude-code", [AgentGone("claude-code")]),
    "server": (CONFIGURED.id, [ServerGone("claude-code", "jira")]),
    "finding of a credential": (ITEMS["allow"], [CredentialGone(CREDENTIAL)]),
    "finding of settings": (ITEMS["require.autonomy.default"], [AgentMended("claude-code", ("ask", "sandbox"))]),
    "finding of a clause": (ITEMS[CAUSE], [Mended(CAUSE, (CAUSE,), PLACES)]),
    "clause": (CAUSE, [Mended(CAUSE, (CAUSE,), PLACES)]),
    "clause of an agent": ("require.sandbox", [AgentMended("claude-code", ("ask", "sandbox"))]),
    "weakness": (SEEN.id, [Mended(SEEN.id, (), PLACES)]),
    "upper bound": ("any-agent", []),
    "nothing": ("c-nowhere", []),
}


@pytest.mark.parametrize(("name", "wanted"), ROWS.values(), ids=ROWS)
def test_an_id_is_what_it_names(name, wanted):
    assert list(supposed(JUDGED, name)) == wanted


def test_a_step_is_all_that_it_does():
    for step in advised(JUDGED):
        assert supposed(JUDGED, step.draft.id) == step.draft.changes


def test_a_mended_item_is_none_any_more():
    for item in JUDGED.judgement.items:
        after = applied(JUDGED, supposed(JUDGED, item.id))
        assert item.id not in {each.id for each in findings(after.judgement, MACHINE)}
