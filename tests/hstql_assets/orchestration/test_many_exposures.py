"""A composite of five hundred exposures, through the workers that make, measure and draw it."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hstql_assets.composites.choosing import Member
from hstql_assets.composites.configuration import Configuration
from hstql_assets.composites.making import CompositeTask, KnownFile, decide_composites
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_assets.lightcurves.table import read_curve_table
from hstql_assets.plots.drawing import CompositePlotTask, plot_composites
from hstql_assets.plots.product_page import Product
from hstql_assets.statistics.measuring import (
    CompositeStatisticsTask,
    StatisticsTask,
    measure_composites,
)
from hstql_resources.filesystem import Filesystem

EXPOSURES = 500
FEWER = 60
LIKE = "ls000202q"


@pytest.fixture(params=[FEWER, pytest.param(EXPOSURES, marks=pytest.mark.full)])
def task(request: pytest.FixtureRequest, simulated: Path, tmp_path: Path) -> CompositeTask:
    """One NUV exposure under so many names, which costs no space on the disk."""
    members, files = [], {}
    for number in range(request.param):
        rootname = f"lbig{number:04d}q"
        for filetype in ("corrtag", "x1d"):
            link = tmp_path / f"{rootname}_{filetype}.fits"
            link.symlink_to(simulated / f"{LIKE}_{filetype}.fits")
            files[link] = KnownFile(link, link.stat().st_size, "0" * 64, time.time())
        events, x1d = list(files)[-2:]
        members.append(Member(rootname, (events,), x1d, 1611.0, 3200.0))
    return CompositeTask(
        key="big",
        target_name="BIG",
        members={Configuration("COS", "NUV", "G230L", 2950, "PSA"): tuple(members)},
        made_at={member.rootname: datetime.now(UTC) for member in members},
        files=files,
        before=(),
        settings=ExtractionSettings(),
        filesystem=Filesystem(tmp_path / "home"),
    )


def test_a_composite_of_five_hundred_is_made_measured_and_drawn(task: CompositeTask) -> None:
    (members,) = task.members.values()
    exposures = len(members)
    made = decide_composites(task)
    assert made.status == "made", made.reason
    (row,) = made.rows["composites"]
    assert row["exposures"] == exposures
    assert [m["dataset"] for m in made.rows["composite_members"]] == list(range(1, exposures + 1))
    path = Path(str(row["path"]))
    table = read_curve_table(path)
    assert len(table.rootnames) == exposures
    assert table.gross.sum() == pytest.approx(float(str(row["gross_counts"])))

    measured = measure_composites(CompositeStatisticsTask("big", (StatisticsTask("big", path),)))
    (statistics,) = measured.rows["statistics"]
    assert statistics["total"] == pytest.approx(table.counts.sum(), abs=1)

    plots = task.filesystem.composite_plots(path.name)
    product = Product(path, "big", plots, statistics)
    drawn = plot_composites(CompositePlotTask("big", (product,), task.filesystem))
    assert drawn.status == "made", drawn.reason
    sizes = {plot.suffix: plot.stat().st_size for plot in plots if plot.is_file()}
    assert set(sizes) == {".png", ".html"}
    assert max(sizes.values()) < 10_000_000
