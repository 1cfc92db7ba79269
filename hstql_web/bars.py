"""Draw how many there are of each kind by day, month or year, as bars that need no script."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar, NamedTuple

from hstql_web.queries.inventory import DayCount

WIDTH, HEIGHT = 640, 190  # of the picture; it grows with the page
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 6, 8, 24
_MOST_BARS = 62
_MOST_KINDS = 6  # that have colours of their own
_LABELS_ACROSS = 7
_HALF_LABEL = 30  # in the units of the picture
_TICKS_UP = 4
_OTHERS = "others"
_UNITS = {"day": 10, "month": 7, "year": 4}  # characters of a date that say it


class Box(NamedTuple):
    """A part of a bar.

    Attributes
    ----------
    x, y, width, height : float
        Where it is in the picture, from the upper left.
    kind : int
        Of which kind, from 0.
    title : str
        What it says when it is pointed at.
    """

    x: float
    y: float
    width: float
    height: float
    kind: int
    title: str


class Mark(NamedTuple):
    """What is written at an axis, and where along it."""

    place: float
    text: str


@dataclass(frozen=True)
class BarChart:
    """Bars over time.

    Attributes
    ----------
    unit : str
        What a bar is: day, month or year.
    kinds : tuple of str
        By number, that with the most first.
    boxes : list of Box
        The bars.
    across, up : list of Mark
        The marks of the axes.
    rows : list of (str, list of int)
        The same in numbers: time, and how many of each kind.
    undated : int
        How many are of no known time, and so in no bar.
    width, height, left : int
        Of the picture, and where in it the axis stands.
    """

    unit: str
    kinds: tuple[str, ...]
    boxes: list[Box]
    across: list[Mark]
    up: list[Mark]
    rows: list[tuple[str, list[int]]]
    undated: int
    width: ClassVar[int] = WIDTH
    height: ClassVar[int] = HEIGHT
    left: ClassVar[int] = _LEFT


def draw_bars(
    counts: Sequence[DayCount], *, finest: str = "day", adds_up: bool = False
) -> BarChart | None:
    """Return counts as bars, None if nothing has a date.

    Parameters
    ----------
    counts : sequence of DayCount
        In any order.
    finest : str
        The shortest time that a bar may stand for: day, month or year.
    adds_up : bool
        Whether a bar has all that there was until then.
    """
    dated = [(one.day, one.kind, one.number) for one in counts if one.day is not None]
    if not dated:
        return None
    days = [day for day, _, _ in dated]
    unit = _choose_unit(min(days), max(days), finest)
    times = list(_list_times(min(days), max(days), unit))
    kinds = _choose_kinds(dated)
    rows = _count(dated, times, kinds)
    if adds_up:
        rows = list(_add_up(rows))
    top, up = _choose_ticks(max(sum(numbers) for _, numbers in rows))
    return BarChart(
        unit,
        kinds,
        list(_place_boxes(rows, kinds, top)),
        list(_mark_times(times)),
        up,
        rows,
        sum(one.number for one in counts if one.day is None),
    )


def _choose_unit(first: date, last: date, finest: str) -> str:
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    lengths = {"day": (last - first).days + 1, "month": months}
    names = list(_UNITS)
    allowed = names[names.index(finest) :]
    return next((unit for unit in allowed if lengths.get(unit, 0) <= _MOST_BARS), "year")


def _list_times(first: date, last: date, unit: str) -> Iterator[str]:
    """Yield all times from one to another: without a gap where nothing was."""
    size, before = _UNITS[unit], ""
    for number in range((last - first).days + 1):
        name = (first + timedelta(number)).isoformat()[:size]
        if name != before:
            yield name
        before = name


def _choose_kinds(dated: Sequence[tuple[date, str, int]]) -> tuple[str, ...]:
    totals: Counter[str] = Counter()
    for _, kind, number in dated:
        totals[kind] += number
    names = [kind for kind, _ in sorted(totals.items(), key=lambda pair: (-pair[1], pair[0]))]
    return tuple(names if len(names) <= _MOST_KINDS else [*names[: _MOST_KINDS - 1], _OTHERS])


def _count(
    dated: Sequence[tuple[date, str, int]], times: Sequence[str], kinds: Sequence[str]
) -> list[tuple[str, list[int]]]:
    places = {kind: place for place, kind in enumerate(kinds)}
    rows = {time: [0] * len(kinds) for time in times}
    for day, kind, number in dated:
        rows[day.isoformat()[: len(times[0])]][places.get(kind, len(kinds) - 1)] += number
    return list(rows.items())


def _add_up(rows: Sequence[tuple[str, list[int]]]) -> Iterator[tuple[str, list[int]]]:
    total = [0] * len(rows[0][1])
    for time, numbers in rows:
        total = [one + other for one, other in zip(total, numbers, strict=True)]
        yield time, total


def _choose_ticks(most: int) -> tuple[float, list[Mark]]:
    """Return where the axis ends, and its marks: at round numbers."""
    rough = max(most, 1) / _TICKS_UP
    power = 10 ** math.floor(math.log10(rough))
    step = max(next(power * one for one in (1, 2, 5, 10) if power * one >= rough), 1)
    top = step * math.ceil(max(most, 1) / step)
    steps = round(top / step)
    return top, [Mark(_place_up(n * step, top), f"{round(n * step):,}") for n in range(steps + 1)]


def _place_up(value: float, top: float) -> float:
    return round(HEIGHT - _BOTTOM - value / top * (HEIGHT - _BOTTOM - _TOP), 1)


def _place_boxes(
    rows: Sequence[tuple[str, list[int]]], kinds: Sequence[str], top: float
) -> Iterator[Box]:
    step = (WIDTH - _LEFT - _RIGHT) / len(rows)
    gap = min(step * 0.15, 3)
    for place, (time, numbers) in enumerate(rows):
        below = 0
        for kind, number in enumerate(numbers):
            if number:
                lower, upper = _place_up(below, top), _place_up(below + number, top)
                below += number
                x = round(_LEFT + place * step + gap / 2, 1)
                title = f"{time}: {number:,} {kinds[kind]}"
                yield Box(x, upper, round(step - gap, 1), round(lower - upper, 1), kind, title)


def _mark_times(times: Sequence[str]) -> Iterator[Mark]:
    step = (WIDTH - _LEFT - _RIGHT) / len(times)
    every = math.ceil(len(times) / _LABELS_ACROSS)
    for place in range(0, len(times), every):
        middle = min(_LEFT + (place + 0.5) * step, WIDTH - _HALF_LABEL)
        yield Mark(round(middle, 1), times[place])
