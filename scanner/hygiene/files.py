"""The files that decide an agent's rights: which of them it may rewrite unasked, and what it runs because of them."""

from collections.abc import Iterator
from pathlib import PurePath

from scanner.data.hygiene import hygiene
from scanner.gates import Decision
from scanner.hygiene.around import Around, counted, listed
from scanner.model import Channel, Evidence, Fix, Gate, SettingSeen, Weakness

REPOSITORY = "project"
IGNORED = "ignored"  # how readers say that a setting does not count
ADMINISTRATOR = frozenset({"managed", "system", "admin"})


def settings_files(around: Around) -> tuple[PurePath, ...]:
    """The files that decide its rights in the folder, whether they are there or not."""
    machine = around.acting.judge.machine  # with the folder as its workspace
    found: list[PurePath] = []
    for pattern in around.known.settings:
        if not pattern.startswith("./"):
            found += machine.paths(pattern)
        elif machine.workspace is not None:
            found.append(machine.workspace / pattern[2:])
    return tuple(dict.fromkeys(found))


# --- its own rules


def rewritable(around: Around) -> Iterator[Weakness]:
    """Settings of its own that it changes without asking: what they hold back holds only until it does."""
    judge = around.acting.judge
    decided = [(path, judge.decide(Channel.WRITE, str(path))) for path in settings_files(around)]
    found = [(path, told) for path, told in decided if told.passable and _is_likely(told)]
    if not found:
        return
    first, told = found[0]
    sure = all(each.gate is not Gate.UNKNOWN for _, each in found)
    paths = {path for path, _ in found}
    void = [each.said() for each in around.entries if each.holds and each.evidence.path in paths]
    yield around.weakness(
        "rewritable-settings",
        "can rewrite its own settings unasked" if sure else "can perhaps rewrite its own settings unasked",
        Evidence(first),
        f"It {told.channel}, and nobody is asked ({told.rule or 'by default'}): "
        + listed([around.shown(path) for path in sorted(paths)])
        + (f". What these hold back holds until it takes them out: {listed(void)}." if void else "."),
        Fix("Forbid it to change them, keep its commands in a sandbox that cannot, or have it ask before it writes."),
    )


def _is_likely(told: Decision) -> bool:
    """Whether it is known, or what stands in for it asks nobody at all: not that perhaps a model decides."""
    return told.gate is not Gate.UNKNOWN or told.stand_in is Gate.NONE


# --- what runs


def commands(around: Around) -> Iterator[Weakness]:
    """Hooks and helpers: commands that the agent runs by itself, by who can change them."""
    in_force = [each for each in around.settings if each.scope not in ADMINISTRATOR and IGNORED not in each.value]
    told = [each for each in in_force if hygiene().runs(each.key)]
    known = {each.evidence for each in around.judged.graph.weaknesses if each.rule == "agent.rights-from-repository"}
    brought = [each for each in told if each.scope == REPOSITORY and each.evidence not in known]
    own = [each for each in told if each.scope != REPOSITORY]
    if brought:
        yield around.weakness(
            "repository-runs-commands",
            f"runs {counted(len(brought), 'command')} that a repository brings",
            brought[0].evidence,
            f"Who commits to the repository decides what they do, on the machine of everybody who opens it: "
            f"{listed([_said(each, around) for each in brought])}.",
            Fix("Read them before the folder is trusted, and keep hooks in your own settings."),
        )
    if own:
        yield around.weakness(
            "hooks-run-commands",
            f"runs {counted(len(own), 'hook or helper', 'hooks and helpers')} by itself",
            own[0].evidence,
            f"They run outside of its rules and its sandbox, as you: {listed([_said(each, around) for each in own])}.",
            Fix("Keep what they run in a folder that the agent cannot change, and read it when it changes."),
        )


def _said(told: SettingSeen, around: Around) -> str:
    """One of them, its place, and who else than its owner can change it."""
    path = told.evidence.path
    named = f"{told.key} in {around.place(told.evidence)}"
    if path is None or not around.acting.judge.decide(Channel.WRITE, str(path)).passable:
        return named
    return f"{named}, which it can change itself"
