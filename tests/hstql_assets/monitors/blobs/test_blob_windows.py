"""Windows of the simulated archive: blobs by date, found or not, and why frames are not used."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from builders.blob_frames import KEYS, SEED, measure, reasons, true_blobs, write_window
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.blobs.following import follow_blobs
from hstql_assets.monitors.blobs.product import read_product
from hstql_resources.archive.simulated.cameras.archive_contents import WFC3_BLOBS
from hstql_resources.archive.simulated.cameras.catalogue import make_exposure
from hstql_resources.archive.simulated.cameras.combining import Combination
from hstql_resources.archive.simulated.cameras.products import make_calibrated


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Outcome]:
    """Search three windows: the first, the second, and one four years later."""
    folder = tmp_path_factory.mktemp("windows")
    return {
        number: measure(folder / "home", write_window(folder / str(number), number), key)
        for number, key in KEYS.items()
    }


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, bytes]]:
    paths = write_window(tmp_path_factory.mktemp("frames"), 1)
    return [(path.name, path.read_bytes()) for path in paths]


def lay(folder: Path, frames: list[tuple[str, bytes]]) -> list[Path]:
    for name, content in frames:
        (folder / name).write_bytes(content)
    return [folder / name for name, _ in frames]


def match(rows: Any, truth: list[dict[str, Any]]) -> list[tuple[Any, dict[str, Any]]]:
    """Return the rows that lie within a radius of a true blob, with it."""
    pairs = []
    for row in rows:
        near = min(truth, key=lambda one: np.hypot(row["x"] - one["x"], row["y"] - one["y"]))
        if np.hypot(row["x"] - near["x"], row["y"] - near["y"]) < near["radius"]:
            pairs.append((row, near))
    return pairs


@pytest.mark.parametrize("number", KEYS)
def test_blobs_are_found_by_date_and_nothing_else(windows: dict[int, Outcome], number: int) -> None:
    rows, truth = windows[number].rows["blobs"], true_blobs(number)
    pairs = match(rows, truth)
    found = {one["x"] for _, one in pairs}
    assert len(found) == len(pairs)
    assert len(found) >= 0.9 * len(truth)  # completeness, of 4 to 30 %
    assert len(rows) - len(pairs) <= 1  # false alarms
    for row, one in pairs:
        assert np.hypot(row["x"] - one["x"], row["y"] - one["y"]) < 5.0 * row["place_error"]
        assert abs(row["depth"] - one["depth"]) < 5.0 * row["depth_error"]
        # The fitted shape is another than the true one: 10 % of the radius.
        assert abs(row["radius"] - one["radius"]) < 4.0 * row["radius_error"] + 0.1 * one["radius"]
    window: Any = windows[number].rows["blob_windows"][0]
    assert window["put_in"] == 12
    assert window["recovered"] >= 9
    assert window["false_alarms"] <= 1


def test_a_blob_keeps_its_number_and_its_date_is_between_two_windows(
    windows: dict[int, Outcome],
) -> None:
    rows = [one.rows["blob_windows"][0] for one in windows.values()]
    seen = [row for one in windows.values() for row in one.rows["blobs"]]
    listed: Any = follow_blobs(rows_of(rows), rows_of(seen), [])
    for row, one in match(listed, true_blobs(7)):
        assert row["first_seen_mjd"] > one["mjd"]
        assert row["not_seen_mjd"] is None or row["not_seen_mjd"] < one["mjd"]
    fewer: Any = follow_blobs(rows_of(rows[::2]), rows_of(seen), [])
    again: Any = follow_blobs(rows_of(rows), rows_of(seen), rows_of(fewer))
    numbers = {(round(one["x"]), round(one["y"])): one["number"] for one in fewer}
    later = {(round(one["x"]), round(one["y"])): one["number"] for one in again}
    kept = [key for key in numbers if key in later]
    assert len(kept) > 0.8 * len(numbers)  # medians of places may round otherwise
    assert all(later[key] == numbers[key] for key in kept)


def rows_of(rows: Any) -> Any:
    return [SimpleNamespace(**row) for row in rows]


def test_the_image_of_a_window_is_kept_and_has_the_blob(windows: dict[int, Outcome]) -> None:
    outcome = windows[7]
    image = read_product(Path(str(outcome.rows["blob_windows"][0]["path"])))
    assert image.shape == (202, 202)
    blobs: Any = outcome.rows["blobs"]
    deepest = max(blobs, key=lambda row: row["depth"])
    row, column = (int((float(deepest[axis]) - 1.0) / 5.0) for axis in "yx")
    assert image[row, column] == pytest.approx(1.0 - deepest["depth"], abs=0.05)
    assert np.nanmedian(image) == pytest.approx(1.0, abs=0.003)


@pytest.mark.parametrize(
    ("cards", "reason"),
    [
        ({"SUBARRAY": True}, "subarray"),
        ({"BINAXIS1": 2, "BINAXIS2": 2}, "binning"),
        ({"BINAXIS1": 1}, "binning"),
        ({"FILTER": "G141"}, "filter"),
        ({"EXPFLAG": "INDETERMINATE"}, "exposure flag"),
        ({"FLATCORR": "COMPLETE", "DFLTFILE": "iref$4ac1921ei_dfl.fits"}, "blobs corrected"),
    ],
)
def test_what_shows_no_blobs_has_a_reason_and_the_rest_goes_on(
    cards: dict[str, Any], reason: str, frames: list[tuple[str, bytes]], tmp_path: Path
) -> None:
    paths = lay(tmp_path, frames)
    with fits.open(paths[1], mode="update") as hdus:
        for hdu in hdus[:2]:
            hdu.header.update({key: value for key, value in cards.items()
                               if key in hdu.header or hdu is hdus[0]})  # fmt: skip
    outcome = measure(tmp_path / "home", paths)
    assert reasons(outcome) == [None, reason, None, None]
    assert outcome.rows["blob_windows"][0]["frames"] == 3


def test_faint_and_crowded_frames_and_files_that_end_are_named(
    frames: list[tuple[str, bytes]], tmp_path: Path
) -> None:
    paths = lay(tmp_path, frames)
    rng = np.random.default_rng(1)
    with fits.open(paths[0], mode="update") as hdus:
        hdus["SCI"].data += rng.normal(0.0, 40.0, hdus["SCI"].data.shape).astype(np.float32)
    with fits.open(paths[1], mode="update") as hdus:
        hdus["SCI"].data[::4, ::4] *= 3.0
    paths[2].write_bytes(paths[2].read_bytes()[:9000])
    outcome = measure(tmp_path / "home", paths)
    assert reasons(outcome) == ["too faint", "crowded", "unreadable", "too few exposures"]
    assert outcome.rows["blobs"] == []


def test_two_frames_one_and_none_make_no_image_and_remove_the_one_before(
    frames: list[tuple[str, bytes]], tmp_path: Path
) -> None:
    paths = lay(tmp_path, frames)
    kept = Path(str(measure(tmp_path / "home", paths).rows["blob_windows"][0]["path"]))
    assert kept.exists()
    two = measure(tmp_path / "home", paths[:2])
    assert reasons(two) == ["too few exposures"] * 2
    assert two.rows["exposure_sets"][0]["used"] == 0
    assert not kept.exists()
    assert measure(tmp_path / "home", []).rows["blob_windows"] == []
    raw = tmp_path / f"{paths[0].name[:9]}_raw.fits"
    assert reasons(measure(tmp_path / "home", [raw])) == ["no calibrated file"]


def test_a_frame_with_stars_of_the_sky_is_used_without_them(
    frames: list[tuple[str, bytes]], tmp_path: Path
) -> None:
    paths = lay(tmp_path, frames)
    rng = np.random.default_rng(4)
    for path in paths:
        with fits.open(path, mode="update") as hdus:
            data = hdus["SCI"].data
            for row, column in rng.integers(4, 198, (60, 2)):
                data[row - 1 : row + 2, column - 1 : column + 2] += 500.0
    outcome = measure(tmp_path / "home", paths, KEYS[1])
    truth = true_blobs(1)
    assert len(match(outcome.rows["blobs"], truth)) >= 0.8 * len(truth)
    assert len(outcome.rows["blobs"]) <= len(truth) + 1


def test_a_window_has_its_own_names_and_all_are_found_by_them() -> None:
    indices = range(0, 2000, 7)
    names = [WFC3_BLOBS.locate(index).rootname for index in indices]
    assert [WFC3_BLOBS.find_index(name) for name in names] == list(indices)


@pytest.mark.full
def test_full_frames_have_the_same_blobs(tmp_path: Path) -> None:
    paths = []
    for index in range(28, 31):
        place = WFC3_BLOBS.locate(index)
        paths.append(tmp_path / f"{place.rootname}_flt.fits")
        simulation = Combination(make_exposure(SEED, place, binning=1)).members[0]
        paths[-1].write_bytes(make_calibrated(simulation, paths[-1].name))
    outcome = measure(tmp_path / "home", paths, KEYS[7])
    truth = true_blobs(7)
    found = match(outcome.rows["blobs"], truth)
    assert len(found) >= 0.95 * len(truth)
    assert len(outcome.rows["blobs"]) - len(found) <= 1
