"""When Codex asks, and whom."""

from msgspec import Struct

from probes.agents.codex.hooks import Hook
from probes.agents.codex.layers import Found, Settings
from probes.agents.codex.project import TRUSTED
from scanner.model import Evidence, Gate, Ruling

WORDS = ("untrusted", "on-failure", "on-request", "never")
REVIEWERS = ("user", "auto_review", "guardian_subagent")
NEEDED = ("sandbox_approval", "rules", "mcp_elicitations")
DEFAULT = "Codex's default: on-request"


class Approval(Struct, frozen=True):
    """`word` is untrusted, on-request, never or granular; `asked` what stands where somebody is asked.

    Of a granular policy `commands`, `rules` and `tools` say whether it asks there, or refuses by itself.
    """

    word: str
    asked: Ruling
    rule: str = DEFAULT
    evidence: Evidence | None = None
    commands: bool = True
    rules: bool = True
    tools: bool = True

    def ask(self, *, may: bool = True) -> Ruling:
        """What stands before what has to be asked for."""
        if self.word == "never" or not may:
            return Ruling(Gate.REFUSED, self.rule, self.evidence)
        return self.asked


def approval(settings: Settings, requirements: Settings, trusted: Found | None, hook: Hook | None = None) -> Approval:
    """The policy in force: what is set and allowed, else by the project's trust. A hook answers before anybody."""
    word, found = _set(settings)
    rule, evidence = DEFAULT, None
    if found is not None:
        rule, evidence = f'approval_policy = "{word}"', found.evidence
    elif trusted is not None and trusted.node.text != TRUSTED:
        word, rule, evidence = "untrusted", 'trust_level = "untrusted"', trusted.evidence
    allowed = requirements.texts("allowed_approval_policies")
    if allowed is not None:
        words = [_plain(each) for each in allowed.node.texts()]
        if any(each not in (*WORDS, "granular") for each in words):
            requirements.refuse(allowed, "holds a word that is none of its values")
        elif words and word not in words:
            word, rule, evidence, found = words[0], "allowed_approval_policies", allowed.evidence, None
    asked = _asked(settings, requirements, rule, evidence)
    asked = hook.before(asked) if hook is not None else asked
    if word != "granular" or found is None:
        return Approval(word, asked, rule, evidence)
    commands, rules, tools = (settings.find("approval_policy", "granular", key) for key in NEEDED)
    return Approval(word, asked, rule, evidence, _on(commands), _on(rules), _on(tools))


def _set(settings: Settings) -> tuple[str, Found | None]:
    """The word that is written, and where; on-request where none is that Codex takes."""
    found = settings.find("approval_policy")
    if found is None:
        return "on-request", None
    if found.node.text in WORDS:
        return _plain(found.node.text), found
    granular = found.node.get("granular")
    if granular is None or any(_flag(granular.get(key)) is None for key in NEEDED):
        settings.refuse(found, "is none of its values")
        return "on-request", None
    return "granular", found


def _plain(word: str) -> str:
    return "on-request" if word == "on-failure" else word


def _flag(node: object) -> bool | None:
    flag = getattr(node, "flag", None)
    return flag if isinstance(flag, bool) else None


def _on(found: Found | None) -> bool:
    return found is not None and found.node.flag is True


def _asked(settings: Settings, requirements: Settings, rule: str, evidence: Evidence | None) -> Ruling:
    """A person, or a model in a person's place."""
    reviewer = settings.word(REVIEWERS, "approvals_reviewer")
    if reviewer is None or reviewer.node.text == "user":
        return Ruling(Gate.PROMPT, rule, evidence)
    told = f'approvals_reviewer = "{reviewer.node.text}"'
    allowed = requirements.texts("allowed_approvals_reviewers")
    if allowed is not None and reviewer.node.text not in allowed.node.texts():
        # What Codex takes in its place was not verified.
        return Ruling(Gate.UNKNOWN, "allowed_approvals_reviewers", allowed.evidence, Gate.PROMPT)
    return Ruling(Gate.CLASSIFIER, told, reviewer.evidence)
