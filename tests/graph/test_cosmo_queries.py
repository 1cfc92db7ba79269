"""What three tables of COSMO held (data, phd, spt) as queries, against the real files."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from pipeline import Pipeline, Steps
from sqlalchemy import text

from hstql_assets.batches import OwnedTable
from hstql_assets.headers.inputs import locate_headers
from hstql_assets.headers.recording import OWNED, write_headers
from hstql_assets.headers.scanning import scan_headers
from hstql_assets.observations.inputs import locate_retrievals
from hstql_assets.observations.retrieval import retrieve_files
from hstql_assets.spectra.assets import PULSES_OWNED, SPECTRA_OWNED
from hstql_assets.spectra.counting import count_events
from hstql_assets.spectra.inputs import locate_corrtags, locate_spectra
from hstql_assets.spectra.measuring import measure_spectra
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.tables import File

DATA = """
SELECT files.path AS file, flux_mean_all AS flux_mean, flux_max_all AS flux_max,
       flux_std_all AS flux_std, wave_min AS wl_min, wave_max AS wl_max
FROM spectrum_statistics JOIN files USING (filename)
WHERE spectrum_statistics.filetype = 'x1d' AND filename LIKE 'l%'
"""
PHD = f"""
SELECT files.path AS file, {", ".join(f"pha_{height}" for height in range(32))}
FROM pulse_heights JOIN files USING (filename)
"""
SPT = """
SELECT header.filename, header.rootname, header.proc_typ, header.prop_typ,
       snap.lomfstp, snap.lapxlvdt, snap.lapdlvdt, snap.lom1posc, snap.lom2posc, snap.lom1posf,
       snap.lom2posf, snap.ldcampat, snap.ldcampbt, snap.lmmcetmp,
       header.dgestar AS dominant_gs, header.sgestar AS secondary_gs,
       header.pstrtime AS start_time, support.lqtascan AS search_dimensions,
       support.lqtastep AS search_step_size, support.lqtacent AS search_type,
       support.lqtaflor AS search_floor, support.lqtadpos, support.lqtaxpos, support.lqitime
FROM cos_{detector}_spt_primary AS header
JOIN cos_{detector}_spt_support AS support USING (filename)
JOIN cos_{detector}_spt_snap1 AS snap USING (filename)
WHERE support.extver = 1 AND snap.extver = 1
"""
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
    keys = pipeline.bench.archive.find_rootnames("cos")
    database, steps = pipeline.bench.database, Steps(pipeline.bench, "cos/")
    for kind in ("raw", "calibrated"):
        owned = [OwnedTable(File, "rootname", File.kind == kind)]
        steps.take(
            f"{kind}_files", locate_retrievals(pipeline.bench, kind, keys), retrieve_files, owned
        )
    headers = locate_headers(database, "cos", keys)
    steps.take("header_tables", headers, scan_headers, OWNED, write_headers)
    spectra = locate_spectra(database, "cos", keys)
    steps.take("spectrum_statistics", spectra, measure_spectra, SPECTRA_OWNED)
    steps.take("pulse_heights", locate_corrtags(database, keys), count_events, PULSES_OWNED)
    return pipeline


def ask(pipeline: Pipeline, query: str) -> list[dict[str, object]]:
    return [dict(row._mapping) for row in pipeline.bench.database.read(text(query))]


def test_the_queries_give_what_the_files_say(made: Pipeline, real_archive: Path) -> None:
    data = ask(made, DATA)
    assert len(data) == len(list(real_archive.glob("l*/*/*_x1d.fits*")))
    for row in data:
        table = fits.getdata(row.pop("file"))
        flux, wave = table["FLUX"].astype(float), table["WAVELENGTH"]
        expected = [np.mean(flux), np.max(flux), np.std(flux), wave.min(), wave.max()]
        assert list(row.values()) == pytest.approx(expected, rel=1e-12)

    phd = ask(made, PHD)
    assert len(phd) == len(list(real_archive.glob("l*/*/*_corrtag*.fits*")))
    for row in phd:
        heights = fits.getdata(row.pop("file"))["PHA"]
        assert list(row.values()) == np.bincount(heights, minlength=32).tolist()

    paths = {path.name.removesuffix(".gz"): path for path in real_archive.glob("l*/*/*_spt.fits*")}
    spt = [row for name in ("fuv", "nuv") for row in ask(made, SPT.format(detector=name))]
    assert sorted(row["filename"] for row in spt) == sorted(paths)
    for row in spt:
        with fits.open(paths[row["filename"]]) as hdus:
            for column, (number, keyword) in PLACES.items():
                assert row[column] == hdus[number].header.get(keyword), (row["filename"], keyword)
