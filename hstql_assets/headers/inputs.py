"""Read what the header step needs to know about a batch: the files that retrieval brought in."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from hstql_assets.batching.decisions import any_of, find_unmade, read_decisions
from hstql_assets.batching.job_names import file_assets
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.stored_files import read_files
from hstql_assets.headers.scanning import HeaderTask
from hstql_resources import tables
from hstql_resources.header_tables.names import UNKNOWN
from hstql_resources.postgres.database import Database


def locate_headers(
    database: Database, instrument: str, keys: Sequence[str]
) -> list[HeaderTask | Outcome]:
    """Return a task for each key of a batch, in three queries."""
    before = file_assets(instrument)
    decisions = read_decisions(database, before, keys)
    files = read_files(database, keys, tables.File.filename.endswith(".fits"))
    detectors = _detectors_of_members(database, instrument, keys)
    return [
        find_unmade(decisions, before, key)
        or HeaderTask(
            key,
            tuple(files[key]),
            next(
                (
                    decisions[asset, key][1]
                    for asset in before
                    if decisions[asset, key][0] == "missing"
                ),
                None,
            ),
            detectors.get(key, UNKNOWN),
        )
        for key in keys
    ]


def _detectors_of_members(
    database: Database, instrument: str, keys: Sequence[str]
) -> dict[str, str]:
    """Return the detector by association, where one of its members is known and names it."""
    member = tables.Observation
    statement = (
        select(member.association, func.min(member.detector).label("detector"))
        .where(
            member.association == any_of(keys),
            member.instrument == instrument,
            member.detector != UNKNOWN,
        )
        .group_by(member.association)
    )
    return {row.association: row.detector for row in database.read(statement)}


def find_settled_associations(database: Database, keys: Sequence[str]) -> list[str]:
    """Return the associations of unknown detector whose members are known now, of some keys."""
    member, whole = tables.Observation, aliased(tables.Observation)
    statement = (
        select(whole.rootname)
        .join(member, member.association == whole.rootname)
        .where(
            member.instrument == whole.instrument,
            or_(member.rootname == any_of(keys), whole.rootname == any_of(keys)),
            whole.detector == UNKNOWN,
            member.detector != UNKNOWN,
        )
        .distinct()
        .order_by(whole.rootname)
    )
    return [row.rootname for row in database.read(statement)]
