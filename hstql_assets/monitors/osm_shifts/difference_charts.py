"""Chart the differences between segments or stripes over time."""

import numpy as np

from hstql_assets.monitors.osm_shifts.differences import FUV_LIMITS, NUV_SIGMAS, Differences
from hstql_assets.monitors.osm_shifts.settings import draw_flashes, list_gratings
from hstql_assets.monitors.osm_shifts.shift_charts import DATE
from hstql_assets.pages.charts import Axis, Chart, Layer, Mark, Points

OUTLIER = "#cc2828"


def chart_differences(differences: Differences, latest: float | None) -> Chart:
    """Return the differences of one pair of segments in one direction, gratings in colours.

    Those of NUV are drawn less the median of their setting, without which they are not judged.
    The newest exposures are counted back from `latest`, MJD.
    """
    is_fuv = differences.first.startswith("FUV")
    middles = np.where(np.isfinite(differences.middles), differences.middles, 0.0)
    values = differences.values - middles
    flashes = differences.flashes
    layers: list[Layer] = []
    for grating in list_gratings(flashes, "FUV" if is_fuv else "NUV"):
        is_one = flashes.is_value("opt_elem", grating)
        own = flashes.where(is_one)
        layers.append(draw_flashes(own, own.mjd, values[is_one], grating, latest, size=4.0))
    if is_fuv:
        limit = FUV_LIMITS[differences.direction]
        layers += [Mark(sign * limit, "limit", is_limit=True) for sign in (-1, 1)]
    is_outlier = differences.is_outlier
    if is_outlier.any():
        odd = flashes.where(is_outlier)
        label = "beyond the limit" if is_fuv else f"{NUV_SIGMAS:g} sigma or more"
        layers.append(
            Points(
                odd.mjd, values[is_outlier], label, rootnames=tuple(odd.rootname), symbol="x",
                size=8.0, colour=OUTLIER,
            )
        )  # fmt: skip
    return Chart(
        name=name_chart(differences),
        title=differences.label,
        x=DATE,
        y=Axis("difference (pixel)" if is_fuv else "difference, less its median (pixel)"),
        layers=tuple(layers),
        note=_tell(differences),
    )


def name_chart(differences: Differences) -> str:
    """Return a name such as fuva_fuvb_disp."""
    return f"{differences.first}_{differences.second}_{differences.direction}".lower()


def _tell(differences: Differences) -> str:
    judged = differences.is_judged
    sentence = (
        f"{len(differences.values)} flashes of {differences.flashes.exposures} exposures that both "
        f"show the lamp; {int(differences.is_outlier.sum())} are marked."
    )
    if differences.first.startswith("FUV") and differences.direction == "disp":
        sentence += " As measured: the FP-POS, which is not quite the same for both, is in them."
    if not judged.all():
        few = differences.flashes.where(~judged).exposures
        sentence += (
            f" {few} exposures are not judged and drawn as they are: fewer than 8 of their setting."
        )
    return sentence
