"""A lightcurve of files in Python: what the command makes, with units at the border."""

import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits
from astropy.timeseries import TimeSeries
from PIL.Image import Image

import hstql
from builders.commands import call
from hstql_resources.archive.simulated import SimulatedArchive

NAME = "ls000101q"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the files of one simulated exposure of both segments."""
    folder = tmp_path_factory.mktemp("files")
    archive = SimulatedArchive(1)
    archive.fetch(archive.list_products([NAME])[NAME], folder)
    return folder


@pytest.fixture(scope="module")
def curve(files: Path) -> hstql.Lightcurve:
    events = [files / f"{NAME}_corrtag_{one}.fits" for one in "ab"]
    bands = (1250, 1300) * u.AA
    return hstql.lightcurve(events, str(files / f"{NAME}_x1d.fits"), bin=5 * u.s, wave=bands)


def test_it_is_what_the_command_makes_to_the_byte(
    curve: hstql.Lightcurve, files: Path, tmp_path: Path
) -> None:
    words = [str(files / f"{NAME}_corrtag_{one}.fits") for one in "ab"]
    words += [str(files / f"{NAME}_x1d.fits"), "--alone", "--output", str(tmp_path / "a.fits")]
    done = call(["lightcurve", *words, "--bin", "5", "--wave", "1250", "1300"], {}, tmp_path)
    assert done.returncode == 0, done.stderr
    curve.write(tmp_path / "b.fits")
    assert (tmp_path / "a.fits").read_bytes() == (tmp_path / "b.fits").read_bytes()
    with pytest.raises(FileExistsError, match="overwrite=True"):
        curve.write(tmp_path / "b.fits")
    curve.write(str(tmp_path / "b.fits"), overwrite=True)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.fits", "b.fits"]


def test_each_package_gets_the_same_numbers(curve: hstql.Lightcurve, tmp_path: Path) -> None:
    curve.write(tmp_path / "curve.fits")
    data = fits.getdata(tmp_path / "curve.fits", "LIGHTCURVE")
    table, series = curve.table, curve.to_timeseries()
    with warnings.catch_warnings(action="ignore"):  # lightkurve imports what others deprecated
        light = curve.to_lightkurve()
    assert table["flux"].unit == u.Unit("erg s-1 cm-2 AA-1")
    assert len(table) == len(data) > 10
    assert isinstance(series, TimeSeries)
    assert type(light).__name__ == "LightCurve"
    for times in (table["TIME"], series.time, light.time):
        assert times.scale == "utc"
        np.testing.assert_allclose(times.mjd, data["TIME"], rtol=0, atol=1e-11)
    for values in (table["flux"], series["flux"], light["flux"]):
        np.testing.assert_array_equal(u.Quantity(values).value, data["flux"])
    assert curve.header["STEPSIZE"] == 5
    assert curve.remarks == ()
    picture = curve.plot()
    assert isinstance(picture, Image)
    assert len(picture.getcolors(1 << 20)) > 10


def test_its_file_goes_with_it(files: Path) -> None:
    bands = [(135, 136), (137, 138)] * u.nm
    paths = [files / f"{NAME}_{one}.fits" for one in ("corrtag_a", "x1d")]
    one = hstql.lightcurve(*paths, wave=bands, by_orbit=True, keep_airglow=True)
    assert one.header["FLUXCAL"] is True
    assert one.header["WINMAX2"] == pytest.approx(1380)
    path = one._path
    assert path.exists()
    del one
    assert not path.parent.exists()


@pytest.mark.parametrize(
    ("given", "kind", "said"),
    [
        ({"corrtag": 5}, TypeError, "corrtag is 5 (int): give the path of a file"),
        ({"corrtag": [b"x"]}, TypeError, "corrtag holds b'x' (bytes): give paths of files."),
        ({"corrtag": []}, ValueError, "corrtag is empty: give at least one corrtag file."),
        ({"corrtag": "no.fits"}, FileNotFoundError, "There is no file no.fits, which corrtag"),
        ({"x1d": "no.fits"}, FileNotFoundError, "There is no file no.fits, which x1d names."),
        ({"bin": 5}, TypeError, "bin is 5 (int) without a unit: give a time, such as 5 * u.s."),
        ({"bin": 5 * u.m}, ValueError, "bin is in m: give a time"),
        ({"bin": [1, 2] * u.s}, ValueError, "bin has the shape (2,): give a time"),
        ({"bin": -5 * u.s}, ValueError, "bin_s is -5.0: give a width of more than 0 seconds."),
        ({"wave": (1250, 1300)}, TypeError, "(tuple) without a unit: give two wavelengths"),
        ({"wave": 1250 * u.AA}, ValueError, "wave has the shape (): give two wavelengths"),
        ({"wave": (1 * u.AA, 2 * u.s)}, ValueError, "wave has units that do not go together"),
        ({"wave": (1300, 1250) * u.AA}, ValueError, "the first must be smaller"),
        ({"wave": (3000, 3100) * u.AA}, hstql.NothingToExtract, "no good column from 3000"),
        ({"sun": "up"}, ValueError, "sun is 'up': give \"day\" or \"night\"."),
        ({"name": 5}, TypeError, "name is 5: give that of an extraction as a text."),
        ({"pulse_heights": 5}, TypeError, "pulse_heights is 5: give two numbers"),
        ({"target_sn": "a"}, TypeError, "target_sn is 'a': give a number"),
        ({"corrtag": "X1D"}, hstql.BadExposure, "has no EVENTS table."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_a_sentence(
    files: Path, given: dict[str, Any], kind: type[Exception], said: str
) -> None:
    x1d = files / f"{NAME}_x1d.fits"
    asked = {"corrtag": files / f"{NAME}_corrtag_a.fits", "x1d": x1d, **given}
    if asked["corrtag"] == "X1D":
        asked["corrtag"] = x1d
    with pytest.raises(kind) as refusal:
        hstql.lightcurve(**asked)
    assert said in str(refusal.value)


def test_without_lightkurve_one_is_told_how_to_get_it(
    curve: hstql.Lightcurve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "lightkurve", None)
    with pytest.raises(ImportError, match="'pip install lightkurve' installs it"):
        curve.to_lightkurve()


def test_headers_are_those_that_astropy_reads(files: Path) -> None:
    path = files / f"{NAME}_x1d.fits"
    found = hstql.headers(path)
    with fits.open(path) as hdus:
        assert [one.name for one in found] == ["", *(hdu.name for hdu in hdus[1:])]
        assert all(found[1][key] == hdus[1].header[key] for key in ("EXPTIME", "EXTNAME", "NAXIS2"))
    (files / "bad.fits").write_bytes(b"no FITS")
    with pytest.raises(ValueError, match=r"^bad.fits "):
        hstql.headers(files / "bad.fits")


def test_the_real_exposure_equals_its_x1d(real_archive: Path) -> None:
    folder = real_archive / "ld9m" / "ld9m10ujq"
    events, x1d = (folder / f"ld9m10ujq_{one}.fits" for one in ("corrtag_a", "x1d"))
    header = hstql.lightcurve(events, x1d, bin=5 * u.s, wave=(1390, 1406) * u.AA).header
    assert header["XRATIO"] == pytest.approx(1, abs=1e-6)
    assert header["WLIMMIN"] == 1390


def test_an_unknown_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="module 'hstql' has no attribute 'lightcurves'"):
        _ = hstql.lightcurves
    assert {"lightcurve", "headers", "connect", "__version__"} <= set(dir(hstql))
    assert all(getattr(hstql, name) for name in dir(hstql))
