"""Read what the step of named extractions needs: events, spectra, earlier extractions."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import select

from hstql_assets.batching.decisions import any_of
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.lightcurves.extractions.definitions import Definitions, choose
from hstql_assets.lightcurves.extractions.making import ExtractionTask
from hstql_assets.lightcurves.inputs import locate_events
from hstql_resources import tables
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database


def locate_extractions(
    database: Database,
    filesystem: Filesystem,
    instrument: str,
    keys: Sequence[str],
    targets: Mapping[str, str],
    definitions: Definitions,
    chosen: Sequence[str],
) -> list[ExtractionTask | Outcome]:
    """Return a task for each key of a batch, in three queries.

    Parameters
    ----------
    targets : mapping of str to str
        Slugs by rootname.
    definitions : Definitions
        All that there are. Made are those by default, those that are chosen, and those that the
        exposure had before.
    chosen : sequence of str
        Names.

    Raises
    ------
    SettingsError
        If there is no extraction of such a name.
    """
    usual = [one.name for one in definitions.values() if one.is_default]
    wanted = {*usual, *(one.name for one in choose(definitions, chosen))}
    rows = _read_before(database, keys)
    return [
        one
        if isinstance(one, Outcome)
        else ExtractionTask(
            **vars(one),
            before=tuple(path for path in rows[one.key].values() if path is not None),
            definitions=tuple(choose(definitions, wanted | rows[one.key].keys() & definitions)),
        )
        for one in locate_events(database, filesystem, instrument, keys, targets)
    ]


def _read_before(database: Database, keys: Sequence[str]) -> dict[str, dict[str, Path | None]]:
    """Return the files of extractions by rootname and name; None of one that was not made."""
    row = tables.Extraction
    statement = select(row.rootname, row.name, row.path).where(row.rootname == any_of(keys))
    found: dict[str, dict[str, Path | None]] = defaultdict(dict)
    for rootname, name, path in database.read(statement):
        found[rootname][name] = None if path is None else Path(path)
    return found
