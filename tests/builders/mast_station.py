"""The whole graph on a loopback MAST that serves simulated exposures under other names."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from astropy.io import fits

from builders.graph_station import CONSTANT, ECLIPSE, GraphStation
from builders.loopback_mast import LoopbackMast, LoopDataset
from hstql_assets.orchestration.graph import Graph
from hstql_assets.orchestration.planning import Request
from hstql_assets.orchestration.run_reports import Report
from hstql_resources.archive import Search
from hstql_resources.archive.mast import MastArchive, QueryPolicy
from hstql_resources.downloads import Policy

ASSOCIATION, FIRST, SECOND = "lmst01010", "lmst01aaq", "lmst01abq"
ALONE = "lmst02aaq"
QUICK = Policy(connections=4, read_s=60.0, attempts=5, first_wait_s=0.01, longest_wait_s=0.05)


def files_like(simulated: Path, like: str, rootname: str) -> dict[str, bytes]:
    """Return the files of a simulated exposure under another rootname."""
    return {
        path.name.replace(like, rootname): path.read_bytes()
        for path in sorted(simulated.glob(f"{like}_*.fits"))
    }


def process_again(body: bytes) -> bytes:
    """Return a FITS file as a later version of the pipeline would make it, of the same size."""
    with fits.open(io.BytesIO(body)) as hdus:
        hdus[0].header["OPUS_VER"] = "LATER"
        again = io.BytesIO()
        hdus.writeto(again)
    return again.getvalue()


def make_holdings(simulated: Path) -> list[LoopDataset]:
    """Return an association of two exposures of one target, and an exposure of another."""
    members = files_like(simulated, CONSTANT, FIRST) | files_like(simulated, CONSTANT, SECOND)
    (own,) = [body for name, body in members.items() if name == f"{FIRST}_x1d.fits"]
    return [
        LoopDataset(ASSOCIATION, files={**members, f"{ASSOCIATION}_x1dsum.fits": own}),
        LoopDataset(ALONE, files=files_like(simulated, ECLIPSE, ALONE)),
    ]


@dataclass
class MastStation:
    """The graph, and the MAST that it asks."""

    station: GraphStation
    mast: LoopbackMast

    @property
    def graph(self) -> Graph:
        return self.station.graph

    def discover(self) -> list[str]:
        return self.graph.discover(self.station.pipeline.clients, Search("cos")).new

    def make(
        self, *assets: str, config: Mapping[str, object] | None = None, **options: object
    ) -> Report:
        """Do what `hstql materialize ASSET...` does."""
        self.station.steps.clear()
        request = Request(assets, **options)  # type: ignore[arg-type]
        report = self.graph.materialize(
            self.station.pipeline.clients, request, config or {}, self.station.steps.append
        )
        assert report.error is None, report.error
        return report

    def fetched(self) -> list[str]:
        """Return the names of the files that were asked for since the last call."""
        names = sorted(request.filename for request in self.mast.files.requests)
        self.mast.files.requests.clear()
        return names

    def with_policy(self, policy: Policy) -> "MastStation":
        """Return the same, of another patience."""
        pipeline = self.station.pipeline
        archive = replace(pipeline.clients.archive, policy=policy)  # type: ignore[type-var]
        return replace(self, station=replace(self.station, pipeline=pipeline.on(archive)))

    def path(self, filename: str) -> Path:
        return self.station.pipeline.clients.filesystem.observation_folder(filename[:9]) / filename


@contextmanager
def open_mast_station(
    station: GraphStation, simulated: Path, token: str | None = None
) -> Iterator[MastStation]:
    with LoopbackMast(make_holdings(simulated), token=token) as mast:
        archive = MastArchive(mast.url, policy=QUICK, queries=QueryPolicy())
        pipeline = station.pipeline.on(archive)
        yield MastStation(replace(station, pipeline=pipeline), mast)
