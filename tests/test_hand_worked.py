"""Small machines, each with all that is reckoned on paper: every way and its score, verdicts, figures, excess.

Score of a way = impact x environment x gate x what is left of its life x confidence. Of the classes the strongest M
counts, and the others fill half of what it leaves: T = M + .5 x (1 - M) x (1 - product of (1 - v x v)), where a crowd
in one class adds v x .15 x log10(sum / v) / 3. Severity = 100 x impact x environment, an unknown one as production
where nothing can be undone: critical from 65, high from 45, medium from 25. Urgent (marked !): high or more, granted
or verified, nobody asked. The contract is the one that is shipped, `laptop`.
"""

from functools import cache

import pytest
from msgspec import Struct

from probes import BUILTIN
from scanner.cli.contracts import chosen
from scanner.config import Config
from scanner.data.verdicts import questions
from scanner.engine import scan
from scanner.model import Capability
from scanner.model.report import Report
from scanner.principals import ANY_AGENT
from scanner.testing import NOW, TEST_KEY
from scanner.vault import Vault
from tests.hand_worked import CASES

CLAUDE = "claude-code"
BOTH = (ANY_AGENT, CLAUDE)
ADMIN_STEP = "aws iam list-attached-user-policies"


class Opens(Struct, frozen=True):
    """What one credential opens on one asset: environment and confidence, the gates of any-agent and of claude-code.

    A row of `classes`: its class and impact, severity, the score of any-agent's way and of claude-code's.
    """

    kind: str
    asset: str
    known: str
    gates: str
    classes: str

    def rows(self) -> list[tuple[object, ...]]:
        """One row for each way, as `seen` tells it of a report."""
        environment, confidence = self.known.split()
        found: list[tuple[object, ...]] = []
        for line in self.classes.strip().splitlines():
            class_, _, level, *scores = line.split()
            for principal, gate, score in zip(BOTH, self.gates.split(), scores, strict=True):
                told = (level.rstrip("!"), level.endswith("!"), gate, float(score))
                found.append((self.kind, self.asset, environment, confidence, class_, principal, *told))
        return found


class Paper(Struct, frozen=True):
    """All of one machine: `verdicts` are "question answer gate", of both or by principal, the others "none found".

    `figures` are (score, ceiling) by principal, `excess` (items, score), `causes` the kinds of the credentials and the
    agents that are beyond the contract.
    """

    opens: tuple[Opens, ...]
    verdicts: dict[str, str]
    figures: dict[str, tuple[int, int]]
    excess: tuple[int, int]
    causes: frozenset[str]
    step: str = ""


def both(verdicts: str) -> dict[str, str]:
    """The same answers of any-agent and of claude-code."""
    return dict.fromkeys(BOTH, verdicts)


