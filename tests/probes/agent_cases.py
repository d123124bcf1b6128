"""A machine with one agent of the table and its settings, and what it then does: for the tests of each reader."""

import json

from probes.agents.look import agents
from scanner.gates import Judge
from scanner.model import AgentSeen, Channel, Gap, Gate, Ruling, SettingSeen, Weakness
from scanner.testing import FakeHost, observe

HOME = "/home/ada"
APP = "~/src/app"
WORK = f"{HOME}/src/app"
READ, WRITE, EXECUTE, CONNECT, CALL = Channel
FREE = (Gate.NONE, Gate.NONE)
ASKED = (Gate.PROMPT, Gate.PROMPT)
REFUSED = (Gate.REFUSED, Gate.REFUSED)
JUDGED = (Gate.CLASSIFIER, Gate.CLASSIFIER)
TAKEN = (Gate.UNKNOWN, Gate.NONE)  # for all that is known
MOSTLY_JUDGED = (Gate.UNKNOWN, Gate.CLASSIFIER)
MOSTLY_ASKED = (Gate.UNKNOWN, Gate.PROMPT)


class Found:
    """All that is told of one agent on a machine with those files; objects are written as JSON."""

    def __init__(self, agent, files, workspace=APP, **more):
        files = {path: json.dumps(text) if isinstance(text, dict | list) else text for path, text in files.items()}
        self.host = FakeHost(files=files, workspace=workspace, **more)
        self.all = observe(agents, self.host)
        assert "CANARY" not in repr(self.all)
        [self.seen] = [each for each in self.only(AgentSeen) if each.agent == agent]

    def only(self, kind):
        return [each for each in self.all if isinstance(each, kind)]

    @property
    def tools(self):
        return {tool.name: tool for tool in self.seen.policy.tools}

    def ruling(self, channel, target):
        """What the laxest tool of a channel says."""
        order = list(Gate)
        found = [tool.decide(target) for tool in self.seen.policy.tools if tool.channel is channel]
        return min(found, key=lambda ruling: order.index(ruling.effective), default=Ruling(Gate.REFUSED))

    def gates(self, channel, target):
        """The gate and what it is reckoned as."""
        ruling = self.ruling(channel, target)
        return ruling.gate, ruling.effective

    def place(self, channel, target):
        """Where the deciding setting stands: file, line and key; None for a default."""
        told = self.ruling(channel, target).evidence
        return (
            None if told is None else (self.host.shown(told.path) if told.path else told.process, told.line, told.key)
        )

    @property
    def judge(self):
        return Judge(self.seen.policy, self.host.machine)

    def weak(self):
        return sorted(each.rule for each in self.only(Weakness) if each.rule.startswith("agent."))

    def set(self, agent):
        return {each.key: (each.value, each.scope) for each in self.only(SettingSeen) if each.agent == agent}

    def gaps(self):
        return [each for each in self.only(Gap) if each.kind != "refused"]
