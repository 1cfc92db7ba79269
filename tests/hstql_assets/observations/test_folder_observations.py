"""Exposures of folders as people have them: downloaded by others, with copies, with pipes."""

import gzip
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from astropy.table import Table
from astroquery.mast import MastMissions, Observations
from sqlalchemy import func, select

from builders.graph_station import GraphStation
from builders.loopback_files import DOWNLOAD
from builders.loopback_mast import LoopbackMast
from builders.mast_station import ALONE, ASSOCIATION, FIRST, SECOND, make_holdings
from builders.pipeline import Pipeline
from hstql_resources import tables
from hstql_resources.archive import Search, folder_walk
from hstql_resources.archive.directory import DirectoryArchive

KEYS = [ASSOCIATION, FIRST, SECOND, ALONE]


def download_by_portal(mast: LoopbackMast, folder: Path) -> None:
    """Let astroquery put all files where it puts them: the members under their association."""
    rows = [("HST", dataset.name, name, f"mast:HST/product/{name}")
            for dataset in mast.datasets.values() for name in dataset.files]  # fmt: skip
    names = ("obs_collection", "obs_id", "productFilename", "dataURI")
    client = type(Observations)()
    client._portal_api_connection.MAST_DOWNLOAD_URL = f"{mast.url}{DOWNLOAD}"
    manifest = client.download_products(
        Table(rows=rows, names=names), download_dir=str(folder), verbose=False
    )
    assert set(manifest["Status"]) == {"COMPLETE"}


def download_by_missions(mast: LoopbackMast, folder: Path) -> None:
    """Let astroquery's other client do it, which writes data sets in upper case."""
    rows = [(dataset.name.upper(), name, f"{dataset.name.upper()}/{name}")
            for dataset in mast.datasets.values() for name in dataset.files]  # fmt: skip
    client = MastMissions(mission="hst")
    client._service_api_connection.MISSIONS_DOWNLOAD_URL = f"{mast.url}/search/"
    products = Table(rows=rows, names=("dataset", "filename", "uri"))
    manifest = client.download_products(products, download_dir=folder, verbose=False)
    assert set(manifest["Status"]) == {"COMPLETE"}


@pytest.mark.parametrize("download", [download_by_portal, download_by_missions])
def test_a_folder_that_astroquery_downloaded_is_an_archive_at_once(
    download: Callable[[LoopbackMast, Path], None],
    pipeline: Pipeline, simulated: Path, tmp_path: Path,
) -> None:  # fmt: skip
    with LoopbackMast(make_holdings(simulated)) as mast:
        download(mast, tmp_path / "downloads")
    archive = DirectoryArchive(tmp_path / "downloads", index=tmp_path / "index")
    assert archive.find_rootnames("cos") == KEYS
    decisions = pipeline.on(archive).extract(KEYS)
    made = {key: outcome.status for key, outcome in decisions["lightcurves"].items()}
    assert made == {ASSOCIATION: "none", FIRST: "made", SECOND: "made", ALONE: "made"}
    assert not any(outcome.remarks for outcome in decisions["raw_files"].values())


@pytest.mark.parametrize("in_place", [True, False])
def test_names_in_capitals_side_by_side_and_packed_make_the_same_lightcurve(
    pipeline: Pipeline, add_exposure: Callable[..., Path], tmp_path: Path, in_place: bool
) -> None:
    flat = tmp_path / "flat"
    flat.mkdir()
    for path in add_exposure("lcap01aaq").iterdir():
        with gzip.open(flat / f"{path.name.upper()}.GZ", "wb", compresslevel=1) as packed:
            packed.write(path.read_bytes())
    plain = pipeline.extract(["lcap01aaq"])["lightcurves"]["lcap01aaq"]
    (before,) = pipeline.rows(tables.Lightcurve)
    packed = pipeline.on(DirectoryArchive(flat, in_place=in_place)).extract(["lcap01aaq"])
    assert (plain.status, packed["lightcurves"]["lcap01aaq"].status) == ("made", "made")
    (after,) = pipeline.rows(tables.Lightcurve)
    assert after == before


