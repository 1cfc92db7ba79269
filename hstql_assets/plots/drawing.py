"""The plot of one lightcurve: a worker's task, from its file to a PNG."""

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from hstql_assets.batches import Outcome
from hstql_assets.lightcurves.bad_data import BadData
from hstql_assets.lightcurves.product import read_lightcurve
from hstql_assets.lightcurves.verdicts import bad_outcome
from hstql_assets.pictures import Picture
from hstql_resources.filesystem import Filesystem

DOTS_PER_INCH = 100
SHOWN_WIDTH = 640  # of the picture in the user interface, which keeps it under 60 kB


@dataclass(frozen=True)
class PlotTask:
    """The lightcurve file of one exposure, and where to write."""

    key: str
    path: Path
    filesystem: Filesystem


def plot_lightcurve(task: PlotTask) -> Outcome:
    """Draw one lightcurve.

    Parameters
    ----------
    task : PlotTask

    Returns
    -------
    Outcome
        `made` with the path of the PNG; `bad` if the lightcurve file cannot be read.
    """
    plot = task.filesystem.lightcurve_plot(task.path.parent.name, task.key)
    try:
        lightcurve = read_lightcurve(task.path)
    except BadData as problem:
        task.filesystem.remove(plot)  # that of an earlier run
        return bad_outcome(task.key, [problem])
    from hstql_assets.plots.figures import draw_lightcurve  # matplotlib: only where one draws

    figure = draw_lightcurve(lightcurve)
    with task.filesystem.write(plot) as temporary:
        figure.savefig(temporary, dpi=DOTS_PER_INCH, metadata={"Software": None})
        picture = _shrink(temporary, f"lightcurve of {task.key}")
    facts = {
        "path": plot,
        "lightcurve": task.path,
        "bins": len(lightcurve.bins.times_s),
        "picture": picture,
    }
    return Outcome(task.key, "made", facts=facts)


def _shrink(path: Path, caption: str) -> Picture:
    with Image.open(path) as image:
        height = round(image.height * SHOWN_WIDTH / image.width)
        small = image.convert("RGB").resize((SHOWN_WIDTH, height), Image.Resampling.BOX)
    buffer = io.BytesIO()
    small.quantize(32, Image.Quantize.FASTOCTREE).save(buffer, "PNG")
    return Picture(buffer.getvalue(), caption)
