"""Where airglow is: the image of the aperture, in the mode's wavelengths."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from hstql_assets.science.airglow import (
    AIRGLOW_WINDOWS_ANGSTROM,
    DOPPLER,
    describe_airglow,
    find_airglow,
)


@pytest.mark.parametrize("opt_elem", ["G130M", "G140L"])
@pytest.mark.parametrize("aperture", ["PSA", "BOA"])
def test_cos_has_the_windows_of_hstlc(opt_elem: str, aperture: str) -> None:
    windows = find_airglow("COS", opt_elem, aperture)
    assert windows == AIRGLOW_WINDOWS_ANGSTROM
    per_column = {"G130M": 0.00997, "G140L": 0.0803}[opt_elem]
    half = 55 * per_column  # of 2.5 arcsec at 0.0229 to a column
    for (first, last), lines in zip(windows, ((1215.67,), (1302.168, 1306.029)), strict=True):
        assert first < min(lines) - half + 0.3
        assert last > max(lines) + half


def test_a_wide_slit_has_its_width_and_five_columns_on_each_side() -> None:
    (alpha, _) = find_airglow("STIS", "G140M", "52X2")
    half = (2 / 2 / 0.0246 + 5) * 0.0533 + 1215.67 * 38 / 299792.458
    assert alpha == pytest.approx((1215.67 - half, 1215.67 + half), abs=1e-6)


def test_the_lines_of_oxygen_are_apart_in_an_echelle() -> None:
    windows = find_airglow("STIS", "E140H", "0.2X0.09")
    middles = [(first + last) / 2 for first, last in windows]
    assert middles == pytest.approx([1215.67, 1302.168, 1304.858, 1306.029])
    assert windows[0][1] - windows[0][0] == pytest.approx(0.38, abs=0.02)
    assert describe_airglow(windows).startswith("1215.48-1215.86 and 1301.96-1302.37 and ")
    assert windows[0][1] - windows[0][0] > 2 * DOPPLER * 1215.67


@pytest.mark.parametrize(
    ("opt_elem", "aperture"),
    [
        ("G140M", "52X0.1"), ("G140L", "52X0.2"), ("G140M", "52X0.05E1"), ("G140L", "31X0.05NDA"),
        ("G140L", "25MAMA"), ("G140L", "F25QTZ"), ("G230L", "52X2"), ("E230M", "0.2X0.2"),
    ],
)  # fmt: skip
def test_what_the_background_takes_off_and_what_is_not_seen_is_kept(
    opt_elem: str, aperture: str
) -> None:
    assert find_airglow("STIS", opt_elem, aperture) == ()


def test_a_short_slit_of_a_first_order_grating_is_not_in_the_background() -> None:
    assert len(find_airglow("STIS", "G140M", "0.2X0.2")) > 0


def test_the_real_background_has_the_airglow_of_a_narrow_slit(real_archive: Path) -> None:
    """Of odlm21030, G140M through 52X0.1: what the x1d takes off, and where the star shines."""
    table = fits.getdata(real_archive / "odlm" / "odlm21030" / "odlm21030_x1d.fits")
    wave, net, background = (table[name][0] for name in ("WAVELENGTH", "NET", "BACKGROUND"))
    glows = np.abs(wave - 1215.76) < 0.37
    assert background[glows].sum() > 0.85 * background.sum()
    cut = (wave >= 1208) & (wave <= 1225)  # by the windows of COS
    assert net[cut].sum() > 0.9 * net.sum()
