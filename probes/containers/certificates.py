"""When a certificate ends, from its PEM text."""

from datetime import datetime

MARK = "-----BEGIN CERTIFICATE-----"
LENGTH = 64 * 1024


def ends_of(text: str) -> datetime | None:
    """The end of the first certificate in a text, in UTC; None where there is none to be read."""
    start = text.find(MARK)
    if start < 0:
        return None
    # Loaded for a file that has a certificate in it, since it costs more than the rest of the probe.
    from cryptography.x509 import load_pem_x509_certificate

    try:
        return load_pem_x509_certificate(text[start : start + LENGTH].encode("utf-8", "replace")).not_valid_after_utc
    except ValueError:
        return None
