"""Snowballs among cosmic rays: which are found, which hits are none, and what bad ramps get."""

import json
from pathlib import Path

import numpy as np
import pytest

from builders.ramp_files import task, write_ramp
from hstql_assets.batching.input_files import InputFile
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_assets.monitors.snowballs.events import search, take_differences
from hstql_assets.monitors.snowballs.injection import draw_snowball, measure_completeness
from hstql_assets.monitors.snowballs.measure import find_snowballs
from hstql_assets.monitors.snowballs.selection import load_snowballs
from hstql_resources.archive.simulated.cameras.pixels import strike
from hstql_resources.archive.simulated.instruments import INSTRUMENTS

REAL = Path(__file__).parents[4].parent / "shared/hst/archive/ibxy/ibxy01z8q/ibxy01z8q_ima.fits"
SELECTION = load_snowballs()["IR"]
NOISE_E = 20.0


def make_reads(
    rng: np.random.Generator, size: int = 266, number: int = 6, hits: float = 5e-4
) -> list[np.ndarray]:
    """Reads [electron] with a steady rate that differs, hot pixels, and hits of cosmic rays."""
    rates = rng.uniform(0.02, 0.08, (size, size))
    rates[rng.random((size, size)) < 0.003] = 30.0
    charge, reads = np.zeros((size, size)), []
    for read in range(number):
        if read:
            charge = charge + rng.poisson(rates * 100.0) + strike(rng, charge.shape, hits)
        reads.append((charge + rng.normal(0.0, NOISE_E, charge.shape)).astype(np.float32))
    return reads


def find(reads: list[np.ndarray]) -> object:
    differences = take_differences(reads, np.full(len(reads) - 1, 100.0))
    return search(differences, np.ones(reads[0].shape, bool), SELECTION)


def add_disk(reads: list[np.ndarray], read: int, row: float, column: float, radius: float) -> None:
    """Put in a snowball with a sharp edge, unlike those that are injected and simulated."""
    rows, columns = np.indices(reads[0].shape)
    is_in = np.hypot(rows - row, columns - column) <= radius
    for later in reads[read:]:
        later[is_in] += np.float32(20_000.0)


def test_what_was_put_in_is_found_where_it_is_and_hits_are_none() -> None:
    reads = make_reads(np.random.default_rng(1))
    add_disk(reads, 3, 100.0, 50.0, 2.5)
    add_disk(reads, 5, 20.0, 200.0, 3.0)
    found = find(reads)
    events = found.snowballs  # type: ignore[attr-defined]
    places = [(one.read, round(one.row), round(one.column)) for one in events]
    assert places == [(3, 100, 50), (5, 20, 200)]
    assert events[0].charge_e == pytest.approx(20_000.0 * 21, rel=0.01)
    assert events[0].pixels == 21
    assert events[0].roundness > 0.9
    assert found.hits > 30  # type: ignore[attr-defined]


def test_there_is_no_false_alarm_in_hours_of_hits_ten_times_too_many() -> None:
    for seed in range(4):
        found = find(make_reads(np.random.default_rng(seed), number=8, hits=2.5e-2))
        assert found.snowballs == ()  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["track", "bright pixels", "faint", "large", "steady"])
def test_what_is_long_small_faint_huge_or_steady_is_none(kind: str) -> None:
    reads = make_reads(np.random.default_rng(2), hits=0.0)
    if kind == "track":
        for later in reads[3:]:
            later[100, 50:64] += np.float32(40_000.0)
            later[101, 50:64] += np.float32(40_000.0)
    elif kind == "bright pixels":
        for later in reads[3:]:
            later[100:102, 50:52] += np.float32(70_000.0)
    elif kind == "faint":
        for later in reads[3:]:
            later[100:104, 50:54] += np.float32(3_000.0)
    elif kind == "large":
        add_disk(reads, 3, 100.0, 100.0, 30.0)
    else:
        for read, later in enumerate(reads):
            later[100:104, 50:54] += np.float32(15_000.0 * read)
    assert find(reads).snowballs == ()  # type: ignore[attr-defined]