PAPER = {
    "volume_and_backups": Paper(
        (
            Opens(  # impact x unknown .8 x granted .9 = x .72; none
                "railway.account-token",
                "railway-account:railway",
                "unknown granted",
                "none none",
                """
                IRRECOVERABLE    1    critical! .72     .72
                RECOVERY_DESTROY .8   critical! .576    .576
                EXEC_REMOTE      .8   high!     .576    .576
                MONEY            .8   critical! .576    .576
                SECRETS_READ     .75  high!     .54     .54
                DATA_DESTROY     .7   critical! .504    .504
                INFRA_MODIFY     .7   high!     .504    .504
                DATA_WRITE       .5   medium    .36     .36
                DATA_READ        .35  medium    .252    .252
                """,
            ),
        ),
        # granted, and the provider cannot narrow it: yes, though nobody said which stage it is
        both(
            """
            destroy-production yes none
            destroy-backups yes none
            leak yes none
            run-elsewhere yes none
            speak-or-spend yes none
            """
        ),
        # .72; .576 .576 .576 .54 .504 .504 .36 .252 fill .90412: .72 + .14 x .90412 = .846577
        {ANY_AGENT: (85, 100), CLAUDE: (85, 100)},
        # every class of it is beyond: 85. And an agent that asks nobody
        (2, 85),
        frozenset({"railway.account-token", CLAUDE}),
    ),
    "empty": Paper(
        (),
        {},
        {ANY_AGENT: (0, 0), CLAUDE: (0, 0)},
        (0, 0),
        frozenset(),
    ),
    "keeps_its_contract": Paper(
        (
            Opens(  # impact x development .35 x inferred .7 = x .245; any-agent none, claude-code os-blocked x 0
                "database.password",
                "database:database",
                "development inferred",
                "none os-blocked",
                """
                DATA_DESTROY     .7   low       .1715   0
                DATA_WRITE       .5   low       .1225   0
                DATA_READ        .35  low       .08575  0
                """,
            ),
            Opens(  # impact x staging .5 x possible .4 = x .2; any-agent presence x .5, claude-code os-blocked x 0
                "aws.sso-profile",
                "aws-account:444455556666",
                "staging possible",
                "presence os-blocked",
                """
                IRRECOVERABLE    1    high      .1      0
                IAM_ESCALATE     .95  high      .095    0
                PUBLISH          .85  medium    .085    0
                RECOVERY_DESTROY .8   medium    .08     0
                EXEC_REMOTE      .8   medium    .08     0
                MONEY            .8   medium    .08     0
                SECRETS_READ     .75  medium    .075    0
                DATA_DESTROY     .7   medium    .07     0
                INFRA_MODIFY     .7   medium    .07     0
                DEFENSE_IMPAIR   .6   medium    .06     0
                CODE_WRITE       .55  medium    .055    0
                DATA_WRITE       .5   medium    .05     0
                COMMS            .45  low       .045    0
                DATA_READ        .35  low       .035    0
                DISCOVER         .05  low       .005    0
                """,
            ),
            Opens(  # impact x unknown .8 x possible .4 = x .32; any-agent presence x .5, claude-code os-blocked x 0
                "handle.ssh-agent",
                "git-host:github.com",
                "unknown possible",
                "presence os-blocked",
                """
                CODE_WRITE       .55  medium    .088    0
                DATA_READ        .35  medium    .056    0
                """,
            ),
            Opens(  # impact x unknown .8 x possible .4 = x .32; any-agent presence x .5, claude-code os-blocked x 0
                "handle.ssh-agent",
                "github-repository:acme/orders",
                "unknown possible",
                "presence os-blocked",
                """
                CODE_WRITE       .55  medium    .088    0
                DATA_READ        .35  medium    .056    0
                """,
            ),
        ),
        # behind a touch and a sign-in nobody knows what there is; inside the sandbox nothing
        {
            ANY_AGENT: """
            leak undecided presence
            ship-code undecided presence
            escalate undecided presence
            run-elsewhere undecided presence
            speak-or-spend undecided presence
            tamper undecided presence
            """
        },
        # DATA_DESTROY .1715 and .07: log10(.2415 / .1715) / 3 x .15 = .007433: .172775; the others fill .088804:
        # .172775 + .413613 x .088804 = .209505. Ceiling: CODE_WRITE .55 twice and .275: log10(2.5) / 3 x .15 = .019897:
        # .560943; the others fill .868913: .560943 + .219529 x .868913 = .751694
        {ANY_AGENT: (21, 75), CLAUDE: (0, 0)},
        (0, 0),
        frozenset(),
    ),
    "administrators_key": Paper(
        (
            Opens(  # impact x production 1 x inferred .7 = x .7; none
                "aws.access-key",
                "aws-account:210987654321",
                "production inferred",
                "none none",
                """
                IRRECOVERABLE    1    critical  .7      .7
                IAM_ESCALATE     .95  critical  .665    .665
                PUBLISH          .85  critical  .595    .595
                RECOVERY_DESTROY .8   critical  .56     .56
                EXEC_REMOTE      .8   critical  .56     .56
                MONEY            .8   critical  .56     .56
                SECRETS_READ     .75  critical  .525    .525
                DATA_DESTROY     .7   critical  .49     .49
                INFRA_MODIFY     .7   critical  .49     .49
                DEFENSE_IMPAIR   .6   high      .42     .42
                CODE_WRITE       .55  high      .385    .385
                DATA_WRITE       .5   high      .35     .35
                COMMS            .45  high      .315    .315
                DATA_READ        .35  medium    .245    .245
                DISCOVER         .05  low       .035    .035
                """,
            ),
        ),
        # inferred: likely, and nobody is asked; the key's own text is read, and so it leaks
        both(
            """
            destroy-production likely none
            destroy-backups likely none
            leak yes none
            ship-code likely none
            escalate likely none
            run-elsewhere likely none
            speak-or-spend likely none
            tamper likely none
            """
        ),
        # .70; .665 .595 .56 .56 .56 .525 .49 .49 .42 .385 .35 .315 .245 .035 fill .974627
        # .70 + .15 x .974627 = .846194
        {ANY_AGENT: (85, 100), CLAUDE: (85, 100)},
        # all but DISCOVER, whose .035 fills nothing that is seen: 85. And an agent that asks nobody
        (2, 85),
        frozenset({"aws.access-key", CLAUDE}),
    ),
    "key_of_unknown_rights": Paper(
        (
            Opens(  # impact x unknown .8 x possible .4 = x .32; any-agent none, claude-code prompt x .6
                "aws.access-key",
                "aws-account:123456789012",
                "unknown possible",
                "none prompt",
                """
                IRRECOVERABLE    1    critical  .32     .192
                IAM_ESCALATE     .95  critical  .304    .1824
                PUBLISH          .85  critical  .272    .1632
                RECOVERY_DESTROY .8   critical  .256    .1536
                EXEC_REMOTE      .8   high      .256    .1536
                MONEY            .8   critical  .256    .1536
                SECRETS_READ     .75  high      .24     .144
                DATA_DESTROY     .7   critical  .224    .1344
                INFRA_MODIFY     .7   high      .224    .1344
                DEFENSE_IMPAIR   .6   high      .192    .1152
                CODE_WRITE       .55  medium    .176    .1056
                DATA_WRITE       .5   medium    .16     .096
                COMMS            .45  medium    .144    .0864
                DATA_READ        .35  medium    .112    .0672
                DISCOVER         .05  low       .016    .0096
                """,
            ),
        ),
        # possible: undecided whoever is asked; its text is read after a yes
        {
            ANY_AGENT: """
            destroy-production undecided none
            destroy-backups undecided none
            leak yes none
            ship-code undecided none
            escalate undecided none
            run-elsewhere undecided none
            speak-or-spend undecided none
            tamper undecided none
                """,
            CLAUDE: """
            destroy-production undecided prompt
            destroy-backups undecided prompt
            leak if-approved prompt
            ship-code undecided prompt
            escalate undecided prompt
            run-elsewhere undecided prompt
            speak-or-spend undecided prompt
            tamper undecided prompt
                """,
        },
        # any-agent: .32, the others fill .487398: .32 + .34 x .487398 = .485715
        # claude-code: .192, the others fill .210072: .192 + .404 x .210072 = .276869
        {ANY_AGENT: (49, 100), CLAUDE: (28, 100)},
        # a static key of a cloud has no end; the worst that it may open, behind a prompt: .192
        (1, 19),
        frozenset({"aws.access-key"}),
        step=ADMIN_STEP,
    ),
    "read_only_role": Paper(
        (
            Opens(  # impact x production 1 x left .85 x inferred .7 = x .595; none
                "aws.session-key",
                "aws-account:210987654321",
                "production inferred",
                "none none",
                """
                DATA_READ        .35  medium    .20825  .20825
                DISCOVER         .05  low       .02975  .02975
                """,
            ),
        ),
        # its text is read unasked
        both("leak yes none"),
        # .20825 + .5 x .79175 x .02975^2 = .2086; ceiling .35 + .5 x .65 x .05^2 = .350812
        {ANY_AGENT: (21, 35), CLAUDE: (21, 35)},
        # production is read unasked, by a key in plain text; and an agent that asks nobody
        (2, 21),
        frozenset({"aws.session-key", CLAUDE}),
    ),
    "key_of_staging": Paper(
        (
            Opens(  # impact x staging .5 x possible .4 = x .2; none
                "aws.access-key",
                "aws-account:123456789012",
                "staging possible",
                "none none",
                """
                IRRECOVERABLE    1    high      .2      .2
                IAM_ESCALATE     .95  high      .19     .19
                PUBLISH          .85  medium    .17     .17
                RECOVERY_DESTROY .8   medium    .16     .16
                EXEC_REMOTE      .8   medium    .16     .16
                MONEY            .8   medium    .16     .16
                SECRETS_READ     .75  medium    .15     .15
                DATA_DESTROY     .7   medium    .14     .14
                INFRA_MODIFY     .7   medium    .14     .14
                DEFENSE_IMPAIR   .6   medium    .12     .12
                CODE_WRITE       .55  medium    .11     .11
                DATA_WRITE       .5   medium    .1      .1
                COMMS            .45  low       .09     .09
                DATA_READ        .35  low       .07     .07
                DISCOVER         .05  low       .01     .01
                """,
            ),
        ),
        # staging is no production; the key's own text leaks all the same
        both(
            """
            leak yes none
            ship-code undecided none
            escalate undecided none
            run-elsewhere undecided none
            speak-or-spend undecided none
            tamper undecided none
            """
        ),
        # .20, the others fill .225946: .20 + .40 x .225946 = .290378
        # ceiling: .50, the others (.475 .425 .40 .40 .40 ...) fill .819504: .50 + .25 x .819504 = .704876
        {ANY_AGENT: (29, 70), CLAUDE: (29, 70)},
        # staging is for breaking; an agent that asks nobody is an item, and adds no score
        (1, 0),
        frozenset({CLAUDE}),
        step=ADMIN_STEP,
    ),
    "expired_sign_in": Paper(
        (
            Opens(  # impact x production 1 x inferred .7 = x .7; presence x .5
                "aws.sso-profile",
                "aws-account:210987654321",
                "production inferred",
                "presence presence",
                """
                IRRECOVERABLE    1    critical  .35     .35
                IAM_ESCALATE     .95  critical  .3325   .3325
                PUBLISH          .85  critical  .2975   .2975
                RECOVERY_DESTROY .8   critical  .28     .28
                EXEC_REMOTE      .8   critical  .28     .28
                MONEY            .8   critical  .28     .28
                SECRETS_READ     .75  critical  .2625   .2625
                DATA_DESTROY     .7   critical  .245    .245
                INFRA_MODIFY     .7   critical  .245    .245
                DEFENSE_IMPAIR   .6   high      .21     .21
                CODE_WRITE       .55  high      .1925   .1925
                DATA_WRITE       .5   high      .175    .175
                COMMS            .45  high      .1575   .1575
                DATA_READ        .35  medium    .1225   .1225
                DISCOVER         .05  low       .0175   .0175
                """,
            ),
            Opens(  # impact x production 1 x left .05 x inferred .7 = x .035; none
                "aws.sso-session",
                "aws-account:210987654321",
                "production inferred",
                "none none",
                """
                IRRECOVERABLE    1    low       .035    .035
                IAM_ESCALATE     .95  low       .03325  .03325
                PUBLISH          .85  low       .02975  .02975
                RECOVERY_DESTROY .8   low       .028    .028
                EXEC_REMOTE      .8   low       .028    .028
                MONEY            .8   low       .028    .028
                SECRETS_READ     .75  low       .02625  .02625
                DATA_DESTROY     .7   low       .0245   .0245
                INFRA_MODIFY     .7   low       .0245   .0245
                DEFENSE_IMPAIR   .6   low       .021    .021
                CODE_WRITE       .55  low       .01925  .01925
                DATA_WRITE       .5   low       .0175   .0175
                COMMS            .45  low       .01575  .01575
                DATA_READ        .35  low       .01225  .01225
                DISCOVER         .05  low       .00175  .00175
                """,
            ),
            Opens(  # impact x unknown .8 x left .05 x possible .4 = x .016; none
                "aws.sso-session",
                "aws-sso:https://acme.awsapps.com/start",
                "unknown possible",
                "none none",
                """
                IRRECOVERABLE    1    low       .016    .016
                IAM_ESCALATE     .95  low       .0152   .0152
                PUBLISH          .85  low       .0136   .0136
                RECOVERY_DESTROY .8   low       .0128   .0128
                EXEC_REMOTE      .8   low       .0128   .0128
                MONEY            .8   low       .0128   .0128
                SECRETS_READ     .75  low       .012    .012
                DATA_DESTROY     .7   low       .0112   .0112
                INFRA_MODIFY     .7   low       .0112   .0112
                DEFENSE_IMPAIR   .6   low       .0096   .0096
                CODE_WRITE       .55  low       .0088   .0088
                DATA_WRITE       .5   low       .008    .008
                COMMS            .45  low       .0072   .0072
                DATA_READ        .35  low       .0056   .0056
                DISCOVER         .05  low       .0008   .0008
                """,
            ),
        ),
        # a person must sign in; what lies in the file has ended, and is no leak
        both(
            """
            destroy-production if-approved presence
            destroy-backups if-approved presence
            leak if-approved presence
            ship-code if-approved presence
            escalate if-approved presence
            run-elsewhere if-approved presence
            speak-or-spend if-approved presence
            tamper if-approved presence
            """
        ),
        # three of each class: .35, .035, .016, so log10(.401 / .35) / 3 x .15 = .002954: .351034; the others, each x
        # 1.002954, fill .554882: .351034 + .324483 x .554882 = .531084
        {ANY_AGENT: (53, 100), CLAUDE: (53, 100)},
        # below server: .35 .3325 .28 .28, and DEFENSE_IMPAIR .21; presence is enough for PUBLISH, prompt for the rest
        # .35 + .325 x (1 - .889444 x .9216^2 x .9559) = .35 + .325 x .277869 = .440307. And an agent that asks nobody
        (2, 44),
        frozenset({"aws.sso-profile", CLAUDE}),
    ),
    "key_in_hardware": Paper(
        (
            Opens(  # impact x production 1 x inferred .7 = x .7; presence x .5
                "ssh.private-key",
                "ssh-host:web-1.prod.example.com",
                "production inferred",
                "presence presence",
                """
                EXEC_REMOTE      .8   critical  .28     .28
                DATA_READ        .35  medium    .1225   .1225
                """,
            ),
            Opens(  # impact x production 1 x possible .4 = x .4; presence x .5
                "ssh.private-key",
                "ssh-host:web-1.prod.example.com",
                "production possible",
                "presence presence",
                """
                SECRETS_READ     .75  critical  .15     .15
                """,
            ),
        ),
        # the file holds no key to read; what the host has is read after a touch
        both("leak if-approved presence, run-elsewhere if-approved presence"),
        # .28 + .36 x (1 - .9775 x .984994) = .28 + .36 x .037169 = .293381
        # ceiling: .80 + .10 x (1 - .4375 x .8775) = .80 + .10 x .616094 = .861609
        {ANY_AGENT: (29, 86), CLAUDE: (29, 86)},
        # presence stands before production; only the agent that asks nobody is too much
        (1, 0),
        frozenset({CLAUDE}),
    ),
    "key_behind_a_passphrase_and_loaded": Paper(
        (
            Opens(  # impact x production 1 x inferred .7 = x .7; none
                "handle.ssh-agent",
                "ssh-host:web-1.prod.example.com",
                "production inferred",
                "none none",
                """
                EXEC_REMOTE      .8   critical  .56     .56
                DATA_READ        .35  medium    .245    .245
                """,
            ),
            Opens(  # impact x production 1 x possible .4 = x .4; none
                "handle.ssh-agent",
                "ssh-host:web-1.prod.example.com",
                "production possible",
                "none none",
                """
                SECRETS_READ     .75  critical  .3      .3
                """,
            ),
            Opens(  # impact x production 1 x inferred .7 = x .7; presence x .5
                "ssh.private-key",
                "ssh-host:web-1.prod.example.com",
                "production inferred",
                "presence presence",
                """
                EXEC_REMOTE      .8   critical  .28     .28
                DATA_READ        .35  medium    .1225   .1225
                """,
            ),
            Opens(  # impact x production 1 x possible .4 = x .4; presence x .5
                "ssh.private-key",
                "ssh-host:web-1.prod.example.com",
                "production possible",
                "presence presence",
                """
                SECRETS_READ     .75  critical  .15     .15
                """,
            ),
        ),
        # by the socket nobody is asked
        both("leak likely none, run-elsewhere likely none"),
        # .56 and .28: log10(1.5) / 3 x .15 = .008805: .564931; SECRETS_READ .302641, DATA_READ .247157 fill .147083
        # .564931 + .217535 x .147083 = .596926
        # ceiling, twice each: x 1.015051: .812041; .761289 .355268 fill .632626: .812041 + .093980 x .632626 = .871495
        {ANY_AGENT: (60, 87), CLAUDE: (60, 87)},
        # code and data of production unasked: .56 + .22 x .245^2 = .573206. And an agent that asks nobody
        (2, 57),
        frozenset({"handle.ssh-agent", CLAUDE}),
    ),
    "rootful_socket": Paper(
        (
            Opens(  # impact x workstation .6 x verified 1 = x .6; none
                "handle.container-socket",
                "this-machine:testbed",
                "workstation verified",
                "none none",
                """
                HOST_ROOT        .85  high!     .51     .51
                SECRETS_READ     .75  high!     .45     .45
                PERSIST          .6   medium    .36     .36
                """,
            ),
        ),
        # root reads what the machine's other users keep
        both("leak yes none, escalate yes none, tamper yes none"),
        # .51 + .245 x (1 - .7975 x .8704) = .51 + .245 x .305856 = .584935; nothing of it is unknown
        {ANY_AGENT: (58, 58), CLAUDE: (58, 58)},
        # all three unasked: .584935. And an agent that asks nobody
        (2, 58),
        frozenset({"handle.container-socket", CLAUDE}),
    ),
    "rootful_socket_before_a_sandbox": Paper(
        (
            Opens(  # impact x workstation .6 x verified 1 = x .6; any-agent none, claude-code os-blocked x 0
                "handle.container-socket",
                "this-machine:testbed",
                "workstation verified",
                "none os-blocked",
                """
                HOST_ROOT        .85  high      .51     0
                SECRETS_READ     .75  high      .45     0
                PERSIST          .6   medium    .36     0
                """,
            ),
        ),
        # no unix socket is open inside, and nothing runs outside
        {ANY_AGENT: "leak yes none, escalate yes none, tamper yes none"},
        {ANY_AGENT: (58, 58), CLAUDE: (0, 0)},
        (0, 0),
        frozenset(),
    ),
    "rootless_socket": Paper(
        (
            Opens(  # impact x workstation .6 x possible .4 = x .24; any-agent none, claude-code prompt x .6
                "handle.container-socket",
                "this-machine:testbed",
                "workstation possible",
                "none prompt",
                """
                PERSIST          .6   medium    .144    .0864
                """,
            ),
        ),
        {ANY_AGENT: "tamper undecided none", CLAUDE: "tamper undecided prompt"},
        # one way each: .144, .0864; ceiling .36
        {ANY_AGENT: (14, 36), CLAUDE: (9, 36)},
        (0, 0),
        frozenset(),
    ),
    "classic_token": Paper(
        (
            Opens(  # impact x unknown .8 x inferred .7 = x .56; none
                "github.classic-token",
                "github-account:github.com",
                "unknown inferred",
                "none none",
                """
                CODE_WRITE       .55  medium    .308    .308
                COMMS            .45  medium    .252    .252
                DATA_READ        .35  medium    .196    .196
                """,
            ),
            Opens(  # impact x unknown .8 x possible .4 = x .32; none
                "github.classic-token",
                "github-account:github.com",
                "unknown possible",
                "none none",
                """
                IRRECOVERABLE    1    critical  .32     .32
                IAM_ESCALATE     .95  critical  .304    .304
                PUBLISH          .85  critical  .272    .272
                RECOVERY_DESTROY .8   critical  .256    .256
                EXEC_REMOTE      .8   high      .256    .256
                MONEY            .8   critical  .256    .256
                SECRETS_READ     .75  high      .24     .24
                DATA_DESTROY     .7   critical  .224    .224
                INFRA_MODIFY     .7   high      .224    .224
                DEFENSE_IMPAIR   .6   high      .192    .192
                PERSIST          .6   high      .192    .192
                DATA_WRITE       .5   medium    .16     .16
                DISCOVER         .05  low       .016    .016
                """,
            ),
        ),
        # pushing and speaking are inferred, all else possible; the token's own text leaks
        both(
            """
            destroy-production undecided none
            destroy-backups undecided none
            leak yes none
            ship-code likely none
            escalate undecided none
            run-elsewhere undecided none
            speak-or-spend likely none
            tamper undecided none
            """
        ),
        # .32, the others (.308 .304 .272 .256 .256 .256 .252 .24 ...) fill .57054: .32 + .34 x .57054 = .513984
        {ANY_AGENT: (51, 100), CLAUDE: (51, 100)},
        # COMMS unasked, .252; and a token without scope and end, by the worst that it may open, .32:
        # .32 + .34 x .252^2 = .341591. And an agent that asks nobody
        (2, 34),
        frozenset({"github.classic-token", CLAUDE}),
        step="armslength scan --live=github",
    ),
    "classic_token_before_a_sandbox": Paper(
        (
            Opens(  # impact x unknown .8 x inferred .7 = x .56; any-agent none, claude-code os-blocked x 0
                "github.classic-token",
                "github-account:github.com",
                "unknown inferred",
                "none os-blocked",
                """
                CODE_WRITE       .55  medium    .308    0
                COMMS            .45  medium    .252    0
                DATA_READ        .35  medium    .196    0
                """,
            ),
            Opens(  # impact x unknown .8 x possible .4 = x .32; any-agent none, claude-code os-blocked x 0
                "github.classic-token",
                "github-account:github.com",
                "unknown possible",
                "none os-blocked",
                """
                IRRECOVERABLE    1    critical  .32     0
                IAM_ESCALATE     .95  critical  .304    0
                PUBLISH          .85  critical  .272    0
                RECOVERY_DESTROY .8   critical  .256    0
                EXEC_REMOTE      .8   high      .256    0
                MONEY            .8   critical  .256    0
                SECRETS_READ     .75  high      .24     0
                DATA_DESTROY     .7   critical  .224    0
                INFRA_MODIFY     .7   high      .224    0
                DEFENSE_IMPAIR   .6   high      .192    0
                PERSIST          .6   high      .192    0
                DATA_WRITE       .5   medium    .16     0
                DISCOVER         .05  low       .016    0
                """,
            ),
        ),
        # inside the token can be read, and what is printed goes to the model; it cannot be used
        {
            ANY_AGENT: """
            destroy-production undecided none
            destroy-backups undecided none
            leak yes none
            ship-code likely none
            escalate undecided none
            run-elsewhere undecided none
            speak-or-spend likely none
            tamper undecided none
                """,
            CLAUDE: "leak yes none",
        },
        {ANY_AGENT: (51, 100), CLAUDE: (0, 0)},
        # a token without scope and end, whoever uses it; claude-code's way to it is shut: 0
        (1, 0),
        frozenset({"github.classic-token"}),
        step="armslength scan --live=github",
    ),
    "fine_grained_token": Paper(
        (
            Opens(  # impact x unknown .8 x inferred .7 = x .56; any-agent none, claude-code prompt x .6
                "github.fine-grained-token",
                "github-account:github.com",
                "unknown inferred",
                "none prompt",
                """
                DATA_READ        .35  medium    .196    .1176
                """,
            ),
            Opens(  # impact x unknown .8 x possible .4 = x .32; any-agent none, claude-code prompt x .6
                "github.fine-grained-token",
                "github-account:github.com",
                "unknown possible",
                "none prompt",
                """
                PUBLISH          .85  critical  .272    .1632
                EXEC_REMOTE      .8   high      .256    .1536
                SECRETS_READ     .75  high      .24     .144
                DATA_DESTROY     .7   critical  .224    .1344
                DEFENSE_IMPAIR   .6   high      .192    .1152
                CODE_WRITE       .55  medium    .176    .1056
                COMMS            .45  medium    .144    .0864
                """,
            ),
        ),
        {
            ANY_AGENT: """
            destroy-production undecided none
            leak yes none
            ship-code undecided none
            run-elsewhere undecided none
            speak-or-spend undecided none
            tamper undecided none
                """,
            CLAUDE: """
            destroy-production undecided prompt
            leak if-approved prompt
            ship-code undecided prompt
            run-elsewhere undecided prompt
            speak-or-spend undecided prompt
            tamper undecided prompt
                """,
        },
        # any-agent: .272, the others fill .264894: .272 + .364 x .264894 = .368421
        # claude-code: .1632, the others fill .103316: .1632 + .4184 x .103316 = .206427
        # ceiling: .85, the others (.80 .75 .70 .60 .55 .45 .35) fill .974907: .85 + .075 x .974907 = .923118
        {ANY_AGENT: (37, 92), CLAUDE: (21, 92)},
        (0, 0),
        frozenset(),
        step="armslength scan --live=github",
    ),
}
PAPER["key_behind_a_passphrase"] = PAPER["key_in_hardware"]  # a passphrase holds as a touch does


