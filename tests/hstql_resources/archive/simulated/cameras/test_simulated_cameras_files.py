"""The files of simulated ACS and WFC3 exposures: structure and headers, against real ones."""

import re
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from hstql_resources.fits.file_headers import read_headers

# What real files have and simulated ones have not, and why not.
MISSING = {
    ("j8bt05njq_raw", 0): {"MDRIZSKY"},  # until 2011
    ("j6gp01lzq_raw", 0): {"UREKA_V"},  # around 2015
    ("jbz504ejq_raw", 0): {"SNKCFILE"},
    ("jbz504eoq_spt", 0): {"MT_LV1_1", "TARKEY2"},  # a moving target
}
REAL_LIKE = (
    ("j8bt05njq_raw", "js0001a6q_raw"),
    ("j6gp01lzq_raw", "js0001a6q_raw"),
    ("jbz504ejq_raw", "js0001a7q_raw"),
    ("jbz504eoq_spt", "js0001a7q_spt"),
    ("jbz504010_asn", "js0001010_asn"),
    ("ibxy01z8q_ima", "is0001a1q_ima"),
)
WFC_FLT = "js0001a1q_flt.fits"
CHIP_PAIR = ["PRIMARY", *["SCI", "ERR", "DQ"] * 2]


def keywords_of(path: Path, number: int) -> set[str]:
    with fits.open(path) as hdus:
        return set(hdus[number].header)


def find_real(archive: Path, stem: str) -> Path:
    (path,) = archive.glob(f"*/*/{stem}.fits")
    return path


def test_every_file_passes_verification_and_says_that_it_is_simulated(camera_files):
    paths = sorted(camera_files.glob("*.fits"))
    assert len(paths) == 95
    for path in paths:
        with fits.open(path) as hdus:
            hdus.verify("exception")
            primary = hdus[0].header
            assert primary["SIMULATD"] is True
            assert primary["FILENAME"].strip() == path.name
            assert primary["NEXTEND"] == len(hdus) - 1
            is_jitter = path.stem.endswith(("jit", "jif")) and path.name[8] == "q"
            last = "j" if is_jitter else path.name[8]
            assert primary["ROOTNAME"].strip() == path.name[:8] + last
            assert all(hdu.data is None or hdu.data.size for hdu in hdus)


def test_headers_are_read_as_astropy_reads_them_and_none_is_handed_over(camera_files):
    for path in sorted(camera_files.glob("*.fits")):
        scanned = read_headers(path, path.stem[10:]).headers
        with fits.open(path) as hdus:
            assert len(scanned) == len(hdus)
            for header, hdu in zip(scanned, hdus, strict=True):
                assert header.handed_over == ()
                assert header.unreadable == ()
                repeated = {keyword for keyword, _ in header.repeated}
                for keyword, value in header.values.items():
                    if keyword not in repeated:
                        assert value == hdu.header[keyword], (path.name, keyword)


def test_a_wfc_flt_has_about_890_cards_in_seven_extensions(camera_files):
    with fits.open(camera_files / WFC_FLT) as hdus:
        assert [hdu.name for hdu in hdus] == CHIP_PAIR
        assert [hdu.ver for hdu in hdus[1:]] == [1, 1, 1, 2, 2, 2]
        assert 870 < sum(len(hdu.header) for hdu in hdus) < 930
        assert [hdus["SCI", extver].header["CCDCHIP"] for extver in (1, 2)] == [2, 1]


def test_a_raw_file_has_about_500_cards_and_constant_errors_and_flags(camera_files):
    with fits.open(camera_files / "js0001a1q_raw.fits") as hdus:
        assert [hdu.name for hdu in hdus] == CHIP_PAIR
        assert 450 < sum(len(hdu.header) for hdu in hdus) < 620
        for hdu in (hdus["ERR", 1], hdus["DQ", 2]):
            header = hdu.header
            assert (header["NAXIS"], header["PIXVALUE"]) == (0, 0)
            assert (header["NPIX2"], header["NPIX1"]) == hdus["SCI", 1].shape


def test_an_spt_has_two_headers_of_about_280_cards(camera_files):
    with fits.open(camera_files / "js0001a1q_spt.fits") as hdus:
        assert [hdu.name for hdu in hdus] == ["PRIMARY", "UDL"]
        assert all(250 < len(hdu.header) < 350 for hdu in hdus)
        assert hdus[0].header["PROP_TYP"].strip() == "GO"
        assert hdus[0].header["PROPTTL1"].strip()
        assert hdus[0].header["PR_INV_L"].strip() == "Simulator"


