"""Real CalCOS with a gain-sag table of ours: the events that it flags, one by one."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.calcos_switches import FUV_SWITCHES, SWITCHES
from builders.raw_exposures import write_raw_exposure, write_references
from hstql_assets.monitors.gain.gain_sag.table import FlaggedSuperpixel, make_tables
from hstql_assets.monitors.gain.gain_sag.versions import Provenance, make_version
from hstql_resources.archive.simulated.cos_raw.catalogue import RawExposure, locate, make_exposure
from hstql_resources.archive.simulated.cos_raw.instrument import CONFIGURATIONS, HIGH_VOLTAGES
from hstql_resources.archive.simulated.cos_raw.references import reference_names
from hstql_resources.filesystem import Filesystem

CALCOS = Path(sys.executable).with_name("calcos")
# What places events and flags them; the rest of the calibration takes longer and changes neither.
DONE = {"BADTCORR", "RANDCORR", "TEMPCORR", "GEOCORR", "DGEOCORR", "IGEOCORR", "DQICORR"}
SEGMENT = "FUVA"
VOLTAGE = HIGH_VOLTAGES[SEGMENT]

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(not CALCOS.exists(), reason="CalCOS is not installed"),
]


def flag_superpixels(exposure: RawExposure) -> list[FlaggedSuperpixel]:
    """Return superpixels under the spectrum, of all combinations of date, voltage and segment."""
    start_mjd = exposure.place.start_mjd
    (row,) = [
        round(readout.stripes[0].row)
        for readout in CONFIGURATIONS["FUV"].readouts
        if readout.segment == SEGMENT
    ]
    rng = np.random.default_rng(3)
    places = {
        (int(x), int(y))
        for x, y in zip(
            rng.integers(200, 1800, 5000), row // 2 + rng.integers(-4, 5, 5000), strict=True
        )
    }
    # One of the regions starts with the exposure itself, in which it counts.
    dates = (start_mjd - 900.25, start_mjd, start_mjd + 1e-6, start_mjd + 200.0)
    voltages = (VOLTAGE - 1, VOLTAGE, VOLTAGE + 5)
    segments = (SEGMENT, SEGMENT, "FUVB")
    return [
        FlaggedSuperpixel(segments[i % 3], voltages[i // 3 % 3], x, y, dates[i // 9 % 4])
        for i, (x, y) in enumerate(sorted(places))
    ]


def run_calcos(exposure: RawExposure, table: Path, folder: Path) -> Path:
    """Calibrate one segment of an exposure with a gain-sag table; return the event file."""
    references = folder / "lref"
    references.mkdir()
    write_references([exposure], references)
    (references / reference_names(exposure.place)["GSAGTAB"]).write_bytes(table.read_bytes())
    (raw,) = [p for p in write_raw_exposure(exposure, folder) if p.name.endswith("_rawtag_a.fits")]
    raw.with_name(raw.name.replace("_a.fits", "_b.fits")).unlink()
    for switch in {*SWITCHES, *FUV_SWITCHES} - DONE:
        fits.setval(raw, switch, value="OMIT")
    done = subprocess.run(
        [CALCOS, "-q", "-o", str(folder / "products"), str(raw)],
        env=os.environ | {"lref": f"{references}/"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "products" / raw.name.replace("rawtag", "corrtag")


def cover(flagged: list[FlaggedSuperpixel], start_mjd: float) -> np.ndarray:
    """Return which detector pixels should be flagged, worked out without the table."""
    pixels = np.zeros((1024, 16384), dtype=bool)
    for one in flagged:
        if one.segment == SEGMENT and one.high_voltage >= VOLTAGE and one.flagged_mjd <= start_mjd:
            pixels[2 * one.y : 2 * one.y + 2, 8 * one.x : 8 * one.x + 8] = True
    return pixels


def test_calcos_flags_exactly_the_events_in_regions_that_are_in_force(tmp_path):
    exposure = make_exposure(5, locate(0, "FUV"), duration_s=120.0)
    flagged = flag_superpixels(exposure)
    files = Filesystem(tmp_path / "home")
    version = make_version(
        make_tables(flagged),
        is_blue=False,
        rows=[],
        provenance=Provenance(1, exposure.place.start_mjd),
        filesystem=files,
        lref=None,
        now=datetime.now(UTC),
    )
    corrtag = run_calcos(exposure, Path(version.row["path"]), tmp_path)
    with fits.open(corrtag) as hdus:
        header, events = hdus[0].header, hdus["EVENTS"].data
        assert hdus["EVENTS"].header["HVLEVELA"] == VOLTAGE
        x, y, dq = (np.array(events[name]) for name in ("XCORR", "YCORR", "DQ"))
    extension = 1 + list(make_tables(flagged)).index((SEGMENT, VOLTAGE))
    assert header.comments["GSAGTAB"] == f"ext. {extension} for {SEGMENT}"
    pixels = cover(flagged, exposure.place.start_mjd)
    column, row = (np.floor(place + 0.5).astype(int) for place in (x, y))
    is_inside = (column >= 0) & (column < 16384) & (row >= 0) & (row < 1024)
    expected = np.zeros(len(x), dtype=bool)
    expected[is_inside] = pixels[row[is_inside], column[is_inside]]
    is_flagged = (dq & 8192) != 0
    assert np.array_equal(is_flagged, expected)
    assert is_flagged.sum() > 100
    # Of what is not in force yet, or of another voltage or segment, there are as many events again.
    anywhere = cover([one._replace(segment=SEGMENT, high_voltage=999, flagged_mjd=0.0)
                      for one in flagged], 1.0)  # fmt: skip
    assert anywhere[row[is_inside], column[is_inside]].sum() > 2 * is_flagged.sum()
