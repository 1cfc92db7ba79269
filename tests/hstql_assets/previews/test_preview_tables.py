"""Pictures of spectra and events: units, flags, orders, and where events are."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.preview_files import event_file, source, spectrum_file
from hstql_assets.previews.event_pictures import draw_events
from hstql_assets.previews.spectra import Piece, read_extracted
from hstql_assets.previews.spectrum_pictures import (
    HEIGHT,
    WIDTH,
    average,
    choose_factor,
    draw_spectra,
)
from hstql_assets.spectra.good_pixels import HARMLESS
from hstql_resources.fits.errors import FitsError

FLUX_UNIT = "erg /s /cm**2 /angstrom"


def cos_columns(pixels: int = 1000) -> dict[str, tuple[str, str, np.ndarray]]:
    """Two segments with a flux of 1 and 2, each pixel an Angstrom."""
    wavelength = np.arange(pixels) + np.array([[1300.0], [1100.0]])
    flux = np.ones((2, pixels)) * [[1.0], [2.0]]
    return {
        "SEGMENT": ("4A", "", np.array(["FUVA", "FUVB"])),
        "WAVELENGTH": (f"{pixels}D", "angstrom", wavelength),
        "FLUX": (f"{pixels}E", FLUX_UNIT, flux),
        "ERROR": (f"{pixels}E", FLUX_UNIT, flux / 10),
        "NET": (f"{pixels}E", "count /s", 5 * flux),
        "DQ_WGT": (f"{pixels}E", "", np.ones((2, pixels))),
    }


def stis_columns(flags: np.ndarray) -> dict[str, tuple[str, str, np.ndarray]]:
    """One order with a flux of 3."""
    size = len(flags)
    return {
        "SPORDER": ("I", "", np.array([66])),
        "WAVELENGTH": (f"{size}D", "Angstroms", 2000.0 + np.arange(size)[None]),
        "FLUX": (f"{size}E", "erg/s/cm**2/Angstrom", np.full((1, size), 3.0)),
        "ERROR": (f"{size}E", "erg/s/cm**2/Angstrom", np.full((1, size), 0.1)),
        "DQ": (f"{size}I", "", flags[None].astype(np.int16)),
    }


def test_segments_and_units_are_as_in_the_file(tmp_path: Path) -> None:
    path = spectrum_file(tmp_path / "laaa00aaq_x1d.fits", cos_columns())
    (spectrum,) = read_extracted(path)
    assert (spectrum.quantity, spectrum.unit) == ("FLUX", FLUX_UNIT)
    assert [piece.name for piece in spectrum.pieces] == ["FUVA", "FUVB"]
    assert spectrum.pieces[1].wavelength[0] == 1100.0
    np.testing.assert_array_equal(spectrum.pieces[1].value, 2.0)


def test_pixels_without_weight_are_left_out(tmp_path: Path) -> None:
    columns = cos_columns(100)
    columns["DQ_WGT"][2][0, :30] = 0
    columns["DQ_WGT"][2][1] = 0
    columns["FLUX"][2][0, 50] = np.nan
    (spectrum,) = read_extracted(spectrum_file(tmp_path / "laaa00aaq_x1d.fits", columns))
    (piece,) = spectrum.pieces
    assert len(piece.value) == 69
    assert piece.wavelength[0] == 1330.0


def test_serious_flags_leave_pixels_out_and_harmless_ones_do_not(tmp_path: Path) -> None:
    flags = np.zeros(100, int)
    flags[:10], flags[10:20], flags[20:30] = 512, 1024, HARMLESS
    path = spectrum_file(tmp_path / "oaaa00010_x1d.fits", stis_columns(flags), SDQFLAGS=31743)
    (spectrum,) = read_extracted(path)
    assert spectrum.pieces[0].name == "66"
    np.testing.assert_array_equal(spectrum.pieces[0].wavelength, 2010.0 + np.arange(90))


def test_without_flux_the_count_rate_is_drawn_and_said_so(tmp_path: Path) -> None:
    columns = cos_columns()
    columns["FLUX"][2][:] = 0
    path = spectrum_file(tmp_path / "laaa00aaq_x1d.fits", columns)
    (spectrum,) = read_extracted(path)
    assert (spectrum.quantity, spectrum.unit) == ("NET", "count /s")
    np.testing.assert_array_equal(spectrum.pieces[0].value, 5.0)
    (drawn,) = draw_spectra(source(path))
    assert drawn.unit == "count /s"


def test_the_mean_of_neighbours_has_the_error_of_a_mean() -> None:
    piece = Piece("A", np.arange(10.0), np.arange(10.0) ** 2, np.full(10, 2.0))
    mean = average(piece, 4)
    np.testing.assert_allclose(mean.wavelength, [1.5, 5.5, 8.5])
    np.testing.assert_allclose(mean.value, [3.5, 31.5, 72.5])
    np.testing.assert_allclose(mean.error, [1.0, 1.0, 2**0.5])
    assert average(piece, 1) is piece


@pytest.mark.parametrize(("pixels", "error", "factor"), [
    (16_384, 0.1, 9), (16_384, 3.0, 36), (1000, 3.0, 4), (400, 3.0, 1), (1000, np.nan, 1),
    (1000, 0.0, 1), (1, 3.0, 1),
])  # fmt: skip
def test_noise_is_averaged_until_a_spectrum_can_be_seen(
    pixels: int, error: float, factor: int
) -> None:
    flux = np.random.default_rng(3).normal(1.0, 0.0 if np.isnan(error) else error, pixels)
    piece = Piece("FUVA", np.arange(pixels, dtype=float), flux, np.full(pixels, error))
    assert choose_factor([piece, piece]) == factor


def test_a_flux_is_drawn_at_its_height_and_flagged_pixels_are_not(tmp_path: Path) -> None:
    columns = cos_columns()
    columns["FLUX"][2][1, 400:600] = 50.0
    columns["DQ_WGT"][2][1, 400:600] = 0
    (drawn,) = draw_spectra(source(spectrum_file(tmp_path / "laaa00aaq_x1d.fits", columns)))
    assert drawn.image.size == (WIDTH, HEIGHT)
    assert drawn.low == pytest.approx(-0.2)
    assert drawn.high == pytest.approx(2.2)
    coloured = np.asarray(drawn.image).astype(int)
    is_blue = (coloured[..., 2] - coloured[..., 0] > 80)[:, : WIDTH // 2 * 2]
    assert is_blue.any()


def test_airglow_does_not_set_the_axis(tmp_path: Path) -> None:
    columns = cos_columns()
    wavelength = columns["WAVELENGTH"][2]
    columns["FLUX"][2][np.abs(wavelength - 1215.7) < 5] = 1e5
    (drawn,) = draw_spectra(source(spectrum_file(tmp_path / "laaa00aaq_x1d.fits", columns)))
    assert drawn.high == pytest.approx(2.2)


def test_values_that_are_mostly_noise_do_not_set_the_axis_and_bright_lines_do(
    tmp_path: Path,
) -> None:
    columns = cos_columns()
    flux, error = columns["FLUX"][2], columns["ERROR"][2]
    flux[0, :100], error[0, :100] = np.tile([500.0, -500.0], 50), 400.0
    (noisy,) = draw_spectra(source(spectrum_file(tmp_path / "laaa00aaq_x1d.fits", columns)))
    assert noisy.high == pytest.approx(2.2)
    flux[0, :100], error[0, :100] = 500.0, 10.0
    (bright,) = draw_spectra(source(spectrum_file(tmp_path / "laaa00abq_x1d.fits", columns)))
    assert bright.high is not None
    assert bright.high > 500


def test_a_spectrum_without_a_good_pixel_says_so_in_a_picture(tmp_path: Path) -> None:
    path = spectrum_file(
        tmp_path / "oaaa00010_x1d.fits", stis_columns(np.full(50, 512)), SDQFLAGS=31743
    )
    (drawn,) = draw_spectra(source(path))
    assert drawn.note == "No pixel of oaaa00010_x1d.fits is good."
    assert drawn.image.size == (WIDTH, HEIGHT)


def test_several_tables_are_several_pictures(tmp_path: Path) -> None:
    path = spectrum_file(tmp_path / "oaaa00010_x1d.fits", stis_columns(np.zeros(50, int)))
    with fits.open(path, mode="append") as file:
        again = file[1].copy()
        again.header["EXTVER"] = 2
        file.append(again)
    assert [drawn.version for drawn in draw_spectra(source(path))] == [1, 2]


def test_orders_of_one_pixel_are_orders(tmp_path: Path) -> None:
    columns = {
        "WAVELENGTH": ("D", "Angstroms", np.array([2000.0, 3000.0])),
        "FLUX": ("E", "erg/s/cm**2/Angstrom", np.array([1.0, 2.0])),
    }
    path = spectrum_file(tmp_path / "oaaa00010_x1d.fits", columns)
    (spectrum,) = read_extracted(path)
    assert [(piece.name, piece.value[0]) for piece in spectrum.pieces] == [("1", 1.0), ("2", 2.0)]
    assert draw_spectra(source(path))[0].note is None


def events_at(path: Path, name: str, places: list[tuple[float, float]], columns: str) -> np.ndarray:
    """Grey levels with row 0 at the bottom."""
    x, y = np.array(places).T
    (drawn,) = draw_events(source(event_file(path, name, x, y, columns)))
    return np.asarray(drawn.image)[::-1]


def test_events_lie_where_they_were_detected(tmp_path: Path) -> None:
    places = [(8000.0, 500.0), (8007.4, 501.4), (16383.0, 0.0), (0.0, 1023.4), (0.4, -0.4)]
    levels = events_at(tmp_path / "laaa00aaq_corrtag_a.fits", "FUV", places, "XCORR YCORR")
    assert levels.shape == (512, 2048)
    lit = {(int(row), int(column)) for row, column in np.argwhere(levels)}
    assert lit == {(250, 1000), (0, 2047), (511, 0), (0, 0)}
    assert levels[250, 1000] > levels[0, 2047]


@pytest.mark.parametrize(
    ("filename", "name", "columns", "shape"),
    [
        ("laaa00aaq_rawtag.fits", "NUV", "RAWX RAWY", (1024, 1024)),
        ("laaa00aaq_rawtag_b.fits", "FUV", "RAWX RAWY", (512, 2048)),
        ("oaaa00010_tag.fits", "NUV-MAMA", "AXIS1 AXIS2", (1024, 1024)),
    ],
)
def test_each_detector_has_its_size(
    tmp_path: Path, filename: str, name: str, columns: str, shape: tuple[int, int]
) -> None:
    assert events_at(tmp_path / filename, name, [(10, 20), (30, 40)], columns).shape == shape


def test_events_outside_the_detector_and_without_a_place_are_left_out(tmp_path: Path) -> None:
    places = [(np.nan, 5.0), (-9999.0, 5.0), (5.0, 1024.0), (1e30, 1e30), (7.0, 9.0), (8.0, 9.0)]
    levels = events_at(tmp_path / "laaa00aaq_corrtag.fits", "NUV", places, "XCORR YCORR")
    assert np.argwhere(levels).tolist() == [[9, 7], [9, 8]]


def test_no_events_are_a_grey_picture_that_says_so(tmp_path: Path) -> None:
    none = np.zeros(0)
    path = event_file(tmp_path / "laaa00aaq_corrtag.fits", "NUV", none, none, "XCORR YCORR")
    (drawn,) = draw_events(source(path))
    assert drawn.note == "There are no events."


def test_events_without_a_position_or_of_an_unknown_detector_are_refused(tmp_path: Path) -> None:
    some = np.ones(3)
    lost = event_file(tmp_path / "laaa00aaq_corrtag.fits", "NUV", some, some, "TIME PHA")
    strange = event_file(tmp_path / "laaa00abq_corrtag.fits", "X", some, some, "XCORR YCORR")
    for path, words in ((lost, "without a position"), (strange, "not known")):
        with pytest.raises(FitsError, match=words):
            draw_events(source(path))
