"""Secrets in statements that somebody typed into a database or a program: SQL, Redis, MongoDB, Python, Node and others.

What counts is a clause that takes a secret, `IDENTIFIED BY 'X'`, or a variable of the environment that is set. What is
compared with a column of that name (`WHERE password = 'x'`) is what some application keeps, and is left alone.
"""

import re
from collections.abc import Iterator

from probes.anywhere.calls import calls
from probes.anywhere.likely import Manner, plausible
from probes.anywhere.typed import Said, ends_as_secret
from scanner.patterns import Pattern

LINE_LIMIT = 16 * 1024
BACK = 400  # characters before a clause in which its verb stands
QUOTED = r"""(?:[eEnN]?'(?P<single>(?:[^'\\]|\\.|'')*)'|"(?P<double>(?:[^"\\]|\\.)*)")"""
CLAUSE = Pattern(
    rf"\b(?:identified\s{{1,8}}(?:with\s{{1,8}}(?P<how>['\"]?\w{{1,40}}['\"]?)\s{{1,8}})?by|(?:master_|source_)?password(?:\s{{0,8}}=|\s{{1,8}}to|(?=\s{{0,4}}\())?)"
    rf"\s{{0,8}}(?:(?:(?:old_)?password\s{{0,4}})?\(\s{{0,4}})?{QUOTED}",
    re.IGNORECASE,
)
UNQUOTED = Pattern(r"\bidentified\s{1,8}by\s{1,8}(?P<bare>[A-Za-z][\w$#]{3,60})(?=\s{0,8}(?:;|$))", re.IGNORECASE)
VERB = Pattern(r"\b(?:create|alter|grant|change|set\s{1,8}password|start\s{1,8}group_replication)\b", re.IGNORECASE)
# Digests of passwords that databases take in a password's place
DIGEST = Pattern(
    r"\*[0-9A-Fa-f]{40}|md5[0-9a-f]{32}|SCRAM-SHA-256\$.*|\$[0-9a-z]{1,8}\$.*|0x[0-9A-Fa-f]{20,}", re.DOTALL
)
# What reads a bucket, named in a statement or in a text of settings within it
KEYS = Pattern(
    r"\b(?P<name>(?:aws_|s3_|fs\.s3a\.)(?:secret_access_key|secret[_.]key|session_token)|secret_access_key|azure_sas_token)"
    rf"['\"]?(?:\s{{0,4}}[=:,]\s{{0,4}}(?:{QUOTED}|(?P<bare>[^\s;'\",()=]{{16,}}))|\s{{1,4}}'(?P<behind>[^']{{16,}})')",
    re.IGNORECASE,
)
DUCKDB = Pattern(r"\bcreate\b[^;]{1,80}\bsecret\b[^;]{0,400}\bsecret\s{1,4}'(?P<single>[^']{8,})'", re.IGNORECASE)
REDIS = Pattern(
    r"\s*(?:auth\s+(?:\S{1,80}\s+)?|config\s+set\s+(?:requirepass|masterauth)\s+|hello\s+\d\s+auth\s+\S{1,80}\s+"
    r"|acl\s+setuser\s[^>]{0,200}>)(?P<bare>\S{1,200})[^\n]*",
    re.IGNORECASE,
)
# db.auth("ada", "X"), changeUserPassword("ada", "X"), {pwd: "X"}
MONGO = Pattern(
    rf"(?:\b(?:auth|changeUserPassword)\(\s{{0,8}}['\"][^'\"]{{0,80}}['\"]\s{{0,8}},|\bpwd\s{{0,4}}:)\s{{0,8}}{QUOTED}"
)
# os.environ["X"] = "...", process.env.X = "...", ENV["X"] = "...", Sys.setenv(X = "..."), os.Setenv("X", "...")
ENVIRONMENT = Pattern(
    r"(?:\b(?:environ|ENV|env)\s{0,4}(?:\[\s{0,4}['\"]|\.)(?:setdefault\(\s{0,4}['\"])?|environ\.setdefault\(\s{0,4}['\"]"
    r"|[sS]et[eE]nv(?:ironmentVariable)?\(\s{0,4}['\"]?|putenv\(\s{0,4}['\"]|\\setenv\s{1,8})"
    r"(?P<name>[A-Za-z_][A-Za-z0-9_]{2,80})(?:=|['\"]?\s{0,4}\]?\s{0,4}(?:=|,|\s)\s{0,4})"
    rf"(?:{QUOTED}|(?P<bare>[^\s;'\",()]{{1,400}}))"
)
# LOGIN ada 'X' of Cassandra, PRAGMA key = 'X' and ATTACH ... KEY 'X' of SQLite with encryption
OF_DATABASES = Pattern(
    rf"^\s{{0,8}}login\s{{1,8}}\S{{1,80}}\s{{1,8}}{QUOTED}|\bpragma\s{{1,8}}(?:re)?key\s{{0,8}}=\s{{0,8}}['\"](?P<bare>[^'\"]{{6,200}})",
    re.IGNORECASE,
)
# A name and a value as rows of a table: `('api_token', 'X')`
ROWS = Pattern(r"'(?P<name>[A-Za-z][\w.-]{2,60})'\s{0,4},\s{0,4}'(?P<single>[^']{12,400})'")
# A connection's string within a statement: `'host=db user=ada password=X'`
CONNECTION = Pattern(r"\b(?:host|dbname|user)=[^'\";]{0,200}\bpassword=(?P<bare>[^\s'\";]{4,200})", re.IGNORECASE)
# `auth=("ada", "X")`
LOGIN = Pattern(r"\bauth\s{0,2}=\s{0,2}\(\s{0,2}['\"][^'\"\n]{1,100}['\"],\s{0,2}['\"]([^'\"\n]{1,200})['\"]")
ARGUMENT = Pattern(rf"(?<![\w.$-])(?P<name>[A-Za-z_][\w-]{{2,40}})['\"]?\s{{0,4}}(?:=>|[=:])\s{{0,4}}[rbu]?{QUOTED}")
# What keeps or compares values of an application's own
OF_ROWS = Pattern(r"\b(?:update|insert|where|values)\b", re.IGNORECASE)
SMELLS = Pattern(r"pass|pwd|secret|token|key|auth|identified|credential|setuser", re.IGNORECASE)


