"""Record the cumulative images of the archive (CCI), beside those that are made here.

They belong to no exposure: in `files` their rootname is `cci`, and each is the one member of the
image that has its name.
"""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from hstql_assets.batching.input_files import ARCHIVE
from hstql_assets.cumulative_images.names import describe_cci
from hstql_resources import tables
from hstql_resources.archive import Archive, ImageArchive
from hstql_resources.fits.data_files import sha256_of
from hstql_resources.fits.file_headers import read_headers
from hstql_resources.postgres.database import Database

CCI = "cci"  # their file type, and what stands for a rootname


def record_cumulative_images(archive: Archive, database: Database) -> None:
    """Record the CCI files that are new, changed or gone.

    Parameters
    ----------
    archive : Archive
        One without such images has none to record.
    database : Database
        Where the rows go.
    """
    paths = archive.find_cumulative_images() if isinstance(archive, ImageArchive) else []
    file, member = tables.File, tables.CumulativeImageMember
    statement = select(file.filename, file.path, file.size_bytes, file.ingest_date).where(
        file.rootname == CCI
    )
    held = {row.filename: row for row in database.read(statement)}
    fresh = [path for path in paths if not _is_held(path, held.get(_name(path)))]
    gone = sorted(held.keys() - {_name(path) for path in paths})
    if not fresh and not gone:
        return
    now = datetime.now(UTC)
    described = {path: describe_cci(read_headers(path, CCI)) for path in fresh}
    with database.write() as writer:
        writer.delete(member, "filename", gone)
        writer.delete(file, "filename", gone)
        writer.upsert(file, [_file_row(path, now) for path in fresh])
        writer.upsert(member, [row for row in described.values() if row is not None])


def _is_held(path: Path, row: object) -> bool:
    """Tell whether a file is as it was when its row was written."""
    if row is None:
        return False
    status = path.stat()
    is_same = (row.path, row.size_bytes) == (str(path), status.st_size)  # type: ignore[attr-defined]
    return is_same and status.st_mtime <= row.ingest_date.timestamp()  # type: ignore[attr-defined]


def _file_row(path: Path, now: datetime) -> dict[str, object]:
    return {
        "filename": _name(path),
        "rootname": CCI,
        "filetype": CCI,
        "kind": "calibrated",
        "path": str(path),
        "size_bytes": path.stat().st_size,
        "sha256": sha256_of(path),
        "cal_ver": None,
        "origin": ARCHIVE,
        "archived_at": None,
        "reference_files": None,
        "ingest_date": now,
    }


def _name(path: Path) -> str:
    return path.name.removesuffix(".gz")
