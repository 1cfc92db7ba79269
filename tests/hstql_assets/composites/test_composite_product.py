"""The composite file: its name, its keywords, and what other readers make of it."""

import hashlib
import re
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import QTable
from astropy.timeseries import TimeSeries

from builders.corrtag_files import Events, Observation
from builders.quiet_reading import require_readable
from hstql_assets.composites.choosing import Member
from hstql_assets.composites.composing import Composite, compose
from hstql_assets.composites.configuration import Configuration
from hstql_assets.composites.product import (
    CompositeProduct,
    ProvenanceRow,
    number_cards,
    write_composite,
)
from hstql_assets.lightcurves.fits_table import COLUMNS
from hstql_assets.lightcurves.lightcurve import Lightcurve, make_lightcurve
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_assets.lightcurves.table import read_curve_table

FUV = Configuration("COS", "FUV", "G130M", 1291, "PSA")


def extract(member: Member, settings: ExtractionSettings) -> Lightcurve:
    return make_lightcurve(member.events, member.x1d, settings)


@pytest.fixture
def composite(observation: Observation) -> Composite:
    """Two exposures of two proposals, the second with a gap; the later one is written first."""
    members = []
    for number in (2, 1):
        exposure = observation.but(
            rootname=f"ltest0{number}aq",
            exp_start=58000.25 + number,
            good_times=((0.0, 100.0),) if number == 1 else ((0.0, 40.0), (50.0, 100.0)),
            primary={"PROPOSID": 90000 + number, "TARGNAME": "TEST-STAR", "SIMULATD": True},
        )
        rng = np.random.default_rng(number)
        rows = np.where(rng.random(2000) < 0.7, 420.0, 360.0)
        events = Events(np.sort(rng.uniform(0, 100, 2000)), rng.uniform(100, 16000, 2000), rows)
        path, x1d = exposure.corrtag(events), exposure.x1d()
        own = make_lightcurve([path], x1d)
        members.append(Member(exposure.rootname, (path,), x1d, own.wave_min, own.wave_max))
    made = compose(members, ExtractionSettings(), extract).composite
    assert made is not None
    return made


def list_files(composite: Composite) -> tuple[ProvenanceRow, ...]:
    return tuple(
        ProvenanceRow(number, curve.exposure.rootname, file.filename,
                      hashlib.sha256(file.filename.encode()).hexdigest(), file.cal_ver,
                      curve.exposure.exp_start_mjd, curve.exposure.exp_time_s, 1291,
                      curve.exposure.proposal_id, curve.exposure.target_name,
                      curve.x1d_ratio)
        for number, curve in enumerate(composite.curves, 1)
        for file in curve.inputs
    )  # fmt: skip


@pytest.fixture
def product(composite: Composite) -> CompositeProduct:
    return CompositeProduct(composite, FUV, "TEST-STAR", list_files(composite))


@pytest.fixture
def file(product: CompositeProduct, tmp_path: Path) -> Path:
    path = tmp_path / FUV.filename("test-star")
    write_composite(product, path)
    return path


def test_the_name_is_the_one_that_hstlc_delivered() -> None:
    assert FUV.filename("v4046sgr") == "hlsp_hstlc_hst_cos-fuv_v4046sgr_g130m_1291_psa_v1_sci.fits"
    stis = Configuration("STIS", "FUV-MAMA", "E140M", 1425, "0.2X0.06")
    assert stis.filename("ds-leo") == (
        "hlsp_hstlc_hst_stis-fuv-mama_ds-leo_e140m_1425_0.2x0.06_v1_sci.fits"
    )


