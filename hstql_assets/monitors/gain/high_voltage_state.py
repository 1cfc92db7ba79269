"""Keep what the next images of a segment at a voltage need of those before them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hstql_assets.monitors.gain.flagging import IN_ROWS
from hstql_assets.monitors.gain.gain_images import Floats, Mask
from hstql_assets.monitors.gain.series import Series


@dataclass(frozen=True, eq=False)
class Voltage:
    """A segment at a voltage, in numbers.

    Attributes
    ----------
    segment : str
        FUVA or FUVB.
    high_voltage : int
        Commanded level.
    images : int
        How many gain maps.
    newest_mjd : float
        Start of the latest, MJD UTC.
    newest_image : str
        Its name.
    is_flagged, is_measured : ndarray of bool, shape (512, 2048)
        Superpixels that lost their gain; those that were ever measured, in the rows of spectra.
    flagged_mjd : ndarray, shape (n,)
        Since when, sorted, MJD UTC.
    expected_false : float
        How many are expected to be flagged by chance.
    waiting : int
        Superpixels that wait for a second image.
    projected_mjd, projected_error_d : ndarray, shape (m,)
        When the superpixels that are not flagged reach the limit, sorted; of those that certainly
        fall.
    projected_places : ndarray of int, shape (m, 2)
        Their x and y.
    """

    segment: str
    high_voltage: int
    images: int
    newest_mjd: float
    newest_image: str
    is_flagged: Mask
    is_measured: Mask
    flagged_mjd: Floats
    expected_false: float
    waiting: int
    projected_mjd: Floats
    projected_error_d: Floats
    projected_places: np.ndarray

    @property
    def label(self) -> str:
        """For people: FUVA at 163."""
        return f"{self.segment} at {self.high_voltage}"

    def count_new(self, newest_mjd: float, days: float) -> int:
        """Return how many superpixels were flagged in so many days before a time, MJD UTC."""
        return int((self.flagged_mjd > newest_mjd - days).sum())

    @property
    def next_lost(self) -> tuple[float, float, int, int] | None:
        """The superpixel that is lost next: MJD, its error in days, x, y; None if none falls."""
        if not self.projected_mjd.size:
            return None
        x, y = self.projected_places[0]
        return (float(self.projected_mjd[0]), float(self.projected_error_d[0]), int(x), int(y))


def keep_voltage(series: Series) -> Voltage:
    """Return the numbers of a series."""
    flags, lines = series.flags, series.lines
    projected_mjd, error_d = lines.projected
    y, x = np.nonzero(IN_ROWS & ~flags.mask & lines.certainly_falls)
    order = np.argsort(projected_mjd[y, x], kind="stable")
    y, x = y[order], x[order]
    return Voltage(
        segment=series.segment,
        high_voltage=series.high_voltage,
        images=len(series.images),
        newest_mjd=series.newest_mjd,
        newest_image=series.images[-1].name,
        is_flagged=flags.mask,
        is_measured=series.is_measured & IN_ROWS,
        flagged_mjd=np.sort(flags.mjd),
        expected_false=series.expected_false,
        waiting=flags.waiting,
        projected_mjd=projected_mjd[y, x],
        projected_error_d=error_d[y, x],
        projected_places=np.column_stack([x, y]),
    )


def find_present(voltages: Sequence[Voltage]) -> list[Voltage]:
    """Return the voltage of the latest image of each segment."""
    latest: dict[str, Voltage] = {}
    for voltage in sorted(voltages, key=lambda one: (one.newest_mjd, one.high_voltage)):
        latest[voltage.segment] = voltage
    return [latest[segment] for segment in sorted(latest)]
