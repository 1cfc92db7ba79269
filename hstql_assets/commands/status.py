"""Answer `hstql status`: counts per asset, bad data, what waits, remarks, disk, last runs."""

import contextlib
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select, true

from hstql_assets.batching.asset_names import name_sets
from hstql_assets.batching.asset_nodes import WHOLE
from hstql_assets.batching.decisions import any_of
from hstql_assets.batching.input_files import ARCHIVE
from hstql_assets.commands.session import guard, open_records, open_session
from hstql_assets.commands.terminal_output import Sheet, write_sheets
from hstql_assets.orchestration.planning import Selection
from hstql_resources import tables
from hstql_resources.postgres.dagster_tables import count_keys
from hstql_resources.postgres.database import Database
from hstql_resources.records import Records
from hstql_resources.settings import load_settings

LAST_RUNS = 10
LAST_REMARKS = 10


@guard
def show_status(form: str, **conditions: Any) -> int:
    """Show counts per asset, bad data by reason, remarks, disk, and the last runs."""
    selection = Selection(**conditions)
    if selection.is_empty and not load_settings().monitors:
        with open_records("status") as records:
            sheets = _read_all(records)
    else:
        sheets = _read_selected(selection)
    write_sheets(sheets, form)
    return 0


def _read_all(records: Records) -> list[Sheet]:
    """Read the state of everything; the graph, which takes long to build, is not needed."""
    counts = count_keys(records.settings)
    registered = {asset: counts.get(name, 0) if name else 1 for asset, name in name_sets().items()}
    return _read_sheets(records.database, records.filesystem.home, registered, None)


def _read_selected(selection: Selection) -> list[Sheet]:
    with open_session("status") as (graph, clients, _):
        selected = graph.select(clients, selection)
        keys = graph.read_keys(clients.database, selected)
        if selected is not None:  # what is made of everything belongs to no selection
            keys = {asset: own for asset, own in keys.items() if own - {WHOLE}}
        only = None if selected is None else sorted(set().union(*keys.values()))
        registered = {asset: len(own) for asset, own in keys.items()}
        return _read_sheets(clients.database, clients.filesystem.home, registered, only)


def _read_sheets(
    database: Database, home: Path, registered: Mapping[str, int], only: Sequence[str] | None
) -> list[Sheet]:
    sheets = [
        read_counts(database, registered, only),
        *read_bad_data(database, only),
        *read_waiting(database, only),
        *read_last_remarks(database, only),
    ]
    if only is not None:
        return sheets
    return [*sheets, measure_disk(home), *read_set_aside(database), read_runs(database)]


def read_counts(
    database: Database, registered: Mapping[str, int], only: Sequence[str] | None
) -> Sheet:
    """Return how many keys of each asset are decided, how, and how many with remarks.

    Parameters
    ----------
    database : Database
        With the decisions.
    registered : mapping of str to int
        How many keys each asset has.
    only : sequence of str or None
        The keys that count; None for all.
    """
    outcome = tables.Outcome
    # Each of them by an index alone.
    statements = [
        select(outcome.asset, outcome.status, func.count())
        .where(_is_of(outcome.key, only))
        .group_by(outcome.asset, outcome.status),
        select(outcome.asset, literal("remarks"), func.count())
        .where(_is_of(outcome.key, only), outcome.remarks.is_not(None))
        .group_by(outcome.asset),
    ]
    counts: Counter[tuple[str, str]] = Counter()
    for statement in statements:
        counts.update({(row[0], row[1]): row[2] for row in database.read(statement)})
    states = ("made", "none", "bad", "missing")
    rows = []
    for asset, keys in registered.items():
        numbers = [counts[asset, state] for state in states]
        open_keys = max(keys - sum(numbers), 0)
        rows.append((asset, keys, *numbers, open_keys, counts[asset, "remarks"]))
    columns = ("asset", "registered", *states, "not made yet", "with remarks")
    return Sheet("assets", "Keys per asset", columns, rows)


def _is_of(column: Any, only: Sequence[str] | None) -> ColumnElement[bool]:
    return true() if only is None else column == any_of(only)


