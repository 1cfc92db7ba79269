"""Events by pulse height: simulated and real corrtag files, and files with known content."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.spectrum_files import write_corrtag, write_tables
from hstql_assets.batching.input_files import FilesTask, InputFile
from hstql_assets.batching.pictures import Picture
from hstql_assets.spectra.counting import count_events
from hstql_assets.spectra.pulse_heights import count_pulse_heights
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.archive.simulated.cos.events import PULSE_HEIGHT_RANGE
from hstql_resources.fits import stream

KEY = "lpha01aaq"
HEIGHTS = np.array([0, 3, 3, 3, 11, 11, 31], np.uint8)
OUTSIDE = 512  # DQ of an event whose pulse height is out of range


def task_of(*paths: Path) -> FilesTask:
    return FilesTask(
        KEY, tuple(InputFile(path.name, path.stem.partition("_")[2], path) for path in paths)
    )


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("simulated_events")
    archive = SimulatedArchive(12)
    for products in archive.list_products(archive.find_rootnames("cos")).values():
        archive.fetch([p for p in products if "corrtag" in p.filename], folder)
    return folder


def test_simulated_events_are_all_counted_and_as_many_as_were_made(simulated: Path) -> None:
    totals: dict[str, list[int]] = {}
    paths = sorted(simulated.glob("*_corrtag_?.fits"))
    assert len(paths) >= 10
    for path in paths:
        with fits.open(path) as hdus:
            header, events = hdus["EVENTS"].header, hdus["EVENTS"].data
            letter = hdus[0].header["SEGMENT"][-1]
        found = count_pulse_heights(path)
        assert found.segment == f"FUV{letter}"
        assert found.events == header[f"NEVENTS{letter}"] == len(events)
        low, high = PULSE_HEIGHT_RANGE
        assert found.events - found.counts[low : high + 1].sum() == (
            np.count_nonzero(events["DQ"] & OUTSIDE)
        )
        totals.setdefault(path.name[:9], [header["NEVENTS"]]).append(found.events)
    assert all(total == sum(parts) for total, *parts in totals.values())


def test_the_pulse_heights_drawn_around_11_are_found_there(simulated: Path) -> None:
    """They are drawn from a normal distribution around 11 with a deviation of 3."""
    for path in simulated.glob("*_corrtag_?.fits"):
        found = count_pulse_heights(path)
        accepted = found.counts.copy()
        accepted[: PULSE_HEIGHT_RANGE[0]] = accepted[PULSE_HEIGHT_RANGE[1] + 1 :] = 0
        mean = accepted @ np.arange(32) / accepted.sum()
        assert mean == pytest.approx(11.0, abs=6 * 3.0 / np.sqrt(accepted.sum()))
        assert abs(found.modal - 11) <= 2


def test_a_real_file_has_the_histogram_that_astropy_gives(real_archive: Path) -> None:
    (path,) = real_archive.glob("ld9m/ld9m10ujq/*_corrtag_a.fits*")
    found = count_pulse_heights(path)
    heights = fits.getdata(path, 1)["PHA"]
    assert found.counts.tolist() == np.bincount(heights, minlength=32).tolist()
    assert found.events == 40_450
    assert found.mean == pytest.approx(heights.mean(dtype=float))


def test_a_row_has_32_counts_and_what_they_say(tmp_path: Path) -> None:
    paths = [
        write_corrtag(tmp_path / f"{KEY}_corrtag_{letter}.fits", HEIGHTS, SEGMENT=segment)
        for letter, segment in (("a", "FUVA"), ("b", "FUVB"))
    ]
    outcome = count_events(task_of(*paths))
    assert outcome.status == "made"
    first, second = (dict(row) for row in outcome.rows["pulse_heights"])
    assert (first["segment"], second["segment"]) == ("FUVA", "FUVB")
    assert (first["events"], first["modal_pulse_height"]) == (7, 3)
    assert first["mean_pulse_height"] == pytest.approx(62 / 7)
    counts = [first[f"pha_{height}"] for height in range(32)]
    assert counts == np.bincount(HEIGHTS, minlength=32).tolist()
    pictures = [fact for fact in outcome.metadata.values() if isinstance(fact, Picture)]
    assert len(pictures) == 2


def test_a_file_is_counted_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heights = np.random.default_rng(8).integers(0, 32, 1000).astype(np.uint8)
    path = write_corrtag(tmp_path / f"{KEY}_corrtag_a.fits", heights)
    monkeypatch.setattr(stream, "BLOCK_ROWS", 64)
    counts = count_pulse_heights(path).counts.tolist()
    assert counts == np.bincount(heights, minlength=32).tolist()


def test_a_file_without_events_has_a_row_of_zeros(tmp_path: Path) -> None:
    path = write_corrtag(tmp_path / f"{KEY}_corrtag_a.fits", HEIGHTS[:0])
    (row,) = count_events(task_of(path)).rows["pulse_heights"]
    assert (row["events"], row["modal_pulse_height"], row["mean_pulse_height"]) == (0, None, None)
    assert sum(row[f"pha_{height}"] for height in range(32)) == 0


@pytest.mark.parametrize(
    ("keywords", "word"), [({"DETECTOR": "NUV"}, "NUV"), ({"OBSMODE": "ACCUM"}, "ACCUM")]
)
def test_events_that_have_no_pulse_heights_of_their_own_are_nothing_to_count(
    keywords: dict[str, str], word: str, tmp_path: Path
) -> None:
    path = write_corrtag(tmp_path / f"{KEY}_corrtag.fits", np.zeros(9, np.uint8), **keywords)
    outcome = count_events(task_of(path))
    assert (outcome.status, outcome.bad_files) == ("none", ())
    assert word in str(outcome.reason)


def test_nuv_exposures_of_the_simulated_archive_have_none(simulated: Path) -> None:
    paths = list(simulated.glob("*_corrtag.fits"))
    assert paths
    assert {count_events(task_of(path)).status for path in paths} == {"none"}


def write_without_heights(path: Path) -> None:
    columns = [fits.Column("TIME", "1E", array=np.zeros(3))]
    write_tables(path, [columns], {"DETECTOR": "FUV"}, name="EVENTS")


def write_floats(path: Path) -> None:
    columns = [fits.Column("PHA", "1E", array=np.zeros(3))]
    write_tables(path, [columns], {"DETECTOR": "FUV"}, name="EVENTS")


def write_truncated(path: Path) -> None:
    write_corrtag(path, np.zeros(10_000, np.uint8))
    path.write_bytes(path.read_bytes()[:-20_000])


@pytest.mark.parametrize(
    ("write", "word"),
    [
        (write_without_heights, "no column PHA"),
        (write_floats, "no whole numbers"),
        (write_truncated, "of 10,000 events"),
        (lambda path: write_corrtag(path, np.array([3, 32], np.uint8)), "pulse height 32"),
        (lambda path: write_corrtag(path, np.array([3, -1], np.int16)), "pulse height -1"),
        (lambda path: fits.HDUList([fits.PrimaryHDU(header=fits.Header({"DETECTOR": "FUV"}))])
         .writeto(path), "no EVENTS table"),
        (lambda path: path.write_text("<html>"), "not FITS"),
    ],
)  # fmt: skip
def test_a_bad_file_is_named_and_the_other_segment_is_counted(
    write: Callable[[Path], None], word: str, tmp_path: Path
) -> None:
    bad = tmp_path / f"{KEY}_corrtag_b.fits"
    write(bad)
    outcome = count_events(task_of(bad))
    assert outcome.status == "bad"
    (problem,) = outcome.bad_files
    assert (problem.filename, problem.reason) == (bad.name, "Unreadable")
    assert word in problem.detail

    good = write_corrtag(tmp_path / f"{KEY}_corrtag_a.fits", HEIGHTS)
    both = count_events(task_of(good, bad))
    assert both.status == "made"
    assert [row["filename"] for row in both.rows["pulse_heights"]] == [good.name]
    assert [problem.filename for problem in both.bad_files] == [bad.name]
