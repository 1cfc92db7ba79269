"""Hold all acquisitions as arrays, and tell which of them are newest."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hstql_resources.times import mark_newest

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Texts = NDArray[np.object_]
# Words of a short list, as headers have them: Open, Success; ACQ/IMAGE, IMAGING, NO.
_CAPITALISED = frozenset({"shutter", "status"})
_CAPITALS = frozenset({"detector", "exposure_type", "extended", "obs_type"})
POINT_SIZE, SMALL_POINT_SIZE = 5.0, 3.0  # on screen
MANY_POINTS = 500
TIMES_MJD = (48_000.0, 88_000.0)  # Hubble began in April 1990, and nothing is later than 2099


def point_size(points: int) -> float:
    """Return how large to draw so many points, so that they can be told apart."""
    return POINT_SIZE if points < MANY_POINTS else SMALL_POINT_SIZE


@dataclass(frozen=True, eq=False)
class Acquisitions:
    """Acquisitions in order of time; each array of shape (n,).

    The columns of the table: a text that is NULL there is empty here, a number NaN; so is a start
    that cannot be, which would make all others old.
    """

    rootname: Texts
    exposure_type: Texts
    exp_start_mjd: Floats
    proposal_id: Floats
    line_number: Texts
    detector: Texts
    opt_elem: Texts
    aperture: Texts
    life_adj: Floats
    obs_type: Texts
    shutter: Texts
    status: Texts
    extended: Texts
    events: Floats
    lamp_events: Floats
    slew_x_arcsec: Floats
    slew_y_arcsec: Floats
    v2_arcsec: Floats
    v3_arcsec: Floats
    fgs: Texts

    def __len__(self) -> int:
        """Return the number of acquisitions."""
        return len(self.rootname)

    def where(self, mask: Flags) -> "Acquisitions":
        """Return some of them; the mask of shape (n,)."""
        return replace(self, **{one.name: getattr(self, one.name)[mask] for one in fields(self)})

    def of_kind(self, kind: str) -> "Acquisitions":
        """Return those of a kind, such as ACQ/IMAGE."""
        return self.where(np.asarray(self.exposure_type == kind, np.bool_))

    @property
    def rootnames(self) -> tuple[str, ...]:
        """The exposures."""
        return tuple(self.rootname)

    @property
    def slew_arcsec(self) -> Floats:
        """Length of the slew along both axes, or along the one that there is."""
        return np.hypot(np.nan_to_num(self.slew_x_arcsec), np.nan_to_num(self.slew_y_arcsec))

    @property
    def tells_success(self) -> Flags:
        """Whether there is a word about the outcome, or a slew."""
        has_slew = np.isfinite(self.slew_x_arcsec) | np.isfinite(self.slew_y_arcsec)
        return has_slew | np.asarray(self.status != "", np.bool_)

    @property
    def newest_mjd(self) -> float | None:
        """Start of the latest one, MJD UTC; None if none has a start."""
        known = self.exp_start_mjd[np.isfinite(self.exp_start_mjd)]
        return float(known.max()) if known.size else None

    def is_newest(self, newest_mjd: float | None) -> Flags:
        """Tell which began in the 30 days before a time."""
        return mark_newest(self.exp_start_mjd, latest=newest_mjd)


COLUMNS = tuple(one.name for one in fields(Acquisitions))


def collect(rows: Iterable[Iterable[Any]]) -> Acquisitions:
    """Return rows with the columns of `COLUMNS` as arrays."""
    columns = list(zip(*rows, strict=True)) or [()] * len(COLUMNS)
    arrays: dict[str, Any] = {
        one.name: _numbers(values) if one.type == Floats else _texts(one.name, values)
        for one, values in zip(fields(Acquisitions), columns, strict=True)
    }
    start_mjd = arrays["exp_start_mjd"]
    start_mjd[~((start_mjd > TIMES_MJD[0]) & (start_mjd < TIMES_MJD[1]))] = np.nan
    return Acquisitions(**arrays)


def _numbers(values: Iterable[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _texts(name: str, values: Iterable[str | None]) -> Texts:
    spell = str.capitalize if name in _CAPITALISED else str.upper if name in _CAPITALS else str
    return np.array([spell(value or "") for value in values], np.object_)
