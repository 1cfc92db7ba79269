"""Draw what rows say of each chip of a detector against time."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from hstql_assets.pages.charts import Axis, Chart, Mark, Points


def by_chip(rows: Sequence[Any]) -> dict[int, list[Any]]:
    """Return the rows of each chip."""
    chips = sorted({row.chip for row in rows})
    return {chip: [row for row in rows if row.chip == chip] for chip in chips}


def draw_by_chip(
    name: str, title: str, label: str, rows: Sequence[Any], column: str, scale: float, *marks: Mark
) -> Chart:
    """Return the chart of a column against the first dark, with a layer for each chip.

    Parameters
    ----------
    name, title : str
        Of the chart.
    label : str
        Of its axis, with the unit.
    rows : sequence
        With `chip`, `first_mjd` (MJD UTC, d) and the column.
    column : str
        What is drawn; where it is None nothing is.
    scale : float
        By which it is multiplied.
    marks : Mark
        What else is drawn.
    """
    layers: list[Points] = []
    for chip, own in by_chip(rows).items():
        known = [row for row in own if getattr(row, column) is not None]
        layers.append(
            Points(
                np.array([row.first_mjd for row in known], float),
                np.array([getattr(row, column) for row in known], float) * scale,
                f"chip {chip}",
            )
        )
    mjd = Axis("first dark, MJD (UTC)", "mjd")
    return Chart(name, title, mjd, Axis(label), (*layers, *marks))
