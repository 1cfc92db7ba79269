"""The whole graph in this process: discover and materialize as the command does."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from builders.pipeline import Pipeline, open_pipeline
from builders.snapshots import Surroundings
from hstql_assets.orchestration.graph import Graph
from hstql_assets.orchestration.planning import Request, Selection, Step
from hstql_assets.orchestration.run_reports import Report
from hstql_resources import tables
from hstql_resources.archive import Search
from hstql_resources.workers import LocalWorkers

CONDITIONS = ("rootnames", "targets", "proposals", "instruments", "since")
CONSTANT, ECLIPSE = "ls000101q", "ls000301q"  # an exposure of sim-constant and of sim-eclipse
HLSP = "hlsp_hstlc_hst_cos-fuv_{}_g130m_1291_psa_v1_sci"


@dataclass
class GraphStation:
    """The whole graph, on an instance of its own."""

    pipeline: Pipeline
    graph: Graph
    steps: list[Step] = field(default_factory=list)

    def make(self, *assets: str, **options: object) -> Report:
        """Do what `hstql discover` and `hstql materialize ASSET...` do."""
        self.steps.clear()
        self.graph.discover(self.pipeline.clients, Search("cos"))
        conditions = {name: options.pop(name) for name in CONDITIONS if name in options}
        selection = Selection(**conditions)  # type: ignore[arg-type]
        names = assets or ("cos/lightcurves", "composites")
        request = Request(names, selection=selection, **options)  # type: ignore[arg-type]
        report = self.graph.materialize(self.pipeline.clients, request, {}, self.steps.append)
        assert report.error is None
        return report

    @property
    def made(self) -> list[tuple[str, tuple[str, ...]]]:
        """What the last call ran, asset by asset."""
        return [(name, step.keys) for step in self.steps for name in step.assets]

    @property
    def keys(self) -> list[str]:
        return list(self.graph.instance.get_dynamic_partitions("target"))

    @property
    def archive(self) -> Path:
        """The folder of an archive that is one."""
        return self.pipeline.archive

    def targets(self) -> dict[str, int]:
        return {str(row["target"]): int(str(row["exposures"]))
                for row in self.pipeline.rows(tables.Composite)}  # fmt: skip

    def path(self, target: str) -> Path:
        return self.pipeline.home / "products" / "composites" / f"{HLSP.format(target)}.fits"


# Lays out what a function has done with a graph, see the fixture `begun`.
Begun = Callable[..., AbstractContextManager[GraphStation]]


def open_graph(
    surroundings: Surroundings, workers: LocalWorkers, *, in_place: bool = True
) -> GraphStation:
    """Return the graph in surroundings, with an archive whose files are copied or not."""
    folder, database = surroundings.folder, surroundings.database
    pipeline = open_pipeline(folder, database, workers, in_place=in_place)
    return GraphStation(pipeline, Graph(surroundings.instance))