@pytest.mark.parametrize(("real", "simulated"), REAL_LIKE)
def test_no_keyword_of_real_files_is_missing_but_those_named(
    real, simulated, camera_files, real_archive
):
    path = find_real(real_archive, real)
    with fits.open(path) as hdus:
        extensions = min(len(hdus), 6)
    for number in range(extensions):
        missing = keywords_of(path, number) - keywords_of(
            camera_files / f"{simulated}.fits", number
        )
        assert missing == MISSING.get((real, number), set())


@pytest.mark.parametrize(("real", "simulated"), REAL_LIKE)
def test_values_have_the_types_that_they_have_in_real_files(
    real, simulated, camera_files, real_archive
):
    with (
        fits.open(find_real(real_archive, real)) as true,
        fits.open(camera_files / f"{simulated}.fits") as made,
    ):
        for number in range(min(len(true), 6)):
            header = made[number].header
            for card in true[number].header.cards:
                if card.keyword in {"", "COMMENT", "HISTORY"} or card.keyword not in header:
                    continue
                kinds = {type(card.value), type(header[card.keyword])}
                assert len(kinds) == 1 or kinds == {int, float}, card.keyword


def test_all_kinds_of_values_and_cards_occur(camera_files):
    with fits.open(camera_files / "js0001a6q_flt.fits") as hdus:
        primary = hdus[0].header
        kinds = {type(value) for value in primary.values()}
        assert kinds >= {str, bool, int, float}
        assert {"COMMENT", "HISTORY", ""} <= set(primary)
        assert len(primary["SIMNOTE"]) > 130  # over three cards
        assert hdus[1].header["D2IM1.AXIS.2"] == 2.0
        assert primary["BIASFILE"].startswith("jref$")


def test_some_keywords_are_in_some_files_only(camera_files):
    has = {
        path.name: "PATTERN2" in fits.getheader(path)
        for path in sorted(camera_files.glob("js*_raw.fits"))
    }
    assert 0 < sum(has.values()) < len(has)
    assert "CTE_NAME" in fits.getheader(camera_files / "js0001a1q_flc.fits")
    assert "CTE_NAME" not in fits.getheader(camera_files / WFC_FLT)


def test_measurements_scatter_from_exposure_to_exposure(camera_files):
    values = {
        fits.getheader(camera_files / f"js0001a{number}q_spt.fits", 1)["JWRGABHI"]
        for number in (1, 2, 4, 5)
    }
    assert len(values) == 4
    assert all(abs(value - 8.364) < 0.05 for value in values)


def test_a_drizzled_file_tells_of_every_chip_of_every_input(camera_files):
    with fits.open(camera_files / "js0001010_drz.fits") as hdus:
        primary = hdus[0].header
        assert [hdu.name for hdu in hdus] == ["PRIMARY", "SCI", "WHT", "CTX"]
        inputs = [primary[f"D{number:03d}DATA"] for number in range(1, primary["NDRIZIM"] + 1)]
        assert [name.strip() for name in inputs] == [
            f"js0001a{member}q_flt.fits[sci,{extver}]" for member in (1, 2) for extver in (1, 2)
        ]
        assert "D005VER" not in primary
        assert sum(re.fullmatch(r"D\d{3}[A-Z]+", keyword) is not None for keyword in primary) == 68
        assert primary["TEXPTIME"] == primary["EXPTIME"] == 820.0
        assert hdus["SCI"].header["BUNIT"].strip() == "ELECTRONS/S"


def test_a_repaired_association_has_both_exposures_in_each_pixel(camera_files):
    with fits.open(camera_files / "js0001010_crj.fits") as hdus:
        assert [hdu.name for hdu in hdus] == CHIP_PAIR
        assert hdus[0].header["CRCORR"].strip() == "COMPLETE"
        assert hdus["SCI", 2].header["NCOMBINE"] == 2


def test_jitter_files_have_an_extension_for_each_exposure(camera_files):
    for rootname, exposures in (("js0001a1q", 1), ("js0001010", 2)):
        with fits.open(camera_files / f"{rootname}_jit.fits") as hdus:
            assert [hdu.name for hdu in hdus[1:]] == ["jit"] * exposures
            assert hdus[0].header["INSTRUME"].strip() == "FGS"
            assert "DETECTOR" not in hdus[0].header
            for hdu in hdus[1:]:
                assert len(hdu.columns) == 28
                assert np.all(np.diff(hdu.data["Seconds"]) == 3.0)
        with fits.open(camera_files / f"{rootname}_jif.fits") as hdus:
            assert len(hdus) == 1 + exposures
            assert hdus[1].data.shape == (64, 64)
            assert hdus[1].header["DATAMAX"] == hdus[1].data.max()


