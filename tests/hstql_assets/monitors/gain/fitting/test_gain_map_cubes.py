"""Events and cumulative images of the archive as counts of superpixels."""

import gzip
import re
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.gain_map_files import PLANE, START_MJD, corrected_events, write_cci, write_events
from hstql_assets.monitors.gain.cci_file import read_cci
from hstql_assets.monitors.gain.fitting import cubes
from hstql_assets.monitors.gain.fitting.cubes import Lit, count_events
from hstql_resources.fits import stream
from hstql_resources.fits.errors import FitsError

PIXELS = {(0, 0, 0): 3, (6, 501, 8007): 5, (6, 500, 8000): 2, (31, 1023, 16383): 1}
CCI = "l_2015006060000_00_163_cci.fits"


def draw(lit: Lit) -> np.ndarray:
    return np.stack([lit.draw(plane) for plane in lit.counts])


def count(path: Path) -> np.ndarray:
    return draw(count_events(path)[0])


def test_an_event_is_in_the_superpixel_of_its_nearest_pixel(tmp_path: Path) -> None:
    x = [0.0, 7.4, 7.5, 16383.4, -0.4, 100.0]
    y = [0.0, 1.4, 1.5, 1023.4, -0.4, 500.0]
    path = write_events(tmp_path / "a.fits", corrected_events(x, y, [0, 1, 2, 31, 4, 5]))
    places = np.argwhere(count(path)).tolist()
    assert places == [
        [0, 0, 0], [1, 0, 0], [2, 1, 1], [4, 0, 0], [5, 250, 12], [31, 511, 2047],
    ]  # fmt: skip


def test_events_beyond_the_edges_are_counted_apart(tmp_path: Path) -> None:
    x = [-0.6, 16383.6, 5.0, 5.0, np.nan, 1e30, 5.0]
    y = [5.0, 5.0, -0.6, 1023.6, 5.0, 5.0, 5.0]
    path = write_events(tmp_path / "a.fits", corrected_events(x, y, [9] * 7))
    lit, origin, outside = count_events(path)
    assert (int(lit.counts.sum()), outside) == (1, 6)
    assert not origin.is_raw


def test_places_are_those_of_calcos(tmp_path: Path) -> None:
    ccos = pytest.importorskip("calcos.ccos")
    rng = np.random.default_rng(1)
    x = rng.uniform(-0.4, 16383.4, 5000).astype(np.float32)
    y = rng.uniform(-0.4, 1023.4, 5000).astype(np.float32)
    heights = rng.integers(0, 32, 5000)
    expected = np.zeros(cubes.SHAPE, np.float32)
    ones = np.ones(5000, np.float32)
    ccos.csum_3d(expected, x, y, ones, heights.astype(np.int16), 8, 2)
    path = write_events(tmp_path / "a.fits", corrected_events(x, y, heights))
    assert np.array_equal(count(path), expected)


def test_a_real_file_has_the_counts_of_a_histogram_by_numpy(real_archive: Path) -> None:
    (path,) = real_archive.glob("ld9m/ld9m10ujq/*_corrtag_a.fits")
    lit, origin, outside = count_events(path)
    counts = draw(lit)
    events = fits.getdata(path, 1)
    expected, _ = np.histogramdd(
        np.stack([events["PHA"], events["YCORR"], events["XCORR"]], axis=-1).astype(float),
        bins=[np.arange(33) - 0.5, np.arange(0, 1025, 64) - 0.5, np.arange(0, 16385, 1024) - 0.5],
    )
    blocks = counts.reshape(32, 16, 32, 16, 128).sum(axis=(2, 4))
    assert np.array_equal(blocks, expected)
    assert counts.sum() + outside == len(events)
    assert (origin.segment, origin.high_voltage) == ("FUVA", 163)
    assert origin.brftab == "lref$x1u1459il_brf.fits"


def test_real_raw_events_are_put_by_their_raw_places(real_archive: Path) -> None:
    (path,) = real_archive.glob("ldfd/ldfd01vnq/*_rawtag_a.fits.gz")
    lit, origin, outside = count_events(path)
    assert origin.is_raw
    assert (int(lit.counts.sum()), outside) == (373_689, 0)


def test_a_file_is_counted_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    events = corrected_events(
        rng.uniform(0, 16383, 1000), rng.uniform(0, 1023, 1000), rng.integers(0, 32, 1000)
    )
    path = write_events(tmp_path / "a.fits", events)
    whole = count(path)
    monkeypatch.setattr(stream, "BLOCK_ROWS", 64)
    assert np.array_equal(count(path), whole)


