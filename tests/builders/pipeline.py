"""The steps of the graph in their order, without Dagster."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import select

from hstql_assets.batching.batches import decide_batch
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.ownership import OwnedTable
from hstql_assets.batching.recording import record_batch
from hstql_assets.headers.inputs import locate_headers
from hstql_assets.headers.recording import TABLES as HEADERS
from hstql_assets.headers.recording import write_headers
from hstql_assets.headers.scanning import scan_headers
from hstql_assets.lightcurves.assets import OWNED as LIGHTCURVES
from hstql_assets.lightcurves.extractions.assets import OWNED as EXTRACTIONS
from hstql_assets.lightcurves.extractions.definitions import load_definitions
from hstql_assets.lightcurves.extractions.inputs import locate_extractions
from hstql_assets.lightcurves.extractions.making import decide_extractions
from hstql_assets.lightcurves.inputs import locate_exposures, locate_lightcurves
from hstql_assets.lightcurves.making import decide_lightcurve
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_assets.observations.inputs import locate_retrievals
from hstql_assets.observations.retrieval import retrieve_files
from hstql_assets.plots.drawing import PlotTask, plot_lightcurve
from hstql_assets.statistics.assets import OWNED as STATISTICS
from hstql_assets.statistics.measuring import StatisticsTask, measure_lightcurve
from hstql_assets.targets.assignment import settle_targets
from hstql_resources.archive import Archive
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.clients import Clients
from hstql_resources.filesystem import Filesystem
from hstql_resources.postgres.database import Database, Writer
from hstql_resources.run_log import RunLog
from hstql_resources.settings import Settings
from hstql_resources.tables import Base, File
from hstql_resources.workers import LocalWorkers

Decisions = dict[str, dict[str, Outcome]]


@dataclass(frozen=True)
class Steps:
    """Steps that were taken, and what each decided, by asset and key."""

    clients: Clients
    prefix: str = ""
    decisions: Decisions = field(default_factory=dict)

    def take(
        self,
        name: str,
        tasks: Sequence[object],
        decide: Callable[..., Outcome],
        owned: Sequence[OwnedTable],
        also: Callable[[Writer, Sequence[Outcome]], None] | None = None,
    ) -> None:
        """Decide a batch and record it."""
        outcomes = decide_batch(self.clients.workers, decide, tasks, lambda _: None)
        record_batch(self.clients.database, f"{self.prefix}{name}", outcomes, owned, also)
        self.decisions[name] = {outcome.key: outcome for outcome in outcomes}


@dataclass(frozen=True)
class Pipeline:
    """All steps of an instrument, one batch each."""

    clients: Clients
    settings: ExtractionSettings = field(default_factory=ExtractionSettings)
    instrument: str = "cos"

    @property
    def home(self) -> Path:
        return self.clients.filesystem.home

    @property
    def archive(self) -> Path:
        """The folder of an archive that is one."""
        archive = self.clients.archive
        assert isinstance(archive, DirectoryArchive)
        return archive.folder

    def on(self, archive: Archive) -> "Pipeline":
        return replace(self, clients=replace(self.clients, archive=archive))

    def run(self, keys: Sequence[str]) -> Decisions:
        """Run every step over the keys; return what each decided, by asset and key."""
        steps = self._ingest_and_extract(keys)
        curves = locate_lightcurves(self.clients.database, self.instrument, keys)
        measured = [
            curve if isinstance(curve, Outcome) else StatisticsTask(key, curve)
            for key, curve in curves.items()
        ]
        steps.take("lightcurve_statistics", measured, measure_lightcurve, STATISTICS.tables)
        drawn = [
            curve if isinstance(curve, Outcome) else PlotTask(key, curve, self.clients.filesystem)
            for key, curve in curves.items()
        ]
        steps.take("lightcurve_plots", drawn, plot_lightcurve, [])
        return steps.decisions

    def extract_named(self, keys: Sequence[str]) -> None:
        """Make the extractions that are made by default."""
        tasks = locate_extractions(
            self.clients.database,
            self.clients.filesystem,
            self.instrument,
            keys,
            settle_targets(self.clients).slugs,
            load_definitions(self.home),
            (),
        )
        steps = Steps(self.clients, f"{self.instrument}/")
        steps.take("extractions", tasks, decide_extractions, EXTRACTIONS.tables)

    def extract(self, keys: Sequence[str]) -> Decisions:
        """Do what `run` does, down to the lightcurves: to draw them takes as long again."""
        return self._ingest_and_extract(keys).decisions

    def _ingest_and_extract(self, keys: Sequence[str]) -> Steps:
        database, filesystem = self.clients.database, self.clients.filesystem
        steps = self.ingest(self.instrument, keys)
        targets = settle_targets(self.clients).slugs
        exposures = locate_exposures(
            database, filesystem, self.instrument, keys, targets, self.settings
        )
        steps.take("lightcurves", exposures, decide_lightcurve, LIGHTCURVES.tables)
        return steps

    def ingest(self, instrument: str, keys: Sequence[str]) -> Steps:
        """Retrieve the files of the keys, and record their headers."""
        steps = Steps(self.clients, f"{instrument}/")
        for kind in ("raw", "calibrated"):
            owned = [OwnedTable(File, "rootname", File.kind == kind)]
            tasks = locate_retrievals(self.clients, kind, keys)
            steps.take(f"{kind}_files", tasks, retrieve_files, owned)
        self.record_headers(steps, instrument, keys)
        return steps

    def record_headers(self, steps: Steps, instrument: str, keys: Sequence[str]) -> None:
        """Record the headers of files that are there."""
        tasks = locate_headers(self.clients.database, instrument, keys)
        steps.take("header_tables", tasks, scan_headers, HEADERS, write_headers)

    def rows(self, model: type[Base], *without: str) -> list[dict[str, object]]:
        """Return a table as it is, ordered by key, without the dates and some other columns."""
        table = model.__table__
        dates = {"ingest_date", "first_ingest_date", "last_ingest_date", "decided_at",
                 "changed_at", "listed_at"}  # fmt: skip
        columns = [column for column in table.c if column.name not in dates.union(without)]
        statement = select(*columns).order_by(*table.primary_key.columns)
        return [dict(row._mapping) for row in self.clients.database.read(statement)]

    def files(self) -> list[str]:
        """Return the path of every file under the home, relative to it, without the trash."""
        trash = self.clients.filesystem.trash
        return sorted(
            str(path.relative_to(self.home))
            for path in self.home.rglob("*")
            if path.is_file() and not path.is_relative_to(trash)
        )


def open_pipeline(
    folder: Path, database: Database, workers: LocalWorkers, *, in_place: bool = True
) -> Pipeline:
    """Return a pipeline with archive and home in a folder."""
    home = folder / "home"
    clients = Clients(
        settings=Settings(_env_file=None, home=home),
        archive=DirectoryArchive(folder / "archive", in_place=in_place),
        filesystem=Filesystem(home),
        database=database,
        workers=workers,
        log=RunLog("test", home / "logs" / "test.log"),
        on_progress=lambda _asset, _status: None,
    )
    return Pipeline(clients)
