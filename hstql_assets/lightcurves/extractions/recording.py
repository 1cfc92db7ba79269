"""Forget what was decided by another file of definitions, so that it is made by the present one."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import and_, func, or_, select, tuple_

from hstql_assets.batching.decisions import any_of, forget
from hstql_assets.lightcurves.extractions.definitions import (
    FILENAME,
    Definitions,
    load_definitions,
)
from hstql_assets.lightcurves.extractions.making import write_settings
from hstql_resources import tables
from hstql_resources.postgres.database import Database

CHANGED_NEVER = datetime.min.replace(tzinfo=UTC)


def forget_redefined_extractions(database: Database, home: Path, asset: str) -> list[str]:
    """Forget the decisions about exposures whose extractions are not those that are defined.

    Parameters
    ----------
    asset : str
        Such as `cos/extractions`.

    Returns
    -------
    list of str
        The keys.

    Raises
    ------
    SettingsError
        If the file of definitions cannot be used.
    """
    keys = find_redefined(database, load_definitions(home), _read_change(home), asset)
    if keys:
        with database.write() as writer:
            forget(writer, [asset], keys)
    return keys


def find_redefined(
    database: Database, definitions: Definitions, changed_at: datetime, asset: str
) -> list[str]:
    """Return the keys with an extraction as it was defined before, or without one by default.

    Parameters
    ----------
    changed_at : datetime
        When the definitions changed: of a key without any row only that tells.
    """
    row, outcome = tables.Extraction, tables.Outcome
    now = [(one.name, write_settings(one), one.about) for one in definitions.values()]
    usual = [one.name for one in definitions.values() if one.is_default]
    is_other = row.name.is_not(None) & tuple_(row.name, row.settings, row.about).not_in(now)
    has_usual = func.count().filter(row.name == any_of(usual)) == len(usual)
    statement = (
        select(outcome.key)
        .outerjoin(row, row.rootname == outcome.key)
        .where(outcome.asset == asset, outcome.status == any_of(["made", "none"]))
        .group_by(outcome.key)
        .having(
            or_(
                func.bool_or(is_other),
                and_(func.count(row.name) > 0, ~has_usual),
                and_(func.count(row.name) == 0, func.max(outcome.decided_at) < changed_at),
            )
        )
        .order_by(outcome.key)
    )
    return [str(key) for (key,) in database.read(statement)]


def _read_change(home: Path) -> datetime:
    try:
        return datetime.fromtimestamp((home / FILENAME).stat().st_mtime, UTC)
    except OSError:
        return CHANGED_NEVER
