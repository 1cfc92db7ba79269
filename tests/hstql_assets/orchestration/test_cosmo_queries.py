"""Four tables of COSMO (headers, data, phd, spt) as views, against the real files."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from sqlalchemy import text

from builders.pipeline import Pipeline, Steps
from hstql_assets.batching.ownership import OwnedTable
from hstql_assets.headers.inputs import locate_headers
from hstql_assets.headers.recording import TABLES, write_headers
from hstql_assets.headers.scanning import scan_headers
from hstql_assets.observations.inputs import locate_retrievals
from hstql_assets.observations.retrieval import retrieve_files
from hstql_assets.spectra.assets import PULSES_OWNED, SPECTRA_OWNED
from hstql_assets.spectra.counting import count_events
from hstql_assets.spectra.inputs import locate_corrtags, locate_spectra
from hstql_assets.spectra.measuring import measure_spectra
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.tables import File
from hstql_resources.tables.old_systems.cosmo_headers import EXPOSURE, PRIMARY

DATA = """
SELECT files.name, flux_mean, flux_max, flux_std, wl_min, wl_max
FROM cosmo.data JOIN cosmo.files ON files.id = data.file_id
"""
PHD = f"""
SELECT files.name, {", ".join(f"pha_{height}" for height in range(32))}
FROM cosmo.phd JOIN cosmo.files ON files.id = phd.file_id
"""
SPT = "SELECT files.name, spt.* FROM cosmo.spt JOIN cosmo.files ON files.id = spt.file_id"
HEADERS = """
SELECT files.name, headers.* FROM cosmo.headers JOIN cosmo.files ON files.id = headers.file_id
"""
# What an exposure is described from, the first that it has.
DESCRIBED_FROM = ("x1d", "corrtag_a", "corrtag_b", "corrtag", "rawtag_a", "rawtag_b", "rawtag",
                  "rawacq")  # fmt: skip
PLACES = {  # HDU and keyword of each column of spt in the file
    **{name: (0, name.upper()) for name in ("proc_typ", "prop_typ")},
    "dominant_gs": (0, "DGESTAR"), "secondary_gs": (0, "SGESTAR"), "start_time": (0, "PSTRTIME"),
    "search_dimensions": (1, "LQTASCAN"), "search_step_size": (1, "LQTASTEP"),
    "search_type": (1, "LQTACENT"), "search_floor": (1, "LQTAFLOR"),
    **{name: (1, name.upper()) for name in ("lqtadpos", "lqtaxpos", "lqitime")},
    **{name: (2, name.upper()) for name in (
        "lomfstp", "lapxlvdt", "lapdlvdt", "lom1posc", "lom2posc", "lom1posf", "lom2posf",
        "ldcampat", "ldcampbt", "lmmcetmp")},
}  # fmt: skip


@pytest.fixture
def made(pipeline: Pipeline, real_archive: Path) -> Pipeline:
    """The steps up to these numbers, on all real files of COS."""
    pipeline = pipeline.on(DirectoryArchive(real_archive))
    keys = pipeline.clients.archive.find_rootnames("cos")
    database, steps = pipeline.clients.database, Steps(pipeline.clients, "cos/")
    for kind in ("raw", "calibrated"):
        owned = [OwnedTable(File, "rootname", File.kind == kind)]
        steps.take(
            f"{kind}_files", locate_retrievals(pipeline.clients, kind, keys), retrieve_files, owned
        )
    headers = locate_headers(database, "cos", keys)
    steps.take("header_tables", headers, scan_headers, TABLES, write_headers)
    spectra = locate_spectra(database, "cos", keys)
    steps.take("spectrum_statistics", spectra, measure_spectra, SPECTRA_OWNED.tables)
    steps.take("pulse_heights", locate_corrtags(database, keys), count_events, PULSES_OWNED.tables)
    return pipeline


def ask(pipeline: Pipeline, query: str) -> list[dict[str, object]]:
    return [dict(row._mapping) for row in pipeline.clients.database.read(text(query))]


def test_the_views_give_what_the_files_say(made: Pipeline, real_archive: Path) -> None:
    paths = {path.name.removesuffix(".gz"): path for path in real_archive.glob("l*/*/*.fits*")}
    data = ask(made, DATA)
    assert len(data) == len([name for name in paths if name.endswith("_x1d.fits")])
    for row in data:
        table = fits.getdata(paths[row.pop("name")])
        flux, wave = table["FLUX"].astype(float), table["WAVELENGTH"]
        expected = [np.mean(flux), np.max(flux), np.std(flux), wave.min(), wave.max()]
        assert list(row.values()) == pytest.approx(expected, rel=1e-12)

    phd = ask(made, PHD)
    assert len(phd) == len([name for name in paths if "_corrtag" in name])
    for row in phd:
        heights = fits.getdata(paths[row.pop("name")])["PHA"]
        assert list(row.values()) == np.bincount(heights, minlength=32).tolist()

    spt = ask(made, SPT)
    assert sorted(row["name"] for row in spt) == sorted(n for n in paths if n.endswith("_spt.fits"))
    for row in spt:
        with fits.open(paths[row["name"]]) as hdus:
            for column, (number, keyword) in PLACES.items():
                assert row[column] == hdus[number].header.get(keyword), (row["name"], keyword)

    compare_headers(ask(made, HEADERS), paths)


def compare_headers(rows: list[dict[str, object]], paths: dict[str, Path]) -> None:
    """Compare each exposure with the best file that it has."""
    best: dict[str, str] = {}
    for filetype in reversed(DESCRIBED_FROM):
        best |= {name[:9]: name for name in paths if name[9:] == f"_{filetype}.fits"}
    assert sorted(row["name"] for row in rows) == sorted(best.values())
    assert {name[10:16] for name in best.values()} >= {"x1d.fi", "rawacq"}
    for row in rows:
        with fits.open(paths[row.pop("name")]) as hdus:
            headers = [hdus[0].header] * len(PRIMARY) + [hdus[1].header] * len(EXPOSURE)
        for keyword, header in zip((*PRIMARY, *EXPOSURE), headers, strict=True):
            value = header.get(keyword)
            shown = row[keyword.lower().replace("-", "_")]
            assert shown == value, (row["rootname"], keyword)
