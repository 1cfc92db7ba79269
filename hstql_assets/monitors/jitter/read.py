"""The pointing in all exposures: the rows of `jitter_statistics` with a star to point at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from hstql_resources.postgres.database import Database
from hstql_resources.tables import JitterStatistics, Observation
from hstql_resources.times import mark_newest

AXES = ("v2", "v3")
QUANTITIES = ("mean", "rms", "range")


@dataclass(frozen=True, eq=False)
class JitterHistory:
    """Exposures in order of time; every array has the shape (n,).

    Attributes
    ----------
    exposures : tuple of str
        Their rootnames.
    mjd : ndarray
        Start, MJD UTC; NaN if unknown.
    values : dict of str to ndarray
        Such as `v2_rms` [arcsec].
    is_newest : ndarray of bool
        Of the last days of the data.
    """

    exposures: tuple[str, ...]
    mjd: NDArray[np.float64]
    values: dict[str, NDArray[np.float64]]
    is_newest: NDArray[np.bool_]

    @property
    def worst_rms(self) -> NDArray[np.float64]:
        """The larger of the RMS along V2 and V3 [arcsec]."""
        return np.maximum(self.values["v2_rms"], self.values["v3_rms"])


def read_jitter_history(database: Database) -> list[Row[Any]]:
    """Return a row for each exposure that points at a target, in one statement.

    Left out are acquisitions, which slew on purpose, and exposures of the detector itself, of
    lamps and of flat fields, which need no guide star.
    """
    return list(database.read(_statement()))


def _statement() -> Select[Any]:
    jitter, observation = JitterStatistics, Observation
    # A jit file names an exposure ending in j; the headers of its events know better when it began.
    rootname = func.lower(func.left(jitter.exposure, 8)) + "q"
    kind = func.upper(func.coalesce(jitter.image_type, ""))
    exposure_type = func.upper(func.coalesce(observation.exposure_type, ""))
    target = func.upper(func.coalesce(observation.target_name, ""))
    is_other = or_(
        kind.like("ACQ%"),
        kind.in_(("DARK", "FLAT")),
        exposure_type.like("ACQ%"),
        exposure_type.in_(("DARK", "FLAT", "WAVECAL")),
        target.in_(("DARK", "FLAT", "WAVE", "DEUTERIUM")),
    )
    mjd = func.coalesce(observation.exp_start_mjd, jitter.start_mjd).label("mjd")
    values = [getattr(jitter, f"{axis}_{name}_arcsec") for axis in AXES for name in QUANTITIES]
    name = func.coalesce(rootname, jitter.rootname).label("exposure")
    columns: tuple[Any, ...] = (name, mjd, *values)
    # An exposure may be in a file of its own and in that of its association.
    return (
        select(*columns)
        .join(observation, observation.rootname == rootname, isouter=True)
        .where(jitter.samples > 0, ~is_other)
        .ext(distinct_on(name))
        .order_by(name, mjd, jitter.filename, jitter.ext)
    )


def arrange_jitter(rows: Sequence[Row[Any]]) -> JitterHistory:
    """Return the rows as arrays in order of time; NaN for NULL."""
    ordered = sorted(rows, key=lambda row: (row.mjd is None, row.mjd or 0.0, row.exposure))

    def numbers(name: str) -> NDArray[np.float64]:
        return np.array([getattr(row, name) for row in ordered], dtype=np.float64)

    mjd = numbers("mjd")
    return JitterHistory(
        exposures=tuple(row.exposure for row in ordered),
        mjd=mjd,
        values={
            f"{axis}_{name}": numbers(f"{axis}_{name}_arcsec")
            for axis in AXES
            for name in QUANTITIES
        },
        is_newest=mark_newest(mjd),
    )
