"""The numbers of charts as CSV: all of them, with what they are."""

import csv
import io

import numpy as np
import pytest

from builders.invented_charts import (
    HOSTILE,
    all_charts,
    broken_chart,
    chart,
    histogram_chart,
    map_chart,
    scatter_chart,
    trend_chart,
)
from hstql_assets.pages.chart_numbers import MOST, write_numbers
from hstql_assets.pages.charts import Chart, Points


def read(one: Chart) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(write_numbers(one))))


def test_points_have_exposure_error_and_units_to_the_last_digit() -> None:
    one = trend_chart(300)
    points = one.layers[1]
    assert isinstance(points, Points)
    rows = [row for row in read(one) if row["label"] == "FUVA" and row["kind"] == "points"]
    assert [row["exposure"] for row in rows] == list(points.rootnames)
    for label, values in (
        ("start of the exposure, MJD (UTC)", points.x),
        ("dark rate (counts/s/pixel)", points.y),
        ("error of dark rate (counts/s/pixel)", points.errors),
    ):
        assert [float(row[label]) for row in rows] == values.tolist()


def test_lines_marks_bands_and_steps_are_in_it() -> None:
    rows = read(trend_chart())
    assert {row["kind"] for row in rows} == {"points", "line", "mark", "band"}
    (limit,) = (row for row in rows if row["label"] == "requirement")
    assert (limit["dark rate (counts/s/pixel)"], limit["exposure"]) == ("5.2e-06", "")
    (band,) = (row for row in rows if row["kind"] == "band")
    assert band["start of the exposure, MJD (UTC), end"] == "57400"
    steps = [row for row in read(histogram_chart()) if row["kind"] == "steps"]
    assert len(steps) == 50
    assert steps[3]["x (pixels), end"] == steps[4]["x (pixels)"]


def test_values_of_colours_and_pixels_are_in_it() -> None:
    rows = read(scatter_chart())
    values = [row["dark rate (counts/s/pixel)"] for row in rows]
    assert 10 < values.count("") < 100
    pixels = [row for row in read(map_chart()) if row["kind"] == "image"]
    assert len(pixels) == MOST.columns * MOST.rows
    assert (pixels[0]["x (pixels)"], pixels[0]["y (pixels)"]) == ("16.0", "2.0")


@pytest.mark.parametrize("one", all_charts(), ids=lambda one: one.name)
def test_every_chart_has_lines_as_long_as_its_head(one: Chart) -> None:
    lines = list(csv.reader(io.StringIO(write_numbers(one))))
    assert {len(line) for line in lines} == {len(lines[0])}


def test_what_has_no_place_on_an_axis_is_in_it_and_hostile_text_is_a_field() -> None:
    rows = [row for row in read(broken_chart()) if row["kind"] == "points"]
    assert len(rows) == 6
    assert {row["label"] for row in rows} == {row["exposure"] for row in rows} == {HOSTILE}
    assert [row[f"{HOSTILE}, end"] for row in rows] == [""] * 6


def test_of_too_many_points_those_are_written_that_can_be_told_apart() -> None:
    many = np.linspace(0, 1, MOST.points + 5)
    rows = read(chart(Points(many, many * 0, "all"), Points(many[:9], many[:9], "few")))
    assert 100 < sum(row["label"] == "all" for row in rows) <= MOST.points
    assert sum(row["label"] == "few" for row in rows) == 9
