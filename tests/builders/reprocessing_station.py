"""Reprocessing on a graph of its own, and everything that it could have changed."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from astropy.io import fits
from sqlalchemy import select, text

from builders.graph_station import GraphStation
from hstql_assets.orchestration.planning import Selection, Step
from hstql_assets.orchestration.reprocessing.planning import (
    How,
    ReprocessingPlan,
    plan_reprocessing,
)
from hstql_assets.orchestration.reprocessing.run import reprocess
from hstql_assets.orchestration.reprocessing.selection import Choice
from hstql_assets.orchestration.run_reports import Report
from hstql_resources import tables
from hstql_resources.archive import Archive
from hstql_resources.clients import Clients

PRODUCTS = (tables.Observation, tables.File, tables.Lightcurve, tables.Composite,
            tables.CompositeMember, tables.Statistics, tables.BadData, tables.Outcome)  # fmt: skip
OTHER = "ls000109q"  # of the same target as CONSTANT
# Those of all headers, too, which no model knows.
TABLES = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
MADE_WHEN = ("changed_at", "made_at", "reason")


@dataclass(frozen=True)
class ReprocessingStation:
    """The graph, and the mirror that its files come from."""

    station: GraphStation

    @property
    def mirror(self) -> Path:
        return self.station.archive

    @property
    def clients(self) -> Clients:
        return self.station.pipeline.clients

    def on(self, archive: Archive) -> "ReprocessingStation":
        return replace(
            self, station=replace(self.station, pipeline=self.station.pipeline.on(archive))
        )

    def plan(self, *rootnames: str, how: How = How(), **conditions: object) -> ReprocessingPlan:  # noqa: B008, frozen
        choice = Choice(Selection(rootnames), **conditions)  # type: ignore[arg-type]
        return plan_reprocessing(self.station.graph, self.clients, choice, how)

    def reprocess(self, *rootnames: str, how: How = How(), **conditions: object) -> Report:  # noqa: B008, frozen
        steps: list[Step] = []
        plan = self.plan(*rootnames, how=how, **conditions)
        report = reprocess(self.station.graph, self.clients, plan, steps.append)
        self.station.steps[:] = steps
        return report

    def decided(self) -> dict[tuple[str, str], object]:
        """Return when each key of each asset was decided."""
        outcome = tables.Outcome
        rows = self.clients.database.read(select(outcome.asset, outcome.key, outcome.decided_at))
        return {(row.asset, row.key): row.decided_at for row in rows}

    def products(self) -> list[object]:
        """Return what was made, without what says when; and the path of every file."""
        pipeline = self.station.pipeline
        rows: list[object] = []
        for model in PRODUCTS:
            present = [name for name in MADE_WHEN if name in model.__table__.columns]
            rows.append(pipeline.rows(model, *present))
        return [*rows, pipeline.files()]

    def everything(self) -> tuple[object, object]:
        """Return every row of every table with its dates, and every file with its time."""
        database = self.clients.database
        rows = {
            name: sorted(
                row for (row,) in database.read(text(f'SELECT whole::text FROM "{name}" AS whole'))
            )
            for (name,) in database.read(TABLES)
        }
        files = {
            path: (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
            for folder in (self.mirror, self.clients.filesystem.home)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        return rows, files

    def change(self, rootname: str, **values: object) -> None:
        """Set keywords of the primary header of every file of an exposure in the mirror."""
        for path in self.mirror.rglob(f"{rootname}_*.fits"):
            with fits.open(path, mode="update") as hdus:
                for keyword, value in values.items():
                    hdus[0].header[keyword] = value

    def held(self, name: str) -> Path:
        """Return a file under the home by its name."""
        (path,) = (self.clients.filesystem.home / "files").rglob(name)
        return path
