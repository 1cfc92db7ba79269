"""Stims of event files: the places of the simulation and of CalCOS, and files of every kind."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.stim_files import (
    KEY,
    NO_EVENTS,
    START,
    background,
    join,
    mean_of,
    measure,
    references_of,
    rows_of,
    select,
    write_events,
    write_stims,
)
from hstql_assets.batching.pictures import Picture
from hstql_resources.archive.simulated.cos_monitoring.events import Counts
from hstql_resources.archive.simulated.cos_monitoring.stims import draw_stims, stim_position
from hstql_resources.archive.simulated.cos_raw.archive_contents import RAW
from hstql_resources.archive.simulated.cos_raw.catalogue import locate, make_exposure
from hstql_resources.archive.simulated.cos_raw.instrument import STIMS
from hstql_resources.archive.simulated.cos_raw.products import RawSimulation
from hstql_resources.archive.simulated.sky.fitsfile import Column, Table, make_file
from hstql_resources.fits.errors import UNREADABLE
from hstql_resources.tables import StimPulse

RNG = np.random.default_rng(20)


@pytest.mark.parametrize("segment", ["FUVA", "FUVB"])
@pytest.mark.parametrize("duration_s", [5.0, 60.0, 1330.0])
def test_the_places_put_in_are_recovered(tmp_path: Path, segment: str, duration_s: float) -> None:
    rows = rows_of(measure(references_of(tmp_path), write_stims(tmp_path, duration_s, segment)))
    assert {row["boxes"] for row in rows} == {"sim_brf.fits"}
    assert sum(row["duration_s"] for row in rows) == pytest.approx(duration_s)
    for stim in (1, 2):
        for row in rows:
            truth = stim_position(segment, stim, row["mid_mjd"])
            for axis, expected in zip("xy", truth, strict=True):
                distance = row[f"stim{stim}_{axis}"] - expected
                assert abs(distance) < 5.0 * row[f"stim{stim}_{axis}_error"]
        mjd = START + np.linspace(0.0, duration_s, 500) / 86400.0
        for axis, truth in zip("xy", stim_position(segment, stim, mjd), strict=True):
            found = mean_of(rows, f"stim{stim}_{axis}")
            assert found == pytest.approx(truth.mean(), abs=0.1)


def test_a_row_has_every_column_and_plain_numbers(tmp_path: Path) -> None:
    path = write_stims(tmp_path, 300.0)
    outcome = measure(references_of(tmp_path), path)
    for row in rows_of(outcome):
        assert set(row) == set(StimPulse.__table__.columns.keys())
        assert all(type(value).__module__ != "numpy" for value in row.values())
        assert row["live_s"] == row["duration_s"]
        assert (row["filename"], row["rootname"], row["segment"]) == (path.name, KEY, "FUVA")
    assert isinstance(outcome.metadata["picture_FUVA"], Picture)
    assert outcome.metadata["path"] == tmp_path


def test_a_movement_within_the_exposure_is_seen(tmp_path: Path) -> None:
    first = draw_stims(RNG, "FUVA", START, 1200.0)
    moved = first.x + np.where(first.time_s < 600.0, 0, 7).astype(np.int16)
    events = type(first)(first.time_s, moved, first.y, first.heights)
    path = write_events(tmp_path / f"{KEY}_corrtag_a.fits", events, 1200.0)
    rows = rows_of(measure(references_of(tmp_path), path))
    assert rows[-1]["stim2_x"] - rows[0]["stim2_x"] == pytest.approx(7.0, abs=1.0)
    assert np.std([row["stim2_x"] for row in rows]) > 2.0


def test_spectrum_and_background_do_not_move_the_stims(tmp_path: Path) -> None:
    pulses = draw_stims(RNG, "FUVB", START, 1330.0)
    others = background(RNG, 200_000, 1330.0, (0, 16383, 0, 1023))
    spectrum = background(RNG, 200_000, 1330.0, (1200, 15000, 540, 560))
    path = tmp_path / f"{KEY}_corrtag_b.fits"
    write_events(path, join(pulses, others, spectrum), 1330.0, segment="FUVB")
    rows = rows_of(measure(references_of(tmp_path), path))
    assert sum(row["counts"] for row in rows) == 400_000 + pulses.time_s.size
    mjd = START + np.linspace(0.0, 1330.0, 500) / 86400.0
    for stim in (1, 2):
        for axis, truth in zip("xy", stim_position("FUVB", stim, mjd), strict=True):
            assert mean_of(rows, f"stim{stim}_{axis}") == pytest.approx(truth.mean(), abs=0.1)


def test_the_rows_of_the_brftab_go_by_segment_not_by_number(tmp_path: Path) -> None:
    references = references_of(tmp_path)
    names = ("SX1", "SY1", "SX2", "SY2")
    places = [(*STIMS[one].first, *STIMS[one].second) for one in ("FUVB", "FUVA")]
    columns = [Column("SEGMENT", "4A", ["FUVB", "FUVA"])]
    columns += [Column(name, "1D", [place[i] for place in places]) for i, name in enumerate(names)]
    columns += [Column("XWIDTH", "1J", [30, 30]), Column("YWIDTH", "1J", [12, 12])]
    turned = make_file({}, [Table("BRFTAB", columns)])
    (tmp_path / "lref" / "sim_brf.fits").write_bytes(turned)
    (row, *_) = rows_of(measure(references, write_stims(tmp_path, 300.0, "FUVA")))
    assert row["stim2_x"] == pytest.approx(stim_position("FUVA", 2, START)[0], abs=1.0)


def test_a_missing_stim_is_null_and_the_other_is_there(tmp_path: Path) -> None:
    pulses = draw_stims(RNG, "FUVA", START, 600.0)
    events = join(
        select(pulses, pulses.x > 8000), background(RNG, 3000, 600.0, (0, 16383, 0, 1023))
    )
    path = write_events(tmp_path / f"{KEY}_corrtag_a.fits", events, 600.0)
    for row in rows_of(measure(references_of(tmp_path), path)):
        assert row["stim1_counts"] == 0
        assert {row[f"stim1_{name}"] for name in ("x", "x_error", "y", "y_error")} == {None}
        assert row["stim2_x"] is not None
        assert row["counts"] > 0


def test_no_stim_at_all_is_rows_of_nulls(tmp_path: Path) -> None:
    events = background(RNG, 3000, 600.0, (0, 16383, 0, 1023))
    path = write_events(tmp_path / f"{KEY}_corrtag_a.fits", events, 600.0)
    outcome = measure(references_of(tmp_path), path)
    rows = rows_of(outcome)
    assert all(row["stim1_x"] is None and row["stim2_x"] is None for row in rows)
    assert "a stim is missing in 5 of them" in str(outcome.metadata[path.name])
    assert "picture_FUVA" not in outcome.metadata


def shift(events: Counts, columns: int, rows: int = 0) -> Counts:
    x = np.clip(events.x.astype(int) + columns, 0, 16383).astype(np.int16)
    return Counts(events.time_s, x, (events.y + rows).astype(np.int16), events.heights)


@pytest.mark.parametrize(
    ("columns", "rows", "flag"),
    [
        (0, 0, None), (50, 0, None), (57, 0, "edge"), (-59, 0, "edge"), (61, 0, "displaced"),
        (130, 0, "displaced"), (-210, 0, "displaced"), (0, 60, "displaced"), (350, 20, "displaced"),
    ],
)  # fmt: skip
def test_stims_that_left_their_boxes_are_found_where_they_are(
    tmp_path: Path, columns: int, rows: int, flag: str | None
) -> None:
    """The electronics of a cold detector are off by a hundred columns and more."""
    still = draw_stims(RNG, "FUVA", START, 660.0)
    is_second = still.x > 8000
    pulses = join(
        shift(select(still, ~is_second), columns, rows), shift(select(still, is_second), -columns)
    )
    others = background(RNG, 20_000, 660.0, (0, 16383, 0, 1023))
    spectrum = background(RNG, 50_000, 660.0, (1200, 15000, 540, 560))
    path = write_events(tmp_path / f"{KEY}_corrtag_a.fits", join(pulses, others, spectrum), 660.0)
    outcome = measure(references_of(tmp_path), path)
    found = rows_of(outcome)
    mjd = START + np.linspace(0.0, 660.0, 500) / 86400.0
    for stim, sign in ((1, 1), (2, -1)):
        x, y = (truth.mean() for truth in stim_position("FUVA", stim, mjd))
        assert mean_of(found, f"stim{stim}_x") == pytest.approx(x + sign * columns, abs=0.3)
        assert mean_of(found, f"stim{stim}_y") == pytest.approx(y + rows * (stim == 1), abs=0.2)
    assert {row["stim1_flag"] for row in found} == {flag}
    told = [one for one in outcome.remarks if f"{path.name}: stim 1 of FUVA is " in one]
    assert len(told) == (flag is not None)


def test_a_stim_at_the_edge_of_the_detector_is_told_as_cut(tmp_path: Path) -> None:
    pulses = shift(draw_stims(RNG, "FUVA", START, 600.0), 400)
    path = write_events(tmp_path / f"{KEY}_corrtag_a.fits", pulses, 600.0)
    outcome = measure(references_of(tmp_path), path)
    flags = {(row["stim1_flag"], row["stim2_flag"]) for row in rows_of(outcome)}
    assert flags == {("displaced", "cut")}
    assert "stim 2 of FUVA is at an edge of the detector in 5 of 5" in outcome.remarks[1]


def test_a_spot_that_does_not_pulse_like_a_stim_is_none(tmp_path: Path) -> None:
    pulses = draw_stims(RNG, "FUVA", START, 600.0)
    spot = background(RNG, 5000, 600.0, (600, 602, 60, 60))
    events = join(select(pulses, pulses.x > 8000), spot)
    path = write_events(tmp_path / f"{KEY}_corrtag_a.fits", events, 600.0)
    outcome = measure(references_of(tmp_path), path)
    assert {row["stim1_x"] for row in rows_of(outcome)} == {None}
    assert outcome.remarks == (
        f"{path.name}: stim 1 of FUVA is missing or displaced: it is not in its box, and 5,000 "
        "events are around it.",
    )
    both = write_events(path, join(shift(pulses, 300), spot), 600.0)
    row = rows_of(measure(references_of(tmp_path), both))[0]
    assert row["stim1_x"] == pytest.approx(stim_position("FUVA", 1, START)[0] + 300.0, abs=1.0)


def test_a_stretch_knows_how_much_of_it_was_good(tmp_path: Path) -> None:
    events = draw_stims(RNG, "FUVA", START, 480.0)
    path = tmp_path / f"{KEY}_corrtag_a.fits"
    write_events(path, events, 480.0, intervals=[(0.0, 150.0), (200.0, 480.0)])
    rows = rows_of(measure(references_of(tmp_path), path))
    assert [row["duration_s"] for row in rows] == pytest.approx([120.0] * 4)
    assert [row["live_s"] for row in rows] == pytest.approx([120.0, 70.0, 120.0, 120.0])


def test_good_times_count_once_and_wherever_their_table_is(tmp_path: Path) -> None:
    events = draw_stims(RNG, "FUVA", START, 480.0)
    path = tmp_path / f"{KEY}_corrtag_a.fits"
    write_events(path, events, 480.0, intervals=[(200.0, 480.0), (0.0, 150.0), (100.0, 150.0)])
    with fits.open(path) as whole:
        primary, table, good = (hdu.copy() for hdu in whole)
    fits.HDUList([primary, good, table]).writeto(path, overwrite=True)
    rows = rows_of(measure(references_of(tmp_path), path))
    assert [row["live_s"] for row in rows] == pytest.approx([120.0, 70.0, 120.0, 120.0])


def test_good_times_that_are_no_numbers_are_bad(tmp_path: Path) -> None:
    path = tmp_path / f"{KEY}_corrtag_a.fits"
    events = draw_stims(RNG, "FUVA", START, 200.0)
    write_events(path, events, 200.0, intervals=[(0.0, np.nan)])
    outcome = measure(references_of(tmp_path), path)
    assert outcome.status == "bad"
    assert "good times that are no numbers" in str(outcome.reason)


def test_events_before_the_start_or_at_no_time_are_in_no_stretch(tmp_path: Path) -> None:
    events = draw_stims(RNG, "FUVA", START, 240.0)
    path = tmp_path / f"{KEY}_corrtag_a.fits"
    events.time_s[:4] = (-1.0, -np.inf, np.inf, np.nan)
    write_events(path, events, 240.0)
    rows = rows_of(measure(references_of(tmp_path), path))
    assert sum(row["counts"] for row in rows) == events.time_s.size - 4


def test_a_start_that_is_no_time_of_the_telescope_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / f"{KEY}_corrtag_a.fits"
    write_events(path, draw_stims(RNG, "FUVA", START, 200.0), 200.0, start_mjd=5e6)
    rows = rows_of(measure(references_of(tmp_path), path))
    assert {(row["exp_start_mjd"], row["mid_mjd"]) for row in rows} == {(None, None)}


def test_times_without_expstart_are_unknown(tmp_path: Path) -> None:
    events = draw_stims(RNG, "FUVA", START, 200.0)
    path = tmp_path / f"{KEY}_corrtag_a.fits"
    write_events(path, events, 200.0, start_mjd=None)
    for row in rows_of(measure(references_of(tmp_path), path)):
        assert row["exp_start_mjd"] is None
        assert row["mid_mjd"] is None
        assert row["stim1_x"] is not None


def test_the_corrtag_is_taken_and_the_rawtag_where_it_cannot_be(tmp_path: Path) -> None:
    references = references_of(tmp_path)
    corrtag = write_stims(tmp_path, 300.0)
    rawtag = tmp_path / f"{KEY}_rawtag_a.fits"
    rawtag.write_bytes(corrtag.read_bytes())
    other = write_stims(tmp_path, 300.0, "FUVB").rename(tmp_path / f"{KEY}_rawtag_b.fits")
    names = {row["filename"] for row in rows_of(measure(references, corrtag, rawtag, other))}
    assert names == {corrtag.name, other.name}
    corrtag.write_bytes(corrtag.read_bytes()[:-9000])
    outcome = measure(references, corrtag, rawtag, other)
    assert {row["filename"] for row in rows_of(outcome)} == {rawtag.name, other.name}
    assert [bad.filename for bad in outcome.bad_files] == [corrtag.name]


@pytest.mark.parametrize(
    ("frame", "header", "source"),
    [
        (True, (), "sim_brf.fits"),
        (False, (383.0, 33.0, 15994.0, 984.0), "header"),
        (False, (-999.0, 33.0, 15994.0, 984.0), "constants"),
    ],
)
def test_boxes_are_from_the_brftab_else_the_header_else_constants(
    tmp_path: Path, frame: bool, header: tuple[float, ...], source: str
) -> None:
    names = ("STIMA0LX", "STIMA0LY", "STIMA0RX", "STIMA0RY")
    references = references_of(tmp_path, with_frame=frame)
    events = draw_stims(RNG, "FUVA", START, 200.0)
    path = tmp_path / f"{KEY}_corrtag_a.fits"
    write_events(path, events, 200.0, header=dict(zip(names, header, strict=False)))
    (row, *_) = rows_of(measure(references, path))
    assert row["boxes"] == source
    # The constants are those of the real detector, whose stims are in the other corners.
    assert (row["stim1_x"] is None) == (source == "constants")


def test_a_brftab_that_cannot_be_read_is_replaced(tmp_path: Path) -> None:
    references = references_of(tmp_path)
    (tmp_path / "lref" / "sim_brf.fits").write_bytes(b"SIMPLE  = no")
    (row, *_) = rows_of(measure(references, write_stims(tmp_path, 200.0)))
    assert row["boxes"] == "constants"


def test_files_without_stims_to_measure_are_none(tmp_path: Path) -> None:
    references = references_of(tmp_path)
    path = tmp_path / f"{KEY}_corrtag_a.fits"
    events = draw_stims(RNG, "FUVA", START, 200.0)
    for what, arguments in {
        "0 events in 200 s": {"events": NO_EVENTS},
        "in 0 s": {"duration_s": 0.0, "start_mjd": None},
        "no time for each event": {"primary": {"OBSMODE": "ACCUM"}},
        "NUV has no stims": {"primary": {"DETECTOR": "NUV"}},
    }.items():
        write_events(path, **{"events": events, "duration_s": 200.0, **arguments})
        outcome = measure(references, path)
        assert outcome.status == "none"
        assert what in str(outcome.reason)


@pytest.mark.parametrize("column", ["TIME", "RAWX", "RAWY"])
def test_a_corrtag_without_raw_columns_is_bad(tmp_path: Path, column: str) -> None:
    events = draw_stims(RNG, "FUVA", START, 200.0)
    path = tmp_path / f"{KEY}_corrtag_a.fits"
    outcome = measure(references_of(tmp_path), write_events(path, events, 200.0, without=column))
    assert outcome.status == "bad"
    (bad,) = outcome.bad_files
    assert (bad.filename, bad.reason) == (path.name, UNREADABLE)
    assert f"has no column {column}" in bad.detail


def test_damaged_files_are_bad_and_say_how(tmp_path: Path) -> None:
    references = references_of(tmp_path)
    whole = write_stims(tmp_path, 1330.0)
    content = whole.read_bytes()
    for damaged, what in {
        content[:20_000]: "ends after",
        content[:3000]: "ends within a header",
        b"": "is empty",
        content.replace(b"'FUVA    '", b"'FUVC    '"): "neither FUVA nor FUVB",
        content.replace(b"'EVENTS  '", b"'OTHERS  '"): "has no EVENTS table",
        content.replace(
            b"EXPTIME =               1330.0", b"EXPTIME = 'long'".ljust(30)
        ): "EXPTIME",
    }.items():
        whole.write_bytes(damaged)
        outcome = measure(references, whole)
        assert outcome.status == "bad"
        assert what in str(outcome.reason)
    whole.unlink()
    packed = whole.with_name(f"{whole.name}.gz")
    packed.write_bytes(gzip.compress(content)[:-3000])
    assert "ends after" in str(measure(references, packed).reason)
    packed.write_bytes(gzip.compress(content))
    assert len(rows_of(measure(references, packed))) == 11
    packed.unlink()
    assert measure(references, packed).status == "missing"


def test_simulated_raw_files_have_their_stims(tmp_path: Path) -> None:
    exposure = make_exposure(7, locate(0, "FUV"))
    path = tmp_path / f"{exposure.rootname}_rawtag_a.fits"
    path.write_bytes(RAW.open_files(exposure.place, RawSimulation(exposure))(path.name))
    references = references_of(tmp_path)
    brftab = fits.getval(path, "BRFTAB").rpartition("$")[2]
    (tmp_path / "lref" / "sim_brf.fits").rename(tmp_path / "lref" / brftab)
    rows = rows_of(measure(references, path))
    assert {row["rootname"] for row in rows} == {exposure.rootname}
    assert mean_of(rows, "stim1_x") == pytest.approx(STIMS["FUVA"].first[0], abs=0.1)
    assert mean_of(rows, "stim2_y") == pytest.approx(STIMS["FUVA"].second[1], abs=0.1)


def test_a_real_corrtag_has_the_places_that_calcos_wrote_into_its_header(
    tmp_path: Path, real_archive: Path
) -> None:
    (path,) = real_archive.glob("ld9m/ld9m10ujq/*_corrtag_a.fits*")
    rows = rows_of(measure(references_of(tmp_path), path))
    header = fits.getheader(path, 1)
    assert {row["boxes"] for row in rows} == {"header"}
    assert {row["stim1_flag"] for row in rows} == {row["stim2_flag"] for row in rows} == {None}
    for end, name in {"LX": "stim1_x", "LY": "stim1_y", "RX": "stim2_x", "RY": "stim2_y"}.items():
        assert mean_of(rows, name) == pytest.approx(header[f"STIMA_{end}"], abs=0.001)
    assert sum(row["stim1_counts"] for row in rows) == 1733
    assert sum(row["counts"] for row in rows) == header["NEVENTSA"]
    assert rows[0]["exp_start_mjd"] == header["EXPSTART"]


def test_a_real_rawtag_is_measured_with_what_an_independent_mean_gives(
    tmp_path: Path, real_archive: Path
) -> None:
    (path,) = real_archive.glob("ldfd/ldfd01vnq/*_rawtag_a.fits*")
    rows = rows_of(measure(references_of(tmp_path), path))
    events = fits.getdata(path, 1)
    x, y = events["RAWX"].astype(int), events["RAWY"].astype(int)
    near = (np.abs(x - 16046) < 15) & (np.abs(y - 23) < 8)
    assert {row["boxes"] for row in rows} == {"constants"}
    assert mean_of(rows, "stim2_x") == pytest.approx(x[near].mean(), abs=0.01)
    assert mean_of(rows, "stim2_y") == pytest.approx(y[near].mean(), abs=0.01)