def test_times_at_the_barycentre_are_those_of_the_members_with_the_worst_accuracy(
    product: CompositeProduct, tmp_path: Path
) -> None:
    first, second = product.composite.curves
    times = second.barycentric
    there = replace(second, barycentric=replace(times, place="spt"))
    nowhere = replace(
        first, barycentric=replace(times, bjd=times.bjd * np.nan, place=None, note="x")
    )
    for curves, accuracy_s, place in (
        ((first, there), 0.024, "MULTI"),
        ((nowhere, there), 0.0003, "spt"),
        ((nowhere, nowhere), None, None),
    ):
        composite = replace(product.composite, curves=curves)
        write_composite(replace(product, composite=composite), tmp_path / "composite.fits")
        table = read_curve_table(tmp_path / "composite.fits")
        assert (table.header.get("BJDACC"), table.header.get("BJDPOS")) == (accuracy_s, place)
        assert table.header.get("BJDNOTE") == (None if curves[0] is first else "x")
        expected = np.concatenate([curve.barycentric.bjd for curve in curves])
        np.testing.assert_array_equal(table.bjd_tdb, expected)


@pytest.mark.parametrize("aperture", ["../../x", "A_B", "<script>", "  ", "52X0.1 ", "Å", ".", ""])
def test_no_header_makes_an_unsafe_name(aperture: str) -> None:
    made = Configuration.from_headers("cos", "FUV", None, 1291, aperture, None)
    assert re.fullmatch(
        r"hlsp_hstlc_hst_cos-fuv_t_unknown_1291_[a-z0-9]([a-z0-9.+-]*[a-z0-9])?_v1_sci\.fits",
        made.filename("t"),
    )


def test_two_apertures_that_differ_only_in_unsafe_characters_have_two_names() -> None:
    assert replace(FUV, aperture="A/B").filename("t") != replace(FUV, aperture="A*B").filename("t")


def test_an_image_has_the_central_wavelength_0() -> None:
    image = Configuration.from_headers("stis", "NUV-MAMA", "MIRNUV", 2375, "25MAMA", "IMAGING")
    assert image.cenwave == 0
    assert image.filename("t").endswith("_mirnuv_0_25mama_v1_sci.fits")


def test_the_primary_header_has_the_keywords_of_a_science_product(file: Path) -> None:
    header = fits.getheader(file)
    expected = {
        "HLSPID": "HSTLC", "HLSPTARG": "TEST-STAR", "HLSPVER": "1", "LICENSE": "CC BY 4.0",
        "TELESCOP": "HST", "INSTRUME": "COS", "DETECTOR": "FUV", "FILTER": "G130M",
        "CENWAVE": 1291, "APERTURE": "PSA", "OBJECT": "TEST-STAR", "TARGNAME": "TEST-STAR",
        "RA_TARG": 175.5, "DEC_TARG": -26.7, "RADESYS": "ICRS", "CAL_VER": "3.6.2",
        "MJD-BEG": 58001.25, "XPOSURE": 190.0, "STEPSIZE": 2.0, "FLUXCAL": True, "BACKSUB": True,
        "SIMULATD": True, "NEXPOS": 2, "DATE-BEG": "2017-09-05T06:00:00.000",
    }  # fmt: skip
    assert {keyword: header[keyword] for keyword in expected} == expected
    for keyword in ("HLSPLEAD", "HLSPNAME", "LICENURL", "DATE-END", "MJD-END", "WMIN", "WMAX"):
        assert header[keyword], keyword
    assert header["CREATOR"].startswith("hstql ")
    assert "ORIGIN" not in header


def test_values_that_differ_are_multi_and_numbered(file: Path) -> None:
    header = fits.getheader(file)
    assert (header["PROPOSID"], header["PROPOS01"], header["PROPOS02"]) == ("MULTI", 90001, 90002)
    assert "TARGNA01" not in header


def test_numbered_keywords_are_told_apart_however_many_there_are() -> None:
    cards = list(number_cards("PROPOSID", range(150), "proposal"))
    assert cards[0] == ("PROPOSID", "MULTI", "proposal")
    assert [card[0] for card in (cards[1], cards[150])] == ["PROPO001", "PROPO150"]
    assert len({card[0] for card in cards}) == 151
    assert all(len(card[0]) <= 8 for card in cards)
    assert list(number_cards("FILTER", ["G130M"] * 3, "")) == [("FILTER", "G130M", "")]


