"""Find the sets of flats, their members, and which of them have changed since they were measured.

A set is all flats of one proposal with one detector. Which exposures are flats the selections say;
nothing is stored of it, so that a corrected selection holds at the next look.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, or_, select

from hstql_assets.batching.decisions import any_of
from hstql_assets.cumulative_images.reading import digest
from hstql_assets.monitors.flat_gains.selection import FlatSelection, load_selections
from hstql_resources import tables
from hstql_resources.postgres.database import Database

ASSET = "flat_gains"
FILETYPES = ("raw", "flt")


def name_set() -> ColumnElement[str]:
    """Return the key of the set of an observation, such as flat_gains_uvis_17672."""
    observation = tables.Observation
    return func.concat(f"{ASSET}_", func.lower(observation.detector), "_", observation.proposal_id)


def detector_of(key: str) -> str:
    """Return the detector that the key of a set names."""
    return key.removeprefix(f"{ASSET}_").partition("_")[0].upper()


def select_sets() -> Select[str]:
    """Return the query for all sets that have a member with a file."""
    statement: Select[str] = join_files(select(name_set()))
    return statement.distinct()


def is_flat(detector: str, selection: FlatSelection) -> ColumnElement[bool]:
    """Return the condition that an observation is a flat of a detector."""
    observation = tables.Observation
    conditions = [
        observation.instrument == selection.instrument,
        observation.detector == detector,
        func.upper(observation.image_type) == any_of(selection.image_types),
        func.upper(observation.target_name) == any_of(selection.target_names),
        observation.proposal_id.is_not(None),
    ]
    if selection.proposals:
        conditions.append(observation.proposal_id.in_(selection.proposals))
    return and_(*conditions)


def select_members(keys: Sequence[str]) -> Select[str, str]:
    """Return the query for the exposures of some sets, each with the key of its set."""
    statement: Select[str, str] = join_files(
        select(name_set().label("key"), tables.Observation.rootname)
    ).where(name_set() == any_of(keys))
    return statement.distinct()


def sets_of(database: Database, rootnames: Sequence[str]) -> frozenset[str]:
    """Return the sets that some exposures are members of."""
    statement = join_files(select(name_set()))
    statement = statement.where(tables.Observation.rootname == any_of(rootnames)).distinct()
    return frozenset(str(row[0]) for row in database.read(statement))


def read_changed_sets(database: Database) -> dict[str, str]:
    """Return the sets to be measured, each with the digest of its members, by key."""
    stored = tables.ExposureSet
    known = {
        str(row.set_key): str(row.members)
        for row in database.read(
            select(stored.set_key, stored.members).where(stored.asset == ASSET)
        )
    }
    found = read_digests(database)
    return {key: text for key, text in sorted(found.items()) if known.get(key) != text}


def read_digests(database: Database, *conditions: ColumnElement[bool]) -> dict[str, str]:
    """Return a digest of the files of each set and of its selection, in one statement."""
    key: Any = name_set()
    statement = join_files(select(key.label("key"), digest().label("digest")))
    statement = statement.where(*conditions).group_by(key)
    about = {name: repr(selection) for name, selection in load_selections().items()}
    return {
        str(row.key): sha256(f"{row.digest} {about[detector_of(row.key)]}".encode()).hexdigest()
        for row in database.read(statement)
    }


def join_files(statement: Any) -> Any:
    """Join to a select of flats those of their files that no other step has found bad."""
    observation, file, bad = tables.Observation, tables.File, tables.BadData
    chosen: Mapping[str, FlatSelection] = load_selections()
    is_bad = exists().where(bad.filename == file.filename, bad.step != ASSET)
    is_any = or_(literal(value=False), *(is_flat(name, one) for name, one in chosen.items()))
    return (
        statement.select_from(observation)
        .join(file, file.rootname == observation.rootname)
        .where(is_any, file.filetype == any_of(FILETYPES), ~is_bad)
    )
