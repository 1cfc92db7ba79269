"""Rows of an exposure of a camera and of its one file, as the header step would write them."""

from datetime import UTC, datetime
from pathlib import Path

from hstql_resources import tables
from hstql_resources.postgres.database import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def list_exposure(
    database: Database, rootname: str, path: Path, filetype: str = "flt", **observation: object
) -> None:
    """Write an observation of WFC3 with a file that has a checksum, whether it is there or not."""
    exposure = {
        "rootname": rootname, "instrument": "wfc3", "first_ingest_date": NOW,
        "last_ingest_date": NOW, **observation,
    }  # fmt: skip
    file = {
        "filename": path.name, "rootname": rootname, "filetype": filetype,
        "kind": "raw" if filetype == "raw" else "calibrated", "path": str(path),
        "size_bytes": 100, "sha256": "a" * 64, "origin": "archive", "ingest_date": NOW,
    }  # fmt: skip
    with database.write() as writer:
        writer.upsert(tables.Observation, [exposure])
        writer.upsert(tables.File, [file])
