"""Pairs of name and value -> credentials: by the name, then by the value's structure, then by both being likely."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from itertools import islice, takewhile
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace

from scanner.aws_keys import account_of, identity_of
from scanner.data.families import family_of
from scanner.data.kinds import implied, kinds
from scanner.data.variables import Named, quiet_reason, row_of, spelled, variables
from scanner.host import Host
from scanner.model import (
    CredentialSeen,
    CredentialState,
    Evidence,
    Gap,
    GapKind,
    Grant,
    Hint,
    Identity,
    Lifetime,
    LifetimeKind,
    Protection,
    Secret,
)
from scanner.model.value import Value
from scanner.patterns import Pattern
from scanner.shapes import (
    Quiet,
    Shape,
    any_of,
    filler,
    harmless,
    host_of,
    label,
    login_of,
    moment,
    shape_of,
    stand_in,
    unwrapped,
    words_of,
)

VALUE_LIMIT = 64 * 1024
PAIR_LIMIT = 5_000


class Pair(Value, frozen=True):
    """A name and its value, and where they stand; the value never shows in a repr."""

    concealed: ClassVar[frozenset[str]] = frozenset({"value"})

    name: str
    value: str
    evidence: Evidence


class Silent(Struct, frozen=True):
    """That a pair holds no secret, and why."""

    reason: Quiet


class Told(Value, frozen=True):
    """That a pair holds a secret: its kind, and what told so, the variable's name or the shape of the value.

    `raw`: further texts of it that must never be seen.
    """

    concealed: ClassVar[frozenset[str]] = frozenset({"secret", "raw"})

    kind: str
    secret: str
    named: Named | None = None
    shape: Shape | None = None
    raw: tuple[str, ...] = ()


def judge(name: str, value: str) -> Told | Silent:
    """What the whole of a pair's value is. A known name says the kind; a token's own shape refines or overrules it."""
    if len(value) > VALUE_LIMIT:
        return Silent(Quiet.TOO_LONG)
    value = unwrapped(value)
    told = _presented(name, value) or _judged(name, value)
    reason = harmless(told.secret) if isinstance(told, Told) else None
    return told if reason is None else Silent(reason)


AUTHORIZATION = "AUTHORIZATION"
# How a header presents a token; under another name only a random one counts, since these are words as well.
PRESENTED = Pattern(
    r"(?i)(?:(?:proxy-)?authorization:\s{0,8})?(bearer|basic|token|apikey|api-key|apitoken|api-token|key|bot|ssws|splunk|geniekey|pat)"
    r"\s{1,8}(\S.*)",
    re.DOTALL,
)


def _presented(name: str, value: str) -> Told | Silent | None:
    """What a value such as `Bearer TOKEN` or `Basic LOGIN` holds, None where it is no such value."""
    told = PRESENTED.fullmatch(value) if len(value.split(maxsplit=1)) > 1 else None
    if told is None:
        return None
    rest = unwrapped(told[2])
    is_header = spelled(name).endswith(AUTHORIZATION)
    if any(sign.isspace() for sign in rest):
        reason = stand_in(rest) if is_header else None
        return Silent(reason) if reason is not None else None
    login = login_of(rest) if told[1].casefold() == "basic" else None
    found = _login(rest, *login, row_of(spelled(name))) if login is not None else _judged(name, rest)
    if found == Silent(Quiet.UNTOLD) and (is_header or _is_random(rest)):
        found = _judged(AUTHORIZATION, rest)
    if isinstance(found, Told):
        return replace(found, raw=(*found.raw, value, rest))
    return found if is_header or found.reason in {Quiet.REFERENCE, Quiet.TEMPLATE, Quiet.PLACEHOLDER} else None


def _login(value: str, user: str, secret: str, named: Named | None) -> Told | Silent:
    """What a login in base64 holds: its password, or the user where that is the token."""
    user, secret = (user, secret) if secret else ("", user)
    reason = filler(secret) or (Quiet.PLAIN if SWITCH.fullmatch(secret) or len(secret) < 4 else None)
    if reason is not None:
        return Silent(reason)
    family = family_of(secret)
    if family is not None and family.public:
        return Silent(Quiet(family.public))
    kind = family.kind if family is not None else named.row.kind if named is not None else "generic.password"
    shown = NOTHING if family_of(user) is not None or _is_random(user) else label(user)
    return Told(kind, secret, named, Shape(kind, secret, raw=(value,), user=shown))


def _judged(name: str, value: str) -> Told | Silent:
    nothing = stand_in(value)
    if nothing is not None:
        return Silent(nothing)
    if HASHED_LOGIN.match(value):
        return Silent(Quiet.HASH)
    name = spelled(name)
    if _is_fingerprint(name, value):
        return Silent(Quiet.PUBLIC_ID)
    named = row_of(name)
    shape = shape_of(value)
    if name.startswith(tuple(words_of("published"))) and _is_published(named, shape):
        return Silent(Quiet.PUBLIC_ID)
    if isinstance(shape, Shape) and named is not None and _is_of_another(named, shape):
        return Told(named.row.kind, shape.secret, named, replace(shape, account=NOTHING))
    if shape is None and _repeats(name, value):
        return Silent(Quiet.PLACEHOLDER)
    if isinstance(shape, Shape) and not shape.vague:
        return Told(shape.kind, shape.secret, named if _same_provider(named, shape) else None, shape)
    if named is not None and named.row.login and not isinstance(shape, Shape):
        return _by_login(named, value, shape)
    if named is not None and not (named.row.pair and not isinstance(shape, Shape) and ":" not in value):
        return _by_name(named, value, shape)
    if isinstance(shape, Shape):
        return Told(shape.kind, shape.secret, None, shape)
    if isinstance(shape, Quiet):
        return Silent(shape)
    return _by_likelihood(name, value)


# `user:hash`, as web servers keep logins; compose files write each `$` twice
HASHED_LOGIN = Pattern(r"[^\s:$]{1,80}:(?:\${1,2}(?:apr1|2[abxy]|[156]|y)\$|\{SHA\})")
FINGERPRINT = Pattern(r"(?:0x)?(?:[0-9A-F]{16}|[0-9A-F]{40})!?")
OF_A_KEY = Pattern(r"(?:.*_)?(?:DEFAULT|SIGNING|TRUSTED|GPG|PGP|OPENPGP)(?:_KEY|KEY)?(?:_ID)?")


def _is_fingerprint(name: str, value: str) -> bool:
    """Whether a value is the short name of a public key, as gpg and git know whose it is."""
    return FINGERPRINT.fullmatch(value) is not None and OF_A_KEY.fullmatch(name) is not None


class Telling(Value, frozen=True):
    """One secret of a value that holds several things, and the name it has in there, empty where it has none."""

    concealed: ClassVar[frozenset[str]] = frozenset({"name"})

    told: Told
    name: str = ""


# What a value has that is more than one token; a list of folders has none of it.
JOINTS = Pattern(r"""[\s"'=,;{|&<>()\[\]]|://""")
# Of these nothing but a token's own shape counts inside.
WHOLE = frozenset({Quiet.HASH, Quiet.ENCRYPTED, Quiet.PUBLIC_KEY, Quiet.PUBLIC_ID})


