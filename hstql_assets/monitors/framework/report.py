"""Declare what a trend reports: sections of a page, verdicts on limits, rows, files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from hstql_assets.batching.outcomes import Rows
from hstql_assets.pages.charts import Chart

State = Literal["ok", "warning", "alarm"]


@dataclass(frozen=True)
class Limit:
    """Something that should hold; a check in the user interface.

    Attributes
    ----------
    name : str
        Of the check, such as dark_rate_within_requirement.
    about : str
        What should hold, one sentence with the number.
    """

    name: str
    about: str


@dataclass(frozen=True)
class Verdict:
    """What a limit says about one thing: a segment, a grating.

    Attributes
    ----------
    limit : str
        Name of the limit.
    label : str
        What is judged.
    state : str or None
        ok, warning or alarm; None if there is not enough to judge.
    sentence : str
        With the numbers, and the exposure.
    """

    limit: str
    label: str
    state: State | None
    sentence: str


@dataclass(frozen=True)
class Section:
    """A part of the page: charts under a heading, or a table.

    Attributes
    ----------
    title : str
        The heading.
    charts : tuple of Chart
    note : str
        One or two sentences under the heading.
    columns : tuple of str
        Head of the table, where there is one.
    rows : tuple of tuple of str
        Its rows.
    """

    title: str
    charts: tuple[Chart, ...] = ()
    note: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class TrendReport:
    """What came of a trend.

    Attributes
    ----------
    summary : str
        One sentence with the most important numbers; without data it says what is missing.
    exposures : int
        How many exposures are in it; 0 makes a page that says so.
    newest_mjd : float or None
        Start of the latest one, MJD UTC.
    sections : tuple of Section
        The page, from top to bottom.
    verdicts : tuple of Verdict
        One at least for each limit that can be judged.
    rows : mapping of str to rows
        All rows of the tables that the trend owns, by the name of the table.
    products : tuple of Path
        Files that were written, such as reference files.
    metadata : mapping
        More for the user interface.
    stale_at : datetime or None
        From when on its data are too old to say how things are; None for never. The framework
        sets it.
    """

    summary: str
    exposures: int
    newest_mjd: float | None = None
    sections: tuple[Section, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    rows: Rows = field(default_factory=dict)
    products: tuple[Any, ...] = ()
    metadata: Mapping[str, object] = field(default_factory=dict)
    stale_at: datetime | None = None
