"""Show counts per asset, bad data, disk and last runs, for `hstql status`."""

import contextlib
import os
import shutil
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from hstql_assets.commands.terminal_output import show_table
from hstql_resources import tables
from hstql_resources.postgres.database import Database

LAST_RUNS = 10
LAST_REMARKS = 10


def show_counts(database: Database, registered: Mapping[str, int]) -> None:
    """Write how many keys of each asset are decided, how, and how many with remarks."""
    outcome = tables.Outcome
    statement = select(
        outcome.asset, outcome.status, func.count(), func.count(outcome.remarks)
    ).group_by(outcome.asset, outcome.status)
    counts: Counter[tuple[str, str]] = Counter()
    for asset, state, number, remarked in database.read(statement):
        counts[asset, state] = number
        counts[asset, "remarks"] += remarked
    states = ("made", "none", "bad", "missing")
    rows = []
    for asset, keys in registered.items():
        numbers = [counts[asset, state] for state in states]
        open_keys = max(keys - sum(numbers), 0)
        rows.append((asset, keys, *numbers, open_keys, counts[asset, "remarks"]))
    columns = ("asset", "registered", *states, "not made yet", "with remarks")
    show_table("Keys per asset", columns, rows)


def show_bad_data(database: Database) -> None:
    """Write how many files are bad, by reason, the most frequent first; nothing if none is."""
    reason = tables.BadData.reason
    statement = select(reason, func.count()).group_by(reason).order_by(func.count().desc(), reason)
    if bad := [tuple(row) for row in database.read(statement)]:
        show_table("Bad files", ("reason", "files"), bad)


def show_waiting(database: Database) -> None:
    """Write which assets have keys that wait to be tried again, and why; nothing if none has."""
    attempt = tables.Attempt
    statement = (
        select(attempt.asset, func.count(), func.min(attempt.next_at), func.max(attempt.reason))
        .group_by(attempt.asset)
        .order_by(attempt.asset)
    )
    rows = [(asset, keys, _say_time(at), reason)
            for asset, keys, at, reason in database.read(statement)]  # fmt: skip
    if rows:
        show_table(
            "Waiting to be tried again: by sensors from that time on, by commands at once",
            ("asset", "keys", "next try (UTC)", "one of the reasons"),
            rows,
        )


def show_last_remarks(database: Database) -> None:
    """Write the last remarks on what was made, the newest first; nothing if there are none."""
    outcome = tables.Outcome
    statement = (
        select(outcome.key, outcome.asset, outcome.remarks)
        .where(outcome.remarks.is_not(None))
        .order_by(outcome.decided_at.desc(), outcome.key)
        .limit(LAST_REMARKS)
    )
    if remarks := [tuple(row) for row in database.read(statement)]:
        title = "Last remarks (hstql explain KEY tells more)"
        show_table(title, ("key", "asset", "remarks"), remarks)


def show_disk(home: Path) -> None:
    """Write what lies in each folder of `HSTQL_HOME`; what cannot be read counts nothing."""
    rows = []
    for folder in sorted(path for path in home.iterdir() if path.is_dir()):
        sizes = _file_sizes(folder)
        rows.append((folder.name, len(sizes), f"{sum(sizes) / 1e6:.1f}"))
    free = shutil.disk_usage(home).free
    show_table(f"Disk: {home}, {free / 1e9:.1f} GB free", ("folder", "files", "MB"), rows)


def _file_sizes(folder: Path) -> list[int]:
    sizes = []
    for root, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):  # gone meanwhile
                sizes.append((Path(root) / name).lstat().st_size)
    return sizes


def show_runs(database: Database) -> None:
    """Write the last commands and runs with their logs, the newest first."""
    run = tables.Run
    statement = (
        select(run.started_at, run.ended_at, run.exit_status, run.log)
        .order_by(run.started_at.desc())
        .limit(LAST_RUNS)
    )
    rows = []
    for started_at, ended_at, exit_status, log in database.read(statement):
        seconds = f"{(ended_at - started_at).total_seconds():.1f}" if ended_at else None
        rows.append((_say_time(started_at), seconds, exit_status, Path(log).name))
    columns = ("started (UTC)", "seconds", "exit status", "log")
    show_table("Last commands and runs", columns, rows)


def _say_time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
