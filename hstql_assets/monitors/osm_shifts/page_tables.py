"""Write the tables of the page: outliers, drift laws, changes per year, lamps not found."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from hstql_assets.monitors.framework.report import Section
from hstql_assets.monitors.osm_shifts.differences import Differences
from hstql_assets.monitors.osm_shifts.drift_law import GRATING_ON, LONGEST_BOUND_S, DriftLaw
from hstql_assets.monitors.osm_shifts.flash_table import FlashTable
from hstql_assets.monitors.osm_shifts.long_term import fit_change
from hstql_assets.monitors.osm_shifts.settings import list_gratings
from hstql_resources.times import word_time

MOST_ROWS = 50

Row = tuple[str, ...]


def list_outliers(differences: Sequence[Differences], detector: str) -> Section:
    """Return the newest flashes of a detector whose segments disagree, each with its numbers."""
    own = [one for one in differences if one.first.startswith(detector)]
    odd = [np.flatnonzero(one.is_outlier) for one in own]
    mjd = np.concatenate([np.empty(0), *(
        np.nan_to_num(one.flashes.mjd[rows]) for one, rows in zip(own, odd, strict=True)
    )])  # fmt: skip
    oldest = np.sort(mjd)[-MOST_ROWS:].min(initial=np.inf)
    found: list[tuple[float, Row]] = []
    for one, rows in zip(own, odd, strict=True):
        found += _list_outliers(one, rows, oldest)
    found.sort(key=lambda item: (-item[0], item[1]))
    note = f"{len(mjd)} differences beyond their limits"
    note += f", the newest {MOST_ROWS} of them." if len(mjd) > MOST_ROWS else "."
    return Section(
        f"{detector} flashes that disagree",
        note=note,
        columns=(
            "exposure", "time (UTC)", "setting", "FP-POS", "LP", "flash", "difference", "px",
            "allowed (px)",
        ),
        rows=tuple(cells for _, cells in found[:MOST_ROWS]),
    )  # fmt: skip


def _list_outliers(
    one: Differences, rows: NDArray[np.int64], oldest_mjd: float
) -> Iterator[tuple[float, Row]]:
    """Yield time and cells of those of some differences that are no older than a time."""
    rows = rows[np.nan_to_num(one.flashes.mjd[rows]) >= oldest_mjd]
    own = one.flashes.where(rows)
    columns = (own.rootname, own.mjd, own.opt_elem, own.cenwave, own.fppos, own.life_adj, own.flash)
    for row, name, mjd, opt_elem, cenwave, fppos, life_adj, flash in zip(
        rows, *columns, strict=True
    ):
        yield (
            float(np.nan_to_num(mjd)),
            (
                name,
                word_time(mjd),
                f"{opt_elem} {_whole(cenwave)}",
                _whole(fppos),
                _whole(life_adj),
                str(flash),
                one.label,
                f"{one.values[row]:+.3f}",
                f"{one.middles[row]:+.3f} ± {one.allowed[row]:.3f}",
            ),
        )


def list_laws(laws: Mapping[str, Mapping[str, DriftLaw]]) -> Section:
    """Return the drift laws by detector and grating."""
    rows = tuple(
        (
            detector,
            grating,
            GRATING_ON[detector],
            f"{law.drift:+.3f} ± {law.drift_error:.3f}",
            f"{law.time_s:.0f} ± {law.time_error_s:.0f}",
            f"{law.scatter:.3f}",
            "exposures before, too" if law.is_bound else "schedule",
            str(law.exposures),
            str(law.flashes),
        )
        for detector, own in laws.items()
        for grating, law in own.items()
    )
    return Section(
        "Drift laws",
        note=(
            "Drift along the dispersion after a move: drift (1 - exp(-t / time constant)). From "
            "8 or more exposures with several flashes whose time since the move is in the "
            "schedule; where they are too few, also from those that began at most "
            f"{LONGEST_BOUND_S:g} s after one with another setting. The drift is then too large."
        ),
        columns=(
            "detector", "grating", "mechanism", "drift (px)", "time constant (s)",
            "scatter (px)", "times from", "exposures", "flashes",
        ),
        rows=rows,
    )  # fmt: skip


def list_changes(firsts: Mapping[str, FlashTable]) -> Section:
    """Return median and change per year of each grating."""
    rows: list[Row] = []
    for detector, flashes in firsts.items():
        for grating in list_gratings(flashes, detector):
            own = flashes.where(
                flashes.is_value("opt_elem", grating) & np.isfinite(flashes.without_fppos)
            )
            if not len(own):
                continue
            change = fit_change(own.mjd, own.without_fppos)
            slope = f"{change.per_year:+.3f} ± {change.per_year_error:.3f}" if change else ""
            rows.append(
                (
                    grating,
                    str(len(own)),
                    f"{np.median(own.without_fppos):+.2f}",
                    slope,
                    f"{change.scatter:.2f}" if change else "",
                    f"{np.nanmedian(own.xdisp):+.2f}" if np.isfinite(own.xdisp).any() else "",
                )
            )
    return Section(
        "Shifts by grating",
        note=(
            "First flash of each exposure, FP-POS taken out. The change is a straight line over "
            "all times, whatever steps there were in between; from 8 exposures in 180 days on."
        ),
        columns=(
            "grating", "exposures", "median along (px)", "change (px/yr)", "scatter (px)",
            "median across (px)",
        ),
        rows=tuple(rows),
    )  # fmt: skip


def list_unfound(table: FlashTable) -> Section:
    """Return how often the lamp was not found, by grating and segment."""
    lamps = table.where(table.is_value("filetype", "lampflash"))
    total, unfound = (
        Counter(zip(some.opt_elem, some.segment, strict=True))
        for some in (lamps, lamps.where(~lamps.is_found))
    )
    rows = tuple(
        (grating, segment, f"{count:,}", f"{total[grating, segment]:,}")
        for (grating, segment), count in sorted(unfound.items())
    )
    return Section(
        "Lamps that were not found",
        note=(
            "CalCOS then writes a shift all the same: that of another segment, or a guess. Such "
            "flashes are in the table osm_shifts and not in the figures. FUVB sees no lines of the "
            "lamp with G140L at 1230 and 1280 A and G130M at 1055 and 1096 A."
        ),
        columns=("grating", "segment", "not found", "flashes"),
        rows=rows,
    )


def _whole(value: float) -> str:
    return f"{value:.0f}" if np.isfinite(value) else "unknown"
