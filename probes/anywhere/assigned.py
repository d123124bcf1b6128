"""Scripts and code: what they assign to names that smell of a secret, told line by line without knowing the language.

The words that such names are made of are looked for first, as plain texts, so that a long file without them costs next
to nothing; what stands around each is then read once. Nothing is run and nothing is filled in.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import PurePath

from msgspec import Struct
from msgspec.structs import replace

from probes.anywhere import typed
from probes.anywhere.calls import calls
from probes.anywhere.likely import Manner, is_variable, plausible
from probes.anywhere.naming import leftover
from probes.anywhere.reading import Read
from scanner.data.variables import spelled
from scanner.model import Evidence
from scanner.parts import parts_of
from scanner.secrets import Pair
from scanner.shapes import words_of

WORDS = (
    *("passw", "passphrase", "passwd", "pwd", "_pass", "dbpass", "secret", "token", "api_key", "apikey", "api-key"),
    *("auth", "credential", "access_key", "accesskey", "private_key", "privatekey", "connectionstring"),
    *("signing_key", "encryption_key", "encryptionkey", "master_key", "account_key", "accountkey", "admin_key", "dsn"),
    *("connection_string", "webhook", "jwt", "cookie", "salt", "bearer", "_key", "-key", "pass=", "pass:", "pass "),
    *(
        "_pat",
        "_url",
        "account.key",
        "database_uri",
        "passcode",
        "kennwort",
        "passwort",
        "contrasena",
        'pass"',
        "pass'",
        "_pw",
    ),
)
# What stands beside a secret and tells what it opens, and whose: taken where a secret's name is in the file
BESIDE = re.compile(
    r"(?im)^[ \t]*(?:export |set |env |arg |\$env:|const |let |var |\"|')?"
    r"([A-Z_]*(?:HOST|USER|USERNAME|DATABASE|DB_NAME|KEY_ID|ENDPOINT|BUCKET|PROFILE|ENV|STAGE|ENVIRONMENT))"
    r"[\"']?\s{0,4}[:=]\s{0,4}[\"']?([\w.:/@-]{1,200})"
)
PROGRAMS = (
    "curl",
    "wget",
    "sshpass",
    "mysql",
    "mariadb",
    "redis-cli",
    "mongo",
    "sqlcmd",
    "ldapsearch",
    "psql",
    "unzip",
    "lftp",
    "smbclient",
)
HITS = 20_000
BEFORE = 80  # characters of a name before the word
LINE = 2_000  # characters of a command line
SIBLINGS = 50
NOTHING: tuple[int, ...] = ()

HEAD = re.compile(r"[\w$.-]{0,80}")  # of the text before the word, read backwards
DOTTED = re.compile(r"(?:\.[\w-]{1,40}){1,6}(?=[\"'])")  # the host behind `fs.azure.account.key`
REST = re.compile(r"(?i:account\.key)?[\w$-]{0,60}")
# What stands between a name and its value: `=`, `:`, `=>`, `:=`, a type, `", "` of a call with two texts, `(` of a call
JOINT = re.compile(
    r"""(?:\\?["'`])?\]?\)?(?:
        \s{0,8}(?::[ ]{0,2}&?(?:'static[ ])?[A-Za-z][\w<>\[\]|.?]{0,40}|[ ](?:string|str|String|\[\]byte))?
            \s{0,40}(?:=>|:=|\?=|\|\|=|\?\?=|=(?![=~>]))\s{0,40}
      | \s{0,8}:(?![:=/])\s{0,40}
      | [ \t]{0,2},[ \t]{0,8}(?=["'`])
      | \(\s{0,8}(?=["'`])
    )""",
    re.VERBOSE,
)
LOGIN = re.compile(r"""[ \t]{0,2}=?[ \t]{0,2}\([ \t]{0,2}["'][^"'\n]{1,100}["'],[ \t]{0,2}["']([^"'\n]{1,200})["']""")
SPACED = re.compile(r"[ \t]{1,8}(?=[^\s=:-])")
QUOTED = re.compile(
    r"""(?:[rbufFRBU@$]{1,2}|new\s+\w{1,20}\(|String\(|ConvertTo-SecureString[ ]{1,4}(?:-String[ ]{1,4})?)?(?:
        \\"(?P<escaped>[^"\\\n]{0,2000}+)\\" | "(?P<double>(?:[^"\\\n]|\\.){0,2000}+)"
      | '(?P<single>(?:[^'\\\n]|\\.){0,2000}+)'
      | `(?P<back>[^`\\\n]{0,2000}+)` )""",
    re.VERBOSE,
)
BARE = re.compile(r"""(?:(?i:bearer|basic|token|apikey|bot)[ \t]{1,4})?[^\s"'`;|&()<>{},\\]{1,1200}""")
WITHIN = re.compile(r"""([^\s;"'&,{}$<>]{6,200})(?:;|["'](?=[\s;,)]))""")  # of a connection's string: `Password=X;`
BARE_OF_LINE = re.compile(r"""[^\s"'`;|&()<>{}\\][^\s"'`]{0,1200}""")
SHELLS = re.compile(
    r"(?i)(?:\.(?:sh|bash|zsh|fish|ksh|csh|ps1|psm1|bat|cmd|mk|mak|env|conf|cnf|cfg|ini|properties|ya?ml|toml|http|rest|service|tf"
    r"|tfvars|envrc|profile|txt|md|rst|log|bak|orig|old|save|swp|tmp|local|dist)|makefile|gnumakefile|justfile|procfile|"
    r"jenkinsfile|vagrantfile|containerfile|dockerfile|\.?[a-z]{0,8}(?:rc|profile|aliases|login|logout|env)|\.envrc|crontab|hosts)$"
    r"|^(?:dockerfile|makefile|containerfile|procfile|\.env|\.bash|\.zsh)|^[^.]{1,60}$"
)
LANGUAGES = re.compile(
    r"(?i)\.(?:py|pyw|js|mjs|cjs|jsx|ts|tsx|mts|rb|php|go|java|kt|kts|cs|rs|swift|scala|groovy|gradle|c|cc|cpp|h|hpp|m|mm|lua|pl|pm|r|"
    r"jl|ex|exs|erl|clj|dart|vue|svelte|sql|ipynb|sol|html?)$"
)
INTERPOLATED = re.compile(r"\$[A-Za-z0-9_{(@?!*]|`|%[A-Za-z_]\w{0,40}%|![A-Za-z_]\w{0,40}!")


def read(text: str, path: PurePath) -> Read:
    """What a script or a module assigns; the rest of the text is for shapes."""
    found = tuple(pairs(text, path))
    return Read(found, leftover(text, found))


def pairs(text: str, path: PurePath) -> Iterator[Pair]:
    """The pairs in their order, names as they are written."""
    reading = _Reading(text, path, LANGUAGES.search(path.name) is None and SHELLS.search(path.name) is not None)
    found = [each for at in _places(text) for each in reading.around(at)]
    found += reading.command_lines()
    found += reading.calls()
    if found:
        yield from reading.siblings()
    yield from sorted(found, key=lambda each: each.evidence.line or 0)


def moved(evidence: Evidence, path: PurePath, line: int) -> Evidence:
    """The place of a pair of an inner text, in the file that holds it."""
    return replace(evidence, path=path, line=line)


def folded(text: str) -> str:
    """The text in small letters, every character in its place."""
    return text.lower() if text.isascii() else text.translate(SMALL)


SMALL = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def _places(text: str) -> list[int]:
    """Where the words begin that names of secrets are made of."""
    small = folded(text)
    places: list[int] = []
    for word in WORDS:
        at = small.find(word)
        while at >= 0 and len(places) < HITS:
            places.append(at)
            at = small.find(word, at + len(word))
    return sorted(places)


class _Told(Struct, frozen=True):
    """A value that stands behind a name: where it begins and ends, and the group of QUOTED that took it."""

    start: int
    end: int
    quote: str


class _Reading:
    """A text that is read around its places, none of it twice."""

    def __init__(self, text: str, path: PurePath, is_shell: bool) -> None:
        self._text = text
        self._path = path
        self._is_shell = is_shell
        self._end = 0
        self._lines: list[int] | None = None

    def around(self, at: int) -> Iterator[Pair]:
        """The pair whose name holds the word at that place."""
        if at < self._end:
            return
        text = self._text
        head = HEAD.match(text[max(0, at - BEFORE) : at][::-1])
        start = at - (head.end() if head is not None else 0)
        rest = REST.match(text, at)
        end = rest.end() if rest is not None else at
        self._end = end
        dotted = DOTTED.match(text, end)
        told = self._login(end) or self._value(start, dotted.end() if dotted is not None else end)
        if told is None:
            return
        name = text[start:end].strip(".-$") + (".password" if told.quote == "login" else "")
        value = text[told.start : told.end]
        self._end = max(end, told.start if self._nests(value) else told.end)
        if self._is_one(name, value, told):
            yield Pair(name, value, Evidence(self._path, self._line(told.start), name))

    def _login(self, end: int) -> _Told | None:
        """The second text of `auth=("ada", "...")`."""
        login = LOGIN.match(self._text, end) if self._text[end - 4 : end].lower() == "auth" else None
        return _Told(*login.span(1), quote="login") if login is not None else None

    def _nests(self, value: str) -> bool:
        """Whether a value may hold assignments of its own: a command, JSON, settings."""
        return len(value) > 20 and ("=" in value or ":" in value)

    def _value(self, start: int, end: int) -> _Told | None:
        text = self._text
        joint = JOINT.match(text, end)
        if joint is None:
            return self._behind_blank(start, end)
        if "," in joint[0] and not text[max(0, start - 4) : start - 1].rstrip().endswith("("):
            return None  # a list of texts, and no call with a name and its value
        quoted = QUOTED.match(text, joint.end())
        if quoted is not None and quoted.lastgroup is not None:
            return _Told(*quoted.span(quoted.lastgroup), quote=quoted.lastgroup)
        within = (
            WITHIN.match(text, joint.end()) if joint[0] == "=" and text[start - 1 : start] in tuple(";\"' ") else None
        )
        if within is not None and not self._is_shell:
            return _Told(*within.span(1), quote="within")
        if not self._is_shell or joint[0].endswith(("(", ",")):
            return None
        bare = BARE.match(text, joint.end())
        if bare is None or "\n" in joint[0]:
            return None
        return _Told(bare.start(), self._bare_end(bare), quote="")

    def _bare_end(self, bare: re.Match[str]) -> int:
        """Where a bare value ends: signs of the shell belong to it where no blank stands before them."""
        whole = BARE_OF_LINE.match(self._text, bare.start())
        return (
            bare.end()
            if whole is None or self._text[bare.end() : bare.end() + 1] in ";|&)"
            else max(bare.end(), whole.end())
        )

    def _behind_blank(self, start: int, end: int) -> _Told | None:
        """`--password hunter2`, `ENV NAME value`, `set -x NAME value`: only a blank between."""
        text = self._text
        blank = SPACED.match(text, end)
        if blank is None:
            return None
        if not self._is_shell:
            return self._said_behind_blank(start, blank.end())
        before = text[max(0, start - 24) : start]
        if not (text[start : start + 1] == "-" or BLANK_ASSIGNS.search(before)):
            return None
        quoted = QUOTED.match(text, blank.end())
        if quoted is not None and quoted.lastgroup is not None:
            return _Told(*quoted.span(quoted.lastgroup), quote=quoted.lastgroup)
        bare = BARE.match(text, blank.end())
        return _Told(*bare.span(), quote="") if bare is not None else None

    def _said_behind_blank(self, start: int, at: int) -> _Told | None:
        """`storePassword "X"` in Gradle and Ruby, `#define PASSWORD "X"` in C: alone on its line but for that."""
        quoted = QUOTED.match(self._text, at)
        if quoted is None or quoted.lastgroup not in {"double", "single"}:
            return None
        before = self._text[max(self._text.rfind("\n", 0, start) + 1, start - BEFORE) : start].strip()
        return _Told(*quoted.span(quoted.lastgroup), quote=quoted.lastgroup) if before in {"", "#define"} else None

    def _is_one(self, name: str, value: str, told: _Told) -> bool:
        if not name or not value.strip() or (self._is_shell and told.quote != "single" and INTERPOLATED.search(value)):
            return False
        if spelled(name).split("_")[0] in words_of("negates") and not is_variable(name):
            return False
        assigns = self._is_shell and is_variable(name) and self._text[told.start - 1 : told.start] in "=\"'"
        return plausible(name, value, Manner.VARIABLE if assigns else Manner.CODE)

    def _line(self, at: int) -> int:
        if self._lines is None:
            self._lines = [each.end() for each in BREAK.finditer(self._text)]
        return bisect_right(self._lines, at) + 1

    def command_lines(self) -> Iterator[Pair]:
        """What the known programs take as logins and passwords in command lines, by options of a single letter."""
        if not self._is_shell:
            return
        met: set[int] = set()
        for program in PROGRAMS:
            at = self._text.find(program)
            while at >= 0 and len(met) < HITS:
                number = self._line(at)
                if number not in met:
                    met.add(number)
                    yield from self._command(at, number)
                at = self._text.find("\n", at)
                at = self._text.find(program, at) if at >= 0 else -1

    def _command(self, at: int, number: int) -> Iterator[Pair]:
        end = self._text.find("\n", at)
        line = self._text[at : min(end if end >= 0 else len(self._text), at + LINE)]
        told = {part.value: part.name for part in parts_of(line) if not part.loose and part.name in SHORT}
        for each in typed.said(line) if line.startswith(TABLED) else ():
            told.setdefault(each.value, each.name)
        for value, name in told.items():
            if not INTERPOLATED.search(value):
                yield Pair(name, value, Evidence(self._path, number, name))

    def calls(self) -> Iterator[Pair]:
        """What calls take by its place."""
        for each in calls(self._text):
            yield Pair(each.name, each.value, Evidence(self._path, self._line(each.at), each.name))

    def siblings(self) -> Iterator[Pair]:
        """What stands beside the secrets of the file: hosts, users, stages."""
        for count, match in enumerate(BESIDE.finditer(self._text)):
            if count >= SIBLINGS:
                return
            yield Pair(match[1], match[2], Evidence(self._path, self._line(match.start(1)), match[1]))


TABLED = ("lftp", "smbclient")  # whose options only the table of command lines knows
BREAK = re.compile(r"\n")
BLANK_ASSIGNS = re.compile(
    r"(?i)(?:^|[\s;])(?:env|arg|set|setenv|set\s+-\w{1,4}|set\s+--\w{1,12}|machine|-\w{0,2})\s{1,4}$"
)
SHORT = frozenset(
    {
        "BASIC_AUTH",
        *(
            f"{name}_password"
            for name in ("mysql", "mariadb", "redis", "mongo", "sshpass", "sqlcmd", "ldapsearch", "unzip")
        ),
        *("zip_password", "bcp_password", "7z_password", "7za_password", "clickhouse_password", "ldapmodify_password"),
    }
)
