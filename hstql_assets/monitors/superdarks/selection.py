"""Read which exposures are darks, and when anneals were, from the table darks.toml beside this."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from pydantic import AwareDatetime
from pydantic.dataclasses import dataclass as checked

from hstql_assets.monitors.framework.exposure_sets import detector_of
from hstql_assets.monitors.framework.selection import FORBID
from hstql_assets.monitors.framework.selection import load_selections as load_table
from hstql_resources.times import datetime_to_mjd, mjd_to_datetime

ASSET = "superdarks"
FOREVER_MJD = 100_000.0  # 2132
MOST_DAYS = 100  # from a window to a tile, where no anneal ends its period
PERIODS = 400  # of a detector whose anneals are not known


@checked(frozen=True, config=FORBID)
class DarkSelection:
    """Which exposures of a detector are darks, and what is made of them.

    Attributes
    ----------
    instrument : str
        Such as wfc3.
    image_types, target_names : tuple of str
        IMAGETYP and TARGNAME, upper case; an exposure has one of each.
    exposure_s : tuple of float
        EXPTIME, s.
    excluded : tuple of str
        Rootnames that are left out.
    binnings : tuple of int
        BINAXIS1, equal to BINAXIS2.
    window_days : int
        Length of a window, d.
    least_frames : int
        Of a superdark.
    hot_e_per_s : float
        Dark current above which a pixel is hot near the amplifier, electrons/s.
    hot_rows : int
        Unbinned rows that share a threshold.
    least_times : float
        How many errors a threshold is above the dark current at least, and a warm or dead pixel is
        beyond it.
    read_noise_e : float
        Where headers do not say it, electrons.
    gains_e : mapping of str to float
        Electrons per count by amplifier, of raw darks whose headers do not say it.
    anneals : tuple of datetime
        Times of anneals, in order.
    period_days : float, optional
        Length of a period from the last of these on, where later anneals are not known, d.
    warm_e_per_s : float, optional
        Dark current above which a pixel is warm, electrons/s.
    unstable_chance, unstable_share : float
        By which chance a steady pixel is taken for an unstable one; of its dark current that a
        pixel may vary by beside its noise.
    dead_share : float
        Of the post-flash that a dead pixel misses.
    """

    instrument: str
    image_types: tuple[str, ...]
    target_names: tuple[str, ...]
    exposure_s: tuple[float, ...]
    excluded: tuple[str, ...]
    binnings: tuple[int, ...]
    window_days: int
    least_frames: int
    hot_e_per_s: float
    hot_rows: int
    least_times: float
    read_noise_e: float
    gains_e: Mapping[str, float]
    anneals: tuple[AwareDatetime, ...]
    period_days: float | None = None
    warm_e_per_s: float = float("inf")
    unstable_chance: float = 1e-5
    unstable_share: float = 0.05
    dead_share: float = 0.5


@dataclass(frozen=True)
class Period:
    """The days between two anneals, in which the windows of one day after the other begin.

    Attributes
    ----------
    start_mjd, end_mjd : float
        The anneals, MJD UTC, d.
    last : int
        Number of the last window; window n begins n days after the day of the first anneal.
    """

    start_mjd: float
    end_mjd: float
    last: int


@dataclass(frozen=True)
class Window:
    """A window of days: what its darks are asked for.

    Attributes
    ----------
    selection : DarkSelection
        Of the detector; without the anneals.
    start_mjd, end_mjd : float
        Of the window, MJD UTC, d.
    number : int
        In its period, from 0.
    period : Period
        That it is in.
    """

    selection: DarkSelection
    start_mjd: float
    end_mjd: float
    number: int
    period: Period

    @property
    def is_tile(self) -> bool:
        """Whether it is one of those that cover the period without overlap."""
        return self.number % self.selection.window_days == 0


@cache
def load_selections() -> Mapping[str, DarkSelection]:
    """Return the selection of each detector by its name."""
    return load_table(DarkSelection, __package__, "darks.toml")


def list_periods(selection: DarkSelection) -> tuple[Period, ...]:
    """Return the periods between the anneals of a detector by time; the last goes on for ever."""
    return _list_periods(selection.anneals, selection.period_days, selection.window_days)


@cache
def _list_periods(
    anneals: tuple[datetime, ...], period_days: float | None, window_days: int
) -> tuple[Period, ...]:
    starts = [datetime_to_mjd(one) for one in anneals]
    if period_days is not None:
        starts += [starts[-1] + period_days * (one + 1) for one in range(PERIODS)]
    ends = [*starts[1:], FOREVER_MJD]
    return tuple(
        Period(start, end, max(0, int(end) - int(start) - window_days))
        for start, end in zip(starts, ends, strict=True)
    )


def find_window(selection: DarkSelection, day: str) -> Window:
    """Return the window that begins on a day, such as 2018-05-12.

    Raises
    ------
    KeyError
        If it is before all anneals, or no day.
    """
    try:
        first = int(datetime_to_mjd(datetime.fromisoformat(f"{day}T00:00:00+00:00")))
    except ValueError:
        raise KeyError(day) from None
    for period in reversed(list_periods(selection)):
        number = first - int(period.start_mjd)
        if 0 <= number <= period.last:
            is_last = number == period.last
            end = period.end_mjd if is_last else float(first + selection.window_days)
            return Window(
                _without_anneals(selection),
                max(float(first), period.start_mjd),
                min(end, period.end_mjd),
                number,
                period,
            )
    raise KeyError(day)


def name_day(mjd: float) -> str:
    """Return the day of a time, as keys have it."""
    return f"{mjd_to_datetime(mjd):%Y-%m-%d}"


def list_tiles(window: Window) -> list[str]:
    """Return the days of the tiles of its period that do not overlap a window."""
    days, first = window.selection.window_days, int(window.period.start_mjd)
    last = min(window.period.last, window.number + MOST_DAYS)
    return [
        name_day(first + number)
        for number in range(0, last + 1, days)
        if days <= abs(number - window.number) <= MOST_DAYS
    ]


def _without_anneals(selection: DarkSelection) -> DarkSelection:
    """Return what is asked of darks: an anneal that is added elsewhere changes no window."""
    return replace(selection, anneals=(), period_days=None)


def window_of(key: str) -> Window:
    """Return the window that a key names, such as superdarks_uvis_2018-05-12."""
    selection = load_selections()[detector_of(ASSET, key)]
    return find_window(selection, key.rpartition("_")[2])
