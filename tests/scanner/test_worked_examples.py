"""The worked examples of the score with our gates: what goes in and what comes out, written down beforehand.

Score of a way = impact x environment x gate x lifetime x confidence. Within a class the strongest way m counts, and a
crowd adds: v = m x (1 + .15 x min(1, log10(sum / m) / 3)). Of the classes the strongest M counts, and of what it leaves
the others fill half: T = M + .5 x (1 - M) x (1 - product of (1 - v x v) over the others). The figure is 100 x T,
rounded. The ceiling is the same with gate, lifetime and confidence at 1 and an unknown environment as production.

Each row tells its numbers as they were reckoned by hand, so that a change of any weight shows here.
"""

import pytest

from scanner.model import Capability, Confidence, Environment, Gate
from scanner.score import Weighed, product, radius, terms_of, worst

VERIFIED, GRANTED, INFERRED, POSSIBLE = Confidence
HOUR, NEVER_ENDS = 0.85, 1.0
TRIVIAL = 1000


def ways(classes, where="production", *, gate=Gate.NONE, lifetime=NEVER_ENDS, confidence=VERIFIED, times=1):
    """One way to each of the classes, or as many as that."""
    environment = Environment(where)
    found = []
    for number in range(times):
        for capability in map(Capability, classes.split()):
            terms = terms_of(
                capability, "asset", environment=environment, gate=gate, lifetime=lifetime, confidence=confidence
            )
            most = worst(capability, "asset", environment, gate)
            found.append(Weighed(capability, f"{where} {number}", product(terms), most))
    return found


# The token of the founding incident deletes a volume and its backups in one call, runs code and reads every variable.
TOKEN = "IRRECOVERABLE RECOVERY_DESTROY EXEC_REMOTE SECRETS_READ DATA_DESTROY INFRA_MODIFY MONEY DATA_WRITE DATA_READ"
WITHOUT_RECOVERY = "EXEC_REMOTE SECRETS_READ DATA_DESTROY INFRA_MODIFY DATA_WRITE DATA_READ"
CLASSIC = "PUBLISH CODE_WRITE DATA_READ COMMS EXEC_REMOTE SECRETS_READ"
SOCKET = "HOST_ROOT SECRETS_READ PERSIST"
EVERYTHING = (
    "DISCOVER DATA_READ SECRETS_READ DATA_WRITE DATA_DESTROY RECOVERY_DESTROY IRRECOVERABLE IAM_ESCALATE CODE_WRITE "
    "PUBLISH EXEC_REMOTE INFRA_MODIFY DEFENSE_IMPAIR COMMS MONEY"
)

