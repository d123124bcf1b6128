"""Made-up tokens of each family, from a seed: for sample machines and tests, so that no file need hold one."""

import base64
import json
import re
import string
import zlib
from collections.abc import Callable
from random import Random
from struct import pack

PLACEHOLDER = re.compile(r"\{(token|basic|sshkey|sshpub|sshcert|x509key|x509cert|pkcs8):([a-z0-9.-]+)\}")
ALNUM = string.ascii_letters + string.digits
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
BASE32 = string.ascii_uppercase + "234567"


# Identifiers that a report may show; every other family stands for a secret.
PUBLIC = frozenset({"aws-key", "aws-key-prod", "aws-key-example", "aws-session-key"})


def fill(text: str, seed: str) -> str:
    """The text with every placeholder filled; the same family and seed give the same token.

    `{token:FAMILY.2}` is a second token of that family. `{sshkey:plain-ed25519}` is the block of a private key,
    `{sshpub:plain-ed25519}` and `{sshcert:plain-ed25519}` the public line and a certificate of that very key.
    `{basic:FAMILY}` is `ada:` and that token in base64. `{x509key:admin}` and `{x509cert:admin}` are a key and a
    certificate of it as a kubeconfig holds them, `{pkcs8:NAME}` a key as JSON holds it. Raises KeyError for a family
    that is not known.
    """
    return PLACEHOLDER.sub(lambda match: MAKERS[match[1]](match[2], seed), text)


def placeholders(text: str, seed: str) -> list[tuple[str, str]]:
    """Each placeholder of a text that stands for a secret, as (family, value); for tests that look for leaks."""
    return [
        (match[2].partition(".")[0], MAKERS["token" if match[1] == "basic" else match[1]](match[2], seed))
        for match in PLACEHOLDER.finditer(text)
        if match[1] in SECRET_MAKERS and match[2].partition(".")[0] not in PUBLIC
    ]


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


def _basic(name: str, seed: str) -> str:
    return base64.b64encode(f"ada:{token(name, seed)}".encode()).decode()


def _jwt(random: Random, **claims: object) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    claims = claims or {"iss": "https://id.example.com", "sub": "ada", "exp": 1795000000}
    return ".".join([part({"alg": "RS256", "typ": "JWT"}), part(claims), _chars(random, ALNUM, 86)])


def _string(data: bytes) -> bytes:
    return pack(">I", len(data)) + data


def _ssh_public(name: str, seed: str) -> bytes:
    """The public blob of a made-up ed25519 key: 32 bytes that are no point of the curve, which no parser checks."""
    return _string(b"ssh-ed25519") + _string(Random(f"{seed}/ssh/{name}").randbytes(32))  # noqa: S311 - made-up on purpose


def ssh_public_line(name: str, seed: str) -> str:
    """What a `.pub` file says of the key, without a comment."""
    return "ssh-ed25519 " + base64.b64encode(_ssh_public(name, seed)).decode()


def ssh_private_key(name: str, seed: str) -> str:
    """A private key file as OpenSSH writes it (PROTOCOL.key): `plain-...` open, `encrypted-...` behind a passphrase."""
    cipher, kdf = SSH_CIPHERS[name.partition("-")[0]]
    random = Random(f"{seed}/ssh/{name}/private")  # noqa: S311 - made-up on purpose
    public = _ssh_public(name, seed)
    options = _string(random.randbytes(16)) + pack(">I", 24) if kdf != b"none" else b""
    check = random.randbytes(4)
    private = check + check + public + _string(random.randbytes(32) + public[-32:]) + _string(b"ada@example.com")
    private += bytes(range(1, -len(private) % 8 + 1))
    if kdf != b"none":
        private = random.randbytes(len(private))
    blob = b"openssh-key-v1\0" + _string(cipher) + _string(kdf) + _string(options) + pack(">I", 1)
    body = base64.b64encode(blob + _string(public) + _string(private)).decode()
    lines = "\n".join(body[at : at + 70] for at in range(0, len(body), 70))
    label = "OPENSSH PRIVATE" + " KEY"  # in two, so that no scan for keys takes this line for one
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----"


def ssh_certificate(name: str, seed: str) -> str:
    """A user certificate for the key (PROTOCOL.certkeys), valid for the first half of 2027, signed by no one."""
    random = Random(f"{seed}/ssh/{name}/certificate")  # noqa: S311 - made-up on purpose
    kind = b"ssh-ed25519-cert-v01@openssh.com"
    key = _ssh_public(name, seed)[len(_string(b"ssh-ed25519")) :]
    blob = _string(kind) + _string(random.randbytes(32)) + key + pack(">QI", 7, 1) + _string(b"ada@example.com")
    blob += _string(_string(b"ada")) + pack(">QQ", 1795000000, 1811000000) + _string(b"")
    blob += _string(_string(b"permit-pty") + _string(b"")) + _string(b"")
    blob += _string(_ssh_public("authority", seed)) + _string(_string(b"ssh-ed25519") + _string(random.randbytes(64)))
    return f"{kind.decode()} {base64.b64encode(blob).decode()}"


# Who a certificate names: common name and organizations, as a cluster reads user and groups.
SUBJECTS = {"admin": ("kubernetes-admin", ("system:masters",)), "ada": ("ada", ("developers",))}


