# ruff: noqa: E501  (a row of a table is a line)
"""Made-up values of every kind that is planted: credentials as their issuers shape them, and what only looks like one.

No finished value stands in this source: each is composed of a prefix and of what a seeded generator draws.
"""

import hashlib
import json
import struct
import zlib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from random import Random
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits

Maker = Callable[[Random], str]

ALNUM = ascii_letters + digits
BASE62 = digits + ascii_uppercase + ascii_lowercase
UPPER = ascii_uppercase + digits
LOWER = ascii_lowercase + digits
HEX = "0123456789abcdef"
URLSAFE = ALNUM + "-_"
BASE64 = ALNUM + "+/"
MARKS = "!#%*-_.+?=~"


def listed(text: str) -> tuple[str, ...]:
    """The words of a text, which is how a long table of them reads best."""
    return tuple(text.split())


WORDS = listed("""
Sommer Winter Herbst Fruehling Brunnen Kaffee Marseille Lisboa Toulouse Berlin Gouda Verona Schnitzel Butterfly
Dragon Monkey Rakete Fahrrad Tulpe Zebra Hafen Leuchtturm Pinguin Giraffe Tornado Falcon Mustang Chelsea
Juventus Arsenal Rapid Sevilla Guitar Coffee Sunshine Bailey Charlie Jasper Luna Oscar Pepper Waffle Biscuit
Pancake Avocado Mango Papaya Quokka Badger Otter
""")


def drawn(random: Random, alphabet: str, size: int) -> str:
    return "".join(random.choices(alphabet, k=size))


def shaped(prefix: str, alphabet: str, size: int, suffix: str = "") -> Maker:
    """What begins with a prefix and goes on at random."""
    return lambda random: prefix + drawn(random, alphabet, size) + suffix


def parts(*pieces: str | tuple[str, int]) -> Maker:
    """Literal pieces, and pairs of an alphabet and a number of signs."""

    def made(random: Random) -> str:
        return "".join(piece if isinstance(piece, str) else drawn(random, *piece) for piece in pieces)

    return made


def checked(prefix: str) -> Maker:
    """Thirty signs and their checksum in six, as the forges and npm shape their tokens."""

    def made(random: Random) -> str:
        body = drawn(random, ALNUM, 30)
        rest, signs = zlib.crc32(body.encode()), ""
        for _ in range(6):
            rest, digit = divmod(rest, 62)
            signs = BASE62[digit] + signs
        return prefix + body + signs

    return made


def based(size: int) -> Maker:
    """Random bytes as base64, with its padding."""
    return lambda random: b64encode(random.randbytes(size)).decode()


def uuid(random: Random) -> str:
    bits = random.randbytes(16).hex()
    return f"{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-a{bits[17:20]}-{bits[20:]}"


# --- what people choose -------------------------------------------------------------------------------------------


def season(random: Random) -> str:
    return (
        random.choice(WORDS)
        + random.choice(("", "-", "_", "."))
        + str(random.randint(1970, 2026))
        + random.choice("!!?#*.")
    )


def leet(random: Random) -> str:
    word = random.choice(WORDS) + random.choice(WORDS)
    return (
        word.translate(str.maketrans("aeiostl", "4310$7l")).replace("$", "5")
        + str(random.randint(1, 99))
        + random.choice("!_-*")
    )


def phrase(random: Random) -> str:
    return "-".join(word.lower() for word in random.choices(WORDS, k=4)) + str(random.randint(2, 99))


def spiced(random: Random) -> str:
    middle = drawn(random, MARKS, random.randint(1, 3))
    return (
        random.choice(ALNUM)
        + drawn(random, ALNUM, random.randint(4, 8))
        + middle
        + drawn(random, ALNUM, random.randint(3, 8))
    )


def plain(random: Random) -> str:
    return random.choice(ascii_lowercase) + drawn(random, ALNUM, random.randint(11, 23))


