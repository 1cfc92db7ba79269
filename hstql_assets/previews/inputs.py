"""Read what the previews of a batch need: files, proposals, and pictures of an earlier run."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from hstql_assets.batching.decisions import any_of, find_unmade, read_decisions
from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome, Status
from hstql_assets.batching.stored_files import read_files
from hstql_assets.previews.drawing import PreviewTask
from hstql_resources import tables
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database


def locate_previews(
    database: Database, filesystem: Filesystem, instrument: str, keys: Sequence[str]
) -> list[PreviewTask | Outcome]:
    """Return a task for each key of a batch, in four queries."""
    before = [f"{instrument}/header_tables"]
    decisions = read_decisions(database, before, keys)
    sources = read_files(database, keys, tables.File.filename.endswith(".fits"))
    proposals = _proposals(database, keys)
    pictures = _pictures_by_rootname(database, keys)
    return [
        find_unmade(decisions, before, key)
        or _without_files(key, *decisions[before[0], key], sources[key])
        or PreviewTask(
            key, proposals.get(key), tuple(sources[key]), tuple(pictures[key]), filesystem
        )
        for key in keys
    ]


def _without_files(
    key: str, status: Status, reason: str | None, sources: Sequence[InputFile]
) -> Outcome | None:
    """Return the outcome of a key whose files could not be retrieved; None if they are there."""
    return Outcome(key, "missing", reason) if status == "missing" and not sources else None


def _proposals(database: Database, keys: Sequence[str]) -> dict[str, int | None]:
    observation = tables.Observation
    statement = select(observation.rootname, observation.proposal_id).where(
        observation.rootname == any_of(keys)
    )
    return {row.rootname: row.proposal_id for row in database.read(statement)}


def _pictures_by_rootname(database: Database, keys: Sequence[str]) -> dict[str, list[Path]]:
    preview = tables.Preview
    statement = select(preview.rootname, preview.path, preview.thumbnail_path).where(
        preview.rootname == any_of(keys)
    )
    pictures: dict[str, list[Path]] = defaultdict(list)
    for row in database.read(statement):
        pictures[row.rootname] += [Path(row.path), Path(row.thumbnail_path)]
    return pictures
