"""Draw all plots of a lightcurve: a worker's task, from its file to pictures and a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hstql_assets.batching.bad_data import BadData, bad_files, bad_outcome
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.lightcurves.table import CurveTable, read_curve_table
from hstql_assets.pages.drawing.plot import encode
from hstql_assets.pages.pages import write_page
from hstql_assets.plots.figures import draw_curve, write_title
from hstql_assets.plots.fold_figure import draw_fold
from hstql_assets.plots.periodogram_figure import draw_periodogram
from hstql_assets.plots.product_page import Product, render_product
from hstql_assets.plots.thumbnails import draw_thumbnail
from hstql_assets.statistics.measuring import read_peak
from hstql_assets.statistics.periods import search_period
from hstql_assets.statistics.series import make_series
from hstql_resources.filesystem import Filesystem


@dataclass(frozen=True)
class PlotTask:
    """The lightcurve file of one exposure, where to write, and its statistics if there are any."""

    key: str
    path: Path
    filesystem: Filesystem
    statistics: Mapping[str, object] | None = None


@dataclass(frozen=True)
class CompositePlotTask:
    """The composites of one target, one at least."""

    key: str
    products: tuple[Product, ...]
    filesystem: Filesystem


def plot_lightcurve(task: PlotTask) -> Outcome:
    """Draw one lightcurve.

    Returns
    -------
    Outcome
        `made` with the paths of picture and page; `bad` if the lightcurve file cannot be read.
    """
    target = task.path.parent.name
    plots = task.filesystem.lightcurve_plots(target, task.key)
    product = Product(task.path, target, plots, task.statistics)
    try:
        metadata = draw_product(product, task.filesystem)
    except BadData as problem:
        return bad_outcome(task.key, [problem])
    return Outcome(task.key, "made", metadata=metadata)


def plot_composites(task: CompositePlotTask) -> Outcome:
    """Draw the composites of one target.

    Returns
    -------
    Outcome
        `made` with the paths; `bad` if no file can be read. A file that cannot be read beside
        others that can is one of its bad files.
    """
    drawn: list[dict[str, object]] = []
    problems: list[BadData] = []
    for product in task.products:
        try:
            drawn.append(draw_product(product, task.filesystem))
        except BadData as problem:
            problems.append(problem)
    if not drawn:
        return bad_outcome(task.key, problems)
    pages = "".join(f"- {metadata['page']}\n" for metadata in drawn)
    metadata = {**drawn[0], "composites": len(drawn), "pages": pages}
    return Outcome(task.key, "made", bad_files=bad_files(problems), metadata=metadata)


def draw_product(product: Product, filesystem: Filesystem) -> dict[str, object]:
    """Make all plots of a lightcurve file; return what is shown about them.

    Parameters
    ----------
    product : Product
        The file.
    filesystem : Filesystem
        How to write.

    Raises
    ------
    BadData
        If the file cannot be read; the plots of an earlier run are then gone.
    """
    plots = product.plots
    try:
        table = read_curve_table(product.path)
    except BadData:
        for path in plots:
            filesystem.remove(path)
        raise
    _write(filesystem, plots.picture, encode(draw_curve(table)))
    _write(filesystem, plots.thumbnail, draw_thumbnail(table))
    _draw_search(product, table, filesystem)
    html = render_product(product, table, filesystem)
    write_page(filesystem, plots.page, html)
    return {
        "path": plots.picture,
        "page": plots.page,
        "lightcurve": product.path,
        "bins": len(table.mjd),
    }


def _draw_search(product: Product, table: CurveTable, filesystem: Filesystem) -> None:
    """Draw the periodogram if there is one, and the fold if a period is in it."""
    for path in (product.plots.periodogram, product.plots.fold):
        filesystem.remove(path)  # that of an earlier run
    series = make_series(table)
    search = search_period(series, read_peak(product.statistics, table, series))
    if search is None:
        return
    title = write_title(table)
    _write(filesystem, product.plots.periodogram, encode(draw_periodogram(search, title)))
    if search.best.is_periodic:
        _write(filesystem, product.plots.fold, encode(draw_fold(search, title)))


def _write(filesystem: Filesystem, path: Path, png: bytes) -> None:
    with filesystem.write(path) as temporary:
        temporary.write_bytes(png)
