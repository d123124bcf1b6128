"""Rules that nobody needs: left over from one command, said twice, never reached, or wider than what was used."""

import re
from collections.abc import Iterator, Sequence

from scanner.data.shells import shell_of
from scanner.hygiene.around import Around, counted, listed
from scanner.hygiene.entries import Entry, Shadow, passes
from scanner.model import Command, Everything, Fix, Guardrail, Pattern, Rule, UseKind, UseSeen, Weakness

SPECIFIC = 40  # signs of a command line that is of one occasion
LEFTOVERS = 4  # of one agent that are nothing to tell
JOINTS = re.compile(r"[|;&<>\"'`]|\$\(|(?:^|\s)(?:~|/|[A-Za-z]:)[\\/]?\w")
SUBCOMMANDS = 5  # of one program that are proposed in the place of the whole
LEAST_USED = 5  # times that it has to have been used before its use tells anything
WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,40}")


def leftovers(around: Around) -> Iterator[Weakness]:
    """Rules for one exact and long command line, as "always allow" writes them: they pile up, and nobody reads them."""
    found = [each for each in around.entries if each.allows and _is_one_off(each)]
    if len(found) <= LEFTOVERS:
        return
    yield around.weakness(
        "one-off-rules",
        f"keeps {counted(len(found), 'rule')} for single command lines",
        found[0].evidence,
        f"Each allows one exact line of one occasion, and among many nobody sees the one that matters: "
        f"{listed([each.said() for each in found])}.",
        Fix("Delete what was for one occasion, and allow what the work needs by the beginning of its commands."),
    )


def _is_one_off(entry: Entry) -> bool:
    return all(_is_specific(each.rule.pattern) for each in entry.placed)


def _is_specific(pattern: Pattern) -> bool:
    if not isinstance(pattern, Command) or pattern.open or "*" in pattern.text:
        return False
    return len(pattern.text) >= SPECIFIC or JOINTS.search(pattern.text) is not None


def useless(around: Around, shadowed: Sequence[Shadow]) -> Iterator[Weakness]:
    """Allowances that other ones contain, and holds that never come to decide. What holds back is told elsewhere."""
    spare = [each for each in shadowed if each.entry.allows and passes(each.by)]
    if spare:
        yield around.weakness(
            "useless-rules",
            f"has {counted(len(spare), 'allow rule')} that {'changes' if len(spare) == 1 else 'change'} nothing",
            spare[0].entry.evidence,
            f"What they allow is allowed without them: {listed([each.said() for each in spare])}.",
            Fix("Delete them, or rather the wide rule or mode that makes them useless."),
        )
    vain = [each for each in shadowed if each.entry.holds and passes(each.by)]
    if vain:
        yield around.weakness(
            "rules-that-never-hold",
            f"has {counted(len(vain), 'rule')} to refuse or ask that never {'decides' if len(vain) == 1 else 'decide'}",
            vain[0].entry.evidence,
            f"Another rule is tried first and lets it all pass: {listed([each.said() for each in vain])}.",
            Fix("Put them where the agent tries them first, or narrow the rules that stand before them."),
        )


def own_rules(around: Around, shadowed: Sequence[Shadow]) -> Iterator[Guardrail]:
    """What the agent's own rules hold back: a protection, with the allowances that it makes void."""
    holding = [each for each in around.entries if each.holds and not _never_holds(each, shadowed)]
    if not holding:
        return
    void = [each for each in shadowed if each.entry.allows and not passes(each.by)]
    more = f"; {counted(len(void), 'allow rule')} never decide{'s' if len(void) == 1 else ''} because of them"
    title = f"{around.title} refuses or asks by {counted(len(holding), 'rule')} of its own"
    yield Guardrail(
        "agent-rules",
        title + (f"{more}: {listed([each.said() for each in void])}" if void else ""),
        *((holding[0].evidence,)),
    )


def _never_holds(entry: Entry, shadowed: Sequence[Shadow]) -> bool:
    return any(each.entry == entry and passes(each.by) for each in shadowed)


# --- wider than its use


def broad(around: Around) -> Iterator[Weakness]:
    """Rules for a whole program of which few sub-commands were ever used, with the narrow rules to put in its place."""
    found = [(entry, told) for entry in around.entries if entry.allows and (told := _narrow(entry, around))]
    if not found:
        return
    wanted = [around.known.allow.replace("{text}", text) for _, told in found for text in told]
    proposed = f": {listed(wanted)}" if around.known.allow else "."
    yield around.weakness(
        "broader-than-used",
        f"allows {counted(len(found), 'whole program')} of which it uses little",
        found[0][0].evidence,
        "Its own records show no other use: "
        + listed([f"{entry.said()}, used for {', '.join(told)}" for entry, told in found])
        + ".",
        Fix(f"Allow what is used alone{proposed}"),
    )


def _narrow(entry: Entry, around: Around) -> tuple[str, ...]:
    """The sub-commands that were used of the program that an entry opens; nothing where that does not tell enough."""
    programs = {_program(each.rule) for each in entry.placed if not passes(each.tool.otherwise)}
    program = next(iter(programs), "") if len(programs) == 1 else ""
    if not program:
        return ()
    told = [each for each in around.uses if each.subject.split(" ")[0] == program]
    used = dict.fromkeys(each.subject for each in told)
    if sum(each.count for each in told) < LEAST_USED or not 0 < len(used) <= SUBCOMMANDS:
        return ()
    return tuple(sorted(used)) if all(_is_narrow(each) for each in used) else ()


def _program(rule: Rule) -> str:
    """The program that a rule opens whole, empty for any other rule."""
    pattern = rule.pattern
    if isinstance(pattern, Everything) or not isinstance(pattern, Command):
        return ""
    opened = pattern.open or pattern.text.endswith("*")
    name = pattern.text.removesuffix("*").strip()
    return name if opened and WORD.fullmatch(name) else ""


def _is_narrow(subject: str) -> bool:
    """Whether a use names a sub-command, and a rule for that would not run anything."""
    words = subject.split(" ")
    return (
        len(words) > 1 and all(WORD.fullmatch(each) for each in words) and shell_of(Command(subject, open=True)) is None
    )


def used_here(uses: Sequence[UseSeen], agent: str, folder: str | None) -> tuple[UseSeen, ...]:
    """The commands that an agent's own records show in a folder, or in any."""
    return tuple(
        each
        for each in uses
        if each.what is UseKind.COMMAND and each.agent == agent and each.folder in {None, folder} and each.count > 0
    )
