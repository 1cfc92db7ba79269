"""Named extractions in the graph: rows, files and reasons of their own, and when they are made."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.consistency_station import ConsistencyStation, places
from builders.graph_station import CONSTANT, GraphStation
from hstql_assets.lightcurves.extractions.definitions import FILENAME
from hstql_assets.lightcurves.table import read_curve_table
from hstql_assets.orchestration.planning import Request, Selection
from hstql_assets.orchestration.reset import carry_out, plan_database_reset
from hstql_resources import tables
from hstql_resources.settings import SettingsError

FUV, NUV = "lsim01aaq", "lsim02aaq"
ASSET = "cos/extractions"
Rows = dict[tuple[str, str], dict[str, object]]


def begin(station: GraphStation, add_exposure: Callable[..., Path]) -> None:
    add_exposure(FUV, CONSTANT)
    add_exposure(NUV, "ls000102q")
    station.make("cos/lightcurves", "composites")


@pytest.fixture
def made(begun_station: GraphStation) -> GraphStation:
    """Lightcurves of an exposure of FUV and one of NUV, and their composites; no extraction yet."""
    return begun_station


def hash_files(station: GraphStation) -> dict[str, str]:
    """Return the contents of lightcurves and composites, without extractions."""
    home = station.pipeline.home
    paths = [
        *home.glob("products/composites/*"),
        *home.glob("products/lightcurves/*/?????????_curve*"),
    ]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def read_rows(station: GraphStation) -> Rows:
    return {
        (str(row["rootname"]), str(row["name"])): row
        for row in station.pipeline.rows(tables.Extraction)
    }


def choose(station: GraphStation, *names: str, rootname: str = FUV) -> None:
    """Do what `hstql materialize cos/extractions --rootname R --config FILE` does."""
    config = {"cos__extractions": {"config": {"names": list(names)}}}
    request = Request((ASSET,), selection=Selection((rootname,)))
    clients = station.pipeline.clients
    report = station.graph.materialize(clients, request, config, lambda _step: None)
    assert report.error is None


def list_files(station: GraphStation, rootname: str) -> list[str]:
    """Return the names of the extractions of an exposure that have a file."""
    folder = station.pipeline.home / "products" / "lightcurves"
    return sorted(path.name.split("_")[1] for path in folder.glob(f"*/{rootname}_*_curve.fits"))


def define(station: GraphStation, text: str) -> None:
    (station.pipeline.home / FILENAME).write_text(text)


def test_they_have_rows_and_files_of_their_own_and_leave_all_others_alone(
    made: GraphStation,
) -> None:
    before = hash_files(made)
    assert len(before) == 4
    made.make(ASSET)
    choose(made, "orbit", "c4", "night", "si4")
    assert hash_files(made) == before
    assert list_files(made, FUV) == ["c2", "night", "orbit", "si4"]
    rows = read_rows(made)
    assert {name for rootname, name in rows if rootname == FUV} == {
        "c2",
        "si4",
        "c4",
        "night",
        "orbit",
    }
    row = rows[FUV, "c2"]
    table = read_curve_table(Path(str(row["path"])))
    assert table.header["EXTRACT"] == "c2"
    assert row["gross_counts"] == np.nansum(table.gross) > 0
    assert row["band_flux"] == pytest.approx(table.header["BANDFLUX"])
    assert row["x1d_ratio"] == pytest.approx(1, abs=1e-6)
    assert json.loads(str(row["settings"])) == {
        "has_band_flux": True, "windows": [[1334.087, 1334.977], [1335.262, 1336.154]],
    }  # fmt: skip
    with fits.open(str(row["path"])) as hdus:
        assert hdus[1].columns["band_flux"].unit == "erg/(s*cm**2)"
        assert hdus[1].columns.names[-4:] == [
            "weighted_flux", "weighted_flux_error", "band_flux", "band_flux_error",
        ]  # fmt: skip
    (orbit,) = {row["bins"] for (_, name), row in rows.items() if name == "orbit"}
    assert orbit == 1


def test_a_reason_is_told_for_each_that_was_not_made(made: GraphStation) -> None:
    made.make(ASSET)
    choose(made, "c4", "pulse-heights-4-15", rootname=NUV)
    rows = read_rows(made)
    said = {name: row["reason"] for (rootname, name), row in rows.items() if rootname == NUV}
    none = {name: str(reason) for name, reason in said.items() if reason is not None}
    assert "no good column from 1547.69 to 1548.72 or 1550.26 to 1551.29 Angstrom" in none["c4"]
    assert "COS/NUV, whose events have no pulse heights" in none["pulse-heights-4-15"]
    assert {rows[NUV, name]["path"] for name in none} == {None}
    assert list_files(made, NUV) == sorted(said.keys() - none.keys())
    outcomes = made.pipeline.rows(tables.Outcome)
    (decision,) = (row for row in outcomes if (row["asset"], row["key"]) == (ASSET, NUV))
    assert decision["status"] == "made"
    assert "pulse-heights-4-15: " in str(decision["reason"])
    explained = made.graph.explain(made.pipeline.clients.database, FUV)
    assert any(line.startswith("extractions: ") and "_c2_curve" in line for line in explained)


def test_they_are_made_again_where_their_definition_changed(made: GraphStation) -> None:
    made.make(ASSET)
    made.make(ASSET)
    assert made.made == []
    define(
        made, '[c2]\nabout = "Wider."\nsource = "Me."\ndefault = true\nwindows = [[1330, 1340]]\n'
    )
    made.make(ASSET)
    assert [name for name, _ in made.made] == [ASSET]
    assert {name for _, name in read_rows(made)} == {"c2"}
    assert list_files(made, FUV) == ["c2"]
    assert read_rows(made)[FUV, "c2"]["band_angstrom"] == pytest.approx(9.6, abs=0.5)
    made.make(ASSET)
    assert made.made == []
    define(made, "")
    made.make(ASSET)
    assert (read_rows(made), list_files(made, FUV)) == ({}, [])
    define(made, '[five]\nabout = "Five."\nsource = "Me."\ndefault = true\nbin_s = 5\n')
    made.make(ASSET)
    assert {name for _, name in read_rows(made)} == {"five"}
    assert read_rows(made)[NUV, "five"]["bin_s"] == 5


def test_a_file_of_definitions_that_cannot_be_used_is_named_and_changes_nothing(
    made: GraphStation,
) -> None:
    made.make(ASSET)
    before = read_rows(made)
    define(made, "[c2]\n")
    with pytest.raises(SettingsError, match=r"extractions\.toml: c2 has to say about"):
        made.make(ASSET)
    assert read_rows(made) == before


def test_what_was_chosen_is_kept_up_to_date(made: GraphStation) -> None:
    choose(made, "sn10")
    assert {name for rootname, name in read_rows(made) if rootname == FUV} == {"c2", "sn10"}
    made.make(ASSET, rootnames=(FUV,))
    assert {name for rootname, name in read_rows(made) if rootname == FUV} == {"c2", "sn10"}


def test_they_move_with_their_target(made: GraphStation) -> None:
    made.make(ASSET)
    row = read_rows(made)[FUV, "c2"]
    folder = Path(str(row["path"])).parent
    (made.pipeline.home / "targets.toml").write_text(f'[names]\n"{target_name(row)}" = "OTHER"\n')
    made.make("cos/lightcurves", rootnames=(FUV,))
    moved = read_rows(made)[FUV, "c2"]
    assert (moved["target"], moved["path"]) == (
        "other",
        str(folder.with_name("other") / f"{FUV}_c2_curve.fits"),
    )
    assert Path(str(moved["path"])).is_file()
    assert not folder.exists()


def target_name(row: dict[str, object]) -> str:
    with fits.open(str(row["path"])) as hdus:
        return str(hdus[0].header["TARGNAME"])


def test_what_is_gone_and_what_has_no_row_is_found_and_healed(made: GraphStation) -> None:
    made.make(ASSET)
    station = ConsistencyStation(made)
    row = read_rows(made)[FUV, "c2"]
    Path(str(row["path"])).unlink()
    stray = Path(str(row["path"])).with_name(f"{FUV}_gone_curve.fits")
    stray.write_bytes(b"x")
    names = {stray.name, f"{FUV}_c2_curve.fits"}
    assert find_curves(station) == names
    station.heal()
    assert find_curves(station) == set()
    assert list_files(made, FUV) == ["c2"]


def find_curves(station: ConsistencyStation) -> set[str]:
    """Return the names of lightcurves that something is found about."""
    found = (name for one in places(station.findings()).values() for _, name in one)
    return {name for name in found if name.endswith("_curve.fits")}


def test_a_reset_of_the_table_lets_them_be_made_again(made: GraphStation) -> None:
    made.make(ASSET)
    before = read_rows(made)
    carry_out(
        plan_database_reset("extractions", made.graph.nodes), made.graph, made.pipeline.clients
    )
    assert read_rows(made) == {}
    made.make(ASSET)
    assert read_rows(made) == before
