"""What a connection is checked by, and what it proves itself with; no key is ever written to a disk for it."""

import os
import ssl
import sys
from typing import ClassVar

from scanner.model.value import Value

DAMAGED = "not asked: the certificates that stand beside it are damaged"
NO_PLACE = "not asked: on this system its key would have to be written to a file"


class Tls(Value, frozen=True):
    """Whose certificates are believed (PEM; the system's where it is empty), and for which name (the host's own).

    `proof` is the certificate and the key of a client, PEM, empty for none.
    """

    concealed: ClassVar[frozenset[str]] = frozenset({"authorities", "proof"})

    authorities: str = ""
    name: str = ""
    proof: str = ""


def context(tls: Tls) -> ssl.SSLContext | str:
    """The rules of a connection, or why there is none.

    It is made by hand: the default one logs the keys of a connection to a file that a variable names.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        if tls.authorities:
            made.load_verify_locations(cadata=tls.authorities)
        else:
            made.load_default_certs()
    except (ssl.SSLError, ValueError):
        return DAMAGED
    return _proven(made, tls.proof) if tls.proof else made


def _proven(made: ssl.SSLContext, proof: str) -> ssl.SSLContext | str:
    """Gives it the client's key, which Python takes from a file only: one that lies in memory and has no name."""
    if sys.platform != "linux":
        return NO_PLACE
    try:
        with os.fdopen(os.memfd_create("armslength"), "wb") as file:
            file.write(proof.encode())
            file.flush()
            # Without a function that answers, a locked key would ask whoever sits at the terminal.
            made.load_cert_chain(f"/proc/self/fd/{file.fileno()}", password=lambda: "")
    except (ssl.SSLError, ValueError):
        return DAMAGED
    except OSError:
        return NO_PLACE
    return made