def test_a_copy_never_takes_over_and_is_told(
    pipeline: Pipeline, add_exposure: Callable[..., Path]
) -> None:
    own, other = (add_exposure(name) for name in ("lcop01aaq", "lcop01abq"))
    name = "lcop01aaq_corrtag_a.fits"
    shutil.copy(other / "lcop01abq_corrtag_a.fits", other / name)
    decisions = pipeline.extract(["lcop01aaq", "lcop01abq"])
    assert decisions["lightcurves"]["lcop01aaq"].status == "made"
    (path,) = pipeline.clients.database.read(
        select(tables.File.path).where(tables.File.filename == name)
    )[0]
    assert path == str(own / name)
    assert decisions["calibrated_files"]["lcop01aaq"].remarks == (
        f"{name} lies in several places: {own / name} is used, not {other / name}.",
    )
    assert decisions["calibrated_files"]["lcop01abq"].remarks == ()


@pytest.mark.parametrize("in_place", [True, False])
def test_a_pipe_under_the_name_of_a_file_is_bad_data_and_stops_nothing(
    pipeline: Pipeline, add_exposure: Callable[..., Path], in_place: bool
) -> None:
    folder = add_exposure("lpip01aaq")
    add_exposure("lpip02aaq")
    (folder / "lpip01aaq_corrtag_a.fits").unlink()
    os.mkfifo(folder / "lpip01aaq_corrtag_a.fits")
    (folder / "lpip01aaq_spt.fits").unlink()
    (folder / "lpip01aaq_spt.fits").symlink_to("/dev/zero")
    archive = replace(pipeline.clients.archive, in_place=in_place)
    decisions = pipeline.on(archive).extract(["lpip01aaq", "lpip02aaq"])
    for kind, name in (("raw", "spt"), ("calibrated", "corrtag_a")):
        outcome = decisions[f"{kind}_files"]["lpip01aaq"]
        assert outcome.status == "bad"
        assert [file.filename for file in outcome.bad_files] == [f"lpip01aaq_{name}.fits"]
        assert "is no file, and was not opened" in str(outcome.reason)
    assert decisions["lightcurves"]["lpip02aaq"].status == "made"


def test_a_file_beyond_a_limit_is_bad_data_and_stops_nothing(
    pipeline: Pipeline, add_exposure: Callable[..., Path]
) -> None:
    folder = add_exposure("lbig01aaq")
    add_exposure("lbig02aaq")
    with (folder / "lbig01aaq_spt.fits").open("r+b") as file:
        file.truncate(17 * 10**9)  # nothing is stored of it
    empty = b"XTENSION= 'IMAGE'".ljust(80) + b"BITPIX  = 8".ljust(80) + b"NAXIS   = 0".ljust(80)
    single = b"SIMPLE  = T".ljust(80) + empty[80:] + b"END"
    (folder / "lbig01aaq_corrtag_a.fits").write_bytes(
        single.ljust(2880) + (empty + b"END").ljust(2880) * 20_000
    )
    decisions = pipeline.extract(["lbig01aaq", "lbig02aaq"])
    assert decisions["raw_files"]["lbig01aaq"].status == "bad"
    assert "limit HSTQL_MAX_FILE_MB" in str(decisions["raw_files"]["lbig01aaq"].reason)
    faults = {row["filename"]: row["detail"] for row in pipeline.rows(tables.BadData)}
    assert "is larger than 16,000 MB" in faults["lbig01aaq_spt.fits"]
    assert "kinds of extensions" in faults["lbig01aaq_corrtag_a.fits"]
    assert decisions["lightcurves"]["lbig02aaq"].status == "made"


def test_a_second_discover_lists_only_what_changed(
    station: GraphStation, add_exposure: Callable[..., Path], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(folder_walk, "TICK_S", -60.0)
    (tmp_path / "home").mkdir(exist_ok=True)
    archive = DirectoryArchive(tmp_path / "archive", index=tmp_path / "home" / "index")
    clients = station.pipeline.on(archive).clients
    changed = add_exposure("lone01aaq")
    add_exposure("lone02aaq")
    search, product = Search("cos"), tables.Product

    def listed() -> dict[str, object]:
        statement = select(product.rootname, func.max(product.listed_at), func.count())
        return {row[0]: tuple(row[1:])
                for row in clients.database.read(statement.group_by(product.rootname))}  # fmt: skip

    assert station.graph.discover(clients, search).new == ["lone01aaq", "lone02aaq"]
    first = listed()
    assert station.graph.discover(clients, search).new == []
    assert listed() == first
    (changed / "lone01aaq_x1d.fits").unlink()
    assert station.graph.discover(clients, search).new == []
    assert listed()["lone01aaq"][1] == first["lone01aaq"][1] - 1
    assert listed()["lone02aaq"] == first["lone02aaq"]
    with clients.database.write() as writer:
        writer.execute(product.__table__.delete())
    station.graph.discover(clients, search)
    assert listed().keys() == first.keys()
