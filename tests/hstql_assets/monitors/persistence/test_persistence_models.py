"""What charge leaves some time later: the two models against numbers worked out by hand."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from hstql_assets.monitors.persistence.models import read_table_model
from hstql_assets.monitors.persistence.settings import load_settings, read_settings
from hstql_resources.fits.errors import FitsError


def charge(*electrons: float) -> np.ndarray:
    return np.array(electrons, np.float32)


def test_the_fermi_model_has_the_published_numbers() -> None:
    model = load_settings().fermi
    # Half of 0.3 at its middle after 1000 s, and ten times as long after 10 ** -1.022 of that.
    assert model.predict(charge(83_400.0), 1000.0, 300.0) == pytest.approx(0.15)
    assert model.predict(charge(83_400.0), 10_000.0, 9.0) == pytest.approx(0.15 * 10**-1.022)
    bright = model.predict(charge(834_000.0), 1000.0, 300.0)
    assert bright == pytest.approx(0.3 * 10**0.159)


def test_odd_charges_leave_nothing_or_remain_unknown() -> None:
    found = load_settings().fermi.predict(charge(0.0, -1e9, np.nan, 1e30), 1000.0, 300.0)
    assert found[:2] == pytest.approx(0.0, abs=1e-4)
    assert np.isnan(found[2])
    assert np.isfinite(found[3])


def write_table(path: Path, *tables: tuple[float, list[float]], name: str = "stim") -> Path:
    hdus: list[object] = [fits.PrimaryHDU()]
    for time_s, charges in tables:
        columns = [
            fits.Column(name, "D", array=charges),
            fits.Column("a", "D", array=[time_s * one for one in charges]),
            fits.Column("gamma", "D", array=[1.0 for _ in charges]),
        ]
        hdus.append(fits.BinTableHDU.from_columns(columns, fits.Header({"EXP": time_s})))
    fits.HDUList(hdus).writeto(path)
    return path


def test_a_table_is_interpolated_in_time_and_charge_and_stays_beyond_its_ends(
    tmp_path: Path,
) -> None:
    model = read_table_model(
        write_table(tmp_path / "a.fits", (300.0, [10.0, 20.0]), (100.0, [10.0, 20.0]))
    )
    found = model.predict(charge(15.0, 99.0, 5.0), 2000.0, 200.0)
    assert found == pytest.approx([200.0 * 15.0 / 2.0, 200.0 * 20.0 / 2.0, 0.0])
    assert model.predict(charge(20.0), 1000.0, 9999.0) == pytest.approx(300.0 * 20.0)
    assert model.predict(charge(20.0), 1000.0, 1.0) == pytest.approx(100.0 * 20.0)


@pytest.mark.parametrize(
    ("tables", "name", "words"),
    [
        ((), "stim", "no extension"),
        (((1.0, [1.0, 2.0]),), "charge", "no table"),
        (((1.0, [2.0, 1.0]),), "stim", "do not ascend"),
        (((1.0, [1.0, np.inf]),), "stim", "no numbers"),
        (((1.0, [1.0, 2.0]), (2.0, [1.0, 3.0])), "stim", "other charges"),
        (((1.0, [1.0, np.nan]),), "stim", "do not ascend"),
    ],
)
def test_what_is_no_table_is_refused(
    tmp_path: Path, tables: tuple[tuple[float, list[float]], ...], name: str, words: str
) -> None:
    with pytest.raises(FitsError, match=words):
        read_table_model(write_table(tmp_path / "a.fits", *tables, name=name))
    (tmp_path / "b.fits").write_text("no FITS")
    with pytest.raises(FitsError):
        read_table_model(tmp_path / "b.fits")


def test_a_misspelt_name_in_the_settings_is_refused() -> None:
    text = "instrument = 'wfc3'\nhour = 16.0\n"
    with pytest.raises(ValueError, match="hour"):
        read_settings(text)