def tellings(name: str, value: str) -> tuple[Telling, ...] | Silent:
    """Every secret of a pair: what its value is as a whole or, where that tells less, what lies inside it."""
    whole = judge(name, value)
    if whole in (Silent(Quiet.TOO_LONG), Silent(Quiet.EMPTY)) or not (JOINTS.search(value) or _is_random(value)):
        return (Telling(whole),) if isinstance(whole, Told) else whole
    match whole:
        case Silent(reason):
            return inside(name, value, only_shapes=reason in WHOLE) or _before_comment(name, value) or whole
        case Told(shape=None):
            found = inside(name, value, only_shapes=whole.named is not None) or (Telling(whole),)
            return tuple(Telling(replace(each.told, raw=(*each.told.raw, whole.secret)), each.name) for each in found)
        case Told(shape=Shape() as shape) if shape.secret != unwrapped(value):
            told = {whole.secret, *_texts(whole)}
            others = inside(name, value, only_shapes=True)
            return (
                Telling(whole),
                *(each for each in others if told.isdisjoint({each.told.secret, *_texts(each.told)})),
            )
        case _:
            return (Telling(whole),)


COMMENT = Pattern(r"\s(?:#|//|;|<!--)")


def _before_comment(name: str, value: str) -> tuple[Telling, ...]:
    """What stands before a comment that no parser took off: nobody hides a secret from us by writing behind it."""
    found = COMMENT.search(value)
    told = judge(name, value[: found.start()]) if found is not None else None
    return (Telling(told),) if isinstance(told, Told) else ()


