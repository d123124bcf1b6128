"""Causes in a sentence: what came, went or changed, by the names that a reader knows it by."""

from collections.abc import Sequence

from scanner.diffing.facts import SettingChange, digest, places, replaced, versions
from scanner.diffing.looking import Reason
from scanner.diffing.pairs import Pairs
from scanner.model.difference import Move, Origin
from scanner.model.report import AssetInfo, Credential, Finding, Location, Principal, Server
from scanner.model.terms import Environment

TEXT = 160


class Wording:
    """Names things of two reports."""

    def __init__(self, pairs: Pairs) -> None:
        self.pairs = pairs
        self._names = {each.id: called(each) for report in (pairs.old, pairs.new) for each in report.credentials}
        for report in (pairs.old, pairs.new):
            for each in report.identities:
                who = ", ".join(part for part in (each.name, each.account) if part) or each.provider
                self._names[each.id] = f"{who} ({each.provider})"
            self._names |= {each.id: f"{each.kind}:{each.name}" for each in report.assets}

    def named(self, node: str) -> str:
        """A node by its name."""
        return self._names.get(node, node)

    def credential(self, credential: Credential, move: Move) -> str:
        """One that came or went."""
        where = f" in {place(credential.locations[0])}" if credential.locations else ""
        told = f"{called(credential)}{where}"
        return f"a new credential: {told}" if move is Move.CAME else f"a credential went: {told}"

    def together(self, group: Sequence[Credential], path: str, move: Move) -> str:
        """Several of one file."""
        titles = ", ".join(list(dict.fromkeys(each.title for each in group))[:3])
        told = f"{len(group)} credentials in {path} ({cut(titles)})"
        return f"new: {told}" if move is Move.CAME else f"gone: {told}"

    def login(self, credential: Credential, *, ended: bool) -> str:
        """One that ended, or lives again."""
        return f"a login {'ended' if ended else 'was renewed'}: {called(credential)}"

    def changed(self, one: Credential, other: Credential) -> str:
        """One that is not what it was: replaced, kept otherwise, or lying elsewhere."""
        name = called(other)
        if replaced(one, other):
            return f"a credential was replaced: {name} in {place(other.locations[0])}" if other.locations else name
        if one.kind != other.kind:
            return f"{called(one)} is known as {called(other)} now"
        if one.protection is not other.protection:
            return f"{name} is kept as {other.protection} now, and was as {one.protection}"
        gained, lost = places(other) - places(one), places(one) - places(other)
        if gained:
            return f"{name} now also lies in {_first(gained)}" if not lost else f"{name} moved to {_first(gained)}"
        if lost:
            return f"{name} no longer lies in {_first(lost)}"
        return f"{name} is not what it was"

    def server(self, server: Server, move: Move) -> str:
        """One that came or went."""
        told = f"MCP server {server.name} of {server.client}"
        where = f" ({server.evidence.path})" if server.evidence.path is not None else ""
        return f"a new {told}{where}" if move is Move.CAME else f"the {told} went{where}"

    def server_changed(self, one: Server, other: Server) -> str:
        """One whose entry says something else."""
        approved = [each for each in other.approved if each not in one.approved]
        turned = {True: "is switched on", False: "is switched off", None: "may be switched on"}
        told = [
            f"runs {'every tool' if '*' in approved else ', '.join(approved[:3])} unasked" if approved else "",
            f"no longer runs {', '.join(e for e in one.approved if e not in other.approved)} unasked"
            if set(one.approved) - set(other.approved)
            else "",
            turned[other.enabled] if one.enabled is not other.enabled else "",
            f"is started as {cut(other.launcher)}" if one.launcher != other.launcher and other.launcher else "",
            "speaks to another address" if one.url != other.url else "",
        ]
        what = ", ".join(each for each in told if each) or "has another entry"
        return f"MCP server {other.name} of {other.client} {what} now"

    def agent(self, principal: Principal, move: Move, *, known: bool) -> str:
        """One that came or went; or one that is known, in a folder."""
        where = f" in {principal.workspace}" if principal.workspace is not None and known else ""
        if principal.notional:
            return f"{principal.title} is {'now' if move is Move.CAME else 'no longer'} judged as if it were installed"
        new = "a new folder of an agent" if known else "a new agent"
        return f"{new}: {principal.title}{where}" if move is Move.CAME else f"an agent went: {principal.title}{where}"

    def agent_changed(self, one: Principal, other: Principal) -> str:
        """One that acts otherwise, and none of its settings says why."""
        if one.notional is not other.notional:
            return f"{other.title} is {'no longer' if other.notional else 'now'} installed"
        before, after = (
            next((each.version for each in report.agents if each.id == principal.id), None)
            for report, principal in ((self.pairs.old, one), (self.pairs.new, other))
        )
        if before != after:
            return f"{other.title} is of version {after or 'unknown'} now, and was of {before or 'unknown'}"
        return f"{other.title} works as {other.mode or 'before'} now"

    def setting(self, change: SettingChange) -> str:
        """A setting with another value."""
        name = f"{change.title}'s {change.key}"
        if change.after is None:
            return f"{name} is no longer set, and was {cut(change.before or '')}"
        if change.before is None:
            return f"{name} is now set: {cut(change.after)}"
        return f"{name} is now {cut(change.after)}, and was {cut(change.before)}"

    def settings(self, changes: Sequence[SettingChange]) -> str:
        """Several, of which none is known to decide."""
        keys = list(dict.fromkeys(each.key for each in changes))
        more = f" and {len(keys) - 3} more" if len(keys) > 3 else ""
        return f"{changes[0].title}'s settings changed: {', '.join(keys[:3])}{more}"

    def environment(self, one: AssetInfo, other: AssetInfo, alike: int) -> str:
        """What an asset is for, and how many are known so by the same rule."""
        more = f" and {alike - 1} more" if alike > 1 else ""
        name = f"the asset {other.kind}:{other.name}{more}"
        if other.environment is Environment.UNKNOWN:
            return f"{name} is no longer known as {one.environment}"
        return f"{name} is now known as {other.environment} ({other.environment_rule}), and was {one.environment}"

    def rights(self, node: str) -> str:
        """An identity, or a credential, that may do something else."""
        return f"what {self.named(node)} may do changed"

    def weakness(self, finding: Finding, move: Move) -> str:
        """A weakness that came or went by itself."""
        match move:
            case Move.CAME:
                return f"a new weakness: {finding.title}"
            case Move.WENT:
                return f"a weakness was mended: {finding.title}"
            case _:
                return f"a weakness is judged otherwise: {finding.title}"

    def contract(self) -> str:
        """Another contract, or another version of it."""
        one, other = self.pairs.old.contract, self.pairs.new.contract
        if one is None or other is None:
            return f"only {'now' if one is None else 'before'} it was judged by a contract"
        names = (one.name, other.name)
        what = (
            f"the contract {names[1]} changed"
            if names[0] == names[1]
            else f"contract {names[1]} in place of {names[0]}"
        )
        short = [(digest(each) or "").removeprefix("sha256:")[:12] for each in (self.pairs.old, self.pairs.new)]
        return f"{what} (digest {short[0]} to {short[1]})"

    def version(self) -> str:
        """What was made by other rules."""
        before, after = versions(self.pairs.old), versions(self.pairs.new)
        told = [
            f"{name} {before.get(name, 'none')} to {after.get(name, 'none')}"
            for name in sorted(before.keys() | after.keys())
            if before.get(name) != after.get(name)
        ]
        return f"another version ({', '.join(told)}): the same machine may be told and scored otherwise"

    def elsewhere(self) -> str:
        """Another workspace."""
        before, after = (each.host.workspace or "none" for each in (self.pairs.old, self.pairs.new))
        return f"another workspace was looked at: {cut(after)} in place of {cut(before)}"

    def unlooked(self, reason: Reason, *, now: bool) -> str:
        """What was not looked at, this time or before."""
        if reason.origin is Origin.PLACE:
            tense = "could be read before and cannot be now" if now else "could not be read before and can be now"
            return f"{reason.subject} {tense}: {cut(reason.told)}"
        if reason.subject in ("live", "environment"):
            return f"not looked at {'this time' if now else 'before'}: only {'before' if now else 'now'} {reason.told}"
        when = "not seen this time" if now else "not looked at before"
        return f"{when}, since {cut(reason.told)}"


def called(credential: Credential) -> str:
    """A credential's title and the one word that tells it best from others of its kind."""
    word = next(iter(credential.names), credential.public_id)
    return f"{credential.title}, {cut(word, 60)}" if word else credential.title


def place(location: Location) -> str:
    """Where it lies, with its line."""
    if location.path is None:
        return f"${location.variable}" if location.variable is not None else location.process or "no place"
    return location.path + (f":{location.line}" if location.line is not None else "")


def cut(text: str, most: int = TEXT) -> str:
    """The beginning of a text."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _first(found: frozenset[tuple[str, str]]) -> str:
    named = sorted(place for place, _ in found)
    return named[0] if len(named) == 1 else f"{named[0]} and {len(named) - 1} more"
