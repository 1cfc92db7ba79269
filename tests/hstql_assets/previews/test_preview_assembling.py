"""Pictures of detectors: which chip is above, the gap, what is up and left, subarrays in place."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from builders.preview_files import detector, save, science, sky, source
from hstql_assets.images.detectors import Detector
from hstql_assets.previews.assembling import OUTLINE
from hstql_assets.previews.image_pictures import draw_images
from hstql_assets.previews.picture_files import QUALITY, Drawn
from hstql_assets.previews.stretching import NO_DATA

BRIGHT, FAINT = 180, 130  # grey levels that tell a mark from the sky
BIN = 8
JPEG_LEVELS = 30  # a level may be changed by so much in a noisy picture


def mark(values: np.ndarray, row: int, column: int, size: int = 8) -> np.ndarray:
    """Return the image with a bright square; row and column are those of its lower left corner."""
    marked = values.copy()
    marked[row : row + size, column : column + size] = 5000.0
    return marked


def draw(path: Path) -> Drawn:
    (drawn,) = draw_images(source(path))
    return drawn


def levels(drawn: Drawn) -> np.ndarray:
    """Grey levels, row 0 at the bottom as in the file."""
    return np.asarray(drawn.image)[::-1].astype(int)


def raw_chip(one: Detector, chip: int, light: np.ndarray, overscan: float) -> np.ndarray:
    """A raw image of a chip, around the pixels that see light."""
    side, middle, lost = (
        number // BIN for number in (one.physical_columns, one.middle_columns, one.virtual_rows)
    )
    half = light.shape[1] // 2
    columns = [np.full((light.shape[0], width), overscan) for width in (side, middle, side)]
    row = np.hstack([columns[0], light[:, :half], columns[1], light[:, half:], columns[2]])
    virtual = np.full((lost, row.shape[1]), overscan)
    stack = [virtual, row] if chip == 1 else [row, virtual]
    return np.vstack(stack).astype(np.uint16)


def chips(one: Detector) -> tuple[np.ndarray, np.ndarray]:
    """Pixels of chip 2 and 1, each with a mark at another place."""
    rows, columns = one.rows // BIN, one.columns // BIN
    return mark(sky(rows, columns, 1), 10, 20), mark(sky(rows, columns, 2), 200, 400)


def write_chips(
    path: Path, one: Detector, pair: tuple[np.ndarray, np.ndarray], overscan: float | None
) -> Path:
    hdus: list[fits.ImageHDU] = []
    for version, (chip, light) in enumerate(zip((2, 1), pair, strict=True), 1):
        values = light if overscan is None else raw_chip(one, chip, light, overscan)
        hdus += science(values, version, CCDCHIP=chip, BINAXIS1=BIN, BINAXIS2=BIN)
    return save(path, one.name, hdus)


@pytest.mark.parametrize(
    ("instrument", "name", "first"), [("acs", "WFC", "j"), ("wfc3", "UVIS", "i")]
)
@pytest.mark.parametrize("overscan", [None, 65000.0])
def test_chip_1_is_above_chip_2_with_the_gap_between_and_row_0_at_the_bottom(
    tmp_path: Path, instrument: str, name: str, first: str, overscan: float | None
) -> None:
    one = detector(instrument, name)
    filetype = "flt" if overscan is None else "raw"
    path = tmp_path / f"{first}aaa00aaq_{filetype}.fits"
    drawn = draw(write_chips(path, one, chips(one), overscan))
    picture = levels(drawn)
    rows, gap = one.rows // BIN, one.gap_rows // BIN
    assert picture.shape == (2 * rows + gap, one.columns // BIN)
    assert (picture[rows : rows + gap] == NO_DATA).all()
    expected = np.zeros(picture.shape, bool)
    expected[10:18, 20:28] = True
    expected[rows + gap + 200 : rows + gap + 208, 400:408] = True
    assert (picture[expected] > 250).all()
    others = ~expected
    others[rows : rows + gap] = False
    assert picture[others].max() < 250
    assert (drawn.place, drawn.note, drawn.version) == (None, None, 1)
    assert drawn.high is not None
    assert 110 < drawn.high < 116  # of the sky: neither marks nor overscan


def test_a_saved_picture_keeps_the_pattern(tmp_path: Path) -> None:
    one = detector("acs", "WFC")
    drawn = draw(write_chips(tmp_path / "jaaa00aaq_flt.fits", one, chips(one), None))
    drawn.image.save(tmp_path / "picture.jpg", quality=QUALITY)
    with Image.open(tmp_path / "picture.jpg") as image:
        assert image.mode == "L"
        saved = np.asarray(image).astype(int)
    original = np.asarray(drawn.image).astype(int)
    assert np.percentile(np.abs(saved - original), 99) < JPEG_LEVELS
    assert saved[-14, 24] > BRIGHT
    assert abs(int(saved[260, 100]) - NO_DATA) < 12  # in the gap, 6 rows high


def test_a_missing_chip_is_grey_with_an_outline(tmp_path: Path) -> None:
    one = detector("acs", "WFC")
    lower, _ = chips(one)
    hdus = science(lower, 1, CCDCHIP=2, BINAXIS1=BIN, BINAXIS2=BIN)
    drawn = draw(save(tmp_path / "jaaa00aaq_flt.fits", "WFC", hdus))
    upper = levels(drawn)[256 + 6 :]
    assert set(np.unique(upper)) == {NO_DATA, OUTLINE}
    assert (upper[5:-5, 5:-5] == NO_DATA).all()
    assert drawn.place == "WFC: 512 x 256 pixels from column 1, row 1 of chip 2"


def test_a_large_subarray_lies_in_its_place_on_the_detector(tmp_path: Path) -> None:
    hdus = science(mark(sky(800, 700), 0, 0), LTV1=-200.0, LTV2=-100.0)
    drawn = draw(save(tmp_path / "jaaa00aaq_flt.fits", "HRC", hdus, SUBARRAY=True))
    picture = levels(drawn)
    assert picture.shape == (1024, 1024)
    assert picture[104, 204] == 255
    outside = np.ones(picture.shape, bool)
    outside[100:900, 200:900] = False
    assert set(np.unique(picture[outside])) == {NO_DATA, OUTLINE}
    assert drawn.place == "HRC: 700 x 800 pixels from column 201, row 101 of chip 1"


def test_a_small_subarray_is_shown_alone_and_its_place_is_told(tmp_path: Path) -> None:
    hdus = science(mark(sky(512, 600), 0, 0), CCDCHIP=1, LTV1=-1000.0, LTV2=-300.0)
    drawn = draw(save(tmp_path / "jaaa00aaq_flt.fits", "WFC", hdus, SUBARRAY=True))
    picture = levels(drawn)
    assert picture.shape == (512, 600)
    assert picture[4, 4] == 255
    assert drawn.place == "WFC: 600 x 512 pixels from column 1001, row 301 of chip 1"


def test_the_place_of_a_binned_subarray_counts_from_its_own_chip(tmp_path: Path) -> None:
    keywords = {"CCDCHIP": 1, "LTV1": -7.0, "LTV2": -30.0, "BINAXIS1": BIN, "BINAXIS2": BIN}
    hdus = science(sky(64, 64), **keywords)
    drawn = draw(save(tmp_path / "iaaa00aaq_flt.fits", "UVIS", hdus, SUBARRAY=True))
    assert drawn.place == "UVIS: 64 x 64 pixels from column 8, row 31 of chip 1"


def test_an_offset_beyond_the_detector_does_not_make_a_huge_picture(tmp_path: Path) -> None:
    for name, letter in (("IR", "i"), ("WFC", "j")):
        hdus = science(sky(64, 64), LTV1=-1e9, LTV2=1e12)
        path = save(tmp_path / f"{letter}aaa00aaq_flt.fits", name, hdus, SUBARRAY=True)
        assert draw(path).image.size == (64, 64)


def test_of_the_reads_of_the_infrared_detector_only_the_last_is_drawn(tmp_path: Path) -> None:
    hdus = [
        hdu
        for version in (1, 2, 3)
        for hdu in science(mark(sky(1024, 1024), 100 * version, 50), version)
    ]
    for filetype in ("ima", "raw"):
        drawn = draw(save(tmp_path / f"iaaa00aaq_{filetype}.fits", "IR", hdus))
        picture = levels(drawn)
        assert picture.shape == (1014, 1014)
        assert (picture[99, 49], picture[199, 49] < BRIGHT) == (255, True)


def test_repeats_that_are_no_chips_are_pictures_of_their_own(tmp_path: Path) -> None:
    hdus = science(sky(64, 64), 1) + science(sky(32, 48), 2)
    path = save(tmp_path / "oaaa00aaq_raw.fits", "FUV-MAMA", hdus)
    drawn = draw_images(source(path))
    assert [(one.version, one.image.size) for one in drawn] == [(1, (64, 64)), (2, (48, 32))]


def test_a_drizzled_image_is_as_it_is_and_without_data_it_is_grey(tmp_path: Path) -> None:
    values = mark(sky(1500, 1300), 40, 30)
    values[:, 800:] = 0
    path = save(tmp_path / "jaaa00010_drz.fits", "HRC", science(values))
    picture = levels(draw(path))
    assert picture.shape == (1500, 1300)
    assert picture[44, 34] == 255
    assert (picture[:, 800:] == NO_DATA).all()


def test_pixels_without_a_value_are_grey_and_the_rest_is_as_ever(tmp_path: Path) -> None:
    values = mark(sky(1024, 1024), 10, 10)
    values[500:600, 200:] = np.nan
    picture = levels(draw(save(tmp_path / "jaaa00aaq_flt.fits", "SBC", science(values))))
    assert (picture[500:600, 200:] == NO_DATA).all()
    assert picture[14, 14] == 255
    assert len(np.unique(picture[:500])) > 100


def test_flagged_pixels_are_drawn_but_do_not_count(tmp_path: Path) -> None:
    values, flags = sky(1024, 1024), np.zeros((1024, 1024))
    values[:512], flags[:512] = 60000.0, 8192
    path = save(tmp_path / "jaaa00aaq_flt.fits", "SBC", science(values, flags=flags))
    drawn = draw(path)
    assert drawn.high is not None
    assert drawn.high < 120
    assert (levels(drawn)[:512] == 255).all()
