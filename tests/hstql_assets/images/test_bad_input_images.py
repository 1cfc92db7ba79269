"""Images and spectra that nobody would make beside good ones: pictures, statistics and trends."""

import gzip
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.pipeline import Decisions, Pipeline
from hstql_assets.batching.outcomes import FAULT, Outcome
from hstql_assets.monitors.cameras.monitor import MONITOR, measure_camera
from hstql_assets.monitors.framework.inputs import locate_exposures
from hstql_assets.monitors.framework.trend_run import make_trend
from hstql_assets.previews.assets import OWNED as PREVIEWS
from hstql_assets.previews.drawing import draw_previews
from hstql_assets.previews.inputs import locate_previews
from hstql_assets.spectra.assets import PULSES_OWNED, SPECTRA_OWNED
from hstql_assets.spectra.counting import count_events
from hstql_assets.spectra.inputs import locate_corrtags, locate_spectra
from hstql_assets.spectra.measuring import measure_spectra
from hstql_resources.tables import BadData, ImageStatistics, Preview

GOOD = "jgud01aaq"
SHAPE = (40, 50)

Cards = Mapping[str, object]


def noise(shape: tuple[int, ...] = SHAPE, kind: str = "f4") -> np.ndarray:
    return np.random.default_rng(1).normal(100, 5, shape).astype(kind)


def alternate(one: float, other: float, kind: str) -> np.ndarray:
    values = np.full(SHAPE, one, kind)
    values[::2] = other
    return values


def image(values: np.ndarray | None, version: int = 1, **cards: object) -> fits.ImageHDU:
    hdu = fits.ImageHDU(values, name="SCI", ver=version)
    hdu.header.update(cards)
    return hdu


def constant(value: object, size: int) -> fits.ImageHDU:
    return image(None, NPIX1=size, NPIX2=size, PIXVALUE=value)


def put(
    folder: Path,
    rootname: str,
    filetype: str,
    *hdus: object,
    detector: str = "HRC",
    **cards: object,
) -> Path:
    """Put a file with these extensions into the archive."""
    primary = fits.PrimaryHDU()
    primary.header.update({"DETECTOR": detector, "CCDAMP": "C", **cards})
    folder = folder / "archive" / rootname[:4] / rootname
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{rootname}_{filetype}.fits"
    fits.HDUList([primary, *hdus]).writeto(path, overwrite=True)
    return path


def take_steps(pipeline: Pipeline, instrument: str, *keys: str) -> Decisions:
    """Take all steps from headers and pixels; no file may bring the program to a fault."""
    database, filesystem = pipeline.clients.database, pipeline.clients.filesystem
    steps = pipeline.ingest(instrument, keys)
    previews = locate_previews(database, filesystem, instrument, keys)
    steps.take("previews", previews, draw_previews, PREVIEWS.tables)
    if instrument in ("acs", "wfc3"):
        camera = measure_camera(instrument)
        images = locate_exposures(pipeline.clients, camera, keys)
        steps.take("image_statistics", images, camera.measure, camera.owned)
    else:
        spectra = locate_spectra(database, instrument, keys)
        steps.take("spectrum_statistics", spectra, measure_spectra, SPECTRA_OWNED.tables)
        corrtags = locate_corrtags(database, keys)
        steps.take("pulse_heights", corrtags, count_events, PULSES_OWNED.tables)
    faults = [row for row in pipeline.rows(BadData) if row["reason"] == FAULT]
    assert faults == []
    return steps.decisions


def tell(decided: Mapping[str, Outcome]) -> dict[str, str]:
    return {key: outcome.status for key, outcome in decided.items()}


def measured(pipeline: Pipeline, rootname: str) -> list[dict[str, object]]:
    return [row for row in pipeline.rows(ImageStatistics) if row["rootname"] == rootname]


