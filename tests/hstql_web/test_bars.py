"""Bars over time: their units, their sums, and that nothing falls between them."""

from datetime import date, timedelta

import pytest

from hstql_web.bars import HEIGHT, WIDTH, draw_bars
from hstql_web.queries.inventory import DayCount


def test_nothing_with_a_date_is_no_chart() -> None:
    assert draw_bars([]) is None
    assert draw_bars([DayCount(None, "flt", 3)]) is None


@pytest.mark.parametrize(
    ("days", "finest", "unit", "bars"),
    [(1, "day", "day", 1), (62, "day", "day", 62), (63, "day", "month", 3),
     (63, "month", "month", 3), (3000, "day", "year", 9), (20000, "day", "year", 55)],
)  # fmt: skip
def test_a_bar_stands_for_as_long_as_there_is_room(
    days: int, finest: str, unit: str, bars: int
) -> None:
    first = date(2001, 1, 1)
    chart = draw_bars(
        [DayCount(first, "a", 1), DayCount(first + timedelta(days - 1), "a", 2)], finest=finest
    )
    assert chart is not None
    assert (chart.unit, len(chart.rows)) == (unit, bars)
    assert sum(numbers[0] for _, numbers in chart.rows) == 3
    assert len({time for time, _ in chart.rows}) == bars


def test_bars_add_up_and_stay_in_the_picture() -> None:
    counts = [
        DayCount(date(2001, 1, 1 + number), f"kind{number % 8}", 10 + number)
        for number in range(20)
    ]
    chart = draw_bars([*counts, DayCount(None, "kind0", 5)], adds_up=True)
    assert chart is not None
    assert chart.undated == 5
    assert len(chart.kinds) == 6
    assert chart.kinds[-1] == "others"
    assert sum(chart.rows[-1][1]) == sum(one.number for one in counts)
    for box in chart.boxes:
        assert 0 < box.x < box.x + box.width < WIDTH
        assert 0 < box.y < box.y + box.height < HEIGHT
    assert chart.up[0].text == "0"


def test_one_is_a_bar_with_a_whole_mark() -> None:
    chart = draw_bars([DayCount(date(2001, 1, 1), "<b>", 1)])
    assert chart is not None
    assert [mark.text for mark in chart.up] == ["0", "1"]
    assert chart.boxes[0].title == "2001-01-01: 1 <b>"
