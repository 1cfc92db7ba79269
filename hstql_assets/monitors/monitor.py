"""What a monitor is: measurements of exposures, and trends over all of them.

Declarations only. The functions in them know no Dagster and no database but what is handed to
them, so that they can be used in a notebook.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from hstql_assets.batches import Outcome, Rows, Task
from hstql_assets.input_files import InputFile
from hstql_assets.monitors.charts import Chart
from hstql_resources.database import Database, Writer
from hstql_resources.filesystem import Filesystem
from hstql_resources.references import References
from hstql_resources.settings import Settings
from hstql_resources.tables import Base

if TYPE_CHECKING:
    from hstql_resources.workbench import Workbench

State = Literal["ok", "warning", "alarm"]


@dataclass(frozen=True)
class ExposureTask:
    """The files of one exposure, one at least, for the worker that measures it.

    Attributes
    ----------
    key : str
        The partition key: a rootname.
    files : tuple of InputFile
        Those of the file types that the measurement wants, by name.
    references : References
        Finds calibration reference files by what headers call them.
    """

    key: str
    files: tuple[InputFile, ...]
    references: References

    def of_types(self, *filetypes: str) -> tuple[InputFile, ...]:
        """Return the files of some types."""
        return tuple(file for file in self.files if file.filetype in filetypes)


@dataclass(frozen=True)
class Surroundings:
    """What a trend can work with beside its rows.

    Attributes
    ----------
    filesystem : Filesystem
        Where products go.
    references : References
        Finds calibration reference files.
    settings : Settings
        As they are.
    """

    filesystem: Filesystem
    references: References
    settings: Settings


@dataclass(frozen=True)
class Source:
    """The files of an exposure that a measurement is made from.

    Attributes
    ----------
    filetypes : tuple of str
        All that are handed over, such as corrtag_a and spt.
    needed : tuple of str
        One of these at least; without any the key is `none`, or `missing` if it was not retrieved.
        Empty: any of `filetypes`.
    what : str
        What they are, for a sentence that begins "There are no".
    """

    filetypes: tuple[str, ...]
    needed: tuple[str, ...] = ()
    what: str = "files for it"


@dataclass(frozen=True)
class OwnRows:
    """A table whose rows for an exposure a measurement makes.

    Attributes
    ----------
    model : mapped class
        Has a column `rootname`, or another one that holds the partition key.
    key_column : str
        That column.
    only : SQL expression, optional
        Which of the rows, where another measurement makes others.
    """

    model: type[Base]
    key_column: str = "rootname"
    only: Any = None


Locate = Callable[["Workbench", "Measurement", Sequence[str]], list[Task | Outcome]]


@dataclass(frozen=True)
class Measurement:
    """What is taken from each exposure: an asset with partitions.

    Attributes
    ----------
    name : str
        Of the asset, a plural noun, such as dark_rates.
    about : str
        What it is, how often it is made, from what and for what; shown in the user interface.
    partition_set : str
        Such as dark_rootname; see `partitions`.
    source : Source
        What it reads.
    measure : callable
        Takes an ExposureTask, returns an Outcome. Module-level, for it is pickled to workers.
        A file that cannot be used becomes a `BadFile` with its reason; it raises for nothing.
    owned : tuple of OwnRows
        What it has rows of.
    upstream : tuple of str
        Assets that it is made from.
    kinds : frozenset of str
        For the user interface.
    code_version : str
        To be raised when the numbers change.
    locate : callable, optional
        Finds the tasks of a batch, where that is not the files of exposures.
    also : callable, optional
        What else is written in the transaction of a batch.
    """

    name: str
    about: str
    partition_set: str
    source: Source
    measure: Callable[[Any], Outcome]
    owned: tuple[OwnRows, ...]
    upstream: tuple[str, ...] = ("cos/header_tables",)
    kinds: frozenset[str] = frozenset({"numpy", "postgres"})
    code_version: str = "1"
    locate: Locate | None = None
    also: Callable[[Writer, Sequence[Outcome]], None] | None = None

    @property
    def tables(self) -> tuple[type[Base], ...]:
        """The tables that it has rows of."""
        return tuple(rows.model for rows in self.owned)


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
    rows : mapping of table to rows
        All rows of the tables that the trend owns.
    products : tuple of Path
        Files that were written, such as reference files.
    facts : mapping
        More for the user interface.
    """

    summary: str
    exposures: int
    newest_mjd: float | None = None
    sections: tuple[Section, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    rows: Rows = field(default_factory=dict)
    products: tuple[Any, ...] = ()
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Trend:
    """What is made of all measurements together: an asset without partitions.

    Attributes
    ----------
    name : str
        Of the asset, such as dark_rate_monitor.
    title : str
        Of the page.
    about : str
        What it shows, of what, for what.
    upstream : tuple of str
        The assets whose rows it reads.
    read : callable
        Takes the Database, returns what `summarize` works on; few statements.
    summarize : callable
        Takes that and Surroundings, returns a TrendReport. The same rows give the same report.
    limits : tuple of Limit
        Its checks.
    owned : tuple of mapped classes
        Tables whose rows are all its own.
    code_version : str
        To be raised when the result changes.
    """

    name: str
    title: str
    about: str
    upstream: tuple[str, ...]
    read: Callable[[Database], Any]
    summarize: Callable[[Any, Surroundings], TrendReport]
    limits: tuple[Limit, ...] = ()
    owned: tuple[type[Base], ...] = ()
    code_version: str = "1"

    @property
    def tables(self) -> tuple[type[Base], ...]:
        """The tables that it has rows of."""
        return self.owned


@dataclass(frozen=True)
class Monitor:
    """A monitor: what it measures, and what it makes of it, upstream first."""

    measurements: tuple[Measurement, ...] = ()
    trends: tuple[Trend, ...] = ()