ODD_IMAGES: dict[str, Callable[[], list[object]]] = {
    "one pixel": lambda: [image(noise((1, 1)))],
    "one row": lambda: [image(noise((1, 70_000)))],
    "no pixels": lambda: [image(np.zeros((0, 0), "f4"))],
    "three axes": lambda: [image(noise((3, 10, 10)))],
    "table": lambda: [spectrum()],
    "all NaN": lambda: [image(noise() * np.nan)],
    "infinite": lambda: [image(alternate(np.inf, -np.inf, "f4"))],
    "largest doubles": lambda: [image(alternate(1e308, -1e308, "f8"))],
    "largest floats": lambda: [image(alternate(3e38, -3e38, "f4"))],
    "smallest floats": lambda: [image(alternate(0, 1e-45, "f4"))],
    "one huge": lambda: [image(np.where(np.arange(50) == 7, 1e300, alternate(0, 1e-300, "f8")))],
    "largest integer": lambda: [image(np.full(SHAPE, 2**63 - 1, "i8"))],
    "all integers": lambda: [image(alternate(-(2**62), 2**62, "i8"))],
    "large constant": lambda: [image(np.full(SHAPE, 1e38, "f4"))],
    "constant": lambda: [constant(3.0, 4096)],
    "text as constant": lambda: [constant("x", 20)],
    "other flags": lambda: [image(noise()), fits.ImageHDU(np.zeros((3, 3), "i2"), name="DQ")],
    "all flagged": lambda: [image(noise()), fits.ImageHDU(np.full(SHAPE, -1, "i2"), name="DQ")],
    "version": lambda: [image(noise(), EXTVER=10**12)],
    "numbers": lambda: [image(noise(), BINAXIS1=10**30, BINAXIS2=-4, LTV1=10**30, LTV2=-1e300,
                              CCDGAIN=10**40, EXPSTART=10**40, EXPTIME=-(10**30))],
    "texts": lambda: [image(noise(), BINAXIS1="x", LTV1="x", CCDGAIN="x", EXPTIME="x", CCDCHIP="x",
                            IMAGETYP="DARK" * 2000, BUNIT="$" * 5000)],
}  # fmt: skip
NO_IMAGE = {"no pixels", "three axes", "table", "text as constant"}


def test_odd_images_harm_neither_themselves_nor_others(pipeline: Pipeline, tmp_path: Path) -> None:
    names = {f"jod{chr(97 + n)}01aaq": name for n, name in enumerate(ODD_IMAGES)}
    for rootname, name in names.items():
        put(tmp_path, rootname, "flt", *ODD_IMAGES[name]())
        put(tmp_path, rootname, "raw", image(noise()))
    put(tmp_path, GOOD, "flt", image(noise()))
    take_steps(pipeline, "acs", GOOD)
    before = [pipeline.rows(table, "ingest_date") for table in (Preview, ImageStatistics)]
    decisions = take_steps(pipeline, "acs", *names, GOOD)
    for step in ("header_tables", "previews", "image_statistics"):
        assert set(tell(decisions[step]).values()) == {"made"}
    after = [
        [row for row in pipeline.rows(table, "ingest_date") if row["rootname"] == GOOD]
        for table in (Preview, ImageStatistics)
    ]
    assert after == before
    for table in (Preview, ImageStatistics):
        rows = (row for row in pipeline.rows(table) if row["filetype"] == "flt")
        seen = {names[str(row["rootname"])] for row in rows if row["rootname"] != GOOD}
        assert seen == set(ODD_IMAGES) - NO_IMAGE
    bad = {names[str(row["rootname"])]: row["reason"] for row in pipeline.rows(BadData)}
    assert bad == {"text as constant": "Unreadable"}


def test_a_batch_of_bad_images_is_recorded(pipeline: Pipeline, tmp_path: Path) -> None:
    keys = [f"jbad0{number}aaq" for number in range(4)]
    paths = [put(tmp_path, key, "flt", image(noise())) for key in keys]
    whole = paths[0].read_bytes()
    packed = gzip.compress(whole)
    bad = [whole[:7000], packed[:3000], packed[:40] + b"\0\0\0" + packed[43:], b""]
    for path, content in zip(paths, bad, strict=True):
        path.write_bytes(content)
    decisions = take_steps(pipeline, "acs", *keys)
    assert set(tell(decisions["previews"]).values()) == {"bad"}
    assert set(tell(decisions["image_statistics"]).values()) == {"none"}
    assert len(pipeline.rows(BadData)) == 4
    assert pipeline.rows(Preview) == []


