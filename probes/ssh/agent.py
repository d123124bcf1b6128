"""What an ssh-agent answers when asked for its keys (draft-ietf-sshm-ssh-agent, 3.5)."""

from collections.abc import Iterator

from msgspec import Struct

from probes.ssh.certificates import certificate
from probes.ssh.wire import Malformed, PublicKey, Reader, comment_text, public_key

IDENTITIES = 12
KEY_LIMIT = 1000


class Loaded(Struct, frozen=True):
    """One key that an agent signs with: its comment, and the key id where a certificate came with it."""

    key: PublicKey
    comment: str
    certificate: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Words that a person would know it by."""
        told = f"certificate {self.certificate}" if self.certificate else ""
        return tuple(name for name in (self.comment, self.key.label, told) if name)


class Broken(Struct, frozen=True):
    """Where an answer stops making sense; what came before it stands."""

    why: str
    limit: bool = False


def loaded_keys(answer: bytes) -> Iterator[Loaded | Broken]:
    """Every key in an agent's answer to the list request."""
    reader = Reader(answer)
    try:
        if reader.number(1) != IDENTITIES:
            yield Broken("the agent did not list its keys")
            return
        count = reader.number()
        for _ in range(min(count, KEY_LIMIT)):
            yield _loaded(reader)
    except Malformed:
        yield Broken("the agent's answer is damaged")
        return
    if count > KEY_LIMIT:
        yield Broken(f"more than {KEY_LIMIT} keys", limit=True)


def _loaded(reader: Reader) -> Loaded:
    blob, comment = reader.string(), reader.string()
    signed = certificate(blob)
    return Loaded(
        public_key(blob),
        comment_text(comment.decode("utf-8", "replace")),
        None if signed is None else signed.key_id or signed.authority,
    )
