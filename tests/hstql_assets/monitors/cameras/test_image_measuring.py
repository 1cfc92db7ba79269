"""From files to rows: what each number means, and what bad input gets."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from builders.camera_files import write_camera_file
from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.cameras.measure import measure_observation
from hstql_assets.monitors.framework.monitor import ExposureTask

KEY = "jtest01aq"
SHAPE = (256, 512)
PRIMARY = {
    "DETECTOR": "WFC", "CCDAMP": "ABCD", "CCDGAIN": 2.0, "IMAGETYP": "DARK", "EXPTIME": 1000.0,
    "EXPSTART": 57000.5, "ATODGNA": 2.02, "ATODGNB": 1.886, "ATODGNC": 2.017, "ATODGND": 2.011,
}  # fmt: skip
NO_GAINS = dict.fromkeys((f"ATODGN{name}" for name in "ABCD"), 0.0)
BINNED = {"BINAXIS1": 8, "BINAXIS2": 8}
CHIP_2 = {"CCDCHIP": 2, "BUNIT": "ELECTRONS", **BINNED}
CHIP_1 = {**CHIP_2, "CCDCHIP": 1}


def measure(*files: InputFile) -> Outcome:
    return measure_observation(ExposureTask(KEY, files, None))  # type: ignore[arg-type]


def rows(outcome: Outcome) -> dict[tuple[str, str], dict[str, Any]]:
    assert outcome.status == "made", outcome.reason
    return {(row["filetype"], row["amplifier"]): dict(row)  # type: ignore[misc]
            for row in outcome.rows["image_statistics"]}  # fmt: skip


def flt(folder: Path, chips: Any, **cards: object) -> InputFile:
    return write_camera_file(folder, f"{KEY}_flt.fits", {**PRIMARY, **cards}, chips)


def dark(seed: int, rate: float = 0.01, time_s: float = 1000.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rng.poisson(rate * time_s, SHAPE) + rng.normal(0, 4, SHAPE)).astype(np.float32)


def test_each_amplifier_of_each_chip_has_a_row_with_its_own_numbers(tmp_path: Path) -> None:
    lower, upper = dark(1), dark(2)
    lower[:, 256:] += 50
    upper[:, :256] += 100
    flags = np.zeros(SHAPE)
    flags[:, 256:] = 4
    found = rows(measure(flt(tmp_path, [(lower, flags * 0, CHIP_2), (upper, flags, CHIP_1)])))
    medians = {amplifier: row["median"] for (_, amplifier), row in found.items()}
    assert medians["C"] == pytest.approx(9.9, abs=0.2)
    assert medians["D"] == pytest.approx(59.9, abs=0.2)
    assert medians["A"] == pytest.approx(109.9, abs=0.2)
    b = found["flt", "B"]
    assert (b["pixels"], b["good_pixels"]) == (65536, 0)
    assert [b[name] for name in ("median", "mean", "robust_sigma", "dark_current")] == [None] * 4
    assert {(row["extver"], row["chip"]) for row in found.values()} == {(1, 2), (2, 1)}
    assert found["flt", "A"]["gain"] == 2.02
    assert found["flt", "A"]["exp_start_mjd"] == 57000.5


def test_the_dark_current_is_unbiased_among_cosmic_rays_and_hot_pixels(tmp_path: Path) -> None:
    pulls = []
    for seed in range(15):
        image = dark(seed, 0.0087)
        rng = np.random.default_rng(seed + 99)
        image[rng.random(SHAPE) < 0.03] += 700
        file = flt(tmp_path, [(image, None, CHIP_2)])
        for row in rows(measure(file)).values():
            pulls.append((row["dark_current"] - 0.0087) / row["dark_current_error"])
        file.path.unlink()
    assert abs(np.mean(pulls)) < 4 / np.sqrt(len(pulls))
    assert 0.7 < np.std(pulls) < 1.4


def test_the_error_of_the_bias_level_is_in_that_of_the_dark_current(tmp_path: Path) -> None:
    file = flt(tmp_path, [(dark(1), None, CHIP_2)])
    alone = rows(measure(file))["flt", "C"]
    values = np.rint(np.random.default_rng(1).normal(2300, 2, (258, 518))).astype(np.uint16)
    raw = write_camera_file(
        tmp_path, f"{KEY}_raw.fits", {**PRIMARY, "ATODGNC": 0.0},
        [(values, None, {**CHIP_2, "BUNIT": "COUNTS", "LTV1": 3.0})],
    )  # fmt: skip
    both = rows(measure(raw, file))
    level = both["raw", "C"]["overscan_level_error"] * 2.017 / 1000
    expected = np.hypot(alone["dark_current_error"], level)
    assert both["flt", "C"]["dark_current_error"] == pytest.approx(expected)
    assert level > 2 * alone["dark_current_error"]
    # The raw file does not know its gain, the calibrated one does.
    assert both["raw", "C"]["gain"] == 2.017
    assert both["raw", "C"]["read_noise"] == pytest.approx(2 * 2.017, rel=0.2)
    assert both["raw", "C"]["dark_current"] is None


@pytest.mark.parametrize(
    ("setting", "amplifier", "gain", "source"),
    [(1.0, "C", 1.185, "measured"), (2.0, "C", 2.216, "measured"),
     (4.0, "C", 4.0, "commanded"), (2.0, "A", 2.0, "commanded"), (0.0, "C", None, None)],
)  # fmt: skip
def test_a_raw_file_of_hrc_alone_has_the_measured_gain(
    setting: float, amplifier: str, gain: float | None, source: str | None, tmp_path: Path
) -> None:
    values = np.rint(np.random.default_rng(1).normal(2300, 2, (1044, 1062))).astype(np.uint16)
    cards = {"DETECTOR": "HRC", "CCDAMP": amplifier, "CCDGAIN": setting, "IMAGETYP": "BIAS"}
    image = (values, None, {"BUNIT": "COUNTS", "LTV1": 19.0})
    raw = write_camera_file(tmp_path, f"{KEY}_raw.fits", {**PRIMARY, **cards, **NO_GAINS}, [image])
    row = rows(measure(raw))["raw", amplifier]
    assert (row["gain"], row["gain_source"]) == (gain, source)
    noise = None if gain is None else pytest.approx(row["overscan_noise"] * gain)
    assert row["read_noise"] == noise
    told = write_camera_file(
        tmp_path, f"{KEY}_flt.fits", {**PRIMARY, **cards, f"ATODGN{amplifier}": 2.3}, [image]
    )
    both = rows(measure(raw, told))
    assert [both[kind, amplifier]["gain"] for kind in ("raw", "flt")] == [2.3, 2.3]
    assert both["raw", amplifier]["gain_source"] == "header"


@pytest.mark.parametrize(
    "change",
    [{"IMAGETYP": "EXT"}, {"DARKCORR": "COMPLETE"}, {"FLASHDUR": 4.6}, {"EXPTIME": 0.0},
     {"IMAGETYP": "BIAS", "EXPTIME": 0.0}],
)  # fmt: skip
def test_there_is_no_dark_current_where_the_pixels_are_not_that_of_a_dark(
    change: dict[str, object], tmp_path: Path
) -> None:
    row = rows(measure(flt(tmp_path, [(dark(1), None, CHIP_2)], **change)))["flt", "C"]
    assert row["median"] is not None
    assert (row["dark_current"], row["hot_pixels"], row["hot_threshold"]) == (None, None, None)


def test_a_flash_that_was_subtracted_and_a_time_in_the_dark_are_heeded(tmp_path: Path) -> None:
    cards = {"FLASHDUR": 4.6, "FLSHCORR": "COMPLETE", "DARKTIME": 2000.0}
    row = rows(measure(flt(tmp_path, [(dark(1), None, CHIP_2)], **cards)))["flt", "C"]
    assert row["dark_current"] == pytest.approx(0.005, abs=0.0002)
    assert (row["flash_s"], row["exp_time_s"], row["dark_time_s"]) == (4.6, 1000.0, 2000.0)


@pytest.mark.parametrize(
    ("unit", "factor", "mean"),
    # Of a fit to many reads the median is taken as it is.
    [("COUNTS", 2.017, 0.01), ("ELECTRONS/S", 1000.0, 0.01 - 0.01 / 6 / 26)],
)
def test_a_dark_current_is_in_electrons_whatever_the_unit_of_the_pixels(
    unit: str, factor: float, mean: float, tmp_path: Path
) -> None:
    image = (dark(1) / np.float32(factor)).astype(np.float32)
    row = rows(measure(flt(tmp_path, [(image, None, {**CHIP_2, "BUNIT": unit})])))["flt", "C"]
    assert row["dark_current"] == pytest.approx(mean, abs=4 * row["dark_current_error"])


def test_flags_are_counted_as_shares_and_numbers(tmp_path: Path) -> None:
    flags = np.zeros(SHAPE, np.int16)
    flags[:16, :256] = 8192
    flags[16:20, :256] = 4096 + 16
    flags[20, :10] = 64
    flags[21, :10] = 256
    flags[21, 10:15] = 2048
    file = flt(tmp_path, [(dark(1), flags, CHIP_2)], IMAGETYP="EXT")
    found = rows(measure(file))
    c, d = found["flt", "C"], found["flt", "D"]
    assert c["cosmic_ray_fraction"] == 20 / 256
    assert c["flagged_hot_pixels"] == 4 * 256
    assert c["flagged_warm_pixels"] == 10
    assert c["saturated_fraction"] == 15 / 65536
    assert c["good_pixels"] == 65536 - 20 * 256 - 25
    # Somebody has looked for cosmic rays, and found none here.
    assert (d["cosmic_ray_fraction"], d["flagged_hot_pixels"]) == (0.0, 0)


def test_where_no_pixel_has_the_flag_nobody_has_looked_for_cosmic_rays(tmp_path: Path) -> None:
    flags = np.zeros(SHAPE, np.int16)
    flags[0, 0] = 16
    row = rows(measure(flt(tmp_path, [(dark(1), flags, CHIP_2)])))["flt", "C"]
    assert (row["cosmic_ray_fraction"], row["cosmic_ray_fraction_error"]) == (None, None)


def test_pixels_that_are_not_finite_are_not_good(tmp_path: Path) -> None:
    image = dark(1)
    image[:128] = np.nan
    image[200, 100] = np.inf
    found = rows(measure(flt(tmp_path, [(image, None, CHIP_2)])))
    assert found["flt", "C"]["good_pixels"] == 128 * 256 - 1
    assert np.isfinite(found["flt", "C"]["median"])
    image[:] = np.nan
    (tmp_path / f"{KEY}_flt.fits").unlink()
    row = rows(measure(flt(tmp_path, [(image, None, CHIP_2)])))["flt", "D"]
    assert (row["good_pixels"], row["median"], row["hot_pixels"]) == (0, None, None)


def test_a_constant_image_has_its_value_and_no_noise(tmp_path: Path) -> None:
    image = np.full(SHAPE, 5.0, np.float32)
    row = rows(measure(flt(tmp_path, [(image, None, CHIP_2)], IMAGETYP="BIAS")))["flt", "C"]
    assert (row["median"], row["robust_sigma"], row["median_error"]) == (5.0, 0.0, 0.0)


def test_a_photon_counter_has_one_row_and_its_dark_current_is_a_mean(tmp_path: Path) -> None:
    counts = np.random.default_rng(1).poisson(0.02, (1024, 1024)).astype(np.int16)
    primary = {"DETECTOR": "SBC", "IMAGETYP": "DARK", "EXPTIME": 1000.0, "CCDAMP": "N/A"}
    file = write_camera_file(
        tmp_path, f"{KEY}_flt.fits", primary, [(counts, None, {"BUNIT": "COUNTS"})]
    )
    found = rows(measure(file))
    assert list(found) == [("flt", "all")]
    row = found["flt", "all"]
    assert abs(row["dark_current"] - 2e-5) < 4 * row["dark_current_error"]
    assert (row["overscan_level"], row["read_noise"], row["median"]) == (None, None, 0.0)


def test_a_raw_image_counts_what_the_converter_could_not_tell(tmp_path: Path) -> None:
    values = np.full((258, 518), 2300, np.uint16)
    values[10, 10:20] = 65535
    cards = {**CHIP_2, "BUNIT": "COUNTS", "LTV1": 3.0}
    file = write_camera_file(tmp_path, f"{KEY}_raw.fits", PRIMARY, [(values, None, cards)])
    row = rows(measure(file))["raw", "C"]
    assert row["saturated_fraction"] == 10 / 65536
    assert (row["overscan_level"], row["overscan_noise"]) == (2300.0, 0.0)
    assert (row["flagged_hot_pixels"], row["cosmic_ray_fraction"]) == (None, None)


def test_of_a_ramp_the_last_read_counts_and_the_one_before_it_tells_the_noise(
    tmp_path: Path,
) -> None:
    rng = np.random.default_rng(1)
    pattern = rng.normal(11_000, 30, (266, 266))
    cards = {"BUNIT": "COUNTS", "LTV1": -374.0, "LTV2": -374.0}
    values = (pattern + 100 * (4 - n) + rng.normal(0, 8, pattern.shape) for n in range(4))
    reads = [(np.rint(one).astype(np.uint16), None, cards) for one in values]
    primary = {"DETECTOR": "IR", "CCDAMP": "ABCD", "CCDGAIN": 2.5, "IMAGETYP": "DARK",
               "EXPTIME": 400.0, "SUBARRAY": True}  # fmt: skip
    file = write_camera_file(tmp_path, f"i{KEY[1:]}_raw.fits", primary, reads)
    found = rows(measure(file))
    assert sorted(amplifier for _, amplifier in found) == ["A", "B", "C", "D"]
    for row in found.values():
        assert (row["extver"], row["is_subarray"], row["pixels"]) == (1, True, 128 * 128)
        assert row["median"] == pytest.approx(11_400, abs=3)
        assert row["overscan_noise"] > 20
        assert abs(row["read_noise"] - 20) < 4 * row["read_noise_error"]


def test_a_file_that_cannot_be_read_is_named_and_the_other_is_measured(tmp_path: Path) -> None:
    good = flt(tmp_path, [(dark(1), None, CHIP_2)])
    broken = tmp_path / f"{KEY}_raw.fits"
    broken.write_bytes(good.path.read_bytes()[:200_000])
    outcome = measure(InputFile(broken.name, "raw", broken), good)
    assert len(rows(outcome)) == 2
    (bad,) = outcome.bad_files
    assert (bad.filename, bad.reason) == (broken.name, "Unreadable")
    alone = measure(InputFile(broken.name, "raw", broken))
    assert (alone.status, len(alone.bad_files)) == ("bad", 1)


def test_a_detector_that_the_camera_does_not_have_is_bad_data(tmp_path: Path) -> None:
    outcome = measure(flt(tmp_path, [(dark(1), None, CHIP_2)], DETECTOR="WF4"))
    assert outcome.status == "bad"
    assert outcome.bad_files[0].reason == "UnknownDetector"


def test_a_file_without_images_gives_nothing(tmp_path: Path) -> None:
    assert measure(flt(tmp_path, [])).status == "none"


def test_what_is_shown_of_an_exposure_has_a_picture_and_a_table(tmp_path: Path) -> None:
    outcome = measure(flt(tmp_path, [(dark(1), None, CHIP_2)]))
    assert "amplifier C" in outcome.metadata["picture"].caption  # type: ignore[attr-defined]
    assert str(outcome.metadata["statistics"]).count("\n") == 3
    assert outcome.metadata["rows"] == 2


@pytest.mark.parametrize(
    ("name", "level", "noise_e", "source"),
    [("j6gp01lzq", 1196.0, 5.43, "commanded"), ("j8bt05njq", 1134.1, 4.46, "measured")],
)
def test_real_exposures_of_hrc_have_the_bias_level_of_their_last_overscan_columns(
    name: str, level: float, noise_e: float, source: str, real_archive: Path
) -> None:
    path = real_archive / name[:4] / name / f"{name}_raw.fits"
    row = rows(measure(InputFile(path.name, "raw", path)))["raw", "C"]
    assert row["overscan_level"] == pytest.approx(level, abs=0.1)
    assert row["read_noise"] == pytest.approx(noise_e, abs=0.1)
    assert row["gain_source"] == source
    assert row["overscan_level_error"] < 0.05
    assert row["pixels"] == 1024 * 1024


def test_a_raw_dark_of_a_photon_counter_has_a_dark_rate(real_archive: Path) -> None:
    path = real_archive.parent / "found" / "jcrx" / "jcrx01iiq" / "jcrx01iiq_raw.fits"
    row = rows(measure(InputFile(path.name, "raw", path)))["raw", "all"]
    counts = fits.getdata(path, 1).sum()
    assert row["dark_current"] == pytest.approx(counts / 1000.0 / 1024**2)
    assert row["dark_current_error"] == pytest.approx(counts**0.5 / 1000.0 / 1024**2)


def test_a_photon_counter_that_counted_nothing_has_an_error(tmp_path: Path) -> None:
    cards = {**PRIMARY, "DETECTOR": "SBC", "CCDAMP": "N/A"}
    nothing = np.zeros((1024, 1024), np.uint16)
    raw = write_camera_file(
        tmp_path, f"{KEY}_raw.fits", cards, [(nothing, None, {"BUNIT": "COUNTS"})]
    )
    row = rows(measure(raw))["raw", "all"]
    assert row["dark_current"] == 0.0
    assert row["dark_current_error"] == pytest.approx(0.5**0.5 / 1000.0 / 1024**2)


def test_a_raw_dark_of_a_photon_counter_gives_way_to_its_calibrated_file(tmp_path: Path) -> None:
    counts = np.random.default_rng(4).poisson(0.01, (1024, 1024)).astype(np.float32)
    cards = {"DETECTOR": "SBC", "IMAGETYP": "DARK", "EXPTIME": 1000.0, "EXPSTART": 57000.5}
    raw, calibrated = (
        write_camera_file(
            tmp_path, f"{KEY}_{kind}.fits", cards, [(counts, None, {"BUNIT": "COUNTS"})]
        )
        for kind in ("raw", "flt")
    )
    both = rows(measure(raw, calibrated))
    assert both["raw", "all"]["dark_current"] is None
    assert both["flt", "all"]["dark_current"] == rows(measure(raw))["raw", "all"]["dark_current"]