def test_provenance_names_every_file_in_the_order_of_the_datasets(
    file: Path, product: CompositeProduct
) -> None:
    rows = QTable.read(file, hdu="PROVENANCE")
    assert list(rows["dataset"]) == [1, 1, 2, 2]
    assert [str(name) for name in rows["filename"]] == [
        "ltest01aq_corrtag_a.fits", "ltest01aq_x1d.fits",
        "ltest02aq_corrtag_a.fits", "ltest02aq_x1d.fits",
    ]  # fmt: skip
    assert [str(digest) for digest in rows["sha256"]] == [row.sha256 for row in product.provenance]
    assert rows["EXPSTART"].unit == "d"
    assert {"CAL_VER", "EXPTIME", "CENWAVE"} < set(rows.colnames)


def test_statistics_and_plots_read_it_like_a_single_lightcurve(
    file: Path, composite: Composite
) -> None:
    table = read_curve_table(file)
    assert table.is_composite
    assert table.rootnames == ("ltest01aq", "ltest02aq")
    assert table.bin_s == 2.0
    assert np.unique(table.dataset).tolist() == [1, 2]
    for name in ("gross", "counts", "net", "flux", "exposure_s", "quality"):
        expected = np.concatenate([getattr(curve.bins, name) for curve in composite.curves])
        np.testing.assert_array_equal(getattr(table, name), expected)
    assert np.isnan(table.flux).any()
    assert (np.diff(table.mjd) > 0).all()


def test_columns_and_checksums_are_those_of_every_lightcurve(file: Path) -> None:
    with warnings.catch_warnings(action="error"), fits.open(file, checksum=True) as hdus:
        hdus.verify("exception")
        columns = hdus["LIGHTCURVE"].columns
        assert columns.names == [column.name for column in COLUMNS]
        assert [column.unit or "" for column in columns] == [column.unit for column in COLUMNS]


def test_two_files_are_the_same_bytes_whenever_they_are_written(
    product: CompositeProduct, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("astropy.io.fits.hdu.base._ValidHDU._get_timestamp", lambda _: "later")
    write_composite(product, tmp_path / "again.fits")
    assert (tmp_path / "again.fits").read_bytes() == file.read_bytes()


def test_every_reader_is_content(file: Path, composite: Composite) -> None:
    require_readable(file)
    header = fits.getheader(file, "LIGHTCURVE")
    assert header["TSTART"] == pytest.approx(composite.exp_start_mjd * 86400, abs=1e-6)
    assert header["TSTOP"] == pytest.approx(composite.exp_end_mjd * 86400, abs=1e-6)
    table = fits.getdata(file, "LIGHTCURVE")
    np.testing.assert_allclose(table["SECONDS"], table["TIME"] * 86400, rtol=0, atol=2e-6)


def test_three_readers_agree_on_a_composite(file: Path, composite: Composite) -> None:
    with warnings.catch_warnings():
        # lightkurve 2.6 imports what other packages have deprecated.
        warnings.simplefilter("ignore")
        import lightkurve

        kurve = lightkurve.read(file)
    table = QTable.read(file, hdu="LIGHTCURVE", astropy_native=True)
    series = TimeSeries.read(file, hdu="LIGHTCURVE", time_column="TIME", time_format="mjd")
    centres = np.concatenate([curve.mjd_centre for curve in composite.curves])
    for times in (kurve.time, table["TIME"], series.time):
        np.testing.assert_allclose(times.utc.mjd, centres, rtol=0, atol=1e-9)
    for name, columns in (
        ("flux", (kurve.flux, table["flux"], series["flux"])),
        ("flux_error", (kurve.flux_err, table["FLUX_ERR"], series["FLUX_ERR"])),
    ):
        expected = np.concatenate([getattr(curve.bins, name) for curve in composite.curves])
        for column in columns:
            values = column.to_value("erg / (s cm2 Angstrom)")
            np.testing.assert_array_equal(values, expected)