def test_switches_say_what_was_done(camera_files):
    expected = {
        "js0001a1q": ("PERFORM", "COMPLETE", "COMPLETE"),
        "js0001a4q": ("OMIT", "OMIT", "COMPLETE"),
        "js0001a5q": ("OMIT", "OMIT", "OMIT"),
    }
    for rootname, (raw_dark, dark, bias) in expected.items():
        raw = fits.getheader(camera_files / f"{rootname}_raw.fits")
        flt = fits.getheader(camera_files / f"{rootname}_flt.fits")
        assert raw["DARKCORR"].strip() == raw_dark
        assert flt["DARKCORR"].strip() == dark
        assert flt["BIASCORR"].strip() == bias
        assert flt["BLEVCORR"].strip() == "COMPLETE"
        assert flt["CAL_VER"].strip()
        assert not raw["CAL_VER"].strip()


def test_statistics_in_headers_are_those_of_the_pixels(camera_files):
    with fits.open(camera_files / WFC_FLT) as hdus:
        for extver in (1, 2):
            header, pixels = hdus["SCI", extver].header, hdus["SCI", extver].data
            good = (hdus["DQ", extver].data & header["SDQFLAGS"]) == 0
            assert header["NGOODPIX"] == good.sum()
            assert header["GOODMAX"] == pytest.approx(pixels[good].max())
            assert header["GOODMEAN"] == pytest.approx(pixels[good].mean(dtype=float))
    with fits.open(camera_files / "js0001a1q_raw.fits") as hdus:
        assert hdus[1].header["DATAMIN"] == hdus[1].data.min()


def test_both_chips_have_one_sky(camera_files):
    """The middle of the detector has the target's coordinates, from either chip."""
    with fits.open(camera_files / WFC_FLT) as hdus:
        target = hdus[0].header["RA_TARG"], hdus[0].header["DEC_TARG"]
        rows = hdus["SCI", 1].shape[0]
        gap = 50 / 8
        for extver, row in ((1, rows + gap / 2 - 0.5), (2, -gap / 2 - 0.5)):
            sky = WCS(hdus["SCI", extver].header).all_pix2world([[255.5, row]], 0)[0]
            np.testing.assert_allclose(sky, target, atol=1e-6)


@pytest.mark.parametrize(
    ("rootname", "expected"),
    [
        # 1024 x 1024 pixels at the upper left corner of chip 1, with 24 columns of overscan.
        ("js0001a8q", {"SIZAXIS1": 1048, "SIZAXIS2": 1024, "CENTERA1": 524, "CENTERA2": 1556}),
        # 1025 x 1024 pixels at the lower left corner of chip 2, with 25 columns of overscan.
        ("is0001a7q", {"SIZAXIS1": 1050, "SIZAXIS2": 1024, "CENTERA1": 525, "CENTERA2": 512}),
    ],
)
def test_a_subarray_says_where_it_is(rootname, expected, camera_files):
    for filetype in ("raw", "flt"):
        with fits.open(camera_files / f"{rootname}_{filetype}.fits") as hdus:
            assert hdus[0].header["SUBARRAY"] is True
            assert len(hdus[0].header["CCDAMP"].strip()) == 1
            header = hdus["SCI", 1].header
            assert len(hdus) == 4
            assert header["CCDCHIP"] == (1 if rootname[0] == "j" else 2)
            assert {keyword: header[keyword] for keyword in expected} == expected
            left = 3 if filetype == "raw" else 0
            first_row = 128 if rootname[0] == "j" else 0
            assert round(header["LTV1"]) == left
            assert round(header["LTV2"]) == -first_row
            assert header["LTM1_1"] == 1 / 8
            assert hdus["SCI", 1].shape == (128, 128 + left)


def test_full_frames_say_so(camera_files):
    for rootname, detector in (("js0001a1q", "WFC"), ("is0001a1q", "IR"), ("js0001a7q", "SBC")):
        header = fits.getheader(camera_files / f"{rootname}_raw.fits")
        assert header["SUBARRAY"] is False
        assert header["DETECTOR"].strip() == detector