def _pem_key(name: str, seed: str) -> str:
    """An unencrypted key (RFC 5958) around 32 made-up bytes."""
    data = bytes.fromhex("302e020100300506032b657004220420") + Random(f"{seed}/x509/{name}").randbytes(32)  # noqa: S311 - made-up on purpose
    label = "PRIVATE" + " KEY"  # in two, so that no scan for keys takes this line for one
    return f"-----BEGIN {label}-----\n{base64.b64encode(data).decode()}\n-----END {label}-----\n"


def x509_key(name: str, seed: str) -> str:
    """The key in PEM, and that in base64."""
    return base64.b64encode(_pem_key(name, seed).encode()).decode()


def x509_certificate(name: str, seed: str) -> str:
    """A certificate of that key for the year 2026 up to 2027-06-30, signed by the key itself; PEM, and that in base64.

    `admin` and `ada` are the subjects of `SUBJECTS`; any other name is the common name of no organization.
    """
    from datetime import UTC, datetime

    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
    from cryptography.x509.oid import NameOID

    key = load_pem_private_key(_pem_key(name, seed).encode(), None)
    common, organizations = SUBJECTS.get(name, (name, ()))
    subject = x509.Name(
        [
            *(x509.NameAttribute(NameOID.ORGANIZATION_NAME, each) for each in organizations),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kubernetes")]))
        .public_key(key.public_key())  # type: ignore[arg-type]  # an ed25519 key
        .serial_number(int.from_bytes(Random(f"{seed}/serial/{name}").randbytes(8)) + 1)  # noqa: S311 - made-up on purpose
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2027, 6, 30, tzinfo=UTC))
        .sign(key, None)  # type: ignore[arg-type]  # an ed25519 key
    )
    return base64.b64encode(certificate.public_bytes(Encoding.PEM)).decode()


def pkcs8_in_json(name: str, seed: str) -> str:
    """The key in PEM, its line ends written as JSON writes them."""
    return _pem_key(name, seed).replace("\n", "\\n")


SSH_CIPHERS = {"plain": (b"none", b"none"), "encrypted": (b"aes256-ctr", b"bcrypt")}

FAMILIES: dict[str, Callable[[Random], str]] = {
    "aws-key": lambda r: aws_key_id("AKIA", "123456789012", r),
    "aws-key-prod": lambda r: aws_key_id("AKIA", "210987654321", r),
    "aws-key-example": lambda r: "AKIA" + _chars(r, BASE32, 9) + "EXAMPLE",  # AWS's documentation writes such
    "aws-session-key": lambda r: aws_key_id("ASIA", "123456789012", r),
    "aws-secret": lambda r: _chars(r, ALNUM + "/+", 40),
    "aws-session-token": lambda r: "IQoJb3JpZ2lu" + _chars(r, ALNUM + "/+", 280) + "==",
    "github-classic": lambda r: _checked("ghp_", r),
    "github-oauth": lambda r: _checked("gho_", r),
    "github-app": lambda r: _checked("ghs_", r),
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
    "kube-jwt": lambda r: _jwt(
        r, iss="kubernetes/serviceaccount", sub="system:serviceaccount:delivery:deployer", aud=["https://kubernetes"]
    ),
    "azure-jwt": lambda r: _jwt(
        r,
        aud="https://management.core.windows.net/",
        tid="7f0e1a52-5c1e-4d0f-9a3c-2b6d8e9f0a11",
        oid="d1c2b3a4-0000-4000-8000-5f6e7d8c9b0a",
        upn="ada@example.com",
        exp=1795259000,
    ),
    "google-access": lambda r: "ya29.a0" + _chars(r, ALNUM + "-_", 160),
    "google-refresh": lambda r: "1//0" + _chars(r, ALNUM + "-_", 90),
    "google-client-secret": lambda r: "GOCSPX-" + _chars(r, ALNUM + "-_", 28),
    "azure-secret": lambda r: _chars(r, ALNUM, 3) + "8Q~" + _chars(r, ALNUM, 34),
    "azure-refresh": lambda r: "1.AX" + _chars(r, ALNUM + "-_", 600),
    "linear": lambda r: "lin_api_" + _chars(r, ALNUM, 40),
    "figma": lambda r: "figd_" + _chars(r, ALNUM, 40),
    "vercel": lambda r: "vcp_" + _chars(r, ALNUM, 56),
    "tavily": lambda r: "tvly-dev-" + _chars(r, ALNUM, 32),
    "azure-devops": lambda r: _chars(r, ALNUM, 76) + "AZDO" + _chars(r, ALNUM, 4),
    "databricks": lambda r: "dapi" + _chars(r, "0123456789abcdef", 32),
    "google-api-key": lambda r: "AIza" + _chars(r, ALNUM + "-_", 34) + "A",
    "hex": lambda r: _chars(r, "0123456789abcdef", 64),
    "dotenvx": lambda r: "encrypted:" + base64.b64encode(b"\x04" + r.randbytes(110)).decode(),
}

MAKERS: dict[str, Callable[[str, str], str]] = {
    "token": token,
    "basic": _basic,
    "sshkey": ssh_private_key,
    "sshpub": ssh_public_line,
    "sshcert": ssh_certificate,
    "x509key": x509_key,
    "x509cert": x509_certificate,
    "pkcs8": pkcs8_in_json,
}
SECRET_MAKERS = frozenset({"token", "basic", "sshkey", "x509key", "pkcs8"})