@cache
def report(case: str) -> Report:
    """The report of a machine, judged by the shipped contract."""
    return scan(CASES[case](), BUILTIN, Vault(TEST_KEY), Config(), contracts=(chosen(None, NOW.date()),))


def seen(told: Report) -> list[tuple[object, ...]]:
    """Each way of a report as a row of the paper."""
    kinds = {each.id: each.kind for each in told.credentials}
    assets = {each.id: f"{each.kind}:{each.name}" for each in told.assets}
    return [
        (
            kinds[each.credential],
            assets[each.asset],
            str(each.environment),
            str(each.confidence),
            str(each.class_),
            principal,
            str(each.severity),
            each.urgent,
            str(way.gate),
            way.score,
        )
        for each in told.exposures
        for principal, way in each.ways.items()
    ]


def test_every_machine_is_on_paper():
    assert PAPER.keys() == CASES.keys()


@pytest.mark.parametrize("case", sorted(CASES))
def test_nothing_of_it_is_left_unread(case):
    assert report(case).gaps == ()


@pytest.mark.parametrize("case", sorted(CASES))
def test_each_way_its_gate_severity_and_score(case):
    expected = sorted(row for opens in PAPER[case].opens for row in opens.rows())
    assert sorted(seen(report(case))) == expected


@pytest.mark.parametrize("case", sorted(CASES))
def test_the_verdicts(case):
    expected = {(principal, row.id): ("none found", None) for principal in BOTH for row in questions().rows}
    for principal, told in PAPER[case].verdicts.items():
        for line in filter(None, (each.strip() for each in told.replace(",", "\n").splitlines())):
            verdict, answer, gate = line.split()
            expected[principal, verdict] = (answer.replace("-", " "), gate)
    assert {(each.principal, each.verdict): (each.answer, each.gate) for each in report(case).verdicts} == expected


