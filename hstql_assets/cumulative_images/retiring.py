"""What is left of cumulative images without members, taken away: files, rows, decisions."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import delete, select

from hstql_assets.batching.decisions import among
from hstql_resources import tables
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database

MADE_FROM_IMAGES = ("gain_monitor",)


def retire_images(database: Database, filesystem: Filesystem, keys: Sequence[str]) -> None:
    """Remove images; the partition keys are the caller's to unregister.

    Parameters
    ----------
    database, filesystem
        Where they are.
    keys : sequence of str
        Images without members.
    """
    if not keys:
        return
    image, outcome = tables.CumulativeImage, tables.Outcome
    paths = select(image.path).where(image.image == among(keys))
    for row in database.read(paths):
        filesystem.remove(Path(row.path))
    with database.write() as writer:
        for model in (tables.Gain, tables.CumulativeImage):
            writer.delete(model, "image", keys)
        writer.execute(
            delete(outcome).where(outcome.asset == "gain_maps", outcome.key == among(keys))
        )
        writer.execute(delete(outcome).where(outcome.asset == among(MADE_FROM_IMAGES)))
