"""Which lightcurves are fit to be handed on."""

from typing import Any

import pytest

from hstql_assets.statistics.delivery import find_obstacle

FIT: dict[str, Any] = {
    "is_simulated": False,
    "is_flux_calibrated": True,
    "is_background_subtracted": True,
    "missing_references": (),
    "bins": 100,
    "counts": 500.0,
    "counts_error": 40.0,
}


def test_a_calibrated_measured_detected_lightcurve_is_delivered() -> None:
    assert find_obstacle(**FIT) is None
    assert find_obstacle(**{**FIT, "bins": 10, "counts": 200.0}) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"is_simulated": True}, "A simulation made it."),
        ({"is_flux_calibrated": False}, "It has no flux."),
        ({"is_background_subtracted": False}, "The background is not subtracted."),
        ({"missing_references": ("PFLTFILE=oref$a_pfl.fits",)}, "Reference files were missing: "
         "PFLTFILE=oref$a_pfl.fits."),
        ({"bins": 9}, "It has 9 fully live bins, fewer than 10."),
        ({"counts": 0.0, "counts_error": 0.0}, "Nothing is left of it above the background."),
        ({"counts": -20.0}, "Nothing is left of it above the background."),
        ({"counts": float("nan")}, "Nothing is left of it above the background."),
        ({"counts": 199.0}, "Its 199 net counts are 5.0 sigma, less than 5."),
        ({"counts": 40.0}, "Its 40 net counts are 1.0 sigma, less than 5."),
    ],
)  # fmt: skip
def test_each_condition_has_its_reason(change: dict[str, object], reason: str) -> None:
    assert find_obstacle(**{**FIT, **change}) == reason