def read_bad_data(database: Database, only: Sequence[str] | None) -> Iterator[Sheet]:
    """Yield how many files are bad, by reason, the most frequent first; nothing if none is."""
    bad = tables.BadData
    statement = (
        select(bad.reason, func.count())
        .where(_is_of(bad.rootname, only))
        .group_by(bad.reason)
        .order_by(func.count().desc(), bad.reason)
    )
    if rows := database.read(statement):
        yield Sheet("bad_files", "Bad files", ("reason", "files"), rows)


def read_waiting(database: Database, only: Sequence[str] | None) -> Iterator[Sheet]:
    """Yield which assets have keys that wait to be tried again, and why; nothing if none has."""
    attempt = tables.Attempt
    statement = (
        select(attempt.asset, func.count(), func.min(attempt.next_at), func.max(attempt.reason))
        .where(_is_of(attempt.key, only))
        .group_by(attempt.asset)
        .order_by(attempt.asset)
    )
    rows = [(asset, keys, _say_time(at), reason)
            for asset, keys, at, reason in database.read(statement)]  # fmt: skip
    if rows:
        yield Sheet(
            "waiting",
            "Waiting to be tried again: by sensors from that time on, by commands at once",
            ("asset", "keys", "next try (UTC)", "one of the reasons"),
            rows,
        )


def read_last_remarks(database: Database, only: Sequence[str] | None) -> Iterator[Sheet]:
    """Yield the last remarks on what was made, the newest first; nothing if there are none."""
    outcome = tables.Outcome
    statement = (
        select(outcome.key, outcome.asset, outcome.remarks)
        .where(outcome.remarks.is_not(None), _is_of(outcome.key, only))
        .order_by(outcome.decided_at.desc(), outcome.key)
        .limit(LAST_REMARKS)
    )
    if rows := database.read(statement):
        title = "Last remarks (hstql explain KEY tells more)"
        yield Sheet("last_remarks", title, ("key", "asset", "remarks"), rows)


def measure_disk(home: Path) -> Sheet:
    """Return what lies in each folder of `HSTQL_HOME`; what cannot be read counts nothing."""
    rows = []
    for folder in sorted(path for path in home.iterdir() if path.is_dir()):
        sizes = _file_sizes(folder)
        rows.append((folder.name, len(sizes), round(sum(sizes) / 1e6, 1)))
    free = shutil.disk_usage(home).free
    title = f"Disk: {home}, {free / 1e9:.1f} GB free"
    return Sheet("disk", title, ("folder", "files", "MB"), rows)


def read_set_aside(database: Database) -> Iterator[Sheet]:
    """Yield how much of what was fetched is here and how much was set aside; if any was."""
    file = tables.File
    is_away = file.set_aside_at.is_not(None)
    if not database.read(select(file.filename).where(is_away).limit(1)):
        return
    where = case((is_away, "set aside"), else_="here")
    statement = (
        select(where, func.count(), func.sum(file.size_bytes))
        .where(file.origin == ARCHIVE)
        .group_by(where)
        .order_by(where)
    )
    rows = [(place, files, round(int(size) / 1e6, 1))
            for place, files, size in database.read(statement)]  # fmt: skip
    title = "Files fetched from the archive (HSTQL_KEEP)"
    yield Sheet("fetched", title, ("where", "files", "MB"), rows)


def _file_sizes(folder: Path) -> list[int]:
    sizes, folders = [], [str(folder)]
    while folders:
        with contextlib.suppress(OSError), os.scandir(folders.pop()) as entries:  # gone meanwhile
            for entry in entries:
                with contextlib.suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        sizes.append(entry.stat(follow_symlinks=False).st_size)
    return sizes


def read_runs(database: Database) -> Sheet:
    """Return the last commands and runs with their logs, the newest first."""
    run = tables.Run
    statement = (
        select(run.started_at, run.ended_at, run.exit_status, run.log)
        .order_by(run.started_at.desc())
        .limit(LAST_RUNS)
    )
    rows = []
    for started_at, ended_at, exit_status, log in database.read(statement):
        seconds = round((ended_at - started_at).total_seconds(), 1) if ended_at else None
        rows.append((_say_time(started_at), seconds, exit_status, Path(log).name))
    columns = ("started (UTC)", "seconds", "exit status", "log")
    return Sheet("runs", "Last commands and runs", columns, rows)


def _say_time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