@pytest.mark.parametrize("case", sorted(case for case in CASES if PAPER[case].step))
def test_what_is_undecided_names_its_step(case):
    steps = {each.step.action for each in report(case).verdicts if each.answer == "undecided" and each.step is not None}
    assert {each for each in steps if PAPER[case].step in each} == steps != set()


@pytest.mark.parametrize("case", sorted(CASES))
def test_the_figures(case):
    found = report(case).figures
    assert {principal: (each.score, each.ceiling) for principal, each in found.radius.items()} == PAPER[case].figures
    assert (found.excess.items, found.excess.score) == PAPER[case].excess


@pytest.mark.parametrize("case", sorted(CASES))
def test_what_is_beyond_the_contract(case):
    told = report(case)
    kinds = {each.id: each.kind for each in told.credentials}
    beyond = [each for each in told.findings if each.clauses]
    causes = [kinds[each.credential] if each.credential is not None else each.principal for each in beyond]
    assert (len(causes), set(causes)) == (PAPER[case].excess[0], PAPER[case].causes)


@pytest.mark.parametrize("case", sorted(CASES))
def test_the_unrestricted_is_above_every_agent(case):
    found = report(case).figures.radius
    assert all(each.score <= found[ANY_AGENT].score for each in found.values())
    assert all(each.ways[CLAUDE].score <= each.ways[ANY_AGENT].score for each in report(case).exposures)


