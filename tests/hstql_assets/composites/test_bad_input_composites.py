"""Spectra that do not fit their events, and odd targets, through all steps to the composite."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.pipeline import Pipeline
from builders.target_steps import run_targets
from hstql_assets.lightcurves.table import read_curve_table
from hstql_resources.tables import BadData, Composite, CompositeMember, Lightcurve, Statistics

PAIR, SINGLE = "ls000101q", "ls000103q"  # FUVA and FUVB; FUVA alone


def change_spectrum(folder: Path, **columns: object) -> None:
    """Give columns of the x1d other values; a function is given the old ones."""
    (path,) = folder.glob("*_x1d.fits")
    with fits.open(path, mode="update") as hdus:
        for name, value in columns.items():
            table = hdus[1].data
            table[name] = value(table[name]) if callable(value) else value


def keep_segment_b(folder: Path) -> None:
    (path,) = folder.glob("*_x1d.fits")
    with fits.open(path, mode="update") as hdus:
        hdus[1].data = hdus[1].data[hdus[1].data["SEGMENT"] == "FUVB"]


def keep_no_spectrum(folder: Path) -> None:
    (path,) = folder.glob("*_x1d.fits")
    with fits.open(path, mode="update") as hdus:
        hdus[1].data = hdus[1].data[:0]


def half(replacement: float) -> Callable[[np.ndarray], np.ndarray]:
    """Replace every second value of a column."""

    def replace(values: np.ndarray) -> np.ndarray:
        changed = values.copy()
        changed[:, ::2] = replacement
        return changed

    return replace


def empty_the_source(folder: Path) -> None:
    """Mark all events within the source region as a burst, so that only background is left."""
    for path in folder.glob("*_corrtag_?.fits"):
        with fits.open(path, mode="update") as hdus:
            header, events = hdus["EVENTS"].header, hdus["EVENTS"].data
            near = np.abs(events["YFULL"] - header["SP_LOC_A"]) <= header["SP_HGT_A"]
            events["DQ"][near] = 64


@dataclass(frozen=True)
class Fault:
    """What is done to the files of an exposure, and what becomes of it."""

    spoil: Callable[[Path], None]
    status: str = "made"
    words: tuple[str, ...] = ()
    bad: tuple[str, str] | None = None  # file type and reason
    is_calibrated: bool = True
    like: str = SINGLE


FAULTS = {
    "x1d of another segment": Fault(
        lambda folder: change_spectrum(folder, SEGMENT="FUVB"),
        "bad", ("has no spectrum of FUVA", "it has FUVB"), ("corrtag_a", "Mismatched x1d"),
    ),
    "x1d of one of two segments": Fault(
        keep_segment_b, bad=("corrtag_a", "Mismatched x1d"), like=PAIR
    ),
    "x1d without rows": Fault(
        keep_no_spectrum, "bad", ("has no spectrum of FUVA", "it has none"),
        ("corrtag_a", "Mismatched x1d"),
    ),
    "NaN for all wavelengths": Fault(
        lambda folder: change_spectrum(folder, WAVELENGTH=math.nan),
        "bad", ("no column of FUVA", "WAVELENGTH"), ("x1d", "Mismatched x1d"),
    ),
    "NaN for half of the wavelengths": Fault(
        lambda folder: change_spectrum(folder, WAVELENGTH=half(math.nan))
    ),
    "NaN for all weights": Fault(
        lambda folder: change_spectrum(folder, DQ_WGT=math.nan),
        "bad", ("DQ_WGT of FUVA is 0 everywhere",), ("x1d", "Mismatched x1d"),
    ),
    "NaN for all of NET and FLUX": Fault(
        lambda folder: change_spectrum(folder, NET=math.nan, FLUX=math.nan), is_calibrated=False
    ),
    "NaN for half of NET and FLUX": Fault(
        lambda folder: change_spectrum(folder, NET=half(math.nan), FLUX=half(math.nan))
    ),
    "infinite FLUX": Fault(
        lambda folder: change_spectrum(folder, FLUX=math.inf), is_calibrated=False
    ),
    "NET and FLUX 0": Fault(
        lambda folder: change_spectrum(folder, NET=0.0, FLUX=0.0), is_calibrated=False
    ),
    "NET and FLUX negative": Fault(
        lambda folder: change_spectrum(folder, NET=np.negative, FLUX=np.negative)
    ),
    "NET negative where FLUX is not": Fault(
        lambda folder: change_spectrum(folder, NET=lambda net: -abs(net), FLUX=np.abs),
        is_calibrated=False,
    ),
    "wholly in airglow": Fault(
        lambda folder: change_spectrum(
            folder, WAVELENGTH=lambda waves: np.broadcast_to(
                np.linspace(1210, 1220, waves.shape[1]), waves.shape
            )
        ),
        "none", ("no good column from 915 to 1800 Angstrom outside airglow",),
    ),
    "nothing but background": Fault(empty_the_source),
}  # fmt: skip
ROOTNAMES = {name: f"lodd{number:02d}aaq" for number, name in enumerate(FAULTS)}
GOOD = "lodd90aaq"


def test_each_odd_spectrum_ends_in_a_row_or_a_right_product(
    pipeline: Pipeline, add_exposure: Callable[..., Path]
) -> None:
    for name, rootname in ROOTNAMES.items():
        FAULTS[name].spoil(add_exposure(rootname, like=FAULTS[name].like))
    add_exposure(GOOD, like=SINGLE)
    decisions = pipeline.run(sorted([*ROOTNAMES.values(), GOOD]))
    rows = {row["rootname"]: row for row in pipeline.rows(Lightcurve)}
    for name, fault in FAULTS.items():
        rootname = ROOTNAMES[name]
        for asset in ("lightcurves", "lightcurve_statistics", "lightcurve_plots"):
            outcome = decisions[asset][rootname]
            assert outcome.status == fault.status, (name, asset, outcome.reason)
            for word in fault.words:
                assert word in outcome.reason, (name, outcome.reason)
        assert (rootname in rows) == (fault.status == "made"), name
        if fault.status == "made":
            assert rows[rootname]["is_flux_calibrated"] == fault.is_calibrated, name
    assert {(row["filename"], row["reason"]) for row in pipeline.rows(BadData)} == {
        (f"{ROOTNAMES[name]}_{fault.bad[0]}.fits", fault.bad[1])
        for name, fault in FAULTS.items()
        if fault.bad is not None
    }
    check_values(rows)
    check_composite(pipeline, rows)


def check_values(rows: dict[str, dict[str, object]]) -> None:
    good = rows[GOOD]
    odd = {name: rows[ROOTNAMES[name]] for name in FAULTS if ROOTNAMES[name] in rows}
    assert odd["x1d of one of two segments"]["segments"] == "FUVB"
    # The ratio of the two is what counts, and it is smooth from one column to the next.
    for name in ("NET and FLUX negative", "NaN for half of NET and FLUX"):
        assert odd[name]["gross_counts"] == good["gross_counts"]
        assert odd[name]["mean_flux"] == pytest.approx(good["mean_flux"], rel=0.5)
    ratio = odd["NaN for half of the wavelengths"]["gross_counts"] / good["gross_counts"]
    assert ratio == pytest.approx(0.5, abs=0.05)
    dark = odd["nothing but background"]
    assert dark["gross_counts"] == 0
    assert dark["net_counts_per_s"] < 0


def check_composite(pipeline: Pipeline, rows: dict[str, dict[str, object]]) -> None:
    decisions = run_targets(pipeline)
    for outcomes in decisions.values():
        assert {outcome.status for outcome in outcomes.values()} == {"made"}
    composites = pipeline.rows(Composite)
    assert sum(row["exposures"] for row in composites) == len(rows)
    for row in composites:
        table = read_curve_table(Path(row["path"]))
        members = [m for m in pipeline.rows(CompositeMember) if m["filename"] == row["filename"]]
        assert [m["rootname"] for m in sorted(members, key=lambda m: m["dataset"])] == list(
            table.rootnames
        )
        assert row["is_flux_calibrated"] == all(
            rows[name]["is_flux_calibrated"] for name in table.rootnames
        )
        assert len(table.mjd) == row["bins"]
    measured = {row["filename"]: row["total"] for row in pipeline.rows(Statistics)}
    assert {row["filename"] for row in composites} <= measured.keys()
    assert measured[f"{ROOTNAMES['nothing but background']}_curve.fits"] < 0
