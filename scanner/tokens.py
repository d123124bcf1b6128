"""Made-up tokens of each family, from a seed: for sample machines and tests, so that no file need hold one."""

import base64
import json
import re
import string
import zlib
from collections.abc import Callable
from random import Random

PLACEHOLDER = re.compile(r"\{token:([a-z0-9.-]+)\}")
ALNUM = string.ascii_letters + string.digits
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
BASE32 = string.ascii_uppercase + "234567"


def fill(text: str, seed: str) -> str:
    """The text with every `{token:FAMILY}` filled; the same family and seed give the same token.

    `{token:FAMILY.2}` is a second token of that family. Raises KeyError for a family that is not known.
    """
    return PLACEHOLDER.sub(lambda match: token(match[1], seed), text)


def token(name: str, seed: str) -> str:
    """One token: `name` is a family, with `.N` behind it for more than one."""
    family = name.partition(".")[0]
    return FAMILIES[family](Random(f"{seed}/{name}"))  # noqa: S311 - made-up on purpose


def _chars(random: Random, alphabet: str, count: int) -> str:
    return "".join(random.choices(alphabet, k=count))


def _checked(prefix: str, random: Random) -> str:
    """GitHub's and npm's form: 30 random characters and their CRC32 in base62."""
    body = _chars(random, ALNUM, 30)
    number = zlib.crc32(body.encode())
    digits = ""
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits = BASE62[digit] + digits
    return prefix + body + digits


def aws_key_id(prefix: str, account: str, random: Random) -> str:
    """An access key id that encodes the account the way current ones do."""
    number = (int(account) << 7 | random.getrandbits(7) | 1 << 47).to_bytes(6, "big") + random.randbytes(4)
    return prefix + base64.b32encode(number).decode()


def _jwt(random: Random) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    claims = {"iss": "https://id.example.com", "sub": "ada", "exp": 1795000000}
    return ".".join([part({"alg": "RS256", "typ": "JWT"}), part(claims), _chars(random, ALNUM, 86)])


FAMILIES: dict[str, Callable[[Random], str]] = {
    "aws-key": lambda r: aws_key_id("AKIA", "123456789012", r),
    "aws-key-prod": lambda r: aws_key_id("AKIA", "210987654321", r),
    "aws-session-key": lambda r: aws_key_id("ASIA", "123456789012", r),
    "aws-secret": lambda r: _chars(r, ALNUM + "/+", 40),
    "aws-session-token": lambda r: "IQoJb3JpZ2lu" + _chars(r, ALNUM + "/+", 280) + "==",
    "github-classic": lambda r: _checked("ghp_", r),
    "github-oauth": lambda r: _checked("gho_", r),
    "github-fine-grained": lambda r: "github_pat_" + _chars(r, ALNUM, 22) + "_" + _chars(r, ALNUM, 59),
    "gitlab": lambda r: "glpat-" + _chars(r, ALNUM, 20),
    "npm": lambda r: _checked("npm_", r),
    "anthropic": lambda r: "sk-ant-api03-" + _chars(r, ALNUM + "-_", 93) + "AA",
    "openai": lambda r: "sk-proj-" + _chars(r, ALNUM, 74) + "T3BlbkFJ" + _chars(r, ALNUM, 74),
    "slack-bot": lambda r: (
        "xoxb-" + _chars(r, string.digits, 12) + "-" + _chars(r, string.digits, 12) + "-" + _chars(r, ALNUM, 24)
    ),
    "stripe-live": lambda r: "sk_live_" + _chars(r, ALNUM, 24),
    "stripe-test": lambda r: "sk_test_" + _chars(r, ALNUM, 24),
    "sendgrid": lambda r: "SG." + _chars(r, ALNUM, 22) + "." + _chars(r, ALNUM, 43),
    "digitalocean": lambda r: "dop_v1_" + _chars(r, "0123456789abcdef", 64),
    "vault": lambda r: "hvs." + _chars(r, ALNUM, 90),
    "huggingface": lambda r: "hf_" + _chars(r, string.ascii_letters, 34),
    "pypi": lambda r: "pypi-AgEIcHlwaS5vcmc" + _chars(r, ALNUM, 150),
    "uuid": lambda r: "-".join(_chars(r, "0123456789abcdef", n) for n in (8, 4, 4, 4, 12)),
    "jwt": _jwt,
    "password": lambda r: _chars(r, ALNUM, 20),
    "hex": lambda r: _chars(r, "0123456789abcdef", 64),
}
