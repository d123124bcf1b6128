"""What an AWS access key id tells by itself: the account that it belongs to, and so who acts with it."""

from scanner.model import Identity
from scanner.patterns import Pattern

KEY_ID = Pattern(r"A[A-Z3][A-Z0-9][A-Z0-9][A-Z2-7]{16}")
OLD_FORMAT = ("I", "J")  # the fifth letter of keys issued before the id held the account: AKIAI..., ASIAJ...
ACCOUNT_BITS = 0x7FFFFFFFFF80


def account_of(key_id: str) -> str | None:
    """The twelve digits of the account an access key id encodes; None for other shapes and for the old format."""
    if KEY_ID.fullmatch(key_id) is None or key_id[4] in OLD_FORMAT:
        return None
    import base64

    number = int.from_bytes(base64.b32decode(key_id[4:])[:6], "big")
    account = f"{(number & ACCOUNT_BITS) >> 7:012}"
    return account if len(account) == 12 else None


def identity_of(key_id: str, account: str | None = None) -> Identity:
    """The user or session behind an access key id, of which only the account is known: from the id, else as told."""
    return Identity("aws", account_of(key_id) or account or f"of {key_id}", f"access-key/{key_id}")
