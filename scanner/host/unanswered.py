"""Why a local socket's answer is none."""

from scanner.model import GapKind


class Unanswered(Exception):
    """An answer of an agent or engine that is none; the text is ours."""

    def __init__(self, why: str, kind: GapKind = GapKind.FAILED) -> None:
        super().__init__(why)
        self.kind = kind
