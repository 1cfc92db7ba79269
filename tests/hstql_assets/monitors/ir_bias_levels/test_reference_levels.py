"""Levels and steps of reference pixels against what was put into them, and what bad ramps get."""

import json
from pathlib import Path

import numpy as np
import pytest

from builders.ramp_files import task, write_ramp
from hstql_assets.batching.input_files import InputFile
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_assets.monitors.ir_bias_levels.measure import measure_reference_pixels
from hstql_resources.archive.simulated.instruments import INSTRUMENTS

REAL = Path(__file__).parents[4].parent / "shared/hst/archive/ibxy/ibxy01z8q/ibxy01z8q_ima.fits"
TIMES_S = (0.0, 2.9, 52.9, 102.9)
DRIFT = np.array([0.0, 1.0, 41.0, 3.0])  # counts, the same in all pixels
LEVELS = {"A": 11290.0, "B": 11540.0, "C": 10960.0, "D": 11410.0}
NOISE = 9.0  # counts, of one read
Row = dict[str, float]


def make_reads(rng: np.random.Generator, size: int = 266) -> list[np.ndarray]:
    """Reads of a subarray by no code of the package: what pixels differ by, drift, noise, a hit."""
    half = size // 2
    pixels = rng.normal(0.0, 30.0, (size, size))
    for name, rows, columns in (
        ("A", slice(half, None), slice(half)), ("B", slice(half), slice(half)),
        ("C", slice(half), slice(half, None)), ("D", slice(half, None), slice(half, None)),
    ):  # fmt: skip
        pixels[rows, columns] += LEVELS[name]
    pixels[5:-5, 5:-5] += 70.0  # what sees light is not on the level of what does not
    pixels[:, (0, -1)] += 500.0  # the outermost columns are not used
    reads = [pixels + rise + rng.normal(0.0, NOISE, pixels.shape) for rise in DRIFT]
    reads[2][40, 3] += 20_000.0
    return [np.rint(read).astype(np.uint16) for read in reads]


def rows_of(*files: InputFile) -> dict[tuple[str, int], Row]:
    outcome = measure_reference_pixels(task(*files))
    assert outcome.status == "made", outcome.reason
    rows = outcome.rows["ir_bias_levels"]
    return {(str(row["amplifier"]), int(str(row["read"]))): dict(row) for row in rows}  # type: ignore[arg-type]


def test_levels_and_steps_come_back_within_their_errors(tmp_path: Path) -> None:
    levels, steps, noises = [], [], []
    for seed in range(8):
        rows = rows_of(write_ramp(tmp_path, make_reads(np.random.default_rng(seed)), TIMES_S))
        for amplifier, level in LEVELS.items():
            for read in range(4):
                row = rows[amplifier, read]
                levels.append((row["level"] - level - DRIFT[read]) / row["level_error"])
                if read:
                    rise = DRIFT[read] - DRIFT[read - 1]
                    steps.append((row["step"] - rise) / row["step_error"])
                    noises.append((row["noise"] - NOISE) / row["noise_error"])
                    # To the read noise: that of a difference over the root of the pixels.
                    assert row["step_error"] < 1.5 * NOISE * np.sqrt(2.0 / 512.0)
    for pulls in (levels, steps, noises):
        assert abs(np.mean(pulls)) < 0.6
        assert 0.6 < np.std(pulls) < 1.4
        assert np.abs(pulls).max() < 4.5


def test_the_zeroth_read_is_above_its_level_and_later_reads_say_nothing_of_it(
    tmp_path: Path,
) -> None:
    rows = rows_of(write_ramp(tmp_path, make_reads(np.random.default_rng(1)), TIMES_S))
    zeroth = rows["C", 0]
    # The level is that of pixels, which differ by 30 counts.
    assert zeroth["image_level"] == pytest.approx(70.0, abs=5.0)
    assert zeroth["image_sigma"] == pytest.approx(np.hypot(30.0, NOISE), rel=0.05)
    assert rows["C", 1]["image_level"] is None
    assert zeroth["step"] is None
    mean = np.mean([rows[name, 0]["level"] for name in "ABCD"])
    assert rows["all", 0]["level"] == pytest.approx(mean, abs=5.0)


def test_the_order_of_the_reads_is_by_their_times(tmp_path: Path) -> None:
    reads = make_reads(np.random.default_rng(2))
    order = (2, 0, 3, 1)
    mixed = [reads[place] for place in order], [TIMES_S[place] for place in order]
    rows = rows_of(write_ramp(tmp_path, *mixed))
    assert [rows["all", read]["time_s"] for read in range(4)] == list(TIMES_S)
    assert rows["all", 2]["step"] == pytest.approx(40.0, abs=1.0)


