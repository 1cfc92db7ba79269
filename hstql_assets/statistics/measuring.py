"""The statistics of one lightcurve: a worker's task, from its file to a row."""

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from hstql_assets.batches import Outcome
from hstql_assets.lightcurves.bad_data import BadData
from hstql_assets.lightcurves.product import read_lightcurve
from hstql_assets.lightcurves.rates import Quality
from hstql_assets.lightcurves.verdicts import bad_outcome
from hstql_assets.pictures import draw_steps
from hstql_assets.statistics.measures import measure
from hstql_resources import tables


@dataclass(frozen=True)
class StatisticsTask:
    """The lightcurve file of one exposure."""

    key: str
    path: Path


def measure_lightcurve(task: StatisticsTask) -> Outcome:
    """Measure one lightcurve.

    `total` is over all bins. The other numbers are over the bins that were live throughout: one
    that was live for a part of its time has fewer counts for no reason of the source.

    Parameters
    ----------
    task : StatisticsTask

    Returns
    -------
    Outcome
        `made` with a row of `statistics`; `bad` if the file cannot be read.
    """
    try:
        lightcurve = read_lightcurve(task.path)
    except BadData as problem:
        return bad_outcome(task.key, [problem])
    bins = lightcurve.bins
    is_full = (bins.quality & (Quality.NO_LIVE_TIME | Quality.PARTLY_LIVE)) == 0
    counts = bins.counts[is_full]
    statistics = measure(counts, lightcurve.mjd[is_full])
    numbers = asdict(replace(statistics, total=int(np.nansum(bins.counts))))
    row = {
        "filename": task.path.name,
        "rootname": task.key,
        "kind": "individual",
        **numbers,
        "ingest_date": datetime.now(UTC),
    }
    facts = {
        "path": task.path,
        **{name: value for name, value in numbers.items() if value is not None},
        "picture": draw_steps(
            _histogram(counts), "how many bins (up) have how many counts (from least to most)"
        ),
    }
    return Outcome(task.key, "made", rows={tables.Statistics: [row]}, facts=facts)


def _histogram(counts: np.ndarray) -> np.ndarray:
    finite = counts[np.isfinite(counts)]
    return np.histogram(finite, bins="sqrt")[0].astype(float) if finite.size else finite