@pytest.mark.parametrize(
    ("columns", "primary", "extension", "word"),
    [
        ({"PHA": None}, {}, {}, "no column PHA"),
        ({"XCORR": None}, {}, {}, "no column RAWX"),
        ({"PHA": np.array([3, -1], np.int16)}, {}, {}, "pulse height -1"),
        ({"PHA": np.array([3, 32], np.uint8)}, {}, {}, "pulse height 32"),
        ({"PHA": np.array([3.0, 4.5], np.float32)}, {}, {}, "no whole numbers"),
        ({}, {}, {"EXPSTART": None}, "EXPSTART is missing"),
        ({}, {}, {"HVLEVELA": None}, "HVLEVELA is missing"),
        ({}, {}, {"HVLEVELA": -999}, "HVLEVELA = -999"),
        ({}, {"DETECTOR": "NUV"}, {}, "detector NUV"),
        ({}, {"SEGMENT": "N/A"}, {}, "segment N/A"),
        ({}, {"OBSMODE": "ACCUM"}, {}, "no pulse height"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(
    columns: dict, primary: dict, extension: dict, word: str, tmp_path: Path
) -> None:
    events = {**corrected_events([5.0, 6.0], [7.0, 8.0], [9, 9]), **columns}
    events = {name: values for name, values in events.items() if values is not None}
    path = write_events(tmp_path / "a.fits", events, primary, extension)
    with pytest.raises(FitsError, match=re.escape(word)):
        count_events(path)


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    events = corrected_events(np.full(5000, 9.0), np.full(5000, 9.0), np.full(5000, 9))
    path = write_events(tmp_path / "a.fits", events)
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(FitsError, match="ends after"):
        count_events(path)


def test_the_events_of_files_add_up(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    paths = []
    for number, columns in enumerate([200, 0, 16383]):  # some in one place, none, some everywhere
        n = 3000 * bool(columns)
        places = rng.uniform(0, columns, n), rng.uniform(0, 400, n), rng.integers(0, 32, n)
        paths.append(write_events(tmp_path / f"{number}.fits", corrected_events(*places)))
    one, nothing, other = (count_events(path)[0] for path in paths)
    assert np.array_equal(draw(one + nothing + other), draw(one) + draw(other))
    assert not (nothing + nothing).places.size


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_cumulative_image_is_summed_to_superpixels(ending: str, tmp_path: Path) -> None:
    path = write_cci(tmp_path / f"{CCI}{ending}", PIXELS)
    cube = read_cci(path, "FUVA", 163)
    counts = np.stack([cube.lit.draw(plane) for plane in cube.lit.counts])
    found = {tuple(place): int(counts[tuple(place)]) for place in np.argwhere(counts)}
    assert found == {(0, 0, 0): 3, (6, 250, 1000): 7, (31, 511, 2047): 1}
    assert cube.members == ("lone01aaq", "ltwo01aaq")
    assert cube.span_mjd == (START_MJD, START_MJD + 7.0)
    assert (cube.exp_time_s, cube.newest.high_voltage) == (5000.0, 163)


def test_a_cumulative_image_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    path = write_cci(tmp_path / CCI, PIXELS)
    tracemalloc.start()
    try:
        read_cci(path, "FUVA", 163)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 160e6  # of 537e6 in the file; the cube has 134e6


def test_an_unknown_voltage_is_that_of_the_name(tmp_path: Path) -> None:
    path = write_cci(tmp_path / CCI, {}, DETHV=-999)
    assert read_cci(path, "FUVA", 175).newest.high_voltage == 175
    with pytest.raises(FitsError, match="DETHV = -999"):
        read_cci(path, "FUVA", None)


@pytest.mark.parametrize(
    ("planes", "shape", "primary", "word"),
    [
        (31, PLANE, {}, "31 images"),
        (33, PLANE, {}, "more than 32 images"),
        (32, (512, 2048), {}, "[2048, 512] pixels"),
        (32, PLANE, {"EXPSTART": None}, "EXPSTART is missing"),
        (32, PLANE, {"SEGMENT": "NUVA"}, "segment NUVA"),
    ],
)
def test_what_is_no_cumulative_image_is_refused(
    planes: int, shape: tuple[int, int], primary: dict, word: str, tmp_path: Path
) -> None:
    path = write_cci(tmp_path / CCI, {}, planes, shape, **primary)
    with pytest.raises(FitsError, match=re.escape(word)):
        read_cci(path, "FUVA", 163)


def test_a_truncated_compressed_image_is_refused(tmp_path: Path) -> None:
    path = write_cci(tmp_path / f"{CCI}.gz", {}, planes=3)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(FitsError, match=r"ends after|ends within"):
        read_cci(path, "FUVA", 163)


def test_negative_counts_are_refused(tmp_path: Path) -> None:
    image = fits.ImageHDU(np.full(PLANE, -1, np.int16))
    first = fits.PrimaryHDU()
    first.header["EXPSTART"], first.header["DETHV"] = START_MJD, 163
    path = tmp_path / f"{CCI}.gz"
    fits.HDUList([first, image]).writeto(tmp_path / CCI)
    path.write_bytes(gzip.compress((tmp_path / CCI).read_bytes(), 1))
    with pytest.raises(FitsError, match="-1 to -1 events"):
        read_cci(path, "FUVA", 163)
