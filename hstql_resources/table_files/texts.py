"""Write answers as data that other programs read: CSV and JSON.

Values as Postgres hands them out belong here; how a reader sees them does not.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from hstql_resources.table_files.columns import tell_apart


def to_csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterable[str]:
    """Yield lines, the names of the columns first.

    As Postgres writes CSV: what is NULL is nothing, and an empty text is two quotation marks.
    """
    for row in (columns, *rows):
        yield ",".join(map(_quote, row))


def _quote(value: Any) -> str:
    if value is None:
        return ""
    text = render(value)
    needs_quotes = not text or text != text.strip() or any(sign in text for sign in ',"\r\n')
    return '"' + text.replace('"', '""') + '"' if needs_quotes else text


def render(value: Any) -> str:
    """Return a value as text: bytes as Postgres does, lists and objects as JSON, no NULL."""
    if value is None:
        return ""
    if isinstance(value, bytes | memoryview):
        return f"\\x{bytes(value).hex()}"
    return to_json(value) if isinstance(value, list | tuple | Mapping) else str(value)


def list_objects(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    """Return rows as objects, with `tell_apart` names."""
    names = tell_apart(columns)
    return [dict(zip(names, row, strict=True)) for row in rows]


def to_json(value: Any) -> str:
    """Return JSON as RFC 8259 has it.

    Numbers keep all digits; NaN and infinities are null; dates and times are ISO 8601, intervals
    seconds, bytes as Postgres writes them; what else there is, its text.
    """
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{json.dumps(str(k))}: {to_json(v)}' for k, v in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(to_json, value))}]"
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if value is None or isinstance(value, bool | int):
        return json.dumps(value)
    if isinstance(value, float):
        return repr(float(value)) if math.isfinite(value) else "null"
    if isinstance(value, Decimal):
        return f"{value:f}" if value.is_finite() else "null"
    if isinstance(value, datetime | date | time):
        return json.dumps(value.isoformat())
    return json.dumps(render(value))
