"""Declare what a monitor is: measurements of exposures, and trends over all of them.

Declarations only. The functions in them know no Dagster and no database but what is handed to
them, so that they can be used in a notebook.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome, Task
from hstql_assets.batching.ownership import OwnedFiles, OwnedTable
from hstql_assets.monitors.framework.exposure_sets import ExposureSets
from hstql_assets.monitors.framework.report import Limit, TrendReport
from hstql_assets.monitors.framework.selection import SelectionTable
from hstql_resources.filesystem import Filesystem
from hstql_resources.references import References
from hstql_resources.settings import Settings
from hstql_resources.workers import NO_WORKERS

if TYPE_CHECKING:
    from hstql_resources.clients import Clients
    from hstql_resources.postgres.database import Database, Writer
    from hstql_resources.tables import Base


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

    def find_gone(self) -> Outcome | None:
        """Return `missing` if one of the files is not there any more."""
        gone = next((file.filename for file in self.files if not file.path.exists()), None)
        if gone is None:
            return None
        return Outcome(self.key, "missing", f"{gone} is not there any more.")


@dataclass(frozen=True)
class TrendContext:
    """What a trend can work with beside its rows.

    Attributes
    ----------
    filesystem : Filesystem
        Where products go.
    references : References
        Finds calibration reference files.
    settings : Settings
        As they are.
    workers : concurrent.futures.Executor
        Who can be given a part of the work.
    """

    filesystem: Filesystem
    references: References
    settings: Settings
    workers: Executor = NO_WORKERS


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


Locate = Callable[["Clients", "Measurement", Sequence[str]], list[Task | Outcome]]


@dataclass(frozen=True)
class Measurement:
    """What is taken from each exposure: an asset with partitions.

    Attributes
    ----------
    name : str
        Of the asset, a plural noun, such as dark_rates; acs/image_statistics where each instrument
        has one.
    about : str
        What it is, how often it is made, from what and for what; shown in the user interface.
    partition_set : str
        Such as dark_rootname; see `partitions`.
    source : Source
        What it reads.
    measure : callable
        Takes an ExposureTask, returns an Outcome. Module-level, for it is pickled to workers.
        A file that cannot be used becomes a `BadFile` with its reason; it raises for nothing.
    owned : tuple of OwnedTable
        What it has rows of.
    files : tuple of OwnedFiles
        What it writes under `HSTQL_HOME`, by key.
    upstream : tuple of str
        Assets that it is made from.
    kinds : frozenset of str
        For the user interface.
    code_version : str
        To be raised when the numbers change.
    locate : callable, optional
        Finds the tasks of a batch, where that is not the files of exposures.
    sets : ExposureSets, optional
        Which exposures are in which sets, where it is made of several at a time; `measure` takes a
        `SetTask` then.
    also : callable, optional
        What else is written in the transaction of a batch.
    selection : SelectionTable, optional
        Says which exposures are measured, and how. When it is edited, those that it changes are
        measured again; of others it says why they are not.
    """

    name: str
    about: str
    partition_set: str
    source: Source
    measure: Callable[[Any], Outcome]
    owned: tuple[OwnedTable, ...]
    files: tuple[OwnedFiles, ...] = ()
    upstream: tuple[str, ...] = ("cos/header_tables",)
    kinds: frozenset[str] = frozenset({"numpy", "postgres"})
    code_version: str = "1"
    locate: Locate | None = None
    sets: ExposureSets | None = None
    also: "Callable[[Writer, Sequence[Outcome]], None] | None" = None
    selection: SelectionTable | None = None

    @property
    def instrument(self) -> str:
        """Whose exposures it measures, by its partition set."""
        return self.partition_set.partition("_")[0]


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
        Takes that and TrendContext, returns a TrendReport. The same rows give the same report.
    limits : tuple of Limit
        Its checks.
    owned : tuple of mapped classes
        Tables whose rows are all its own.
    kept : tuple of mapped classes
        Tables of aggregates that `read` brings up to date.
    folder : str
        Of its page and pictures, under that of the monitors; empty for the name.
    files : tuple of OwnedFiles
        What it writes under `HSTQL_HOME` beside its page.
    code_version : str
        To be raised when the result changes.
    stale_days : float or None
        How old its newest exposure may be; None for any age. Older ones make it `stale`, but not
        those of the simulated archive.
    """

    name: str
    title: str
    about: str
    upstream: tuple[str, ...]
    read: "Callable[[Database], Any]"
    summarize: Callable[[Any, TrendContext], TrendReport]
    limits: tuple[Limit, ...] = ()
    owned: "tuple[type[Base], ...]" = ()
    kept: "tuple[type[Base], ...]" = ()
    folder: str = ""
    files: tuple[OwnedFiles, ...] = ()
    code_version: str = "1"
    stale_days: float | None = None

    @property
    def page_folder(self) -> str:
        """The folder of its page, under that of the monitors."""
        return self.folder or self.name


@dataclass(frozen=True)
class Monitor:
    """A monitor: what it measures, and what it makes of it, upstream first."""

    measurements: tuple[Measurement, ...] = ()
    trends: tuple[Trend, ...] = ()