def inside(name: str, value: str, *, only_shapes: bool = False) -> tuple[Telling, ...]:
    """The secrets inside a value: by name in its parts, by shape anywhere; what a shape tells comes before a guess."""
    by_name = () if only_shapes or PARTED.search(value) is None else tuple(_by_parts(value))
    by_shape = _by_shapes(name, value) if may_be_shaped(value) else []
    known = {text for each in by_name if not _is_guess(each.told) for text in (each.told.secret, *_texts(each.told))}
    exact = [told for told in by_shape if not any(told.secret in text for text in known)]
    found: dict[str, Telling] = {}
    for each in by_name:
        within = [told for told in exact if told.secret in each.told.secret] if _is_guess(each.told) else []
        for told in within or [each.told]:
            found.setdefault(told.secret, Telling(told, each.name))
    for told in exact:
        found.setdefault(told.secret, Telling(told))
    return tuple(found.values())


# What stands in every value that has named parts: settings, headers, options, JSON.
PARTED = Pattern(r"""[={\[]|:[ \t]|(?:^|[\s"'])-""")


def _by_shapes(name: str, value: str) -> list[Told]:
    from scanner.detection import found_in

    return [told for each in found_in(value) if (told := _as_named(name, each.shape)) is not None]


def _by_parts(value: str) -> Iterator[Telling]:
    from scanner.parts import parts_of

    for part in parts_of(value):
        told = judge(part.name, part.value)
        if isinstance(told, Told) and not (part.loose and _may_be_prose(told)):
            yield Telling(told, part.name)


def _as_named(name: str, shape: Shape) -> Told | None:
    """What a secret from inside a value is under the name of the whole; None where there it is meant to be seen."""
    told = judge(name, shape.secret)
    if told == Silent(Quiet.PUBLIC_ID) or (isinstance(told, Silent) and harmless(shape.secret) is not None):
        return None
    if isinstance(told, Told) and told.shape is not None and told.secret == shape.secret:
        return told
    return Told(shape.kind, shape.secret, None, shape)


def _is_guess(told: Told) -> bool:
    """Whether neither a curated name nor a shape told, but a likelihood."""
    return told.named is None and told.shape is None


def _texts(told: Told) -> tuple[str, ...]:
    return (*told.raw, *(told.shape.raw if told.shape is not None else ()))


def _may_be_prose(told: Told) -> bool:
    """Whether `password=required` says this, words rather than a password."""
    return told.shape is None and len(told.secret) < PHRASE and WORDS.fullmatch(told.secret) is not None


def secrets_in(
    pairs: Iterable[Pair], host: Host, hints: Iterable[Hint] = (), *, only_shapes: bool = False
) -> Iterator[CredentialSeen | Gap]:
    """The credentials among pairs that stand together: in one file, or in one process's environment.

    Pairs that form one proof (a key id, its key, its session token) are one credential; those that name a host, an
    account or a stage tell more of it. `only_shapes` is for examples and templates: nothing counts there but a token
    whose shape and checksum are right.
    """
    taken = tuple(islice(pairs, PAIR_LIMIT + 1))
    group = _together(taken[:PAIR_LIMIT], tuple(hints))
    for pair in taken[:PAIR_LIMIT]:
        if is_boring(pair.name, pair.value):
            continue
        host.check_time()
        told = tellings(pair.name, pair.value)
        if told == Silent(Quiet.TOO_LONG):
            yield Gap(GapKind.LIMIT, _place(pair, host), "a value longer than 64 KiB was not judged")
        for each in told if not isinstance(told, Silent) else ():
            if (only_shapes and not _is_certain(each.told)) or _is_default(pair, each, group):
                continue
            if spelled(pair.name) in group.parts and each.told.named is not None and not each.name:
                host.keep(each.told.secret)  # a part is shown nowhere, and masked should it be
            else:
                yield _credential(_narrowed(pair, each), each.told, group, host)
    if len(taken) > PAIR_LIMIT:
        yield Gap(GapKind.LIMIT, _place(taken[-1], host), f"more than {PAIR_LIMIT} names; the rest was not judged")


HOSTS = ("HOST", "HOSTNAME", "SERVER", "ENDPOINT", "URL")
USERS = ("USER", "USERNAME", "LOGIN")


