"""What the image monitors need from the database: files to measure, and numbers to plot."""

from collections.abc import Sequence

from sqlalchemy import exists, func, select

from hstql_assets.batching.decisions import among, find_unmade, read_decisions
from hstql_assets.batching.input_files import InputFile, read_files
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.cameras.measure import FILETYPES, ImageStatisticsTask
from hstql_assets.monitors.cameras.series import QUANTITIES
from hstql_resources import tables
from hstql_resources.postgres.database import Database

TIMES_MJD = (48_000.0, 88_000.0)  # Hubble began in April 1990, and nothing is later than 2099


def locate_images(
    database: Database, instrument: str, keys: Sequence[str]
) -> list[ImageStatisticsTask | Outcome]:
    """Return a task for each observation of a batch, in two queries."""
    before = f"{instrument}/header_tables"
    decisions = read_decisions(database, [before], keys)
    files = _read_good_files(database, keys)
    return [
        find_unmade(decisions, [before], key)
        or (ImageStatisticsTask(key, instrument, tuple(files[key])) if files[key] else None)
        or _without_images(key, *decisions[before, key])
        for key in keys
    ]


def _without_images(key: str, status: str, reason: str | None) -> Outcome:
    if status == "missing":
        return Outcome(key, "missing", f"There is no image: {reason}")
    return Outcome(key, "none", "There is no raw, flt or flc file that can be read.")


def _read_good_files(database: Database, keys: Sequence[str]) -> dict[str, list[InputFile]]:
    """Return the files that no step before has found bad."""
    file, bad = tables.File, tables.BadData
    is_bad = exists().where(bad.filename == file.filename, ~bad.step.endswith("/image_statistics"))
    return read_files(
        database,
        keys,
        file.filetype == among(FILETYPES),
        file.filename.endswith(".fits"),
        ~is_bad,
    )


def read_trend_rows(database: Database) -> list[dict[str, object]]:
    """Return the numbers of all full-frame DARK and BIAS exposures, by time, in one query.

    Those with a time that cannot be are left out: one alone would take the axis of all.
    """
    table = tables.ImageStatistics
    columns = dict.fromkeys(
        name
        for quantity in QUANTITIES
        for name in (quantity.column, quantity.error_column)
        if name != "hot_fraction_error"
    )
    statement = (
        select(
            table.rootname,
            table.instrument,
            table.detector,
            table.amplifier,
            table.filetype,
            table.image_type,
            table.exp_start_mjd,
            table.gain_setting,
            table.binning,
            # Over the pixels that were searched for them, whose number is not stored.
            (
                table.hot_pixels_error
                * func.coalesce(
                    table.hot_fraction / func.nullif(table.hot_pixels, 0), 1.0 / table.pixels
                )
            ).label("hot_fraction_error"),
            *(table.__table__.c[name] for name in columns),
        )
        .where(
            table.image_type == among(("DARK", "BIAS")),
            table.exp_start_mjd.between(*TIMES_MJD),
            ~table.is_subarray,
        )
        .order_by(table.exp_start_mjd, table.rootname)
    )
    return [dict(row._mapping) for row in database.read(statement)]
