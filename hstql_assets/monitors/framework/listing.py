"""Find the exposures of a batch that a monitor measures, and count what it could not use.

What the table of a monitor does not name is decided as `none`, with what it is instead.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select

from hstql_assets.batching.decisions import any_of
from hstql_assets.batching.outcomes import Outcome, Task
from hstql_assets.monitors.framework.exposure_sets import ExposureSets, detector_of
from hstql_assets.monitors.framework.inputs import locate_exposures
from hstql_assets.monitors.framework.membership import count_unused as count_unused_of_sets
from hstql_assets.monitors.framework.monitor import Measurement
from hstql_assets.monitors.framework.selection import ExposureSelection, SelectionTable
from hstql_assets.monitors.framework.unused import IN_PART, Unused, UnusedMembers
from hstql_resources import tables
from hstql_resources.postgres.database import Database

if TYPE_CHECKING:
    from hstql_resources.clients import Clients

NOT_SELECTED = "Not selected"


def locate_selected(
    clients: "Clients", measurement: Measurement, keys: Sequence[str]
) -> list[Task | Outcome]:
    """Return a task for each exposure of a batch that the table selects; `none` for others."""
    table = require_table(measurement)
    others = find_others(clients.database, table.of_instrument(measurement.instrument), keys)
    wanted = [key for key in keys if key not in others]
    found = {one.key: one for one in locate_exposures(clients, measurement, wanted)}
    return [
        found[key] if key in found
        else Outcome(key, "none", f"{NOT_SELECTED}: {table.name} does not name {others[key]}.")
        for key in keys
    ]  # fmt: skip


def measure_selected(measure: Callable[[Any], Outcome], digest: str, task: Task) -> Outcome:
    """Measure an exposure: a worker's task. The outcome knows by which table it was selected."""
    return replace(measure(task), selection=digest)


def find_reselected(database: Database, measurement: Measurement) -> list[str]:
    """Return the exposures that were measured by the table as it was, or are selected only now."""
    outcome, observation = tables.Outcome, tables.Observation
    table = require_table(measurement)
    chosen = table.of_instrument(measurement.instrument)
    own = select(outcome.key).where(outcome.asset == measurement.name)
    before = own.where(outcome.selection != table.digest(measurement.instrument))
    now = own.join(observation, observation.rootname == outcome.key).where(
        outcome.status == "none", outcome.reason.startswith(NOT_SELECTED), _is_selected(chosen)
    )
    return [str(row[0]) for row in database.read(before.union(now))]


def require_table(measurement: Measurement) -> SelectionTable:
    """Return the table of a measurement that has one."""
    if measurement.selection is None:
        raise AssertionError(measurement.name)
    return measurement.selection


def find_others(
    database: Database, selections: Mapping[str, ExposureSelection], keys: Sequence[str]
) -> dict[str, str]:
    """Return what those of some exposures are that are not selected, by rootname.

    An exposure without a row is not among them: it may have no headers yet.
    """
    observation = tables.Observation
    statement = select(
        observation.rootname,
        _upper(observation.detector).label("detector"),
        _upper(observation.image_type).label("image_type"),
        _upper(observation.target_name).label("target_name"),
        observation.proposal_id,
    ).where(observation.rootname == any_of(keys), ~_is_selected(selections))
    return {
        row.rootname: f"{row.detector or 'no detector'} {row.image_type or '(no IMAGETYP)'} of "
        f"{row.target_name or 'no target'}, proposal {row.proposal_id}"
        for row in database.read(statement)
    }


def _is_selected(selections: Mapping[str, ExposureSelection]) -> ColumnElement[bool]:
    """Return the condition that a table selects an observation: never NULL."""
    observation = tables.Observation
    found = []
    for detector, one in selections.items():
        conditions = [
            observation.instrument == one.instrument,
            _upper(observation.detector) == detector,
            _upper(observation.image_type) == any_of(one.image_types),
        ]
        if one.target_names:
            conditions.append(_upper(observation.target_name) == any_of(one.target_names))
        if one.proposals:
            conditions.append(func.coalesce(observation.proposal_id, -1).in_(one.proposals))
        found.append(and_(*conditions))
    return or_(false(), *found)


def _upper(column: Any) -> ColumnElement[str]:
    return func.upper(func.coalesce(column, ""))


def count_unused(database: Database, assets: Sequence[str]) -> Unused:
    """Return how many selected exposures were not measured, or not wholly, by what was said."""
    outcome, is_made = tables.Outcome, tables.Outcome.status == "made"
    sentence = func.regexp_split_to_table(outcome.remarks, r"(?<=\.)\s+")
    # Numbers are of one exposure; what is counted is the kind.
    kind = func.regexp_replace(_hide_names(sentence), r"-?\m\d[\d.,]*(e[+-]?\d+)?%?", "…", "g")
    short = func.split_part(func.coalesce(outcome.reason, "(no reason)"), ":", 1)
    is_selected = ~func.coalesce(outcome.reason, "").startswith(NOT_SELECTED)
    return Unused(
        _count(database, assets, _hide_names(short), ~is_made, is_selected),
        _count(database, assets, kind, is_made, outcome.remarks.is_not(None)),
    )


def _hide_names(text: ColumnElement[str]) -> ColumnElement[str]:
    return func.regexp_replace(text, r"\m[a-z][a-z0-9]{8}(_[a-z0-9]+\.fits)?\M", "…", "g")


def _count(
    database: Database, assets: Sequence[str], text: ColumnElement[str], *which: ColumnElement[bool]
) -> list[tuple[str, int]]:
    found = select(text.label("text")).where(tables.Outcome.asset == any_of(assets), *which)
    column = found.subquery().c.text
    statement = select(column, func.count()).group_by(column).order_by(column)
    return [(str(row[0]), int(row[1])) for row in database.read(statement)]


def count_unused_members(
    database: Database, asset: str, sets: ExposureSets, filetypes: Sequence[str]
) -> UnusedMembers:
    """Return why members of the sets of an asset were not used.

    Parameters
    ----------
    database : Database
    asset : str
    sets : ExposureSets
        Its sets.
    filetypes : sequence of str
        That it reads. An exposure whose files of these another step found bad is no member.
    """
    own, member = tables.ExposureSet, tables.ExposureSetMember
    in_part = (
        select(own.detector, func.count(func.distinct(member.rootname)))
        .join(member, member.set_key == own.set_key)
        .where(own.asset == asset, member.reason.is_(None), member.detail.is_not(None))
        .group_by(own.detector)
    )
    file, bad, meant = tables.File, tables.BadData, sets.select_members().subquery()
    is_bad = exists().where(bad.filename == file.filename, bad.step != asset)
    wanted = file.filetype == any_of(filetypes)
    found_bad = (
        select(func.min(meant.c.key), meant.c.rootname)
        .join(file, file.rootname == meant.c.rootname)
        .where(wanted)
        .group_by(meant.c.rootname)
        .having(func.bool_and(is_bad))
    )
    counts = Counter(
        {(of, why): number for of, why, number in count_unused_of_sets(database, asset)}
    )
    counts |= {(str(row[0]), IN_PART): int(row[1]) for row in database.read(in_part)}
    for key, _ in database.read(found_bad):
        counts[detector_of(asset, key), "found bad by another step"] += 1
    return UnusedMembers([(*of, number) for of, number in sorted(counts.items())])
