"""What is on the sky, by the name of the target."""

import pytest

from hstql_resources.target_names import INTERNAL_TARGETS, is_science_target


@pytest.mark.parametrize(
    "name", [*sorted(INTERNAL_TARGETS), "WAVE", "WAVEHITM", "ccdflat", "Hitm1 ", "ANY"]
)
def test_lamps_and_darks_are_not_on_the_sky(name: str) -> None:
    assert not is_science_target(name)


@pytest.mark.parametrize(
    "name", ["", "GD71", "EARTH-CALIB", "DARK-EARTH-CALIB", "ANTI-SUN", "LINE-1"]
)
def test_everything_else_is(name: str) -> None:
    assert is_science_target(name)