def of_databases(line: str) -> Iterator[Said]:
    """What the clauses of SQL and its kin say."""
    line = line[:LINE_LIMIT]
    for found in CLAUSE.finditer(line):
        text, how = _text(found), found["how"] or ""
        if text and _is_of_login(line, found.start()) and "hash" not in how.lower() and DIGEST.fullmatch(text) is None:
            yield Said("database_password", text)
    for found in UNQUOTED.finditer(line):
        yield Said("database_password", found["bare"])
    for found in KEYS.finditer(line):
        yield Said(found["name"].replace(".", "_"), _text(found))
    for found in DUCKDB.finditer(line):
        yield Said("s3_secret_access_key", _text(found))
    for found in MONGO.finditer(line):
        yield Said("mongo_password", _text(found))
    yield from _by_place(line)


def _by_place(line: str) -> Iterator[Said]:
    """What statements hold under no clause of its own: logins, keys of files, rows with a name and its value."""
    for pattern in (OF_DATABASES, CONNECTION):
        for found in pattern.finditer(line):
            yield Said("database_password", _text(found))
    for found in ROWS.finditer(line):
        if ends_as_secret(found["name"]) and plausible(found["name"], found["single"], Manner.CODE):
            yield Said(found["name"], found["single"])


def _is_of_login(line: str, at: int) -> bool:
    """Whether the statement around a place is about a login of the database."""
    start = max(0, at - BACK, line.rfind(";", 0, at))
    return VERB.search(line, start, at + len("password for x")) is not None and OF_ROWS.search(line, start, at) is None


def of_redis(line: str) -> Iterator[Said]:
    """What a command of Redis says."""
    found = REDIS.fullmatch(line[:LINE_LIMIT])
    if found is not None:
        yield Said("redis_password", found["bare"].strip("\"'"))


def of_environment(line: str) -> Iterator[Said]:
    """What a line sets in its environment, of whatever language it is."""
    for found in ENVIRONMENT.finditer(line[:LINE_LIMIT]):
        if SMELLS.search(found["name"]) is not None and found["name"].isupper():
            yield Said(found["name"], _text(found))


def of_programs(line: str) -> Iterator[Said]:
    """What a line of a programming language hands to a call under a secret's name."""
    line = line[:LINE_LIMIT]
    for found in ARGUMENT.finditer(line):
        name, text = found["name"], _text(found)
        if SMELLS.search(name) is not None and ends_as_secret(name) and plausible(name, text, Manner.CODE):
            yield Said(name, text)
    for login in LOGIN.finditer(line):
        if plausible("login.password", login[1], Manner.CODE):
            yield Said("login.password", login[1])
    yield from calls(line)


def _text(found: re.Match[str]) -> str:
    told = found.groupdict()
    text = told.get("single") or told.get("double") or told.get("bare") or told.get("behind") or ""
    return text.replace("''", "'").replace("\\'", "'").replace('\\"', '"')