def password(random: Random) -> str:
    """What a person or a person's generator chose; no sign that every shell or file would have to quote."""
    return random.choice((season, leet, phrase, spiced, spiced, plain))(random)


# --- keys ---------------------------------------------------------------------------------------------------------


def wrapped(label: str, body: bytes, width: int = 64) -> str:
    text = b64encode(body).decode()
    rows = [text[at : at + width] for at in range(0, len(text), width)]
    fence = "-----"
    return "\n".join([f"{fence}BEGIN {label}{fence}", *rows, f"{fence}END {label}{fence}"])


def der(tag: int, body: bytes) -> bytes:
    size = len(body)
    head = bytes([size]) if size < 128 else bytes([0x81, size]) if size < 256 else b"\x82" + struct.pack(">H", size)
    return bytes([tag]) + head + body


def number(random: Random, bits: int) -> bytes:
    return der(2, b"\x00" + (random.getrandbits(bits) | 1 << (bits - 1) | 1).to_bytes(bits // 8, "big"))


def rsa_body(random: Random) -> bytes:
    """Modulus, exponents and primes in their order and sizes; the numbers are any."""
    exponent = der(2, b"\x01\x00\x01")
    halves = (number(random, 1024) for _ in range(5))
    return der(0x30, b"".join([der(2, b"\x00"), number(random, 2048), exponent, number(random, 2048), *halves]))


def rsa_key(random: Random) -> str:
    return wrapped("RSA PRIVATE" + " KEY", rsa_body(random))


def pkcs8_key(random: Random) -> str:
    oid = bytes.fromhex("300d06092a864886f70d0101010500")
    return wrapped("PRIVATE" + " KEY", der(0x30, der(2, b"\x00") + oid + der(4, rsa_body(random))))


def ec_key(random: Random) -> str:
    curve = bytes.fromhex("a00a06082a8648ce3d030107")
    point = der(0xA1, der(3, b"\x00\x04" + random.randbytes(64)))
    return wrapped("EC PRIVATE" + " KEY", der(0x30, der(2, b"\x01") + der(4, random.randbytes(32)) + curve + point))


def field(body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + body


def openssh_key(random: Random) -> str:
    public, check = random.randbytes(32), random.randbytes(4)
    blob = field(b"ssh-ed25519") + field(public)
    inner = check * 2 + blob + field(random.randbytes(32) + public) + field(b"ada@laptop")
    inner += bytes(range(1, 1 + -len(inner) % 8))
    head = b"openssh-key-v1\0" + field(b"none") * 2 + field(b"") + struct.pack(">I", 1)
    return wrapped("OPENSSH PRIVATE" + " KEY", head + field(blob) + field(inner), 70)


def pgp_key(random: Random) -> str:
    key = wrapped("PGP PRIVATE" + " KEY BLOCK", b"\x95\x03\x98\x04" + random.randbytes(900))
    first, rest = key.split("\n", 1)
    return f"{first}\n\n{rest}"


def putty_key(random: Random) -> str:
    rows = [b64encode(random.randbytes(48)).decode() for _ in range(4)]
    secret = b64encode(random.randbytes(36)).decode()
    return "\n".join(
        [
            "PuTTY-User-Key-File-3: ssh-ed25519",
            "Encryption: none",
            "Comment: ada@laptop",
            "Public-Lines: 4",
            *rows,
            "Private-Lines: 1",
            secret,
            "Private-MAC: " + random.randbytes(32).hex(),
        ]
    )


# --- documents that are tokens ------------------------------------------------------------------------------------


def segment(value: object) -> str:
    text = json.dumps(value, separators=(",", ":")) if not isinstance(value, bytes) else ""
    return urlsafe_b64encode(value if isinstance(value, bytes) else text.encode()).decode().rstrip("=")


def jwt(random: Random) -> str:
    claims = {
        "sub": drawn(random, digits, 8),
        "iss": "https://login.example.com/",
        "scope": "orders:write",
        "exp": 1893456000,
    }
    return ".".join(
        (segment({"alg": "RS256", "kid": drawn(random, HEX, 8)}), segment(claims), segment(random.randbytes(64)))
    )


def service_role(random: Random) -> str:
    claims = {"iss": "supabase", "ref": drawn(random, ascii_lowercase, 20), "role": "service_role", "exp": 2020000000}
    return ".".join((segment({"alg": "HS256", "typ": "JWT"}), segment(claims), segment(random.randbytes(32))))


def packaged(random: Random) -> str:
    return "pypi-" + "AgEIcHlwaS5vcmc" + drawn(random, URLSAFE, 150)


def macaroon(random: Random) -> str:
    return "FlyV1 " + "fm2_" + b64encode(random.randbytes(120)).decode()


def fernet(random: Random) -> str:
    return urlsafe_b64encode(random.randbytes(32)).decode()


SECRETS: dict[str, tuple[str, Maker]] = {
    # clouds
    "aws-access-key-id": ("aws", shaped("AK" + "IA", ascii_uppercase + "234567", 16)),
    "aws-secret-access-key": ("aws", shaped("", BASE64, 40)),
    "aws-session-token": ("aws", lambda r: "IQoJb3JpZ2luX2Vj" + b64encode(r.randbytes(240)).decode()),
    "gcp-api-key": ("google", shaped("AI" + "za", URLSAFE, 35)),
    "gcp-private-key": ("google", pkcs8_key),
    "google-access-token": ("google", shaped("ya" + "29.a0A", URLSAFE, 160)),
    "gcp-refresh-token": ("google", shaped("1//0", URLSAFE, 60)),
    "google-oauth-client-secret": ("google", shaped("GOC" + "SPX-", URLSAFE, 28)),
    "azure-client-secret": ("azure", parts((ALNUM, 3), "8Q~", (URLSAFE, 34))),
    "azure-storage-key": ("azure", based(64)),
    "azure-sas-signature": (
        "azure",
        lambda r: b64encode(r.randbytes(32)).decode().replace("+", "x").replace("/", "y").replace("=", "%3D"),
    ),
    "azure-devops-token": ("azure", shaped("", LOWER, 52)),
    "digitalocean-token": ("digitalocean", shaped("dop" + "_v1_", HEX, 64)),
    "cloudflare-token": ("cloudflare", shaped("", URLSAFE, 40)),
    "cloudflare-global-key": ("cloudflare", shaped("", HEX, 37)),
    "heroku-api-key": ("heroku", uuid),
    "vercel-token": ("vercel", shaped("", ALNUM, 24)),
    "netlify-token": ("netlify", shaped("nf" + "p_", ALNUM, 36)),
    "fly-token": ("fly", macaroon),
    "linode-token": ("linode", shaped("", HEX, 64)),
    "hetzner-token": ("hetzner", shaped("", ALNUM, 64)),
    "alibaba-secret": ("alibaba", shaped("", ALNUM, 30)),
    "scaleway-secret": ("scaleway", uuid),
    "pulumi-token": ("pulumi", shaped("pul-", HEX, 40)),
    "terraform-cloud-token": ("terraform", parts((ALNUM, 14), ".atlas" + "v1.", (ALNUM, 67))),
    "vault-token": ("vault", shaped("hv" + "s.", URLSAFE, 95)),
    "vault-legacy-token": ("vault", shaped("s.", ALNUM, 24)),
    "doppler-token": ("doppler", shaped("dp" + ".pt.", ALNUM, 43)),
    "age-key": ("age", shaped("AGE-SECRET" + "-KEY-1", "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)),
    # forges and CI
    "github-token": ("github", checked("gh" + "p_")),
    "github-oauth": ("github", checked("gh" + "o_")),
    "github-server": ("github", checked("gh" + "s_")),
    "github-fine": ("github", parts("github" + "_pat_", (ALNUM, 22), "_", (ALNUM, 59))),
    "gitlab-token": ("gitlab", shaped("gl" + "pat-", URLSAFE, 20)),
    "gitlab-runner": ("gitlab", shaped("gl" + "rt-", URLSAFE, 20)),
    "gitlab-deploy": ("gitlab", shaped("gl" + "dt-", URLSAFE, 20)),
    "bitbucket-password": ("bitbucket", shaped("AT" + "BB", ALNUM, 32)),
    "atlassian-token": ("atlassian", parts("ATAT" + "T3xFfGF0", (URLSAFE, 171), "=", (UPPER, 8))),
    "gitea-token": ("gitea", shaped("", HEX, 40)),
    "circleci-token": ("circleci", parts("CC" + "IPAT_", (ALNUM, 22), "_", (HEX, 40))),
    "buildkite-token": ("buildkite", shaped("bk" + "ua_", HEX, 40)),
    "sonar-token": ("sonar", shaped("sq" + "u_", HEX, 40)),
    # chat
    "slack-bot": ("slack", parts("xo" + "xb-", (digits[1:], 12), "-", (digits[1:], 13), "-", (ALNUM, 24))),
    "slack-user": (
        "slack",
        parts("xo" + "xp-", (digits[1:], 12), "-", (digits[1:], 12), "-", (digits[1:], 13), "-", (HEX, 32)),
    ),
    "slack-app": ("slack", parts("xa" + "pp-1-A0", (UPPER, 9), "-", (digits[1:], 13), "-", (HEX, 64))),
    "slack-webhook": (
        "slack",
        parts("https://hooks.slack" + ".com/services/T0", (UPPER, 9), "/B0", (UPPER, 9), "/", (ALNUM, 24)),
    ),
    "discord-bot": ("discord", parts("MT", (ALNUM, 24), ".G", (ALNUM, 5), ".", (URLSAFE, 38))),
    "discord-webhook": ("discord", parts("https://discord" + ".com/api/webhooks/1", (digits, 18), "/", (URLSAFE, 68))),
    "telegram-bot": ("telegram", parts((digits[1:], 10), ":AA", (URLSAFE, 33))),
    "teams-webhook": (
        "microsoft",
        lambda r: (
            f"https://acme.webhook.office.com/webhookb2/{uuid(r)}@{uuid(r)}/IncomingWebhook/{drawn(r, HEX, 32)}/{uuid(r)}"
        ),
    ),
    # payment and shops
    "stripe-live": ("stripe", shaped("sk" + "_live_51", ALNUM, 97)),
    "stripe-short": ("stripe", shaped("sk" + "_live_", ALNUM, 24)),
    "stripe-restricted": ("stripe", shaped("rk" + "_live_51", ALNUM, 97)),
    "stripe-test": ("stripe", shaped("sk" + "_test_51", ALNUM, 97)),
    "stripe-webhook": ("stripe", shaped("wh" + "sec_", ALNUM, 32)),
    "square-token": ("square", shaped("EA" + "AAE", URLSAFE, 59)),
    "shopify-token": ("shopify", shaped("shp" + "at_", HEX, 32)),
    "paypal-secret": ("paypal", shaped("E", URLSAFE, 79)),
    "braintree-key": ("braintree", shaped("", HEX, 32)),
    # mail and messages
    "sendgrid-key": ("sendgrid", parts("S" + "G.", (URLSAFE, 22), ".", (URLSAFE, 43))),
    "mailgun-key": ("mailgun", parts("ke" + "y-", (HEX, 32))),
    "mailchimp-key": ("mailchimp", shaped("", HEX, 32, "-us" + "12")),
    "postmark-token": ("postmark", uuid),
    "resend-key": ("resend", parts("re" + "_", (ALNUM, 8), "_", (ALNUM, 24))),
    "brevo-key": ("brevo", parts("xkeys" + "ib-", (HEX, 64), "-", (ALNUM, 16))),
    "twilio-auth-token": ("twilio", shaped("", HEX, 32)),
    "twilio-api-secret": ("twilio", shaped("", ALNUM, 32)),
    # packages
    "npm-token": ("npm", checked("np" + "m_")),
    "pypi-token": ("pypi", packaged),
    "rubygems-key": ("rubygems", shaped("ruby" + "gems_", HEX, 48)),
    "nuget-key": ("nuget", shaped("oy" + "2", LOWER, 43)),
    "docker-token": ("docker", shaped("dck" + "r_pat_", URLSAFE, 27)),
    "crates-token": ("crates", shaped("ci" + "o", ALNUM, 32)),
    "artifactory-key": ("artifactory", shaped("AKC" + "p", ALNUM, 69)),
    # models
    "anthropic-key": ("anthropic", parts("sk-" + "ant-api03-", (URLSAFE, 93), "AA")),
    "anthropic-access": ("anthropic", parts("sk-" + "ant-oat01-", (URLSAFE, 93), "AA")),
    "anthropic-refresh": ("anthropic", parts("sk-" + "ant-ort01-", (URLSAFE, 93), "AA")),
    "openai-project": ("openai", parts("sk-" + "proj-", (URLSAFE, 74), "T3Blbk" + "FJ", (URLSAFE, 74))),
    "openai-key": ("openai", parts("s" + "k-", (ALNUM, 20), "T3Blbk" + "FJ", (ALNUM, 20))),
    "huggingface-token": ("huggingface", shaped("h" + "f_", ascii_letters, 34)),
    "replicate-token": ("replicate", shaped("r" + "8_", ALNUM, 37)),
    "groq-key": ("groq", shaped("gs" + "k_", ALNUM, 52)),
    "mistral-key": ("mistral", shaped("", ALNUM, 32)),
    "cohere-key": ("cohere", shaped("", ALNUM, 40)),
    "openrouter-key": ("openrouter", shaped("sk-" + "or-v1-", HEX, 64)),
    "perplexity-key": ("perplexity", shaped("pp" + "lx-", ALNUM, 48)),
    "xai-key": ("xai", shaped("xa" + "i-", ALNUM, 80)),
    "langsmith-key": ("langchain", parts("lsv2" + "_pt_", (HEX, 32), "_", (HEX, 10))),
    "pinecone-key": ("pinecone", uuid),
    # watching
    "datadog-api-key": ("datadog", shaped("", HEX, 32)),
    "datadog-app-key": ("datadog", shaped("", HEX, 40)),
    "newrelic-key": ("newrelic", shaped("NR" + "AK-", UPPER, 27)),
    "grafana-token": ("grafana", parts("gl" + "sa_", (ALNUM, 32), "_", (HEX, 8))),
    "sentry-token": ("sentry", shaped("snt" + "ryu_", HEX, 64)),
    "pagerduty-key": ("pagerduty", shaped("u+", URLSAFE, 18)),
    "honeycomb-key": ("honeycomb", shaped("", ALNUM, 22)),
    "dynatrace-token": ("dynatrace", parts("dt0" + "c01.", (UPPER, 24), ".", (UPPER, 64))),
    # work
    "databricks-token": ("databricks", shaped("da" + "pi", HEX, 32)),
    "linear-key": ("linear", shaped("lin" + "_api_", ALNUM, 40)),
    "notion-token": ("notion", shaped("nt" + "n_", ALNUM, 46)),
    "airtable-token": ("airtable", parts("pa" + "t", (ALNUM, 14), ".", (HEX, 64))),
    "figma-token": ("figma", shaped("fi" + "gd_", URLSAFE, 40)),
    "postman-key": ("postman", parts("PM" + "AK-", (HEX, 24), "-", (HEX, 34))),
    "algolia-admin-key": ("algolia", shaped("", HEX, 32)),
    "mapbox-secret": (
        "mapbox",
        lambda r: "s" + "k." + segment({"u": "ada", "a": drawn(r, LOWER, 25)}) + "." + drawn(r, URLSAFE, 22),
    ),
    "planetscale-password": ("planetscale", shaped("psc" + "ale_pw_", URLSAFE, 43)),
    "supabase-service-role": ("supabase", service_role),
    "supabase-token": ("supabase", shaped("sb" + "p_", HEX, 40)),
    "launchdarkly-key": ("launchdarkly", lambda r: "sd" + "k-" + uuid(r)),
    "okta-token": ("okta", shaped("00", URLSAFE, 40)),
    "auth0-client-secret": ("auth0", shaped("", URLSAFE, 64)),
    "ngrok-token": ("ngrok", parts("2", (ALNUM, 26), "_", (ALNUM, 21))),
    "snowflake-password": ("snowflake", password),
    "kaggle-key": ("kaggle", shaped("", HEX, 32)),
    "wandb-key": ("wandb", shaped("", HEX, 40)),
    # what has no issuer
    "password": ("", password),
    "db-password": ("", password),
    "plain-password": ("", plain),
    "keystore-password": ("", password),
    "ldap-password": ("", password),
    "smtp-password": ("", password),
    "admin-password": ("", password),
    "basic-auth-password": ("", plain),
    "basic-auth-pair": ("", lambda r: "ada:" + plain(r)),
    "jwt": ("", jwt),
    "bearer-token": ("", shaped("", URLSAFE, 43)),
    "api-token": ("", shaped("", ALNUM, 40)),
    "hex-token": ("", shaped("", HEX, 64)),
    "short-hex-token": ("", shaped("", HEX, 32)),
    "signing-secret": ("", based(32)),
    "long-signing-secret": ("", based(48)),
    "rails-secret-key-base": ("rails", shaped("", HEX, 128)),
    "rails-master-key": ("rails", shaped("", HEX, 32)),
    "django-secret-key": ("django", parts((ascii_lowercase, 1), (LOWER + "!@%^*-_=+", 49))),
    "laravel-key": ("laravel", lambda r: "base64:" + b64encode(r.randbytes(32)).decode()),
    "fernet-key": ("", fernet),
    "uuid-secret": ("", uuid),
    "oauth-client-secret": ("", shaped("", ALNUM, 48)),
    "session-cookie": ("", shaped("s%3A", URLSAFE, 32)),
    # private keys
    "rsa-private-key": ("", rsa_key),
    "pkcs8-private-key": ("", pkcs8_key),
    "ec-private-key": ("", ec_key),
    "openssh-private-key": ("", openssh_key),
    "pgp-private-key": ("", pgp_key),
    "putty-private-key": ("", putty_key),
    "wireguard-private-key": ("wireguard", based(32)),
}


# --- what only looks like a secret --------------------------------------------------------------------------------


def ssh_public(random: Random) -> str:
    return b64encode(field(b"ssh-ed25519") + field(random.randbytes(32))).decode()


def vaulted(random: Random) -> str:
    rows = [random.randbytes(40).hex() for _ in range(5)]
    return "$ANSIBLE_VAULT;1.1;AES256\n" + "\n".join(" " * 10 + row for row in rows)


def sops(random: Random) -> str:
    piece = [b64encode(random.randbytes(size)).decode() for size in (24, 32, 16)]
    return f"ENC[AES256_GCM,data:{piece[0]},iv:{piece[1]},tag:{piece[2]},type:str]"


def public_key(random: Random) -> str:
    return wrapped(
        "PUBLIC" + " KEY", bytes.fromhex("30820122300d06092a864886f70d01010105000382010f00") + random.randbytes(270)
    )


def certificate(random: Random) -> str:
    return wrapped("CERTIFICATE", bytes.fromhex("308203") + random.randbytes(700))


def sha(name: str) -> Maker:
    return lambda random: hashlib.new(name, random.randbytes(20)).hexdigest()


def integrity(name: str) -> Maker:
    return lambda random: f"{name}-" + b64encode(hashlib.new(name, random.randbytes(20)).digest()).decode()


LOOKALIKES: dict[str, tuple[str, Maker]] = {
    "uuid": ("an identifier, not a credential", uuid),
    "commit": ("a commit", sha("sha1")),
    "md5": ("a hash of a file", sha("md5")),
    "sha1": ("a hash of a file", sha("sha1")),
    "sha256": ("a hash of a file", sha("sha256")),
    "digest": ("the digest of an image", lambda r: "sha256:" + sha("sha256")(r)),
    "integrity": ("the integrity hash of a lock file", integrity("sha512")),
    "subresource": ("the integrity hash of a script", integrity("sha384")),
    "go-sum": ("the checksum of a module", lambda r: "h1:" + b64encode(r.randbytes(32)).decode()),
    "bcrypt": ("a password's hash", lambda r: "$2b$12$" + drawn(r, ALNUM + "./", 53)),
    "argon2": ("a password's hash", lambda r: "$argon2id$v=19$m=65536,t=3,p=4$" + drawn(r, BASE64, 22) + "$" + drawn(r, BASE64, 43)),
    "ssh-public": ("a public key", ssh_public),
    "public-key": ("a public key", public_key),
    "certificate": ("a certificate", certificate),
    "ansible-vault": ("an encrypted value", vaulted),
    "sops": ("an encrypted value", sops),
    "sealed": ("an encrypted value", lambda r: "AgB" + b64encode(r.randbytes(330)).decode()),
    "jasypt": ("an encrypted value", lambda r: "ENC(" + b64encode(r.randbytes(36)).decode() + ")"),
    "maven-encrypted": ("an encrypted value", lambda r: "{" + b64encode(r.randbytes(32)).decode() + "}"),
    "dotenvx": ("an encrypted value", lambda r: "encrypted:" + b64encode(r.randbytes(110)).decode()),
    "travis-secure": ("an encrypted value", based(256)),
    "image": ("an image", lambda r: "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg" + b64encode(r.randbytes(r.randint(90, 600))).decode()),
    "font": ("a font", lambda r: "data:font/woff2;base64,d09GMgABAAAAA" + b64encode(r.randbytes(400)).decode()),
    "stripe-public": ("a public key of a page", shaped("pk" + "_live_51", ALNUM, 97)),
    "stripe-price": ("an identifier, not a credential", shaped("price_1", ALNUM, 23)),
    "google-client-id": ("a public client id", parts((digits[1:], 12), "-", (LOWER, 32), ".apps.googleusercontent.com")),
    "github-client-id": ("a public client id", shaped("Iv1.", HEX, 16)),
    "slack-channel": ("an identifier, not a credential", shaped("C0", UPPER, 9)),
    "mapbox-public": ("a public key of a page", lambda r: "pk." + segment({"u": "ada", "a": drawn(r, LOWER, 25)}) + "." + drawn(r, URLSAFE, 22)),
    "analytics-id": ("an identifier, not a credential", shaped("G-", UPPER, 10)),
    "recaptcha-site": ("a public key of a page", shaped("6L", URLSAFE, 38)),
    "account-id": ("an identifier, not a credential", shaped("", digits[1:], 12)),
    "ami": ("an identifier, not a credential", shaped("ami-0", HEX, 16)),
    "arn": ("a reference", lambda r: f"arn:aws:secretsmanager:eu-west-1:{drawn(r, digits[1:], 12)}:secret:shop/db-{drawn(r, ALNUM, 6)}"),
    "build": ("the name of a build", shaped("", URLSAFE, 21)),
    "etag": ("the tag of a response", lambda r: 'W/"' + drawn(r, HEX, 32) + '"'),
    "trace": ("an identifier, not a credential", shaped("", HEX, 32)),
    "fingerprint": ("the fingerprint of a public key", lambda r: "SHA256:" + b64encode(r.randbytes(32)).decode().rstrip("=")),
    "gpg-id": ("the fingerprint of a public key", shaped("", "0123456789ABCDEF", 40)),
    "mangled": ("a name made by a compiler", lambda r: "_ZN" + "".join(str(len(w)) + w for w in r.choices(WORDS, k=4)) + "Ev"),
    "ulid": ("an identifier, not a credential", shaped("01H", "0123456789ABCDEFGHJKMNPQRSTVWXYZ", 23)),
    "wallet": ("a public address", shaped("0x", HEX, 40)),
    "license-url": ("an identifier, not a credential", lambda r: "https://docs.example.com/license/" + drawn(r, ALNUM, 32)),
    "masked-github": ("a masked value", lambda r: "gh" + "p_" + "*" * r.randint(30, 36)),
    "masked": ("a masked value", lambda r: "*" * r.randint(6, 20)),
    "masked-tail": ("a masked value", lambda r: "*" * 16 + drawn(r, ALNUM, 4)),
    "crossed": ("a placeholder", lambda r: "x" * r.randint(8, 40)),
    "crossed-github": ("a placeholder", lambda r: "gh" + "p_" + "x" * 36),
    "crossed-slack": ("a placeholder", lambda r: "xo" + "xb-" + "0" * 12 + "-" + "x" * 24),
    "crossed-stripe": ("a placeholder", lambda r: "sk" + "_test_" + "x" * r.randint(16, 24)),
    "crossed-anthropic": ("a placeholder", lambda r: "sk-" + "ant-" + "x" * r.randint(10, 30)),
    "crossed-openai": ("a placeholder", lambda r: "sk" + "-" + r.choice(("..." , "your-key-here", "xxxxxxxxxxxxxxxxxxxx", "proj-...", "1234567890abcdef"))),
    "aws-example-id": ("an example of the provider's documentation", lambda r: "AK" + "IA" + "IOSFODNN7" + "EXAMPLE"),
    "aws-example-other-id": ("an example of the provider's documentation", lambda r: "AK" + "IA" + "I44QH8DHB" + "EXAMPLE"),
    "aws-example-secret": (
        "an example of the provider's documentation",
        lambda r: "wJalrXUtnFEMI/" + "K7MDENG/" + "bPxRfiCY" + "EXAMPLEKEY",
    ),
    "jwt-example": (
        "an example of the provider's documentation",
        lambda r: ".".join(
            (
                segment({"alg": "HS256", "typ": "JWT"}),
                segment({"sub": "1234567890", "name": "John Doe", "iat": 1516239022}),
                "SflKxwRJSMeKKF2QT4fw" + "pMeJf36POk6yJV_adQssw5c",
            )
        ),
    ),
    "stripe-example": ("an example of the provider's documentation", lambda r: "sk" + "_test_" + "4eC39HqLyjWDarj" + "tT1zdp7dc"),
    "slack-example": (
        "an example of the provider's documentation",
        lambda r: "https://hooks.slack" + ".com/services/" + "T" + "0" * 8 + "/B" + "0" * 8 + "/" + "X" * 24,
    ),
    "placeholder": (
        "a placeholder",
        lambda r: r.choice(
            (
                "changeme", "change-me-please", "REPLACE_ME", "<your-token>", "your-api-key-here", "YOUR_SECRET_KEY", "<password>", "TODO",
                "insert-token-here", "put_your_key_here", "example", "your_password", "{{ token }}", "<API_KEY>", "replace-with-real-secret",
                "dummy", "not-a-real-secret", "fill-me-in", "example-password", "generate-with-openssl", "***", "xxx", "set-me", "CHANGE_THIS",
            )
        ),
    ),
    "fixture": (
        "a fixture of a test",
        lambda r: r.choice(
            ("test", "secret", "password", "testpass", "password123", "hunter2", "s3cret", "foobar", "test-token", "fake-token", "dummy-key",
             "mock_access_token", "abc123", "not-secret", "some-secret", "invalid-token", "wrong-password", "token123", "testsecret", "letmein")
        ),
    ),
}  # fmt: skip
