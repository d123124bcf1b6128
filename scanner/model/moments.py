"""Moments as documents hold them, from wherever they come."""

from datetime import UTC, datetime


def utc(moment: datetime) -> datetime:
    """The moment in UTC; one without a zone, as a foreign document may hold it, is taken for UTC."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the first or last day of the calendar in another zone
        return moment.replace(tzinfo=UTC)
