"""Moments as agents write them: ISO 8601, or milliseconds or seconds since 1970."""

from datetime import UTC, datetime

MILLISECONDS = 100_000_000_000  # what is more than this many seconds is no year of ours


def moment(value: object) -> float | None:
    """Seconds since 1970, None for what is no moment; without a zone it is taken as UTC."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value / 1000 if value > MILLISECONDS else float(value)
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (read if read.tzinfo is not None else read.replace(tzinfo=UTC)).timestamp()
