"""All trends: pictures, the page with them, and what the limits say; written in one go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.pictures import Picture
from hstql_assets.monitors.cameras.limits import Verdict, judge_all
from hstql_assets.monitors.cameras.series import QUANTITIES, Series, make_series
from hstql_assets.pages.figures import save_figure
from hstql_assets.pages.pages import BOKEH, link, render, write_page
from hstql_resources.filesystem import Filesystem

PAGE = "index.html"
STATES = {True: "within", False: "beyond", None: "not judged"}


@dataclass(frozen=True)
class TrendsTask:
    """The numbers of all DARK and BIAS exposures, and where to write.

    Attributes
    ----------
    key : str
        The one key of the asset.
    rows : sequence of mappings
        See `series.make_series`.
    filesystem : Filesystem
    """

    key: str
    rows: Sequence[Mapping[str, object]]
    filesystem: Filesystem


@dataclass(frozen=True)
class Trend:
    """One figure: a quantity of a set-up.

    Attributes
    ----------
    series : tuple of Series
        By amplifier.
    """

    series: tuple[Series, ...]

    @property
    def name(self) -> str:
        """For the file and the page: such as acs_wfc_gain2_bias_level."""
        return f"{self.series[0].setup.name}_{self.series[0].quantity.name}"

    @property
    def title(self) -> str:
        """What is to be seen."""
        return f"{self.series[0].setup.label}: {self.series[0].quantity.title}"

    @property
    def note(self) -> str:
        """From what."""
        first, number = self.series[0], max(len(one.mjd) for one in self.series)
        kinds = " or ".join(first.quantity.image_types)
        plural = "s" if number != 1 else ""
        return (
            f"{number} {kinds} exposure{plural}, {first.quantity.filetype} files, "
            f"in {first.quantity.unit}, with 1-sigma errors."
        )


def find_folder(filesystem: Filesystem) -> Path:
    """Return the folder of the page and the pictures."""
    return filesystem.plots / "monitors" / "images"


def write_trends(task: TrendsTask) -> Outcome:
    """Draw all trends and write the page; remove the pictures of trends that are no more.

    Parameters
    ----------
    task : TrendsTask

    Returns
    -------
    Outcome
        `made`, also if there is nothing to draw.
    """
    folder = find_folder(task.filesystem)
    series = make_series(task.rows)
    trends = group_trends(series)
    verdicts = judge_all(series)
    pictures = {trend.name: _draw(trend, folder, task.filesystem) for trend in trends}
    page = folder / PAGE
    write_page(task.filesystem, page, render_trends(trends, verdicts, task.filesystem))
    _remove_others(folder, {PAGE, *(f"{name}.png" for name in pictures)}, task.filesystem)
    facts: dict[str, object] = {
        "path": page,
        "trends": len(trends),
        "limits": _tabulate(verdicts),
    }
    if trends:
        first = trends[0]
        facts["picture"] = Picture(pictures[first.name], f"{first.title} against time")
    return Outcome(task.key, "made", facts=facts)


def group_trends(series: Sequence[Series]) -> list[Trend]:
    """Put the amplifiers of a set-up together, quantity by quantity."""
    groups = groupby(series, key=lambda one: (one.setup, one.quantity.name))
    return [Trend(tuple(group)) for _, group in groups]


def render_trends(
    trends: Sequence[Trend], verdicts: Sequence[Verdict], filesystem: Filesystem
) -> str:
    """Return the page with all trends; the same trends give the same page."""
    # Half a second that only those who draw should wait for.
    from hstql_assets.monitors.cameras.trend_panels import embed_trend

    folder = find_folder(filesystem)
    titles = {quantity.name: quantity.title for quantity in QUANTITIES}
    return render(
        "trends.html",
        folder / PAGE,
        filesystem.plots,
        "Trends of the cameras",
        scripts=(BOKEH, "panels.js"),
        heading="Trends of DARK and BIAS exposures of ACS and WFC3",
        subtitle="Point at a value to see its exposure; click on an amplifier to hide it."
        if trends
        else "There is no DARK or BIAS exposure with numbers yet.",
        verdicts=[
            {
                "what": titles[verdict.quantity],
                "label": verdict.label,
                "state": STATES[verdict.is_within],
                "sentence": verdict.sentence,
            }
            for verdict in verdicts
        ],
        trends=[
            {
                "name": trend.name,
                "title": trend.title,
                "note": trend.note,
                "picture": link(folder / f"{trend.name}.png", folder / PAGE),
                "figure": embed_trend(trend.series),
            }
            for trend in trends
        ],
    )


def _draw(trend: Trend, folder: Path, filesystem: Filesystem) -> bytes:
    """Write the picture of a trend; return it small, for the user interface."""
    from hstql_assets.monitors.cameras.charts import draw_trend

    return save_figure(draw_trend(trend.series), folder / f"{trend.name}.png", filesystem)


def _remove_others(folder: Path, names: set[str], filesystem: Filesystem) -> None:
    for path in folder.iterdir():
        if path.name not in names and path.suffix in (".png", ".html"):
            filesystem.remove(path)


def _tabulate(verdicts: Sequence[Verdict]) -> str:
    lines = [
        f"| {verdict.quantity.replace('_', ' ')} | {verdict.label} | {STATES[verdict.is_within]} "
        f"| {verdict.sentence} |"
        for verdict in verdicts
    ]
    return "\n".join(["| what | of | state | latest exposure |", "|---|---|---|---|", *lines])
