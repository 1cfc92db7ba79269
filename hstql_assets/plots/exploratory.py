"""The exploratory tables: lightcurves sorted by whether they vary, to be looked through.

The rule is that of hstlc: interesting is what has a Poisson factor of 1.2 or more. What has no
statistics, or no counts beyond the background, is empty.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hstql_assets.pages.pages import link, render
from hstql_assets.plots.items import Item
from hstql_assets.plots.numbers import write_value
from hstql_assets.statistics.measures import INTERESTING
from hstql_resources.filesystem import Filesystem
from hstql_resources.statistics import STATISTICS, Statistic

TABLES = {
    "interesting": (
        "Interesting lightcurves",
        "By the rule of hstlc: the standard deviation of their counts is at least 1.2 times the "
        "square root of the mean. The background is off the mean, but not its noise, so a faint "
        "source is here without varying: its excess variance is within a few sigma of 0.",
    ),
    "not_interesting": (
        "Lightcurves that are not interesting",
        "The standard deviation of their counts is less than 1.2 times the square root of the "
        "mean. In bright ones, excess variance of many sigma may still tell small changes.",
    ),
    "empty": (
        "Empty lightcurves",
        "They have no counts beyond the background, or no statistics.",
    ),
}


@dataclass(frozen=True)
class Column:
    """A column of the tables: name, label, form (text, number, picture), digits, value."""

    name: str
    label: str
    form: str
    value: Callable[[Item, Path], object]
    digits: int | None = None

    @property
    def public(self) -> dict[str, object]:
        """What the script of the table needs to know."""
        return {"name": self.name, "form": self.form, "digits": self.digits}


def sort_items(items: Iterable[Item]) -> dict[str, list[Item]]:
    """Sort lightcurves into `interesting`, `not_interesting` and `empty`.

    Parameters
    ----------
    items : iterable of Item
        With their statistics.

    Returns
    -------
    dict of str to list of Item
        Every one is in exactly one list.
    """
    sorted_items: dict[str, list[Item]] = {name: [] for name in TABLES}
    for item in items:
        sorted_items[classify(item.statistics)].append(item)
    return sorted_items


def classify(statistics: dict[str, Any]) -> str:
    """Return the table that a lightcurve with these statistics belongs to."""
    total, factor = statistics["total"], statistics["poisson_factor"]
    if total is None or not total > 0 or factor is None:
        return "empty"
    return "interesting" if factor >= INTERESTING else "not_interesting"


def render_table(name: str, items: Sequence[Item], filesystem: Filesystem) -> str:
    """Return the page of one table.

    Parameters
    ----------
    name : str
        Key of `TABLES`.
    items : sequence of Item
        What is in it.
    filesystem : Filesystem
        Where the pages are.

    Returns
    -------
    str
        HTML.
    """
    page = find_page(filesystem, name)
    heading, rule = TABLES[name]
    rows = [[_clean(column.value(item, page)) for column in COLUMNS] for item in items]
    return render(
        "table.html",
        page,
        filesystem.plots,
        heading,
        scripts=("table.js",),
        heading=heading,
        subtitle=rule,
        columns=COLUMNS,
        content={"columns": [column.public for column in COLUMNS], "rows": rows},
    )


def find_page(filesystem: Filesystem, name: str) -> Path:
    """Return the path of one of the tables."""
    return filesystem.plots / "exploratory" / f"{name}.html"


def _picture(item: Item, page: Path) -> list[str] | None:
    """Addresses of thumbnail and page, if they were made."""
    if not item.plots.page.is_file():
        return None
    return [link(item.plots.thumbnail, page), link(item.plots.page, page)]


def _describe(statistic: Statistic) -> Column:
    """Return the column of a statistic; the excess variance is listed over its error."""
    if statistic.name == "excess_variance":
        return Column("excess_sigma", "excess variance (sigma)", "number", _excess_sigma, 1)
    unit = f" ({statistic.shown_unit})" if statistic.shown_unit else ""
    is_number = statistic.kind in (int, float)

    def value(item: Item, _: Path) -> object:
        known = item.statistics[statistic.name]
        return known if known is None or is_number else write_value(known)

    form = "number" if is_number else "text"
    return Column(statistic.name, statistic.label + unit, form, value, statistic.digits)


def _excess_sigma(item: Item, _: Path) -> object:
    """Variance beyond the errors, background included, over its own error."""
    excess, error = (item.statistics[name] for name in ("excess_variance", "excess_variance_error"))
    return excess / error if excess is not None and error else None


def _configuration(index: int) -> Callable[[Item, Path], object]:
    return lambda item, _: item.configuration[index].upper() or None


def _cenwave(item: Item, _: Path) -> object:
    return int(item.configuration[3]) if item.configuration[3] else None


def _clean(value: object) -> object:
    """JSON has no numbers that are none."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


COLUMNS = (
    Column("target", "target", "text", lambda item, _: item.target_name),
    Column("picture", "net rate", "picture", _picture),
    Column("kind", "kind", "text", lambda item, _: item.kind),
    Column("instrument", "instrument", "text", _configuration(0)),
    Column("detector", "detector", "text", _configuration(1)),
    Column("grating", "grating", "text", _configuration(2)),
    Column("cenwave", "cenwave (Å)", "number", _cenwave, 0),
    Column("aperture", "aperture", "text", _configuration(4)),
    Column("exposures", "exposures", "number", lambda item, _: item.exposures, 0),
    Column("exposure_s", "live time (s)", "number", lambda item, _: item.exposure_s, 1),
    *(_describe(statistic) for statistic in STATISTICS if statistic.is_listed),
    Column("filename", "file", "text", lambda item, _: item.path.name),
)