def test_made_ones_are_found_and_the_same_ones_each_time() -> None:
    reads = make_reads(np.random.default_rng(3))
    differences = take_differences(reads, np.full(5, 100.0))
    before = [one.copy() for one in differences]
    is_searched = np.ones(reads[0].shape, bool)
    counts = np.array(
        [measure_completeness(differences, is_searched, SELECTION, seed) for seed in range(12)]
    )
    put_in, recovered = counts.sum(axis=0)
    assert put_in > 80
    assert recovered / put_in > 0.9
    again = measure_completeness(differences, is_searched, SELECTION, 5)
    assert again == tuple(counts[5])
    for one, other in zip(differences, before, strict=True):
        np.testing.assert_array_equal(one, other)  # what is searched has none of them in it
    nothing = measure_completeness(differences, np.zeros_like(is_searched), SELECTION, 5)
    assert nothing == (0, 0)


def test_made_ones_are_as_those_on_the_ground() -> None:
    rng = np.random.default_rng(4)
    made = [draw_snowball(rng, SELECTION.threshold_e) for _ in range(100)]
    pixels = np.array([np.count_nonzero(one >= SELECTION.threshold_e) for one in made])
    charges = np.array([one.sum() for one in made])
    assert 7 <= pixels.min() < 14
    assert 25 < pixels.max() <= 40
    assert 1.9e5 < charges.min() < 3e5
    assert 5e5 < charges.max() < 9.3e5


def test_simulated_darks_have_their_snowballs_and_no_other(tmp_path: Path) -> None:
    contents, true, found, right = INSTRUMENTS["wfc3"], 0, 0, 0
    for index in range(7, 8 * 24, 8):
        rootname, make = contents.locate(index).rootname, contents.open_exposure(2016, index)
        path = tmp_path / f"{rootname}_raw.fits"
        path.write_bytes(make(path.name))
        snowballs = json.loads(make(f"{rootname}_truth.json"))["snowballs"]
        file = InputFile(path.name, "raw", path)
        outcome = find_snowballs(ExposureTask(rootname, (file,), None))  # type: ignore[arg-type]
        rows = outcome.rows["snowballs"]
        true += len(snowballs)
        found += len(rows)
        for one in snowballs:  # the image has a border of one pixel
            right += any(
                row["read"] == one["read"]
                and np.hypot(
                    row["image_row"] - 1 - one["row"], row["image_column"] - 1 - one["column"]
                )
                < 2.0
                for row in rows
            )  # type: ignore[operator]
        path.unlink()
    assert true > 15
    assert found == right  # no false alarm
    assert right >= 0.85 * true


def test_the_real_ima_has_none_and_made_ones_are_found_in_it() -> None:
    if not REAL.exists():
        pytest.skip("no real ima here")
    file = InputFile(REAL.name, "ima", REAL)
    outcome = find_snowballs(ExposureTask("ibxy01z8q", (file,), None))  # type: ignore[arg-type]
    (row,) = outcome.rows["snowball_searches"]
    assert (row["snowballs"], row["put_in"], row["recovered"]) == (0, 8, 8)
    assert row["searched_s"] == pytest.approx(0.833445)
    assert row["searched_share"] == pytest.approx((256 / 1014) ** 2)


@pytest.mark.parametrize(
    ("number", "reason"), [(1, "One read:"), (2, "Two reads: irtst01aq_raw.fits has 2 reads")]
)
def test_a_ramp_of_few_reads_has_a_named_reason(number: int, reason: str, tmp_path: Path) -> None:
    reads = [np.full((266, 266), 11_000, np.uint16)] * number
    outcome = find_snowballs(task(write_ramp(tmp_path, reads, (0.0, 2.9)[:number])))
    assert outcome.status == "none"
    assert (outcome.reason or "").startswith(reason)


def test_a_steady_ramp_has_none_and_what_is_no_fits_is_named(tmp_path: Path) -> None:
    reads = [np.full((266, 266), 11_000, np.uint16)] * 4
    file = write_ramp(tmp_path, reads, (0.0, 2.9, 52.9, 102.9))
    outcome = find_snowballs(task(file))
    (row,) = outcome.rows["snowball_searches"]
    assert (row["snowballs"], row["hits"]) == (0, 0)
    assert row["put_in"] == row["recovered"]
    file.path.write_bytes(b"no FITS")
    assert find_snowballs(task(file)).status == "bad"
