"""The checks of COS on a graph of its own, and what they found, by kind."""

from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from builders.graph_station import GraphStation
from hstql_assets.orchestration.consistency.findings import Examination, Finding
from hstql_assets.orchestration.consistency.repair import Repair, RepairPlan, heal, plan_repair
from hstql_assets.orchestration.consistency.run_checks import examine_all
from hstql_assets.orchestration.consistency.scope import ChecksumPlan
from hstql_resources import tables
from hstql_resources.archive import Archive
from hstql_resources.clients import Clients

Places = dict[str, list[tuple[str, str]]]
ALL = ChecksumPlan(is_everything=True)
STATE = (tables.Observation, tables.File, tables.Lightcurve, tables.Composite, tables.Statistics,
         tables.BadData, tables.Outcome)  # fmt: skip


@dataclass(frozen=True)
class ConsistencyStation:
    """The graph, and the mirror that its files come from."""

    station: GraphStation

    @property
    def mirror(self) -> Path:
        return self.station.archive

    @property
    def clients(self) -> Clients:
        return self.station.pipeline.clients

    @property
    def home(self) -> Path:
        return self.clients.filesystem.home

    def on(self, archive: Archive) -> "ConsistencyStation":
        pipeline = self.station.pipeline.on(archive)
        return replace(self, station=replace(self.station, pipeline=pipeline))

    def examine(self, checksums: ChecksumPlan = ALL) -> dict[str, Examination]:
        """Run all checks of COS."""
        keys = self.station.graph.instance.get_dynamic_partitions("cos_rootname")
        found = examine_all(self.clients, {"cos": keys}, checksums)
        return {name: examination for (_, name), examination in found.items()}

    def findings(self) -> dict[str, list[Finding]]:
        """Return all findings by kind; no check may fail to be made."""
        found: dict[str, list[Finding]] = defaultdict(list)
        for examination in self.examine().values():
            assert examination.error is None
            for finding in examination.findings:
                found[finding.kind].append(finding)
        return dict(found)

    def plan(self) -> RepairPlan:
        return plan_repair({("cos", name): one for name, one in self.examine().items()})

    def heal(self) -> Repair:
        healing = heal(self.station.graph, self.clients, self.plan())
        assert [report.error for report in healing.reports if report.error] == []
        return healing

    def state(self) -> tuple[object, object]:
        """Return all rows without dates, and the path of every file."""
        pipeline = self.station.pipeline
        return [pipeline.rows(model) for model in STATE], pipeline.files()

    def files(self, ending: str) -> list[Path]:
        """Return the files under the home that end in some way."""
        return sorted(self.home.rglob(f"*{ending}"))


def places(found: dict[str, list[Finding]]) -> Places:
    """Return key and file name of each finding, by kind."""
    return {kind: [(one.key, Path(one.path).name) for one in ones] for kind, ones in found.items()}


def change_last_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
