"""Find the exposures of a batch that a monitor measures, and count what it could not use.

What the table of a monitor does not name is decided as `none`, with what it is instead.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from hstql_assets.batching.decisions import any_of
from hstql_assets.batching.outcomes import Outcome, Task
from hstql_assets.monitors.framework.inputs import locate_exposures
from hstql_assets.monitors.framework.monitor import Locate, Measurement
from hstql_assets.monitors.framework.selection import ExposureSelection
from hstql_resources import tables
from hstql_resources.postgres.database import Database

if TYPE_CHECKING:
    from hstql_resources.clients import Clients

NOT_SELECTED = "Not selected"


def locate_selected(load: Callable[[], Mapping[str, ExposureSelection]], name: str) -> Locate:
    """Return how the exposures of a batch are found that a table selects.

    Parameters
    ----------
    load : callable
        Returns the selection of each detector by its name.
    name : str
        Of the table, for the reason of those that it does not select.
    """
    return partial(_locate, load, name)


def _locate(
    load: Callable[[], Mapping[str, ExposureSelection]],
    name: str,
    clients: "Clients",
    measurement: Measurement,
    keys: Sequence[str],
) -> list[Task | Outcome]:
    others = find_others(clients.database, load(), keys)
    wanted = [key for key in keys if key not in others]
    found = {one.key: one for one in locate_exposures(clients, measurement, wanted)}
    return [
        found[key] if key in found
        else Outcome(key, "none", f"{NOT_SELECTED}: {name} does not name {others[key]}.")
        for key in keys
    ]  # fmt: skip


def find_others(
    database: Database, selections: Mapping[str, ExposureSelection], keys: Sequence[str]
) -> dict[str, str]:
    """Return what those of some exposures are that are not selected, by rootname.

    An exposure without a row is not among them: it may have no headers yet.
    """
    observation = tables.Observation
    statement = select(
        observation.rootname,
        observation.instrument,
        func.upper(func.coalesce(observation.detector, "")).label("detector"),
        func.upper(func.coalesce(observation.image_type, "")).label("image_type"),
        func.upper(func.coalesce(observation.target_name, "")).label("target_name"),
        observation.proposal_id,
    ).where(observation.rootname == any_of(keys))
    return {
        row.rootname: f"{row.detector or 'no detector'} {row.image_type or '(no IMAGETYP)'} of "
        f"{row.target_name or 'no target'}, proposal {row.proposal_id}"
        for row in database.read(statement)
        if not _is_selected(row, selections)
    }


def _is_selected(row: object, selections: Mapping[str, ExposureSelection]) -> bool:
    selection = selections.get(row.detector)  # type: ignore[attr-defined]
    if selection is None or row.instrument != selection.instrument:  # type: ignore[attr-defined]
        return False
    told = {
        "image_type": selection.image_types,
        "target_name": selection.target_names,
        "proposal_id": selection.proposals,
    }
    return all(not named or getattr(row, column) in named for column, named in told.items())


def count_unused(database: Database, assets: Sequence[str]) -> list[tuple[str, int]]:
    """Return how many selected exposures were not measured, by the first words of the reason."""
    outcome = tables.Outcome
    short = func.split_part(func.coalesce(outcome.reason, "(no reason)"), ":", 1)
    nameless = func.regexp_replace(short, r"\m[a-z][a-z0-9]{8}(_[a-z0-9]+\.fits)?\M", "…", "g")
    unused = (
        select(nameless.label("reason"))
        .where(
            outcome.asset == any_of(assets),
            outcome.status != "made",
            ~func.coalesce(outcome.reason, "").startswith(NOT_SELECTED),
        )
        .subquery()
    )
    column = unused.c.reason
    statement = select(column, func.count().label("exposures")).group_by(column).order_by(column)
    return [(str(row.reason), int(row.exposures)) for row in database.read(statement)]
