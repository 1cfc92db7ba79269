"""All lightcurves as one Parquet dataset, in files by places on the sky."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from astropy import units as u
from astropy_healpix import HEALPix

from builders.curve_files import Curve as Made
from builders.curve_files import write_curve
from hstql_assets.lightcurves.dataset import Curve, divide, write_dataset
from hstql_assets.lightcurves.listing import describe_curves
from hstql_assets.lightcurves.table import read_curve_table
from hstql_resources.sky_index import index_place

PLACES = {"ltst001zq": (10.0, 20.0), "ltst002zq": (10.0, 20.001), "ltst003zq": (200.0, -60.0),
          "ltst004zq": (None, None)}  # fmt: skip


def make(folder: Path, name: str) -> Curve:
    ra, dec = PLACES[name]
    made = Made(rootnames=(name,), rate=float(name[6]))
    path = write_curve(folder / f"{name}.fits", made, is_composite=False)
    values = {"rootname": name, "target": "a-star", "ra_deg": ra, "dec_deg": dec, "cenwave": 1291}
    columns = [one.name for one in describe_curves()]
    return Curve(path, made.bins, index_place(ra, dec), tuple(map(values.get, columns)))


def test_every_bin_is_in_it_and_lies_where_its_file_says(tmp_path: Path) -> None:
    curves = [make(tmp_path / "curves", name) for name in PLACES]
    (tmp_path / "bad.fits").write_bytes(b"no FITS")
    bad = Curve(tmp_path / "bad.fits", 1, curves[0].cell, curves[0].values)
    folder = tmp_path / "dataset_of"
    folder.mkdir()
    summary = write_dataset(describe_curves(), [*curves, bad], folder)
    assert (summary.curves, summary.rows, summary.files) == (4, 240, 3)
    assert len(summary.unread) == 1
    assert "1 without a place" in summary.remarks[0]
    frame = pd.read_parquet(folder / "dataset")
    assert frame.groupby("rootname").size().to_dict() == dict.fromkeys(list(PLACES)[:3], 60)
    assert len(pd.read_parquet(folder / "without_place.parquet")) == 60
    for curve in curves[:3]:
        own = frame[frame["rootname"] == curve.values[0]]
        table = read_curve_table(curve.path)
        np.testing.assert_array_equal(own["flux"], table.flux)
        np.testing.assert_array_equal(own["TIME"], table.mjd_centre)
    cells = (folder / "partition_info.csv").read_text().splitlines()
    assert cells[0] == "Norder,Npix"
    for line in cells[1:]:
        order, pixel = map(int, line.split(","))
        file = folder / "dataset" / f"Norder={order}" / "Dir=0" / f"Npix={pixel}.parquet"
        some = pd.read_parquet(file)
        grid = HEALPix(2**order, order="nested")
        places = [some[one].to_numpy() * u.deg for one in ("ra_deg", "dec_deg")]
        assert set(grid.lonlat_to_healpix(*places)) == {pixel}
        assert set(some["_healpix_29"].to_numpy() >> 2 * (29 - order)) == {pixel}
        assert some["_healpix_29"].is_monotonic_increasing
    said = dict(line.split("=") for line in (folder / "hats.properties").read_text().splitlines())
    assert said["hats_nrows"] == "180"


def test_cells_are_divided_until_they_have_few_enough_rows() -> None:
    cells = sorted(index_place(10 + i / 50, 20.0) or 0 for i in range(100))
    curves = [Curve(Path(), 10, cell, ()) for cell in cells]
    found = list(divide(curves, most=200))
    assert [one for _, _, some in found for one in some] == curves
    assert all(sum(one.bins for one in some) <= 200 for _, _, some in found)
    assert len({order for order, _, _ in found}) > 1
    twice = [Curve(Path(), 10, cells[0], ())] * 3
    ((order, _, some),) = divide(twice, most=20)
    assert (order, len(some)) == (12, 3)
    assert list(divide([])) == []


def test_lsdb_opens_it(tmp_path: Path) -> None:
    lsdb = pytest.importorskip("lsdb", reason="lsdb is not installed")
    folder = tmp_path / "catalogue"
    folder.mkdir()
    write_dataset(describe_curves(), [make(tmp_path, name) for name in PLACES], folder)
    catalogue = lsdb.open_catalog(folder)
    assert len(catalogue.cone_search(10, 20, 10).compute()) == 120


def test_nothing_is_a_dataset_too(tmp_path: Path) -> None:
    assert write_dataset(describe_curves(), [], tmp_path).rows == 0
    assert (tmp_path / "partition_info.csv").read_text() == "Norder,Npix\n"