# (case, ways, class values that lead, score, ceiling)
WORKED = [
    (
        # M = 1: nothing is left for the others
        "A1 a token that deletes a production volume and its backups",
        ways(TOKEN),
        {"IRRECOVERABLE": 1.0, "EXEC_REMOTE": 0.80, "RECOVERY_DESTROY": 0.80, "SECRETS_READ": 0.75},
        100,
        100,
    ),
    (
        # granted, since its provider cannot narrow it: each x .8 x .9 = x .72. IRRECOVERABLE .72; RECOVERY_DESTROY,
        # EXEC_REMOTE, MONEY .576; SECRETS_READ .54; DATA_DESTROY, INFRA_MODIFY .504; DATA_WRITE .36; DATA_READ .252
        # 1 - .668224^3 x .7084 x .745984^2 x .8704 x .936496 = .904120; .72 + .5 x .28 x .904120 = .846577
        "A2 the same found offline, environment unknown",
        ways(TOKEN, "unknown", confidence=GRANTED),
        {"IRRECOVERABLE": 0.72, "EXEC_REMOTE": 0.576, "SECRETS_READ": 0.54},
        85,
        100,
    ),
    (
        # as A2, inferred: each x .8 x .7 = x .56. .56; .448 three times; .42; .392 twice; .28; .196
        # 1 - .799296^3 x .8236 x .846336^2 x .9216 x .961584 = .733035; .56 + .5 x .44 x .733035 = .721268
        "A2 the same, if the rights were only inferred",
        ways(TOKEN, "unknown", confidence=INFERRED),
        {"IRRECOVERABLE": 0.56, "EXEC_REMOTE": 0.448, "SECRETS_READ": 0.42},
        72,
        100,
    ),
    (
        # A2 behind a prompt: each x .72 x .6 = x .432. .432; .3456 three times; .324; .3024 twice; .216; .1512
        # 1 - .880561^3 x .895024 x .908554^2 x .953344 x .977139 = .530083; .432 + .5 x .568 x .530083 = .582544
        "A2 the same, and a person is asked",
        ways(TOKEN, "unknown", confidence=GRANTED, gate=Gate.PROMPT),
        {"IRRECOVERABLE": 0.432},
        58,
        100,
    ),
    (
        # staging halves: .5; .4 three times; .375; .35 twice; .25; .175
        # 1 - .84^3 x .859375 x .8775^2 x .9375 x .969375 = .643563; .5 + .5 x .5 x .643563 = .660891
        "A3 a project token of staging",
        ways(TOKEN, "staging"),
        {"IRRECOVERABLE": 0.5},
        66,
        66,
    ),
    (
        # .80 leads; .75, .70 twice, .50, .35: 1 - .4375 x .51^2 x .75 x .8775 = .925109
        # .8 + .5 x .2 x .925109 = .892511
        "A4 production, whose backups are locked elsewhere",
        ways(WITHOUT_RECOVERY),
        {"EXEC_REMOTE": 0.80, "SECRETS_READ": 0.75, "DATA_DESTROY": 0.70},
        89,
        89,
    ),
    (
        # .05 x .15 = .0075, a thousand of them: x (1 + .15 x min(1, 3 / 3)) = .008625
        "B1 a thousand trivial tokens of a sandbox",
        ways("DISCOVER", "sandbox", times=TRIVIAL),
        {"DISCOVER": 0.008625},
        1,
        1,
    ),
    ("B2 those and A1", ways("DISCOVER", "sandbox", times=TRIVIAL) + ways(TOKEN), {"IRRECOVERABLE": 1.0}, 100, 100),
    ("B3 one who can give itself rights in production", ways("IAM_ESCALATE"), {"IAM_ESCALATE": 0.95}, 95, 95),
    (
        # .95 + .5 x .05 x .008625^2 = .950002
        "B4 the same and a thousand trivial tokens",
        ways("IAM_ESCALATE") + ways("DISCOVER", "sandbox", times=TRIVIAL),
        {"IAM_ESCALATE": 0.95, "DISCOVER": 0.008625},
        95,
        95,
    ),
    ("B5 a thousand reads of production data", ways("DATA_READ", times=TRIVIAL), {"DATA_READ": 0.4025}, 40, 40),
    (
        # publishing verified by the scope, what it brings downstream not: x 1 x .9 for PUBLISH .85 x .9 = .765
        # CODE_WRITE .55, COMMS .45, DATA_READ .35 verified; EXEC_REMOTE .8 x .4 = .32, SECRETS_READ .75 x .4 = .30
        # 1 - .6975 x .7975 x .8775 x .8976 x .91 = .601302; .765 + .5 x .235 x .601302 = .835653
        # ceiling: .85 leads; .80, .75, .55, .45, .35: 1 - .36 x .4375 x .6975 x .7975 x .8775 = .923123 -> .919234
        "C1 a classic token that may change workflows, the default branch open",
        ways("PUBLISH", confidence=GRANTED)
        + ways("CODE_WRITE COMMS DATA_READ")
        + ways("EXEC_REMOTE SECRETS_READ", confidence=POSSIBLE),
        {"PUBLISH": 0.765, "CODE_WRITE": 0.55},
        84,
        92,
    ),
    (
        # a review that it cannot remove stands before the branch: server, .3. PUBLISH .85 x .3 x .9 = .2295,
        # CODE_WRITE .55 x .3 = .165; a workflow on another branch still reads secrets, inferred: .75 x .7 = .525
        # COMMS .45, DATA_READ .35, EXEC_REMOTE .32: 1 - .947330 x .972775 x .7975 x .8775 x .8976 = .421142
        # .525 + .5 x .475 x .421142 = .625021
        "C2 the same, and a review that it cannot pass",
        ways("PUBLISH", confidence=GRANTED, gate=Gate.SERVER)
        + ways("CODE_WRITE", gate=Gate.SERVER)
        + ways("COMMS DATA_READ")
        + ways("SECRETS_READ", confidence=INFERRED)
        + ways("EXEC_REMOTE", confidence=POSSIBLE),
        {"SECRETS_READ": 0.525, "PUBLISH": 0.2295, "CODE_WRITE": 0.165},
        63,
        92,
    ),
    (
        # .05 x .9 = .045, and 4.5 is rounded to the even 4
        "C3 a token that reads the members of an organization",
        ways("DISCOVER", confidence=GRANTED),
        {"DISCOVER": 0.045},
        4,
        5,
    ),
    (
        # .85 x .6 = .51 leads; SECRETS_READ .45, PERSIST .36: 1 - .7975 x .8704 = .305856
        # .51 + .5 x .49 x .305856 = .584935
        "D a socket of an engine that runs as root",
        ways(SOCKET, "workstation"),
        {"HOST_ROOT": 0.51, "SECRETS_READ": 0.45, "PERSIST": 0.36},
        58,
        58,
    ),
    ("D a socket that a sandbox keeps from it", ways(SOCKET, "workstation", gate=Gate.OS_BLOCKED), {}, 0, 0),
    (
        # x .85. IRRECOVERABLE .85; IAM_ESCALATE .8075; PUBLISH .7225; .68 three times; .6375; .595 twice; .51; .4675;
        # .425; .3825; .2975; .0425: 1 - .347944 x .477994 x .5376^3 x .593594 x .645975^2 x .7399 x .781444 x
        # .819375 x .853694 x .911494 x .998194 = .997642; .85 + .5 x .15 x .997642 = .924823
        "E1 an administrator's session in production with an hour left",
        ways(EVERYTHING, lifetime=HOUR),
        {"IRRECOVERABLE": 0.85, "IAM_ESCALATE": 0.8075},
        92,
        100,
    ),
    (
        # x .85 x .5 = x .425. .425 leads; .40375, .36125, .34 three times, .31875, .2975 twice, .255, .23375, .2125,
        # .19125, .14875, .02125: 1 - .836986 x .869498 x .8844^3 x .898398 x .911494^2 x .934975 x .945361 x .954844 x
        # .963423 x .977873 x .999548 = .701365; .425 + .5 x .575 x .701365 = .626642
        "E1 the same, which needs a new sign-in each time",
        ways(EVERYTHING, lifetime=HOUR, gate=Gate.PRESENCE),
        {"IRRECOVERABLE": 0.425, "IAM_ESCALATE": 0.40375},
        63,
        100,
    ),
    ("E2 an administrator's key without an end", ways(EVERYTHING), {"IRRECOVERABLE": 1.0}, 100, 100),
    (
        # .35 leads; .5 x .65 x .05^2 = .0008
        "E3 a key that only reads production",
        ways("DATA_READ DISCOVER"),
        {"DATA_READ": 0.35},
        35,
        35,
    ),
    (
        # x .15. .15 leads; .1425, .1275, .12 three times, .1125, .105 twice, .09, .0825, .075, .0675, .0525, .0075
        # 1 - .979694 x .983744 x .9856^3 x .987344 x .988975^2 x .9919 x .993194 x .994375 x .995444 x .997244 x
        # .999944 = .133517; .15 + .5 x .85 x .133517 = .206745
        "F an administrator of a sandbox account",
        ways(EVERYTHING, "sandbox"),
        {"IRRECOVERABLE": 0.15},
        21,
        21,
    ),
    (
        # Two of a class: x 1.015051, since log10(2) / 3 x .15 = .015051. PUBLISH .765 twice = .776514; CODE_WRITE .55;
        # HOST_ROOT .51; SECRETS_READ .45, .30, .2625: log10(2.25) / 3 x .15 = .017609 = .457924; COMMS .45 twice =
        # .456773; PERSIST .36; DATA_READ .35, .1225: .006517 = .352281; EXEC_REMOTE .32, .28: .013650 = .324368;
        # DATA_DESTROY .245 twice = .248687; INFRA_MODIFY .245; DATA_WRITE .175
        # 1 - .6975 x .7399 x .790306 x .791358 x .8704 x .875898 x .894785 x .938155 x .939975 x .969375 = .811783
        # .776514 + .5 x .223486 x .811783 = .867225
        "G a usual laptop",
        ways("PUBLISH", confidence=GRANTED)  # a classic token, as C1
        + ways("CODE_WRITE COMMS DATA_READ")
        + ways("EXEC_REMOTE SECRETS_READ", confidence=POSSIBLE)
        + ways("EXEC_REMOTE SECRETS_READ DATA_DESTROY INFRA_MODIFY", "development")  # a cluster
        + ways("DATA_READ DATA_WRITE DATA_DESTROY", "development")  # a database
        + ways("PUBLISH", confidence=GRANTED)  # a registry of packages
        + ways("COMMS")  # a chat
        + ways(SOCKET, "workstation"),  # a socket of an engine that runs as root
        {"PUBLISH": 0.776514, "CODE_WRITE": 0.55, "SECRETS_READ": 0.457924, "COMMS": 0.456773},
        87,
        93,
    ),
]


@pytest.mark.parametrize(
    ("found", "leading", "score", "ceiling"), [row[1:] for row in WORKED], ids=[r[0] for r in WORKED]
)
def test_worked(found, leading, score, ceiling):
    got = radius(found)
    values = {str(term.class_): term.value for term in got.terms}
    assert {name: values[name] for name in leading} == pytest.approx(leading, abs=1e-6)
    assert (got.score, got.ceiling) == (score, ceiling)
