"""Render a page that lists lightcurves: a sortable, searchable table of those that it chooses."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hstql_assets.pages.pages import link, render
from hstql_assets.plots.description import shorten
from hstql_assets.plots.items import Item
from hstql_assets.plots.numbers import write_value
from hstql_resources.filesystem import Filesystem
from hstql_resources.statistics import STATISTICS, Statistic
from hstql_resources.times import write_time

MOST_PROPOSALS = 3  # that are named


@dataclass(frozen=True)
class Column:
    """A column of the tables: name, label, form (text, number, link, picture), digits, value."""

    name: str
    label: str
    form: str
    value: Callable[[Item, Path], object]
    digits: int | None = None

    @property
    def public(self) -> dict[str, object]:
        """What the script of the table needs to know."""
        return {"name": self.name, "form": self.form, "digits": self.digits}


@dataclass(frozen=True)
class ListPage:
    """A page that lists lightcurves.

    Attributes
    ----------
    name : str
        Of its file, without .html.
    heading : str
        Its title, and that of its link in the index.
    rule : str
        What is listed, in one or two sentences.
    holds : callable
        Takes an `Item` and tells whether it is listed.
    """

    name: str
    heading: str
    rule: str
    holds: Callable[[Item], bool]

    def find(self, filesystem: Filesystem) -> Path:
        """Return its path."""
        return filesystem.plots / "exploratory" / f"{self.name}.html"


def render_list(listing: ListPage, items: Sequence[Item], filesystem: Filesystem) -> str:
    """Return the page as HTML.

    Parameters
    ----------
    listing : ListPage
        Which one.
    items : sequence of Item
        What is in it.
    filesystem : Filesystem
        Where the pages are.
    """
    page = listing.find(filesystem)
    rows = [[_clean(column.value(item, page)) for column in COLUMNS] for item in items]
    return render(
        "table.html",
        page,
        filesystem.plots,
        listing.heading,
        scripts=("table.js",),
        heading=listing.heading,
        subtitle=listing.rule,
        columns=COLUMNS,
        content={"columns": [column.public for column in COLUMNS], "rows": rows},
    )


def _to_page(item: Item, page: Path) -> str | None:
    """Return the address of the page of a lightcurve; None before it is made."""
    return link(item.plots.page, page) if item.plots.page.is_file() else None


def _anchor(item: Item, page: Path) -> str:
    return f"{link(page.parents[1] / 'index.html', page)}#target-{item.target}"


def _day(item: Item) -> str | None:
    return None if item.start_mjd is None else write_time(item.start_mjd)[:10]


def _proposals(item: Item) -> str | None:
    return shorten([str(one) for one in item.proposals], MOST_PROPOSALS) or None


def _picture(item: Item, page: Path) -> list[str] | None:
    """Return the addresses of thumbnail and page, if they were made."""
    address = _to_page(item, page)
    return None if address is None else [link(item.plots.thumbnail, page), address]


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
    """Return the variance beyond the errors, background included, over its own error."""
    excess, error = (item.statistics[name] for name in ("excess_variance", "excess_variance_error"))
    return excess / error if excess is not None and error else None


def _clean(value: object) -> object:
    """Return None for numbers that are none, which JSON does not have."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


COLUMNS = (
    Column("target", "target", "link", lambda item, page: [item.target_name, _anchor(item, page)]),
    Column("picture", "net rate", "picture", _picture),
    Column("name", "lightcurve", "link", lambda item, page: [item.name, _to_page(item, page)]),
    Column("kind", "kind", "text", lambda item, _: item.kind),
    Column("start", "start (UTC)", "text", lambda item, _: _day(item)),
    Column("proposals", "proposal", "text", lambda item, _: _proposals(item)),
    Column("configuration", "configuration", "text", lambda item, _: item.label.upper()),
    Column("exposure_s", "live time (s)", "number", lambda item, _: item.exposure_s, 0),
    *(_describe(statistic) for statistic in STATISTICS if statistic.is_listed),
)
