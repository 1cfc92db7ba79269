"""Read what the checks need to know: rows in few queries, and the archive's lists.

What headers say is read in `header_mismatch_query`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

from sqlalchemy import Select, and_, func, select, union

from hstql_assets.batching.decisions import any_of
from hstql_assets.batching.job_names import file_assets
from hstql_assets.batching.ownership import OwnedFiles
from hstql_assets.observations.currency import ARCHIVE
from hstql_assets.orchestration.consistency.orphan_proof import Memory, find_forgotten_commands
from hstql_assets.orchestration.consistency.recorded_files import RecordedFile
from hstql_resources import tables
from hstql_resources.filenames import letter_of
from hstql_resources.postgres.database import Database, Writer

FILES_AT_ONCE = 50_000  # of a million; so many take 30 MB
FORGOTTEN_AFTER = timedelta(days=1)  # a run without an end that is older was killed


def read_files(database: Database, instrument: str) -> list[RecordedFile]:
    """Return what the table `files` has of an instrument."""
    return list(chain.from_iterable(stream_files(database, instrument)))


def stream_files(database: Database, instrument: str) -> Iterator[list[RecordedFile]]:
    """Yield the same in batches, those of one rootname together."""
    file = tables.File
    statement = (
        select(
            file.filename,
            file.rootname,
            file.path,
            func.concat(f"{instrument}/", file.kind, "_files"),
            file.size_bytes,
            file.sha256,
            and_(file.origin.is_not(None), file.origin != ARCHIVE),
        )
        .where(file.rootname.startswith(letter_of(instrument)))
        .order_by(file.rootname)
    )
    for rows in database.stream(statement, FILES_AT_ONCE):
        yield [RecordedFile(*row) for row in rows]


def read_products(database: Database, instrument: str) -> list[RecordedFile]:
    """Return what hstql made of an instrument: lightcurves, composites, previews ...."""
    curve, composite, preview = tables.Lightcurve, tables.Composite, tables.Preview
    extraction = tables.Extraction
    letter = letter_of(instrument)
    statements: list[tuple[str, Select[str, Any]]] = [
        (f"{instrument}/lightcurves",
         select(curve.rootname, curve.path).where(curve.rootname.startswith(letter))),
        (f"{instrument}/extractions",
         select(extraction.rootname, extraction.path).where(
             extraction.rootname.startswith(letter), extraction.path.is_not(None))),
        ("composites",
         select(composite.target, composite.path).where(composite.instrument == instrument)),
        *((f"{instrument}/previews",
           select(preview.rootname, path).where(preview.rootname.startswith(letter)))
          for path in (preview.path, preview.thumbnail_path)),
    ]  # fmt: skip
    if instrument == "cos":
        image = tables.CumulativeImage
        statements.append(("gain_maps", select(image.image, image.path)))
    return [
        RecordedFile(path.rpartition("/")[2], key, path, maker)
        for maker, statement in statements
        for key, path in database.read(statement)
    ]


def find_named(writer: Writer, paths: Sequence[str], owned: Sequence[OwnedFiles]) -> set[str]:
    """Return those of some paths that rows name, as this transaction sees them."""
    columns = dict.fromkeys(column for files in owned for column in files.named_by)
    statement = union(*(select(column).where(column == any_of(paths)) for column in columns))
    return set(writer.connection.execute(statement).scalars())


def read_retrievals(database: Database, instrument: str) -> dict[str, str | None]:
    """Return the rootnames whose retrieval was decided, with why the last one failed, if it did."""
    outcome = tables.Outcome
    statement = select(outcome.key, outcome.status, outcome.reason).where(
        outcome.asset == any_of(file_assets(instrument))
    )
    reasons: dict[str, str | None] = {}
    for row in database.read(statement):
        is_failed = row.status in ("bad", "missing")
        reasons[row.key] = (row.reason if is_failed else None) or reasons.get(row.key)
    return reasons


def read_memory(database: Database, logs: Path) -> Memory:
    """Return what the database knows of the home, whose logs lie in a folder."""
    since = database.read(select(func.min(tables.Home.made_at)))[0][0]
    known = (row.id for row in database.read(select(tables.Run.id)))
    return Memory(since, find_forgotten_commands(logs, known))


def read_decision_times(
    database: Database, makers: Mapping[str, tuple[str, Sequence[str]]]
) -> dict[str, datetime]:
    """Return when all who make a file had decided about its key, by path; without the undecided.

    Parameters
    ----------
    makers : mapping of path to (key, assets)
        Who makes each file. That the archive does not have a key decides nothing.
    """
    outcome = tables.Outcome
    keys = sorted({key for key, _ in makers.values()})
    statement = select(outcome.asset, outcome.key, outcome.decided_at).where(
        outcome.key == any_of(keys), outcome.status != "missing"
    )
    at = {(asset, key): time for asset, key, time in database.read(statement)} if keys else {}
    return {
        path: min(at[asset, key] for asset in assets)
        for path, (key, assets) in makers.items()
        if assets and all((asset, key) in at for asset in assets)
    }


def group_by_key(held: Iterable[RecordedFile]) -> dict[str, list[RecordedFile]]:
    """Return files by rootname."""
    groups: dict[str, list[RecordedFile]] = defaultdict(list)
    for file in held:
        groups[file.key].append(file)
    return groups


def read_first_running(database: Database, own_run: str) -> datetime | None:
    """Return when the first of the other runs in progress began; None if there is none.

    A batch puts its files into place before it writes their rows, so what is newer than that may
    get a row yet.
    """
    run = tables.Run
    since = datetime.now(UTC) - FORGOTTEN_AFTER
    statement = select(func.min(run.started_at)).where(
        run.ended_at.is_(None), run.id != own_run, run.started_at > since
    )
    return next((row[0] for row in database.read(statement)), None)
