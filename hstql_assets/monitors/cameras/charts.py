"""Chart one quantity of one set-up against time, an amplifier in each colour."""

from collections.abc import Sequence

from hstql_assets.monitors.cameras.amplifiers import WHOLE
from hstql_assets.monitors.cameras.darks import PHOTON_COUNTERS
from hstql_assets.monitors.cameras.limits import find_ceiling
from hstql_assets.monitors.cameras.series import Series, thin
from hstql_assets.pages.charts import Axis, Chart, Mark, Points
from hstql_assets.pages.colours import COLOURS

MOST_POINTS = 3000  # per amplifier, which a page draws anew in half a second


def draw_trend(series: Sequence[Series]) -> Chart:
    """Draw one quantity of one set-up against time, from a series for each amplifier.

    The chart is named such as acs_wfc_gain2_bias_level.
    """
    first, thinned = series[0], [thin(one, MOST_POINTS) for one in series]
    ceiling = find_ceiling(first)
    marks = () if ceiling is None else (Mark(ceiling, "limit", is_limit=True),)
    return Chart(
        name=f"{first.setup.name}_{first.quantity.name}",
        title=f"{first.setup.label}: {first.quantity.title}",
        x=Axis("start of the exposure, MJD (UTC)", "mjd"),
        y=Axis(first.quantity.axis_label),
        layers=(*(_draw_amplifier(one) for one in thinned), *marks),
        note=_explain(series, max(one.exposures_per_point for one in thinned)),
    )


def _draw_amplifier(series: Series) -> Points:
    return Points(
        series.mjd,
        series.values - series.base,
        label=_label(series),
        errors=series.errors,
        rootnames=series.rootnames,
        colour=COLOURS[0 if series.amplifier == WHOLE else "ABCD".index(series.amplifier)],
    )


def _label(series: Series) -> str:
    """Name the amplifier, and what is taken off its values where that is something."""
    name = series.amplifier if series.amplifier == WHOLE else f"amplifier {series.amplifier}"
    return f"{name}: {series.base:.1f}" if series.quantity.is_relative else name


def _explain(series: Sequence[Series], exposures_per_point: int) -> str:
    quantity, number = series[0].quantity, len({name for one in series for name in one.rootnames})
    plural = "s" if number != 1 else ""
    is_counted = series[0].setup.detector in PHOTON_COUNTERS
    filetypes = quantity.filetypes if is_counted else quantity.filetypes[:1]
    sentences = [
        f"{number} {' or '.join(quantity.image_types)} exposure{plural}, {' or '.join(filetypes)} "
        "files, with 1-sigma errors."
    ]
    if quantity.is_relative:
        sentences.append(
            f"The legend has the median of each amplifier ({quantity.unit}), which is taken off."
        )
    if exposures_per_point > 1:
        sentences.append(
            f"Points are medians of up to {exposures_per_point} exposures; the first is named."
        )
    return " ".join(sentences)
