"""Which products that were made here are made again: those whose raw files changed since."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from builders.pipeline import Pipeline
from hstql_assets.observations.inputs import locate_retrievals
from hstql_assets.observations.retrieval import RetrievalTask
from hstql_resources import tables

ASSOCIATION, MEMBER = "lsim01010", "lsim01aaq"
NOW = datetime.now(UTC)


def hold(pipeline: Pipeline, archive: Path) -> None:
    """Leave an association whose product CalCOS made here, in a folder that lists each key."""
    folder = archive / ASSOCIATION[:4] / ASSOCIATION
    folder.mkdir(parents=True)
    (folder / f"{ASSOCIATION}_asn.fits").write_bytes(b"")
    product = pipeline.home / f"{ASSOCIATION}_x1dsum.fits"
    pipeline.home.mkdir(exist_ok=True)
    product.write_bytes(b"")
    with pipeline.clients.database.write() as writer:
        writer.upsert(tables.Observation,
                      [{"rootname": key, "association": ASSOCIATION, "path": str(folder),
                        "first_ingest_date": NOW, "last_ingest_date": NOW}
                       for key in (ASSOCIATION, MEMBER)])  # fmt: skip
        writer.upsert(tables.File,
                      [{"filename": product.name, "rootname": ASSOCIATION, "filetype": "x1dsum",
                        "kind": "calibrated", "path": str(product), "size_bytes": 0,
                        "origin": "calcos", "ingest_date": NOW}])  # fmt: skip


def decide(pipeline: Pipeline, asset: str, key: str, at: datetime) -> None:
    with pipeline.clients.database.write() as writer:
        writer.upsert(tables.Outcome,
                      [{"asset": f"cos/{asset}", "key": key, "status": "made", "reason": None,
                        "decided_at": at, "changed_at": at}])  # fmt: skip


def test_an_association_of_a_folder_is_made_again_when_a_raw_file_of_a_member_changed(
    pipeline: Pipeline, tmp_path: Path, add_exposure: Callable[..., Path]
) -> None:
    add_exposure(MEMBER)
    hold(pipeline, tmp_path / "archive")
    for key in (ASSOCIATION, MEMBER):
        decide(pipeline, "raw_files", key, NOW - timedelta(hours=2))
    decide(pipeline, "calibrated_files", ASSOCIATION, NOW - timedelta(hours=1))
    (before,) = locate_retrievals(pipeline.clients, "calibrated", [ASSOCIATION])
    assert isinstance(before, RetrievalTask)
    assert (before.is_calibrated_here, len(before.made)) == (False, 1)
    decide(pipeline, "raw_files", MEMBER, NOW)
    (after,) = locate_retrievals(pipeline.clients, "calibrated", [ASSOCIATION])
    assert isinstance(after, RetrievalTask)
    assert after.is_calibrated_here
