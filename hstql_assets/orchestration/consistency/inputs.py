"""Read what the checks need to know: rows in few queries, and the archive's lists.

What headers say is read in `header_mismatch_query`.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import CompoundSelect, Select, and_, func, select, union

from hstql_assets.batching.decisions import any_of
from hstql_assets.batching.input_files import ARCHIVE
from hstql_assets.batching.job_names import file_assets
from hstql_assets.batching.ownership import OwnedFiles
from hstql_assets.orchestration.consistency.orphan_proof import Memory, find_forgotten_commands
from hstql_assets.orchestration.consistency.recorded_files import RecordedFile
from hstql_resources import tables
from hstql_resources.filenames import letter_of
from hstql_resources.postgres.database import Database, Writer

FILES_AT_ONCE = 20_000  # of a million; so many take 12 MB
NAMES_AT_ONCE = 5_000  # with their files
Value = TypeVar("Value")
FORGOTTEN_AFTER = timedelta(days=1)  # a run without an end that is older was killed


class HeldFiles(Mapping[str, list[RecordedFile]]):
    """What the table `files` has of an instrument, by rootname; those next in order are at hand.

    Parameters
    ----------
    database : Database
        With the table.
    instrument : str
        Such as `cos`.
    """

    def __init__(self, database: Database, instrument: str) -> None:
        self._database, self._instrument = database, instrument
        name = tables.File.rootname
        statement = select(name).where(name.startswith(letter_of(instrument))).distinct()
        self._names = sorted(str(row[0]) for row in database.read(statement))
        self._part: dict[str, list[RecordedFile]] = {}

    def __getitem__(self, rootname: str) -> list[RecordedFile]:
        if rootname not in self._part:
            place = bisect_left(self._names, rootname)
            if self._names[place : place + 1] != [rootname]:
                raise KeyError(rootname)
            names = self._names[place : place + NAMES_AT_ONCE]
            statement = _select_files(self._instrument).where(tables.File.rootname == any_of(names))
            self._part = group_by_key(RecordedFile(*row) for row in self._database.read(statement))
        return self._part[rootname]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _select_files(instrument: str) -> Select[*tuple[Any, ...]]:
    file = tables.File
    return select(
        file.filename,
        file.rootname,
        file.path,
        func.concat(f"{instrument}/", file.kind, "_files"),
        file.size_bytes,
        file.sha256,
        and_(file.origin.is_not(None), file.origin != ARCHIVE),
        file.set_aside_at.is_not(None),
    )


def stream_files(database: Database, instrument: str) -> Iterator[list[RecordedFile]]:
    """Yield what the table `files` has of an instrument in parts, those of a rootname together."""
    name = tables.File.rootname
    statement = _select_files(instrument).where(name.startswith(letter_of(instrument)))
    for rows in database.stream(statement.order_by(name), FILES_AT_ONCE):
        yield [RecordedFile(*row) for row in rows]


def stream_recorded(database: Database, instrument: str) -> Iterator[list[RecordedFile]]:
    """Yield in parts all files of an instrument that rows name."""
    return chain(stream_files(database, instrument), _stream_products(database, instrument))


def _stream_products(database: Database, instrument: str) -> Iterator[list[RecordedFile]]:
    """Yield what hstql made of an instrument: lightcurves, composites, previews ...."""
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
    for maker, statement in statements:
        for rows in database.stream(statement, FILES_AT_ONCE):
            yield [RecordedFile(path.rpartition("/")[2], key, path, maker) for key, path in rows]


def find_named(writer: Writer, paths: Sequence[str], owned: Sequence[OwnedFiles]) -> set[str]:
    """Return those of some paths that rows name, as this transaction sees them."""
    return set(writer.connection.execute(_select_named(paths, owned)).scalars())


def read_named(database: Database, paths: Sequence[str], owned: Sequence[OwnedFiles]) -> set[str]:
    """Return the same, as it is now."""
    return {str(row[0]) for row in database.read(_select_named(paths, owned))}


def _select_named(paths: Sequence[str], owned: Sequence[OwnedFiles]) -> CompoundSelect[str]:
    columns = dict.fromkeys(column for files in owned for column in files.named_by)
    return union(*(select(column).where(column == any_of(paths)) for column in columns))


def batched(values: Iterable[Value], size: int) -> Iterator[list[Value]]:
    """Yield so many at a time; itertools has it from Python 3.12 on."""
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some


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