@pytest.mark.parametrize(
    ("values", "median"),
    [
        (np.full(SHAPE, 16_777_217, "i4"), 16_777_217.0),
        (np.full(SHAPE, 100, "u8"), 100.0),
        (np.full(SHAPE, 2**32 - 1, "u4"), 2.0**32 - 1),
    ],
)
def test_whole_numbers_are_measured_exactly(
    pipeline: Pipeline, tmp_path: Path, values: np.ndarray, median: float
) -> None:
    put(tmp_path, GOOD, "flt", image(values))
    take_steps(pipeline, "acs", GOOD)
    (row,) = measured(pipeline, GOOD)
    assert (row["median"], row["mean"], row["robust_sigma"]) == (median, median, 0.0)


@pytest.mark.parametrize("time_s", [-5.0, 0.0, "long"])
def test_without_a_time_there_is_no_dark_current(
    pipeline: Pipeline, tmp_path: Path, time_s: object
) -> None:
    for rootname, exposure in ((GOOD, 10.0), ("jodd01aaq", time_s)):
        dark = image(noise(), BUNIT="ELECTRONS")
        put(tmp_path, rootname, "flt", dark, IMAGETYP="DARK", EXPTIME=exposure)
    take_steps(pipeline, "acs", GOOD, "jodd01aaq")
    (good,), (odd,) = measured(pipeline, GOOD), measured(pipeline, "jodd01aaq")
    assert good["dark_current"] == pytest.approx(10.0, rel=0.01)
    assert (odd["dark_current"], odd["hot_pixels"], odd["median"]) == (None, None, good["median"])