def _is_default(pair: Pair, telling: Telling, group: "_Group") -> bool:
    """Whether a password is the one its server comes with, and nothing beside it says that it stands elsewhere."""
    from scanner.harmless import is_default, is_near, is_of_production

    told = telling.told
    if told.shape is not None or not is_default(told.kind, told.secret):
        return False
    if is_of_production(pair.name) or any(is_of_production(hint.text) for hint in group.hints):
        return False
    users, hosts = _beside_names(spelled(telling.name or pair.name), told.named)
    return all(user == told.secret for user in group.those(users)) and all(
        "," not in each and is_near(host_of(each)) for each in group.those(hosts)
    )


def _beside_names(name: str, named: Named | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names under which user and host of a password stand."""
    before = name.rpartition("_")[0]
    before = f"{before}_" if before else NOTHING
    users, hosts = (tuple(before + each for each in those) for those in (USERS, HOSTS))
    if named is None:
        return users, hosts
    row = named.row
    return (
        (*users, *(prefix + user for user in row.user for prefix in (named.prefix, NOTHING))),
        (*hosts, *(prefix + host for host in row.account for prefix in (named.prefix, NOTHING))),
    )


def is_boring(name: str, value: str) -> bool:
    """Whether a pair tells nothing, told in no time: a name without a word for secrets, a value of one piece."""
    if not _is_boring_name(name) or JOINTS.search(value) is not None:
        return False
    return (len(value) < BORING and not value.startswith("eyJ")) or (
        len(value) <= VALUE_LIMIT and not _is_random(value) and not isinstance(shape_of(value.strip()), Shape)
    )


BORING = 16  # characters: no token has fewer


@lru_cache(maxsize=4096)
def _is_boring_name(name: str) -> bool:
    """Whether only the shape of a value could tell a secret under this name."""
    name = spelled(name)
    if row_of(name) is not None or any(word in name for word in KEYISH):
        return False
    words = {*words_of("says_perhaps"), *words_of("says_secret"), *words_of("says_password")}
    return words.isdisjoint(name.rstrip("_0123456789").split("_"))


def may_be_shaped(value: str) -> bool:
    """Whether a literal stands in the value of which every shape inside a text needs one."""
    if len(value) < BORING:
        return False
    exact, folded = _literals()
    if not value.isascii() or exact.search(value) is not None or folded.search(value.lower()) is not None:
        return True
    return "://" in value and ("@" in value or "?" in value)


@cache
def _literals() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The literals of all shapes but addresses, as they are and in small letters."""
    from scanner.anchors import ADDRESS, shape_groups

    groups = [group for group in shape_groups() if group.id != ADDRESS]
    exact = {literal.decode() for group in groups if not group.folded for literal in group.literals}
    return any_of(exact), any_of(literal.decode() for group in groups if group.folded for literal in group.literals)


def secrets_in_text(
    text: str, evidence: Evidence, host: Host, hints: Iterable[Hint] = (), *, only_shapes: bool = False
) -> Iterator[CredentialSeen]:
    """The credentials in a text without structure, such as a script or a comment: only what a shape tells.

    `evidence` is the place of the text; its line is that of the text's first, None where that is not known.
    `only_shapes` is for examples and templates: there neither an address with a login counts, nor what a plugin tells.
    """
    from scanner.detection import found_in

    group = _together((), tuple(hints))
    for each in found_in(text):
        line = evidence.line + each.line - 1 if evidence.line is not None else None
        told = Told(each.kind, each.secret, None, each.shape)
        if (only_shapes and not (_is_certain(told) or told.kind == PRIVATE_KEY)) or harmless(each.secret) is not None:
            continue
        yield _credential(Pair(NOTHING, NOTHING, replace(evidence, line=line)), told, group, host)


def _narrowed(pair: Pair, telling: Telling) -> Pair:
    """The pair with its place narrowed to the name inside its value, where that may be shown."""
    name = telling.name
    shown = _Shown(telling.told.secret)(name)
    if not shown or pair.evidence.key is not None or not SHOWABLE.fullmatch(shown) or family_of(shown) is not None:
        return pair
    return pair if _is_random(shown) else replace(pair, evidence=replace(pair.evidence, key=shown))


def _place(pair: Pair, host: Host) -> str:
    evidence = pair.evidence
    place = host.shown(evidence.path) if evidence.path is not None else evidence.process or "the environment"
    return f"{place}, line {evidence.line}" if evidence.line is not None else place


def _same_provider(named: Named | None, shape: Shape) -> bool:
    """Whether the variable's name is for the provider whose token it holds, so that its siblings tell of it."""
    return named is not None and kinds()[named.row.kind].provider in {
        kinds()[shape.kind].provider,
        "payment",
        "model-api",
    }


def _is_of_another(named: Named, shape: Shape) -> bool:
    """Whether a curated name says that a token of a shared shape is another provider's."""
    if not shape.shared:
        return False
    provider = kinds()[named.row.kind].provider
    service = named.row.default or (_service(named) if named.row.named else provider.replace("generic", NOTHING))
    return service not in {NOTHING, kinds()[shape.kind].provider}


def _service(named: Named) -> str:
    """The first words of a variable's name, which stand for the service."""
    words = (named.prefix + named.name).split("_")
    return "-".join(takewhile(lambda word: word not in words_of("service_ends"), words)).casefold()


def _is_published(named: Named | None, shape: Shape | Quiet | None) -> bool:
    """Whether what a build publishes is meant to be; a cloud's key and what only a mistake publishes are not."""
    if not isinstance(shape, Shape):
        return named is None or not named.row.public_id
    of_browser = shape.kind == "generic.jwt" or (shape.kind == "generic.url-password" and not shape.user)
    return shape.browser or of_browser


def _repeats(name: str, value: str) -> bool:
    """Whether a value of several words only repeats those of its variable."""
    words = spelled(value).split("_")
    return len(words) > 1 and set(words) <= set(name.split("_"))


def _by_login(named: Named, value: str, shape: Quiet | None) -> Told | Silent:
    """What `user:password` holds; a user that may be a token itself is not shown."""
    encoded = login_of(value)
    if encoded is not None:
        return _login(value, *encoded, named)
    user, colon, secret = value.partition(":")
    if shape is not None or not colon:
        return Silent(shape or Quiet.UNTOLD)
    reason = filler(secret) or (Quiet.PLAIN if SWITCH.fullmatch(secret) or len(secret) < 4 else None)
    if reason is not None:
        return Silent(reason)
    shown = NOTHING if family_of(user) is not None or _is_random(user) else label(user)
    return Told(named.row.kind, secret, named, Shape(named.row.kind, secret, raw=(value,), user=shown))


def _is_certain(told: Told) -> bool:
    return told.shape is not None and not told.shape.doubtful and family_of(told.shape.secret) is not None


def _by_name(named: Named, value: str, shape: Shape | Quiet | None) -> Told | Silent:
    if isinstance(shape, Shape):
        return Told(named.row.kind, shape.secret, named, shape)
    if isinstance(shape, Quiet) and not (named.row.address and shape is Quiet.ADDRESS):
        return Silent(shape)
    reason = filler(value) or (Quiet.PLAIN if SWITCH.fullmatch(value) or PATH.fullmatch(value) else None)
    return Told(named.row.kind, value, named) if reason is None else Silent(reason)


# --- by likelihood: a name that says secret, a value that could be one; detect-secrets knows some names that we do not.

SWITCH = Pattern(
    r"(?i:true|false|yes|no|on|off|null|none|enabled|disabled|always|never|auto)|[-+]?[0-9]{1,12}(?:\.[0-9]{1,6})?(?i:ms|[smhdw]|[kmg]i?b)?"
)
PATH = Pattern(
    r"(?:~|\.{1,2})?/[^\s:@]{0,400}|[A-Za-z]:[\\/][^\n]{0,400}|[^\s/=+@:]{1,80}(?:/[^\s/=+@:]{1,80}){0,20}\.(?:pem|key|json|p12|pfx|crt|ya?ml|txt|env|toml|jks)"
)
WORDS = Pattern(r"(?:[a-z]{1,40}|[A-Z]{1,40}|[A-Z][a-z]{1,40})(?:[-_. /][A-Za-z]{1,40}){0,20}")
SHORT_NAME = Pattern(r"[A-Za-z]{1,12}[0-9]{0,4}")
PHRASE = 20  # from this length on, words may be a pass phrase
LEAST_BITS = 3.0


def _by_likelihood(name: str, value: str) -> Told | Silent:
    reason = filler(value)
    if reason is not None:
        return Silent(reason)
    told_quiet = quiet_reason(name)
    if told_quiet is not None:
        return Silent(Quiet(told_quiet))
    words = name.rstrip("_0123456789").split("_")
    while len(words) > 1 and words[-1] in words_of("describes"):
        words.pop()
    known = _by_detector(name, value)
    if known is not None:
        return Told(known.kind, known.secret, None, known)
    login = login_of(value) if words[-1] == "AUTH" else None
    if login is not None:
        return _login(value, *login, None)
    kind = _kind_by_name(words)
    if kind is None and not {
        *words_of("says_perhaps"),
        *words_of("says_secret"),
        *words_of("says_password"),
    }.intersection(words):
        return Silent(Quiet.UNTOLD)
    if SWITCH.fullmatch(value) or PATH.fullmatch(value):
        return Silent(Quiet.PLAIN)
    likely = _is_random(value) if kind is None else _could_be(value, kind)
    return Told(kind or "generic.secret", value) if likely else Silent(Quiet.PLAIN)


KEYISH = ("KEY", "PW", "PASS", "TOKEN", "SECRET")
LEAST_DETECTED = 24


def _by_detector(name: str, value: str) -> Shape | None:
    """What detect-secrets tells by name and value together; it is not loaded for what it could not know."""
    if len(value) < LEAST_DETECTED or not any(word in name for word in KEYISH) or not _is_random(value):
        return None
    from scanner.detection import named_in

    return named_in(name, value)


# Ends of names whose words nothing parts: `adminpassword`, `clientsecret`
RUN_TOGETHER_PASSWORD = ("PASSWORD", "PASSWD", "PASSPHRASE")
RUN_TOGETHER_SECRET = ("TOKEN", "SECRET", "APIKEY", "ACCESSKEY", "SECRETKEY", "PRIVATEKEY")


def _kind_by_name(words: list[str]) -> str | None:
    """The kind that the end of a name says, None where a word for secrets only stands somewhere in it."""
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    # PWD alone is the shell's folder, and PASS alone a verdict
    if last in words_of("says_password") and (len(words) > 1 or last not in {"PWD", "PASS"}):
        return "generic.password"
    if last in words_of("says_secret") or (last == "KEY" and before in words_of("says_key")):
        return "generic.secret"
    if last.endswith(RUN_TOGETHER_PASSWORD):
        return "generic.password"
    return "generic.secret" if last.endswith(RUN_TOGETHER_SECRET) else None


def _could_be(value: str, kind: str) -> bool:
    if kind == "generic.password":
        return len(value) >= 4
    if len(value) < 8 or (SHORT_NAME.fullmatch(value) and len(value) < 12):
        return False
    return len(value) >= PHRASE if WORDS.fullmatch(value) else True


def _is_random(value: str) -> bool:
    """Whether a value looks drawn at random: long, of one piece, letters and digits, many different signs."""
    if len(value) < 16 or any(sign.isspace() for sign in value):
        return False
    if not (any(sign.isdigit() for sign in value) and any(sign.isalpha() for sign in value)):
        return False
    count = len(value)
    return -sum(n / count * math.log2(n / count) for n in Counter(value).values()) >= LEAST_BITS


# --- one credential from a pair and its siblings

SHOWABLE = Pattern(r"[A-Za-z_][A-Za-z0-9_.\-]{0,127}")
# Only what begins as its provider's ids do is shown: a secret may have been pasted in the place of an id.
KEY_ID = Pattern(r"(?:AKIA|ASIA|A3T[A-Z0-9])[A-Z0-9]{12,28}|SCW[A-Z0-9]{12,29}|LTAI[A-Za-z0-9]{12,28}")
STAGES = ("ENVIRONMENT", "*_ENVIRONMENT", "*_ENVIRONMENT_NAME", "ENV", "*_ENV", "STAGE", "*_STAGE")
STAGE_LIMIT = 60
PRIVATE_KEY = "generic.private-key"
HEADER_ONLY = 80  # a private key whose lines were lost is shorter than this
NOTHING = ""


class _Group(Value, frozen=True):
    """Pairs that stand together: values by spelled name, what tells the environment, names that are parts of others."""

    concealed: ClassVar[frozenset[str]] = frozenset({"values"})

    values: Mapping[str, str]
    hints: tuple[Hint, ...]
    parts: frozenset[str]

    def sibling(self, named: Named, names: Iterable[str]) -> str:
        """The first sibling of those names that is set, looked for behind the same prefix first."""
        for prefix in dict.fromkeys((named.prefix, "")):
            for name in names:
                value = self.values.get(prefix + name, "")
                if stand_in(value) is None:
                    return value
        return NOTHING

    def those(self, names: Iterable[str]) -> Iterator[str]:
        """Whatever stands beside it under any of the names."""
        return (value for name in names if (value := self.values.get(name, NOTHING)))

    def told(self, named: Named, names: Iterable[str]) -> str:
        """A sibling as a name that may be shown: of an address the host, and nothing that is a token itself."""
        value = self.sibling(named, names)
        family = family_of(value)
        if family is not None and not family.public:
            return NOTHING
        return host_of(value) if ":" in value or "/" in value else label(value)


def _together(pairs: tuple[Pair, ...], hints: tuple[Hint, ...]) -> _Group:
    values = {spelled(pair.name): pair.value.strip() for pair in pairs}
    parts: set[str] = set()
    for pair in pairs:
        named = row_of(spelled(pair.name))
        if named is not None and named.row.parts and isinstance(judge(pair.name, pair.value), Told):
            parts.update(named.prefix + part for part in named.row.parts)
    return _Group(values, (*hints, *_stages(values)), frozenset(parts))


@lru_cache(maxsize=4096)
def _tells_stage(name: str) -> bool:
    return any(fnmatchcase(name, glob) for glob in STAGES)


def _stages(values: Mapping[str, str]) -> Iterator[Hint]:
    """What variables such as NODE_ENV say of the stage."""
    for name, value in values.items():
        if len(value) > STAGE_LIMIT or not _tells_stage(name):
            continue
        if SHOWABLE.fullmatch(value) and isinstance(judge(name, value), Silent):
            yield Hint(f"variable {name}", value)


class _Shown(Value, frozen=True):
    """Lets a text through that is to be shown, unless the secret stands in it: a login that is its own password."""

    concealed: ClassVar[frozenset[str]] = frozenset({"secret"})

    secret: str

    def __call__(self, text: str) -> str:
        """The text, or nothing."""
        folded = self.secret.casefold()
        return NOTHING if text == self.secret or (len(folded) >= 6 and folded in text.casefold()) else text


def _credential(pair: Pair, told: Told, group: _Group, host: Host) -> CredentialSeen:
    shown = _Shown(told.secret)
    public_id = _public_id(told, group)
    kind = _kind(told, group, public_id)
    name = shown(pair.name) if SHOWABLE.fullmatch(pair.name) and family_of(pair.name) is None else NOTHING
    user = shown(_user(told, group))
    account = shown(_account(told, group, public_id)) or shown(_fallback(kind, told, group, name))
    asset = account or kinds()[kind].provider
    profile = shown(group.told(told.named, told.named.row.profile)) if told.named is not None else NOTHING
    hints = (*(told.shape.hints if told.shape else ()), Hint("profile", profile), *group.hints, Hint("variable", name))
    lifetime = _lifetime(told, group)
    return CredentialSeen(
        kind=kind,
        evidence=_evidence(pair.evidence, pair.name, name),
        secret=_kept(kind, told, host),
        public_id=public_id,
        identity=_identity(kind, asset, user, public_id),
        grants=_grants(kind, asset, tuple(hint for hint in hints if shown(hint.text)), told),
        lifetime=lifetime,
        protection=told.shape.protection if told.shape is not None else Protection.PLAINTEXT,
        state=CredentialState.EXPIRED if lifetime.ended(host.now) else CredentialState.UNTESTED,
        names=(f"profile {profile}",) if profile else (),
        beside=_beside(kind, told, group, host),
    )


def _beside(kind: str, told: Told, group: _Group, host: Host) -> Secret | None:
    """The session token without which a session's key proves nothing."""
    if kind != "aws.session-key" or told.named is None:
        return None
    token = group.sibling(told.named, told.named.row.parts)
    return host.keep(token) if token else None


def _identity(kind: str, asset: str, user: str, public_id: str | None) -> Identity | None:
    """Who acts with it, where a login or a key id says so."""
    if public_id is not None and kind in {"aws.access-key", "aws.session-key"}:
        return identity_of(public_id)
    return Identity(kinds()[kind].provider, asset, user) if user else None


def _kind(told: Told, group: _Group, public_id: str | None) -> str:
    """The kind; a key of Amazon's is a session's where its id or a token beside it says so."""
    if told.kind != "aws.access-key" or told.named is None:
        return told.kind
    temporary = (public_id or "").startswith("ASIA") or group.sibling(told.named, told.named.row.parts)
    return "aws.session-key" if temporary else told.kind


def _public_id(told: Told, group: _Group) -> str | None:
    if told.shape is not None and told.shape.public_id is not None:
        return told.shape.public_id
    found = group.sibling(told.named, told.named.row.public_id) if told.named is not None else NOTHING
    return found if found != told.secret and KEY_ID.fullmatch(found) else None


def _user(told: Told, group: _Group) -> str:
    """The login that the value's structure or a sibling names."""
    of_shape = told.shape.user if told.shape is not None else NOTHING
    return of_shape or (group.told(told.named, told.named.row.user) if told.named is not None else NOTHING)


def _account(told: Told, group: _Group, public_id: str | None) -> str:
    """What the credential opens, as the key id, the value's structure or a sibling names it."""
    of_key = account_of(public_id) if public_id is not None else None
    of_shape = told.shape.account if told.shape is not None else NOTHING
    if of_key is not None or of_shape or told.named is None:
        return of_key or of_shape
    account = group.told(told.named, told.named.row.account)
    within = group.told(told.named, told.named.row.within)
    return "/".join(part for part in (account, within) if part) or public_id or NOTHING


def _fallback(kind: str, told: Told, group: _Group, name: str) -> str:
    """A name for what nothing names: the service in the variable's name, the provider, or where the secret lies."""
    provider = kinds()[kind].provider
    row = told.named.row if told.named is not None else None
    if told.named is not None and told.named.row.kind == kind and told.named.row.default:
        return told.named.row.default
    if told.named is not None and told.named.row.named:
        return _service(told.named)
    if told.named is not None and told.named.row.hosted:
        return _host_in(name, told.named) or variables().accounts.get(provider, provider)
    if (row is not None and row.local) or (row is None and kind.startswith("generic.")):
        places = [hint.text for hint in group.hints if hint.what in {"repository", "folder", "file"}]
        return "/".join([*places, name or kind])
    return variables().accounts.get(provider, provider)


def _host_in(name: str, named: Named) -> str:
    """The host that a variable's name spells: TF_TOKEN_app_terraform_io is of app.terraform.io."""
    start = next((each.removesuffix("*") for each in named.row.names if each.endswith("*")), NOTHING)
    return host_of(name.partition(start)[2].replace("__", "-").replace("_", ".")) if start else NOTHING


def _lifetime(told: Told, group: _Group) -> Lifetime:
    if told.shape is not None and told.shape.lifetime.kind is not LifetimeKind.UNKNOWN:
        return told.shape.lifetime
    end = moment(group.sibling(told.named, told.named.row.ends)) if told.named is not None else None
    return Lifetime() if end is None else Lifetime(LifetimeKind.EXPIRES, end)


def _evidence(evidence: Evidence, name: str, shown: str) -> Evidence:
    """The place, without the name where the name could tell the secret."""
    if shown == name:
        return evidence
    return replace(
        evidence,
        key=None if evidence.key == name else evidence.key,
        variable="a name that is not shown" if evidence.variable == name else evidence.variable,
    )


def _kept(kind: str, told: Told, host: Host) -> Secret | None:
    for text in (*told.raw, *(told.shape.raw if told.shape is not None else ())):
        host.keep(text)
    if told.shape is not None and told.shape.kind == PRIVATE_KEY and len(told.secret) < HEADER_ONLY:
        return None
    return host.keep(told.secret, guessable=kinds()[kind].guessable)


def _grants(kind: str, asset: str, hints: tuple[Hint, ...], told: Told) -> tuple[Grant, ...]:
    """What the kind implies, each a degree less sure where a checksum is wrong.

    What reaches a whole account reaches all its stages, so the stage of the file it lies in is no hint for it.
    """
    wide = words_of("account_wide")
    own = told.shape.hints if told.shape is not None else ()
    grants = tuple(
        replace(grant, asset=replace(grant.asset, hints=own)) if grant.asset.kind in wide else grant
        for grant in implied(kind, asset, hints)
    )
    if told.shape is None or not told.shape.doubtful:
        return grants
    return tuple(replace(grant, confidence=grant.confidence.one_lower) for grant in grants)
