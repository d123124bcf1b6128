"""A certificate authority that lives for one test: servers, clients, and what they trust."""

import base64
import datetime
import ipaddress
import ssl
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

NAMES = {"CN": x509.NameOID.COMMON_NAME, "O": x509.NameOID.ORGANIZATION_NAME}


@dataclass
class Pair:
    """A certificate and its key, PEM."""

    certificate: str
    key: str

    @property
    def data(self) -> tuple[str, str]:
        """Both as a kubeconfig writes them."""
        return encoded(self.certificate), encoded(self.key)


@dataclass
class Authority:
    """Signs certificates; `root` is its own."""

    name: str = "throw-away"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        self.root = self._made([("CN", self.name)], self.key, authority=True)

    @property
    def data(self) -> str:
        return encoded(self.root)

    def issue(self, *subject: tuple[str, str], names: tuple[str, ...] = (), password: bytes | None = None) -> Pair:
        key = ec.generate_private_key(ec.SECP256R1())
        lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock).decode()
        return Pair(self._made(list(subject), key, names), text)

    def server(self, folder: Path, *names: str, wants: ssl.VerifyMode = ssl.CERT_OPTIONAL) -> ssl.SSLContext:
        """The rules of a server of these names, which takes this authority's clients."""
        pair = self.issue(("CN", "server"), names=names or ("127.0.0.1",))
        path = folder / f"{self.name}-server.pem"
        path.write_text(pair.certificate + pair.key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        context.load_verify_locations(cadata=self.root)
        context.verify_mode = wants
        return context

    def _made(self, subject, key, names=(), authority=False) -> str:
        now = datetime.datetime.now(datetime.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NAMES[what], text) for what, text in subject]))
            .issuer_name(x509.Name([x509.NameAttribute(NAMES["CN"], self.name)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if names:
            made = made.add_extension(x509.SubjectAlternativeName([general(name) for name in names]), critical=False)
        return made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def general(name: str) -> x509.GeneralName:
    return x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
