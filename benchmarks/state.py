"""Make the state of a large archive from that of a small one: rows of exposures, cloned by SQL.

Each new exposure is one that was decided for real under another name: in every column of text or
JSON of each of its rows, and of each event that Dagster kept of it, the name is replaced.
"""

import json
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Engine, text

from hstql_resources.postgres.packed_events import pack, unpack

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
AT_ONCE = 20_000  # exposures in one transaction
OWNERS = ("rootname", "key")  # columns by which a row belongs to an exposure
COLUMNS = """
SELECT table_name, column_name, data_type FROM information_schema.columns
WHERE table_schema = 'public' AND is_generated = 'NEVER' ORDER BY table_name, ordinal_position
"""
HEADERS = "SELECT inhrelid::regclass::text FROM pg_inherits"  # their rows are most of a database
# What an event says elsewhere of its number is told by the tags of assets.
EVENTS = """
WITH cloned AS (
    SELECT e.id, nextval(pg_get_serial_sequence('event_logs', 'id')) AS new_id, n.old, n.new
    FROM event_logs e JOIN names n ON e.partition = n.old
), written AS (
    INSERT INTO event_logs (id, {columns})
    SELECT c.new_id, {values} FROM cloned c JOIN event_logs t ON t.id = c.id JOIN names n
        ON n.new = c.new
)
INSERT INTO asset_event_tags (asset_key, key, value, event_timestamp, event_id)
SELECT t.asset_key, t.key, replace(t.value, c.old, c.new), t.event_timestamp, c.new_id
FROM asset_event_tags t JOIN cloned c ON t.event_id = c.id
"""
# That something was made, and nothing about it.
THIN_EVENTS = """
INSERT INTO event_logs ({columns}) SELECT {values}
FROM thin_events t JOIN names n ON t.partition = n.old
"""
MATERIALIZED = """
CREATE TEMP TABLE thin_events ON COMMIT DROP AS SELECT * FROM event_logs
WHERE dagster_event_type = 'ASSET_MATERIALIZATION' AND partition IN (SELECT old FROM names)
"""


def name_exposures(first: int, last: int, letter: str = "l") -> list[str]:
    """Return names of exposures that the simulated archive does not have; `l` is that of COS."""
    return [f"{letter}z{_write(number)}q" for number in range(first, last)]


def _write(number: int) -> str:
    digits = ""
    for _ in range(6):
        number, digit = divmod(number, len(DIGITS))
        digits = DIGITS[digit] + digits
    return digits


def grow(
    tables: Engine,
    dagster: Engine,
    seeds: Sequence[str],
    names: Sequence[str],
    *,
    is_thin: bool = False,
) -> None:
    """Add exposures, each with all that is known of one of the seeds.

    Parameters
    ----------
    tables, dagster : sqlalchemy.Engine
        The two databases of a home.
    seeds : sequence of str
        Exposures that were decided.
    names : sequence of str
        New ones.
    is_thin : bool
        Leave out rows of headers, and what events say but that something was made.
    """
    for start in range(0, len(names), AT_ONCE):
        some = names[start : start + AT_ONCE]
        pairs = [{"old": seeds[i % len(seeds)], "new": new} for i, new in enumerate(some)]
        for engine, statements in ((tables, _clone_rows), (dagster, _clone_events)):
            with engine.begin() as connection:
                connection.execute(
                    text("CREATE TEMP TABLE names (old text, new text) ON COMMIT DROP")
                )
                connection.execute(text("INSERT INTO names VALUES (:old, :new)"), pairs)
                connection.execute(text("ANALYZE names"))
                for statement in statements(connection, is_thin):
                    connection.execute(text(statement))
    for engine in (tables, dagster):
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _clone_rows(connection: Connection, is_thin: bool) -> Iterator[str]:
    without = set(connection.scalars(text(HEADERS))) | {"headers"} if is_thin else ()
    for table, kinds in list_columns(connection).items():
        if table in without:
            continue
        owner = next((name for name in OWNERS if kinds.get(name) == "text"), None)
        if owner is not None:
            yield (
                f'INSERT INTO "{table}" ({_list(kinds)}) SELECT {_replace(kinds)} '
                f'FROM "{table}" t JOIN names n ON t."{owner}" = n.old ON CONFLICT DO NOTHING'
            )


def _clone_events(connection: Connection, is_thin: bool) -> Iterator[str]:
    columns = list_columns(connection)
    for table in ("dynamic_partitions", "event_logs"):
        columns[table].pop("id")
    kinds = columns["dynamic_partitions"]
    yield (
        f"INSERT INTO dynamic_partitions ({_list(kinds)}) SELECT {_replace(kinds)} "
        "FROM dynamic_partitions t JOIN names n ON t.partition = n.old"
    )
    kinds = columns["event_logs"]
    if is_thin:
        yield MATERIALIZED
        _strip_events(connection)
    yield (THIN_EVENTS if is_thin else EVENTS).format(columns=_list(kinds), values=_replace(kinds))
    yield "UPDATE asset_keys SET cached_status_data = NULL"


def _strip_events(connection: Connection) -> None:
    """Leave of the events that are cloned only that something was made."""
    rows = []
    for number, packed in connection.execute(text("SELECT id, event FROM thin_events")):
        event = json.loads(unpack(packed))
        event["dagster_event"]["event_specific_data"]["materialization"]["metadata_entries"] = []
        rows.append({"number": number, "event": pack(json.dumps(event))})
    connection.execute(text("UPDATE thin_events SET event = :event WHERE id = :number"), rows)


def list_columns(connection: Connection) -> dict[str, dict[str, str]]:
    columns: dict[str, dict[str, str]] = {}
    for table, name, kind in connection.execute(text(COLUMNS)):
        columns.setdefault(table, {})[name] = kind
    return columns


def _list(kinds: dict[str, str]) -> str:
    return ", ".join(f'"{name}"' for name in kinds)


def _replace(kinds: dict[str, str]) -> str:
    return ", ".join(
        f'replace(t."{name}"::text, n.old, n.new)::{kind}'
        if kind in ("text", "character varying", "json", "jsonb") else f't."{name}"'
        for name, kind in kinds.items()
    )  # fmt: skip
