"""Find the sets of exposures that a measurement is made of, and which of them have changed.

A measurement says which exposures are in which sets, by a query (`ExposureSets`). Nothing is stored
of it, so that a corrected selection holds at the next look.
"""

from collections import defaultdict
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, select

from hstql_assets.batching.decisions import any_of
from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome, Task
from hstql_assets.cumulative_images.reading import digest
from hstql_assets.monitors.framework.exposure_sets import ExposureSets, SetTask, detector_of
from hstql_assets.monitors.framework.monitor import Measurement
from hstql_assets.monitors.framework.selection import ExposureSelection
from hstql_resources import tables
from hstql_resources.postgres.database import Database

if TYPE_CHECKING:
    from hstql_resources.clients import Clients


def is_selected(detector: str, selection: ExposureSelection) -> ColumnElement[bool]:
    """Return the condition that an observation is one of those of a detector."""
    observation = tables.Observation
    conditions = [
        observation.instrument == selection.instrument,
        observation.detector == detector,
        func.upper(observation.image_type) == any_of(selection.image_types),
    ]
    if selection.target_names:
        conditions.append(func.upper(observation.target_name) == any_of(selection.target_names))
    if selection.proposals:
        conditions.append(observation.proposal_id.in_(selection.proposals))
    return and_(*conditions)


def select_sets(measurement: Measurement) -> Select[str]:
    """Return the query for all sets that have a member with a file."""
    member, statement = _join_files(measurement)
    return statement.with_only_columns(member.c.key).distinct()


def select_members(measurement: Measurement, keys: Sequence[str]) -> Select[str, str]:
    """Return the query for the exposures of some sets, each with the key of its set."""
    member, statement = _join_files(measurement)
    columns = member.c.key, member.c.rootname
    return statement.with_only_columns(*columns).where(member.c.key == any_of(keys)).distinct()


def sets_of(
    database: Database, measurement: Measurement, rootnames: Sequence[str]
) -> frozenset[str]:
    """Return the sets that some exposures are members of."""
    member, statement = _join_files(measurement)
    statement = statement.with_only_columns(member.c.key).distinct()
    rows = database.read(statement.where(member.c.rootname == any_of(rootnames)))
    return frozenset(str(row[0]) for row in rows)


def count_unused(database: Database, asset: str) -> list[tuple[str, str, int]]:
    """Return detector, reason, and the number of exposures that no set uses for that reason."""
    own, member = tables.ExposureSet, tables.ExposureSetMember
    columns = own.detector, member.reason
    unused = (
        select(*columns, func.count(func.distinct(member.rootname)))
        .join(member, member.set_key == own.set_key)
        .where(own.asset == asset, member.reason.is_not(None))
        .group_by(*columns)
        .order_by(*columns)
    )
    return [(str(row[0]), str(row[1]), int(row[2])) for row in database.read(unused)]


def count_used(database: Database, asset: str) -> int:
    """Return how many exposures the sets of an asset use."""
    own, member = tables.ExposureSet, tables.ExposureSetMember
    used = (
        select(func.count(func.distinct(member.rootname)))
        .join(own, own.set_key == member.set_key)
        .where(own.asset == asset, member.reason.is_(None))
    )
    return int(database.read(used)[0][0])


def read_changed_sets(database: Database, measurement: Measurement) -> dict[str, str]:
    """Return the sets to be measured, each with the digest of its members, by key."""
    stored = tables.ExposureSet
    statement = select(stored.set_key, stored.members).where(stored.asset == measurement.name)
    known = {str(row.set_key): str(row.members) for row in database.read(statement)}
    found = read_digests(database, measurement)
    return {key: text for key, text in sorted(found.items()) if known.get(key) != text}


def read_digests(
    database: Database, measurement: Measurement, keys: Sequence[str] | None = None
) -> dict[str, str]:
    """Return a digest of the files of each set and of its selection; of all sets without `keys`."""
    member, statement = _join_files(measurement)
    statement = statement.with_only_columns(member.c.key, digest().label("digest"))
    if keys is not None:
        statement = statement.where(member.c.key == any_of(keys))
    rows = database.read(statement.group_by(member.c.key))
    about = {key: _sets(measurement).find_selection(key) for key, _ in rows}
    return {
        str(key): sha256(f"{text} {about[key]!r}".encode()).hexdigest()
        for key, text in rows
    }  # fmt: skip


def locate_sets(
    clients: "Clients", measurement: Measurement, keys: Sequence[str]
) -> list[Task | Outcome]:
    """Return a task for each set of a batch, in two queries; `none` for one without members."""
    file = tables.File
    member, statement = _join_files(measurement)
    columns = member.c.key, file.rootname, file.filename, file.filetype, file.path
    wanted = statement.with_only_columns(*columns).where(member.c.key == any_of(keys))
    files: dict[str, dict[str, tuple[InputFile, ...]]] = defaultdict(dict)
    for row in clients.database.read(wanted.order_by(file.filename)):
        own = files[row.key]
        one = InputFile(row.filename, row.filetype, Path(row.path))
        own[row.rootname] = (*own.get(row.rootname, ()), one)
    digests = read_digests(clients.database, measurement, keys)
    return [
        SetTask(
            key,
            detector_of(measurement.name, key),
            _sets(measurement).find_selection(key),
            files[key],
            digests[key],
            clients.references,
        )
        if key in files and key in digests
        else Outcome(key, "none", f"There are no {measurement.source.what} of {key}.")
        for key in keys
    ]


def _sets(measurement: Measurement) -> ExposureSets:
    if measurement.sets is None:
        raise AssertionError(measurement.name)
    return measurement.sets


def _join_files(measurement: Measurement) -> tuple[Any, Select[Any]]:
    """Return members, and a query that joins to them their files that no other step found bad."""
    file, bad = tables.File, tables.BadData
    member = _sets(measurement).select_members().subquery()
    is_bad = exists().where(bad.filename == file.filename, bad.step != measurement.name)
    statement = (
        select(member)
        .select_from(member)
        .join(file, file.rootname == member.c.rootname)
        .where(file.filetype == any_of(measurement.source.filetypes), ~is_bad)
    )
    return member, statement