# --- the founding incident


def test_the_day_before_the_founding_incident():
    """A token in a file of another project: critical, urgent, granted, and the first thing that is told."""
    told = report("volume_and_backups")
    first = told.findings[0]
    assert (first.severity, first.urgent, first.confidence, first.gate) == ("critical", True, "granted", "none")
    assert first.evidence.path == "~/src/status-page/.env"
    assert first.principals == (CLAUDE,)
    assert any(clause.startswith("never.") for clause in first.clauses)
    answers = {each.verdict: each for each in told.verdicts if each.principal == CLAUDE}
    assert answers["destroy-production"].answer == answers["destroy-backups"].answer == "yes"
    worst = next(each for each in told.exposures if each.class_ is Capability.IRRECOVERABLE)
    assert (worst.severity, worst.urgent, worst.reversibility) == ("critical", True, "no")
    assert worst.ways[CLAUDE].channel.startswith("uses ~/src/status-page/.env with any command")


def test_the_incident_is_no_less_when_a_person_is_asked_but_it_is_not_urgent():
    from tests.hand_worked import ASKING, machine, secret  # the same token, another agent

    asked = machine(ASKING, {"~/src/orders/.env": secret("RAILWAY_API_TOKEN={token:uuid}\n")})
    told = scan(asked, BUILTIN, Vault(TEST_KEY), Config(), contracts=(chosen(None, NOW.date()),))
    answers = {each.verdict: each.answer for each in told.verdicts if each.principal == CLAUDE}
    assert answers["destroy-backups"] == "if approved"
    assert (told.findings[0].severity, told.findings[0].urgent) == ("critical", False)


def test_the_machine_that_keeps_its_contract_has_no_excess_and_its_findings_are_none():
    told = report("keeps_its_contract")
    assert (told.figures.excess.items, told.figures.excess.score) == (0, 0)
    assert not [each for each in told.findings if each.clauses]
    assert not [each for each in told.verdicts if each.answer in {"yes", "likely"}]


def test_on_an_empty_machine_an_agent_is_judged_that_is_not_there():
    [_, notional] = report("empty").principals
    assert (notional.id, notional.notional) == (CLAUDE, True)
