"""What is left in exposures: against traps that follow other laws, and by hand for what is odd."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.camera_files import write_camera_file
from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.persistence.measure import (
    PersistenceTask,
    Predecessor,
    measure_persistence,
)
from hstql_assets.monitors.persistence.settings import StimulusSettings, load_settings
from hstql_resources.archive.simulated.cameras.archive_contents import WFC3_PERSISTENCE
from hstql_resources.archive.simulated.cameras.catalogue import make_exposure
from hstql_resources.archive.simulated.cameras.traps import persistence_rates
from hstql_resources.filesystem import Filesystem

FACTOR = 2.0  # which docs/persistence.md states
MJD = 59000.0
FULL, SMALL, BINNED = 1014, 202, {"BINAXIS1": 5, "BINAXIS2": 5}


def measure(
    folder: Path,
    files: dict[str, InputFile],
    *before: Predecessor,
    settings: StimulusSettings | None = None,
    table: Path | None = None,
    spatial: Path | None = None,
) -> Outcome:
    rootname = next(iter(files.values())).filename[:9]
    task = PersistenceTask(
        rootname, files, before, settings or load_settings(), table, spatial,
        Filesystem(folder), "digest",
    )  # fmt: skip
    return measure_persistence(task)


def row_of(outcome: Outcome) -> dict[str, object]:
    (row,) = outcome.rows["persistence"]
    return dict(row)


def reasons(outcome: Outcome) -> dict[object, object]:
    return {row["stimulus"]: row["reason"] for row in outcome.rows["persistence_stimuli"]}


def test_of_traps_with_other_laws_the_persistence_is_found_within_a_factor(tmp_path: Path) -> None:
    before: list[Predecessor] = []
    for index in range(3):
        place = WFC3_PERSISTENCE.locate(index)
        name = f"{place.rootname}_flt.fits"
        path = tmp_path / name
        path.write_bytes(WFC3_PERSISTENCE.open_exposure(1, index)(name))
        files = {"flt": InputFile(name, "flt", path)}
        outcome = measure(tmp_path, files, *before)
        before.append(Predecessor(place.rootname, files))
        exposure = make_exposure(1, place)
        truth = persistence_rates(exposure, exposure.frames[0])
        row = row_of(outcome)
        if index == 0:  # nothing before it: nothing is left, and there is no file
            assert (row["above_001"], row["path"], row["used"]) == (0.0, None, 0)
            assert 0.005 < float(str(row["leaves_1"])) < float(str(row["leaves_half"])) < 0.05
            continue
        with fits.open(str(row["path"])) as hdus:
            found, image, mask = (hdus[name].data for name in ("PERSIST", "SCI", "MASK"))
            external, source = hdus["EXTPER"].data, hdus["SOURCE"].data
            causes = [one.strip() for one in hdus["STIMULI"].data["FILE"]]
        plain = fits.getdata(path, "SCI")
        ratio = found[truth > 0.03] / truth[truth > 0.03]
        assert len(ratio) > 400
        assert ((ratio > 1 / FACTOR) & (ratio < FACTOR)).all()
        assert not ((found > 0.03) & (truth < 0.015)).sum() > 0.05 * len(ratio)
        np.testing.assert_allclose(image, plain - found, rtol=1e-5, atol=1e-6)
        assert (np.abs(np.median((image - plain + truth)[truth > 0.03])) < 0.05).all()
        np.testing.assert_array_equal((mask & 4) > 0, found > 0.1)
        is_much = found > 0.03  # of the bright field, which is of another visit
        np.testing.assert_array_equal(external[is_much], found[is_much])
        assert causes[source[found > 0.1].max() - 1] == before[0].files["flt"].filename
        assert row["above_003"] == pytest.approx((found > 0.03).mean())


def write(
    folder: Path,
    rootname: str,
    minutes: float,
    values: np.ndarray | float = 0.0,
    *,
    kind: str = "flt",
    flags: np.ndarray | None = None,
    extension: dict[str, object] | None = None,
    **primary: object,
) -> InputFile:
    """Write an exposure of 100 s that begins so many minutes after the first, in electrons/s.

    One number makes a frame of binned pixels.
    """
    cards = {
        "INSTRUME": "WFC3", "DETECTOR": "IR", "EXPTIME": 100.0, "EXPSTART": MJD + minutes / 1440,
        "EXPEND": MJD + minutes / 1440 + 100.0 / 86400, "SCAN_TYP": "N", **primary,
    }  # fmt: skip
    own = {"BUNIT": "ELECTRONS/S", **(BINNED if isinstance(values, float) else {})}
    own |= extension or {}
    if isinstance(values, float):
        values = np.full((SMALL, SMALL), values)
    return write_camera_file(
        folder, f"{rootname}_{kind}.fits", cards, [(values.astype(np.float32), flags, own)]
    )


def one(file: InputFile, *others: InputFile) -> Predecessor:
    return Predecessor(file.filename[:9], {each.filetype: each for each in (file, *others)})


def test_the_largest_counts_and_each_exposure_before_has_its_row(tmp_path: Path) -> None:
    own = {"flt": write(tmp_path, "iabc02a1q", 60.0, EXPFLAG="INTERRUPTED")}
    early = one(
        write(tmp_path, "iabc01a1q", 0.0, 834.0, EXPFLAG="INDETERMINATE")  # 83,400 electrons
    )
    late = one(write(tmp_path, "iabc02a0q", 30.0, 834.0))
    outcome = measure(tmp_path, own, early, late)
    first, second = outcome.rows["persistence_stimuli"]
    expected = 0.15 * (float(str(second["delay_s"])) / 1000.0) ** -1.022
    assert second["delay_s"] == pytest.approx(1800.0 - 50.0)
    row = row_of(outcome)
    assert row["highest_e_per_s"] == pytest.approx(expected, rel=1e-4)
    assert (row["used"], row["unusable"], row["above_003"]) == (2, 0, 1.0)
    assert (first["is_external"], second["is_external"]) == (True, False)
    assert (first["leads"], second["leads"]) == (0.0, 1.0)
    assert (first["detail"], second["detail"]) == ("EXPFLAG is INDETERMINATE.", None)
    assert outcome.remarks == ("EXPFLAG is INTERRUPTED.",)
    with fits.open(str(row["path"]), checksum=True) as hdus:
        hdus.verify("exception")
        external = 0.15 * (float(str(first["delay_s"])) / 1000.0) ** -1.022
        np.testing.assert_allclose(hdus["EXTPER"].data, external, rtol=1e-4)


def test_what_cannot_be_used_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    own = {"flt": write(tmp_path, "iabc02a9q", 600.0)}
    torn = write(tmp_path, "iabc01a2q", 0.0, 834.0)
    torn.path.write_bytes(torn.path.read_bytes()[:100_000])
    gone = write(tmp_path, "iabc01a3q", 0.0, 834.0)
    gone.path.unlink()
    before = [
        one(write(tmp_path, "iabc01a1q", 0.0, 834.0)),
        one(torn),
        one(gone),
        one(write(tmp_path, "iabc01a4q", 0.0, 834.0, EXPTIME=2.0)),
        one(write(tmp_path, "iabc01a5q", 599.9, 834.0)),
        one(write(tmp_path, "iabc01a6q", 0.0, 834.0, extension={"BUNIT": "JANSKY"})),
        one(write(tmp_path, "iabc01a7q", 0.0, 834.0, EXPTIME=0.0)),
        one(write(tmp_path, "iabc01a8q", 0.0, 834.0, DETECTOR="UVIS")),
        one(write(tmp_path, "iabc01b1q", 0.0, np.full((FULL, FULL), 834.0))),
        Predecessor("iabc01b2q", {}, ("not retrieved", "There is no file of it here.")),
    ]  # fmt: skip
    outcome = measure(tmp_path, own, *before)
    assert reasons(outcome) == {
        "iabc01a1q": None, "iabc01a2q": "unreadable", "iabc01a3q": "not retrieved",
        "iabc01a4q": "too short", "iabc01a5q": "ends later", "iabc01a6q": "no unit",
        "iabc01a7q": "no time", "iabc01a8q": "unreadable", "iabc01b1q": "another binning",
        "iabc01b2q": "not retrieved",
    }  # fmt: skip
    row = row_of(outcome)
    assert (row["predecessors"], row["used"], row["unusable"]) == (10, 1, 8)
    lines = fits.getheader(str(row["path"]))["HISTORY"]
    assert "Not used: iabc01b2q, not retrieved." in list(lines)


def test_without_any_that_can_be_used_nothing_is_said_to_be_zero(tmp_path: Path) -> None:
    own = {"flt": write(tmp_path, "iabc02a1q", 60.0)}
    missing = Predecessor("iabc01b2q", {}, ("not retrieved", "There is no file of it here."))
    row = row_of(measure(tmp_path, own, missing))
    assert (row["above_001"], row["external_above_01"], row["highest_e_per_s"]) == (None,) * 3
    assert row["path"] is None
    short = one(write(tmp_path, "iabc01a4q", 0.0, 834.0, EXPTIME=2.0))
    row = row_of(measure(tmp_path, own, short))
    assert (row["above_001"], row["unusable"]) == (0.0, 0)


def test_a_subarray_says_nothing_of_the_pixels_around_it(tmp_path: Path) -> None:
    own = {"flt": write(tmp_path, "iabc02a1q", 60.0, np.zeros((FULL, FULL)))}
    place = {"LTV1": -374.0, "LTV2": -379.0}
    values = np.full((256, 256), 834.0)
    part = one(write(tmp_path, "iabc01a1q", 30.0, values, extension=place))
    row = row_of(measure(tmp_path, own, part))
    assert row["unknown"] == pytest.approx(1.0 - (256 / FULL) ** 2)
    with fits.open(str(row["path"])) as hdus:
        found, mask = hdus["PERSIST"].data, hdus["MASK"].data
    rows, columns = np.nonzero(found)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (379, 634, 374, 629)
    assert set(mask[found == 0.0]) == {8}
    # And the other way round: what suffers is cut out of the whole.
    own = {"flt": write(tmp_path, "iabc02a2q", 60.0, values, extension=place)}
    whole = np.zeros((FULL, FULL))
    whole[379, 374] = 834.0
    row = row_of(measure(tmp_path, own, one(write(tmp_path, "iabc01a2q", 30.0, whole))))
    assert row["unknown"] == 0.0
    assert row["above_003"] == pytest.approx(1 / 256**2)


def test_saturated_pixels_hold_no_less_than_their_neighbours(tmp_path: Path) -> None:
    own = {"flt": write(tmp_path, "iabc02a1q", 60.0, np.zeros((FULL, FULL)))}
    values, flags = np.zeros((FULL, FULL)), np.zeros((FULL, FULL), np.int16)
    values[10, 11], flags[10, 10], flags[500, 500] = 2000.0, 256, 256
    values[700, 700] = np.nan
    bright = one(write(tmp_path, "iabc01a1q", 30.0, values, flags=flags))
    row = row_of(measure(tmp_path, own, bright))
    with fits.open(str(row["path"])) as hdus:
        found, mask = hdus["PERSIST"].data, hdus["MASK"].data
    assert found[10, 10] == found[10, 11]
    assert found[500, 500] == pytest.approx(
        load_settings().fermi.predict(np.array([70_000.0], np.float32), 1750.0, 100.0)[0], rel=1e-3
    )
    assert (mask[700, 700], found[700, 700]) == (8, 0.0)
    assert row["unknown"] == pytest.approx(1 / FULL**2)


def test_a_scan_is_read_from_its_last_read_and_a_broken_flt_gives_way_to_the_ima(
    tmp_path: Path,
) -> None:
    own = {"flt": write(tmp_path, "iabc02a1q", 60.0)}
    read = {"SAMPTIME": 100.0}
    scan = write(tmp_path, "iabc01a1q", 30.0, 1.0, SCAN_TYP="C")
    ramp = write(tmp_path, "iabc01a1q", 30.0, 834.0, kind="ima", extension=read, SCAN_TYP="C")
    assert row_of(measure(tmp_path, own, one(scan, ramp)))["above_003"] == 1.0
    assert row_of(measure(tmp_path, own, one(scan)))["above_003"] == 0.0
    torn = write(tmp_path, "iabc01a2q", 30.0, 834.0)
    torn.path.write_bytes(torn.path.read_bytes()[:100_000])
    other = write(tmp_path, "iabc01a2q", 30.0, 834.0, kind="ima", extension=read)
    assert reasons(measure(tmp_path, own, one(torn, other))) == {"iabc01a2q": None}


def test_counts_are_made_electrons_and_the_image_keeps_its_unit(tmp_path: Path) -> None:
    counts = {"BUNIT": "COUNTS/S"}
    own = {"flt": write(tmp_path, "iabc02a1q", 60.0, 1.0, extension=counts)}
    before = one(write(tmp_path, "iabc01a1q", 30.0, 834.0 / 2.5, extension=counts, ATODGNA=2.5))
    row = row_of(measure(tmp_path, own, before))
    rate = float(str(row["highest_e_per_s"]))
    assert rate == pytest.approx(0.15 * 1.75**-1.022, rel=1e-4)
    with fits.open(str(row["path"])) as hdus:
        assert hdus["SCI"].header["BUNIT"] == "COUNTS/S"
        np.testing.assert_allclose(hdus["SCI"].data, 1.0 - rate / 2.2475, rtol=1e-5)


def test_its_own_file_decides_whether_there_is_anything_to_say(tmp_path: Path) -> None:
    torn = write(tmp_path, "iabc02a1q", 60.0)
    torn.path.write_bytes(torn.path.read_bytes()[:100_000])
    outcome = measure(tmp_path, {"flt": torn})
    assert (outcome.status, outcome.bad_files[0].filename) == ("bad", torn.filename)
    timeless = measure(tmp_path, {"flt": write(tmp_path, "iabc02a2q", 60.0, EXPTIME=-1.0)})
    assert timeless.status == "none"
    assert "no exposure time" in str(timeless.reason)
    gone = write(tmp_path, "iabc02a3q", 60.0)
    gone.path.unlink()
    assert measure(tmp_path, {"flt": gone}).status == "missing"


def test_a_file_goes_when_nothing_is_left_to_say(tmp_path: Path) -> None:
    own = {"flt": write(tmp_path, "iabc02a1q", 60.0)}
    row = row_of(measure(tmp_path, own, one(write(tmp_path, "iabc01a1q", 0.0, 834.0))))
    assert Path(str(row["path"])).exists()
    measure(tmp_path, own)
    assert not Path(str(row["path"])).exists()


def test_the_spatial_map_and_the_table_that_are_named_are_used(tmp_path: Path) -> None:
    own = {"flt": write(tmp_path, "iabc02a1q", 60.0)}
    before = one(write(tmp_path, "iabc01a1q", 30.0, 834.0))
    usual = float(str(row_of(measure(tmp_path, own, before))["highest_e_per_s"]))
    spatial, table = tmp_path / "map.fits", tmp_path / "table.fits"
    fits.writeto(spatial, np.full((SMALL, SMALL), 2.0, np.float32))
    row = row_of(measure(tmp_path, own, before, spatial=spatial))
    assert row["highest_e_per_s"] == pytest.approx(2.0 * usual)
    columns = [fits.Column(name, "D", array=values) for name, values in (
        ("stim", [0.0, 1e6]), ("a", [0.7, 0.7]), ("gamma", [0.0, 0.0]))]  # fmt: skip
    hdu = fits.BinTableHDU.from_columns(columns, fits.Header({"EXP": 100.0}))
    fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(table)
    settings = replace(load_settings(), model="table", table="iref$table.fits")
    row = row_of(measure(tmp_path, own, before, settings=settings, table=table))
    assert (row["highest_e_per_s"], row["model"]) == (pytest.approx(0.7), "table")
    assert fits.getheader(str(row["path"]))["PTABLE"] == "iref$table.fits"
    small = tmp_path / "small.fits"
    fits.writeto(small, np.ones((9, 9), np.float32))
    refused = measure(tmp_path, own, before, spatial=small)
    assert (refused.status, "9" in str(refused.reason)) == ("missing", True)