def test_a_read_that_is_gone_is_named(tmp_path: Path) -> None:
    file = write_ramp(
        tmp_path, make_reads(np.random.default_rng(3))[:3], TIMES_S[:3], primary={"NSAMP": 5}
    )
    outcome = measure_reference_pixels(task(file))
    assert outcome.remarks == ("irtst01aq_raw.fits lacks 2 of its reads.",)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"reads": 1}, "One read: irtst01aq_raw.fits has 1 read, and"),
        ({"reads": 0}, "One read: irtst01aq_raw.fits has 0 reads, and"),
        ({"times": (0.0, None, 52.9, 102.9)}, "No times:"),
        ({"times": (0.0, 2.9, 2.9, 102.9)}, "No times:"),
        ({"size": 260}, "No reference pixels:"),
        ({"primary": {"DETECTOR": "UVIS"}}, "Not infrared: irtst01aq_raw.fits is of UVIS."),
    ],
)
def test_a_ramp_that_says_nothing_has_a_named_reason(
    change: dict[str, object], reason: str, tmp_path: Path
) -> None:
    number = int(str(change.get("reads", 4)))
    size = int(str(change.get("size", 266)))
    reads = make_reads(np.random.default_rng(4), size)[:number]
    times: tuple[float | None, ...] = change.get("times", TIMES_S)  # type: ignore[assignment]
    primary: dict[str, object] = change.get("primary", {})  # type: ignore[assignment]
    outcome = measure_reference_pixels(task(write_ramp(tmp_path, reads, times, primary=primary)))
    assert outcome.status == "none"
    assert (outcome.reason or "").startswith(reason)


def test_unlike_reads_and_what_is_no_fits_are_named(tmp_path: Path) -> None:
    reads = make_reads(np.random.default_rng(5))
    unlike = [*reads[:3], reads[3][:100]]
    outcome = measure_reference_pixels(task(write_ramp(tmp_path, unlike, TIMES_S)))
    assert (outcome.reason or "").startswith("Unlike reads:")
    file = write_ramp(tmp_path, reads, TIMES_S)
    whole = file.path.read_bytes()
    file.path.write_bytes(whole[:-20_000])
    outcome = measure_reference_pixels(task(file))
    assert outcome.status == "bad"
    assert outcome.bad_files[0].filename == "irtst01aq_raw.fits"
    file.path.unlink()
    assert measure_reference_pixels(task(file)).status == "missing"


def test_an_ima_says_what_was_taken_off_and_a_raw_file_beside_it_comes_first(
    tmp_path: Path,
) -> None:
    reads = make_reads(np.random.default_rng(6))
    done = {"BLEVCORR": "COMPLETE"}
    cards = [{"MEANBLEV": 11300.0 + rise} for rise in DRIFT]
    ima = write_ramp(tmp_path, reads, TIMES_S, "ima", done, cards)
    rows = rows_of(ima)
    assert {name for name, _ in rows} == {"all"}
    assert [rows["all", read]["level"] for read in range(4)] == [*(11300.0 + DRIFT)]
    assert rows["all", 2]["step"] == 40.0
    both = rows_of(ima, write_ramp(tmp_path, reads, TIMES_S))
    assert {row["source"] for row in both.values()} == {"raw"}
    undone = write_ramp(tmp_path, reads, TIMES_S, "ima", {"BLEVCORR": "OMIT"}, cards)
    outcome = measure_reference_pixels(task(undone))
    assert (outcome.reason or "").startswith("No bias level:")


def test_the_real_ima_has_its_levels() -> None:
    if not REAL.exists():
        pytest.skip("no real ima here")
    file = InputFile(REAL.name, "ima", REAL)
    outcome = measure_reference_pixels(ExposureTask("ibxy01z8q", (file,), None))  # type: ignore[arg-type]
    rows = outcome.rows["ir_bias_levels"]
    assert [row["level"] for row in rows] == [14516.246, 14516.125, 14516.031, 14515.84]
    assert [round(float(str(row["step"])), 3) for row in rows[1:]] == [-0.121, -0.094, -0.191]
    assert {row["sample_sequence"] for row in rows} == {"RAPID"}


def test_simulated_darks_have_the_levels_that_were_put_in(tmp_path: Path) -> None:
    contents, levels, steps = INSTRUMENTS["wfc3"], [], []
    for index in range(7, 8 * 8, 8):
        rootname, make = contents.locate(index).rootname, contents.open_exposure(2016, index)
        path = tmp_path / f"{rootname}_raw.fits"
        path.write_bytes(make(path.name))
        truth = json.loads(make(f"{rootname}_truth.json"))
        offsets = truth["reference_offsets_dn"]
        for (amplifier, read), row in rows_of(InputFile(path.name, "raw", path)).items():
            if amplifier != "all":
                true = truth["bias_dn"][amplifier] + offsets[read]
                levels.append((row["level"] - true) / row["level_error"])
                if read:
                    rise = offsets[read] - offsets[read - 1]
                    steps.append((row["step"] - rise) / row["step_error"])
    for pulls in (np.array(levels), np.array(steps)):
        assert abs(pulls.mean()) < 0.5
        assert np.abs(pulls).max() < 4.5
