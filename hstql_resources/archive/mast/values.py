"""Read values as MAST writes them: padded texts, -999 for nothing, dates without a zone."""

from datetime import UTC, datetime

NOTHING = frozenset({"", "-999", "-999.0"})  # not NONE, which is the name of a target


def read_text(value: object) -> str | None:
    """Return a text without its padding; None for nothing, however it is written."""
    text = "" if value is None else " ".join(str(value).split())
    return None if text in NOTHING else text


def read_count(value: object) -> int | None:
    """Return a positive whole number; None for anything else."""
    text = read_text(value)
    try:
        number = int(float(text)) if text is not None else 0
    except (ValueError, OverflowError):
        return None
    return number if number > 0 else None


def read_date(value: object) -> datetime | None:
    """Return a date, UTC where it names no zone; None if it is none."""
    text = read_text(value)
    if text is None:
        return None
    try:
        return to_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None


def to_utc(at: datetime) -> datetime:
    """Return a date in UTC; one without a zone is in UTC already."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