def test_reads_of_other_shapes_have_no_noise_between_them(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    rootname = "iodd01aaq"
    reads = [
        image(noise((size, size), "i2"), number, LTV1=-374.0, LTV2=-374.0)
        for number, size in ((1, 266), (2, 138))
    ]
    put(tmp_path, rootname, "raw", *reads, detector="IR", CCDAMP="ABCD", CCDGAIN=2.5)
    take_steps(pipeline, "wfc3", rootname)
    rows = measured(pipeline, rootname)
    assert [row["amplifier"] for row in rows] == list("ABCD")
    assert all(row["overscan_level"] for row in rows)


def test_an_absurd_time_does_not_take_the_axis_of_the_trends(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    times = {"jdrk00aaq": 55_000.0, "jdrk01aaq": 55_010.0, "jdrk02aaq": 10**40, "jdrk03aaq": -1e300,
             "jdrk04aaq": 0.0, "jdrk05aaq": 5e6}  # fmt: skip
    for rootname, time in times.items():
        dark = image(noise((1024, 1024)), BUNIT="ELECTRONS")
        put(tmp_path, rootname, "flt", dark, IMAGETYP="DARK", EXPTIME=1000.0, EXPSTART=time)
    take_steps(pipeline, "acs", *times)
    (trend,) = MONITOR.trends
    rows = trend.read(pipeline.clients.database)
    assert list(rows["rootname"]) == ["jdrk00aaq", "jdrk01aaq"]
    assert make_trend(trend, pipeline.clients).outcome.status == "made"


def spectrum(**columns: tuple[str, object]) -> fits.BinTableHDU:
    """A table of one spectrum, with other columns if any are given."""
    ones = np.ones((1, 64))
    usual = {"WAVELENGTH": ("64D", np.linspace(1100, 1400, 64)[np.newaxis]), "FLUX": ("64E", ones),
             "ERROR": ("64E", ones), "NET": ("64E", ones), "DQ": ("64I", 0 * ones)}  # fmt: skip
    found = {**usual, **columns}
    return fits.BinTableHDU.from_columns(
        [fits.Column(name, form, array=array) for name, (form, array) in found.items()], name="SCI"
    )


TEXT, FIVE = ("10A", ["x"]), ("5E", np.ones((1, 5)))
BAD_SPECTRA = {
    **{f"{name} {kind}": {name: column}
       for name in ("WAVELENGTH", "FLUX", "DQ", "DQ_WGT")
       for kind, column in (("text", TEXT), ("of five", FIVE))},
    "NELEM text": {"NELEM": TEXT}, "NELEM of five": {"NELEM": FIVE},
}  # fmt: skip
ODD_SPECTRA = {
    "units": {"TUNIT1": "$x^{$", "TUNIT2": "$\\frac{$"},
    "version": {"EXTVER": 10**12},
    "text as version": {"EXTVER": "x"},
    "orders": {"SPORDER": TEXT},
    "segments": {"SEGMENT": ("2J", [[3, 4]])},
    "formula": {"SEGMENT": ("9A", ["$\\frac{$"])},
    "huge": {"FLUX": ("64D", np.where(np.arange(64) % 2, 1.7e308, -1.7e308)[np.newaxis])},
    "infinite": {"WAVELENGTH": ("64D", np.full((1, 64), np.inf))},
}


def test_odd_spectra_harm_neither_themselves_nor_others(pipeline: Pipeline, tmp_path: Path) -> None:
    names = {f"lod{chr(97 + n)}01aaq": name for n, name in enumerate((*BAD_SPECTRA, *ODD_SPECTRA))}
    for rootname, name in names.items():
        given = {**BAD_SPECTRA, **ODD_SPECTRA}[name]
        columns = {key: value for key, value in given.items() if isinstance(value, tuple)}
        table = spectrum(**columns)
        table.header.update({key: value for key, value in given.items() if key not in columns})
        put(tmp_path, rootname, "x1d", table, detector="FUV")
        put(tmp_path, rootname, "x1dsum", spectrum(), detector="FUV")
    decisions = take_steps(pipeline, "cos", *names)
    for step in ("header_tables", "previews", "spectrum_statistics"):
        assert set(tell(decisions[step]).values()) == {"made"}
    bad = {names[str(row["rootname"])] for row in pipeline.rows(BadData)}
    assert bad == set(BAD_SPECTRA)
    drawn = [(names[str(row["rootname"])], row["filetype"]) for row in pipeline.rows(Preview)]
    assert sorted(drawn) == sorted(
        [(name, "x1dsum") for name in names.values()] + [(name, "x1d") for name in ODD_SPECTRA]
    )


def test_odd_events_are_bad_or_drawn(pipeline: Pipeline, tmp_path: Path) -> None:
    count = 500
    ones = np.ones(count)
    cases: dict[str, tuple[Cards, dict[str, tuple[str, object]]]] = {
        "made": ({}, {"XCORR": ("E", ones * np.nan), "YCORR": ("D", ones * 1e300)}),
        "bad": ({}, {"XCORR": ("5A", ["x"] * count), "YCORR": ("E", ones)}),
        "bad too": ({}, {"XCORR": ("2E", np.ones((count, 2))), "YCORR": ("E", ones)}),
        "bad as well": ({"DETECTOR": 5}, {"XCORR": ("E", ones), "YCORR": ("E", ones)}),
    }
    keys = {f"lev{chr(97 + n)}01aaq": name for n, name in enumerate(cases)}
    for rootname, name in keys.items():
        cards, columns = cases[name]
        table = fits.BinTableHDU.from_columns(
            [fits.Column(key, form, array=array) for key, (form, array) in columns.items()],
            name="EVENTS",
        )
        put(tmp_path, rootname, "corrtag_a", table, **{"detector": "FUV", **cards})
    decisions = take_steps(pipeline, "cos", *keys)
    for key, status in tell(decisions["previews"]).items():
        assert keys[key].startswith(status)
